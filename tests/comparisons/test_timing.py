"""Timing, by a clock that the engines move themselves."""

import gc
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from comparisons import timing
from comparisons.contract import Engine, Step, Train
from comparisons.problem import Problem, Start, draw_problem
from comparisons.schedule import Schedule


def test_ratios_are_taken_within_a_round(
    monkeypatch: pytest.MonkeyPatch, made_up: Callable[[Train], Engine]
) -> None:
    """The machine slows down tenfold on the way; the ratio does not notice."""
    now = 0.0
    taken = {"one": 0, "three": 0}
    collecting = []

    def takes(name: str, seconds: float) -> Train:
        def train(problem: Problem, start: Start, schedule: Schedule) -> Iterator[Step]:
            nonlocal now
            for step in range(schedule.steps):
                now += seconds * (10 if step >= 30 else 1)
                taken[name] += 1
                collecting.append(gc.isenabled())
                yield Step(start.w, start.w, start.b, start.w, start.b)

        return train

    monkeypatch.setattr(timing.time, "perf_counter", lambda: now)
    engines = [
        replace(made_up(takes(name, seconds)), name=name)
        for name, seconds in (("one", 1.0), ("three", 3.0))
    ]
    measured = timing.step_times(engines, *draw_problem(), Schedule(), rounds=9, steps=5)
    assert taken == {"one": 50, "three": 50}
    assert measured["one"].ratio == 1
    assert measured["three"].ratio == pytest.approx(3)
    assert measured["three"].seconds == pytest.approx(3)
    assert collecting == [True] * 10 + [False] * 90
    assert gc.isenabled()
