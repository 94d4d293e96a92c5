"""A choice of one of several classes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from minigrad.creation import arange, full
from minigrad.distributions.constraints import Constraint, integer_interval, real_vector, simplex
from minigrad.distributions.distribution import Distribution, count, inside
from minigrad.distributions.utils import lazy_property
from minigrad.ops.dims import broadcast_tensors
from minigrad.ops.sampling import multinomial
from minigrad.typeinfo import finfo


class Categorical(Distribution):
    """One of the classes 0, 1, ..., K - 1, by the last dimension of the parameters.

    Give either ``probs``, which need not sum to one, or ``logits``, their logarithms up to a
    constant. Both are attributes afterwards, normalised.
    """

    arg_constraints: ClassVar[dict[str, Constraint]] = {"probs": simplex, "logits": real_vector}
    has_enumerate_support = True

    def __init__(
        self, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        """``probs`` or ``logits``, of shape (..., K); the other is computed when asked for."""
        if (probs is None) == (logits is None):
            raise ValueError("Either `probs` or `logits` must be specified, but not both.")
        given, name = (logits, "logits") if probs is None else (probs, "probs")
        if given.dim() < 1:
            raise ValueError(f"`{name}` parameter must be at least one-dimensional.")
        if probs is None:
            self.logits = logits - logits.logsumexp(-1, keepdim=True)
        else:
            self.probs = probs / probs.sum(-1, keepdim=True)
        self._param = given
        self._num_events = given.size(-1)
        super().__init__(given.shape[:-1], validate_args=validate_args)

    @lazy_property
    def logits(self) -> Any:
        """The logarithms of the probabilities."""
        return inside(self.probs).log()

    @lazy_property
    def probs(self) -> Any:
        """The probabilities."""
        return self.logits.softmax(-1)

    def _event_dims(self, name: str) -> int:
        return 1

    @property
    def param_shape(self) -> Any:
        """The shape of ``probs``."""
        return self._param.size()

    @property
    def support(self) -> Constraint:
        """The numbers of the classes."""
        return integer_interval(0, self._num_events - 1)

    @property
    def mean(self) -> Any:
        """NaN: classes have no mean."""
        return full(self.batch_shape, float("nan"), dtype=self.probs.dtype)

    @property
    def variance(self) -> Any:
        """NaN: classes have no variance."""
        return full(self.batch_shape, float("nan"), dtype=self.probs.dtype)

    @property
    def mode(self) -> Any:
        """The most probable class."""
        return self.probs.argmax(dim=-1)

    def sample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw classes, int64, of shape ``sample_shape + batch_shape``."""
        sample_shape = tuple(sample_shape)
        table = self.probs.reshape(-1, self._num_events)
        drawn = multinomial(table, count(sample_shape), True).T
        return drawn.reshape(self._extended_shape(sample_shape))

    def log_prob(self, value: Any) -> Any:
        """The logarithm of the probability of the class ``value``."""
        self._validate_sample(value)
        index, logits = broadcast_tensors(value.long().unsqueeze(-1), self.logits)
        return logits.gather(-1, index[..., :1]).squeeze(-1)

    def entropy(self) -> Any:
        """``-(probs * logits).sum(-1)``, where 0 log 0 is 0."""
        logits = self.logits.clamp(min=finfo(self.logits.dtype).min)
        return -(logits * self.probs).sum(-1)

    def enumerate_support(self, expand: bool = True) -> Any:
        """All classes along a new first dimension."""
        classes = arange(self._num_events).view(-1, *[1] * len(self.batch_shape))
        return classes.expand(-1, *self.batch_shape) if expand else classes


class OfClasses(Distribution):
    """What the distributions have in common that choose classes by a `Categorical`."""

    arg_constraints: ClassVar[dict[str, Constraint]] = {"probs": simplex, "logits": real_vector}
    _categorical: Categorical

    def expand(self, batch_shape: Iterable[int], _instance: Any = None) -> Any:
        """The same in a larger batch."""
        made = super().expand(batch_shape, _instance)
        made._categorical = self._categorical.expand(batch_shape)
        return made

    @property
    def probs(self) -> Any:
        """The probabilities of the classes."""
        return self._categorical.probs

    @property
    def logits(self) -> Any:
        """Their logarithms."""
        return self._categorical.logits

    @property
    def param_shape(self) -> Any:
        """The shape of ``probs``."""
        return self._categorical.param_shape
