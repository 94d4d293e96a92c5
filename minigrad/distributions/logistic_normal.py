"""Normal vectors brought to the simplex."""

from __future__ import annotations

from typing import Any, ClassVar

from minigrad.distributions.constraints import Constraint, positive, real, simplex
from minigrad.distributions.normal import Normal
from minigrad.distributions.simplex_transforms import StickBreakingTransform
from minigrad.distributions.transformed import TransformedDistribution


class LogisticNormal(TransformedDistribution):
    """Shares of a stick, K + 1 of them, broken by K normal numbers as `StickBreakingTransform`."""

    arg_constraints: ClassVar[dict[str, Constraint]] = {"loc": real, "scale": positive}
    support = simplex

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        """``loc`` and ``scale`` are those of the normal numbers, of shape (..., K)."""
        base = Normal(loc, scale, validate_args=validate_args)
        base = base if base.batch_shape else base.expand([1])
        super().__init__(base, StickBreakingTransform(), validate_args=validate_args)

    @property
    def loc(self) -> Any:
        """The mean of the normal numbers."""
        return self.base_dist.base_dist.loc

    @property
    def scale(self) -> Any:
        """The standard deviation of the normal numbers."""
        return self.base_dist.base_dist.scale
