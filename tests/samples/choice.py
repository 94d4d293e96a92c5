"""Samples for the primitives of ops/choice.py."""

from typing import Any

import numpy as np

from tests.judge import data

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "choice._where": [
        (np.array([True, False, True]), data(3), data(3, seed=1)),
        (np.array([[True], [False]]), data(3), data(seed=1)),
        (np.array(True), data(2), data(1, seed=1)),
    ],
}
