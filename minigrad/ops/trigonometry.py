"""Trigonometric and hyperbolic functions of each element, their inverses, and angles."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.autograd.primitive import primitive
from minigrad.autograd.value import Array
from minigrad.ops.arguments import need_tensor
from minigrad.promotion import floating, only

__all__ = [
    "acos",
    "acosh",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cos",
    "cosh",
    "deg2rad",
    "hypot",
    "rad2deg",
    "sin",
    "sinc",
    "sinh",
    "tan",
    "tanh",
]

PI = math.pi

_sin = primitive("SinBackward0", np.sin, promote=floating, x=lambda g, x: g * np.cos(x))
_cos = primitive("CosBackward0", np.cos, promote=floating, x=lambda g, x: g * -np.sin(x))
_tan = primitive("TanBackward0", np.tan, promote=floating, x=lambda g, out: g * (1 + out * out))


def sin(input: Any) -> Any:
    """The sine of an angle in radians. Derivative: cos(x). Integers give the default dtype."""
    need_tensor("sin", input)
    return _sin(input)


def cos(input: Any) -> Any:
    """The cosine of an angle in radians. Derivative: -sin(x). Integers give the default dtype."""
    need_tensor("cos", input)
    return _cos(input)


def tan(input: Any) -> Any:
    """The tangent of an angle in radians. Derivative: 1 + tan(x)**2.

    Integers give the default dtype.
    """
    need_tensor("tan", input)
    return _tan(input)


_asin = primitive(
    "AsinBackward0", np.arcsin, promote=floating, x=lambda g, x: g / np.sqrt(1 - x * x)
)
_acos = primitive(
    "AcosBackward0", np.arccos, promote=floating, x=lambda g, x: -g / np.sqrt(1 - x * x)
)
_atan = primitive("AtanBackward0", np.arctan, promote=floating, x=lambda g, x: g / (x * x + 1))


def asin(input: Any) -> Any:
    """The angle in [-pi/2, pi/2] whose sine is x; NaN outside of [-1, 1].

    Derivative: 1 / sqrt(1 - x**2). Integers give the default dtype.
    """
    need_tensor("asin", input)
    return _asin(input)


def acos(input: Any) -> Any:
    """The angle in [0, pi] whose cosine is x; NaN outside of [-1, 1].

    Derivative: -1 / sqrt(1 - x**2). Integers give the default dtype.
    """
    need_tensor("acos", input)
    return _acos(input)


def atan(input: Any) -> Any:
    """The angle in (-pi/2, pi/2) whose tangent is x. Derivative: 1 / (1 + x**2).

    Integers give the default dtype.
    """
    need_tensor("atan", input)
    return _atan(input)


_atan2 = primitive(
    "Atan2Backward0",
    np.arctan2,
    promote=floating,
    a=lambda g, a, b: g * b * inverse_or_zero(a * a + b * b),
    b=lambda g, a, b: g * -a * inverse_or_zero(a * a + b * b),
)


def inverse_or_zero(square: Any) -> Any:
    return np.where(square == 0, 0.0, np.reciprocal(square))


def atan2(input: Any, other: Any) -> Any:
    """The angle in [-pi, pi] of the point with the ordinate ``input`` and the abscissa ``other``.

    With r**2 = input**2 + other**2 the derivatives are other / r**2 and -input / r**2, and 0 at
    the origin. The tensors broadcast; integers give the default dtype.
    """
    need_tensor("atan2", input)
    need_tensor("atan2", other, "other", 2)
    return _atan2(input, other)


_hypot = primitive(
    "HypotBackward0",
    np.hypot,
    promote=only("f", "hypot_cpu"),
    a=lambda g, a, out: g * a / out,
    b=lambda g, b, out: g * b / out,
)


def hypot(input: Any, other: Any) -> Any:
    """``sqrt(input**2 + other**2)`` without overflow, of two float tensors, broadcast.

    Derivatives: input / result and other / result, NaN where both are 0. NotImplementedError for
    integers.
    """
    need_tensor("hypot", input)
    need_tensor("hypot", other, "other", 2)
    return _hypot(input, other)


_sinh = primitive("SinhBackward0", np.sinh, promote=floating, x=lambda g, x: g * np.cosh(x))
_cosh = primitive("CoshBackward0", np.cosh, promote=floating, x=lambda g, x: g * np.sinh(x))
_tanh = primitive("TanhBackward0", np.tanh, promote=floating, x=lambda g, out: g * (1 - out * out))


def sinh(input: Any) -> Any:
    """The hyperbolic sine. Derivative: cosh(x). Integers give the default dtype."""
    need_tensor("sinh", input)
    return _sinh(input)


def cosh(input: Any) -> Any:
    """The hyperbolic cosine. Derivative: sinh(x). Integers give the default dtype."""
    need_tensor("cosh", input)
    return _cosh(input)


def tanh(input: Any) -> Any:
    """The hyperbolic tangent. Derivative: 1 - tanh(x)**2. Integers give the default dtype."""
    need_tensor("tanh", input)
    return _tanh(input)


_asinh = primitive(
    "AsinhBackward0", np.arcsinh, promote=floating, x=lambda g, x: g / np.sqrt(x * x + 1)
)
_acosh = primitive(
    "AcoshBackward0", np.arccosh, promote=floating, x=lambda g, x: g / np.sqrt(x * x - 1)
)
_atanh = primitive("AtanhBackward0", np.arctanh, promote=floating, x=lambda g, x: g / (1 - x * x))


def asinh(input: Any) -> Any:
    """The inverse of sinh. Derivative: 1 / sqrt(x**2 + 1). Integers give the default dtype."""
    need_tensor("asinh", input)
    return _asinh(input)


def acosh(input: Any) -> Any:
    """The inverse of cosh, NaN below 1. Derivative: 1 / sqrt(x**2 - 1).

    Integers give the default dtype.
    """
    need_tensor("acosh", input)
    return _acosh(input)


def atanh(input: Any) -> Any:
    """The inverse of tanh, NaN outside of [-1, 1]. Derivative: 1 / (1 - x**2).

    Integers give the default dtype.
    """
    need_tensor("atanh", input)
    return _atanh(input)


def _cardinal_sine(x: Array) -> Any:
    # The sine of a multiple of pi, rounded to float16, is nothing like 0.
    angle = PI * (x.astype(np.float32) if x.dtype == np.float16 else x)
    return np.where(x == 0, 1, np.sin(angle) / angle).astype(x.dtype, copy=False)


def _sinc_rule(g: Any, x: Any) -> Any:
    angle, scale = PI * x, PI * x * x
    slope = g * ((angle * np.cos(angle) - np.sin(angle)) / scale)
    return np.where(scale == 0, 0.0, slope)


_sinc = primitive("SincBackward0", _cardinal_sine, promote=floating, x=_sinc_rule)


def sinc(input: Any) -> Any:
    """``sin(pi x) / (pi x)``, and 1 at 0.

    Derivative: (pi x cos(pi x) - sin(pi x)) / (pi x**2), 0 at 0. Integers give the default dtype.
    """
    need_tensor("sinc", input)
    return _sinc(input)


_deg2rad = primitive(
    "Deg2RadBackward0",
    lambda x: x * (PI / 180),
    promote=floating,
    x=lambda g: g * (PI / 180),
)
_rad2deg = primitive(
    "Rad2DegBackward0",
    lambda x: x * (180 / PI),
    promote=floating,
    x=lambda g: g * (180 / PI),
)


def deg2rad(input: Any) -> Any:
    """Degrees as radians. Derivative: pi / 180. Integers give the default dtype."""
    need_tensor("deg2rad", input)
    return _deg2rad(input)


def rad2deg(input: Any) -> Any:
    """Radians as degrees. Derivative: 180 / pi. Integers give the default dtype."""
    need_tensor("rad2deg", input)
    return _rad2deg(input)


arcsin, arccos, arctan, arctan2 = asin, acos, atan, atan2
arcsinh, arccosh, arctanh = asinh, acosh, atanh
