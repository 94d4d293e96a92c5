"""Averaged stochastic gradient descent."""

from __future__ import annotations

from typing import Any

from minigrad.autograd.value import Array
from minigrad.optim.optimizer import Group, counter
from minigrad.optim.rule import (
    Rule,
    add,
    at_least_zero,
    counted,
    decayed,
    number,
    written,
    zeros_for,
)


class ASGD(Rule):
    """Polyak and Juditsky, "Acceleration of Stochastic Approximation by Averaging" (1992)::

        g = grad + weight_decay x
        x = (1 - lambd eta) x - eta g
        a = a + mu (x - a)
        eta = lr / (1 + lambd lr t)^alpha,  mu = 1 / max(1, t - t0)      for the next step

    The average a, from step t0 on, is ``state[param]["ax"]``; before, it is x. maximize: ascend
    instead. foreach and capturable=False choose among torch's implementations, and nothing here.
    Raises ValueError for a negative lr or weight_decay; other errors as of `Adam`.
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        at_least_zero(lr=lr, weight_decay=weight_decay)
        super().__init__(
            params,
            lr=lr,
            lambd=lambd,
            alpha=alpha,
            t0=t0,
            weight_decay=weight_decay,
            foreach=foreach,
            maximize=maximize,
            differentiable=differentiable,
            capturable=capturable,
        )

    def start(self, param: Any, group: Group) -> dict[str, Any]:
        return {
            "step": counter(0),
            "eta": counter(number(group["lr"])),
            "mu": counter(1),
            "ax": zeros_for(param),
        }

    def update(self, param: Any, grad: Array, group: Group) -> None:
        state, lr, lambd = self.state_of(param, group), number(group["lr"]), group["lambd"]
        t = counted(state)
        grad = decayed(grad, param.array, group["weight_decay"])
        eta, mu = written(state["eta"]), written(state["mu"])
        x = written(param, times=2)
        x *= 1 - lambd * eta.item()
        add(x, grad, -eta.item())
        average = written(state["ax"])
        if mu.item() == 1:
            average[...] = x
        else:
            average += (x - average) * mu.item()
        # Rounded to the default dtype, also where a loaded state has the parameter's.
        eta[...] = counter(lr / (1 + lambd * lr * t) ** group["alpha"]).array
        mu[...] = counter(1 / max(1, t - group["t0"])).array
