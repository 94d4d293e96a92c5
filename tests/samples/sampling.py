"""Samples for the primitives of ops/sampling.py."""

from typing import Any

import numpy as np

from tests.judge import data

FILLED = ["_normal", "_uniform", "_random_from", "_random_to", "_random", "_exponential"]
FILLED += ["_geometric", "_cauchy", "_log_normal", "_bernoulli_number", "_bernoulli", "_poisson"]
FILLED += ["_normal_mean", "_normal_std"]


def ones(like: np.ndarray) -> np.ndarray:
    """Stands for what is drawn."""
    return np.ones(like.shape)


SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    f"sampling.{name}": [(data(2, 3), ones), (data(), ones)] for name in FILLED
}
SAMPLES["sampling._bernoulli_tensor"] = [(data(2, 3), data(3, seed=1), ones)]
SAMPLES["sampling._normal_both"] = [
    (data(2, 3), data(3, seed=1), lambda mean, std: np.ones((2, 3)))
]
