"""The distribution of random correlations."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, ClassVar

from minigrad.autograd import no_grad
from minigrad.creation import arange
from minigrad.distributions.constraints import Constraint, corr_cholesky, positive
from minigrad.distributions.distribution import Distribution, parameters, standard_normal
from minigrad.distributions.gamma import Beta
from minigrad.ops.diagonals import diag_embed
from minigrad.ops.special import mvlgamma
from minigrad.typeinfo import finfo


class LKJCholesky(Distribution):
    """Lower Cholesky factors L of ``dim`` variables' correlations (Lewandowski et al. 2009).

    The density of the correlations ``L @ L.mT`` is in proportion to ``det**(concentration - 1)``:
    uniform for 1, and nearer to the identity for more.
    """

    arg_constraints: ClassVar[dict[str, Constraint]] = {"concentration": positive}
    support = corr_cholesky

    def __init__(
        self, dim: int, concentration: Any = 1.0, validate_args: bool | None = None
    ) -> None:
        """``concentration`` is above 0. Raises ValueError for a ``dim`` below 2."""
        if dim < 2:
            raise ValueError(
                f"Expected dim to be an integer greater than or equal to 2. Found dim={dim}."
            )
        self.dim = dim
        (self.concentration,) = parameters(concentration)
        place = arange(dim, dtype=self.concentration.dtype)
        before = (place - 1).clamp(min=0)
        spread = self.concentration.unsqueeze(-1) + 0.5 * (dim - 2 - before)
        self._beta = Beta(before + 0.5, spread)
        super().__init__(self.concentration.shape, (dim, dim), validate_args=validate_args)

    def expand(self, batch_shape: Iterable[int], _instance: Any = None) -> Any:
        """The same in a larger batch."""
        made = super().expand(batch_shape, _instance)
        made._beta = self._beta.expand((*made._batch_shape, self.dim))
        return made

    def sample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw factors row by row: a direction, and a `Beta` share of it ("onion method")."""
        with no_grad():
            shape, dtype = self._extended_shape(sample_shape), self.concentration.dtype
            share = self._beta.sample(sample_shape).unsqueeze(-1)
            direction = standard_normal(shape, dtype).tril(-1)
            direction = direction / direction.norm(dim=-1, keepdim=True)
            direction[..., 0, :] = 0.0
            factor = share.sqrt() * direction
            left = (1 - (factor**2).sum(-1)).clamp(min=finfo(dtype).tiny).sqrt()
            return factor + diag_embed(left)

    def log_prob(self, value: Any) -> Any:
        """The logarithm of the density of the factor, which counts its diagonal's powers."""
        self._validate_sample(value)
        n, c = self.dim, self.concentration
        order = 2 * (c - 1).unsqueeze(-1) + n - arange(2, n + 1, dtype=c.dtype)
        chance = (order * value.diagonal(dim1=-1, dim2=-2)[..., 1:].log()).sum(-1)
        alpha = c + 0.5 * (n - 1)
        norm = 0.5 * (n - 1) * math.log(math.pi) + mvlgamma(alpha - 0.5, n - 1)
        return chance - (norm - alpha.lgamma() * (n - 1))
