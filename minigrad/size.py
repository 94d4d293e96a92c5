"""The type of ``tensor.shape``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any


def contiguous_steps(sizes: Sequence[int]) -> list[int]:
    """How many elements apart two neighbours are along each dimension of a contiguous tensor."""
    return [math.prod(sizes[i + 1 :]) for i in range(len(sizes))]


class Size(tuple[int, ...]):
    """A tensor's shape: a tuple of ints."""

    __module__ = "minigrad"  # as the class is shown
    __slots__ = ()

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
        return Size(tuple.__add__(self, other))

    def __radd__(self, other: Any) -> Any:
        return Size(tuple.__add__(tuple(other), self))

    def __mul__(self, times: Any) -> Any:
        return Size(tuple.__mul__(self, times))

    __rmul__ = __mul__

    def __repr__(self) -> str:
        return f"minigrad.Size({list(self)})"
