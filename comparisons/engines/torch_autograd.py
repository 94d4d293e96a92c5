"""torch's autograd: the same loop as `minigrad_autograd.py`, but for the name of the library."""

from collections.abc import Iterator

import torch

from comparisons.contract import Step
from comparisons.problem import Problem, Start
from comparisons.schedule import Schedule


def train(problem: Problem, start: Start, schedule: Schedule) -> Iterator[Step]:
    """Trains by torch's autograd."""
    x, y = torch.from_numpy(problem.x), torch.from_numpy(problem.y)
    w = torch.tensor(start.w, requires_grad=True)
    b = torch.tensor(start.b, requires_grad=True)
    for rows in schedule.rows(len(x)):
        prediction = w * x[rows] ** 2 + b
        loss = 0.5 * ((prediction - y[rows]) ** 2).sum()
        loss.backward()
        with torch.no_grad():
            w -= schedule.lr * w.grad
            b -= schedule.lr * b.grad
        yield Step(loss, w, b, w.grad, b.grad)
        w.grad.zero_()
        b.grad.zero_()
