"""Samples for the primitives of ops/repetition.py."""

from typing import Any

from tests.judge import data

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "repetition._repeat": [
        (data(2, 3), (2, 3)),
        (data(3), (2, 1, 2)),
        (data(), (3,)),
        (data(), ()),
        (data(0, 2), (2, 2)),
    ],
    "repetition._flip": [
        (data(2, 3), (0,)),
        (data(2, 3), (0, 1)),
        (data(), ()),
        (data(3, 2).T, (1,)),
    ],
    "repetition._roll": [
        (data(2, 3), (2,), None),
        (data(2, 3), (1, -2), (0, 1)),
        (data(3), (4,), (0,)),
        (data(), (1,), None),
    ],
    "repetition._rot90": [(data(2, 3), k, (0, 1)) for k in range(4)] + [(data(2, 3, 4), 1, (2, 0))],
}
