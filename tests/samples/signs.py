"""Samples for the primitives of ops/signs.py."""

from typing import Any

from tests.judge import data
from tests.samples.made import pairs, singles

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "signs._sign": singles(),
    "signs._sgn": singles(),
    "signs._abs": singles(),
    "signs._copysign": pairs(),
    "signs._copysign_number": [(data(3), -2.0), (data(), 1)],
}
