"""A tensor cut along a dimension into several, which are views of it."""

from __future__ import annotations

import operator
from itertools import pairwise
from typing import Any

import numpy as np

from minigrad.autograd.pieces import pieces
from minigrad.autograd.value import Array, Value
from minigrad.errors import type_name
from minigrad.ops.arguments import (
    integer,
    need_long,
    need_tensor,
    no_overload,
    numpys_names,
    one_dim,
    typed,
)
from minigrad.ops.slicing import WHOLE, _slice

__all__ = [
    "chunk",
    "dsplit",
    "hsplit",
    "split",
    "split_with_sizes",
    "tensor_split",
    "unbind",
    "unsafe_chunk",
    "unsafe_split",
    "unsafe_split_with_sizes",
    "vsplit",
]


def _cut(x: Array, sizes: tuple[int, ...], dim: int) -> list[Array]:
    front = (WHOLE,) * dim
    parts, start = [], 0
    for size in sizes:
        parts.append(x[(*front, slice(start, start + size))])
        start += size
    return parts


# Their outputs cannot be written to while gradients are recorded.
_split = pieces("SplitBackward0", _cut, x=lambda g_all, dim: np.concatenate(g_all, dim))
_split_with_sizes = pieces(
    "SplitWithSizesBackward0", _cut, x=lambda g_all, dim: np.concatenate(g_all, dim)
)
_unsafe_split = pieces(
    "UnsafeSplitBackward0", _cut, unsafe=True, x=lambda g_all, dim: np.concatenate(g_all, dim)
)
_unsafe_split_with_sizes = pieces(
    "UnsafeSplitWithSizesBackward0",
    _cut,
    unsafe=True,
    x=lambda g_all, dim: np.concatenate(g_all, dim),
)
_unbind = pieces(
    "UnbindBackward0",
    lambda x, dim: [x[(*(WHOLE,) * dim, i, ...)] for i in range(x.shape[dim])],
    x=lambda g_all, dim: np.stack(g_all, dim),
)


@numpys_names
def unbind(input: Any, dim: int = 0) -> Any:
    """The tensors ``select(input, dim, i)`` for all ``i``, as a tuple of views.

    Derivative: the cotangents stacked. Raises IndexError for a 0-d tensor. The views cannot be
    written to while gradients are recorded; those of `select` can.
    """
    need_tensor("unbind", input)
    ndim = input.array.ndim
    if not ndim:
        raise IndexError(f"Dimension specified as {dim} but tensor has no dimensions")
    return _unbind(input, one_dim(dim, ndim, "unbind"))


def split(tensor: Any, split_size_or_sections: Any = None, dim: int = 0, **named: Any) -> Any:
    """Pieces of one size, the last perhaps smaller, or of the sizes given; a tuple of views.

    Derivative: the cotangents one after another. Raises RuntimeError for a negative size and if the
    sizes do not sum to the dimension's, IndexError for a dimension out of range. The views cannot
    be written to while gradients are recorded.
    """
    size = named.pop("split_size", split_size_or_sections)
    if named:
        raise TypeError(f"split() got an unexpected keyword argument {next(iter(named))!r}")
    if is_integer(size):
        return _split(tensor, *equal_sizes("split", tensor, size, dim))
    return split_with_sizes(tensor, size, dim)


def split_with_sizes(input: Any, split_sizes: Any, dim: int = 0) -> Any:
    """Pieces of the sizes given, which sum to the dimension's; see `split`."""
    return _split_with_sizes(input, *given_sizes(input, split_sizes, dim))


@numpys_names
@typed("input")
def chunk(input: Any, chunks: int, dim: int = 0) -> Any:
    """At most ``chunks`` pieces of one size, the last perhaps smaller; a tuple of views.

    Derivative: the cotangents one after another. Raises RuntimeError unless ``chunks`` is positive,
    IndexError for a dimension out of range. The views cannot be written to while gradients are
    recorded.
    """
    size, count = chunk_size(input, chunks, dim)
    if not size:
        return _split_with_sizes(input, (0,) * count, one_dim(dim, input.array.ndim, "chunk"))
    return _split(input, *equal_sizes("chunk", input, size, dim))


