"""Samples for the primitives of ops/linalg.py."""

from typing import Any

from tests.judge import data

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "linalg._dot": [(data(3), data(3, seed=1)), (data(0), data(0)), (data(1), data(1, seed=1))],
    "linalg._mv": [(data(2, 3), data(3, seed=1)), (data(3, 2).T, data(3)), (data(2, 0), data(0))],
    "linalg._bmm": [
        (data(2, 3, 4), data(2, 4, 2, seed=1)),
        (data(2, 1, 1), data(2, 1, 3)),
        (data(0, 2, 3), data(0, 3, 1)),
    ],
    "linalg._addmm": [
        (data(2), data(3, 4), data(4, 2, seed=1), 1, 1),
        (data(3, 1), data(3, 1), data(2, 1, seed=1).T, 0.5, 2.0),
        (data(), data(3, 2), data(2, 2), 0, 1),
    ],
    "linalg._the_row": [(data(1, 3),), (data(1, 1),), (data(1, 0),)],
}
