"""What a distribution of one's own is written with, under torch's names."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from minigrad.autograd import enable_grad
from minigrad.distributions.distribution import inside, parameters
from minigrad.ops.elementwise import sigmoid
from minigrad.ops.softmax import softmax

__all__ = ["broadcast_all", "clamp_probs", "lazy_property", "logits_to_probs", "probs_to_logits"]


def broadcast_all(*values: Any) -> tuple[Any, ...]:
    """Numbers and tensors as tensors of one shape, the numbers in the first tensor's dtype.

    Raises ValueError for what is neither.
    """
    return parameters(*values)


def clamp_probs(probs: Any) -> Any:
    """Probabilities that have a logarithm: not closer to 0 and 1 than the dtype's eps."""
    return inside(probs)


def logits_to_probs(logits: Any, is_binary: bool = False) -> Any:
    """``softmax(logits, dim=-1)``, or, of two outcomes, ``sigmoid(logits)``."""
    return sigmoid(logits) if is_binary else softmax(logits, dim=-1)


def probs_to_logits(probs: Any, is_binary: bool = False) -> Any:
    """``log(probs)``, or, of two outcomes, ``log(probs / (1 - probs))``, of probabilities that
    `clamp_probs` has made safe."""
    probs = clamp_probs(probs)
    return probs.log() - (-probs).log1p() if is_binary else probs.log()


class lazy_property(cached_property[Any]):
    """A property that is computed, with its history, when it is first asked for, and then kept."""

    def __init__(self, wrapped: Callable[[Any], Any]) -> None:
        super().__init__(enable_grad()(wrapped))
