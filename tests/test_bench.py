"""The benches: ratios are taken within a round, and only of candidates that agree."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

BENCH = Path(__file__).parents[1] / "bench"


@pytest.fixture
def measuring(monkeypatch: pytest.MonkeyPatch):
    """The module that the benches share; they are scripts, and find it beside them."""
    monkeypatch.syspath_prepend(BENCH)
    import measuring

    return measuring


def test_ratios_of_minima_and_of_rounds(measuring) -> None:
    """The second round met a machine ten times slower."""
    figures = measuring.Figures({"minigrad": [1e-3, 20e-3, 3e-3], "torch": [4e-3, 40e-3, 2e-3]})
    assert figures.ratios("minigrad", "torch") == (0.5, 0.5)
    limit = measuring.Limit(0.5, goal=0.4)
    assert figures.row("a step", "torch", limit) == (
        "a step: minigrad / torch", "0.50", "0.50", "<= 0.50 (goal 0.40)", "1000.0 / 2000.0 us"
    )  # fmt: skip


def counting(places: np.ndarray, by: float):
    def step() -> None:
        places[...] += by

    return step, lambda: [places]


def test_every_candidate_is_timed_in_every_round(measuring) -> None:
    candidates = {name: counting(np.zeros(2), 1.0) for name in ("numpy", "minigrad")}
    bench = measuring.Bench("a step", candidates, {"numpy": measuring.Limit(1)}, 1e-12, 1e-4)
    bench.check_agreement()
    figures = bench.measure(rounds=3)
    assert {name: len(times) for name, times in figures.times.items()} == {
        "numpy": 3,
        "minigrad": 3,
    }
    assert [row[0] for row in bench.rows(figures)] == ["a step: minigrad / numpy"]


def test_a_candidate_that_arrives_elsewhere_is_not_timed(measuring) -> None:
    candidates = {"numpy": counting(np.zeros(2), 1.0), "minigrad": counting(np.zeros(2), 1.001)}
    with pytest.raises(AssertionError, match="a step: minigrad"):
        measuring.Bench("a step", candidates, {}, 1e-4, 1e-4).check_agreement()


def test_the_command_refuses_a_bench_that_is_not_there() -> None:
    done = subprocess.run(
        [sys.executable, BENCH / "run.py", "resnet"], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 2
    assert "there is no bench 'resnet'; there are article, mlp, lenet, gpt, chain" in done.stderr
