"""Averages, maxima and p-norms over windows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.errors import type_name
from minigrad.memory import in_format_of
from minigrad.nn.functional.pool_arguments import (
    check_line,
    check_max_pool1d,
    window_settings,
    windows,
)
from minigrad.nn.functional.sizes import for_each_dim, sizes
from minigrad.ops import bounds, signs
from minigrad.ops import pooling as ops
from minigrad.ops.arguments import integer, need_tensor, typed
from minigrad.ops.operators import mul, pow
from minigrad.ops.pooling import Even
from minigrad.ops.shape import squeeze, unsqueeze

__all__ = [
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "max_pool1d",
    "max_pool1d_with_indices",
    "max_pool2d",
    "max_pool2d_with_indices",
    "max_pool3d",
    "max_pool3d_with_indices",
]

AVERAGE = {2: ops._avg2, 3: ops._avg3}
MAXIMUM = {2: ops._max2, 3: ops._max3}


@typed("input")
def avg_pool1d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Any:
    """`avg_pool2d` with one spatial dimension: (N, C, L) or (C, L)."""
    name = "avg_pool1d"
    settings = window_settings(name, 1, kernel_size, stride, padding)
    check_line(name, input)
    lines = windows(name, unsqueeze(input, -2), settings, ceil_mode)
    return squeeze(average(unsqueeze(input, -2), lines, count_include_pad), -2)


@typed("input")
def avg_pool2d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: Any = None,
) -> Any:
    """The average of each window.

    input:             (N, C, H, W), or (C, H, W) without a batch.
    kernel_size:       of the window; the next one begins ``stride`` further, by default the same.
    padding:           zeros on both sides, at most half of the kernel; they count as elements
                       where ``count_include_pad``.
    ceil_mode:         windows that begin inside and end outside are taken, too.
    divisor_override:  what the sums are divided by in place of the number of elements.

    Derivative: the cotangent, divided as the sum was, to all elements of the window. Raises
    RuntimeError for sizes that do not fit.
    """
    name = "avg_pool2d"
    settings = window_settings(name, 2, kernel_size, stride, padding)
    lines = windows(name, input, settings, ceil_mode)
    return in_format_of(average(input, lines, count_include_pad, divisor_override), input)


@typed("input")
def avg_pool3d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: Any = None,
) -> Any:
    """`avg_pool2d` with three spatial dimensions: (N, C, D, H, W) or (C, D, H, W)."""
    name = "avg_pool3d"
    settings = window_settings(name, 3, kernel_size, stride, padding)
    lines = windows(name, input, settings, ceil_mode)
    return average(input, lines, count_include_pad, divisor_override)


@typed("input")
def max_pool1d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """`max_pool2d` with one spatial dimension: (N, C, L) or (C, L)."""
    name = "max_pool1d"
    settings = window_settings(name, 1, kernel_size, stride, padding, dilation)
    check_max_pool1d(input, settings, return_indices)
    name = "max_pool2d" if return_indices else name
    lines = windows(name, unsqueeze(input, -2), settings, ceil_mode)
    values, indices = maximum(unsqueeze(input, -2), lines)
    values = squeeze(values, -2)
    return (values, squeeze(indices, -2)) if return_indices else values


@typed("input")
def max_pool2d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest element of each window; NaN is larger than all.

    input:           (N, C, H, W), or (C, H, W) without a batch.
    kernel_size:     of the window; the next one begins ``stride`` further, by default the same.
    padding:         places on both sides that count as -inf, at most half of the kernel.
    dilation:        how far apart a window's elements are.
    ceil_mode:       windows that begin inside and end outside are taken, too.
    return_indices:  also returns which element of its plane each is.

    Derivative: the first of equal largest elements gets all of the window's cotangent. Raises
    RuntimeError for sizes that do not fit.
    """
    name = "max_pool2d"
    settings = window_settings(name, 2, kernel_size, stride, padding, dilation)
    found = maximum(input, windows(name, input, settings, ceil_mode))
    for each in found:
        in_format_of(each, input)
    return found if return_indices else found[0]


