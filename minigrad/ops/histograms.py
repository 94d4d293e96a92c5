"""How many points fall into each box of a grid. No derivative."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.not_implemented import without_derivative
from minigrad.autograd.value import Array, Value, wrap
from minigrad.errors import c_name, type_name
from minigrad.ops.arguments import is_integer, is_number, need_long, need_tensor, typed
from minigrad.ops.counting import check_edges, equal_parts, places_between
from minigrad.return_types import return_type

__all__ = ["histogramdd"]

Histogram = return_type("histogramdd", "hist", "bin_edges")


@typed("input", "weight")
def histogramdd(
    input: Any, bins: Any, range: Any = None, weight: Any = None, density: bool = False
) -> Any:
    """How many points fall into each box; the last dimension has the D coordinates of a point.

    bins: for each coordinate how many equal parts, one number for all of them, or the edges, a
    tensor each. ``range``: the least and the greatest of each coordinate, 2 D numbers; without it
    what the points reach over. Returns (hist, bin_edges), of the input's dtype. ``weight`` says
    what each point counts; with ``density`` the volume is 1.

    Raises RuntimeError for numbers of bins, edges, ranges or weights that do not fit.
    """
    need_tensor("histogramdd", input)
    x = input.array
    given = check_bins(bins, x.shape[-1] if x.ndim else 1)
    if range is not None and not (
        isinstance(range, list | tuple) and [*filter(is_number, range)] == [*range]
    ):
        raise TypeError(
            "histogramdd() received an invalid combination of arguments: range must be numbers, "
            f"not {range!r}"
        )
    if x.ndim < 2:
        raise RuntimeError("torch.histogramdd: input tensor should have at least 2 dimensions")
    count = x.shape[-1]
    if len(given) != count and of_edges(given):
        raise RuntimeError(
            f"histogramdd: expected {count} sequences of bin edges for a {count}-dimensional "
            f"histogram but got {len(given)}"
        )
    if len(given) != count:
        raise RuntimeError(
            "histogramdd: The size of bins must be equal to the innermost dimension of the input."
        )
    points = x.reshape(int(np.prod(x.shape[:-1])), count)
    edges = edges_of(points, given, range)
    weights = check_weight(x, weight)
    inside = np.full(len(points), count > 0)  # without coordinates torch counts nothing
    places = []
    for d, line in enumerate(edges):
        found = places_between(line, points[:, d])
        inside &= (found >= 0) & (found < line.size - 1)
        places.append(found)
    shape = tuple([line.size - 1 for line in edges])
    flat = np.zeros(int(inside.sum()), np.int64)
    for found, size in zip(places, shape, strict=True):
        flat = flat * size + found[inside]
    total = int(np.prod(shape))
    counted = None if weights is None else weights.reshape(-1)[inside]
    hist = np.bincount(flat, counted, total)[:total].reshape(shape).astype(x.dtype)
    if density:
        with np.errstate(invalid="ignore"):  # NaN of no points
            hist = hist / hist.sum()
        for d, line in enumerate(edges):
            hist = hist / np.diff(line).reshape(-1, *[1] * (count - 1 - d))
    kind = "tensors" if of_edges(given) else "cts"
    tensors = [t for t in (input, weight) if t is not None]
    made = wrap(np.asarray(hist, x.dtype))
    made = without_derivative(f"_histogramdd_from_bin_{kind}", made, *tensors)
    if kind == "cts":
        given = [without_derivative("_histogramdd_bin_edges", wrap(e), *tensors) for e in edges]
    return Histogram([made, tuple(given)])


def of_edges(given: list[Any]) -> bool:
    return bool(given) and isinstance(given[0], Value)


def check_bins(bins: Any, count: int) -> list[Any]:
    """What is given for each of ``count`` coordinates: a number or a tensor."""
    if isinstance(bins, list | tuple):
        given = list(bins)
        fits = [isinstance(each, Value) and bool(each.array.ndim) for each in given]
        if all(fits) or all(is_integer(each) for each in given):
            return given
        raise TypeError(
            "histogramdd(): argument 'bins' must be integers or tensors, not "
            f"{[type(each).__name__ for each in given]}"
        )
    if not is_integer(bins):
        raise TypeError(
            "histogramdd() received an invalid combination of arguments: bins must be integers or "
            f"tensors, not {type(bins).__name__}"
        )
    return [bins] * count


def edges_of(points: Array, given: list[Any], range: Any) -> list[Array]:
    """The edges along each coordinate."""
    dtype, count = points.dtype, len(given)
    if of_edges(given):
        edges = [check_edges(each.array, dtype, d) for d, each in enumerate(given)]
        need_dtype(dtype)
        return edges
    for d, number in enumerate(given):
        need_long(int(number))
        if number <= 0:
            raise RuntimeError(
                f"torch.histogram(): bins must be > 0, but got {int(number)} for dimension {d}"
            )
    if range is not None and len(range) != 2 * count:
        raise RuntimeError(
            f"torch.histogramdd: for a {count}-dimensional histogram range should have "
            f"{2 * count} elements, but got {len(range)}"
        )
    need_dtype(dtype)
    limits = [None] * count if range is None else zip(range[::2], range[1::2], strict=True)
    return [
        equal_parts(points[:, d], int(number), pair, d)
        for d, (number, pair) in enumerate(zip(given, limits, strict=True))
    ]


def need_dtype(dtype: Any) -> None:
    if dtype.kind != "f" or dtype.itemsize == 2:
        raise NotImplementedError(f"\"histogramdd\" not implemented for '{type_name(dtype)}'")


def check_weight(x: Array, weight: Any) -> Array | None:
    if weight is None:
        return None
    w: Array = weight.array
    if w.dtype != x.dtype:
        raise RuntimeError(
            "torch.histogramdd: if weight tensor is provided, input tensor and weight tensor "
            f"should have the same dtype, but got input({c_name(x.dtype)}), and "
            f"weight({c_name(w.dtype)})"
        )
    if w.shape != x.shape[:-1]:
        raise RuntimeError(
            "torch.histogramdd: if weight tensor is provided it should have the same shape as the "
            f"input tensor excluding its innermost dimension, but got input with shape "
            f"{list(x.shape)} and weight with shape {list(w.shape)}"
        )
    return w
