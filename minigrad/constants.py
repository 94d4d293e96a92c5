"""Constants: numbers that torch has names for, and ``newaxis``, which is None in an index."""

from math import e, inf, nan, pi

__all__ = ["e", "inf", "nan", "newaxis", "pi"]

newaxis = None
