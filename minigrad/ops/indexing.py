"""Indexing: ``x[...]``, a chain of views for integers and slices, a copy for tensors and masks."""

from __future__ import annotations

import operator
import re
from typing import Any

import numpy as np

from minigrad.autograd.inplace import broadcast_output_error, dense, in_place
from minigrad.autograd.primitive import Operator, primitive
from minigrad.autograd.value import Array, Value, mode, wrap
from minigrad.autograd.views import view
from minigrad.autograd.wide import wide_primitive
from minigrad.errors import broadcast_shapes, type_name
from minigrad.ops.elementwise import clone
from minigrad.ops.shape import _alias, _unsqueeze, expand
from minigrad.promotion import plain

WHOLE = slice(None)


def _put(part: Array, key: Any, shape: tuple[int, ...]) -> Array:
    out = np.zeros(shape, part.dtype)
    out[key] = part
    return out


# A region out of a tensor, and into zeros. A key has one entry that is not a whole dimension.
_select = view(
    "SelectBackward0",
    lambda x, key: x[key],
    x=lambda g, key, x_shape: put_region(g, key, x_shape),
)
_slice = view(
    "SliceBackward0",
    lambda x, key: x[key],
    x=lambda g, key, x_shape: put_region(g, key, x_shape),
)
put_region: Operator = primitive("SliceScatterBackward0", _put, part=lambda g, key: g[key])


def _add_at(part: Array, shape: tuple[int, ...], *index: Any) -> Array:
    out = np.zeros(shape, part.dtype)
    np.add.at(out, index, part)  # an element that was taken twice gets both cotangents
    return out


def _clear_at(x: Array, *index: Any) -> Array:
    out = x.copy()
    out[index] = 0
    return out


def _put_at(x: Array, value: Array, accumulate: bool, *index: Any) -> Array:
    out = x.copy()
    if accumulate:
        np.add.at(out, index, value)
    else:
        out[index] = value
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
index_put = wide_primitive(
    "IndexPutBackward0",
    _put_at,
    x=lambda g, accumulate, *index: g if accumulate else clear_at(g, *index),
    value=lambda g, accumulate, *index: _index(g, *index),
)

_copy = primitive(
    "CopyBackwards",
    lambda x, source: np.broadcast_to(source, x.shape).astype(x.dtype),
    x=lambda g: np.zeros_like(g),
    source=lambda g: g,
)
_fill = primitive(
    "FillBackward3",
    lambda x, value: np.full_like(x, value),
    x=lambda g: np.zeros_like(g),
    value=lambda g: g,
)
_fill_number = primitive(
    "FillBackward2", lambda x, number: np.full_like(x, number), x=lambda g: np.zeros_like(g)
)
_zero = primitive("ZeroBackward0", np.zeros_like, x=lambda g: np.zeros_like(g))


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


def set_item(x: Any, key: Any, value: Any) -> None:
    """``x[key] = value``: in place. The overwritten elements get gradient 0, ``value`` theirs."""
    if key is False:
        return  # names no element
    part, index = parse(x, key, to_write=True)
    if not isinstance(value, Value):
        number = plain(value)
        if number is NotImplemented or isinstance(number, np.ndarray):
            name = "numpy.ndarray" if isinstance(value, np.ndarray) else type(value).__name__
            raise TypeError(
                f"can't assign a {name} to a minigrad.{type_name(x.array.dtype)}Tensor. Make it a "
                "tensor with minigrad.tensor()."
            )
        value = wrap(np.asarray(number, x.array.dtype))
    elif index is not None and value.array.dtype != x.array.dtype and not one_mask(value, index):
        raise RuntimeError(
            "Index put requires the source and destination dtypes match, got "
            f"{type_name(x.array.dtype)} for the destination and {type_name(value.array.dtype)} "
            "for the source. Convert the value with .to(x.dtype)."
        )
    if index is not None:
        value = apart(part, index, value)
    shape = part.array.shape if index is None else shape_at(part, index)
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
        sizes = zip(reversed(source), reversed(shape), strict=False)
        if len(source) > len(shape) or any(n not in (1, m) for n, m in sizes):
            raise RuntimeError(
                f"shape mismatch: value tensor of shape {list(source)} cannot be broadcast to "
                f"indexing result of shape {list(shape)}"
            )
        _put_item(part, value.to(x.array.dtype), False, *index)


_put_item = in_place(index_put)


