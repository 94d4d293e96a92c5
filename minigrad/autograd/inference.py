"""Inference mode: nothing is recorded, and tensors made in it can never take part in a graph.

An inference tensor is known by its version counter, an `Uncounted`, which views and ``detach()``
share as they share any other. Saving a tensor for backward reads its version, and there an
inference tensor refuses. So whoever never enters the mode pays nothing for it.

How does a result get that counter? While some thread is in the mode, operations make tensors of
the class ``Newborn``. When its version is set, a newborn becomes a plain tensor, and keeps the
version given, or takes an `Uncounted`, according to the thread's mode.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from minigrad.autograd.modes import GradMode, forward, inference, refuse_in_level
from minigrad.autograd.value import Value, mode, tensor_class


class Uncounted(list[int]):
    """The version of an inference tensor."""

    __slots__ = ()

    def __getitem__(self, i: Any) -> Any:
        if inference.enabled:
            return super().__getitem__(i)
        raise RuntimeError(
            "Inference tensors cannot be saved for backward. Please do not use Tensors created "
            "in inference mode in computation tracked by autograd. To work around this, you can "
            "make a clone to get a normal tensor and use it in autograd, or use "
            "`minigrad.no_grad()` instead of `minigrad.inference_mode()`."
        )


def is_inference(tensor: Any) -> bool:
    """Whether this tensor was made in inference mode, or shares the memory of one that was."""
    if not isinstance(tensor, Value):
        raise TypeError(
            "is_inference(): argument 'input' (position 1) must be Tensor, not "
            f"{type(tensor).__name__}"
        )
    return type(tensor.version) is Uncounted


def is_inference_mode_enabled() -> bool:
    """Whether the calling thread is in inference mode."""
    return inference.enabled


def newborn_class(plain: type[Any]) -> type[Any]:
    """The class of results while some thread is in inference mode."""
    version = Value.version

    def born(self: Any, given: list[int]) -> None:
        self.__class__ = plain
        version.__set__(self, Uncounted([0]) if inference.enabled else given)  # type: ignore[attr-defined]

    return type("Newborn", (plain,), {"__slots__": (), "version": property(None, born)})


class Threads:
    """How many times inference mode has been entered and not left, by all threads together."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.inside = 0
        self.plain: type[Any] = Value
        self.newborn = newborn_class(Value)

    def enter(self) -> None:
        with self.lock:
            if not self.inside:
                if self.plain is not tensor_class[0]:  # a class is a reference cycle: make it once
                    self.plain = tensor_class[0]
                    self.newborn = newborn_class(self.plain)
                tensor_class[0] = self.newborn
            self.inside += 1

    def leave(self) -> None:
        with self.lock:
            self.inside -= 1
            if not self.inside:
                tensor_class[0] = self.plain


threads = Threads()


class inference_mode(GradMode):
    """As `no_grad`, and what is made inside can never be part of a graph later.

    ``with inference_mode():``, ``@inference_mode()`` or ``@inference_mode``;
    ``inference_mode(False)`` switches it off inside. A tensor made in the mode cannot be saved
    for backward, written to outside of the mode or given requires_grad there.
    """

    __slots__ = ("entered", "wanted")

    entered: bool
    wanted: bool

    def __new__(cls, mode: bool | Callable[..., Any] = True) -> Any:
        if callable(mode):
            return cls()(mode)
        manager = object.__new__(cls)
        manager.wanted = bool(mode)
        return manager

    def __enter__(self) -> None:
        self.previous = mode.grad
        self.entered = inference.enabled
        if self.wanted:
            if forward.levels:
                refuse_in_level()
            threads.enter()
        inference.enabled = self.wanted
        mode.grad = not self.wanted

    def __exit__(self, *exception: object) -> None:
        mode.grad = self.previous
        inference.enabled = self.entered
        if self.wanted:
            threads.leave()

    def clone(self) -> GradMode:
        return inference_mode(self.wanted)  # type: ignore[no-any-return]
