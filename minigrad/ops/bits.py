"""Operations on the bits of integers, and so on masks."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.primitive import Operator
from minigrad.autograd.value import Value
from minigrad.autograd.wide import wide_primitive
from minigrad.ops.arguments import need_tensor, no_overload, overloads
from minigrad.promotion import bits, only

__all__ = [
    "bitwise_and",
    "bitwise_left_shift",
    "bitwise_not",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
]

_and = wide_primitive("BitwiseAnd", np.bitwise_and, promote=bits("bitwise_and"))
_or = wide_primitive("BitwiseOr", np.bitwise_or, promote=bits("bitwise_or"))
_xor = wide_primitive("BitwiseXor", np.bitwise_xor, promote=bits("bitwise_xor"))
_left_shift = wide_primitive("LeftShift", np.left_shift, promote=only("iu", "lshift_cpu"))
_right_shift = wide_primitive("RightShift", np.right_shift, promote=only("iu", "rshift_cpu"))


def function(name: str, symbol: str, operator: Operator) -> Operator:
    """The function of an operator: it refuses the operands that the operator leaves to Python."""

    def apply(input: Any, other: Any) -> Any:
        if not (isinstance(input, Value) or isinstance(other, Value)):
            raise no_overload(name, input, other)
        return overloads(name, operator(input, other), input, other)

    apply.__name__ = name
    apply.__doc__ = f"``input {symbol} other``, element by element. No derivative."
    return apply


bitwise_and = function("bitwise_and", "&", _and)
bitwise_or = function("bitwise_or", "|", _or)
bitwise_xor = function("bitwise_xor", "^", _xor)
bitwise_left_shift = function("bitwise_left_shift", "<<", _left_shift)
bitwise_right_shift = function("bitwise_right_shift", ">>", _right_shift)


def reversed_left_shift(input: Any, other: Any) -> Any:
    """``other << input``."""
    return _left_shift(other, input)


def reversed_right_shift(input: Any, other: Any) -> Any:
    """``other >> input``."""
    return _right_shift(other, input)


_bitwise_not = wide_primitive("BitwiseNot", np.invert, promote=bits("bitwise_not"))


def bitwise_not(input: Any) -> Any:
    """Every bit turned over: the negation of a mask. Raises NotImplementedError for floats."""
    need_tensor("bitwise_not", input)
    return _bitwise_not(input)


def inverted(input: Any) -> Any:
    """``~input``; what Python's operator calls. Raises TypeError for floats."""
    if input.array.dtype.kind == "f":
        raise TypeError(
            "~ (operator.invert) is only implemented on integer and Boolean-type tensors"
        )
    return _bitwise_not(input)
