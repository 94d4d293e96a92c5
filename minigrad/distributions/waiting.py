"""Distributions of waiting times and counts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from minigrad.autograd import no_grad
from minigrad.creation import zeros_like
from minigrad.distributions.bernoulli import Tosses
from minigrad.distributions.constraints import (
    Constraint,
    nonnegative,
    nonnegative_integer,
    positive,
)
from minigrad.distributions.distribution import parameters
from minigrad.distributions.exponential_family import ExponentialFamily
from minigrad.nn.functional import binary_cross_entropy_with_logits
from minigrad.ops.elementwise import xlogy
from minigrad.ops.sampling import poisson
from minigrad.typeinfo import finfo


class Exponential(ExponentialFamily):
    """The time until the first of events that come at a ``rate``."""

    arg_constraints: ClassVar[dict[str, Constraint]] = {"rate": positive}
    support = nonnegative
    has_rsample = True

    def __init__(self, rate: Any, validate_args: bool | None = None) -> None:
        """``rate`` is a number or a tensor, above 0."""
        (self.rate,) = parameters(rate)
        super().__init__(self.rate.shape, validate_args=validate_args)

    @property
    def mean(self) -> Any:
        """``1 / rate``"""
        return self.rate.reciprocal()

    @property
    def mode(self) -> Any:
        """0"""
        return zeros_like(self.rate)

    @property
    def stddev(self) -> Any:
        """``1 / rate``"""
        return self.rate.reciprocal()

    @property
    def variance(self) -> Any:
        """``1 / rate**2``"""
        return self.rate.pow(-2)

    def rsample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw ``e / rate``, which is differentiable in rate."""
        return self.rate.new_empty(self._extended_shape(sample_shape)).exponential_() / self.rate

    def log_prob(self, value: Any) -> Any:
        """``log(rate) - rate value``"""
        self._validate_sample(value)
        return self.rate.log() - self.rate * value

    def cdf(self, value: Any) -> Any:
        """The probability of what is at most ``value``."""
        self._validate_sample(value)
        return 1 - (-self.rate * value).exp()

    def icdf(self, value: Any) -> Any:
        """The quantile: what `cdf` gives ``value`` for."""
        return -(-value).log1p() / self.rate

    def entropy(self) -> Any:
        """``1 - log(rate)``"""
        return 1.0 - self.rate.log()


class Poisson(ExponentialFamily):
    """How many events come in a unit of time, at a ``rate``."""

    arg_constraints: ClassVar[dict[str, Constraint]] = {"rate": nonnegative}
    support = nonnegative_integer

    def __init__(self, rate: Any, validate_args: bool | None = None) -> None:
        """``rate`` is a number or a tensor, not below 0."""
        (self.rate,) = parameters(rate)
        super().__init__(self.rate.shape, validate_args=validate_args)

    @property
    def mean(self) -> Any:
        """``rate``"""
        return self.rate

    @property
    def mode(self) -> Any:
        """The whole number at or below ``rate``."""
        return self.rate.floor()

    @property
    def variance(self) -> Any:
        """``rate``"""
        return self.rate

    def sample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw counts, in the dtype of the rate."""
        with no_grad():
            return poisson(self.rate.expand(self._extended_shape(sample_shape)))

    def log_prob(self, value: Any) -> Any:
        """``value log(rate) - rate - log(value!)``"""
        self._validate_sample(value)
        rate, value = parameters(self.rate, value)
        return xlogy(value, rate) - rate - (value + 1).lgamma()


class Geometric(Tosses):
    """How many failures come before the first success, whose probability is ``probs``."""

    support = nonnegative_integer

    def __init__(
        self, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        """``probs``, above 0, or ``logits``; the other is computed when asked for."""
        super().__init__(probs, logits, validate_args)
        if self._validate_args and probs is not None and not (self.probs > 0).all():
            raise ValueError(
                f"Expected parameter probs ({type(self.probs).__name__} of shape "
                f"{tuple(self.probs.shape)}) of distribution {self!r} to be positive but found "
                f"invalid values:\n{self.probs[~(self.probs > 0)]}"
            )

    @property
    def mean(self) -> Any:
        """``1 / probs - 1``"""
        return 1.0 / self.probs - 1.0

    @property
    def mode(self) -> Any:
        """0"""
        return zeros_like(self.probs)

    @property
    def variance(self) -> Any:
        """``(1 / probs - 1) / probs``"""
        return (1.0 / self.probs - 1.0) / self.probs

    def sample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw counts, in the dtype of the parameters."""
        shape = self._extended_shape(sample_shape)
        with no_grad():
            u = self.probs.new_empty(shape).uniform_().clamp(min=finfo(self.probs.dtype).tiny)
            return (u.log() / (-self.probs.expand(shape)).log1p()).floor()

    def log_prob(self, value: Any) -> Any:
        """``value log(1 - probs) + log(probs)``"""
        self._validate_sample(value)
        value, probs = parameters(value, self.probs)
        probs = probs.clone()
        probs[(probs == 1) & (value == 0)] = 0
        return value * (-probs).log1p() + self.probs.log()

    def entropy(self) -> Any:
        """That of the tosses, divided by ``probs``."""
        tosses = binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none")
        return tosses / self.probs
