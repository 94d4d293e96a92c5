"""Distributions of functions of random variables."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, ClassVar

from minigrad.autograd import no_grad
from minigrad.creation import zeros_like
from minigrad.distributions import constraints
from minigrad.distributions.constraints import Constraint, positive, real
from minigrad.distributions.distribution import Distribution, parameters
from minigrad.distributions.independent import Independent
from minigrad.distributions.normal import Normal
from minigrad.distributions.scalar_transforms import AbsTransform, AffineTransform, ExpTransform
from minigrad.distributions.transform import ComposeTransform, Transform, sum_rightmost, widened
from minigrad.distributions.uniform import Uniform
from minigrad.ops.special_functions import EULER
from minigrad.size import Size
from minigrad.typeinfo import finfo


class TransformedDistribution(Distribution):
    """The distribution of ``y = transforms[-1](... transforms[0](x))``, with x of the base.

    ``log_prob(y)`` is the base's at x less the logarithms of the slopes there, and samples are
    differentiable where the base's are.
    """

    def __init__(
        self, base_distribution: Any, transforms: Any, validate_args: bool | None = None
    ) -> None:
        """``transforms`` is one, or a list. Raises ValueError for what is no transform."""
        if isinstance(transforms, Transform):
            transforms = [transforms]
        elif not isinstance(transforms, list) or not all(
            isinstance(each, Transform) for each in transforms
        ):
            raise ValueError(
                f"transforms must be a Transform or list, but was {transforms}"
                if not isinstance(transforms, list)
                else "transforms must be a Transform or a list of Transforms"
            )
        self.transforms = transforms
        self._whole = whole = ComposeTransform(transforms)
        shape = Size((*base_distribution.batch_shape, *base_distribution.event_shape))
        inside, outside = whole.domain.event_dim, whole.codomain.event_dim
        if len(shape) < inside:
            raise ValueError(
                f"base_distribution needs to have shape with size at least {inside}, but got "
                f"{shape}."
            )
        dims = len(base_distribution.event_shape)
        made = Size(whole.forward_shape(shape))
        expanded = Size(whole.inverse_shape(made))
        if expanded != shape:
            base_distribution = base_distribution.expand(expanded[: len(expanded) - dims])
        if inside > dims:
            base_distribution = Independent(base_distribution, inside - dims)
        self.base_dist = base_distribution
        events = outside + max(dims - inside, 0)
        place = len(made) - events
        super().__init__(made[:place], made[place:], validate_args=validate_args)

    @property
    def has_rsample(self) -> bool:  # type: ignore[override]
        """Whether samples of the base are differentiable."""
        return bool(self.base_dist.has_rsample)

    @property
    def support(self) -> Any:
        """What the last transform gives."""
        if not self.transforms:
            return self.base_dist.support
        last: Constraint = self.transforms[-1].codomain
        return widened(last, max(len(self.event_shape) - last.event_dim, 0))

    def expand(self, batch_shape: Iterable[int], _instance: Any = None) -> Any:
        """The same in a larger batch."""
        made = self._to_fill(_instance)
        made.__dict__.update({**self.__dict__, **made.__dict__})
        made._batch_shape = Size(batch_shape)
        shape = self._whole.inverse_shape((*made._batch_shape, *self.event_shape))
        made.base_dist = self.base_dist.expand(
            shape[: len(shape) - len(self.base_dist.event_shape)]
        )
        return made

    def sample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw, without recording, of the base, and transform."""
        with no_grad():
            return self._whole(self.base_dist.sample(sample_shape))

    def rsample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw of the base, differentiably, and transform."""
        return self._whole(self.base_dist.rsample(sample_shape))

    def log_prob(self, value: Any) -> Any:
        """The base's at what ``value`` was made of, less the logarithms of the slopes."""
        self._validate_sample(value)
        dims, total, y = len(self.event_shape), 0.0, value
        for transform in reversed(self.transforms):
            x = transform.inv(y)
            dims += transform.domain.event_dim - transform.codomain.event_dim
            slope = transform.log_abs_det_jacobian(x, y)
            total = total - sum_rightmost(slope, dims - transform.domain.event_dim)
            y = x
        base = self.base_dist.log_prob(y)
        return total + sum_rightmost(base, dims - len(self.base_dist.event_shape))

    def _turned(self, p: Any) -> Any:
        """A probability of what is below, where the transforms may have turned it around."""
        sign = self._whole.sign
        return p if isinstance(sign, int) and sign == 1 else sign * (p - 0.5) + 0.5

    def cdf(self, value: Any) -> Any:
        """The probability of what is at most ``value``, where the transforms are monotone."""
        self._validate_sample(value)
        return self._turned(self.base_dist.cdf(self._whole._inverse(value)))

    def icdf(self, value: Any) -> Any:
        """The quantile: what `cdf` gives ``value`` for."""
        return self._whole(self.base_dist.icdf(self._turned(value)))


