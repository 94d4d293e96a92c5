"""The three kinds of descent, measured."""

import numpy as np
import pytest

from comparisons import descent
from comparisons.descent import KINDS, Kind, Measured
from comparisons.engines import REFERENCE
from comparisons.problem import draw_problem
from comparisons.schedule import Schedule

BATCH, STOCHASTIC, MINI_BATCH = KINDS


def test_the_excess_is_the_loss_above_the_least() -> None:
    problem, start = draw_problem(seed=4)
    trajectory = REFERENCE.run(problem, start, Schedule(0.01, 20))
    loss = [
        0.5 * np.sum((w * problem.x**2 + b - problem.y) ** 2)
        for w, b in zip(trajectory.w, trajectory.b, strict=True)
    ]
    expected = np.array(loss) - problem.least_squares()[2]
    np.testing.assert_allclose(descent.excess(problem, trajectory), expected, rtol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_the_rate_is_per_sample(kind: Kind) -> None:
    schedule = kind.schedule(100)
    assert schedule.kind(100) == kind.name
    assert schedule.lr * schedule.size(100) == pytest.approx(kind.rate)
    assert kind.schedule(4).size(4) <= 4


def test_the_articles_table() -> None:
    """Batch takes the fewest steps, single samples the fewest samples, and batch settles best."""
    batch, stochastic, mini = (descent.measure(kind, 100, range(6)) for kind in KINDS)
    steps = [np.median(measured.steps) for measured in (batch, stochastic, mini)]
    assert steps[0] < steps[2] < steps[1]
    samples = [steps[0] * 100, steps[1], steps[2] * 10]
    assert samples[1] < samples[2] < samples[0]
    settled = [np.median(measured.settled) for measured in (batch, stochastic, mini)]
    assert settled[0] < 1e-6 < settled[2] < settled[1] < descent.WITHIN


def test_steps_to_the_target_by_a_plain_loop() -> None:
    problem, start = draw_problem(seed=7)
    least = problem.least_squares()[2]
    w, b = start.w.item(), start.b.item()
    step = 0
    while 0.5 * np.sum((w * problem.x**2 + b - problem.y) ** 2) > 1.1 * least:
        residual = w * problem.x**2 + b - problem.y
        w, b = w - 0.01 * np.sum(residual * problem.x**2), b - 0.01 * np.sum(residual)
        step += 1
    assert descent.measure(BATCH, 100, [7]).steps == (step,)


def test_a_target_never_reached_is_infinite() -> None:
    measured = descent.measure(Kind("stochastic", 1, 1e-6, 50), 100, [0])
    assert measured.steps == (np.inf,)
    assert descent.table([measured]).row_count == 1


def test_the_table_gives_medians_and_spread() -> None:
    steps = tuple(float(n) for n in range(1, 12))
    measured = Measured(MINI_BATCH, 1000, steps, (0.02,) * 11, 1e-5)
    table = descent.table([measured])
    cells = [next(iter(column.cells)) for column in table.columns]
    assert cells == [
        "1,000", "mini-batch", "10", "0.05", "6 (2-10)", "60", "10.0 µs", "0.06 ms",
        "2.0 (2.0-2.0)%",
    ]  # fmt: skip
