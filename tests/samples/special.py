"""Samples for the primitives of ops/special.py."""

from typing import Any

import numpy as np

from tests.samples.made import fractions, positive, singles

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
}
