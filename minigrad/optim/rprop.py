"""Resilient backpropagation: the sign of the gradient decides, not its size."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.value import Array
from minigrad.creation import full_like
from minigrad.optim.optimizer import Group, counter
from minigrad.optim.rule import Rule, at_least_zero, counted, number, written, zeros_for


class Rprop(Rule):
    """Riedmiller and Braun, "A direct adaptive method for faster backpropagation learning: the
    RPROP algorithm" (1993). Each element has a step size of its own, lr at the start::

        step = clamp(step eta, *step_sizes)
        x = x - step sign(grad)

    where eta is etas[1] if the gradient has the sign of the one before, etas[0] if it has the
    other, and 1 if either was 0. After a change of sign the gradient counts as 0: the element stays
    where it is, and the next step has the old size.

    maximize: ascend instead. foreach and capturable=False choose among torch's implementations,
    and nothing here. Raises ValueError for a negative lr, and unless 0 < etas[0] < 1 < etas[1];
    other errors as of `Adam`.
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        at_least_zero(lr=lr)
        if not 0.0 < etas[0] < 1.0 < etas[1]:
            raise ValueError(f"Invalid eta values: {etas[0]}, {etas[1]}")
        super().__init__(
            params,
            lr=lr,
            etas=etas,
            step_sizes=step_sizes,
            foreach=foreach,
            maximize=maximize,
            differentiable=differentiable,
            capturable=capturable,
        )

    def start(self, param: Any, group: Group) -> dict[str, Any]:
        return {
            "step": counter(0),
            "prev": zeros_for(param),
            "step_size": full_like(param, number(group["lr"])),
        }

    def update(self, param: Any, grad: Array, group: Group) -> None:
        state = self.state_of(param, group)
        counted(state)
        before, size = written(state["prev"]), written(state["step_size"], times=2)
        turned = grad * before
        smaller, larger = group["etas"]
        size *= np.where(turned > 0, larger, np.where(turned < 0, smaller, 1)).astype(size.dtype)
        np.clip(size, *group["step_sizes"], out=size)
        before[...] = np.where(turned < 0, 0, grad)
        x = written(param)
        x -= np.where(before > 0, size, np.where(before < 0, -size, 0))
