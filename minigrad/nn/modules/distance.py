"""Distances between vectors."""

from __future__ import annotations

from minigrad.nn.modules.stateless import Stateless

__all__ = ["CosineSimilarity", "PairwiseDistance"]


class PairwiseDistance(Stateless, function="pairwise_distance"):
    """The p-norm of ``x1 - x2 + eps`` along the last dimension."""

    p: float = 2.0
    eps: float = 1e-6
    keepdim: bool = False


class CosineSimilarity(Stateless, function="cosine_similarity"):
    """``x1 . x2 / (|x1| |x2|)`` along ``dim``, with norms of at least ``eps``."""

    dim: int = 1
    eps: float = 1e-8
