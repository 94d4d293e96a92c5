"""The exponential family on [0, 1] that a `Bernoulli` log-probability gives."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, ClassVar

from minigrad.distributions.bernoulli import Tosses
from minigrad.distributions.constraints import Constraint, real, unit_interval
from minigrad.distributions.distribution import inside
from minigrad.distributions.exponential_family import ExponentialFamily
from minigrad.nn.functional import binary_cross_entropy_with_logits
from minigrad.ops.choice import where
from minigrad.ops.dims import broadcast_tensors
from minigrad.random import rand


class ContinuousBernoulli(Tosses, ExponentialFamily):
    """Numbers in [0, 1] with a density in proportion to ``probs**x (1 - probs)**(1 - x)``.

    Where probs is within ``lims``, near 1/2, Taylor polynomials replace what is not stable there.
    """

    arg_constraints: ClassVar[dict[str, Constraint]] = {"probs": unit_interval, "logits": real}
    support = unit_interval
    has_rsample = True

    def __init__(
        self,
        probs: Any = None,
        logits: Any = None,
        lims: tuple[float, float] = (0.499, 0.501),
        validate_args: bool | None = None,
    ) -> None:
        """``probs`` or ``logits``, a number or a tensor; ValueError for probs outside [0, 1]."""
        super().__init__(probs, logits, validate_args=False)
        if probs is not None:
            if validate_args is not None and not unit_interval.check(self.probs).all():
                raise ValueError("The parameter probs has invalid values")
            self.probs = inside(self.probs)
        self._lims = lims
        del self._validate_args
        super(Tosses, self).__init__(self._batch_shape, validate_args=validate_args)

    @property
    def param_shape(self) -> Any:
        """The shape of ``probs``."""
        return self.batch_shape

    def _outside(self) -> Any:
        """Where probs is not near 1/2."""
        return (self.probs <= self._lims[0]) | (self.probs > self._lims[1])

    def _cut(self) -> Any:
        """The probs that are not near 1/2, and the lower limit for the others."""
        return where(self._outside(), self.probs, self._lims[0])

    def _log_norm(self) -> Any:
        """The logarithm of ``2 atanh(1 - 2 probs) / (1 - 2 probs)``, the density's factor."""
        cut = self._cut()
        slope = ((-cut).log1p() - cut.log()).abs().log()
        low = where(cut <= 0.5, cut, 0.0)
        high = where(cut >= 0.5, cut, 1.0)
        exact = slope - where(cut <= 0.5, (-2.0 * low).log1p(), (2.0 * high - 1.0).log())
        square = (self.probs - 0.5).pow(2)
        near = math.log(2.0) + (4.0 / 3.0 + 104.0 / 45.0 * square) * square
        return where(self._outside(), exact, near)

    @property
    def mean(self) -> Any:
        """``probs / (2 probs - 1) + 1 / log((1 - probs) / probs)``"""
        cut, x = self._cut(), self.probs - 0.5
        exact = cut / (2.0 * cut - 1.0) + 1.0 / ((-cut).log1p() - cut.log())
        near = 0.5 + (1.0 / 3.0 + 16.0 / 45.0 * x.pow(2)) * x
        return where(self._outside(), exact, near)

    @property
    def variance(self) -> Any:
        """``probs (probs - 1) / (1 - 2 probs)**2 + 1 / log((1 - probs) / probs)**2``"""
        cut, x = self._cut(), (self.probs - 0.5).pow(2)
        exact = cut * (cut - 1.0) / (1.0 - 2.0 * cut).pow(2)
        exact = exact + 1.0 / ((-cut).log1p() - cut.log()).pow(2)
        near = 1.0 / 12.0 - (1.0 / 15.0 - 128.0 / 945.0 * x) * x
        return where(self._outside(), exact, near)

    def rsample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw quantiles of uniform numbers, which are differentiable in the parameters."""
        return self.icdf(rand(self._extended_shape(sample_shape), dtype=self.probs.dtype))

    def log_prob(self, value: Any) -> Any:
        """``value log(probs) + (1 - value) log(1 - probs)`` and the logarithm of a factor."""
        self._validate_sample(value)
        logits, value = broadcast_tensors(self.logits, value)
        chance = -binary_cross_entropy_with_logits(logits, value, reduction="none")
        return chance + self._log_norm()

    def cdf(self, value: Any) -> Any:
        """The probability of what is at most ``value``."""
        self._validate_sample(value)
        cut = self._cut()
        exact = cut.pow(value) * (1.0 - cut).pow(1.0 - value) + cut - 1.0
        between = where(self._outside(), exact / (2.0 * cut - 1.0), value)
        return where(value <= 0.0, 0.0, where(value >= 1.0, 1.0, between))

    def icdf(self, value: Any) -> Any:
        """The quantile: what `cdf` gives ``value`` for."""
        cut = self._cut()
        exact = (-cut + value * (2.0 * cut - 1.0)).log1p() - (-cut).log1p()
        return where(self._outside(), exact / (cut.log() - (-cut).log1p()), value)

    def entropy(self) -> Any:
        """The expectation of ``-log_prob``."""
        zeros, ones = (-self.probs).log1p(), self.probs.log()
        return self.mean * (zeros - ones) - self._log_norm() - zeros
