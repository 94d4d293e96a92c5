"""The LU factorisation with partial pivoting, and equations solved by it.

All take batches of matrices: the last two dimensions are a matrix's rows and columns. In the
formulas, A' is the transpose of A, and A = P L U.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.value import Array, wrap
from minigrad.autograd.wide import wide_primitive
from minigrad.errors import type_name, warn_once
from minigrad.ops.arguments import need_tensor, typed
from minigrad.ops.diagonals import _tril, _triu
from minigrad.ops.products import swapped
from minigrad.ops.solving import (
    _solve_triangular,
    _solve_triangular_right,
    eliminate,
    need_matrix,
    zero_pivots,
)
from minigrad.return_types import return_type

__all__ = ["lu", "lu_solve", "lu_unpack"]

LU = return_type("linalg_lu", "P", "L", "U")
Factor = return_type("linalg_lu_factor", "LU", "pivots")
FactorEx = return_type("linalg_lu_factor_ex", "LU", "pivots", "info")


def _permutation(pivots: Array, m: int, dtype: Any) -> Array:
    """P, of which column i is the unit vector of the row that came to place i."""
    P = np.zeros((*pivots.shape[:-1], m, m), dtype)
    for i in np.ndindex(*pivots.shape[:-1]):
        rows = list(range(m))
        for j, p in enumerate(pivots[i]):
            rows[j], rows[p - 1] = rows[p - 1], rows[j]
        P[(*i, rows, range(m))] = 1
    return P


def _factors(A: Array) -> tuple[Array, Array, Array]:
    packed, pivots = eliminate(A)
    m, n = A.shape[-2:]
    k = min(m, n)
    L = np.tril(packed[..., :k], -1) + np.eye(m, k, dtype=A.dtype)
    return L, np.triu(packed[..., :k, :]), _permutation(pivots, m, A.dtype)


# With X = L^-1 dA U^-1, of the square part: dL = L tril(X, -1) and dU = triu(X) U. So, with
# M = tril(L' gL, -1) + triu(gU U'): gA = P L'^-1 M U'^-1. Rows of L and columns of U beyond the
# square part follow from A = L U, and add to M.
def _lu_rule(g_L: Any, g_U: Any, L: Any, U: Any, P: Any) -> Any:
    m, n = L.shape[-2], U.shape[-1]
    k = U.shape[-2]
    L1, U1 = L[..., :k, :], U[..., :k]
    left = np.matmul(swapped(L1), g_L[..., :k, :])
    right = np.matmul(g_U[..., :k], swapped(U1))
    if n > k:
        left = left - np.matmul(g_U[..., k:], swapped(U[..., k:]))
    if m > k:
        right = right - np.matmul(swapped(L[..., k:, :]), g_L[..., k:, :])
    M = _tril(left, -1) + _triu(right, 0)
    found = _solve_triangular(swapped(L1), M, True, 1)
    if m > k:
        found = np.concatenate([found, g_L[..., k:, :]], axis=-2)
    found = _solve_triangular_right(swapped(U1), found, False, 0)
    if n > k:
        found = np.concatenate(
            [found, _solve_triangular(swapped(L1), g_U[..., k:], True, 1)], axis=-1
        )
    return np.matmul(P, found)


_lu = wide_primitive(
    "LinalgLuBackward0",
    _factors,
    outputs=("L", "U", "P"),
    A=lambda g_L, g_U, L, U, P: _lu_rule(g_L, g_U, L, U, P),
)


def _packed_rule(g: Any, packed: Any, P: Any) -> Any:
    m, n = packed.shape[-2:]
    k = m if m < n else n
    L, U = halves(packed, k)
    return _lu_rule(_tril(g[..., :k], -1), _triu(g[..., :k, :], 0), L, U, P)


def halves(packed: Any, k: Any) -> tuple[Any, Any]:
    """L and U of what holds both."""
    return _tril(packed[..., :k], -1) + unit(packed, k), _triu(packed[..., :k, :], 0)


unit = wide_primitive("EyeBackward0", lambda x, k: np.eye(x.shape[-2], k, dtype=x.dtype))


def _packed(A: Array) -> tuple[Array, Array, Array]:
    packed, pivots = eliminate(A)
    return packed, pivots, _permutation(pivots, A.shape[-2], A.dtype)


_lu_factor = wide_primitive(
    "LinalgLuFactorExBackward0",
    _packed,
    outputs=("packed", "pivots"),
    extra=("P",),
    A=lambda g, packed, P: _packed_rule(g, packed, P),
)


@typed("A")
def linalg_lu(A: Any, *, pivot: bool = True) -> Any:
    """P, L and U with A = P L U: a permutation, a lower triangle of ones and an upper triangle.

    Returns a named tuple (P, L, U). L is (m, k) and U (k, n), where k is the smaller size.
    """
    need_factors("linalg.lu", A, pivot)
    L, U, P = _lu(A)
    return LU([P, L, U])


def need_factors(function: str, A: Any, pivot: bool) -> None:
    """Raise unless A has a factorisation of the kind that is asked for."""
    shape, dtype = A.array.shape, A.array.dtype
    if len(shape) < 2:
        raise RuntimeError(
            f"{function}: Expected tensor with 2 or more dimensions. Got size: {list(shape)} "
            "instead"
        )
    if dtype.kind != "f" or dtype.itemsize == 2:
        raise NotImplementedError(
            f"\"lu_cpu\" not implemented for '{type_name(dtype)}'. Convert it with .float()"
        )
    if not pivot:
        raise RuntimeError("linalg.lu_factor: LU without pivoting is not implemented on the CPU")


@typed("A")
def linalg_lu_factor_ex(A: Any, *, pivot: bool = True, check_errors: bool = False) -> Any:
    """L below the diagonal and U above it in one matrix, the rows exchanged, and where it failed.

    Returns a named tuple (LU, pivots, info): info is the number, from 1, of the first zero pivot,
    else 0. Raises LinAlgError for that with ``check_errors``.
    """
    need_factors("torch.lu_factor", A, pivot)
    packed, pivots = _lu_factor(A)
    info = zero_pivots(packed.array)
    if check_errors:
        need_pivots("torch.linalg.lu_factor_ex", info)
    return FactorEx([packed, pivots, wrap(info)])


def need_pivots(function: str, info: Array) -> None:
    """Raise RuntimeError for a zero pivot."""
    if info.any():
        raise RuntimeError(
            f"{function}: U[{info.max()},{info.max()}] is zero and using it on lu_solve would "
            "result in a division by zero."
        )


@typed("A")
def linalg_lu_factor(A: Any, *, pivot: bool = True) -> Any:
    """L below the diagonal and U on and above it in one matrix, and the rows exchanged.

    Returns a named tuple (LU, pivots), for `lu_solve`. Raises LinAlgError for a zero pivot.
    """
    made = linalg_lu_factor_ex(A, pivot=pivot)
    need_pivots("torch.linalg.lu_factor", made.info.array)
    return Factor(made[:2])


@typed("LU", "pivots", "B")
def linalg_lu_solve(
    LU: Any, pivots: Any, B: Any, *, left: bool = True, adjoint: bool = False
) -> Any:
    """The X of A X = B, or X A = B, or A' X = B, where A comes as its `lu_factor`.

    Derivatives: those of products and of triangular solves.
    """
    need_matrix("linalg.lu_solve", LU, square=True, name="LU")
    need_matrix("linalg.lu_solve", B, name="B")
    if LU.array.dtype != B.array.dtype:
        raise RuntimeError(
            "linalg.lu_solve: Expected LU and B to have the same dtype, but found LU of type "
            f"{type_name(LU.array.dtype)} and B of type {type_name(B.array.dtype)} instead"
        )
    n, (rows, columns) = LU.array.shape[-1], B.array.shape[-2:]
    if n != (rows if left else columns):
        raise RuntimeError(
            "linalg.lu_solve: Incompatible shapes of A and B for the equation "
            f"{'AX' if left else 'XA'} = B ({n}x{n} and {rows}x{columns})"
        )
    if pivots.array.dtype != np.int32:
        raise RuntimeError(
            "linalg.lu_solve: pivots should be a Tensor of scalar type torch.int32. Got "
            f"{type_name(pivots.array.dtype)}"
        )
    if not left:
        solved = linalg_lu_solve(LU, pivots, swapped(B), adjoint=not adjoint)
        return swapped(solved)
    P = wrap(_permutation(pivots.array, LU.array.shape[-1], B.array.dtype))
    if adjoint:
        half = _solve_triangular(swapped(LU), B, False, 0)
        return P @ _solve_triangular(swapped(LU), half, True, 1)
    half = _solve_triangular(LU, swapped(P) @ B, False, 1)
    return _solve_triangular(LU, half, True, 0)


@typed("LU_data", "LU_pivots")
def lu_unpack(
    LU_data: Any, LU_pivots: Any, unpack_data: bool = True, unpack_pivots: bool = True
) -> Any:
    """P, L and U of what `linalg.lu_factor` gives."""
    if LU_data.array.ndim < 2:
        raise RuntimeError(
            "torch.lu_unpack: Expected tensor with 2 or more dimensions. Got size: "
            f"{list(LU_data.array.shape)} instead"
        )
    if LU_pivots.array.dtype != np.int32:
        raise RuntimeError(
            "torch.lu_unpack: LU_pivots is expected to be a contiguous tensor of torch.int32 "
            "dtype. Give those that lu_factor returned."
        )
    m, n = LU_data.array.shape[-2:]
    k = min(m, n)
    if (
        LU_pivots.array.shape[-1:] != (k,)
        or not ((LU_pivots.array > 0) & (LU_pivots.array <= m)).all()
    ):
        raise RuntimeError(
            "pivots passed to lu_unpack must be between 1 and LU.size(-2) inclusive.Did you "
            "properly pass the result of lu_factor?"
        )
    P, L, U = [wrap(np.zeros(0, LU_data.array.dtype)) for _ in range(3)]
    if unpack_pivots:
        P = wrap(_permutation(LU_pivots.array, m, LU_data.array.dtype))
    if unpack_data:
        L, U = halves(LU_data, k)
    return Unpacked([P, L, U])


Unpacked = return_type("lu_unpack", "P", "L", "U")


def lu(A: Any, pivot: bool = True, get_infos: bool = False) -> Any:
    """`linalg.lu_factor_ex` by its old name: without ``get_infos``, of two parts."""
    warn_once(
        "torch.lu is deprecated in favor of torch.linalg.lu_factor / torch.linalg.lu_factor_ex and "
        "will be removed in a future PyTorch release.\nBoth take the same matrices."
    )
    made = linalg_lu_factor_ex(A, pivot=pivot)
    return tuple(made) if get_infos else tuple(made[:2])


def lu_solve(b: Any, LU_data: Any, LU_pivots: Any) -> Any:
    """`linalg.lu_solve` by its old name, and with the operands in another order."""
    need_tensor("lu_solve", b)
    return linalg_lu_solve(LU_data, LU_pivots, b)
