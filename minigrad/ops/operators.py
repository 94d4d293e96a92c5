"""Addition to powers as users call them: what Python's operators and ``torch.add`` do."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.autograd.inplace import in_place
from minigrad.autograd.value import Value
from minigrad.autograd.wide import wide_primitive
from minigrad.errors import type_name
from minigrad.ops import arithmetic, powers
from minigrad.ops.arguments import need_tensor, no_overload, number, operands, overloads
from minigrad.ops.elementwise import _to_copy
from minigrad.ops.old_overloads import number_first
from minigrad.promotion import arithmetic as arithmetic_promotion
from minigrad.promotion import factor, need_factor, plain, result_type, subtraction

__all__ = [
    "add",
    "div",
    "divide",
    "float_power",
    "mul",
    "multiply",
    "neg",
    "negative",
    "pow",
    "reciprocal",
    "rsub",
    "square",
    "sub",
    "subtract",
    "true_divide",
]


@number_first(2, "alpha")
def add(input: Any, other: Any, *, alpha: float = 1) -> Any:
    """``input + alpha * other``, broadcast and promoted. Derivatives: 1 and alpha.

    Either may be a number. Raises RuntimeError where shapes do not broadcast, and for a float
    ``alpha`` of integers.
    """
    alpha = number("add", alpha, "alpha")
    if type(alpha) is int and alpha == 1:
        return operands("add", arithmetic.add, input, other)
    return operands("add", _add_scaled, input, other, alpha)


@number_first(2, "alpha")
def sub(input: Any, other: Any, *, alpha: float = 1) -> Any:
    """``input - alpha * other``. Derivatives: 1 and -alpha.

    As `add`; and raises RuntimeError for bools.
    """
    alpha = number("sub", alpha, "alpha")
    if type(alpha) is int and alpha == 1:
        return operands("sub", arithmetic.sub, input, other)
    return operands("sub", _sub_scaled, input, other, alpha)


def scaled(promote: Any) -> Any:
    """The promotion of two operands, and of the number that multiplies the second."""

    def promoted(arrays: Any) -> Any:
        *given, alpha = arrays
        both = promote(given)
        if both is NotImplemented:
            return NotImplemented
        dtype = result_type([plain(x) for x in given])
        need_factor("alpha", alpha, dtype.kind)
        return [*both, factor(alpha, dtype)]

    return promoted


_add_scaled = wide_primitive(
    "AddBackward0",
    lambda a, b, alpha: a + b * alpha,
    promote=scaled(arithmetic_promotion),
    a=lambda g: g,
    b=lambda g, alpha: g * alpha,
)
_sub_scaled = wide_primitive(
    "SubBackward0",
    lambda a, b, alpha: a - b * alpha,
    promote=scaled(subtraction),
    a=lambda g: g,
    b=lambda g, alpha: -(g * alpha),
)


def mul(input: Any, other: Any) -> Any:
    """``input * other``, broadcast and promoted. Derivatives: other and input.

    Either may be a number. Raises RuntimeError where shapes do not broadcast.
    """
    return operands("mul", arithmetic.mul, input, other)


def div(input: Any, other: Any, *, rounding_mode: str | None = None) -> Any:
    """``input / other``, broadcast. Derivatives: 1 / other and -input / other**2.

    Integers give the default dtype. With the ``rounding_mode`` "floor" or "trunc" the quotient is
    rounded, the derivatives are 0, integers remain integers, and divided by 0 raise RuntimeError.
    """
    if rounding_mode is None:
        return operands("div", arithmetic.div, input, other)
    from minigrad.ops.rounding import div_rounded

    return operands("div", div_rounded, input, other, rounding_mode)


def true_divide(input: Any, other: Any) -> Any:
    """``input / other``, as `div`."""
    return div(input, other)


def neg(input: Any) -> Any:
    """``-input``. Derivative: -1. Raises RuntimeError for bools."""
    need_tensor("neg", input)
    if input.array.dtype.kind == "b":
        raise RuntimeError(
            "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to "
            "invert a mask, use the `~` or `logical_not()` operator instead."
        )
    return arithmetic.neg(input)


def pow(input: Any, exponent: Any) -> Any:
    """``input ** exponent``, broadcast and promoted; either may be a number.

    Derivatives: n x**(n-1), which is 0 for n = 0 also at x = 0; and x**n log(x), which is 0 at
    x = 0 for n >= 0. Raises RuntimeError for a negative power of integers.
    """
    if isinstance(input, Value) and type(exponent) is int:
        return arithmetic.pow_number(input, exponent)
    if not (isinstance(input, Value) or isinstance(exponent, Value)):
        raise no_overload("pow", input, exponent)
    return overloads("pow", power(input, exponent), input, exponent)


def power(input: Any, exponent: Any) -> Any:
    """``input ** exponent``; what Python's operator calls."""
    if isinstance(input, Value) and (type(exponent) is int or type(exponent) is float):
        return arithmetic.pow_number(input, exponent)
    if isinstance(exponent, Value):
        if isinstance(input, Value):
            return powers.pow_tensor(input, exponent)
        base = plain(input)
        if base is NotImplemented:
            return NotImplemented
        return powers.pow_base(to_result(exponent, base), base)
    number = plain(exponent)
    if number is NotImplemented:
        return NotImplemented
    if isinstance(number, np.ndarray):
        return powers.pow_tensor(input, number)
    return arithmetic.pow_number(input, number)


