"""Parameters that are a function of what is learnt.

class Symmetric(Module):
    def forward(self, x):
        return x.triu() + x.triu(1).T

layer = register_parametrization(Linear(3, 3), "weight", Symmetric())
layer.weight                                # symmetric, worked out at each access
layer.parametrizations.weight.original      # the parameter that is learnt
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from copy import deepcopy
from typing import Any

from minigrad.autograd.modes import no_grad
from minigrad.nn.modules.container import ModuleDict, ModuleList
from minigrad.nn.modules.module import Module
from minigrad.nn.parameter import Parameter
from minigrad.tensor import Tensor

__all__ = [
    "ParametrizationList",
    "cached",
    "is_parametrized",
    "register_parametrization",
    "remove_parametrizations",
    "transfer_parametrizations_and_params",
    "type_before_parametrizations",
]


class ParametrizationList(ModuleList):
    """The functions of one tensor, and what the first is applied to: ``original``, or, where its
    ``right_inverse`` gives several tensors, ``original0``, ``original1``, ..."""

    def __init__(self, modules: list[Module], original: Any, unsafe: bool = False) -> None:
        if not modules:
            raise ValueError("ParametrizationList requires one or more modules.")
        super().__init__(modules)
        self.unsafe = unsafe
        new = self.inverse(original, at_first=True)
        self.is_tensor = isinstance(new, Tensor)
        if self.is_tensor:
            if new.dtype != original.dtype:
                raise ValueError(
                    "When `right_inverse` outputs one tensor, it may not change the dtype. The "
                    f"original is {original.dtype}, right_inverse(original) {new.dtype}"
                )
            original.data = new.data
            original.version[0] += 1
            self.keep("original", original)
            self.ntensors = 1
        else:
            need_tensors(new)
            self.ntensors = len(new)
            for i, each in enumerate(new):
                wanted = isinstance(original, Parameter)
                self.keep(
                    f"original{i}", Parameter(each, original.requires_grad) if wanted else each
                )

    def keep(self, name: str, tensor: Any) -> None:
        if isinstance(tensor, Parameter):
            self.register_parameter(name, tensor)
        else:
            self.register_buffer(name, tensor)

    def inverse(self, value: Any, at_first: bool = False) -> Any:
        """What the functions make ``value`` of; at first those without an inverse are passed by."""
        with no_grad():
            for module in reversed(list(self)):
                if hasattr(module, "right_inverse"):
                    try:
                        value = module.right_inverse(value)
                    except NotImplementedError:
                        if not at_first:
                            raise
                elif not at_first:
                    raise RuntimeError(
                        f"parametrization {type(module).__name__} does not implement "
                        "right_inverse. It would say what to learn so that the tensor has the "
                        "value assigned to it."
                    )
        return value

    def originals(self) -> list[Any]:
        if self.is_tensor:
            return [self.original]
        return [getattr(self, f"original{i}") for i in range(self.ntensors)]

    def right_inverse(self, value: Any) -> None:
        """Set what is learnt so that the functions make ``value`` of it."""
        new = self.inverse(value)
        if self.is_tensor:
            if not isinstance(new, Tensor):
                raise ValueError(f"`right_inverse` should return a tensor. Got {kind_of(new)}")
            new = [new]
        else:
            need_sequence(new, self.ntensors)
        for i, (own, each) in enumerate(zip(self.originals(), new, strict=True)):
            if each.dtype != own.dtype:
                which, number = ("The tensor", "") if self.is_tensor else (f"Tensor {i}", i)
                raise ValueError(
                    f"{which} returned by `right_inverse` has dtype {each.dtype} while "
                    f"`original{number}` has dtype {own.dtype}"
                )
            own.data = each  # which may have another shape, and shares its memory from now on
            own.version[0] += 1

    def forward(self) -> Any:
        first, *others = self
        value = first(*self.originals())
        for module in others:
            value = module(value)
        return value


def kind_of(value: Any) -> str:
    return type(value).__name__


def need_tensors(new: Any) -> None:
    """Raise ValueError unless ``new`` is a sequence of tensors."""
    message = "'right_inverse' must return a Tensor or a Sequence of tensors (list, tuple...). Got "
    if not isinstance(new, Sequence):
        raise ValueError(message + kind_of(new))
    for i, each in enumerate(new):
        if not isinstance(each, Tensor):
            raise ValueError(f"{message}element {i} of the sequence with type {kind_of(each)}.")


def need_sequence(new: Any, size: int) -> None:
    """The same, of as many tensors as there are originals."""
    message = "'right_inverse' must return a sequence of tensors"
    if not isinstance(new, Sequence):
        raise ValueError(f"{message}. Got {kind_of(new)}.")
    if len(new) != size:
        raise ValueError(f"{message} of length {size}. Got a sequence of length {len(new)}.")
    for i, each in enumerate(new):
        if not isinstance(each, Tensor):
            raise ValueError(
                f"{message} or reference-type opaques. Got element {i} of type {kind_of(each)}."
            )


def register_parametrization(
    module: Module, tensor_name: str, parametrization: Module, *, unsafe: bool = False
) -> Module:
    """Make the parameter or buffer ``tensor_name`` the result of ``parametrization``.

    Several follow each other. A method ``right_inverse`` gives what to learn at first, and allows
    to assign to the attribute. Raises ValueError where shape or dtype would change, unless
    ``unsafe``, and for a name that is neither parameter nor buffer.
    """
    parametrization.train(module.training)
    if is_parametrized(module, tensor_name):
        functions: Any = module.parametrizations[tensor_name]
        before = getattr(module, tensor_name)
        if not unsafe:
            after = parametrization(before)
            check_like(parametrization, after, before, "the `unsafe`")
            if hasattr(parametrization, "right_inverse"):
                with suppress(NotImplementedError):
                    back = parametrization.right_inverse(after)
                    check_inverse(back, before, tensor_name)
        functions.append(parametrization)
        return module
    if tensor_name not in {**module._parameters, **module._buffers}:
        raise ValueError(
            f"Module '{module}' does not have a parameter, a buffer, or a parametrized element "
            f"with name '{tensor_name}'"
        )
    original = getattr(module, tensor_name)
    like = original.detach().clone()
    functions = ParametrizationList([parametrization], original, unsafe)
    if not unsafe:
        with no_grad():
            check_like(parametrization, functions(), like)
    delattr(module, tensor_name)
    if not is_parametrized(module):
        kind = type(module)
        members: dict[str, Any] = {"__getstate__": refuse_pickling}
        if not hasattr(kind, "__deepcopy__"):
            members["__deepcopy__"] = copied
        module.__class__ = type(f"Parametrized{kind.__name__}", (kind,), members)
        module.parametrizations = ModuleDict()
    setattr(type(module), tensor_name, computed(tensor_name))
    module.parametrizations[tensor_name] = functions
    return module


def refuse_pickling(self: Any) -> Any:
    raise RuntimeError(
        "Serialization of parametrized modules is only supported through state_dict(). Its class "
        "was made for this module, and a pickle would not find it."
    )


def copied(self: Any, memo: dict[int, Any]) -> Any:
    """A deep copy, of the same class: what the parameters are computed with is copied as well."""
    new = self.__new__(type(self))
    memo[id(self)] = new
    new.__dict__ = deepcopy(self.__dict__, memo)
    return new


def check_like(parametrization: Module, result: Any, original: Any, flag: str = "`unsafe`") -> None:
    if not isinstance(result, Tensor):
        raise ValueError(f"A parametrization must return a tensor. Got {kind_of(result)}.")
    for what, was, now in changes(original, result):
        raise ValueError(
            f"Registering a parametrization may not change the {what} of the tensor, unless "
            f"{flag} flag is enabled. It was {was}, and {parametrization} makes it {now}"
        )


def check_inverse(result: Any, original: Any, name: str) -> None:
    who = "parametrization.right_inverse must"
    if not isinstance(result, Tensor):
        raise ValueError(f"{who} return a tensor. Got: {kind_of(result)}")
    for what, was, now in changes(original, result):
        raise ValueError(
            f"The tensor returned by {who} have the same {what} as module.{name}, unless the "
            f"`unsafe` flag is enabled. It was {was}, and is {now}"
        )


def changes(original: Any, result: Any) -> Iterator[tuple[str, Any, Any]]:
    """What of dtype and shape is another: its name, as it was, and as it is."""
    for what in "dtype", "shape":
        was, now = getattr(original, what), getattr(result, what)
        if was != now:
            yield what, was, now


class Cache(threading.local):
    """What `cached` keeps: how many of its blocks are open, and the tensors by list."""

    blocks = 0

    def __init__(self) -> None:
        self.tensors: dict[ParametrizationList, Any] = {}


cache = Cache()


@contextmanager
def cached() -> Iterator[None]:
    """Work parametrized tensors out only once while the block runs."""
    cache.blocks += 1
    try:
        yield
    finally:
        cache.blocks -= 1
        if not cache.blocks:
            cache.tensors.clear()


def computed(name: str) -> property:
    """The attribute that is worked out at each access."""

    def get(self: Any) -> Any:
        functions = self.parametrizations[name]
        if not cache.blocks:
            return functions()
        if functions not in cache.tensors:
            cache.tensors[functions] = functions()
        return cache.tensors[functions]

    def assign(self: Any, value: Any) -> None:
        self.parametrizations[name].right_inverse(value)

    return property(get, assign)


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Whether the module, or this tensor of it, has a parametrization."""
    found = module._modules.get("parametrizations")
    if not isinstance(found, ModuleDict):
        return False
    return len(found) > 0 if tensor_name is None else tensor_name in found


