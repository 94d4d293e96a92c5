"""Where a generator's decisions come from: a seed, for volume, or hypothesis, which can shrink."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


class Choices:
    """Decisions by a seeded generator. The first option should be the simplest."""

    def __init__(self, seed: Any) -> None:
        self.random = random.Random(seed)

    def number(self, low: int, high: int) -> int:
        """An integer from ``low`` to ``high``, both included."""
        return low + int(self.random.random() * (high - low + 1))

    def pick(self, options: Sequence[T]) -> T:
        return options[self.number(0, len(options) - 1)]

    def chance(self, percent: int) -> bool:
        """True so often, and never where hypothesis can do without."""
        return self.number(0, 99) >= 100 - percent

    def sample(self, options: Sequence[T], most: int) -> list[T]:
        """Up to ``most`` of the options, each at most once, at least one."""
        left = list(options)
        count = self.number(1, min(most, len(left)))
        return [left.pop(self.number(0, len(left) - 1)) for _ in range(count)]


class Drawn(Choices):
    """Decisions by hypothesis."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def number(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))
