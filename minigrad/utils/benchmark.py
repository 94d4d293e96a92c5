"""``torch.utils.benchmark``: how long a statement takes, by Python's timeit."""

from __future__ import annotations

import statistics
import timeit
from collections.abc import Callable
from time import perf_counter
from typing import Any

__all__ = ["Measurement", "Timer"]

UNITS = ("ns", 1e-9), ("us", 1e-6), ("ms", 1e-3), ("s", 1.0)


def in_units(seconds: float) -> str:
    """Four digits and a unit: ``12.34 us``."""
    unit, size = next(((unit, size) for unit, size in reversed(UNITS) if seconds >= size), UNITS[0])
    return f"{seconds / size:.2f} {unit}"


class Measurement:
    """The times of one or more blocks of runs, and what they were of."""

    def __init__(self, number_per_run: int, raw_times: list[float], timer: Timer) -> None:
        self.number_per_run = number_per_run
        self.raw_times = raw_times
        self.timer = timer

    @property
    def times(self) -> list[float]:
        """The seconds of one run, in each block."""
        return [time / self.number_per_run for time in self.raw_times]

    @property
    def mean(self) -> float:
        """The mean of `times`."""
        return statistics.fmean(self.times)

    @property
    def median(self) -> float:
        """The median of `times`."""
        return statistics.median(self.times)

    @property
    def iqr(self) -> float:
        """The distance of the quartiles of `times`."""
        if len(self.times) < 2:
            return 0.0
        low, _, high = statistics.quantiles(self.times, n=4, method="inclusive")
        return high - low

    @property
    def title(self) -> str:
        """The labels, or else the statement."""
        timer = self.timer
        label = timer.label or timer.stmt
        return f"{label}: {timer.sub_label}" if timer.sub_label else label

    def __repr__(self) -> str:
        blocks, threads = len(self.raw_times), self.timer.num_threads
        lines = [
            f"<minigrad.utils.benchmark.Measurement object at {hex(id(self))}>",
            self.title,
            *([self.timer.description] if self.timer.description else []),
        ]
        if blocks == 1:
            lines.append(f"  {in_units(self.median)}")
        else:
            lines += [f"  Median: {in_units(self.median)}", f"  IQR:    {in_units(self.iqr)}"]
        what = "measurement" if blocks == 1 else "measurements"
        runs = f"{self.number_per_run} runs {'per measurement ' if blocks > 1 else ''}"
        lines.append(f"  {blocks} {what}, {runs}, {threads} thread{'s' * (threads > 1)}")
        return "\n".join(lines)


class Timer:
    """Measures ``stmt``, run after ``setup`` with ``globals``.

    The labels and ``num_threads`` are shown with the result; how many threads numpy takes, its own
    settings say.
    """

    def __init__(
        self,
        stmt: str = "pass",
        setup: str = "pass",
        global_setup: str = "",
        timer: Callable[[], float] = perf_counter,
        globals: dict[str, Any] | None = None,
        label: str | None = None,
        sub_label: str | None = None,
        description: str | None = None,
        env: str | None = None,
        num_threads: int = 1,
        language: Any = "python",
    ) -> None:
        if language not in ("python", "py"):
            raise NotImplementedError("Only Python is measured here; leave language out.")
        if global_setup:
            raise ValueError("global_setup is C++ only")
        if not isinstance(stmt, str):
            raise ValueError("Currently only a `str` stmt is supported.")
        self.stmt, self.label, self.sub_label = stmt, label, sub_label
        self.description, self.env, self.num_threads = description, env, num_threads
        self._timer = timeit.Timer(stmt, setup, timer, globals)

    def timeit(self, number: int = 1000000) -> Measurement:
        """One block of ``number`` runs, after a few that are not counted."""
        self._timer.timeit(max(number // 100, 2))
        return Measurement(number, [self._timer.timeit(number)], self)

    def blocked_autorange(
        self, callback: Callable[[int, float], Any] | None = None, min_run_time: float = 0.2
    ) -> Measurement:
        """Blocks of as many runs as take a thousandth of ``min_run_time``, for that long in all."""
        number = 1
        while (time := self._timer.timeit(number)) < min_run_time / 1000:
            number *= 10
        times: list[float] = []
        while sum(times) < min_run_time:
            times.append(time := self._timer.timeit(number))
            if callback is not None:
                callback(number, time)
        return Measurement(number, times, self)

    def adaptive_autorange(
        self,
        threshold: float = 0.1,
        *,
        min_run_time: float = 0.01,
        max_run_time: float = 10.0,
        callback: Callable[[int, float], Any] | None = None,
    ) -> Measurement:
        """`blocked_autorange`, longer and longer until the quartiles are close to the median."""
        while True:
            found = self.blocked_autorange(callback, min_run_time)
            min_run_time *= 3
            if found.iqr < threshold * found.median or min_run_time > max_run_time:
                return found
