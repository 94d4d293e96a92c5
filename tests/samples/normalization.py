"""Samples for the primitives of ops/normalization.py."""

from typing import Any

import numpy as np

from tests.judge import data
from tests.samples.made import positive

ROWS = ((3, 4), (1, 4), (1,))
GROUPS = ((2, 2, 2, 3), (1, 2, 2, 1), (2, 3))
CHANNELS = ((3, 2, 4), (1, 2, 1), (0, 2))
EPS = 1e-3


SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "normalization._layer_norm": [
        (data(3, 4), data(4, seed=1), data(4, seed=2), ROWS, EPS),
        (data(3, 2, 2), None, None, ROWS, EPS),
        (data(3, 4), data(4, seed=1), None, ROWS, EPS),
    ],
    "normalization._group_norm": [
        (data(2, 4, 3), data(4, seed=1), data(4, seed=2), GROUPS, EPS),
        (data(2, 4, 3), None, None, GROUPS, EPS),
    ],
    "normalization._batch_norm": [
        (data(3, 2, 4), data(2, seed=1), data(2, seed=2), CHANNELS, EPS),
        (data(3, 2, 2, 2), None, data(2, seed=2), CHANNELS, EPS),
        (data(3, 2), data(2, seed=1), data(2, seed=2), ((3, 2), (1, 2), (0,)), EPS),
        (data(3, 1), data(1, seed=1), data(1, seed=2), ((3, 1), (1, 1), (0,)), EPS),
    ],
    "normalization.normalize_backward": [
        (data(3, 4), data(3, 4, seed=1), data(4, seed=2), ROWS, EPS),
        (data(3, 4), data(3, 4, seed=1), None, ROWS, EPS),
        (data(2, 4, 3), data(2, 4, 3, seed=1), data(4, seed=2), GROUPS, EPS),
        (data(3, 2, 4), data(3, 2, 4, seed=1), data(2, seed=2), CHANNELS, EPS),
        (data(3, 2, 4), data(3, 2, 4, seed=1), None, CHANNELS, EPS),
    ],
    "normalization._batch_norm_by": [
        (data(3, 2, 4), data(2, seed=1), data(2, seed=2), mean, var, (1, 2, 1), EPS)
        for mean, var in [(data(2).astype(np.float32), positive(2).astype(np.float32))]
    ],
}
