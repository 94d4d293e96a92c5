"""Engines that the tests make up, to be judged beside the real ones."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from comparisons.contract import Engine, Step, Train
from comparisons.engines import numpy_by_hand
from comparisons.problem import Problem, Start
from comparisons.schedule import Schedule


@dataclass(frozen=True)
class MadeUp(Engine):
    """An engine whose training is handed to it; its lines are those of the reference."""

    training: Train = numpy_by_hand.train

    def load(self) -> Train:
        return self.training

    @property
    def path(self):
        return Engine("numpy-by-hand", "", "numpy").path


@pytest.fixture
def made_up() -> Callable[[Train], Engine]:
    """Makes an engine of a training function."""

    def make(training: Train, package: str = "numpy") -> Engine:
        return MadeUp("made-up", "made up", package, training)

    return make


@pytest.fixture
def slanted() -> Callable[..., Train]:
    """Trains by hand, with dw and db multiplied by a factor that should be 1."""

    def make(factor_w: float = 1.0, factor_b: float = 1.0) -> Train:
        def train(problem: Problem, start: Start, schedule: Schedule) -> Iterator[Step]:
            x, y, w, b = problem.x, problem.y, start.w, start.b
            kind = x.dtype.type
            for rows in schedule.rows(len(x)):
                residual = w * x[rows] ** 2 + b - y[rows]
                dw = (residual * x[rows] ** 2).sum() * kind(factor_w)
                db = residual.sum() * kind(factor_b)
                w, b = w - schedule.lr * dw, b - schedule.lr * db
                yield Step(0.5 * (residual**2).sum(), w, b, dw, db)

        return train

    return make
