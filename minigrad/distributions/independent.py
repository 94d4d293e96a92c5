"""Independent distributions taken together as one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from minigrad.distributions.constraints import independent
from minigrad.distributions.distribution import Distribution


class Independent(Distribution):
    """The last ``reinterpreted_batch_ndims`` dimensions of a batch, taken as those of one event.

    Log-probabilities and entropies are summed over them. Raises ValueError if there are fewer.
    """

    def __init__(
        self,
        base_distribution: Distribution,
        reinterpreted_batch_ndims: int,
        validate_args: bool | None = None,
    ) -> None:
        batch, n = base_distribution.batch_shape, reinterpreted_batch_ndims
        if n > len(batch):
            raise ValueError(
                "Expected reinterpreted_batch_ndims <= len(base_distribution.batch_shape), "
                f"actual {n} vs {len(batch)}"
            )
        self.base_dist = base_distribution
        self.reinterpreted_batch_ndims = n
        place = len(batch) - n
        event = (*batch[place:], *base_distribution.event_shape)
        super().__init__(batch[:place], event, validate_args=validate_args)

    @property
    def has_rsample(self) -> bool:  # type: ignore[override]
        """Whether samples of the base are differentiable."""
        return self.base_dist.has_rsample

    @property
    def has_enumerate_support(self) -> bool:  # type: ignore[override]
        """Whether the base's values can be listed, and are not taken together."""
        return not self.reinterpreted_batch_ndims and self.base_dist.has_enumerate_support

    def expand(self, batch_shape: Iterable[int], _instance: Any = None) -> Any:
        """The same in a larger batch."""
        n = self.reinterpreted_batch_ndims
        made = self._to_fill(_instance)
        made.base_dist = self.base_dist.expand((*batch_shape, *self.event_shape[:n]))
        made.reinterpreted_batch_ndims = n
        super(Independent, made).__init__(batch_shape, self.event_shape, validate_args=False)
        made._validate_args = self._validate_args
        return made

    def enumerate_support(self, expand: bool = True) -> Any:
        """The base's values, where none of them are taken together; else NotImplementedError."""
        if self.reinterpreted_batch_ndims:
            raise NotImplementedError("Enumeration over cartesian product is not implemented")
        return self.base_dist.enumerate_support(expand)

    @property
    def support(self) -> Any:
        """The base's, of all elements of an event."""
        support, n = self.base_dist.support, self.reinterpreted_batch_ndims
        return independent(support, n) if n else support

    @property
    def mean(self) -> Any:
        """The base's."""
        return self.base_dist.mean

    @property
    def mode(self) -> Any:
        """The base's."""
        return self.base_dist.mode

    @property
    def variance(self) -> Any:
        """The base's."""
        return self.base_dist.variance

    def sample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw, without recording, a sample of the base."""
        return self.base_dist.sample(sample_shape)

    def rsample(self, sample_shape: Iterable[int] = ()) -> Any:
        """Draw a differentiable sample of the base."""
        return self.base_dist.rsample(sample_shape)

    def log_prob(self, value: Any) -> Any:
        """The sum of the base's log-probabilities of an event's elements."""
        return self.over_events(self.base_dist.log_prob(value))

    def entropy(self) -> Any:
        """The sum of the base's."""
        return self.over_events(self.base_dist.entropy())

    def over_events(self, x: Any) -> Any:
        n = self.reinterpreted_batch_ndims
        return x.reshape((*x.shape[: x.ndim - n], -1)).sum(-1) if n else x

    def __repr__(self) -> str:
        return f"Independent({self.base_dist}, {self.reinterpreted_batch_ndims})"
