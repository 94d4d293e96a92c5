"""The distribution of sums of the squares of normal vectors."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable
from typing import Any, ClassVar

from minigrad import linalg
from minigrad.creation import arange, tril_indices
from minigrad.distributions.constraints import (
    Constraint,
    greater_than,
    lower_cholesky,
    positive_definite,
)
from minigrad.distributions.distribution import parameters, standard_normal
from minigrad.distributions.exponential_family import ExponentialFamily
from minigrad.distributions.factored import Factored, lower_factor
from minigrad.distributions.gamma import Chi2
from minigrad.ops.diagonals import diag_embed
from minigrad.ops.dims import broadcast_shapes
from minigrad.ops.special import mvlgamma
from minigrad.typeinfo import finfo

TRIES = 10  # of drawing a matrix that is positive definite


class Wishart(Factored, ExponentialFamily):
    """Sums of ``df`` products ``x @ x.T`` of normal vectors x, given one of three matrices.

    covariance_matrix: that of x; precision_matrix: its inverse; scale_tril: its lower Cholesky
    factor L. ``df``, a number or a tensor, is above the dimensions p less 1.
    """

    support = positive_definite
    has_rsample = True
    matrices: ClassVar[tuple[str, ...]] = ("covariance_matrix", "precision_matrix", "scale_tril")

    def __init__(
        self,
        df: Any,
        covariance_matrix: Any = None,
        precision_matrix: Any = None,
        scale_tril: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        """Raises ValueError for a ``df`` too low, AssertionError for not exactly one matrix."""
        matrices = (covariance_matrix, precision_matrix, scale_tril)
        given = {n: m for n, m in zip(self.matrices, matrices, strict=True) if m is not None}
        if len(given) != 1:
            raise AssertionError(
                "Exactly one of covariance_matrix or precision_matrix or scale_tril may be "
                "specified."
            )
        ((name, matrix),) = given.items()
        if matrix.dim() < 2:
            raise ValueError(
                "scale_tril must be at least two-dimensional, with optional leading batch "
                "dimensions"
            )
        (df,) = parameters(df)
        batch = broadcast_shapes(matrix.shape[:-2], df.shape)
        p = matrix.shape[-1]
        if (df <= p - 1).any():
            raise ValueError(f"Value of df={df} expected to be greater than ndim - 1 = {p - 1}.")
        self.df = df.expand(batch)
        self.__dict__[name] = matrix.expand((*batch, -1, -1))
        if (self.df < p).any():
            warnings.warn(
                "Low df values detected. Singular samples are highly likely to occur for "
                "ndim - 1 < df < ndim.",
                stacklevel=2,
            )
        super().__init__(batch, matrix.shape[-2:], validate_args=validate_args)
        self._unbroadcasted_scale_tril = lower_factor(name, matrix)

    def _event_dims(self, name: str) -> int:
        return 0 if name == "df" else 2

    @property
    def arg_constraints(self) -> dict[str, Constraint]:  # type: ignore[override]
        """Those of the matrices, and that df is above p - 1."""
        return {
            "covariance_matrix": positive_definite,
            "precision_matrix": positive_definite,
            "scale_tril": lower_cholesky,
            "df": greater_than(self.event_shape[-1] - 1),
        }

    @property
    def mean(self) -> Any:
        """``df * covariance_matrix``"""
        return self.df.view((*self._batch_shape, 1, 1)) * self.covariance_matrix

    @property
    def mode(self) -> Any:
        """``(df - p - 1) * covariance_matrix``; NaN where df is not above p + 1."""
        factor = self.df - self.covariance_matrix.shape[-1] - 1
        factor = factor.masked_fill(factor <= 0, math.nan)
        return factor.view((*self._batch_shape, 1, 1)) * self.covariance_matrix

    @property
    def variance(self) -> Any:
        """``df * (C[i, j]**2 + C[i, i] * C[j, j])`` with the covariances C."""
        matrix = self.covariance_matrix
        diagonal = matrix.diagonal(dim1=-2, dim2=-1)
        products = diagonal.unsqueeze(-1) * diagonal.unsqueeze(-2)
        return self.df.view((*self._batch_shape, 1, 1)) * (matrix.pow(2) + products)

    def _drawn(self, sample_shape: Iterable[int]) -> Any:
        """By Bartlett's decomposition: ``(L @ A) @ (L @ A).T`` with a random triangle A."""
        p, dtype = self._event_shape[-1], self._unbroadcasted_scale_tril.dtype
        spread = Chi2(self.df.unsqueeze(-1) - arange(p, dtype=dtype))
        roots = spread.rsample(sample_shape).sqrt().clamp(min=finfo(dtype).eps)
        triangle = diag_embed(roots)
        rows, columns = tril_indices(p, p, -1)
        shape = (*sample_shape, *self._batch_shape, p * (p - 1) // 2)
        normals = standard_normal(shape, dtype)
        triangle[..., rows, columns] = normals
        factor = self._unbroadcasted_scale_tril @ triangle
        return factor @ factor.mT

    def rsample(self, sample_shape: Iterable[int] = (), max_try_correction: int = TRIES) -> Any:
        """Draw matrices, which are differentiable in the given one; in ``df`` that is refused.

        As in torch, those that are positive definite are drawn again, until they are that again.
        """
        sample = self._drawn(tuple(sample_shape))
        again = self._met(sample)
        for _ in range(max_try_correction):
            if not again.any():
                break
            fresh = self._drawn((int(again.sum()),))
            sample[again] = fresh
            failed = again.clone()
            failed[again] = self._met(fresh, False)
            again = failed
        return sample

    def _met(self, sample: Any, wanted: bool = True) -> Any:
        """For which samples the check of any matrix of a batch has the wanted outcome."""
        met = self.support.check(sample) == wanted
        return met.flatten(met.dim() - len(self._batch_shape)).any(-1) if self._batch_shape else met

    def log_prob(self, value: Any) -> Any:
        """``(df - p - 1) / 2 log det value - trace(C^-1 value) / 2`` less the normalizer's log."""
        self._validate_sample(value)
        p = self._event_shape[-1]
        norm = self.df * (p * math.log(2) / 2 + self.half_logdet()) + mvlgamma(self.df / 2, p)
        trace = (
            value.cholesky_solve(self._unbroadcasted_scale_tril).diagonal(dim1=-2, dim2=-1).sum(-1)
        )
        return (self.df - p - 1) / 2 * linalg.slogdet(value).logabsdet - trace / 2 - norm

    def entropy(self) -> Any:
        """The expectation of ``-log_prob``."""
        p = self._event_shape[-1]
        halves = (
            self.df.unsqueeze(-1) / 2 - arange(p, dtype=self._unbroadcasted_scale_tril.dtype) / 2
        )
        slope = (self.df - p - 1) / 2 * halves.digamma().sum(-1)
        scale = (p + 1) * (p * math.log(2) / 2 + self.half_logdet())
        return scale + mvlgamma(self.df / 2, p) - slope + self.df * p / 2

    @property
    def _natural_params(self) -> tuple[Any, ...]:
        return -self.precision_matrix / 2, (self.df - self._event_shape[-1] - 1) / 2

    def _log_normalizer(self, *natural_params: Any) -> Any:
        x, y = natural_params
        p = self._event_shape[-1]
        half = y + (p + 1) / 2
        return half * (p * math.log(2) - linalg.slogdet(-2 * x).logabsdet) + mvlgamma(half, p)

    @property
    def _mean_carrier_measure(self) -> Any:
        return 0
