"""Activations: what stands between the layers of a network, each with the kinks that torch has.

Where a formula of the derivative has an exponential in it that may overflow in the branch that
is not taken, it is a primitive of its own: a plain ``where`` would be right, and its derivative
NaN (0 times infinity).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.autograd.primitive import Operator, primitive
from minigrad.autograd.value import Array
from minigrad.autograd.wide import wide_primitive
from minigrad.ops.elementwise import _sigmoid
from minigrad.ops.special_functions import erf
from minigrad.promotion import in_single, order_of


def _straight(dy: Array, x: Array, steep: Array, slope: float) -> Any:
    return np.where(steep, dy, dy * slope if slope else 0.0)


# The slope of functions made of straight lines: 1 where ``steep`` holds, else ``slope``. Its own
# derivative is 0; that it depends on x is recorded all the same, so that it can be asked for.
straight: Operator = wide_primitive(
    "LeakyReluBackwardBackward0",
    _straight,
    dy=lambda g, x, steep, slope: straight(g, x, steep, slope),
    x=lambda g: np.zeros_like(g),
    steep=None,
)

_hardtanh = primitive(
    "HardtanhBackward0",
    lambda x, low, high: np.minimum(high, np.maximum(low, x)),
    x=lambda g, x, low, high: straight(g, x, ~((x <= low) | (x >= high)), 0.0),
)
_hardsigmoid = primitive(
    "HardsigmoidBackward0",
    lambda x: np.minimum(np.maximum(x + 3, 0), 6) / 6,
    x=lambda g, x: straight(g / 6, x, np.abs(x) < 3, 0.0),
)


def _hardswish_of(x: Array) -> Any:
    if x.dtype.itemsize == 2:
        return in_single(_hardswish_of, x)
    return x * np.minimum(np.maximum(x + 3, 0), 6) / 6


_hardswish = primitive(
    "HardswishBackward0",
    _hardswish_of,
    x=lambda g, x: np.where(x <= -3, 0.0, g * (np.where(np.abs(x) < 3, x, 1.5) / 3 + 0.5)),
)
_hardshrink = primitive(
    "HardshrinkBackward0",
    lambda x, bound: np.where(np.abs(x) <= bound, 0.0, x),
    x=lambda g, x, bound: straight(g, x, ~(np.abs(x) <= bound), 0.0),
)
_softshrink = primitive(
    "SoftshrinkBackward0",
    lambda x, bound: np.where(np.abs(x) <= bound, x * 0, x - np.sign(x) * bound),
    x=lambda g, x, bound: straight(g, x, ~(np.abs(x) <= bound), 0.0),
)


def _above(x: Array, threshold: float, value: float) -> Any:
    return np.where(x <= threshold, value, x)


_threshold, _threshold_in_place = [
    primitive(name, _above, x=lambda g, x, threshold: straight(g, x, ~(x <= threshold), 0.0))
    for name in ("ThresholdBackward0", "ThresholdBackward1")
]


def _leaky(x: Array, slope: float) -> Any:
    return np.where(x > 0, x, x * slope)


# In place, the sign of the output tells that of the input, as long as the slope is not negative.
_leaky_relu, _rrelu = [
    primitive(name, _leaky, x=lambda g, x, slope: straight(g, x, x > 0, slope))
    for name in ("LeakyReluBackward0", "RreluWithNoiseBackward0")
]
_leaky_relu_in_place, _rrelu_in_place = [
    primitive(name, _leaky, x=lambda g, out, slope: straight(g, out, out > 0, slope))
    for name in ("LeakyReluBackward1", "RreluWithNoiseBackward1")
]
_rrelu_noise, _rrelu_noise_in_place = [
    primitive(name, np.multiply, x=lambda g, noise: g * noise, noise=None)
    for name in ("RreluWithNoiseBackward0", "RreluWithNoiseBackward1")
]
# The slopes of prelu. Differentiated again, 0 counts as above, where it is below at first.
prelu_slopes: Operator = wide_primitive(
    "PreluKernelBackwardBackward0",
    lambda dy, x, slope: (np.where(x > 0, dy, dy * slope), np.where(x > 0, 0.0, dy * x)),
    outputs=("dx", "dslope"),
    dy=lambda g_dx, g_dslope, x, slope: np.where(x >= 0, g_dx, g_dx * slope + g_dslope * x),
    x=lambda g_dx, g_dslope, dy, x: np.where(x >= 0, 0.0, dy * g_dslope),
    slope=lambda g_dx, g_dslope, dy, x: np.where(x >= 0, 0.0, dy * g_dx),
)
_prelu = wide_primitive(
    "PreluKernelBackward0",
    lambda x, slope: np.where(x > 0, x, x * slope),
    joint=lambda g, x, slope: prelu_slopes(g, x, slope),
)


def _exponential_unit(x: Array, below: float, above: float, rate: float) -> Any:
    return np.where(x <= 0, np.expm1(np.minimum(x, 0) * rate) * below, x * above)


_elu, _celu = [
    primitive(
        name,
        _exponential_unit,
        x=lambda g, x, below, above, rate: exponential_slope(g, x, below * rate, above, rate, True),
    )
    for name in ("EluBackward0", "CeluBackward0")
]
_elu_in_place, _celu_in_place = [
    primitive(
        name,
        _exponential_unit,
        x=lambda g, out, below, above, rate: slope_of_result(g, out, below, above, rate),
    )
    for name in ("EluBackward1", "CeluBackward1")
]


def _slope_of_result(dy: Array, out: Array, below: float, above: float, rate: float) -> Any:
    return np.where(out <= 0, dy * (rate * (out + below)), dy * above)


# 0 belongs to the exponential side of the first derivative alone, and not of the second.
slope_of_result: Operator = wide_primitive(
    "EluBackwardBackward0",
    _slope_of_result,
    dy=lambda g, out, below, above, rate: slope_of_result(g, out, below, above, rate),
    out=lambda g, dy, out, rate: g * (dy * rate) * (out < 0),
)


def _exponential_slope(
    dy: Array, x: Array, below: float, above: float, rate: float, closed: bool
) -> Any:
    left = (x <= 0) if closed else (x < 0)
    return np.where(left, dy * (np.exp(np.minimum(x, 0) * rate) * below), dy * above)


# ``closed``: whether 0 belongs to the exponential side; of the first derivative alone it does.
exponential_slope: Operator = wide_primitive(
    "EluBackwardBackward0",
    _exponential_slope,
    dy=lambda g, x, below, above, rate, closed: exponential_slope(g, x, below, above, rate, closed),
    x=lambda g, dy, x, below, rate: exponential_slope(g * dy, x, below * rate, 0.0, rate, False),
)


def _softplus_of(x: Array, beta: float, threshold: float) -> Any:
    if x.dtype.itemsize == 2:
        return in_single(_softplus_of, x, beta, threshold)
    return np.where(x * beta > threshold, x, np.log1p(np.exp(x * beta)) / beta)


def _softplus_slope(dy: Array, x: Array, beta: float, threshold: float) -> Any:
    return np.where(x * beta > threshold, dy, dy * _sigmoid(x * beta))


def softplus_curve(x: Any, beta: float, threshold: float) -> Any:
    s = _sigmoid(x * beta)
    return s * (1 - s) * (x * beta < threshold) * beta


_softplus = primitive(
    "SoftplusBackward0",
    _softplus_of,
    x=lambda g, x, beta, threshold: softplus_slope(g, x, beta, threshold),
)
softplus_slope: Operator = wide_primitive(
    "SoftplusBackwardBackward0",
    _softplus_slope,
    dy=lambda g, x, beta, threshold: softplus_slope(g, x, beta, threshold),
    x=lambda g, dy, x, beta, threshold: g * dy * softplus_curve(x, beta, threshold),
)


def _log_of_sigmoid(x: Array) -> tuple[Array, Array]:
    small = np.exp(-np.abs(x))
    return np.minimum(x, 0) - np.log1p(small), small


def _logsigmoid_rule(dy: Array, x: Array, small: Any = None) -> Any:
    if small is None:
        small = np.exp(-np.abs(x))
    share = small / (1 + small)
    return dy * np.where(x < 0, 1 - share, share)


logsigmoid_slope: Operator = wide_primitive(
    "LogSigmoidBackwardBackward0",
    _logsigmoid_rule,
    dy=lambda g, x, small: logsigmoid_slope(g, x, small),
    x=lambda g, dy, x: g * dy * (_sigmoid(x) - 1) * _sigmoid(x),
    small=None,
)
_logsigmoid = wide_primitive(
    "LogSigmoidBackward0",
    _log_of_sigmoid,
    extra=("small",),
    x=lambda g, x, small: logsigmoid_slope(g, x, small),
)


def _mish_of(x: Array) -> Any:
    if x.dtype.itemsize == 2:
        return in_single(_mish_of, x)
    return x * np.tanh(np.log1p(np.exp(x)))


_mish = primitive("MishBackward0", _mish_of, x=lambda g, x: g * mish_slope(x))


def mish_slope(x: Any) -> Any:
    t = np.tanh(np.log1p(np.exp(x)))
    return t + x * (1 - t * t) * _sigmoid(x)


def _logistic(x: Array) -> Array:
    """1 / (1 + exp(-x)), in one new array."""
    out = np.negative(x, np.empty_like(x, order=order_of(x)))
    np.exp(out, out)
    out += 1
    return np.reciprocal(out, out)


def _silu_of(x: Array) -> Array:
    if x.dtype.itemsize == 2:
        return in_single(_silu_of, x)
    out = _logistic(x)
    out *= x
    return out


_silu = primitive("SiluBackward0", _silu_of, x=lambda g, x: silu_slope(g, x))


def silu_slope(dy: Any, x: Any) -> Any:
    """Composed as torch composes it, so that the same values are saved."""
    s = _sigmoid(x)
    return dy * s * (1 + x * (1 - s))


# GELU: x times the normal distribution's Phi(x) (Hendrycks and Gimpel, arXiv:1606.08415).

ROOT_HALF = math.sqrt(0.5)
DENSITY = 1 / math.sqrt(2 * math.pi)


def _distribution(x: Array) -> Array:
    """Phi(x) = (1 + erf(x / sqrt(2))) / 2."""
    out = np.asarray(erf(x * ROOT_HALF))
    out += 1
    out *= 0.5
    return out


def _gelu_of(x: Array) -> Array:
    if x.dtype.itemsize == 2:
        return in_single(_gelu_of, x)
    out = _distribution(x)
    out *= x
    return out


def _gelu_slope(dy: Array, x: Array) -> Array:
    if x.dtype.itemsize == 2:
        return in_single(_gelu_slope, dy, x)
    out = np.multiply(x, x, np.empty_like(x))  # dy (Phi(x) + x phi(x))
    out *= -0.5
    np.exp(out, out)
    out *= DENSITY
    out *= x
    out += _distribution(x)
    out *= dy
    return out


_gelu = primitive("GeluBackward0", _gelu_of, x=lambda g, x: gelu_slope(g, x))
gelu_slope: Operator = primitive(
    "GeluBackwardBackward0",
    _gelu_slope,
    dy=lambda g, x: gelu_slope(g, x),
    x=lambda g, dy, x: g * dy * (np.exp(x * x * -0.5) * DENSITY * (2 - x * x)),
)

# And the same paper's approximation of it by tanh(k (x + c x**3)).

K, C = math.sqrt(2 / math.pi), 0.044715


def _bend(x: Array) -> Array:
    """tanh(k (x + c x**3))."""
    out = np.multiply(x, x, np.empty_like(x))
    out *= C
    out += 1
    out *= x
    out *= K
    return np.tanh(out, out)


def _gelu_tanh_of(x: Array) -> Array:
    if x.dtype.itemsize == 2:
        return in_single(_gelu_tanh_of, x)
    out = _bend(x)
    out += 1
    out *= x
    out *= 0.5
    return out


def _gelu_tanh_slope(dy: Array, x: Array) -> Array:
    if x.dtype.itemsize == 2:
        return in_single(_gelu_tanh_slope, dy, x)
    t = _bend(x)  # dy (1 + t) / 2 + dy x (1 - t**2) k (1 + 3 c x**2) / 2
    out = np.multiply(x, x, np.empty_like(x))
    out *= 3 * C
    out += 1
    out *= K
    out *= x
    out *= 1 - t
    out += 1
    t += 1
    out *= t
    out *= 0.5
    out *= dy
    return out


_gelu_tanh = primitive("GeluBackward0", _gelu_tanh_of, x=lambda g, x: gelu_tanh_slope(g, x))
gelu_tanh_slope: Operator = primitive(
    "GeluBackwardBackward0",
    _gelu_tanh_slope,
    dy=lambda g, x: gelu_tanh_slope(g, x),
    x=lambda g, dy, x: g * dy * gelu_tanh_curve(x),
)


def gelu_tanh_curve(x: Any) -> Any:
    square = x * x
    t = np.tanh(K * x * (1 + C * square))
    rise = K * (1 + 3 * C * square)
    return (1 - t * t) * (rise + x * (3 * K * C * x - t * rise * rise))


def halves(x: Any, dim: int) -> tuple[Any, Any]:
    n = x.shape[dim] // 2
    lead = (slice(None),) * dim
    return x[(*lead, slice(n))], x[(*lead, slice(n, None))]


def _gated(x: Array, dim: int) -> Any:
    a, b = halves(x, dim)
    return a * _logistic(b)


_glu = primitive("GluBackward0", _gated, x=lambda g, x, dim: glu_rule(g, x, dim))


def glu_rule(g: Any, x: Any, dim: int) -> Any:
    a, b = halves(x, dim)
    s = _sigmoid(b)
    return np.concatenate([g * s, g * (a * (s * (1 - s)))], dim)
