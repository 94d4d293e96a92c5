"""What distributions share: their shapes, their checks, and how they are shown."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable
from numbers import Number
from typing import Any, ClassVar

from minigrad.autograd import no_grad
from minigrad.creation import ones, zeros
from minigrad.distributions.constraint import Constraint, is_dependent
from minigrad.dtypes import get_default_dtype
from minigrad.from_data import tensor
from minigrad.ops.dims import broadcast_tensors
from minigrad.ops.sampling import normal
from minigrad.size import Size
from minigrad.tensor import Tensor
from minigrad.typeinfo import finfo


class Distribution:
    """Base class of distributions: a batch of independent ones, each with events of one shape."""

    arg_constraints: ClassVar[dict[str, Constraint]] = {}
    support: Any = None
    has_rsample = False
    has_enumerate_support = False
    _validate_args = True  # unless told otherwise

    def __init__(
        self,
        batch_shape: Iterable[int] = (),
        event_shape: Iterable[int] = (),
        validate_args: bool | None = None,
    ) -> None:
        """``validate_args=False`` leaves out the checks, of arguments and of values."""
        self._batch_shape = Size(batch_shape)
        self._event_shape = Size(event_shape)
        if validate_args is not None:
            self._validate_args = bool(validate_args)
        if self._validate_args:
            for name, constraint in self.arg_constraints.items():
                if is_dependent(constraint):
                    continue
                computed = isinstance(getattr(type(self), name, None), property)
                if computed or name in self.__dict__:
                    self._check_parameter(name, constraint)
        super().__init__()  # of a Module, where a class is that too

    @staticmethod
    def set_default_validate_args(value: bool) -> None:
        """Whether distributions that are not told check their arguments; ValueError for others."""
        if value not in (True, False):
            raise ValueError
        Distribution._validate_args = value

    def expand(self, batch_shape: Iterable[int], _instance: Any = None) -> Any:
        """The same distributions in a larger batch, with views of the parameters.

        Raises NotImplementedError for a user's subclass with an ``__init__`` of its own, which has
        to define this method too, and to give it an ``_instance`` to fill.
        """
        made = self._to_fill(_instance)
        made._batch_shape = Size(batch_shape)
        made._validate_args = self._validate_args
        for name, value in self.__dict__.items():
            if name in made.__dict__:
                continue
            if isinstance(value, Tensor):
                event = value.shape[value.ndim - self._event_dims(name) :]
                value = value.expand((*made._batch_shape, *event))
            made.__dict__[name] = value
        return made

    def _own_class(self) -> Any:
        """The nearest class of minigrad's, whose ``expand`` knows what there is to fill."""
        library = __name__.partition(".")[0]
        return next(c for c in type(self).__mro__ if c.__module__.partition(".")[0] == library)

    def _to_fill(self, given: Any) -> Any:
        """What ``expand`` fills: the instance it was given, or a new one."""
        return self._get_checked_instance(self._own_class(), given)

    def _event_dims(self, name: str) -> int:
        """How many dimensions of a parameter are not those of the batch."""
        return 0

    def _check_parameter(self, name: str, constraint: Constraint) -> None:
        value = getattr(self, name)
        if not constraint.check(value).all():
            raise ValueError(
                f"Expected parameter {name} ({type(value).__name__} of shape {tuple(value.shape)}) "
                f"of distribution {self!r} to satisfy the constraint {constraint}, but found "
                f"invalid values:\n{value}"
            )

    @property
    def batch_shape(self) -> Size:
        """The shape of the batch of distributions."""
        return self._batch_shape

    @property
    def event_shape(self) -> Size:
        """The shape of one event of one distribution."""
        return self._event_shape

    @property
    def mean(self) -> Any:
        """The expected value."""
        raise NotImplementedError

    @property
    def mode(self) -> Any:
        """The most likely value."""
        raise NotImplementedError(f"{type(self)} does not implement mode")

    @property
    def variance(self) -> Any:
        """The variance."""
        raise NotImplementedError

    @property
    def stddev(self) -> Any:
        """The square root of the variance."""
        return self.variance.sqrt()

    def sample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw, without recording, a tensor of ``sample_shape + batch_shape + event_shape``."""
        with no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw a sample that is differentiable in the parameters."""
        raise NotImplementedError

    def sample_n(self, n: int) -> Any:
        """Draw ``n`` samples."""
        warnings.warn(
            "`sample_n(n)` will be deprecated. Use `sample((n,))` instead.",
            FutureWarning,
            stacklevel=2,
        )
        return self.sample((n,))

    def enumerate_support(self, expand: bool = True) -> Any:
        """All values that can be drawn, along a new first dimension, for each of the batch."""
        raise NotImplementedError

    def log_prob(self, value: Any) -> Any:
        """The logarithm of the density, or of the probability, at ``value``."""
        raise NotImplementedError

    def cdf(self, value: Any) -> Any:
        """The probability of what is at most ``value``."""
        raise NotImplementedError

    def icdf(self, value: Any) -> Any:
        """The quantile: what `cdf` gives ``value`` for."""
        raise NotImplementedError

    def entropy(self) -> Any:
        """The expectation of ``-log_prob``."""
        raise NotImplementedError

    def perplexity(self) -> Any:
        """The exponential of the entropy."""
        return self.entropy().exp()

    # torch's names of what distributions of one's own are written with.

    def _get_checked_instance(self, cls: type, _instance: Any = None) -> Any:
        """What ``expand`` of the class ``cls`` fills; NotImplementedError where it cannot."""
        if _instance is not None:
            return _instance
        if type(self).__init__ != cls.__init__:  # type: ignore[misc]
            raise NotImplementedError(
                f"Subclass {type(self).__name__} of {cls.__name__} that defines a custom __init__ "
                "method must also define a custom .expand() method."
            )
        return object.__new__(type(self))

    def _extended_shape(self, sample_shape: Iterable[int] = ()) -> Size:
        return Size((*Size(sample_shape), *self._batch_shape, *self._event_shape))

    def _validate_sample(self, value: Any) -> None:
        if not self._validate_args:
            return
        if not isinstance(value, Tensor):
            raise ValueError("The value argument to log_prob must be a Tensor")
        shape = self._batch_shape + self._event_shape
        size = value.shape[value.ndim - len(self._event_shape) :]
        if size != self._event_shape:
            raise ValueError(
                "The right-most size of value must match event_shape: "
                f"{value.shape} vs {self._event_shape}."
            )
        for n, m in zip(reversed(value.shape), reversed(shape), strict=False):
            if n != 1 and m != 1 and n != m:
                raise ValueError(
                    "Value is not broadcastable with batch_shape+event_shape: "
                    f"{value.shape} vs {Size(shape)}."
                )
        if not self.support.check(value).all():
            raise ValueError(
                f"Expected value argument ({type(value).__name__} of shape {tuple(value.shape)}) "
                f"to be within the support ({self.support}) of the distribution {self!r}, but "
                f"found invalid values:\n{value}"
            )

    def __repr__(self) -> str:
        shown = []
        for name in self.arg_constraints:
            if name in self.__dict__:
                value = self.__dict__[name]
                shown.append(f"{name}: {value if value.numel() == 1 else value.size()}")
        return f"{type(self).__name__}({', '.join(shown)})"


