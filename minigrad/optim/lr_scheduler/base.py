"""The base of all schedulers: the count of epochs, and what is done to the groups at each."""

from __future__ import annotations

import warnings
from typing import Any

from minigrad.autograd.value import Value
from minigrad.optim.optimizer import Optimizer

ADVICE = (
    "See more details at https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate"
)
OVERRIDDEN = (
    "Seems like `optimizer.step()` has been overridden after learning rate scheduler "
    "initialization. Please, make sure to call `optimizer.step()` before `lr_scheduler.step()`. "
    f"{ADVICE}"
)
TOO_EARLY = (
    "Detected call of `lr_scheduler.step()` before `optimizer.step()`. In PyTorch 1.1.0 and later, "
    "you should call them in the opposite order: `optimizer.step()` before `lr_scheduler.step()`.  "
    "Failure to do this will result in PyTorch skipping the first value of the learning rate "
    f"schedule. {ADVICE}"
)
EPOCH_GIVEN = (
    "The epoch parameter in `scheduler.step()` was not necessary and is being deprecated where "
    "possible. Please use `scheduler.step()` to step the scheduler. During the deprecation, if "
    "epoch is different from None, the closed form is used instead of the new chainable form, "
    "where available. Please open an issue if you are unable to replicate your use case: "
    "https://github.com/pytorch/pytorch/issues/new/choose."
)
ASKED_OUTSIDE = (
    "To get the last learning rate computed by the scheduler, please use `get_last_lr()`."
)


class LRScheduler:
    """Base class of schedulers, for your own ones too: a subclass defines ``get_lr()``.

    ``get_lr()`` returns the learning rate of each group at the epoch ``self.last_epoch``; it may
    use the rates now in the groups, and ``self.base_lrs``, those at the start. Call ``step()``
    once an epoch (or batch), after the optimizer's.

    last_epoch: -1 starts from the groups' rates; to go on, the number of the last epoch, for groups
    that have an "initial_lr", as loaded ones do. Raises KeyError for one that has not.
    """

    _get_lr_called_within_step = False
    _is_initial = False

    optimizer: Optimizer
    last_epoch: int
    base_lrs: list[Any]
    _last_lr: list[Any]

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer = need_optimizer(optimizer)
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", own_copy(group["lr"]))
            elif "initial_lr" not in group:
                raise KeyError(
                    f"param 'initial_lr' is not specified in param_groups[{i}] when resuming "
                    "scheduler with last_epoch >= 0.\nLoad the optimizer's state before you make "
                    "the scheduler, or start with last_epoch=-1."
                )
        self.base_lrs = rates_of(optimizer, "initial_lr")
        self.last_epoch = last_epoch
        optimizer.watch_steps()
        self._initial_step()

    def _initial_step(self) -> None:
        self._step_count = 0
        self._is_initial = True
        try:
            self.step()
        finally:
            self._is_initial = False

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimizer: what to save."""
        return {key: value for key, value in self.__dict__.items() if key != "optimizer"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on where the scheduler of this `state_dict` was."""
        self.__dict__.update(state_dict)

    def get_last_lr(self) -> list[Any]:
        """The learning rate of each group since the last ``step()``."""
        return self._last_lr

    def get_lr(self) -> list[Any]:
        """The learning rate of each group at this epoch; called by ``step()``."""
        raise NotImplementedError

    def step(self, epoch: int | None = None) -> None:
        """Go on to the next epoch, and set the groups' learning rates for it."""
        if self._step_count == 1:
            if not hasattr(self.optimizer.step, "hooked"):
                warnings.warn(OVERRIDDEN, UserWarning, stacklevel=2)
            elif not self.optimizer.stepped:
                warnings.warn(TOO_EARLY, UserWarning, stacklevel=2)
        self._step_count += 1
        if epoch is not None:
            warnings.warn(EPOCH_GIVEN, UserWarning, stacklevel=2)
        self._update_lr(epoch)

    def _update_lr(self, epoch: int | None = None) -> None:
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        closed = None if epoch is None else getattr(self, "_get_closed_form_lr", None)
        self._set_rates(self._asked() if closed is None else closed())

    def _asked(self) -> list[Any]:
        self._get_lr_called_within_step = True
        try:
            return self.get_lr()
        finally:
            self._get_lr_called_within_step = False

    def _set_rates(self, rates: list[Any]) -> None:
        for group, rate in zip(self.optimizer.param_groups, rates, strict=True):
            set_rate(group, rate)
        self._last_lr = rates_of(self.optimizer, "lr")


class Schedule(LRScheduler):
    """A scheduler of this package: ``rates()`` computes what ``get_lr()`` returns."""

    def get_lr(self) -> list[Any]:
        """The learning rate of each group at this epoch; called by ``step()``."""
        if not self._get_lr_called_within_step:
            warnings.warn(ASKED_OUTSIDE, UserWarning, stacklevel=2)
        return self.rates()

    def rates(self) -> list[Any]:
        raise NotImplementedError


class Multiplied(Schedule):
    """A scheduler that multiplies the rates of all groups by the same number at each epoch."""

    def multiplier(self) -> float:
        """What the rates are multiplied by at this epoch."""
        raise NotImplementedError

    def total(self) -> float:
        """The product of all multipliers so far."""
        raise NotImplementedError

    def rates(self) -> list[Any]:
        multiplier = self.multiplier()
        return [group["lr"] * multiplier for group in self.optimizer.param_groups]

    def _get_closed_form_lr(self) -> list[Any]:
        total = self.total()
        return [base * total for base in self.base_lrs]


def need_optimizer(optimizer: Any) -> Optimizer:
    """Raise TypeError for what is no optimizer."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")
    return optimizer


def own_copy(rate: Any) -> Any:
    """A rate that later writes to the group's do not change."""
    return rate.clone() if isinstance(rate, Value) else rate


def rates_of(optimizer: Optimizer, key: str) -> list[Any]:
    """A setting of all groups."""
    return [own_copy(group[key]) for group in optimizer.param_groups]


def set_rate(group: dict[str, Any], rate: Any) -> None:
    """Set a group's learning rate; a tensor is written to."""
    if isinstance(group["lr"], Value):
        group["lr"].fill_(float(rate))
    else:
        group["lr"] = rate


def for_each_group(optimizer: Optimizer, name: str, setting: Any) -> list[Any]:
    """A setting given once for all groups, or in a list for each."""
    groups = len(optimizer.param_groups)
    if not isinstance(setting, list | tuple):
        setting = [setting] * groups
    elif len(setting) != groups:
        raise ValueError(
            f"{name} must have the same length as optimizer.param_groups. {name} has "
            f"{len(setting)} values, param_groups has {groups}."
        )
    return [own_copy(each) for each in setting]


def without_functions(functions: list[Any]) -> list[Any]:
    """For a state dict: the attributes of callable objects; None for plain functions."""
    plain = type(without_functions)
    return [None if isinstance(f, plain) else f.__dict__.copy() for f in functions]
