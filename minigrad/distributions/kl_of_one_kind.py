"""Divergences between two distributions of the same kind."""

from __future__ import annotations

import math
from typing import Any

from minigrad.distributions.bernoulli import Bernoulli
from minigrad.distributions.categorical import Categorical
from minigrad.distributions.counts import Binomial
from minigrad.distributions.exponential_family import ExponentialFamily
from minigrad.distributions.gamma import Beta, Dirichlet, Gamma
from minigrad.distributions.independent import Independent
from minigrad.distributions.kl import kl_divergence, register_kl
from minigrad.distributions.location_scale import Cauchy, Laplace
from minigrad.distributions.mixture import OneHotCategorical
from minigrad.distributions.multivariate_normal import MultivariateNormal
from minigrad.distributions.normal import Normal
from minigrad.distributions.power_laws import Pareto
from minigrad.distributions.transform import sum_rightmost
from minigrad.distributions.transformed import Gumbel, HalfNormal, TransformedDistribution
from minigrad.distributions.uniform import Uniform
from minigrad.distributions.waiting import Exponential, Geometric, Poisson
from minigrad.linalg import solve_triangular
from minigrad.nn.functional import softplus
from minigrad.ops.choice import where
from minigrad.ops.special_functions import EULER


@register_kl(Normal, Normal)
def between_normals(p: Any, q: Any) -> Any:
    ratio = (p.scale / q.scale).pow(2)
    return 0.5 * (ratio + ((p.loc - q.loc) / q.scale).pow(2) - 1 - ratio.log())


@register_kl(Categorical, Categorical)
def between_categoricals(p: Any, q: Any) -> Any:
    terms = p.probs * (p.logits - q.logits)
    return settled(terms, p.probs == 0, q.probs == 0).sum(-1)


@register_kl(Bernoulli, Bernoulli)
def between_bernoullis(p: Any, q: Any) -> Any:
    ones = p.probs * (softplus(-q.logits) - softplus(-p.logits))
    zeros = (1 - p.probs) * (softplus(q.logits) - softplus(p.logits))
    ones = settled(ones, p.probs == 0, q.probs == 0)
    return ones + settled(zeros, p.probs == 1, q.probs == 1)


@register_kl(Uniform, Uniform)
def between_uniforms(p: Any, q: Any) -> Any:
    covered = (q.low <= p.low) & (q.high >= p.high)
    return where(covered, ((q.high - q.low) / (p.high - p.low)).log(), math.inf)


@register_kl(MultivariateNormal, MultivariateNormal)
def between_multivariate_normals(p: Any, q: Any) -> Any:
    if p.event_shape != q.event_shape:
        raise ValueError(
            "KL-divergence between two Multivariate Normals with different event shapes cannot be "
            "computed"
        )
    spread = solve_triangular(q.scale_tril, p.scale_tril, upper=False).pow(2).sum((-2, -1))
    apart = solve_triangular(q.scale_tril, (q.loc - p.loc).unsqueeze(-1), upper=False)
    distance = apart.squeeze(-1).pow(2).sum(-1)
    return q.half_logdet() - p.half_logdet() + 0.5 * (spread + distance - p.event_shape[0])


@register_kl(Independent, Independent)
def between_independents(p: Any, q: Any) -> Any:
    if p.reinterpreted_batch_ndims != q.reinterpreted_batch_ndims:
        raise NotImplementedError
    return p.over_events(kl_divergence(p.base_dist, q.base_dist))


def settled(terms: Any, not_in_p: Any, not_in_q: Any) -> Any:
    """Infinity for what q excludes, and 0 for what p excludes, whatever q does."""
    terms[not_in_q.expand_as(terms)] = math.inf
    terms[not_in_p.expand_as(terms)] = 0
    return terms


@register_kl(Exponential, Exponential)
def between_exponentials(p: Any, q: Any) -> Any:
    ratio = q.rate / p.rate
    return ratio - ratio.log() - 1


