"""Elements chosen by a mask: read, filled or replaced; and where elements are not 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.primitive import Operator
from minigrad.autograd.value import Array, Value, wrap
from minigrad.autograd.wide import wide_primitive
from minigrad.errors import broadcast_shapes, c_name, type_name
from minigrad.ops.arguments import integer, need_tensor, number, typed
from minigrad.ops.shape import unsqueeze
from minigrad.ops.splitting import unbind
from minigrad.promotion import stored

__all__ = [
    "argwhere",
    "masked_fill",
    "masked_scatter",
    "masked_select",
    "nonzero",
    "nonzero_static",
]

Shape = tuple[int, ...]


def _choose(x: Array, mask: Array) -> Any:
    shape = np.broadcast_shapes(x.shape, mask.shape)
    return np.broadcast_to(x, shape)[np.broadcast_to(mask, shape)]


def _put_chosen(part: Array, mask: Array, shape: Shape) -> Array:
    shape = np.broadcast_shapes(shape, mask.shape)
    out = np.zeros(shape, part.dtype)
    out[np.broadcast_to(mask, shape)] = part
    return out


_masked_select = wide_primitive(
    "MaskedSelectBackward0",
    _choose,
    mask=None,
    x=lambda g, x, mask: put_chosen(g, mask, x.shape),
)
put_chosen: Operator = wide_primitive(
    "MaskedScatterBackward0",
    _put_chosen,
    mask=None,
    part=lambda g, mask: _masked_select(g, mask),
)

_masked_fill_number = wide_primitive(
    "MaskedFillBackward0",
    lambda x, mask, value: np.asarray(np.where(mask, x.dtype.type(value), x), order="C"),
    mask=None,
    x=lambda g, mask: np.where(mask, 0.0, g),
)
_masked_fill = wide_primitive(
    "MaskedFillBackward1",
    lambda x, mask, value: np.asarray(np.where(mask, value.astype(x.dtype), x), order="C"),
    mask=None,
    x=lambda g, mask: np.where(mask, 0.0, g),
    value=lambda g, mask: np.where(mask, g, 0.0),
)


def _replace_chosen(x: Array, mask: Array, source: Array) -> Array:
    shape = np.broadcast_shapes(x.shape, mask.shape)
    out = np.array(np.broadcast_to(x, shape), order="C")
    chosen = np.broadcast_to(mask, shape)
    out[chosen] = source.reshape(-1)[: np.count_nonzero(chosen)]
    return out


def _lengthened(part: Array, shape: Shape) -> Array:
    out = np.zeros(shape, part.dtype)
    out.reshape(-1)[: part.size] = part
    return out


_masked_scatter = wide_primitive(
    "MaskedScatterBackward0",
    _replace_chosen,
    mask=None,
    x=lambda g, mask: np.where(mask, 0.0, g),
    source=lambda g, mask, source_shape: lengthened(_masked_select(g, mask), source_shape),
)
lengthened: Operator = wide_primitive(
    "MaskedScatterBackwardBackward0",
    _lengthened,
    part=lambda g, part_shape: g.reshape(-1)[: part_shape[0]],
)


def masked_select(input: Any, mask: Any) -> Any:
    """The elements where a mask is True, in one dimension; both broadcast.

    Derivative: the cotangents at their places, 0 elsewhere. Raises RuntimeError for a mask that
    is not of bools.
    """
    need_tensor("masked_select", input)
    need_tensor("masked_select", mask, "mask", 2)
    if mask.array.dtype.kind != "b":
        raise RuntimeError("masked_select: expected BoolTensor for mask")
    broadcast_shapes(mask.array.shape, input.array.shape)
    return _masked_select(input, mask)


def masked_fill(input: Any, mask: Any, value: Any) -> Any:
    """A number, or a 0-d tensor, where a mask is True, ``input`` elsewhere; both broadcast.

    Derivatives: the cotangent, 0 where the mask is True; for the value the sum of the cotangent
    there. Raises RuntimeError for a mask that is not of bools, or a value that the dtype cannot
    hold.
    """
    need_tensor("masked_fill", input)
    need_tensor("masked_fill", mask, "mask", 2)
    if mask.array.dtype.kind != "b":
        raise RuntimeError(
            "masked_fill_ only supports boolean masks, but got mask with dtype "
            f"{c_name(mask.array.dtype)}"
        )
    broadcast_shapes(mask.array.shape, input.array.shape)
    dtype = input.array.dtype
    if not isinstance(value, Value):
        if isinstance(value, complex):
            raise RuntimeError(
                f"value cannot be converted to type {c_name(dtype)} without overflow"
            )
        value = number("masked_fill", value, "value", 3)
        return _masked_fill_number(input, mask, stored(value, dtype))
    if value.array.ndim:
        raise RuntimeError(
            "masked_fill_ only supports a 0-dimensional value tensor, but got tensor with "
            f"{value.array.ndim} dimension(s)."
        )
    stored(value.array.item(), dtype)
    return _masked_fill(input, mask, value)


def masked_scatter(input: Any, mask: Any, source: Any) -> Any:
    """The elements of ``source`` in order where a mask is True, ``input`` elsewhere.

    ``input`` and ``mask`` broadcast; ``source`` has at least as many elements as are replaced.
    Derivatives: the cotangent, 0 where the mask is True; and the cotangents there in order. Raises
    RuntimeError for dtypes or sizes that do not fit.
    """
    need_tensor("masked_scatter", input)
    need_tensor("masked_scatter", mask, "mask", 2)
    need_tensor("masked_scatter", source, "source", 3)
    if input.array.dtype != source.array.dtype:
        raise RuntimeError(
            "masked_scatter: expected self and source to have same dtypes but got"
            f"{type_name(input.array.dtype)} and {type_name(source.array.dtype)}"
        )
    if mask.array.dtype.kind != "b":
        raise RuntimeError(
            "masked_scatter_ only supports boolean masks, but got mask with dtype "
            f"{type_name(mask.array.dtype)}"
        )
    shape = broadcast_shapes(input.array.shape, mask.array.shape)
    if np.count_nonzero(np.broadcast_to(mask.array, shape)) > source.array.size:
        raise RuntimeError("Number of elements of source < number of ones in mask")
    return _masked_scatter(input, mask, source)


@typed("input")
def nonzero(input: Any, *, as_tuple: bool = False) -> Any:
    """The indices of the elements that are not 0, int64: a row each, or a vector a dimension.

    Not differentiable. With ``as_tuple`` it is what ``input[...]`` takes.
    """
    need_tensor("nonzero", input)
    array = input.array
    if as_tuple:
        return unbind(nonzero(input if array.ndim else unsqueeze(input, 0)), 1)
    if not array.ndim:
        return wrap(np.zeros((int(array != 0), 0), np.int64))
    return wrap(np.array(np.nonzero(array), np.int64).reshape(array.ndim, -1).T)


@typed("input")
def nonzero_static(input: Any, *, size: int, fill_value: int = -1) -> Any:
    """The first ``size`` rows of `nonzero`, with rows of ``fill_value`` where it has fewer.

    Raises RuntimeError for a negative size.
    """
    need_tensor("nonzero_static", input)
    size = integer("nonzero_static", size, "size")
    if size < 0:
        raise RuntimeError("nonzero_static: 'size' must be an non-negative integer")
    found = nonzero(input).array[:size]
    out = np.full((size, input.array.ndim), fill_value, np.int64)
    out[: len(found)] = found
    return wrap(out)


def is_nonzero(input: Any) -> bool:
    """Whether the only element is not 0. Raises RuntimeError if there are several, or none."""
    return bool(input)


def argwhere(input: Any) -> Any:
    """The indices of the elements that are not 0, a row each, int64. Not differentiable."""
    need_tensor("argwhere", input)
    return nonzero(input)
