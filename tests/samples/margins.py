"""Samples for the primitives of ops/margins.py."""

from typing import Any

import numpy as np

from tests.judge import data
from tests.samples.made import ints

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "margins.hot": [(ints(1, 0), (2, 3)), (np.array(1), (3,))],
    "margins._multi_margin": [
        (data(2, 3), ints(1, 0), 1, 1.0, None, "mean"),
        (data(2, 3), ints(1, 0), 2, 0.5, np.array([1, 2, 3], np.float32), "none"),
        (data(3), np.array(2), 2, 1.0, None, "sum"),
    ],
    "margins._multilabel_margin": [
        (data(2, 4), ints([3, 0, -1, 1], [1, -1, 0, 0]), "mean"),
        (data(2, 4), ints([3, 0, -1, 1], [1, -1, 0, 0]), "none"),
        (data(3), ints(1, -1, 0), "sum"),
    ],
}
