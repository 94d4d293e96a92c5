"""Samples for the primitives of ops/slicing.py."""

from typing import Any

from tests.judge import data
from tests.samples.made import WHOLE

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "slicing._select": [
        (data(2, 3), (1, ...)),
        (data(2, 3), (WHOLE, 2, ...)),
        (data(3), (0, ...)),
    ],
    "slicing._slice": [(data(2, 3), (WHOLE, slice(1, 3))), (data(5), (slice(0, 5, 2),))],
    "slicing.put_region": [
        (data(3), (1, ...), (2, 3)),
        (data(2, 2), (WHOLE, slice(0, 3, 2)), (2, 3)),
    ],
    "slicing._narrow_copy": [(data(2, 3), (WHOLE, slice(1, 3))), (data(5), (slice(2, 2),))],
    "slicing.clear_part": [(data(2, 3), (1, ...)), (data(2, 3), (WHOLE, slice(0, 3, 2)))],
    "slicing._select_scatter": [
        (data(2, 3), data(3, seed=1), (1, ...)),
        (data(3), data(seed=1), (2, ...)),
    ],
    "slicing._slice_scatter": [
        (data(2, 3), data(2, 2, seed=1), (WHOLE, slice(0, 3, 2))),
        (data(3), data(0), (slice(3, 3),)),
    ],
}
