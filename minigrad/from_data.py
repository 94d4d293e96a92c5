"""Tensors from data: numbers, nested lists, arrays, tensors, and whatever speaks DLPack."""

from __future__ import annotations

import ctypes
import warnings
from collections.abc import Mapping, Set
from functools import reduce
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from minigrad import dtypes
from minigrad.autograd.value import Array, Value, wrap
from minigrad.devices import need_cpu
from minigrad.errors import warn_once
from minigrad.memory import borrowed
from minigrad.options import a_dtype
from minigrad.promotion import order_of, promote_types

if TYPE_CHECKING:
    from minigrad.tensor import Tensor

__all__ = ["as_tensor", "asarray", "from_dlpack", "from_numpy", "frombuffer", "tensor"]


def tensor(
    data: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """A leaf with a copy of ``data``: numbers, nested lists, an array or a tensor.

    Floats take the default dtype, ints int64, bools bool, arrays keep theirs; numbers of several
    kinds promote. Raises ValueError for ragged lists, integers beyond 64 bits and the arrays for
    which `from_numpy` does; TypeError for a string, numbers among lists and arrays of a dtype that
    tensors do not have; RuntimeError for what else is no number, integers beyond the dtype, and
    integers that require grad.
    """
    if not isinstance(requires_grad, bool):
        raise TypeError(
            f"tensor(): argument 'requires_grad' must be bool, not {type(requires_grad).__name__}"
        )
    need_cpu("tensor", device)
    if isinstance(data, Value):
        warn_of_copying("minigrad.tensor")
    return leaf(to_array(data, numpy_dtype("tensor", dtype), copy=True), requires_grad)


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """As `tensor`, but an array or a tensor that has the dtype already is not copied.

    Such a tensor is returned as it is, and one of another dtype converted, which is recorded. An
    array shares its memory, as in `from_numpy`, with the same warning and errors; the others are
    those of `tensor`.
    """
    need_cpu("as_tensor", device)
    wanted = numpy_dtype("as_tensor", dtype)
    if isinstance(data, Value):
        given: Any = data
        converted: Tensor = given if wanted is None else given.to(wanted)
        return converted
    return leaf(to_array(data, wanted, copy=False), False)


def asarray(
    obj: Any,
    *,
    dtype: Any = None,
    device: Any = None,
    copy: bool | None = None,
    requires_grad: bool | None = None,
) -> Tensor:
    """A tensor of ``obj`` that shares its memory where that is possible.

    It is if ``obj`` is an array or a tensor that has the dtype already, or speaks DLPack; dtypes
    are those of `tensor`. ``copy=True`` copies in any case, ``copy=False`` never: then ValueError
    where it would have to. ``requires_grad`` is set in place on a leaf; False detaches the result
    of an operation. The other errors are those of `as_tensor`.
    """
    need_cpu("asarray", device)
    wanted = numpy_dtype("asarray", dtype)
    if not isinstance(obj, Value | np.ndarray) and hasattr(obj, "__dlpack__"):
        obj = from_dlpack(obj)
    if isinstance(obj, np.generic):
        obj = np.asarray(obj)
    shares = isinstance(obj, Value | np.ndarray) and (wanted is None or wanted == obj.dtype)
    if copy is False and not shares:
        raise ValueError(
            "can't alias arbitrary sequence into a tensor. To share memory, an array or a tensor "
            "of that dtype is needed."
        )
    if not isinstance(obj, Value):
        return leaf(to_array(obj, wanted, copy=bool(copy)), bool(requires_grad))
    result: Tensor = obj.to(obj.dtype if wanted is None else wanted, copy=bool(copy))
    if requires_grad is not None and requires_grad != result.requires_grad:
        # Of a leaf the flag is set in place, as torch does; a result is cut off from its graph.
        result = (result if result.is_leaf else result.detach()).requires_grad_(requires_grad)
    return result


def from_numpy(array: Array) -> Tensor:
    """A tensor that shares the array's memory: a write to either is seen by both.

    It has the array's dtype. Raises TypeError for what is no array and for a dtype that tensors do
    not have; ValueError for negative strides, strides that are no multiple of the element's size,
    and a foreign byte order. Of a read-only array it warns: a write to the tensor then raises
    ValueError. The memory is the caller's and does not grow: RuntimeError from a `Tensor.resize_`
    that needs more.
    """
    if not isinstance(array, np.ndarray):
        raise TypeError(f"expected np.ndarray (got {type(array).__name__})")
    check_array(array)
    warn_if_read_only(array)
    return leaf(borrowed(array), False)


def frombuffer(
    buffer: Any, *, dtype: Any, count: int = -1, offset: int = 0, requires_grad: bool = False
) -> Tensor:
    """A flat tensor over the memory of an object that has Python's buffer protocol."""
    wanted = numpy_dtype("frombuffer", dtype)
    try:
        size = memoryview(buffer).nbytes
    except TypeError:
        raise ValueError("object does not implement Python buffer protocol.") from None
    if size == 0 or count == 0:
        raise ValueError(f"both buffer length ({size}) and count ({count}) must not be 0")
    if not 0 <= offset < size:
        raise ValueError(
            f"offset ({offset} bytes) must be non-negative and no greater than buffer length "
            f"({size} bytes) minus 1"
        )
    width = np.dtype(wanted).itemsize
    if count < 0 and (size - offset) % width:
        raise ValueError(
            f"buffer length ({size - offset} bytes) after offset ({offset} bytes) must be a "
            f"multiple of element size ({width})"
        )
    array = np.frombuffer(buffer, wanted, count, offset)
    warn_if_read_only(array)
    return leaf(array, requires_grad)


def from_dlpack(ext_tensor: Any) -> Tensor:
    """A tensor that shares the memory of another library's array, by the DLPack protocol.

    Raises BufferError for a tensor that requires grad: its graph would end here unseen.
    """
    if not hasattr(ext_tensor, "__dlpack__"):
        if type(ext_tensor).__name__ != "PyCapsule":
            raise RuntimeError(
                "from_dlpack received an invalid capsule. Give it an array or a tensor, and not "
                f"{type(ext_tensor).__name__}."
            )
        unversioned = '"dltensor"' in repr(ext_tensor)
        array = np.from_dlpack(Capsule(ext_tensor))
        if unversioned:
            array = writable(array)
    else:
        array = np.from_dlpack(ext_tensor)
    check_array(array)
    warn_if_read_only(array)
    return leaf(array, False)


class Capsule:
    """A DLPack capsule as an object that gives it away, once."""

    def __init__(self, capsule: Any) -> None:
        self.capsule = capsule

    def __dlpack__(self, **settings: Any) -> Any:
        return self.capsule

    def __dlpack_device__(self) -> tuple[int, int]:
        return (1, 0)


def writable(array: Array) -> Array:
    """The same memory to write to: numpy assumes that of an unversioned capsule to be read-only."""
    if not array.size:
        return array
    low, high = np.lib.array_utils.byte_bounds(array)
    memory: Any = (ctypes.c_byte * (high - low)).from_address(low)
    memory.owner = array  # lives as long as the memory is used
    start = array.__array_interface__["data"][0] - low
    return np.ndarray(array.shape, array.dtype, memory, start, array.strides)


def warn_of_copying(function: str) -> None:
    warnings.warn(
        "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() "
        "or sourceTensor.detach().clone().requires_grad_(True), rather than "
        f"{function}(sourceTensor).",
        stacklevel=3,
    )


def new_tensor(self: Any, data: Any, **options: Any) -> Tensor:
    """As `minigrad.tensor`, of this tensor's dtype unless told otherwise."""
    if isinstance(data, Value):
        warn_of_copying("tensor.new_tensor")
        data = data.detach().numpy()
    if options.get("dtype") is None:
        options["dtype"] = self.dtype
    return tensor(data, **options)


def leaf(array: Array, requires_grad: bool | None) -> Tensor:
    made: Tensor = wrap(array)
    if requires_grad:
        if made.array.dtype.kind != "f":
            raise RuntimeError(
                "Only Tensors of floating point and complex dtype can require gradients; this one "
                f"is {made.dtype}: pass dtype=minigrad.float32"
            )
        made.requires_grad_()
    return made


def numpy_dtype(function: str, dtype: Any) -> np.dtype[Any] | None:
    return None if dtype is None else a_dtype(function, dtype)


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


def warn_if_read_only(array: Array) -> None:
    if not array.flags.writeable:
        warnings.warn(
            "The given NumPy array is not writable, and so the tensor is not, either: an in-place "
            "operation on it will raise ValueError. Copy the array to get one that can be written.",
            UserWarning,
            stacklevel=3,
        )


def to_array(data: Any, dtype: np.dtype[Any] | None, copy: bool) -> Array:
    """An array with ``data`` in the dtype torch would give it."""
    if isinstance(data, Value):
        x = data.array
        with np.errstate(all="ignore"):
            return x.astype(dtype or x.dtype, order_of(x), copy=copy)
    if isinstance(data, np.ndarray):
        check_array(data)
        if not copy:
            warn_if_read_only(data)
        with np.errstate(all="ignore"):
            array = np.array(data, dtype, copy=True if copy else None, order="K")
        return borrowed(array) if np.may_share_memory(array, data) else array
    if isinstance(data, str | bytes):
        raise TypeError(f"new(): invalid data type '{type(data).__name__}'")
    if isinstance(data, list | tuple) and data and isinstance(data[0], np.ndarray):
        warn_once(
            "Creating a tensor from a list of numpy.ndarrays is extremely slow. Make one array of "
            "them first, by numpy.array()."
        )
    sizes = sizes_of(data)
    numbers = flat(data, sizes)
    kinds = set(map(type, numbers))
    if str in kinds and not isinstance(numbers[0], str):
        raise TypeError("new(): invalid data type 'str'. A tensor holds numbers, not strings.")
    found = [dtype_of(kind) for kind in kinds]
    natural = reduce(promote_types, found) if found else dtypes.get_default_dtype().dtype
    if dtype is not None and dtype.kind == "f":
        natural = dtype  # also for integers beyond int64
    with np.errstate(all="ignore"):
        try:
            array = np.array(numbers, natural).reshape(sizes)
        except OverflowError:
            raise ValueError(
                "Overflow when unpacking long long. An integer does not fit into 64 bits."
            ) from None
        if dtype is None or dtype == natural:
            return array
        check_fits(array, dtype, dtype.name)
        return array.astype(dtype)


def is_sequence(x: Any) -> bool:
    if isinstance(x, list | tuple):
        return True
    if isinstance(x, Value | str | bytes | Mapping | Set | np.generic):
        return False
    if isinstance(x, np.ndarray):
        return x.ndim > 0
    return hasattr(x, "__getitem__") and hasattr(x, "__len__")


def sizes_of(data: Any) -> list[int]:
    """The shape of nested sequences, by the first element of each."""
    sizes = []
    while is_sequence(data):
        sizes.append(len(data))
        if not len(data):
            break
        data = data[0]
    return sizes


def flat(data: Any, sizes: list[int]) -> list[Any]:
    """All numbers in nested sequences, in order. Raises if these are not of the given sizes."""
    parts = [data]
    for dim, size in enumerate(sizes):
        if size == 0:
            return []
        for part in parts:
            if not is_sequence(part):
                raise TypeError(f"not a sequence. At dim {dim + 1}, among lists, stands {part!r}.")
            if len(part) != size:
                raise ValueError(
                    f"expected sequence of length {size} at dim {dim} (got {len(part)})"
                )
        parts = list(chain.from_iterable(parts))
    if {bool, int, float}.issuperset(map(type, parts)):
        return parts
    return [number(part, len(sizes)) for part in parts]


def number(x: Any, dim: int) -> Any:
    """A Python number or a numpy scalar of what stands where a number is expected."""
    if isinstance(x, Value):
        if x.array.size != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        return x.array.reshape(())[()]
    if is_sequence(x):
        raise TypeError(
            f"'{type(x).__name__}' object cannot be interpreted as an integer. At dim {dim}, "
            f"among numbers, stands {x!r}."
        )
    return x[()] if isinstance(x, np.ndarray) else x


def dtype_of(kind: type[Any]) -> np.dtype[Any]:
    """The dtype that a number of this Python type has in a tensor."""
    if issubclass(kind, np.generic):
        return dtypes.of_numpy(np.dtype(kind)).dtype
    if issubclass(kind, str):
        raise ValueError("too many dimensions 'str'. A tensor holds numbers, not strings.")
    if issubclass(kind, float):
        return dtypes.get_default_dtype().dtype
    if not issubclass(kind, int):
        raise RuntimeError(f"Could not infer dtype of {kind.__name__}")
    return dtypes.BOOL if issubclass(kind, bool) else dtypes.INT64


def check_fits(values: Array, dtype: Any, name: str) -> None:
    """Refuse numbers outside of an integer dtype; below 0 an unsigned one wraps around."""
    if dtype.kind not in "iu":
        return
    limits = np.iinfo(dtype)
    low = limits.min if dtype.kind == "i" else -limits.max
    if not np.all((values >= low) & (values <= limits.max)):
        raise RuntimeError(f"value cannot be converted to type {name} without overflow")
