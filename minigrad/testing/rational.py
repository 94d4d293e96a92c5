"""Rational numbers that carry a derivative, so that polynomials are differentiated without error.

A `Dual` is ``value + slope * e`` with ``e * e = 0``; both parts are Fractions. numpy computes with
arrays of them (dtype object) as with any others, and what it computes has no rounding::

    >>> x = duals(np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    >>> (x * x / 3).tolist()
    [1/3 + 2/3 e, 4/3 + 0 e]

They know ``+ - * / abs``, integer powers, rounding, and comparisons, which look at the value alone.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

Objects = NDArray[Any]


class Dual:
    """``value + slope * e``; a float on the other side of an operator is taken at its bits."""

    __slots__ = ("slope", "value")

    # What numpy returns for an operation on 0-d arrays is one of these, and not an array.
    shape: tuple[int, ...] = ()
    ndim, size = 0, 1
    dtype = np.dtype(object)

    def reshape(self, *shape: Any) -> Objects:
        return array([self]).reshape(*shape)

    def copy(self, order: str = "C") -> Dual:
        return self

    def __init__(self, value: Any, slope: Any = 0) -> None:
        self.value = value if type(value) is Fraction else Fraction(value)
        self.slope = slope if type(slope) is Fraction else Fraction(slope)

    def __repr__(self) -> str:
        return f"{self.value} + {self.slope} e"

    def __add__(self, other: Any) -> Dual:
        other = dual(other)
        return Dual(self.value + other.value, self.slope + other.slope)

    def __sub__(self, other: Any) -> Dual:
        other = dual(other)
        return Dual(self.value - other.value, self.slope - other.slope)

    def __mul__(self, other: Any) -> Dual:
        other = dual(other)
        slope = self.slope * other.value + self.value * other.slope
        return Dual(self.value * other.value, slope)

    def __truediv__(self, other: Any) -> Dual:
        other = dual(other)
        quotient = self.value / other.value
        return Dual(quotient, (self.slope - quotient * other.slope) / other.value)

    def __pow__(self, exponent: Any) -> Dual:
        n = dual(exponent)
        if n.slope or n.value.denominator != 1:
            raise TypeError(f"{exponent} as an exponent leads out of the rational numbers")
        power = int(n.value)
        if power == 0:
            return Dual(1)
        return Dual(self.value**power, power * self.value ** (power - 1) * self.slope)

    def __rpow__(self, base: Any) -> Dual:
        return dual(base) ** self

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other: Any) -> Dual:
        return dual(other) - self

    def __rtruediv__(self, other: Any) -> Dual:
        return dual(other) / self

    def __floordiv__(self, other: Any) -> Dual:
        return Dual(self.value // dual(other).value)

    def __mod__(self, other: Any) -> Dual:
        whole = self // other
        return self - dual(other).__mul__(whole)

    def fmod(self, other: Any) -> Dual:
        whole = Dual(math.trunc(self / other))
        return self - dual(other).__mul__(whole)

    def __neg__(self) -> Dual:
        return Dual(-self.value, -self.slope)

    def __pos__(self) -> Dual:
        return self

    def __abs__(self) -> Dual:
        return -self if self.value < 0 else self

    def conjugate(self) -> Dual:
        return self

    def __floor__(self) -> int:
        return math.floor(self.value)

    def __ceil__(self) -> int:
        return math.ceil(self.value)

    def __trunc__(self) -> int:
        return math.trunc(self.value)

    __int__ = __trunc__

    def rint(self) -> Dual:
        return Dual(round(self.value))

    def __bool__(self) -> bool:
        return bool(self.value)

    def __hash__(self) -> int:
        return hash(self.value)

    def __eq__(self, other: object) -> bool:
        return bool(self.value == plain(other))

    def __lt__(self, other: Any) -> bool:
        return bool(self.value < plain(other))

    def __le__(self, other: Any) -> bool:
        return bool(self.value <= plain(other))

    def __gt__(self, other: Any) -> bool:
        return bool(self.value > plain(other))

    def __ge__(self, other: Any) -> bool:
        return bool(self.value >= plain(other))


def dual(x: Any) -> Dual:
    """A number as a Dual without slope. Raises ValueError or OverflowError for NaN or infinity."""
    return x if type(x) is Dual else Dual(x.item() if isinstance(x, np.generic) else x)


def plain(x: Any) -> Any:
    return x.value if type(x) is Dual else x


def array(numbers: Any) -> Objects:
    """A list of numbers as an array of one dimension, of dtype object."""
    out = np.empty(len(numbers), object)
    out[:] = numbers
    return out


def duals(values: Any, slopes: Any = 0) -> Objects:
    """The array of the numbers with these values and slopes."""
    slopes = np.broadcast_to(np.asarray(slopes, object), np.shape(values)).ravel()
    numbers = [Dual(v, s) for v, s in zip(np.ravel(values).tolist(), slopes, strict=True)]
    return array(numbers).reshape(np.shape(values))


def values(x: Any) -> Objects:
    """The values of an array of Duals, or of other numbers, as Fractions."""
    return array([dual(number).value for number in np.ravel(x)]).reshape(np.shape(x))


def slopes(x: Any) -> Objects:
    """The derivatives, as Fractions."""
    return array([dual(number).slope for number in np.ravel(x)]).reshape(np.shape(x))
