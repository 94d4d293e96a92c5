"""Samples for the primitives of ops/resampling.py."""

from typing import Any

import numpy as np

from minigrad.ops import resampling
from minigrad.ops.resampling import Taps
from tests.judge import data

MIRRORED = Taps(np.array([[2, 1, 0, 1, 2, 1]]))
REPEATED = Taps(np.array([[0, 0, 0, 1, 2, 2]]))
MIXED = Taps(
    np.array([[0, 0, 1, 2], [0, 1, 2, 2]]),
    np.array([[0.75, 0.25, 0.5, 0.9], [0.25, 0.75, 0.5, 0.1]]),
)
NAMES = [name for name in vars(resampling) if name.startswith("_") and name[-1] in "123"]
NAMES += [
    "_circular",
    "_linear",
    "_bilinear",
    "_trilinear",
    "_bicubic",
    "_bilinear_aa",
    "_bicubic_aa",
    "resample",
]

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    f"resampling.{name}": [(data(2, 3), [MIRRORED])] for name in NAMES
}
SAMPLES["resampling._bilinear"] = [(data(2, 3, 3), [MIXED, REPEATED]), (data(3, 3), [MIXED, MIXED])]
SAMPLES["resampling._reflect2"] = [(data(2, 3, 3), [None, MIRRORED]), (data(3, 3), [None, None])]
SAMPLES["resampling._nearest1"] = [(data(0, 3), [REPEATED]), (data(2, 3), [REPEATED])]
SAMPLES["resampling.put_back"] = [
    (data(2, 6), (2, 3), [MIRRORED]),
    (data(2, 4, 6), (2, 3, 3), [MIXED, REPEATED]),
    (data(3, 6), (3, 3), [None, REPEATED]),
    (data(3, 3), (3, 3), [None, None]),
]
