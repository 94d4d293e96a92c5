"""The gamma distribution, and those that are made of it.

Samples are drawn by the method of Marsaglia and Tsang (2000). Their derivative in the concentration
is not elementary, and refused; that in the rate, or in loc and scale, is recorded.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from minigrad.autograd.value import Value, mode, wrap
from minigrad.creation import zeros
from minigrad.distributions.constraints import (
    Constraint,
    independent,
    nonnegative,
    positive,
    real,
    simplex,
    unit_interval,
)
from minigrad.distributions.distribution import Distribution, parameters
from minigrad.distributions.exponential_family import ExponentialFamily
from minigrad.generator import default_generator
from minigrad.nn.functional import one_hot
from minigrad.ops.elementwise import xlogy
from minigrad.ops.joining import stack
from minigrad.ops.sampling import normal
from minigrad.ops.special import igamma
from minigrad.typeinfo import finfo

THIRD = np.float32(1) / np.float32(3)
SQUEEZE = float(np.float32(0.0331))


def gamma_number(alpha: Any) -> float:
    """One number of the gamma distribution, with the arithmetic of alpha's dtype."""
    scale, kind = 1.0, type(alpha)
    if alpha == 0:
        return 0.0
    if alpha < 1:  # by that of alpha + 1
        u = 1 - float(default_generator.doubles(1)[0])
        scale = u ** float(kind(1) / alpha)
        alpha = alpha + kind(1)
    d = float(alpha - kind(THIRD))
    c = 1 / math.sqrt(9 * d)
    while True:
        y = 0.0
        while y <= 0:
            x = float(default_generator.normal_doubles(1)[0])
            y = 1 + c * x
        v = y * y * y
        u = 1 - float(default_generator.doubles(1)[0])
        xx = x * x
        if u < 1 - SQUEEZE * xx * xx:
            return scale * d * v
        if math.log(u) < 0.5 * xx + d * (1 - v + math.log(v)):
            return scale * d * v


def gamma_numbers(alpha: Any) -> Any:
    """An array of numbers of gamma distributions with rate 1."""
    return np.array([gamma_number(a) for a in alpha.reshape(-1)], np.float64).reshape(alpha.shape)


def need_constant(name: str, concentration: Any) -> None:
    """Raise NotImplementedError where the derivative in a concentration is wanted."""
    if mode.grad and concentration.requires_grad:
        raise NotImplementedError(
            f"{name}.rsample() is not differentiable in the concentration here. Use sample(), or "
            "detach() the concentration."
        )


