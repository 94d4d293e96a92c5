"""Samples for the primitives of ops/attention.py."""

from typing import Any

import numpy as np

from tests.judge import data

QKV = (data(1, 2, 3, 4), data(1, 2, 2, 4, seed=1), data(1, 2, 2, 4, seed=2))
SEEN = np.array([[True, True], [True, False], [False, False]])
BIAS = data(3, 2).astype(np.float32)

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "attention._safe_softmax": [(data(2, 3),), (data(2, 0),), (data(1),)],
    "attention._attention": [(*QKV, None, 0.5), (*QKV, SEEN, 0.5)],
    "attention.attend_backward": [
        (data(1, 2, 3, 4, seed=3), *QKV, None, 0.5),
        (data(1, 2, 3, 4, seed=3), *QKV, SEEN, 0.5),
    ],
    "attention.weights": [(*QKV[:2], mask, 0.5) for mask in (None, SEEN, BIAS)],
}
