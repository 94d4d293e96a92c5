"""Which transform brings real numbers to what meets a condition."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minigrad.distributions import constraints
from minigrad.distributions.constraints import Constraint
from minigrad.distributions.transforms import (
    AffineTransform,
    CatTransform,
    ComposeTransform,
    CorrCholeskyTransform,
    ExpTransform,
    IndependentTransform,
    LowerCholeskyTransform,
    PositiveDefiniteTransform,
    SigmoidTransform,
    SoftmaxTransform,
    StackTransform,
    StickBreakingTransform,
    Transform,
    identity_transform,
)

__all__ = ["ConstraintRegistry", "biject_to", "transform_to"]

Factory = Callable[[Any], Transform]


class ConstraintRegistry:
    """From conditions, by their classes, to transforms from real numbers to what meets them."""

    def __init__(self) -> None:
        self._registry: dict[type, Factory] = {}

    def register(self, constraint: Any, factory: Factory | None = None) -> Any:
        """Use ``factory(constraint)`` for conditions of a class, or of the class of one.

        Without a factory a decorator of one. Raises TypeError for what is no condition.
        """
        if factory is None:
            return lambda factory: self.register(constraint, factory)
        kind = type(constraint) if isinstance(constraint, Constraint) else constraint
        if not isinstance(kind, type) or not issubclass(kind, Constraint):
            raise TypeError(
                "Expected constraint to be either a Constraint subclass or instance, but got "
                f"{kind}"
            )
        self._registry[kind] = factory
        return factory

    def __call__(self, constraint: Constraint) -> Transform:
        """The transform for a condition; NotImplementedError where there is none."""
        if type(constraint) not in self._registry:
            raise NotImplementedError(f"Cannot transform {type(constraint).__name__} constraints")
        return self._registry[type(constraint)](constraint)


biject_to = ConstraintRegistry()  # one number for each that is free
transform_to = ConstraintRegistry()  # perhaps more numbers than that


def to_greater_than(constraint: Any) -> Transform:
    return ComposeTransform([ExpTransform(), AffineTransform(constraint.lower_bound, 1)])


def to_less_than(constraint: Any) -> Transform:
    return ComposeTransform([ExpTransform(), AffineTransform(constraint.upper_bound, -1)])


def to_interval(constraint: Any) -> Transform:
    low, high = constraint.lower_bound, constraint.upper_bound
    if is_number(low, 0) and is_number(high, 1):
        return SigmoidTransform()
    return ComposeTransform([SigmoidTransform(), AffineTransform(low, high - low)])


def is_number(bound: Any, number: float) -> bool:
    return isinstance(bound, int | float) and bound == number


def parts(constraint: Any, registry: ConstraintRegistry) -> list[Transform]:
    return [registry(each) for each in constraint.cseq]


def register_what_both_have(registry: ConstraintRegistry) -> None:
    register = registry.register
    register(constraints.real, lambda c: identity_transform)
    register(constraints.positive, to_greater_than)
    register(constraints.nonnegative, to_greater_than)
    register(constraints.less_than, to_less_than)
    register(constraints.interval, to_interval)
    register(constraints.half_open_interval, to_interval)
    register(constraints.corr_cholesky, lambda c: CorrCholeskyTransform())
    register(
        constraints.independent,
        lambda c: IndependentTransform(registry(c.base_constraint), c.reinterpreted_batch_ndims),
    )
    register(constraints.cat, lambda c: CatTransform(parts(c, registry), c.dim, c.lengths))
    register(constraints.stack, lambda c: StackTransform(parts(c, registry), c.dim))


register_what_both_have(biject_to)
register_what_both_have(transform_to)
biject_to.register(constraints.simplex, lambda c: StickBreakingTransform())
transform_to.register(constraints.simplex, lambda c: SoftmaxTransform())
transform_to.register(constraints.lower_cholesky, lambda c: LowerCholeskyTransform())
transform_to.register(constraints.positive_definite, lambda c: PositiveDefiniteTransform())
transform_to.register(constraints.positive_semidefinite, lambda c: PositiveDefiniteTransform())
