"""Sampling images at the points of a grid.

A sample is a sum over the pixels around its point, each times a weight for each dimension::

    out[n, c, p] = sum over corners k of x[n, c, pixel_k(p)] * w_k0(t[p, 0]) * w_k1(t[p, 1]) ...

The pixels are found from the point, and jump; t, how far it is from the first of them, moves with
it. The helpers here separate the two: what jumps has no derivative, and the rest is arithmetic.
"""

from __future__ import annotations

from itertools import product
from math import prod
from typing import Any, NamedTuple

import numpy as np

from minigrad.autograd.primitive import Operator, primitive
from minigrad.autograd.value import Array
from minigrad.autograd.wide import wide_primitive
from minigrad.ops.reduction import count
from minigrad.ops.resampling import CUBIC, far, near

Sizes = tuple[int, ...]


class Sampling(NamedTuple):
    """How to sample images of these ``sizes``, and how many taps a point has in each dimension.

    taps: 1 for the nearest pixel, 2 for linear and 4 for cubic interpolation.
    padding: "zeros", "border" or "reflection", where a point is outside.
    """

    sizes: Sizes
    taps: int
    padding: str
    align_corners: bool


def coordinates(grid: Array, how: Sampling) -> tuple[Array, Array]:
    """Where the points are, in pixels, (N, points, dims), and how fast they move with the grid.

    The grid's last dimension is x, y, z, which are the images' dimensions from the last one.
    """
    points = grid.reshape(len(grid), prod(grid.shape[1:-1]), grid.shape[-1])[..., ::-1]
    sizes = np.array(how.sizes, grid.dtype)
    if how.align_corners:
        slope = np.broadcast_to((sizes - 1) / 2, points.shape)
        where = (points + 1) / 2 * (sizes - 1)
    else:
        slope = np.broadcast_to(sizes / 2, points.shape)
        where = ((points + 1) * sizes - 1) / 2
    if how.taps != 4:  # of the cubic's, each pixel is brought inside by itself
        where, factor = inside(where, how)
        slope = slope * factor
    return where, slope


def inside(where: Array, how: Sampling) -> tuple[Array, Array]:
    """Coordinates brought inside as the padding says, and the derivative of that."""
    if how.padding == "zeros":
        return where, np.ones_like(where)
    sizes = np.array(how.sizes, where.dtype)
    factor: Any = np.ones_like(where)
    if how.padding == "reflection":
        low, span = (0.0, sizes - 1) if how.align_corners else (-0.5, sizes)
        away = np.abs(where - low)
        factor = np.where(where < low, -factor, factor)
        safe = np.where(span > 0, span, 1)
        flips, rest = np.floor(away / safe), np.fmod(away, safe)
        odd = flips % 2 == 1
        where = np.where(odd, span - rest + low, rest + low)
        factor = np.where(odd, -factor, factor)
        where, factor = np.where(span > 0, where, 0), np.where(span > 0, factor, 0)
    factor = np.where((where <= 0) | (where >= sizes - 1), 0, factor)
    return np.clip(where, 0, sizes - 1), factor


def _offsets(grid: Array, how: Sampling) -> Array:
    where, _ = coordinates(grid, how)
    return where - np.floor(where) if how.taps > 1 else np.zeros_like(where)


def _slopes(grid: Array, how: Sampling) -> Array:
    slope = coordinates(grid, how)[1] if how.taps > 1 else np.zeros_like(coordinates(grid, how)[1])
    return slope[..., ::-1].reshape(grid.shape)


def _pixels(grid: Array, how: Sampling) -> Array:
    """For each corner the flat index of its pixel, (corners, N, points); -1 outside."""
    where, _ = coordinates(grid, how)
    first = np.rint(where) if how.taps == 1 else np.floor(where) - (how.taps == 4)
    found = []
    for corner in product(range(how.taps), repeat=len(how.sizes)):
        pixel = first + np.array(corner, where.dtype)
        if how.taps == 4:
            pixel = inside(pixel, how)[0]
        sizes = np.array(how.sizes)
        seen = ((pixel >= 0) & (pixel <= sizes - 1)).all(-1)
        index = np.where(seen[..., None], pixel, 0).astype(np.int64)
        flat = np.zeros(index.shape[:-1], np.int64)
        for i, size in enumerate(how.sizes):
            flat = flat * size + index[..., i]
        found.append(np.where(seen, flat, -1))
    return np.stack(found)


# These jump with the grid, and are constant between.
pixels = wide_primitive("PixelsBackward0", _pixels)
slopes = wide_primitive("SlopesBackward0", _slopes)


def offset_rule(g: Any, grid: Any, how: Any) -> Any:
    dims = len(g.shape)
    turned = np.stack([g[..., i] for i in range(g.shape[-1] - 1, -1, -1)], axis=dims - 1)
    return turned.reshape(grid.shape) * slopes(grid, how)


