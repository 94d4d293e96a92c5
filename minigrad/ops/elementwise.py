"""Exponentials, logarithms and roots of each element, and copies."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.autograd.primitive import Operator, primitive
from minigrad.autograd.value import Array, Value
from minigrad.autograd.wide import wide_primitive
from minigrad.ops.arguments import need_tensor, no_overload, number
from minigrad.options import ordered, preserve_format
from minigrad.promotion import floating, floating_first, in_single, only, order_of, plain

__all__ = [
    "clone",
    "exp",
    "exp2",
    "expm1",
    "log",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "logaddexp2",
    "logit",
    "rsqrt",
    "sigmoid",
    "sqrt",
    "xlogy",
]

LN2, LN10 = math.log(2), math.log(10)

_exp = primitive("ExpBackward0", np.exp, promote=floating, x=lambda g, out: g * out)


def exp(input: Any) -> Any:
    """``e ** input``. Derivative: exp(x). Integers give the default dtype."""
    need_tensor("exp", input)
    return _exp(input)


_exp2 = primitive("Exp2Backward0", np.exp2, promote=floating, x=lambda g, out: g * out * LN2)


def exp2(input: Any) -> Any:
    """``2 ** input``. Derivative: 2**x log(2). Integers give the default dtype."""
    need_tensor("exp2", input)
    return _exp2(input)


_expm1 = primitive("Expm1Backward0", np.expm1, promote=floating, x=lambda g, out: g * (out + 1))


def expm1(input: Any) -> Any:
    """``exp(input) - 1``, exact near 0. Derivative: exp(x). Integers give the default dtype."""
    need_tensor("expm1", input)
    return _expm1(input)


_log = primitive("LogBackward0", np.log, promote=floating, x=lambda g, x: g / x)


def log(input: Any) -> Any:
    """The natural logarithm; -inf at 0, NaN below. Derivative: 1 / x.

    Integers give the default dtype.
    """
    need_tensor("log", input)
    return _log(input)


_log1p = primitive("Log1PBackward0", np.log1p, promote=floating, x=lambda g, x: g / (x + 1))


def log1p(input: Any) -> Any:
    """``log(1 + input)``, exact near 0. Derivative: 1 / (1 + x).

    Integers give the default dtype.
    """
    need_tensor("log1p", input)
    return _log1p(input)


_log2 = primitive("Log2Backward0", np.log2, promote=floating, x=lambda g, x: g / (x * LN2))


def log2(input: Any) -> Any:
    """The logarithm to base 2. Derivative: 1 / (x log(2)). Integers give the default dtype."""
    need_tensor("log2", input)
    return _log2(input)


_log10 = primitive("Log10Backward0", np.log10, promote=floating, x=lambda g, x: g / (x * LN10))


def log10(input: Any) -> Any:
    """The logarithm to base 10. Derivative: 1 / (x log(10)). Integers give the default dtype."""
    need_tensor("log10", input)
    return _log10(input)


# log(exp(a) + exp(b)), by way of the larger of the two.
_logaddexp = primitive(
    "LogaddexpBackward0",
    np.logaddexp,
    promote=only("f", "logaddexp_cpu"),
    a=lambda g, a, b: g / (1 + np.exp(b - a)),
    b=lambda g, a, b: g / (1 + np.exp(a - b)),
)
_logaddexp2 = primitive(
    "Logaddexp2Backward0",
    np.logaddexp2,
    promote=only("f", "logaddexp2_cpu"),
    a=lambda g, a, b: g / (1 + np.exp2(b - a)),
    b=lambda g, a, b: g / (1 + np.exp2(a - b)),
)


def logaddexp(input: Any, other: Any) -> Any:
    """``log(exp(input) + exp(other))`` without overflow, of two float tensors, broadcast.

    Derivatives: the sigmoid of the operands' difference. NotImplementedError for integers.
    """
    need_tensor("logaddexp", input)
    need_tensor("logaddexp", other, "other", 2)
    return _logaddexp(input, other)


def logaddexp2(input: Any, other: Any) -> Any:
    """``log2(2**input + 2**other)`` without overflow, of two float tensors, broadcast.

    Derivatives: 1 / (1 + 2**d), d the other operand less this one. NotImplementedError for
    integers.
    """
    need_tensor("logaddexp2", input)
    need_tensor("logaddexp2", other, "other", 2)
    return _logaddexp2(input, other)


_sqrt = primitive("SqrtBackward0", np.sqrt, promote=floating, x=lambda g, out: g / (2 * out))


def sqrt(input: Any) -> Any:
    """The square root; NaN below 0. Derivative: 1 / (2 sqrt(x)), infinite at 0.

    Integers give the default dtype.
    """
    need_tensor("sqrt", input)
    return _sqrt(input)


_rsqrt = primitive(
    "RsqrtBackward0",
    lambda x: np.reciprocal(np.sqrt(x)),
    promote=floating,
    x=lambda g, out: -0.5 * g * (out * out * out),
)


def rsqrt(input: Any) -> Any:
    """``1 / sqrt(input)``. Derivative: -1/2 x**(-3/2). Integers give the default dtype."""
    need_tensor("rsqrt", input)
    return _rsqrt(input)


def _logistic(x: Array) -> Any:
    if x.dtype.itemsize == 2:
        return in_single(_logistic, x)
    y = np.asarray(np.negative(x))
    np.exp(y, out=y)
    y += 1
    return np.reciprocal(y, out=y)


_sigmoid = primitive(
    "SigmoidBackward0",
    _logistic,
    promote=floating,
    x=lambda g, out: g * ((1 - out) * out),
)


def sigmoid(input: Any) -> Any:
    """``s = 1 / (1 + exp(-x))``. Derivative: s (1 - s). Integers give the default dtype."""
    need_tensor("sigmoid", input)
    return _sigmoid(input)


def _log_odds(x: Array, eps: Any) -> Any:
    if eps is not None:
        low = x.dtype.type(eps)
        x = np.clip(x, low, 1 - low)
    return np.log(x / (1 - x))


def _logit_rule(g: Any, x: Any, eps: Any) -> Any:
    slope = g / (np.where(x == 0, 0.0, x) * (1 - x))  # of the same sign at 0 and -0
    if eps is None:
        return np.where((x < 0) | (x > 1), float("nan"), slope)
    return np.where((x < eps) | (x > 1 - eps), 0.0, slope)


_logit = primitive("LogitBackward0", _log_odds, promote=floating_first, x=_logit_rule)


def logit(input: Any, eps: Any = None) -> Any:
    """``log(x / (1 - x))``, the inverse of the sigmoid; with ``eps``, of x cut to [eps, 1 - eps].

    Derivative: 1 / (x (1 - x)); 0 where x was cut off, NaN outside of [0, 1]. Integers give the
    default dtype. Raises TypeError for an ``eps`` that is not a number.
    """
    need_tensor("logit", input)
    return _logit(input, None if eps is None else number("logit", eps, "eps", 2, "float"))


def _times_log(a: Any, b: Any) -> Any:
    if not isinstance(b, np.ndarray):
        b = np.asarray(b, a.dtype)  # the logarithm of a number would be a float64
    return np.where((a == 0) & (b == b), 0, a * np.log(b))


# The gradient in b is finite at a = 0, and that in a is taken to be 0 at a = 0, b <= 0.
_xlogy: Operator = primitive(
    "XlogyBackward0",
    _times_log,
    promote=floating,
    a=lambda g, a, b: np.where((a == 0) & (b <= 0), 0.0, _xlogy(g, b)),
    b=lambda g, a, b: g * a / b,
)
_number_times_log = primitive(
    "XlogyBackward1",
    lambda x, number: _times_log(number, x),
    promote=floating,
    x=lambda g, x, number: g * number / x,
)
_times_log_of_number = primitive(
    "XlogyBackward2",
    _times_log,
    promote=floating,
    a=lambda g, a, b: np.where((a == 0) & (b <= 0), 0.0, _xlogy(g, b)),
)


def xlogy(input: Any, other: Any) -> Any:
    """``input * log(other)``, broadcast, and 0 where the input is 0; one of them may be a number.

    Derivatives: log(other), 0 where the input is 0 and other is not above 0; and input / other.
    Integers give the default dtype.
    """
    if isinstance(input, Value) and isinstance(other, Value):
        return _xlogy(input, other)
    numbers = [plain(x) for x in (input, other) if not isinstance(x, Value)]
    if len(numbers) == 2 or numbers[0] is NotImplemented:
        raise no_overload("xlogy", input, other)
    if isinstance(input, Value):
        return _times_log_of_number(input, numbers[0])
    return _number_times_log(other, numbers[0])


_clone = primitive("CloneBackward0", lambda x: x.copy(order_of(x)), x=lambda g: g)


def clone(input: Any, *, memory_format: Any = None) -> Any:
    """A copy with its own memory, and recorded: the cotangent passes through unchanged.

    memory_format: the order of the elements in memory; by default that of the input.
    """
    need_tensor("clone", input)
    result = _clone(input)
    if memory_format is not None and memory_format is not preserve_format:
        result.array = ordered(result.array, memory_format, "clone")
    return result


_to_copy = primitive(  # a cast; the backward pass casts the cotangent back
    "ToCopyBackward0", lambda x, dtype: x.astype(dtype, order_of(x)), x=lambda g: g
)
_to_integers = wide_primitive("ToCopyBackward0", lambda x, dtype: x.astype(dtype, order_of(x)))
