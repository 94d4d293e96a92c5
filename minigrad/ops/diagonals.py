"""Diagonals and triangles: of matrices, or of two of the dimensions of a tensor."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.primitive import Operator, primitive
from minigrad.autograd.value import Array, Value
from minigrad.autograd.views import view
from minigrad.autograd.wide import wide_primitive
from minigrad.ops.arguments import integer, need_tensor, one_dim, typed
from minigrad.ops.filling import fill_
from minigrad.ops.shape import reshape
from minigrad.ops.slicing import fitting, narrow
from minigrad.ops.striding import as_strided
from minigrad.promotion import order_of

__all__ = [
    "diag",
    "diag_embed",
    "diagflat",
    "diagonal",
    "diagonal_scatter",
    "tril",
    "triu",
]

Shape = tuple[int, ...]


def _diagonal_view(x: Array, offset: int, dim1: int, dim2: int) -> Array:
    part = x.diagonal(offset, dim1, dim2)  # numpy has it read-only
    part.flags.writeable = x.flags.writeable
    return part


def _put_diagonal(part: Array, shape: Shape, offset: int, dim1: int, dim2: int) -> Array:
    out = np.zeros(shape, part.dtype)
    _diagonal_view(out, offset, dim1, dim2)[...] = part
    return out


_diagonal = view(
    "DiagonalBackward0",
    _diagonal_view,
    x=lambda g, x_shape, offset, dim1, dim2: put_diagonal(g, x_shape, offset, dim1, dim2),
)
_diagonal_copy = primitive(
    "DiagonalBackward0_copy",
    lambda x, offset, dim1, dim2: x.diagonal(offset, dim1, dim2).copy(),
    x=lambda g, x_shape, offset, dim1, dim2: put_diagonal(g, x_shape, offset, dim1, dim2),
)
put_diagonal: Operator = primitive(
    "DiagonalBackwardBackward0",
    _put_diagonal,
    part=lambda g, offset, dim1, dim2: _diagonal(g, offset, dim1, dim2),
)


def _embed(x: Array, offset: int, dim1: int, dim2: int) -> Array:
    size = x.shape[-1] + abs(offset)
    shape: list[int] = list(x.shape[:-1])
    for dim in sorted((dim1, dim2)):
        shape.insert(dim, size)
    return _put_diagonal(x, tuple(shape), offset, dim1, dim2)


_diag_embed = primitive(
    "DiagEmbedBackward0",
    _embed,
    x=lambda g, offset, dim1, dim2: _diagonal(g, offset, dim1, dim2),
)


def _replace_diagonal(x: Array, part: Array, offset: int, dim1: int, dim2: int) -> Array:
    out = np.array(x, order=order_of(x))
    _diagonal_view(out, offset, dim1, dim2)[...] = part
    return out


_diagonal_scatter = wide_primitive(
    "DiagonalScatterBackward0",
    _replace_diagonal,
    x=lambda g, offset, dim1, dim2: clear_diagonal(g, offset, dim1, dim2),
    part=lambda g, offset, dim1, dim2: _diagonal(g, offset, dim1, dim2),
)
clear_diagonal: Operator = primitive(
    "DiagonalScatterBackward0",
    lambda x, offset, dim1, dim2: _replace_diagonal(x, np.zeros(()), offset, dim1, dim2),
    x=lambda g, offset, dim1, dim2: clear_diagonal(g, offset, dim1, dim2),
)


def _chosen(kept: Array, x: Array) -> Any:
    # Not by a product: what is cut off may be infinite.
    return np.asarray(np.where(kept, x, x.dtype.type(0)), order="C")


_tril: Operator = primitive(
    "TrilBackward0",
    lambda x, diagonal: _chosen(lower(x.shape, diagonal), x),
    x=lambda g, diagonal: _tril(g, diagonal),
)
_triu: Operator = primitive(
    "TriuBackward0",
    lambda x, diagonal: _chosen(~lower(x.shape, diagonal - 1), x),
    x=lambda g, diagonal: _triu(g, diagonal),
)


def lower(shape: Shape, diagonal: int) -> Array:
    """Where a matrix is on or below a diagonal."""
    rows, columns = shape[-2:]
    return np.greater_equal.outer(np.arange(rows) + diagonal, np.arange(columns))


def two_dims(function: str, ndim: int, dim1: int, dim2: int) -> tuple[int, int]:
    first, second = one_dim(dim1, ndim, function), one_dim(dim2, ndim, function)
    if first == second:
        raise RuntimeError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    return first, second


@typed("input")
def diagonal(input: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    """The diagonal of two dimensions, as a new last one; a view.

    ``offset`` is the number of places to the right of the main diagonal. Derivative: the cotangent
    on the diagonal, 0 elsewhere. Raises RuntimeError if the dimensions are the same.
    """
    need_tensor("diagonal", input)
    dims = two_dims("diagonal", input.array.ndim, dim1, dim2)
    return _diagonal(input, integer("diagonal", offset, "offset"), *dims)


@typed("A")
def linalg_diagonal(A: Any, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    """`diagonal`, of the last two dimensions unless told otherwise."""
    return diagonal(A, offset, dim1, dim2)


@typed("input")
def diag(input: Any, diagonal: int = 0) -> Any:
    """The matrix with a vector on its diagonal, or a copy of a matrix's diagonal.

    Derivative: the cotangent's diagonal, or the cotangent on the diagonal. Raises RuntimeError for
    other numbers of dimensions.
    """
    need_tensor("diag", input)
    ndim = input.array.ndim
    if ndim == 1:
        return diag_embed(input, diagonal)
    if ndim != 2:
        raise RuntimeError(f"diag(): Supports 1D or 2D tensors. Got {ndim}D")
    return _diagonal_copy(input, integer("diag", diagonal, "diagonal"), 0, 1)


@typed("input")
def diag_embed(input: Any, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Any:
    """The last dimension as the diagonal of matrices that are 0 elsewhere.

    ``dim1`` and ``dim2`` are where the matrices' dimensions come to lie. Derivative: the
    cotangent's diagonal.
    """
    need_tensor("diag_embed", input)
    dims = two_dims("diag_embed", input.array.ndim + 1, dim1, dim2)
    offset = integer("diag_embed", offset, "offset")
    return _diag_embed(input, offset, *dims)


@typed("input")
def diagflat(input: Any, offset: int = 0) -> Any:
    """The matrix with all elements of the tensor on its diagonal."""
    need_tensor("diagflat", input)
    return diag_embed(reshape(input, -1), offset)


@typed("input", "src")
def diagonal_scatter(input: Any, src: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Any:
    """A copy with ``src`` on the diagonal of two dimensions.

    Derivatives: the cotangent with 0 on the diagonal; and its diagonal. The shape of ``src`` is
    that of ``diagonal(input, offset, dim1, dim2)``, else RuntimeError.
    """
    need_tensor("diagonal_scatter", input)
    dims = two_dims("diagonal_scatter", input.array.ndim, dim1, dim2)
    offset = integer("diagonal_scatter", offset, "offset")
    part = input.array.diagonal(offset, *dims)
    src = fitting("diagonal_scatter", input, src, part)
    return _diagonal_scatter(input, src, offset, *dims)


@typed("input")
def tril(input: Any, diagonal: int = 0) -> Any:
    """Matrices with 0 above a diagonal. Derivative: the same of the cotangent.

    ``diagonal`` is the number of places to the right of the main one. Raises RuntimeError for less
    than two dimensions.
    """
    return _tril(*triangle("tril", input, diagonal))


@typed("input")
def triu(input: Any, diagonal: int = 0) -> Any:
    """Matrices with 0 below a diagonal. Derivative: the same of the cotangent. See `tril`."""
    return _triu(*triangle("triu", input, diagonal))


def triangle(function: str, input: Any, diagonal: int) -> tuple[Any, int]:
    need_tensor(function, input)
    if input.array.ndim < 2:
        raise RuntimeError(f"{function}: input tensor must have at least 2 dimensions")
    return input, integer(function, diagonal, "diagonal")


@typed()
def fill_diagonal_(self: Any, fill_value: float, wrap: bool = False) -> Any:
    """Overwrite the diagonal with a number; of more than two dimensions, all of one size, too.

    With ``wrap``, the diagonal of a tall matrix goes on at the top after a free row. Derivative: 0
    for the old elements. Raises RuntimeError for less than two dimensions or unlike sizes.
    """
    shape = self.array.shape
    if len(shape) < 2:
        raise RuntimeError("dimensions must larger than 1")
    if len(shape) > 2 and len(set(shape)) > 1:
        raise RuntimeError("all dimensions of input must be of equal length")
    n, total = min(shape), sum(s // self.array.itemsize for s in self.array.strides)
    if isinstance(fill_value, Value):
        fill_value = fill_value.item()
    fill_(as_strided(self, (n,), (total,)), fill_value)
    if wrap and len(shape) == 2 and shape[0] > shape[1] + 1:
        rows, columns = shape
        fill_diagonal_(narrow(self, 0, columns + 1, rows - columns - 1), fill_value, wrap)
    return self
