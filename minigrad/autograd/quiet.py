"""Keeps numpy's floating-point warnings from a user who asked for ``log(0)`` and gets ``-inf``.

``np.errstate`` costs as much as two operations on small arrays. What it does is to set one
context variable; so that variable and its value are looked up here once. An operation computes in
a context of its own where the variable is set, which costs least. The user's own ``np.seterr`` and
``np.errstate`` are never touched.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from contextvars import Context, ContextVar, copy_context
from typing import Any

import numpy as np

from minigrad.errors import explained


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
_context = Context()
_context.run(ERRSTATE.set, IGNORE)
quietly = _context.run  # quietly(function, *args)


def quiet_again() -> None:
    """Restore the context after an interrupt, which may have come within numpy's own errstate."""
    with suppress(RuntimeError):  # it is in use, and `quietly_at_once` has set another
        quietly(ERRSTATE.set, IGNORE)


def quietly_at_once(busy: RuntimeError, function: Callable[..., Any], *args: Any) -> Any:
    """What `quietly` does, where another thread or a signal has left it ``busy``.

    Raises ``busy`` again if it is an error of the function's own.
    """
    if not str(busy).startswith("cannot enter context"):
        raise busy
    token = ERRSTATE.set(IGNORE)
    try:
        return function(*args)
    except ValueError as error:
        raise explained(error, *args) from None
    finally:
        ERRSTATE.reset(token)
