"""Samples for the primitives of ops/diagonals.py."""

from typing import Any

from tests.judge import data

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "diagonals._diagonal": [
        (data(2, 3), 0, 0, 1),
        (data(2, 3, 3), -1, 1, 2),
        (data(2, 2), 5, 0, 1),
    ],
    "diagonals._diagonal_copy": [(data(2, 3), 1, 0, 1), (data(3, 3), -2, 1, 0)],
    "diagonals.put_diagonal": [(data(2), (2, 3), 0, 0, 1), (data(2, 2), (2, 3, 3), -1, 1, 2)],
    "diagonals._diag_embed": [(data(3), 0, 0, 1), (data(2, 3), 1, 0, 2), (data(2, 3), -1, 2, 1)],
    "diagonals._diagonal_scatter": [
        (data(2, 3), data(2, seed=1), 0, 0, 1),
        (data(3, 2), data(1, seed=1), -2, 0, 1),
    ],
    "diagonals.clear_diagonal": [(data(2, 3), 0, 0, 1), (data(3, 3), -1, 0, 1)],
    "diagonals._tril": [(data(2, 3), 0), (data(2, 3, 3), -1), (data(3, 2), 5), (data(0, 2), 0)],
    "diagonals._triu": [(data(2, 3), 0), (data(2, 3, 3), -1), (data(3, 2), 5), (data(0, 2), 0)],
}
