"""The tolerance: it holds for every order of summing, and nothing wrong fits into it."""

from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparisons import agreement
from comparisons.agreement import AGREES, DISAGREES, DIVERGED, Agreement
from comparisons.contract import QUANTITIES, Engine, Step, Train, Trajectory
from comparisons.engines import REFERENCE
from comparisons.problem import Problem, Start, draw_problem
from comparisons.schedule import Schedule

KINDS = [
    pytest.param(Schedule(0.001, 200), id="batch"),
    pytest.param(Schedule(0.1, 200, 1), id="stochastic"),
    pytest.param(Schedule(0.03, 200, 10), id="mini-batch"),
]
DTYPES = pytest.mark.parametrize("dtype", ["float64", "float32"])


def judge(engine: Engine, dtype: str, schedule: Schedule) -> Agreement:
    problem, start = draw_problem(dtype=dtype)
    reference = REFERENCE.run(problem, start, schedule)
    within = agreement.bounds(problem, start, schedule, reference)
    return agreement.compare(engine.run(problem, start, schedule), reference, within)


@pytest.mark.parametrize("schedule", KINDS)
@DTYPES
def test_other_orders_of_summing_agree(
    dtype: str, schedule: Schedule, made_up: Callable[[Train], Engine]
) -> None:
    """One addend after the other, in random order: far from numpy's pairwise sums."""
    random = np.random.default_rng(0)

    def add(terms: np.ndarray) -> np.floating:
        return np.add.accumulate(random.permutation(terms.ravel()))[-1]

    def train(problem: Problem, start: Start, schedule: Schedule) -> Iterator[Step]:
        w, b = start.w, start.b
        for rows in schedule.rows(problem.n):
            x, y = problem.x[rows], problem.y[rows]
            residual = b - (y - x * (x * w))
            dw, db = add(residual * x * x), add(residual)
            w, b = w - schedule.lr * dw, b - schedule.lr * db
            yield Step(add(residual * residual / 2), w, b, dw, db)

    judged = judge(made_up(train), dtype, schedule)
    assert judged.verdict == AGREES
    assert 0 < judged.share <= 1
    assert judged.first == ""


@pytest.mark.parametrize("schedule", KINDS)
@pytest.mark.parametrize("dtype, error", [("float64", 1e-6), ("float64", 1e-10), ("float32", 1e-2)])
@pytest.mark.parametrize("which", [0, 1])
def test_a_slightly_wrong_gradient_disagrees(
    dtype: str,
    error: float,
    which: int,
    schedule: Schedule,
    made_up: Callable[[Train], Engine],
    slanted: Callable[..., Train],
) -> None:
    factors = [1.0, 1.0]
    factors[which] += error
    judged = judge(made_up(slanted(*factors)), dtype, schedule)
    assert judged.verdict == DISAGREES
    assert judged.share > 1
    assert judged.first == ("dw, step 0", "db, step 0")[which]
    assert judge(made_up(slanted()), dtype, schedule).verdict == AGREES


@pytest.mark.parametrize("schedule", KINDS)
@pytest.mark.parametrize("factors", [(2, 2), (0.5, 0.5), (-1, 1), (1, 0), (0.01, 0.01)])
@DTYPES
def test_a_missing_factor_disagrees(
    dtype: str,
    factors: tuple[float, float],
    schedule: Schedule,
    made_up: Callable[[Train], Engine],
    slanted: Callable[..., Train],
) -> None:
    assert judge(made_up(slanted(*factors)), dtype, schedule).verdict == DISAGREES


@DTYPES
def test_forgetting_to_zero_the_gradients_disagrees(
    dtype: str, made_up: Callable[[Train], Engine]
) -> None:
    def train(problem: Problem, start: Start, schedule: Schedule) -> Iterator[Step]:
        x, y, w, b = problem.x, problem.y, start.w, start.b
        dw, db = np.zeros_like(w), np.zeros_like(b)
        for _ in range(schedule.steps):
            residual = w * x**2 + b - y
            dw, db = dw + np.sum(residual * x**2), db + np.sum(residual)
            w, b = w - schedule.lr * dw, b - schedule.lr * db
            yield Step(0.5 * np.sum(residual**2), w, b, dw, db)

    judged = judge(made_up(train), dtype, Schedule(0.001, 5))
    assert judged.verdict == DISAGREES
    assert judged.first == "dw, step 1"


@pytest.mark.parametrize("name", QUANTITIES)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_are_divergence(name: str, value: float) -> None:
    problem, start = draw_problem()
    schedule = Schedule(steps=5)
    reference, other = (REFERENCE.run(problem, start, schedule) for _ in range(2))
    within = agreement.bounds(problem, start, schedule, reference)
    getattr(other, name)[3] = value
    for one, two in ((other, reference), (reference, other), (other, other)):
        judged = agreement.compare(one, two, within)
        assert judged.verdict == DIVERGED
        assert judged.first == f"{name}, step 3"


@DTYPES
def test_a_descent_that_overflows_is_never_agreement(dtype: str) -> None:
    problem, start = draw_problem(dtype=dtype)
    schedule = Schedule(lr=1.0, steps=400)
    reference = REFERENCE.run(problem, start, schedule)
    assert not reference.is_finite()
    within = agreement.bounds(problem, start, schedule, reference)
    assert agreement.compare(reference, reference, within).verdict == DIVERGED


