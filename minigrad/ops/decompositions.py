"""Factorisations of matrices, through LAPACK: Cholesky, QR, eigenvalues, singular values.

All take batches of matrices: the last two dimensions are a matrix's rows and columns. In the
formulas, A' is the transpose of A. Eigenvectors and singular vectors are determined up to their
sign, and not at all where values coincide; a gradient is meaningful only for functions that do not
depend on that choice.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.not_implemented import refuse_backward
from minigrad.autograd.value import Array, wrap
from minigrad.autograd.wide import wide_primitive
from minigrad.errors import warn_once
from minigrad.ops.arguments import numpys_names, typed
from minigrad.ops.diagonals import _tril
from minigrad.ops.products import swapped
from minigrad.ops.shape import transpose
from minigrad.ops.solving import _inv, converging, failing, need_matrix, svd_factors
from minigrad.return_types import return_type

__all__ = ["cholesky", "qr", "svd"]

Eigh = return_type("linalg_eigh", "eigenvalues", "eigenvectors")
QR = return_type("linalg_qr", "Q", "R")
OldQR = return_type("qr", "Q", "R")
SVD = return_type("linalg_svd", "U", "S", "Vh")
OldSVD = return_type("svd", "U", "S", "V")


# The unit matrix with as many columns as another, and of its dtype.
eye_like = wide_primitive("EyeBackward0", lambda x: np.eye(x.shape[-1], dtype=x.dtype))


# The formula of linalg_cholesky.
def _cholesky_rule(g: Any, L: Any, upper: bool) -> Any:
    if upper:
        g, L = swapped(g), swapped(L)
    P = _tril(np.matmul(swapped(L), g), 0)
    both = (P + swapped(_tril(P, -1))) * 0.5
    inverse = _inv(L)
    return np.matmul(swapped(inverse), np.matmul(both, inverse))


def _factor(A: Array, upper: bool) -> Array:
    L = np.linalg.cholesky(np.swapaxes(A, -1, -2) if upper else A)
    return np.ascontiguousarray(np.swapaxes(L, -1, -2)) if upper else L


def _slope(g: Any, out: Any, upper: Any) -> Any:
    return _cholesky_rule(g, out, upper)


_cholesky = wide_primitive("LinalgCholeskyExBackward0", _factor, A=_slope)
_old_cholesky = wide_primitive(
    "CholeskyBackward0", lambda A, upper: _factor(A, upper) if A.size else A.copy(), A=_slope
)


@typed("A")
def linalg_cholesky(A: Any, *, upper: bool = False) -> Any:
    """The lower triangular L with L L' = A, of symmetric positive-definite A; L' where ``upper``.

    Only the lower triangle of A counts, or the upper one. Derivative: L'^-1 (P + P') L^-1 / 2,
    where P is the lower triangle of L' g with its diagonal halved (Murray, Differentiation of the
    Cholesky decomposition, 2016, section 3); where ``upper``, with g' for g. Raises LinAlgError
    where A is not positive-definite, RuntimeError where it is not square or of integers,
    NotImplementedError for float16.
    """
    check_positive(A, upper=upper)
    return _cholesky(A, bool(upper))


def check_positive(A: Any, function: str = "linalg.cholesky", upper: bool = False) -> None:
    """Raise LinAlgError unless A has a Cholesky factor."""
    need_matrix("linalg_cholesky", A, square=True)
    matrices = swapped(A.array) if upper else A.array  # numpy looks at the lower triangle
    bad = np.zeros(A.array.shape[:-2], bool)
    for i in np.ndindex(bad.shape):
        bad[i] = not is_positive(matrices[i])
    if bad.any():
        order = leading_minor(matrices[np.unravel_index(np.argmax(bad), bad.shape)])
        raise failing(
            function,
            A.array.shape,
            bad,
            "The factorization could not be completed because the input is not positive-definite "
            f"(the leading minor of order {order} is not positive-definite).",
        )


def leading_minor(A: Array) -> int:
    """The order of the first leading minor of A that is not positive-definite."""
    return next((n for n in range(1, len(A)) if not is_positive(A[:n, :n])), len(A))


def is_positive(A: Array) -> bool:
    """Whether a matrix has a Cholesky factor, which one with NaN or infinities has not."""
    try:
        with np.errstate(all="ignore"):
            return bool(np.isfinite(np.diagonal(np.linalg.cholesky(A))).all())
    except np.linalg.LinAlgError:
        return False


@typed("input")
def cholesky(input: Any, upper: bool = False) -> Any:
    """`linalg.cholesky` by its old name."""
    if input.array.size:
        check_positive(input, "cholesky", upper)
    warn_once(
        "torch.cholesky is deprecated in favor of torch.linalg.cholesky and will be removed in a "
        "future PyTorch release.\nWith upper=True it is that transposed."
    )
    return _old_cholesky(input, bool(upper))


# The formula of linalg_eigh: only the skew part of V' gV can count, since V stays orthogonal.
def _eigh_rule(g_L: Any, g_V: Any, L: Any, V: Any) -> Any:
    if g_V is None:
        return np.matmul(V * g_L[..., None, :], swapped(V))
    one = eye_like(V)
    turn = np.matmul(swapped(V), g_V)
    inside = (turn - swapped(turn)) * 0.5 / (L[..., None, :] - L[..., :, None] + one)
    if g_L is not None:
        inside = inside + g_L[..., None] * one
    return np.matmul(V, np.matmul(inside, swapped(V)))


def _eigenpairs(A: Array, UPLO: Any) -> tuple[Array, ...]:
    with converging(A, "linalg.eigh"):
        return tuple(np.linalg.eigh(A, UPLO))


_eigh = wide_primitive(
    "LinalgEighBackward0",
    _eigenpairs,
    outputs=("L", "V"),
    partial=True,
    A=lambda g_L, g_V, L, V: _eigh_rule(g_L, g_V, L, V),
)


@numpys_names
@typed("A")
def linalg_eigh(A: Any, UPLO: str = "L") -> Any:
    """The eigenvalues, ascending, and eigenvectors, in columns, of symmetric matrices.

    Only the lower triangle counts, or with ``UPLO="U"`` the upper one. Returns a named tuple
    (eigenvalues, eigenvectors), L (..., n) and V (..., n, n).

    Derivative: V (diag(gL) + (V' gV - gV' V) / (2 E)) V', where E[i, j] = L[j] - L[i], and 0 / 0 on
    the diagonal counts as 0 (Giles, An extended collection of matrix derivative results, 2008,
    section 3.1). It is infinite or NaN where eigenvalues coincide, if that of the eigenvectors
    counts. Raises RuntimeError for matrices that are not square and another UPLO,
    NotImplementedError for integers and float16, and numpy's LinAlgError where LAPACK does not
    converge, as it may for NaN.
    """
    need_matrix("linalg_eigh", A, square=True)
    if UPLO.upper() not in ("L", "U"):
        raise RuntimeError(f"Expected UPLO argument to be 'L' or 'U', but got {UPLO}")
    return Eigh(_eigh(A, UPLO.upper()))


@numpys_names
@typed("A")
def linalg_eigvalsh(A: Any, UPLO: str = "L") -> Any:
    """The eigenvalues of symmetric matrices, ascending. Derivative: V diag(g) V'.

    Errors as of `linalg.eigh`.
    """
    return linalg_eigh(A, UPLO)[0]


# The formula of linalg_qr. Where there are more columns than rows, those further are Q' times A's,
# and add to the gradient of Q.
def _qr_rule(g_Q: Any, g_R: Any, A: Any, Q: Any, R: Any) -> Any:
    m, n = A.shape[-2:]
    if m < n:
        g_rest = g_R[..., m:]
        g_Q = g_Q + np.matmul(A[..., m:], swapped(g_rest))
        g_R, R = g_R[..., :m], R[..., :m]
    M = np.matmul(R, swapped(g_R)) - np.matmul(swapped(g_Q), Q)
    both = _tril(M, 0) + swapped(_tril(M, -1))
    found = np.matmul(g_Q + np.matmul(Q, both), swapped(_inv(R)))
    if m < n:
        found = np.concatenate([found, np.matmul(Q, g_rest)], axis=-1)
    return found


_qr = wide_primitive(
    "LinalgQrBackward0",
    lambda A, mode: tuple(np.linalg.qr(A, mode)),
    outputs=("Q", "R"),
    A=lambda g_Q, g_R, A, Q, R: _qr_rule(g_Q, g_R, A, Q, R),
)
NO_Q = (
    "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use "
    "linalg.qr(A, mode='reduced') if you are going to differentiate through linalg.qr."
)
TOO_MANY_ROWS = (
    "The QR decomposition is not differentiable when mode='complete' and nrows > ncols. Use "
    "mode='reduced'."
)


@typed("A")
def linalg_qr(A: Any, mode: str = "reduced") -> Any:
    """Q, with orthonormal columns, and the upper triangular R, with Q R = A.

    mode:  "reduced"; "complete" for a square Q; "r" for R alone, and an empty Q.

    Returns a named tuple (Q, R). Derivative: (gQ + Q S) R'^-1, where S is symmetric and has the
    lower triangle of R gR' - gQ' Q (Roberts and Roberts, QR and LQ decomposition matrix
    backpropagation algorithms, 2020). Of more columns than rows, that is for the first ones; the
    further ones B of A and gB of gR add B gB' to gQ, and get Q gB.

    Raises RuntimeError for less than two dimensions, integers and another mode, and in the backward
    pass of "r", and of "complete" with more rows than columns; NotImplementedError for float16.
    """
    need_matrix("linalg_qr", A)
    if mode not in ("reduced", "complete", "r"):
        raise RuntimeError(
            f"qr received unrecognized mode '{mode}' but expected one of 'reduced' (default), 'r', "
            "or 'complete'"
        )
    if mode == "reduced" or (mode == "complete" and A.array.shape[-2] <= A.array.shape[-1]):
        return QR(_qr(A, mode))
    if mode == "r":
        parts: list[Any] = [np.zeros(0, A.array.dtype), np.linalg.qr(A.array, "r")]
    else:
        parts = [*np.linalg.qr(A.array, "complete")]
    results = [wrap(part) for part in parts]
    refuse_backward("LinalgQrBackward0", NO_Q if mode == "r" else TOO_MANY_ROWS, results, [A])
    return QR(results)


@typed("input")
def qr(input: Any, some: bool = True) -> Any:
    """`linalg.qr` by its old name."""
    warn_once(
        "torch.qr is deprecated in favor of torch.linalg.qr and will be removed in a future "
        "PyTorch release.\nIts mode is 'reduced' for some=True, else 'complete'."
    )
    return OldQR(linalg_qr(input, "reduced" if some else "complete"))


# The formula of linalg_svd: also what of gU and gV is orthogonal to U and V.
def _svd_rule(g_U: Any, g_S: Any, g_Vh: Any, U: Any, S: Any, Vh: Any) -> Any:
    k = S.shape[-1]
    U, Vh = U[..., :k], Vh[..., :k, :]
    row, column, one = S[..., None, :], S[..., :, None], eye_like(U)
    apart = row * row - column * column + one
    found = 0
    if g_S is not None:
        found = np.matmul(U * g_S[..., None, :], Vh)
    if g_U is not None:
        g = g_U[..., :k]
        turn = np.matmul(swapped(U), g)
        found = found + np.matmul(U, np.matmul((turn - swapped(turn)) / apart * row, Vh))
        if U.shape[-2] > k:
            found = found + np.matmul((g - np.matmul(U, turn)) / row, Vh)
    if g_Vh is not None:
        g = g_Vh[..., :k, :]
        turn = np.matmul(Vh, swapped(g))
        found = found + np.matmul(U, np.matmul(column * ((turn - swapped(turn)) / apart), Vh))
        if Vh.shape[-1] > k:
            found = found + np.matmul(U, (g - np.matmul(swapped(turn), Vh)) / column)
    return found


_svd = wide_primitive(
    "LinalgSvdBackward0",
    svd_factors,
    outputs=("U", "S", "Vh"),
    partial=True,
    A=lambda g_U, g_S, g_Vh, U, S, Vh: _svd_rule(g_U, g_S, g_Vh, U, S, Vh),
)


@typed("A")
def linalg_svd(A: Any, full_matrices: bool = True, *, driver: Any = None) -> Any:
    """U, S and Vh with U diag(S) Vh = A, the columns of U and the rows of Vh orthonormal.

    Of A (..., m, n), with k = min(m, n): U (..., m, k), S (..., k), descending, and Vh (..., k, n),
    as a named tuple. ``full_matrices`` makes U and Vh square; what that adds has no derivative.
    ``driver`` is accepted.

    With skew(X) = X - X', V = Vh' and E[i, j] = S[j]**2 - S[i]**2, where 0 / 0 on the diagonal
    counts as 0, the derivative is (Townsend, Differentiating the singular value decomposition,
    2016)::

        U (skew(U' gU) / E diag(S) + diag(S) skew(V' gV) / E + diag(gS)) V'
        + (1 - U U') gU diag(S)^-1 V' + U diag(S)^-1 gV' (1 - V V')

    It is infinite or NaN where singular values coincide, if that of U or Vh counts. Raises
    RuntimeError for less than two dimensions and for integers, NotImplementedError for float16, and
    LinAlgError where LAPACK does not converge, as for NaN.
    """
    need_matrix("linalg_svd", A)
    return SVD(_svd(A, bool(full_matrices)))


@typed()
def linalg_svdvals(A: Any, *, driver: str | None = None) -> Any:
    """The singular values of matrices, descending. Derivative: U diag(g) Vh.

    Errors as of `linalg.svd`.
    """
    need_matrix("linalg_svd", A)
    return _svd(A, False)[1]


@typed("input")
def svd(input: Any, some: bool = True, compute_uv: bool = True) -> Any:
    """U, S and V with U diag(S) V' = A: `linalg.svd` by its old name, and with V in place of Vh.

    Unless ``compute_uv``, zeros are in the places of U and V.
    """
    need_matrix("linalg_svd", input)
    if not compute_uv:
        *batch, m, n = input.array.shape
        zeros = [input.new_zeros(*batch, size, size) for size in (m, n)]
        return OldSVD((zeros[0], linalg_svdvals(input), zeros[1]))
    U, S, Vh = _svd(input, not some)
    return OldSVD((U, S, transpose(Vh, -2, -1)))
