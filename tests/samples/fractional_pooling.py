"""Samples for the primitives of ops/fractional_pooling.py."""

from typing import Any

import numpy as np

from minigrad.ops.pooling import Planes
from tests.judge import data

ROWS = np.array([[[0, 2], [0, 1], [1, 2]]])
COLUMNS = np.array([[[0, 1, 3], [0, 2, 3], [0, 1, 3]]])
PLANES = Planes((4, 5), apart=False)
IMAGES: tuple[Any, ...] = (data(1, 3, 4, 5), [ROWS, COLUMNS], (2, 2), PLANES)
VOLUMES: tuple[Any, ...] = (
    data(1, 3, 2, 4, 5),
    [np.zeros((1, 3, 1), int), ROWS, COLUMNS],
    (2, 2, 2),
    Planes((2, 4, 5), apart=False),
)

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "fractional_pooling._fractional_max2": [IMAGES],
    "fractional_pooling._fractional_max3": [VOLUMES],
}
