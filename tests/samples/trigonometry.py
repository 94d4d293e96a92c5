"""Samples for the primitives of ops/trigonometry.py."""

from typing import Any

import numpy as np

from tests.samples.made import fractions, pairs, positive, singles

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    **{
        f"trigonometry._{name}": singles()
        for name in ("sin", "cos", "atan", "sinh", "cosh", "tanh", "asinh", "deg2rad", "rad2deg")
    },
    **{f"trigonometry._{name}": singles(fractions) for name in ("tan", "asin", "acos", "atanh")},
    "trigonometry._acosh": [(np.asarray(x + 1.5),) for (x,) in singles(positive)],
    "trigonometry._sinc": singles(positive),
    "trigonometry._atan2": pairs(positive),
    "trigonometry._hypot": pairs(positive),
}
