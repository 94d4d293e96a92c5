"""The error function and the gamma function's logarithm, with their kin and their derivatives."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.autograd.primitive import Operator, primitive
from minigrad.ops import special_functions as functions
from minigrad.ops.arguments import need_tensor, typed
from minigrad.ops.outputs import into
from minigrad.promotion import floating, floating_first

__all__ = ["digamma", "erf", "erfc", "erfinv", "lgamma", "polygamma"]

PEAK = 2 / math.sqrt(math.pi)  # the slope of erf at 0

_erf = primitive(
    "ErfBackward0",
    functions.erf,
    promote=floating,
    x=lambda g, x: PEAK * np.exp(-(x * x)) * g,
)
_erfc = primitive(
    "ErfcBackward0",
    functions.erfc,
    promote=floating,
    x=lambda g, x: -PEAK * np.exp(-(x * x)) * g,
)
_erfinv: Operator = primitive(
    "ErfinvBackward0",
    functions.erfinv,
    promote=floating,
    x=lambda g, x: g * (np.exp(np.square(_erfinv(x))) / PEAK),
)


def erf(input: Any, *, out: Any = None) -> Any:
    """The error function, 2 / sqrt(pi) times the integral of exp(-t**2) from 0 to x.

    Derivative: 2 / sqrt(pi) exp(-x**2). Integers give the default dtype. float64 after Cody
    (1969); float32 by a formula of its own, good to 2 units in the last place.
    """
    if out is not None:
        return into(out, erf, input)
    need_tensor("erf", input)
    return _erf(input)


def erfc(input: Any, *, out: Any = None) -> Any:
    """``1 - erf(x)`` without the cancellation. Derivative: -2 / sqrt(pi) exp(-x**2).

    Integers give the default dtype. After Cody (1969).
    """
    if out is not None:
        return into(out, erfc, input)
    need_tensor("erfc", input)
    return _erfc(input)


def erfinv(input: Any, *, out: Any = None) -> Any:
    """The inverse of erf, infinite at -1 and 1, NaN beyond.

    Derivative: sqrt(pi) / 2 exp(erfinv(x)**2). Integers give the default dtype. After Wichura
    (1988).
    """
    if out is not None:
        return into(out, erfinv, input)
    need_tensor("erfinv", input)
    return _erfinv(input)


_polygamma: Operator = primitive(
    "PolygammaBackward0",
    functions.polygamma,
    promote=floating_first,
    x=lambda g, x, n: g * _polygamma(x, n + 1),
)
_digamma = primitive(
    "DigammaBackward0",
    functions.digamma,
    promote=floating,
    x=lambda g, x: g * _polygamma(x, 1),
)
_lgamma = primitive(
    "LgammaBackward0",
    functions.lgamma,
    promote=floating,
    x=lambda g, x: g * _digamma(x),
)


def lgamma(input: Any, *, out: Any = None) -> Any:
    """The logarithm of the gamma function's absolute value; infinite at 0, -1, -2, ...

    Derivative: digamma. Integers give the default dtype. Stirling's series and the Taylor series
    at 2.
    """
    if out is not None:
        return into(out, lgamma, input)
    need_tensor("lgamma", input)
    return _lgamma(input)


def digamma(input: Any, *, out: Any = None) -> Any:
    """The derivative of lgamma; infinite at 0, NaN at -1, -2, ...

    Derivative: polygamma(1, x). Integers give the default dtype.
    """
    if out is not None:
        return into(out, digamma, input)
    need_tensor("digamma", input)
    return _digamma(input)


@typed("input")
def polygamma(n: int, input: Any) -> Any:
    """The ``n``-th derivative of digamma. Derivative: polygamma(n + 1, x).

    Integers give the default dtype. Raises RuntimeError for a negative ``n``.
    """
    if n < 0:
        raise RuntimeError("polygamma(n, x) does not support negative n.")
    return _polygamma(input, n)


def polygamma_method(input: Any, n: Any) -> Any:
    """`polygamma` as a method."""
    return polygamma(n, input)
