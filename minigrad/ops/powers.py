"""Arithmetic with a number on the left, and powers with a tensor for an exponent."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.primitive import primitive
from minigrad.autograd.value import Array
from minigrad.promotion import floating, power, subtraction

rsub = primitive(  # number - x
    "RsubBackward1",
    lambda x, number: np.subtract(number, x),
    promote=subtraction,
    x=lambda g: -g,
)

rsub_tensor = primitive(
    "RsubBackward0",
    lambda a, b: np.subtract(b, a),
    promote=subtraction,
    a=lambda g: -g,
    b=lambda g: g,
)

reciprocal = primitive(
    "ReciprocalBackward0",
    np.reciprocal,
    promote=floating,
    x=lambda g, out: -g * (out * out),
)


def _raised(a: Any, b: Array) -> Any:
    if b.dtype.kind == "f":
        return np.power(a, b)
    # 1 / a**n cut off to an integer, where numpy raises.
    inverse = np.where(np.abs(a) == 1, np.power(a, b & 1), 0)
    return np.where(b < 0, inverse, np.power(a, np.maximum(b, 0)))


pow_tensor = primitive(
    "PowBackward1",
    _raised,
    promote=power,
    # As torch, which saves the result in any case.
    a=lambda g, a, b, out: np.where(b == 0, 0.0, g * (b * a ** (b - 1))),
    b=lambda g, a, b, out: g * np.where((a == 0) & (b >= 0), 0.0, out * np.log(a)),
)

pow_base = primitive(  # number ** x
    "PowBackward2",
    lambda x, number: np.asarray(_raised(number, x), order="C"),  # as torch, unlike the others
    promote=power,
    x=lambda g, x, number, out: (
        g * np.where(x >= 0, 0.0, out * float("-inf"))
        if number == 0
        else g * (out * float(np.log(number)))
    ),
)
