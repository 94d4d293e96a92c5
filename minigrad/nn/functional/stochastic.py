"""Functions that draw from the default generator: dropout, rrelu and gumbel_softmax.

Dropout sets random elements, or whole channels, to zero while a network is trained. It draws one
number for each element of its mask.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from minigrad.autograd.inplace import in_place
from minigrad.autograd.value import wrap
from minigrad.errors import type_name
from minigrad.nn.functional.checks import need_floating
from minigrad.ops import activations, arithmetic, operators
from minigrad.ops.arguments import need_tensor, typed
from minigrad.ops.shape import squeeze, unsqueeze
from minigrad.ops.softmax import softmax
from minigrad.promotion import order_of

__all__ = [
    "alpha_dropout",
    "dropout",
    "dropout1d",
    "dropout2d",
    "dropout3d",
    "feature_alpha_dropout",
    "gumbel_softmax",
    "rrelu",
    "rrelu_",
]

_mul_in_place = in_place(arithmetic.mul)
_add_in_place = in_place(operators.add)
_rrelu_in_place = in_place(activations._rrelu_in_place)
_rrelu_noise_in_place = in_place(activations._rrelu_noise_in_place)

# The value that SELU has for very negative x: what alpha_dropout sets elements to.
SATURATION = -1.7580993408473766


def check_probability(p: float) -> None:
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")


def dropped(input: Any, p: float, training: bool, inplace: bool, features: bool) -> Any:
    """The input times a mask of 0 and 1 / (1 - p)."""
    need_tensor("dropout", input)
    x = input.array
    if not training or p == 0 or x.size == 0:
        return input
    times = _mul_in_place if inplace else arithmetic.mul
    if p == 1:
        return times(input, wrap(np.zeros((), x.dtype)))
    mask = keep_mask(input, p, features)
    mask.array /= 1 - p
    return times(input, mask)


def keep_mask(input: Any, p: float, features: bool) -> Any:
    """Which elements stay, or which channels, the first two dimensions: 1 there and 0 elsewhere."""
    x = input.array
    if features and x.ndim < 2:
        raise RuntimeError("Feature dropout requires at least 2 dimensions in the input")
    if x.dtype.kind != "f":
        raise RuntimeError(
            f"result type Float can't be cast to the desired output type {type_name(x.dtype)}. "
            "Convert the input with .float()."
        )
    shape = (*x.shape[:2], *(1,) * (x.ndim - 2)) if features else x.shape
    mask = np.empty(shape, x.dtype) if features else np.empty_like(x, order=order_of(x))
    return wrap(mask).bernoulli_(1 - p)


@typed("input")
def dropout(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Each element becomes 0 with probability p, and else ``x / (1 - p)``, so its mean stays.

    Nothing happens unless ``training``. Derivative: the same mask over 1 - p. Raises ValueError for
    a probability outside [0, 1], RuntimeError in training for integers. Hinton et al.,
    arXiv:1207.0580.
    """
    check_probability(p)
    return dropped(input, p, training, inplace, features=False)


def dropout1d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """`dropout` of whole channels: of (N, C, L), or (C, L) for one sample."""
    check_probability(p)
    ndim = input.array.ndim
    if ndim not in (2, 3):
        raise RuntimeError(
            f"dropout1d: Expected 2D or 3D input, but received a {ndim}D input. For other shapes "
            "there are dropout(), dropout2d() and dropout3d()."
        )
    return by_channels(input, p, training, inplace, batched=ndim == 3)


def dropout2d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """`dropout` of whole channels of (N, C, H, W). Three dimensions count as (N, C, L)."""
    check_probability(p)
    ndim = input.array.ndim
    if ndim not in (3, 4):
        warn_of_dimensions("dropout2d", ndim)
    elif ndim == 3:
        warnings.warn(
            "dropout2d: Received a 3D input to dropout2d and assuming that channel-wise 1D "
            "dropout behavior is desired - input is interpreted as shape (N, C, L), where C is the "
            "channel dim. For shape (C, H, W) put a dimension in front.",
            stacklevel=2,
        )
    return by_channels(input, p, training, inplace, batched=True)


