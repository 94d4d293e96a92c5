"""The error function, the gamma function's logarithm and their kin, on arrays: numpy has none.

All take and return one float dtype, and compute in float64 whatever it is; only `erf`, which GELU
needs for every activation, has an evaluation of its own in float32.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.autograd.value import Array
from minigrad.promotion import order_of

ROOT_PI = math.sqrt(math.pi)
EULER = 0.5772156649015329
# B_2, B_4, ..., B_20
BERNOULLI = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510]
BERNOULLI += [43867 / 798, -174611 / 330]


def in_double(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compute in float64 and round once."""

    @functools.wraps(function)
    def apply(x: Array, *settings: Any) -> Any:
        made = function(x.astype(np.float64, order_of(x)), *settings)
        return np.asarray(made).astype(x.dtype)

    return apply


def numbers(text: str) -> list[float]:
    return [float(number) for number in text.split()]


def polynomial(x: Any, coefficients: Sequence[float]) -> Any:
    """Horner's scheme, the highest power first. Writes into its own temporary only."""
    highest, *others = coefficients
    total = x * highest
    for c in others[:-1]:
        total += c
        total *= x
    total += others[-1]
    return total


# The error function. W. J. Cody, Rational Chebyshev approximations for the error function, Math.
# Comp. 23 (1969): erf(x) = x R(x**2) near 0; exp(x**2) erfc(x) = R(x) up to 4, and beyond that
# exp(x**2) erfc(x) = (1 / sqrt(pi) - R(1 / x**2) / x**2) / x.

NEAR, FAR = 0.46875, 4.0
ERF_NEAR = (
    numbers(
        "1.85777706184603153e-1 3.16112374387056560 1.13864154151050156e2 "
        "3.77485237685302021e2 3.20937758913846947e3"
    ),
    numbers(
        "1 2.36012909523441209e1 2.44024637934444173e2 1.28261652607737228e3 2.84423683343917062e3"
    ),
)
ERFC_MIDDLE = (
    numbers(
        "2.15311535474403846e-8 5.64188496988670089e-1 8.88314979438837594 "
        "6.61191906371416295e1 2.98635138197400131e2 8.81952221241769090e2 "
        "1.71204761263407058e3 2.05107837782607147e3 1.23033935479799725e3"
    ),
    numbers(
        "1 1.57449261107098347e1 1.17693950891312499e2 5.37181101862009858e2 "
        "1.62138957456669019e3 3.29079923573345963e3 4.36261909014324716e3 "
        "3.43936767414372164e3 1.23033935480374942e3"
    ),
)
ERFC_FAR = (
    numbers(
        "1.63153871373020978e-2 3.05326634961232344e-1 3.60344899949804439e-1 "
        "1.25781726111229246e-1 1.60837851487422766e-2 6.58749161529837803e-4"
    ),
    numbers(
        "1 2.56852019228982242 1.87295284992346725 5.27905102951428412e-1 "
        "6.05183413124413191e-2 2.33520497626869185e-3"
    ),
)
# erf(x) = tanh(x P(x**2)), P of degree 6 that makes the relative error of the whole least: 1e-7.
# What is left of an error in P shrinks as tanh saturates, so a short polynomial does.
ERF_BY_TANH = numbers(
    "1.4185197871822985e-7 -5.668471598284946e-6 8.763730470086336e-5 "
    "-6.197846043341649e-4 -1.9183085832960947e-4 0.10276905581387336 1.1283792743042682"
)


BLOCK = 1 << 15


def ratio(x: Any, above_and_below: tuple[list[float], list[float]]) -> Any:
    above, below = above_and_below
    return polynomial(x, above) / polynomial(x, below)


def erf(x: Array) -> Any:
    """``2 / sqrt(pi) * integral of exp(-t**2) from 0 to x``."""
    return _erf_in_single(x) if x.dtype == np.float32 else _erf_in_double(x)


