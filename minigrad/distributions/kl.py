"""How far one distribution is from another."""

from __future__ import annotations

import math
from typing import Any

from minigrad.distributions.bernoulli import Bernoulli
from minigrad.distributions.categorical import Categorical
from minigrad.distributions.distribution import Distribution
from minigrad.distributions.normal import Normal
from minigrad.nn.functional import softplus


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


def settled(terms: Any, not_in_p: Any, not_in_q: Any) -> Any:
    """Infinity for what q excludes, and 0 for what p excludes, whatever q does."""
    terms[not_in_q.expand_as(terms)] = math.inf
    terms[not_in_p.expand_as(terms)] = 0
    return terms


DIVERGENCES = {
    Normal: between_normals,
    Categorical: between_categoricals,
    Bernoulli: between_bernoullis,
}
