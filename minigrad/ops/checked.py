"""Linear algebra that tells of a failure in its result, and equations between tensors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.autograd.value import Array, wrap
from minigrad.ops.arguments import numpys_names, typed
from minigrad.ops.decompositions import _cholesky, check_positive, is_positive, leading_minor
from minigrad.ops.products import swapped
from minigrad.ops.shape import reshape
from minigrad.ops.solving import (
    _inv,
    failing,
    linalg_inv,
    linalg_solve,
    need_matrix,
    regular,
    singular,
    zero_pivot,
)
from minigrad.return_types import return_type

InvEx = return_type("linalg_inv_ex", "inverse", "info")
CholeskyEx = return_type("linalg_cholesky_ex", "L", "info")
SolveEx = return_type("linalg_solve_ex", "result", "info")


def each(A: Array, number: Any) -> Array:
    """A number for each matrix of a batch, as int32."""
    info = np.zeros(A.shape[:-2], np.int32)
    for i in np.ndindex(info.shape):
        info[i] = number(A[i])
    return info


def pivots_of(A: Array) -> Array:
    """For each matrix the number of its first pivot that is zero, or 0."""
    return each(A, lambda M: zero_pivot(M) if singular(M) else 0)


def marked(result: Any, info: Array, dims: int = 2) -> Any:
    """The result, but NaN where a matrix failed; ``dims`` are those of one result."""
    if not info.any():
        return result
    bad = (info != 0).reshape(info.shape + (1,) * dims)
    return result.masked_fill(wrap(np.broadcast_to(bad, result.array.shape)), math.nan)


@typed("A")
def linalg_inv_ex(A: Any, *, check_errors: bool = False) -> Any:
    """`linalg.inv` and an int32 that is 0, or says which pivot of a singular matrix is zero.

    Returns a named tuple (inverse, info). The inverse of a singular matrix is NaN here.
    """
    need_matrix("linalg_inv", A, square=True)
    info = pivots_of(A.array)
    if check_errors and info.any():
        number = info[info != 0][0] if info.ndim else info
        why = (
            f"The diagonal element {int(number)} is zero, the inversion could not be completed "
            "because the input matrix is singular."
        )
        raise failing("linalg.inv_ex", A.array.shape, np.asarray(info != 0), why)
    return InvEx([marked(_inv(regular(A, info != 0)), info), wrap(info)])


@typed("A", "B")
def linalg_solve_ex(A: Any, B: Any, *, left: bool = True, check_errors: bool = False) -> Any:
    """`linalg.solve` and an int32 that is 0, or says which pivot of a singular matrix is zero.

    Returns a named tuple (result, info). The result for a singular matrix is NaN here.
    """
    need_matrix("linalg_solve", A, square=True)
    info = pivots_of(A.array)
    if check_errors and info.any():
        why = "The solver failed because the input matrix is singular."
        raise failing("torch.linalg.solve_ex", A.array.shape, np.asarray(info != 0), why)
    result = linalg_solve(regular(A, info != 0), B, left=left)
    vector = B.array.ndim == 1 or B.array.shape == A.array.shape[:-1]
    return SolveEx([marked(result, info, 1 if vector else 2), wrap(info)])


def _minor(A: Array) -> int:
    return 0 if is_positive(A) else leading_minor(A)


@numpys_names
@typed("A")
def linalg_cholesky_ex(A: Any, *, upper: bool = False, check_errors: bool = False) -> Any:
    """`linalg.cholesky` and an int32 that is 0, or the order of the minor that is not positive.

    Returns a named tuple (L, info). L of a matrix that is not positive-definite is NaN here.
    """
    need_matrix("linalg_cholesky", A, square=True)
    info = each(swapped(A.array) if upper else A.array, _minor)
    if check_errors:
        check_positive(A, "linalg.cholesky_ex", upper)
    L = _cholesky(regular(A, info != 0), bool(upper))
    return CholeskyEx([marked(L, info), wrap(info)])


@typed("A")
def linalg_tensorinv(A: Any, ind: int = 2) -> Any:
    """The inverse for `tensordot` of ``ind`` dimensions, the first ones counting as rows."""
    shape = A.array.shape
    if ind <= 0:
        raise RuntimeError("Expected a strictly positive integer for 'ind'")
    rows, columns = math.prod(shape[:ind]), math.prod(shape[ind:])
    if rows != columns:
        raise RuntimeError(
            "Expected self to satisfy the requirement prod(self.shape[ind:]) == "
            f"prod(self.shape[:ind]), but got {columns} != {rows}"
        )
    return reshape(linalg_inv(reshape(A, (rows, columns))), (*shape[ind:], *shape[:ind]))


@typed("A", "B")
def linalg_tensorsolve(A: Any, B: Any, dims: Any = None) -> Any:
    """The X with ``tensordot(A, X, X.ndim) = B``; ``dims`` of A are moved behind the others."""
    if dims is not None:
        A = A.movedim(tuple(dims), tuple(range(A.array.ndim - len(dims), A.array.ndim)))
    shape, n = A.array.shape, B.array.ndim
    rows, columns = math.prod(shape[:n]), math.prod(shape[n:])
    if rows != columns:
        raise RuntimeError(
            "Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == "
            f"prod(self.shape[:other.ndim]), but got {columns} != {rows}"
        )
    return reshape(linalg_solve(reshape(A, (rows, columns)), reshape(B, (-1,))), shape[n:])
