"""Losses: each a function of every element, or of every row, and its sum or mean."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.primitive import Operator, primitive
from minigrad.autograd.value import Array
from minigrad.autograd.wide import wide_primitive
from minigrad.ops.elementwise import _sigmoid
from minigrad.ops.reduction import count
from minigrad.promotion import arithmetic


def reduced(loss: Any, reduction: str) -> Any:
    """All the elements of a loss, their sum, or their mean."""
    if reduction == "none":
        return loss
    total = np.add.reduce(loss, None)
    return total if reduction == "sum" else total / count(loss.shape)


def share(g: Any, shape: tuple[int, ...], reduction: str) -> Any:
    """What the cotangent of the reduced loss means for each element."""
    return g / count(shape) if reduction == "mean" else g


def operands(n: int) -> Any:
    """Promotion of a loss: its n tensors together, some perhaps missing, and not its settings."""

    def promoted(arrays: Any) -> Any:
        given = iter(arithmetic([x for x in arrays[:n] if x is not None]))
        return [*[None if x is None else next(given) for x in arrays[:n]], *arrays[n:]]

    return promoted


def _mse(input: Array, target: Array, reduction: str) -> Any:
    difference = np.asarray(input - target)
    difference *= difference
    return reduced(difference, reduction)


_mse_loss = wide_primitive(
    "MseLossBackward0",
    _mse,
    promote=operands(2),
    input=lambda g, input, target, reduction: (
        (input - target) * (2 * share(g, input.shape, reduction))
    ),
    target=lambda g, input, target, reduction: (
        (target - input) * (2 * share(g, input.shape, reduction))
    ),
)


def _smooth_l1(input: Array, target: Array, reduction: str, beta: float) -> Any:
    z = np.abs(input - target)
    return reduced(np.where(z < beta, 0.5 * z * z / beta, z - 0.5 * beta), reduction)


def _huber(input: Array, target: Array, reduction: str, delta: float) -> Any:
    z = np.abs(input - target)
    return reduced(np.where(z <= delta, 0.5 * z * z, delta * (z - 0.5 * delta)), reduction)


# The difference, cut off at ``bound`` on both sides.
bounded_slope: Operator = primitive(
    "SmoothL1LossBackwardBackward0",
    lambda x, bound: np.where(np.abs(x) < bound, x, np.sign(x) * bound),
    x=lambda g, x, bound: g * (np.abs(x) < bound),
)


_smooth_l1_loss = wide_primitive(
    "SmoothL1LossBackward0",
    _smooth_l1,
    promote=operands(2),
    input=lambda g, input, target, reduction, beta: (
        bounded_slope(input - target, beta) * (share(g, input.shape, reduction) / beta)
    ),
    target=lambda g, input, target, reduction, beta: (
        bounded_slope(target - input, beta) * (share(g, input.shape, reduction) / beta)
    ),
)
_huber_loss = wide_primitive(
    "HuberLossBackward0",
    _huber,
    promote=operands(2),
    input=lambda g, input, target, reduction, delta: (
        bounded_slope(input - target, delta) * share(g, input.shape, reduction)
    ),
    target=lambda g, input, target, reduction, delta: (
        bounded_slope(target - input, delta) * share(g, input.shape, reduction)
    ),
)


def log_sigmoid(x: Any) -> Any:
    return np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x)))


def _soft_margin(input: Array, target: Array, reduction: str) -> Any:
    return reduced(np.log1p(np.exp(-target * input)), reduction)


_soft_margin_loss = wide_primitive(
    "SoftMarginLossBackward0",
    _soft_margin,
    promote=operands(2),
    input=lambda g, input, target, reduction: (
        -target * _sigmoid(-target * input) * share(g, input.shape, reduction)
    ),
    target=None,
)


# The logarithms are cut off at -100, and the denominator of the derivative at 1e-12, which torch
# has in single precision.
LEAST = float(np.float32(1e-12))


def _cross_entropy(p: Array, target: Array, weight: Any, reduction: str) -> Any:
    loss = (target - 1) * np.maximum(np.log1p(-p), -100) - target * np.maximum(np.log(p), -100)
    return reduced(loss if weight is None else loss * weight, reduction)


_binary_cross_entropy = wide_primitive(
    "BinaryCrossEntropyBackward0",
    _cross_entropy,
    promote=operands(3),
    p=lambda g, p, target, weight, reduction: bernoulli_slope(
        weighted(share(g, p.shape, reduction), weight), p, target
    ),
    target=lambda g, p, weight, reduction: (
        (np.log1p(-p) - np.log(p)) * weighted(share(g, p.shape, reduction), weight)
    ),
    weight=None,
)


def weighted(g: Any, weight: Any) -> Any:
    return g if weight is None else weight * g


# When it is differentiated again, torch adds 1e-12 to p and to 1 - p instead.
bernoulli_slope: Operator = wide_primitive(
    "BinaryCrossEntropyBackwardBackward0",
    lambda dy, p, target: dy * (p - target) / np.maximum((1 - p) * p, LEAST),
    dy=lambda g, p, target: g * (p - target) / ((p + 1e-12) * (1 - p + 1e-12)),
    p=lambda g, dy, p, target: (
        g
        * dy
        * (p * p - 2 * p * target + target)
        / (np.square(p + 1e-12) * np.square(1 - p + 1e-12))
    ),
    target=lambda g, dy, p: -g * dy / np.maximum((1 - p) * p, LEAST),
)


def _logits_cross_entropy(
    x: Array, target: Array, weight: Any, pos_weight: Any, reduction: str, dtype: Any = None
) -> Any:
    log = log_sigmoid(x)
    loss = (1 - target) * x - (log if pos_weight is None else log * (1 + (pos_weight - 1) * target))
    if weight is not None:
        loss = loss * weight
    return reduced(loss if dtype is None else loss.astype(dtype, copy=False), reduction)


_cross_entropy_with_logits = wide_primitive(
    "BinaryCrossEntropyWithLogitsBackward0",
    _logits_cross_entropy,
    promote=operands(4),
    x=lambda g, x, target, weight, pos_weight, reduction: (
        logits_rule(x, target, pos_weight) * weighted(share(g, x.shape, reduction), weight)
    ),
    target=lambda g, x, weight, pos_weight, reduction: (
        (-x if pos_weight is None else log_sigmoid(-x) - pos_weight * log_sigmoid(x))
        * weighted(share(g, x.shape, reduction), weight)
    ),
    weight=None,
    pos_weight=None,
)


def logits_rule(x: Any, target: Any, pos_weight: Any) -> Any:
    if pos_weight is None:
        return _sigmoid(x) - target
    times = pos_weight * target
    return (times + 1 - target) * _sigmoid(x) - times


# Of classes: x is (N, C, ...) or (C), the target (N, ...) or one number.


def _at_class(x: Array, target: Array, ignored: int) -> Array:
    """For every target the element of its class along the class dimension; 0 for ignored ones."""
    dim = 1 if x.ndim > 1 else 0
    keep = target != ignored
    index = target if keep.all() else np.where(keep, target, 0)
    if x.ndim == 2:
        picked = x[np.arange(x.shape[0]), index]
    else:
        picked = np.take_along_axis(x, np.expand_dims(index, dim), dim).squeeze(dim)
    return picked if index is target else np.where(keep, picked, 0.0)


def _put_class(values: Array, target: Array, shape: tuple[int, ...], ignored: int) -> Array:
    """Those elements put into zeros."""
    dim = 1 if len(shape) > 1 else 0
    keep = target != ignored
    if not keep.all():
        target, values = np.where(keep, target, 0), np.where(keep, values, 0.0)
    out = np.zeros(shape, values.dtype)
    if len(shape) == 2:
        out[np.arange(shape[0]), target] = values
    else:
        values = np.broadcast_to(values, target.shape)
        np.put_along_axis(out, np.expand_dims(target, dim), np.expand_dims(values, dim), dim)
    return out


at_class: Operator = wide_primitive(
    "NllLossGatherBackward0",
    _at_class,
    x=lambda g, target, x_shape, ignored: put_class(g, target, x_shape, ignored),
    target=None,
)
put_class: Operator = wide_primitive(
    "NllLossBackwardBackward0",
    _put_class,
    values=lambda g, target, ignored: at_class(g, target, ignored),
    target=None,
)


def _negative_log_likelihood(
    x: Array, target: Array, weight: Any, reduction: str, ignored: int
) -> tuple[Any, Array]:
    keep = np.asarray(target != ignored)
    if weight is None:  # one number will do: `_at_class` and `put_class` pass over the ignored
        scale, total = np.asarray(-1, x.dtype), np.asarray(np.count_nonzero(keep), x.dtype)
    else:
        weights = keep * weight[np.where(keep, target, 0)]
        scale, total = -weights, np.add.reduce(weights, None)
    loss = _at_class(x, target, ignored) * scale
    if reduction == "none":
        return loss, scale
    loss = np.add.reduce(loss, None)
    return (loss, scale) if reduction == "sum" else (loss / total, np.asarray(scale / total))


_nll_loss, _nll_loss_2d = [
    wide_primitive(
        name,
        _negative_log_likelihood,
        extra=("scale",),
        x=lambda g, target, scale, x_shape, ignored: put_class(g * scale, target, x_shape, ignored),
        target=None,
        weight=None,
    )
    for name in ("NllLossBackward0", "NllLoss2DBackward0")
]

div_number = primitive("DivBackward1", lambda x, number: x / number, x=lambda g, number: g / number)