class Gamma(ExponentialFamily):
    """The time until so many events as ``concentration`` says come at a ``rate``."""

    arg_constraints: ClassVar[dict[str, Constraint]] = {
        "concentration": positive,
        "rate": positive,
    }
    support = nonnegative
    has_rsample = True

    def __init__(self, concentration: Any, rate: Any, validate_args: bool | None = None) -> None:
        """Both are numbers or floating-point tensors above 0."""
        self.concentration, self.rate = parameters(concentration, rate)
        super().__init__(self.concentration.shape, validate_args=validate_args)

    @property
    def mean(self) -> Any:
        """``concentration / rate``"""
        return self.concentration / self.rate

    @property
    def mode(self) -> Any:
        """``(concentration - 1) / rate``, but not below 0."""
        return ((self.concentration - 1) / self.rate).clamp(min=0)

    @property
    def variance(self) -> Any:
        """``concentration / rate**2``"""
        return self.concentration / self.rate.pow(2)

    def rsample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw a sample that is differentiable in the rate."""
        need_constant("Gamma", self.concentration)
        shape = self._extended_shape(sample_shape)
        alpha = self.concentration.detach().expand(shape).array
        tiny = finfo(self.concentration.dtype).tiny
        drawn = wrap(np.maximum(gamma_numbers(alpha), tiny).astype(alpha.dtype))
        value = drawn / self.rate.expand(shape)
        value.detach().clamp_(min=tiny)
        return value

    def log_prob(self, value: Any) -> Any:
        """``log(rate**c value**(c - 1) exp(-rate value) / gamma(c))``"""
        value = value if isinstance(value, Value) else self.rate.new_tensor(value)
        self._validate_sample(value)
        c = self.concentration
        return xlogy(c, self.rate) + xlogy(c - 1, value) - self.rate * value - c.lgamma()

    def cdf(self, value: Any) -> Any:
        """The probability of what is at most ``value``."""
        self._validate_sample(value)
        return igamma(self.concentration, self.rate * value)

    def entropy(self) -> Any:
        """``c - log(rate) + log(gamma(c)) + (1 - c) digamma(c)``"""
        c = self.concentration
        return c - self.rate.log() + c.lgamma() + (1.0 - c) * c.digamma()


class Chi2(Gamma):
    """The sum of the squares of ``df`` standard normal numbers."""

    arg_constraints: ClassVar[dict[str, Constraint]] = {"df": positive}

    def __init__(self, df: Any, validate_args: bool | None = None) -> None:
        """``df`` are the degrees of freedom, above 0."""
        super().__init__(0.5 * df, 0.5, validate_args)

    @property
    def df(self) -> Any:
        """The degrees of freedom."""
        return self.concentration * 2


class Dirichlet(ExponentialFamily):
    """Vectors of positive numbers that sum to 1."""

    arg_constraints: ClassVar[dict[str, Constraint]] = {"concentration": independent(positive, 1)}
    support = simplex
    has_rsample = True

    def __init__(self, concentration: Any, validate_args: bool | None = None) -> None:
        """``concentration`` is a tensor of shape (..., K), above 0."""
        if concentration.dim() < 1:
            raise ValueError("`concentration` parameter must be at least one-dimensional.")
        self.concentration = concentration
        shape = concentration.shape
        super().__init__(shape[:-1], shape[-1:], validate_args=validate_args)

    def _event_dims(self, name: str) -> int:
        return 1

    @property
    def mean(self) -> Any:
        """``c / sum(c)``"""
        return self.concentration / self.concentration.sum(-1, True)

    @property
    def mode(self) -> Any:
        """``(c - 1) / (sum(c) - K)`` where c is above 1; else the corner of the largest."""
        above = (self.concentration - 1).clamp(min=0.0)
        mode = above / above.sum(-1, True)
        mask = (self.concentration < 1).all(-1)
        mode[mask] = one_hot(mode[mask].argmax(-1), above.shape[-1]).to(mode)
        return mode

    @property
    def variance(self) -> Any:
        """``c (sum(c) - c) / (sum(c)**2 (sum(c) + 1))``"""
        total = self.concentration.sum(-1, True)
        return self.concentration * (total - self.concentration) / (total.pow(2) * (total + 1))

    def rsample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw vectors; their derivative in the concentration is refused."""
        need_constant("Dirichlet", self.concentration)
        alpha = self.concentration.detach().expand(self._extended_shape(sample_shape)).array
        drawn = gamma_numbers(alpha.astype(np.float64))
        shares = (drawn / drawn.sum(-1, keepdims=True)).astype(alpha.dtype)
        most = np.nextafter(alpha.dtype.type(1), alpha.dtype.type(0))
        return wrap(np.clip(shares, np.finfo(alpha.dtype).tiny, most))

    def log_prob(self, value: Any) -> Any:
        """The logarithm of the density on the simplex."""
        self._validate_sample(value)
        c = self.concentration
        return xlogy(c - 1.0, value).sum(-1) + c.sum(-1).lgamma() - c.lgamma().sum(-1)

    def entropy(self) -> Any:
        """The expectation of ``-log_prob``."""
        c, k = self.concentration, self.concentration.size(-1)
        total = c.sum(-1)
        return (
            c.lgamma().sum(-1)
            - total.lgamma()
            - (k - total) * total.digamma()
            - ((c - 1.0) * c.digamma()).sum(-1)
        )


