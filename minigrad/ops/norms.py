"""Norms of vectors and matrices, and the distances that they measure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.autograd.primitive import primitive
from minigrad.autograd.value import Array
from minigrad.autograd.wide import wide_primitive
from minigrad.errors import type_name
from minigrad.ops.arguments import need_tensor, number, numpys_names, one_dim, some_dims, typed
from minigrad.ops.arithmetic import kept_shape, pow_number, sum, sum_dims
from minigrad.ops.decompositions import linalg_svdvals
from minigrad.ops.reduction import amax, amin, spread_along
from minigrad.ops.shape import inverse, permute, unsqueeze
from minigrad.ops.signs import _sgn
from minigrad.promotion import arithmetic, subtraction

__all__ = ["dist", "norm", "renorm"]

INF = float("inf")


def _norm(x: Array, p: float, dims: tuple[int, ...], keepdim: Any) -> Any:
    dtype = x.dtype
    if dtype.itemsize == 2:
        x = x.astype(np.float32)
    if p == INF or (p and all(x.shape[d] == 1 for d in dims)):
        result = np.maximum.reduce(np.abs(x), axis=dims, keepdims=keepdim)
    elif p == 2:
        result = np.sqrt(np.add.reduce(x * x, axis=dims, keepdims=keepdim))
    elif p == -INF:
        result = np.minimum.reduce(np.abs(x), axis=dims, keepdims=keepdim)
    elif p == 0:
        result = np.add.reduce(x != 0, axis=dims, keepdims=keepdim, dtype=x.dtype)
    elif p == 1 or not x.size:
        result = np.add.reduce(np.abs(x), axis=dims, keepdims=keepdim)
    else:
        result = np.power(np.add.reduce(np.abs(x) ** p, axis=dims, keepdims=keepdim), 1 / p)
    return np.asarray(result, dtype, order="C")


def norm_rule(g: Any, x: Any, p: float, out: Any, dims: tuple[int, ...]) -> Any:
    """The derivative of a norm: 0 where it is 0, and of p = 0 there is none."""
    if p == 0:
        return None
    if p == 1:
        return g.reshape(kept_shape(x.shape, dims)) * _sgn(x)
    if p in (INF, -INF):
        return _sgn(x) * spread_along(g, np.absolute(x), out, dims, nans=True)
    return smooth_rule(
        g.reshape(kept_shape(x.shape, dims)), x, p, out.reshape(kept_shape(x.shape, dims))
    )


def smooth_rule(g: Any, x: Any, p: float, out: Any) -> Any:
    """The derivative for other p: sign(x) |x|**(p - 1) / norm**(p - 1)."""
    if p == 2:
        return g * np.where(out == 0, 0.0, x / out)
    if p < 1:
        power = np.where(x == 0, 0.0, pow_number(np.absolute(x), p - 1))
        return _sgn(x) * power * g * pow_number(out, 1 - p)
    share = np.where(out == 0, 0.0, g / pow_number(out, p - 1))
    if p < 2:
        return _sgn(x) * pow_number(np.absolute(x), p - 1) * share
    return x * pow_number(np.absolute(x), p - 2) * share


_vector_norm = primitive(
    "LinalgVectorNormBackward0",
    _norm,
    x=lambda g, x, p, out, dims: norm_rule(g, x, p, out, dims),
)


@numpys_names
@typed("x")
def vector_norm(
    x: Any, ord: Any = 2, dim: Any = None, keepdim: bool = False, *, dtype: Any = None
) -> Any:
    """``sum(|x|**p)**(1/p)`` for p = ``ord``, of all elements or over some dimensions.

    ``inf`` and ``-inf`` are the largest and the smallest absolute value, 0 counts the elements
    that are not 0. Derivative: sign(x) (|x| / norm)**(p - 1), and 0 where the norm is 0; elements
    of the same largest absolute value share it evenly; none for p = 0. RuntimeError for integers,
    and of no elements where there is no answer (p < 0 or infinite).
    """
    need_tensor("linalg_vector_norm", x)
    ord = number("linalg_vector_norm", ord, "ord", 2)
    x = in_dtype("linalg.vector_norm", x, dtype)
    shape = x.array.shape
    dims = some_dims(dim, len(shape), "linalg_vector_norm")
    if x.array.size == 0 and (ord < 0 or ord == INF):
        if dim is None or len(dims) == len(shape):
            raise no_norm(f"{ord:g} norm on an empty tensor because the operation")
        for d in dims:
            if shape[d] == 0:
                raise no_norm(
                    f"{ord:g} norm on the dimension {d} because this dimension is empty and the "
                    "operation"
                )
    return _vector_norm(x, ord, dims, keepdim)


def shrink(norms: Any, limit: float) -> Any:
    """What each slice of that norm is multiplied by, so that its norm is at most the limit."""
    return np.where(norms > limit, np.true_divide(limit, norms + 1e-7), 1.0)


def renorm_rule(g: Any, x: Any, p: float, dims: tuple[int, ...], limit: float) -> Any:
    norms = _vector_norm(x, p, dims, True)
    near = norms + 1e-7
    slope = np.where(norms > limit, np.true_divide(-limit, near * near), 0.0)
    along = sum_dims(g * x, dims, True)
    turned = norm_rule(slope * along, x, p, norms, dims)
    return g * shrink(norms, limit) + np.where(norms > limit, turned, 0.0)


_renorm = primitive(
    "RenormBackward0",
    lambda x, p, dims, limit: (x * shrink(_norm(x, p, dims, True), limit)).astype(x.dtype),
    x=lambda g, x, p, dims, limit: renorm_rule(g, x, p, dims, limit),
)


@numpys_names
@typed("input")
def renorm(input: Any, p: float, dim: int, maxnorm: float) -> Any:
    """Each slice along ``dim`` whose p-norm is above ``maxnorm``, divided down to that.

    Derivative: that of ``x * maxnorm / (norm + 1e-7)`` for those slices, 1 for the others.
    RuntimeError for vectors, integers and negative arguments.
    """
    ndim = input.array.ndim
    if p <= 0:
        raise RuntimeError("renorm: non-positive-norm not supported")
    if maxnorm < 0:
        raise RuntimeError(f"renorm: expected maxnorm to be >= 0 but got {maxnorm:g}")
    if ndim < 2:
        raise RuntimeError(f"renorm: input needs at least 2 dimensions, got {ndim} dimensions")
    kept = one_dim(dim, ndim, "renorm")
    in_dtype("linalg.vector_norm", input, None)
    return _renorm(input, p, tuple([d for d in range(ndim) if d != kept]), maxnorm)


def in_dtype(name: str, x: Any, dtype: Any) -> Any:
    """``x`` in ``dtype``, or RuntimeError if it or its dtype is of no use for a norm."""
    kind = x.array.dtype
    if kind.kind != "f":
        raise RuntimeError(
            f"{name}: Expected a floating point or complex tensor as input. Got {type_name(kind)}"
        )
    if dtype is None:
        return x
    wanted = np.dtype(dtype)
    if wanted.kind != "f":
        raise RuntimeError(
            f"{name}: dtype should be floating point or complex, but got {type_name(wanted)}"
        )
    if wanted.itemsize < kind.itemsize:
        raise RuntimeError(
            f"{name}: the dtype of the input ({type_name(kind)}) should be convertible without "
            f"narrowing to the specified dtype ({type_name(wanted)})"
        )
    return x.to(dtype)


def no_norm(what: str) -> RuntimeError:
    return RuntimeError(f"linalg.vector_norm cannot compute the {what} does not have an identity")


@numpys_names
@typed("A")
def matrix_norm(
    A: Any, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False, *, dtype: Any = None
) -> Any:
    """A norm of matrices, whose rows and columns are the two dimensions ``dim``.

    "fro": the root of the sum of squares; "nuc": the sum of the singular values; 1, -1: the largest
    and the smallest sum of absolute values of a column; inf, -inf: of a row; 2, -2: the largest
    and the smallest singular value. Derivative: that of what it is composed of. RuntimeError for
    other orders, for integers and for fewer than two dimensions.
    """
    need_tensor("linalg_matrix_norm", A, "A")
    ndim = A.array.ndim
    if not isinstance(dim, Sequence):
        raise TypeError(
            "linalg_matrix_norm() received an invalid combination of arguments: dim must be two "
            f"dimensions, not {type(dim).__name__}"
        )
    dims = list(dim)
    A = in_dtype("linalg.matrix_norm", A, dtype)
    if ndim < 2:
        raise RuntimeError(
            "linalg.matrix_norm: The input tensor A must have at least 2 dimensions."
        )
    if len(dims) != 2:
        raise RuntimeError(
            f"linalg.matrix_norm: dim must be a 2-tuple. Got {' '.join(map(str, dims))}"
        )
    a, b = [one_dim(d, ndim, "linalg_matrix_norm") for d in dims]
    if a == b:
        raise RuntimeError(
            f"linalg.matrix_norm: dims must be different. Got ({dims[0]}, {dims[1]})"
        )
    if ord == "fro":
        return vector_norm(A, 2, (a, b), keepdim)
    if ord == "nuc" or ord in (2, -2):
        return _spectral(A, ord, a, b, keepdim)
    if ord not in (1, -1, INF, -INF):
        raise RuntimeError(f"linalg.matrix_norm: Order {ord} not supported.")
    if ord in (INF, -INF):
        a, b = b, a
    if not keepdim and a < b:
        b -= 1  # the first reduction takes a dimension away
    return (max_or_0 if ord > 0 else amin)(vector_norm(A, 1, a, keepdim), b, keepdim)


def max_or_0(norms: Any, dim: int, keepdim: bool) -> Any:
    """The largest of norms along a dimension, and 0, which leads nowhere, if there is none."""
    if norms.array.shape[dim]:
        return amax(norms, dim, keepdim)
    return sum(norms.detach(), dim, keepdim)


def _spectral(A: Any, ord: Any, a: int, b: int, keepdim: bool) -> Any:
    """The norms of singular values: their sum, the largest or the smallest."""
    order = (*[i for i in range(A.array.ndim) if i not in (a, b)], a, b)
    values = linalg_svdvals(permute(A, order))
    reduce = sum if ord == "nuc" else max_or_0 if ord > 0 else amin
    result = reduce(values, -1, keepdim)
    return permute(unsqueeze(result, -1), inverse(order)) if keepdim else result


@numpys_names
@typed("A")
def linalg_norm(
    A: Any, ord: Any = None, dim: Any = None, keepdim: bool = False, *, dtype: Any = None
) -> Any:
    """The norm of a vector or a matrix: `matrix_norm` if ``ord`` is given and there are two
    dimensions, else `vector_norm`, of all elements without ``dim`` and ``ord``.
    """
    need_tensor("linalg_norm", A, "A")
    ndim = A.array.ndim
    dims = None if dim is None else list(dim) if isinstance(dim, Sequence) else [dim]
    if dims is not None and len(dims) not in (1, 2):
        raise RuntimeError(
            f"linalg.norm: If dim is specified, it must be of length 1 or 2. Got {dims}"
        )
    if dims is None and ord is not None and ndim not in (1, 2):
        raise RuntimeError(
            "linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got "
            f"{ndim}D."
        )
    if isinstance(ord, str) or (ord is not None and (ndim if dims is None else len(dims)) == 2):
        return matrix_norm(A, ord, (0, 1) if dims is None else dims, keepdim, dtype=dtype)
    return vector_norm(A, 2 if ord is None else ord, dim, keepdim, dtype=dtype)


def norm(
    input: Any, p: Any = "fro", dim: Any = None, keepdim: bool = False, *, dtype: Any = None
) -> Any:
    """The p-norm of all elements, or over some dimensions: `linalg.vector_norm`.

    "fro" is p = 2, and "nuc" the nuclear norm of a matrix. Derivative: sign(x) (|x| / norm)**(p-1),
    and 0 where the norm is 0. RuntimeError for integers and for another word, IndexError for a
    dimension out of range.
    """
    need_tensor("norm", input)
    if not isinstance(p, str):
        return vector_norm(input, 2 if p is None else p, dim, keepdim, dtype=dtype)
    if p == "fro" and (not isinstance(dim, Sequence) or len(dim) <= 2):
        return vector_norm(input, 2, dim, keepdim, dtype=dtype)
    dims = tuple(range(input.array.ndim)) if dim is None else dim
    return matrix_norm(input, p, dims, keepdim, dtype=dtype)


def _floats(arrays: Sequence[Any]) -> list[Any]:
    a, b = arithmetic(arrays[:2])
    if a.dtype.kind != "f":
        raise RuntimeError(
            "norm(): input dtype should be either floating point or complex. Got "
            f"{type_name(a.dtype)} instead."
        )
    return [a, b, *arrays[2:]]


def all_dims(x: Any) -> tuple[int, ...]:
    return tuple(range(x.ndim))


_dist = wide_primitive(
    "DistBackward0",
    lambda a, b, p: _norm(np.asarray(a - b), p, tuple(range((a - b).ndim)), False),
    promote=_floats,
    a=lambda g, a, b, p, out: norm_rule(g, a - b, p, out, all_dims(a - b)),
    b=lambda g, a, b, p, out: norm_rule(g, b - a, p, out, all_dims(a - b)),
)


@typed("input", "other")
def dist(input: Any, other: Any, p: float = 2) -> Any:
    """The p-norm of ``input - other``, broadcast. Derivatives: that of the norm, and its negative.

    Raises RuntimeError for integers.
    """
    need_tensor("dist", input)
    need_tensor("dist", other, "other", 2)
    subtraction([input.array, other.array])
    return _dist(input, other, p)