def to_result(tensor: Any, number: Any) -> Any:
    """``tensor`` in the dtype that it and the number have together."""
    dtype = result_type([tensor.array, number])
    return tensor if tensor.array.dtype == dtype else tensor.to(dtype)


def float_power(input: Any, exponent: Any) -> Any:
    """``input ** exponent`` in float64, whatever the operands' dtypes. Derivatives: as `pow`."""
    if not (isinstance(input, Value) or isinstance(exponent, Value)):
        raise no_overload("float_power", input, exponent)
    return overloads("float_power", power(in_double(input), in_double(exponent)), input, exponent)


_float_power_in_place = in_place(float_power)


def float_power_(self: Any, exponent: Any) -> Any:
    """`float_power` in place. Raises RuntimeError unless the tensor is float64."""
    if self.array.dtype != np.float64:
        raise RuntimeError(
            f"the base given to float_power_ has dtype {type_name(self.array.dtype)} but the "
            "operation's result requires dtype Double"
        )
    return _float_power_in_place(self, exponent)


def in_double(x: Any) -> Any:
    """A tensor as float64; a number as it is."""
    is_other = isinstance(x, Value) and x.array.dtype != np.float64
    return _to_copy(x, dtypes.float64.dtype) if is_other else x


def rsub(input: Any, other: Any, *, alpha: float = 1) -> Any:
    """``other - alpha * input``. Derivatives: -alpha for the input, 1 for the other one."""
    if not isinstance(input, Value):
        raise no_overload("rsub", input, other)
    alpha = number("rsub", alpha, "alpha")
    if type(alpha) is int and alpha == 1:
        return overloads("rsub", reversed_sub(input, other), input, other)
    return overloads("rsub", _rsub_scaled(input, other, alpha), input, other)


_rsub_scaled = wide_primitive(
    "RsubBackward0",
    lambda a, b, alpha: b - a * alpha,
    promote=scaled(subtraction),
    a=lambda g, alpha: -(g * alpha),
    b=lambda g: g,
)


def reversed_sub(input: Any, other: Any) -> Any:
    """``other - input``; what Python's operator calls."""
    if isinstance(other, Value):
        return powers.rsub_tensor(input, other)
    minuend = plain(other)
    if minuend is NotImplemented:
        return NotImplemented
    if isinstance(minuend, bool):
        subtraction([minuend, input.array])  # raises
    return powers.rsub(input, minuend)


def rdiv(input: Any, other: Any) -> Any:
    """``other / input`` for a number: as torch, the reciprocal times the number."""
    return arithmetic.mul(powers.reciprocal(input), other)


def square(input: Any) -> Any:
    """``input ** 2``. Derivative: 2 x. Bools give int64."""
    need_tensor("square", input)
    return pow(input, 2)


def reciprocal(input: Any) -> Any:
    """``1 / input``. Derivative: -1 / x**2. Integers give the default dtype."""
    need_tensor("reciprocal", input)
    return powers.reciprocal(input)


subtract, multiply, divide, negative = sub, mul, div, neg