@typed("input")
def max_pool3d(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """`max_pool2d` with three spatial dimensions: (N, C, D, H, W) or (C, D, H, W)."""
    name = "max_pool3d"
    settings = window_settings(name, 3, kernel_size, stride, padding, dilation)
    found = maximum(input, windows(name, input, settings, ceil_mode))
    return found if return_indices else found[0]


def max_pool1d_with_indices(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = True,
) -> Any:
    """`max_pool1d` with ``return_indices=True``."""
    return max_pool1d(input, kernel_size, stride, padding, dilation, ceil_mode, True)


def max_pool2d_with_indices(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = True,
) -> Any:
    """`max_pool2d` with ``return_indices=True``."""
    return max_pool2d(input, kernel_size, stride, padding, dilation, ceil_mode, True)


def max_pool3d_with_indices(
    input: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = True,
) -> Any:
    """`max_pool3d` with ``return_indices=True``."""
    return max_pool3d(input, kernel_size, stride, padding, dilation, ceil_mode, True)


def lp_pool1d(
    input: Any, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
) -> Any:
    """`lp_pool2d` with one spatial dimension: (N, C, L) or (C, L)."""
    return lp_pool(1, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool2d(
    input: Any, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
) -> Any:
    """The sum of x ** p over each window, to the power 1 / p; the largest \\|x\\| if p is inf.

    Composed of `avg_pool2d` and powers, whose derivatives it has. A sum below 0 gives 0.
    """
    return lp_pool(2, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool3d(
    input: Any, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False
) -> Any:
    """`lp_pool2d` with three spatial dimensions: (N, C, D, H, W) or (C, D, H, W)."""
    return lp_pool(3, input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool(dims: int, input: Any, p: float, kernel_size: Any, stride: Any, ceil_mode: bool) -> Any:
    average = (avg_pool1d, avg_pool2d, avg_pool3d)[dims - 1]
    largest = (max_pool1d, max_pool2d, max_pool3d)[dims - 1]
    need_tensor(f"lp_pool{dims}d", input)
    if math.isinf(p):
        size = signs.abs(input)
        if p > 0:
            return largest(size, kernel_size, stride, 0, 1, ceil_mode)
        return -largest(-size, kernel_size, stride, 0, 1, ceil_mode)
    out = average(pow(input, p), kernel_size, stride, 0, ceil_mode)
    count = math.prod(for_each_dim(sizes(f"lp_pool{dims}d", kernel_size, "kernel_size"), dims))
    above = signs.sign(out) * bounds.relu(signs.abs(out))
    return pow(mul(above, count), 1.0 / p)


def average(
    input: Any, lines: list[Even], count_include_pad: bool, divisor_override: Any = None
) -> Any:
    name = f"avg_pool{len(lines)}d"
    if divisor_override is not None:
        divisor = integer(name, divisor_override, "divisor_override")
        if divisor == 0:
            raise RuntimeError("divisor must be not zero")
    else:
        divisor = window_sizes(lines, count_include_pad)
    dtype = input.array.dtype
    if dtype.kind != "f" and dtype != np.int64:
        raise NotImplementedError(f"\"{name}\" not implemented for '{type_name(dtype)}'")
    return AVERAGE[len(lines)](input, lines, divisor)


def window_sizes(lines: list[Even], count_include_pad: bool) -> Any:
    """How many elements each window has: a number if all have the same."""
    counts = []
    for line in lines:
        stops = np.minimum(line.starts + line.kernel, line.size + line.padding)
        if count_include_pad:
            counts.append(stops - line.starts)
        else:
            counts.append(np.minimum(stops, line.size) - np.maximum(line.starts, 0))
    return ops.product_of(counts)


def maximum(input: Any, lines: list[Even]) -> Any:
    dtype, name = input.array.dtype, f"max_pool{len(lines)}d"
    if dtype.kind == "b":
        raise NotImplementedError(f"\"{name}\" not implemented for '{type_name(dtype)}'")
    return MAXIMUM[len(lines)](input, lines, ops.planes_of(lines))