def apart(part: Any, index: tuple[Any, ...], value: Any) -> Any:
    """``value``, or RuntimeError if it or an index lies in the memory that is to be written."""
    target = part.array
    if one_mask(value, index):
        return clone(value) if np.may_share_memory(value.array, target) else value
    for x in (value, *index):
        other = x.array if isinstance(x, Value) else None
        if other is None or (x is not value and other.dtype.kind == "b"):
            continue  # the places of a mask are worked out before
        shared = other.size and np.may_share_memory(other, target)
        if shared and (other is target or (dense(other) and dense(target))):
            raise RuntimeError(
                "unsupported operation: some elements of the input tensor and the written-to "
                "tensor refer to a single memory location. Please clone() the tensor before "
                "performing the operation."
            )
    return value


def shape_at(x: Any, index: tuple[Any, ...]) -> tuple[int, ...]:
    """The shape of what index tensors and masks name."""
    try:
        arrays = tuple([i.array if isinstance(i, Value) else i for i in index])
        return x.array[arrays].shape  # type: ignore[no-any-return]
    except IndexError as error:
        raise index_error(error, x, index) from None


def one_mask(value: Any, index: tuple[Any, ...]) -> bool:
    """Whether one element is written where one mask holds, for which torch has another way."""
    arrays = [i.array if isinstance(i, Value) else i for i in index if i is not WHOLE]
    return value.array.size == 1 and len(arrays) == 1 and arrays[0].dtype.kind == "b"


def copy_(self: Any, source: Any) -> Any:
    """Overwrite with the elements of ``source``, broadcast and cast; its gradient flows there."""
    if not isinstance(source, Value):
        if plain(source) is NotImplemented:
            name = type(source).__name__
            raise TypeError(f"copy_(): argument 'other' (position 1) must be Tensor, not {name}")
        source = wrap(np.asarray(source))
    shape = broadcast_shapes(self.array.shape, source.array.shape)
    if shape != self.array.shape:
        raise broadcast_output_error(self.array.shape, shape)
    return (_copy_itself if source is self else _copy_in_place)(self, source)


_copy_in_place = in_place(_copy)
_copy_itself = in_place(_copy, expanded=True)
_zero_in_place = in_place(_zero, expanded=True)


def zero_(self: Any) -> Any:
    """Overwrite every element with 0. Derivative: 0."""
    array = self.array
    plain = array.flags.c_contiguous and type(self.version) is list
    if (mode.grad and self.edge is not None) or not plain:
        return _zero_in_place(self)
    array.fill(0)
    self.version[0] += 1
    return self


_fill_in_place = in_place(_fill)
_fill_number_in_place = in_place(_fill_number, expanded=True)


def fill_(self: Any, value: Any) -> Any:
    """Overwrite every element with a number or a 0-d tensor. Derivative: 0 for the old elements."""
    if not isinstance(value, Value):
        if plain(value) is NotImplemented:
            raise TypeError(f"fill_(): argument 'value' must be Number, not {type(value).__name__}")
        return _fill_number_in_place(self, value)
    if value.array.ndim:
        raise RuntimeError(
            "fill_ only supports 0-dimension value tensor but got tensor with "
            f"{value.array.ndim} dimensions."
        )
    if np.may_share_memory(value.array, self.array):
        value = clone(value)
    return _fill_in_place(self, value)


