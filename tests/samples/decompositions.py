"""Samples for the primitives of ops/decompositions.py."""

from typing import Any

import numpy as np

from tests.judge import data
from tests.samples.solving import regular


def symmetric(*shape: int, seed: int = 0) -> np.ndarray:
    """Symmetric matrices, positive-definite and with eigenvalues that are apart."""
    x = data(*shape, seed=seed)
    return 0.2 * (x + np.swapaxes(x, -1, -2)) + np.diag(np.arange(3.0, 3 + shape[-1]))


SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    # Of these only a triangle counts, so that differences are taken in symmetric directions alone;
    # see test_decompositions.py.
    "decompositions._cholesky": [(symmetric(1, 1), False), (symmetric(1, 1), True)],
    "decompositions._old_cholesky": [(symmetric(1, 1), False)],
    "decompositions._eigh": [(symmetric(1, 1), "L"), (symmetric(2, 1, 1), "U")],
    "decompositions._qr": [
        (regular(3, 3), "reduced"),
        (data(4, 2), "reduced"),
        (data(2, 4), "reduced"),
        (regular(2, 2, 2), "complete"),
    ],
    "decompositions.eye_like": [(data(2, 3),)],
    "decompositions._svd": [(data(3, 3), False), (data(4, 2), False), (data(2, 4), True)],
}
