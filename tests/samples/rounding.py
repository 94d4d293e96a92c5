"""Samples for the primitives of ops/rounding.py."""

from typing import Any

from tests.judge import data
from tests.samples.made import ints, pairs, positive, singles

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    **{f"rounding._{name}": singles() for name in ("floor", "ceil", "trunc", "round", "frac")},
    "rounding._round_decimals": [(data(3), 1), (data(2, 3), -1), (data(), 0)],
    "rounding.div_floor": pairs(data, positive),
    "rounding.div_trunc": pairs(data, positive),
    "rounding._floor_divide": [*pairs(data, positive), (ints(7, -7), ints(2, -3))],
    "rounding._fmod": pairs(data, positive),
    "rounding._remainder": pairs(data, positive),
    "rounding._fmod_number": [(data(3), 0.75), (data(2, 3), -0.5)],
    "rounding._remainder_number": [(data(3), 0.75), (data(2, 3), -0.5)],
    "rounding._remainder_of": [(2.5, positive(3)), (ints(7, -7), ints(2, -3))],
}