def remove_parametrizations(
    module: Module, tensor_name: str, leave_parametrized: bool = True
) -> Module:
    """Make the tensor a parameter or buffer again, as it is now or, else, as it was learnt."""
    if not is_parametrized(module, tensor_name):
        raise ValueError(f"Module {module} does not have a parametrization on {tensor_name}")
    functions: Any = module.parametrizations[tensor_name]
    if not functions.is_tensor and not leave_parametrized:
        raise ValueError(
            "Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is "
            "parametrized in terms of a sequence of tensors."
        )
    first = functions.originals()[0]
    if leave_parametrized:
        with no_grad():
            value = getattr(module, tensor_name)
        if functions.is_tensor:
            first.data = value.data
        else:
            first = Parameter(value, first.requires_grad) if isinstance(first, Parameter) else value
    delattr(type(module), tensor_name)
    del module.parametrizations[tensor_name]
    setter = module.register_parameter if isinstance(first, Parameter) else module.register_buffer
    if not is_parametrized(module):
        del module.parametrizations
        module.__class__ = type_before_parametrizations(module)
    setter(tensor_name, first)
    return module


def transfer_parametrizations_and_params(
    from_module: Module, to_module: Module, tensor_name: str | None = None
) -> Module:
    """Give ``to_module`` the functions of the other's parametrized tensors, and what they learn.

    tensor_name: of this tensor alone. Other parameters stay as they are.
    """
    if not is_parametrized(from_module):
        return to_module
    found: Any = from_module.parametrizations
    for name in list(found) if tensor_name is None else [tensor_name]:
        functions = found[name]
        if not hasattr(to_module, name):
            setattr(to_module, name, Parameter(getattr(from_module, name)))
        for function in functions:
            register_parametrization(to_module, name, function)
        made: Any = to_module.parametrizations[name]
        numbers = [""] if functions.is_tensor else range(functions.ntensors)
        for i in numbers:
            setattr(made, f"original{i}", getattr(functions, f"original{i}"))
    return to_module


def type_before_parametrizations(module: Module) -> type[Module]:
    """The class that the module had before it was given parametrizations."""
    kind = type(module)
    return kind.__bases__[0] if kind.__name__.startswith("Parametrized") else kind
