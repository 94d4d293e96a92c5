"""Mixtures of distributions, and choices shown as vectors with a single 1."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from minigrad.autograd import no_grad
from minigrad.distributions.categorical import Categorical, OfClasses
from minigrad.distributions.constraints import (
    MixtureSameFamilyConstraint,
    one_hot,
)
from minigrad.distributions.distribution import Distribution
from minigrad.nn.functional import one_hot as as_one_hot
from minigrad.ops.softmax import log_softmax, logsumexp


class MixtureSameFamily(Distribution):
    """One of the distributions along the last dimension of a batch, chosen by a `Categorical`."""

    def __init__(
        self,
        mixture_distribution: Any,
        component_distribution: Any,
        validate_args: bool | None = None,
    ) -> None:
        """Raises ValueError for distributions or shapes that do not go together."""
        mixing, parts = mixture_distribution, component_distribution
        if not isinstance(mixing, Categorical):
            raise ValueError(
                " The Mixture distribution needs to be an  instance of torch.distributions."
                "Categorical"
            )
        if not isinstance(parts, Distribution):
            raise ValueError(
                "The Component distribution needs to be an instance of torch.distributions."
                "Distribution"
            )
        batch = parts.batch_shape[:-1]
        for n, m in zip(reversed(mixing.batch_shape), reversed(batch), strict=False):
            if n != 1 and m != 1 and n != m:
                raise ValueError(
                    f"`mixture_distribution.batch_shape` ({mixing.batch_shape}) is not compatible "
                    f"with `component_distribution.batch_shape`({batch})"
                )
        count = mixing.logits.shape[-1]
        if count != parts.batch_shape[-1]:
            raise ValueError(
                f"`mixture_distribution component` ({count}) does not equal "
                f"`component_distribution.batch_shape[-1]` ({parts.batch_shape[-1]})"
            )
        self._mixture_distribution, self._component_distribution = mixing, parts
        self._num_component = count
        super().__init__(batch, parts.event_shape, validate_args=validate_args)

    def expand(self, batch_shape: Iterable[int], _instance: Any = None) -> Any:
        """The same mixtures in a larger batch, with views of the parameters."""
        shape = tuple(batch_shape)
        made = super().expand(shape, _instance)
        made._mixture_distribution = self._mixture_distribution.expand(shape)
        parts = self._component_distribution.expand((*shape, self._num_component))
        made._component_distribution = parts
        return made

    @property
    def mixture_distribution(self) -> Any:
        """What chooses."""
        return self._mixture_distribution

    @property
    def component_distribution(self) -> Any:
        """What is chosen from."""
        return self._component_distribution

    @property
    def support(self) -> Any:
        """That of the components."""
        return MixtureSameFamilyConstraint(self._component_distribution.support)

    def _pad(self, x: Any) -> Any:
        return x.unsqueeze(-1 - len(self.event_shape))

    def _weights(self) -> Any:
        """The probabilities of the components, with the dimensions of events behind them."""
        probs = self._mixture_distribution.probs
        return probs.reshape((*probs.shape, *[1] * len(self.event_shape)))

    @property
    def mean(self) -> Any:
        """The mean of the components' means."""
        dim = -1 - len(self.event_shape)
        return (self._weights() * self._component_distribution.mean).sum(dim)

    @property
    def variance(self) -> Any:
        """The mean of the components' variances, and the variance of their means."""
        dim, parts = -1 - len(self.event_shape), self._component_distribution
        inner = (self._weights() * parts.variance).sum(dim)
        apart = (parts.mean - self._pad(self.mean)).pow(2.0)
        return inner + (self._weights() * apart).sum(dim)

    def cdf(self, x: Any) -> Any:
        """The mean of the components'."""
        parts = self._component_distribution.cdf(self._pad(x))
        return (parts * self._mixture_distribution.probs).sum(-1)

    def log_prob(self, value: Any) -> Any:
        """The logarithm of the mean of the components' densities."""
        self._validate_sample(value)
        parts = self._component_distribution.log_prob(self._pad(value))
        return logsumexp(parts + log_softmax(self._mixture_distribution.logits, -1), -1)

    def sample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Choose, draw of all components, and take the chosen one."""
        shape = tuple(sample_shape)
        with no_grad():
            chosen = self._mixture_distribution.sample(shape)
            drawn = self._component_distribution.sample(shape)
            place = chosen.reshape((*chosen.shape, *[1] * (len(self.event_shape) + 1)))
            dim = drawn.ndim - 1 - len(self.event_shape)
            index = place.expand((*place.shape[: dim + 1], *self.event_shape))
            return drawn.gather(dim, index).squeeze(dim)

    def __repr__(self) -> str:
        return (
            f"MixtureSameFamily(\n  {self._mixture_distribution},\n  "
            f"{self._component_distribution})"
        )


class OneHotCategorical(OfClasses):
    """A `Categorical`, of which a value is the vector with a 1 at the class chosen."""

    support = one_hot
    has_enumerate_support = True

    def __init__(
        self, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        """``probs`` or ``logits``, of shape (..., K); the other is computed when asked for."""
        self._categorical = Categorical(probs, logits)
        shape = (*self._categorical.batch_shape, self._categorical._num_events)
        super().__init__(shape[:-1], shape[-1:], validate_args=validate_args)

    @property
    def mean(self) -> Any:
        """``probs``"""
        return self.probs

    @property
    def mode(self) -> Any:
        """The vector of the most probable class."""
        return as_one_hot(self.probs.argmax(-1), self.probs.shape[-1]).to(self.probs)

    @property
    def variance(self) -> Any:
        """``probs (1 - probs)``"""
        return self.probs * (1 - self.probs)

    def sample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw vectors, in the dtype of the parameters."""
        chosen = self._categorical.sample(tuple(sample_shape))
        return as_one_hot(chosen, self._categorical._num_events).to(self.probs)

    def log_prob(self, value: Any) -> Any:
        """The logarithm of the probability of the class that ``value`` shows."""
        self._validate_sample(value)
        return self._categorical.log_prob(value.max(-1)[1])

    def entropy(self) -> Any:
        """That of the classes."""
        return self._categorical.entropy()

    def enumerate_support(self, expand: bool = True) -> Any:
        """The vectors of all classes along a new first dimension."""
        n = self.event_shape[0]
        values = as_one_hot(self.probs.new_tensor(list(range(n))).long(), n).to(self.probs)
        values = values.view((n, *[1] * len(self.batch_shape), n))
        return values.expand((n, *self.batch_shape, n)) if expand else values
