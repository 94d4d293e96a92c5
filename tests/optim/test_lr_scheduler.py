"""The learning rates of every scheduler over 100 epochs, bit for bit torch's."""

import math
import warnings

import numpy as np
import pytest

import minigrad
from tests.judge import both_raise, judged

EPOCHS = 100

# Schedulers in schedulers make it, in torch too.
pytestmark = pytest.mark.filterwarnings("ignore:Detected call of")


class Scale:
    """A callable with attributes, which state dicts keep."""

    def __init__(self, base):
        self.base = base

    def __call__(self, epoch):
        return self.base**epoch


SCHEDULES = {
    "lambda": lambda s, o: s.LambdaLR(o, [lambda e: 0.95**e, Scale(0.9)]),
    "multiplicative": lambda s, o: s.MultiplicativeLR(o, lambda e: 0.95 + e * 1e-4),
    "step": lambda s, o: s.StepLR(o, 7, 0.3),
    "milestones": lambda s, o: s.MultiStepLR(o, [3, 10, 10, 40], 0.5),
    "constant": lambda s, o: s.ConstantLR(o, 0.3, 9),
    "linear": lambda s, o: s.LinearLR(o, 0.2, 0.9, 17),
    "exponential": lambda s, o: s.ExponentialLR(o, 0.97),
    "polynomial": lambda s, o: s.PolynomialLR(o, 50, 2.0),
    "cosine": lambda s, o: s.CosineAnnealingLR(o, 13, 0.001),
    "half a cosine": lambda s, o: s.CosineAnnealingLR(o, 100),
    "restarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, 5, 2, 0.01),
    "equal restarts": lambda s, o: s.CosineAnnealingWarmRestarts(o, 7),
    "chained": lambda s, o: s.ChainedScheduler([s.ConstantLR(o, 0.1, 20), s.ExponentialLR(o, 0.9)]),
    "sequential": lambda s, o: s.SequentialLR(
        o,
        [s.LinearLR(o, 0.1, total_iters=10), s.CosineAnnealingLR(o, 40), s.StepLR(o, 9)],
        [10, 50],
    ),
    "nested": lambda s, o: s.SequentialLR(
        o,
        [s.SequentialLR(o, [s.StepLR(o, 3), s.PolynomialLR(o, 20)], [4]), s.ConstantLR(o, 0.1, 5)],
        [10],
    ),
    "triangular": lambda s, o: s.CyclicLR(o, 0.01, [0.1, 0.2], 7, 11),
    "triangular2": lambda s, o: s.CyclicLR(o, 0.01, 0.1, 7, mode="triangular2"),
    "exp_range": lambda s, o: s.CyclicLR(
        o, 0.01, 0.1, 7, mode="exp_range", gamma=0.99, cycle_momentum=False
    ),
    "own cycles": lambda s, o: s.CyclicLR(
        o, 0.01, 0.1, 7, scale_fn=Scale(0.97), scale_mode="iterations"
    ),
    "one cycle": lambda s, o: s.OneCycleLR(o, 0.3, total_steps=EPOCHS),
    "three phases": lambda s, o: s.OneCycleLR(
        o, [0.3, 0.1], epochs=10, steps_per_epoch=10, three_phase=True, anneal_strategy="linear"
    ),
    "short rise": lambda s, o: s.OneCycleLR(
        o, 0.3, total_steps=EPOCHS, pct_start=0.1, cycle_momentum=False
    ),
    "plateau": lambda s, o: s.ReduceLROnPlateau(o, "min", 0.5, 2, cooldown=2, min_lr=[1e-3, 1e-4]),
    "plateau, max": lambda s, o: s.ReduceLROnPlateau(
        o, "max", 0.5, 1, threshold=0.1, threshold_mode="abs"
    ),
}

every_schedule = pytest.mark.parametrize("name", SCHEDULES)


def an_optimizer(t, kind="SGD", rate=lambda number: number):
    """Two groups, with gradients."""
    first, second = t.ones(2, requires_grad=True), t.ones(1, requires_grad=True)
    groups = [{"params": first}, {"params": second, "lr": rate(0.03)}]
    first.grad, second.grad = t.ones(2), t.ones(1)
    options = {"momentum": 0.9} if kind == "SGD" else {}
    return getattr(t.optim, kind)(groups, lr=rate(0.1), **options)


def settings(optimizer):
    """What schedulers change, as text: the same only if every bit is."""
    names = ("lr", "initial_lr", "max_lr", "min_lr", "momentum", "betas", "max_momentum")
    return [[str(group.get(name)) for name in names] for group in optimizer.param_groups]


def epoch(name, optimizer, scheduler, i):
    optimizer.step()
    scheduler.step(*([math.sin(i * i)] if "plateau" in name else []))
    return [*settings(optimizer), [str(rate) for rate in scheduler.get_last_lr()]]


