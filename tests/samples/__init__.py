"""The inputs that each primitive is tested with, a file for each file of minigrad.ops.

They are smooth points, so that differences approximate the derivative there. float64 arrays in the
place of operands are differentiated, the rest are settings.
"""

import importlib
import pkgutil
from typing import Any

SAMPLES: dict[str, list[tuple[Any, ...]]] = {}
for found in pkgutil.iter_modules(__path__):
    SAMPLES.update(getattr(importlib.import_module(f"{__name__}.{found.name}"), "SAMPLES", {}))
