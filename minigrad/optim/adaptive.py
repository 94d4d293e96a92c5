"""Steps scaled, element by element, by how large the gradients have been."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.value import Array
from minigrad.creation import full_like
from minigrad.optim.optimizer import Group, counter
from minigrad.optim.rule import (
    Rule,
    add,
    addcdiv,
    addcmul,
    at_least_zero,
    check_betas,
    counted,
    decayed,
    lerp,
    multiply,
    number,
    written,
    zeros_for,
)


class Adagrad(Rule):
    """Duchi, Hazan and Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic
    Optimization" (2011)::

        g = grad + weight_decay x
        s = s + g^2                               s = initial_accumulator_value at the start
        x = x - lr / (1 + (t - 1) lr_decay) g / (sqrt(s) + eps)

    maximize: ascend instead. foreach and fused choose among torch's implementations, and nothing
    here. Raises ValueError for negative numbers.
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        at_least_zero(
            lr=lr,
            lr_decay=lr_decay,
            weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value,
            eps=eps,
        )
        super().__init__(
            params,
            lr=lr,
            lr_decay=lr_decay,
            eps=eps,
            weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value,
            foreach=foreach,
            maximize=maximize,
            differentiable=differentiable,
            fused=fused,
        )
        for group in self.param_groups:
            for param in group["params"]:
                self.state_of(param, group)

    def start(self, param: Any, group: Group) -> dict[str, Any]:
        value = self.defaults["initial_accumulator_value"]
        return {"step": counter(0), "sum": full_like(param, value)}

    def update(self, param: Any, grad: Array, group: Group) -> None:
        state = self.state_of(param, group)
        t = counted(state)
        grad = decayed(grad, param.array, group["weight_decay"])
        lr = number(group["lr"]) / (1 + (t - 1) * group["lr_decay"])
        total = written(state["sum"])
        total += grad * grad
        scale = np.sqrt(total)
        scale += group["eps"]
        addcdiv(written(param), grad, scale, -lr)


class Adadelta(Rule):
    """Zeiler, "ADADELTA: An Adaptive Learning Rate Method" (2012)::

        g = grad + weight_decay x
        s = rho s + (1 - rho) g^2
        d = sqrt(u + eps) / sqrt(s + eps) g
        u = rho u + (1 - rho) d^2
        x = x - lr d

    maximize: ascend instead. foreach and capturable=False choose among torch's implementations,
    and nothing here. Raises ValueError for a negative lr, eps or weight_decay and for rho outside
    of [0, 1]; other errors as of `Adam`.
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        at_least_zero(lr=lr)
        if not 0.0 <= rho <= 1.0:
            raise ValueError(f"Invalid rho value: {rho}")
        at_least_zero(eps=eps, weight_decay=weight_decay)
        super().__init__(
            params,
            lr=lr,
            rho=rho,
            eps=eps,
            weight_decay=weight_decay,
            maximize=maximize,
            capturable=capturable,
            foreach=foreach,
            differentiable=differentiable,
        )

    def start(self, param: Any, group: Group) -> dict[str, Any]:
        return {
            "step": counter(0),
            "square_avg": zeros_for(param),
            "acc_delta": zeros_for(param),
        }

    def update(self, param: Any, grad: Array, group: Group) -> None:
        state, rho, eps = self.state_of(param, group), group["rho"], group["eps"]
        counted(state)
        grad = decayed(grad, param.array, group["weight_decay"])
        squares = written(state["square_avg"], times=2)
        deltas = written(state["acc_delta"], times=2)
        multiply(squares, rho)
        addcmul(squares, grad, grad, 1 - rho)
        delta = np.sqrt(deltas + eps)
        delta /= np.sqrt(squares + eps)
        delta *= grad
        multiply(deltas, rho)
        addcmul(deltas, delta, delta, 1 - rho)
        add(written(param), delta, -number(group["lr"]))


class RMSprop(Rule):
    """Hinton's, from lecture 6 of his course "Neural Networks for Machine Learning" (2012)::

        g = grad + weight_decay x
        s = alpha s + (1 - alpha) g^2
        x = x - lr g / (sqrt(s) + eps)

    centered: sqrt(s - a^2) in place of sqrt(s), with a the running average of g (Graves,
    "Generating Sequences With Recurrent Neural Networks", 2013). momentum: x = x - lr b with
    b = momentum b + g / (sqrt(s) + eps). maximize: ascend instead. foreach and capturable=False
    choose among torch's implementations, and nothing here. Raises ValueError for negative numbers;
    other errors as of `Adam`.
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        at_least_zero(lr=lr, eps=eps, momentum=momentum, weight_decay=weight_decay, alpha=alpha)
        super().__init__(
            params,
            lr=lr,
            momentum=momentum,
            alpha=alpha,
            eps=eps,
            centered=centered,
            weight_decay=weight_decay,
            capturable=capturable,
            foreach=foreach,
            maximize=maximize,
            differentiable=differentiable,
        )

    def start(self, param: Any, group: Group) -> dict[str, Any]:
        state = {"step": counter(0), "square_avg": zeros_for(param)}
        if group["momentum"] > 0:
            state["momentum_buffer"] = zeros_for(param)
        if group["centered"]:
            state["grad_avg"] = zeros_for(param)
        return state

    def update(self, param: Any, grad: Array, group: Group) -> None:
        state, lr, alpha = self.state_of(param, group), number(group["lr"]), group["alpha"]
        counted(state)
        grad = decayed(grad, param.array, group["weight_decay"])
        squares = written(state["square_avg"], times=2)
        multiply(squares, alpha)
        addcmul(squares, grad, grad, 1 - alpha)
        if group["centered"]:
            average = written(state["grad_avg"])
            lerp(average, grad, 1 - alpha)
            scale = np.sqrt(squares - average * average)
        else:
            scale = np.sqrt(squares)
        scale += group["eps"]
        if group["momentum"] > 0:
            b = written(state["momentum_buffer"], times=2)
            multiply(b, group["momentum"])
            b += grad / scale
            add(written(param), b, -lr)
        else:
            addcdiv(written(param), grad, scale, -lr)


class Adamax(Rule):
    """Adam with the largest gradient in place of the root of the mean square, from the same paper
    (Kingma and Ba, 2015, section 7.1)::

        g = grad + weight_decay x
        m = beta1 m + (1 - beta1) g
        u = max(beta2 u, |g| + eps)
        x = x - lr / (1 - beta1^t) m / u

    maximize: ascend instead. foreach and capturable=False choose among torch's implementations,
    and nothing here. Errors as of `Adam`.
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        at_least_zero(lr=lr, eps=eps)
        check_betas(betas)
        at_least_zero(weight_decay=weight_decay)
        super().__init__(
            params,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            foreach=foreach,
            maximize=maximize,
            differentiable=differentiable,
            capturable=capturable,
        )

    def start(self, param: Any, group: Group) -> dict[str, Any]:
        return {"step": counter(0), "exp_avg": zeros_for(param), "exp_inf": zeros_for(param)}

    def update(self, param: Any, grad: Array, group: Group) -> None:
        state, lr = self.state_of(param, group), number(group["lr"])
        beta1, beta2 = group["betas"]
        t = counted(state)
        grad = decayed(grad, param.array, group["weight_decay"])
        m, largest = written(state["exp_avg"]), written(state["exp_inf"], times=2)
        lerp(m, grad, 1 - beta1)
        multiply(largest, beta2)
        np.maximum(largest, np.abs(grad) + group["eps"], out=largest)
        addcdiv(written(param), m, largest, -(lr / (1 - beta1**t)))
