"""Indexing: ``x[...]``, a chain of views for integers and slices, a copy for tensors and masks."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import Any

import numpy as np

from minigrad.autograd.inplace import (
    check_write,
    dense,
    in_place,
    overlap_error,
    requires_grad,
)
from minigrad.autograd.primitive import Operator
from minigrad.autograd.value import Array, Value, mode, wrap
from minigrad.autograd.wide import wide_primitive
from minigrad.errors import type_name
from minigrad.ops.arguments import need_tensor
from minigrad.ops.elementwise import clone
from minigrad.ops.filling import copy_, fill_, filling
from minigrad.ops.gathering import add_at_places
from minigrad.ops.keys import (
    as_mask,
    check_index,
    dims_of,
    index_error,
    is_byte_mask,
    parse,
)
from minigrad.ops.shape import expand
from minigrad.ops.slicing import WHOLE
from minigrad.promotion import order_of, plain, stored

__all__ = ["index_put"]


def _put_at(x: Array, value: Array, accumulate: bool, *index: Any) -> Array:
    # Adding goes by the place in flat memory.
    out = np.array(x, order="C" if accumulate else order_of(x))
    if accumulate:
        add_into(out, value, index)
    else:
        out[index] = value
    return out


def add_into(out: Array, part: Array, index: tuple[Any, ...]) -> None:
    """Add at the places that an index names; one that comes twice gets both."""
    arrays = [i for i in index if isinstance(i, np.ndarray)]
    if len(index) == 1 and (arrays[0].dtype.kind == "b" or out.ndim == 1):
        np.add.at(out, index, part)  # which is fast here
        return
    if len(arrays) == len(index) and all(i.dtype.kind != "b" for i in arrays):
        rows: Any = 0
        for i, size in zip(arrays, out.shape, strict=False):
            rows = rows * size + np.where(i < 0, i + size, i)
        width = math.prod(out.shape[len(index) :])
        shape = (*rows.shape, *out.shape[len(index) :])
        places = rows.reshape(-1, 1) * width + np.arange(width)
    else:
        places = np.arange(out.size).reshape(out.shape)[index]
        shape = places.shape
    add_at_places(out, places, np.broadcast_to(part, shape))


def _add_at(part: Array, shape: tuple[int, ...], *index: Any) -> Array:
    out = np.zeros(shape, part.dtype)
    add_into(out, part, index)
    return out


def _clear_at(x: Array, *index: Any) -> Array:
    out = np.array(x, order="C")
    out[index] = 0
    return out


# Elements by index tensors and masks; an index is one of these or a whole dimension.
_index = wide_primitive(
    "IndexBackward0",
    lambda x, *index: np.asarray(x[index], order="C"),
    x=lambda g, x_shape, *index: add_at(g, x_shape, *index),
)
add_at: Operator = wide_primitive(
    "IndexPutBackward0", _add_at, part=lambda g, *index: _index(g, *index)
)
clear_at: Operator = wide_primitive(
    "IndexPutBackward0", _clear_at, x=lambda g, *index: clear_at(g, *index)
)
_index_put = wide_primitive(
    "IndexPutBackward0",
    _put_at,
    x=lambda g, accumulate, *index: g if accumulate else clear_at(g, *index),
    value=lambda g, accumulate, *index: _index(g, *index),
)


def get_item(x: Any, key: Any) -> Any:
    """``x[key]``: integers, slices, None and ``...`` give views; tensors and masks a copy.

    Derivative: the cotangent at the place that was read, zero elsewhere; an element that was read
    several times gets the sum.
    """
    part, index = parse(x, key)
    if index is None:
        return part
    try:
        return _index(part, *index)
    except IndexError as error:
        raise index_error(error, part, index) from None


def delete_item(x: Any, key: Any) -> None:
    """``del x[key]`` is refused: a tensor keeps its shape."""
    raise TypeError("Tensor does not support deleting items")


def set_item(x: Any, key: Any, value: Any) -> None:
    """``x[key] = value``: in place. The overwritten elements get gradient 0, ``value`` theirs."""
    given = isinstance(value, Value)
    if not given:
        number = plain(value)
        # Of numpy's numbers, torch takes the integers, and float64, which is a Python float.
        others = np.ndarray | np.floating | np.bool
        numpys = isinstance(value, others) and not isinstance(value, float)
        if number is NotImplemented or numpys:
            name = ("numpy." if numpys else "") + type(value).__name__
            raise TypeError(
                f"can't assign a {name} to a minigrad.{type_name(x.array.dtype)}Tensor. Make it a "
                "tensor with minigrad.tensor()."
            )
        value = wrap(np.asarray(filling(number, x.array.dtype), x.array.dtype))
    if key is False:
        return  # names no element
    part, index = parse(x, key, to_write=True)
    if index is not None:
        if mode.grad and (requires_grad(part) or requires_grad(value)):
            check_write(part)
        value = apart(part, index, value)
        masked = one_mask(value, index)
        if masked:
            need_bools(key)
        if given and value.array.dtype != x.array.dtype and not masked:
            raise destination_error(x, value)
    shape = part.array.shape if index is None else shape_at(part, index, value)
    source = value.array.shape
    while len(source) > len(shape) and source[0] == 1:
        value = value[0]
        source = source[1:]
    if index is None:
        if shape and not source:
            fill_(part, value)
        else:
            copy_(part, value if source == shape else expand(value, shape))
    else:
        check_values(source, shape)
        if value.array.dtype != x.array.dtype:  # of one element
            stored(value.array.item(), x.array.dtype)
        _put_item(part, value.to(x.array.dtype), False, *index)


_put_item = in_place(_index_put)


def index_put(input: Any, indices: Any, values: Any, accumulate: bool = False) -> Any:
    """A copy with ``out[indices] = values``, or ``+=`` with ``accumulate``.

    ``indices`` are tensors of integers or masks, or None for a whole dimension; ``values`` is a
    tensor that broadcasts to what they name. Derivatives: the cotangent, 0 at the places replaced;
    and the cotangent there. With ``accumulate`` a place that comes twice gets both.
    """
    need_tensor("index_put", input)
    if not isinstance(indices, list | tuple):
        raise TypeError(
            "index_put(): argument 'indices' (position 1) must be tuple of Tensors, "
            f"not {type(indices).__name__}"
        )
    need_tensor("index_put", values, "values", 3)
    if values.array.dtype != input.array.dtype:
        raise destination_error(input, values)
    index: list[Any] = []
    dim = 0
    for each in indices:
        item = as_mask(each, level=3)
        used = 1 if item is None else dims_of(item)
        if dim + used > input.array.ndim:
            raise IndexError(
                f"too many indices for tensor of dimension {input.array.ndim} (got {len(indices)})"
            )
        if item is not None:
            need_tensor("index_put", item, "indices", 2)
            check_index(item, input, dim)
        index.append(WHOLE if item is None else item)
        dim += used
    if all(item is WHOLE for item in index):
        raise RuntimeError("at least one index must be provided, None is none")
    if not accumulate and one_mask(values, tuple(index)):
        need_bools(indices)
    check_values(values.array.shape, shape_at(input, tuple(index), values))
    return _index_put(input, values, bool(accumulate), *index)


def destination_error(x: Any, value: Any) -> RuntimeError:
    return RuntimeError(
        "Index put requires the source and destination dtypes match, got "
        f"{type_name(x.array.dtype)} for the destination and {type_name(value.array.dtype)} "
        "for the source. Convert the value with .to(x.dtype)."
    )


def check_values(source: tuple[int, ...], shape: tuple[int, ...]) -> None:
    """Raise RuntimeError unless the values broadcast to what an index names."""
    sizes = zip(reversed(source), reversed(shape), strict=False)
    if len(source) > len(shape) or any(n not in (1, m) for n, m in sizes):
        raise RuntimeError(
            f"shape mismatch: value tensor of shape {list(source)} cannot be broadcast to "
            f"indexing result of shape {list(shape)}"
        )


def apart(part: Any, index: tuple[Any, ...], value: Any) -> Any:
    """``value``, or RuntimeError if it or an index lies in the memory that is to be written."""
    target = part.array
    if one_mask(value, index):
        return clone(value) if np.may_share_memory(value.array, target) else value
    for x in (value, *index):
        other = x.array if isinstance(x, Value) else None
        if other is None:
            continue
        shared = other.size and np.may_share_memory(other, target)
        if other is target or (shared and dense(other) and dense(target)):
            raise overlap_error()
    return value


def shape_at(x: Any, index: tuple[Any, ...], value: Any) -> tuple[int, ...]:
    """The shape of what index tensors and masks name, to which ``value`` is to be written."""
    arrays = tuple([i.array if isinstance(i, Value) else i for i in index])
    try:
        return x.array[arrays].shape  # type: ignore[no-any-return]
    except IndexError as error:
        with suppress(IndexError):  # that the value fits is checked before the bounds
            first = tuple([i * 0 if isinstance(i, np.ndarray) else i for i in arrays])
            shape = x.array[first].shape
            extra = max(value.array.ndim - len(shape), 0)
            check_values(value.array.shape[extra:], shape)
        raise index_error(error, x, index) from None


def one_mask(value: Any, index: tuple[Any, ...]) -> bool:
    """Whether one element is written where one mask holds, for which torch has another way."""
    arrays = [i.array if isinstance(i, Value) else i for i in index if i is not WHOLE]
    return value.array.size == 1 and len(arrays) == 1 and arrays[0].dtype.kind == "b"


def need_bools(key: Any) -> None:
    """Raise RuntimeError for a mask of uint8, which torch's other way does not know."""
    items = key if isinstance(key, tuple | list) else (key,)
    if any(is_byte_mask(item) and item.array.ndim for item in items):
        raise RuntimeError(
            "masked_fill_ only supports boolean masks, but got mask with dtype unsigned char. "
            "Convert it with .bool()."
        )
