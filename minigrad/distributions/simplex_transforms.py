"""Functions from vectors of real numbers to vectors of positive ones that sum to 1."""

from __future__ import annotations

from typing import Any

from minigrad.distributions import constraints
from minigrad.distributions.transform import Transform
from minigrad.nn.functional import logsigmoid, pad
from minigrad.size import Size
from minigrad.typeinfo import finfo


def need_vectors(shape: Any) -> Any:
    if len(shape) < 1:
        raise ValueError("Too few dimensions on input")
    return shape


class SoftmaxTransform(Transform):
    """``softmax(x)``, of which many x give the same; `inv` gives the logarithm."""

    domain = constraints.real_vector
    codomain = constraints.simplex

    def _call(self, x: Any) -> Any:
        powers = (x - x.max(-1, True)[0]).exp()
        return powers / powers.sum(-1, True)

    def _inverse(self, y: Any) -> Any:
        return y.log()

    def forward_shape(self, shape: Any) -> Any:
        """The shape of ``y`` for that of ``x``."""
        return need_vectors(shape)

    inverse_shape = forward_shape


class StickBreakingTransform(Transform):
    """From K numbers to K + 1 shares of a stick: each x breaks off a share of what is left."""

    domain = constraints.real_vector
    codomain = constraints.simplex
    bijective = True

    def _call(self, x: Any) -> Any:
        limits = finfo(x.dtype)
        share = self._shifted(x).sigmoid().clamp(min=limits.tiny, max=1.0 - limits.eps)
        left = (1 - share).cumprod(-1)
        return pad(share, [0, 1], value=1) * pad(left, [1, 0], value=1)

    def _inverse(self, y: Any) -> Any:
        kept = y[..., :-1]
        left = (1 - kept.cumsum(-1)).clamp(min=finfo(y.dtype).tiny)
        return kept.log() - left.log() + self._offsets(kept).log()

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        """The sum of ``log(share) + log(1 - share) + log(what is left)``."""
        x = self._shifted(x)
        return (-x + logsigmoid(x) + y[..., :-1].log()).sum(-1)

    def _offsets(self, x: Any) -> Any:
        """How many shares are still to come, so that x = 0 breaks off equal ones."""
        n = x.shape[-1]
        return n + 1 - x.new_ones(n).cumsum(-1)

    def _shifted(self, x: Any) -> Any:
        return x - self._offsets(x).log()

    def forward_shape(self, shape: Any) -> Any:
        """The shape of ``y`` for that of ``x``."""
        return Size((*need_vectors(shape)[:-1], shape[-1] + 1))

    def inverse_shape(self, shape: Any) -> Any:
        """The shape of ``x`` for that of ``y``."""
        return Size((*need_vectors(shape)[:-1], shape[-1] - 1))
