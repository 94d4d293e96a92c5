"""The parametrization by orthogonal matrices; see parametrize.py.

A square matrix X stands for ``exp(A)`` or ``(1 - A/2)^-1 (1 + A/2)`` (Cayley) with the
skew-symmetric ``A = tril(X) - tril(X)^T``, any matrix for a product of Householder reflections
``H_1 H_2 ... H_k``, ``H_i = 1 - tau_i v_i v_i^T`` with v_i below the diagonal of X's column i.
Lezcano Casado and Martínez Rubio, arXiv:1901.08428.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.modes import no_grad
from minigrad.autograd.value import Value, wrap
from minigrad.creation import eye
from minigrad.nn.modules.module import Module
from minigrad.nn.utils.parametrize import register_parametrization
from minigrad.ops.joining import cat
from minigrad.ops.matrix_exponential import matrix_exp
from minigrad.ops.solving import linalg_solve as solve
from minigrad.random import randn

MAPS = ("matrix_exp", "cayley", "householder")


def reflected(vectors: Any, taus: Any) -> Any:
    """The first columns of the product of the reflections by the columns of ``vectors``."""
    *_, n, k = vectors.shape
    lower = vectors.tril(-1) + eye(n, k, dtype=vectors.dtype)
    out = eye(n, k, dtype=vectors.dtype).expand(vectors.shape)
    for i in reversed(range(k)):
        v = lower[..., i : i + 1]
        out = out - taus[..., i, None, None] * v @ (v.mT @ out)
    return out


def factored(matrix: Any) -> tuple[Any, Any]:
    """Vectors and factors of the reflections of a QR decomposition, and R on and above them."""
    stack = matrix.array.reshape(-1, *matrix.array.shape[-2:])
    pairs = [np.linalg.qr(each, "raw") for each in stack]
    lead = matrix.array.shape[:-2]
    h = np.stack([each.T for each, _ in pairs]).reshape(matrix.array.shape)
    tau = np.stack([each for _, each in pairs])
    return wrap(np.ascontiguousarray(h)), wrap(tau.reshape(*lead, tau.shape[-1]))


def orthonormal(matrix: Any) -> Any:
    """The Q of a QR decomposition whose R has a diagonal that is not negative."""
    h, tau = factored(matrix)
    return reflected(h, tau) * h.diagonal(dim1=-2, dim2=-1).sign().unsqueeze(-2)


def is_orthonormal(matrix: Any) -> bool:
    n, k = matrix.shape[-2:]
    bound = 10 * n * float(np.finfo(matrix.array.dtype).eps)
    gram = (matrix.mT @ matrix).array
    return bool(np.allclose(gram, np.eye(k, dtype=gram.dtype), atol=bound))


class _Orthogonal(Module):
    """An orthogonal matrix made of any, times ``base`` where there is one (a trivialization)."""

    base: Any

    def __init__(self, weight: Any, orthogonal_map: str, use_trivialization: bool) -> None:
        super().__init__()
        self.shape = weight.shape
        self.orthogonal_map = orthogonal_map
        if use_trivialization:
            self.register_buffer("base", None)

    def forward(self, X: Any) -> Any:
        wide = X.shape[-2] < X.shape[-1]
        X = X.mT if wide else X
        *lead, n, k = X.shape
        if self.orthogonal_map == "householder":
            vectors = X.tril(-1)
            Q = reflected(vectors, 2.0 / (1.0 + (vectors * vectors).sum(-2)))
            Q = Q * X.diagonal(dim1=-2, dim2=-1).int().unsqueeze(-2)
        else:
            X = X.tril()
            if n != k:
                X = cat([X, X.new_zeros(*lead, n, n - k)], -1)
            A = X - X.mT
            if self.orthogonal_map == "matrix_exp":
                Q = matrix_exp(A)
            else:
                unit = eye(n, dtype=A.dtype)
                Q = solve(unit - 0.5 * A, unit + 0.5 * A)
            Q = Q[..., :k]
        if hasattr(self, "base"):
            Q = self.base @ Q
        return Q.mT if wide else Q

    def right_inverse(self, Q: Any) -> Any:
        if Q.shape != self.shape:
            raise ValueError(
                f"Expected a matrix or batch of matrices of shape {self.shape}. Got a tensor of "
                f"shape {Q.shape}."
            )
        with no_grad():
            return self.inverse(Q)

    def inverse(self, given: Any) -> Any:
        wide = given.shape[-2] < given.shape[-1]
        Q = given.mT if wide else given
        *lead, n, k = Q.shape
        if not hasattr(self, "base"):
            if self.orthogonal_map != "householder":
                raise NotImplementedError(
                    "It is not possible to assign to the matrix exponential or the Cayley "
                    "parametrizations when use_trivialization=False."
                )
            A, tau = factored(Q)
            diagonal = A.diagonal(dim1=-2, dim2=-1)
            diagonal.sign_()
            diagonal[tau == 0] *= -1
            return A.mT if wide else A
        if n != k:
            Q = orthonormal(cat([Q, randn(*lead, n, n - k, dtype=Q.dtype)], -1))
        else:
            Q = Q.clone() if is_orthonormal(Q) else orthonormal(Q)
        self.base = Q
        made = given.new_zeros(given.shape)
        made.diagonal(dim1=-2, dim2=-1).fill_(-1.0)
        return made


def orthogonal(
    module: Module,
    name: str = "weight",
    orthogonal_map: str | None = None,
    *,
    use_trivialization: bool = True,
) -> Module:
    """Keep a parameter orthogonal: its columns, or rows if there are fewer, are orthonormal.

    orthogonal_map: "matrix_exp", "cayley" or "householder", if given; else the first for square
    matrices and the last for others. use_trivialization: whether the matrix is relative to that it
    had at first. Raises ValueError for a parameter that is no matrix or batch of matrices.
    """
    weight = getattr(module, name, None)
    if not isinstance(weight, Value):
        raise ValueError(f"Module '{module}' has no parameter or buffer with name '{name}'")
    if weight.array.ndim < 2:
        raise ValueError(
            "Expected a matrix or batch of matrices. Got a tensor of "
            f"{weight.array.ndim} dimensions."
        )
    square = weight.array.shape[-2] == weight.array.shape[-1]
    if orthogonal_map is None:
        orthogonal_map = "matrix_exp" if square else "householder"
    if orthogonal_map not in MAPS:
        raise ValueError(
            'orthogonal_map has to be one of "matrix_exp", "cayley", "householder". Got: '
            f"{orthogonal_map}"
        )
    made = _Orthogonal(weight, orthogonal_map, use_trivialization)
    return register_parametrization(module, name, made, unsafe=True)
