"""The type of ``tensor.shape``."""

from __future__ import annotations


class Size(tuple[int, ...]):
    """A tensor's shape: a tuple of ints."""

    __slots__ = ()

    def numel(self) -> int:
        """The number of elements of a tensor of this shape."""
        total = 1
        for n in self:
            total *= n
        return total

    def __repr__(self) -> str:
        return f"minigrad.Size({list(self)})"
