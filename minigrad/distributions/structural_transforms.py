"""Transforms of shapes, of parts of tensors, and to the probabilities of a distribution."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

from minigrad.distributions import constraints
from minigrad.distributions.constraints import Constraint, _Cat, _Stack
from minigrad.distributions.transform import Distinct, Transform, sum_rightmost
from minigrad.ops.joining import cat, stack
from minigrad.size import Size


class IndependentTransform(Distinct):
    """Another transform, of which the last dimensions are taken as those of one event."""

    def __init__(
        self, base_transform: Transform, reinterpreted_batch_ndims: int, cache_size: int = 0
    ) -> None:
        super().__init__(cache_size)
        self.base_transform = base_transform
        self.reinterpreted_batch_ndims = n = reinterpreted_batch_ndims
        self.bijective = base_transform.bijective
        self.domain = constraints.independent(base_transform.domain, n)
        self.codomain = constraints.independent(base_transform.codomain, n)

    @property
    def sign(self) -> Any:
        """That of the other."""
        return self.base_transform.sign

    def _call(self, x: Any) -> Any:
        if x.dim() < self.domain.event_dim:
            raise ValueError("Too few dimensions on input")
        return self.base_transform(x)

    def _inverse(self, y: Any) -> Any:
        if y.dim() < self.codomain.event_dim:
            raise ValueError("Too few dimensions on input")
        return self.base_transform.inv(y)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        """The other's, summed over the last dimensions."""
        slope = self.base_transform.log_abs_det_jacobian(x, y)
        return sum_rightmost(slope, self.reinterpreted_batch_ndims)

    def forward_shape(self, shape: Any) -> Any:
        """The shape of ``y`` for that of ``x``."""
        return self.base_transform.forward_shape(shape)

    def inverse_shape(self, shape: Any) -> Any:
        """The shape of ``x`` for that of ``y``."""
        return self.base_transform.inverse_shape(shape)

    def __repr__(self) -> str:
        return f"IndependentTransform({self.base_transform!r}, {self.reinterpreted_batch_ndims})"


class ReshapeTransform(Distinct):
    """The last dimensions in another shape; ValueError where the numbers of elements differ."""

    bijective = True

    def __init__(
        self, in_shape: Sequence[int], out_shape: Sequence[int], cache_size: int = 0
    ) -> None:
        self.in_shape, self.out_shape = Size(in_shape), Size(out_shape)
        if math.prod(self.in_shape) != math.prod(self.out_shape):
            raise ValueError("in_shape, out_shape have different numbers of elements")
        super().__init__(cache_size)
        self.domain = constraints.independent(constraints.real, len(self.in_shape))
        self.codomain = constraints.independent(constraints.real, len(self.out_shape))

    def _call(self, x: Any) -> Any:
        batch = x.shape[: x.dim() - len(self.in_shape)]
        return x.reshape((*batch, *self.out_shape))

    def _inverse(self, y: Any) -> Any:
        batch = y.shape[: y.dim() - len(self.out_shape)]
        return y.reshape((*batch, *self.in_shape))

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        """0"""
        return x.new_zeros(x.shape[: x.dim() - len(self.in_shape)])

    def forward_shape(self, shape: Any) -> Any:
        """The shape of ``y`` for that of ``x``."""
        return exchanged(shape, self.in_shape, self.out_shape)

    def inverse_shape(self, shape: Any) -> Any:
        """The shape of ``x`` for that of ``y``."""
        return exchanged(shape, self.out_shape, self.in_shape)


def exchanged(shape: Any, old: Size, new: Size) -> Size:
    """A shape with other last dimensions."""
    place = len(shape) - len(old)
    if place < 0:
        raise ValueError("Too few dimensions on input")
    if tuple(shape[place:]) != tuple(old):
        raise ValueError(f"Shape mismatch: expected {tuple(shape[place:])} but got {old}")
    return Size((*shape[:place], *new))


