"""L-BFGS, whose steps depend on the loss, against torch's."""

import numpy as np
import pytest

from tests.judge import both, judged

OPTIONS = [
    dict(lr=0.001),
    dict(lr=0.01, max_iter=4, history_size=3),
    dict(line_search_fn="strong_wolfe"),
    dict(line_search_fn="strong_wolfe", max_iter=5, history_size=2),
    dict(line_search_fn="strong_wolfe", max_eval=7),
    dict(line_search_fn="strong_wolfe", lr=30.0),
]


def rosenbrock(t):
    x = t.tensor(np.array([-1.5, 2.0, 0.5, 1.2]), requires_grad=True)
    return [x], lambda: (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def least_squares(t):
    random = np.random.RandomState(0)
    a, b, w = [t.tensor(random.randn(20, n)) for n in (5, 1, 5)]
    w = w[0].reshape(5, 1).detach().requires_grad_()
    c = t.tensor(np.float64(0.3), requires_grad=True)
    return [w, c], lambda: ((a @ w + c - b) ** 2).mean()


def wiggles(t):
    x = t.tensor(np.array([3.0, -2.0]), requires_grad=True)
    return [x], lambda: (x**2 / 10 + t.sin(3 * x)).sum()


@pytest.mark.torch
@pytest.mark.parametrize("problem", [rosenbrock, least_squares, wiggles])
@pytest.mark.parametrize("options", OPTIONS)
def test_steps(problem, options):
    def steps(t):
        params, loss = problem(t)
        optimizer = t.optim.LBFGS(params, **options)
        calls = []

        def closure():
            optimizer.zero_grad()
            now = loss()
            now.backward()
            calls.append(now.item())
            return now

        losses = [optimizer.step(closure).item() for _ in range(3)]
        state = optimizer.state_dict()["state"][0]
        counts = [state["n_iter"], state["func_evals"], len(state.get("old_dirs", []))]
        return losses, [p.detach() for p in params], calls, counts, sorted(state)

    both(steps, ulps=1e4)


@judged(ulps=1e4)
def test_a_parameter_without_gradient_and_a_round_trip(t):
    def closure():
        optimizer.zero_grad()
        loss = ((x - 1) ** 4).sum()
        loss.backward()
        return loss

    x = t.tensor(np.array([3.0, -2.0]), requires_grad=True)
    unused = t.ones(2, dtype=t.float64, requires_grad=True)
    optimizer = t.optim.LBFGS([x, unused], lr=0.1, max_iter=3)
    optimizer.step(closure)
    kept = optimizer.state_dict()
    optimizer = t.optim.LBFGS([x, unused])
    optimizer.load_state_dict(kept)
    optimizer.step(closure)
    return x.detach(), unused, repr(optimizer)


@judged(raises="parameter groups")
def test_groups(t):
    t.optim.LBFGS([{"params": [t.ones(1)]}, {"params": [t.ones(2)]}])


@judged(raises="Expected exactly one param_group, but got 2")
def test_a_group_added_later(t):
    optimizer = t.optim.LBFGS([t.ones(1, requires_grad=True)])
    optimizer.add_param_group({"params": [t.ones(2)]})
    optimizer.step(lambda: t.ones(()))


@judged(raises="only 'strong_wolfe' is supported")
def test_an_unknown_line_search(t):
    x = t.ones(2, requires_grad=True)
    optimizer = t.optim.LBFGS([x], line_search_fn="golden section")

    def closure():
        loss = (x * x).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
