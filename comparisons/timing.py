"""How long a step takes, as a ratio that survives a busy machine.

The engines take turns in one process: in each round every engine makes the same few steps, and the
ratio of two engines is taken within the round, where both met the same machine. The median over
the rounds is reported.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from comparisons.contract import Engine, Step
from comparisons.problem import Problem, Start
from comparisons.schedule import Schedule
from comparisons.startup import quiet_stderr


@dataclass(frozen=True)
class Timing:
    """An engine's median time a step, in seconds, and its median ratio to the first engine's."""

    seconds: float
    ratio: float


def step_times(
    engines: Sequence[Engine],
    problem: Problem,
    start: Start,
    schedule: Schedule,
    rounds: int = 25,
    steps: int = 20,
) -> dict[str, Timing]:
    """Times `steps` steps of each engine in each of `rounds` rounds, after one round unmeasured.

    The schedule's own number of steps does not matter here. Returns timings by the engine's name;
    ratios are to `engines[0]`.
    """
    longer = replace(schedule, steps=(rounds + 1) * steps)
    with quiet_stderr(), np.errstate(all="ignore"):
        running = [engine.load()(problem, start, longer) for engine in engines]
        for training in running:
            _advance(training, steps)
        measured = []
        with _no_garbage_collection():
            for _ in range(rounds):
                measured.append([_advance(training, steps) for training in running])
    columns = list(zip(*measured, strict=True))
    return {
        engine.name: Timing(
            statistics.median(column),
            statistics.median(a / b for a, b in zip(column, columns[0], strict=True)),
        )
        for engine, column in zip(engines, columns, strict=True)
    }


def _advance(training: Iterator[Step], steps: int) -> float:
    """Makes some steps, and returns the seconds that one took."""
    began = time.perf_counter()
    for _ in range(steps):
        next(training)
    return (time.perf_counter() - began) / steps


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """A collection would be charged to whichever engine happens to run."""
    was_enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
