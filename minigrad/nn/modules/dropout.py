"""Dropout: in training, elements or whole channels become zero at random, the rest larger."""

from __future__ import annotations

from typing import Any

from minigrad.nn import functional as F
from minigrad.nn.modules.stateless import Stateless

__all__ = [
    "AlphaDropout",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "Dropout3d",
    "FeatureAlphaDropout",
]

SHOWN = "p={p}, inplace={inplace}"


class AnyDropout(Stateless):
    """What all dropouts have in common."""

    p: float
    inplace: bool

    def __post_init__(self) -> None:
        if not 0 <= self.p <= 1:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {self.p}")

    def forward(self, input: Any) -> Any:
        return getattr(F, self.function)(input, self.p, self.training, self.inplace)


class Dropout(AnyDropout, function="dropout", shown=SHOWN):
    """Elements are zero with probability ``p``, and else divided by ``1 - p``.

    Only in training: in eval mode it returns its input. Raises ValueError for a probability outside
    [0, 1].
    """

    p: float = 0.5
    inplace: bool = False


class Dropout1d(AnyDropout, function="dropout1d", shown=SHOWN):
    """Channels of (N, C, L) or (C, L) are zero with probability ``p``."""

    p: float = 0.5
    inplace: bool = False


class Dropout2d(AnyDropout, function="dropout2d", shown=SHOWN):
    """Channels of (N, C, H, W) or (C, H, W) are zero with probability ``p``."""

    p: float = 0.5
    inplace: bool = False


class Dropout3d(AnyDropout, function="dropout3d", shown=SHOWN):
    """Channels of (N, C, D, H, W) or (C, D, H, W) are zero with probability ``p``."""

    p: float = 0.5
    inplace: bool = False


class AlphaDropout(AnyDropout, function="alpha_dropout", shown=SHOWN):
    """Elements take SELU's lower limit; mean and variance stay what they were."""

    p: float = 0.5
    inplace: bool = False


class FeatureAlphaDropout(AnyDropout, function="feature_alpha_dropout", shown=SHOWN):
    """As `AlphaDropout`, for whole channels."""

    p: float = 0.5
    inplace: bool = False


_DropoutNd = AnyDropout  # as lessons ask for any of them
