"""Choices made soft by a temperature, of which samples are differentiable."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from minigrad.distributions.bernoulli import Tosses
from minigrad.distributions.categorical import Categorical, OfClasses
from minigrad.distributions.constraints import (
    Constraint,
    real,
    real_vector,
    simplex,
    unit_interval,
)
from minigrad.distributions.distribution import inside, parameters
from minigrad.distributions.mixture import OneHotCategorical
from minigrad.distributions.scalar_transforms import ExpTransform, SigmoidTransform
from minigrad.distributions.transformed import TransformedDistribution
from minigrad.ops.dims import broadcast_tensors
from minigrad.random import rand


class LogitRelaxedBernoulli(Tosses):
    """The logit of a `RelaxedBernoulli` number."""

    support = real
    has_rsample = True

    def __init__(
        self,
        temperature: Any,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        """``probs`` or ``logits``, a number or a tensor; ``temperature`` is above 0."""
        self.temperature = temperature
        super().__init__(probs, logits, validate_args)

    def expand(self, batch_shape: Iterable[int], _instance: Any = None) -> Any:
        """The same in a larger batch; the temperature stays as it is."""
        made = super().expand(batch_shape, _instance)
        made.temperature = self.temperature
        return made

    @property
    def param_shape(self) -> Any:
        """The shape of ``probs``."""
        return self.batch_shape

    def rsample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw ``(logit(u) + logit(probs)) / temperature`` with u uniform on (0, 1)."""
        shape = self._extended_shape(sample_shape)
        probs = inside(self.probs.expand(shape))
        u = inside(rand(shape, dtype=probs.dtype))
        noise = u.log() - (-u).log1p() + probs.log() - (-probs).log1p()
        return noise / self.temperature

    def log_prob(self, value: Any) -> Any:
        """``log(t) + d - 2 log(1 + exp(d))`` with ``d = logits - t value``, t the temperature."""
        self._validate_sample(value)
        logits, value = parameters(self.logits, value)
        apart = logits - value.mul(self.temperature)
        return self.temperature.log() + apart - 2 * apart.exp().log1p()


class ExpRelaxedCategorical(OfClasses):
    """The logarithms of a `RelaxedOneHotCategorical` vector."""

    support = real_vector
    has_rsample = True

    def __init__(
        self,
        temperature: Any,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        """``probs`` or ``logits``, of shape (..., K); ``temperature`` is above 0."""
        self._categorical = Categorical(probs, logits)
        self.temperature = temperature
        shape = self._categorical.param_shape
        super().__init__(shape[:-1], shape[-1:], validate_args=validate_args)

    def expand(self, batch_shape: Iterable[int], _instance: Any = None) -> Any:
        """The same in a larger batch; the temperature stays as it is."""
        made = super().expand(batch_shape, _instance)
        made.temperature = self.temperature
        return made

    def rsample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw ``log_softmax((logits + g) / temperature)`` with Gumbel numbers g."""
        shape = self._extended_shape(sample_shape)
        u = inside(rand(shape, dtype=self.logits.dtype))
        scores = (self.logits - (-u.log()).log()) / self.temperature
        return scores - scores.logsumexp(-1, keepdim=True)

    def log_prob(self, value: Any) -> Any:
        """The logarithm of the density of the logarithms."""
        self._validate_sample(value)
        n, t = self._categorical._num_events, self.temperature
        logits, value = broadcast_tensors(self.logits, value)
        factor = t.new_full(t.shape, float(n)).lgamma() - t.log().mul(-(n - 1))
        score = logits - value.mul(t)
        return (score - score.logsumexp(-1, keepdim=True)).sum(-1) + factor


class _Relaxed(TransformedDistribution):
    """What both relaxed distributions show of that which they transform."""

    @property
    def temperature(self) -> Any:
        """How soft the choice is."""
        return self.base_dist.temperature

    @property
    def probs(self) -> Any:
        """The probabilities of the choice."""
        return self.base_dist.probs

    @property
    def logits(self) -> Any:
        """Their logarithms, up to a constant."""
        return self.base_dist.logits


class RelaxedBernoulli(_Relaxed):
    """Numbers in (0, 1), nearer to 0 and 1 the lower the temperature (Maddison et al. 2017)."""

    arg_constraints: ClassVar[dict[str, Constraint]] = {"probs": unit_interval, "logits": real}
    support = unit_interval

    def __init__(
        self,
        temperature: Any,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        """``probs`` or ``logits``, those of 1; ``temperature`` is a tensor above 0."""
        base = LogitRelaxedBernoulli(temperature, probs, logits)
        super().__init__(base, SigmoidTransform(), validate_args=validate_args)


class RelaxedOneHotCategorical(_Relaxed):
    """Positive vectors that sum to 1, nearer to one-hot the lower the temperature."""

    arg_constraints: ClassVar[dict[str, Constraint]] = {"probs": simplex, "logits": real_vector}
    support = simplex

    def __init__(
        self,
        temperature: Any,
        probs: Any = None,
        logits: Any = None,
        validate_args: bool | None = None,
    ) -> None:
        """``probs`` or ``logits``, of shape (..., K); ``temperature`` is a tensor above 0."""
        base = ExpRelaxedCategorical(temperature, probs, logits, validate_args=validate_args)
        super().__init__(base, ExpTransform(), validate_args=validate_args)


class OneHotCategoricalStraightThrough(OneHotCategorical):
    """A `OneHotCategorical` whose samples have the derivative of ``probs`` (Bengio et al. 2013)."""

    has_rsample = True

    def rsample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw one-hot vectors, with the derivative of ``probs``."""
        probs = self.probs
        return self.sample(sample_shape) + (probs - probs.detach())
