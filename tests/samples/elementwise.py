"""Samples for the primitives of ops/elementwise.py."""

from typing import Any

import numpy as np

from tests.judge import data
from tests.samples.made import fractions, pairs, positive, singles

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "elementwise._exp": singles(),
    "elementwise._exp2": singles(),
    "elementwise._expm1": singles(),
    "elementwise._log": singles(positive),
    "elementwise._log1p": singles(positive),
    "elementwise._log2": singles(positive),
    "elementwise._log10": singles(positive),
    "elementwise._logaddexp": pairs(),
    "elementwise._logaddexp2": pairs(),
    "elementwise._sqrt": singles(positive),
    "elementwise._rsqrt": singles(positive),
    "elementwise._sigmoid": singles(),
    "elementwise._logit": [(*x, eps) for x in singles(fractions) for eps in (None, 1e-3)],
    "elementwise._xlogy": pairs(data, positive),
    "elementwise._number_times_log": [(positive(3), 2.5), (positive(), -1.0)],
    "elementwise._times_log_of_number": [(data(3), 2.5), (data(), 0.5)],
    "elementwise._clone": singles(),
    "elementwise._to_copy": [(data(3), np.dtype(np.float64)), (data(), np.dtype(np.float64))],
    "elementwise._to_integers": [(data(3), np.dtype(np.int64)), (data(), np.dtype(bool))],
}