class Derived(TransformedDistribution):
    """A transformed distribution with parameters of its own, of which larger batches are made."""

    def expand(self, batch_shape: Iterable[int], _instance: Any = None) -> Any:
        """The same in a larger batch."""
        shape = tuple(batch_shape)
        given = {name: getattr(self, name).expand(shape) for name in self.arg_constraints}
        made = self._to_fill(_instance)
        self._own_class().__init__(made, **given, validate_args=False)
        made._validate_args = self._validate_args
        return made


class LogNormal(TransformedDistribution):
    """The exponential of a normal number with mean ``loc`` and standard deviation ``scale``."""

    arg_constraints: ClassVar[dict[str, Constraint]] = {"loc": real, "scale": positive}

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        """``loc`` and ``scale`` are those of the logarithm."""
        super().__init__(Normal(loc, scale, validate_args), ExpTransform(), validate_args)

    @property
    def loc(self) -> Any:
        """The mean of the logarithm."""
        return self.base_dist.loc

    @property
    def scale(self) -> Any:
        """The standard deviation of the logarithm."""
        return self.base_dist.scale

    @property
    def mean(self) -> Any:
        """``exp(loc + scale**2 / 2)``"""
        return (self.loc + self.scale.pow(2) / 2).exp()

    @property
    def mode(self) -> Any:
        """``exp(loc - scale**2)``"""
        return (self.loc - self.scale.square()).exp()

    @property
    def variance(self) -> Any:
        """``(exp(scale**2) - 1) exp(2 loc + scale**2)``"""
        square = self.scale.pow(2)
        return square.expm1() * (2 * self.loc + square).exp()

    def entropy(self) -> Any:
        """That of the logarithm, and loc."""
        return self.base_dist.entropy() + self.loc


class Half(Derived):
    """The absolute value of a number distributed evenly around 0, as wide as ``scale`` says."""

    arg_constraints: ClassVar[dict[str, Constraint]] = {"scale": positive}

    @property
    def support(self) -> Any:
        """What is not negative."""
        return constraints.nonnegative

    @property
    def scale(self) -> Any:
        """That of the number."""
        return self.base_dist.scale

    @property
    def mode(self) -> Any:
        """0"""
        return zeros_like(self.scale)

    def cdf(self, value: Any) -> Any:
        """The probability of what is at most ``value``."""
        self._validate_sample(value)
        return 2 * self.base_dist.cdf(value) - 1

    def icdf(self, value: Any) -> Any:
        """The quantile: what `cdf` gives ``value`` for."""
        return self.base_dist.icdf((value + 1) / 2)

    def entropy(self) -> Any:
        """That of the number, less log(2)."""
        return self.base_dist.entropy() - math.log(2)


class HalfNormal(Half):
    """The absolute value of a normally distributed number with mean 0."""

    def __init__(self, scale: Any, validate_args: bool | None = None) -> None:
        """``scale`` is the standard deviation of the number."""
        super().__init__(Normal(0, scale, validate_args=False), AbsTransform(), validate_args)

    @property
    def mean(self) -> Any:
        """``scale sqrt(2 / pi)``"""
        return self.scale * math.sqrt(2 / math.pi)

    @property
    def variance(self) -> Any:
        """``scale**2 (1 - 2 / pi)``"""
        return self.scale.pow(2) * (1 - 2 / math.pi)

    def log_prob(self, value: Any) -> Any:
        """Twice the normal density, in the logarithm; minus infinity below 0."""
        self._validate_sample(value)
        found = self.base_dist.log_prob(value) + math.log(2)
        return found.where(value >= 0, -math.inf)


class Gumbel(Derived):
    """Gumbel's distribution of extremes: ``loc - scale log(-log(u))`` with u uniform on (0, 1)."""

    arg_constraints: ClassVar[dict[str, Constraint]] = {"loc": real, "scale": positive}
    support = real

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        """``loc`` and ``scale`` are numbers or floating-point tensors. scale is above 0."""
        self.loc, self.scale = parameters(loc, scale)
        limits = finfo(self.loc.dtype)
        low, high = self.loc * 0 + limits.tiny, self.loc * 0 + (1 - limits.eps)
        base = Uniform(low.detach(), high.detach(), validate_args=validate_args)
        log, ones = ExpTransform().inv, (self.scale.detach() * 0 + 1)
        turned = [log, AffineTransform(0, -ones), log, AffineTransform(self.loc, -self.scale)]
        super().__init__(base, turned, validate_args=validate_args)

    @property
    def mean(self) -> Any:
        """``loc + scale * 0.5772...``"""
        return self.loc + self.scale * EULER

    @property
    def mode(self) -> Any:
        """``loc``"""
        return self.loc

    @property
    def stddev(self) -> Any:
        """``scale pi / sqrt(6)``"""
        return (math.pi / math.sqrt(6)) * self.scale

    @property
    def variance(self) -> Any:
        """``scale**2 pi**2 / 6``"""
        return self.stddev.pow(2)

    def log_prob(self, value: Any) -> Any:
        """``z - exp(z) - log(scale)`` with ``z = (loc - value) / scale``."""
        self._validate_sample(value)
        z = (self.loc - value) / self.scale
        return (z - z.exp()) - self.scale.log()

    def entropy(self) -> Any:
        """``log(scale) + 1.5772...``"""
        return self.scale.log() + (1 + EULER)
