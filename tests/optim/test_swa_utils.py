"""Averaged models, against torch's."""

import numpy as np
import pytest

from tests.judge import judged

AVERAGES = {
    "all": lambda utils: {},
    "ema": lambda utils: {"avg_fn": utils.get_ema_avg_fn(0.9)},
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
