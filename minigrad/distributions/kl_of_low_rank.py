"""Divergences where a covariance matrix is a few factors' and a diagonal."""

from __future__ import annotations

from typing import Any

from minigrad.distributions.kl import register_kl
from minigrad.distributions.low_rank_multivariate_normal import LowRankMultivariateNormal
from minigrad.distributions.multivariate_normal import MultivariateNormal
from minigrad.linalg import solve_triangular
from minigrad.ops.diagonals import diag_embed

LowRank = LowRankMultivariateNormal


def need_one_shape(p: Any, q: Any, kinds: str) -> None:
    if p.event_shape != q.event_shape:
        raise ValueError(
            f"KL-divergence between two {kinds} with different event shapes cannot be computed"
        )


def of_square(x: Any) -> Any:
    """The trace of ``x @ x.mT``."""
    return x.pow(2).sum((-2, -1))


def spread(q: Any, root: Any) -> Any:
    """The trace of ``C^-1 @ root @ root.mT`` with q's covariances C, by Woodbury's identity."""
    diagonal = q._unbroadcasted_cov_diag.unsqueeze(-1)
    part = solve_triangular(
        q._capacitance_tril, (q._unbroadcasted_cov_factor / diagonal).mT, upper=False
    )
    return of_square(root / diagonal.sqrt()) - of_square(part @ root)


def from_low_rank(p: Any, spread_of: Any) -> Any:
    """The trace of q's inverse covariances with p's: the factors' and the diagonal's share."""
    return spread_of(p._unbroadcasted_cov_factor) + spread_of(
        diag_embed(p._unbroadcasted_cov_diag.sqrt())
    )


@register_kl(LowRank, LowRank)
def between_low_ranks(p: Any, q: Any) -> Any:
    need_one_shape(p, q, "Low Rank Multivariate Normals")
    trace = from_low_rank(p, lambda root: spread(q, root))
    return 0.5 * (q.logdet() - p.logdet() + q.distance(q.loc - p.loc) + trace - p.event_shape[0])


@register_kl(MultivariateNormal, LowRank)
def to_low_rank(p: Any, q: Any) -> Any:
    need_one_shape(p, q, "(Low Rank) Multivariate Normals")
    trace = spread(q, p._unbroadcasted_scale_tril)
    logs = q.logdet() - 2 * p.half_logdet()
    return 0.5 * (logs + q.distance(q.loc - p.loc) + trace - p.event_shape[0])


@register_kl(LowRank, MultivariateNormal)
def to_multivariate_normal(p: Any, q: Any) -> Any:
    need_one_shape(p, q, "(Low Rank) Multivariate Normals")
    trace = from_low_rank(
        p, lambda root: of_square(solve_triangular(q._unbroadcasted_scale_tril, root, upper=False))
    )
    apart = solve_triangular(
        q._unbroadcasted_scale_tril, (q.loc - p.loc).unsqueeze(-1), upper=False
    )
    logs = 2 * q.half_logdet() - p.logdet()
    return 0.5 * (logs + of_square(apart) + trace - p.event_shape[0])
