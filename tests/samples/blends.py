"""Samples for the primitives of ops/blends.py."""

from typing import Any

from tests.judge import data
from tests.samples.made import pairs, positive, singles

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "blends._addcmul": [(data(3, seed=2), *pair, 2.5) for pair in pairs()[:3]],
    "blends._addcdiv": [(data(3, seed=2), *pair, -1.5) for pair in pairs(data, positive)[:3]],
    "blends._lerp_number": [(*pair, weight) for pair in pairs() for weight in (0.25, 1.5)],
    "blends._lerp": [(*pair, positive(3, seed=2) - 0.6) for pair in pairs()[:3]],
    "blends._fill": [(*x, 2.5) for x in singles()],
    "blends._fill_tensor": [(*x, data(seed=1)) for x in singles()],
}
