"""Arrays to make samples from."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.views import Region
from tests.judge import data

WHOLE = slice(None)


def ints(*values: Any) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def positive(*shape: int, seed: int = 0) -> np.ndarray:
    return data(*shape, low=0.5, high=2.0, seed=seed)


def fractions(*shape: int, seed: int = 0) -> np.ndarray:
    return data(*shape, low=0.2, high=0.8, seed=seed)


def pairs(make: Any = data, second: Any = None) -> list[tuple[np.ndarray, np.ndarray]]:
    """Operands that broadcast, either of them or both, 0-d and size 1 and empty among them."""
    shapes = [((3,), (3,)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((), (2,)), ((2,), ()), ((), ())]
    shapes += [((1,), (2, 3)), ((0,), (1,)), ((2, 0), (2, 1))]
    return [(make(*a), (second or make)(*b, seed=1)) for a, b in shapes]


def singles(make: Any = data) -> list[tuple[np.ndarray]]:
    return [(make(*shape),) for shape in [(3,), (2, 3), (), (1,), (0,)]]


def regions(first: Any) -> list[tuple[np.ndarray, Region]]:
    """A row, a column, steps, all of a transposed base, one element and nothing of a base."""
    base = data(3, 4)
    turned = data(4, 3).T
    made = [
        (base, part) for part in (base[1], base[:, 2], base[::2, 1:], base[0, 0, ...], base[3:])
    ]
    made.append((turned, turned[1:, ::3]))
    return [first(b, Region(b, part)) for b, part in made]
