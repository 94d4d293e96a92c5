"""Samples for the primitives of ops/bits.py."""

from typing import Any

import numpy as np

from tests.samples.made import ints

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    **{
        f"bits._{name}": [
            (ints([1, 6, -3]), ints([3, 5, 4])),
            (np.array([True, False]), np.array(True)),
        ]
        for name in ("and", "or", "xor")
    },
    **{
        f"bits._{name}": [(ints([1, 6, -3]), ints([3, 5, 4])), (ints(8, -8), ints(1))]
        for name in ("left_shift", "right_shift")
    },
    "bits._bitwise_not": [(ints(1, 0, -3),), (np.array([True, False]),)],
}
