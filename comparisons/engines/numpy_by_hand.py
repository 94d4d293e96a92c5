"""numpy, every derivative found on paper.

With the prediction pᵢ = w xᵢ² + b, the loss of a step is

    L = 1/2 Σ (pᵢ - yᵢ)²

and the chain rule goes through the prediction: ∂L/∂pᵢ = pᵢ - yᵢ, the residual. The prediction's
own derivatives are ∂pᵢ/∂w = xᵢ² and ∂pᵢ/∂b = 1. Every sample feeds the same w and the same b, so
their contributions add up:

    ∂L/∂w = Σ (pᵢ - yᵢ) xᵢ²
    ∂L/∂b = Σ (pᵢ - yᵢ)

Nothing is hidden, and nothing is done for you: another model needs another derivation.
"""

from collections.abc import Iterator

import numpy as np

from comparisons.contract import Step
from comparisons.problem import Problem, Start
from comparisons.schedule import Schedule


def train(problem: Problem, start: Start, schedule: Schedule) -> Iterator[Step]:
    """Trains by the two formulas above."""
    x, y = problem.x, problem.y
    w, b = start.w, start.b
    for rows in schedule.rows(len(x)):
        residual = w * x[rows] ** 2 + b - y[rows]
        loss = 0.5 * np.sum(residual**2)
        dw = np.sum(residual * x[rows] ** 2)
        db = np.sum(residual)
        w = w - schedule.lr * dw
        b = b - schedule.lr * db
        yield Step(loss, w, b, dw, db)