def parameters(*values: Any) -> tuple[Any, ...]:
    """Numbers and tensors as tensors of one shape, the numbers in the first tensor's dtype."""
    if not all(isinstance(value, Tensor | Number) for value in values):
        raise ValueError(
            "Input arguments must all be instances of Number, torch.Tensor or objects "
            "implementing __torch_function__."
        )
    dtypes = [value.dtype for value in values if isinstance(value, Tensor)]
    dtype = dtypes[0] if dtypes else get_default_dtype()
    made = [v if isinstance(v, Tensor) else tensor(v, dtype=dtype) for v in values]
    return tuple(broadcast_tensors(*made))


def standard_normal(shape: Iterable[int], dtype: Any, device: Any = None) -> Any:
    """Normal numbers of mean 0 and standard deviation 1."""
    shape = Size(shape)
    return normal(zeros(shape, dtype=dtype, device=device), ones(shape, dtype=dtype))


def count(sample_shape: Iterable[int]) -> int:
    """How many samples a shape asks for."""
    return math.prod(sample_shape)


def inside(probs: Any) -> Any:
    """Probabilities that have a logarithm: not closer to 0 and 1 than the dtype's eps."""
    eps = finfo(probs.dtype).eps
    return probs.clamp(min=eps, max=1 - eps)