def test_an_infinite_or_missing_tolerance_lets_nothing_pass() -> None:
    one = Trajectory(*np.ones((5, 2)))
    for hole in (np.inf, np.nan):
        tolerance = Trajectory(*np.full((5, 2), hole))
        judged = agreement.compare(one, one, agreement.Bounds(one, tolerance))
        assert judged.verdict == DISAGREES


def test_trajectories_of_other_lengths_are_not_compared() -> None:
    long, short = Trajectory(*np.ones((5, 3))), Trajectory(*np.ones((5, 2)))
    with pytest.raises(ValueError, match="2 steps cannot be compared with 3"):
        agreement.compare(short, long, agreement.Bounds(long, long))


def test_the_judgement_names_the_largest_distance() -> None:
    zero = Trajectory(*np.zeros((5, 3)))
    other = Trajectory(*np.zeros((5, 3)))
    other.db[1], other.w[2] = 3.0, -0.5
    unit = Trajectory(*np.full((5, 3), 2.0))
    tolerance = Trajectory(*np.full((5, 3), 4.0))
    judged = agreement.compare(other, zero, agreement.Bounds(unit, tolerance))
    assert judged == Agreement(AGREES, 3.0, "db", 1.5, 0.75, "")
    tolerance.w[:] = 0.25
    judged = agreement.compare(other, zero, agreement.Bounds(unit, tolerance))
    assert judged == Agreement(DISAGREES, 3.0, "db", 1.5, 2.0, "w, step 2")


def test_the_unit_of_the_first_step_by_hand() -> None:
    """x = (1, 2), y = (1, 0), w = 1/2, b = -1: A = (5/2, 3), residuals -3/2 and 1."""
    problem = Problem(np.array([[1.0], [2.0]]), np.array([[1.0], [0.0]]))
    schedule = Schedule(lr=0.125, steps=1)
    start = Start.at(0.5, -1)
    reference = REFERENCE.run(problem, start, schedule)
    within = agreement.bounds(problem, start, schedule, reference)
    unit = {name: getattr(within.unit, name)[0] / (2**-52 * 2) for name in QUANTITIES}
    expected = {
        "loss": 0.5 * (1.5 * 2.5 + 1 * 3),
        "dw": 2.5 + 3 * 4,
        "db": 2.5 + 3,
        "w": 0.5 + 0.125 * (2.5 + 3 * 4),
        "b": 1 + 0.125 * (2.5 + 3),
    }
    assert unit == pytest.approx(expected, rel=1e-12)
    # At the common start there is nothing to carry along: 13 roundings of m = 2 terms.
    for name in ("loss", "dw", "db"):
        share = getattr(within.tolerance, name)[0] / getattr(within.unit, name)[0]
        assert share == pytest.approx(13 / 2, rel=1e-12)


@pytest.mark.parametrize("schedule", KINDS)
@DTYPES
def test_the_tolerance_is_a_small_part_of_what_it_guards(dtype: str, schedule: Schedule) -> None:
    """Else agreement would mean nothing: in w it is at most 5000 roundings of w, whatever kind."""
    problem, start = draw_problem(dtype=dtype)
    reference = REFERENCE.run(problem, start, schedule)
    tolerance = agreement.bounds(problem, start, schedule, reference).tolerance
    eps = np.finfo(dtype).eps
    assert tolerance.w.max() < 5000 * eps * 3
    assert tolerance.dw[0] < 200 * eps * np.abs(reference.dw[0]) * 3


@st.composite
def points(draw: st.DrawFn) -> tuple[Problem, Start]:
    """A few points of any sizes that do not overflow in float32, and a start."""
    dtype = draw(st.sampled_from(["float64", "float32"]))
    value = st.floats(-1e4, 1e4, width=64 if dtype == "float64" else 32)
    columns = draw(st.lists(st.tuples(value, value), min_size=1, max_size=12))
    x, y = (np.array(column, dtype).reshape(-1, 1) for column in zip(*columns, strict=True))
    return Problem(x, y), Start.at(draw(value), draw(value), dtype)


@given(points())
def test_one_step_is_within_half_the_tolerance_of_exact_arithmetic(
    case: tuple[Problem, Start],
) -> None:
    """Two engines may differ by the tolerance, so each by half of it from the truth."""
    problem, start = case
    schedule = Schedule(lr=1e-3, steps=1)
    reference = REFERENCE.run(problem, start, schedule)
    within = agreement.bounds(problem, start, schedule, reference).tolerance
    x, y = (
        [Fraction(value) for value in column.ravel().tolist()] for column in (problem.x, problem.y)
    )
    w, b = Fraction(start.w.item()), Fraction(start.b.item())
    residuals = [w * a * a + b - c for a, c in zip(x, y, strict=True)]
    exact = {
        "loss": sum(r * r for r in residuals) / 2,
        "dw": sum(r * a * a for r, a in zip(residuals, x, strict=True)),
        "db": sum(residuals),
    }
    for name, value in exact.items():
        distance = abs(Fraction(getattr(reference, name)[0]) - value)
        assert distance <= Fraction(getattr(within, name)[0]) / 2


def test_the_explanation_has_this_runs_numbers() -> None:
    problem, start = draw_problem()
    schedule = Schedule(steps=10)
    reference = REFERENCE.run(problem, start, schedule)
    within = agreement.bounds(problem, start, schedule, reference)
    told = " ".join(agreement.explain(problem, schedule, within))
    assert "eps = 2.22e-16 (float64), m = 100 samples" in told
    assert "m + 11 = 111 roundings of those terms, 1.11 units" in told
    assert f"dw {within.tolerance.dw[0]:.2g} at the first step" in told
