"""Samples for the primitives of ops/indexing.py."""

from typing import Any

import numpy as np

from tests.judge import data
from tests.samples.made import WHOLE, ints, singles

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "indexing._select": [
        (data(2, 3), (1, ...)),
        (data(2, 3), (WHOLE, 2, ...)),
        (data(3), (0, ...)),
    ],
    "indexing._slice": [(data(2, 3), (WHOLE, slice(1, 3))), (data(5), (slice(0, 5, 2),))],
    "indexing.put_region": [
        (data(3), (1, ...), (2, 3)),
        (data(2, 2), (WHOLE, slice(0, 3, 2)), (2, 3)),
    ],
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
    "indexing.index_put": [
        (data(3), data(2, seed=1), False, ints(2, 0)),
        (data(3), data(3, seed=1), True, ints(2, 0, 2)),
        (data(2, 3), data(seed=1), False, ints(1), WHOLE),
        (data(2, 3), data(1, seed=1), True, np.array([[True, False, True], [False, False, True]])),
    ],
    "indexing._copy": [(data(2, 3), data(3, seed=1)), (data(), data(seed=1)), (data(2), data(2))],
    "indexing._fill": [(data(2, 3), data(seed=1)), (data(), data(seed=1))],
    "indexing._fill_number": [(data(2, 3), 1.5), (data(), 2)],
    "indexing._zero": singles(),
}
