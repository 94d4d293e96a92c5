"""Samples for the primitives of ops/lu.py."""

from typing import Any

from tests.judge import data
from tests.samples.solving import regular

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "lu._lu": [(regular(3, 3),), (data(4, 2),), (data(2, 4),), (regular(2, 2, 2),)],
    "lu._lu_factor": [(regular(3, 3),), (data(4, 2),), (data(2, 4),), (regular(2, 2, 2),)],
    "lu.unit": [(data(2, 3), 2)],
}
