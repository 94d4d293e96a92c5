"""Sizes that are given as one number for all dimensions or as one for each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def repeated(size: Any, n: int) -> tuple[Any, ...]:
    """``size`` as a tuple: ``n`` times the number, or the numbers given."""
    return tuple(size) if isinstance(size, Iterable) else (size,) * n
