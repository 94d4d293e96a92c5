"""Samples for the primitives of ops/householder.py."""

from typing import Any

from tests.judge import data

MATRIX, TAU = data(4, 3), data(3, low=0.2, high=1.5, seed=1)

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "householder._product": [
        (MATRIX, TAU),
        (MATRIX, TAU[:2]),
        (data(2, 3, 2), data(2, 2, low=0.2, high=1.5, seed=1)),
    ],
    "householder._ormqr": [
        (MATRIX, TAU, data(4, 2, seed=2), True, False),
        (MATRIX, TAU, data(4, 2, seed=2), True, True),
        (MATRIX, TAU, data(2, 4, seed=2), False, False),
        (data(2, 3, 2), data(2, 2, low=0.2, high=1.5, seed=1), data(2, 2, 3), False, True),
    ],
}
