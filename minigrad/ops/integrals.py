"""Integrals of samples by the trapezoidal rule."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.value import wrap
from minigrad.ops.arguments import need_tensor, no_overload, one_dim
from minigrad.ops.scans import cumsum
from minigrad.promotion import plain

__all__ = ["cumulative_trapezoid", "trapezoid", "trapz"]


def trapezoid(y: Any, x: Any = None, *, dx: Any = None, dim: int = -1) -> Any:
    """The integral of ``y`` along ``dim``: the mean of neighbours times their distance, summed.

    The distance is ``dx``, by default 1, or that of the points ``x``, which are a vector or
    broadcast with ``y``. With one distance for all, it is that times the sum less half of both
    ends. Derivative: that of what it is composed of. Raises RuntimeError where there are not as
    many points as samples, and TypeError for both ``x`` and ``dx``.
    """
    dim, dx = check("trapezoid", y, x, dx, dim)
    panels = None if x is None else distances("trapezoid", x, y, dim) * neighbours(y, dim)
    shape = y.array.shape
    if shape[dim] == 0:
        return wrap(np.zeros(shape[:dim] + shape[dim + 1 :], y.array.dtype))
    if panels is not None:
        return panels.sum(dim) / 2.0
    before = (slice(None),) * dim
    return (y.sum(dim) - (y[(*before, 0)] + y[(*before, -1)]) * 0.5) * dx


def trapz(y: Any, x: Any = None, *, dx: Any = None, dim: int = -1) -> Any:
    """The same as `trapezoid`."""
    return trapezoid(y, x, dx=dx, dim=dim)


def cumulative_trapezoid(y: Any, x: Any = None, *, dx: Any = None, dim: int = -1) -> Any:
    """The integrals from the first sample to each of the others; otherwise as `trapezoid`."""
    dim, dx = check("cumulative_trapezoid", y, x, dx, dim)
    if x is None:
        return cumsum(neighbours(y, dim) * (dx / 2.0), dim)
    return cumsum(distances("cumulative_trapezoid", x, y, dim) * neighbours(y, dim), dim) / 2.0


def check(function: str, y: Any, x: Any, dx: Any, dim: int) -> tuple[int, Any]:
    """The dimension counted from the front, and the one distance for all, by default 1."""
    need_tensor(function, y, "y")
    if x is not None:
        need_tensor(function, x, "x", 2)
        if dx is not None:
            raise no_overload(function, y, x, dx)
    dim = one_dim(dim, y.array.ndim, function)
    if not y.array.ndim:
        raise IndexError("Dimension specified as -1 but tensor has no dimensions")
    return dim, 1.0 if dx is None else plain(dx)


def neighbours(y: Any, dim: int) -> Any:
    """Of each two of them the sum."""
    before = (slice(None),) * dim
    return y[(*before, slice(1, None))] + y[(*before, slice(None, -1))]


def distances(function: str, x: Any, y: Any, dim: int) -> Any:
    """From point to point, in a shape that broadcasts with the sums of neighbours."""
    points, samples = x.array.shape, y.array.shape
    if len(points) == 1:
        if points[0] != samples[dim]:
            raise RuntimeError(f"{function}: There must be one `x` value for each sample point")
        shape = [1] * len(samples)
        shape[dim] = points[0] - 1
        return (x[1:] - x[:-1]).reshape(shape)
    if len(points) < len(samples):
        x = x.reshape((1,) * (len(samples) - len(points)) + points)
    before = (slice(None),) * dim
    return x[(*before, slice(1, None))] - x[(*before, slice(None, -1))]
