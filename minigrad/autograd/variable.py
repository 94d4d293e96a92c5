"""``Variable``: what had to be put around a tensor in torch's early days to differentiate it."""

from __future__ import annotations

import warnings
from typing import Any

from minigrad.autograd.value import Value


class AnyTensor(type):
    """Every tensor is an instance of a class of this kind."""

    def __instancecheck__(cls, x: Any) -> bool:
        return isinstance(x, Value)


class Variable(metaclass=AnyTensor):
    """``Variable(data, requires_grad=False)`` is a tensor: a leaf that shares the memory of data.

    Tensors have done the same since long; ``tensor(..., requires_grad=True)`` says it directly.
    """

    def __new__(cls, data: Any, requires_grad: bool = False, volatile: Any = None) -> Any:
        if volatile is not None:
            warnings.warn(
                "volatile was removed and now has no effect. Use `with torch.no_grad():` instead.",
                stacklevel=2,
            )
        if not isinstance(data, Value):
            raise TypeError(f"Variable data has to be a tensor, but got {type(data).__name__}")
        if requires_grad and data.array.dtype.kind != "f":
            raise RuntimeError(
                "Only Tensors of floating point and complex dtype can require gradients; this one "
                f"is {data.array.dtype.name}: convert it with .float()"
            )
        made: Any = data
        return made.detach().requires_grad_(requires_grad)
