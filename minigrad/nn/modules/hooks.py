"""Hooks of modules: functions that see what goes into a module and what comes out of it.

    handle = layer.register_forward_hook(lambda module, args, output: print(output.shape))
    layer(x)                # prints
    handle.remove()

In a call run the forward pre-hooks, `forward`, and the forward hooks, those for all modules first;
each may replace what it was given. Those on the gradients are in backward_hooks.py.
"""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from minigrad.autograd.hooks import RemovableHandle
from minigrad.nn.modules.backward_hooks import BackwardHooks, hook_on_last_node
from minigrad.nn.modules.members import Members, registration

__all__ = [
    "register_module_buffer_registration_hook",
    "register_module_forward_hook",
    "register_module_forward_pre_hook",
    "register_module_full_backward_hook",
    "register_module_full_backward_pre_hook",
    "register_module_module_registration_hook",
    "register_module_parameter_registration_hook",
]

Hook = Callable[..., Any]
Hooks = OrderedDict[int, Hook]

every_forward_pre: Hooks = OrderedDict()
every_forward: Hooks = OrderedDict()
every_backward_pre: Hooks = OrderedDict()
every_backward: Hooks = OrderedDict()


def add_hook(hooks: Any, hook: Hook, prepend: bool = False, *marks: set[int]) -> RemovableHandle:
    """Add ``hook`` to ``hooks`` at the end, or the beginning, and note it in the sets ``marks``."""
    handle = RemovableHandle(hooks, *marks)
    hooks[handle.id] = hook
    if prepend:
        hooks.move_to_end(handle.id, last=False)
    for marked in marks:
        marked.add(handle.id)
    return handle


