"""Elements repeated, and turned round."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.primitive import Operator, primitive
from minigrad.autograd.value import Array, Value, wrap
from minigrad.errors import type_name
from minigrad.ops.arguments import a_shape, integer, need_tensor, numpys_names, one_dim, typed
from minigrad.ops.elementwise import clone
from minigrad.ops.rows import index_select
from minigrad.ops.shape import contiguous, expand, flatten, unsqueeze, view_of

__all__ = ["flip", "fliplr", "flipud", "repeat_interleave", "roll", "rot90", "tile"]

Shape = tuple[int, ...]


def _sum_copies(g: Any, x_shape: Shape, times: Shape) -> Any:
    shape = (1,) * (len(times) - len(x_shape)) + x_shape
    both = [n for pair in zip(times, shape, strict=True) for n in pair]
    total = np.sum(g.reshape(tuple(both)), tuple(range(0, len(both), 2))) if both else g
    return np.zeros_like(total.reshape(x_shape)) if 0 in times else total.reshape(x_shape)


_repeat = primitive(
    "RepeatBackward0",
    lambda x, times: np.asarray(np.tile(x, times), order="C") if times else x.copy(),
    x=lambda g, x_shape, times: _sum_copies(g, x_shape, times),
)
_flip: Operator = primitive(
    "FlipBackward0", lambda x, dims: np.flip(x, dims).copy("K"), x=lambda g, dims: _flip(g, dims)
)
_roll: Operator = primitive(
    "RollBackward0",
    lambda x, shifts, dims: np.asarray(np.roll(x, shifts, dims), order="C"),
    x=lambda g, shifts, dims: _roll(g, tuple([-n for n in shifts]), dims),
)


def _turn(x: Array, k: int, dims: Shape) -> Array:
    flipped = {0: (), 1: dims[1:], 2: dims, 3: dims[:1]}[k]
    turned = np.flip(x, flipped).copy("K") if flipped else x.copy()
    return np.swapaxes(turned, *dims) if k % 2 else turned


_rot90: Operator = primitive("Rot90Backward0", _turn, x=lambda g, k, dims: _rot90(g, -k % 4, dims))


def repeat(input: Any, *sizes: Any, repeats: Any = None) -> Any:
    """`Tensor.repeat`: copies of the whole tensor side by side, so many along each dimension.

    There may be more numbers than dimensions: new ones come in front. Derivative: the sum over the
    copies. Raises RuntimeError for fewer numbers than dimensions.
    """
    times = a_shape("repeat", sizes if repeats is None else (repeats,))
    if len(times) < input.array.ndim:
        raise RuntimeError(
            "Number of dimensions of repeat dims can not be smaller than number of dimensions of "
            "tensor"
        )
    for i, n in enumerate(times):
        if n < 0:
            shape = (1,) * (len(times) - input.array.ndim) + input.array.shape
            wanted = [n * m for n, m in zip(times, shape, strict=True)]
            raise RuntimeError(
                f"Trying to create tensor with negative dimension {wanted[i]}: {wanted}"
            )
    return _repeat(input, times)


def tile(input: Any, *sizes: Any, dims: Any = None) -> Any:
    """As `Tensor.repeat`; with fewer numbers than dimensions, of the last dimensions."""
    need_tensor("tile", input)
    times = a_shape("tile", sizes if dims is None else (dims,))
    return repeat(input, (1,) * (input.array.ndim - len(times)) + times)


@numpys_names
@typed("input")
def repeat_interleave(
    input: Any, repeats: Any = None, dim: int | None = None, *, output_size: int | None = None
) -> Any:
    """Each index of a dimension so many times in a row: one number, or one for each index.

    Without ``dim``, of the flattened tensor. With ``repeats`` alone, the index of each copy.
    Derivative: the sum over the copies. Raises RuntimeError for numbers that do not fit.
    """
    if repeats is None:
        need_tensor("repeat_interleave", input, "repeats")
        return wrap(indices_of_copies(input.array, output_size))
    need_tensor("repeat_interleave", input)
    if dim is None:
        input, dim = flatten(input), 0
    elif not input.array.ndim and not isinstance(repeats, Value):
        raise IndexError("Dimension out of range (expected to be in range of [-1, 0], but got 1)")
    dim = one_dim(dim, input.array.ndim, "repeat_interleave")
    if not input.array.ndim:
        input = flatten(input)
    size = input.array.shape[dim]
    if isinstance(repeats, Value):
        counts = repeats.array
        if counts.ndim > 1:
            raise RuntimeError("repeats must be 0-dim or 1-dim tensor")
        if counts.size not in (1, size) or (counts.ndim and counts.size == 0 != size):
            raise RuntimeError(
                f"repeats must have the same size as input along dim, but got repeats.size(0) = "
                f"{counts.size} and input.size({dim}) = {size}"
            )
        if counts.size == 1:
            counts = np.broadcast_to(counts.reshape(-1), (size,))
        return index_select(input, dim, wrap(indices_of_copies(counts, output_size)))
    times = integer("repeat_interleave", repeats, "repeats")
    if times < 0:
        raise RuntimeError("Repeats must be non-negative")
    if output_size is not None and output_size != size * times:
        raise RuntimeError(
            f"repeat_interleave: Invalid output_size, expected {size * times} but got {output_size}"
        )
    shape = list(input.array.shape)
    copies = clone(expand(unsqueeze(input, dim + 1), [*shape[: dim + 1], times, *shape[dim + 1 :]]))
    return view_of(contiguous(copies), [*shape[:dim], size * times, *shape[dim + 1 :]])


def indices_of_copies(counts: Array, output_size: int | None) -> Array:
    if counts.ndim != 1:
        raise RuntimeError("repeat_interleave only accept 1D vector as repeat")
    if counts.dtype.name not in ("int64", "int32"):
        raise NotImplementedError(
            f"\"repeat_interleave_cpu\" not implemented for '{type_name(counts.dtype)}'. Convert "
            "the repeats with .long()."
        )
    if (counts < 0).any():
        raise RuntimeError("repeats can not be negative")
    total = int(counts.sum())
    if output_size is not None and output_size != total:
        raise RuntimeError(f"allocated size does not match required size: it is {total}")
    return np.repeat(np.arange(counts.size), counts)


def flip(input: Any, *sizes: Any, dims: Any = None) -> Any:
    """The elements in reverse order along some dimensions, a copy.

    Derivative: the cotangent in reverse order. Raises RuntimeError if a dimension comes twice.
    """
    need_tensor("flip", input)
    if not sizes and dims is None:
        raise TypeError('flip() missing 1 required positional arguments: "dims"')
    given = a_shape("flip", sizes if dims is None else (dims,))
    chosen = [one_dim(d, input.array.ndim, "flip") for d in given]
    for d in chosen:
        if chosen.count(d) > 1:
            raise RuntimeError(f"dim {d} appears multiple times in the list of dims")
    return _flip(input, tuple(chosen) if input.array.ndim else ())


def fliplr(input: Any) -> Any:
    """Dimension 1 in reverse order, see `flip`. RuntimeError for less than two dimensions."""
    need_tensor("fliplr", input)
    if input.array.ndim < 2:
        raise RuntimeError("Input must be >= 2-d.")
    return _flip(input, (1,))


def flipud(input: Any) -> Any:
    """Dimension 0 in reverse order, see `flip`. RuntimeError for a 0-d tensor."""
    need_tensor("flipud", input)
    if input.array.ndim < 1:
        raise RuntimeError("Input must be >= 1-d.")
    return _flip(input, (0,))


def roll(input: Any, shifts: Any, dims: Any = None) -> Any:
    """The elements moved along some dimensions, those that leave at the end coming in again.

    Without ``dims``, of the flattened tensor. Derivative: the cotangent moved back. Raises
    RuntimeError unless there are as many shifts as dimensions.
    """
    need_tensor("roll", input)
    moves = a_shape("roll", (shifts if isinstance(shifts, list | tuple) else (shifts,),))
    given = () if dims is None else dims if isinstance(dims, list | tuple) else (dims,)
    if not moves:
        raise RuntimeError("`shifts` required")
    if not given and len(moves) == 1:
        return _roll(input, moves, None)
    if len(moves) != len(given):
        raise RuntimeError(
            f"shifts and dimensions must align. shifts: {len(moves)}, dims:{len(given)}"
        )
    if not input.array.ndim:
        raise IndexError(f"Dimension specified as {given[0]} but tensor has no dimensions")
    return _roll(input, moves, tuple([one_dim(d, input.array.ndim, "roll") for d in given]))


@typed("input")
def rot90(input: Any, k: int = 1, dims: Any = (0, 1)) -> Any:
    """``k`` quarter turns in the plane of two dimensions, from the first towards the second.

    Derivative: the cotangent turned back. Raises RuntimeError unless the two are different.
    """
    need_tensor("rot90", input)
    ndim = input.array.ndim
    given = a_shape("rot90", (dims,))
    if len(given) != 2:
        raise RuntimeError(f"expected total rotation dims == 2, but got dims = {len(given)}")
    if ndim < 2:
        raise RuntimeError(f"expected total dims >= 2, but got total dims = {ndim}")
    first, second = [one_dim(d, ndim, "rot90") for d in given]
    if first == second:
        raise RuntimeError(
            "expected rotation dims to be different, but got dim0 = "
            f"{given[0]} and dim1 = {given[1]}"
        )
    return _rot90(input, integer("rot90", k, "k") % 4, (first, second))
