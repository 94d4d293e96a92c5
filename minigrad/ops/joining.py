"""Several tensors made one, by joining them along a dimension."""

from __future__ import annotations

from itertools import combinations as choices
from itertools import combinations_with_replacement
from typing import Any

import numpy as np

from minigrad.autograd.value import Array, Value, wrap
from minigrad.autograd.wide import wide_primitive
from minigrad.errors import warn_once
from minigrad.memory import has_channels_last, in_format_of
from minigrad.ops.arguments import need_tensor, one_dim, typed
from minigrad.ops.dims import atleast_1d, atleast_2d, atleast_3d
from minigrad.ops.shape import expand, reshape, view_of
from minigrad.promotion import arithmetic

__all__ = [
    "block_diag",
    "cartesian_prod",
    "cat",
    "column_stack",
    "combinations",
    "concat",
    "concatenate",
    "dstack",
    "hstack",
    "meshgrid",
    "row_stack",
    "stack",
    "vstack",
]

Shape = tuple[int, ...]

_cat = wide_primitive(
    "CatBackward0",
    lambda dim, *tensors: np.asarray(np.concatenate(some_of(tensors), dim), order="C"),
    promote=lambda arrays: [arrays[0], *arithmetic(arrays[1:])],
    joint=lambda g, dim, tensors_shape: (None, *pieces(g, dim, tensors_shape)),
)
_stack = wide_primitive(
    "StackBackward0",
    lambda dim, *tensors: np.asarray(np.stack(tensors, dim), order="C"),
    promote=lambda arrays: [arrays[0], *arithmetic(arrays[1:])],
    joint=lambda g, dim, tensors_shape: (
        None,
        *[g[(slice(None),) * dim + (i,)] for i in range(len(tensors_shape))],
    ),
)


def some_of(arrays: tuple[Array, ...]) -> list[Array]:
    """What there is to concatenate: 1-d empty arrays fit to everything."""
    return [x for x in arrays if x.shape != (0,)] or list(arrays)


def pieces(g: Any, dim: int, shapes: tuple[Shape, ...]) -> list[Any]:
    """Cut ``g`` along ``dim`` into pieces of the given shapes."""
    cut, start = [], 0
    for shape in shapes:
        if shape == (0,):
            cut.append(np.zeros_like(g.reshape(-1)[:0]))
            continue
        end = start + shape[dim]
        cut.append(g[(slice(None),) * dim + (slice(start, end),)])
        start = end
    return cut


def _blocks(*tensors: Array) -> Array:
    out = np.zeros(
        [sum(n) for n in zip(*map(matrix_shape, tensors), strict=True)], tensors[0].dtype
    )
    for x, key in zip(tensors, places([x.shape for x in tensors]), strict=True):
        out[key] = x
    return out


def matrix_shape(x: Array) -> tuple[int, int]:
    """The shape of a tensor of at most two dimensions as a matrix: a vector is one row."""
    return (1, x.size) if x.ndim < 2 else x.shape


def places(shapes: Any) -> list[Any]:
    """Where the blocks of `block_diag` are: each below and to the right of the one before."""
    keys = []
    row, column = 0, 0
    for shape in shapes:
        n, m = ((1, 1), (1, *shape), shape)[len(shape)]
        keys.append((slice(row, row + n), slice(column, column + m)))
        row, column = row + n, column + m
    return keys


_block_diag = wide_primitive(
    "BlockDiagBackward0",
    _blocks,
    promote=arithmetic,
    joint=lambda g, tensors_shape: [
        g[key].reshape(shape)
        for key, shape in zip(places(tensors_shape), tensors_shape, strict=True)
    ],
)


def no_dimensions(tensors: Any) -> RuntimeError:
    i = next(i for i, x in enumerate(tensors) if not x.array.ndim)
    return RuntimeError(f"zero-dimensional tensor (at position {i}) cannot be concatenated")


def cat(tensors: Any, dim: int = 0, *, axis: int | None = None) -> Any:
    """Tensors one after another along an existing dimension; a 1-d empty one is skipped.

    Other sizes must agree, else RuntimeError; dtypes promote. Derivative: each tensor gets its part
    of the cotangent. Raises ValueError for no tensor, IndexError for a dimension out of range.
    """
    tensors = sequence_of_tensors("cat", tensors)
    some = [x for x in tensors if x.array.shape != (0,)] or tensors[:1]
    ndim = some[0].array.ndim
    if ndim == 0:
        raise no_dimensions(tensors)
    dim = one_dim(dim if axis is None else axis, ndim, "cat")
    for number, x in enumerate(tensors):
        shape = x.array.shape
        if shape == (0,):
            continue
        if len(shape) != ndim:
            if any(not y.array.ndim for y in tensors):
                raise no_dimensions(tensors)
            raise RuntimeError(
                f"Tensors must have same number of dimensions: got {ndim} and {len(shape)}"
            )
        for d, (n, m) in enumerate(zip(some[0].array.shape, shape, strict=True)):
            if d != dim and n != m:
                raise RuntimeError(
                    f"Sizes of tensors must match except in dimension {dim}. Expected size {n} "
                    f"but got size {m} for tensor number {number} in the list."
                )
    out = _cat(dim, *tensors)
    if ndim == 4 and all(has_channels_last(x.array) for x in some):
        in_format_of(out, some[0])
    return out


concat = concatenate = cat


def stack(tensors: Any, dim: int = 0, *, axis: int | None = None) -> Any:
    """Tensors of one shape side by side along a new dimension; dtypes promote.

    Derivative: each tensor gets its part of the cotangent. Raises RuntimeError if shapes differ and
    for no tensor, IndexError for a dimension out of range.
    """
    tensors = sequence_of_tensors("stack", tensors)
    shape = tensors[0].array.shape
    for i, x in enumerate(tensors):
        if x.array.shape != shape:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {list(shape)} at entry 0 "
                f"and {list(x.array.shape)} at entry {i}"
            )
    return _stack(one_dim(dim if axis is None else axis, len(shape) + 1, "stack"), *tensors)


