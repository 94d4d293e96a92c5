"""Samples for the primitives of ops/masks.py."""

from typing import Any

import numpy as np

from tests.judge import data

MASK = np.array([[True, False, True], [False, False, True]])

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "masks._masked_select": [
        (data(2, 3), MASK),
        (data(2, 3), MASK[0]),
        (data(3), MASK),
        (data(), np.array(True)),
    ],
    "masks.put_chosen": [(data(3), MASK, (2, 3)), (data(2), MASK[0], (1, 3))],
    "masks._masked_fill_number": [(data(2, 3), MASK, 1.5), (data(3), MASK, -7)],
    "masks._masked_fill": [(data(2, 3), MASK, data(seed=1)), (data(3), MASK, data(seed=1))],
    "masks._masked_scatter": [
        (data(2, 3), MASK, data(3, seed=1)),
        (data(3), MASK, data(2, 2, seed=1)),
        (data(2), np.array([False, False]), data(1)),
    ],
    "masks.lengthened": [(data(3), (2, 2)), (data(2), (2,)), (data(0), (3,))],
}
