"""What a key of ``x[key]`` asks for: a chain of views, and then perhaps tensors of indices."""

from __future__ import annotations

import operator
import re
import warnings
from typing import Any

import numpy as np

from minigrad.autograd.value import Value, wrap
from minigrad.ops.shape import _alias, _unsqueeze
from minigrad.ops.slicing import WHOLE, _select, _slice


def parse(x: Any, key: Any, to_write: bool = False) -> tuple[Any, tuple[Any, ...] | None]:
    """Take the views that ``key`` asks for; what is left are index tensors, or None.

    A slice of the whole dimension makes no view, unless it is the key and is read; and what is
    written as a whole is ``x`` itself.
    """
    always = isinstance(key, slice) and not to_write
    if isinstance(key, list) and len(key) < 32 and any(map(is_index, key)):
        warnings.warn(
            "Using a non-tuple sequence for multidimensional indexing is deprecated and will be "
            "changed in pytorch 2.9; use x[tuple(seq)] instead of x[seq]. A list of lists will be "
            "an index tensor.",
            stacklevel=3,
        )
        key = tuple(key)  # an old habit of numpy's that torch has kept
    items = list(map(as_mask, key if isinstance(key, tuple) else (key,)))
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
                if not isinstance(item, list | tuple | range | np.ndarray | str):
                    raise IndexError(
                        "only integers, slices (`:`), ellipsis (`...`), None and long or byte "
                        f"Variables are valid indices (got {type(item).__name__})"
                    )
                item = np.asarray(item)
                if item.dtype.kind == "O":
                    odd = type(item.reshape(-1)[0]).__name__
                    raise RuntimeError(
                        f"Could not infer dtype of {odd}. A list this long is an index tensor: "
                        "give a tuple of indices."
                    )
                if item.dtype.kind == "U":
                    raise TypeError("new(): invalid data type 'str'")
                if item.size == 0 and item.dtype.kind == "f":
                    item = item.astype(np.int64)
            check_index(item, x, dim)
            index.append(unchecked(item, x.array.shape, dim))
            dim += dims_of(item)
    while index and index[-1] is WHOLE:
        index.pop()
    if all(entry is WHOLE for entry in index):
        return (_alias(x) if whole and not to_write else x), None
    return x, tuple(index)


def unchecked(item: Any, shape: tuple[int, ...], dim: int) -> Any:
    """An index into a tensor without elements, which torch does not compare with the bounds."""
    array = item.array if isinstance(item, Value) else item
    if array.dtype.kind == "b" or shape[dim] == 0 or 0 not in shape:
        return item
    return np.zeros_like(array)


def is_index(item: Any) -> bool:
    """Whether an element of a list says that the list is a tuple of indices."""
    return item is None or isinstance(item, Value | slice | list | tuple | range | type(...))


def is_byte_mask(item: Any) -> bool:
    return isinstance(item, Value) and item.array.dtype == np.uint8


def as_mask(item: Any, level: int = 4) -> Any:
    """An index of uint8 is a mask in torch, for old times' sake; it warns so many calls up."""
    if is_byte_mask(item):
        if item.array.ndim:
            warnings.warn(
                "indexing with dtype minigrad.uint8 is now deprecated, please use a dtype "
                "minigrad.bool instead.",
                stacklevel=level,
            )
        return wrap(item.array != 0)
    return item


def dims_of(item: Any) -> int:
    """How many dimensions of the tensor an index entry uses."""
    if item is None or item is Ellipsis or is_bool(item):
        return 0
    array = item.array if isinstance(item, Value) else item
    if isinstance(array, list | tuple | range):
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
    elif array.dtype.name not in ("int64", "int32"):
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
