"""Samples for the primitives of ops/joining.py."""

from typing import Any

from tests.judge import data

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "joining._cat": [
        (0, data(2, 3), data(1, 3, seed=1)),
        (1, data(2, 3), data(2, 1, seed=1), data(2, 0)),
        (0, data(3)),
    ],
    "joining._stack": [
        (0, data(2, 3), data(2, 3, seed=1)),
        (2, data(2, 3), data(2, 3)),
        (0, data()),
    ],
    "joining._block_diag": [
        (data(2, 3), data(3, seed=1), data(seed=2)),
        (data(0, 2), data(2, 0, seed=1), data(1, 1)),
    ],
}
