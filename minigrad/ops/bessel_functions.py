"""Modified Bessel functions on arrays, by their series; all scaled so that none overflows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.autograd.value import Array
from minigrad.ops.special_functions import in_double

# From here on the asymptotic expansion is good to float64, and below it the power series.
FAR = 20.0


def _power_series(a: Array, order: int) -> Any:
    """``exp(-a) I(a)`` of order 0 or 1 for a in [0, FAR] (DLMF 10.25.2): no term is negative."""
    quarter = a * a / 4
    term = np.ones_like(a) if order == 0 else a / 2
    total = term.copy()
    for k in range(1, 60):
        term = term * quarter / (k * (k + order))
        total += term
    return total * np.exp(-a)


def _asymptotic(a: Array, order: int) -> Any:
    """``exp(-a) I(a)`` of order 0 or 1 for a above FAR (DLMF 10.40.1)."""
    mu, term = 4 * order**2, np.ones_like(a)
    total = term.copy()
    for k in range(1, 28):
        term = term * ((2 * k - 1) ** 2 - mu) / (8 * k * a)
        total += term
    return total / np.sqrt(2 * math.pi * a)


def _scaled(x: Array, order: int) -> Any:
    a = np.abs(x)
    pieces = [lambda a: _power_series(a, order), lambda a: _asymptotic(a, order)]
    return np.piecewise(a, [a <= FAR, a > FAR], [*pieces, lambda a: a])  # NaN stays


@in_double
def i0e(x: Array) -> Any:
    """``exp(-abs(x)) I0(x)``."""
    return _scaled(x, 0)


@in_double
def i1e(x: Array) -> Any:
    """``exp(-abs(x)) I1(x)``, which is odd."""
    return np.copysign(_scaled(x, 1), x)


@in_double
def i0(x: Array) -> Any:
    """``I0(x)``; NaN at infinity, as torch has it."""
    return np.exp(np.abs(x)) * _scaled(x, 0)


@in_double
def i1(x: Array) -> Any:
    """``I1(x)``, which is odd."""
    return np.exp(np.abs(x)) * np.copysign(_scaled(x, 1), x)


@in_double
def ke(x: Array, order: int) -> Any:
    """``exp(x) K(x)`` of order 0 or 1, infinite at 0, NaN below.

    The integral of exp(x - x cosh(t)) cosh(order t) over t >= 0 (DLMF 10.32.9), by the trapezoidal
    rule, which converges exponentially.
    """
    safe = np.where(x > 0, x, 1.0)
    end = np.arccosh(1 + 740 / safe)  # where the integrand is 0 in float64
    count = 256
    step = end / count
    total = np.full_like(safe, 0.5)
    for k in range(1, count + 1):
        t = k * step
        half = np.sinh(t / 2)
        total += np.exp(-2 * safe * half * half) * (np.cosh(t) if order else 1)
    made = np.where(np.isinf(x), 0.0, total * step)
    return np.where(x > 0, made, np.where(x == 0, np.inf, np.nan))
