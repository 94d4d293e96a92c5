"""Samples for the primitives of ops/rarer.py."""

from typing import Any

import numpy as np

from tests.judge import data

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "rarer._frexp": [(data(2, 3),), (data(),)],
    "rarer._nextafter": [(data(2, 3), data(3, seed=1))],
    "rarer._gcd": [(np.array([4, 6]), np.array([6, 9]))],
    "rarer._lcm": [(np.array([4, 6]), np.array([6, 9]))],
    "rarer._heaviside": [(data(2, 3), data(3, seed=1))],
    "rarer._ldexp": [(data(2, 3), data(3, seed=1)), (data(), data(seed=1))],
}
