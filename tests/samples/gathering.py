"""Samples for the primitives of ops/gathering.py."""

from typing import Any

import numpy as np

from tests.judge import data
from tests.samples.made import ints

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "gathering._gather": [
        (data(2, 3), 1, ints([2, 0, 2, 1], [0, 0, 0, 1])),
        (data(2, 3), 0, ints([1, 0])),
        (data(3), 0, ints(2, 2)),
        (data(), 0, ints(0, 0)),
        (data(3), 0, np.array(1)),
    ],
    "gathering.add_along": [
        (data(2, 4), 1, ints([2, 0, 2, 1], [0, 0, 0, 1]), (2, 3)),
        (data(1, 2), 0, ints([1, 0]), (2, 3)),
    ],
    "gathering._take": [(data(2, 3), ints(5, 0, 5)), (data(3), ints([2], [-3])), (data(2), ints())],
    "gathering.add_at_flat": [
        (data(3), ints(5, 0, 5), (2, 3)),
        (data(2, 1), ints([2], [-3]), (3,)),
    ],
}