def parse(x: Any, key: Any, to_write: bool = False) -> tuple[Any, tuple[Any, ...] | None]:
    """Take the views that ``key`` asks for; what is left are index tensors, or None.

    A slice of the whole dimension makes no view, unless it is the key and is read; and what is
    written as a whole is ``x`` itself.
    """
    always = isinstance(key, slice) and not to_write
    items = list(key) if isinstance(key, tuple) else [key]
    used = sum(dims_of(item) for item in items)
    ndim = x.array.ndim
    if used > ndim:
        if ndim == 0 and is_integer(key) and not isinstance(key, Value):
            raise IndexError(
                "invalid index of a 0-dim tensor. Use `tensor.item()` to convert a 0-dim tensor to "
                "a number."
            )
        if ndim == 0 and isinstance(key, slice):
            raise IndexError("slice() cannot be applied to a 0-dim tensor.")
        raise IndexError(f"too many indices for tensor of dimension {ndim}")
    if not any(item is Ellipsis for item in items):
        items.append(Ellipsis)
    dim, rest, index = 0, ndim - used, []
    whole = True  # nothing has been taken yet
    for place, item in enumerate(items):
        if item is Ellipsis:
            dim += rest
            index += [WHOLE] * rest
            rest = 0
        elif item is None:
            x, whole = _unsqueeze(x, dim), False
            index.append(WHOLE)
            dim += 1
        elif isinstance(item, slice):
            size = x.array.shape[dim]
            start, stop, step = bounds(item, size)
            if always or item.start not in (None, 0) or (stop, step) != (size, 1):
                key = (WHOLE,) * dim + (slice(start, stop, step),)
                x, whole = _slice(x, key), False
            index.append(WHOLE)
            dim += 1
        elif is_integer(item):
            i, size = operator.index(item), x.array.shape[dim]
            if not -size <= i < size:
                raise IndexError(
                    f"index {i} is out of bounds for dimension {place} with size {size}"
                )
            # With the dots numpy makes a view also of a single element, and not a scalar.
            x, whole = _select(x, (WHOLE,) * dim + (i % size, ...)), False
        else:
            if is_bool(item):
                x, whole = _unsqueeze(x, dim), False
                item = np.asarray([bool(item)])
            elif not isinstance(item, Value):
                if not isinstance(item, list | tuple | np.ndarray):
                    raise IndexError(
                        "only integers, slices (`:`), ellipsis (`...`), None and long or byte "
                        f"Variables are valid indices (got {type(item).__name__})"
                    )
                item = np.asarray(item)
                if item.size == 0 and item.dtype.kind == "f":
                    item = item.astype(np.int64)
            check_index(item, x, dim)
            index.append(item)
            dim += dims_of(item)
    while index and index[-1] is WHOLE:
        index.pop()
    if all(entry is WHOLE for entry in index):
        return (_alias(x) if whole and not to_write else x), None
    return x, tuple(index)


def dims_of(item: Any) -> int:
    """How many dimensions of the tensor an index entry uses."""
    if item is None or item is Ellipsis or is_bool(item):
        return 0
    array = item.array if isinstance(item, Value) else item
    if isinstance(array, list | tuple):
        array = np.asarray(array)
    if isinstance(array, np.ndarray) and array.dtype.kind == "b":
        return array.ndim
    return 1


def is_bool(item: Any) -> bool:
    """Whether an index entry is one truth value, which takes all of a new dimension or none."""
    if isinstance(item, Value):
        return item.array.ndim == 0 and item.array.dtype.kind == "b"
    return isinstance(item, bool | np.bool_)


def is_integer(item: Any) -> bool:
    """Whether an index entry selects, so that its dimension goes away."""
    if isinstance(item, Value):
        return item.array.ndim == 0 and item.array.dtype.kind in "iu"
    return isinstance(item, int | np.integer) and not isinstance(item, bool)


def bounds(item: slice, size: int) -> tuple[int, int, int]:
    """Start, stop and step of a slice, as torch reads them: the step must be positive."""
    start, stop, step = item.indices(size)
    if step < 0:
        raise ValueError("step must be greater than zero. Use flip() to turn a tensor round.")
    return start, max(start, stop), step


def check_index(item: Any, x: Any, dim: int) -> None:
    """Raise IndexError for an index tensor of the wrong dtype or a mask of the wrong shape."""
    array = item.array if isinstance(item, Value) else item
    if array.dtype.kind == "b":
        for i, n in enumerate(array.shape):
            if x.array.shape[dim + i] != n:
                raise IndexError(
                    f"The shape of the mask {list(array.shape)} at index {i} does not match the "
                    f"shape of the indexed tensor {list(x.array.shape)} at index {dim + i}"
                )
    elif array.dtype.kind not in "iu":
        raise IndexError("tensors used as indices must be long, int, byte or bool tensors")


def index_error(error: IndexError, x: Any, index: tuple[Any, ...]) -> IndexError:
    """torch's words for an index out of range, or for index tensors that do not broadcast."""
    text = str(error)
    if "broadcast" in text:
        shapes = [list(i.shape) for i in index if i is not WHOLE]
        return IndexError(
            "shape mismatch: indexing tensors could not be broadcast together with shapes "
            + ", ".join(map(str, shapes))
        )
    # numpy counts the dimensions of the tensor, torch the index tensors.
    found = re.fullmatch(r"(.*) for axis (\d+) (with size \d+)", text)
    if found is None:
        return error
    place = sum(i is not WHOLE for i in index[: int(found[2])])
    return IndexError(f"{found[1]} for dimension {place} {found[3]}")
