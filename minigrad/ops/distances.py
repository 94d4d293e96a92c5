"""The distances between all rows of one matrix and all rows of another."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.primitive import primitive
from minigrad.autograd.value import Array
from minigrad.autograd.wide import wide_primitive
from minigrad.errors import broadcast_shapes, type_name
from minigrad.ops.arguments import need_tensor, typed
from minigrad.ops.norms import INF, _norm, norm_rule
from minigrad.ops.shape import view_of
from minigrad.ops.signs import _sign

__all__ = ["cdist"]

MODES = (
    "use_mm_for_euclid_dist_if_necessary",
    "use_mm_for_euclid_dist",
    "donot_use_mm_for_euclid_dist",
)


def differences(x1: Any, x2: Any) -> Any:
    """Every row of ``x1`` minus every row of ``x2``: (..., P, R, M)."""
    return x1[..., :, None, :] - x2[..., None, :, :]


def _lengths(d: Array, p: float) -> Any:
    """The norm of each row."""
    if p == 0:  # NaN is not counted, but stays NaN
        return np.add.reduce(np.minimum(np.ceil(np.absolute(d)), 1), axis=-1)
    return _norm(d, p, (d.ndim - 1,), False)


def _distances(x1: Array, x2: Array, p: float) -> Any:
    d = differences(x1, x2)
    return np.zeros(d.shape[:-1], d.dtype) if d.size == 0 else _lengths(d, p)


def cdist_rule(g: Any, d: Any, p: float, out: Any) -> Any:
    """As that of the norm, but for p = inf all of it goes to each element that is largest.

    And the sign of NaN is NaN.
    """
    if p == 0:
        return np.zeros_like(d)
    if p in (1, INF):
        slope = g[..., None] * np.where(d == d, _sign(d), d)
        return slope if p == 1 else slope * (np.absolute(d) == out[..., None])
    return norm_rule(g, d, p, out, (d.ndim - 1,))


_cdist = wide_primitive(
    "CdistBackward0",
    _distances,
    x1=lambda g, x1, x2, p, out: np.add.reduce(cdist_rule(g, differences(x1, x2), p, out), axis=-2),
    x2=lambda g, x1, x2, p, out: (
        -np.add.reduce(cdist_rule(g, differences(x1, x2), p, out), axis=-3)
    ),
)


def _euclidean(x1: Array, x2: Array) -> Any:
    squares = np.add.reduce(x1 * x1, axis=-1, keepdims=True) - 2 * np.matmul(
        x1, np.swapaxes(x2, -1, -2)
    )
    squares += np.swapaxes(np.add.reduce(x2 * x2, axis=-1, keepdims=True), -1, -2)
    return np.sqrt(np.maximum(squares, 0))


# By a matrix product, which is faster for many rows, and less exact for those close together.
_euclidean_dist = primitive(
    "EuclideanDistBackward0",
    _euclidean,
    x1=lambda g, x1, x2, out: (
        x1 * np.add.reduce(ratio(g, out), axis=-1, keepdims=True) - np.matmul(ratio(g, out), x2)
    ),
    x2=lambda g, x1, x2, out: (
        x2 * np.swapaxes(np.add.reduce(ratio(g, out), axis=-2, keepdims=True), -1, -2)
        - np.matmul(np.swapaxes(ratio(g, out), -1, -2), x1)
    ),
)


def ratio(g: Any, out: Any) -> Any:
    return np.where(out == 0, 0.0, g / out)


@typed()
def cdist(x1: Any, x2: Any, p: float = 2.0, compute_mode: str = MODES[0]) -> Any:
    """The p-norm distance of every row of ``x1`` to every row of ``x2``: (..., P, R).

    They are of shape (..., P, M) and (..., R, M); the leading dimensions broadcast. Of more than 25
    rows the distance for p = 2 is worked out from a matrix product, if ``compute_mode`` allows it.
    Derivatives: of `dist`, but 0 for p = 0, and for p = inf each of the elements that differ most
    gets all. Raises RuntimeError for other shapes and for integers.
    """
    need_tensor("cdist", x1, "x1")
    need_tensor("cdist", x2, "x2", 2)
    if compute_mode not in MODES:
        raise ValueError(f"{compute_mode} is not a valid value for compute_mode")
    a, b = x1.array, x2.array
    for i, x in enumerate((a, b), 1):
        if x.ndim < 2:
            raise RuntimeError(f"cdist only supports at least 2D tensors, X{i} got: {x.ndim}D")
    if a.shape[-1] != b.shape[-1]:
        raise RuntimeError(
            f"X1 and X2 must have the same number of columns. X1: {a.shape[-1]} X2: {b.shape[-1]}"
        )
    for i, x in enumerate((a, b), 1):
        if x.dtype.kind != "f":
            raise RuntimeError(
                f"cdist only supports floating-point dtypes, X{i} got: {type_name(x.dtype)}"
            )
    if p < 0:
        raise RuntimeError("cdist only supports non-negative p values")
    if a.dtype != b.dtype:
        raise RuntimeError(
            f"expected scalar type {type_name(a.dtype)} but found {type_name(b.dtype)}"
        )
    batch = broadcast_shapes(a.shape[:-2], b.shape[:-2])
    shape = (*batch, a.shape[-2], b.shape[-2])
    many = a.shape[-2] > 25 or b.shape[-2] > 25
    by_product = compute_mode == MODES[1] or (compute_mode == MODES[0] and many)
    if p == 2 and by_product and 0 not in (*shape, a.shape[-1]):
        return view_of(_euclidean_dist(x1, x2), *shape)
    return _cdist(x1, x2, p)
