"""Elements picked by tensors of indices, and their adjoint: sums into the places picked."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.autograd.primitive import Operator
from minigrad.autograd.value import Array, wrap
from minigrad.autograd.wide import wide_primitive
from minigrad.errors import broadcast_shapes, type_name
from minigrad.ops.arguments import need_tensor, numpys_names, one_dim, typed
from minigrad.ops.shape import expand, view_of

__all__ = ["gather", "take", "take_along_dim"]

Shape = tuple[int, ...]


def add_at_places(out: Array, places: Array, part: Array) -> None:
    """Add into ``out``, which is contiguous, at flat indices, one after another as torch does."""
    # In one dimension add.at is five times as fast as with index tuples, and as bincount.
    np.add.at(out.reshape(-1), places.reshape(-1), part.reshape(-1))


def places_along(index: Array, dim: int, shape: Shape) -> Array:
    """The flat index, in a tensor of that shape, of each element that `gather` reads."""
    if not shape:
        return index
    if not index.ndim:
        return index * math.prod(shape[dim + 1 :])
    places, step = None, 1
    for d in reversed(range(len(shape))):
        if d == dim:
            place = index if step == 1 else index * step
        else:
            place = np.arange(0, index.shape[d] * step, step)
            place = place.reshape(-1, *(1,) * (index.ndim - 1 - d))
        places = place if places is None else places + place
        step *= shape[d]
    return np.asarray(places)


def along(x: Array, dim: int, index: Array) -> Array:
    """The elements that `gather` reads; `np.take_along_axis` takes five times as long."""
    if not index.size:
        return np.zeros(index.shape, x.dtype)
    return x.take(places_along(index, dim, x.shape))


def _add_along(part: Array, dim: int, index: Array, shape: Shape) -> Array:
    out = np.zeros(shape, part.dtype)
    if index.size:
        add_at_places(out, places_along(index, dim, shape), part)
    return out


def _add_at_flat(part: Array, index: Array, shape: Shape) -> Array:
    out = np.zeros(shape, part.dtype)
    add_at_places(out, index, part)
    return out


# torch keeps the whole operand for its shape, and so refuses a backward pass once it has been
# written to; so do these.
_gather = wide_primitive(
    "GatherBackward0",
    lambda x, dim, index: along(x, dim, index),
    index=None,
    x=lambda g, x, dim, index: add_along(g, dim, index, x.shape),
)
add_along: Operator = wide_primitive(
    "ScatterAddBackward0",
    _add_along,
    index=None,
    part=lambda g, dim, index: _gather(g, dim, index),
)
_take = wide_primitive(
    "TakeBackward0",
    lambda x, index: np.take(x, index),
    index=None,
    x=lambda g, x, index: add_at_flat(g, index, x.shape),
)
add_at_flat: Operator = wide_primitive(
    "PutBackward0",
    _add_at_flat,
    index=None,
    part=lambda g, index: _take(g, index),
)


@numpys_names
def gather(input: Any, dim: int, index: Any, *, sparse_grad: bool = False) -> Any:
    """``input[index[i, j], j]`` for ``dim=0``, ``input[i, index[i, j]]`` for ``dim=1``, and so on.

    The result has the shape of ``index``, which has as many dimensions as ``input`` and is not
    larger but along ``dim``, else RuntimeError. Derivative: each element gets the sum over the
    places where it was read. Raises RuntimeError for an index out of range or not of int64 or
    int32, IndexError for a dimension out of range.
    """
    need_tensor("gather", input)
    need_tensor("gather", index, "index", 3)
    shape, wanted = input.array.shape, index.array.shape
    dim = one_dim(dim, len(shape), "gather")
    if not index.array.size:  # then torch does not look at it
        return _gather(input, dim, index)
    need_integers("gather", index)
    check_rank(len(wanted), len(shape), "input")
    for d, (n, m) in enumerate(zip(wanted, shape, strict=False)):
        if d != dim and n > m:
            raise RuntimeError(
                f"Size does not match at dimension {d} expected index {list(wanted)} to be no "
                f"larger than self {list(shape)} apart from dimension {dim}"
            )
    check_bounds(index.array, dim, shape[dim] if shape else 1)
    return _gather(input, dim, index)


def check_rank(ndim: int, wanted: int, of: str) -> None:
    """Raise RuntimeError unless an index has as many dimensions as a tensor; 0 count as 1."""
    if max(ndim, 1) != max(wanted, 1):
        raise RuntimeError(f"Index tensor must have the same number of dimensions as {of} tensor")


def need_integers(function: str, index: Any) -> None:
    if index.array.dtype.name not in ("int64", "int32"):
        raise RuntimeError(
            f"{function}(): Expected dtype int32/int64 for index. Convert it with .long()."
        )


def check_bounds(index: Array, dim: int, size: int) -> None:
    """Raise RuntimeError for an index out of range; they do not count from the end."""
    wrong = outside(index, 0, size)
    if wrong is not None:
        raise RuntimeError(f"index {wrong} is out of bounds for dimension {dim} with size {size}")


def outside(index: Array, low: int, high: int) -> int | None:
    """The first index that is not in the range, or None."""
    if not index.size or (index.min() >= low and index.max() < high):
        return None
    return int(index[(index < low) | (index >= high)].reshape(-1)[0])


def take(input: Any, index: Any) -> Any:
    """The elements of the flattened tensor at flat indices; negative ones count from the end.

    Derivative: each element gets the sum over the places where it was read. Raises IndexError out
    of range.
    """
    need_tensor("take", input)
    need_tensor("take", index, "index", 2)
    need_flat_index("take", input, index)
    return _take(input, index)


def need_flat_index(function: str, input: Any, index: Any) -> None:
    if index.array.dtype != np.int64:
        raise RuntimeError(
            f"{function}(): Expected a long tensor for index, but got "
            f"{type_name(index.array.dtype)}"
        )
    size = input.array.size
    if not size and index.array.size:
        raise IndexError(f"{function}(): tried to take from an empty tensor")
    wrong = outside(index.array, -size, size)
    if wrong is not None:
        raise IndexError(
            f"out of range: tried to access index {wrong} on a tensor of {size} elements."
        )


@numpys_names
@typed("input", "indices")
def take_along_dim(input: Any, indices: Any, dim: int | None = None) -> Any:
    """`gather` with broadcasting: what `argsort` or `argmax(keepdim=True)` returned, say.

    Without ``dim``, of the flattened tensors.
    """
    need_tensor("take_along_dim", input)
    need_tensor("take_along_dim", indices, "indices", 2)
    if indices.array.dtype != np.int64:
        raise RuntimeError(
            "torch.take_along_dim(): dtype of indices should be Long but got "
            f"{type_name(indices.array.dtype)}"
        )
    if dim is None:
        return gather(view_of(input, -1), 0, view_of(indices, -1))
    shape, wanted = input.array.shape, indices.array.shape
    if len(shape) != len(wanted):
        raise RuntimeError(
            "torch.take_along_dim(): input and indices should have the same number of dimensions, "
            f"but got {len(shape)} dimensions for input, and {len(wanted)} dimensions for indices"
        )
    dim = one_dim(dim, len(shape), "take_along_dim")
    common = broadcast_shapes(*[(*x[:dim], 1, *x[dim + 1 :]) for x in (shape, wanted)])
    xs = [
        expand(x, (*common[:dim], x.array.shape[dim], *common[dim + 1 :])) for x in (input, indices)
    ]
    xs[1] = xs[1] if (xs[1].array >= 0).all() else wrap(xs[1].array % max(shape[dim], 1))
    return gather(xs[0], dim, xs[1])
