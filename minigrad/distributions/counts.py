"""Distributions of how often trials succeed, or end in each of several ways."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from minigrad.autograd import no_grad
from minigrad.creation import arange, zeros_like
from minigrad.distributions.bernoulli import Tosses
from minigrad.distributions.categorical import Categorical, OfClasses
from minigrad.distributions.constraints import (
    Constraint,
    greater_than_eq,
    half_open_interval,
    integer_interval,
    multinomial,
    nonnegative_integer,
    real,
    unit_interval,
)
from minigrad.distributions.distribution import parameters
from minigrad.distributions.gamma import Gamma
from minigrad.nn.functional import logsigmoid
from minigrad.ops.dims import broadcast_tensors
from minigrad.ops.sampling import binomial, poisson


class CountedTosses(Tosses):
    """What is said of so many tosses of a coin as ``total_count`` says."""

    def __init__(
        self,
        total_count: Any = 1,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        """``probs`` or ``logits``; the other is computed when asked for."""
        if (probs is None) == (logits is None):
            raise ValueError("Either `probs` or `logits` must be specified, but not both.")
        total, given = parameters(total_count, logits if probs is None else probs)
        self.total_count = total.type_as(given)
        super().__init__(
            None if probs is None else given, None if logits is None else given, validate_args
        )

    @property
    def param_shape(self) -> Any:
        """The shape of ``probs``."""
        return self.batch_shape


class Binomial(CountedTosses):
    """How many of ``total_count`` tosses of a coin give 1, which comes with ``probs``."""

    arg_constraints: ClassVar[dict[str, Constraint]] = {
        "total_count": nonnegative_integer,
        "probs": unit_interval,
        "logits": real,
    }
    has_enumerate_support = True

    @property
    def support(self) -> Constraint:
        """The integers from 0 to ``total_count``."""
        return integer_interval(0, self.total_count)

    @property
    def mean(self) -> Any:
        """``total_count * probs``"""
        return self.total_count * self.probs

    @property
    def mode(self) -> Any:
        """``floor((total_count + 1) * probs)``, but at most ``total_count``."""
        return ((self.total_count + 1) * self.probs).floor().clamp(max=self.total_count)

    @property
    def variance(self) -> Any:
        """``total_count * probs * (1 - probs)``"""
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw counts, in the dtype of the parameters."""
        shape = self._extended_shape(sample_shape)
        with no_grad():
            return binomial(self.total_count.expand(shape), self.probs.expand(shape))

    def log_prob(self, value: Any) -> Any:
        """``log(binomial coefficient) + value log(probs) + (n - value) log(1 - probs)``"""
        self._validate_sample(value)
        n, logits = self.total_count, self.logits
        ways = (n + 1).lgamma() - (value + 1).lgamma() - (n - value + 1).lgamma()
        most = (logits + logits.abs()) / 2  # max(logits, 0), with half of the slope at 0
        return value * logits + ways - n * most - n * (-logits.abs()).exp().log1p()

    def entropy(self) -> Any:
        """The expectation of ``-log_prob``; NotImplementedError for different counts."""
        log_prob = self.log_prob(self._values(False, "entropy"))
        return -(log_prob.exp() * log_prob).sum(0)

    def enumerate_support(self, expand: bool = True) -> Any:
        """0, 1, ..., total_count along a new first dimension."""
        return self._values(expand, "enumerate_support")

    def _values(self, expand: bool, asked: str) -> Any:
        most = int(self.total_count.max())
        if self.total_count.min() != most:
            raise NotImplementedError(f"Inhomogeneous total count not supported by `{asked}`.")
        values = arange(1 + most, dtype=self.total_count.dtype)
        values = values.view(-1, *[1] * len(self.batch_shape))
        return values.expand(-1, *self.batch_shape) if expand else values


class NegativeBinomial(CountedTosses):
    """How many tosses give 1, which comes with ``probs``, before ``total_count`` gave 0."""

    arg_constraints: ClassVar[dict[str, Constraint]] = {
        "total_count": greater_than_eq(0),
        "probs": half_open_interval(0.0, 1.0),
        "logits": real,
    }
    support = nonnegative_integer

    @property
    def mean(self) -> Any:
        """``total_count * probs / (1 - probs)``"""
        return self.total_count * self.logits.exp()

    @property
    def mode(self) -> Any:
        """``floor((total_count - 1) * probs / (1 - probs))``, but not below 0."""
        return ((self.total_count - 1) * self.logits.exp()).floor().clamp(min=0.0)

    @property
    def variance(self) -> Any:
        """``mean / (1 - probs)``"""
        return self.mean / (-self.logits).sigmoid()

    def sample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw Poisson numbers of a rate that is a `Gamma` one."""
        with no_grad():
            rates = Gamma(self.total_count, (-self.logits).exp(), validate_args=False)
            return poisson(rates.sample(sample_shape))

    def log_prob(self, value: Any) -> Any:
        """``log(gamma(n + value) / (value! gamma(n)) (1 - probs)**n probs**value)``"""
        self._validate_sample(value)
        n = self.total_count
        chance = n * logsigmoid(-self.logits) + value * logsigmoid(self.logits)
        norm = -(n + value).lgamma() + (1.0 + value).lgamma() + n.lgamma()
        return chance - norm.masked_fill(n + value == 0.0, 0.0)


class Multinomial(OfClasses):
    """How often each of K classes comes in ``total_count`` choices by a `Categorical`."""

    def __init__(
        self,
        total_count: int = 1,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        """``probs`` or ``logits``, of shape (..., K); NotImplementedError for counts that vary."""
        if not isinstance(total_count, int):
            raise NotImplementedError("inhomogeneous total_count is not supported")
        self.total_count = total_count
        self._categorical = Categorical(probs, logits)
        self._binomial = Binomial(total_count, self.probs)
        shape = self._categorical.param_shape
        super().__init__(shape[:-1], shape[-1:], validate_args=validate_args)

    @property
    def support(self) -> Constraint:
        """Counts, of ``total_count`` choices at most."""
        return multinomial(self.total_count)

    @property
    def mean(self) -> Any:
        """``total_count * probs``"""
        return self.probs * self.total_count

    @property
    def variance(self) -> Any:
        """``total_count * probs * (1 - probs)``"""
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw counts, in the dtype of the parameters."""
        shape = tuple(sample_shape)
        chosen = self._categorical.sample((self.total_count, *shape))
        chosen = chosen.permute(*range(1, chosen.dim()), 0)
        with no_grad():
            counts = zeros_like(self.probs.new_empty(self._extended_shape(shape)))
            counts.scatter_add_(-1, chosen, self.probs.new_ones(chosen.shape))
        return counts

    def log_prob(self, value: Any) -> Any:
        """``log(n! / prod(value!)) + sum(value log(probs))``, where 0 log 0 is 0."""
        self._validate_sample(value)
        logits, value = broadcast_tensors(self.logits, value)
        ways = (value.sum(-1) + 1).lgamma() - (value + 1).lgamma().sum(-1)
        silent = (value == 0) & (logits == -float("inf"))
        return ways + (logits.masked_fill(silent, 0) * value).sum(-1)

    def entropy(self) -> Any:
        """The expectation of ``-log_prob``."""
        n = self.probs.new_tensor(float(self.total_count))
        values = self._binomial.enumerate_support(expand=False)[1:]
        chances = self._binomial.log_prob(values).exp()
        repeated = (chances * (values + 1).lgamma()).sum((0, -1))
        return n * self._categorical.entropy() - (n + 1).lgamma() + repeated
