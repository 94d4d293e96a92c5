"""The indices of one dimension that a vector names: read, replaced, or added to.

Embeddings are made of this: `index_select` looks up rows, and its derivative adds to rows.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.autograd.primitive import Operator
from minigrad.autograd.value import Array, Value
from minigrad.autograd.wide import wide_primitive
from minigrad.errors import type_name
from minigrad.ops.arguments import need_tensor, number, numpys_names, one_dim, typed
from minigrad.ops.gathering import add_at_places, check_bounds, outside
from minigrad.ops.shape import reshape
from minigrad.promotion import factor, stored

__all__ = ["index_add", "index_copy", "index_fill", "index_select"]

Shape = tuple[int, ...]


def places_of_rows(index: Array, dim: int, shape: Shape) -> Array:
    """The flat index of each element that `index_select` reads."""
    if not shape:
        return index
    before, inner = math.prod(shape[:dim]), math.prod(shape[dim + 1 :])
    places = index.reshape(-1, 1) * inner + np.arange(inner)
    if before == 1:
        return places
    return np.arange(before).reshape(-1, 1, 1) * (shape[dim] * inner) + places


def _add_rows(part: Array, dim: int, index: Array, shape: Shape) -> Array:
    out = np.zeros(shape, part.dtype)
    add_at_places(out, places_of_rows(index, dim, shape), part)
    return out


_index_select = wide_primitive(
    "IndexSelectBackward0",
    lambda x, dim, index: np.take(x, index if x.ndim else index.reshape(()), dim if x.ndim else 0),
    index=None,
    x=lambda g, x_shape, dim, index: add_rows(g, dim, index, x_shape),
)
add_rows: Operator = wide_primitive(
    "IndexAddBackward0",
    _add_rows,
    index=None,
    part=lambda g, dim, index: _index_select(g, dim, index),
)


def rows(x: Array, dim: int, index: Array) -> Any:
    """The key of the indices of a dimension that an index names."""
    return (*(slice(None),) * dim, index) if x.ndim else ()


def _replace_rows(x: Array, dim: int, index: Array, source: Any) -> Array:
    out = np.array(x, order="C")
    if x.ndim or index.size:
        out[rows(x, dim, index)] = source.reshape(()) if x.ndim == 0 else source
    return out


def _fill_rows(x: Array, dim: int, index: Array, value: Any) -> Array:
    out = np.array(x)
    if x.ndim or index.size:
        out[rows(x, dim, index)] = value
    return out


def _add_to_rows(x: Array, dim: int, index: Array, source: Array, alpha: Any) -> Array:
    out = np.array(x, order="C")
    if alpha != 1:
        source = source * source.dtype.type(alpha)
    add_at_places(out, places_of_rows(index, dim, x.shape), source)
    return out


_index_copy = wide_primitive(
    "IndexCopyBackward0",
    _replace_rows,
    index=None,
    x=lambda g, dim, index: _index_fill_number(g, dim, index, 0),
    source=lambda g, dim, index, source: _index_select(g, dim, index).reshape(source.shape),
)
_index_fill_number: Operator = wide_primitive(
    "IndexFillBackward0",
    _fill_rows,
    index=None,
    x=lambda g, dim, index: _index_fill_number(g, dim, index, 0),
)
_index_fill = wide_primitive(
    "IndexFillBackward1",
    lambda x, dim, index, value: (
        _fill_rows(x, dim, index, value),
        np.unique(index % x.shape[dim] if x.ndim else index * 0),
    ),
    extra=("once",),  # an index that comes twice is filled once
    index=None,
    x=lambda g, dim, index: _index_fill_number(g, dim, index, 0),
    value=lambda g, dim, once: np.sum(_index_select(g, dim, once)),
)
_index_add = wide_primitive(
    "IndexAddBackward0",
    _add_to_rows,
    index=None,
    x=lambda g: g,
    source=lambda g, dim, index, source, alpha: (
        _index_select(g, dim, index).reshape(source.shape) * alpha
    ),
)


@numpys_names
def index_select(input: Any, dim: int, index: Any) -> Any:
    """A copy of the indices of a dimension that a vector names; see also ``input[index]``.

    Derivative: the sum of the cotangents of all copies. Raises IndexError out of range, in
    dimension 1 RuntimeError, as torch.
    """
    need_tensor("index_select", input)
    need_tensor("index_select", index, "index", 3)
    shape, array = input.array.shape, index.array
    dim = one_dim(dim, len(shape), "index_select")
    if array.ndim > 1:
        raise IndexError("index_select(): Index is supposed to be a vector")
    if array.dtype.name not in ("int64", "int32"):
        raise RuntimeError("index_select(): Expected dtype int32 or int64 for index")
    if not shape and array.size != 1:
        raise RuntimeError(
            f"index_select(): Index to scalar can have only 1 value, got {array.size} value(s)"
        )
    wrong = outside(array, 0, shape[dim] if shape else 1)
    if wrong is not None:
        if dim == 1:  # torch has another kernel for this dimension
            raise RuntimeError(
                f"INDICES element is out of DATA bounds, id={wrong} axis_dim={shape[1]}"
            )
        raise IndexError("index out of range in self")
    return _index_select(input, dim, index if array.ndim else reshape(index, 1))


@numpys_names
@typed("input", "index", "source")
def index_add(input: Any, dim: int, index: Any, source: Any, *, alpha: float = 1) -> Any:
    """A copy with ``alpha * source`` added at the indices of a dimension that a vector names.

    Several with the same index are all added. Derivatives: the cotangent; for ``source`` ``alpha``
    times the cotangent at its index. Raises RuntimeError for shapes or dtypes that do not fit, and
    IndexError out of range.
    """
    dim = check_rows("index_add", input, dim, index, source)
    x, array = input.array, index.array
    if x.ndim > 1 and alpha == 1 and dim in (0, x.ndim - 1):  # torch scatters then
        check_bounds(array, dim, x.shape[dim])
    elif outside(array, 0, x.shape[dim] if x.ndim else 1) is not None:
        raise IndexError("index out of range in self")
    return _index_add(input, dim, index, source, factor(alpha, x.dtype))


def check_rows(function: str, input: Any, dim: int, index: Any, source: Any) -> int:
    """The dimension counted from the front, provided that all fits but the numbers in the index."""
    x, array, part = input.array, index.array, source.array
    dim = one_dim(dim, x.ndim, function)
    if array.ndim > 1:
        raise IndexError(
            f"{function}_(): Index is supposed to be a vector, but got dim: {array.ndim} with "
            f"type: {type_name(array.dtype)} and size: {list(array.shape)}"
        )
    if array.dtype.name not in ("int64", "int32"):
        raise RuntimeError(
            f"{function}_(): Expected dtype int32/int64 for index but got: {type_name(array.dtype)}"
        )
    if x.dtype != part.dtype:
        raise RuntimeError(
            f"{function}_(): self ({type_name(x.dtype)}) and source ({type_name(part.dtype)}) must "
            "have the same scalar type. Convert one of them with .to(dtype)."
        )
    if dim >= max(part.ndim, 1):
        raise RuntimeError(
            f"{function}_(): Indexing dim {dim} is out of bounds of the source tensor with dim "
            f"{part.ndim}"
        )
    if array.size != (part.shape[dim] if part.ndim else 1):
        raise RuntimeError(
            f"{function}_(): Number of indices ({array.size}) should be equal to "
            f"source.size(dim): ({part.shape[dim] if part.ndim else 1}), for dim: {dim}"
        )
    if x.ndim != part.ndim or without(x.shape, dim) != without(part.shape, dim):
        raise RuntimeError(
            "source tensor shape must match self tensor shape, excluding the specified dimension. "
            f"Got self.shape = {list(x.shape)} source.shape = {list(part.shape)}"
        )
    return dim


def without(shape: tuple[int, ...], dim: int) -> tuple[int, ...]:
    return (*shape[:dim], *shape[dim + 1 :])


@numpys_names
@typed("input", "index", "source")
def index_copy(input: Any, dim: int, index: Any, source: Any) -> Any:
    """A copy with ``source`` at the indices of a dimension that a vector names.

    Of several with the same index the last stays. Derivatives: the cotangent, 0 at those indices;
    and the cotangent there. Raises IndexError for shapes that do not fit or an index out of range.
    """
    need_tensor("index_copy", input)
    need_tensor("index_copy", index, "index", 3)
    need_tensor("index_copy", source, "source", 4)
    x, array, part = input.array, index.array, source.array
    dim = one_dim(dim, x.ndim, "index_copy")
    if array.ndim > 1:
        raise IndexError(f"index_copy_(): Index should have dimension 1 or 0 (got {array.ndim})")
    if not part.ndim and array.size != 1:
        raise IndexError(
            "index_copy_(): When source is scalar, index should have one element (got "
            f"{array.size})"
        )
    if part.ndim != x.ndim and part.ndim and x.ndim:
        raise IndexError(
            "index_copy_(): When source and destination are not scalars, their dimensionality "
            f"must match. Source dimensionality ({part.ndim}), destination dimensionality "
            f"({x.ndim})"
        )
    if array.dtype != np.int64:
        raise RuntimeError(
            f"index_copy_(): Expected a long tensor for index, but got {type_name(array.dtype)}"
        )
    if x.dtype != part.dtype:
        raise RuntimeError(
            "index_copy_(): self and source expected to have the same dtype, but got (self) "
            f"{type_name(x.dtype)} and (source) {type_name(part.dtype)}"
        )
    if x.ndim and without(x.shape, dim) != without(part.shape, dim):
        raise RuntimeError(
            "index_copy_(): Source/destination tensor must have same slice shapes. Destination "
            f"slice shape: {list(without(x.shape, dim))} at dimension {dim} and source slice "
            f"shape: {list(without(part.shape, dim))} at dimension 0."
        )
    if part.ndim and array.size != part.shape[dim]:
        raise IndexError(
            f"index_copy_(): Number of indices ({array.size}) should be equal to source.size(dim) "
            f"({part.shape[dim]})"
        )
    wrong = outside(array, 0, x.shape[dim] if x.ndim else 1)
    if wrong is not None:
        raise IndexError(
            f"index_copy_(): index {wrong} is out of bounds for dimension {dim} with size "
            f"{x.shape[dim] if x.ndim else 1}"
        )
    return _index_copy(input, dim, index if array.ndim else reshape(index, 1), source)


@numpys_names
def index_fill(input: Any, dim: int, index: Any, value: Any) -> Any:
    """A copy with a number, or a 0-d tensor, at the indices of a dimension that a vector names.

    Derivatives: the cotangent, 0 at those indices; for the value the sum of the cotangent there.
    Raises RuntimeError for a value with dimensions, and IndexError out of range.
    """
    need_tensor("index_fill", input)
    need_tensor("index_fill", index, "index", 3)
    x, array = input.array, index.array
    dim = one_dim(dim, x.ndim, "index_fill")
    if array.dtype != np.int64:
        raise IndexError("index_fill_(): Expected dtype int64 for index.")
    if array.ndim > 1:
        raise RuntimeError("Index has to be a vector/scalar")
    size = x.shape[dim] if x.ndim else 1
    wrong = outside(array, -size, size)
    if wrong is not None:
        raise IndexError(f"index {wrong} is out of bounds for dimension {dim} with size {size}")
    index = index if array.ndim else reshape(index, 1)
    if not isinstance(value, Value):
        value = number("index_fill", value, "value", 4)
        return _index_fill_number(input, dim, index, stored(value, x.dtype))
    if value.array.ndim:
        raise RuntimeError(
            "index_fill_ only supports a 0-dimensional value tensor, but got tensor with "
            f"{value.array.ndim} dimension(s)."
        )
    stored(value.array.item(), x.dtype)
    return _index_fill(input, dim, index, value.to(x.dtype))
