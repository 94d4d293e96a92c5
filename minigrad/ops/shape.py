"""Shapes: the same elements in another arrangement. Nearly all are views, which share memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from minigrad import dtypes
from minigrad.autograd.primitive import Operator, primitive
from minigrad.autograd.value import Array, wrap
from minigrad.autograd.views import view
from minigrad.errors import type_name
from minigrad.ops.arguments import a_shape, fill_in, need_tensor, numpys_names, one_dim, some_dims
from minigrad.options import contiguous_format, in_order, ordered, preserve_format

__all__ = [
    "broadcast_to",
    "flatten",
    "permute",
    "ravel",
    "reshape",
    "squeeze",
    "t",
    "transpose",
    "unflatten",
    "unsqueeze",
]

Shape = tuple[int, ...]


def _expanded(x: Array, shape: Shape) -> Array:
    lead = len(shape) - x.ndim
    pairs = zip(x.shape, shape[lead:], x.strides, strict=True)
    strides = [s if n == m else 0 for n, m, s in pairs]
    for i in reversed(range(lead)):  # a step that is never taken is what it is in torch
        strides.insert(0, shape[i + 1] * strides[0] if x.ndim and shape[i] == 1 else 0)
    return as_strided(x, shape, strides)


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
    lambda x, dim0, dim1: x.swapaxes(dim0, dim1) if x.ndim else x[...],
    x=lambda g, dim0, dim1: _transpose(g, dim0, dim1),
)
_t = view("TBackward0", lambda x: x.T, x=lambda g: g.T)
_permute = view(
    "PermuteBackward0",
    lambda x, dims: x.transpose(dims),
    x=lambda g, dims: np.transpose(g, inverse(dims)),
)


def inverse(dims: Shape) -> Shape:
    """The permutation that undoes ``dims``."""
    return tuple([dims.index(i) for i in range(len(dims))])


def _unsqueezed(g: Any, x_shape: tuple[int, ...]) -> Any:
    # The cotangent itself where nothing was squeezed, as torch: both are then one tensor's.
    return g if g.shape == x_shape else g.reshape(x_shape)


_squeeze_all = view(
    "SqueezeBackward0", lambda x: x.squeeze(), x=lambda g, x_shape: _unsqueezed(g, x_shape)
)
_squeeze_one, _squeeze_some = [
    view(name, lambda x, dims: x.squeeze(dims), x=lambda g, x_shape: _unsqueezed(g, x_shape))
    for name in ("SqueezeBackward1", "SqueezeBackward2")
]
_unsqueeze = view(
    "UnsqueezeBackward0",
    lambda x, dim: np.expand_dims(x, dim),
    x=lambda g, x_shape: g.reshape(x_shape),
)


def view_of(input: Any, *sizes: Any, size: Any = None, dtype: Any = None) -> Any:
    """`Tensor.view`: the elements in another shape, or with ``view(dtype)`` their bytes in another
    dtype, which has no derivative.

    One size may be -1 and is worked out. The result shares memory, so RuntimeError where the
    strides do not allow that; `reshape` copies then.
    """
    sizes = sizes if size is None else (size,)
    if dtype is not None or (len(sizes) == 1 and isinstance(sizes[0], dtypes.dtype)):
        return view_as_dtype(input, np.dtype(sizes[0] if dtype is None else dtype))
    shape = fill_in(a_shape("view", sizes), input.array.size)
    if not viewable(input.array, shape):
        raise RuntimeError(
            "view size is not compatible with input tensor's size and stride (at least one "
            "dimension spans across two contiguous subspaces). Use .reshape(...) instead."
        )
    return _view(input, shape)


def view_as_dtype(input: Any, dtype: Any) -> Any:
    """The same bytes read as another dtype."""
    array = input.array
    old, new = array.dtype.itemsize, dtype.itemsize
    kinds = f"to view {type_name(array.dtype)} as {type_name(dtype)} (different element sizes)"
    if old != new:
        if array.ndim == 0:
            raise RuntimeError(f"self.dim() cannot be 0 {kinds}")
        if array.shape[-1] * old % new:
            raise RuntimeError(
                f"self.size(-1) must be divisible by {new // old} {kinds}, but got "
                f"{array.shape[-1]}"
            )
        if array.strides[-1] != old:
            raise RuntimeError(
                f"self.stride(-1) must be 1 {kinds}, but got {array.strides[-1] // old}"
            )
    result = wrap(array.view(dtype))
    result.version = input.version
    return result


def viewable(array: Array, shape: Shape) -> bool:
    """Whether ``array`` can be seen in ``shape`` without a copy."""
    return (
        array.flags.c_contiguous
        or array.size == 0
        or bool(np.may_share_memory(array, array.reshape(shape)))
    )


def view_as(input: Any, other: Any) -> Any:
    """A view in the shape of ``other``; RuntimeError where `view` has one."""
    need_tensor("view_as", other, "other")
    return view_of(input, other.array.shape)


def reshape(input: Any, *sizes: Any, shape: Any = None) -> Any:
    """The elements in another shape; one size may be -1. A view if possible, else a copy.

    Derivative: the cotangent in the input's shape. Raises RuntimeError if the sizes do not fit.
    """
    need_tensor("reshape", input)
    wanted = a_shape("reshape", sizes if shape is None else (shape,))
    wanted = fill_in(wanted, input.array.size)
    if viewable(input.array, wanted):
        return (_view if input.array.flags.c_contiguous else _reshape_alias)(input, wanted)
    return _unsafe_view(contiguous(input), wanted)


def reshape_as(input: Any, other: Any) -> Any:
    """The elements in the shape of ``other``, see `reshape`."""
    need_tensor("reshape_as", other, "other")
    return reshape(input, other.array.shape)


def contiguous(input: Any, memory_format: Any = None) -> Any:
    """The tensor itself if its elements lie in memory in order, else such a copy, recorded.

    memory_format: the order, by default the contiguous one; `preserve_format` raises RuntimeError.
    """
    need_tensor("contiguous", input)
    if memory_format is None or memory_format is contiguous_format:
        return input if input.array.flags.c_contiguous else _contiguous(input)
    if in_order(input.array, memory_format):
        return input
    if memory_format is preserve_format:
        raise RuntimeError("preserve memory format is unsupported by the contiguous operator")
    result = _contiguous(input)
    result.array = ordered(result.array, memory_format, "contiguous")
    return result


_contiguous = primitive("CloneBackward0", lambda x: x.copy(), x=lambda g: g)


def flatten(input: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    """Dimensions ``start_dim`` to ``end_dim`` made one, by `reshape`; 0-d becomes shape (1,).

    Derivative: the cotangent in the input's shape. Raises IndexError for a dimension out of range,
    RuntimeError if the first comes after the last.
    """
    need_tensor("flatten", input)
    shape = input.array.shape
    start, end = (one_dim(d, len(shape), "flatten") for d in (start_dim, end_dim))
    if start > end:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    if shape and start == end:
        return input
    return reshape(input, (*shape[:start], int(np.prod(shape[start : end + 1])), *shape[end + 1 :]))


def ravel(input: Any) -> Any:
    """All elements in one dimension: a view if they lie in memory in order, else of a copy."""
    need_tensor("ravel", input)
    return view_of(contiguous(input), -1)


def unflatten(input: Any, dim: int, sizes: Any) -> Any:
    """Dimension ``dim`` made several, of the given sizes; one may be -1. A view.

    Derivative: the cotangent in the input's shape. Raises RuntimeError if the sizes do not fit.
    """
    need_tensor("unflatten", input)
    if not isinstance(sizes, list | tuple):
        raise TypeError(
            "unflatten(): argument 'sizes' (position 2) must be tuple of ints, "
            f"not {type(sizes).__name__}"
        )
    shape, wanted = input.array.shape, a_shape("unflatten", (sizes,))
    if not wanted:
        raise RuntimeError("unflatten: sizes must be non-empty")
    if not shape:
        raise RuntimeError(
            f"unflatten got an unexpected error:\nDimension specified as {dim} but tensor has no "
            "dimensions"
        )
    dim = one_dim(dim, len(shape), "unflatten")
    if wanted.count(-1) > 1:
        raise RuntimeError("unflatten got an unexpected error:\nonly one dimension can be inferred")
    try:
        filled = fill_in(wanted, shape[dim])
    except RuntimeError:
        raise RuntimeError(
            f"unflatten: Provided sizes {list(wanted)} don't multiply up to the size of dim {dim} "
            f"({shape[dim]}) in the input tensor"
        ) from None
    return view_of(input, (*shape[:dim], *filled, *shape[dim + 1 :]))


def transpose(input: Any, dim0: int, dim1: int) -> Any:
    """A view with two dimensions exchanged. Derivative: the cotangent with the same exchanged.

    Raises IndexError for a dimension out of range.
    """
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


def permute(input: Any, *order: Any, dims: Any = None) -> Any:
    """A view with the dimensions in the order ``dims``. Derivative: g in the original order.

    Raises RuntimeError if a dimension is missing or comes twice, IndexError for one out of range.
    """
    need_tensor("permute", input)
    ndim = input.array.ndim
    order = a_shape("permute", order if dims is None else (dims,))
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


@numpys_names
def squeeze(input: Any, dim: Any = None) -> Any:
    """A view without dimensions of size 1: all of them, or those among ``dim`` that are.

    Derivative: the cotangent in the input's shape. Raises IndexError for a dimension out of range,
    RuntimeError for one that comes twice.
    """
    need_tensor("squeeze", input)
    if dim is None:
        return _squeeze_all(input)
    squeezed = _squeeze_some if isinstance(dim, list | tuple) else _squeeze_one
    return squeezed(input, of_size_one(input, dim))


def of_size_one(input: Any, dim: Any) -> Shape:
    """Those of the dimensions given that have size 1."""
    if isinstance(dim, list | tuple) and not dim:
        return ()
    shape = input.array.shape
    return tuple([d for d in some_dims(dim, len(shape), "squeeze") if shape and shape[d] == 1])


@numpys_names
def unsqueeze(input: Any, dim: int) -> Any:
    """A view with a new dimension of size 1 at ``dim``. Derivative: g without it.

    Raises IndexError unless ``dim`` is from -n - 1 to n, n being the number of dimensions.
    """
    need_tensor("unsqueeze", input)
    return _unsqueeze(input, one_dim(dim, input.array.ndim + 1, "unsqueeze"))


def expand(input: Any, *sizes: Any, size: Any = None) -> Any:
    """A view with dimensions of size 1 repeated, and new ones in front; -1 keeps a size.

    The repeated elements share one memory location, so the result cannot be written to.
    Derivative: the sum of the cotangent over the copies. Raises RuntimeError if sizes do not fit.
    """
    need_tensor("expand", input)
    wanted = a_shape("expand", sizes if size is None else (size,))
    return _expand(input, expanded_shape(input.array.shape, wanted, input.array.dtype))


def expanded_shape(shape: tuple[int, ...], wanted: Sequence[int], dtype: Any) -> tuple[int, ...]:
    """What a tensor of ``shape`` is expanded to. Raises RuntimeError if it does not broadcast."""
    lead = len(wanted) - len(shape)
    if lead < 0:
        raise RuntimeError(
            f"expand(minigrad.{type_name(dtype)}Tensor{{{list(shape)}}}, size={list(wanted)}): the "
            f"number of sizes provided ({len(wanted)}) must be greater or equal to the number of "
            f"dimensions in the tensor ({len(shape)})"
        )
    result = list(wanted)
    for i, n in reversed(list(enumerate(wanted))):
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
        elif n < -1:
            raise RuntimeError(
                f"numel: integer multiplication overflow. Size {n} at dimension {i} is negative."
            )
    return tuple(result)


def expand_as(input: Any, other: Any) -> Any:
    """`expand` to the shape of ``other``; a view."""
    need_tensor("expand_as", other, "other")
    return expand(input, other.array.shape)


def broadcast_to(input: Any, *sizes: Any, size: Any = None) -> Any:
    """`expand`, by numpy's name."""
    need_tensor("broadcast_to", input)
    return expand(input, *sizes, size=size)
