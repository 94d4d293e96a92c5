"""Samples for the primitives of ops/reduction.py."""

from typing import Any

import numpy as np

from tests.judge import data
from tests.samples.made import ints

TIES = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]])

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "reduction._mean_all": [(data(3),), (data(2, 3),), (data(),), (data(1),)],
    "reduction._mean_dims": [
        (data(2, 3), (0,), False),
        (data(2, 3), (1,), True),
        (data(2, 3, 4), (0, 2), False),
        (data(), (), True),
    ],
    **{
        f"reduction.{name}": [(TIES, np.array([3.0, 2.0]), (1,), nans) for nans in (True, False)]
        for name in ("ties", "count_ties")
    },
    "reduction._max_all": [(data(3),), (data(2, 3),), (data(),), (data(1, 1),)],
    "reduction._min_all": [(data(3),), (data(2, 3),), (data(),), (data(1, 1),)],
    **{
        f"reduction.{name}": [
            (data(2, 3), 0, False),
            (data(2, 3), 1, True),
            (data(2, 3, 4), 1, False),
            (data(), 0, False),
            (data(2, 1), 1, False),
        ]
        for name in ("_max_dim", "_min_dim")
    },
    **{
        f"reduction.{name}": [
            (data(2, 3), (0,), False),
            (data(2, 3, 4), (0, 2), True),
            (data(2, 3), (0, 1), False),
            (data(), (), False),
        ]
        for name in ("_amax", "_amin", "_aminmax")
    },
    "reduction.put_along": [
        (data(2), ints(2, 0), (2, 3), 1, False),
        (data(1, 3), ints([1, 1, 0]), (2, 3), 0, True),
        (data(), np.array(0), (), 0, False),
    ],
    "reduction.take_along": [
        (data(2, 3), ints(2, 0), 1, False),
        (data(2, 3), ints([1, 1, 0]), 0, True),
        (data(), np.array(0), 0, False),
    ],
    "reduction._argmax": [(data(2, 3), 1, False), (data(2, 3), None, False), (data(), None, False)],
    "reduction._argmin": [(data(2, 3), 0, True), (data(2, 3), None, False), (data(), None, False)],
}