# How far each point is from its first pixel, (N, points, dims).
offsets = primitive("OffsetsBackward0", _offsets, grid=offset_rule)


def _take_points(x: Array, index: Array) -> Array:
    n, channels = x.shape[:2]
    flat = x.reshape(n, channels, prod(x.shape[2:]))
    found = np.take_along_axis(flat[None], np.maximum(index, 0)[:, :, None], 3)
    return np.where(index[:, :, None] < 0, 0, found).astype(x.dtype, copy=False)


def _put_points(y: Array, index: Array, shape: Sizes) -> Array:
    n, channels, size = shape[0], shape[1], prod(shape[2:])
    out = np.zeros((n, channels, size + 1), y.dtype)  # what is outside goes to the end
    place = np.where(index < 0, size, index)[:, :, None]
    rows = (np.arange(n * channels) * (size + 1)).reshape(n, channels, 1)
    np.add.at(out.reshape(-1), (place + rows).reshape(-1), y.reshape(-1))
    return np.ascontiguousarray(out[..., :size]).reshape(shape)


# The pixels (corners, N, C, points) of images, zero outside, and put back into images.
take_points: Operator = wide_primitive(
    "TakePointsBackward0",
    _take_points,
    index=None,
    x=lambda g, index, x_shape: put_points(g, index, x_shape),
)
put_points: Operator = wide_primitive(
    "PutPointsBackward0",
    _put_points,
    index=None,
    y=lambda g, index: take_points(g, index),
)


def weights(t: Any, taps: int) -> list[Any]:
    """The weights of the taps of a point that is t behind the first, or second, of them."""
    if taps == 1:
        return [0 * t + 1]
    if taps == 2:
        return [1 - t, t]
    return [far(t + 1), near(t), near(1 - t), far(2 - t)]


def rates(t: Any, taps: int) -> list[Any]:
    """The derivatives of `weights`."""
    if taps == 1:
        return [0 * t]
    if taps == 2:
        return [0 * t - 1, 0 * t + 1]
    return [far_rate(t + 1), near_rate(t), -near_rate(1 - t), -far_rate(2 - t)]


def near_rate(t: Any) -> Any:
    return (3 * (CUBIC + 2) * t - 2 * (CUBIC + 3)) * t


def far_rate(t: Any) -> Any:
    return (3 * CUBIC * t - 10 * CUBIC) * t + 8 * CUBIC


def of_corners(t: Any, taps: int, moved: int) -> Any:
    """The corners' weights, (corners, N, 1, points), differentiated along one dimension, or -1."""
    made: list[Any] = [1.0]
    for i in range(t.shape[-1]):
        each = rates(t[..., i], taps) if i == moved else weights(t[..., i], taps)
        made = [w * v for w in made for v in each]
    return np.stack(made)[:, :, None]


def sampled(x: Any, grid: Any, taps: int, how: Any) -> Any:
    found = take_points(x, pixels(grid, how)) * of_corners(offsets(grid, how), taps, -1)
    return np.sum(found, axis=0).reshape(x.shape[:2] + grid.shape[1:-1])


def image_rule(g: Any, grid: Any, x_shape: Any, taps: Any, how: Any) -> Any:
    flat = g.reshape(1, g.shape[0], g.shape[1], count(g.shape[2:]))
    parts = flat * of_corners(offsets(grid, how), taps, -1)
    return put_points(parts, pixels(grid, how), x_shape)


def grid_rule(g: Any, x: Any, grid: Any, taps: Any, how: Any) -> Any:
    flat = g.reshape(1, g.shape[0], g.shape[1], count(g.shape[2:]))
    seen = np.sum(flat * take_points(x, pixels(grid, how)), axis=2, keepdims=True)
    t = offsets(grid, how)
    moves = []
    for i in range(grid.shape[-1] - 1, -1, -1):
        moved = np.sum(seen * of_corners(t, taps, i), axis=0)
        moves.append(moved.reshape(grid.shape[:-1]))
    return np.stack(moves, axis=len(grid.shape) - 1) * slopes(grid, how)


_sample2 = wide_primitive("GridSampler2DBackward0", sampled, x=image_rule, grid=grid_rule)
_sample3 = wide_primitive("GridSampler3DBackward0", sampled, x=image_rule, grid=grid_rule)


def affine_rule(g: Any, base: Any) -> Any:
    points = g.reshape(g.shape[0], count(g.shape[1:-1]), g.shape[-1])
    return np.matmul(np.swapaxes(points, 1, 2), base)


def _affine(theta: Array, base: Array, spatial: Sizes) -> Array:
    n, dims = theta.shape[:2]
    points: Array = np.matmul(base, theta.swapaxes(1, 2))
    return points.reshape(n, *spatial, dims)


# The points of ``base``, (points, dims + 1) with a 1 at the end, moved by each matrix.
_affine_grid = primitive("AffineGridGeneratorBackward0", _affine, theta=affine_rule)
