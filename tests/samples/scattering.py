"""Samples for the primitives of ops/scattering.py."""

from typing import Any

import numpy as np

from tests.judge import data
from tests.samples.made import ints

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "scattering._scatter": [
        (data(2, 3), 1, ints([2, 0], [0, 1]), data(2, 2, seed=1)),
        (data(2, 3), 0, ints([1, 0]), data(1, 2, seed=1)),
        (data(3), 0, ints(2), data(1, seed=1)),
    ],
    "scattering._scatter_number": [
        (data(2, 3), 1, ints([2, 0], [0, 1]), 1.5),
        (data(3), 0, np.array(2), 0),
        (data(), 0, ints(0), 2),
    ],
    "scattering._scatter_add": [
        (data(2, 3), 1, ints([2, 0, 2, 2], [0, 1, 1, 0]), data(2, 4, seed=1)),
        (data(), 0, np.array(0), data(seed=1)),
    ],
    "scattering._scatter_sum": [(data(3), 0, ints(2, 2), data(2, seed=1))],
    "scattering._scatter_product": [(data(3), 0, ints(2, 2), data(2, seed=1))],
    "scattering._put": [
        (data(2, 3), ints(5, 0), data(2, seed=1), False),
        (data(2, 3), ints([5, -1]), data(2, seed=1), True),
    ],
    "scattering.clear_flat": [(data(2, 3), ints(5, 0, 5)), (data(3), ints([-1]))],
}
