"""How it is learned: the learning rate, the number of steps, and which samples each step sees."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Rows = slice | npt.NDArray[np.int64]


@dataclass(frozen=True)
class Schedule:
    """Gradient descent's settings, the same for every engine.

    Args:
        lr: the learning rate, finite and positive.
        steps: how many updates, at least 1.
        batch: samples a step, drawn anew for every step and without repetition within one; None
            for all of them.
        seed: of the stream of sample indices.

    Raises:
        ValueError: a value is out of its range.
    """

    lr: float = 0.001
    steps: int = 800
    batch: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.lr) and self.lr > 0):
            raise ValueError(f"lr must be finite and positive; got {self.lr}")
        if self.steps < 1:
            raise ValueError(f"steps must be at least 1; got {self.steps}")
        if self.batch is not None and self.batch < 1:
            raise ValueError(f"batch must be at least 1; got {self.batch}")

    def size(self, n: int) -> int:
        """Samples a step, out of n.

        Raises:
            ValueError: the batch is larger than n.
        """
        if self.batch is not None and self.batch > n:
            raise ValueError(f"batch must be at most the number of points, {n}; got {self.batch}")
        return n if self.batch is None else self.batch

    def kind(self, n: int) -> str:
        """The name of this kind of descent on n points."""
        size = self.size(n)
        if size == n:
            return "batch"
        return "stochastic" if size == 1 else "mini-batch"

    def rows(self, n: int) -> Iterable[Rows]:
        """What to index the n points with, one item a step: the stream every engine receives.

        It depends on the schedule and n alone, so two engines that ask for it see the same samples
        in the same order. It is drawn before the first step, so that no engine's time includes it.
        """
        size = self.size(n)
        if size == n:
            return itertools.repeat(slice(None), self.steps)
        random = np.random.default_rng(self.seed)
        return [random.choice(n, size, replace=False) for _ in range(self.steps)]
