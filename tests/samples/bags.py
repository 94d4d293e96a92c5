"""Samples for the primitives of ops/bags.py."""

from typing import Any

import numpy as np

from tests.judge import data
from tests.samples.made import ints

ROWS, BAGS = ints(0, 4, 4, 1), ints(0, 0, 2, 2)

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "bags._sum_bags": [(data(5, 3), data(4, seed=1), ROWS, BAGS, 3, np.ones(4))],
    "bags._max_bags": [
        (data(5, 3), ints([0, 4, 1], [2, 2, 3]), np.arange(3), np.ones((2, 1), np.float32))
    ],
}
