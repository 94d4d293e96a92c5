"""Padding layers: more elements at both ends of the last one, two or three dimensions.

``padding`` is one number for all sides, or one for each: left, right, top, bottom, front, back.
"""

from __future__ import annotations

from typing import Any, ClassVar

from minigrad.nn import functional as F
from minigrad.nn.modules.module import Module
from minigrad.nn.modules.sizes import repeated

__all__ = [
    "CircularPad1d",
    "CircularPad2d",
    "CircularPad3d",
    "ConstantPad1d",
    "ConstantPad2d",
    "ConstantPad3d",
    "ReflectionPad1d",
    "ReflectionPad2d",
    "ReflectionPad3d",
    "ReplicationPad1d",
    "ReplicationPad2d",
    "ReplicationPad3d",
    "ZeroPad1d",
    "ZeroPad2d",
    "ZeroPad3d",
]


class Pad(Module):
    """What all padding layers have in common."""

    mode: ClassVar[str]
    dimensions: ClassVar[int]

    def __init__(self, padding: int | tuple[int, ...]) -> None:
        super().__init__()
        self.padding = repeated(padding, 2 * self.dimensions)

    def forward(self, input: Any) -> Any:
        return F.pad(input, self.padding, self.mode)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class Constant(Pad):
    mode = "constant"

    def __init__(self, padding: int | tuple[int, ...], value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: Any) -> Any:
        return F.pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class Zero(Constant):
    def __init__(self, padding: int | tuple[int, ...]) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        return f"{self.padding}"


class Reflection(Pad):
    mode = "reflect"


class Replication(Pad):
    mode = "replicate"


class Circular(Pad):
    mode = "circular"

    def forward(self, input: Any) -> Any:
        fewest = self.dimensions + 1
        if input.dim() not in (fewest, fewest + 1):
            expected = f"{fewest}D or {fewest + 1}D"
            raise ValueError(f"expected {expected} input (got {input.dim()}D input)")
        return super().forward(input)


class ConstantPad1d(Constant):
    """Pads (N, C, L) or (C, L) with ``value``."""

    dimensions = 1


class ConstantPad2d(Constant):
    """Pads (N, C, H, W) or (C, H, W) with ``value``."""

    dimensions = 2


class ConstantPad3d(Constant):
    """Pads (N, C, D, H, W) or (C, D, H, W) with ``value``."""

    dimensions = 3


class ZeroPad1d(Zero):
    """Pads (N, C, L) or (C, L) with zeros."""

    dimensions = 1


class ZeroPad2d(Zero):
    """Pads (N, C, H, W) or (C, H, W) with zeros."""

    dimensions = 2


class ZeroPad3d(Zero):
    """Pads (N, C, D, H, W) or (C, D, H, W) with zeros."""

    dimensions = 3


class ReflectionPad1d(Reflection):
    """Pads (N, C, L) or (C, L) with the elements mirrored at the edge."""

    dimensions = 1


class ReflectionPad2d(Reflection):
    """Pads (N, C, H, W) or (C, H, W) with the elements mirrored at the edge."""

    dimensions = 2


class ReflectionPad3d(Reflection):
    """Pads (N, C, D, H, W) or (C, D, H, W) with the elements mirrored at the edge."""

    dimensions = 3


class ReplicationPad1d(Replication):
    """Pads (N, C, L) or (C, L) with the element at the edge."""

    dimensions = 1


class ReplicationPad2d(Replication):
    """Pads (N, C, H, W) or (C, H, W) with the element at the edge."""

    dimensions = 2


class ReplicationPad3d(Replication):
    """Pads (N, C, D, H, W) or (C, D, H, W) with the element at the edge."""

    dimensions = 3


class CircularPad1d(Circular):
    """Pads (N, C, L) or (C, L) with the elements of the other end."""

    dimensions = 1


class CircularPad2d(Circular):
    """Pads (N, C, H, W) or (C, H, W) with the elements of the other end."""

    dimensions = 2


class CircularPad3d(Circular):
    """Pads (N, C, D, H, W) or (C, D, H, W) with the elements of the other end."""

    dimensions = 3
