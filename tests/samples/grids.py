"""Samples for the primitives of ops/grids.py."""

from itertools import product
from typing import Any

import numpy as np

from minigrad.ops.grids import Sampling
from tests.judge import data
from tests.samples.made import ints

# The points are apart from the middles and the edges of the pixels, where there are kinks.
IMAGE, VOLUME = data(2, 2, 3, 4), data(1, 2, 2, 3, 2)
POINTS = data(2, 2, 2, 2, low=-1.3, high=1.3, seed=57)
SPACE = data(1, 2, 1, 2, 3, low=-1.3, high=1.3, seed=13)


def how(taps: int, padding: str = "zeros", align_corners: bool = False) -> Sampling:
    return Sampling((3, 4), taps, padding, align_corners)


INDEX = ints([[0, 5, -1], [3, 3, 1]], [[-1, 2, 2], [0, 4, 5]])
BASE = np.concatenate([data(6, 2), np.ones((6, 1))], 1)
WAYS = list(product((1, 2, 4), ("zeros", "border", "reflection"), (False, True)))

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "grids._sample2": [
        (IMAGE, POINTS, taps, how(taps, padding, align)) for taps, padding, align in WAYS
    ],
    "grids._sample3": [
        (VOLUME, SPACE, taps, Sampling((2, 3, 2), taps, "border", False)) for taps in (1, 2)
    ],
    "grids.offsets": [(POINTS, how(2)), (POINTS, how(2, "reflection", True))],
    "grids.pixels": [(POINTS, how(2))],
    "grids.slopes": [(POINTS, how(2))],
    "grids.take_points": [(data(2, 2, 2, 3), INDEX)],
    "grids.put_points": [(data(2, 2, 2, 3), INDEX, (2, 2, 2, 3))],
    "grids._affine_grid": [(data(2, 2, 3), BASE, (2, 3))],
}
