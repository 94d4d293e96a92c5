"""In-place forms that call a Python function for each element, slowly."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.ops.arguments import need_tensor
from minigrad.ops.shape import expanded_shape

NUMBERS: dict[str, Callable[[Any], Any]] = {"f": lambda x: math.ldexp(x, 0), "b": bool}


def call(name: str, self: Any, others: tuple[Any, ...], function: Any) -> Any:
    """Write ``function``'s result into each element of ``self``, and return ``self``."""
    for i, other in enumerate(others):
        need_tensor(name, other, "other" if len(others) == 1 else "xy"[i], i + 1)
    if any(x.requires_grad for x in (self, *others)):
        raise RuntimeError(
            f"Can't call {name}() on Variable that requires grad. Use var.detach().{name}() "
            "instead."
        )
    array = self.array
    for x in others:
        if x.array.dtype != array.dtype:
            raise TypeError(f"{name}: expected {self.type()} for 'other' (got {x.type()})")
        expanded_shape(x.array.shape, array.shape, array.dtype)
    operands = [array, *[np.broadcast_to(x.array, array.shape) for x in others]]
    number = NUMBERS.get(array.dtype.kind, int)
    for place in np.ndindex(array.shape):
        array[place] = number(function(*[x[place].item() for x in operands]))
    self.version[0] += 1
    return self


def apply_(self: Any, callable: Any) -> Any:
    """Replace each element ``x`` by ``callable(x)``, a function of Python numbers.

    Raises RuntimeError for a tensor that requires grad: there is no derivative.
    """
    return call("apply_", self, (), callable)


def map_(self: Any, other: Any, callable: Any) -> Any:
    """Replace each element by ``callable(x, y)``, with the element of ``other``; see `apply_`."""
    return call("map_", self, (other,), callable)


def map2_(self: Any, x: Any, y: Any, callable: Any) -> Any:
    """`map_` with two other tensors."""
    return call("map2_", self, (x, y), callable)
