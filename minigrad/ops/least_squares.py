"""Least squares, and equations whose matrix comes as its Cholesky factor."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.primitive import Operator
from minigrad.autograd.value import Array, wrap
from minigrad.autograd.wide import wide_primitive
from minigrad.errors import type_name, warn_once
from minigrad.ops.arguments import need_tensor, typed
from minigrad.ops.products import swapped
from minigrad.ops.solving import (
    _pinv,
    _pinv_rule,
    failing,
    linalg_solve_triangular,
    singular_values,
    svd_factors,
)
from minigrad.return_types import return_type

__all__ = ["cholesky_inverse", "cholesky_solve", "triangular_solve"]

TriangularSolve = return_type("triangular_solve", "solution", "cloned_coefficient")

DRIVERS = ("gels", "gelsy", "gelsd", "gelss")

LeastSquares = return_type("linalg_lstsq", "solution", "residuals", "rank", "singular_values")


def _fit(A: Array, B: Array, rtol: float, vector: bool, measured: bool) -> tuple[Array, Array]:
    if vector:
        B = B[..., None]
    u, s, vh = svd_factors(A, full=False)
    kept = s > rtol * s.max(-1, initial=0)[..., None]
    inverse = np.divide(1, s, out=np.zeros_like(s), where=kept)[..., None]
    X = np.matmul(swapped(vh), inverse * np.matmul(swapped(u), B))
    left = np.square(np.matmul(A, X) - B).sum(-2) if measured else np.empty(0, A.dtype)
    return X[..., 0] if vector else X, left


# The solution is the pseudo-inverse of A times B, and so are its derivatives. In those of the
# residuals, sum (A X - B)^2, that of X does not count, since X makes them least.
def _A_rule(
    g_X: Any, g_left: Any, A: Any, B: Any, X: Any, rtol: Any, vector: Any, measured: Any
) -> Any:
    if vector:
        B, X = B[..., None], X[..., None]
    found: Any = None  # of empty residuals
    if g_X is not None:
        g = np.matmul(g_X[..., None] if vector else g_X, swapped(B))
        found = _pinv_rule(g, A, _pinv(A, rtol, False))
    if measured and g_left is not None:
        more = np.matmul(2 * g_left[..., None, :] * (np.matmul(A, X) - B), swapped(X))
        found = more if found is None else found + more
    return found


def _B_rule(
    g_X: Any, g_left: Any, A: Any, B: Any, X: Any, rtol: Any, vector: Any, measured: Any
) -> Any:
    if vector:
        B, X = B[..., None], X[..., None]
    found: Any = None  # of empty residuals
    if g_X is not None:
        found = np.matmul(swapped(_pinv(A, rtol, False)), g_X[..., None] if vector else g_X)
    if measured and g_left is not None:
        more = 2 * g_left[..., None, :] * (B - np.matmul(A, X))
        found = more if found is None else found + more
    return found[..., 0] if vector and found is not None else found


_lstsq: Operator = wide_primitive(
    "LinalgLstsqBackward0",
    _fit,
    outputs=("X", "left"),
    partial=True,
    A=lambda g_X, g_left, A, B, X, rtol, vector, measured: _A_rule(
        g_X, g_left, A, B, X, rtol, vector, measured
    ),
    B=lambda g_X, g_left, A, B, X, rtol, vector, measured: _B_rule(
        g_X, g_left, A, B, X, rtol, vector, measured
    ),
)


@typed()
def linalg_lstsq(A: Any, B: Any, rcond: float | None = None, *, driver: str | None = None) -> Any:
    """The X of least norm for which the norm of A X - B is least; batches broadcast.

    B is a vector, or a batch of vectors, if it has one dimension less than A. ``rcond``: singular
    values up to rcond times the largest count as 0, by default the dtype's eps times the larger
    size. Returns a named tuple (solution, residuals, rank, singular_values), of which some are
    empty: the residuals, sums of squares, with the default ``driver`` "gelsy", and where A has not
    more rows than columns or not full rank; the rank with "gels"; the singular values but with
    "gelsd" and "gelss". Derivative: with P the pseudo-inverse, P' g for B, and that of P B for A.
    """
    need_tensor("linalg_lstsq", A, "input")
    need_tensor("linalg_lstsq", B, "b", 2)
    a, b = A.array, B.array
    if a.ndim < 2:
        raise RuntimeError("torch.linalg.lstsq: input must have at least 2 dimensions.")
    if not b.ndim:
        raise RuntimeError("torch.linalg.lstsq: other must have at least 1 dimension.")
    if a.dtype != b.dtype:
        raise RuntimeError(
            "torch.linalg.lstsq: Expected input and other to have the same dtype, but got input's "
            f"dtype {type_name(a.dtype)} and other's dtype {type_name(b.dtype)}"
        )
    if a.dtype.kind != "f":
        raise RuntimeError(
            "This function doesn't handle types other than float and double: the matrix is of "
            f"{type_name(a.dtype)}"
        )
    vector = a.ndim - 1 == b.ndim
    line = -1 if vector else -2
    if a.shape[-2] != b.shape[line]:
        raise RuntimeError(
            f"torch.linalg.lstsq: input.size(-2) should match other.size({line}): "
            f"{a.shape[-2]} equations have {b.shape[line]} right-hand sides"
        )
    if driver not in (None, *DRIVERS):
        raise RuntimeError(
            "torch.linalg.lstsq: parameter `driver` should be one of (gels, gelsy, gelsd, gelss)"
        )
    rtol = float(np.finfo(a.dtype).eps) * max(a.shape[-2:]) if rcond is None else float(rcond)
    values = singular_values(a)
    with np.errstate(over="ignore"):  # a rtol beyond the dtype
        least = rtol * values.max(-1, initial=0)[..., None]
    rank = np.asarray((values > least).sum(-1))
    by_values = driver in ("gelsd", "gelss")
    full = driver == "gels" or (by_values and (rank == a.shape[-1]).all())
    fit = _lstsq(A, B, rtol, vector, bool(full and a.shape[-2] > a.shape[-1]))
    ranks = rank if driver != "gels" else np.empty(0, np.int64)
    shown = values if by_values else np.empty(0, a.dtype)
    return LeastSquares((*fit, wrap(ranks), wrap(shown)))


def _solved(B: Array, L: Array, upper: bool) -> Array:
    L = np.triu(L) if upper else np.tril(L)
    first = np.linalg.solve(swapped(L) if upper else L, B)
    return np.linalg.solve(L if upper else swapped(L), first)


def _factor_rule(g: Any, L: Any, out: Any, upper: Any) -> Any:
    outer = np.matmul(_cholesky_solve(g, L, upper), swapped(out))
    both = outer + swapped(outer)
    return -np.matmul(L, both) if upper else -np.matmul(both, L)


# X with L L' X = B: dL/dB solves the same equations for g; A = L L' has -that X'.
_cholesky_solve: Operator = wide_primitive(
    "CholeskySolveBackward0",
    _solved,
    B=lambda g, L, upper: _cholesky_solve(g, L, upper),
    L=lambda g, L, out, upper: _factor_rule(g, L, out, upper),
)


@typed("input", "L")
def cholesky_solve(input: Any, L: Any, upper: bool = False) -> Any:
    """The X of L L' X = ``input``, or of L' L X = input where ``upper``; batches broadcast.

    Only the triangle of L counts. Derivatives: Y, the solution for g, and -(Y X' + X Y') L.
    """
    b, a = input.array, L.array
    if b.ndim < 2:
        raise RuntimeError(
            f"b should have at least 2 dimensions, but has {b.ndim} dimensions instead"
        )
    if a.ndim < 2:
        raise RuntimeError(
            f"u should have at least 2 dimensions, but has {a.ndim} dimensions instead"
        )
    if a.shape[-1] != a.shape[-2]:
        raise RuntimeError(
            "A must be batches of square matrices, but they are "
            f"{a.shape[-2]} by {a.shape[-1]} matrices"
        )
    if a.shape[-1] != b.shape[-2]:
        raise RuntimeError(
            f"Incompatible matrix sizes for cholesky_solve: each A matrix is {a.shape[-1]} by "
            f"{a.shape[-1]} but each b matrix is {b.shape[-2]} by {b.shape[-1]}"
        )
    if a.dtype != b.dtype:
        raise RuntimeError(
            f"Expected b and A to have the same dtype, but found b of type {type_name(b.dtype)} "
            f"and A of type {type_name(a.dtype)} instead."
        )
    if a.dtype.kind != "f" or a.dtype.itemsize == 2:
        raise NotImplementedError(
            f"\"cholesky_solve_cpu\" not implemented for '{type_name(a.dtype)}'"
        )
    return _cholesky_solve(input, L, bool(upper))


def _inverted(L: Array, upper: bool) -> Array:
    inverse = _solved(np.broadcast_to(np.eye(L.shape[-1], dtype=L.dtype), L.shape), L, upper)
    turned: Array = swapped(np.ascontiguousarray(swapped(inverse)))  # column after column
    return turned


def _inverted_rule(g: Any, L: Any, out: Any, upper: Any) -> Any:
    both = np.matmul(out, np.matmul(g + swapped(g), out))
    return -np.matmul(L, both) if upper else -np.matmul(both, L)


_cholesky_inverse = wide_primitive(
    "CholeskyInverseBackward0",
    _inverted,
    L=lambda g, L, out, upper: _inverted_rule(g, L, out, upper),
)


@typed("input")
def cholesky_inverse(input: Any, upper: bool = False) -> Any:
    """The inverse P of L L', from L = ``input``; or of L' L where ``upper``.

    Only the triangle of L counts. Derivative: -P (g + g') P L. Raises LinAlgError for a zero on
    the diagonal.
    """
    need_tensor("cholesky_inverse", input)
    x = input.array
    if x.ndim < 2:
        raise RuntimeError("cholesky_inverse: The input tensor A must have at least 2 dimensions.")
    if x.shape[-1] != x.shape[-2]:
        raise RuntimeError(
            "cholesky_inverse: A must be batches of square matrices, but they are "
            f"{x.shape[-2]} by {x.shape[-1]} matrices"
        )
    if x.dtype.kind != "f" or x.dtype.itemsize == 2:
        raise NotImplementedError(
            f"\"cholesky_inverse_out_cpu\" not implemented for '{type_name(x.dtype)}'"
        )
    zero = np.diagonal(x, axis1=-2, axis2=-1) == 0
    bad = zero.any(-1)
    if bad.any():
        first = np.unravel_index(np.argmax(bad), bad.shape)
        raise failing(
            "cholesky_inverse",
            x.shape,
            bad,
            f"The diagonal element {int(np.argmax(zero[first])) + 1} is zero, the inversion could "
            "not be completed because the input matrix is singular.",
        )
    return _cholesky_inverse(input, upper)


@typed("input", "A")
def triangular_solve(
    input: Any, A: Any, upper: bool = True, transpose: bool = False, unitriangular: bool = False
) -> Any:
    """`linalg.solve_triangular` by its old name, of A or of its transpose, and a copy of A.

    Returns a named tuple (solution, cloned_coefficient). Raises RuntimeError for what is no matrix,
    for an A that is not square, and for different dtypes.
    """
    warn_once(
        "torch.triangular_solve is deprecated in favor of torch.linalg.solve_triangularand will be "
        "removed in a future PyTorch release.\nIt takes the matrix first."
    )
    for name, x in ("b", input), ("A", A):
        if x.array.ndim < 2:
            raise RuntimeError(
                f"torch.triangular_solve: Expected {name} to have at least 2 dimensions, but it "
                f"has {x.array.ndim} dimensions instead"
            )
    rows, columns = A.array.shape[-2:]
    if rows != columns:
        raise RuntimeError(
            f"A must be batches of square matrices, but they are {rows} by {columns} matrices"
        )
    if A.array.dtype != input.array.dtype:
        raise RuntimeError(
            "Expected b and A to have the same dtype, but found b of type "
            f"{type_name(input.array.dtype)} and A of type {type_name(A.array.dtype)} instead."
        )
    solution = linalg_solve_triangular(
        A.mT if transpose else A, input, upper=upper != transpose, unitriangular=unitriangular
    )
    return TriangularSolve([solution, A.clone()])
