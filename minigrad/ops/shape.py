"""Shapes: the same elements in another arrangement. Nearly all are views, which share memory."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from minigrad.autograd.primitive import Operator, primitive
from minigrad.autograd.value import Array
from minigrad.autograd.views import view
from minigrad.autograd.wide import wide_primitive
from minigrad.errors import type_name
from minigrad.ops.arguments import a_shape, fill_in, need_tensor, one_dim, some_dims
from minigrad.promotion import arithmetic

__all__ = [
    "cat",
    "flatten",
    "permute",
    "reshape",
    "squeeze",
    "stack",
    "t",
    "transpose",
    "unsqueeze",
]

Shape = tuple[int, ...]


def _expanded(x: Array, shape: Shape) -> Array:
    lead = len(shape) - x.ndim
    pairs = zip(x.shape, shape[lead:], x.strides, strict=True)
    return as_strided(x, shape, (0,) * lead + tuple([s if n == m else 0 for n, m, s in pairs]))


_expand = view("ExpandBackward0", _expanded, x=lambda g: g)
_alias = view("AliasBackward0", lambda x: x[...], x=lambda g: g)

_view = view(
    "ViewBackward0",
    lambda x, shape: x.reshape(shape),
    x=lambda g, x_shape: g.reshape(x_shape),
)
_reshape_alias = view(  # of a tensor that is not contiguous
    "ReshapeAliasBackward0",
    lambda x, shape: x.reshape(shape),
    x=lambda g, x_shape: g.reshape(x_shape),
)
# Of a copy that nobody else holds: not a view.
_unsafe_view = primitive(
    "UnsafeViewBackward0",
    lambda x, shape: x.reshape(shape),
    x=lambda g, x_shape: g.reshape(x_shape),
)

_transpose: Operator = view(
    "TransposeBackward0",
    lambda x, dim0, dim1: np.swapaxes(x, dim0, dim1) if x.ndim else x[...],
    x=lambda g, dim0, dim1: _transpose(g, dim0, dim1),
)
_t = view("TBackward0", lambda x: x.T, x=lambda g: g.T)
_permute = view(
    "PermuteBackward0",
    lambda x, dims: np.transpose(x, dims),
    x=lambda g, dims: np.transpose(g, inverse(dims)),
)


def inverse(dims: Shape) -> Shape:
    """The permutation that undoes ``dims``."""
    return tuple([dims.index(i) for i in range(len(dims))])


_squeeze_all = view(
    "SqueezeBackward0", lambda x: x.squeeze(), x=lambda g, x_shape: g.reshape(x_shape)
)
_squeeze_one = view(
    "SqueezeBackward1",
    lambda x, dims: x.squeeze(dims),
    x=lambda g, x_shape: g.reshape(x_shape),
)
_squeeze_some = view(
    "SqueezeBackward2",
    lambda x, dims: x.squeeze(dims),
    x=lambda g, x_shape: g.reshape(x_shape),
)
_unsqueeze = view(
    "UnsqueezeBackward0",
    lambda x, dim: np.expand_dims(x, dim),
    x=lambda g, x_shape: g.reshape(x_shape),
)

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
            cut.append(g.reshape(-1)[:0])
            continue
        end = start + shape[dim]
        cut.append(g[(slice(None),) * dim + (slice(start, end),)])
        start = end
    return cut


def view_of(input: Any, *sizes: Any) -> Any:
    """`Tensor.view`: the elements in another shape, or ``view(dtype)``.

    One size may be -1 and is worked out. The result shares memory, so RuntimeError where the
    strides do not allow that; `reshape` copies then.
    """
    shape = fill_in(a_shape("view", sizes), input.array.size)
    if not viewable(input.array, shape):
        raise RuntimeError(
            "view size is not compatible with input tensor's size and stride (at least one "
            "dimension spans across two contiguous subspaces). Use .reshape(...) instead."
        )
    return _view(input, shape)


def viewable(array: Array, shape: Shape) -> bool:
    """Whether ``array`` can be seen in ``shape`` without a copy."""
    return (
        array.flags.c_contiguous
        or array.size == 0
        or bool(np.may_share_memory(array, array.reshape(shape)))
    )


def reshape(input: Any, *shape: Any) -> Any:
    """The elements in another shape; one size may be -1. A view if possible, else a copy.

    Derivative: the cotangent in the input's shape. Raises RuntimeError if the sizes do not fit.
    """
    need_tensor("reshape", input)
    sizes = fill_in(a_shape("reshape", shape), input.array.size)
    if viewable(input.array, sizes):
        return (_view if input.array.flags.c_contiguous else _reshape_alias)(input, sizes)
    return _unsafe_view(contiguous(input), sizes)


def contiguous(input: Any) -> Any:
    """The tensor itself if its elements lie in memory in order, else such a copy, recorded."""
    need_tensor("contiguous", input)
    return input if input.array.flags.c_contiguous else _contiguous(input)


_contiguous = primitive("CloneBackward0", lambda x: x.copy(), x=lambda g: g)


def flatten(input: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    """Dimensions ``start_dim`` to ``end_dim`` made one, by `reshape`; 0-d becomes shape (1,)."""
    need_tensor("flatten", input)
    shape = input.array.shape
    start, end = (one_dim(d, len(shape), "flatten") for d in (start_dim, end_dim))
    if start > end:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    if shape and start == end:
        return input
    return reshape(input, (*shape[:start], int(np.prod(shape[start : end + 1])), *shape[end + 1 :]))


def transpose(input: Any, dim0: int, dim1: int) -> Any:
    """A view with two dimensions exchanged. Derivative: the cotangent with the same exchanged."""
    need_tensor("transpose", input)
    ndim = input.array.ndim
    dims = one_dim(dim0, ndim, "transpose"), one_dim(dim1, ndim, "transpose")
    return _transpose(input, *dims)


def t(input: Any) -> Any:
    """A matrix transposed; a view. Derivative: g.t(). Raises RuntimeError above two dimensions."""
    need_tensor("t", input)
    if input.array.ndim > 2:
        raise RuntimeError(
            f"t() expects a tensor with <= 2 dimensions, but self is {input.array.ndim}D"
        )
    return _t(input)


def permute(input: Any, *dims: Any) -> Any:
    """A view with the dimensions in the order ``dims``. Derivative: g in the original order.

    Raises RuntimeError if a dimension is missing or comes twice.
    """
    need_tensor("permute", input)
    ndim = input.array.ndim
    order = a_shape("permute", dims)
    if len(order) != ndim:
        raise RuntimeError(
            "permute(sparse_coo): number of dimensions in the tensor input does not match the "
            f"length of the desired ordering of dimensions i.e. input.dim() = {ndim} is not equal "
            f"to len(dims) = {len(order)}"
        )
    order = tuple([one_dim(d, ndim, "permute") for d in order])
    if len(set(order)) != ndim:
        raise RuntimeError("permute(): duplicate dims are not allowed.")
    return _permute(input, order)


def squeeze(input: Any, dim: Any = None) -> Any:
    """A view without dimensions of size 1: all of them, or those of ``dim`` that are.

    Derivative: the cotangent in the input's shape.
    """
    need_tensor("squeeze", input)
    shape = input.array.shape
    if dim is None:
        return _squeeze_all(input)
    dims = tuple([d for d in some_dims(dim, len(shape), "squeeze") if shape and shape[d] == 1])
    return (_squeeze_some if isinstance(dim, list | tuple) else _squeeze_one)(input, dims)


def unsqueeze(input: Any, dim: int) -> Any:
    """A view with a new dimension of size 1 at ``dim``. Derivative: g without it."""
    need_tensor("unsqueeze", input)
    return _unsqueeze(input, one_dim(dim, input.array.ndim + 1, "unsqueeze"))


def expand(input: Any, *sizes: Any) -> Any:
    """A view with dimensions of size 1 repeated, and new ones in front; -1 keeps a size.

    The repeated elements share one memory location, so the result cannot be written to.
    Derivative: the sum of the cotangent over the copies. Raises RuntimeError if sizes do not fit.
    """
    need_tensor("expand", input)
    shape, wanted = input.array.shape, a_shape("expand", sizes)
    lead = len(wanted) - len(shape)
    if lead < 0:
        raise RuntimeError(
            f"expand(minigrad.{type_name(input.array.dtype)}Tensor{{{list(shape)}}}, "
            f"size={list(wanted)}): the number of sizes provided ({len(wanted)}) must be greater "
            f"or equal to the number of dimensions in the tensor ({len(shape)})"
        )
    result = list(wanted)
    for i, n in enumerate(wanted):
        old = shape[i - lead] if i >= lead else None
        if n == -1 and old is None:
            raise RuntimeError(
                f"The expanded size of the tensor ({n}) isn't allowed in a leading, non-existing "
                f"dimension {i}"
            )
        if n == -1 and old is not None:
            result[i] = old
        elif old is not None and old not in (1, n):
            raise RuntimeError(
                f"The expanded size of the tensor ({n}) must match the existing size ({old}) at "
                f"non-singleton dimension {i}.  Target sizes: {list(wanted)}.  Tensor sizes: "
                f"{list(shape)}"
            )
    return _expand(input, tuple(result))


def cat(tensors: Any, dim: int = 0) -> Any:
    """Tensors one after another along an existing dimension; a 1-d empty one is skipped.

    Other sizes must agree, else RuntimeError; dtypes promote. Derivative: each tensor gets its
    part of the cotangent.
    """
    tensors = sequence_of_tensors("cat", tensors)
    some = [x for x in tensors if x.array.shape != (0,)] or tensors[:1]
    ndim = some[0].array.ndim
    if ndim == 0:
        raise RuntimeError("zero-dimensional tensor (at position 0) cannot be concatenated")
    dim = one_dim(dim, ndim, "cat")
    for number, x in enumerate(tensors):
        shape = x.array.shape
        if shape == (0,):
            continue
        if len(shape) != ndim:
            raise RuntimeError(
                f"Tensors must have same number of dimensions: got {ndim} and {len(shape)}"
            )
        for d, (n, m) in enumerate(zip(some[0].array.shape, shape, strict=True)):
            if d != dim and n != m:
                raise RuntimeError(
                    f"Sizes of tensors must match except in dimension {dim}. Expected size {n} "
                    f"but got size {m} for tensor number {number} in the list."
                )
    return _cat(dim, *tensors)


def stack(tensors: Any, dim: int = 0) -> Any:
    """Tensors of one shape side by side along a new dimension; dtypes promote.

    Derivative: each tensor gets its part of the cotangent. Raises RuntimeError if shapes differ.
    """
    tensors = sequence_of_tensors("stack", tensors)
    shape = tensors[0].array.shape
    for i, x in enumerate(tensors):
        if x.array.shape != shape:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {list(shape)} at entry 0 "
                f"and {list(x.array.shape)} at entry {i}"
            )
    return _stack(one_dim(dim, len(shape) + 1, "stack"), *tensors)


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
        if not hasattr(x, "array"):
            raise TypeError(
                f"expected Tensor as element {i} in argument 0, but got {type(x).__name__}"
            )
    return list(tensors)
