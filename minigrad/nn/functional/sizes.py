"""Sizes of kernels, strides and the like: one number, or one for each spatial dimension."""

from __future__ import annotations

import operator
from typing import Any

Sizes = tuple[int, ...]

WORDS = {1: "one", 2: "two", 3: "three"}


def sizes(function: str, value: Any, argument: str, position: int | None = None) -> Sizes:
    """An int or a sequence of ints as a tuple; TypeError for anything else."""
    numbers = value if isinstance(value, list | tuple) else (value,)
    for i, n in enumerate(numbers):
        if isinstance(n, bool) or not hasattr(n, "__index__"):
            where = "" if position is None else f" (position {position})"
            found = "not" if numbers is not value else "but found element of type"
            at = "" if numbers is not value else f" at pos {i}"
            raise TypeError(
                f"{function}(): argument '{argument}'{where} must be tuple of ints, {found} "
                f"{type(n).__name__}{at}"
            )
    result = tuple([operator.index(n) for n in numbers])
    for i, n in enumerate(result, 1):
        if not -(2**63) <= n < 2**63:
            raise TypeError(
                f"{function}(): argument '{argument}' failed to unpack the object at pos {i} with "
                'error "Overflow when unpacking long long"'
            )
    return result


def for_each_dim(given: Sizes, dims: int) -> Sizes:
    """One number stands for all spatial dimensions."""
    return given * dims if len(given) == 1 else given


def by(numbers: Any) -> str:
    """Sizes as torch's messages have them: ``3 x 5``."""
    return " x ".join(map(str, numbers))
