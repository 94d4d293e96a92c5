"""Rarer operators: divisors of integers, steps, scaling by powers of 2, Vandermonde matrices."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.autograd.not_implemented import without_derivative
from minigrad.autograd.primitive import primitive
from minigrad.autograd.value import wrap
from minigrad.autograd.wide import wide_primitive
from minigrad.ops.arguments import a_shape, integer, typed
from minigrad.ops.joining import cat
from minigrad.ops.repetition import flip
from minigrad.ops.scans import cumprod
from minigrad.ops.shape import expand, unsqueeze, view_of
from minigrad.ops.splitting import unbind
from minigrad.promotion import floating, only
from minigrad.return_types import return_type
from minigrad.size import contiguous_steps

__all__ = [
    "frexp",
    "gcd",
    "heaviside",
    "lcm",
    "ldexp",
    "nextafter",
    "unravel_index",
    "vander",
]

Frexp = return_type("frexp", "mantissa", "exponent")
LN2 = math.log(2)

_gcd = wide_primitive("Gcd", np.gcd, promote=only("iu", "gcd_cpu"))
_lcm = wide_primitive("Lcm", np.lcm, promote=only("iu", "lcm_cpu"))
_ldexp = primitive(
    "LdexpBackward0",
    lambda a, b: a * np.exp2(b),
    promote=floating,
    a=lambda g, b: g * 2.0**b,
    b=lambda g, a, b: g * a * 2.0**b * LN2,
)
_frexp = wide_primitive(
    "FrexpBackward0",
    lambda x: tuple(np.frexp(x)),
    outputs=("mantissa", "exponent"),
    x=lambda g, exponent: g / 2.0**exponent,
)
_nextafter = primitive(
    "NextafterBackward0",
    lambda a, b: np.nextafter(a, b),
    promote=only("f", "nextafter_cpu"),
    a=lambda g, a, b: np.where(a == b, 0.0, g),
    b=lambda g: np.zeros_like(g),
)
_heaviside = wide_primitive(
    "Heaviside", lambda x, values: np.where(x == 0, values, np.asarray(x > 0, x.dtype))
)


@typed("input", "other")
def gcd(input: Any, other: Any) -> Any:
    """The greatest common divisors of integers; NotImplementedError for others."""
    return _gcd(input, other)


@typed("input", "other")
def lcm(input: Any, other: Any) -> Any:
    """The least common multiples of integers; NotImplementedError for others."""
    return _lcm(input, other)


@typed("input", "values")
def heaviside(input: Any, values: Any) -> Any:
    """1 above 0, 0 below, and ``values`` at 0. Its derivative is refused, as in torch.

    Raises RuntimeError for tensors of different dtypes.
    """
    if input.array.dtype != values.array.dtype:
        raise RuntimeError(
            "heaviside is not yet implemented for tensors with different dtypes. Convert one with "
            ".to(dtype)"
        )
    return without_derivative("heaviside", _heaviside(input, values), input, values)


@typed("input", "other")
def ldexp(input: Any, other: Any) -> Any:
    """``input * 2 ** other``, of floats. Derivatives: 2 ** other, and log(2) times the result."""
    return _ldexp(input, other)


@typed("input")
def frexp(input: Any) -> Any:
    """The mantissas, from 0.5 up to but not 1, and the int32 exponents of powers of 2.

    Returns a named tuple (mantissa, exponent). Derivative of the mantissa: 2 ** -exponent. Raises
    RuntimeError for integers.
    """
    if input.array.dtype.kind != "f":
        raise RuntimeError("torch.frexp() only supports floating-point dtypes")
    return Frexp(_frexp(input))


@typed("input", "other")
def nextafter(input: Any, other: Any) -> Any:
    """The next number that the dtype has after ``input``, toward ``other``.

    Derivatives: 1, but 0 where both are equal; and 0. NotImplementedError for integers.
    """
    return _nextafter(input, other)


@typed("x")
def vander(x: Any, N: Any = None, increasing: bool = False) -> Any:
    """The matrix of the powers 0, ..., N - 1 of each element of a vector, the highest first.

    N: by default as many as elements. Derivative: that of products.
    """
    if x.array.ndim != 1:
        raise RuntimeError("x must be a one-dimensional tensor.")
    count = x.array.size if N is None else integer("vander", N, "N")
    if count < 0:
        raise RuntimeError("N must be non-negative.")
    if x.array.dtype.kind != "f":
        x = x.to(np.dtype(np.int64))
    powers = linalg_vander(x, N=count) if count > 1 else x.new_ones(x.array.size, count)
    return powers if increasing else flip(powers, (1,))


@typed("x")
def linalg_vander(x: Any, *, N: Any = None) -> Any:
    """For each vector of a batch the matrix of the powers 0, ..., N - 1 of its elements."""
    count = (x.array.shape or (1,))[-1] if N is None else integer("linalg_vander", N, "N")
    if count <= 1:
        raise RuntimeError("N must be greater than 1.")
    x = x if x.array.ndim else unsqueeze(x, -1)
    columns = unsqueeze(x, -1)
    powers = cumprod(expand(columns, (*x.array.shape, count - 1)), -1)
    return cat([x.new_ones(columns.array.shape), powers], -1)


def sum_to_size(self: Any, *size: Any) -> Any:
    """Summed to a shape that broadcasts to this tensor's; RuntimeError for others."""
    shape, wanted = self.array.shape, a_shape("sum_to_size", size)
    lead = len(shape) - len(wanted)
    kept = list(zip(shape[max(lead, 0) :], wanted, strict=False))
    if lead < 0 or any(m not in (1, n) for n, m in kept):
        raise RuntimeError(f"size {{{list(wanted)}}} is not expandable to size {{{list(shape)}}}.")
    if not wanted:
        return self.sum()
    dims = [*range(lead), *[lead + i for i, (n, m) in enumerate(kept) if m == 1 != n]]
    total = self.sum(dims, True) if dims else self
    return view_of(total, wanted) if lead else total


@typed("indices")
def unravel_index(indices: Any, shape: Any) -> tuple[Any, ...]:
    """The index in each dimension of elements that are counted in a flat tensor of that shape.

    Raises TypeError for indices that are no integers, ValueError for those out of range.
    """
    if indices.array.dtype.kind not in "iu":
        raise TypeError(
            "expected 'indices' to be integer dtype, but got "
            f"{dtypes.OF_NUMPY[indices.array.dtype]}"
        )
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    if any(n < 0 for n in sizes):
        raise ValueError(f"'shape' cannot have negative values, but got {sizes}")
    if 0 in sizes and indices.array.size:
        raise RuntimeError(f"ZeroDivisionError: a tensor of the shape {sizes} has no elements")
    if not sizes:
        return ()
    pairs = zip(contiguous_steps(sizes), sizes, strict=True)
    flat = indices.array.astype(np.int64)
    places = [flat // max(step, 1) % max(size, 1) for step, size in pairs]
    return tuple(unbind(wrap(np.stack(places, -1)), -1))
