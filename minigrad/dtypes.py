"""torch's dtypes under torch's names, each a thin name for a numpy dtype."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

__all__ = [
    "bfloat16",
    "bool",
    "complex32",
    "complex64",
    "complex128",
    "double",
    "dtype",
    "float",
    "float8_e4m3fn",
    "float8_e5m2",
    "float16",
    "float32",
    "float64",
    "get_default_dtype",
    "half",
    "int",
    "int8",
    "int16",
    "int32",
    "int64",
    "long",
    "set_default_dtype",
    "short",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
]


class dtype:
    """A tensor's element type. ``np.dtype(minigrad.float32)`` is numpy's name for the same."""

    __module__ = "minigrad"  # as the class is shown
    __slots__ = ("dtype", "itemsize", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.dtype: np.dtype[Any] = np.dtype(name)  # numpy reads this attribute
        self.itemsize = self.dtype.itemsize

    @property
    def is_floating_point(self) -> builtins.bool:
        return self.dtype.kind == "f"

    @property
    def is_complex(self) -> builtins.bool:
        return False

    @property
    def is_signed(self) -> builtins.bool:
        return self.dtype.kind in "fi"

    def __repr__(self) -> str:
        return f"minigrad.{self.name}"

    def __reduce__(self) -> str:
        return self.name


class Absent(dtype):
    """A dtype of torch's that no tensor here has. It can be named; to use it raises TypeError."""

    __slots__ = ()

    def __init__(self, name: str, itemsize: builtins.int) -> None:
        self.name = name
        self.itemsize = itemsize

    @property
    def dtype(self) -> Any:  # type: ignore[override]
        raise TypeError(
            f"minigrad has no tensors of {self.name}: use {'int64' if self._whole else 'float32'}"
        )

    @property
    def _whole(self) -> builtins.bool:
        return self.name.startswith("uint")

    @property
    def is_floating_point(self) -> builtins.bool:
        return not (self.is_complex or self._whole)

    @property
    def is_complex(self) -> builtins.bool:
        return self.name.startswith("complex")

    @property
    def is_signed(self) -> builtins.bool:
        return not self._whole


bfloat16 = Absent("bfloat16", 2)
float8_e4m3fn = Absent("float8_e4m3fn", 1)
float8_e5m2 = Absent("float8_e5m2", 1)
complex32 = Absent("complex32", 4)
complex64 = Absent("complex64", 8)
complex128 = Absent("complex128", 16)
float16 = half = dtype("float16")
float32 = float = dtype("float32")
float64 = double = dtype("float64")
uint8 = dtype("uint8")
uint16 = Absent("uint16", 2)
uint32 = Absent("uint32", 4)
uint64 = Absent("uint64", 8)
int8 = dtype("int8")
int16 = short = dtype("int16")
int32 = int = dtype("int32")
int64 = long = dtype("int64")
bool = dtype("bool")

OF_NUMPY: dict[Any, dtype] = {
    each.dtype: each for each in (float16, float32, float64, uint8, int8, int16, int32, int64, bool)
}

# Python's types that torch takes for a dtype.
OF_PYTHON: dict[Any, dtype] = {
    each: OF_NUMPY[np.dtype(each)] for each in (builtins.float, builtins.int, builtins.bool)
}

FLOAT32 = np.dtype(np.float32)
INT64 = np.dtype(np.int64)
BOOL = np.dtype(np.bool_)

_default = [float32]


def get_default_dtype() -> dtype:
    """The dtype of tensors made from Python floats; float32 unless it has been changed."""
    return _default[0]


def set_default_dtype(d: dtype) -> None:
    """Make ``d``, a floating-point dtype, the default. Raises TypeError for others."""
    if d not in (float16, float32, float64):
        raise TypeError(
            f"only floating-point types are supported as the default type, not {d!r}: "
            "give minigrad.float32 or minigrad.float64"
        )
    _default[0] = d


def of_numpy(d: np.dtype[Any]) -> dtype:
    """torch's dtype for numpy's. Raises TypeError for those torch or minigrad does not have."""
    found = OF_NUMPY.get(d)
    if found is None:
        supported = ", ".join(each.name for each in OF_NUMPY.values())
        raise TypeError(
            f"can't convert np.ndarray of type numpy.{d.type.__name__}. The only supported types "
            f"are: {supported}."
        )
    return found
