"""Tensors that a `Module` knows as its own: parameters, which are learnt, and buffers."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import printing
from minigrad.creation import empty
from minigrad.tensor import Tensor

__all__ = ["Buffer", "Parameter", "UninitializedBuffer", "UninitializedParameter"]


class Parameter(Tensor):
    """A tensor that a module lists among its `parameters` when it is assigned as an attribute.

    It is a leaf that shares the memory of ``data`` and requires grad, unless told otherwise.
    Operations on it give plain tensors. Raises RuntimeError for integers that require grad.
    """

    __slots__ = ()

    def __new__(cls, data: Any = None, requires_grad: bool = True) -> Any:
        if data is None:
            data = empty(0)
        made = object.__new__(cls)
        made.array, made.version, made.edge = data.detach().array, data.version, None
        if requires_grad:
            if not made.is_floating_point():
                raise RuntimeError(
                    "Only Tensors of floating point and complex dtype can require gradients. "
                    f"This one is {made.dtype}: pass requires_grad=False"
                )
            made.requires_grad_()
        return made

    def __init__(self, data: Any = None, requires_grad: bool = True) -> None:
        pass

    def __repr__(self) -> str:
        return "Parameter containing:\n" + printing.tensor_text(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if id(self) not in memo:
            memo[id(self)] = type(self)(self.data.clone(), self.requires_grad)
        return memo[id(self)]


class Buffer(Tensor):
    """A tensor that a module lists among its `buffers` when it is assigned as an attribute.

    persistent: whether it is part of the module's `state_dict`.
    """

    __slots__ = ()

    persistent: bool

    def __new__(cls, data: Any = None, *, persistent: bool = True) -> Any:
        if data is None:
            data = empty(0)
        made = object.__new__(cls)
        made.array, made.version, made.edge = data.detach().array, data.version, None
        made.persistent = persistent
        return made.requires_grad_(data.requires_grad)

    def __init__(self, data: Any = None, *, persistent: bool = True) -> None:
        pass

    def __repr__(self) -> str:
        return printing.tensor_text(self)


class Uninitialized:
    """A tensor whose shape is not known yet: that of a lazy module before its first input."""

    __slots__ = ()

    becomes: type[Tensor]

    @property
    def shape(self) -> Any:
        raise RuntimeError(
            "Can't access the shape of an uninitialized parameter or buffer. This error usually "
            "happens in `load_state_dict` when trying to load an uninitialized parameter into an "
            "initialized one. Call `forward` to initialize the parameters before accessing their "
            "attributes."
        )

    def materialize(self: Any, shape: Any, device: Any = None, dtype: Any = None) -> None:
        """Give it a shape, and perhaps another dtype: an ordinary tensor from now on."""
        wanted = self.array.dtype if dtype is None else np.dtype(dtype)
        self.array = np.zeros(shape, wanted)
        self.__class__ = self.becomes

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class UninitializedParameter(Uninitialized, Parameter):
    """A `Parameter` whose shape is not known yet."""

    __slots__ = ()

    becomes = Parameter

    def __new__(cls, requires_grad: bool = True, device: Any = None, dtype: Any = None) -> Any:
        return super().__new__(cls, empty(0, dtype=dtype), requires_grad)

    def __init__(self, requires_grad: bool = True, device: Any = None, dtype: Any = None) -> None:
        pass

    __deepcopy__ = Tensor.__deepcopy__


class UninitializedBuffer(Uninitialized, Tensor):
    """A buffer whose shape is not known yet."""

    __slots__ = ()

    becomes = Tensor

    def __new__(cls, requires_grad: bool = False, device: Any = None, dtype: Any = None) -> Any:
        made = object.__new__(cls)
        made.array, made.version, made.edge = empty(0, dtype=dtype).array, [0], None
        return made

    def __init__(self, requires_grad: bool = False, device: Any = None, dtype: Any = None) -> None:
        pass
