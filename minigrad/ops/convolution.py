"""Convolution, in any number of dimensions: a matrix product with the windows of the input.

The sum over all places i and taps k of

    g[n, o, i] * weight[o, c, k] * x[n, c, i * stride + k * dilation - padding]

is linear in g, in the weight and in x. Its derivative with respect to any one of them is a function
of the other two: to g it is the convolution, to x the transposed convolution, and the third is the
weight's gradient. So here are three primitives, and each is the derivative of the other two.

Within, the batch is the last dimension: what a tap sees along a row, for the whole batch, lies
together in memory. The windows are then copied in long runs, some rows of places at a time, and
multiplied with the weight at once (Chellapilla, Puri, Simard 2006, for the product).
"""

from __future__ import annotations

from itertools import product
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from minigrad.autograd.primitive import Operator
from minigrad.autograd.value import Array
from minigrad.autograd.wide import wide_primitive

Sizes = tuple[int, ...]

# How many elements of windows are copied at a time: they stay in the processor's cache.
BLOCK = 1 << 19


class Slide(NamedTuple):
    """How a kernel slides over an input: one number for each spatial dimension.

    sizes:   of the input, whose two sides get ``padding`` zeros each.
    places:  how many places the kernel takes: the sizes of what the convolution returns.
    """

    sizes: Sizes
    places: Sizes
    stride: Sizes
    padding: Sizes
    dilation: Sizes
    groups: int


def _convolve(x: Array, weight: Array, bias: Array | None, slide: Slide) -> Array:
    n, channels = len(x), len(weight)
    padded = batch_last(wide_enough(x), slide.padding)
    matrices = in_groups(wide_enough(weight), slide)
    row = prod(slide.places[1:]) * n
    out = np.empty((*matrices.shape[:2], slide.places[0] * row), padded.dtype)
    for start, stop in blocks(slide, matrices.shape[2] * slide.groups * row):
        seen = windows(padded, weight.shape[2:], slide, start, stop)
        np.matmul(matrices, seen, out=out[:, :, start * row : stop * row])
    out = out.reshape(channels, *slide.places, n)
    if bias is not None:
        out += bias.reshape(-1, *[1] * (x.ndim - 1))
    return batch_first(out, x.dtype)


def _spread(y: Array, weight: Array, bias: Array | None, slide: Slide) -> Array:
    n, kernel = len(y), weight.shape[2:]
    matrices = in_groups(wide_enough(weight), slide).swapaxes(1, 2)
    columns = in_groups(batch_last(wide_enough(y)), slide)
    row = prod(slide.places[1:]) * n
    channels = weight.shape[1] * slide.groups
    padded = [size + 2 * p for size, p in zip(slide.sizes, slide.padding, strict=True)]
    out = np.zeros((channels, *padded, n), columns.dtype)
    for start, stop in blocks(slide, prod(matrices.shape[:2]) * row):
        parts = np.matmul(matrices, columns[:, :, start * row : stop * row])
        parts = parts.reshape(channels, *kernel, stop - start, *slide.places[1:], n)
        first, counts = [start, *[0] * len(padded[1:])], [stop - start, *slide.places[1:]]
        steps = list(zip(first, counts, slide.stride, slide.dilation, strict=True))
        for tap in product(*map(range, kernel)):
            seen = [
                slice(i * s + k * d, (i + count - 1) * s + k * d + 1, s)
                for k, (i, count, s, d) in zip(tap, steps, strict=True)
            ]
            out[:, *seen] += parts[:, *tap]
    inside = [slice(p, p + n) for p, n in zip(slide.padding, slide.sizes, strict=True)]
    out = out[:, *inside]
    if bias is not None:
        out += bias.reshape(-1, *[1] * (y.ndim - 1))
    return batch_first(out, y.dtype)


