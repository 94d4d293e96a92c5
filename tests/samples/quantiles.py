"""Samples for the primitives of ops/quantiles.py."""

from typing import Any

from tests.judge import data

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "quantiles._arranged": [(data(2, 3), (6,)), (data(1, 1), ())],
}
