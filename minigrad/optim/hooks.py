"""Functions that an optimizer calls around its steps, and when its state is saved or loaded."""

from __future__ import annotations

import functools
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from minigrad.autograd.hooks import RemovableHandle

Hook = Callable[..., Any]


class Hooks(OrderedDict[int, Hook]):
    """Hooks in the order in which they run."""

    def register(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Add ``hook`` as the last one, or as the first."""
        handle = RemovableHandle(self)
        self[handle.id] = hook
        if prepend:
            self.move_to_end(handle.id, last=False)
        return handle

    def through(self, optimizer: Any, value: Any) -> Any:
        """Each hook is given the optimizer and ``value``, and may return another in its place."""
        for hook in self.values():
            changed = hook(optimizer, value)
            value = value if changed is None else changed
        return value


# Called around the steps of every optimizer.
before_every, after_every = Hooks(), Hooks()


def register_optimizer_step_pre_hook(hook: Hook) -> RemovableHandle:
    """Call ``hook(optimizer, args, kwargs)`` before the steps of all optimizers, ahead of theirs.

    It may return other arguments, as a tuple of both.
    """
    return before_every.register(hook)


def register_optimizer_step_post_hook(hook: Hook) -> RemovableHandle:
    """Call ``hook(optimizer, args, kwargs)`` after the steps of all optimizers, behind theirs."""
    return after_every.register(hook)


def hooked(step: Callable[..., Any]) -> Callable[..., Any]:
    """A class's ``step`` with the hooks that are registered around it."""

    @functools.wraps(step)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        self.stepped = True
        # Not around what an overriding step has called, nor a wrapper of another optimizer, which
        # has no groups of its own.
        if type(self).step is not wrapper or "_step_pre_hooks" not in vars(self):
            return step(self, *args, **kwargs)
        args = (self, *args)
        for hook in [*before_every.values(), *self._step_pre_hooks.values()]:
            changed = hook(self, args, kwargs)
            if changed is None:
                continue
            if not (isinstance(changed, tuple) and len(changed) == 2):
                raise RuntimeError(
                    f"{step} must return None or a tuple of (new_args, new_kwargs), but got "
                    f"{changed}."
                )
            args, kwargs = changed
        result = step(*args, **kwargs)
        for hook in [*self._step_post_hooks.values(), *after_every.values()]:
            hook(self, args, kwargs)
        return result

    wrapper.hooked = True  # type: ignore[attr-defined]
    return wrapper
