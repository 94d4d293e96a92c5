"""Normal vectors whose covariances are a few factors' and a diagonal."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, ClassVar

from minigrad import linalg
from minigrad.distributions.constraints import Constraint, independent, positive, real, real_vector
from minigrad.distributions.distribution import Distribution, standard_normal
from minigrad.distributions.utils import lazy_property
from minigrad.ops.diagonals import diag_embed
from minigrad.ops.dims import broadcast_shapes


class LowRankMultivariateNormal(Distribution):
    """The normal distribution with covariances ``W @ W.mT + diag(D)``, W a ``cov_factor``.

    Its methods take work in proportion to the dimensions n, as W has few columns: only its k x k
    "capacitance" ``I + W.mT @ D^-1 @ W`` is factored.
    """

    arg_constraints: ClassVar[dict[str, Constraint]] = {
        "loc": real_vector,
        "cov_factor": independent(real, 2),
        "cov_diag": independent(positive, 1),
    }
    support = real_vector
    has_rsample = True

    def __init__(
        self, loc: Any, cov_factor: Any, cov_diag: Any, validate_args: bool | None = None
    ) -> None:
        """Of shapes (..., n), (..., n, k) and (..., n). Raises ValueError for others."""
        if loc.dim() < 1:
            raise ValueError("loc must be at least one-dimensional.")
        event = loc.shape[-1:]
        if cov_factor.dim() < 2:
            raise ValueError(
                "cov_factor must be at least two-dimensional, with optional leading batch "
                "dimensions"
            )
        if cov_factor.shape[-2:-1] != event:
            raise ValueError(f"cov_factor must be a batch of matrices with shape {event[0]} x m")
        if cov_diag.shape[-1:] != event:
            raise ValueError(f"cov_diag must be a batch of vectors with shape {event}")
        try:
            batch = broadcast_shapes(loc.shape[:-1], cov_factor.shape[:-2], cov_diag.shape[:-1])
        except RuntimeError as error:
            raise ValueError(
                f"Incompatible batch shapes: loc {loc.shape}, cov_factor {cov_factor.shape}, "
                f"cov_diag {cov_diag.shape}"
            ) from error
        self.loc = loc.expand((*batch, -1))
        self.cov_factor = cov_factor.expand((*batch, *cov_factor.shape[-2:]))
        self.cov_diag = cov_diag.expand((*batch, -1))
        self._unbroadcasted_cov_factor, self._unbroadcasted_cov_diag = cov_factor, cov_diag
        scaled = cov_factor.mT / cov_diag.unsqueeze(-2)
        self._capacitance_tril = linalg.cholesky(with_identity(scaled @ cov_factor))
        super().__init__(batch, event, validate_args=validate_args)

    def _event_dims(self, name: str) -> int:
        return 1 if name in ("loc", "cov_diag", "_unbroadcasted_cov_diag", "variance") else 2

    @property
    def mean(self) -> Any:
        """``loc``"""
        return self.loc

    @property
    def mode(self) -> Any:
        """``loc``"""
        return self.loc

    @lazy_property
    def variance(self) -> Any:
        """The diagonal of the covariances."""
        variance = self._unbroadcasted_cov_factor.pow(2).sum(-1) + self._unbroadcasted_cov_diag
        return variance.expand(self._batch_shape + self._event_shape)

    @lazy_property
    def scale_tril(self) -> Any:
        """The lower Cholesky factor of the covariances."""
        root = self._unbroadcasted_cov_diag.sqrt().unsqueeze(-1)
        scaled = self._unbroadcasted_cov_factor / root
        factor = root * linalg.cholesky(with_identity(scaled @ scaled.mT))
        return factor.expand(self._batch_shape + self._event_shape + self._event_shape)

    @lazy_property
    def covariance_matrix(self) -> Any:
        """The covariances."""
        matrix = self._unbroadcasted_cov_factor @ self._unbroadcasted_cov_factor.mT + diag_embed(
            self._unbroadcasted_cov_diag
        )
        return matrix.expand(self._batch_shape + self._event_shape + self._event_shape)

    @lazy_property
    def precision_matrix(self) -> Any:
        """The inverse of the covariances, by Woodbury's identity."""
        scaled = self._unbroadcasted_cov_factor.mT / self._unbroadcasted_cov_diag.unsqueeze(-2)
        part = linalg.solve_triangular(self._capacitance_tril, scaled, upper=False)
        matrix = diag_embed(self._unbroadcasted_cov_diag.reciprocal()) - part.mT @ part
        return matrix.expand(self._batch_shape + self._event_shape + self._event_shape)

    def rsample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw ``loc + W @ e + sqrt(D) * f`` with standard normal e and f."""
        shape, dtype = self._extended_shape(sample_shape), self.loc.dtype
        few = (*shape[:-1], self.cov_factor.shape[-1])
        e = standard_normal(few, dtype).unsqueeze(-1)
        f = standard_normal(shape, dtype)
        return (
            self.loc
            + (self._unbroadcasted_cov_factor @ e).squeeze(-1)
            + self._unbroadcasted_cov_diag.sqrt() * f
        )

    def log_prob(self, value: Any) -> Any:
        """``-(n log(2 pi) + log det C + d.T C^-1 d) / 2``, C the covariances, d off loc."""
        self._validate_sample(value)
        apart = value - self.loc
        return -0.5 * (
            self._event_shape[0] * math.log(2 * math.pi) + self.logdet() + self.distance(apart)
        )

    def entropy(self) -> Any:
        """``(n (1 + log(2 pi)) + log det C) / 2``"""
        entropy = 0.5 * (self._event_shape[0] * (1.0 + math.log(2 * math.pi)) + self.logdet())
        return entropy.expand(self._batch_shape) if self._batch_shape else entropy

    def logdet(self) -> Any:
        """The logarithm of the determinant of the covariances."""
        capacitance = 2 * self._capacitance_tril.diagonal(dim1=-2, dim2=-1).log().sum(-1)
        return capacitance + self._unbroadcasted_cov_diag.log().sum(-1)

    def distance(self, x: Any) -> Any:
        """``x.T C^-1 x``, the squared distance of Mahalanobis."""
        scaled = self._unbroadcasted_cov_factor.mT / self._unbroadcasted_cov_diag.unsqueeze(-2)
        part = linalg.solve_triangular(
            self._capacitance_tril, scaled @ x.unsqueeze(-1), upper=False
        ).squeeze(-1)
        return (x.pow(2) / self._unbroadcasted_cov_diag).sum(-1) - part.pow(2).sum(-1)


def with_identity(x: Any) -> Any:
    """A matrix with 1 added to its diagonal."""
    return x + diag_embed(x.new_ones(x.shape[-1]))
