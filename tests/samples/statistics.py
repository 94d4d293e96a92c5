"""Samples for the primitives of ops/statistics.py."""

from typing import Any

from tests.judge import data

MOMENTS: list[tuple[Any, ...]] = [
    (data(3), None, 1, False),
    (data(2, 3), (1,), 0, True),
    (data(2, 3, 4), (0, 2), 1.5, False),
    (data(2, 3), None, 0, False),
]

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "statistics._var": MOMENTS,
    "statistics._std": MOMENTS,
    "statistics._var_mean": MOMENTS,
    "statistics._std_mean": MOMENTS,
    "statistics._nansum": [
        (data(2, 3), (0,), False),
        (data(2, 3), (1,), True),
        (data(), (), False),
    ],
    "statistics._trace": [(data(3, 3),), (data(2, 4),), (data(0, 2),)],
}
