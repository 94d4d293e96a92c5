"""Samples for the primitives of ops/powers.py."""

from typing import Any

from tests.judge import data
from tests.samples.made import pairs, positive, singles

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "powers.rsub": [(data(3), 2.5), (data(), -1.0)],
    "powers.rsub_tensor": pairs(),
    "powers.reciprocal": singles(positive),
    "powers.pow_tensor": pairs(positive, data),
    "powers.pow_base": [(data(3), 2.5), (data(), 0.5), (data(2), 1.0)],
}
