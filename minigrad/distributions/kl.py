"""How far one distribution is from another."""

from __future__ import annotations

import math
from typing import Any

from minigrad.distributions.bernoulli import Bernoulli
from minigrad.distributions.categorical import Categorical
from minigrad.distributions.distribution import Distribution
from minigrad.distributions.gamma import Beta, Dirichlet, Gamma
from minigrad.distributions.independent import Independent
from minigrad.distributions.location_scale import Cauchy, Laplace
from minigrad.distributions.mixture import OneHotCategorical
from minigrad.distributions.multivariate_normal import MultivariateNormal
from minigrad.distributions.normal import Normal
from minigrad.distributions.transform import sum_rightmost
from minigrad.distributions.transformed import Gumbel, TransformedDistribution
from minigrad.distributions.uniform import Uniform
from minigrad.distributions.waiting import Exponential, Geometric, Poisson
from minigrad.linalg import solve_triangular
from minigrad.nn.functional import softplus
from minigrad.ops.choice import where
from minigrad.ops.special_functions import EULER


def kl_divergence(p: Distribution, q: Distribution) -> Any:
    """The expectation under ``p`` of ``p.log_prob - q.log_prob``, for two of the same class.

    Infinite where p has mass and q has none. Raises NotImplementedError for other pairs.
    """
    for kind, divergence in DIVERGENCES.items():
        if isinstance(p, kind) and isinstance(q, kind):
            return divergence(p, q)
    raise NotImplementedError(
        f"No KL(p || q) is implemented for p type {type(p).__name__} and q type {type(q).__name__}"
    )


def between_normals(p: Any, q: Any) -> Any:
    ratio = (p.scale / q.scale).pow(2)
    return 0.5 * (ratio + ((p.loc - q.loc) / q.scale).pow(2) - 1 - ratio.log())


def between_categoricals(p: Any, q: Any) -> Any:
    terms = p.probs * (p.logits - q.logits)
    return settled(terms, p.probs == 0, q.probs == 0).sum(-1)


def between_bernoullis(p: Any, q: Any) -> Any:
    ones = p.probs * (softplus(-q.logits) - softplus(-p.logits))
    zeros = (1 - p.probs) * (softplus(q.logits) - softplus(p.logits))
    ones = settled(ones, p.probs == 0, q.probs == 0)
    return ones + settled(zeros, p.probs == 1, q.probs == 1)


def between_uniforms(p: Any, q: Any) -> Any:
    covered = (q.low <= p.low) & (q.high >= p.high)
    return where(covered, ((q.high - q.low) / (p.high - p.low)).log(), math.inf)


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


def between_independents(p: Any, q: Any) -> Any:
    if p.reinterpreted_batch_ndims != q.reinterpreted_batch_ndims:
        raise NotImplementedError
    return p.over_events(kl_divergence(p.base_dist, q.base_dist))


def settled(terms: Any, not_in_p: Any, not_in_q: Any) -> Any:
    """Infinity for what q excludes, and 0 for what p excludes, whatever q does."""
    terms[not_in_q.expand_as(terms)] = math.inf
    terms[not_in_p.expand_as(terms)] = 0
    return terms


def between_exponentials(p: Any, q: Any) -> Any:
    ratio = q.rate / p.rate
    return ratio - ratio.log() - 1


def between_gammas(p: Any, q: Any) -> Any:
    shapes = q.concentration.lgamma() - p.concentration.lgamma()
    apart = (p.concentration - q.concentration) * p.concentration.digamma()
    rates = (q.rate - p.rate) * (p.concentration / p.rate)
    return q.concentration * (p.rate / q.rate).log() + shapes + apart + rates


def between_dirichlets(p: Any, q: Any) -> Any:
    a, b = p.concentration, q.concentration
    total = a.sum(-1)
    norms = total.lgamma() - b.sum(-1).lgamma() - (a.lgamma() - b.lgamma()).sum(-1)
    return norms + ((a - b) * (a.digamma() - total.digamma().unsqueeze(-1))).sum(-1)


def between_betas(p: Any, q: Any) -> Any:
    return between_dirichlets(p._dirichlet, q._dirichlet)


def between_laplaces(p: Any, q: Any) -> Any:
    ratio, apart = p.scale / q.scale, (p.loc - q.loc).abs()
    return -ratio.log() + apart / q.scale + ratio * (-apart / p.scale).exp() - 1


def between_cauchys(p: Any, q: Any) -> Any:
    square = (p.scale + q.scale).pow(2) + (p.loc - q.loc).pow(2)
    return square.log() - (4 * p.scale * q.scale).log()


def between_gumbels(p: Any, q: Any) -> Any:
    ratio, apart = p.scale / q.scale, (p.loc - q.loc) / q.scale
    tail = ((1 + ratio).lgamma() - apart).exp()
    return apart - ratio.log() + ratio * EULER + tail - (1 + EULER)


def between_poissons(p: Any, q: Any) -> Any:
    return p.rate * (p.rate.log() - q.rate.log()) - (p.rate - q.rate)


def between_geometrics(p: Any, q: Any) -> Any:
    return -p.entropy() - (-q.probs).log1p() / p.probs - q.logits


def between_choices(p: Any, q: Any) -> Any:
    return between_categoricals(p._categorical, q._categorical)


def between_transformed(p: Any, q: Any) -> Any:
    if p.transforms != q.transforms or p.event_shape != q.event_shape:
        raise NotImplementedError
    base = kl_divergence(p.base_dist, q.base_dist)
    return sum_rightmost(base, len(p.event_shape) - len(p.base_dist.event_shape))


DIVERGENCES = {
    Normal: between_normals,
    Categorical: between_categoricals,
    Bernoulli: between_bernoullis,
    Uniform: between_uniforms,
    MultivariateNormal: between_multivariate_normals,
    Independent: between_independents,
    Exponential: between_exponentials,
    Gamma: between_gammas,
    Dirichlet: between_dirichlets,
    Beta: between_betas,
    Cauchy: between_cauchys,
    Laplace: between_laplaces,
    Poisson: between_poissons,
    Geometric: between_geometrics,
    OneHotCategorical: between_choices,
    Gumbel: between_gumbels,
    TransformedDistribution: between_transformed,
}
