"""The distribution of what exceeds a high threshold."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, ClassVar

from minigrad.distributions.constraints import Constraint, interval, positive, real
from minigrad.distributions.distribution import Distribution, parameters
from minigrad.ops.choice import where
from minigrad.random import rand


class GeneralizedPareto(Distribution):
    """Numbers that exceed x with the probability ``(1 + c z)**(-1 / c)``.

    Here ``z = (x - loc) / scale`` and c is the concentration; for c = 0 that is ``exp(-z)``.
    """

    arg_constraints: ClassVar[dict[str, Constraint]] = {
        "loc": real,
        "scale": positive,
        "concentration": real,
    }
    has_rsample = True

    def __init__(
        self, loc: Any, scale: Any, concentration: Any, validate_args: bool | None = None
    ) -> None:
        """All are numbers or tensors. scale is above 0."""
        self.loc, self.scale, self.concentration = parameters(loc, scale, concentration)
        super().__init__(self.loc.shape, validate_args=validate_args)

    @property
    def support(self) -> Constraint:
        """From loc upwards; to ``loc - scale / c`` where c is below 0."""
        c = self.concentration
        return interval(self.loc, where(c < 0, self.loc - self.scale / c, math.inf))

    @property
    def mean(self) -> Any:
        """``loc + scale / (1 - c)``; NaN for c from 1 on."""
        c = self.concentration
        return where(c < 1, self.loc + self.scale / (1 - where(c < 1, c, 0.5)), math.nan)

    @property
    def mode(self) -> Any:
        """``loc``"""
        return self.loc

    @property
    def variance(self) -> Any:
        """``scale**2 / ((1 - c)**2 (1 - 2 c))``; NaN for c from 1/2 on."""
        c = where(self.concentration < 0.5, self.concentration, 0.25)
        variance = self.scale**2 / ((1 - c) ** 2 * (1 - 2 * c))
        return where(self.concentration < 0.5, variance, math.nan)

    def _flat(self) -> Any:
        """Where the concentration is 0, up to rounding."""
        return self.concentration.isclose(self.concentration.new_zeros(()))

    def _safe(self) -> Any:
        """The concentration, and 1 where it is 0."""
        return where(self._flat(), 1.0, self.concentration)

    def rsample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw quantiles of uniform numbers, which are differentiable in the parameters."""
        return self.icdf(rand(self._extended_shape(sample_shape), dtype=self.loc.dtype))

    def log_prob(self, value: Any) -> Any:
        """``-log(scale) - (1 / c + 1) log(1 + c z)``; for c = 0 ``-log(scale) - z``."""
        self._validate_sample(value)
        z, c, log_scale = (value - self.loc) / self.scale, self._safe(), self.scale.log()
        power = 1 / c + 1
        fall = where(power == 0, power, power * (c * z).log1p())
        return where(self._flat(), -z - log_scale, -log_scale - fall)

    def log_survival_function(self, value: Any) -> Any:
        """The logarithm of the probability of what exceeds ``value``."""
        self._validate_sample(value)
        z, c = (value - self.loc) / self.scale, self._safe()
        return where(self._flat(), -z, -(c * z).log1p() / c)

    def log_cdf(self, value: Any) -> Any:
        """The logarithm of the probability of what is at most ``value``."""
        return (-self.log_survival_function(value).exp()).log1p()

    def cdf(self, value: Any) -> Any:
        """The probability of what is at most ``value``."""
        return self.log_cdf(value).exp()

    def icdf(self, value: Any) -> Any:
        """The quantile: what `cdf` gives ``value`` for."""
        c, log = self._safe(), (-value).log1p()
        exponential = self.loc - self.scale * log
        power = self.loc + self.scale * (-c * log).expm1() / c
        return where(self._flat(), exponential, power)

    def entropy(self) -> Any:
        """``log(scale) + c + 1``"""
        return self.scale.log() + self.concentration + 1
