"""How far one distribution is from another."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from minigrad.distributions.distribution import Distribution

Rule = Callable[[Any, Any], Any]

RULES: dict[tuple[type, type], Rule] = {}


def register_kl(type_p: Any, type_q: Any) -> Callable[[Rule], Rule]:
    """A decorator of a function of p and q that gives their divergence.

    It is used for subclasses as well, unless there is a rule for them. Raises TypeError for what is
    no class of distributions.
    """
    for name, kind in ("type_p", type_p), ("type_q", type_q):
        if not (isinstance(kind, type) and issubclass(kind, Distribution)):
            raise TypeError(
                f"Expected {name} to be a Distribution subclass but got {kind}. kl_divergence "
                "looks rules up by the classes of both."
            )

    def register(rule: Rule) -> Rule:
        RULES[type_p, type_q] = rule
        return rule

    return register


def kl_divergence(p: Distribution, q: Distribution) -> Any:
    """The expectation under ``p`` of ``p.log_prob - q.log_prob``.

    Infinite where p has mass and q has none. Raises NotImplementedError for pairs without a rule,
    and warns where one rule is nearer to p's class and another to q's.
    """
    ps, qs = type(p).__mro__, type(q).__mro__
    fitting = [(ps.index(a), qs.index(b)) for a, b in RULES if a in ps and b in qs]
    if not fitting:
        raise NotImplementedError(
            f"No KL(p || q) is implemented for p type {type(p).__name__} and q type "
            f"{type(q).__name__}"
        )
    i, j = min(fitting)
    rule = RULES[ps[i], qs[j]]
    other, nearest = min(fitting, key=lambda pair: pair[::-1])
    if RULES[ps[other], qs[nearest]] is not rule:
        warnings.warn(
            f"Ambiguous kl_divergence({type(p).__name__}, {type(q).__name__}). Please "
            f"register_kl({ps[i].__name__}, {qs[nearest].__name__})",
            RuntimeWarning,
            stacklevel=2,
        )
    return rule(p, q)
