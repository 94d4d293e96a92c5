"""Functions of one element: exponentials, trigonometry, kinks, and choices between elements."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.primitive import Operator, primitive
from minigrad.autograd.value import Array, Value
from minigrad.autograd.wide import wide_primitive
from minigrad.errors import type_name
from minigrad.ops.arguments import need_tensor, operands
from minigrad.promotion import arithmetic, bits, floating, order_of, plain, result_type

__all__ = [
    "abs",
    "bitwise_and",
    "bitwise_not",
    "bitwise_or",
    "bitwise_xor",
    "clamp",
    "clone",
    "cos",
    "eq",
    "exp",
    "ge",
    "gt",
    "le",
    "log",
    "lt",
    "maximum",
    "minimum",
    "ne",
    "relu",
    "sigmoid",
    "sign",
    "sin",
    "sqrt",
    "tanh",
    "where",
]

_exp = primitive("ExpBackward0", np.exp, promote=floating, x=lambda g, out: g * out)
_log = primitive("LogBackward0", np.log, promote=floating, x=lambda g, x: g / x)
_sqrt = primitive("SqrtBackward0", np.sqrt, promote=floating, x=lambda g, out: g / (2 * out))
_sin = primitive("SinBackward0", np.sin, promote=floating, x=lambda g, x: g * np.cos(x))
_cos = primitive("CosBackward0", np.cos, promote=floating, x=lambda g, x: g * -np.sin(x))
_tanh = primitive("TanhBackward0", np.tanh, promote=floating, x=lambda g, out: g * (1 - out * out))


def _logistic(x: Array) -> Any:
    return np.reciprocal(1 + np.exp(-x))


_sigmoid = primitive(
    "SigmoidBackward0",
    _logistic,
    promote=floating,
    x=lambda g, out: g * ((1 - out) * out),
)


def _signum(x: Array) -> Any:
    return (x > 0).astype(x.dtype) - (x < 0)  # 0 for NaN, as torch has it


_sign = primitive("SignBackward0", _signum, x=lambda g: np.zeros_like(g))
_abs = primitive("AbsBackward0", np.abs, x=lambda g, x: g * _sign(x))  # 0 at 0

_relu = primitive(  # 0 at 0
    "ReluBackward0", lambda x: np.maximum(x, 0), x=lambda g, out: gate(g, out)
)


def _gate(x: Array, signal: Array) -> Any:
    # On the bits: x where the mask is all ones, else 0. Exact also for infinite and NaN x, unlike
    # a product, and three times as fast as where().
    whole = np.dtype(f"i{x.dtype.itemsize}")
    mask = np.negative(np.logical_not(signal <= 0).astype(whole))
    return np.asarray(x.view(whole) & mask).view(x.dtype)


gate: Operator = primitive(  # x where the signal is above 0 (or NaN), else 0
    "ThresholdBackwardBackward0",
    _gate,
    x=lambda g, signal: gate(g, signal),
    signal=lambda g: np.zeros_like(g),
)

# Both bounds count as inside, and a NaN as outside. A missing bound is None.
_clamp = primitive(
    "ClampBackward1",
    lambda x, low, high: _clip(x, low, high),
    x=lambda g, x, low, high: np.where(within(x, low, high), g, 0.0),
)


def _clip(x: Array, low: Any, high: Any) -> Any:
    if low is not None:
        x = np.maximum(x, low)
    return x if high is None else np.minimum(x, high)


def within(x: Any, low: Any, high: Any) -> Any:
    """Where ``low <= x <= high``, for bounds that may be None."""
    if low is None:
        return x <= high
    return x >= low if high is None else (x >= low) & (x <= high)


# With tensors for bounds the gradient goes to whichever of the three was returned, ties to x.
_clamp_tensor = wide_primitive(
    "ClampBackward0",
    lambda x, low, high: _clip(x, low, high),
    promote=lambda arrays: bounded(arrays),
    x=lambda g, x, low, high: np.where(within(x, low, high), g, 0.0),
    low=lambda g, x, low, high: np.where(
        (x < low) if high is None else (x < low) & (low < high), g, 0.0
    ),
    high=lambda g, x, low, high: np.where(
        (x > high) if low is None else (x > high) | (high < low), g, 0.0
    ),
)


def bounded(arrays: Any) -> Any:
    """Promotion of ``clamp``: a bound that is missing takes no part in it."""
    operands = iter(arithmetic([x for x in arrays if x is not None]))
    return [None if x is None else next(operands) for x in arrays]


# Half to each where the two are equal.
_maximum = primitive(
    "MaximumBackward0",
    np.maximum,
    promote=arithmetic,
    a=lambda g, a, b: np.where(a == b, g / 2, np.where(a < b, 0.0, g)),
    b=lambda g, a, b: np.where(a == b, g / 2, np.where(a > b, 0.0, g)),
)
_minimum = primitive(
    "MinimumBackward0",
    np.minimum,
    promote=arithmetic,
    a=lambda g, a, b: np.where(a == b, g / 2, np.where(a > b, 0.0, g)),
    b=lambda g, a, b: np.where(a == b, g / 2, np.where(a < b, 0.0, g)),
)

_where = wide_primitive(
    "WhereBackward0",
    np.where,
    promote=lambda arrays: choice(arrays),
    condition=None,
    a=lambda g, condition: np.where(condition, g, 0.0),
    b=lambda g, condition: np.where(condition, 0.0, g),
)


def choice(arrays: Any) -> Any:
    """Promotion of ``where``: the condition takes no part in it."""
    operands = arithmetic(arrays[1:])
    if operands is NotImplemented:
        return NotImplemented
    dtype = result_type([plain(x) for x in arrays[1:]])
    return [arrays[0], *[np.asarray(x, dtype) for x in operands]]  # numbers, too: there may be two


_clone = primitive("CloneBackward0", lambda x: x.copy(order_of(x)), x=lambda g: g)
_to_copy = primitive(  # a cast; the backward pass casts the cotangent back
    "ToCopyBackward0", lambda x, dtype: x.astype(dtype, order_of(x)), x=lambda g: g
)

_to_integers = wide_primitive("ToCopyBackward0", lambda x, dtype: x.astype(dtype, order_of(x)))

_eq, _ne, _lt, _le, _gt, _ge = [
    wide_primitive(name, ufunc, promote=arithmetic)
    for name, ufunc in [
        ("Eq", np.equal),
        ("Ne", np.not_equal),
        ("Lt", np.less),
        ("Le", np.less_equal),
        ("Gt", np.greater),
        ("Ge", np.greater_equal),
    ]
]
_and = wide_primitive("BitwiseAnd", np.bitwise_and, promote=bits("bitwise_and"))
_or = wide_primitive("BitwiseOr", np.bitwise_or, promote=bits("bitwise_or"))
_xor = wide_primitive("BitwiseXor", np.bitwise_xor, promote=bits("bitwise_xor"))


def function(name: str, symbol: str, operator: Operator) -> Operator:
    """The function of an operator: it refuses the operands that the operator leaves to Python."""

    def apply(input: Any, other: Any) -> Any:
        need_tensor(name, input)
        return operands(name, operator(input, other), input, other)

    apply.__doc__ = f"``input {symbol} other``, element by element. No derivative."
    return apply


eq, ne = function("eq", "==", _eq), function("ne", "!=", _ne)
lt, le = function("lt", "<", _lt), function("le", "<=", _le)
gt, ge = function("gt", ">", _gt), function("ge", ">=", _ge)
bitwise_and = function("bitwise_and", "&", _and)
bitwise_or = function("bitwise_or", "|", _or)
bitwise_xor = function("bitwise_xor", "^", _xor)

_bitwise_not = wide_primitive("BitwiseNot", np.invert)


def bitwise_not(input: Any) -> Any:
    """Every bit turned over: the negation of a mask. Raises TypeError for floats."""
    need_tensor("bitwise_not", input)
    if input.array.dtype.kind == "f":
        raise TypeError(
            "~ (operator.invert) is only implemented on integer and Boolean-type tensors"
        )
    return _bitwise_not(input)


def exp(input: Any) -> Any:
    """``e ** input``. Derivative: exp(x). Integers give the default dtype."""
    need_tensor("exp", input)
    return _exp(input)


def log(input: Any) -> Any:
    """The natural logarithm; -inf at 0, NaN below. Derivative: 1 / x.

    Integers give the default dtype.
    """
    need_tensor("log", input)
    return _log(input)


def sqrt(input: Any) -> Any:
    """The square root; NaN below 0. Derivative: 1 / (2 sqrt(x)), infinite at 0.

    Integers give the default dtype.
    """
    need_tensor("sqrt", input)
    return _sqrt(input)


def sin(input: Any) -> Any:
    """The sine of an angle in radians. Derivative: cos(x). Integers give the default dtype."""
    need_tensor("sin", input)
    return _sin(input)


def cos(input: Any) -> Any:
    """The cosine of an angle in radians. Derivative: -sin(x). Integers give the default dtype."""
    need_tensor("cos", input)
    return _cos(input)


def tanh(input: Any) -> Any:
    """The hyperbolic tangent. Derivative: 1 - tanh(x)**2. Integers give the default dtype."""
    need_tensor("tanh", input)
    return _tanh(input)


def sigmoid(input: Any) -> Any:
    """``s = 1 / (1 + exp(-x))``. Derivative: s (1 - s). Integers give the default dtype."""
    need_tensor("sigmoid", input)
    return _sigmoid(input)


def relu(input: Any) -> Any:
    """``max(x, 0)``. Derivative: 1 above 0, else 0, also at 0 itself.

    Raises RuntimeError for bools.
    """
    need_tensor("relu", input)
    if input.array.dtype.kind == "b":
        raise RuntimeError("Boolean inputs not supported for relu")
    return _relu(input)


def abs(input: Any) -> Any:
    """The absolute value. Derivative: the sign of x, 0 at 0. NotImplementedError for bools."""
    need_tensor("abs", input)
    if input.array.dtype.kind == "b":
        raise NotImplementedError("\"abs_cpu\" not implemented for 'Bool'")
    return _abs(input)


def sign(input: Any) -> Any:
    """-1, 0 or 1, of the input's dtype; 0 for NaN. Derivative: 0."""
    need_tensor("sign", input)
    if input.array.dtype.kind == "b":
        return clone(input)
    return _sign(input)


