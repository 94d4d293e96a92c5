"""Samples for the primitives of ops/distances.py."""

import math
from typing import Any

from tests.judge import data

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "distances._cdist": [
        *[(data(2, 3), data(4, 3, seed=1), p) for p in (1, 2, 3, 1.5, math.inf)],
        (data(2, 3), data(4, 3, seed=1) + 5, 0.5),
        (data(2, 2, 3), data(1, 3, seed=1), 2),
        (data(2, 0), data(3, 0), 2),
    ],
    "distances._euclidean_dist": [
        (data(2, 3), data(4, 3, seed=1)),
        (data(2, 2, 3), data(2, 1, 3, seed=1)),
    ],
}