def _erf_in_single(x: Array) -> Any:
    out = np.empty_like(x, order=order_of(x))
    if not x.flags.c_contiguous or x.size <= BLOCK:
        return _erf_into(x, out, np.empty_like(out))
    # Block by block, the temporary stays in the cache and asks no memory of the system.
    flat, flat_out, square = x.reshape(-1), out.reshape(-1), np.empty(BLOCK, x.dtype)
    for i in range(0, x.size, BLOCK):
        part = flat[i : i + BLOCK]
        _erf_into(part, flat_out[i : i + BLOCK], square[: part.size])
    return out


def _erf_into(x: Array, out: Array, square: Array) -> Array:
    np.multiply(x, x, out=square)
    highest, *others = ERF_BY_TANH
    np.multiply(square, highest, out=out)
    for c in others[:-1]:
        out += c
        out *= square
    out += others[-1]
    out *= x
    return np.tanh(out, out=out)


@in_double
def _erf_in_double(x: Array) -> Any:
    return np.piecewise(x, [np.abs(x) <= NEAR], [_erf_near, _erf_beyond])


def _erf_near(x: Array) -> Any:
    return x * ratio(x * x, ERF_NEAR)


def _erf_beyond(x: Array) -> Any:
    return np.copysign(1 - np.exp(-x * x) * _erfc_scaled(np.abs(x)), x)


def _erfc_scaled(x: Array) -> Any:
    """``exp(x**2) * erfc(x)`` for x above NEAR."""
    return np.piecewise(x, [x <= FAR], [lambda x: ratio(x, ERFC_MIDDLE), _erfc_scaled_far])


def _erfc_scaled_far(x: Array) -> Any:
    inverse = 1 / (x * x)
    return (1 / ROOT_PI - inverse * ratio(inverse, ERFC_FAR)) / x


@in_double
def erfc(x: Array) -> Any:
    """``1 - erf(x)``, without the cancellation."""
    return np.piecewise(x, [np.abs(x) <= NEAR], [lambda x: 1 - _erf_near(x), _erfc_beyond])


def _erfc_beyond(x: Array) -> Any:
    a = np.minimum(np.abs(x), 28.0)  # where it is 0 in float64
    # Cody's way to exp(-a**2): the first factor's exponent is exact.
    head = np.trunc(a * 16) / 16
    tail = np.exp(-head * head) * np.exp(-(a - head) * (a + head)) * _erfc_scaled(a)
    return np.where(x < 0, 2 - tail, tail)


# The inverse. M. J. Wichura, Algorithm AS 241: the percentage points of the normal distribution,
# Appl. Statist. 37 (1988), PPND16: near the median, in the tails, and far out.
PPND_MIDDLE = (
    numbers(
        "2.5090809287301226727e3 3.3430575583588128105e4 6.7265770927008700853e4 "
        "4.5921953931549871457e4 1.3731693765509461125e4 1.9715909503065514427e3 "
        "1.3314166789178437745e2 3.3871328727963666080"
    ),
    numbers(
        "5.2264952788528545610e3 2.8729085735721942674e4 3.9307895800092710610e4 "
        "2.1213794301586595867e4 5.3941960214247511077e3 6.8718700749205790830e2 "
        "4.2313330701600911252e1 1"
    ),
)
PPND_TAIL = (
    numbers(
        "7.74545014278341407640e-4 2.27238449892691845833e-2 2.41780725177450611770e-1 "
        "1.27045825245236838258 3.64784832476320460504 5.76949722146069140550 "
        "4.63033784615654529590 1.42343711074968357734"
    ),
    numbers(
        "1.05075007164441684324e-9 5.47593808499534494600e-4 1.51986665636164571966e-2 "
        "1.48103976427480074590e-1 6.89767334985100004550e-1 1.67638483018380384940 "
        "2.05319162663775882187 1"
    ),
)
PPND_FAR = (
    numbers(
        "2.01033439929228813265e-7 2.71155556874348757815e-5 1.24266094738807843860e-3 "
        "2.65321895265761230930e-2 2.96560571828504891230e-1 1.78482653991729133580 "
        "5.46378491116411436990 6.65790464350110377720"
    ),
    numbers(
        "2.04426310338993978564e-15 1.42151175831644588870e-7 1.84631831751005468180e-5 "
        "7.86869131145613259100e-4 1.48753612908506148525e-2 1.36929880922735805310e-1 "
        "5.99832206555887937690e-1 1"
    ),
)


