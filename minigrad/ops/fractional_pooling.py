"""Maxima of windows at random places: one length for all, and each plane with its own starts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from math import prod

import numpy as np

from minigrad.autograd.primitive import Operator
from minigrad.autograd.value import Array
from minigrad.autograd.wide import wide_primitive
from minigrad.ops.pooling import Planes, put_into_planes
from minigrad.size import contiguous_steps


def _maxima(
    x: Array, starts: Sequence[Array], kernel: Sequence[int], planes: Planes
) -> tuple[Array, Array]:
    """The largest element of each window, the last NaN if there is one, and which it is.

    starts: for each dimension of a plane, (N, C, windows).
    """
    dims = len(kernel)
    lead = x.shape[:-dims]
    counts = tuple([s.shape[-1] for s in starts])
    steps = contiguous_steps(planes.sizes)
    places = []
    for i, (start, length, step) in enumerate(zip(starts, kernel, steps, strict=True)):
        place = (start[..., None] + np.arange(length)) * step
        shape = [1] * (2 * dims)
        shape[i], shape[dims + i] = counts[i], length
        places.append(place.reshape(*lead, *shape))
    flat = reduce(np.add, places).reshape(*lead, prod(counts), prod(kernel))
    elements = x.reshape(*lead, prod(planes.sizes))
    windows = np.take_along_axis(elements, flat.reshape(*lead, flat.shape[-2] * flat.shape[-1]), -1)
    windows = windows.reshape(flat.shape)
    best = windows.argmax(-1)
    nan = np.isnan(windows)
    if nan.any():
        last = nan.shape[-1] - 1 - nan[..., ::-1].argmax(-1)
        best = np.where(nan.any(-1), last, best)
    chosen = [np.take_along_axis(a, best[..., None], -1) for a in (windows, flat)]
    values, indices = [a.reshape(*lead, *counts) for a in chosen]
    return values, indices.astype(np.int64, copy=False)


def fractional_pool(name: str) -> Operator:
    """The rule names ``x``, which it does not use: torch saves it, and so finds out a write."""
    return wide_primitive(
        name,
        _maxima,
        outputs=("values", "indices"),
        x=lambda g, x, indices, planes: put_into_planes(g, indices, planes),
    )


_fractional_max2 = fractional_pool("FractionalMaxPool2DBackward0")
_fractional_max3 = fractional_pool("FractionalMaxPool3DBackward0")
