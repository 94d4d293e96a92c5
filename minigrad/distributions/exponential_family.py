"""Distributions whose log-densities are linear in natural parameters."""

from __future__ import annotations

from typing import Any

from minigrad.autograd import enable_grad, grad
from minigrad.distributions.distribution import Distribution


class ExponentialFamily(Distribution):
    """Base class: a density of ``exp(t(x) . theta - F(theta) + k(x))``.

    A subclass that gives ``_natural_params`` (theta, a tuple of tensors), ``_log_normalizer`` (F,
    of so many tensors) and ``_mean_carrier_measure`` (the mean of k) has an entropy and divergences
    by way of the derivative of F.
    """

    @property
    def _natural_params(self) -> tuple[Any, ...]:
        raise NotImplementedError

    def _log_normalizer(self, *natural_params: Any) -> Any:
        raise NotImplementedError

    @property
    def _mean_carrier_measure(self) -> Any:
        raise NotImplementedError

    def _mean_statistics(self) -> tuple[Any, Any, Any]:
        """The natural parameters, F there, and its derivatives: the means of t(x)."""
        with enable_grad():
            given = self._natural_params
            params = [p if p.requires_grad else p.detach().requires_grad_() for p in given]
            norm = self._log_normalizer(*params)
            return params, norm, grad(norm.sum(), params, create_graph=True)

    def entropy(self) -> Any:
        """``F(theta) - theta . grad F(theta)`` less the mean of k."""
        entropy = -self._mean_carrier_measure
        params, norm, slopes = self._mean_statistics()
        entropy = entropy + norm
        for p, slope in zip(params, slopes, strict=True):
            entropy = entropy - (p * slope).reshape((*self._batch_shape, -1)).sum(-1)
        return entropy
