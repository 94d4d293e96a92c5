"""Timing candidates against each other, so that a busy machine matters little.

The candidates of a bench take turns: each round times every one of them, in an order that rotates,
and their times are compared within the round. What disturbs the machine for longer than a round
then disturbs all of them, and cancels. Two ratios are told: of the minima (the least disturbed run
of each), and the median of the rounds' own ratios. Garbage is collected between measurements and
not during them, as timeit does.

Before anything is timed, the candidates take the same steps from the same start, and have to arrive
at the same numbers: a fast wrong answer is not a figure.
"""

from __future__ import annotations

import cProfile
import gc
import pstats
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

Step = Callable[[], Any]
State = Callable[[], list[np.ndarray]]
# What is timed, and what tells where it has arrived.
Candidate = tuple[Step, State]

AGREEMENT_STEPS = 10
PROFILED_SECONDS = 1.0


@dataclass(frozen=True)
class Limit:
    """What a ratio of times has to keep to, and what we would like it to be."""

    most: float
    goal: float | None = None

    def __str__(self) -> str:
        return f"<= {self.most:.2f}" + (f" (goal {self.goal:.2f})" if self.goal else "")


@dataclass(frozen=True)
class Bench:
    """One step, of several candidates.

    Args:
        title: what it is.
        candidates: by name; one of them is "minigrad", the first is what the others agree with.
        limits: of the ratio of minigrad's time to another candidate's, by that one's name.
        rtol: how closely the candidates agree, relatively, and absolutely for numbers below 1.
        seconds: about how long a turn takes.
    """

    title: str
    candidates: dict[str, Candidate]
    limits: dict[str, Limit]
    rtol: float
    seconds: float

    def check_agreement(self) -> None:
        """Some steps of each candidate.

        Raises:
            AssertionError: a candidate arrives elsewhere than the first.
        """
        arrived = {}
        for name, (step, state) in self.candidates.items():
            for _ in range(AGREEMENT_STEPS):
                step()
            arrived[name] = state()
        expected, *_ = arrived.values()
        for name, numbers in arrived.items():
            for mine, theirs in zip(numbers, expected, strict=True):
                np.testing.assert_allclose(
                    mine, theirs, rtol=self.rtol, atol=self.rtol, err_msg=f"{self.title}: {name}"
                )

    def measure(self, rounds: int, share: float = 1.0) -> Figures:
        """Times every candidate `rounds` times, for a `share` of the usual time a turn."""
        counts = {}
        for name, (step, _) in self.candidates.items():
            timed(step, 3)
            counts[name] = max(1, int(share * self.seconds / timed(step, 10)))
        times: dict[str, list[float]] = {name: [] for name in self.candidates}
        names = list(self.candidates)
        for turn in range(rounds):
            first = turn % len(names)
            for name in names[first:] + names[:first]:
                times[name].append(timed(self.candidates[name][0], counts[name]))
        return Figures(times)

    def rows(self, figures: Figures) -> list[Row]:
        """A row of the report for each limit whose candidate was there to be measured."""
        return [
            figures.row(self.title, other, limit)
            for other, limit in self.limits.items()
            if other in self.candidates
        ]

    def profile(self) -> None:
        """Prints which functions minigrad's step spends its time in."""
        step, _ = self.candidates["minigrad"]
        count = max(1, int(PROFILED_SECONDS / timed(step, 3)))
        profiler = cProfile.Profile()
        with no_garbage_collection(), profiler:
            for _ in range(count):
                step()
        print(f"\n{self.title}, {count} steps of minigrad")
        pstats.Stats(profiler).sort_stats("tottime").print_stats(20)


Row = tuple[str, str, str, str, str]


@dataclass(frozen=True)
class Figures:
    """The times of each candidate: one number of seconds a step for every round."""

    times: dict[str, list[float]]

    def ratios(self, name: str, other: str) -> tuple[float, float]:
        """Of the minima, and the median of the paired ones."""
        mine, theirs = self.times[name], self.times[other]
        paired = [a / b for a, b in zip(mine, theirs, strict=True)]
        return min(mine) / min(theirs), statistics.median(paired)

    def row(self, title: str, other: str, limit: Limit) -> Row:
        """One line of the report: minigrad's time to another's."""
        of_minima, of_pairs = self.ratios("minigrad", other)
        mine, theirs = min(self.times["minigrad"]), min(self.times[other])
        unit, scale = ("us", 1e6) if mine < 0.01 else ("ms", 1e3)
        times = f"{scale * mine:.1f} / {scale * theirs:.1f} {unit}"
        return (
            f"{title}: minigrad / {other}",
            f"{of_minima:.2f}",
            f"{of_pairs:.2f}",
            f"{limit}",
            times,
        )


def timed(step: Step, count: int) -> float:
    """Seconds a step, over `count` of them."""
    with no_garbage_collection():
        begin = time.perf_counter()
        for _ in range(count):
            step()
        return (time.perf_counter() - begin) / count


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    """Collects once and then no more: a collection is charged to whoever happens to run."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def print_report(rows: Sequence[Row]) -> None:
    """Prints the rows below their headings."""
    head = ("", "minima", "paired", "limit", "times")
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for first, *others in [head, *rows]:
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        print("  ".join([first.ljust(widths[0]), *cells]))
