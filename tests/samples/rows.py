"""Samples for the primitives of ops/rows.py."""

from typing import Any

from tests.judge import data
from tests.samples.made import ints

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "rows._index_select": [
        (data(3, 2), 0, ints(2, 0, 2)),
        (data(2, 3), 1, ints(1)),
        (data(2, 3, 2), 1, ints(1, 1)),
        (data(), 0, ints(0)),
    ],
    "rows.add_rows": [
        (data(3, 2), 0, ints(2, 0, 2), (3, 2)),
        (data(2, 2, 2), 1, ints(1, 1), (2, 3, 2)),
    ],
    "rows._index_copy": [
        (data(3, 2), 0, ints(2, 0), data(2, 2, seed=1)),
        (data(2, 3), 1, ints(1), data(2, 1, seed=1)),
        (data(3), 0, ints(1), data(seed=1)),
        (data(), 0, ints(0), data(seed=1)),
    ],
    "rows._index_fill_number": [(data(3, 2), 0, ints(2, 0), 1.5), (data(2, 3), 1, ints(-1, 2), 0)],
    "rows._index_fill": [
        (data(3, 2), 0, ints(2, 0), data(seed=1)),
        (data(2, 3), 1, ints(-1, 2, 0), data(seed=1)),
        (data(), 0, ints(0), data(seed=1)),
    ],
    "rows._index_add": [
        (data(3, 2), 0, ints(2, 0, 2), data(3, 2, seed=1), 1),
        (data(2, 3), 1, ints(1, 1), data(2, 2, seed=1), -2.5),
        (data(), 0, ints(0), data(seed=1), 3),
    ],
}
