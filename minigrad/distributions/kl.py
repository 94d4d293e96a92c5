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

    It is used for subclasses as well, unless there is a rule for them. The classes may be others
    than of distributions, which distributions inherit from too. Raises TypeError for what is no
    class.
    """
    for kind in type_p, type_q:
        if not isinstance(kind, type):
            raise TypeError(
                f"issubclass() arg 1 must be a class. kl_divergence looks rules up by the classes "
                f"of both (got {kind!r})."
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
    fitting = [(a, b) for a, b in RULES if issubclass(type(p), a) and issubclass(type(q), b)]
    if not fitting:
        raise NotImplementedError(
            f"No KL(p || q) is implemented for p type {type(p).__name__} and q type "
            f"{type(q).__name__}"
        )
    near_p = nearest(fitting)
    near_q = nearest([(b, a) for a, b in fitting])
    rule = RULES[near_p]
    if RULES[near_q[::-1]] is not rule:
        warnings.warn(
            f"Ambiguous kl_divergence({type(p).__name__}, {type(q).__name__}). Please "
            f"register_kl({near_p[0].__name__}, {near_q[0].__name__})",
            RuntimeWarning,
            stacklevel=2,
        )
    return rule(p, q)


def nearest(pairs: list[tuple[type, type]]) -> tuple[type, type]:
    """The pair whose first class inherits from the others', its second one where these are one."""
    best = pairs[0]
    for pair in pairs[1:]:
        i = 0 if pair[0] is not best[0] else 1
        if issubclass(pair[i], best[i]):
            best = pair
    return best
