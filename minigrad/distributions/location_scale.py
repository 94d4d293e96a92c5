"""Distributions that a location moves and a scale widens; the normal one has a file of its own."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, ClassVar

from minigrad.distributions.constraints import Constraint, positive, real
from minigrad.distributions.distribution import Distribution, parameters
from minigrad.typeinfo import finfo


class LocationScale(Distribution):
    """A distribution around ``loc``, as wide as ``scale`` says, which broadcast."""

    arg_constraints: ClassVar[dict[str, Constraint]] = {"loc": real, "scale": positive}
    support = real
    has_rsample = True

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        """``loc`` and ``scale`` are numbers or floating-point tensors. scale is above 0."""
        self.loc, self.scale = parameters(loc, scale)
        super().__init__(self.loc.shape, validate_args=validate_args)

    @property
    def mean(self) -> Any:
        """``loc``"""
        return self.loc

    @property
    def mode(self) -> Any:
        """``loc``"""
        return self.loc


class Laplace(LocationScale):
    """The double exponential distribution around ``loc``."""

    @property
    def variance(self) -> Any:
        """``2 scale**2``"""
        return 2 * self.scale.pow(2)

    @property
    def stddev(self) -> Any:
        """``sqrt(2) scale``"""
        return (2**0.5) * self.scale

    def rsample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw ``loc - scale sign(u) log(1 - abs(u))`` with u uniform on (-1, 1)."""
        eps = finfo(self.loc.dtype).eps
        u = self.loc.new_empty(self._extended_shape(sample_shape)).uniform_(eps - 1, 1)
        return self.loc - self.scale * u.sign() * (-u.abs()).log1p()

    def log_prob(self, value: Any) -> Any:
        """``-log(2 scale) - abs(value - loc) / scale``"""
        self._validate_sample(value)
        return -(2 * self.scale).log() - (value - self.loc).abs() / self.scale

    def cdf(self, value: Any) -> Any:
        """The probability of what is at most ``value``."""
        self._validate_sample(value)
        apart = value - self.loc
        return 0.5 - 0.5 * apart.sign() * (-apart.abs() / self.scale).expm1()

    def icdf(self, value: Any) -> Any:
        """The quantile: what `cdf` gives ``value`` for."""
        term = value - 0.5
        return self.loc - self.scale * term.sign() * (-2 * term.abs()).log1p()

    def entropy(self) -> Any:
        """``1 + log(2 scale)``"""
        return 1 + (2 * self.scale).log()


class Cauchy(LocationScale):
    """The distribution of the quotient of two normal numbers, around ``loc``; it has no mean."""

    @property
    def mean(self) -> Any:
        """NaN"""
        return self.loc.new_full(self._extended_shape(()), math.nan)

    @property
    def variance(self) -> Any:
        """Infinity"""
        return self.loc.new_full(self._extended_shape(()), math.inf)

    def rsample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw ``loc + scale c``, which is differentiable in both."""
        c = self.loc.new_empty(self._extended_shape(sample_shape)).cauchy_()
        return self.loc + c * self.scale

    def log_prob(self, value: Any) -> Any:
        """``-log(pi) - log(scale) - log(1 + ((value - loc) / scale)**2)``"""
        self._validate_sample(value)
        apart = (value - self.loc) / self.scale
        return -math.log(math.pi) - self.scale.log() - (apart**2).log1p()

    def cdf(self, value: Any) -> Any:
        """The probability of what is at most ``value``."""
        self._validate_sample(value)
        return ((value - self.loc) / self.scale).atan() / math.pi + 0.5

    def icdf(self, value: Any) -> Any:
        """The quantile: what `cdf` gives ``value`` for."""
        return (math.pi * (value - 0.5)).tan() * self.scale + self.loc

    def entropy(self) -> Any:
        """``log(4 pi scale)``"""
        return math.log(4 * math.pi) + self.scale.log()
