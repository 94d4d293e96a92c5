"""Samples for the primitives of ops/solving.py."""

from typing import Any

import numpy as np

from tests.judge import data


def regular(*shape: int, seed: int = 0) -> np.ndarray:
    """Matrices far from singular ones."""
    return data(*shape, seed=seed) + 4 * np.eye(shape[-1])


SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "solving._inv": [(regular(3, 3),), (regular(2, 2, 2),), (regular(1, 1),)],
    "solving._det": [(regular(3, 3),), (regular(2, 2, 2),), (regular(1, 1),)],
    "solving._cofactor_matrix": [(regular(3, 3),), (regular(2, 2, 2),)],
    "solving._slogdet": [(regular(3, 3),), (regular(2, 2, 2),)],
    "solving._solve": [
        (regular(3, 3), data(3, 2)),
        (regular(2, 2, 2), data(2, 2, 1)),
        (regular(2, 2), data(3, 2, 2)),
    ],
    "solving._solve_vector": [(regular(3, 3), data(3)), (regular(2, 2, 2), data(2, 2))],
    "solving._solve_right": [(regular(3, 3), data(2, 3)), (regular(2, 2), data(3, 2, 2))],
    **{
        f"solving.{name}": [
            (regular(3, 3), data(*shape), upper, unit) for upper in (False, True) for unit in (0, 1)
        ]
        for name, shape in (("_solve_triangular", (3, 2)), ("_solve_triangular_right", (2, 3)))
    },
    "solving._pinv": [
        (regular(3, 3), 1e-15, False),
        (data(4, 2), 1e-15, False),
        (data(2, 3), 1e-15, False),
    ],
}
