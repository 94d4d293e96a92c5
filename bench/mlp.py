"""A step of an MLP 784-256-10 with ReLU and softmax cross-entropy: batch 128, float32, SGD."""

from __future__ import annotations

from typing import Any

import numpy as np
from measuring import Bench, Candidate, Limit

BATCH = 128
LR = 0.05


def data() -> tuple[np.ndarray, ...]:
    """x, one-hot targets, and the two layers' weights and biases."""
    random = np.random.default_rng(0)
    x = random.standard_normal((BATCH, 784), dtype=np.float32)
    targets = np.eye(10, dtype=np.float32)[random.integers(10, size=BATCH)]
    w1 = random.standard_normal((784, 256), dtype=np.float32) / np.float32(28)
    w2 = random.standard_normal((256, 10), dtype=np.float32) / np.float32(16)
    return x, targets, w1, np.zeros(256, np.float32), w2, np.zeros(10, np.float32)


def by_hand() -> Candidate:
    """Forward, backward and update by hand, nothing computed that is not needed."""
    x, targets, w1, b1, w2, b2 = data()

    def step() -> None:
        nonlocal w1, b1, w2, b2
        hidden = np.maximum(x @ w1 + b1, 0)
        logits = hidden @ w2 + b2
        shifted = logits - logits.max(axis=1, keepdims=True)
        exps = np.exp(shifted)
        sums = exps.sum(axis=1, keepdims=True)
        _loss = -(targets * (shifted - np.log(sums))).sum() / BATCH
        grad_logits = (exps / sums - targets) / BATCH
        grad_w2 = hidden.T @ grad_logits
        grad_b2 = grad_logits.sum(axis=0)
        grad_hidden = (grad_logits @ w2.T) * (hidden > 0)
        grad_w1 = x.T @ grad_hidden
        grad_b1 = grad_hidden.sum(axis=0)
        w1 -= LR * grad_w1
        b1 -= LR * grad_b1
        w2 -= LR * grad_w2
        b2 -= LR * grad_b2

    return step, lambda: [w1, b1, w2, b2]


def autograd(m: Any) -> Candidate:
    """The same step on `m`, the softmax written out as it is by hand."""
    x, targets, *parameters = map(m.from_numpy, data())
    w1, b1, w2, b2 = [parameter.requires_grad_() for parameter in parameters]

    def step() -> None:
        hidden = (x @ w1 + b1).relu()
        logits = hidden @ w2 + b2
        shifted = logits - logits.detach().max(1, keepdim=True).values
        log_softmax = shifted - shifted.exp().sum(1, keepdim=True).log()
        loss = -(targets * log_softmax).sum() / BATCH
        loss.backward()
        with m.no_grad():
            for parameter in parameters:
                parameter -= LR * parameter.grad  # in place: that is what is meant
                parameter.grad = None  # as optimizer.zero_grad() does

    return step, lambda: [parameter.detach().numpy() for parameter in parameters]


def benches(libraries: dict[str, Any]) -> list[Bench]:
    """Against both."""
    candidates = {"numpy": by_hand()} | {name: autograd(m) for name, m in libraries.items()}
    limits = {"torch": Limit(1.0), "numpy": Limit(1.15)}
    return [Bench("MLP 784-256-10", candidates, limits, rtol=1e-4, seconds=0.2)]
