"""Tensors from data, from a fill value, and from a range."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.autograd.value import Array, Value, wrap
from minigrad.ops.arguments import a_shape
from minigrad.tensor import Tensor


def tensor(
    data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """A leaf with a copy of ``data``: numbers, nested lists, an array or a tensor.

    Floats take the default dtype, ints int64, bools bool, arrays keep theirs. Raises ValueError
    for ragged lists, TypeError for other data, RuntimeError for integers that require grad.
    """
    return leaf(to_array(data, dtype, copy=True), requires_grad)


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """As `tensor`, but an array or a tensor that has the dtype already is not copied."""
    if isinstance(data, Tensor):
        return data if dtype is None else data.to(dtype)
    return leaf(to_array(data, dtype, copy=False), False)


def from_numpy(array: Array) -> Tensor:
    """A tensor that shares the array's memory: a write to either is seen by both."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(array).__name__})")
    check_array(array)
    return leaf(array, False)


def leaf(array: Array, requires_grad: bool) -> Tensor:
    made: Tensor = wrap(array)
    if requires_grad:
        if made.array.dtype.kind != "f":
            raise RuntimeError(
                "Only Tensors of floating point and complex dtype can require gradients; this one "
                f"is {made.dtype}: pass dtype=minigrad.float32"
            )
        made.requires_grad_()
    return made


def check_array(array: Array) -> None:
    """Refuse arrays that a tensor cannot wrap."""
    dtypes.of_numpy(array.dtype)
    if not array.dtype.isnative:
        raise ValueError(
            "given numpy array has byte order different from the native byte order. Conversion "
            "between byte orders is currently not supported."
        )
    if any(s < 0 for s in array.strides):
        raise ValueError(
            "At least one stride in the given numpy array is negative, and tensors with negative "
            "strides are not currently supported. (You can probably work around this by making a "
            "copy of your array  with array.copy().)"
        )
    if any(s % array.itemsize for s in array.strides):
        raise ValueError(
            "given numpy array strides not a multiple of the element byte size. Copy array to "
            "reallocate the memory."
        )


def to_array(data: Any, dtype: Any, copy: bool) -> Array:
    """An array with ``data`` in the dtype torch would give it."""
    wanted = None if dtype is None else np.dtype(dtype)
    if isinstance(data, Value):
        return data.array.astype(wanted or data.array.dtype, copy=copy)
    if isinstance(data, np.ndarray):
        if not copy:
            check_array(data)
        dtypes.of_numpy(data.dtype)
        kept = data.dtype.newbyteorder("=")
        return np.array(
            data,
            dtype=wanted or kept,
            copy=True if copy else None,
            order="C" if copy else "K",
        )
    if isinstance(data, np.generic):
        dtypes.of_numpy(data.dtype)
        return np.array(data, dtype=wanted)
    if isinstance(data, list | tuple):
        check_nested(data)
        data = plain_lists(data)
    elif not isinstance(data, bool | int | float):
        raise RuntimeError(f"Could not infer dtype of {type(data).__name__}")
    array = np.array(data)
    if array.dtype.kind == "f" or array.size == 0:
        return array.astype(wanted or dtypes.get_default_dtype().dtype)
    if array.dtype.kind not in "biu":
        raise TypeError(
            "new(): invalid data type 'str'"
            if array.dtype.kind in "US"
            else f"can't make a tensor of {array.dtype}"
        )
    return array.astype(wanted) if wanted is not None else array


def check_nested(data: Any, depth: int = 0) -> None:
    """Raise ValueError for lists whose parts have different lengths."""
    lengths = [len(part) if isinstance(part, list | tuple) else None for part in data]
    for i, n in enumerate(lengths):
        if n != lengths[0]:
            if n is None or lengths[0] is None:
                raise TypeError(f"not a sequence at dim {depth + 1}: element {i} of {data!r}")
            raise ValueError(
                f"expected sequence of length {lengths[0]} at dim {depth + 1} (got {n})"
            )
    for part in data:
        if isinstance(part, list | tuple):
            check_nested(part, depth + 1)


def plain_lists(data: Any) -> Any:
    """The nested lists with every tensor in them replaced by its numbers."""
    if isinstance(data, list | tuple):
        return [plain_lists(part) for part in data]
    return data.tolist() if isinstance(data, Value) else data


def filled(
    shape: tuple[Any, ...], value: Any, function: str, dtype: Any, requires_grad: bool
) -> Tensor:
    wanted = dtypes.get_default_dtype().dtype if dtype is None else np.dtype(dtype)
    return leaf(np.full(a_shape(function, shape), value, wanted), requires_grad)


def zeros(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor of zeros; sizes one by one or as a sequence."""
    return filled(size, 0, "zeros", dtype, requires_grad)


def ones(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor of ones; sizes one by one or as a sequence."""
    return filled(size, 1, "ones", dtype, requires_grad)


def empty(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor whose elements are yet to be written; here they are zeros."""
    return filled(size, 0, "empty", dtype, requires_grad)


def full(
    size: Any,
    fill_value: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor filled with one number, whose type gives the dtype."""
    if isinstance(fill_value, Value):
        fill_value = fill_value.array.item()
    if dtype is None and not isinstance(fill_value, float):
        dtype = dtypes.bool if isinstance(fill_value, bool) else dtypes.int64
    return filled((size,), fill_value, "full", dtype, requires_grad)


def zeros_like(input: Tensor, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Zeros in the shape and, unless given, the dtype of ``input``."""
    return leaf(np.zeros_like(input.array, dtype=dtype and np.dtype(dtype)), requires_grad)


def ones_like(input: Tensor, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Ones in the shape and, unless given, the dtype of ``input``."""
    return leaf(np.ones_like(input.array, dtype=dtype and np.dtype(dtype)), requires_grad)


def full_like(
    input: Tensor, fill_value: Any, *, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """One number in the shape and, unless given, the dtype of ``input``."""
    return leaf(
        np.full_like(input.array, fill_value, dtype=dtype and np.dtype(dtype)),
        requires_grad,
    )


def eye(n: int, m: int | None = None, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """The identity matrix, n by m."""
    wanted = dtypes.get_default_dtype().dtype if dtype is None else np.dtype(dtype)
    return leaf(np.eye(n, m, dtype=wanted), requires_grad)


def arange(
    start: Any,
    end: Any = None,
    step: Any = 1,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Numbers from ``start`` up to but not including ``end``; int64 if all three are integers."""
    if end is None:
        start, end = 0, start
    start, end, step = [x.item() if isinstance(x, Value) else x for x in (start, end, step)]
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    if dtype is None and any(isinstance(x, float) for x in (start, end, step)):
        dtype = dtypes.get_default_dtype()
    wanted = np.dtype(dtypes.int64 if dtype is None else dtype)
    count = int(np.ceil((end - start) / step))
    return leaf((start + step * np.arange(count)).astype(wanted), requires_grad)


def linspace(
    start: float,
    end: float,
    steps: int,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """``steps`` numbers from ``start`` to ``end``, both included.

    The second half is counted from the end, as torch does, so that the ends are exact.
    """
    wanted = dtypes.get_default_dtype().dtype if dtype is None else np.dtype(dtype)
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    if steps == 1:
        return leaf(np.array([start], wanted), requires_grad)
    kind = wanted.type
    step = kind((kind(end) - kind(start)) / kind(max(steps - 1, 1)))
    i = np.arange(steps)
    up = kind(start) + step * i.astype(wanted)
    down = kind(end) - step * (steps - 1 - i).astype(wanted)
    return leaf(np.where(i < steps // 2, up, down).astype(wanted), requires_grad)
