"""Samples for the primitives of ops/pairwise.py."""

from typing import Any

from tests.judge import data

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "pairwise._norm_of_rows": [
        (data(2, 3), 2.0, (1,), False),
        (data(2, 3), 3.0, (1,), True),
        (data(3), 1.0, (0,), False),
    ],
    "pairwise.pairs": [(data(3, 2),)],
    "pairwise._pdist": [(data(4, 3), p) for p in (0, 1.0, 2.0, 3.0, float("inf"))],
}
