"""Averaged models, against torch's."""

import numpy as np
import pytest

from tests.judge import judged

AVERAGES = {
    "all": lambda utils: {},
    "ema": lambda utils: {"avg_fn": utils.get_ema_avg_fn(0.9)},
    "swa of lists": lambda utils: {"multi_avg_fn": utils.get_swa_multi_avg_fn()},
    "ema of lists": lambda utils: {"multi_avg_fn": utils.get_ema_multi_avg_fn(0.9)},
    "short ema of lists": lambda utils: {"multi_avg_fn": utils.get_ema_multi_avg_fn(0.3)},
    "own": lambda utils: {"avg_fn": lambda a, p, n: a + (p - a) / (n + 2)},
    "buffers": lambda utils: {"avg_fn": utils.get_ema_avg_fn(), "use_buffers": True},
}


def a_model(t):
    random = np.random.RandomState(0)
    model = t.nn.Sequential(t.nn.Linear(3, 2), t.nn.BatchNorm1d(2))
    with t.no_grad():
        for p in model.parameters():
            p.copy_(t.tensor(random.randn(*p.shape).astype("float32")))
    return model, [t.tensor(random.randn(5, 3).astype("float32")) for _ in range(4)]


@pytest.mark.parametrize("name", AVERAGES)
@judged(ulps=32)
def test_averages(t, name):
    utils = t.optim.swa_utils
    model, batches = a_model(t)
    averaged = utils.AveragedModel(model, **AVERAGES[name](utils))
    optimizer = t.optim.SGD(model.parameters(), lr=0.01)
    for batch in batches:
        optimizer.zero_grad()
        ((model(batch) - batch[:, :2]) ** 2).mean().backward()
        optimizer.step()
        averaged.update_parameters(model)
    before = {key: x.clone() for key, x in averaged.state_dict().items()}
    utils.update_bn([(batch, 1) for batch in batches], averaged)
    return before, averaged(batches[0]).detach(), averaged.module[1].momentum, averaged.training


@judged(raises="Invalid decay value")
def test_a_decay_beyond_1(t):
    t.optim.swa_utils.get_ema_avg_fn(1.5)


@judged(raises="Only one of avg_fn and multi_avg_fn")
def test_both_kinds_of_average(t):
    utils = t.optim.swa_utils
    utils.AveragedModel(t.nn.Linear(1, 1), avg_fn=len, multi_avg_fn=len)


SCHEDULES = [
    {"swa_lr": 0.05},
    {"swa_lr": [0.05, 0.5], "anneal_epochs": 4, "anneal_strategy": "linear"},
    {"swa_lr": 0.05, "anneal_epochs": 0},
]


@judged(ulps=0)
@pytest.mark.parametrize("settings", SCHEDULES)
def test_rates(t, settings):
    x, y = [t.nn.Parameter(t.zeros(2)) for _ in range(2)]
    optimizer = t.optim.SGD([{"params": [x]}, {"params": [y], "lr": 0.2}], lr=0.1)
    scheduler = t.optim.swa_utils.SWALR(optimizer, **settings)
    seen = []
    for _ in range(12):
        optimizer.step()
        scheduler.step()
        seen.append(scheduler.get_last_lr())
    return seen, optimizer.param_groups[0]["swa_lr"], scheduler.state_dict()["anneal_epochs"]


@judged(raises="anneal_strategy must be one of|anneal_epochs must be")
@pytest.mark.parametrize("wrong", [{"anneal_strategy": "exp"}, {"anneal_epochs": -1}])
def test_wrong_settings(t, wrong):
    t.optim.swa_utils.SWALR(t.optim.SGD([t.nn.Parameter(t.zeros(1))], lr=1.0), 0.1, **wrong)
