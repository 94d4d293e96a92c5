"""Every engine on one problem, from one start, judged step by step and timed."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from comparisons import agreement
from comparisons.agreement import Agreement, Bounds
from comparisons.contract import Engine, Step, Trajectory
from comparisons.engines import REFERENCE
from comparisons.lines import training_lines
from comparisons.problem import Problem, Start
from comparisons.schedule import Schedule
from comparisons.timing import Timing, step_times

SKIPPED, FAILED, IS_REFERENCE = "skipped", "failed", "reference"

Watch = Callable[[Engine, Iterable[Step]], Iterable[Step]]


@dataclass(frozen=True)
class Result:
    """What became of one engine.

    Args:
        verdict: "reference", "agrees", "disagrees", "diverged", "skipped" or "failed".
        note: why it was skipped or failed, or where it disagreed; empty otherwise.
        lines: of code that its reader must write.
    """

    engine: Engine
    verdict: str
    note: str
    lines: int
    trajectory: Trajectory | None = None
    agreement: Agreement | None = None
    timing: Timing | None = None


@dataclass(frozen=True)
class Comparison:
    """A finished comparison: what was trained, how, from where, and every engine's result."""

    problem: Problem
    start: Start
    schedule: Schedule
    bounds: Bounds
    results: tuple[Result, ...]

    @property
    def trained(self) -> list[tuple[Result, Trajectory]]:
        """The results that have a trajectory, with it; the reference first."""
        return [(r, r.trajectory) for r in self.results if r.trajectory is not None]

    def failures(self, require_all: bool = False) -> list[Result]:
        """The results that make the comparison fail: everything but agreement.

        An engine that was skipped for want of its package counts only if `require_all`.
        """
        fine = {IS_REFERENCE, agreement.AGREES}
        if not require_all:
            fine.add(SKIPPED)
        return [result for result in self.results if result.verdict not in fine]


def run(
    engines: Sequence[Engine],
    problem: Problem,
    start: Start,
    schedule: Schedule,
    watch: Watch = lambda _, steps: steps,
    timed: bool = True,
) -> Comparison:
    """Trains the reference and then every one of `engines` on the same problem, and judges them.

    Args:
        watch: wraps an engine's steps as they are made, for a progress bar.
        timed: whether to time them afterwards, in turns.
    """
    reference = REFERENCE.run(problem, start, schedule, lambda steps: watch(REFERENCE, steps))
    bounds = agreement.bounds(problem, start, schedule, reference)
    own = agreement.compare(reference, reference, bounds)
    results = [
        Result(
            REFERENCE,
            agreement.DIVERGED if own.verdict == agreement.DIVERGED else IS_REFERENCE,
            "",
            training_lines(REFERENCE.path),
            reference,
            own,
        )
    ]
    for engine in engines:
        if engine.name != REFERENCE.name:
            results.append(_run_one(engine, problem, start, schedule, watch, reference, bounds))
    if timed:
        ran = [result.engine for result in results if result.trajectory is not None]
        times = step_times(ran, problem, start, schedule)
        results = [replace(result, timing=times.get(result.engine.name)) for result in results]
    return Comparison(problem, start, schedule, bounds, tuple(results))


def _run_one(
    engine: Engine,
    problem: Problem,
    start: Start,
    schedule: Schedule,
    watch: Watch,
    reference: Trajectory,
    bounds: Bounds,
) -> Result:
    lines = training_lines(engine.path)
    reason = engine.missing()
    if reason is not None:
        return Result(engine, SKIPPED, reason, lines)
    try:
        trajectory = engine.run(problem, start, schedule, lambda steps: watch(engine, steps))
    except ImportError as error:
        return Result(engine, SKIPPED, f"{engine.package} cannot be imported: {error}", lines)
    except Exception as error:  # any failure of one engine is its result, not the end of the run
        return Result(engine, FAILED, traceback.format_exception_only(error)[-1].strip(), lines)
    judged = agreement.compare(trajectory, reference, bounds)
    note = f"first in {judged.first}" if judged.first else ""
    return Result(engine, judged.verdict, note, lines, trajectory, judged)
