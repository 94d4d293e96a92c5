"""Counting: truth values, elements that are not 0, and how many fall where. No derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import return_types
from minigrad.autograd.not_implemented import without_derivative
from minigrad.autograd.value import Array, Value, wrap
from minigrad.errors import c_name, type_name
from minigrad.ops.arguments import (
    integer,
    is_number,
    need_long,
    need_tensor,
    numpys_names,
    some_dims,
    typed,
)
from minigrad.promotion import stored

__all__ = ["all", "any", "bincount", "count_nonzero", "histc", "histogram"]


def truth(name: str, ufunc: Any, input: Any, dim: Any, keepdim: bool) -> Any:
    if not isinstance(input, Value):
        raise TypeError(
            f"{name}() received an invalid combination of arguments - got "
            f"({type(input).__name__}), but expected one of: a tensor, perhaps with dim and keepdim"
        )
    x = input.array
    axis: Any = None
    if dim is not None:  # of no dimensions at all nothing is reduced, unlike elsewhere
        none = isinstance(dim, list | tuple) and not dim
        axis = () if none else some_dims(dim, x.ndim, name)
    result = ufunc.reduce(x, axis=axis, keepdims=keepdim)
    return wrap(np.asarray(result, np.uint8 if x.dtype == np.uint8 else bool, order="C"))


@numpys_names
@typed()
def any(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """Whether one element is not 0, of all or over some dimensions: bool, uint8 for uint8.

    No derivative. Raises IndexError for a dimension out of range.
    """
    return truth("any", np.logical_or, input, dim, keepdim)


@numpys_names
@typed()
def all(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """Whether no element is 0, of all or over some dimensions: bool, uint8 for uint8. See `any`."""
    return truth("all", np.logical_and, input, dim, keepdim)


@numpys_names
def count_nonzero(input: Any, dim: Any = None) -> Any:
    """How many elements are not 0, int64, of all or over some dimensions; a NaN is not 0.

    No derivative. Raises IndexError for a dimension out of range.
    """
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
    low, high = [stored(float(limit), x.dtype) for limit in (min, max)]
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


@typed("input")
@typed("input", "weight")
def histogram(
    input: Any,
    bins: Any = 100,
    *,
    range: Any = None,
    weight: Any = None,
    density: bool = False,
) -> Any:
    """How many elements fall between the edges of ``bins``, a tensor or a number of equal parts.

    Equal parts of ``range``, a pair, or of all there is between the smallest and the largest
    element. Returns (hist, bin_edges), of the input's dtype. ``weight`` says what each element
    counts; with ``density`` the area is 1. No derivative.
    """
    x = input.array
    if x.dtype.kind != "f":
        raise NotImplementedError(f"\"histogramdd\" not implemented for '{type_name(x.dtype)}'")
    if range is not None:
        if not isinstance(range, list | tuple) or [*filter(is_number, range)] != [*range]:
            raise TypeError(
                "histogram() received an invalid combination of arguments: range must be two "
                f"numbers, not {range!r}"
            )
        if len(range) != 2:
            raise RuntimeError(
                "torch.histogramdd: for a 1-dimensional histogram range should have 2 elements, "
                f"but got {len(range)}"
            )
    if weight is not None and weight.array.shape != x.shape:
        raise RuntimeError(
            "torch.histogramdd: if weight tensor is provided it should have the same shape as the "
            f"input tensor excluding its innermost dimension, but got input with shape "
            f"{[x.size, 1]} and weight with shape {list(weight.array.shape)}"
        )
    if isinstance(bins, Value):
        edges = check_edges(bins.array, x.dtype, 0)
    else:
        edges = equal_parts(x, integer("histogram", bins, "bins"), range)
    places = places_between(edges, x.reshape(-1))
    inside = (places >= 0) & (places < edges.size - 1)
    counts = None if weight is None else weight.array.reshape(-1)[inside]
    hist = np.bincount(places[inside], counts, edges.size - 1).astype(x.dtype)
    if density:
        with np.errstate(invalid="ignore"):  # NaN of no elements
            hist = hist / hist.sum() / np.diff(edges)
    tensors = [t for t in (input, weight) if t is not None]
    made = [without_derivative("histogram", wrap(part), *tensors) for part in (hist, edges)]
    return return_types.histogram(made)


def check_edges(edges: Array, dtype: Any, d: int) -> Array:
    """The edges of dimension ``d``, or RuntimeError for another dtype or no vector of some."""
    if edges.dtype != dtype:
        raise RuntimeError(
            "torch.histogramdd: input tensor and bins tensors should have the same dtype, but got "
            f"input with dtype {c_name(dtype)} and bins for dimension {d} with dtype "
            f"{c_name(edges.dtype)}"
        )
    if edges.ndim != 1:
        raise RuntimeError(
            f"torch.histogramdd: bins tensor should have one dimension, but got {edges.ndim} "
            f"dimensions in the bins tensor for dimension {d}"
        )
    if not edges.size:
        raise RuntimeError(
            "torch.histogramdd: bins tensor should have at least 1 element, but got 0 elements in "
            f"the bins tensor for dimension {d}"
        )
    return edges


def places_between(edges: Array, x: Array) -> Array:
    """Of which part each element is, from -1 for what lies before the first edge."""
    places = np.searchsorted(edges, x, "right") - 1
    places[x == edges[-1]] = edges.size - 2  # the last part has both its edges
    return places


def equal_parts(x: Array, bins: int, range: Any, dimension: int = 0) -> Array:
    """The edges of ``bins`` equal parts of a range, or of what ``x`` reaches over."""
    if bins <= 0:
        raise RuntimeError(f"torch.histogram(): bins must be > 0, but got {bins} for dimension 0")
    need_long(bins)
    low, high = range or ((x.min(), x.max()) if x.size else (0, 0))
    low, high = float(low), float(high)
    if not (np.isfinite(low) and np.isfinite(high)):
        raise RuntimeError(
            f"torch.histogramdd: dimension {dimension}'s range [{low:g}, {high:g}] is not finite"
        )
    if low > high:
        raise RuntimeError(
            "torch.histogramdd: min should not exceed max, but got "
            f"min {low:g} max {high:g} for dimension {dimension}"
        )
    if low == high:
        low, high = (low - 0.5, high + 0.5) if x.size or range else (0.0, 1.0)
    edges: Array = np.linspace(low, high, bins + 1).astype(x.dtype)
    return edges
