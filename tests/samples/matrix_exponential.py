"""Samples for the primitives of ops/matrix_exponential.py."""

from typing import Any

import numpy as np

from tests.judge import data

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "matrix_exponential._matrix_exp": [
        (data(3, 3),),
        (data(2, 2, 2, seed=1) * np.array([1.0, 5.0])[:, None, None],),
        (np.zeros((1, 1)),),
        (np.zeros((0, 0)),),
    ],
}