def dropout3d(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """`dropout` of whole channels: of (N, C, D, H, W), or (C, D, H, W) for one sample."""
    check_probability(p)
    ndim = input.array.ndim
    if ndim not in (4, 5):
        warn_of_dimensions("dropout3d", ndim)
    return by_channels(input, p, training, inplace, batched=ndim == 5)


def warn_of_dimensions(name: str, ndim: int) -> None:
    warnings.warn(
        f"{name}: Received a {ndim}-D input to {name}, which is deprecated and will result in an "
        "error in a future release. Use dropout() instead.",
        stacklevel=3,
    )


def by_channels(input: Any, p: float, training: bool, inplace: bool, batched: bool) -> Any:
    need_tensor("feature_dropout", input)
    if batched:
        return dropped(input, p, training, inplace, features=True)
    if inplace:
        return dropped(input.unsqueeze_(0), p, training, inplace, features=True).squeeze_(0)
    return squeeze(dropped(unsqueeze(input, 0), p, training, inplace, features=True), 0)


@typed("input")
def alpha_dropout(input: Any, p: float = 0.5, training: bool = False, inplace: bool = False) -> Any:
    """Dropout that keeps mean 0 and variance 1, for networks with SELU (arXiv:1706.02515).

    Elements become -1.758, SELU's lower bound, with probability p, and then all are scaled and
    shifted. Derivative: that scale, 0 for the dropped ones.
    """
    check_probability(p)
    return alpha_dropped(input, p, training, inplace, features=False)


def feature_alpha_dropout(
    input: Any, p: float = 0.5, training: bool = False, inplace: bool = False
) -> Any:
    """`alpha_dropout` of whole channels, dimension 1."""
    check_probability(p)
    return alpha_dropped(input, p, training, inplace, features=True)


def alpha_dropped(input: Any, p: float, training: bool, inplace: bool, features: bool) -> Any:
    need_tensor("alpha_dropout", input)
    x = input.array
    if not training or p == 0 or x.size == 0:
        return input
    times = _mul_in_place if inplace else arithmetic.mul
    if p == 1:
        return times(input, wrap(np.zeros((), x.dtype)))
    mask = keep_mask(input, p, features)
    scale = 1 / math.sqrt((SATURATION * SATURATION * p + 1) * (1 - p))
    shift = (mask.array - 1) * -(SATURATION * scale) - SATURATION * scale * p
    mask.array *= scale
    plus = _add_in_place if inplace else operators.add
    return plus(times(input, mask), wrap(shift))


@typed("input")
def rrelu(
    input: Any,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    inplace: bool = False,
) -> Any:
    """x where it is positive, else x times a random slope between ``lower`` and ``upper``.

    When not ``training``, the slope is their mean. Derivative: 1, or that slope. Raises
    RuntimeError where ``lower`` is above ``upper``. Xu et al., arXiv:1505.00853.
    """
    need_tensor("rrelu", input)
    if lower > upper:
        raise RuntimeError("Lower bound should be less than or equal to the upper bound")
    need_floating("rrelu", "rrelu_with_noise_out_cpu" if training else "leaky_relu_cpu", input)
    if not training:
        operation = _rrelu_in_place if inplace else activations._rrelu
        return operation(input, (lower + upper) / 2)
    x = input.array
    noise, below = np.ones_like(x), x <= 0
    noise[below] = wrap(np.empty(np.count_nonzero(below))).uniform_(lower, upper).array
    operation = _rrelu_noise_in_place if inplace else activations._rrelu_noise
    return operation(input, wrap(noise))


def rrelu_(input: Any, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False) -> Any:
    """`rrelu` in place."""
    return rrelu(input, lower, upper, training, True)


def gumbel_softmax(
    logits: Any, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1
) -> Any:
    """A sample of classes that is differentiable: ``softmax((logits + noise) / tau)``.

    The noise is of Gumbel's distribution. With ``hard`` the result is one-hot, and its derivative
    that of the soft sample. ``eps`` is without effect. Jang et al., arXiv:1611.01144.
    """
    need_tensor("gumbel_softmax", logits)
    if eps != 1e-10:
        warnings.warn("`eps` parameter is deprecated and has no effect.", stacklevel=2)
    if isinstance(tau, complex):
        raise NotImplementedError(
            "\"softmax_lastdim_kernel_impl\" not implemented for 'ComplexFloat'"
        )
    noise = -wrap(np.empty(logits.array.shape, logits.array.dtype)).exponential_().log()
    soft = softmax((logits + noise) / tau, dim)
    if not hard:
        return soft
    one_hot = np.zeros_like(soft.array)
    if one_hot.ndim:
        largest = np.expand_dims(np.argmax(soft.array, dim), dim)
        np.put_along_axis(one_hot, largest, 1, dim)
    else:
        one_hot[...] = 1
    return wrap(one_hot) - soft.detach() + soft
