"""Other dtypes, and the device: ``to`` and its short forms."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.autograd.value import Value
from minigrad.devices import device, need_cpu
from minigrad.errors import TYPE_NAMES, type_name
from minigrad.memory import has_channels_last
from minigrad.methods import Method
from minigrad.ops import elementwise
from minigrad.ops.arguments import need_tensor, typed
from minigrad.options import (
    a_dtype,
    channels_last,
    contiguous_format,
    invalid_combination,
    ordered,
)


def to(
    self: Any,
    *args: Any,
    dtype: Any = None,
    device: Any = None,
    non_blocking: bool = False,
    copy: bool = False,
    memory_format: Any = None,
) -> Any:
    """In another dtype: ``to(dtype)``, ``to(device)``, ``to(device, dtype)`` or ``to(other)``.

    The tensor itself if there is nothing to change, unless ``copy``. There is one device, "cpu".
    Derivative: 1, cast back; none through integers. Floats become integers towards 0.
    """
    if args:
        dtype, device, copy = positional(args, dtype, device, copy)
    need_cpu("to", device)
    wanted = self.array.dtype if dtype is None else a_dtype("to", dtype)
    last = has_channels_last(self.array)
    rearranged = memory_format is (contiguous_format if last else channels_last)
    if wanted == self.array.dtype and not copy and not rearranged:
        return self
    cast = elementwise._to_copy if wanted.kind == "f" else elementwise._to_integers
    result = cast(self, wanted)
    if memory_format is channels_last or memory_format is contiguous_format:
        result.array = ordered(result.array, memory_format)
    return result


def positional(args: tuple[Any, ...], dtype: Any, place: Any, copy: bool) -> tuple[Any, Any, bool]:
    """The dtype, device and ``copy`` of what `to` was given by position."""
    first, *rest = args
    if isinstance(first, Value):
        dtype = first.array.dtype
    elif isinstance(first, dtypes.dtype | np.dtype | type):
        dtype = first
    else:
        if first is not None and not isinstance(first, device | str | int):
            raise unfit(args)
        place = first
        if rest and not isinstance(rest[0], bool):
            dtype = rest.pop(0)
    if len(rest) > 2 or not all(isinstance(x, bool) for x in rest):
        raise unfit(args)
    if isinstance(dtype, type) and dtype not in (float, int, bool):
        raise unfit(args)
    return dtype, place, rest[1] if len(rest) == 2 else copy


def unfit(args: tuple[Any, ...]) -> TypeError:
    return invalid_combination(
        "to",
        args,
        "device device, dtype dtype, bool non_blocking, bool copy",
        "dtype dtype, bool non_blocking, bool copy",
        "Tensor other, bool non_blocking, bool copy",
    )


def to_dtype(dtype: dtypes.dtype) -> Method:
    """The method that converts to one dtype."""

    def convert(self: Any, memory_format: Any = None) -> Any:
        return to(self, dtype=dtype, memory_format=memory_format)

    gradient = "the gradient is cast back" if dtype.is_floating_point else "carries no gradient"
    convert.__doc__ = f"Converted to {dtype.name}; {gradient}."
    return convert


def type_(self: Any, dtype: Any = None, non_blocking: bool = False) -> Any:
    """Without ``dtype`` the name of this tensor's type, "minigrad.FloatTensor"; else as `to`.

    The type can be given as a dtype, as its name, or as one of the classes such as LongTensor.
    """
    if dtype is None:
        return f"minigrad.{type_name(self.array.dtype)}Tensor"
    return to(self, dtype=named(dtype))


def named(dtype: Any) -> Any:
    """The dtype meant by a dtype, a name such as "torch.LongTensor", or such a class."""
    if isinstance(dtype, str):
        library, _, name = dtype.rpartition(".")
        names = {f"{short}Tensor": d for d, short in TYPE_NAMES.items()}
        if library not in ("torch", "minigrad") or name not in names:
            raise ValueError(f"invalid type: '{dtype}'")
        return dtypes.OF_NUMPY[np.dtype(names[name])]
    if isinstance(dtype, type) and issubclass(dtype, Value):  # Tensor, the type of the default one
        return dtypes.get_default_dtype()
    found = getattr(dtype, "dtype", dtype)
    if not isinstance(found, dtypes.dtype | np.dtype):
        raise ValueError(f"invalid type: '{getattr(dtype, '__name__', dtype)}'")
    return dtype if isinstance(dtype, dtypes.dtype) else found


def type_as(self: Any, other: Any) -> Any:
    """Converted to the dtype of ``other``; the tensor itself if it has it already."""
    need_tensor("type_as", other, "other")
    return to(self, dtype=other.array.dtype)


def cpu(self: Any, memory_format: Any = None) -> Any:
    """The tensor itself: it is on the CPU."""
    return to(self, memory_format=memory_format)


@typed()
def cuda(self: Any, device: Any = None, non_blocking: bool = False) -> Any:
    """Raises AssertionError: there is no GPU here. Ask minigrad.cuda.is_available()."""
    need_cpu("cuda", "cuda" if device is None else device)
    raise RuntimeError("Invalid device, must be cuda device")
