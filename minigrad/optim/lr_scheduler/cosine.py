"""Cosine annealing: Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts"
(2017)."""

from __future__ import annotations

from math import cos, floor, log, pi
from typing import Any

from minigrad.optim.lr_scheduler.base import Schedule, rates_of
from minigrad.optim.optimizer import Optimizer


class CosineAnnealingLR(Schedule):
    """Half a period of a cosine, from the initial rate down to eta_min in T_max epochs::

        eta_min + (base - eta_min) (1 + cos(pi epoch / T_max)) / 2

    computed from the rate before, so that others may change it on the way; up again afterwards.
    """

    def __init__(
        self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def rates(self) -> list[Any]:
        groups, low = self.optimizer.param_groups, self.eta_min
        if self._is_initial:
            return rates_of(self.optimizer, "lr")
        if self._step_count == 1 and self.last_epoch > 0:
            height = 1 + cos(self.last_epoch * pi / self.T_max)
            return [low + (base - low) * height / 2 for base in self.base_lrs]
        if (self.last_epoch - 1 - self.T_max) % (2 * self.T_max) == 0:
            # The rate before was eta_min, and its distance from there 0.
            height = 1 - cos(pi / self.T_max)
            pairs = zip(self.base_lrs, groups, strict=True)
            return [group["lr"] + (base - low) * height / 2 for base, group in pairs]
        now, before = [1 + cos(pi * n / self.T_max) for n in (self.last_epoch, self.last_epoch - 1)]
        return [now / before * (group["lr"] - low) + low for group in groups]

    def _get_closed_form_lr(self) -> list[Any]:
        height = 1 + cos(pi * self.last_epoch / self.T_max)
        return [self.eta_min + (base - self.eta_min) * height / 2 for base in self.base_lrs]


class CosineAnnealingWarmRestarts(Schedule):
    """Cosine annealing that starts anew after T_0 epochs, after T_0 T_mult more, and so on.

    ``step(epoch)`` may be given a fraction, of a batch in its epoch. Raises ValueError for T_0 and
    T_mult that are not integers from 1 on, and for a negative epoch.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        T_0: int,
        T_mult: int = 1,
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        if T_0 <= 0 or not isinstance(T_0, int):
            raise ValueError(f"Expected positive integer T_0, but got {T_0}")
        if T_mult < 1 or not isinstance(T_mult, int):
            raise ValueError(f"Expected integer T_mult >= 1, but got {T_mult}")
        if not isinstance(eta_min, float | int):
            raise ValueError(
                f"Expected float or int eta_min, but got {eta_min} of type {type(eta_min)}"
            )
        self.T_0 = T_0
        self.T_i = T_0
        self.T_mult = T_mult
        self.eta_min = eta_min
        self.T_cur: float = last_epoch
        super().__init__(optimizer, last_epoch)

    def rates(self) -> list[Any]:
        height = 1 + cos(pi * self.T_cur / self.T_i)
        return [self.eta_min + (base - self.eta_min) * height / 2 for base in self.base_lrs]

    def step(self, epoch: float | None = None) -> None:
        """Go on to the next epoch, or to ``epoch``, which may be a fraction of one."""
        if epoch is None and self.last_epoch < 0:
            epoch = 0
        if epoch is None:
            epoch = self.last_epoch + 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur = self.T_cur % self.T_i
                self.T_i *= self.T_mult
        elif epoch < 0:
            raise ValueError(f"Expected non-negative epoch, but got {epoch}")
        elif epoch < self.T_0:
            self.T_i = self.T_0
            self.T_cur = epoch
        elif self.T_mult == 1:
            self.T_cur = epoch % self.T_0
        else:
            n = int(log(epoch / self.T_0 * (self.T_mult - 1) + 1, self.T_mult))
            self.T_cur = epoch - self.T_0 * (self.T_mult**n - 1) / (self.T_mult - 1)
            self.T_i = self.T_0 * self.T_mult**n
        self.last_epoch = floor(epoch)
        self._set_rates(self._asked())
