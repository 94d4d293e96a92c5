"""What every engine keeps to."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from comparisons.contract import QUANTITIES, Engine, Step, Train, Trajectory
from comparisons.engines import ENGINES, REFERENCE, find
from comparisons.problem import Problem, Start, draw_problem
from comparisons.schedule import Schedule

MARKS = {"torch": [pytest.mark.torch], "tensorflow": [pytest.mark.tensorflow]}
EACH = [pytest.param(e, id=e.name, marks=MARKS.get(e.package, [])) for e in ENGINES]


def test_the_registry_and_the_folder_hold_the_same_engines() -> None:
    folder = {path.name for path in REFERENCE.path.parent.glob("*.py")} - {"__init__.py"}
    assert {engine.path.name for engine in ENGINES} == folder
    assert len({engine.title for engine in ENGINES}) == len(ENGINES)
    assert REFERENCE.name == "numpy-by-hand"
    assert find("torch-nn").module == "comparisons.engines.torch_nn"
    with pytest.raises(KeyError):
        find("torch_nn")


def test_minigrad_takes_torchs_place_at_the_import() -> None:
    """Below the docstring the two files with layers and optimisers differ in one line."""

    def code(name: str) -> list[str]:
        text = find(name).path.read_text(encoding="utf-8")
        return [line for line in text.split('"""', 2)[2].splitlines() if line]

    torchs = code("torch-nn")
    assert torchs.count("import torch") == 1
    assert code("minigrad-nn") == [
        "import minigrad as torch" if line == "import torch" else line for line in torchs
    ]


@pytest.mark.parametrize("engine", EACH)
def test_an_engine_reaches_the_articles_figures(engine: Engine) -> None:
    trained = engine.run(*draw_problem(), Schedule())
    assert len(trained) == 800
    assert f"{trained.w[-1]:.8f}" == "2.98927619"
    assert f"{trained.b[-1]:.8f}" == "2.09818307"


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("engine", EACH)
def test_two_steps_by_fractions(engine: Engine, dtype: str) -> None:
    """Small binary fractions leave nothing to round, so every engine is exact.

    x = (1, 2), y = (1, 0), w = 1/2, b = 1: residuals 1/2 and 3, so loss = 37/8, dw = 25/2 and
    db = 7/2. With lr = 1/8 the second step starts at w = -17/16, b = 9/16: residuals -3/2 and
    -59/16, loss = 4057/512, dw = -65/4, db = -83/16.
    """
    problem = Problem(np.array([[1], [2]], dtype), np.array([[1], [0]], dtype))
    start = Start.at(0.5, 1, dtype)
    trained = engine.run(problem, start, Schedule(lr=0.125, steps=2))
    expected = {
        "loss": [37 / 8, 4057 / 512],
        "dw": [25 / 2, -65 / 4],
        "db": [7 / 2, -83 / 16],
        "w": [-17 / 16, -17 / 16 + 65 / 32],
        "b": [9 / 16, 9 / 16 + 83 / 128],
    }
    for name in QUANTITIES:
        np.testing.assert_array_equal(getattr(trained, name), expected[name], err_msg=name)
    assert engine.gradient(problem, start) == (37 / 8, 25 / 2, 7 / 2)
    np.testing.assert_array_equal(problem.x, [[1], [2]])
    np.testing.assert_array_equal(problem.y, [[1], [0]])
    assert (start.w.item(), start.b.item()) == (0.5, 1)


@pytest.mark.parametrize("engine", EACH)
def test_trainings_can_take_turns(engine: Engine) -> None:
    """Two trainings of one engine, step by step in turns, are those that ran alone."""
    problem, start = draw_problem(dtype="float32")
    schedules = [Schedule(steps=4, batch=5, seed=1), Schedule(lr=0.01, steps=4)]
    alone = [engine.run(problem, start, schedule) for schedule in schedules]
    turns: list[list[list[float]]] = [[], []]
    running = [engine.load()(problem, start, schedule) for schedule in schedules]
    for steps in zip(*running, strict=True):
        for record, step in zip(turns, steps, strict=True):
            record.append([value.item() for value in step])
    for record, trajectory in zip(turns, alone, strict=True):
        expected = [getattr(trajectory, name) for name in QUANTITIES]
        np.testing.assert_array_equal(np.array(record).T, expected)


def test_a_trajectory_copies_what_the_next_step_overwrites() -> None:
    def steps() -> Iterator[Step]:
        value = np.zeros(())
        for _ in range(3):
            value += 1
            yield Step(value, value, value, value, value)

    np.testing.assert_array_equal(Trajectory.record(steps(), "float64").w, [1, 2, 3])


def test_an_engine_of_another_dtype_is_found_out(made_up: Callable[[Train], Engine]) -> None:
    def train(problem: Problem, start: Start, schedule: Schedule) -> Iterator[Step]:
        narrow = start.w.astype(np.float32)
        for _ in range(schedule.steps):
            yield Step(start.w, start.w, start.b, narrow, start.b)

    with pytest.raises(TypeError, match="dw is float32 in a float64 problem"):
        made_up(train).run(*draw_problem(), Schedule(steps=2))


def test_an_engine_that_stops_early_is_found_out(made_up: Callable[[Train], Engine]) -> None:
    def train(problem: Problem, start: Start, schedule: Schedule) -> Iterator[Step]:
        yield Step(start.w, start.w, start.b, start.w, start.b)

    with pytest.raises(RuntimeError, match="made 1 steps; it was asked for 5"):
        made_up(train).run(*draw_problem(), Schedule(steps=5))


def test_a_missing_package_is_named() -> None:
    assert Engine("x", "x", "no_such_package").missing() == "no_such_package is not installed"
    assert REFERENCE.missing() is None


def test_nothing_heavy_is_imported_before_it_is_used() -> None:
    code = (
        "import sys, comparisons.cli, comparisons.engines as e\n"
        "[engine.missing() for engine in e.ENGINES]\n"
        "print(*sorted({'torch', 'tensorflow', 'matplotlib'} & sys.modules.keys()))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""
