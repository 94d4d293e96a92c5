"""Whether a gradient that arrives at a leaf belongs to nobody else, and may be kept as it is."""

from __future__ import annotations

from sys import getrefcount
from typing import Any

import numpy as np


def _references() -> int:
    arrays = [np.empty(0)]
    g = arrays.pop()
    return getrefcount(g)


# What getrefcount says of an array that only one local variable refers to.
ONE_REFERENCE = _references()


def owns(g: Any) -> bool:
    """Whether a view, such as a transposed product, shows all of an array that it alone keeps.

    An expanded gradient cannot be written to, even where nothing is repeated.
    """
    if type(g.base) is not np.ndarray:
        return False
    whole = g.base.size == g.size and getrefcount(g.base) <= ONE_REFERENCE
    return whole and g.flags.writeable
