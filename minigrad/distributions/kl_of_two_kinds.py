"""Divergences between distributions of different kinds.

They are ``-entropy(p) - E[log q(x)]``, where x is drawn from p: what the expectation needs of p is
its mean and variance, and at times those of ``log(x)`` and ``exp(-x / s)``. Where p gives what q
excludes, the divergence is infinite.
"""

from __future__ import annotations

import math
from typing import Any

from minigrad.distributions.bernoulli import Bernoulli
from minigrad.distributions.continuous_bernoulli import ContinuousBernoulli
from minigrad.distributions.counts import Binomial
from minigrad.distributions.gamma import Beta, Gamma
from minigrad.distributions.kl import register_kl
from minigrad.distributions.location_scale import Laplace
from minigrad.distributions.normal import Normal
from minigrad.distributions.power_laws import Pareto
from minigrad.distributions.transformed import Gumbel
from minigrad.distributions.uniform import Uniform
from minigrad.distributions.waiting import Exponential, Poisson
from minigrad.ops.choice import where
from minigrad.ops.elementwise import xlogy
from minigrad.ops.special_functions import EULER


def mean_log(p: Any) -> Any:
    """The mean of ``log(x)``."""
    if isinstance(p, Beta):
        return p.concentration1.digamma() - (p.concentration1 + p.concentration0).digamma()
    if isinstance(p, Exponential):
        return -EULER - p.rate.log()
    if isinstance(p, Pareto):
        return p.scale.log() + p.alpha.reciprocal()
    return mean_log_between(p.low, p.high)


def mean_log_between(low: Any, high: Any) -> Any:
    """The mean of ``log(x)`` with x uniform."""
    return (xlogy(high, high) - xlogy(low, low)) / (high - low) - 1


def mean_exp(p: Any, scale: Any) -> Any:
    """The mean of ``exp(-x / scale)``."""
    if isinstance(p, Normal):
        return (-p.loc / scale + 0.5 * (p.scale / scale).pow(2)).exp()
    if isinstance(p, Exponential):
        return p.rate / (p.rate + scale.reciprocal())
    if isinstance(p, Gamma):
        return (1 + 1 / (p.rate * scale)).pow(-p.concentration)
    return scale * ((-p.low / scale).exp() - (-p.high / scale).exp()) / (p.high - p.low)


def under_normal(p: Any, q: Any) -> Any:
    """The mean of ``q.log_prob``; so are the next ones."""
    apart = (p.variance + (p.mean - q.loc).pow(2)) / (2 * q.scale.pow(2))
    return -apart - q.scale.log() - 0.5 * math.log(2 * math.pi)


def under_exponential(p: Any, q: Any) -> Any:
    return q.rate.log() - q.rate * p.mean


def under_gamma(p: Any, q: Any) -> Any:
    c = q.concentration
    return c * q.rate.log() - c.lgamma() + (c - 1) * mean_log(p) - q.rate * p.mean


def under_gumbel(p: Any, q: Any) -> Any:
    tail = mean_exp(p, q.scale) * (q.loc / q.scale).exp()
    return (q.loc - p.mean) / q.scale - tail - q.scale.log()


def under_continuous_bernoulli(p: Any, q: Any) -> Any:
    return p.mean * q.logits + (-q.probs).log1p() + q._log_norm()


def under_uniform(p: Any, q: Any) -> Any:
    covered = (q.low <= 0) & (q.high >= 1)
    return where(covered, -(q.high - q.low).log(), -math.inf)


def under_poisson(p: Any, q: Any) -> Any:
    return p.probs * q.rate.log() - q.rate


def under_laplace(p: Any, q: Any) -> Any:
    """Of a normal p: with the mean distance from q's loc."""
    z = (p.loc - q.loc) / p.scale
    near = math.sqrt(2 / math.pi) * (-0.5 * z.pow(2)).exp() + z * (z / math.sqrt(2)).erf()
    return -(2 * q.scale).log() - p.scale / q.scale * near


def under_pareto(p: Any, q: Any) -> Any:
    found = q.alpha.log() + xlogy(q.alpha, q.scale) - (q.alpha + 1) * mean_log(p)
    return where(p.low < q.scale, -math.inf, found)


def under_beta(p: Any, q: Any) -> Any:
    a, b = q.concentration1, q.concentration0
    norm = a.lgamma() + b.lgamma() - (a + b).lgamma()
    rest = mean_log_between(1 - p.high, 1 - p.low)
    found = (a - 1) * mean_log(p) + (b - 1) * rest - norm
    return where((p.low < 0) | (p.high > 1), -math.inf, found)


def above_0(of: Any) -> Any:
    """The mean under a uniform p, for a q that excludes what is below 0."""
    return lambda p, q: where(p.low < 0, -math.inf, of(p, q))


def up_to_1(p: Any, q: Any) -> Any:
    found = under_continuous_bernoulli(p, q)
    return where((p.low < 0) | (p.high > 1), -math.inf, found)


EXPECTATIONS: dict[Any, dict[Any, Any]] = {
    Normal: {
        Beta: under_normal,
        ContinuousBernoulli: under_normal,
        Exponential: under_normal,
        Gamma: under_normal,
        Gumbel: under_normal,
        Laplace: under_normal,
        Pareto: under_normal,
        Uniform: under_normal,
    },
    Exponential: {
        Beta: under_exponential,
        ContinuousBernoulli: under_exponential,
        Gamma: under_exponential,
        Pareto: under_exponential,
        Uniform: above_0(under_exponential),
    },
    Gamma: {
        Beta: under_gamma,
        Exponential: under_gamma,
        Pareto: under_gamma,
        Uniform: above_0(under_gamma),
    },
    Gumbel: {
        Exponential: under_gumbel,
        Gamma: under_gumbel,
        Normal: under_gumbel,
        Uniform: under_gumbel,
    },
    ContinuousBernoulli: {
        Beta: under_continuous_bernoulli,
        ContinuousBernoulli: under_continuous_bernoulli,
        Uniform: up_to_1,
    },
    Uniform: {Beta: under_uniform, ContinuousBernoulli: under_uniform},
    Laplace: {Normal: under_laplace},
    Pareto: {Uniform: under_pareto},
    Beta: {Uniform: under_beta},
    Poisson: {Bernoulli: under_poisson},
}

# By q, the kinds of p that give what q excludes.
INFINITE: dict[Any, list[Any]] = {
    Beta: [Exponential, Gamma, Gumbel, Laplace, Normal, Pareto],
    ContinuousBernoulli: [Exponential, Gamma, Gumbel, Laplace, Normal, Pareto],
    Uniform: [Exponential, Gamma, Gumbel, Laplace, Normal, Pareto],
    Pareto: [Beta, ContinuousBernoulli, Exponential, Gamma, Gumbel, Laplace, Normal],
    Exponential: [Gumbel, Laplace, Normal],
    Gamma: [Gumbel, Laplace, Normal],
    Bernoulli: [Poisson],
    Binomial: [Poisson],
}


def by_expectation(of: Any) -> Any:
    return lambda p, q: -p.entropy() - of(p, q)


def infinite(p: Any, q: Any) -> Any:
    return p.mean.new_full(p.batch_shape, math.inf)


for kind_q, rules in EXPECTATIONS.items():
    for kind_p, of in rules.items():
        register_kl(kind_p, kind_q)(by_expectation(of))
for kind_q, kinds in INFINITE.items():
    for kind_p in kinds:
        register_kl(kind_p, kind_q)(infinite)
