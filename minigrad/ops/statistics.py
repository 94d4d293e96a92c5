"""Variances and standard deviations, covariance and correlation, and sums that pass over NaN."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.autograd.primitive import primitive
from minigrad.autograd.value import Array, Value, wrap
from minigrad.autograd.wide import wide_primitive
from minigrad.errors import type_name, users_line
from minigrad.ops import arithmetic
from minigrad.ops.arguments import in_dtype, need_tensor, numpys_names, some_dims, typed
from minigrad.ops.arithmetic import expand, kept_shape, mm, sum_dims
from minigrad.ops.bounds import clamp
from minigrad.ops.diagonals import diagonal, put_diagonal
from minigrad.ops.elementwise import sqrt
from minigrad.ops.reduction import count
from minigrad.ops.shape import squeeze, t, unsqueeze, view_of

__all__ = [
    "corrcoef",
    "cov",
    "nanmean",
    "nansum",
    "std",
    "std_mean",
    "trace",
    "var",
    "var_mean",
]

NAN, INF = float("nan"), float("inf")

Dims = tuple[int, ...] | None


def over(shape: tuple[int, ...], dims: Dims) -> tuple[int, ...]:
    """The dimensions, all of them for None."""
    return tuple(range(len(shape))) if dims is None else dims


def _spread(x: Array, dims: Dims, correction: float, keepdim: Any, root: bool = False) -> Array:
    """The variance, or its root: computed in float64, as torch does."""
    wide, axes = widened(x), over(x.shape, dims)
    n = count([x.shape[i] for i in axes])
    if n:  # counted from one of them, so that equal elements have no variance at all
        first = tuple([slice(0, 1) if i in axes else slice(None) for i in range(x.ndim)])
        wide = wide - wide[first]
        wide = wide - np.add.reduce(wide, axis=axes, keepdims=True) / n
    total = np.add.reduce(wide * wide, axis=axes, keepdims=keepdim)
    spread = np.asarray(total / (max(0, n - correction) if n else 0))
    # Before it is rounded: a float32 has the root of what is too large for it.
    return done(np.sqrt(spread) if root else spread, x)


def _spread_and_mean(
    x: Array, dims: Dims, correction: float, keepdim: Any, root: bool = False
) -> tuple[Array, Array]:
    axes = over(x.shape, dims)
    n = count([x.shape[i] for i in axes])
    mean = np.asarray(np.add.reduce(widened(x), axis=axes, keepdims=keepdim) / n)
    return _spread(x, dims, correction, keepdim, root), done(mean, x)


def widened(x: Array) -> Array:
    return x.astype(np.float64, copy=False) if x.dtype.kind == "f" else x


def done(result: Any, x: Array) -> Array:
    return np.asarray(result, x.dtype, order="C")


def var_rule(g: Any, x: Any, dims: Dims, correction: float) -> Any:
    """2 / (n - correction) times the distance from the mean."""
    axes = over(x.shape, dims)
    n = count([x.shape[i] for i in axes])
    g = g.reshape(kept_shape(x.shape, axes))
    mean = np.add.reduce(x, axis=axes, keepdims=True) / n
    if n > correction or (dims is not None and n < correction):
        return g * (2 / (n - correction)) * (x - mean)
    if dims is None:
        return g * np.where(x == mean, NAN, INF)
    return g * INF * (x - mean)


def std_rule(g: Any, x: Any, out: Any, dims: Dims, correction: float) -> Any:
    """Of a constant the standard deviation, and its derivative, is 0."""
    return var_rule(np.where(out == 0, 0.0, g / (out * 2)), x, dims, correction)


def mean_rule(g: Any, x_shape: tuple[int, ...], dims: Dims) -> Any:
    axes = over(x_shape, dims)
    return expand(g.reshape(kept_shape(x_shape, axes)), x_shape) / count([x_shape[i] for i in axes])


_var = primitive(
    "VarBackward0",
    lambda x, dims, correction, keepdim: _spread(x, dims, correction, keepdim),
    x=lambda g, x, dims, correction: var_rule(g, x, dims, correction),
)


_std = primitive(
    "StdBackward0",
    lambda x, dims, correction, keepdim: _spread(x, dims, correction, keepdim, True),
    x=lambda g, x, out, dims, correction: std_rule(g, x, out, dims, correction),
)
_var_mean = wide_primitive(
    "VarMeanBackward0",
    lambda x, dims, correction, keepdim: _spread_and_mean(x, dims, correction, keepdim),
    outputs=("variance", "mean"),
    x=lambda g_variance, g_mean, x, dims, correction, x_shape: (
        var_rule(g_variance, x, dims, correction) + mean_rule(g_mean, x_shape, dims)
    ),
)


_std_mean = wide_primitive(
    "StdMeanBackward0",
    lambda x, dims, correction, keepdim: _spread_and_mean(x, dims, correction, keepdim, True),
    outputs=("deviation", "mean"),
    x=lambda g_deviation, g_mean, x, deviation, dims, correction, x_shape: (
        std_rule(g_deviation, x, deviation, dims, correction) + mean_rule(g_mean, x_shape, dims)
    ),
)


def moments(
    name: str, input: Any, dim: Any, unbiased: Any, correction: Any
) -> tuple[Any, Dims, float]:
    """The arguments of `var` and its like, in any of torch's orders: tensor, dims, correction."""
    need_tensor(name, input)
    if isinstance(dim, bool):  # var(input, unbiased)
        dim, unbiased = None, dim
    if unbiased is not None:
        if correction is not None or not isinstance(unbiased, bool):
            raise TypeError(
                f"{name}() received an invalid combination of arguments - unbiased must be a bool, "
                "and stands in place of correction"
            )
        correction = int(unbiased)
    if input.array.dtype.kind != "f":
        which = name if name.endswith("mean") else "std and var"
        raise RuntimeError(f"{which} only support floating point and complex dtypes")
    if isinstance(dim, np.ndarray):
        raise TypeError(f"{name}(): argument 'dim' must be tuple of ints, not numpy.ndarray")
    whole = dim is None or input.array.ndim == 0 or (isinstance(dim, Sequence) and not dim)
    dims = some_dims(dim, input.array.ndim, name)
    correction = 1 if correction is None else correction
    summed = count([input.array.shape[d] for d in dims]) if input.array.size else 0
    if summed <= correction:
        warnings.warn(
            f"{name}(): degrees of freedom is <= 0. The correction, {correction}, should be less "
            f"than the {summed} elements that each is of.",
            stacklevel=users_line(),
        )
    return input, None if whole else dims, correction


