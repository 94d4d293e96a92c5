"""Samples for the primitives of autograd/views.py."""

from typing import Any

from tests.judge import data
from tests.samples.made import regions

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "views.take_region": regions(lambda base, part: (base, part)),
    "views.put_region": regions(lambda base, part: (data(*part.shape), part, base.shape)),
    "views.clear_region": regions(lambda base, part: (base, part)),
    "views.zeros_from": [(data(0, 2), None, (3, 2))],
}