class Calls(Members):
    """Calling a module: `forward` and the hooks around it."""

    _forward_pre_hooks: Hooks
    _forward_hooks: Hooks
    _backward_pre_hooks: Hooks
    _backward_hooks: Hooks
    _with_kwargs: set[int]
    _always_called: set[int]
    _old_backward: set[int]
    forward: Callable[..., Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.__dict__.update(
            _forward_pre_hooks=OrderedDict(),
            _forward_hooks=OrderedDict(),
            _backward_pre_hooks=OrderedDict(),
            _backward_hooks=OrderedDict(),
            _with_kwargs=set(),
            _always_called=set(),
            _old_backward=set(),
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if (
            self._backward_hooks
            or self._backward_pre_hooks
            or self._forward_hooks
            or self._forward_pre_hooks
            or every_forward
            or every_forward_pre
            or every_backward
            or every_backward_pre
        ):
            return self._call_with_hooks(args, kwargs)
        return self.forward(*args, **kwargs)

    def _call_with_hooks(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        called: set[int] = set()
        try:
            return self._call_hooks(args, kwargs, called)
        except Exception:
            for key, hook in [*every_forward.items(), *self._forward_hooks.items()]:
                if key in self._always_called | always_called and key not in called:
                    given = (kwargs,) if key in self._with_kwargs else ()
                    try:
                        hook(self, args, *given, None)
                    except Exception as error:
                        warnings.warn(
                            "module forward hook with ``always_call=True`` raised an exception "
                            f"that was silenced as another error was raised in forward: {error}",
                            stacklevel=3,
                        )
            raise

    def _call_hooks(self, args: Any, kwargs: Any, called: set[int]) -> Any:
        for key, hook in [*every_forward_pre.items(), *self._forward_pre_hooks.items()]:
            if key in self._with_kwargs:
                answer = hook(self, args, kwargs)
                if answer is None:
                    continue
                if not (isinstance(answer, tuple) and len(answer) == 2):
                    raise RuntimeError(
                        "forward pre-hook must return None or a tuple of (new_args, new_kwargs), "
                        f"but got {answer}."
                    )
                args, kwargs = answer
            elif (answer := hook(self, args)) is not None:
                args = answer if isinstance(answer, tuple) else (answer,)
        old = [h for key, h in self._backward_hooks.items() if key in self._old_backward]
        full = [h for key, h in self._backward_hooks.items() if key not in self._old_backward]
        full = [*every_backward.values(), *full]
        before = [*every_backward_pre.values(), *self._backward_pre_hooks.values()]
        gradients = BackwardHooks(self, full, before) if full or before else None
        if gradients is not None:
            args = gradients.at_inputs(args)
        result = self.forward(*args, **kwargs)
        for key, hook in [*every_forward.items(), *self._forward_hooks.items()]:
            called.add(key)
            given = (kwargs,) if key in self._with_kwargs else ()
            answer = hook(self, args, *given, result)
            if answer is not None:
                result = answer
        if gradients is not None:
            result = gradients.at_outputs(result)
        for hook in old:
            hook_on_last_node(self, hook, args, result)
        return result

    def register_forward_pre_hook(
        self, hook: Hook, *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Run ``hook(module, args)`` before `forward`, whose arguments it may replace.

        with_kwargs: run ``hook(module, args, kwargs)``; it may return both.
        """
        marks = [self._with_kwargs] if with_kwargs else []
        return add_hook(self._forward_pre_hooks, hook, prepend, *marks)

    def register_forward_hook(
        self,
        hook: Hook,
        *,
        prepend: bool = False,
        with_kwargs: bool = False,
        always_call: bool = False,
    ) -> RemovableHandle:
        """Run ``hook(module, args, output)`` after `forward`, whose result it may replace.

        with_kwargs: run ``hook(module, args, kwargs, output)``.
        always_call: run it, with None for the output, also if `forward` raises.
        """
        marks = [self._with_kwargs] if with_kwargs else []
        marks += [self._always_called] if always_call else []
        return add_hook(self._forward_hooks, hook, prepend, *marks)

    def register_full_backward_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Run ``hook(module, grad_output)`` before the gradients go through the module.

        It may return others to go through it instead.
        """
        return add_hook(self._backward_pre_hooks, hook, prepend)

    def register_full_backward_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Run ``hook(module, grad_input, grad_output)`` when the gradients of the positional
        arguments have been computed; it may return others in their place."""
        if self._old_backward:
            raise RuntimeError(
                "Cannot use both regular backward hooks and full backward hooks on a single "
                "Module. Please use only one of them."
            )
        return add_hook(self._backward_hooks, hook, prepend)

    def register_backward_hook(self, hook: Hook) -> RemovableHandle:
        """Run ``hook(module, grad_input, grad_output)`` with what the last node of the forward
        pass gives and gets. `register_full_backward_hook` is what is usually meant."""
        if len(self._backward_hooks) > len(self._old_backward):
            raise RuntimeError(
                "Cannot use both regular backward hooks and full backward hooks on a single "
                "Module. Please use only one of them."
            )
        return add_hook(self._backward_hooks, hook, False, self._old_backward)


def register_module_forward_pre_hook(hook: Hook) -> RemovableHandle:
    """Run ``hook(module, args)`` before the forward of every module."""
    return add_hook(every_forward_pre, hook)


always_called: set[int] = set()


def register_module_forward_hook(hook: Hook, *, always_call: bool = False) -> RemovableHandle:
    """Run ``hook(module, args, output)`` after the forward of every module."""
    return add_hook(every_forward, hook, False, *([always_called] if always_call else []))


def register_module_full_backward_pre_hook(hook: Hook) -> RemovableHandle:
    """Run ``hook(module, grad_output)`` before the backward of every module."""
    return add_hook(every_backward_pre, hook)


def register_module_full_backward_hook(hook: Hook) -> RemovableHandle:
    """Run ``hook(module, grad_input, grad_output)`` after the backward of every module."""
    return add_hook(every_backward, hook)


def register_module_parameter_registration_hook(hook: Hook) -> RemovableHandle:
    """Run ``hook(module, name, parameter)`` when any module gets one; it may return another."""
    return add_hook(registration["parameter"], hook)


def register_module_buffer_registration_hook(hook: Hook) -> RemovableHandle:
    """Run ``hook(module, name, buffer)`` when any module gets one; it may return another."""
    return add_hook(registration["buffer"], hook)


def register_module_module_registration_hook(hook: Hook) -> RemovableHandle:
    """Run ``hook(module, name, submodule)`` when any module gets one; it may return another."""
    return add_hook(registration["module"], hook)
