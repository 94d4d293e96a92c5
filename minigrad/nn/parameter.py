"""Tensors that a `Module` knows as its own: parameters, which are learnt, and buffers."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from minigrad import copying, printing
from minigrad.autograd.value import Value
from minigrad.creation import empty
from minigrad.tensor import Tensor

__all__ = ["Buffer", "Parameter", "UninitializedBuffer", "UninitializedParameter"]

ARRAY: Any = vars(Value)["array"]  # the slot, where a class hides it


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
    """A tensor whose shape is not known yet: that of a lazy module before its first input.

    It has an array without elements, of its dtype, which no operation may see: ValueError. Only
    what is written here works, as with torch.
    """

    __slots__ = ()

    becomes: type[Tensor]

    @property
    def array(self) -> Any:
        raise ValueError(
            "Attempted to use an uninitialized parameter in an operation. Call the lazy module "
            "with a first input before."
        )

    @array.setter
    def array(self, new: Any) -> None:
        ARRAY.__set__(self, new)

    def _empty(self: Any) -> Any:
        """The tensor without elements that it is so far."""
        made = object.__new__(self.becomes)
        made.array, made.version, made.edge = ARRAY.__get__(self), self.version, self.edge
        return made

    @property
    def shape(self) -> Any:
        raise RuntimeError(
            "Can't access the shape of an uninitialized parameter or buffer. This error usually "
            "happens in `load_state_dict` when trying to load an uninitialized parameter into an "
            "initialized one. Call `forward` to initialize the parameters before accessing their "
            "attributes."
        )

    @property
    def ndim(self) -> int:
        return 1

    def size(self, dim: int | None = None) -> Any:
        return self._empty().size(dim)

    @property
    def dtype(self) -> Any:
        return self._empty().dtype

    def is_floating_point(self) -> bool:
        return bool(self._empty().is_floating_point())

    @property
    def data(self) -> Any:
        return self._empty().data

    @data.setter
    def data(self, new: Any) -> None:
        vars(Tensor)["data"].__set__(self, new)

    def requires_grad_(self: Any, requires_grad: bool = True) -> Any:
        self.edge = self._empty().requires_grad_(requires_grad).edge
        return self

    def share_memory_(self) -> Any:
        raise RuntimeError(
            "Can't share memory on an uninitialized parameter or buffer. Call the lazy module with "
            "a first input before."
        )

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        rebuild, parts = self.__reduce_ex__(4)
        return memo.setdefault(id(self), rebuild(*copy.deepcopy(parts, memo)))

    def __reduce_ex__(self: Any, protocol: Any) -> Any:
        parts = type(self), ARRAY.__get__(self), self.requires_grad, copying.users(self)
        return copying.rebuilt, parts

    def materialize(self: Any, shape: Any, device: Any = None, dtype: Any = None) -> None:
        """Give it a shape, and perhaps another dtype: an ordinary tensor from now on."""
        wanted = np.dtype(self.dtype if dtype is None else dtype)
        self.array = np.zeros(shape, wanted)
        self.__class__ = self.becomes

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


def converting(name: str) -> Any:
    def convert(self: Any, *args: Any, **kwargs: Any) -> Any:
        given = self._empty()
        result = getattr(given, name)(*args, **kwargs)
        return self if result is given else result

    return convert


for name in ["to", "cpu", "double", "float", "half", "long", "int", "short", "char"]:
    setattr(Uninitialized, name, converting(name))


class UninitializedParameter(Uninitialized, Parameter):
    """A `Parameter` whose shape is not known yet."""

    __slots__ = ()

    becomes = Parameter

    def __new__(cls, requires_grad: bool = True, device: Any = None, dtype: Any = None) -> Any:
        return super().__new__(cls, empty(0, dtype=dtype), requires_grad)

    def __init__(self, requires_grad: bool = True, device: Any = None, dtype: Any = None) -> None:
        pass


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
