"""Samples for the primitives of ops/pooling.py."""

from typing import Any

import numpy as np

from minigrad.ops.pooling import Even, Planes, Uneven, planes_of
from tests.judge import data
from tests.samples.made import ints

PLAIN = [Even(4, 2, 2, 2), Even(6, 2, 3, 3)]
OVERLAPPING = [Even(5, 4, 2, 1), Even(6, 3, 3, 2, 1)]
WITH_GAPS = [Even(5, 2, 1, 3), Even(7, 2, 2, 4, 0, 2)]
UNEVEN = [
    Uneven(5, np.array([0, 1, 3]), np.array([2, 4, 5])),
    Uneven(3, np.array([0, 0, 1, 2]), np.array([1, 2, 3, 3])),
]
VOLUME = [Even(2, 2, 1, 1), *PLAIN]
LINES = [PLAIN, OVERLAPPING, WITH_GAPS, UNEVEN, VOLUME]
PLANES = Planes((2, 3), apart=True)


def inputs(lines: Any) -> Any:
    return data(2, *[line.size for line in lines])


def outputs(lines: Any) -> Any:
    return data(2, *[line.number for line in lines])


def averages(even: Any, seed: int = 0) -> list[tuple[Any, ...]]:
    return [(inputs(even), even, 6), (inputs(UNEVEN), UNEVEN, np.arange(1.0, 13).reshape(3, 4))]


def maxima(*all_lines: Any) -> list[tuple[Any, ...]]:
    return [(inputs(lines), lines, planes_of(lines)) for lines in all_lines]


INTO_PLANES = [(data(2, 1, 3), ints([[0, 5, 4]], [[3, 1, 2]]), PLANES)]

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "pooling._avg2": [(inputs(lines), lines, 6) for lines in LINES if lines is not WITH_GAPS],
    "pooling._avg3": averages(VOLUME),
    "pooling._adaptive_avg2": averages(PLAIN),
    "pooling._adaptive_avg3": averages(VOLUME),
    "pooling.share": [(outputs(lines), lines, 6) for lines in LINES if lines is not WITH_GAPS],
    "pooling._max2": maxima(*LINES),
    "pooling._max3": maxima(VOLUME),
    "pooling._adaptive_max2": maxima(PLAIN, UNEVEN),
    "pooling._adaptive_max3": maxima(VOLUME),
    "pooling.put_into_planes": [
        *INTO_PLANES,
        (data(2, 3), ints([0, 5, 0], [1, 1, 1]), Planes((6,), apart=False)),
    ],
    "pooling._unpool2": INTO_PLANES,
    "pooling._unpool3": INTO_PLANES,
    "pooling.add_into_planes": [(data(2, 3), ints([0, 5, 0], [1, 1, 1]), Planes((6,), apart=True))],
    "pooling.take_from_planes": [
        (data(2, 2, 3), ints([[0, 5, 4]], [[3, 1, 2]]), PLANES),
        (data(2, 6), ints([0, 5, 0], [1, 1, 1]), Planes((6,), apart=False)),
    ],
}
