"""The LSTM over a whole sequence, in one node."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.primitive import Operator
from minigrad.autograd.value import Array
from minigrad.autograd.wide import wide_primitive


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))  # 1 / inf is the 0 that it should be


def _lstm(
    x: Array, h: Array, c: Array, w_ih: Array, w_hh: Array, bias: Array, backwards: bool
) -> tuple[Array, Array]:
    length, batch, width = x.shape
    n = h.shape[1]
    gates = (x.reshape(length * batch, width) @ w_ih.T + bias).reshape(length, batch, 4 * n)
    hs, cs = np.empty((2, length, batch, n), x.dtype)
    recurrent = w_hh.T
    for t in range(length)[::-1] if backwards else range(length):
        at = gates[t]
        at += h @ recurrent
        i_and_f, o = _sigmoid(at[:, : 2 * n]), _sigmoid(at[:, 3 * n :])
        i, f, g = i_and_f[:, :n], i_and_f[:, n:], np.tanh(at[:, 2 * n : 3 * n])
        c = np.add(f * c, i * g, cs[t])
        h = np.multiply(o, np.tanh(c), hs[t])
    return hs, cs


def _lstm_rule(
    g_hs: Any,
    g_cs: Any,
    x: Any,
    h: Any,
    c: Any,
    w_ih: Any,
    w_hh: Any,
    bias: Any,
    backwards: bool,
    hs: Any,
    cs: Any,
) -> tuple[Any, ...]:
    """Through time: the cotangents of the gates step by step, of all else from those at once."""
    length, batch, width = x.shape
    n = h.shape[1]
    first, steps = h.reshape(1, batch, n), slice(0, length - 1)
    # The states before each step.
    before_h = np.concatenate((hs[1:], first) if backwards else (first, hs[steps]))
    first = c.reshape(1, batch, n)
    before_c = np.concatenate((cs[1:], first) if backwards else (first, cs[steps]))
    flat_x, flat_h = x.reshape(length * batch, width), before_h.reshape(length * batch, n)
    gates = (flat_x @ w_ih.T + flat_h @ w_hh.T + bias).reshape(length, batch, 4 * n)
    i, f = _sigmoid(gates[:, :, :n]), _sigmoid(gates[:, :, n : 2 * n])
    g, o = np.tanh(gates[:, :, 2 * n : 3 * n]), _sigmoid(gates[:, :, 3 * n :])
    tanh_c = np.tanh(cs)
    # What each gate's cotangent is, times that of c or h.
    by_i, by_f, by_g = g * i * (1 - i), before_c * f * (1 - f), i * (1 - g * g)
    by_o, by_c = tanh_c * o * (1 - o), o * (1 - tanh_c * tanh_c)
    g_h, g_c = g_hs[0] * 0, g_cs[0] * 0
    found = []
    for t in range(length) if backwards else range(length)[::-1]:
        g_h = g_h + g_hs[t]
        g_c = g_c + g_cs[t] + g_h * by_c[t]
        parts = g_c * by_i[t], g_c * by_f[t], g_c * by_g[t], g_h * by_o[t]
        g_gates = np.concatenate(parts, 1)
        found.append(g_gates)
        g_h, g_c = g_gates @ w_hh, g_c * f[t]
    every = np.stack(found if backwards else found[::-1]).reshape(length * batch, 4 * n)
    g_x = (every @ w_ih).reshape(length, batch, width)
    return g_x, g_h, g_c, every.T @ flat_x, every.T @ flat_h, np.sum(every, 0), None


_lstm_layer: Operator = wide_primitive(
    "MkldnnRnnLayerBackward0", _lstm, joint=_lstm_rule, outputs=("hs", "cs")
)


def lstm_layer(
    x: Any, h: Any, c: Any, w_ih: Any, w_hh: Any, bias: Any, backwards: bool
) -> tuple[Any, Any]:
    """The states h and c after each step, (L, N, hidden), of an LSTM over x, (L, N, input).

    From (N, hidden) at first; ``backwards`` from the end. The weights are those of
    ``i, f, g, o = w_ih x + w_hh h + bias``. Derivatives: through time, with the gates worked out
    again for all steps at once.
    """
    hs, cs = _lstm_layer(x, h, c, w_ih, w_hh, bias, backwards)
    return hs, cs
