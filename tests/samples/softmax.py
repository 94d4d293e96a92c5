"""Samples for the primitives of ops/softmax.py."""

from typing import Any

from tests.judge import data

LINES: list[tuple[Any, ...]] = [
    (data(3), (0,)),
    (data(2, 3), (1,)),
    (data(2, 3, 4), (1,)),
    (data(), ()),
    (data(2, 0), (1,)),
]

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "softmax._softmax": LINES,
    "softmax._log_softmax": LINES[:-1],
    "softmax._logsumexp": [
        (data(3), (0,), False),
        (data(2, 3, 4), (0, 2), True),
        (data(2, 3), (0, 1), False),
        (data(), (), False),
    ],
}
