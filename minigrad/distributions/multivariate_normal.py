"""The normal distribution of vectors."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, ClassVar

from minigrad import linalg
from minigrad.distributions.constraints import (
    Constraint,
    lower_cholesky,
    positive_definite,
    real_vector,
)
from minigrad.distributions.distribution import Distribution as Distribution
from minigrad.distributions.distribution import standard_normal
from minigrad.distributions.factored import Factored, lower_factor
from minigrad.ops.dims import broadcast_shapes


class MultivariateNormal(Factored):
    """The normal distribution with mean ``loc`` and one of three matrices, with batch dimensions.

    covariance_matrix: the covariances; precision_matrix: its inverse; scale_tril: its lower
    Cholesky factor L, with which the methods compute. `rsample` gives ``loc + L @ eps`` with
    standard normal eps, which is differentiable. Raises ValueError for none of them or several.
    """

    arg_constraints: ClassVar[dict[str, Constraint]] = {
        "loc": real_vector,
        "covariance_matrix": positive_definite,
        "precision_matrix": positive_definite,
        "scale_tril": lower_cholesky,
    }
    support = real_vector
    has_rsample = True

    def __init__(
        self,
        loc: Any,
        covariance_matrix: Any = None,
        precision_matrix: Any = None,
        scale_tril: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        if loc.dim() < 1:
            raise ValueError("loc must be at least one-dimensional.")
        matrices = {
            "scale_tril": scale_tril,
            "covariance_matrix": covariance_matrix,
            "precision_matrix": precision_matrix,
        }
        given = [name for name, matrix in matrices.items() if matrix is not None]
        if len(given) != 1:
            raise ValueError(
                "Exactly one of covariance_matrix or precision_matrix or scale_tril may be "
                "specified."
            )
        name, matrix = given[0], matrices[given[0]]
        if matrix.dim() < 2:
            raise ValueError(
                f"{name} must be at least two-dimensional, with optional leading batch dimensions"
            )
        batch = broadcast_shapes(matrix.shape[:-2], loc.shape[:-1])
        self.loc = loc.expand((*batch, -1))
        self.__dict__[name] = matrix.expand((*batch, -1, -1))
        super().__init__(batch, self.loc.shape[-1:], validate_args=validate_args)
        self._unbroadcasted_scale_tril = lower_factor(name, matrix)

    def _event_dims(self, name: str) -> int:
        return 1 if name == "loc" else 2

    @property
    def mean(self) -> Any:
        """``loc``."""
        return self.loc

    @property
    def mode(self) -> Any:
        """``loc``."""
        return self.loc

    @property
    def variance(self) -> Any:
        """The diagonal of the covariances."""
        return (
            self._unbroadcasted_scale_tril.pow(2)
            .sum(-1)
            .expand(self._batch_shape + self._event_shape)
        )

    def rsample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw ``loc + L @ eps``, which is differentiable in loc and L."""
        shape, dtype = self._extended_shape(sample_shape), self.loc.dtype
        eps = standard_normal(shape, dtype)
        return self.loc + (self._unbroadcasted_scale_tril @ eps.unsqueeze(-1)).squeeze(-1)

    def log_prob(self, value: Any) -> Any:
        """``-(d log(2 pi) + |L^-1 (value - loc)|^2) / 2 - log det L`` in d dimensions."""
        self._validate_sample(value)
        difference = (value - self.loc).unsqueeze(-1)
        white = linalg.solve_triangular(self._unbroadcasted_scale_tril, difference, upper=False)
        distance = white.squeeze(-1).pow(2).sum(-1)
        return -0.5 * (self._event_shape[0] * math.log(2 * math.pi) + distance) - self.half_logdet()

    def entropy(self) -> Any:
        """``d (1 + log(2 pi)) / 2 + log det L`` in d dimensions."""
        entropy = 0.5 * self._event_shape[0] * (1.0 + math.log(2 * math.pi)) + self.half_logdet()
        return entropy.expand(self._batch_shape) if self._batch_shape else entropy