def text(x):
    """A state dict with its numbers as text."""
    if isinstance(x, dict):
        return {str(key): text(value) for key, value in x.items()}
    return [text(each) for each in x] if isinstance(x, list | tuple) else str(x)


@every_schedule
@pytest.mark.parametrize("kind", ["SGD", "Adam"])
@judged
def test_the_rates_of_a_hundred_epochs(t, name, kind):
    optimizer = an_optimizer(t, kind)
    scheduler = SCHEDULES[name](t.optim.lr_scheduler, optimizer)
    start = settings(optimizer), [str(rate) for rate in scheduler.get_last_lr()]
    seen = [epoch(name, optimizer, scheduler, i) for i in range(EPOCHS)]
    return start, seen, text(scheduler.state_dict())


@every_schedule
@judged
def test_a_round_trip_of_the_state_in_mid_run(t, name):
    schedulers = t.optim.lr_scheduler
    optimizer = an_optimizer(t)
    scheduler = SCHEDULES[name](schedulers, optimizer)
    for i in range(8):
        epoch(name, optimizer, scheduler, i)
    kept = scheduler.state_dict(), optimizer.state_dict()
    optimizer = an_optimizer(t)
    scheduler = SCHEDULES[name](schedulers, optimizer)
    scheduler.load_state_dict(kept[0])
    optimizer.load_state_dict(kept[1])
    return [epoch(name, optimizer, scheduler, i) for i in range(12)], text(scheduler.state_dict())


@every_schedule
@judged
def test_rates_that_are_tensors_are_written_to(t, name):
    rates = [t.tensor(0.1), t.tensor(0.03)]
    optimizer = an_optimizer(t, rate=lambda number: rates[number < 0.1])
    scheduler = SCHEDULES[name](t.optim.lr_scheduler, optimizer)
    seen = [epoch(name, optimizer, scheduler, i) for i in range(12)]
    same = [group["lr"] is rate for group, rate in zip(optimizer.param_groups, rates, strict=True)]
    return seen, same


@pytest.mark.filterwarnings("ignore:The epoch parameter")
@pytest.mark.parametrize("name", sorted(SCHEDULES.keys() - {"chained", "sequential", "nested"}))
@judged
def test_the_epoch_may_be_given(t, name):
    optimizer = an_optimizer(t)
    scheduler = SCHEDULES[name](t.optim.lr_scheduler, optimizer)
    optimizer.step()
    seen = []
    for i in (3, 4, 20, 7):
        scheduler.step(*([0.5] if "plateau" in name else []), epoch=i)
        seen.append([*settings(optimizer), scheduler.last_epoch])
    return seen


@judged
def test_fractions_of_an_epoch(t):
    optimizer = an_optimizer(t)
    scheduler = t.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, 2, 3)
    seen = []
    for i in range(40):
        scheduler.step(i / 3)
        seen.append(settings(optimizer))
    return seen


@judged
def test_going_on_from_the_last_epoch(t):
    optimizer = an_optimizer(t)
    for group in optimizer.param_groups:
        group["initial_lr"] = 0.2
    scheduler = t.optim.lr_scheduler.CosineAnnealingLR(optimizer, 10, last_epoch=4)
    seen = [settings(optimizer)]
    for i in range(5):
        seen.append(epoch("cosine", optimizer, scheduler, i))
    return seen


def heard(f):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        f()
    return [str(each.message) for each in caught]


@judged
def test_warnings_about_the_order_of_steps(t):
    optimizer = an_optimizer(t)
    optimizer.step()
    scheduler = t.optim.lr_scheduler.StepLR(optimizer, 1)
    before = heard(scheduler.step)
    again = heard(scheduler.step)
    scheduler = t.optim.lr_scheduler.StepLR(optimizer, 1)
    optimizer.step()
    right = heard(scheduler.step)
    scheduler = t.optim.lr_scheduler.StepLR(optimizer, 1)
    optimizer.step = lambda: None
    replaced = heard(scheduler.step)
    return before, again, right, replaced, heard(scheduler.get_lr), heard(lambda: scheduler.step(3))


@judged
def test_a_scheduler_of_ones_own(t):
    class Halve(t.optim.lr_scheduler.LRScheduler):
        def get_lr(self):
            return [base / 2**self.last_epoch for base in self.base_lrs]

    optimizer = an_optimizer(t)
    scheduler = Halve(optimizer)
    return [epoch("halve", optimizer, scheduler, i) for i in range(3)], scheduler.state_dict()


@judged
def test_what_replaces_the_reduction_of_a_plateau_is_told_the_epoch(t):
    scheduler = t.optim.lr_scheduler.ReduceLROnPlateau(t.optim.SGD([t.ones(2)]), patience=0)
    told = []
    scheduler._reduce_lr = told.append
    for loss in (1.0, 2.0, 0.5, 3.0):
        scheduler.step(loss)
    return told


