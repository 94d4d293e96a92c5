"""What invertible functions of random variables are, their inverses, and one after another."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any

from minigrad.distributions import constraints
from minigrad.distributions.constraints import Constraint
from minigrad.tensor import Tensor


def sum_rightmost(x: Any, dims: int) -> Any:
    """The sum over the last dimensions."""
    return x.reshape((*x.shape[: x.ndim - dims], -1)).sum(-1) if dims else x


def widened(condition: Constraint, dims: int) -> Constraint:
    """The condition on all elements of so many more dimensions, if there are any."""
    return constraints.independent(condition, dims) if dims else condition


def same(a: Any, b: Any) -> bool:
    """Whether two settings are equal, in all elements if they are tensors."""
    equal = a == b
    return bool(equal.all()) if isinstance(equal, Tensor) else bool(equal)


class Transform:
    """Base class: ``y = transform(x)``, and ``x = transform.inv(y)``.

    A subclass defines ``domain`` and ``codomain``, `_call`, `_inverse` and
    `log_abs_det_jacobian`; ``bijective``, and ``sign`` if it is monotone. With ``cache_size=1`` the
    inverse of the last result is what it was made of.
    """

    bijective = False
    domain: Constraint = constraints.real
    codomain: Constraint = constraints.real

    def __init__(self, cache_size: int = 0) -> None:
        self._keep(cache_size)
        super().__init__()  # of a Module, where a class is that too

    def _keep(self, cache_size: int) -> None:
        if cache_size not in (0, 1):
            raise ValueError("cache_size must be 0 or 1")
        self._cache_size = cache_size
        self._cached_x_y: tuple[Any, Any] = (None, None)

    @property
    def inv(self) -> Transform:
        """The inverse."""
        return _InverseTransform(self)

    @property
    def event_dim(self) -> int:
        """How many dimensions are those of one event; ValueError where `inv` has others."""
        if self.domain.event_dim != self.codomain.event_dim:
            raise ValueError("Please use either .domain.event_dim or .codomain.event_dim")
        return int(self.domain.event_dim)

    @property
    def sign(self) -> Any:
        """The sign of the slope: 1 or -1."""
        raise NotImplementedError

    def with_cache(self, cache_size: int = 1) -> Transform:
        """The same transform with another ``cache_size``, 0 or 1; itself if it has that already."""
        if cache_size == self._cache_size:
            return self
        other = copy(self)
        other._keep(cache_size)
        return other

    def __call__(self, x: Any) -> Any:
        """``y`` for ``x``."""
        if self._cache_size and x is self._cached_x_y[0]:
            return self._cached_x_y[1]
        y = self._call(x)
        if self._cache_size:
            self._cached_x_y = (x, y)
        return y

    def _inv_call(self, y: Any) -> Any:
        if self._cache_size and y is self._cached_x_y[1]:
            return self._cached_x_y[0]
        x = self._inverse(y)
        if self._cache_size:
            self._cached_x_y = (x, y)
        return x

    def _call(self, x: Any) -> Any:
        raise NotImplementedError

    def _inverse(self, y: Any) -> Any:
        raise NotImplementedError

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        """``log abs(dy / dx)``, or of the determinant of the matrix of derivatives."""
        raise NotImplementedError

    def forward_shape(self, shape: Any) -> Any:
        """The shape of ``y`` for that of ``x``."""
        return shape

    def inverse_shape(self, shape: Any) -> Any:
        """The shape of ``x`` for that of ``y``."""
        return shape

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Transform) or type(self) is not type(other):
            return False
        ours, theirs = self._settings(), other._settings()
        return all(same(ours[name], theirs[name]) for name in ours)

    __hash__ = object.__hash__

    def _settings(self) -> dict[str, Any]:
        derived = ("_cache_size", "_cached_x_y", "bijective", "domain", "codomain")
        return {k: v for k, v in self.__dict__.items() if k not in derived}

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Distinct(Transform):
    """A transform that is equal to itself alone."""

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = object.__hash__


class _InverseTransform(Transform):
    """The inverse of another transform."""

    def with_cache(self, cache_size: int = 1) -> Transform:
        """The inverse of the transform with another ``cache_size``."""
        return self._inv.with_cache(cache_size).inv

    def __init__(self, transform: Transform) -> None:
        super().__init__(transform._cache_size)
        self._inv = transform
        self.bijective = transform.bijective
        self.domain, self.codomain = transform.codomain, transform.domain

    @property
    def inv(self) -> Transform:
        """What this is the inverse of."""
        return self._inv

    @property
    def sign(self) -> Any:
        """That of what this is the inverse of."""
        return self._inv.sign

    def __call__(self, x: Any) -> Any:
        """The inverse at ``x``."""
        return self._inv._inv_call(x)

    def _inv_call(self, y: Any) -> Any:
        return self._inv(y)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        """Minus that of what this is the inverse of."""
        return -self._inv.log_abs_det_jacobian(y, x)

    def forward_shape(self, shape: Any) -> Any:
        """The shape of ``y`` for that of ``x``."""
        return self._inv.inverse_shape(shape)

    def inverse_shape(self, shape: Any) -> Any:
        """The shape of ``x`` for that of ``y``."""
        return self._inv.forward_shape(shape)

    def __repr__(self) -> str:
        return f"_InverseTransform({self._inv!r})"


class ComposeTransform(Transform):
    """One transform after another, the first one first."""

    def __init__(self, parts: Sequence[Transform], cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.parts = list(parts)
        self.bijective = all(part.bijective for part in self.parts)
        if self.parts:
            self.domain = self._widened(self.parts[0].domain, reversed(self.parts), True)
            self.codomain = self._widened(self.parts[-1].codomain, iter(self.parts), False)

    def _widened(self, condition: Constraint, parts: Any, backward: bool) -> Constraint:
        """The condition on as many dimensions as any of the parts looks at."""
        ends = [(p.codomain, p.domain) if backward else (p.domain, p.codomain) for p in parts]
        dims = ends[0][0].event_dim
        for start, end in ends:
            dims = max(dims + end.event_dim - start.event_dim, end.event_dim)
        return widened(condition, dims - condition.event_dim)

    @property
    def inv(self) -> Transform:
        """The inverses, the last one first."""
        return ComposeTransform([part.inv for part in reversed(self.parts)])

    @property
    def sign(self) -> Any:
        """The product of the signs."""
        sign = 1
        for part in self.parts:
            sign = sign * part.sign
        return sign

    def _call(self, x: Any) -> Any:
        for part in self.parts:
            x = part(x)
        return x

    def _inverse(self, y: Any) -> Any:
        for part in reversed(self.parts):
            y = part.inv(y)
        return y

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        """The sum of those of the parts."""
        if not self.parts:
            return x.new_zeros(x.shape)
        xs = [x]
        for part in self.parts[:-1]:
            xs.append(part(xs[-1]))
        xs.append(y)
        total: Any = 0
        dims = self.domain.event_dim
        for part, a, b in zip(self.parts, xs[:-1], xs[1:], strict=True):
            slope = part.log_abs_det_jacobian(a, b)
            total = total + sum_rightmost(slope, dims - part.domain.event_dim)
            dims += part.codomain.event_dim - part.domain.event_dim
        return total

    def forward_shape(self, shape: Any) -> Any:
        """The shape of ``y`` for that of ``x``."""
        for part in self.parts:
            shape = part.forward_shape(shape)
        return shape

    def inverse_shape(self, shape: Any) -> Any:
        """The shape of ``x`` for that of ``y``."""
        for part in reversed(self.parts):
            shape = part.inverse_shape(shape)
        return shape

    def __repr__(self) -> str:
        parts = ",\n    ".join(map(repr, self.parts))
        return f"ComposeTransform(\n    {parts}\n)"


identity_transform = ComposeTransform([])
