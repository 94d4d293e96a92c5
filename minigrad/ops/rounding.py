"""Rounding, whole quotients and remainders: flat or of slope 1 between their jumps."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.not_implemented import without_derivative
from minigrad.autograd.primitive import Operator, primitive
from minigrad.autograd.value import Value
from minigrad.autograd.wide import wide_primitive
from minigrad.ops import arithmetic
from minigrad.ops.arguments import integer, need_tensor, no_overload, operands, overloads
from minigrad.promotion import only, order_of, plain

__all__ = [
    "ceil",
    "fix",
    "floor",
    "floor_divide",
    "fmod",
    "frac",
    "remainder",
    "round",
    "trunc",
]


def rounding(name: str, kernel: str, ufunc: Any) -> Operator:
    """A primitive that rounds floats, copies integers, and is flat."""
    return primitive(
        name,
        lambda x: ufunc(x) if x.dtype.kind == "f" else x.copy(order_of(x)),
        promote=only("iuf", kernel),
        x=lambda g: np.zeros_like(g),
    )


_floor = rounding("FloorBackward0", "floor_vml_cpu", np.floor)
_ceil = rounding("CeilBackward0", "ceil_vml_cpu", np.ceil)
_trunc = rounding("TruncBackward0", "trunc_vml_cpu", np.trunc)
_round = rounding("RoundBackward0", "round_vml_cpu", np.rint)


def floor(input: Any) -> Any:
    """The largest whole number not above x. Derivative: 0. NotImplementedError for bools."""
    need_tensor("floor", input)
    return _floor(input)


def ceil(input: Any) -> Any:
    """The least whole number not below x. Derivative: 0. NotImplementedError for bools."""
    need_tensor("ceil", input)
    return _ceil(input)


def trunc(input: Any) -> Any:
    """x without what follows the point. Derivative: 0. NotImplementedError for bools."""
    need_tensor("trunc", input)
    return _trunc(input)


def _to_decimals(x: Any, decimals: int) -> Any:
    scale = float(np.float64(10) ** abs(decimals))  # which may be infinite
    return np.rint(x * scale) / scale if decimals >= 0 else np.rint(x / scale) * scale


_round_decimals = primitive(
    "RoundBackward1",
    _to_decimals,
    promote=only("f", "round_cpu"),
    x=lambda g: np.zeros_like(g),
)


def round(input: Any, *, decimals: Any = None) -> Any:
    """The nearest whole number, the even one of two; or the nearest multiple of 10**-decimals.

    Derivative: 0. NotImplementedError for bools, and with ``decimals`` for integers.
    """
    need_tensor("round", input)
    if decimals is None:
        return _round(input)
    return _round_decimals(input, integer("round", decimals, "decimals"))


_frac = primitive(
    "FracBackward0", lambda x: x - np.trunc(x), promote=only("f", "frac_cpu"), x=lambda g: g
)


def frac(input: Any) -> Any:
    """What follows the point, with x's sign. Derivative: 1. NotImplementedError for integers."""
    need_tensor("frac", input)
    return _frac(input)


def need_divisor(a: Any, b: Any) -> None:
    """Raise torch's error where integers are divided by 0; floats give an infinity or NaN."""
    if np.result_type(a, b).kind != "f" and np.size(a) and not np.all(b):
        raise RuntimeError("ZeroDivisionError: an integer was divided by 0")


def _floor_quotient(a: Any, b: Any) -> Any:
    need_divisor(a, b)
    return np.floor_divide(a, b)


def _truncated_quotient(a: Any, b: Any) -> Any:
    need_divisor(a, b)
    if np.result_type(a, b).kind == "f":
        return np.trunc(np.true_divide(a, b))
    down, rest = np.divmod(a, b)
    return down + ((rest != 0) & ((a < 0) != (b < 0)))


div_floor, div_trunc = [
    primitive(
        "DivBackward2",
        forward,
        promote=only("iuf", f"div_{mode}_cpu"),
        a=lambda g: np.zeros_like(g),
        b=lambda g: np.zeros_like(g),
    )
    for mode, forward in (("floor", _floor_quotient), ("trunc", _truncated_quotient))
]
ROUNDED = {"floor": div_floor, "trunc": div_trunc}


