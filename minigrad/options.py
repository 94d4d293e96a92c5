"""The keyword arguments of all functions that make tensors: dtype, device, requires_grad..."""

from __future__ import annotations

from typing import Any, TypedDict

import numpy as np

from minigrad import dtypes
from minigrad.devices import need_cpu
from minigrad.errors import type_name

__all__ = [
    "channels_last",
    "channels_last_3d",
    "contiguous_format",
    "layout",
    "memory_format",
    "preserve_format",
    "strided",
]


class Options(TypedDict, total=False):
    """What functions that make tensors take besides what they say.

    dtype:          of the elements; without it the default dtype, or what the arguments have.
    device:         "cpu", which is all there is.
    requires_grad:  whether gradients are wanted for the new leaf.

    Layout, memory format and pinned memory are accepted where they ask for what there is.
    """

    dtype: Any
    device: Any
    requires_grad: bool | None
    layout: Any
    memory_format: Any
    pin_memory: bool | None


class SizedOptions(Options, total=False):
    """The same for functions that take sizes one by one: those can be given as ``size=``, too."""

    size: Any


class Constant:
    """A name that torch has for a choice."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"minigrad.{self.name}"

    def __reduce__(self) -> str:
        return self.name


class layout(Constant):
    """How a tensor's elements are stored; there is one way, ``minigrad.strided``."""

    __slots__ = ()


class memory_format(Constant):
    """The order in which a tensor's elements lie in memory."""

    __slots__ = ()


strided = layout("strided")
contiguous_format = memory_format("contiguous_format")
preserve_format = memory_format("preserve_format")
channels_last = memory_format("channels_last")
channels_last_3d = memory_format("channels_last_3d")
Format = memory_format  # where an argument has that name


def in_order(array: Any, memory_format: Any) -> bool:
    """Whether the elements lie in memory in the order of this format."""
    if memory_format is channels_last:
        return bool(array.ndim == 4 and array.transpose(0, 2, 3, 1).flags.c_contiguous)
    return bool(array.flags.c_contiguous)


def ordered(array: Any, memory_format: Any, function: str = "to") -> Any:
    """A copy of the array with its elements in the order of this format.

    Raises RuntimeError for other dimensions than the format's, TypeError for what is none.
    """
    if not isinstance(memory_format, Format):
        kind = type(memory_format).__name__
        raise TypeError(
            f"{function}(): argument 'memory_format' must be minigrad.memory_format, not {kind}"
        )
    if memory_format is channels_last_3d:
        raise RuntimeError(
            "required rank 5 tensor to use channels_last_3d format; use channels_last"
        )
    if memory_format is not channels_last:
        return array.copy("C")
    if array.ndim != 4:
        raise RuntimeError("required rank 4 tensor to use channels_last format")
    n, c, h, w = array.shape
    out = np.empty((n, h, w, c), array.dtype).transpose(0, 3, 1, 2)  # whose strides are torch's
    out[...] = array
    return out


def invalid_combination(function: str, args: Any, *signatures: str) -> TypeError:
    """The error for arguments that fit none of a function's signatures."""
    given = ", ".join([type(x).__name__ for x in args])
    return TypeError(
        f"{function}() received an invalid combination of arguments - got ({given}), but expected "
        "one of:\n" + "\n".join([f" * ({signature})" for signature in signatures])
    )


def a_dtype(function: str, dtype: Any) -> np.dtype[Any]:
    """numpy's dtype for one of minigrad's, or for Python's float, int or bool."""
    if isinstance(dtype, np.dtype):
        return dtype
    if isinstance(dtype, dtypes.dtype):
        return dtype.dtype
    if not (isinstance(dtype, type) and dtype in dtypes.OF_PYTHON):
        raise TypeError(
            f"{function}(): argument 'dtype' must be minigrad.dtype, not {type(dtype).__name__}"
        )
    return dtypes.OF_PYTHON[dtype].dtype


def read(function: str, options: Options, natural: Any = None) -> tuple[np.dtype[Any], bool]:
    """The dtype, or ``natural`` or else the default one, and whether it shall require grad."""
    for name, value in options.items():
        if name not in Options.__annotations__:
            raise TypeError(f"{function}() got an unexpected keyword argument '{name}'")
        kind: Any = {
            "requires_grad": bool,
            "pin_memory": bool,
            "layout": layout,
            "memory_format": memory_format,
        }.get(name)
        if kind is not None and value is not None and not isinstance(value, kind):
            raise TypeError(
                f"{function}(): argument '{name}' must be {kind.__name__}, "
                f"not {type(value).__name__}"
            )
    need_cpu(function, options.get("device"))
    if options.get("pin_memory"):
        raise RuntimeError(
            "pin_memory=True requires a CUDA or other accelerator backend; no pinned memory "
            "allocator is available on this system."
        )
    dtype = options.get("dtype")
    if dtype is not None:
        dtype = a_dtype(function, dtype)
    else:
        dtype = dtypes.get_default_dtype().dtype if natural is None else np.dtype(natural)
    wants = bool(options.get("requires_grad"))
    if wants and dtype.kind != "f":
        raise RuntimeError(
            "Only Tensors of floating point and complex dtype can require gradients; this one "
            f"is {type_name(dtype)}: pass dtype=minigrad.float32"
        )
    return dtype, wants
