"""What becomes of an engine that is right, wrong, missing or broken."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from comparisons import compare
from comparisons.compare import FAILED, IS_REFERENCE, SKIPPED
from comparisons.contract import Engine, Step, Train
from comparisons.engines import REFERENCE, find
from comparisons.problem import Problem, Start, draw_problem
from comparisons.schedule import Schedule

SCHEDULE = Schedule(steps=20)


def broken(problem: Problem, start: Start, schedule: Schedule) -> Iterator[Step]:
    raise ArithmeticError("no such thing")
    yield


def unimportable(problem: Problem, start: Start, schedule: Schedule) -> Iterator[Step]:
    raise ImportError("libthing.so: not found")
    yield


def run(*engines: Engine, schedule: Schedule = SCHEDULE) -> compare.Comparison:
    return compare.run(engines, *draw_problem(), schedule, timed=False)


def test_the_reference_comes_first_and_once() -> None:
    for engines in ([], [REFERENCE], [find("minigrad-autograd"), REFERENCE]):
        results = run(*engines).results
        assert results[0].verdict == IS_REFERENCE
        assert [r.engine.name for r in results].count(REFERENCE.name) == 1


def test_a_right_and_a_wrong_engine(
    made_up: Callable[..., Engine], slanted: Callable[..., Train]
) -> None:
    comparison = run(made_up(slanted()), replace(made_up(slanted(1 + 1e-6)), name="wrong"))
    assert [result.verdict for result in comparison.results[1:]] == ["agrees", "disagrees"]
    assert comparison.results[2].note == "first in dw, step 0"
    assert comparison.failures() == [comparison.results[2]]
    assert len(comparison.trained) == 3


def test_a_missing_package_fails_only_if_all_are_required(made_up: Callable[..., Engine]) -> None:
    for engine, note in (
        (made_up(broken, package="no_such_package"), "no_such_package is not installed"),
        (made_up(unimportable), "numpy cannot be imported: libthing.so: not found"),
    ):
        comparison = run(engine)
        result = comparison.results[1]
        assert (result.verdict, result.note) == (SKIPPED, note)
        assert comparison.failures() == []
        assert comparison.failures(require_all=True) == [result]


def test_a_broken_engine_fails_and_the_others_go_on(
    made_up: Callable[..., Engine], slanted: Callable[..., Train]
) -> None:
    comparison = run(made_up(broken), replace(made_up(slanted()), name="right"))
    assert [result.verdict for result in comparison.results[1:]] == [FAILED, "agrees"]
    assert comparison.results[1].note == "ArithmeticError: no such thing"
    assert comparison.failures() == [comparison.results[1]]


def test_a_diverged_descent_fails(made_up: Callable[..., Engine]) -> None:
    comparison = run(made_up(REFERENCE.load()), schedule=Schedule(lr=1.0, steps=400))
    assert [result.verdict for result in comparison.results] == ["diverged", "diverged"]
    assert len(comparison.failures()) == 2


def test_whoever_ran_is_timed(
    made_up: Callable[..., Engine], slanted: Callable[..., Train]
) -> None:
    engines = [made_up(slanted()), replace(made_up(broken), name="broken")]
    comparison = compare.run(engines, *draw_problem(n=3), SCHEDULE)
    reference, right, wrong = comparison.results
    assert reference.timing is not None
    assert reference.timing.ratio == 1
    assert right.timing is not None
    assert right.timing.seconds > 0
    assert wrong.timing is None


def test_every_step_can_be_watched() -> None:
    seen: list[str] = []

    def watch(engine: Engine, steps: Iterator[Step]) -> Iterator[Step]:
        for step in steps:
            seen.append(engine.name)
            yield step

    compare.run([], *draw_problem(), SCHEDULE, watch, timed=False)
    assert seen == [REFERENCE.name] * SCHEDULE.steps


@pytest.mark.torch
@pytest.mark.tensorflow
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    "schedule", [Schedule(steps=60), Schedule(0.1, 60, 1), Schedule(0.03, 60, 9)]
)
def test_all_the_engines_agree(dtype: str, schedule: Schedule) -> None:
    from comparisons.engines import ENGINES

    comparison = compare.run(ENGINES, *draw_problem(dtype=dtype), schedule, timed=False)
    assert {result.verdict for result in comparison.results[1:]} == {"agrees"}, [
        (result.engine.name, result.agreement) for result in comparison.results
    ]
    assert comparison.failures(require_all=True) == []