@in_double
def erfinv(y: Array) -> Any:
    """The x with ``erf(x) = y``; infinite at -1 and 1, NaN beyond."""
    return np.piecewise(y, [np.abs(y) <= 0.85], [_erfinv_middle, _erfinv_tail])


def _erfinv_middle(y: Array) -> Any:
    q = y / 2
    return q * ratio(0.180625 - q * q, PPND_MIDDLE) / math.sqrt(2)


def _erfinv_tail(y: Array) -> Any:
    r = np.sqrt(-np.log((1 - np.abs(y)) / 2))
    return np.copysign(np.where(np.isinf(r), np.inf, _ppnd_tail(r)) / math.sqrt(2), y)


@in_double
def ndtri(p: Array) -> Any:
    """The x below which a standard normal number lies with probability ``p``."""
    q = p - 0.5
    return np.piecewise(
        p,
        [np.abs(q) <= 0.425],
        [lambda p: (p - 0.5) * ratio(0.180625 - (p - 0.5) ** 2, PPND_MIDDLE), _ndtri_tail],
    )


def _ndtri_tail(p: Array) -> Any:
    r = np.sqrt(-np.log(np.minimum(p, 1 - p)))
    return np.copysign(np.where(np.isinf(r), np.inf, _ppnd_tail(r)), p - 0.5)


def _ppnd_tail(r: Array) -> Any:
    return np.piecewise(
        r, [r <= 5], [lambda r: ratio(r - 1.6, PPND_TAIL), lambda r: ratio(r - 5, PPND_FAR)]
    )


# The gamma function's logarithm and its derivatives. From 10 on, Stirling's series (DLMF 5.11.1,
# 5.11.2); below that, the recurrence to a neighbourhood of 2, where the Taylor series converges
# (DLMF 5.7.3, with the recurrence); left of 0, the reflection (DLMF 5.5.3, 5.5.4).

SHIFT = 10.0


@functools.cache
def taylor_at_two() -> list[float]:
    """The coefficients of ``lgamma(2 + w) / w``, the highest power first."""
    powers = [(-1) ** k * hurwitz(k, 2.0) / k for k in range(28, 1, -1)]
    return [*powers, 1 - EULER]


@in_double
def lgamma(x: Array) -> Any:
    """``log(abs(gamma(x)))``; infinite at 0 and at the negative integers."""
    a = np.abs(x)
    right = np.piecewise(a, [a < SHIFT], [_lgamma_near, _lgamma_stirling])
    turn = a - np.rint(a)
    left = math.log(math.pi) - np.log(a) - np.log(np.abs(np.sin(math.pi * turn))) - right
    pole = x == np.floor(x)
    return np.where(x >= 0, right, np.where(pole, np.inf, left))


def _lgamma_near(a: Array) -> Any:
    z, product = a.copy(), np.ones_like(a)
    for _ in range(int(SHIFT) - 2):
        steps = z > 2.5
        z -= steps
        product *= np.where(steps, z, 1)
    # The distance from 2, 1 or 0 is exact, and so the result good next to its zeros at 1 and 2.
    below, far_below = a < 1.5, a < 0.5
    w = np.where(far_below, a, np.where(below, a - 1, z - 2))
    total = w * polynomial(w, taylor_at_two()) + np.log(product)
    return total - np.log(np.where(below, a, 1)) - np.log(np.where(far_below, 1 + a, 1))