@numpys_names
@typed("input")
def var(
    input: Any,
    dim: Any = None,
    unbiased: Any = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Any:
    """The variance of all elements, or over some dimensions: sum((x - mean)**2) / (n - correction).

    ``correction`` is 1 if it is not given, ``unbiased=False`` is a correction of 0. Derivative: 2
    (x - mean) / (n - correction). NaN of a single element; where n is not above the correction
    there is a warning. Raises RuntimeError for integers and a dimension that comes twice,
    IndexError for one out of range, TypeError for both ``unbiased`` and ``correction``.
    """
    return _var(*moments("var", input, dim, unbiased, correction), keepdim)


@numpys_names
@typed("input")
def std(
    input: Any,
    dim: Any = None,
    unbiased: Any = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Any:
    """The standard deviation, the root of `var`.

    Derivative: (x - mean) / ((n - correction) std), and 0 where the deviation is 0. Warning and
    errors as of `var`.
    """
    return _std(*moments("std", input, dim, unbiased, correction), keepdim)


@numpys_names
@typed("input")
def var_mean(
    input: Any,
    dim: Any = None,
    unbiased: Any = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Any:
    """The variance and the mean, a tuple; see `var`."""
    return _var_mean(*moments("var_mean", input, dim, unbiased, correction), keepdim)


@numpys_names
@typed("input")
def std_mean(
    input: Any,
    dim: Any = None,
    unbiased: Any = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Any:
    """The standard deviation and the mean, a tuple; see `std`."""
    return _std_mean(*moments("std_mean", input, dim, unbiased, correction), keepdim)


_nansum = primitive(
    "NansumBackward0",
    lambda x, dims, keepdim: sum_dims(np.where(x == x, x, 0), dims, keepdim),
    x=lambda g, x, dims: g.reshape(kept_shape(x.shape, dims)) * (x == x),
)


@numpys_names
@typed("input")
def nansum(
    input: Any, dim: Any = None, keepdim: bool = False, *, dtype: dtypes.dtype | None = None
) -> Any:
    """The sum of what is not NaN, of all elements or over some dimensions.

    Derivative: 1 for what is summed, 0 for a NaN. Integers sum to int64.
    """
    need_tensor("nansum", input)
    if dtype is not None:
        converted = in_dtype(input, dtype)
        if not dtype.is_floating_point:  # it has no NaN
            converted = wrap(np.where(input.array == input.array, input.array, 0)).to(dtype)
        input = converted
    total = _nansum(input, some_dims(dim, input.array.ndim, "nansum"), keepdim)
    return total if dtype is None else total.to(dtype)


@numpys_names
@typed("input")
def nanmean(
    input: Any, dim: Any = None, keepdim: bool = False, *, dtype: dtypes.dtype | None = None
) -> Any:
    """The mean of what is not NaN; NaN of none. Derivative: 1 / n for the n elements averaged.

    Raises RuntimeError for integers.
    """
    need_tensor("nanmean", input)
    if input.array.dtype.kind != "f":
        raise RuntimeError(
            "nanmean(): expected input to have floating point or complex dtype but got "
            f"{type_name(input.array.dtype)}. Convert it with .float()."
        )
    if dtype is not None and not dtype.is_floating_point:
        raise RuntimeError(
            "nanmean(): could not infer output dtype. Optional dtype must be either a floating "
            f"point or complex dtype. Got: {type_name(np.dtype(dtype))}"
        )
    n = arithmetic.sum(input.detach() == input.detach(), dim, keepdim)
    return nansum(input, dim, keepdim, dtype=dtype) / n


_trace = primitive(
    "TraceBackward0",
    lambda x: np.trace(x, dtype=np.int64 if x.dtype.kind in "bui" else x.dtype),
    x=lambda g, x_shape: put_diagonal(g, x_shape, 0, 0, 1),
)


def trace(input: Any) -> Any:
    """The sum of a matrix's diagonal; of integers in int64. Derivative: 1 on the diagonal, else 0.

    Raises RuntimeError for other than two dimensions, NotImplementedError for bools.
    """
    need_tensor("trace", input)
    array = input.array
    if array.ndim != 2:
        raise RuntimeError(f"trace: expected a matrix, but got tensor with dim {array.ndim}")
    if array.dtype.kind == "b":
        raise NotImplementedError("\"trace\" not implemented for 'Bool'. Convert it with .long().")
    return _trace(input)


def need_matrix(name: str, input: Any) -> None:
    need_tensor(name, input)
    if input.array.ndim > 2:
        raise RuntimeError(
            f"{name}(): expected input to have two or fewer dimensions but got an input with "
            f"{input.array.ndim} dimensions"
        )


def weights(name: str, w: Any, n: int, kinds: str) -> Any:
    """The weights of ``n`` observations, or RuntimeError if they cannot be that."""
    need_tensor("cov", w, name)
    array = w.array
    if array.ndim > 1:
        raise RuntimeError(
            f"cov(): expected {name} to have one or fewer dimensions but got {name} with "
            f"{array.ndim} dimensions"
        )
    if array.dtype.kind not in kinds:
        wanted = "floating point" if kinds == "f" else "integral"
        raise RuntimeError(
            f"cov(): expected {name} to have {wanted} dtype but got {name} with "
            f"{type_name(array.dtype)} dtype"
        )
    if array.size != n:
        raise RuntimeError(
            f"cov(): expected {name} to have the same numel as there are observations in the input "
            f"but got {array.size} != {n}"
        )
    if (array < 0).any():
        raise RuntimeError(f"cov(): {name} cannot be negative")
    return w


@typed("input", "fweights", "aweights")
def cov(input: Any, *, correction: int = 1, fweights: Any = None, aweights: Any = None) -> Any:
    """The covariances of variables, the rows, over their observations, the columns.

    ``fweights`` says how often each observation is repeated (integers), ``aweights`` how important
    it is (floats). Derivative: that of the products and sums it is composed of. Raises
    RuntimeError for more than two dimensions, bools and weights that do not fit.
    """
    need_matrix("cov", input)
    if input.array.dtype.kind == "b":
        raise RuntimeError("cov(): bool dtype is not supported for input")
    x = view_of(input, 1, -1) if input.array.ndim < 2 else input
    n = x.array.shape[1]
    w: Any = None
    if fweights is not None:
        w = weights("fweights", fweights, n, "iu")
    if aweights is not None:
        weights("aweights", aweights, n, "f")
        w = aweights if w is None else w * aweights
    total = n if w is None else w.sum()
    if w is not None and total.array == 0:
        raise RuntimeError("cov(): weights sum to zero, can't be normalized")
    mean = (x if w is None else x * w).sum(1) / total
    if aweights is not None and correction != 0:
        factor = total - correction * (w * aweights).sum() / total
    else:
        factor = total - correction
    if (factor.array if isinstance(factor, Value) else factor) <= 0:
        warnings.warn(
            "cov(): degrees of freedom is <= 0. The correction should be less than the number of "
            "observations.",
            stacklevel=users_line(),
        )
        factor = factor * 0 + 0  # not -0
    x = x - unsqueeze(mean, 1)
    return squeeze(mm(x, t(x if w is None else x * w)) / factor)


def corrcoef(input: Any) -> Any:
    """The correlation coefficients of variables, the rows: `cov` over the standard deviations.

    Derivative: that of what it is composed of.
    """
    need_matrix("corrcoef", input)
    c = cov(input)
    if c.array.ndim == 0:
        return c / c
    deviation = sqrt(diagonal(c))
    return clamp(c / view_of(deviation, -1, 1) / view_of(deviation, 1, -1), -1, 1)