def div_rounded(input: Any, other: Any, rounding_mode: Any) -> Any:
    """``input / other``, rounded as ``div(..., rounding_mode=...)`` asks."""
    if rounding_mode is None:
        return arithmetic.div(input, other)
    if not isinstance(rounding_mode, str):
        raise TypeError(
            f"div(): argument 'rounding_mode' must be str, not {type(rounding_mode).__name__}"
        )
    if rounding_mode not in ROUNDED:
        raise RuntimeError(
            "div expected rounding_mode to be one of None, 'trunc', or 'floor' but found "
            f"'{rounding_mode}'"
        )
    return ROUNDED[rounding_mode](input, other)


_floor_divide = wide_primitive("FloorDivide", _floor_quotient, promote=only("iuf", "div_floor_cpu"))


def quotient(input: Any, other: Any) -> Any:
    """``input // other``; what Python's operator calls."""
    result = _floor_divide(input, other)
    return without_derivative("floor_divide", result, input, other)


def quotient_in_place(input: Any, other: Any) -> Any:
    """The same, with the name of the in-place form in the error that a backward pass raises."""
    result = operands("floor_divide_", _floor_divide, input, other)
    return without_derivative("floor_divide_", result, input, other)


def reversed_quotient(input: Any, other: Any) -> Any:
    """``other // input``."""
    return quotient(other, input)


def floor_divide(input: Any, other: Any) -> Any:
    """The largest whole number that is not above input / other, broadcast and promoted.

    Going backward through it raises RuntimeError. Integers divided by 0 do so, too.
    """
    return operands("floor_divide", quotient, input, other)


def _fmod_forward(a: Any, b: Any) -> Any:
    need_divisor(a, b)
    return np.fmod(a, b)


def _remainder_forward(a: Any, b: Any) -> Any:
    need_divisor(a, b)
    out = np.asarray(np.remainder(a, b))
    # Python's % gives a 0 the divisor's sign.
    return np.where(out == 0, np.copysign(out, a), out) if out.dtype.kind == "f" else out


_fmod = primitive(
    "FmodBackward1",
    _fmod_forward,
    promote=only("iuf", "fmod_cpu"),
    a=lambda g: g,
    b=lambda g, a, b: -g * div_trunc(a, b),
)
_fmod_number = primitive(
    "FmodBackward0", _fmod_forward, promote=only("iuf", "fmod_cpu"), a=lambda g: g
)
_remainder = primitive(
    "RemainderBackward1",
    _remainder_forward,
    promote=only("iuf", "remainder_cpu"),
    a=lambda g: g,
    b=lambda g, a, b: -g * div_floor(a, b),
)
_remainder_number = primitive(
    "RemainderBackward0", _remainder_forward, promote=only("iuf", "remainder_cpu"), a=lambda g: g
)


def fmod(input: Any, other: Any) -> Any:
    """``input - other * trunc(input / other)``: it has the input's sign.

    Derivatives: 1 and -trunc(input / other). The other one may be a number. RuntimeError for
    integers and a divisor 0, NotImplementedError for bools.
    """
    if not isinstance(input, Value):
        raise no_overload("fmod", input, other)
    if isinstance(other, Value):
        return _fmod(input, other)
    return _fmod_number(input, overloads("fmod", plain(other), input, other))


def modulo(input: Any, other: Any) -> Any:
    """``input % other``; what Python's operator calls."""
    if isinstance(other, Value):
        return _remainder(input, other)
    number = plain(other)
    return number if number is NotImplemented else _remainder_number(input, number)


def reversed_modulo(input: Any, other: Any) -> Any:
    """``other % input``."""
    if isinstance(other, Value):
        return _remainder(other, input)
    return without_derivative("remainder", _remainder_of(other, input), input)


_remainder_of = wide_primitive(
    "Remainder", _remainder_forward, promote=only("iuf", "remainder_cpu")
)


def remainder(input: Any, other: Any) -> Any:
    """``input - other * floor(input / other)``: it has the other one's sign, as Python's ``%``.

    Derivatives: 1 and -floor(input / other); for a number by a tensor none, and going backward
    raises RuntimeError. The other one may be a number. RuntimeError for integers and a divisor 0,
    NotImplementedError for bools.
    """
    if isinstance(input, Value):
        result = modulo(input, other)
    else:
        result = reversed_modulo(other, input) if isinstance(other, Value) else NotImplemented
    return overloads("remainder", result, input, other)


fix = trunc
