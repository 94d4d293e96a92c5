"""Sorting, and what a sort would tell: the largest k, the k-th, the median, the most frequent.

A NaN is larger than every number. Of equal elements the index is that of the first, but for `mode`,
where it is the last; torch leaves it open.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad import return_types
from minigrad.autograd.primitive import primitive
from minigrad.autograd.value import Array
from minigrad.autograd.wide import wide_primitive
from minigrad.errors import type_name
from minigrad.ops.arguments import integer, need_tensor, numpys_names, one_dim, typed
from minigrad.ops.reduction import one_line, put_along, spread_evenly
from minigrad.promotion import order_of

__all__ = [
    "argsort",
    "kthvalue",
    "median",
    "mode",
    "msort",
    "nanmedian",
    "sort",
    "topk",
]


def ordered(x: Array, dim: int, descending: bool) -> Array:
    """The indices that sort ``x``; equal elements stay in their order."""
    if not descending:
        return np.argsort(x, axis=dim, kind="stable")
    turn = (slice(None),) * dim + (slice(None, None, -1),)
    indices: Array = x.shape[dim] - 1 - np.argsort(x[turn], axis=dim, kind="stable")[turn]
    return indices


def in_order_of(x: Array, result: Array) -> Array:
    """``result`` in the memory order of ``x``."""
    if x.flags.c_contiguous:
        return np.ascontiguousarray(result)
    out = np.empty_like(x, result.dtype, order_of(x))
    out[...] = result
    return out


def _sorted(x: Array, dim: int, descending: bool) -> tuple[Array, Array]:
    if x.ndim == 0:
        return x.copy(), np.zeros((), np.int64)
    indices = ordered(x, dim, descending)
    return in_order_of(x, np.take_along_axis(x, indices, dim)), in_order_of(x, indices)


def _top(x: Array, k: int, dim: int, largest: bool) -> tuple[Array, Array]:
    if x.ndim == 0:
        return x.copy(), np.zeros((), np.int64)
    first = (slice(None),) * dim + (slice(k),)
    indices = ordered(x, dim, largest)[first].copy()
    return np.take_along_axis(x, indices, dim), indices


_sort, _stable_sort = [
    wide_primitive(
        name,
        _sorted,
        outputs=("values", "indices"),
        x=lambda g, indices, x_shape, dim: put_along(g, indices, x_shape, dim, True),
    )
    for name in ("SortBackward0", "SortBackward1")
]
_topk = wide_primitive(
    "TopkBackward0",
    _top,
    outputs=("values", "indices"),
    x=lambda g, indices, x_shape, dim: put_along(g, indices, x_shape, dim, True),
)


# One element of each line: these find its value, in an array with size 1 along ``dim``.


def kth(x: Array, dim: int, k: int) -> Array:
    return np.take(np.partition(x, k - 1, axis=dim), [k - 1], axis=dim)


def middle(x: Array, dim: int) -> Array:
    """The lower median, or a NaN of the line."""
    found = kth(x, dim, (x.shape[dim] + 1) // 2)
    if x.dtype.kind != "f":
        return found
    return np.where(np.isnan(x).any(axis=dim, keepdims=True), np.nan, found).astype(x.dtype)


def middle_number(x: Array, dim: int) -> Array:
    """The lower median of those that are not NaN."""
    last = np.maximum(np.sum(x == x, axis=dim, keepdims=True) - 1, 0)
    return np.ascontiguousarray(np.take_along_axis(np.sort(x, axis=dim), last // 2, dim))


def found(x: Array, values: Array, dim: int, keepdim: bool) -> tuple[Array, Array]:
    """The values found, and the indices where they are first."""
    hit = (x == values) | ((x != x) & (values != values))
    indices = np.argmax(hit, axis=dim, keepdims=True)
    return (values, indices) if keepdim else (values.squeeze(dim), indices.squeeze(dim))


def line_of(search: Callable[..., Array]) -> Callable[..., Any]:
    """The forward of an operator that finds one element of each line."""

    def forward(x: Array, dim: int, keepdim: bool, *settings: Any) -> tuple[Array, Array]:
        if x.ndim == 0:
            return x.copy(), np.zeros((), np.int64)
        return found(x, search(x, dim, *settings), dim, keepdim)

    return forward


def _most_frequent(x: Array, dim: int, keepdim: bool) -> tuple[Array, Array]:
    if x.ndim == 0:
        return x.copy(), np.zeros((), np.int64)
    lines = np.moveaxis(x, dim, -1)
    order = np.argsort(lines, axis=-1, kind="stable")
    places = np.arange(lines.shape[-1])
    if x.dtype.kind == "f":  # here a NaN comes before every number
        order = np.take_along_axis(order, places - np.isnan(lines).sum(-1, keepdims=True), -1)
    values = np.take_along_axis(lines, order, -1)
    new = np.ones(values.shape, bool)
    new[..., 1:] = values[..., 1:] != values[..., :-1]
    # How many equal ones there are up to each place; at the largest such number a run ends.
    runs = places - np.maximum.accumulate(np.where(new, places, 0), axis=-1)
    ends = np.argmax(runs, axis=-1, keepdims=True)
    both = [np.take_along_axis(y, ends, -1) for y in (values, order)]
    values, indices = [np.moveaxis(y, -1, dim) if keepdim else y[..., 0] for y in both]
    return values, indices


_kthvalue = wide_primitive(
    "KthvalueBackward0",
    lambda x, dim, keepdim, k: line_of(kth)(x, dim, keepdim, k),
    outputs=("values", "indices"),
    x=lambda g, indices, x_shape, dim, keepdim: put_along(g, indices, x_shape, dim, keepdim),
)
_median_dim = wide_primitive(
    "MedianBackward1",
    lambda x, dim, keepdim: line_of(middle)(x, dim, keepdim),
    outputs=("values", "indices"),
    x=lambda g, indices, x_shape, dim, keepdim: put_along(g, indices, x_shape, dim, keepdim),
)
_nanmedian_dim = wide_primitive(
    "NanmedianBackward1",
    lambda x, dim, keepdim: line_of(middle_number)(x, dim, keepdim),
    outputs=("values", "indices"),
    x=lambda g, indices, x_shape, dim, keepdim: put_along(g, indices, x_shape, dim, keepdim),
)
_mode = wide_primitive(
    "ModeBackward0",
    _most_frequent,
    outputs=("values", "indices"),
    x=lambda g, indices, x_shape, dim, keepdim: put_along(g, indices, x_shape, dim, keepdim),
)


def of_all(search: Callable[..., Array]) -> Callable[..., Any]:
    """The forward of a median of all elements; NaN of none."""

    def forward(x: Array) -> Any:
        return search(x.reshape(-1), 0).reshape(()) if x.size else np.full((), np.nan, x.dtype)

    return forward


# Those equal to the median of all share its gradient evenly.
_median_all = primitive(
    "MedianBackward0",
    of_all(middle),
    x=lambda g, x, out: spread_evenly(g, x, out),
)
_nanmedian_all = primitive(
    "NanmedianBackward0",
    of_all(middle_number),
    x=lambda g, x, out: spread_evenly(g, x, out),
)


@numpys_names
@typed("input")
def sort(input: Any, dim: Any = -1, descending: bool = False, *, stable: bool | None = None) -> Any:
    """The elements in order along ``dim``, and the indices they had: ``(values, indices)``.

    NaN is larger than all. Equal elements stay in their order, whether or not that is asked for
    with ``stable``. Derivative: the cotangent at the places where the elements were. Raises
    IndexError for a dimension out of range.
    """
    need_tensor("sort", input)
    along = _sort if stable is None else _stable_sort
    return return_types.sort(along(input, one_dim(dim, input.array.ndim, "sort"), descending))


@numpys_names
@typed("input")
def argsort(input: Any, dim: Any = -1, descending: bool = False, *, stable: bool = False) -> Any:
    """The indices, int64, that sort a tensor along ``dim``. No derivative. See `sort`."""
    dim = one_dim(dim, input.array.ndim, "argsort")
    return _sort(input.detach(), dim, descending)[1]


def msort(input: Any) -> Any:
    """The elements in order along the first dimension. See `sort`."""
    need_tensor("msort", input)
    return _sort(input, 0, False)[0]


@numpys_names
@typed("input")
def topk(input: Any, k: Any, dim: Any = -1, largest: bool = True, sorted: bool = True) -> Any:
    """The ``k`` largest elements along ``dim``, or the smallest, in order, and their indices.

    Derivative: the cotangent at the places where they were. Raises RuntimeError if there are not
    ``k`` elements, and for bools; IndexError for a dimension out of range.
    """
    need_tensor("topk", input)
    array = input.array
    k, dim = integer("topk", k, "k"), one_dim(dim, array.ndim, "topk")
    if not 0 <= k <= (array.shape[dim] if array.ndim else 1):
        raise RuntimeError("selected index k out of range")
    if array.dtype.kind == "b":
        raise RuntimeError("topk does not support bool dtypes on CPU")
    return return_types.topk(_topk(input, k, dim, largest))


@numpys_names
@typed("input")
def kthvalue(input: Any, k: Any, dim: Any = -1, keepdim: bool = False) -> Any:
    """The ``k``-th smallest element along ``dim``, counted from 1, and its index.

    Derivative: 1 for the element whose index it is. RuntimeError if there are not ``k`` elements.
    """
    need_tensor("kthvalue", input)
    array = input.array
    k, dim = integer("kthvalue", k, "k"), one_line("kthvalue", input, dim)
    if not 1 <= k <= (array.shape[dim] if array.ndim else 1):
        raise RuntimeError(f"kthvalue(): selected number k out of range for dimension {dim}")
    not_bool("kthvalue_cpu", array)
    return return_types.kthvalue(_kthvalue(input, dim, keepdim, k))


@numpys_names
@typed("input")
def median(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """The lower of the middle elements; with ``dim`` along it, and its index. NaN wins.

    Derivative: without ``dim`` equal elements share it evenly, else 1 for the one whose index it
    is. Raises NotImplementedError for bools, IndexError for a dimension out of range.
    """
    need_tensor("median", input)
    if dim is None:
        not_bool("median_cpu", input.array)
        return _median_all(input)
    dim = one_line("median", input, dim)
    not_bool("median_out", input.array)
    return return_types.median(_median_dim(input, dim, keepdim))


@numpys_names
@typed("input")
def nanmedian(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """The `median` of those elements that are not NaN; NaN where there is none."""
    need_tensor("nanmedian", input)
    if dim is None:
        not_bool("median_cpu", input.array)
        return _nanmedian_all(input)
    dim = one_line("median", input, dim)
    not_bool("median_out", input.array)
    return return_types.nanmedian(_nanmedian_dim(input, dim, keepdim))


@numpys_names
@typed("input")
def mode(input: Any, dim: Any = -1, keepdim: bool = False) -> Any:
    """The most frequent element along ``dim``, of several the smallest, and its last index.

    Derivative: 1 for the element whose index it is.
    """
    need_tensor("mode", input)
    return return_types.mode(_mode(input, one_line("mode", input, dim), keepdim))


def not_bool(name: str, array: Array) -> None:
    if array.dtype.kind == "b":
        type = type_name(array.dtype)
        raise NotImplementedError(f"\"{name}\" not implemented for '{type}'")
