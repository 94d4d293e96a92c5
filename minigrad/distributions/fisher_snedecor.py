"""The distribution of quotients of variances."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, ClassVar

from minigrad.distributions.constraints import Constraint, positive
from minigrad.distributions.distribution import Distribution, parameters
from minigrad.distributions.gamma import Gamma
from minigrad.ops.choice import where
from minigrad.typeinfo import finfo


class FisherSnedecor(Distribution):
    """The quotient of two `Chi2` numbers, each over its degrees of freedom."""

    arg_constraints: ClassVar[dict[str, Constraint]] = {"df1": positive, "df2": positive}
    support = positive
    has_rsample = True

    def __init__(self, df1: Any, df2: Any, validate_args: bool | None = None) -> None:
        """``df1`` and ``df2`` are the degrees of freedom, numbers or tensors above 0."""
        self.df1, self.df2 = parameters(df1, df2)
        self._gamma1 = Gamma(self.df1 * 0.5, self.df1, validate_args=validate_args)
        self._gamma2 = Gamma(self.df2 * 0.5, self.df2, validate_args=validate_args)
        super().__init__(self.df1.shape, validate_args=validate_args)

    def expand(self, batch_shape: Iterable[int], _instance: Any = None) -> Any:
        """The same in a larger batch."""
        made = super().expand(batch_shape, _instance)
        made._gamma1 = self._gamma1.expand(batch_shape)
        made._gamma2 = self._gamma2.expand(batch_shape)
        return made

    @property
    def mean(self) -> Any:
        """``df2 / (df2 - 2)``; NaN for df2 up to 2."""
        df2 = where(self.df2 <= 2, math.nan, self.df2)
        return df2 / (df2 - 2)

    @property
    def mode(self) -> Any:
        """``(df1 - 2) / df1 * df2 / (df2 + 2)``; NaN for df1 up to 2."""
        mode = (self.df1 - 2) / self.df1 * self.df2 / (self.df2 + 2)
        return where(self.df1 <= 2, math.nan, mode)

    @property
    def variance(self) -> Any:
        """``2 df2**2 (df1 + df2 - 2) / (df1 (df2 - 2)**2 (df2 - 4))``; NaN for df2 up to 4."""
        df1, df2 = self.df1, where(self.df2 <= 4, math.nan, self.df2)
        return 2 * df2.pow(2) * (df1 + df2 - 2) / (df1 * (df2 - 2).pow(2) * (df2 - 4))

    def rsample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw quotients; their derivative in the degrees of freedom is refused."""
        shape = self._extended_shape(sample_shape)
        tiny = finfo(self.df2.dtype).tiny
        first = self._gamma1.rsample(sample_shape).view(shape)
        second = self._gamma2.rsample(sample_shape).view(shape).clamp(min=tiny)
        return (first / second).clamp(min=tiny)

    def log_prob(self, value: Any) -> Any:
        """The logarithm of the density."""
        self._validate_sample(value)
        a, b, ratio = self.df1 * 0.5, self.df2 * 0.5, self.df1 / self.df2
        norm = (a + b).lgamma() - a.lgamma() - b.lgamma()
        rise = a * ratio.log() + (a - 1) * value.log()
        return norm + rise - (a + b) * (ratio * value).log1p()
