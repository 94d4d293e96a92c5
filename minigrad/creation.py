"""Tensors from data, from a fill value, and from a range."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.autograd.value import Array, Value, wrap
from minigrad.ops.arguments import a_shape
from minigrad.promotion import promote_types
from minigrad.tensor import Tensor

__all__ = [
    "arange",
    "as_tensor",
    "empty",
    "eye",
    "from_numpy",
    "full",
    "full_like",
    "linspace",
    "ones",
    "ones_like",
    "tensor",
    "zeros",
    "zeros_like",
]


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
    if not array.dtype.isnative:
        raise ValueError(
            "given numpy array has byte order different from the native byte order. Conversion "
            "between byte orders is currently not supported."
        )
    dtypes.of_numpy(array.dtype)
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
        check_array(data)
        return np.array(data, dtype=wanted, copy=True if copy else None, order="K")
    if isinstance(data, str):
        raise TypeError("new(): invalid data type 'str'")
    sizes = sizes_of(data)
    numbers: list[Any] = []
    found: set[Any] = set()
    if 0 not in sizes:
        collect(data, sizes, 0, numbers, found)
    natural = reduce(promote_types, found) if found else dtypes.get_default_dtype().dtype
    if wanted is not None and wanted.kind == "f":
        natural = wanted  # also for integers beyond int64
    with np.errstate(all="ignore"):
        try:
            array = np.array(numbers, natural).reshape(sizes)
        except OverflowError:
            raise ValueError("Overflow when unpacking long long") from None
        if wanted is None or wanted == natural:
            return array
        check_fits(array, wanted, wanted.name)
        return array.astype(wanted)


SEQUENCES = (list, tuple, range)


def sizes_of(data: Any) -> list[int]:
    """The shape of nested sequences, by the first element of each."""
    sizes = []
    while isinstance(data, SEQUENCES):
        sizes.append(len(data))
        if not data:
            break
        data = data[0]
    return sizes + list(data.shape) if isinstance(data, np.ndarray) else sizes


def collect(data: Any, sizes: list[int], dim: int, numbers: list[Any], found: set[Any]) -> None:
    """Append all numbers in nested sequences to ``numbers``, and their dtypes to ``found``."""
    if isinstance(data, np.ndarray):
        found.add(dtypes.of_numpy(data.dtype).dtype)
        data = data.tolist()
        if isinstance(data, list):
            return collect(data, sizes, dim, numbers, set())
    if dim < len(sizes):
        if not isinstance(data, SEQUENCES):
            raise TypeError(f"not a sequence. At dim {dim + 1}, among lists, stands {data!r}.")
        if len(data) != sizes[dim]:
            raise ValueError(
                f"expected sequence of length {sizes[dim]} at dim {dim} (got {len(data)})"
            )
        for part in data:
            collect(part, sizes, dim + 1, numbers, found)
        return None
    if isinstance(data, SEQUENCES):
        raise TypeError(
            f"'{type(data).__name__}' object cannot be interpreted as an integer. At dim {dim}, "
            f"among numbers, stands {data!r}."
        )
    if isinstance(data, Value):
        if data.array.size != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        data = data.array.reshape(())[()]
    if isinstance(data, np.generic):
        found.add(dtypes.of_numpy(data.dtype).dtype)
    elif isinstance(data, bool | int | float):
        kinds = (bool, dtypes.BOOL), (int, dtypes.INT64), (float, dtypes.get_default_dtype().dtype)
        found.add(next(dtype for kind, dtype in kinds if isinstance(data, kind)))
    elif isinstance(data, str):
        raise ValueError(f"too many dimensions 'str'. A tensor holds numbers, not {data!r}.")
    else:
        raise RuntimeError(f"Could not infer dtype of {type(data).__name__}")
    numbers.append(data)
    return None


def check_fits(values: Array, dtype: Any, name: str) -> None:
    """Refuse numbers outside of an integer dtype; below 0 an unsigned one wraps around."""
    if dtype.kind not in "iu":
        return
    limits = np.iinfo(dtype)
    low = limits.min if dtype.kind == "i" else -limits.max
    if not np.all((values >= low) & (values <= limits.max)):
        raise RuntimeError(f"value cannot be converted to type {name} without overflow")


def filled(
    size: tuple[Any, ...], value: Any, function: str, dtype: Any, requires_grad: bool
) -> Tensor:
    if not size:
        raise TypeError(f'{function}() missing 1 required positional arguments: "size"')
    wanted = dtypes.get_default_dtype().dtype if dtype is None else np.dtype(dtype)
    shape = a_shape(function, size)
    for n in shape:
        if n < 0 and function == "zeros":
            raise RuntimeError("zeros: Dimension size must be non-negative.")
        if n < 0:
            raise RuntimeError(
                f"Trying to create tensor with negative dimension {n}: {list(shape)}"
            )
    return leaf(full_array(shape, value, wanted), requires_grad)


def full_array(shape: tuple[int, ...], value: Any, dtype: Any) -> Array:
    check_fits(np.asarray(value), dtype, "int" if dtype.name == "int32" else f"{dtype.name}_t")
    with np.errstate(all="ignore"):
        return np.full(shape, np.asarray(value).astype(dtype))


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
    if dtype is None and not isinstance(fill_value, float | np.bool_):
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
    wanted = input.array.dtype if dtype is None else np.dtype(dtype)
    made = np.empty_like(input.array, dtype=wanted)
    made[...] = full_array((), fill_value, wanted)
    return leaf(made, requires_grad)


def eye(n: int, m: int | None = None, *, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """The identity matrix, n by m (n by n without m), of the default dtype."""
    wanted = dtypes.get_default_dtype().dtype if dtype is None else np.dtype(dtype)
    for name, size in ("n", n), ("m", m):
        if size is not None and size < 0:
            raise RuntimeError(f"{name} must be greater or equal to 0, got {size}")
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
    """Numbers from ``start`` up to but not including ``end``; int64 if all three are integers.

    Raises RuntimeError if ``step`` is 0 or leads away from ``end``.
    """
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
    if wanted == dtypes.INT64:
        start, end, step = int(start), int(end), int(step)
        if step == 0:
            raise ValueError("step must be nonzero. A fraction was given for a tensor of integers.")
    count = int(np.ceil((end - start) / step))
    if wanted.kind != "f":  # of the smaller integers torch counts by the fractions given
        start, step = int(start), int(step)
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
