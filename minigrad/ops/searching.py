"""Which elements there are and where a number belongs: unique, searchsorted, isin."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.not_implemented import refuse_backward
from minigrad.autograd.value import Array, Value, wrap
from minigrad.errors import type_name, warn_once
from minigrad.ops.arguments import need_tensor, no_overload, one_dim, typed
from minigrad.promotion import plain

__all__ = ["bucketize", "isin", "searchsorted", "unique", "unique_consecutive"]


def a_dim(dim: Any, array: Array, name: str) -> int:
    if array.ndim == 0:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    d = one_dim(dim, array.ndim, name)
    if 0 in array.shape[:d] + array.shape[d + 1 :]:
        raise RuntimeError(
            "There are 0 sized dimensions, and they aren't selected, so unique cannot be applied"
        )
    return d


def chosen(name: str, input: Any, values: Array, *others: tuple[bool, Any]) -> Any:
    """The values, and those of the other results that were asked for: a tensor or a tuple."""
    results = [wrap(values)]
    if values.dtype.kind == "f":
        label = "".join([word.capitalize() for word in name.split("_")]) + "Backward0"
        message = f"the derivative for '{name}' is not implemented. detach() the operand."
        refuse_backward(label, message, results, [input], NotImplementedError)
    results += [wrap(np.asarray(array, np.int64)) for wanted, array in others if wanted]
    return results[0] if len(results) == 1 else tuple(results)


def unique(
    input: Any,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: Any = None,
) -> Any:
    """The different elements, or slices along ``dim``, in order; every NaN is another.

    With ``return_inverse`` also the index of each element's value, with ``return_counts`` how often
    each occurs. A backward pass through the values raises RuntimeError.
    """
    need_tensor("unique", input)
    x = input.array
    axis = None if dim is None else a_dim(dim, x, "unique")
    values, inverse, counts = np.unique(
        x, return_inverse=True, return_counts=True, axis=axis, equal_nan=False
    )
    inverse = inverse.reshape(x.shape if axis is None else -1)
    name = "_unique2" if axis is None else "unique_dim"
    return chosen(name, input, values, (return_inverse, inverse), (return_counts, counts))


@typed()
def unique_consecutive(
    input: Any, return_inverse: bool = False, return_counts: bool = False, dim: Any = None
) -> Any:
    """The first of every run of equal elements, or slices along ``dim``. See `unique`."""
    need_tensor("unique_consecutive", input)
    x = input.array
    axis = None if dim is None else a_dim(dim, x, "unique_consecutive")
    lines = x.reshape(-1) if axis is None else np.moveaxis(x, axis, 0)
    n = len(lines)
    first = np.ones(n, bool)
    if n:
        first[1:] = (lines[1:] != lines[:-1]).any(axis=tuple(range(1, lines.ndim)))
    values = lines[first] if axis is None else np.moveaxis(lines[first], 0, axis)
    inverse = (np.cumsum(first) - 1).reshape(x.shape if axis is None else -1)
    counts = np.diff(np.flatnonzero(first), append=n) if n else np.zeros(0)
    return chosen(
        "unique_consecutive",
        input,
        values,
        (return_inverse, inverse),
        (return_counts, counts),
    )


def is_operand(x: Any) -> bool:
    """Whether it is a tensor or a number."""
    return isinstance(x, Value) or plain(x) is not NotImplemented


@typed("sorted_sequence", "sorter")
def searchsorted(
    sorted_sequence: Any,
    input: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Any = None,
) -> Any:
    """Where the elements of ``input`` would go in the sorted last dimension of a tensor.

    The first such index of equal elements, or with ``right`` or ``side="right"`` the last; int64 or
    int32. The sequence is 1-d, or as ``input`` in all dimensions but the last; ``sorter`` are the
    indices that sort it. Raises RuntimeError for other shapes.
    """
    need_tensor("searchsorted", sorted_sequence, "sorted_sequence")
    if not is_operand(input):
        raise no_overload("searchsorted", sorted_sequence, input)
    edges = sorted_sequence.array
    values = input.array if isinstance(input, Value) else np.asarray(input)
    if side not in (None, "left", "right"):
        raise RuntimeError(
            f"torch.searchsorted(): side can only be 'left' or 'right' but got {side}"
        )
    if side == "left" and right:
        raise RuntimeError(
            "torch.searchsorted(): side and right can't be set to opposites, got side of left "
            "while right was True"
        )
    if values.ndim == 0 and edges.ndim != 1:
        raise RuntimeError(
            "torch.searchsorted(): input value can be a scalar only when boundaries tensor "
            f"dimension is 1, but we got boundaries tensor dim({edges.ndim}) and input value's "
            f"dim(0) numel({values.size})"
        )
    if edges.ndim == 0:
        raise RuntimeError(
            "torch.searchsorted(): boundaries tensor should have positive dimension, but got 0 "
            "dimension"
        )
    if edges.ndim != 1 and edges.shape[:-1] != values.shape[:-1]:
        raise RuntimeError(
            "torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 "
            "dimensions of boundaries tensor and input value tensor must match, but we got "
            f"boundaries tensor {list(edges.shape)} and input value tensor {list(values.shape)}"
        )
    for what, array in (("input value", values), ("boundary", edges)):
        if not array.flags.c_contiguous:
            warn_once(
                f"torch.searchsorted(): {what} tensor is non-contiguous, this will lower the "
                "performance due to extra data copy when converting non-contiguous tensor to "
                f"contiguous, please use contiguous {what} tensor if possible."
            )
    if sorter is not None:
        edges = np.take_along_axis(edges, sorter_of(sorter, edges), -1)
    where: Any = "right" if right or side == "right" else "left"
    places = np.empty(values.shape, np.int32 if out_int32 else np.int64)
    for row in np.ndindex(edges.shape[:-1]):  # once for a vector, whatever the values' shape
        places[row] = np.searchsorted(edges[row], values[row], where)
    return wrap(places)


def sorter_of(sorter: Any, edges: Array) -> Array:
    need_tensor("searchsorted", sorter, "sorter")
    array: Array = sorter.array
    if array.shape != edges.shape:
        raise RuntimeError(
            "torch.searchsorted(): boundary and sorter must have the same size, but got boundary "
            f"tensor {list(edges.shape)}and got sorter tensor {list(array.shape)}"
        )
    if array.dtype != np.int64:
        raise RuntimeError(
            "torch.searchsorted(): sorter must be a tensor of long dtype but got dtype "
            f"{type_name(array.dtype)}"
        )
    if array.size and (array.min() < 0 or array.max() >= edges.shape[-1]):
        raise RuntimeError("torch.searchsorted(): sorter index out of range")
    return array


@typed("boundaries")
def bucketize(input: Any, boundaries: Any, *, out_int32: bool = False, right: bool = False) -> Any:
    """The index of the bucket between sorted 1-d ``boundaries`` that each element falls into.

    A boundary itself belongs to the bucket below it, with ``right`` to the one above.
    """
    need_tensor("bucketize", boundaries, "boundaries", 2)
    if not is_operand(input):
        raise no_overload("bucketize", input, boundaries)
    if boundaries.array.ndim != 1:
        raise RuntimeError(
            f"boundaries tensor must be 1 dimension, but got dim({boundaries.array.ndim})"
        )
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


def isin(
    elements: Any = None,
    test_elements: Any = None,
    *,
    assume_unique: bool = False,
    invert: bool = False,
    element: Any = None,
    test_element: Any = None,
) -> Any:
    """Whether each of ``elements`` is among ``test_elements``, either of them perhaps a number.

    With ``invert`` whether it is not. Raises RuntimeError for bools.
    """
    elements = element if elements is None else elements
    test_elements = test_element if test_elements is None else test_elements
    both = elements, test_elements
    if not all(map(is_operand, both)) or not any(isinstance(x, Value) for x in both):
        types = f"({type(elements).__name__}, {type(test_elements).__name__})"
        raise TypeError(
            f"isin() received an invalid combination of arguments - got {types}, but expected one "
            "of: two tensors, or a tensor and a number"
        )
    a, b = [x.array if isinstance(x, Value) else np.asarray(x) for x in both]
    for array in (a, b):
        if array.dtype.kind == "b":
            raise RuntimeError("Unsupported input type encountered for isin(): Bool")
    return wrap(np.asarray(np.isin(a, b, invert=invert)))
