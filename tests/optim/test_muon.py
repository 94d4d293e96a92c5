"""Muon's steps, settings and state, against torch."""

import pytest

from tests.judge import data, judged

OPTIONS = [
    {},
    {"nesterov": False, "momentum": 0.5, "lr": 0.1},
    {"adjust_lr_fn": "match_rms_adamw", "weight_decay": 0.0},
    {"adjust_lr_fn": "original", "ns_steps": 3, "eps": 1e-3, "momentum": 0.2},
    {"ns_coefficients": (2.0, -1.5, 0.5), "ns_steps": 12},
]


def parameters(t, dtype="float32"):
    shapes = [(5, 3), (3, 8), (4, 4), (1, 6)]
    return [
        t.tensor(data(*shape, seed=i), dtype=getattr(t, dtype), requires_grad=True)
        for i, shape in enumerate(shapes)
    ]


def train(t, optimizer, steps=20, start=0):
    params = [p for group in optimizer.param_groups for p in group["params"]]
    for i in range(start, start + steps):
        for j, p in enumerate(params):
            grad = t.tensor(data(*p.shape, seed=100 + 10 * i + j), dtype=p.dtype)
            p.grad = None if (i + j) % 7 == 3 else grad
        optimizer.step()
    return params


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@judged(ulps=64)
def test_twenty_steps(t, options, dtype):
    optimizer = t.optim.Muon(parameters(t, dtype), **options)
    params = train(t, optimizer)
    # A sum in another order may fall to the other side between two numbers of bfloat16.
    return [p.detach().float() for p in params], [p.dtype for p in params], repr(optimizer)


@judged
def test_groups_and_the_state_in_mid_run(t):
    first, *others = parameters(t)
    groups = [{"params": [first], "lr": t.tensor(0.1), "momentum": 0.3}, {"params": others}]
    optimizer = t.optim.Muon(groups, lr=0.02)
    train(t, optimizer, 5)
    another = t.optim.Muon([{"params": [first]}, {"params": others}])
    another.load_state_dict(optimizer.state_dict())
    params = train(t, another, 5, start=5)
    kept = {str(i): state for i, state in another.state_dict()["state"].items()}
    settings = [sorted(group) for group in another.state_dict()["param_groups"]]
    return params, kept, settings, optimizer.step(lambda: 3.0)


@judged
def test_gradients_of_zeros_and_beyond_the_finite(t):
    made = []
    for value in (0.0, float("inf"), float("nan"), 1e-20):
        p = t.ones(2, 3, requires_grad=True)
        p.grad = t.full((2, 3), value)
        t.optim.Muon([p]).step()
        made.append(p)
    return made


@pytest.mark.parametrize(
    "options",
    [
        {"lr": -1},
        {"lr": float("nan")},
        {"momentum": -0.1},
        {"weight_decay": -1},
        {"adjust_lr_fn": "other"},
        {"ns_steps": 100},
        {"ns_coefficients": (1.0, 2.0)},
        {"maximize": True},
    ],
)
@judged(raises=".")
def test_settings_that_make_no_sense(t, options):
    p = t.ones(2, 2, requires_grad=True)
    p.grad = t.ones(2, 2)
    t.optim.Muon([p], **options).step()


@pytest.mark.parametrize("shape", [(), (3,), (2, 2, 2)])
@judged(raises="Muon only supports 2D parameters")
def test_what_is_no_matrix(t, shape):
    t.optim.Muon([t.ones(shape, requires_grad=True)])


@judged(raises="1-element")
def test_a_learning_rate_of_two_elements(t):
    t.optim.Muon([t.ones(2, 2, requires_grad=True)], lr=t.ones(2))
