"""The article's step: 100 points, float64, the loss 1/2 Σ (w x² + b - y)²."""

from __future__ import annotations

from typing import Any

import numpy as np
from measuring import Bench, Candidate, Limit

from comparisons.problem import draw_problem

LR = 0.001


def by_hand() -> Candidate:
    """The article's first listing: x² is evaluated wherever the formulas have it."""
    problem, start = draw_problem()
    x, y, w, b = problem.x, problem.y, start.w.copy(), start.b.copy()

    def step() -> None:
        nonlocal w, b
        pred = np.power(x, 2) * w + b
        loss = 0.5 * (pred - y) ** 2
        loss = loss.sum()
        grad_w = np.sum((pred - y) * np.power(x, 2))
        grad_b = np.sum(pred - y)
        w -= LR * grad_w
        b -= LR * grad_b

    return step, lambda: [w, b]


def autograd(m: Any) -> Candidate:
    """The same step on `m`, minigrad or torch: the article's second listing."""
    problem, start = draw_problem()
    x, y = m.from_numpy(problem.x), m.from_numpy(problem.y)
    w = m.from_numpy(start.w).requires_grad_()
    b = m.from_numpy(start.b).requires_grad_()

    def step() -> None:
        nonlocal w, b
        pred = x.pow(2).mm(w) + b
        loss = 0.5 * (pred - y) ** 2
        loss = loss.sum()
        loss.backward()
        with m.no_grad():
            w -= LR * w.grad
            b -= LR * b.grad
            w.grad.zero_()
            b.grad.zero_()

    return step, lambda: [w.detach().numpy(), b.detach().numpy()]


def benches(libraries: dict[str, Any]) -> list[Bench]:
    """Against both: the hand-written numpy is what no engine can beat."""
    candidates = {"numpy": by_hand()} | {name: autograd(m) for name, m in libraries.items()}
    limits = {"torch": Limit(0.5), "numpy": Limit(3.2, goal=2.5)}
    return [Bench("article's step", candidates, limits, rtol=1e-12, seconds=0.05)]
