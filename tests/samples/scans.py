"""Samples for the primitives of ops/scans.py."""

from typing import Any

import numpy as np

from tests.judge import data

ZEROS = np.array([[0.0, 2.0, 0.0, -1.5], [3.0, 0.0, 0.5, 2.0]])

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "scans._cumsum": [
        (data(3), 0, False),
        (data(2, 3), 1, True),
        (data(2, 3, 2), 1, False),
        (data(), 0, False),
        (data(2, 0), 1, False),
    ],
    "scans._cumprod": [
        (data(5), 0, False),
        (data(2, 3), 0, True),
        (ZEROS, 1, False),
        (ZEROS, 1, True),
        (data(), 0, False),
        (data(1), 0, False),
    ],
    "scans.recurrence": [
        (data(5), data(4, seed=1), 0, False),
        (data(2, 3), data(2, 2, seed=1), 1, True),
        (data(1), data(0), 0, False),
    ],
    "scans._prod_all": [(data(3),), (ZEROS,), (data(2, 3),), (data(),), (data(1),)],
    "scans._prod_dim": [
        (data(3), 0, False),
        (ZEROS, 0, True),
        (ZEROS, 1, False),
        (data(), 0, False),
        (data(2, 1), 1, False),
    ],
    "scans._cummax": [(data(4), 0), (data(2, 3), 1), (data(2, 3, 2), 1), (data(), 0)],
    "scans._cummin": [(data(4), 0), (data(2, 3), 1), (data(2, 3, 2), 1), (data(), 0)],
    "scans._logcumsumexp": [(data(4), 0), (data(2, 3), 1), (data(2, 3, 2), 0), (data(), 0)],
}
