"""The uniform distribution."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from minigrad.distributions.constraints import Constraint, greater_than, interval, less_than
from minigrad.distributions.distribution import Distribution, parameters
from minigrad.random import rand


class Uniform(Distribution):
    """The uniform distribution on [low, high).

    `rsample` gives ``low + u * (high - low)`` with u uniform on [0, 1), so that a sample has
    derivatives: 1 - u by low, u by high.
    """

    has_rsample = True

    def __init__(self, low: Any, high: Any, validate_args: bool | None = None) -> None:
        """``low`` and ``high`` are numbers or floating-point tensors. low is below high."""
        self.low, self.high = parameters(low, high)
        super().__init__(self.low.shape, validate_args=validate_args)

    @property
    def arg_constraints(self) -> dict[str, Constraint]:  # type: ignore[override]
        """That low is below high."""
        return {
            "low": less_than(self.high),
            "high": greater_than(self.low),
        }

    @property
    def support(self) -> Constraint:
        """From low to high."""
        return interval(self.low, self.high)

    @property
    def mean(self) -> Any:
        """``(high + low) / 2``"""
        return (self.high + self.low) / 2

    @property
    def mode(self) -> Any:
        """NaN: no value is more likely than the others."""
        return math.nan * self.high

    @property
    def stddev(self) -> Any:
        """``(high - low) / sqrt(12)``"""
        return (self.high - self.low) / 12**0.5

    @property
    def variance(self) -> Any:
        """``(high - low)**2 / 12``"""
        return (self.high - self.low).pow(2) / 12

    def rsample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw ``low + u * (high - low)``, which is differentiable in low and high."""
        u = rand(self._extended_shape(sample_shape), dtype=self.low.dtype)
        return self.low + u * (self.high - self.low)

    def log_prob(self, value: Any) -> Any:
        """``-log(high - low)``; minus infinity at ``high``."""
        self._validate_sample(value)
        inside = self.low.le(value) & self.high.gt(value)
        return inside.type_as(self.low).log() - (self.high - self.low).log()

    def cdf(self, value: Any) -> Any:
        """The probability of what is at most ``value``."""
        self._validate_sample(value)
        return ((value - self.low) / (self.high - self.low)).clamp(min=0, max=1)

    def icdf(self, value: Any) -> Any:
        """The quantile: what `cdf` gives ``value`` for."""
        return value * (self.high - self.low) + self.low

    def entropy(self) -> Any:
        """``log(high - low)``"""
        return (self.high - self.low).log()
