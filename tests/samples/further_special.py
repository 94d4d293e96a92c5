"""Samples for the primitives of ops/further_special.py."""

from typing import Any

from tests.judge import data
from tests.samples.made import fractions, pairs, positive, singles

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "further_special._i0e": singles(),
    "further_special._i1e": singles(),
    "further_special._erfcx": singles(),
    "further_special._log_ndtr": singles(),
    "further_special._ndtri": singles(fractions),
    "further_special._entr": singles(positive),
    "further_special._xlog1py": pairs(data, positive),
    "further_special._number_times_log1p": [(*x, 2.5) for x in singles(positive)],
    "further_special._times_log1p_of_number": [(*x, 2.5) for x in singles()],
    "further_special._zeta": [(positive(3, seed=1) + 1, positive(3))],
    "further_special._zeta_of_number": [(positive(3), 2.5)],
}
