"""Batch, stochastic and mini-batch descent, measured: what the article's table only states.

For each kind: how many steps, samples and milliseconds until the loss over all points is within
10% of the least possible, and how far above the least it stays in the long run. Every seed draws
its own noise, start and samples.

To compare kinds of descent is to compare learning rates as well, so the rates follow one rule: for
each kind, the largest of 1, 2 and 5 times a power of ten with which the descent still settles, in
the median over seeds, within 10% of the least loss. Since the loss is a sum over the m samples of
a step, a rate means something only times m: 1 for batch, 0.5 for mini-batches of 10, and 0.1 for
single samples. Batch is held back by the curvature (from lr m = 1.78 on it diverges), the others
by the noise of their samples.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rich import box
from rich.table import Table

from comparisons.contract import Trajectory
from comparisons.engines import REFERENCE
from comparisons.problem import Problem, Start, draw_problem
from comparisons.schedule import Schedule

WITHIN = 0.1
"""The target: a loss at most this much above the least possible, relatively."""

LONG_RUN = 0.25
"""The last share of the steps, in which a descent is taken to have settled."""


TIMED = 5
"""On so many of the seeds the time of a step is taken."""


@dataclass(frozen=True)
class Kind:
    """A kind of descent.

    Args:
        name: "batch", "stochastic" or "mini-batch".
        batch: samples a step; None for all.
        rate: the learning rate times the samples a step.
        steps: how long it runs: several times what it needs to reach the target.
    """

    name: str
    batch: int | None
    rate: float
    steps: int

    def schedule(self, n: int, seed: int = 0) -> Schedule:
        """Its schedule on n points."""
        size = n if self.batch is None else min(self.batch, n)
        return Schedule(self.rate / size, self.steps, self.batch and size, seed)


KINDS = (
    Kind("batch", None, 1.0, 150),
    Kind("stochastic", 1, 0.1, 2000),
    Kind("mini-batch", 10, 0.5, 500),
)


POINTS = (100, 100_000)
"""On so many points each kind is measured: the article's, and enough to make a full step slow."""

LEGEND = (
    "m: samples a step. steps, settles at: the median, and 10th to 90th percentile over seeds.",
    "a step, in all: the median time of a step by numpy by hand, without drawing the samples, and "
    "that times the steps.",
    f"settles at: the loss above the least one, mean of the last {LONG_RUN:.0%} of the steps.",
    "The learning rates follow one rule: the largest of 1, 2 and 5 times a power of ten, over m, "
    f"with which the descent settles within {WITHIN:.0%} of the least loss.",
)


@dataclass(frozen=True)
class Measured:
    """A kind of descent on n points, over many seeds.

    Args:
        steps: to the target, for each seed; infinite where it was never reached.
        settled: the mean excess of the loss over the least one in the long run, relative to the
            least, for each seed.
        seconds: the median time a step.
    """

    kind: Kind
    n: int
    steps: tuple[float, ...]
    settled: tuple[float, ...]
    seconds: float

    @property
    def size(self) -> int:
        """Samples a step."""
        return self.kind.schedule(self.n).size(self.n)


def measure(kind: Kind, n: int, seeds: Sequence[int]) -> Measured:
    """Runs one kind of descent on the article's problem with n points, once for each seed."""
    steps: list[float] = []
    settled: list[float] = []
    seconds: list[float] = []
    for seed in seeds:
        problem, start = draw_problem(n=n, seed=seed)
        schedule = kind.schedule(n, seed)
        if len(seconds) < TIMED:
            seconds.append(_step_time(problem, start, schedule))
        least = problem.least_squares()[2]
        above = excess(problem, REFERENCE.run(problem, start, schedule)) / least
        reached = above <= WITHIN
        steps.append(float(reached.argmax()) + 1 if reached.any() else np.inf)
        settled.append(float(np.mean(above[-int(LONG_RUN * len(above)) :])))
    return Measured(kind, n, tuple(steps), tuple(settled), statistics.median(seconds))


def excess(problem: Problem, trajectory: Trajectory) -> npt.NDArray[np.float64]:
    """The loss over all points after every step, above the least one there is.

    The loss is quadratic: above its least it is 1/2 eᵀ H e, with e the distance of (w, b) from the
    optimum and H the Hessian.
    """
    w, b, _ = problem.least_squares()
    x2 = problem.x.astype(np.float64) ** 2
    e, f = trajectory.w - w, trajectory.b - b
    above = 0.5 * (np.sum(x2 * x2) * e * e + 2 * np.sum(x2) * e * f + problem.n * f * f)
    return np.asarray(above)


def table(measured: Sequence[Measured]) -> Table:
    """The measurements as a rich table: medians, and the 10th to 90th percentile over the seeds.

    Its columns: the points, the kind, m samples a step, the learning rate, steps and samples to the
    target, milliseconds a step and to the target, and how far above the least loss it settles.
    """
    made = Table(
        title=f"Descent to a loss within {WITHIN:.0%} of the least",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    made.add_column("points", justify="right")
    made.add_column("descent")
    for heading in ("m", "lr", "steps", "samples", "a step", "in all", "settles at"):
        made.add_column(heading, justify="right", no_wrap=True)
    for row, m in enumerate(measured):
        median = statistics.median(m.steps)
        made.add_row(
            f"{m.n:,}" if row == 0 or measured[row - 1].n != m.n else "",
            m.kind.name,
            f"{m.size:,}",
            f"{m.kind.schedule(m.n).lr:g}",
            _spread(m.steps, ",.0f"),
            f"{median * m.size:,.0f}",
            f"{m.seconds * 1e6:.1f} µs",
            f"{m.seconds * median * 1e3:.2f} ms",
            _spread(np.array(m.settled) * 100, ".1f") + "%",
            end_section=row + 1 < len(measured) and measured[row + 1].n != m.n,
        )
    return made


def _step_time(problem: Problem, start: Start, schedule: Schedule) -> float:
    training = REFERENCE.load()(problem, start, schedule)
    next(training)  # draws all samples
    began = time.perf_counter()
    for _ in training:
        pass
    return (time.perf_counter() - began) / (schedule.steps - 1)


def _spread(values: Sequence[float] | npt.NDArray[np.float64], form: str) -> str:
    low, middle, high = np.quantile(values, [0.1, 0.5, 0.9], method="nearest")
    return f"{middle:{form}} ({low:{form}}-{high:{form}})"