class _Parts(Distinct):
    """A transform for each of several parts of a tensor along ``dim``."""

    def __init__(self, tseq: Sequence[Transform], dim: int = 0, cache_size: int = 0) -> None:
        if not all(isinstance(each, Transform) for each in tseq):
            raise AssertionError("All elements of tseq must be Transform instances")
        super().__init__(cache_size)
        self.transforms, self.dim = list(tseq), dim
        self.bijective = all(each.bijective for each in self.transforms)

    def _call(self, x: Any) -> Any:
        return self._join(f(part) for f, part in zip(self.transforms, self._split(x), strict=True))

    def _inverse(self, y: Any) -> Any:
        pairs = zip(self.transforms, self._split(y), strict=True)
        return self._join(f.inv(part) for f, part in pairs)

    def _split(self, x: Any) -> Any:
        raise NotImplementedError

    def _join(self, parts: Any) -> Any:
        raise NotImplementedError


class CatTransform(_Parts):
    """A transform for each of several parts of a tensor, of ``lengths`` along ``dim``."""

    def __init__(
        self,
        tseq: Sequence[Transform],
        dim: int = 0,
        lengths: Sequence[int] | None = None,
        cache_size: int = 0,
    ) -> None:
        super().__init__(tseq, dim, cache_size)
        self.lengths = [1] * len(self.transforms) if lengths is None else list(lengths)
        if len(self.lengths) != len(self.transforms):
            raise AssertionError("lengths and transforms differ in number")
        domains: list[Constraint] = [each.domain for each in self.transforms]
        self.domain = _Cat(domains, dim, self.lengths)
        self.codomain = _Cat([each.codomain for each in self.transforms], dim, self.lengths)

    @property
    def length(self) -> int:
        """That of all parts together."""
        return sum(self.lengths)

    def _split(self, x: Any) -> Any:
        return x.split(self.lengths, self.dim)

    def _join(self, parts: Any) -> Any:
        return cat(list(parts), self.dim)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        """Those of the parts, which become one tensor or, where ``dim`` is in an event, a sum."""
        dims, slopes = self.domain.event_dim, []
        for f, a, b in zip(self.transforms, self._split(x), self._split(y), strict=True):
            slope = f.log_abs_det_jacobian(a, b)
            slopes.append(sum_rightmost(slope, dims - f.domain.event_dim))
        dim = (self.dim - x.dim() if self.dim >= 0 else self.dim) + dims
        return cat(slopes, dim) if dim < 0 else sum(slopes)


class StackTransform(_Parts):
    """A transform for each of the slices of a tensor along ``dim``."""

    def __init__(self, tseq: Sequence[Transform], dim: int = 0, cache_size: int = 0) -> None:
        super().__init__(tseq, dim, cache_size)
        self.domain = _Stack([each.domain for each in self.transforms], dim)
        self.codomain = _Stack([each.codomain for each in self.transforms], dim)

    def _split(self, x: Any) -> Any:
        return x.unbind(self.dim)

    def _join(self, parts: Any) -> Any:
        return stack(list(parts), self.dim)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        """Those of the slices."""
        triples = zip(self.transforms, self._split(x), self._split(y), strict=True)
        return stack([f.log_abs_det_jacobian(a, b) for f, a, b in triples], self.dim)


class CumulativeDistributionTransform(Distinct):
    """The probability, by a distribution, of what is at most x."""

    codomain = constraints.unit_interval
    bijective = True
    sign: ClassVar[int] = 1

    def __init__(self, distribution: Any, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.distribution = distribution

    @property
    def domain(self) -> Constraint:  # type: ignore[override]
        """What the distribution gives."""
        return self.distribution.support  # type: ignore[no-any-return]

    def _call(self, x: Any) -> Any:
        return self.distribution.cdf(x)

    def _inverse(self, y: Any) -> Any:
        return self.distribution.icdf(y)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        """The logarithm of the density at ``x``."""
        return self.distribution.log_prob(x)
