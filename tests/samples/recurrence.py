"""Samples for the primitives of ops/recurrence.py."""

from typing import Any

from tests.judge import data

WEIGHTS = (
    data(2, 3, seed=1),
    data(2, 3, seed=2),
    data(12, 2, seed=3),
    data(12, 3, seed=4),
    data(12, seed=5),
)

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "recurrence._lstm_layer": [
        (data(3, 2, 2), *WEIGHTS, False),
        (data(3, 2, 2), *WEIGHTS, True),
        (data(1, 2, 2), *WEIGHTS, False),
    ],
}
