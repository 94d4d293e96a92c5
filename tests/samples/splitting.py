"""Samples for the primitives of ops/splitting.py."""

from typing import Any

from tests.judge import data

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "splitting._split": [(data(2, 3), (1, 2), 1), (data(3), (2, 0, 1), 0), (data(0, 2), (0,), 0)],
    "splitting._split_with_sizes": [
        (data(2, 3), (1, 2), 1),
        (data(3), (2, 0, 1), 0),
        (data(0, 2), (0,), 0),
    ],
    "splitting._unsafe_split": [
        (data(2, 3), (1, 2), 1),
        (data(3), (2, 0, 1), 0),
        (data(0, 2), (0,), 0),
    ],
    "splitting._unsafe_split_with_sizes": [
        (data(2, 3), (1, 2), 1),
        (data(3), (2, 0, 1), 0),
        (data(0, 2), (0,), 0),
    ],
    "splitting._unbind": [(data(2, 3), 0), (data(2, 3), 1), (data(2), 0)],
}