def _lgamma_stirling(a: Array) -> Any:
    return (a - 0.5) * (np.log(a) - 1) + (math.log(2 * math.pi) - 1) / 2 + stirling(a)


def stirling(a: Array) -> Any:
    """What Stirling's formula for the logarithm of the gamma function leaves out."""
    series = [b / (2 * k * (2 * k - 1)) for k, b in enumerate(BERNOULLI, 1)]
    inverse = 1 / a
    return inverse * polynomial(inverse * inverse, series[::-1])


@in_double
def digamma(x: Array) -> Any:
    """The derivative of `lgamma`: infinite at 0, NaN at the negative integers."""
    z, total = np.where(x < 0, 1 - x, x), np.zeros_like(x)
    for _ in range(int(SHIFT)):
        steps = z < SHIFT
        total -= np.where(steps, 1 / z, 0)
        z += steps
    series = [b / (2 * k) for k, b in enumerate(BERNOULLI, 1)]
    inverse = 1 / (z * z)
    total += np.log(z) - 0.5 / z - inverse * polynomial(inverse, series[::-1])
    left = np.where(x == np.floor(x), np.nan, total - math.pi * _cotangent(x))
    return np.where(x == 0, np.copysign(np.inf, -x), np.where(x < 0, left, total))


def _cotangent(x: Array) -> Any:
    """``cot(pi * x)``, near its zeros and its poles too."""
    turn = x - np.rint(x)
    steep = 1 / np.tan(math.pi * turn)
    flat = np.copysign(np.tan(math.pi * (0.5 - np.abs(turn))), turn)
    return np.where(np.abs(turn) < 0.25, steep, flat)


def polygamma(x: Array, n: int) -> Any:
    """The ``n``-th derivative of `digamma`."""
    return digamma(x) if n == 0 else _polygamma(x, n)


@in_double
def _polygamma(x: Array, n: int) -> Any:
    sign = (-1) ** (n + 1)
    if n > 170:  # whose factorial is infinite
        right = sign * math.inf * hurwitz(float(n + 1), np.where(x <= 0, np.nan, x))
        return np.where((x <= 0) & (x == np.floor(x)), sign * math.inf, right)
    right = sign * math.gamma(n + 1) * hurwitz(n + 1, np.where(x <= 0, 1 - x, x))
    right = np.where(np.isinf(x), 0.0, right)
    slopes = polynomial(_cotangent(x), cotangent_derivative(n))
    left = np.where(x == np.floor(x), sign * np.inf, -sign * right - math.pi ** (n + 1) * slopes)
    return np.where(x <= 0, left, right)


def hurwitz(s: Any, a: Any) -> Any:
    """``zeta(s, a)``, the sum of (a + k)**-s over k >= 0, for a > 0, by Euler and Maclaurin's
    formula (DLMF 25.11.5)."""
    total = 0.0
    for _ in range(int(SHIFT)):
        total = total + a**-s
        a = a + 1.0
    power = a**-s
    total = total + power * (a / (s - 1) + 0.5)
    factor = s / 1.0
    for k, b in enumerate(BERNOULLI, 1):
        power = power / a
        total = total + b / math.factorial(2 * k) * factor * power
        factor *= (s + 2 * k - 1) * (s + 2 * k)
        power = power / a
    return total


@functools.cache
def cotangent_derivative(n: int) -> list[float]:
    """The n-th derivative of the cotangent as a polynomial in it, the highest power first.

    ``cot' = -(1 + cot**2)``, and so ``P(cot)' = -(1 + cot**2) P'(cot)``.
    """
    lowest_first = [0, 1]
    for _ in range(n):
        slope = [k * c for k, c in enumerate(lowest_first)][1:]
        lowest_first = [0] * (len(slope) + 2)
        for k, c in enumerate(slope):
            lowest_first[k] -= c
            lowest_first[k + 2] -= c
    return [float(c) for c in reversed(lowest_first)]
