"""Samples for the primitives of ops/padding.py."""

from typing import Any

from tests.judge import data

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "padding._constant_pad": [
        (data(2, 3), ((1, 2),), 0),
        (data(2, 3), ((0, 1), (-1, 2)), 1.5),
        (data(3), ((-1, -2),), 0),
        (data(2, 3), (), 0),
        (data(), (), 0),
    ],
}
