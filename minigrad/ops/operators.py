"""Addition to powers as users call them: what Python's operators and ``torch.add`` do."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.value import Value
from minigrad.ops import arithmetic
from minigrad.ops.arguments import operands
from minigrad.promotion import plain, result_type


def add(input: Any, other: Any, *, alpha: float = 1) -> Any:
    """``input + alpha * other``. Derivatives: 1 and alpha."""
    scaled = other if alpha == 1 else times("add", alpha, input, other)
    return operands("add", arithmetic.add(input, scaled), input, other)


def sub(input: Any, other: Any, *, alpha: float = 1) -> Any:
    """``input - alpha * other``. Derivatives: 1 and -alpha. Raises RuntimeError for bools."""
    scaled = other if alpha == 1 else times("sub", alpha, input, other)
    return operands("sub", arithmetic.sub(input, scaled), input, other)


def times(function: str, alpha: Any, input: Any, other: Any) -> Any:
    """``alpha * other``; a sum of integers takes no fraction of one of them."""
    given = [plain(x) for x in (input, other)]
    if any(x is NotImplemented for x in given):
        operands(function, NotImplemented, input, other)
    kind = result_type(given).kind
    if kind == "b":
        alpha = bool(alpha)
    elif isinstance(alpha, float) and kind != "f":
        raise RuntimeError(
            "For integral input tensors, argument alpha must not be a floating point number."
        )
    return operands(function, arithmetic.mul(other, alpha), other, alpha)


def mul(input: Any, other: Any) -> Any:
    """``input * other``. Derivatives: other and input."""
    return operands("mul", arithmetic.mul(input, other), input, other)


def div(input: Any, other: Any) -> Any:
    """``input / other``, of a float dtype. Derivatives: 1 / other and -input / other**2."""
    return operands("div", arithmetic.div(input, other), input, other)


def neg(input: Any) -> Any:
    """``-input``. Derivative: -1."""
    if isinstance(input, Value) and input.array.dtype.kind == "b":
        raise RuntimeError(
            "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to "
            "invert a mask, use the `~` or `logical_not()` operator instead."
        )
    return arithmetic.neg(input)


def pow(input: Any, exponent: Any) -> Any:
    """``input ** exponent``; either may be a number.

    Derivatives: n x**(n-1), which is 0 for n = 0 also at x = 0; and x**n log(x), which is 0 at
    x = 0 for n >= 0. Raises RuntimeError for a negative power of integers.
    """
    if isinstance(input, Value) and (type(exponent) is int or type(exponent) is float):
        return arithmetic.pow_number(input, exponent)
    if isinstance(exponent, Value):
        if isinstance(input, Value):
            return arithmetic.pow_tensor(input, exponent)
        base = plain(input)
        if base is NotImplemented:
            return NotImplemented
        return arithmetic.pow_base(to_result(exponent, base), base)
    number = plain(exponent)
    if number is NotImplemented:
        return NotImplemented
    if isinstance(number, np.ndarray):
        return arithmetic.pow_tensor(input, number)
    return arithmetic.pow_number(input, number)


def to_result(tensor: Any, number: Any) -> Any:
    """``tensor`` in the dtype that it and the number have together."""
    dtype = result_type([tensor.array, number])
    return tensor if tensor.array.dtype == dtype else tensor.to(dtype)


def rsub(input: Any, other: Any) -> Any:
    """``other - input``. Derivative with respect to the input: -1."""
    if isinstance(other, Value):
        return sub(other, input)
    number = plain(other)
    return NotImplemented if number is NotImplemented else arithmetic.rsub(input, number)


def rdiv(input: Any, other: Any) -> Any:
    """``other / input`` for a number: as torch, the reciprocal times the number."""
    return arithmetic.mul(arithmetic.reciprocal(input), other)


def square(input: Any) -> Any:
    """``input ** 2``. Derivative: 2 x."""
    return pow(input, 2)


def reciprocal(input: Any) -> Any:
    """``1 / input``. Derivative: -1 / x**2."""
    return arithmetic.reciprocal(input)
