"""Dimensions moved, added and made to match; all of these are views."""

from __future__ import annotations

from typing import Any

from minigrad.autograd.value import Value
from minigrad.errors import broadcast_shapes as common_shape
from minigrad.errors import warn_once
from minigrad.ops.arguments import integer, need_tensor, one_dim, typed
from minigrad.ops.shape import _alias, expand, permute, reshape, transpose, unsqueeze
from minigrad.size import Size

__all__ = [
    "adjoint",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "broadcast_shapes",
    "broadcast_tensors",
    "moveaxis",
    "movedim",
    "swapaxes",
    "swapdims",
]


def movedim(input: Any, source: Any, destination: Any) -> Any:
    """A view with some dimensions moved to other places; the others keep their order.

    Derivative: the cotangent with the dimensions moved back. Raises RuntimeError if a dimension
    comes twice, or if there are not as many sources as destinations.
    """
    need_tensor("movedim", input)
    ndim = input.array.ndim
    several = [isinstance(d, list | tuple) for d in (source, destination)]
    if several[0] != several[1]:
        raise TypeError(
            "movedim() received an invalid combination of arguments - got "
            f"({type(source).__name__}, {type(destination).__name__}), but expected one of:\n"
            " * (int source, int destination)\n"
            " * (tuple of ints source, tuple of ints destination)"
        )
    named = (("source", source), ("destination", destination))
    given = [
        [integer("movedim", d, name) for d in (dims if several[0] else [dims])]
        for name, dims in named
    ]
    if len(given[0]) != len(given[1]):
        raise RuntimeError(
            "movedim: Invalid source or destination dims: source "
            f"({given[0]} dims) should contain the same number of dims as destination "
            f"({given[1]} dims)"
        )
    froms, tos = [[one_dim(d, ndim, "movedim") for d in dims] for dims in given]
    for name, dims, shown in (("source", froms, given[0]), ("destination", tos, given[1])):
        if len(set(dims)) != len(dims):
            raise RuntimeError(f"movedim: repeated dim in `{name}` ({shown})")
    if not ndim:
        return _alias(input)
    order: list[int | None] = [None] * ndim
    for d, place in zip(froms, tos, strict=True):
        order[place] = d
    others = iter([d for d in range(ndim) if d not in froms])
    return permute(input, [next(others) if d is None else d for d in order])


moveaxis = movedim


@typed("input")
def swapaxes(input: Any, axis0: int, axis1: int) -> Any:
    """`transpose` by numpy's name."""
    return transpose(input, axis0, axis1)


@typed("input")
def swapdims(input: Any, dim0: int, dim1: int) -> Any:
    """`transpose` by another name."""
    return transpose(input, dim0, dim1)


def reversed_dims(input: Any) -> Any:
    """The dimensions in reverse order; a view. Derivative: the same of the cotangent."""
    ndim = input.array.ndim
    if ndim == 0:
        warn_of_no_dims("T")
    elif ndim != 2:
        warn_once(
            "The use of `x.T` on tensors of dimension other than 2 to reverse their shape is "
            "deprecated and it will throw an error in a future release. Write x.mT for matrices, "
            "or x.permute() with the dimensions."
        )
    return permute(input, tuple(reversed(range(ndim))))


def warn_of_no_dims(name: str) -> None:
    warn_once(f"Tensor.{name} is deprecated on 0-D tensors. It is the tensor itself.")


def _last_two(name: str, input: Any) -> Any:
    ndim = input.array.ndim
    if ndim == 1:
        raise RuntimeError(
            f"tensor.{name} is only supported on matrices or batches of matrices. Got 1-D tensor."
        )
    if ndim == 0:
        warn_of_no_dims(name)
        return input
    return transpose(input, -2, -1)


def matrix_transpose(input: Any) -> Any:
    """The last two dimensions exchanged; a view. RuntimeError for a vector."""
    return _last_two("mT", input)


