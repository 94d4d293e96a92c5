"""minigrad: write the loss, ask for its gradient.

`loss.backward()` does the derivation of `numpy_by_hand.py`. What is left to remember is torch's
bargain: update under `no_grad`, or the update becomes part of the graph; and zero the gradients,
or the next step adds to them.
"""

from collections.abc import Iterator

import minigrad
from comparisons.contract import Step
from comparisons.problem import Problem, Start
from comparisons.schedule import Schedule


def train(problem: Problem, start: Start, schedule: Schedule) -> Iterator[Step]:
    """Trains by minigrad's autograd."""
    x, y = minigrad.from_numpy(problem.x), minigrad.from_numpy(problem.y)
    w = minigrad.tensor(start.w, requires_grad=True)
    b = minigrad.tensor(start.b, requires_grad=True)
    for rows in schedule.rows(len(x)):
        prediction = w * x[rows] ** 2 + b
        loss = 0.5 * ((prediction - y[rows]) ** 2).sum()
        loss.backward()
        with minigrad.no_grad():
            w -= schedule.lr * w.grad
            b -= schedule.lr * b.grad
        yield Step(loss, w, b, w.grad, b.grad)
        w.grad.zero_()
        b.grad.zero_()
