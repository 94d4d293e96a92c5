"""Counting: truth values, elements that are not 0, and how many fall where. No derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.not_implemented import without_derivative
from minigrad.autograd.value import Array, Value, wrap
from minigrad.errors import type_name
from minigrad.ops.arguments import integer, need_tensor, numpys_names, some_dims, typed

__all__ = ["all", "any", "bincount", "count_nonzero", "histc"]


def truth(name: str, ufunc: Any, input: Any, dim: Any, keepdim: bool) -> Any:
    if not isinstance(input, Value):
        raise TypeError(
            f"{name}() received an invalid combination of arguments - got "
            f"({type(input).__name__}), but expected one of: a tensor, perhaps with dim and keepdim"
        )
    x = input.array
    axis: Any = None
    if dim is not None:  # of no dimensions at all nothing is reduced, unlike elsewhere
        axis = some_dims(dim, x.ndim, name) if dim not in ((), []) else ()
    result = ufunc.reduce(x, axis=axis, keepdims=keepdim)
    return wrap(np.asarray(result, np.uint8 if x.dtype == np.uint8 else bool, order="C"))


@numpys_names
@typed()
def any(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """Whether one element is not 0, of all or over some dimensions: bool, uint8 for uint8."""
    return truth("any", np.logical_or, input, dim, keepdim)


@numpys_names
@typed()
def all(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """Whether no element is 0, of all or over some dimensions: bool, uint8 for uint8."""
    return truth("all", np.logical_and, input, dim, keepdim)


@numpys_names
def count_nonzero(input: Any, dim: Any = None) -> Any:
    """How many elements are not 0, int64, of all or over some dimensions; a NaN is not 0."""
    need_tensor("count_nonzero", input)
    dims = some_dims(dim, input.array.ndim, "count_nonzero")
    return wrap(np.asarray(np.count_nonzero(input.array, axis=dims), np.int64, order="C"))


@typed("input", "weights")
def bincount(input: Any, weights: Any = None, minlength: int = 0) -> Any:
    """How often each of 0, 1, 2, ... occurs in a 1-d integer tensor; or the sum of its weights.

    There are at least ``minlength`` numbers: int64, of weights float64 or their own float32. Raises
    RuntimeError for other shapes and negative numbers, NotImplementedError for other dtypes.
    """
    need_tensor("bincount", input)
    x = input.array
    if x.dtype.kind not in "iu":
        raise NotImplementedError(f"\"bincount_cpu\" not implemented for '{type_name(x.dtype)}'")
    minlength = integer("bincount", minlength, "minlength")
    if minlength < 0:
        raise RuntimeError("minlength should be >= 0")
    if x.ndim != 1 or (x.size and x.min() < 0):
        raise RuntimeError("bincount only supports 1-d non-negative integral inputs.")
    if weights is None:
        return wrap(np.bincount(x, minlength=minlength).astype(np.int64, copy=False))
    need_tensor("bincount", weights, "weights", 2)
    w = weights.array
    if w.shape != x.shape:
        raise RuntimeError("weights should be 1-d and have the same length as input")
    total: Array = np.bincount(x, w, minlength)
    if w.dtype == np.float32:
        total = total.astype(np.float32)
    return without_derivative("bincount", wrap(total), weights)


@typed("input")
def histc(input: Any, bins: int = 100, min: float = 0, max: float = 0) -> Any:
    """How many elements fall into each of ``bins`` equal parts of [min, max], in their dtype.

    If the bounds are equal, the smallest and the largest element are taken for them. What lies
    outside, and a NaN, is not counted. Raises RuntimeError for bounds that are not finite.
    """
    need_tensor("histc", input)
    x = input.array
    if x.dtype.kind != "f":
        raise NotImplementedError(f"\"histogram_cpu\" not implemented for '{type_name(x.dtype)}'")
    bins = integer("histc", bins, "bins")
    if bins <= 0:
        raise RuntimeError(f"torch.histogram(): bins must be > 0, but got {bins} for dimension 0")
    low, high = float(min), float(max)
    if low == high and x.size:
        low, high = float(x.min()), float(x.max())
    if low == high:
        low, high = low - 1, high + 1
    if not (np.isfinite(low) and np.isfinite(high)):
        raise RuntimeError(f"torch.histc: range of [{low:g}, {high:g}] is not finite")
    if low > high:
        raise RuntimeError("torch.histc: max must be larger than min")
    inside = x[(x >= low) & (x <= high)]
    places = ((inside - low) / (high - low) * bins).astype(np.int64)
    counts = np.bincount(np.minimum(places, bins - 1), minlength=bins)
    return wrap(counts.astype(x.dtype))