def _correlate(y: Array, x: Array, shape: Sizes, slide: Slide) -> Array:
    n, kernel = len(x), shape[2:]
    padded = batch_last(wide_enough(x), slide.padding)
    columns = in_groups(batch_last(wide_enough(y)), slide)
    row = prod(slide.places[1:]) * n
    width = prod(shape[1:])
    total = np.zeros((slide.groups, width, columns.shape[1]), padded.dtype)
    for start, stop in blocks(slide, width * slide.groups * row):
        part = columns[:, :, start * row : stop * row]
        total += np.matmul(windows(padded, kernel, slide, start, stop), part.swapaxes(1, 2))
    return np.ascontiguousarray(total.swapaxes(1, 2), x.dtype).reshape(shape)


def wide_enough(x: Array) -> Array:
    """Half precision is only for keeping: it is too narrow to add up in."""
    return x.astype(np.float32) if x.dtype == np.float16 else x


def batch_last(x: Array, padding: Sizes = ()) -> Array:
    """(N, C, ...) as (C, ..., N), in order in memory, with zeros on both sides."""
    moved = np.moveaxis(x, 0, -1)
    if not any(padding):
        return np.ascontiguousarray(moved)
    channels, *sizes, n = moved.shape
    around = list(zip(sizes, padding, strict=True))
    padded = np.zeros((channels, *[size + 2 * p for size, p in around], n), x.dtype)
    padded[:, *[slice(p, p + size) for size, p in around]] = moved
    return padded


def batch_first(x: Array, dtype: Any) -> Array:
    return np.ascontiguousarray(np.moveaxis(x, -1, 0), dtype)


def in_groups(x: Array, slide: Slide) -> Array:
    """A matrix for each group of channels: a channel is a row."""
    return x.reshape(slide.groups, len(x) // slide.groups, prod(x.shape[1:]))


def windows(padded: Array, kernel: Sizes, slide: Slide, start: int, stop: int) -> Array:
    """What the kernel sees from rows ``start`` to ``stop`` of its places: (groups, taps, places).

    The taps are those of all channels of the group, the places those for all of the batch.
    """
    channels, *_, n = padded.shape
    first, *between, last = padded.strides
    shape = (channels, *kernel, stop - start, *slide.places[1:], n)
    by_tap = [s * d for s, d in zip(between, slide.dilation, strict=True)]
    by_place = [s * step for s, step in zip(between, slide.stride, strict=True)]
    seen = as_strided(
        padded[:, start * slide.stride[0] :], shape, (first, *by_tap, *by_place, last)
    )
    taps = channels // slide.groups * prod(kernel)
    return seen.reshape(slide.groups, taps, prod(shape[-len(kernel) - 1 :]))


def blocks(slide: Slide, row: int) -> list[tuple[int, int]]:
    """Rows of places, so many that their windows make a block; ``row`` elements are in one."""
    count = slide.places[0]
    step = max(1, BLOCK // max(1, row))
    return [(start, min(start + step, count)) for start in range(0, count, step)]


def sum_to_channels(g: Any) -> Any:
    return np.sum(g, axis=(0, *range(2, g.ndim)))


convolve: Operator = wide_primitive(
    "ConvolutionBackward0",
    _convolve,
    x=lambda g, weight, slide: spread(g, weight, None, slide),
    weight=lambda g, x, weight_shape, slide: correlate(g, x, weight_shape, slide),
    bias=sum_to_channels,
)
spread: Operator = wide_primitive(  # the transposed convolution
    "ConvolutionBackward0",
    _spread,
    y=lambda g, weight, slide: convolve(g, weight, None, slide),
    weight=lambda g, y, weight_shape, slide: correlate(y, g, weight_shape, slide),
    bias=sum_to_channels,
)
correlate: Operator = wide_primitive(
    "ConvolutionBackwardBackward0",
    _correlate,
    y=lambda g, x, slide: convolve(x, g, None, slide),
    x=lambda g, y, slide: spread(y, g, None, slide),
)
