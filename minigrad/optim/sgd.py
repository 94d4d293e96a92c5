"""Stochastic gradient descent, with momentum."""

from __future__ import annotations

from typing import Any

from minigrad.autograd.value import Array, wrap
from minigrad.optim.optimizer import Group
from minigrad.optim.rule import Rule, add, added, at_least_zero, decayed, multiply, number, written


class SGD(Rule):
    """Stochastic gradient descent::

        g = grad + weight_decay x
        b = momentum b + (1 - dampening) g       b = g at the first step
        x = x - lr b                             nesterov: x - lr (g + momentum b)

    Without momentum b is g. The momentum is Polyak's ("Some methods of speeding up the convergence
    of iteration methods", 1964), in the form in which lr multiplies it too; Nesterov's is that of
    Sutskever et al., "On the importance of initialization and momentum in deep learning" (2013).

    maximize: ascend instead. differentiable: steps are recorded, see `minigrad.optim.recorded`, of
    tensors that are no leaves. foreach and fused choose among torch's implementations, and nothing
    here. Raises ValueError for a negative lr, momentum or weight_decay, and for nesterov without
    momentum or with dampening; RuntimeError for a recorded step on a leaf.
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: Any = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        at_least_zero(lr=lr, momentum=momentum, weight_decay=weight_decay)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        super().__init__(
            params,
            lr=lr,
            momentum=momentum,
            dampening=dampening,
            weight_decay=weight_decay,
            nesterov=nesterov,
            maximize=maximize,
            foreach=foreach,
            differentiable=differentiable,
            fused=fused,
        )

    def update(self, param: Any, grad: Array, group: Group) -> None:
        x = written(param)
        grad = decayed(grad, x, group["weight_decay"])
        momentum = group["momentum"]
        if momentum != 0:
            state = self.state[param]
            if state.get("momentum_buffer") is None:
                state["momentum_buffer"] = wrap(grad.copy("K"))
                b = state["momentum_buffer"].array
            else:
                b = written(state["momentum_buffer"], times=2)
                multiply(b, momentum)
                add(b, grad, 1 - group["dampening"])
            grad = added(grad, b, momentum) if group["nesterov"] else b
        add(x, grad, -number(group["lr"]))
