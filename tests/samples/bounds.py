"""Samples for the primitives of ops/bounds.py."""

from typing import Any

from tests.judge import data
from tests.samples.made import pairs, singles

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "bounds._relu": singles(),
    "bounds.gate": [(data(*s), data(*s, seed=1)) for s in [(3,), (2, 3), (), (0,)]],
    "bounds._clamp": [
        (data(2, 3), -1.0, 1.0),
        (data(3), None, 0.5),
        (data(3), 0.5, None),
        (data(3), 1.0, -1.0),
        (data(), -1, 1),
    ],
    "bounds._clamp_min": [(data(2, 3), -1.0, None), (data(), 0, None)],
    "bounds._clamp_max": [(data(2, 3), None, 1.0), (data(), None, 0)],
    "bounds._clamp_tensor": [
        (data(2, 3), data(3, seed=1) - 1, data(2, 1, seed=2) + 1),
        (data(2, 3), None, data(3, seed=1)),
        (data(3), data(2, 1, seed=1), None),
        (data(3), data(3, seed=1) + 2, data(3, seed=2) - 2),
    ],
    **{
        f"bounds._{name}": pairs()
        for name in ("clamp_min_tensor", "clamp_max_tensor", "maximum", "minimum", "fmax", "fmin")
    },
    "bounds._nan_to_num": [(*x, 0.0, None, None) for x in singles()],
}
