"""What conditions on numbers are, and those that depend on other parameters."""

from __future__ import annotations

from typing import Any


class Constraint:
    """Base class of conditions on numbers: `check` says of each event whether it is met."""

    is_discrete: Any = False  # whether it leaves separate values
    event_dim: Any = 0  # how many dimensions it looks at together

    def check(self, value: Any) -> Any:
        """Whether ``value`` meets the condition, a tensor of bools."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{type(self).__name__.removeprefix('_')}()"


class _Dependent(Constraint):
    """A condition that depends on other parameters."""

    def __init__(self, *, is_discrete: Any = NotImplemented, event_dim: Any = NotImplemented):
        self.is_discrete, self.event_dim = is_discrete, event_dim

    def __call__(
        self, *, is_discrete: Any = NotImplemented, event_dim: Any = NotImplemented
    ) -> Any:
        """The same with what is known of it."""
        return _Dependent(is_discrete=is_discrete, event_dim=event_dim)

    def check(self, value: Any) -> Any:
        """Raises ValueError: it cannot be told."""
        raise ValueError("Cannot determine validity of dependent constraint")


class _DependentProperty(property, _Dependent):
    """A property of distributions that is a condition, which depends on their parameters."""

    def __init__(self, fn: Any = None, **known: Any) -> None:
        property.__init__(self, fn)
        _Dependent.__init__(self, **known)

    def __call__(self, fn: Any) -> Any:  # type: ignore[override]
        """The property of ``fn``, where this one was made without."""
        return _DependentProperty(fn, is_discrete=self.is_discrete, event_dim=self.event_dim)


def is_dependent(constraint: Any) -> bool:
    """Whether a condition depends on other parameters, and cannot be checked."""
    return isinstance(constraint, _Dependent)
