"""The normal distribution's counterpart on the circle."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, ClassVar

from minigrad.autograd import no_grad
from minigrad.creation import zeros
from minigrad.distributions.constraints import Constraint, positive, real
from minigrad.distributions.distribution import Distribution, parameters
from minigrad.ops.choice import where
from minigrad.random import rand
from minigrad.special import i0e, i1e


class VonMises(Distribution):
    """Angles with a density in proportion to ``exp(concentration * cos(x - loc))``."""

    arg_constraints: ClassVar[dict[str, Constraint]] = {"loc": real, "concentration": positive}
    support = real
    has_rsample = False

    def __init__(self, loc: Any, concentration: Any, validate_args: bool | None = None) -> None:
        """``loc`` is an angle, ``concentration`` above 0."""
        self.loc, self.concentration = parameters(loc, concentration)
        super().__init__(self.loc.shape, validate_args=validate_args)

    @property
    def mean(self) -> Any:
        """``loc``, the mean on the circle."""
        return self.loc

    @property
    def mode(self) -> Any:
        """``loc``"""
        return self.loc

    @property
    def variance(self) -> Any:
        """``1 - I1(concentration) / I0(concentration)``, the variance on the circle."""
        return 1 - i1e(self.concentration) / i0e(self.concentration)

    def sample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw angles in [-pi, pi), by the rejection of Best and Fisher (1979) in float64."""
        shape = self._extended_shape(sample_shape)
        with no_grad():
            loc, k = self.loc.double(), self.concentration.double()
            root = 1 + (1 + 4 * k**2).sqrt()
            rho = (root - (2 * root).sqrt()) / (2 * k)
            r = where(k < 1e-5, 1 / k + k, (1 + rho**2) / (2 * rho))
            angles, done = zeros(shape, dtype=loc.dtype), zeros(shape) == 1
            while not done.all():
                u1, u2, u3 = rand((3, *shape), dtype=loc.dtype).unbind()
                z = (math.pi * u1).cos()
                f = (1 + r * z) / (r + z)
                c = k * (r - f)
                accepted = (c * (2 - c) - u2 > 0) | ((c / u2).log() + 1 - c >= 0)
                angles = where(accepted, (u3 - 0.5).sign() * f.acos(), angles)
                done = done | accepted
            return ((angles + math.pi + loc) % (2 * math.pi) - math.pi).to(self.loc.dtype)

    def log_prob(self, value: Any) -> Any:
        """``concentration cos(value - loc) - log(2 pi I0(concentration))``"""
        self._validate_sample(value)
        k = self.concentration
        peak = k * (value - self.loc).cos()
        return peak - math.log(2 * math.pi) - (i0e(k).log() + k)
