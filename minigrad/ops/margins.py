"""Losses that ask a score to be larger than others by a margin."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.value import Array
from minigrad.autograd.wide import wide_primitive
from minigrad.ops.losses import reduced, share


def _hot(target: Array, shape: tuple[int, ...]) -> Any:
    """Where the target's class is, in the shape of the scores."""
    classes = shape[-1] if shape else 1
    return (target.reshape(-1, 1) == np.arange(classes)).reshape(shape)


hot = wide_primitive("OneHotBackward0", _hot)


def excess(x: Any, at: Any, margin: float) -> Any:
    """``margin - x[target] + x[i]`` where that counts, else 0."""
    z = margin - np.sum(np.where(at, x, 0.0), -1, keepdims=True) + x
    return np.where(at, 0.0, np.where(z > 0, z, 0.0))  # which leaves out NaN


def _hinges(
    x: Array, target: Array, p: int, margin: float, weight: Any, reduction: str
) -> tuple[Any, Any]:
    at = _hot(target, x.shape)
    z = excess(x, at, margin) if x.ndim else np.zeros_like(x)
    scale = np.ones(target.shape, x.dtype) if weight is None else weight[target]
    scale = np.asarray(scale / (x.shape[-1] if x.ndim else 1)).reshape(x.shape[:-1])
    loss = np.add.reduce(z**p, axis=-1 if x.ndim else None) * scale
    return reduced(np.reshape(loss, target.shape), reduction), scale


def hinges_rule(
    g: Any, x: Any, target: Any, scale: Any, p: int, margin: float, reduction: str
) -> Any:
    if not x.ndim:
        return np.zeros_like(x)
    if reduction == "none":
        g = g.reshape(x.shape[:-1])
    at = hot(target, x.shape)
    z = excess(x, at, margin)
    slope = 2 * z if p == 2 else np.where(z > 0, 1.0, z)
    slope = slope * (share(g, x.shape[:-1], reduction) * scale).reshape((*x.shape[:-1], 1))
    return np.where(at, -np.sum(slope, -1, keepdims=True), slope)


_multi_margin = wide_primitive(
    "MultiMarginLossBackward0",
    _hinges,
    extra=("scale",),
    x=lambda g, x, target, scale, p, margin, reduction: hinges_rule(
        g, x, target, scale, p, margin, reduction
    ),
    target=None,
    weight=None,
)


def _labels(target: Array) -> Array:
    """How often each class stands in its row of labels, which the first -1 ends."""
    rows = target.reshape(-1, target.shape[-1] if target.ndim else 1)
    valid = np.logical_and.accumulate(rows >= 0, axis=1)
    times = np.zeros(rows.shape, np.int64)
    np.add.at(times, (np.nonzero(valid)[0], rows[valid]), 1)
    return times


def _pairs(x: Array, target: Array, reduction: str) -> tuple[Any, Any]:
    times = _labels(target)
    rows = x.reshape(times.shape)
    z = 1 - rows[:, :, None] + rows[:, None, :]  # label, other class
    counts = times[:, :, None] * (times == 0)[:, None, :] / times.shape[1]
    counts = np.where(z > 0, counts, 0).astype(x.dtype)
    loss = np.add.reduce(np.where(counts > 0, z, 0) * counts, axis=(1, 2))
    loss = reduced(loss.reshape(x.shape[:-1]), reduction)
    slope = np.add.reduce(counts, axis=1) - np.add.reduce(counts, axis=2)
    return loss, slope.reshape(x.shape)


_multilabel_margin = wide_primitive(
    "MultilabelMarginLossBackward0",
    _pairs,
    extra=("slope",),
    x=lambda g, slope, x_shape, reduction: (
        slope * share(g, x_shape[:-1], reduction).reshape(rows_of(x_shape, reduction))
    ),
    target=None,
)


def rows_of(shape: tuple[int, ...], reduction: str) -> tuple[int, ...]:
    """The shape in which the cotangent broadcasts to the scores."""
    return (*shape[:-1], 1) if reduction == "none" and shape else ()
