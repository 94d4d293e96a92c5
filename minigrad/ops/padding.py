"""Padding with a constant."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from minigrad.autograd.primitive import Operator, primitive
from minigrad.autograd.value import Array
from minigrad.memory import in_format_of
from minigrad.ops.arguments import need_tensor, number
from minigrad.promotion import overflow

__all__ = ["constant_pad_nd"]

Pads = tuple[tuple[int, int], ...]  # how many elements before and after, for the last dimensions


def _pad(x: Array, pads: Pads, value: float) -> Array:
    first = x.ndim - len(pads)
    sizes = [n + before + after for n, (before, after) in zip(x.shape[first:], pads, strict=True)]
    out = np.full((*x.shape[:first], *sizes), value, x.dtype)
    to: list[Any] = []
    source: list[Any] = []
    for n, size, (before, after) in zip(x.shape[first:], sizes, pads, strict=True):
        to.append(slice(max(before, 0), size - max(after, 0)))
        source.append(slice(max(-before, 0), n - max(-after, 0)))
    out[..., *to] = x[..., *source]
    return out


# A negative number cuts off, so padding by the opposite numbers is the derivative.
_constant_pad: Operator = primitive(
    "ConstantPadNdBackward0",
    _pad,
    x=lambda g, pads: _constant_pad(g, tuple([(-a, -b) for a, b in pads]), 0),
)


def constant_pad_nd(input: Any, pad: Any, value: Any = 0) -> Any:
    """``value`` added at the sides; `nn.functional.pad` says how. Derivative: g without the sides.

    Raises RuntimeError if more is to be cut off than there is.
    """
    need_tensor("constant_pad_nd", input)
    shape, dtype = input.array.shape, input.array.dtype
    pads = pairs(pad, len(shape))
    value = number("pad", value, "value", 4, "float")
    for n, (before, after) in zip(shape[len(shape) - len(pads) :], pads, strict=True):
        if n + min(before, 0) + min(after, 0) < 0:
            raise RuntimeError(
                f"narrow(): length must be non-negative. Padding ({before}, {after}) cuts off more "
                f"than the {n} elements of the dimension."
            )
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        if not limits.min <= value <= limits.max:
            raise overflow(dtype)
        value = int(value)
    return in_format_of(_constant_pad(input, pads, value), input)


def pairs(pad: Any, ndim: int) -> Pads:
    """Numbers for the last dimension first, as pairs in the order of the dimensions."""
    for i, n in enumerate(pad):
        if isinstance(n, bool) or not hasattr(n, "__index__"):
            raise TypeError(
                "pad(): argument 'pad' (position 2) must be tuple of ints, but found element of "
                f"type {type(n).__name__} at pos {i}"
            )
    if len(pad) % 2:
        raise RuntimeError("Padding length must be divisible by 2")
    if len(pad) > 2 * ndim:
        raise RuntimeError(
            "Padding length should be less than or equal to two times the input dimension but got "
            f"padding length {len(pad)} and input of dimension {ndim}"
        )
    numbers = [operator.index(n) for n in pad]
    return tuple(zip(numbers[-2::-2], numbers[::-2], strict=True))
