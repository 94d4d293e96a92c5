"""Quantiles, between the elements of a sorted line."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.primitive import primitive
from minigrad.autograd.value import Array, Value, wrap
from minigrad.ops.arguments import need_tensor, number, numpys_names, one_dim, typed
from minigrad.ops.blends import lerp
from minigrad.ops.choice import where
from minigrad.ops.gathering import gather
from minigrad.ops.shape import permute, reshape, transpose, unsqueeze
from minigrad.ops.sorting import _sort

__all__ = ["nanquantile", "quantile"]

INTERPOLATIONS = ("linear", "lower", "higher", "midpoint", "nearest")

# What torch's node is called for the end of its computation.
_arranged = primitive(
    "SqueezeBackward4",
    lambda x, shape: x.reshape(shape).copy("K"),
    x=lambda g, x_shape: g.reshape(x_shape),
)


@numpys_names
@typed("input")
def quantile(
    input: Any, q: Any, dim: Any = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Any:
    """The q-quantiles of all elements or along ``dim``: a fraction q of them lies below.

    ``q`` is a number or a tensor in [0, 1]; that of a 1-d tensor becomes the first dimension.
    ``interpolation`` says what to take where the quantile lies between two elements: "linear",
    "lower", "higher", "midpoint" or "nearest". A line with a NaN gives NaN. Derivative: the
    weights of these two elements. Raises RuntimeError for dtypes other than float32 and float64.
    """
    return _quantiles("quantile", input, q, dim, keepdim, interpolation, False)


@numpys_names
@typed("input")
def nanquantile(
    input: Any, q: Any, dim: Any = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Any:
    """The `quantile` of those elements that are not NaN; NaN where there is none."""
    return _quantiles("nanquantile", input, q, dim, keepdim, interpolation, True)


def _quantiles(
    name: str, input: Any, q: Any, dim: Any, keepdim: bool, interpolation: str, skip_nan: bool
) -> Any:
    need_tensor(name, input)
    q = fractions(input, q)
    if interpolation not in INTERPOLATIONS:
        raise RuntimeError(
            "quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, "
            f"but got {interpolation}"
        )
    shape = input.array.shape
    if dim is None:
        lines, kept = reshape(input, -1), (1,) * len(shape)
    else:
        dim = one_dim(dim, len(shape), name)
        lines = transpose(unsqueeze(input, -1), dim, -1)  # of size 1 where the dimension was
        kept = lines.array.shape[:-1]
    rows = _sort(lines, lines.array.ndim - 1, False)[0]
    result = at_ranks(rows, ranks(rows.array, reshape(q, -1), skip_nan), interpolation)
    if not keepdim:
        kept = () if dim is None else shape[:dim] + shape[dim + 1 :]
    if q.array.ndim:
        ndim = result.array.ndim
        result = permute(result, (ndim - 1, *range(ndim - 1)))
    return _arranged(result, q.array.shape + kept)


def fractions(input: Any, q: Any) -> Any:
    """``q`` as a tensor, or RuntimeError if that and the input are of no use."""
    if not isinstance(q, Value):
        q = number("quantile", q, "q", 2, "Tensor")
    dtype = input.array.dtype
    if input.array.size == 0:
        raise RuntimeError("quantile() input tensor must be non-empty")
    if dtype.kind != "f" or dtype.itemsize == 2:
        raise RuntimeError("quantile() input tensor must be either float or double dtype")
    if isinstance(q, Value):
        if q.array.ndim > 1:
            raise RuntimeError("quantile() q must be a scalar or 1D tensor")
        if q.array.dtype != dtype:
            raise RuntimeError("quantile() q tensor must be same dtype as the input tensor")
        if not ((q.array >= 0) & (q.array <= 1)).all():
            raise RuntimeError("quantile() q values must be in the range [0, 1]")
        return q
    if not 0 <= q <= 1:
        raise RuntimeError(f"quantile() q must be in the range [0, 1] but got {q:g}")
    return wrap(np.asarray(q, dtype))


def ranks(rows: Array, q: Any, skip_nan: bool) -> Any:
    """For each sorted line the places, not whole numbers, of its quantiles."""
    last = rows.shape[-1] - 1
    missing = np.isnan(rows)
    if skip_nan:
        return q * wrap(np.maximum(last - missing.sum(-1, keepdims=True), 0).astype(rows.dtype))
    gaps = wrap(np.ascontiguousarray(missing[..., -1:]))  # which are sorted to the end
    return where(gaps, wrap(np.asarray(last, rows.dtype)), q * last)


def at_ranks(rows: Any, ranks: Any, interpolation: str) -> Any:
    """What is found at the ranks, and between them."""

    def at(places: Any) -> Any:
        return gather(rows, -1, wrap(places.astype(np.int64)))

    if interpolation == "nearest":
        return at(np.round(ranks.array))
    below = np.floor(ranks.array)
    if interpolation == "lower":
        return at(below)
    above = at(np.ceil(ranks.array))
    if interpolation == "higher":
        return above
    weight = ranks - wrap(below)
    if interpolation == "midpoint":
        weight = wrap(np.full_like(ranks.array, 0.5))
    return lerp(at(below), above, weight)
