"""The toss of a coin."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from minigrad.autograd import no_grad
from minigrad.creation import arange
from minigrad.distributions.constraints import Constraint, boolean, real, unit_interval
from minigrad.distributions.distribution import Distribution, inside, parameters
from minigrad.distributions.exponential_family import ExponentialFamily
from minigrad.distributions.utils import lazy_property
from minigrad.nn.functional import binary_cross_entropy_with_logits
from minigrad.ops.sampling import bernoulli


class Tosses(Distribution):
    """What is said of tosses of a coin with the probability ``probs``, or the sigmoid of
    ``logits``."""

    arg_constraints: ClassVar[dict[str, Constraint]] = {"probs": unit_interval, "logits": real}

    def __init__(
        self, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        """``probs`` or ``logits``, a number or a tensor; the other is computed when asked for."""
        if (probs is None) == (logits is None):
            raise ValueError("Either `probs` or `logits` must be specified, but not both.")
        (given,) = parameters(logits if probs is None else probs)
        if probs is None:
            self.logits = given
        else:
            self.probs = given
        super().__init__(given.shape, validate_args=validate_args)

    @lazy_property
    def logits(self) -> Any:
        """``log(probs / (1 - probs))``."""
        probs = inside(self.probs)
        return probs.log() - (-probs).log1p()

    @lazy_property
    def probs(self) -> Any:
        """The probability of 1."""
        return self.logits.sigmoid()


class Bernoulli(Tosses, ExponentialFamily):
    """1 with the probability ``probs``, or the sigmoid of ``logits``; otherwise 0."""

    support = boolean
    has_enumerate_support = True

    @property
    def mean(self) -> Any:
        """``probs``."""
        return self.probs

    @property
    def variance(self) -> Any:
        """``probs * (1 - probs)``."""
        return self.probs * (1 - self.probs)

    @property
    def mode(self) -> Any:
        """The more probable of 0 and 1; NaN where they are equally so."""
        mode = (self.probs >= 0.5).to(self.probs)
        mode[self.probs == 0.5] = float("nan")
        return mode

    def sample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw zeros and ones, in the dtype of the parameters."""
        with no_grad():
            return bernoulli(self.probs.expand(self._extended_shape(sample_shape)))

    def log_prob(self, value: Any) -> Any:
        """``value * log(probs) + (1 - value) * log(1 - probs)``, stable for any logits."""
        self._validate_sample(value)
        logits, value = parameters(self.logits, value)
        return -binary_cross_entropy_with_logits(logits, value, reduction="none")

    def entropy(self) -> Any:
        """The expectation of ``-log_prob``."""
        return binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none")

    def enumerate_support(self, expand: bool = True) -> Any:
        """0 and 1 along a new first dimension."""
        given: Any = self.__dict__.get("probs", self.__dict__.get("logits"))
        both = arange(2, dtype=given.dtype).view(-1, *[1] * len(self.batch_shape))
        return both.expand(-1, *self.batch_shape) if expand else both
