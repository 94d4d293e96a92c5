"""Samples for the primitives of ops/indexing.py."""

from typing import Any

import numpy as np

from tests.judge import data
from tests.samples.made import WHOLE, ints

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "indexing._index": [
        (data(3), ints(2, 0, 2)),
        (data(2, 3), WHOLE, ints([0, 0], [2, 1])),
        (data(2, 3), ints(1, 0), ints(2, 2)),
        (data(2, 3), np.array([[True, False, True], [False, False, True]])),
        (data(2, 3), np.array([False, False])),
    ],
    "indexing.add_at": [
        (data(3), (3,), ints(2, 0, 2)),
        (data(2), (2, 3), ints(1, 0), ints(2, 2)),
        (data(2, 2), (2, 3), WHOLE, ints(1, 1)),
    ],
    "indexing.clear_at": [(data(3), ints(2, 0, 2)), (data(2, 3), WHOLE, ints(1))],
    "indexing._index_put": [
        (data(3), data(2, seed=1), False, ints(2, 0)),
        (data(3), data(3, seed=1), True, ints(2, 0, 2)),
        (data(2, 3), data(2, 3, seed=1), True, ints(1, -1)),
        (data(2, 3), data(2, 2, seed=1), True, WHOLE, ints(0, 0)),
        (data(2, 3), data(seed=1), False, ints(1), WHOLE),
        (data(2, 3), data(1, seed=1), True, np.array([[True, False, True], [False, False, True]])),
    ],
}
