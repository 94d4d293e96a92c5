"""The type of ``tensor.shape``."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from operator import index
from typing import Any, Self


def contiguous_steps(sizes: Sequence[int]) -> list[int]:
    """How many elements apart two neighbours are along each dimension of a contiguous tensor."""
    return [math.prod(sizes[i + 1 :]) for i in range(len(sizes))]


def is_index(n: Any) -> bool:
    try:
        index(n)
    except TypeError:
        return False
    return True


class Size(tuple[int, ...]):
    """A tensor's shape: a tuple of ints.

    Made of ints, or of numpy's integers and integer tensors of one element, which become ints.
    Raises TypeError for anything else.
    """

    __module__ = "minigrad"  # as the class is shown
    __slots__ = ()

    def __new__(cls, sequence: Iterable[Any] = (), /) -> Self:
        sizes = tuple(sequence)
        try:
            return tuple.__new__(cls, map(index, sizes))
        except TypeError:
            place, wrong = next((i, n) for i, n in enumerate(sizes) if not is_index(n))
            raise TypeError(
                "minigrad.Size() takes an iterable of 'int' "
                f"(item {place} is '{type(wrong).__name__}')"
            ) from None

    def numel(self) -> int:
        """The number of elements of a tensor of this shape."""
        total = 1
        for n in self:
            total *= n
        return total

    def __getitem__(self, index: Any) -> Any:
        part = tuple.__getitem__(self, index)
        return Size(part) if isinstance(index, slice) else part

    def __add__(self, other: Any) -> Any:
        if not isinstance(other, tuple):
            raise TypeError(
                f"can only concatenate tuple (not {type(other).__name__}) to minigrad.Size"
            )
        return Size(tuple.__add__(self, other))

    def __radd__(self, other: Any) -> Any:
        return Size(tuple.__add__(tuple(other), self))

    def __mul__(self, times: Any) -> Any:
        return Size(tuple.__mul__(self, times))

    __rmul__ = __mul__

    def __repr__(self) -> str:
        return f"minigrad.Size({list(self)})"
