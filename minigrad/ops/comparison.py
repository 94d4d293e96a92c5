"""Comparisons, questions about each element, and logic: they give bools, and no derivative."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.inplace import in_place
from minigrad.autograd.primitive import Operator
from minigrad.autograd.value import Value, wrap
from minigrad.autograd.wide import wide_primitive
from minigrad.errors import broadcast_shapes, type_name
from minigrad.ops.arguments import need_tensor, no_overload, overloads, typed
from minigrad.promotion import arithmetic

__all__ = [
    "allclose",
    "eq",
    "equal",
    "ge",
    "greater",
    "greater_equal",
    "gt",
    "isclose",
    "isfinite",
    "isinf",
    "isnan",
    "isneginf",
    "isposinf",
    "isreal",
    "le",
    "less",
    "less_equal",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "lt",
    "ne",
    "not_equal",
]

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


def comparison(name: str, symbol: str, operator: Operator) -> Operator:
    """The function of an operator: it refuses the operands that the operator leaves to Python."""

    def apply(input: Any, other: Any) -> Any:
        if not isinstance(input, Value):
            raise no_overload(name, input, other)
        return overloads(name, operator(input, other), input, other)

    apply.__name__ = name
    apply.__doc__ = f"``input {symbol} other``, element by element. No derivative."
    return apply


eq, ne = comparison("eq", "==", _eq), comparison("ne", "!=", _ne)
lt, le = comparison("lt", "<", _lt), comparison("le", "<=", _le)
gt, ge = comparison("gt", ">", _gt), comparison("ge", ">=", _ge)
not_equal, less, less_equal, greater, greater_equal = ne, lt, le, gt, ge


def comparison_in_place(name: str, ufunc: Any) -> Operator:
    """The in-place form, which has a derivative, 0: what is written over counts no longer."""
    with_tensor = wide_primitive(
        f"{name}Backward1",
        ufunc,
        promote=arithmetic,
        a=lambda g: np.zeros_like(g),
        b=lambda g: np.zeros_like(g),
    )
    with_number = wide_primitive(
        f"{name}Backward0", ufunc, promote=arithmetic, a=lambda g: np.zeros_like(g), b=None
    )

    def apply(input: Any, other: Any) -> Any:
        operator = with_tensor if isinstance(other, Value) else with_number
        return overloads(f"{name.lower()}_", operator(input, other), input, other)

    apply.__name__ = name.lower()
    return in_place(apply)


eq_, ne_ = comparison_in_place("Eq", np.equal), comparison_in_place("Ne", np.not_equal)
lt_, le_ = comparison_in_place("Lt", np.less), comparison_in_place("Le", np.less_equal)
gt_, ge_ = comparison_in_place("Gt", np.greater), comparison_in_place("Ge", np.greater_equal)

_logical_and = wide_primitive("LogicalAnd", np.logical_and)
_logical_or = wide_primitive("LogicalOr", np.logical_or)
_logical_xor = wide_primitive("LogicalXor", np.logical_xor)
_logical_not = wide_primitive("LogicalNot", np.logical_not)


def logical(name: str, operator: Operator) -> Operator:
    """The function of a logical operator of two tensors of any dtypes."""

    def apply(input: Any, other: Any) -> Any:
        need_tensor(name, input)
        need_tensor(name, other, "other", 2)
        return operator(input, other)

    word = name.removeprefix("logical_")
    apply.__name__ = name
    apply.__doc__ = f"``input {word} other``, where every number but 0 is true. No derivative."
    return apply


logical_and = logical("logical_and", _logical_and)
logical_or = logical("logical_or", _logical_or)
logical_xor = logical("logical_xor", _logical_xor)


def logical_not(input: Any) -> Any:
    """Whether an element is 0 or False. No derivative."""
    need_tensor("logical_not", input)
    return _logical_not(input)


def question(name: str, what: str, ufunc: Any) -> Operator:
    """A function that asks something of each element, of any dtype."""

    def apply(input: Any) -> Any:
        need_tensor(name, input)
        return wrap(ufunc(input.array))

    apply.__name__ = name
    apply.__doc__ = f"Whether an element is {what}, as bools. No derivative."
    return apply


isnan = question("isnan", "NaN", np.isnan)
isinf = question("isinf", "inf or -inf", np.isinf)
isfinite = question("isfinite", "neither infinite nor NaN", np.isfinite)
isposinf = question("isposinf", "inf", lambda x: x == np.inf)
isneginf = question("isneginf", "-inf", lambda x: x == -np.inf)
isreal = question("isreal", "a real number, and all are", lambda x: np.ones_like(x, bool))


@typed("input", "other")
def isclose(
    input: Any, other: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Any:
    """Whether ``abs(input - other) <= atol + rtol * abs(other)``, element by element, as bools.

    Infinities are close to themselves only, NaN to nothing, or with ``equal_nan`` to NaN. The
    tensors broadcast. Raises RuntimeError for two dtypes or a negative tolerance.
    """
    return wrap(close("isclose", input, other, rtol, atol, equal_nan))


@typed("input", "other")
def allclose(
    input: Any, other: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> bool:
    """Whether `isclose` holds for all elements, as a Python bool. Errors as of `isclose`."""
    return bool(np.all(close("allclose", input, other, rtol, atol, equal_nan)))


def close(name: str, input: Any, other: Any, rtol: float, atol: float, equal_nan: bool) -> Any:
    need_tensor(name, input)
    need_tensor(name, other, "other", 2)
    a, b = input.array, other.array
    if a.dtype != b.dtype:
        raise RuntimeError(
            f"{type_name(a.dtype)} did not match {type_name(b.dtype)}. {name} does not promote: "
            "convert one with .to(dtype)"
        )
    for which, tolerance in (("rtol", rtol), ("atol", atol)):
        if not tolerance >= 0:
            raise RuntimeError(
                f"{which} must be greater than or equal to zero, but got {tolerance:g}"
            )
    broadcast_shapes(a.shape, b.shape)
    if a.dtype.kind != "f":
        same, dtype = a == b, np.dtype(np.float64)
        a, b = a.astype(dtype), b.astype(dtype)
    else:
        same = a == b
    with np.errstate(all="ignore"):
        if equal_nan:
            same = same | ((a != a) & (b != b))
        distance = np.abs(a - b)
        return same | (np.isfinite(distance) & (distance <= atol + np.abs(rtol * b)))


def equal(input: Any, other: Any) -> bool:
    """Whether two tensors have the same shape and the same elements, as a Python bool."""
    need_tensor("equal", input)
    need_tensor("equal", other, "other", 2)
    return input.array.shape == other.array.shape and bool(np.all(_eq(input, other).array))
