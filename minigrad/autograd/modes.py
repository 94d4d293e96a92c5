"""Switching the recording of the graph on and off, for the calling thread."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from minigrad.autograd.value import mode

GENERATOR = 0x20  # the flag of a generator function's code object


class GradMode:
    """Sets the mode on entry and puts the old one back on exit, also after an exception.

    A context manager, and a decorator of functions and of generator functions, which then run
    with the mode set from one ``yield`` to the next.
    """

    __slots__ = ("previous",)

    enabled = True

    def __enter__(self) -> None:
        self.previous = mode.grad
        mode.grad = self.enabled

    def __exit__(self, *exception: object) -> None:
        mode.grad = self.previous

    def again(self) -> GradMode:
        """A fresh manager of the same kind: a decorated function may call itself."""
        return type(self)()

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        if getattr(getattr(function, "__code__", None), "co_flags", 0) & GENERATOR:

            def wrapper(*args: Any, **kwargs: Any) -> Any:
                return stepwise(self.again, function(*args, **kwargs))
        else:

            def wrapper(*args: Any, **kwargs: Any) -> Any:
                with self.again():
                    return function(*args, **kwargs)

        return functools.update_wrapper(wrapper, function)


def stepwise(manager: Callable[[], GradMode], generator: Any) -> Any:
    """Run ``generator`` with the mode set inside it only: its caller's stays as it is."""
    with manager():
        try:
            item = next(generator)
        except StopIteration as end:
            return end.value
    while True:
        try:
            sent = yield item
        except GeneratorExit:
            with manager():
                generator.close()
            raise
        except BaseException as error:
            step = functools.partial(generator.throw, error)
        else:
            step = functools.partial(generator.send, sent)
        with manager():
            try:
                item = step()
            except StopIteration as end:
                return end.value


class no_grad(GradMode):
    """Operations inside are not recorded, and their results do not require grad.

    ``with no_grad():``, ``@no_grad()`` or ``@no_grad``.
    """

    __slots__ = ()

    enabled = False

    def __new__(cls, function: Callable[..., Any] | None = None) -> Any:
        manager = object.__new__(cls)
        return manager if function is None else manager(function)


class enable_grad(no_grad):
    """Operations inside are recorded, also where recording has been switched off around."""

    __slots__ = ()

    enabled = True


class set_grad_enabled(GradMode):
    """Switch recording on or off: at once as a function, for the block as a context manager."""

    __slots__ = ("enabled",)

    def __init__(self, mode_: bool) -> None:
        self.previous = mode.grad
        self.enabled = bool(mode_)
        mode.grad = self.enabled

    def __enter__(self) -> None:
        mode.grad = self.enabled

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        mode.grad = self.previous  # a decorator sets the mode when the function runs
        return super().__call__(function)

    def again(self) -> GradMode:
        return set_grad_enabled(self.enabled)


def is_grad_enabled() -> bool:
    """Whether operations of the calling thread are recorded now."""
    return mode.grad
