"""Samples for the primitives of ops/shape.py."""

from typing import Any

from tests.judge import data
from tests.samples.made import singles

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "shape._expand": [(data(3), (2, 3)), (data(2, 1), (4, 2, 3)), (data(), (2,)), (data(1), (0,))],
    "shape._alias": singles(),
    "shape._view": [(data(2, 3), (3, 2)), (data(2, 3), (6,)), (data(), (1, 1)), (data(0), (0, 2))],
    "shape._reshape_alias": [(data(4, 6).T[:, :2], (6, 1, 2)), (data(3, 4)[:, 1], (3, 1))],
    "shape._unsafe_view": [(data(2, 3), (3, 2)), (data(1), ()), (data(0, 2), (0,))],
    "shape._transpose": [(data(2, 3), 0, 1), (data(2, 3, 4), 0, 2), (data(2, 3, 4), 1, 1)],
    "shape._t": [(data(2, 3),), (data(3),), (data(),)],
    "shape._permute": [(data(2, 3, 4), (2, 0, 1)), (data(2, 3), (0, 1)), (data(), ())],
    "shape._squeeze_all": [(data(1, 2, 1),), (data(2),), (data(),), (data(1),)],
    "shape._squeeze_one": [(data(1, 2, 1), (0,)), (data(2, 3), ()), (data(), ())],
    "shape._squeeze_some": [(data(1, 2, 1), (0, 2)), (data(2, 3), ())],
    "shape._unsqueeze": [(data(2, 3), 0), (data(2, 3), 2), (data(), 0)],
    "shape._contiguous": [(data(2, 3),), (data(2, 3).T,), (data(),)],
}
