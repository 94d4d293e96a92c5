"""The normal distribution."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from minigrad.autograd import no_grad
from minigrad.distributions.distribution import standard_normal
from minigrad.distributions.exponential_family import ExponentialFamily
from minigrad.distributions.location_scale import LocationScale
from minigrad.ops.sampling import normal


class Normal(LocationScale, ExponentialFamily):
    """The normal distribution with mean ``loc`` and standard deviation ``scale``, which broadcast.

    `rsample` gives ``loc + scale * eps`` with standard normal eps, so that a sample has
    derivatives: 1 by loc, eps by scale.
    """

    @property
    def stddev(self) -> Any:
        """``scale``."""
        return self.scale

    @property
    def variance(self) -> Any:
        """``scale ** 2``."""
        return self.stddev.pow(2)

    def sample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw, without recording, a tensor of ``sample_shape + batch_shape``."""
        shape = self._extended_shape(sample_shape)
        with no_grad():
            return normal(self.loc.expand(shape), self.scale.expand(shape))

    def rsample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw ``loc + scale * eps``, which is differentiable in loc and scale."""
        shape, dtype = self._extended_shape(sample_shape), self.loc.dtype
        eps = standard_normal(shape, dtype)
        return self.loc + eps * self.scale

    def log_prob(self, value: Any) -> Any:
        """``-(value - loc)**2 / (2 * scale**2) - log(scale) - log(sqrt(2 * pi))``."""
        self._validate_sample(value)
        exponent = -((value - self.loc) ** 2) / (2 * self.scale**2)
        return exponent - self.scale.log() - math.log(math.sqrt(2 * math.pi))

    def cdf(self, value: Any) -> Any:
        """The probability of what is at most ``value``."""
        self._validate_sample(value)
        return 0.5 * (1 + ((value - self.loc) * self.scale.reciprocal() / math.sqrt(2)).erf())

    def icdf(self, value: Any) -> Any:
        """The quantile: what `cdf` gives ``value`` for."""
        return self.loc + self.scale * (2 * value - 1).erfinv() * math.sqrt(2)

    def entropy(self) -> Any:
        """``log(scale) + (1 + log(2 * pi)) / 2``."""
        return 0.5 + 0.5 * math.log(2 * math.pi) + self.scale.log()
