"""The error function and the gamma function's logarithm, with their kin and their derivatives."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.autograd.not_implemented import refuse_backward
from minigrad.autograd.primitive import Operator, primitive
from minigrad.autograd.value import mode
from minigrad.autograd.wide import wide_primitive
from minigrad.ops import bessel_functions, incomplete_gamma
from minigrad.ops import special_functions as functions
from minigrad.ops.arguments import need_tensor, typed
from minigrad.ops.elementwise import _log
from minigrad.promotion import floating, floating_first, only

__all__ = [
    "digamma",
    "erf",
    "erfc",
    "erfinv",
    "i0",
    "igamma",
    "igammac",
    "lgamma",
    "mvlgamma",
    "polygamma",
]

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


def erf(input: Any) -> Any:
    """The error function, 2 / sqrt(pi) times the integral of exp(-t**2) from 0 to x.

    Derivative: 2 / sqrt(pi) exp(-x**2). Integers give the default dtype. float64 after Cody
    (1969); float32 by a formula of its own, good to 2 units in the last place.
    """
    need_tensor("erf", input)
    return _erf(input)


def erfc(input: Any) -> Any:
    """``1 - erf(x)`` without the cancellation. Derivative: -2 / sqrt(pi) exp(-x**2).

    Integers give the default dtype. After Cody (1969).
    """
    need_tensor("erfc", input)
    return _erfc(input)


def erfinv(input: Any) -> Any:
    """The inverse of erf, infinite at -1 and 1, NaN beyond.

    Derivative: sqrt(pi) / 2 exp(erfinv(x)**2). Integers give the default dtype. After Wichura
    (1988).
    """
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


def lgamma(input: Any) -> Any:
    """The logarithm of the gamma function's absolute value; infinite at 0, -1, -2, ...

    Derivative: digamma. Integers give the default dtype. Stirling's series and the Taylor series
    at 2.
    """
    need_tensor("lgamma", input)
    return _lgamma(input)


def digamma(input: Any) -> Any:
    """The derivative of lgamma; infinite at 0, NaN at -1, -2, ...

    Derivative: polygamma(1, x). Integers give the default dtype.
    """
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


def _log_multigamma(x: Any, p: int) -> Any:
    total = sum(functions.lgamma(x - k / 2) for k in range(p))
    return np.asarray(total + x.dtype.type(p * (p - 1) / 4 * math.log(math.pi)))


def _log_multigamma_rule(g: Any, x: Any, p: int) -> Any:
    total = _digamma(x)
    for k in range(1, p):
        total = total + _digamma(x - k * 0.5)
    return g * total


_mvlgamma = primitive(
    "MvlgammaBackward0",
    _log_multigamma,
    promote=floating_first,
    x=lambda g, x, p: _log_multigamma_rule(g, x, p),
)


@typed("input")
def mvlgamma(input: Any, p: int) -> Any:
    """The logarithm of the multivariate gamma function with dimension ``p``.

    That is p (p - 1) / 4 log(pi) plus the sum of lgamma(x - k / 2) for k from 0 to p - 1.
    Derivative: the sum of digamma there. Integers give the default dtype.
    """
    if input.array.dtype.kind == "b":
        raise RuntimeError("The input tensor may not be a boolean tensor.")
    if p < 1:
        raise RuntimeError("p has to be greater than or equal to 1")
    if p > 10**6:
        raise RuntimeError(f"mvlgamma: a dimension of {p} is not supported")
    return _mvlgamma(input, p)


# The slope of I1 at 0 is 1/2, the limit of I1(x) / x; torch has it at NaN too.
_i1: Operator = primitive(
    "SpecialI1Backward0",
    bessel_functions.i1,
    promote=floating,
    x=lambda g, x, out: (
        g * np.where((x > 0) | (x < 0), _i0(x) - out / np.where(x == 0, 1.0, x), 0.5)
    ),
)
_i0: Operator = primitive(
    "I0Backward0", bessel_functions.i0, promote=floating, x=lambda g, x: g * _i1(x)
)


def i0(input: Any) -> Any:
    """The modified Bessel function of order 0. Derivative: that of order 1.

    Integers give the default dtype.
    """
    need_tensor("i0", input)
    return _i0(input)


def without_slope(node: str, operand: str, function: Operator, a: Any, b: Any) -> Any:
    """``function(a, b)``, whose derivative in ``a`` is refused in backward."""
    if not (mode.grad and a.requires_grad):
        return function(a, b)
    result = function(a.detach(), b.detach())
    message = f"the derivative for '{operand}' is not implemented. Detach it if it is a constant."
    refuse_backward(node, message, [result], [a, b], NotImplementedError)
    return result


# The density of the gamma distribution.
def _density(a: Any, x: Any) -> Any:
    return np.exp((a - 1) * _log(x) - x - _lgamma(a))


_igamma = wide_primitive(
    "IgammaBackward0",
    incomplete_gamma.gammainc,
    promote=only("f", "igamma_cpu"),
    a=None,
    x=lambda g, a, x: g * _density(a, x),
)
_igammac = wide_primitive(
    "IgammacBackward0",
    incomplete_gamma.gammaincc,
    promote=only("f", "igammac_cpu"),
    a=None,
    x=lambda g, a, x: -g * _density(a, x),
)


@typed("input", "other")
def igamma(input: Any, other: Any) -> Any:
    """The lower incomplete gamma function of (input, other), divided by gamma(input).

    Derivative, in ``other`` alone: other**(input - 1) exp(-other) / gamma(input). Raises
    NotImplementedError in backward for the input, and for integers.
    """
    return without_slope("IgammaBackward0", "igamma: input", _igamma, input, other)


@typed("input", "other")
def igammac(input: Any, other: Any) -> Any:
    """``1 - igamma(input, other)``, without the cancellation."""
    return without_slope("IgammacBackward0", "igammac: input", _igammac, input, other)
