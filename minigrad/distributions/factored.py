"""Distributions that compute with the Cholesky factor of their covariances."""

from __future__ import annotations

from typing import Any

from minigrad import linalg
from minigrad.creation import eye
from minigrad.distributions.distribution import Distribution
from minigrad.distributions.utils import lazy_property


def lower_factor(name: str, matrix: Any) -> Any:
    """The lower Cholesky factor of covariances, given these, their inverse or itself."""
    if name == "precision_matrix":  # from the factor of the inverse
        flipped = linalg.cholesky(matrix.flip((-2, -1))).flip((-2, -1)).mT
        identity = eye(matrix.shape[-1], dtype=matrix.dtype)
        return linalg.solve_triangular(flipped, identity, upper=False)
    return linalg.cholesky(matrix) if name == "covariance_matrix" else matrix


class Factored(Distribution):
    """What is said of covariances, by their lower Cholesky factor ``_unbroadcasted_scale_tril``."""

    _unbroadcasted_scale_tril: Any

    @lazy_property
    def scale_tril(self) -> Any:
        """The lower Cholesky factor of the covariances."""
        return self._unbroadcasted_scale_tril.expand((*self._batch_shape, -1, -1))

    @lazy_property
    def covariance_matrix(self) -> Any:
        """The covariances."""
        return (self._unbroadcasted_scale_tril @ self._unbroadcasted_scale_tril.mT).expand(
            (*self._batch_shape, -1, -1)
        )

    @lazy_property
    def precision_matrix(self) -> Any:
        """The inverse of the covariances."""
        identity = eye(
            self._unbroadcasted_scale_tril.shape[-1], dtype=self._unbroadcasted_scale_tril.dtype
        )
        inverse = linalg.solve_triangular(self._unbroadcasted_scale_tril, identity, upper=False)
        return (inverse.mT @ inverse).expand((*self._batch_shape, -1, -1))

    def half_logdet(self) -> Any:
        """Half of the logarithm of the determinant of the covariances."""
        return self._unbroadcasted_scale_tril.diagonal(dim1=-2, dim2=-1).log().sum(-1)