def clamp(input: Any, min: Any = None, max: Any = None) -> Any:
    """``min(max(input, min), max)``; the bounds are numbers or tensors, one may be missing.

    Derivative: 1 where the input is within the bounds or at one of them, else 0. Raises
    RuntimeError without any bound.
    """
    need_tensor("clamp", input)
    if min is None and max is None:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
    if isinstance(min, Value) or isinstance(max, Value):
        return _clamp_tensor(input, min, max)
    bounds = [b for b in (min, max) if b is not None]
    dtype = result_type([input.array, *[plain(b) for b in bounds]])
    if input.array.dtype != dtype:
        input = _to_copy(input, dtype)
    return _clamp(input, min, max)


def maximum(input: Any, other: Any) -> Any:
    """The larger of two tensors' elements, NaN if either is; broadcast and promoted.

    Derivative: 1 for the larger one, 0 for the other, 1/2 for each where they are equal.
    """
    need_tensor("maximum", input)
    need_tensor("maximum", other, "other", 2)
    return _maximum(input, other)


def minimum(input: Any, other: Any) -> Any:
    """The smaller of two tensors' elements, NaN if either is; broadcast and promoted.

    Derivative: 1 for the smaller one, 0 for the other, 1/2 for each where they are equal.
    """
    need_tensor("minimum", input)
    need_tensor("minimum", other, "other", 2)
    return _minimum(input, other)


def where(condition: Any, input: Any, other: Any) -> Any:
    """``input`` where the bool tensor ``condition`` holds, else ``other``; all broadcast.

    The gradient goes to the operand that was chosen, and exactly 0 to the other. Raises
    RuntimeError for a condition of another dtype.
    """
    need_tensor("where", condition, "condition")
    if condition.array.dtype.kind != "b":
        raise RuntimeError(
            f"where expected condition to be a boolean tensor, but got a tensor with dtype "
            f"{type_name(condition.array.dtype)}"
        )
    return operands("where", _where(condition, input, other), condition, input, other)


def clone(input: Any) -> Any:
    """A copy with its own memory, and recorded: the cotangent passes through unchanged."""
    need_tensor("clone", input)
    return _clone(input)
