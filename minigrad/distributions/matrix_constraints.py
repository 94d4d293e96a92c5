"""Conditions on matrices."""

from __future__ import annotations

from typing import Any

from minigrad.distributions.constraint import Constraint
from minigrad.linalg import cholesky_ex, eigvalsh
from minigrad.typeinfo import finfo


class _Matrix(Constraint):
    event_dim = 2


class _LowerTriangular(_Matrix):
    def check(self, value: Any) -> Any:
        return (value.tril() == value).flatten(-2).all(-1)


class _LowerCholesky(_LowerTriangular):
    def check(self, value: Any) -> Any:
        return super().check(value) & (value.diagonal(dim1=-2, dim2=-1) > 0).all(-1)


class _CorrCholesky(_LowerCholesky):
    """Lower Cholesky factors of correlations: their rows have the norm 1."""

    def check(self, value: Any) -> Any:
        slack = 10 * value.size(-1) * finfo(value.dtype).eps
        norms = value.detach().pow(2).sum(-1).sqrt()
        return super().check(value) & ((norms - 1).abs() <= slack).all(-1)


class _Square(_Matrix):
    def check(self, value: Any) -> Any:
        square = value.shape[-2] == value.shape[-1]
        return (value.new_ones(value.shape[:-2]) == 1) & square


class _Symmetric(_Square):
    def check(self, value: Any) -> Any:
        square = super().check(value)
        return (
            square if not square.all() else value.isclose(value.mT, atol=1e-6).flatten(-2).all(-1)
        )


class _PositiveSemidefinite(_Symmetric):
    def check(self, value: Any) -> Any:
        symmetric = super().check(value)
        if not symmetric.all():
            return symmetric
        return (eigvalsh(value.detach()) >= 0).all(-1)


class _PositiveDefinite(_Symmetric):
    def check(self, value: Any) -> Any:
        symmetric = super().check(value)
        if not symmetric.all():
            return symmetric
        return cholesky_ex(value.detach()).info == 0
