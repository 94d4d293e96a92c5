"""Samples for the primitives of ops/pixels.py."""

from typing import Any

from tests.judge import data

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "pixels._pixel_shuffle": [(data(2, 8, 2, 3), 2), (data(9, 1, 2), 3), (data(3, 2, 2), 1)],
    "pixels._pixel_unshuffle": [(data(2, 2, 4, 6), 2), (data(1, 3, 6), 3), (data(0, 1, 2, 2), 2)],
    "pixels._channel_shuffle": [(data(2, 6, 3), 2), (data(1, 4, 2, 2), 4), (data(2, 3, 2), 1)],
}
