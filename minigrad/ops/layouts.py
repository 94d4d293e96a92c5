"""Tensors whose elements lie in memory as they are told to. All of them are leaves."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from minigrad.from_data import leaf
from minigrad.ops.arguments import is_integer, need_long
from minigrad.options import Options, read
from minigrad.size import contiguous_steps

__all__ = ["empty_permuted", "empty_strided"]


def empty_strided(size: Any, stride: Any, **options: Unpack[Options]) -> Any:
    """`empty` with elements as far apart in memory as ``stride`` says, dimension by dimension.

    Raises RuntimeError for negative strides, and for another number of strides than of sizes.
    """
    return with_strides("empty_strided", size, stride, options)


def with_strides(function: str, size: Any, stride: Any, options: Any, natural: Any = None) -> Any:
    shape, steps = int_tuple(function, size, "size", 1), int_tuple(function, stride, "stride", 2)
    dtype, wanted = read(function, options, natural)
    if len(shape) != len(steps):
        raise RuntimeError(
            f"dimensionality of sizes ({len(shape)}) must match dimensionality of strides "
            f"({len(steps)})"
        )
    if min(shape, default=0) < 0:
        raise RuntimeError(
            f"Trying to create tensor with negative dimension {min(shape)}: {list(shape)}"
        )
    last = sum((n - 1) * step for n, step in zip(shape, steps, strict=True))
    if min(steps, default=0) < 0 or (last + 1) * dtype.itemsize >= 2**63:
        raise RuntimeError(
            f"Storage size calculation overflowed with sizes={list(shape)} and "
            f"strides={list(steps)}"
        )
    memory = np.zeros(0 if 0 in shape else last + 1, dtype)
    array = np.lib.stride_tricks.as_strided(memory, shape, [s * dtype.itemsize for s in steps])
    return leaf(array, wanted)


def int_tuple(function: str, value: Any, argument: str, position: int) -> tuple[int, ...]:
    if not isinstance(value, list | tuple):
        raise TypeError(
            f"{function}(): argument '{argument}' (position {position}) must be tuple of ints, not "
            f"{type(value).__name__}"
        )
    for i, n in enumerate(value):
        if not is_integer(n):
            raise TypeError(
                f"{function}(): argument '{argument}' (position {position}) must be tuple of ints, "
                f"but found element of type {type(n).__name__} at pos {i}"
            )
        need_long(int(n))
    return tuple([int(n) for n in value])


def empty_permuted(size: Any, physical_layout: Any, **options: Unpack[Options]) -> Any:
    """`empty` with its dimensions in another order in memory, the outermost first.

    Raises RuntimeError unless ``physical_layout`` has each dimension once.
    """
    shape = int_tuple("empty_permuted", size, "size", 1)
    order = int_tuple("empty_permuted", physical_layout, "physical_layout", 2)
    if len(shape) != len(order):
        raise RuntimeError(
            "Number of dimensions in size does not match the length of the physical_layout; i.e. "
            f"len(size) = {len(shape)} is not equal to len(physical_layout) = {len(order)}"
        )
    for i, dim in enumerate(order):
        if not 0 <= dim < len(shape):
            raise RuntimeError(
                f"Dimension out of range (expected to be between 0 and {len(shape) - 1}, but got "
                f"{dim} at index {i}).  NB: negative dims not currently supported"
            )
        if dim in order[:i]:
            raise RuntimeError("Duplicate dim not allowed")
    inner = contiguous_steps([shape[dim] for dim in order])
    steps = [inner[order.index(dim)] for dim in range(len(shape))]
    return with_strides("empty_permuted", shape, steps, options)


def new_empty_strided(self: Any, size: Any, stride: Any, **options: Unpack[Options]) -> Any:
    """`empty_strided`, of this tensor's dtype."""
    return with_strides("new_empty_strided", size, stride, options, self.array.dtype)
