"""Samples for the primitives of ops/arithmetic.py."""

from typing import Any

from tests.judge import data
from tests.samples.made import pairs, positive, singles

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "arithmetic.add": pairs(),
    "arithmetic.twice": [(data(3),), (data(),), (data(2, 3),)],
    "arithmetic.sub": pairs(),
    "arithmetic.neg": singles(),
    "arithmetic.mul": [*pairs(), (data(2, 3), 2.5), (-1.5, data(3))],
    "arithmetic.div": [*pairs(data, positive), (data(2, 3), 2.5), (-1.5, positive(3))],
    "arithmetic.pow_number": [
        (x, n)
        for x in (positive(3), positive(2, 3), positive())
        for n in (0, 1, 2, 3, 0.5, -0.5, -1, -2, 2.5, 7)
    ]
    + [(-positive(3), n) for n in (0, 1, 2, 3, -1, 5)],
    "arithmetic.expand": [(data(3), (2, 3)), (data(2, 1), (2, 3)), (data(), (2,)), (data(), ())],
    "arithmetic.sum_all": singles(),
    "arithmetic.sum_dims": [
        (data(*shape), dims, keepdim)
        for shape, dims in [
            ((2, 3), (0,)),
            ((2, 3), (1,)),
            ((2, 3), (0, 1)),
            ((2, 3, 4), (0, 2)),
            ((0, 3), (0,)),
            ((), ()),
        ]
        for keepdim in (False, True)
    ],
    "arithmetic.mm": [
        (data(2, 3), data(3, 4, seed=1)),
        (data(2, 0), data(0, 3)),
        (data(3, 1).T.T, data(1, 2)),
    ],
}
