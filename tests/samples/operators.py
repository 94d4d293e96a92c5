"""Samples for the primitives of ops/operators.py."""

from typing import Any

from tests.samples.made import pairs

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "operators._add_scaled": [(*pair, alpha) for pair in pairs() for alpha in (2.5, -3)],
    "operators._rsub_scaled": [(*pair, alpha) for pair in pairs() for alpha in (2.5, -3)],
    "operators._sub_scaled": [(*pair, alpha) for pair in pairs() for alpha in (2.5, -3)],
}
