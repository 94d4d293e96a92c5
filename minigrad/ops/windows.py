"""Windows as columns, and columns put back: im2col and col2im, for images."""

from __future__ import annotations

from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from minigrad.autograd.primitive import Operator, primitive
from minigrad.autograd.value import Array

Pair = tuple[int, int]


class Grid(NamedTuple):
    """The windows of images of ``size``: there are ``places`` of them down and across."""

    size: Pair
    places: Pair
    kernel: Pair
    dilation: Pair
    padding: Pair
    stride: Pair


def _unfold(x: Array, grid: Grid) -> Array:
    (h, w), (down, across) = grid.size, grid.padding
    padded = np.zeros((*x.shape[:-2], h + 2 * down, w + 2 * across), x.dtype)
    padded[..., down : down + h, across : across + w] = x
    *before, row, column = padded.strides
    by_tap = (row * grid.dilation[0], column * grid.dilation[1])
    by_place = (row * grid.stride[0], column * grid.stride[1])
    shape = (*x.shape[:-2], *grid.kernel, *grid.places)
    seen = as_strided(padded, shape, (*before, *by_tap, *by_place))
    taps, places = grid.kernel[0] * grid.kernel[1], grid.places[0] * grid.places[1]
    return seen.reshape(*x.shape[:-3], x.shape[-3] * taps, places)


def _fold(y: Array, grid: Grid) -> Array:
    (h, w), (down, across) = grid.size, grid.padding
    channels = y.shape[-2] // (grid.kernel[0] * grid.kernel[1])
    parts = y.reshape(*y.shape[:-2], channels, *grid.kernel, *grid.places)
    out = np.zeros((*y.shape[:-2], channels, h + 2 * down, w + 2 * across), y.dtype)
    for tap in product(*map(range, grid.kernel)):
        seen: list[Any] = [
            slice(k * d, k * d + (n - 1) * s + 1, s)
            for k, d, n, s in zip(tap, grid.dilation, grid.places, grid.stride, strict=True)
        ]
        part: Any = (..., *tap, slice(None), slice(None))
        out[..., *seen] += parts[part]
    return np.ascontiguousarray(out[..., down : down + h, across : across + w])


# Each is the other's derivative.
_im2col: Operator = primitive("Im2ColBackward0", _unfold, x=lambda g, grid: _col2im(g, grid))
_col2im: Operator = primitive("Col2ImBackward0", _fold, y=lambda g, grid: _im2col(g, grid))
