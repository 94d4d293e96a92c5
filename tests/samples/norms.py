"""Samples for the primitives of ops/norms.py."""

import math
from typing import Any

from tests.judge import data

ORDERS = [1, 2, 3, 1.5, 0.5, -1, math.inf, -math.inf]

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "norms._vector_norm": [
        *[(data(2, 3), p, (1,), False) for p in ORDERS],
        (data(2, 3, 4), 2, (0, 2), True),
        (data(3), 2, (0,), False),
        (data(), 2, (), False),
    ],
    "norms._renorm": [
        *[(data(2, 3), p, (1,), 1.5) for p in (1, 2, 3, 1.5, math.inf)],
        (data(2, 3, 4), 2, (0, 2), 3.0),
    ],
    "norms._dist": [
        *[(data(2, 3), data(3, seed=1), p) for p in ORDERS],
        (data(3), data(2, 1, seed=1), 2),
        (data(), data(seed=1), 2),
    ],
}
