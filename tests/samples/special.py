"""Samples for the primitives of ops/special.py."""

from typing import Any

import numpy as np

from tests.samples.made import fractions, positive, singles


def high(*shape: int) -> Any:
    return np.asarray(positive(*shape) + 2)


SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "special._erf": singles(),
    "special._erfc": singles(),
    "special._erfinv": singles(fractions),
    "special._lgamma": [*singles(positive), *[(np.asarray(x - 3),) for (x,) in singles(fractions)]],
    "special._digamma": [
        *singles(positive),
        *[(np.asarray(x - 3),) for (x,) in singles(fractions)],
    ],
    "special._polygamma": [(*x, n) for x in singles(positive) for n in (0, 1, 2)],
    "special._i0": singles(),
    "special._i1": singles(),
    "special._mvlgamma": [(*x, p) for x in singles(high) for p in (1, 3)],
    "special._igamma": [(positive(3, seed=1), positive(3))],
    "special._igammac": [(positive(3, seed=1), positive(3))],
}
