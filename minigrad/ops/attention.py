"""Attention in one node: the scores, their softmax, and its product with the values."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.primitive import Operator, primitive
from minigrad.autograd.sums import ones
from minigrad.autograd.value import Array
from minigrad.autograd.wide import wide_primitive

SMALL = 60.0  # sums of exp(-60) to exp(60) are well within float32


def _exp_over_sum(x: Array, small: bool = False) -> Array:
    """The softmax along the last dimension, written over ``x``; 0 for a row of only -inf.

    small: whether exp(x) can do without the subtraction of the largest element.
    """
    if x.size == 0:
        return x
    if not small:
        largest = np.maximum.reduce(x, axis=-1, keepdims=True)
        x -= np.where(largest == -np.inf, 0, largest)
    np.exp(x, x)
    total = row_sums(x)
    total[total == 0] = 1
    x /= total
    return x


def row_sums(x: Array) -> Array:
    if x.size == 0:
        return np.zeros((*x.shape[:-1], 1), x.dtype)
    width = x.shape[-1]
    sums: Array = x.reshape(-1, width).dot(ones(width, x.dtype))
    return sums.reshape(*x.shape[:-1], 1)


# Of scores where -inf hides; where all is hidden there is nothing to attend to, and no gradient.
_safe_softmax: Operator = primitive(
    "SafeSoftmaxBackward0",
    lambda x: _exp_over_sum(x.copy()),
    x=lambda g, out: out * (g - np.sum(g * out, -1, keepdims=True)),
)


def _weights(q: Array, k: Array, mask: Any, scale: float) -> Array:
    scores = np.matmul(q * scale, k.swapaxes(-1, -2))
    # Short rows make the search for their maxima the slowest step; it is hardly ever needed.
    small = scores.size > 0 and scores.itemsize > 2
    small = small and bool(scores.min() > -SMALL and scores.max() < SMALL)
    if mask is not None:
        if mask.dtype.kind == "b":
            mask = np.where(mask, 0, -np.inf).astype(scores.dtype)
        else:
            small = False
        scores += mask
    return _exp_over_sum(scores, small)


def _attend(q: Array, k: Array, v: Array, mask: Any, scale: float) -> tuple[Any, Array]:
    p = _weights(q, k, mask, scale)
    return np.matmul(p, v, np.empty_like(q)), p  # in memory as q is, like torch's


def _attend_backward(
    dy: Array, q: Array, k: Array, v: Array, mask: Any, scale: float, p: Any = None
) -> tuple[Any, Any, Any]:
    if p is None:
        p = _weights(q, k, mask, scale)
    ds = np.matmul(dy, v.swapaxes(-1, -2))
    ds -= row_sums(ds * p)
    ds *= p
    ds *= scale
    return (
        np.matmul(ds, k, heads_inside(q)),
        np.matmul(ds.swapaxes(-1, -2), q, heads_inside(k)),
        np.matmul(p.swapaxes(-1, -2), dy, heads_inside(v)),
    )


def heads_inside(x: Array) -> Array:
    """An array for the gradient of x, by memory (batch, position, head, width), as torch's is."""
    n, heads, positions, width = x.shape
    return np.empty((n, positions, heads, width), x.dtype).swapaxes(1, 2)


_attention = wide_primitive(
    "ScaledDotProductFlashAttentionForCpuBackward0",
    _attend,
    extra=("p",),
    joint=lambda g, q, k, v, p, mask, scale: attend_backward(g, q, k, v, mask, scale, p),
)


def second_rule(
    cq: Any, ck: Any, cv: Any, dy: Any, q: Any, k: Any, v: Any, mask: Any, scale: float
) -> tuple[Any, ...]:
    """The cotangents of dy, q, k and v in `_attend_backward`, for cotangents of its results.

    Those results weighted by cq, ck and cv sum to dy times the change of the output when q, k and
    v move by cq, ck and cv; this is that sum differentiated.
    """
    p = weights(q, k, mask, scale)
    moved = (np.matmul(cq, turned(k)) + np.matmul(q, turned(ck))) * scale
    to_p = np.matmul(dy, turned(v))
    along = np.sum(p * moved, -1, keepdims=True)
    gained = np.sum(p * to_p, -1, keepdims=True)
    dp = p * (moved - along)
    to_moved = p * (to_p - gained) * scale
    inner = to_p * (moved - along) - moved * gained + np.matmul(dy, turned(cv))
    to_scores = p * (inner - np.sum(p * inner, -1, keepdims=True)) * scale
    return (
        np.matmul(dp, v) + np.matmul(p, cv),
        np.matmul(to_moved, ck) + np.matmul(to_scores, k),
        np.matmul(turned(to_moved), cq) + np.matmul(turned(to_scores), q),
        np.matmul(turned(dp), dy),
    )


def turned(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


attend_backward: Operator = wide_primitive(
    "ScaledDotProductFlashAttentionForCpuBackwardBackward0",
    _attend_backward,
    outputs=("dq", "dk", "dv"),
    joint=lambda g_q, g_k, g_v, dy, q, k, v, mask, scale: second_rule(
        g_q, g_k, g_v, dy, q, k, v, mask, scale
    ),
)

# The attention weights as a function of q and k, where the derivative is differentiated again.
weights: Operator = wide_primitive(
    "SafeSoftmaxBackward0",
    _weights,
    q=lambda g, k, out, scale: np.matmul(softmax_rule(g, out), k) * scale,
    k=lambda g, q, out, scale: np.matmul(turned(softmax_rule(g, out)), q) * scale,
)


def softmax_rule(g: Any, out: Any) -> Any:
    return out * (g - np.sum(g * out, -1, keepdims=True))
