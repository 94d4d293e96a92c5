"""The base class of all layers and models.

    class Net(Module):
        def __init__(self):
            super().__init__()
            self.hidden = Linear(2, 8)
            self.out = Linear(8, 1)

        def forward(self, x):
            return self.out(self.hidden(x).tanh())

What a module consists of is in members.py, what happens when it is called in hooks.py, how its
state is saved and loaded in state.py; here is what is done to all of its tensors at once.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from minigrad import dtypes
from minigrad.autograd.modes import no_grad
from minigrad.conversion import positional
from minigrad.devices import need_cpu
from minigrad.nn.modules import hooks
from minigrad.nn.modules.hooks import Calls
from minigrad.nn.modules.state import StateDict, lazy
from minigrad.nn.modules.state import _IncompatibleKeys as _IncompatibleKeys

__all__ = ["Module"]

register_module_buffer_registration_hook = hooks.register_module_buffer_registration_hook
register_module_forward_hook = hooks.register_module_forward_hook
register_module_forward_pre_hook = hooks.register_module_forward_pre_hook
register_module_full_backward_hook = hooks.register_module_full_backward_hook
register_module_full_backward_pre_hook = hooks.register_module_full_backward_pre_hook
register_module_module_registration_hook = hooks.register_module_module_registration_hook
register_module_parameter_registration_hook = hooks.register_module_parameter_registration_hook

M = TypeVar("M", bound="Module")


def _forward_unimplemented(self: Any, *input: Any) -> Any:
    raise NotImplementedError(
        f'Module [{type(self).__name__}] is missing the required "forward" function'
    )


class Module(StateDict, Calls):
    """A function with parameters: a subclass makes them in `__init__` and defines `forward`.

    To call a module is to call its hooks and `forward`, whose arguments and results are of any
    kind. What is assigned as an attribute is found by `parameters` if it is a `Parameter`, and by
    `modules` if it is a module; buffers are registered. Raises NotImplementedError for a call
    without a `forward`, AttributeError for a parameter or a module assigned before
    ``super().__init__()``, TypeError for a plain tensor assigned in a parameter's place.
    """

    forward: Callable[..., Any] = _forward_unimplemented

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take over the attributes of a copied or pickled module; for classes to extend."""
        self.__dict__.update(state)

    # What is done to every module, or every tensor, of the tree.

    def apply(self: M, fn: Callable[[Any], Any]) -> M:
        """Run ``fn(module)`` for all modules below, then for this one; to initialise, say."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def _apply(self: M, fn: Callable[[Any], Any], recurse: bool = True) -> M:
        """Replace the data of every parameter, gradient and buffer by ``fn`` of it."""
        if recurse:
            for module in self.children():
                module._apply(fn)
        with no_grad():
            for parameter in self._parameters.values():
                if parameter is not None:
                    parameter.data = fn(parameter.data)
                    if parameter.grad is not None:
                        grad = fn(parameter.grad.data).requires_grad_(parameter.grad.requires_grad)
                        parameter.grad = None
                        parameter.grad = grad
            for name, buffer in self._buffers.items():
                if lazy(buffer):
                    buffer.data = fn(buffer.data)
                elif buffer is not None:
                    self._buffers[name] = fn(buffer)
        return self

    def type(self: M, dst_type: Any) -> M:
        """All parameters and buffers converted to a dtype."""
        return self._apply(lambda x: x.type(dst_type))

    def float(self: M) -> M:
        """Floating-point parameters and buffers converted to float32."""
        return self._to_dtype(dtypes.float32)

    def double(self: M) -> M:
        """Floating-point parameters and buffers converted to float64."""
        return self._to_dtype(dtypes.float64)

    def half(self: M) -> M:
        """Floating-point parameters and buffers converted to float16."""
        return self._to_dtype(dtypes.float16)

    def _to_dtype(self: M, dtype: Any) -> M:
        return self._apply(lambda x: x.to(dtype) if x.is_floating_point() else x)

    def cpu(self: M) -> M:
        """Nothing to do: this is where all tensors are."""
        return self

    def cuda(self: M, device: Any = None) -> M:
        """There is none: raises AssertionError."""
        need_cpu("cuda", "cuda")
        return self

    def to(self: M, *args: Any, **kwargs: Any) -> M:
        """Convert to a dtype, in place: ``to(dtype)``, ``to(device, dtype)`` or ``to(tensor)``.

        Only floating-point parameters and buffers are converted. Of devices there is "cpu". Raises
        TypeError for a dtype of integers.
        """
        device, dtype = kwargs.get("device"), kwargs.get("dtype")
        if "tensor" in kwargs:
            args = (kwargs["tensor"],)
        if args:
            dtype, device, _ = positional(args, dtype, device, False)
        need_cpu("to", device)
        if dtype is None:
            return self
        if np.dtype(dtype).kind != "f":
            raise TypeError(
                "nn.Module.to only accepts floating point or complex dtypes, but got desired "
                f"dtype={dtype!r}"
            )
        return self._to_dtype(dtype)

    def to_empty(self: M, *, device: Any, recurse: bool = True) -> M:
        """As `to`; the values of the parameters are then anything."""
        need_cpu("to_empty", device)
        return self

    def train(self: M, mode: bool = True) -> M:
        """Say that this module and all below are in training: dropout drops, averages run."""
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self: M) -> M:
        """Say that this module and all below are in use, and no longer in training."""
        return self.train(False)

    def requires_grad_(self: M, requires_grad: bool = True) -> M:
        """Say for all parameters whether gradients are wanted."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters, or fill them with zeros."""
        for parameter in self.parameters():
            grad = parameter.grad
            if set_to_none:
                parameter.grad = None
            elif grad is not None:
                if grad.grad_fn is not None:
                    grad.detach_()
                else:
                    grad.requires_grad_(False)
                grad.zero_()

    def share_memory(self: M) -> M:
        """Nothing to do: threads share memory, and other processes get copies."""
        for tensor in (*self.parameters(), *self.buffers()):
            tensor.share_memory_()
        return self

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """Nothing to do: there is no compiler."""

    # How it prints.

    def extra_repr(self) -> str:
        """What stands in the brackets; a subclass says which of its settings."""
        return ""

    def _get_name(self) -> str:
        return type(self).__name__

    def __repr__(self) -> str:
        lines = [f"({name}): {module!r}" for name, module in self._modules.items()]
        return bracketed(self._get_name(), self.extra_repr(), lines)


def bracketed(name: str, extra: str, lines: list[str]) -> str:
    """``name(extra)``, or a line for each of the extras and the lines, indented by two."""
    extras = extra.split("\n") if extra else []
    if not lines and len(extras) < 2:
        return f"{name}({extra})"
    indented = "\n".join([*extras, *lines])
    return f"{name}(\n{textwrap.indent(indented, '  ', lambda line: True)}\n)"


for _name in (
    *("parameters", "named_parameters", "buffers", "named_buffers"),
    *("children", "named_children", "modules", "named_modules"),
):
    getattr(Module, _name).__qualname__ = f"Module.{_name}"  # as their generators print
