"""Samples for the primitives of ops/products.py."""

from typing import Any

from tests.judge import data

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "products._addmv": [
        (data(2), data(2, 3), data(3, seed=1), 1, 1),
        (data(), data(2, 3), data(3), 0.5, 2),
    ],
    "products._addr": [
        (data(2, 3), data(2, seed=1), data(3, seed=2), 1, 1),
        (data(3), data(2), data(3), 0.5, 2),
    ],
    "products._baddbmm": [
        (data(2, 3, 2), data(2, 3, 4), data(2, 4, 2, seed=1), 1, 1),
        (data(2), data(2, 3, 4), data(2, 4, 2, seed=1), 0.5, 2),
    ],
    "products._addbmm": [
        (data(3, 2), data(2, 3, 4), data(2, 4, 2, seed=1), 1, 1),
        (data(1, 2), data(2, 3, 4), data(2, 4, 2, seed=1), 0.5, 2),
    ],
    "products._vdot": [(data(3), data(3, seed=1)), (data(0), data(0))],
    "products._cross": [(data(2, 3), data(2, 3, seed=1), 1), (data(3, 2), data(3, 1, seed=1), 0)],
}
