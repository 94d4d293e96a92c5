"""``torch.profiler`` for programs that run under it: they run, and nothing is measured.

Asking for a measurement raises NotImplementedError; Python's own ``cProfile`` measures.
"""

from __future__ import annotations

import contextlib
import enum
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

__all__ = [
    "ProfilerAction",
    "ProfilerActivity",
    "profile",
    "record_function",
    "schedule",
    "supported_activities",
    "tensorboard_trace_handler",
]


class ProfilerActivity(enum.Enum):
    """What can be watched."""

    CPU = 0
    XPU = 1
    CUDA = 3


class ProfilerAction(enum.Enum):
    """What a profiler does in a step."""

    NONE = 0
    WARMUP = 1
    RECORD = 2
    RECORD_AND_SAVE = 3


def supported_activities() -> set[ProfilerActivity]:
    """``{ProfilerActivity.CPU}``"""
    return {ProfilerActivity.CPU}


class record_function(contextlib.ContextDecorator):
    """A context, or a decorator, that would name a part of the program in a profile."""

    def __init__(self, name: str, args: str | None = None) -> None:
        self.name = name

    def __enter__(self) -> record_function:
        return self

    def __exit__(self, *raised: Any) -> None:
        pass


def schedule(
    *, wait: int, warmup: int, active: int, repeat: int = 0, skip_first: int = 0
) -> Callable[[int], ProfilerAction]:
    """What to do in each step: wait, warm up, record; and again, ``repeat`` times or always."""
    if min(wait, warmup, repeat, skip_first) < 0 or active <= 0:
        raise AssertionError("Invalid profiler schedule arguments")
    length = wait + warmup + active

    def action(step: int) -> ProfilerAction:
        if step < 0:
            raise AssertionError(f"Step must be non-negative. Got {step}.")
        cycle, place = divmod(step - skip_first, length)
        if step < skip_first or (repeat and cycle >= repeat) or place < wait:
            return ProfilerAction.NONE
        if place < wait + warmup:
            return ProfilerAction.WARMUP
        last = place == length - 1
        return ProfilerAction.RECORD_AND_SAVE if last else ProfilerAction.RECORD

    return action


class profile:
    """A context in which the program runs as always; ``on_trace_ready`` is called when torch would.

    Without a schedule that is at the end.
    """

    def __init__(
        self,
        *,
        activities: Iterable[ProfilerActivity] | None = None,
        schedule: Callable[[int], ProfilerAction] | None = None,
        on_trace_ready: Callable[[profile], Any] | None = None,
        **settings: Any,
    ) -> None:
        self.schedule = schedule or (lambda step: ProfilerAction.RECORD)
        self.on_trace_ready = on_trace_ready
        self.step_num = 0

    def start(self) -> None:
        """Begin."""

    def stop(self) -> None:
        """End."""
        if self.schedule(self.step_num).value >= ProfilerAction.RECORD.value:
            self._ready()

    def step(self) -> None:
        """Say that a step of the program is over."""
        done = self.schedule(self.step_num)
        self.step_num += 1
        if done is ProfilerAction.RECORD_AND_SAVE:
            self._ready()

    def _ready(self) -> None:
        if self.on_trace_ready is not None:
            self.on_trace_ready(self)

    def __enter__(self) -> profile:
        self.start()
        return self

    def __exit__(self, *raised: Any) -> None:
        self.stop()

    def _nothing(self, *args: Any, **settings: Any) -> NoReturn:
        raise NotImplementedError(
            "minigrad's profiler measures nothing, so there is no profile to show or to write. "
            "Python's cProfile measures a program of numpy calls well."
        )

    events = key_averages = export_chrome_trace = export_stacks = _nothing


def tensorboard_trace_handler(
    dir_name: str, worker_name: str | None = None, use_gzip: bool = False
) -> Callable[[profile], None]:
    """A handler for ``on_trace_ready`` that raises NotImplementedError: there is no trace."""
    return lambda prof: prof.export_chrome_trace(dir_name)
