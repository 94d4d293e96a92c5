"""Samples for the primitives of ops/least_squares.py."""

from typing import Any

from tests.judge import data

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "least_squares._lstsq": [
        (data(4, 2), data(4, 3, seed=1), 1e-15, False, True),
        (data(2, 3), data(2, 1, seed=1), 1e-15, False, False),
        (data(4, 2), data(4, seed=1), 1e-15, True, True),
        (data(2, 3, 2), data(2, 3, 1, seed=1), 1e-15, False, False),
    ],
    # Only a triangle of the factor counts, and the derivative is for factors alone: of size one.
    "least_squares._cholesky_solve": [
        (data(1, 2), 2 + data(1, 1, low=0), False),
        (data(2, 1, 2), 3 + data(1, 1, low=0), True),
    ],
    "least_squares._cholesky_inverse": [
        (2 + data(1, 1, low=0), False),
        (3 + data(1, 1, low=0), True),
    ],
}
