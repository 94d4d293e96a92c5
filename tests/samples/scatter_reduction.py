"""Samples for the primitives of ops/scatter_reduction.py."""

from typing import Any

import numpy as np

from tests.judge import data
from tests.samples.made import ints

REDUCED: list[tuple[Any, ...]] = [
    (x, dim, index, src, reduce, include_self)
    for x, dim, index, src in [
        (data(3), 0, ints(2, 0, 2, 2), data(4, seed=1)),
        (data(2, 3), 1, ints([2, 0, 2], [0, 1, 1]), data(2, 3, seed=1)),
        (data(), 0, ints(0), data(1, seed=1)),
    ]
    for reduce in ("sum", "prod", "mean", "amax", "amin")
    for include_self in (True, False)
]
SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "scatter_reduction._scatter_reduce": REDUCED,
    "scatter_reduction._index_reduce": [x for x in REDUCED if x[4] == "prod"],
    "scatter_reduction.sizes": [(data(3), 0, ints(2, 0, 2), True), (data(3), 0, ints(2), False)],
    "scatter_reduction.fitting": [(ints(0, 1), data(2), "sum")],
    "scatter_reduction.sharers": [
        (np.array([1.0, 2.0]), 0, ints(0, 0, 1), np.ones(3), np.array([1.0, 2.0])),
    ],
    "scatter_reduction.zeros_met": [(data(2), 0, ints(0, 0, 1), np.zeros(3))],
    "scatter_reduction.only_once": [(data(3), ints(0, 1, 0))],
    "scatter_reduction.refused": [(data(3), ints(0, 1, 0))],
}
