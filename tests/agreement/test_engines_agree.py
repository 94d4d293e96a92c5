"""For any data, start, learning rate and batch, every engine agrees with the hand-derived one."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from comparisons import agreement
from comparisons.agreement import AGREES, DISAGREES
from comparisons.contract import Engine, Trajectory
from comparisons.engines import ENGINES, REFERENCE
from comparisons.problem import Problem, Start
from comparisons.schedule import Schedule

MARKS = {"torch": [pytest.mark.torch], "tensorflow": [pytest.mark.tensorflow]}
OTHERS = pytest.mark.parametrize(
    "engine", [pytest.param(e, id=e.name, marks=MARKS.get(e.package, [])) for e in ENGINES[1:]]
)

STEPS = 10


@st.composite
def trainings(draw: st.DrawFn, steps: int = STEPS) -> tuple[Problem, Start, Schedule]:
    """Any points and start that do not overflow, and any rate, from tiny to far beyond stable."""
    dtype = draw(st.sampled_from(["float64", "float32"]))
    width = 64 if dtype == "float64" else 32
    x_value, y_value = st.floats(-10, 10, width=width), st.floats(-100, 100, width=width)
    columns = draw(st.lists(st.tuples(x_value, y_value), min_size=1, max_size=20))
    x, y = (np.array(column, dtype).reshape(-1, 1) for column in zip(*columns, strict=True))
    n = len(x)
    batch = draw(st.one_of(st.none(), st.integers(1, n)))
    # Gershgorin: no step's Hessian has an eigenvalue beyond this, so below 2 the step is stable.
    curvature = (batch or n) * float(np.max(x.astype(np.float64) ** 4 + x**2 + 1))
    rate = draw(st.floats(1e-6, 4)) / curvature
    start = Start.at(draw(y_value), draw(y_value), dtype)
    return Problem(x, y), start, Schedule(rate, steps, batch, draw(st.integers(0, 2**32 - 1)))


def by_hand(case: tuple[Problem, Start, Schedule]) -> tuple[Trajectory, agreement.Bounds]:
    reference = REFERENCE.run(*case)
    return reference, agreement.bounds(*case, reference)


@OTHERS
@given(trainings(steps=1))
def test_gradients_agree(engine: Engine, case: tuple[Problem, Start, Schedule]) -> None:
    problem, start, _ = case
    case = (problem, start, Schedule(steps=1))
    reference, within = by_hand(case)
    values = engine.gradient(problem, start)
    for name, value in zip(("loss", "dw", "db"), values, strict=True):
        distance = abs(value - getattr(reference, name)[0])
        assert distance <= getattr(within.tolerance, name)[0], name


@OTHERS
@given(trainings())
def test_trajectories_agree(engine: Engine, case: tuple[Problem, Start, Schedule]) -> None:
    reference, within = by_hand(case)
    judged = agreement.compare(engine.run(*case), reference, within)
    assert judged.verdict == AGREES, judged


@given(trainings(), st.sampled_from(["loss", "w", "b", "dw", "db"]), st.integers(0, STEPS - 1))
def test_a_relative_error_of_a_millionth_is_seen(
    case: tuple[Problem, Start, Schedule], name: str, step: int
) -> None:
    """Wherever it is larger than what rounding can do to the terms; in float64 it mostly is."""
    assume(case[0].dtype == "float64")
    reference, within = by_hand(case)
    other = Trajectory(*(getattr(reference, key).copy() for key in ("loss", "w", "b", "dw", "db")))
    getattr(other, name)[step] *= 1 + 1e-6
    distance = abs(getattr(other, name)[step] - getattr(reference, name)[step])
    assume(distance > getattr(within.tolerance, name)[step])
    judged = agreement.compare(other, reference, within)
    assert judged.verdict == DISAGREES
    assert judged.first == f"{name}, step {step}"
