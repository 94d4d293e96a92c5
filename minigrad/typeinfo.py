"""Questions about dtypes and tensors: limits, promotion, what something is."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dtypes, promotion
from minigrad.autograd.value import Value
from minigrad.conversion import named, type_
from minigrad.errors import warn_once
from minigrad.ops.arguments import need_tensor, typed
from minigrad.options import a_dtype
from minigrad.storage import UntypedStorage

__all__ = [
    "can_cast",
    "finfo",
    "iinfo",
    "is_complex",
    "is_floating_point",
    "is_nonzero",
    "is_same_size",
    "is_storage",
    "is_tensor",
    "numel",
    "promote_types",
    "result_type",
    "set_default_tensor_type",
    "typename",
]


def named_dtype(function: str, value: Any) -> dtypes.dtype:
    """A dtype, or what Python's float, int or bool stands for. Raises TypeError for all else."""
    return value if isinstance(value, dtypes.dtype) else dtypes.OF_NUMPY[a_dtype(function, value)]


class finfo:
    """The limits of a floating-point dtype: ``eps``, ``max``, ``min``, ``tiny``..."""

    bits: int
    dtype: str
    eps: float
    max: float
    min: float
    resolution: float
    smallest_normal: float
    tiny: float

    def __init__(self, type: Any = None) -> None:
        type = dtypes.get_default_dtype() if type is None else named_dtype("finfo", type)
        if not type.is_floating_point:
            raise TypeError(
                "minigrad.finfo() requires a floating point input type. Use minigrad.iinfo to "
                "handle 'minigrad.finfo'"
            )
        info = np.finfo(type.dtype)
        self.bits, self.dtype = 8 * type.itemsize, type.name
        self.resolution = 10.0**-info.precision
        for name in ("eps", "max", "min", "smallest_normal", "tiny"):
            setattr(self, name, float(getattr(info, name)))

    def __repr__(self) -> str:
        names = ("resolution", "min", "max", "eps", "smallest_normal", "tiny")
        values = ", ".join(f"{name}={getattr(self, name):g}" for name in names)
        return f"finfo({values}, dtype={self.dtype})"


class iinfo:
    """The limits of an integer dtype: ``max``, ``min`` and ``bits``."""

    def __init__(self, type: Any) -> None:
        type = named_dtype("iinfo", type)
        if type.dtype.kind not in "iu":
            raise TypeError(
                "minigrad.iinfo() requires an integer input type. Use minigrad.finfo to handle "
                "'minigrad.iinfo'"
            )
        info = np.iinfo(type.dtype)
        self.bits, self.dtype = 8 * type.itemsize, type.name
        self.max, self.min = int(info.max), int(info.min)

    def __repr__(self) -> str:
        return f"iinfo(min={self.min:g}, max={self.max:g}, dtype={self.dtype})"


@typed()
def promote_types(type1: dtypes.dtype, type2: dtypes.dtype) -> dtypes.dtype:
    """The smallest dtype that holds what two dtypes hold, as they meet in an operation."""
    return dtypes.OF_NUMPY[promotion.promote_types(type1.dtype, type2.dtype)]


def result_type(tensor1: Any, tensor2: Any) -> dtypes.dtype:
    """The dtype of the result of an operation on two tensors or numbers."""
    return dtypes.OF_NUMPY[promotion.result_type([promotion.plain(x) for x in (tensor1, tensor2)])]


@typed()
def can_cast(from_: dtypes.dtype, to: dtypes.dtype) -> bool:
    """Whether results of one dtype may be written into another: not of floats into integers."""
    rank = promotion.CATEGORY
    return rank[from_.dtype.kind] <= rank[to.dtype.kind]


def is_tensor(obj: Any) -> bool:
    """Whether ``obj`` is a tensor."""
    return isinstance(obj, Value)


def is_storage(obj: Any) -> bool:
    """Whether ``obj`` is the memory of a tensor."""
    return isinstance(obj, UntypedStorage)


def is_floating_point(input: Any) -> bool:
    """Whether the tensor's dtype is one of floating-point numbers."""
    need_tensor("is_floating_point", input)
    return bool(input.is_floating_point())


def is_complex(input: Any) -> bool:
    """Whether the tensor's dtype is one of complex numbers: never."""
    need_tensor("is_complex", input)
    return False


def is_same_size(input: Any, other: Any) -> bool:
    """Whether two tensors have the same shape."""
    need_tensor("is_same_size", input)
    need_tensor("is_same_size", other, "other", 2)
    return bool(input.array.shape == other.array.shape)


def is_nonzero(input: Any) -> bool:
    """Whether the only element is not 0. Raises RuntimeError if there are several."""
    need_tensor("is_nonzero", input)
    return bool(input)


def numel(input: Any) -> int:
    """The number of elements."""
    need_tensor("numel", input)
    return int(input.array.size)


def typename(obj: Any) -> str:
    """The name of the type: "minigrad.FloatTensor" of a tensor."""
    if isinstance(obj, Value):
        return str(type_(obj))
    kind = obj if isinstance(obj, type) else type(obj)
    builtin = kind.__module__ in ("builtins", "__builtin__")
    return kind.__qualname__ if builtin else f"{kind.__module__}.{kind.__qualname__}"


def set_default_tensor_type(t: Any) -> None:
    """Make the dtype of ``t``, FloatTensor or its name, the default. See `set_default_dtype`."""
    if isinstance(t, str) and ".cuda." in t:
        raise TypeError(f"type {t} not available. Torch not compiled with CUDA enabled.")
    warn_once(
        "torch.set_default_tensor_type() is deprecated as of PyTorch 2.1, please use "
        "torch.set_default_dtype() and torch.set_default_device() as alternatives."
    )
    dtypes.set_default_dtype(named(t))
