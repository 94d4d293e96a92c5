"""Samples for the primitives of ops/sorting.py."""

from typing import Any

from tests.judge import data

LINES: list[tuple[Any, ...]] = [
    (data(3), 0, False),
    (data(2, 5), 1, True),
    (data(2, 3, 4), 1, False),
    (data(), 0, False),
]
WHOLE: list[tuple[Any, ...]] = [(data(3),), (data(2, 3),), (data(),)]

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "sorting._sort": LINES,
    "sorting._stable_sort": LINES,
    "sorting._topk": [
        (data(3), 2, 0, True),
        (data(2, 5), 3, 1, False),
        (data(2, 3), 0, 1, True),
        (data(), 1, 0, True),
    ],
    "sorting._kthvalue": [(*args, 1 + i % 3) for i, args in enumerate(LINES[:3])],
    "sorting._median_dim": LINES,
    "sorting._nanmedian_dim": LINES,
    "sorting._mode": LINES,
    "sorting._median_all": WHOLE,
    "sorting._nanmedian_all": WHOLE,
}
