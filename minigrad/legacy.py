"""torch's first way to make tensors: ``Tensor(2, 3)``, ``FloatTensor([1, 2])``, ``x.new(2, 3)``."""

from __future__ import annotations

from typing import Any, Union

import numpy as np

from minigrad import dtypes
from minigrad.autograd.value import Value, wrap
from minigrad.creation import a_size
from minigrad.devices import device as device_class
from minigrad.errors import type_name
from minigrad.from_data import is_sequence, to_array
from minigrad.ops.shape import _alias
from minigrad.size import Size

__all__ = [
    "BoolTensor",
    "ByteTensor",
    "CharTensor",
    "DoubleTensor",
    "FloatTensor",
    "HalfTensor",
    "IntTensor",
    "LongTensor",
    "ShortTensor",
]


def legacy_tensor(dtype: Any, args: tuple[Any, ...], device: Any = None) -> Any:
    """A tensor of a size, given as integers or a Size, or of data: a sequence or a tensor.

    Of a size it holds zeros, where torch leaves open what it holds. Of a tensor it is a view.
    """
    if device is not None and device_class(device).type != "cpu":
        raise RuntimeError(
            "legacy constructor expects device type: cpu but device type: "
            f"{device_class(device).type} was passed"
        )
    if not args:
        return wrap(np.zeros(0, dtype))
    first = args[0]
    if len(args) == 1 and isinstance(first, Value):
        if first.array.dtype != dtype:
            raise TypeError(
                f"expected a tensor of {np.dtype(dtype).name} (got {first.array.dtype.name}). "
                "Convert it with .to(dtype)."
            )
        return _alias(first)
    if len(args) == 1 and not isinstance(first, Size):
        if isinstance(first, str):
            raise TypeError("new(): invalid data type 'str'")
        if is_sequence(first) or isinstance(first, np.ndarray):
            return wrap(to_array(first, np.dtype(dtype), copy=True))
        if isinstance(first, bool) or not hasattr(first, "__index__"):
            raise TypeError(f"new(): data must be a sequence (got {type(first).__name__})")
    return wrap(np.zeros(a_size("new", args), dtype))


def new(self: Any, *args: Any, device: Any = None) -> Any:
    """A tensor of this one's dtype: ``x.new(2, 3)`` of a size, ``x.new([1, 2])`` of data."""
    return legacy_tensor(self.array.dtype, args, device)


class TensorType:
    """``FloatTensor`` and its like: makes tensors of one dtype, and recognises them."""

    def __init__(self, dtype: dtypes.dtype) -> None:
        self.dtype = dtype
        self.__name__ = f"{type_name(dtype)}Tensor"

    def __call__(self, *args: Any, device: Any = None) -> Any:
        return legacy_tensor(self.dtype.dtype, args, device)

    def __instancecheck__(self, x: Any) -> bool:
        return isinstance(x, Value) and x.array.dtype == self.dtype.dtype

    def __or__(self, other: Any) -> Any:
        return Union[self, other]  # noqa: UP007

    def __ror__(self, other: Any) -> Any:
        return Union[other, self]  # noqa: UP007

    def __repr__(self) -> str:
        return f"<class 'minigrad.{self.__name__}'>"

    def __reduce__(self) -> str:
        return self.__name__


BoolTensor = TensorType(dtypes.bool)
ByteTensor = TensorType(dtypes.uint8)
CharTensor = TensorType(dtypes.int8)
DoubleTensor = TensorType(dtypes.float64)
FloatTensor = TensorType(dtypes.float32)
HalfTensor = TensorType(dtypes.float16)
IntTensor = TensorType(dtypes.int32)
LongTensor = TensorType(dtypes.int64)
ShortTensor = TensorType(dtypes.int16)