@register_kl(Gamma, Gamma)
def between_gammas(p: Any, q: Any) -> Any:
    shapes = q.concentration.lgamma() - p.concentration.lgamma()
    apart = (p.concentration - q.concentration) * p.concentration.digamma()
    rates = (q.rate - p.rate) * (p.concentration / p.rate)
    return q.concentration * (p.rate / q.rate).log() + shapes + apart + rates


@register_kl(Dirichlet, Dirichlet)
def between_dirichlets(p: Any, q: Any) -> Any:
    a, b = p.concentration, q.concentration
    total = a.sum(-1)
    norms = total.lgamma() - b.sum(-1).lgamma() - (a.lgamma() - b.lgamma()).sum(-1)
    return norms + ((a - b) * (a.digamma() - total.digamma().unsqueeze(-1))).sum(-1)


@register_kl(Beta, Beta)
def between_betas(p: Any, q: Any) -> Any:
    return between_dirichlets(p._dirichlet, q._dirichlet)


@register_kl(Laplace, Laplace)
def between_laplaces(p: Any, q: Any) -> Any:
    ratio, apart = p.scale / q.scale, (p.loc - q.loc).abs()
    return -ratio.log() + apart / q.scale + ratio * (-apart / p.scale).exp() - 1


@register_kl(Cauchy, Cauchy)
def between_cauchys(p: Any, q: Any) -> Any:
    square = (p.scale + q.scale).pow(2) + (p.loc - q.loc).pow(2)
    return square.log() - (4 * p.scale * q.scale).log()


@register_kl(Gumbel, Gumbel)
def between_gumbels(p: Any, q: Any) -> Any:
    ratio, apart = p.scale / q.scale, (p.loc - q.loc) / q.scale
    tail = ((1 + ratio).lgamma() - apart).exp()
    return apart - ratio.log() + ratio * EULER + tail - (1 + EULER)


@register_kl(Poisson, Poisson)
def between_poissons(p: Any, q: Any) -> Any:
    return p.rate * (p.rate.log() - q.rate.log()) - (p.rate - q.rate)


@register_kl(Geometric, Geometric)
def between_geometrics(p: Any, q: Any) -> Any:
    return -p.entropy() - (-q.probs).log1p() / p.probs - q.logits


@register_kl(OneHotCategorical, OneHotCategorical)
def between_choices(p: Any, q: Any) -> Any:
    return between_categoricals(p._categorical, q._categorical)


@register_kl(TransformedDistribution, TransformedDistribution)
def between_transformed(p: Any, q: Any) -> Any:
    if p.transforms != q.transforms or p.event_shape != q.event_shape:
        raise NotImplementedError
    return kl_divergence(p.base_dist, q.base_dist)


@register_kl(HalfNormal, HalfNormal)
def between_half_normals(p: Any, q: Any) -> Any:
    return kl_divergence(p.base_dist, q.base_dist)


@register_kl(Pareto, Pareto)
def between_paretos(p: Any, q: Any) -> Any:
    ratio = q.alpha / p.alpha
    found = q.alpha * (p.scale / q.scale).log() - ratio.log() + ratio - 1
    return where(p.scale < q.scale, math.inf, found)


@register_kl(Binomial, Binomial)
def between_binomials(p: Any, q: Any) -> Any:
    if (p.total_count < q.total_count).any():
        raise NotImplementedError(
            "KL between Binomials where q.total_count > p.total_count is not implemented"
        )
    apart = p.probs * (p.logits - q.logits) + (-p.probs).log1p() - (-q.probs).log1p()
    return where(p.total_count > q.total_count, math.inf, p.total_count * apart)


@register_kl(ExponentialFamily, ExponentialFamily)
def between_families(p: Any, q: Any) -> Any:
    """The divergence, after Bregman, of the log-normalizer."""
    if type(p) is not type(q):
        raise NotImplementedError(
            "The cross KL-divergence between different exponential families cannot be computed "
            "using Bregman divergences"
        )
    params, norm, slopes = p._mean_statistics()
    found = q._log_normalizer(*q._natural_params) - norm
    for a, b, slope in zip(params, q._natural_params, slopes, strict=True):
        found = found - sum_rightmost((b - a) * slope, a.ndim - len(p.batch_shape))
    return found
