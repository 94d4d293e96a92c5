"""Box and Muller's formula: normal numbers from uniform ones, with torch's last bit.

For float64 that is the C library's log, sin and cos, which Python's math calls. For float32 torch
computes 8 numbers at once with polynomials of the Cephes library (Moshier 1992, logf and sinf),
where most products and sums are one operation with one rounding.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.autograd.value import Array

BLOCK = 16  # numbers that are made together: the first 8 meet the last 8


def normal_blocks(uniforms: Array, std: float, mean: float) -> Array:
    """As many normal numbers, a multiple of 16, as there are uniform ones in [0, 1)."""
    kind = uniforms.dtype.type
    first, second = uniforms.reshape(-1, 2, BLOCK // 2).transpose(1, 0, 2).reshape(2, -1)
    angle = kind(2 * math.pi) * second
    if kind is np.float64:
        log, sin, cos = each(math.log, 1 - first), each(math.sin, angle), each(math.cos, angle)
    else:
        log, (sin, cos) = log32(1 - first), sin_cos32(angle)
    radius = np.sqrt(-2 * log)
    pairs = np.stack([radius * cos, radius * sin]).reshape(2, -1, BLOCK // 2)
    return multiply_add(pairs.transpose(1, 0, 2).reshape(-1), std, mean)


def each(function: Callable[[float], float], x: Array) -> Array:
    """A function of Python's math, whose last bit is torch's, and numpy's need not be."""
    return np.fromiter(map(function, x.tolist()), np.float64, len(x))


def multiply_add(x: Array, factor: Any, term: Any) -> Array:
    """``x * factor + term`` with one rounding, as a processor does it in one instruction.

    For float64 the errors of product and sum are found exactly (Dekker 1971) and added last.
    """
    if x.dtype != np.float64:
        factor, term = [np.asarray(v, x.dtype).astype(np.float64) for v in (factor, term)]
        rounded: Array = (x.astype(np.float64) * factor + term).astype(x.dtype)
        return rounded
    product = x * factor
    total: Array = product + term
    if not (abs(factor) < 2.0**900 and np.isfinite(term).all()):  # halving would overflow
        return total
    x_high, x_low = halves(x)
    high, low = halves(np.float64(factor))
    lost = ((x_high * high - product) + x_high * low + x_low * high) + x_low * low
    added = total - product
    total += (product - (total - added)) + (term - added) + lost
    return total


def halves(x: Any) -> tuple[Any, Any]:
    """Two numbers of at most 26 bits each whose sum is ``x``."""
    scaled = x * (2.0**27 + 1)
    high = scaled - (scaled - x)
    return high, x - high


LOG = [0.070376836292, -0.1151461031, 0.116769987400, -0.12420140846, 0.14249322787]
LOG += [-0.16668057665, 0.20000714765, -0.24999993993, 0.33333331174]
SIN = [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1]
COS = [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2]
QUARTERS = 0.78515625, 2.4187564849853515625e-4, 3.77489497744594108e-8  # of pi, to be added


def polynomial(coefficients: list[float], x: Array) -> Array:
    total = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        total = multiply_add(total, x, coefficient)
    return total


def log32(x: Array) -> Array:
    """The logarithm of float32 from (0, 1]: that of the fraction and that of the power of 2."""
    fraction, exponent = np.frexp(x)
    small = fraction < np.float32(math.sqrt(0.5))
    power = exponent.astype(np.float32) - small
    y = np.where(small, fraction + fraction, fraction) - np.float32(1)
    square = y * y
    rest = multiply_add(polynomial(LOG, y) * y, square, power * np.float32(-2.12194440e-4))
    return multiply_add(power, 0.693359375, y + multiply_add(square, -0.5, rest))


def sin_cos32(angle: Array) -> tuple[Array, Array]:
    """Sine and cosine of float32 from [0, 2 pi): of the angle to the nearest quarter turn."""
    octant = ((angle * np.float32(4 / math.pi)).astype(np.int32) + 1) & ~1
    x = angle
    for part in QUARTERS:
        x = multiply_add(octant.astype(np.float32), -part, x)
    square = x * x
    sin = multiply_add(polynomial(SIN, square) * square, x, x)
    cos = multiply_add(polynomial(COS, square) * square, square, np.float32(-0.5) * square)
    cos += np.float32(1)
    swapped = (octant & 2) != 0
    sin, cos = np.where(swapped, cos, sin), np.where(swapped, sin, cos)
    return np.where(octant & 4, -sin, sin), np.where((octant + 2) & 4, -cos, cos)
