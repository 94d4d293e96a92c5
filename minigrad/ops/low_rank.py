"""Matrices of low rank that come close to a given one, found with random vectors.

All take batches of matrices. A' is the transpose of A.
"""

from __future__ import annotations

from typing import Any

from minigrad.dtypes import float32
from minigrad.ops.arguments import need_tensor
from minigrad.ops.decompositions import linalg_qr, linalg_svd
from minigrad.ops.linalg import matmul
from minigrad.ops.reduction import mean
from minigrad.ops.shape import broadcast_to
from minigrad.random import randn

__all__ = ["pca_lowrank", "svd_lowrank"]


def svd_lowrank(A: Any, q: int | None = 6, niter: int | None = 2, M: Any = None) -> Any:
    """U, S and V of ``q`` columns, with U diag(S) V' close to A, or to A - M.

    The columns of A times random ones are nearly a basis; times A' and A again, ``niter`` times, a
    better one (Halko, Martinsson and Tropp, "Finding structure with randomness", 2009, algorithm
    5.1). M broadcasts to A. Derivative: that of the products and factorisations it is composed of.
    """
    need_tensor("svd_lowrank", A, "A")
    m, n = A.shape[-2:]
    if M is not None:
        M = broadcast_to(M, A.shape)
    if m < n:
        A, M = A.mH, None if M is None else M.mH
    R = randn(A.shape[-1], 6 if q is None else q, dtype=A.dtype if is_float(A) else float32)
    Q = linalg_qr(times(A, M, R)).Q
    for _ in range(2 if niter is None else niter):
        Q = linalg_qr(times(A.mH, None if M is None else M.mH, Q)).Q
        Q = linalg_qr(times(A, M, Q)).Q
    B = matmul(Q.mH, A)
    if M is not None:
        B = B - matmul(Q.mH, M)
    U, S, Vh = linalg_svd(B, full_matrices=False)
    U, V = matmul(Q, U), Vh.mH
    return (V, S, U) if m < n else (U, S, V)


def is_float(A: Any) -> bool:
    return bool(A.array.dtype.kind == "f")


def times(A: Any, M: Any, X: Any) -> Any:
    """(A - M) X"""
    return matmul(A, X) if M is None else matmul(A, X) - matmul(M, X)


def pca_lowrank(A: Any, q: int | None = None, center: bool = True, niter: int = 2) -> Any:
    """The principal components of the rows of A: U, S and V as `svd_lowrank` has them.

    ``center``: from the rows' mean. V has q columns, by default 6 or as many as there can be; the
    rows of A V[:, :k] are what the first k components say. Raises ValueError for a q that is too
    large, and for a negative number of rounds.
    """
    need_tensor("pca_lowrank", A, "A")
    m, n = A.shape[-2:]
    if q is None:
        q = min(6, m, n)
    elif not 0 <= q <= min(m, n):
        raise ValueError(
            f"q(={q}) must be non-negative integer and not greater than min(m, n)={min(m, n)}"
        )
    if not niter >= 0:
        raise ValueError(f"niter(={niter}) must be non-negative integer")
    return svd_lowrank(A - mean(A, (-2,), keepdim=True) if center else A, q, niter)
