"""The sign of each element, and what is left without it."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.primitive import primitive
from minigrad.autograd.value import Array, Value, wrap
from minigrad.ops.arguments import need_tensor, no_overload, overloads
from minigrad.ops.elementwise import clone
from minigrad.promotion import floating, plain

__all__ = ["abs", "absolute", "copysign", "positive", "sgn", "sign", "signbit"]


def _signum(x: Array) -> Any:
    return (x > 0).astype(x.dtype) - (x < 0)  # 0 for NaN, as torch has it


_sign = primitive("SignBackward0", _signum, x=lambda g: np.zeros_like(g))
# torch's has the rule of complex numbers, which needs both.
_sgn = primitive("SgnBackward0", _signum, x=lambda g, x, out: np.zeros_like(g))
_abs = primitive("AbsBackward0", np.abs, x=lambda g, x: g * _sgn(x))  # 0 at 0


def abs(input: Any) -> Any:
    """The absolute value. Derivative: the sign of x, 0 at 0. NotImplementedError for bools."""
    need_tensor("abs", input)
    if input.array.dtype.kind == "b":
        raise NotImplementedError("\"abs_cpu\" not implemented for 'Bool'")
    return _abs(input)


def sign(input: Any) -> Any:
    """-1, 0 or 1, of the input's dtype; 0 for NaN. Derivative: 0."""
    need_tensor("sign", input)
    return clone(input) if input.array.dtype.kind == "b" else _sign(input)


def sgn(input: Any) -> Any:
    """The same as `sign` for real numbers. Derivative: 0."""
    need_tensor("sgn", input)
    return clone(input) if input.array.dtype.kind == "b" else _sgn(input)


def signbit(input: Any) -> Any:
    """Whether an element is negative, or -0, as bools. No derivative."""
    need_tensor("signbit", input)
    x = input.array
    return wrap(np.signbit(x) if x.dtype.kind == "f" else x < 0)


def positive(input: Any) -> Any:
    """The tensor itself. Raises RuntimeError for bools."""
    need_tensor("positive", input)
    if input.array.dtype.kind == "b":
        raise RuntimeError("The `+` operator, on a bool tensor is not supported.")
    return input


_copysign = primitive(
    "CopysignBackward0",
    np.copysign,
    promote=floating,
    a=lambda g, a, out: g * np.where(a == 0, 0.0, out / a),
    b=lambda g, out: np.zeros_like(g),  # as torch, which saves the result in any case
)
_copysign_number = primitive(
    "CopysignBackward1",
    np.copysign,
    promote=floating,
    a=lambda g, a, out: g * np.where(a == 0, 0.0, out / a),
)


def copysign(input: Any, other: Any) -> Any:
    """The size of ``input`` with the sign of ``other``, a tensor or a number; broadcast.

    Derivatives: 1 or -1, 0 where the input is 0; and 0. Integers give the default dtype.
    """
    if not isinstance(input, Value):
        raise no_overload("copysign", input, other)
    if isinstance(other, Value):
        return _copysign(input, other)
    return _copysign_number(input, overloads("copysign", plain(other), input, other))


absolute = abs
