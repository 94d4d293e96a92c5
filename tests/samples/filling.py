"""Samples for the primitives of ops/filling.py."""

from typing import Any

from tests.judge import data
from tests.samples.made import singles

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "filling._copy": [(data(2, 3), data(3, seed=1)), (data(), data(seed=1)), (data(2), data(2))],
    "filling._fill": [(data(2, 3), data(seed=1)), (data(), data(seed=1))],
    "filling._fill_number": [(data(2, 3), 1.5), (data(), 2)],
    "filling._zero": singles(),
}
