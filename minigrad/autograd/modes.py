"""Switching the recording of the graph on and off, for the calling thread."""

from __future__ import annotations

import functools
import threading
import warnings
from collections.abc import Callable
from typing import Any

from minigrad.autograd.value import mode
from minigrad.errors import users_line


class Inference(threading.local):
    """Whether the thread is in inference mode; see inference.py."""

    enabled = False


inference = Inference()


class Transforms(threading.local):
    """True while transforms of minigrad.func are under way in the thread: how many there are."""

    depth = 0

    def __bool__(self) -> bool:
        return self.depth > 0


transforms = Transforms()


def transform(call: Callable[..., Any]) -> Callable[..., Any]:
    """Says to the thread, while it runs, that a transform is under way."""

    @functools.wraps(call)
    def within(*args: Any, **kwargs: Any) -> Any:
        transforms.depth += 1
        try:
            return call(*args, **kwargs)
        finally:
            transforms.depth -= 1

    return within


GENERATOR = 0x20  # the flag of a generator function's code object


class Forward(threading.local):
    """The levels of dual tensors that are open in this thread; see forward_ad.py."""

    levels: tuple[Any, ...] = ()


forward = Forward()


def refuse_in_level() -> None:
    """Raise an error where switching off the recording would lose tangents."""
    if mode.grad:
        raise RuntimeError(
            "recording cannot be switched off where tangents are computed (in a dual_level, and in "
            "functions given to jvp, jacfwd or hessian): what is not recorded would lose its "
            "tangent. Use detach() for what is meant to be a constant."
        )


class GradMode:
    """Sets the mode on entry and puts the old one back on exit, also after an exception.

    A context manager, and a decorator of functions and of generator functions, which then run
    with the mode set from one ``yield`` to the next.
    """

    __slots__ = ("previous",)

    enabled = True

    def __enter__(self) -> None:
        self.previous = mode.grad
        if not self.enabled:
            if forward.levels:
                refuse_in_level()
            mode.grad = False
        else:
            mode.grad = not inference.enabled  # where nothing can be recorded

    def __exit__(self, *exception: object) -> None:
        mode.grad = self.previous

    def clone(self) -> GradMode:
        """A fresh manager of the same kind: a decorated function may call itself."""
        return type(self)()

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        if isinstance(function, type):
            warnings.warn(
                "Decorating classes is deprecated and will be disabled in future versions. The "
                "mode is set while an instance is made, and not in its methods: decorate those.",
                FutureWarning,
                stacklevel=users_line(),
            )
        if getattr(getattr(function, "__code__", None), "co_flags", 0) & GENERATOR:

            def wrapper(*args: Any, **kwargs: Any) -> Any:
                return stepwise(self.clone, function(*args, **kwargs))
        else:

            def wrapper(*args: Any, **kwargs: Any) -> Any:
                with self.clone():
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


class unrecorded(no_grad):
    """As `no_grad`, for what is then recorded as a whole: the forward of a `Function`."""

    __slots__ = ()

    def __enter__(self) -> None:
        self.previous = mode.grad
        mode.grad = False


class enable_grad(no_grad):
    """Operations inside are recorded, also where recording has been switched off around."""

    __slots__ = ()

    enabled = True


class set_grad_enabled(GradMode):
    """Switch recording on or off: at once as a function, for the block as a context manager."""

    __slots__ = ("enabled",)

    def __init__(self, mode: bool) -> None:
        if not isinstance(mode, bool):
            raise TypeError(
                "set_grad_enabled(): argument 'enabled' (position 1) must be bool, not "
                f"{type(mode).__name__}"
            )
        self.previous = is_grad_enabled()
        self.enabled = mode
        self.__enter__()

    def __enter__(self) -> None:
        if forward.levels and not self.enabled:
            refuse_in_level()
        mode.grad = self.enabled and not inference.enabled

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        mode.grad = self.previous  # a decorator sets the mode when the function runs
        return super().__call__(function)

    def clone(self) -> GradMode:
        return set_grad_enabled(self.enabled)


class set_multithreading_enabled:
    """Accepted: a backward pass runs in the thread that calls it, whatever is set."""

    __slots__ = ("mode",)

    def __init__(self, mode: bool) -> None:
        if not isinstance(mode, bool):
            raise TypeError(
                "set_multithreading_enabled(): argument 'enabled' (position 1) must be bool, not "
                f"{type(mode).__name__}"
            )
        self.mode = mode

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exception: object) -> None:
        pass

    def clone(self) -> set_multithreading_enabled:
        """A manager of the same kind."""
        return set_multithreading_enabled(self.mode)


def is_grad_enabled() -> bool:
    """Whether operations of the calling thread are recorded now."""
    return mode.grad
