"""Arithmetic: sums, products, powers and the matrix product, all that the article's model needs.

A rule answers in the broadcast shape; the backward pass sums that to the operand's own shape.
Where a formula could be written in several ways, it is the one in torch's derivatives.yaml, so
that the last bits agree too.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.primitive import Operator, primitive
from minigrad.autograd.value import Array, Value
from minigrad.ops.arguments import in_dtype, need_tensor, numpys_dims, some_dims
from minigrad.promotion import arithmetic, floating, power_by_number, same_dtype, subtraction

__all__ = ["sum"]

add = primitive("AddBackward0", np.add, promote=arithmetic, a=lambda g: g, b=lambda g: g)

sub = primitive("SubBackward0", np.subtract, promote=subtraction, a=lambda g: g, b=lambda g: -g)

neg = primitive("NegBackward0", np.negative, x=lambda g: -g)

mul = primitive(
    "MulBackward0",
    np.multiply,
    promote=arithmetic,
    a=lambda g, b: g * b,
    b=lambda g, a: g * a,
)

div = primitive(
    "DivBackward0",
    np.true_divide,
    promote=floating,
    a=lambda g, b: g / b,
    b=lambda g, a, b: -g * (np.true_divide(a, b) / b),  # number / tensor multiplies, with "/"
)


# 2 * x ** 1, cheaply; its rule still names x, so that derivatives go on, to 0.
twice = primitive("MulBackward0", lambda x: x + x, x=lambda g, x: g * (2 * x**0))


def _power(x: Array, exponent: Any) -> Any:
    if exponent == 2:
        return x * x
    if exponent == 3:
        return x * x * x
    if exponent == 0.5:
        return np.sqrt(x)
    return 1 / np.sqrt(x) if exponent == -0.5 else np.power(x, exponent)


def _power_rule(g: Any, x: Any, exponent: Any) -> Any:
    if exponent == 0:
        return np.zeros_like(x)  # also at x = 0, where x ** -1 is infinite
    if exponent == 2:
        return g * twice(x)
    return g * (exponent * pow_number(x, exponent - 1))


pow_number: Operator = primitive(
    "PowBackward0", _power, promote=power_by_number, x=_power_rule
)  # x ** number


def _expand(x: Array, shape: tuple[int, ...]) -> Array:
    if x.ndim == 0 and not x.dtype.hasobject:  # a tenth of the cost of np.broadcast_to
        return np.ndarray(shape, x.dtype, x, 0, (0,) * len(shape))
    return np.broadcast_to(x, shape)


# Sums and repetitions are each other's derivative. The rule of expand is the backward pass's own
# undoing of broadcasting.
expand = primitive("ExpandBackward0", _expand, shares=True, x=lambda g: g)


def _sum_all(x: Array) -> Any:
    # Written into a 0-d array, since numpy would return a scalar; integers sum to int64.
    out = np.empty((), np.int64 if x.dtype.kind in "bui" else x.dtype)
    return np.add.reduce(x, None, None, out)  # type: ignore[call-overload]


def _sum_dims(x: Array, dims: tuple[int, ...], keepdim: bool) -> Any:
    dtype = np.int64 if x.dtype.kind in "bui" else x.dtype
    total = np.add.reduce(x, axis=dims, dtype=dtype, keepdims=keepdim)  # type: ignore[call-overload]
    return np.ascontiguousarray(total) if total.ndim else total


sum_all = primitive("SumBackward0", _sum_all, x=lambda g, x_shape: expand(g, x_shape))

sum_dims = primitive(
    "SumBackward1",
    _sum_dims,
    x=lambda g, x_shape, dims: expand(g.reshape(kept_shape(x_shape, dims)), x_shape),
)


def kept_shape(shape: tuple[int, ...], dims: tuple[int, ...]) -> tuple[int, ...]:
    """``shape`` with size 1 in the reduced ``dims``, so that a result broadcasts against it."""
    return tuple([1 if i in dims else n for i, n in enumerate(shape)])


def sum(
    input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, **numpys: Any
) -> Any:
    """The sum of all elements, or over one or several dimensions; integers sum to int64.

    Derivative: 1 for every element summed. ``keepdim`` keeps the summed dimensions with size 1.
    With ``dtype`` the input is converted first. Raises IndexError for a dimension out of range,
    RuntimeError for one that comes twice.
    """
    if dim is None and not keepdim and dtype is None and not numpys and isinstance(input, Value):
        return sum_all(input)
    need_tensor("sum", input)
    if dtype is not None:
        input = in_dtype(input, dtype)
    dim, keepdim = numpys_dims(dim, keepdim, **numpys)
    if dim is None and not keepdim:
        total = sum_all(input)
    else:
        total = sum_dims(input, some_dims(dim, input.array.ndim, "sum"), keepdim)
    return total if dtype is None else total.to(dtype)


def _product(a: Array, b: Array) -> Any:
    # numpy's dot takes a matrix of one element for a number, and then its 0 * nan is 0.
    if a.shape[1] == 1:
        return a * (b.reshape(()) if b.size == 1 else b)
    # Small ones by dot, which has less to decide, and large ones not: it fills with zeros first.
    return a.dot(b) if a.shape[0] * b.shape[1] < 2**14 else np.matmul(a, b)


mm: Operator = primitive(  # of two matrices
    "MmBackward0",
    _product,
    promote=same_dtype("mm"),
    a=lambda g, b: mm(g, b.T),
    b=lambda g, a: mm(a.T, g),
)
