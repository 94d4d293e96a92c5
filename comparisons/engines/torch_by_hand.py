"""torch as another numpy: its Tensors, the gradients still derived by hand.

The formulas are those of `numpy_by_hand.py`; nothing asks for a gradient, so autograd sleeps.
"""

from collections.abc import Iterator

import torch

from comparisons.contract import Step
from comparisons.problem import Problem, Start
from comparisons.schedule import Schedule


def train(problem: Problem, start: Start, schedule: Schedule) -> Iterator[Step]:
    """Trains by the hand-derived formulas on torch Tensors."""
    x, y = torch.from_numpy(problem.x), torch.from_numpy(problem.y)
    w, b = torch.from_numpy(start.w), torch.from_numpy(start.b)
    for rows in schedule.rows(len(x)):
        residual = w * x[rows] ** 2 + b - y[rows]
        loss = 0.5 * (residual**2).sum()
        dw = (residual * x[rows] ** 2).sum()
        db = residual.sum()
        w = w - schedule.lr * dw
        b = b - schedule.lr * db
        yield Step(loss, w, b, dw, db)
