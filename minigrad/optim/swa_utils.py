"""A second model whose parameters are averages of those that training goes through; and the
scheduler that goes with it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from copy import deepcopy
from itertools import chain
from typing import Any

from minigrad import dtypes
from minigrad.autograd.modes import no_grad
from minigrad.from_data import tensor
from minigrad.nn.modules.batchnorm import BatchNorm1d, BatchNorm2d, BatchNorm3d
from minigrad.nn.modules.module import Module
from minigrad.optim.lr_scheduler.base import Schedule, for_each_group
from minigrad.optim.optimizer import Optimizer

__all__ = [
    "SWALR",
    "AveragedModel",
    "get_ema_avg_fn",
    "get_ema_multi_avg_fn",
    "get_swa_avg_fn",
    "get_swa_multi_avg_fn",
    "update_bn",
]

Average = Callable[[Any, Any, Any], Any]


def get_swa_avg_fn() -> Average:
    """The average of all, equally weighted: Izmailov et al., "Averaging Weights Leads to Wider
    Optima and Better Generalization" (2018). A function of average, parameter and number so far."""

    def average(averaged: Any, current: Any, num_averaged: Any) -> Any:
        with no_grad():
            return averaged + (current - averaged) / (num_averaged + 1)

    return average


def get_swa_multi_avg_fn() -> Average:
    """As `get_swa_avg_fn`, for ``multi_avg_fn``: a function of lists, which writes into the first.

    Computed as average + (parameter - average) / (number + 1), of floats alone.
    """

    def update(averaged: Any, current: Any, num_averaged: Any) -> None:
        with no_grad():
            weight = 1 / (num_averaged + 1)
            for a, p in zip(averaged, current, strict=True):
                if a.is_floating_point():
                    a.copy_(between(a, p, weight, 1 - weight))
                else:
                    a.addcdiv_(p - a, a)  # raises

    return update


def between(a: Any, p: Any, weight: Any, rest: Any) -> Any:
    """a + weight (p - a), from the nearer end."""
    return a + (p - a) * weight if weight < 0.5 else p - (p - a) * rest


def get_ema_avg_fn(decay: float = 0.999) -> Average:
    """The exponential moving average: decay average + (1 - decay) parameter.

    Raises ValueError for a decay outside of [0, 1].
    """
    check_decay(decay)

    def average(averaged: Any, current: Any, num_averaged: Any) -> Any:
        with no_grad():
            return decay * averaged + (1 - decay) * current

    return average


def get_ema_multi_avg_fn(decay: float = 0.999) -> Average:
    """As `get_ema_avg_fn`, for ``multi_avg_fn``: a function of lists, which writes into the first.

    Computed as average + (1 - decay) (parameter - average), so the last bits differ.
    """
    check_decay(decay)

    def update(averaged: Any, current: Any, num_averaged: Any) -> None:
        with no_grad():
            for a, p in zip(averaged, current, strict=True):
                if a.is_floating_point():
                    a.copy_(between(a, p, 1 - decay, decay))
                else:
                    a.copy_(a * decay + p * (1 - decay))

    return update


def check_decay(decay: float) -> None:
    if not 0.0 <= decay <= 1.0:
        raise ValueError(
            f"Invalid decay value {decay} provided. Please provide a value in [0,1] range."
        )


class AveragedModel(Module):
    """A copy of ``model``; each `update_parameters` takes the model's parameters into the average.

    avg_fn: ``avg_fn(average, parameter, number_so_far)`` gives the new average of one parameter;
    multi_avg_fn writes those of a list. Without either it is `get_swa_avg_fn`'s. use_buffers:
    average the buffers too, which are copied otherwise. Raises AssertionError if both are given.
    """

    def __init__(
        self,
        model: Any,
        device: Any = None,
        avg_fn: Average | None = None,
        multi_avg_fn: Average | None = None,
        use_buffers: bool = False,
    ) -> None:
        super().__init__()
        assert avg_fn is None or multi_avg_fn is None, (
            "Only one of avg_fn and multi_avg_fn should be provided"
        )
        self.module = deepcopy(model)
        self.register_buffer("n_averaged", tensor(0, dtype=dtypes.int64))
        self.avg_fn = avg_fn
        self.multi_avg_fn = multi_avg_fn
        self.use_buffers = use_buffers

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The averaged model's."""
        return self.module(*args, **kwargs)

    def update_parameters(self, model: Any) -> None:
        """Take the parameters of ``model``, as they now are, into the average."""
        averaged, current = self.to_average(self.module), self.to_average(model)
        with no_grad():
            if self.n_averaged == 0:
                copy_all(averaged, current)
            elif self.multi_avg_fn is not None:
                self.multi_avg_fn(averaged, current, self.n_averaged)
            else:
                average = self.avg_fn or get_swa_avg_fn()
                pairs = zip(averaged, current, strict=True)
                copy_all(averaged, [average(a, p, self.n_averaged) for a, p in pairs])
            if not self.use_buffers:
                copy_all(self.module.buffers(), model.buffers())
            self.n_averaged += 1

    def to_average(self, model: Any) -> list[Any]:
        found = chain(model.parameters(), model.buffers() if self.use_buffers else ())
        return [x.detach() for x in found]


def copy_all(targets: Iterable[Any], sources: Iterable[Any]) -> None:
    for target, source in zip(targets, sources, strict=True):
        target.copy_(source)


def update_bn(loader: Iterable[Any], model: Any, device: Any = None) -> None:
    """Compute the running statistics of the model's batch norms anew, in a pass over ``loader``.

    Batches that are lists or tuples begin with the input. Averaged models need this, since nothing
    has ever gone through them.
    """
    norms = [m for m in model.modules() if isinstance(m, BatchNorm1d | BatchNorm2d | BatchNorm3d)]
    if not norms:
        return
    momenta = [norm.momentum for norm in norms]
    was_training = model.training
    model.train()
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    with no_grad():
        for batch in loader:
            model(batch[0] if isinstance(batch, list | tuple) else batch)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    model.train(was_training)


class SWALR(Schedule):
    """From the rate that there is to ``swa_lr`` in ``anneal_epochs``, where it then stays.

    swa_lr: a number, or one for each group. anneal_strategy: "cos", along a cosine, or "linear".
    Raises ValueError for another strategy or number of epochs.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        swa_lr: Any,
        anneal_epochs: Any = 10,
        anneal_strategy: str = "cos",
        last_epoch: int = -1,
    ) -> None:
        wanted = for_each_group(optimizer, "swa_lr", swa_lr)
        for group, rate in zip(optimizer.param_groups, wanted, strict=True):
            group["swa_lr"] = rate
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                "anneal_strategy must be one of 'cos' or 'linear', instead got " + anneal_strategy
            )
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(f"anneal_epochs must be equal or greater than 0, got {anneal_epochs}")
        self._anneal_strategy = anneal_strategy
        self.anneal_epochs = anneal_epochs
        super().__init__(optimizer, last_epoch)

    def weight(self, step: int) -> float:
        """How much of the rate is the final one after ``step`` epochs."""
        t = max(0, min(1, step / max(1, self.anneal_epochs)))
        return (1 - math.cos(math.pi * t)) / 2 if self._anneal_strategy == "cos" else t

    def rates(self) -> list[Any]:
        step = self._step_count - 1
        if self.anneal_epochs == 0:
            step = max(1, step)
        before, now = self.weight(step - 1), self.weight(step)
        rates = []
        for group in self.optimizer.param_groups:
            rate, final = group["lr"], group["swa_lr"]
            first = final if before == 1 else (rate - before * final) / (1 - before)
            rates.append(final * now + first * (1 - now))
        return rates
