"""Samples for the primitives of ops/elementwise.py."""

from typing import Any

import numpy as np

from tests.judge import data
from tests.samples.made import ints, pairs, positive, singles

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "elementwise._exp": singles(),
    "elementwise._log": singles(positive),
    "elementwise._sqrt": singles(positive),
    "elementwise._sin": singles(),
    "elementwise._cos": singles(),
    "elementwise._tanh": singles(),
    "elementwise._sigmoid": singles(),
    "elementwise._sign": singles(),
    "elementwise._abs": singles(),
    "elementwise._relu": singles(),
    "elementwise.gate": [(data(*s), data(*s, seed=1)) for s in [(3,), (2, 3), (), (0,)]],
    "elementwise._clamp": [
        (data(2, 3), -1.0, 1.0),
        (data(3), None, 0.5),
        (data(3), 0.5, None),
        (data(3), 1.0, -1.0),
        (data(), -1, 1),
    ],
    "elementwise._clamp_tensor": [
        (data(2, 3), data(3, seed=1) - 1, data(2, 1, seed=2) + 1),
        (data(2, 3), None, data(3, seed=1)),
        (data(3), data(2, 1, seed=1), None),
        (data(3), data(3, seed=1) + 2, data(3, seed=2) - 2),
    ],
    "elementwise._maximum": pairs(),
    "elementwise._minimum": pairs(),
    "elementwise._where": [
        (np.array([True, False, True]), data(3), data(3, seed=1)),
        (np.array([[True], [False]]), data(3), data(seed=1)),
        (np.array(True), data(2), data(1, seed=1)),
    ],
    "elementwise._clone": singles(),
    "elementwise._to_copy": [(data(3), np.dtype(np.float64)), (data(), np.dtype(np.float64))],
    "elementwise._to_integers": [(data(3), np.dtype(np.int64)), (data(), np.dtype(bool))],
    **{f"elementwise._{name}": pairs() for name in ("eq", "ne", "lt", "le", "gt", "ge")},
    **{
        f"elementwise._{name}": [
            (ints([1, 6, -3]), ints([3, 5, 4])),
            (np.array([True, False]), np.array(True)),
        ]
        for name in ("and", "or", "xor")
    },
    "elementwise._bitwise_not": [(ints(1, 0, -3),), (np.array([True, False]),)],
}
