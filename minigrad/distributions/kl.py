"""How far one distribution is from another."""

from __future__ import annotations

import math
from typing import Any

from minigrad.distributions.bernoulli import Bernoulli
from minigrad.distributions.categorical import Categorical
from minigrad.distributions.distribution import Distribution
from minigrad.distributions.independent import Independent
from minigrad.distributions.multivariate_normal import MultivariateNormal
from minigrad.distributions.normal import Normal
from minigrad.distributions.uniform import Uniform
from minigrad.linalg import solve_triangular
from minigrad.nn.functional import softplus
from minigrad.ops.choice import where


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


DIVERGENCES = {
    Normal: between_normals,
    Categorical: between_categoricals,
    Bernoulli: between_bernoullis,
    Uniform: between_uniforms,
    MultivariateNormal: between_multivariate_normals,
    Independent: between_independents,
}