def hstack(tensors: Any) -> Any:
    """Tensors side by side: `cat` along dimension 1, or 0 for vectors and numbers."""
    xs = atleast_1d(sequence_of_tensors("hstack", tensors))
    return cat(xs, 0 if xs[0].array.ndim == 1 else 1)


def vstack(tensors: Any) -> Any:
    """Tensors below each other: `cat` along dimension 0, vectors being rows."""
    return cat(atleast_2d(sequence_of_tensors("vstack", tensors)), 0)


row_stack = vstack


def dstack(tensors: Any) -> Any:
    """Tensors behind each other: `cat` along dimension 2, see `atleast_3d`."""
    return cat(atleast_3d(sequence_of_tensors("dstack", tensors)), 2)


def column_stack(tensors: Any) -> Any:
    """Tensors side by side: `cat` along dimension 1, vectors and numbers being columns."""
    xs = sequence_of_tensors("column_stack", tensors)
    return cat([x if x.array.ndim > 1 else reshape(x, (x.array.size, 1)) for x in xs], 1)


def block_diag(*tensors: Any) -> Any:
    """The matrix with the tensors along its diagonal and 0 elsewhere; a vector is one row.

    Derivative: each tensor gets its part of the cotangent. dtypes promote. Raises RuntimeError
    for more than two dimensions.
    """
    if not tensors:
        return wrap(np.zeros((1, 0), np.float32))
    for i, x in enumerate(sequence_of_tensors("block_diag", tensors)):
        if x.array.ndim > 2:
            raise RuntimeError(
                "torch.block_diag: Input tensors must have 2 or fewer dimensions. "
                f"Input {i} has {x.array.ndim} dimensions"
            )
    return _block_diag(*tensors)


def meshgrid(*tensors: Any, indexing: str | None = None) -> Any:
    """Vectors as coordinates of the points of a grid: for each vector a view of the grid's shape.

    The first vector varies along dimension 0, the second along 1, and so on; with ``indexing="xy"``
    the first two the other way round. Derivative: the sum over the other dimensions. Raises
    RuntimeError for tensors of more than one dimension or of different dtypes.
    """
    if len(tensors) == 1 and isinstance(tensors[0], list | tuple):
        (tensors,) = tensors
    xs = sequence_of_tensors("meshgrid", tensors)
    for x in xs:
        if x.array.dtype != xs[0].array.dtype:
            raise RuntimeError("meshgrid expects all tensors to have the same dtype")
        if x.array.ndim > 1:
            raise RuntimeError(
                "torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: "
                f"one of shape {list(x.array.shape)}"
            )
    if indexing is None:
        warn_once(
            "torch.meshgrid: in an upcoming release, it will be required to pass the indexing "
            'argument. indexing="ij" is what it does without.'
        )
        indexing = "ij"
    if indexing not in ("ij", "xy"):
        raise RuntimeError(
            f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}'
        )
    if indexing == "xy" and len(xs) > 1:
        x, y, *others = meshgrid(xs[1], xs[0], *xs[2:], indexing="ij")
        return y, x, *others
    sizes = [x.array.size for x in xs]
    front = [(1,) * i for i in range(len(xs))]
    columns = [view_of(x, (*front[i], -1, *front[-1 - i])) for i, x in enumerate(xs)]
    return tuple([expand(x, sizes) for x in columns])


def cartesian_prod(*tensors: Any) -> Any:
    """All choices of one element from each vector, a row each; of one vector the vector itself.

    Derivative: the sum over the rows that an element is in. Raises RuntimeError for tensors that
    are no vectors, or of different dtypes.
    """
    for x in sequence_of_tensors("meshgrid", tensors):
        need_vector(x)
    if len(tensors) == 1:
        return tensors[0]
    return stack([reshape(x, -1) for x in meshgrid(*tensors, indexing="ij")], 1)


def need_vector(x: Any) -> None:
    if x.array.ndim != 1:
        raise RuntimeError(f"Expect a 1D vector, but got shape {list(x.array.shape)}")


@typed("input")
def combinations(input: Any, r: int = 2, with_replacement: bool = False) -> Any:
    """All choices of ``r`` elements of a vector, in order, a row each.

    Derivative: the sum over the rows that an element is in. Raises RuntimeError for a tensor that
    is no vector, or for a negative ``r``.
    """
    need_tensor("combinations", input)
    need_vector(input)
    if r < 0:
        raise RuntimeError(f"Expect a non-negative number, but got {r}")
    if r == 0:
        return wrap(np.zeros(0, input.array.dtype))
    choose = combinations_with_replacement if with_replacement else choices
    rows = np.array(list(choose(range(input.array.size), r)), np.int64).reshape(-1, r)
    return stack([input[wrap(column.copy())] for column in rows.T], 1)


def sequence_of_tensors(function: str, tensors: Any) -> list[Any]:
    """A list of at least one tensor, from a list or tuple of them."""
    if not isinstance(tensors, list | tuple):
        raise TypeError(
            f"{function}(): argument 'tensors' (position 1) must be tuple of Tensors, "
            f"not {type(tensors).__name__}"
        )
    if not tensors:
        if function == "cat":
            raise ValueError("cat(): expected a non-empty list of Tensors")
        raise RuntimeError(f"{function} expects a non-empty TensorList")
    for i, x in enumerate(tensors):
        if not isinstance(x, Value):
            raise TypeError(
                f"expected Tensor as element {i} in argument 0, but got {type(x).__name__}"
            )
    return list(tensors)
