"""Keeps numpy's floating-point warnings from a user who asked for ``log(0)`` and gets ``-inf``.

``np.errstate`` costs as much as two operations on small arrays. What it does is to set one
context variable; so that variable and its value are looked up here once, and each operation sets
and resets it. The user's own ``np.seterr`` and ``np.errstate`` are never touched.
"""

from __future__ import annotations

from contextvars import ContextVar, copy_context
from typing import Any

import numpy as np


def _errstate_variable() -> tuple[ContextVar[Any], Any]:
    before = copy_context()
    with np.errstate(all="ignore"):
        after = copy_context()
    changed = [v for v in after if v not in before or before[v] is not after[v]]
    if len(changed) != 1:
        # This numpy keeps its error state elsewhere: warn as numpy does.
        return ContextVar("unused"), None
    return changed[0], after[changed[0]]


ERRSTATE, IGNORE = _errstate_variable()
