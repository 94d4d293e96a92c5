"""A tensor overwritten: with another one, with a number, with 0."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.autograd.inplace import broadcast_output_error, in_place
from minigrad.autograd.places import keeping, note_write
from minigrad.autograd.primitive import primitive
from minigrad.autograd.value import Value, mode, wrap
from minigrad.errors import broadcast_shapes
from minigrad.ops.arguments import no_overload
from minigrad.ops.elementwise import clone
from minigrad.promotion import plain, stored

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


def copy_(self: Any, other: Any, non_blocking: Any = False) -> Any:
    """Overwrite with the elements of ``other``, broadcast and cast; its gradient flows there.

    ``non_blocking`` is for devices that are not there. Raises RuntimeError where the shapes do not
    broadcast to that of this tensor.
    """
    if type(non_blocking) is not bool:
        name = type(non_blocking).__name__
        raise TypeError(f"copy_(): argument 'non_blocking' (position 2) must be bool, not {name}")
    if not isinstance(other, Value):
        if plain(other) is NotImplemented:
            name = type(other).__name__
            raise TypeError(f"copy_(): argument 'other' (position 1) must be Tensor, not {name}")
        other = wrap(np.asarray(other))
    shape = broadcast_shapes(self.array.shape, other.array.shape)
    if shape != self.array.shape:
        raise broadcast_output_error(self.array.shape, shape)
    if self.array.dtype.kind != "f":
        other = other.detach()
    return (_copy_itself if other is self else _copy_in_place)(self, other)


_copy_in_place = in_place(_copy)
_copy_itself = in_place(_copy, expanded=True)
_zero_in_place = in_place(_zero, expanded=True)


def zero_(self: Any) -> Any:
    """Overwrite every element with 0. Derivative: 0."""
    array = self.array
    if (self.edge is not None and mode.grad) or type(self.version) is not list:
        return _zero_in_place(self)
    array.fill(0)
    self.version[0] += 1
    if keeping:
        note_write(self.version)
    return self


_fill_in_place = in_place(_fill)
_fill_number_in_place = in_place(_fill_number, expanded=True)


def filling(number: Any, dtype: Any, size: int = 1) -> Any:
    """`stored`, but that one element of float16 becomes infinite, as where torch fills."""
    if size == 1 and dtype == np.float16 and abs(number) > float(np.finfo(dtype).max):
        return math.copysign(math.inf, number)
    return stored(number, dtype)


def fill_(self: Any, value: Any) -> Any:
    """Overwrite every element with a number or a 0-d tensor. Derivative: 0 for the old elements."""
    if not isinstance(value, Value):
        if plain(value) is NotImplemented:
            raise no_overload("fill_", value)
        return _fill_number_in_place(self, filling(value, self.array.dtype, self.array.size))
    if value.array.ndim:
        raise RuntimeError(
            "fill_ only supports 0-dimension value tensor but got tensor with "
            f"{value.array.ndim} dimensions."
        )
    if np.may_share_memory(value.array, self.array):
        value = clone(value)
    return _fill_in_place(self, value)
