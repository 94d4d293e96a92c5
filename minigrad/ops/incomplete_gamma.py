"""The incomplete gamma functions on arrays, divided by the gamma function.

With P + Q = 1: P by its power series (DLMF 8.11.4) where x is small beside a, Q by its continued
fraction (DLMF 8.9.2) elsewhere, and where both are small by the series of 1 - P (DLMF 8.7.1).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.autograd.value import Array
from minigrad.ops.special_functions import lgamma, stirling

EPS = 2.0**-53
STEPS = 20_000  # far more than are taken but for a beyond 1e6
SMALL = 1.1


def _front(a: Array, x: Array) -> Any:
    """``x**a exp(-x) / gamma(a + 1)``, for large a without the cancellation in its exponent."""
    direct = np.exp(a * np.log(x) - x - lgamma(a + 1))
    b = np.maximum(a, 10.0)
    distance = (x - b) / b
    near = np.where(distance < 0.5, np.log1p(distance) - distance, np.log(x / b) - distance)
    return np.where(a < 10, direct, np.exp(b * near - stirling(b)) / np.sqrt(2 * math.pi * b))


def _lower_series(a: Array, x: Array) -> Any:
    """P for x up to about a."""
    term, total, n = np.ones_like(a), np.ones_like(a), a.copy()
    for _ in range(STEPS):
        n += 1
        term *= x / n
        total += term
        if not (term > EPS * total).any():
            break
    return total * _front(a, x)


def _upper_fraction(a: Array, x: Array) -> Any:
    """Q for x above a, by Lentz's algorithm."""
    b = x + 1 - a
    c, d = np.full_like(a, 1e300), 1 / b
    total = d.copy()
    for i in range(1, STEPS):
        step = -i * (i - a)
        b = b + 2
        d = 1 / (step * d + b)
        c = b + step / c
        total = total * c * d
        if not (np.abs(c * d - 1) > 2 * EPS).any():
            break
    return total * _front(a, x) * a


def _upper_series(a: Array, x: Array) -> Any:
    """Q for small x."""
    term, total = np.ones_like(a), np.zeros_like(a)
    for n in range(1, 30):
        term = term * -x / n
        total += term * a / (a + n)
    exponent = a * np.log(x) - lgamma(a + 1)
    return -np.expm1(exponent) - np.exp(exponent) * total


def _both(a: Array, x: Array) -> tuple[Any, Any]:
    """P and Q at points where 0 < a and 0 < x, both finite."""
    P, Q = np.empty_like(a), np.empty_like(a)
    below = x <= np.maximum(a, SMALL)
    P[below] = _lower_series(a[below], x[below])
    Q[below] = 1 - P[below]
    few = below & (x <= SMALL)
    Q[few] = _upper_series(a[few], x[few])
    Q[~below] = _upper_fraction(a[~below], x[~below])
    P[~below] = 1 - Q[~below]
    return P, Q


def _gammas(a: Any, x: Any) -> Any:
    a, x = np.float64(a), np.float64(x)
    shape = np.broadcast_shapes(a.shape, x.shape)
    a, x = np.broadcast_to(a, shape), np.broadcast_to(x, shape)
    P = np.full(shape, np.nan)
    # Limits; torch has them also where the other argument is NaN.
    P[~(a <= 0) & (x == 0)] = 0
    P[(a == 0) & (x > 0)] = 1
    P[(a == np.inf) & ~(x < 0) & (x != np.inf)] = 0
    P[~(a < 0) & (a != np.inf) & (x == np.inf)] = 1
    Q = np.asarray(1 - P)
    plain = (a > 0) & (x > 0) & np.isfinite(a) & np.isfinite(x)
    P[plain], Q[plain] = _both(a[plain], x[plain])
    return P, Q


def gammainc(a: Array, x: Array) -> Any:
    """P(a, x), the integral of t**(a - 1) exp(-t) from 0 to x, divided by gamma(a)."""
    return _gammas(a, x)[0].astype(x.dtype)


def gammaincc(a: Array, x: Array) -> Any:
    """Q(a, x) = 1 - P(a, x)."""
    return _gammas(a, x)[1].astype(x.dtype)
