"""Samples for the primitives of ops/embedding.py."""

from typing import Any

import numpy as np

from tests.judge import data
from tests.samples.made import ints

INDICES = [ints(1, 0, 1), ints([2, 2], [0, 2]), np.array(1), np.zeros((0,), np.int64)]
SETTINGS = [(-1, False), (2, False), (-1, True), (0, True)]

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "embedding._embedding": [(data(3, 2), i, -1, False) for i in INDICES],
    "embedding.taken_rows": [(data(3, 2), i, *s) for i, s in zip(INDICES, SETTINGS, strict=True)],
    "embedding.add_rows": [
        (data(*i.shape, 2), i, 3, *s) for i, s in zip(INDICES, SETTINGS, strict=True)
    ],
}
