"""Powers and absolute values of random numbers: heavy tails, and what ends in powers."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from minigrad.creation import ones_like, zeros_like
from minigrad.distributions.constraints import (
    Constraint,
    greater_than_eq,
    positive,
    unit_interval,
)
from minigrad.distributions.distribution import parameters
from minigrad.distributions.gamma import Gamma
from minigrad.distributions.location_scale import Cauchy
from minigrad.distributions.scalar_transforms import (
    AbsTransform,
    AffineTransform,
    ExpTransform,
    PowerTransform,
)
from minigrad.distributions.transformed import Derived, Half
from minigrad.distributions.uniform import Uniform
from minigrad.distributions.waiting import Exponential
from minigrad.ops.choice import where
from minigrad.ops.special_functions import EULER


class HalfCauchy(Half):
    """The absolute value of a Cauchy number around 0."""

    def __init__(self, scale: Any, validate_args: bool | None = None) -> None:
        """``scale`` is that of the Cauchy number, above 0."""
        super().__init__(Cauchy(0, scale, validate_args=False), AbsTransform(), validate_args)

    @property
    def mean(self) -> Any:
        """Infinity"""
        return self.scale.new_full(self._extended_shape(()), math.inf)

    @property
    def variance(self) -> Any:
        """Infinity"""
        return self.base_dist.variance

    def log_prob(self, value: Any) -> Any:
        """Twice the Cauchy density, in the logarithm; minus infinity below 0."""
        self._validate_sample(value)
        value = self.scale.new_tensor(value) if isinstance(value, float | int) else value
        found = self.base_dist.log_prob(value) + math.log(2)
        return where(value >= 0, found, -math.inf)


class Pareto(Derived):
    """Numbers above ``scale`` that exceed x with the probability ``(scale / x)**alpha``."""

    arg_constraints: ClassVar[dict[str, Constraint]] = {"alpha": positive, "scale": positive}

    def __init__(self, scale: Any, alpha: Any, validate_args: bool | None = None) -> None:
        """Both are numbers or tensors above 0."""
        self.scale, self.alpha = parameters(scale, alpha)
        base = Exponential(self.alpha, validate_args=validate_args)
        turned = [ExpTransform(), AffineTransform(0, self.scale)]
        super().__init__(base, turned, validate_args=validate_args)

    @property
    def support(self) -> Any:
        """What is not below ``scale``."""
        return greater_than_eq(self.scale)

    @property
    def mean(self) -> Any:
        """``scale alpha / (alpha - 1)``; infinite for alpha up to 1."""
        a = self.alpha.clamp(min=1)
        return a * self.scale / (a - 1)

    @property
    def mode(self) -> Any:
        """``scale``"""
        return self.scale

    @property
    def variance(self) -> Any:
        """``scale**2 alpha / ((alpha - 1)**2 (alpha - 2))``; infinite for alpha up to 2."""
        a = self.alpha.clamp(min=2)
        return self.scale.pow(2) * a / ((a - 1).pow(2) * (a - 2))

    def entropy(self) -> Any:
        """``log(scale / alpha) + 1 + 1 / alpha``"""
        return (self.scale / self.alpha).log() + (1 + self.alpha.reciprocal())


class Weibull(Derived):
    """A power of an exponential number: ``scale * e**(1 / concentration)``."""

    arg_constraints: ClassVar[dict[str, Constraint]] = {
        "scale": positive,
        "concentration": positive,
    }

    def __init__(self, scale: Any, concentration: Any, validate_args: bool | None = None) -> None:
        """Both are numbers or tensors above 0."""
        self.scale, self.concentration = parameters(scale, concentration)
        self.concentration_reciprocal = self.concentration.reciprocal()
        base = Exponential(ones_like(self.scale), validate_args=validate_args)
        turned = [PowerTransform(self.concentration_reciprocal), AffineTransform(0, self.scale)]
        super().__init__(base, turned, validate_args=validate_args)

    @property
    def support(self) -> Any:
        """What is above 0."""
        return positive

    @property
    def mean(self) -> Any:
        """``scale gamma(1 + 1 / concentration)``"""
        return self.scale * (1 + self.concentration_reciprocal).lgamma().exp()

    @property
    def mode(self) -> Any:
        """``scale ((c - 1) / c)**(1 / c)``"""
        c = self.concentration
        return self.scale * ((c - 1) / c) ** c.reciprocal()

    @property
    def variance(self) -> Any:
        """``scale**2 (gamma(1 + 2 / c) - gamma(1 + 1 / c)**2)``"""
        r = self.concentration_reciprocal
        square = (2 * (1 + r).lgamma()).exp()
        return self.scale.pow(2) * ((1 + 2 * r).lgamma().exp() - square)

    def entropy(self) -> Any:
        """``0.5772... (1 - 1 / c) + log(scale / c) + 1``"""
        r = self.concentration_reciprocal
        return EULER * (1 - r) + (self.scale * r).log() + 1


class InverseGamma(Derived):
    """The reciprocal of a `Gamma` number."""

    arg_constraints: ClassVar[dict[str, Constraint]] = {
        "concentration": positive,
        "rate": positive,
    }

    def __init__(self, concentration: Any, rate: Any, validate_args: bool | None = None) -> None:
        """Both are numbers or tensors above 0, those of the `Gamma` number."""
        base = Gamma(concentration, rate, validate_args=validate_args)
        super().__init__(base, PowerTransform(-base.rate.new_ones(())), validate_args)

    @property
    def support(self) -> Any:
        """What is above 0."""
        return positive

    @property
    def concentration(self) -> Any:
        """That of the `Gamma` number."""
        return self.base_dist.concentration

    @property
    def rate(self) -> Any:
        """That of the `Gamma` number."""
        return self.base_dist.rate

    @property
    def mean(self) -> Any:
        """``rate / (c - 1)``; infinite for c up to 1."""
        c = self.concentration
        return where(c > 1, self.rate / (c - 1), math.inf)

    @property
    def mode(self) -> Any:
        """``rate / (c + 1)``"""
        return self.rate / (self.concentration + 1)

    @property
    def variance(self) -> Any:
        """``rate**2 / ((c - 1)**2 (c - 2))``; infinite for c up to 2."""
        c = self.concentration
        return where(c > 2, self.rate.square() / ((c - 1).square() * (c - 2)), math.inf)

    def entropy(self) -> Any:
        """``c + log(rate) + log(gamma(c)) - (1 + c) digamma(c)``"""
        c = self.concentration
        return c + self.rate.log() + c.lgamma() - (1 + c) * c.digamma()


class Kumaraswamy(Derived):
    """Numbers in (0, 1): ``(1 - u**(1 / c0))**(1 / c1)`` with u uniform; much like `Beta`."""

    arg_constraints: ClassVar[dict[str, Constraint]] = {
        "concentration1": positive,
        "concentration0": positive,
    }

    def __init__(
        self, concentration1: Any, concentration0: Any, validate_args: bool | None = None
    ) -> None:
        """Both are numbers or tensors above 0."""
        c1, c0 = parameters(concentration1, concentration0)
        self.concentration1, self.concentration0 = c1, c0
        base = Uniform(zeros_like(c0), ones_like(c0), validate_args=validate_args)
        turned = [
            PowerTransform(c0.reciprocal()),
            AffineTransform(1.0, -1.0),
            PowerTransform(c1.reciprocal()),
        ]
        super().__init__(base, turned, validate_args=validate_args)

    @property
    def support(self) -> Any:
        """From 0 to 1."""
        return unit_interval

    def _moment(self, n: int) -> Any:
        """The mean of the nth powers: ``c0 B(1 + n / c1, c0)``."""
        c0, c = self.concentration0, 1 + n / self.concentration1
        return c0 * (c.lgamma() + c0.lgamma() - (c + c0).lgamma()).exp()

    @property
    def mean(self) -> Any:
        """``c0 B(1 + 1 / c1, c0)``"""
        return self._moment(1)

    @property
    def mode(self) -> Any:
        """``((c1 - 1) / (c1 c0 - 1))**(1 / c1)``; NaN where one is below 1."""
        c1, c0 = self.concentration1, self.concentration0
        mode = ((c1 - 1) / (c1 * c0 - 1)) ** c1.reciprocal()
        return where((c0 < 1) | (c1 < 1), math.nan, mode)

    @property
    def variance(self) -> Any:
        """``c0 B(1 + 2 / c1, c0) - mean**2``"""
        return self._moment(2) - self.mean.pow(2)

    def entropy(self) -> Any:
        """``1 - 1 / c0 + (1 - 1 / c1) (digamma(c0 + 1) + 0.5772...) - log(c1 c0)``"""
        c1, c0 = self.concentration1, self.concentration0
        harmonic = (c0 + 1).digamma() + EULER
        return (1 - c0.reciprocal()) + (1 - c1.reciprocal()) * harmonic - c1.log() - c0.log()