class Beta(ExponentialFamily):
    """The first of two numbers of a `Dirichlet` distribution."""

    arg_constraints: ClassVar[dict[str, Constraint]] = {
        "concentration1": positive,
        "concentration0": positive,
    }
    support = unit_interval
    has_rsample = True

    def __init__(
        self, concentration1: Any, concentration0: Any, validate_args: bool | None = None
    ) -> None:
        """The concentrations at 1 and at 0, numbers or floating-point tensors above 0."""
        both = stack(parameters(concentration1, concentration0), -1)
        self._dirichlet = Dirichlet(both, validate_args=validate_args)
        super().__init__(both.shape[:-1], validate_args=validate_args)

    def expand(self, batch_shape: Iterable[int], _instance: Any = None) -> Any:
        """The same in a larger batch."""
        made = super().expand(batch_shape, _instance)
        made._dirichlet = self._dirichlet.expand(batch_shape)
        return made

    @property
    def concentration1(self) -> Any:
        """The concentration at 1."""
        return self._dirichlet.concentration[..., 0]

    @property
    def concentration0(self) -> Any:
        """The concentration at 0."""
        return self._dirichlet.concentration[..., 1]

    @property
    def mean(self) -> Any:
        """``c1 / (c1 + c0)``"""
        return self.concentration1 / (self.concentration1 + self.concentration0)

    @property
    def mode(self) -> Any:
        """``(c1 - 1) / (c1 + c0 - 2)`` where both are above 1."""
        return self._dirichlet.mode[..., 0]

    @property
    def variance(self) -> Any:
        """``c1 c0 / ((c1 + c0)**2 (c1 + c0 + 1))``"""
        total = self.concentration1 + self.concentration0
        return self.concentration1 * self.concentration0 / (total.pow(2) * (total + 1))

    def rsample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw a number; its derivative in the concentrations is refused."""
        return self._dirichlet.rsample(sample_shape).select(-1, 0)

    def log_prob(self, value: Any) -> Any:
        """``log(value**(c1 - 1) (1 - value)**(c0 - 1) / B(c1, c0))``"""
        self._validate_sample(value)
        return self._dirichlet.log_prob(stack([value, 1.0 - value], -1))

    def entropy(self) -> Any:
        """The expectation of ``-log_prob``."""
        return self._dirichlet.entropy()


class StudentT(Distribution):
    """A normal number divided by the root of a `Chi2` one over ``df``, around ``loc``."""

    arg_constraints: ClassVar[dict[str, Constraint]] = {
        "df": positive,
        "loc": real,
        "scale": positive,
    }
    support = real
    has_rsample = True

    def __init__(
        self, df: Any, loc: Any = 0.0, scale: Any = 1.0, validate_args: bool | None = None
    ) -> None:
        """``df`` are the degrees of freedom, above 0."""
        self.df, self.loc, self.scale = parameters(df, loc, scale)
        self._chi2 = Chi2(self.df)
        super().__init__(self.df.shape, validate_args=validate_args)

    def expand(self, batch_shape: Iterable[int], _instance: Any = None) -> Any:
        """The same in a larger batch."""
        made = super().expand(batch_shape, _instance)
        made._chi2 = self._chi2.expand(batch_shape)
        return made

    @property
    def mean(self) -> Any:
        """``loc``; NaN for df up to 1."""
        mean = self.loc.clone()
        mean[self.df <= 1] = math.nan
        return mean

    @property
    def mode(self) -> Any:
        """``loc``"""
        return self.loc

    @property
    def variance(self) -> Any:
        """``scale**2 df / (df - 2)``; infinite for df up to 2, NaN for df up to 1."""
        variance, wide = self.df.clone(), self.df > 2
        variance[wide] = self.scale[wide].pow(2) * self.df[wide] / (self.df[wide] - 2)
        variance[(self.df <= 2) & (self.df > 1)] = math.inf
        variance[self.df <= 1] = math.nan
        return variance

    def rsample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw ``loc + scale x / sqrt(z / df)``, which is differentiable in loc and scale."""
        shape, dtype = self._extended_shape(sample_shape), self.df.dtype
        x = normal(zeros(shape, dtype=dtype), zeros(shape, dtype=dtype) + 1)
        z = self._chi2.rsample(sample_shape)
        return self.loc + self.scale * (x * (z / self.df).rsqrt())

    def log_prob(self, value: Any) -> Any:
        """The logarithm of the density."""
        self._validate_sample(value)
        y = (value - self.loc) / self.scale
        norm = self.scale.log() + 0.5 * self.df.log() + 0.5 * math.log(math.pi)
        norm = norm + (0.5 * self.df).lgamma() - (0.5 * (self.df + 1.0)).lgamma()
        return -0.5 * (self.df + 1.0) * (y**2.0 / self.df).log1p() - norm

    def entropy(self) -> Any:
        """The expectation of ``-log_prob``."""
        half, more = 0.5 * self.df, 0.5 * (self.df + 1)
        beta = half.lgamma() + math.lgamma(0.5) - more.lgamma()
        slope = more * (more.digamma() - half.digamma())
        return self.scale.log() + slope + 0.5 * self.df.log() + beta