@judged
def test_a_plateau_for_groups_that_came_later(t):
    optimizer = an_optimizer(t)
    scheduler = t.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=0)
    optimizer.add_param_group({"params": [t.ones(1)]})
    for metric in (t.tensor(1.0), 2.0, np.float64(2.0)):
        scheduler.step(metric)
    return settings(optimizer)


INVALID = {
    "no optimizer": lambda s, o: s.StepLR(3, 3),
    "no optimizer, plateau": lambda s, o: s.ReduceLROnPlateau(3),
    "no optimizer, cycle": lambda s, o: s.OneCycleLR(3, 0.1, 10),
    "two lambdas": lambda s, o: s.LambdaLR(o, [len]),
    "no function": lambda s, o: s.MultiplicativeLR(o, 3),
    "large factor": lambda s, o: s.ConstantLR(o, 1.5),
    "no start": lambda s, o: s.LinearLR(o, 0.0),
    "large end": lambda s, o: s.LinearLR(o, end_factor=1.5),
    "no T_0": lambda s, o: s.CosineAnnealingWarmRestarts(o, 0),
    "fractional T_0": lambda s, o: s.CosineAnnealingWarmRestarts(o, 2.5),
    "no T_mult": lambda s, o: s.CosineAnnealingWarmRestarts(o, 2, 0),
    "eta_min in words": lambda s, o: s.CosineAnnealingWarmRestarts(o, 2, 1, "0"),
    "negative epoch": lambda s, o: s.CosineAnnealingWarmRestarts(o, 2).step(-1),
    "nothing to do": lambda s, o: s.SequentialLR(o, [], []),
    "milestones": lambda s, o: s.SequentialLR(o, [s.StepLR(o, 3)], [3]),
    "a plateau in it": lambda s, o: s.SequentialLR(o, [s.ReduceLROnPlateau(o)], []),
    "no scheduler": lambda s, o: s.SequentialLR(o, [3], []),
    "nothing to chain": lambda s, o: s.ChainedScheduler([]),
    "a plateau in the chain": lambda s, o: s.ChainedScheduler([s.ReduceLROnPlateau(o)]),
    "factor 1": lambda s, o: s.ReduceLROnPlateau(o, factor=1.0),
    "unknown mode": lambda s, o: s.ReduceLROnPlateau(o, "least"),
    "unknown threshold mode": lambda s, o: s.ReduceLROnPlateau(o, threshold_mode="least"),
    "three min_lr": lambda s, o: s.ReduceLROnPlateau(o, min_lr=[1, 2, 3]),
    "a metric in words": lambda s, o: s.ReduceLROnPlateau(o).step("low"),
    "unknown cycle": lambda s, o: s.CyclicLR(o, 0.1, 0.2, mode="square"),
    "three base_lr": lambda s, o: s.CyclicLR(o, [1, 2, 3], 0.2),
    "no steps": lambda s, o: s.OneCycleLR(o, 0.1),
    "zero steps": lambda s, o: s.OneCycleLR(o, 0.1, 0),
    "zero epochs": lambda s, o: s.OneCycleLR(o, 0.1, epochs=0, steps_per_epoch=1),
    "fractional epochs": lambda s, o: s.OneCycleLR(o, 0.1, epochs=2, steps_per_epoch=1.5),
    "pct_start": lambda s, o: s.OneCycleLR(o, 0.1, 10, pct_start=1),
    "anneal_strategy": lambda s, o: s.OneCycleLR(o, 0.1, 10, anneal_strategy="log"),
    "a step too many": lambda s, o: [
        one.step() for one in [s.OneCycleLR(o, 0.1, 2)] for _ in "abc"
    ],
}


@pytest.mark.torch
@pytest.mark.parametrize("what", INVALID)
def test_errors(what):
    both_raise(lambda t: INVALID[what](t.optim.lr_scheduler, an_optimizer(t)))


def test_going_on_with_groups_that_never_started() -> None:
    with pytest.raises(KeyError, match="param 'initial_lr' is not specified in param_groups"):
        minigrad.optim.lr_scheduler.StepLR(an_optimizer(minigrad), 3, last_epoch=3)


@judged(raises="must support momentum or beta1")
def test_cycling_a_momentum_that_is_not_there(t):
    optimizer = t.optim.Adagrad([t.ones(2)])
    t.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=10)


@judged(raises="same optimizer")
def test_schedulers_of_different_optimizers(t):
    one, other = an_optimizer(t), an_optimizer(t)
    t.optim.lr_scheduler.SequentialLR(one, [t.optim.lr_scheduler.StepLR(other, 3)], [])


@judged(raises="differs from when")
def test_a_plateau_with_limits_for_fewer_groups(t):
    optimizer = an_optimizer(t)
    scheduler = t.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=0, min_lr=[0.1, 0.1])
    optimizer.add_param_group({"params": [t.ones(1)]})
    scheduler.step(1.0)
    scheduler.step(1.0)
