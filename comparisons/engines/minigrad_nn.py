"""minigrad's nn and optim: the same file as `torch_nn.py`, but for the import.

Renamed at the import, minigrad takes torch's place; not a line below that knows which of the two
it has.
"""

from collections.abc import Iterator

import minigrad as torch
from comparisons.contract import Step
from comparisons.problem import Problem, Start
from comparisons.schedule import Schedule


def train(problem: Problem, start: Start, schedule: Schedule) -> Iterator[Step]:
    """Trains a linear layer of x² by stochastic gradient descent."""
    x, y = torch.from_numpy(problem.x), torch.from_numpy(problem.y)
    model = torch.nn.Linear(1, 1, dtype=x.dtype)
    with torch.no_grad():
        model.weight.copy_(torch.from_numpy(start.w))
        model.bias.copy_(torch.from_numpy(start.b[0]))
    squared_error = torch.nn.MSELoss(reduction="sum")
    optimizer = torch.optim.SGD(model.parameters(), lr=schedule.lr)
    for rows in schedule.rows(len(x)):
        loss = 0.5 * squared_error(model(x[rows] ** 2), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield Step(loss, model.weight, model.bias, model.weight.grad, model.bias.grad)
