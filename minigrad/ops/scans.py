"""Cumulative sums, products and extremes, and the products and differences that go with them.

The derivatives need no division, so that zeros are no trouble, and can be taken again and again:
that of a cumulative product is a linear recurrence, whose derivative is one, backwards.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import return_types
from minigrad.autograd.modes import transforms
from minigrad.autograd.primitive import Operator, primitive
from minigrad.autograd.value import Array
from minigrad.autograd.wide import wide_primitive
from minigrad.errors import type_name
from minigrad.ops.arguments import in_dtype, integer, need_tensor, numpys_names, one_dim, typed
from minigrad.ops.arithmetic import kept_shape
from minigrad.ops.gathering import add_along
from minigrad.promotion import need_numbers

__all__ = ["cummax", "cummin", "cumprod", "cumsum", "logcumsumexp", "prod"]

INF = float("inf")
WHOLE = slice(None)
# What a running total is kept in: rounding errors of thousands of steps would add up.
WIDER = {
    np.dtype(np.float16): np.dtype(np.float32),
    np.dtype(np.float32): np.dtype(np.float64),
}


def within(dim: int, start: int | None, stop: int | None) -> tuple[slice, ...]:
    """The index of a slice along ``dim``."""
    return (WHOLE,) * dim + (slice(start, stop),)


def accumulated(ufunc: Any, x: Array, dim: int, reverse: bool) -> Any:
    """``ufunc.accumulate`` along ``dim``, from either end; floats in the next wider dtype."""
    if x.ndim == 0:
        return x.copy()
    turn = (WHOLE,) * dim + (slice(None, None, -1 if reverse else None),)
    out = ufunc.accumulate(x[turn], axis=dim, dtype=WIDER.get(x.dtype, x.dtype))
    out = np.ascontiguousarray(out[turn], x.dtype)
    if ufunc is not np.multiply:
        out += 0  # a sum starts from 0: no -0.0
    return out


def totals(x: Array) -> Array:
    """The operand of a sum or product: integers and bools as int64."""
    return x.astype(np.int64, copy=False) if x.dtype.kind in "bui" else x


_cumsum: Operator = primitive(
    "CumsumBackward0",
    lambda x, dim, reverse: accumulated(np.add, totals(x), dim, reverse),
    x=lambda g, dim, reverse: _cumsum(g, dim, not reverse),
)


def _recurrence(x: Array, a: Array, dim: int, reverse: bool) -> Array:
    out = x.copy("C")
    if x.ndim == 0 or x.shape[dim] < 2:
        return out
    turn = slice(None, None, -1 if reverse else None)
    y, factors = np.moveaxis(out, dim, 0)[turn], np.moveaxis(a, dim, 0)[turn].copy()
    # Each round joins neighbouring stretches, so that their number halves (Hillis and Steele, "Data
    # parallel algorithms", 1986): factors[i] leads from step i + 1 - ``step`` to i + 1.
    step, n = 1, len(y)
    while step < n:
        y[step:] += factors[step - 1 :] * y[:-step]
        factors[step:] = factors[step:] * factors[:-step]
        step *= 2
    return out


# y[i] = x[i] + a[i - 1] y[i - 1], or in reverse y[i] = x[i] + a[i] y[i + 1]: a has one element less
# than x, that between two of them.
recurrence: Operator = wide_primitive(
    "RecurrenceBackward0",
    _recurrence,
    x=lambda g, a, dim, reverse: recurrence(g, a, dim, not reverse),
    a=lambda g, a, out, dim, reverse: linked(recurrence(g, a, dim, not reverse), out, dim, reverse),
)


def linked(g: Any, y: Any, dim: int, reverse: bool) -> Any:
    """Every element of ``g`` times that of ``y`` from which the recurrence came to it."""
    early, late = within(dim, None, -1), within(dim, 1, None)
    return g[early] * y[late] if reverse else g[late] * y[early]


def before(out: Any, dim: int, reverse: bool) -> Any:
    """Cumulative products without the last factor of each: moved on by one place, after a 1."""
    one = out[within(dim, 0, 1)] ** 0  # also where it is infinite or NaN
    if reverse:
        return np.concatenate([out[within(dim, 1, None)], one], dim)
    return np.concatenate([one, out[within(dim, None, -1)]], dim)


def cumprod_rule(g: Any, x: Any, out: Any, dim: int, reverse: bool) -> Any:
    """x[i] is in out[i], out[i + 1], ..., times the factors before it and those up to there."""
    if x.ndim == 0:
        return g
    links = x[within(dim, None, -1)] if reverse else x[within(dim, 1, None)]
    return before(out, dim, reverse) * recurrence(g, links, dim, not reverse)


_cumprod: Operator = primitive(
    "CumprodBackward0",
    lambda x, dim, reverse: accumulated(np.multiply, totals(x), dim, reverse),
    x=lambda g, x, out, dim, reverse: cumprod_rule(g, x, out, dim, reverse),
)


def others(x: Any, dim: int) -> Any:
    """For each element the product of the others along ``dim``."""
    one = np.zeros_like(x[within(dim, 0, 1)]) + 1
    left = np.concatenate([one, x[within(dim, None, -1)]], dim)
    right = np.concatenate([x[within(dim, 1, None)], one], dim)
    return _cumprod(left, dim, False) * _cumprod(right, dim, True)


def divides(x: Any, out: Any) -> Any:
    """Whether torch divides: not within a transform. And not where there is infinity or NaN."""
    return not (transforms or np.sum(x == 0) or np.sum(out == 0) or np.sum(out - out != 0))


def prod_rule(g: Any, x: Any, out: Any, dim: int) -> Any:
    """As torch's, it looks at the values: the quotient's own derivatives lead to the product."""
    if x.ndim == 0:
        return g
    kept = kept_shape(x.shape, (dim,))
    g = g.reshape(kept)
    return g * (out.reshape(kept) / x) if divides(x, out) else by_others(g, x, dim)


def prod_all_rule(g: Any, x: Any, out: Any) -> Any:
    if x.ndim == 0:
        return g
    if divides(x, out):
        return g * (out / x)
    return by_others(g.reshape((1,)), x.reshape(-1), 0).reshape(x.shape)


def by_others(g: Any, x: Any, dim: int) -> Any:
    return g if x.shape[dim] == 1 else g * others(x, dim)


_prod_all = primitive(
    "ProdBackward0",
    lambda x: np.multiply.reduce(totals(x), axis=None),
    x=lambda g, x, out: prod_all_rule(g, x, out),
)
_prod_dim = primitive(
    "ProdBackward1",
    lambda x, dim, keepdim: np.asarray(
        np.multiply.reduce(totals(x), axis=(dim,) if x.ndim else (), keepdims=keepdim), order="C"
    ),
    x=lambda g, x, out, dim: prod_rule(g, x, out, dim),
)


def _extremes(x: Array, dim: int, ufunc: Any) -> tuple[Array, Array]:
    if x.ndim == 0:
        return x.copy(), np.zeros((), np.int64)
    values = np.ascontiguousarray(ufunc.accumulate(x, axis=dim))
    places = np.arange(x.shape[dim]).reshape((-1,) + (1,) * (x.ndim - dim - 1))
    hit = (x == values) | (x != x)
    return values, np.maximum.accumulate(np.where(hit, places, 0), axis=dim)


# To the last of the equal elements, or NaNs, that the result has come by.
_cummax = wide_primitive(
    "CummaxBackward0",
    lambda x, dim: _extremes(x, dim, np.maximum),
    outputs=("values", "indices"),
    x=lambda g, x, indices, dim: add_along(g, dim, indices, x.shape),
)
_cummin = wide_primitive(
    "CumminBackward0",
    lambda x, dim: _extremes(x, dim, np.minimum),
    outputs=("values", "indices"),
    x=lambda g, x, indices, dim: add_along(g, dim, indices, x.shape),
)


def logcumsumexp_rule(g: Any, x: Any, out: Any, dim: int) -> Any:
    """The sum of g[k] exp(x[i] - out[k]) for k >= i, as a recurrence without large numbers."""
    if x.ndim == 0:
        return g
    here, after = out[within(dim, None, -1)], out[within(dim, 1, None)]
    links = np.exp(np.where(np.absolute(here) == INF, 0.0, here - after))
    return np.exp(x - out) * recurrence(g, links, dim, True)


_logcumsumexp = primitive(
    "LogcumsumexpBackward0",
    lambda x, dim: accumulated(np.logaddexp, x, dim, False),
    x=lambda g, x, out, dim: logcumsumexp_rule(g, x, out, dim),
)


@numpys_names
def cumsum(input: Any, dim: Any, *, dtype: Any = None) -> Any:
    """The sums of the first 1, 2, ... elements along ``dim``; integers sum to int64.

    Derivative: the cumulative sum of the cotangent from the other end. Raises IndexError for a
    dimension out of range.
    """
    return scan("cumsum", _cumsum, input, dim, dtype)


@numpys_names
def cumprod(input: Any, dim: Any, *, dtype: Any = None) -> Any:
    """The products of the first 1, 2, ... elements along ``dim``; of integers in int64.

    Derivative: the product of the other factors, exact also where there are zeros. Raises
    IndexError for a dimension out of range.
    """
    return scan("cumprod", _cumprod, input, dim, dtype)


def scan(name: str, along: Any, input: Any, dim: Any, dtype: Any) -> Any:
    need_tensor(name, input)
    dim = one_dim(dim, input.array.ndim, name)
    if dtype is not None:
        need_numbers(f"{name}_out_cpu", np.dtype(dtype))
    if dtype is None:
        return along(input, dim, False)
    return along(in_dtype(input, dtype), dim, False).to(dtype)


@numpys_names
def logcumsumexp(input: Any, dim: Any) -> Any:
    """``log(cumsum(exp(x)))`` along ``dim``, without overflow.

    Derivative: the sum over k >= i of g[k] exp(x[i] - y[k]). NotImplementedError for integers.
    """
    need_tensor("logcumsumexp", input)
    dim = one_dim(dim, input.array.ndim, "logcumsumexp")
    if input.array.dtype.kind != "f":
        raise NotImplementedError(
            f"\"logcumsumexp_out_cpu\" not implemented for '{type_name(input.array.dtype)}'"
        )
    return _logcumsumexp(input, dim)


def extremes_dim(input: Any, dim: Any, name: str) -> int:
    """The dimension from the front; of a scalar both functions have words of their own."""
    number = integer(name, dim, "dim")
    if input.array.ndim == 0 and number not in (-1, 0):
        raise IndexError(f"{name}(): Expected reduction dim -1 or 0 for scalar but got {number}")
    return one_dim(number, input.array.ndim, name)


@numpys_names
def cummax(input: Any, dim: Any) -> Any:
    """The largest of the first 1, 2, ... elements along ``dim``, and their indices.

    Of equal elements the last so far is named, and gets the gradient; NaN wins.
    """
    need_tensor("cummax", input)
    return return_types.cummax(_cummax(input, extremes_dim(input, dim, "cummax")))


@numpys_names
def cummin(input: Any, dim: Any) -> Any:
    """The smallest of the first 1, 2, ... elements along ``dim``, and where. See `cummax`."""
    need_tensor("cummin", input)
    return return_types.cummin(_cummin(input, extremes_dim(input, dim, "cummin")))


@numpys_names
@typed("input")
def prod(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Any:
    """The product of all elements, or along one dimension; of integers in int64, 1 of none.

    Derivative: the product of the others, exact also where there are zeros. Raises IndexError for a
    dimension out of range, TypeError for several.
    """
    need_tensor("prod", input)
    if dtype is not None:
        input = in_dtype(input, dtype)
    if dim is None:
        result = _prod_all(input)
    else:
        result = _prod_dim(input, one_dim(dim, input.array.ndim, "prod"), keepdim)
    return result if dtype is None else result.to(dtype)
