"""What an engine is: something that trains, and tells what it computed at every step."""

from __future__ import annotations

import functools
import importlib
import importlib.util
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from comparisons.problem import Problem, Start
from comparisons.schedule import Schedule
from comparisons.startup import quiet_stderr, quiet_tensorflow


class Step(NamedTuple):
    """One step of descent: the loss and the gradients where it started, w and b where it ended.

    Each value is its library's own: a single number with `.dtype` and `.item()`.
    """

    loss: Any
    w: Any
    b: Any
    dw: Any
    db: Any


QUANTITIES = Step._fields

Train = Callable[[Problem, Start, Schedule], Iterator[Step]]


@dataclass(frozen=True, eq=False)
class Trajectory:
    """A whole training: five float64 arrays with one entry a step.

    `loss[t]`, `dw[t]` and `db[t]` are taken at the start of step t, over the samples of that step;
    `w[t]` and `b[t]` are the parameters after it. float32 values are widened, which is exact.
    """

    loss: npt.NDArray[np.float64]
    w: npt.NDArray[np.float64]
    b: npt.NDArray[np.float64]
    dw: npt.NDArray[np.float64]
    db: npt.NDArray[np.float64]

    @classmethod
    def record(cls, steps: Iterable[Step], dtype: str) -> Trajectory:
        """Collects steps as they are made; a step's values may change once the next one runs.

        Raises:
            TypeError: an engine computed in another dtype than `dtype`.
        """
        rows = []
        for step in steps:
            for name, value in zip(QUANTITIES, step, strict=True):
                if _name(value.dtype) != dtype:
                    raise TypeError(f"{name} is {value.dtype} in a {dtype} problem")
            rows.append([value.item() for value in step])
        return cls(*np.array(rows, dtype=np.float64).reshape(-1, len(QUANTITIES)).T)

    def __len__(self) -> int:
        return len(self.loss)

    def is_finite(self) -> bool:
        """Whether no value is NaN or infinite."""
        return all(bool(np.isfinite(getattr(self, name)).all()) for name in QUANTITIES)


@functools.cache
def _name(dtype: Hashable) -> str:
    """The bare name of any library's dtype: torch writes "torch.float64"."""
    return str(dtype).rpartition(".")[2]


@dataclass(frozen=True)
class Engine:
    """A way to train, kept in a module of its own under `comparisons/engines/`.

    The module defines `train(problem, start, schedule)`, a generator that yields a `Step` for each
    of the schedule's steps and neither keeps nor changes what it was given. A generator, because
    the loop then reads as it would without a contract, and can be timed, watched and stopped from
    outside, one step at a time.

    Args:
        name: what the command line calls it, and with underscores the module's name.
        title: what tables call it.
        package: the package it imports.
    """

    name: str
    title: str
    package: str

    @property
    def module(self) -> str:
        """The full name of its module."""
        return f"comparisons.engines.{self.name.replace('-', '_')}"

    @property
    def path(self) -> Path:
        """Its source file, whether or not its package is installed."""
        return Path(__file__).parent / "engines" / f"{self.name.replace('-', '_')}.py"

    def missing(self) -> str | None:
        """Why it cannot run here, or None if it can. Imports nothing heavy."""
        if importlib.util.find_spec(self.package) is None:
            return f"{self.package} is not installed"
        return None

    def load(self) -> Train:
        """Imports the module, and with it the package.

        Raises:
            ImportError: the package is missing or broken.
        """
        quiet_tensorflow()
        return cast(Train, importlib.import_module(self.module).train)

    def run(
        self,
        problem: Problem,
        start: Start,
        schedule: Schedule,
        watch: Callable[[Iterable[Step]], Iterable[Step]] = iter,
    ) -> Trajectory:
        """Trains, and returns every step; `watch` wraps the steps, say in a progress bar.

        What the package writes to stderr meanwhile is shown only if it raises. Numbers that
        overflow are recorded as they come.

        Raises:
            RuntimeError: the engine made another number of steps than it was asked for.
        """
        with quiet_stderr(), np.errstate(all="ignore"):
            steps = self.load()(problem, start, schedule)
            trajectory = Trajectory.record(watch(steps), problem.dtype)
        if len(trajectory) != schedule.steps:
            raise RuntimeError(
                f"{self.name} made {len(trajectory)} steps; it was asked for {schedule.steps}"
            )
        return trajectory

    def gradient(self, problem: Problem, start: Start) -> tuple[float, float, float]:
        """The loss, dw and db at `start`, over all points."""
        first = self.run(problem, start, Schedule(steps=1))
        return float(first.loss[0]), float(first.dw[0]), float(first.db[0])