def conjugate_transpose(input: Any) -> Any:
    """A matrix transposed; a view. There are no complex numbers to conjugate."""
    if input.array.ndim not in (0, 2):
        raise RuntimeError(
            "tensor.H is only supported on matrices (2-D tensors). Got "
            f"{input.array.ndim}-D tensor. For batches of matrices, consider using tensor.mH"
        )
    return _last_two("H", input)


def batched_conjugate_transpose(input: Any) -> Any:
    """The last two dimensions exchanged; a view. There are no complex numbers to conjugate."""
    return _last_two("mH", input)


def adjoint(input: Any) -> Any:
    """The last two dimensions exchanged; a view. RuntimeError for a vector."""
    need_tensor("adjoint", input)
    return _last_two("adjoint()", input)


def _atleast(name: str, grow: Any, text: str) -> Any:
    def apply(*tensors: Any) -> Any:
        if len(tensors) == 1 and isinstance(tensors[0], Value):
            return grow(tensors[0])
        if len(tensors) == 1 and isinstance(tensors[0], list | tuple):
            (tensors,) = tensors
        for i, x in enumerate(tensors):
            if not isinstance(x, Value):
                raise TypeError(
                    f"expected Tensor as element {i} in argument 0, but got {type(x).__name__}"
                )
        return tuple([grow(x) for x in tensors])

    apply.__name__ = name
    apply.__doc__ = f"{text}\n\n    Of several tensors, or a list of them, a tuple."
    return apply


def _grow_2(x: Any) -> Any:
    if x.array.ndim == 0:
        return reshape(x, (1, 1))
    return unsqueeze(x, 0) if x.array.ndim == 1 else x


def _grow_3(x: Any) -> Any:
    if x.array.ndim == 0:
        return reshape(x, (1, 1, 1))
    if x.array.ndim == 1:
        return unsqueeze(unsqueeze(x, 0), -1)
    return unsqueeze(x, -1) if x.array.ndim == 2 else x


atleast_1d = _atleast(
    "atleast_1d",
    lambda x: x if x.array.ndim else reshape(x, (1,)),
    "A number as a vector of one element; all else as it is.",
)
atleast_2d = _atleast(
    "atleast_2d", _grow_2, "A number or vector as a matrix of one row; all else as it is."
)
atleast_3d = _atleast(
    "atleast_3d",
    _grow_3,
    "A vector of n elements as shape (1, n, 1), a matrix as (n, m, 1); all else as it is.",
)


def broadcast_tensors(*tensors: Any) -> Any:
    """Views of the tensors in the shape that they broadcast to; see `expand`.

    Raises RuntimeError if their shapes do not fit.
    """
    if len(tensors) == 1 and isinstance(tensors[0], list | tuple):
        (tensors,) = tensors
    for i, x in enumerate(tensors):
        need_tensor("broadcast_tensors", x, "tensors", i + 1)
    shapes = [x.array.shape for x in tensors]
    shape = common_shape(*shapes) if shapes else ()
    return tuple([x if x.array.shape == shape else expand(x, shape) for x in tensors])


def broadcast_shapes(*shapes: Any) -> Size:
    """The shape that tensors of these shapes broadcast to. RuntimeError if they do not fit."""
    result: list[int] = []
    for number, given in enumerate(shapes):
        sizes = given if isinstance(given, list | tuple) else (given,)
        shape = [integer("broadcast_shapes", n, "shapes") for n in sizes]
        result = [1] * (len(shape) - len(result)) + result
        for i in range(-1, -1 - len(shape), -1):
            if shape[i] < 0:
                raise ValueError("Attempting to broadcast a dimension with negative length!")
            if shape[i] in (1, result[i]):
                continue
            if result[i] != 1:
                raise RuntimeError(
                    f"Attempting to broadcast a dimension of length {shape[i]} at {i}! Mismatching "
                    f"argument at index {number} had {tuple(shape)}; but expected shape should be "
                    f"broadcastable to {result}"
                )
            result[i] = shape[i]
    return Size(result)