def unsafe_split(input: Any, split_size: int, dim: int = 0) -> Any:
    """As `split`, but of the pieces one may be written to, if nothing else is used any more."""
    return _unsafe_split(input, *equal_sizes("split", input, split_size, dim))


def unsafe_split_with_sizes(input: Any, split_sizes: Any, dim: int = 0) -> Any:
    """As `split_with_sizes`, with the freedom of `unsafe_split`."""
    return _unsafe_split_with_sizes(input, *given_sizes(input, split_sizes, dim))


def unsafe_chunk(input: Any, chunks: int, dim: int = 0) -> Any:
    """As `chunk`, with the freedom of `unsafe_split`."""
    size, count = chunk_size(input, chunks, dim)
    if not size:
        sizes = (0,) * count
        return _unsafe_split_with_sizes(input, sizes, one_dim(dim, input.array.ndim, "chunk"))
    return _unsafe_split(input, *equal_sizes("chunk", input, size, dim))


def is_integer(x: Any) -> bool:
    if isinstance(x, Value):
        return x.array.ndim == 0 and x.array.dtype.kind in "iu"
    return isinstance(x, int | np.integer) and not isinstance(x, bool)


def chunk_size(input: Any, chunks: int, dim: int) -> tuple[int, int]:
    """The size of the pieces that `chunk` makes, and how many were asked for."""
    need_tensor("chunk", input)
    count = integer("chunk", chunks, "chunks")
    if not input.array.ndim:
        raise RuntimeError("chunk expects at least a 1-dimensional tensor")
    if count <= 0:
        raise RuntimeError(f"chunk expects `chunks` to be greater than 0, got: {count}")
    size = input.array.shape[one_dim(dim, input.array.ndim, "chunk")]
    return -(-size // count), count


def equal_sizes(
    function: str, input: Any, split_size: int, dim: int
) -> tuple[tuple[int, ...], int]:
    """Sizes of pieces that are alike but for the last, and the dimension from the front."""
    need_tensor(function, input)
    if not input.array.ndim:
        raise RuntimeError(f"{function} expects at least a 1-dimensional tensor")
    step, dim = integer(function, split_size, "split_size"), one_dim(dim, input.array.ndim)
    total = input.array.shape[dim]
    if step < 0:
        raise RuntimeError(f"split expects split_size be non-negative, but got split_size={step}")
    if not total:
        return (0,), dim
    if not step:
        raise RuntimeError(
            f"split_size can only be 0 if dimension size is 0, but got dimension size of {total}"
        )
    last = (total - 1) % step + 1
    return (*(step,) * ((total - last) // step), last), dim


def given_sizes(input: Any, sizes: Any, dim: int) -> tuple[tuple[int, ...], int]:
    """The sizes as integers that sum to the dimension's, and the dimension from the front."""
    need_tensor("split_with_sizes", input)
    if not isinstance(sizes, list | tuple):
        raise TypeError(
            "split_with_sizes(): argument 'split_sizes' (position 2) must be tuple of ints, "
            f"not {type(sizes).__name__}"
        )
    if not input.array.ndim:
        raise RuntimeError("split expects at least a 1-dimensional tensor")
    sizes = tuple([one_size(n, i) for i, n in enumerate(sizes)])
    dim = one_dim(integer("split_with_sizes", dim, "dim", 3), input.array.ndim)
    total = input.array.shape[dim]
    if any(n < 0 for n in sizes):
        raise RuntimeError(
            "split_with_sizes expects split_sizes have only non-negative entries, but got "
            f"split_sizes={list(sizes)}"
        )
    if sum(sizes) != total:
        raise RuntimeError(
            f"split_with_sizes expects split_sizes to sum exactly to {total} (input tensor's size "
            f"at dimension {dim}), but got split_sizes={list(sizes)}"
        )
    return sizes, dim


def one_size(n: Any, place: int) -> int:
    """An entry of ``split_sizes`` as an int. As in torch, a bool will do unless it is the first."""
    kind = type(n).__name__
    wrong = f"(position 2) must be tuple of ints, but found element of type {kind} at pos 0"
    unpacking = f"failed to unpack the object at pos {place + 1} with error "
    if place:
        wrong = f'{unpacking}"type must be tuple of ints,but got {kind}"'
    try:
        if place or not isinstance(n, bool):
            number = operator.index(n)
            need_long(number)
            return number
    except TypeError:
        pass
    except ValueError as error:
        wrong = f'{unpacking}"{error}"'
    raise TypeError(f"split_with_sizes(): argument 'split_sizes' {wrong}")


@numpys_names
def tensor_split(
    input: Any,
    indices_or_sections: Any = None,
    dim: int = 0,
    *,
    indices: Any = None,
    sections: Any = None,
    tensor_indices_or_sections: Any = None,
) -> Any:
    """So many pieces, the first perhaps one larger, or cut at the indices given; slices.

    Derivative: as of slices. The tuple's views can be written to. Raises RuntimeError for a 0-d
    tensor, or unless the number of pieces is positive.
    """
    need_tensor("tensor_split", input)
    where: Any = next(
        (
            x
            for x in (indices_or_sections, indices, sections, tensor_indices_or_sections)
            if x is not None
        ),
        None,
    )
    if not (is_integer(where) or isinstance(where, Value | list | tuple)):
        raise TypeError(
            "tensor_split(): argument 'indices' (position 1) must be tuple of ints, not "
            f"{type(where).__name__}"
        )
    array = input.array
    if not array.ndim:
        raise RuntimeError(
            "tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims"
        )
    if isinstance(where, Value):
        where = list_or_number(where.array)
    dim = one_dim(dim, array.ndim, "tensor_split")
    size = array.shape[dim]
    if is_integer(where):
        if where <= 0:
            raise RuntimeError(f"number of sections must be larger than 0, got {where}")
        base, more = divmod(size, int(where))
        places = np.arange(int(where) + 1)  # MemoryError for too many
        bounds = list(pairwise((places * base + np.minimum(places, more)).tolist()))
    else:
        given = [integer("tensor_split", n, "indices") for n in where]
        bounds = list(zip([0, *given], [*given, size], strict=True))
    front = (WHOLE,) * dim
    ranges = [slice(start, end).indices(size) for start, end in bounds]
    return tuple([_slice(input, (*front, slice(i, max(i, j)))) for i, j, _ in ranges])


def list_or_number(where: Array) -> Any:
    """The indices or the number of sections that a tensor holds."""
    if where.ndim > 1:
        raise RuntimeError(
            "tensor_split expected tensor_indices_or_sections to be a zero-dimensional or "
            f"one-dimensional tensor, but got a tensor with {where.ndim} dims"
        )
    if where.dtype != np.int64:
        raise RuntimeError(
            "tensor_split expected tensor_indices_or_sections to have dtype of long, but got "
            f"{type_name(where.dtype)}"
        )
    return where.tolist()


def along(name: str, dim: int, need: int) -> Any:
    """hsplit, vsplit and dsplit: `tensor_split` along a certain dimension into equal parts."""

    def apply(
        input: Any, indices_or_sections: Any = None, *, indices: Any = None, sections: Any = None
    ) -> Any:
        need_tensor(name, input)
        where = indices_or_sections if indices_or_sections is not None else indices
        where = sections if where is None else where
        if not (is_integer(where) or isinstance(where, list | tuple)):
            raise no_overload(name, input, where)
        shape = input.array.shape
        if len(shape) < need:
            raise RuntimeError(
                f"torch.{name} requires a tensor with at least {need} dimension, but got a tensor "
                f"with {len(shape)} dimensions!"
            )
        at = min(dim, len(shape) - 1)
        if is_integer(where) and (where <= 0 or shape[at] % where):
            raise RuntimeError(
                f"torch.{name} attempted to split along dimension {at}, but the size of the "
                f"dimension {shape[at]} is not divisible by the split_size {int(where)}!"
            )
        return tensor_split(input, where, at)

    apply.__name__ = name
    apply.__doc__ = (
        f"`tensor_split` along dimension {dim}, into equal parts or at the indices given. Raises "
        "RuntimeError if the parts cannot be equal."
    )
    return apply


hsplit = along("hsplit", 1, 1)
vsplit = along("vsplit", 0, 2)
dsplit = along("dsplit", 2, 3)
