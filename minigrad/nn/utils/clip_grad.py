"""Gradients made smaller where they are too large, before the optimiser uses them."""

from __future__ import annotations

import types
import warnings
from collections.abc import Iterable
from typing import Any

from minigrad.autograd.modes import no_grad
from minigrad.from_data import tensor
from minigrad.ops.joining import stack
from minigrad.ops.norms import vector_norm
from minigrad.tensor import Tensor

__all__ = [
    "clip_grad_norm",
    "clip_grad_norm_",
    "clip_grad_value_",
    "clip_grads_with_norm_",
    "get_total_norm",
]

Tensors = Tensor | Iterable[Tensor]


def get_total_norm(
    tensors: Tensors,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Any:
    """The p-norm of all elements of all tensors, p = ``norm_type``, which may be infinite.

    Raises RuntimeError with ``error_if_nonfinite`` if it is infinite or NaN.
    """
    several = [tensors] if isinstance(tensors, Tensor) else list(tensors)
    p = float(norm_type)
    if not several:
        return tensor(0.0)
    with no_grad():
        total = vector_norm(stack([vector_norm(x, p) for x in several]), p)
    if error_if_nonfinite and not bool(total.isfinite()):
        raise RuntimeError(
            f"The total norm of order {p} for gradients from `parameters` is non-finite, so it "
            "cannot be clipped. To disable this error and scale the gradients by the non-finite "
            "norm anyway, set `error_if_nonfinite=False`"
        )
    return total


def clip_grads_with_norm_(
    parameters: Tensors, max_norm: float, total_norm: Any, foreach: bool | None = None
) -> None:
    """Scale all gradients in place by ``min(1, max_norm / (total_norm + 1e-6))``."""
    grads, limit = gradients(parameters), float(max_norm)
    if grads:
        with no_grad():
            factor = (limit / (total_norm + 1e-6)).clamp(max=1.0)
            for grad in grads:
                grad.mul_(factor)


def clip_grad_norm_(
    parameters: Tensors,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Any:
    """Scale the gradients in place so that the norm of all together is at most ``max_norm``.

    g becomes g min(1, max_norm / (norm + 1e-6)), where the norm is the p-norm of all their
    elements, p = ``norm_type``, which may be infinite. Returns that norm as it was before. Raises
    RuntimeError with ``error_if_nonfinite`` if it is infinite or NaN; without, the gradients are 0
    or NaN then.
    """
    generator = isinstance(parameters, types.GeneratorType)
    several = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    if generator and not several:
        warnings.warn(
            "`parameters` is an empty generator, no gradient clipping will occur.", stacklevel=2
        )
    total = get_total_norm(gradients(several), norm_type, error_if_nonfinite)
    clip_grads_with_norm_(several, max_norm, total)
    return total


def clip_grad_norm(*args: Any, **kwargs: Any) -> Any:
    """Deprecated: use `clip_grad_norm_`."""
    warnings.warn(
        "`torch.nn.utils.clip_grad_norm` is now deprecated in favor of "
        "`torch.nn.utils.clip_grad_norm_`.",
        FutureWarning,
        stacklevel=2,
    )
    return clip_grad_norm_(*args, **kwargs)


def clip_grad_value_(parameters: Tensors, clip_value: float, foreach: bool | None = None) -> None:
    """Bring every element of the gradients, in place, to between -clip_value and clip_value."""
    limit = float(clip_value)
    with no_grad():
        for grad in gradients(parameters):
            grad.clamp_(-limit, limit)


def gradients(parameters: Tensors) -> list[Any]:
    several = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    return [x.grad for x in several if x.grad is not None]
