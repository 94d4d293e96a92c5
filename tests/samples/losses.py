"""Samples for the primitives of ops/losses.py."""

from typing import Any

import numpy as np

from tests.judge import data
from tests.samples.made import ints

PAIR = (data(2, 3), data(2, 3, seed=1))
PROBABILITIES = (data(2, 3, low=0.4, high=0.6), data(2, 3, low=0.4, high=0.6, seed=1))
WEIGHT = np.array([[0.5, 1.0, 2.0]])
REDUCTIONS = ("mean", "sum", "none")
CLASSES = [
    (data(3, 4), ints(1, 0, 3), None, "mean", -100),
    (data(3, 4), ints(1, -100, 3), None, "none", -100),
    (data(3, 4), ints(1, 2, 3), np.array([1.0, 2.0, 3.0, 4.0]), "mean", 2),
    (data(4), np.array(2), None, "sum", -100),
]
PLACES = [
    (data(2, 3, 1, 2), ints([[1, 0]], [[2, 2]]), None, reduction, 1)
    for reduction in ("mean", "none")
]

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "losses._mse_loss": [(*PAIR, r) for r in REDUCTIONS],
    "losses._smooth_l1_loss": [(*PAIR, r, 0.7) for r in REDUCTIONS],
    "losses._huber_loss": [(*PAIR, r, 0.7) for r in REDUCTIONS],
    "losses.bounded_slope": [(data(2, 3), 0.9)],
    "losses._soft_margin_loss": [(data(2, 3), np.sign(data(2, 3, seed=1)), r) for r in REDUCTIONS],
    "losses._binary_cross_entropy": [
        *[(*PROBABILITIES, None, r) for r in REDUCTIONS],
        (*PROBABILITIES, WEIGHT, "mean"),
    ],
    "losses.bernoulli_slope": [(data(2, 3), *PROBABILITIES)],
    "losses._cross_entropy_with_logits": [
        *[(data(2, 3), PROBABILITIES[1], None, None, r) for r in REDUCTIONS],
        (data(2, 3), PROBABILITIES[1], WEIGHT, 2 * WEIGHT, "mean"),
    ],
    "losses.at_class": [
        (data(3, 4), ints(1, 0, 3), -100),
        (data(3, 4), ints(1, -1, 3), -1),
        (data(2, 3, 2), ints([1, 0], [2, -1]), -1),
        (data(4), np.array(2), -100),
    ],
    "losses.put_class": [
        (data(3), ints(1, 0, 3), (3, 4), -100),
        (data(3), ints(1, -1, 3), (3, 4), -1),
        (data(2, 2), ints([1, 0], [2, -1]), (2, 3, 2), -1),
        (data(), np.array(2), (4,), -100),
    ],
    "losses._nll_loss": CLASSES,
    "losses._nll_loss_2d": PLACES,
    "losses.div_number": [(data(2, 3), 2.5), (data(), 3.0)],
}
