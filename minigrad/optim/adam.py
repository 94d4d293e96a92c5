"""Adam and its variants: steps scaled by running averages of the gradient and of its square."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.value import Array, Value
from minigrad.optim.optimizer import Group, counter
from minigrad.optim.rule import (
    Rule,
    addcdiv,
    addcmul,
    at_least_zero,
    check_betas,
    check_number,
    counted,
    decayed,
    lerp,
    multiply,
    number,
    shrink,
    written,
    zeros_for,
)


class Moments(Rule):
    """Keeps m and v, the running averages of the gradient and of its square, from zero::

        m = beta1 m + (1 - beta1) g
        v = beta2 v + (1 - beta2) g^2

    After t steps they are too small by the factors 1 - beta1^t and 1 - beta2^t.
    """

    def start(self, param: Any, group: Group) -> dict[str, Any]:
        return {"step": counter(0), "exp_avg": zeros_for(param), "exp_avg_sq": zeros_for(param)}

    def decayed(self, param: Any, grad: Array, group: Group, lr: Any) -> Array:
        """The gradient with weight decay in it; or the decay done, where it is decoupled."""
        if group["decoupled_weight_decay"]:
            shrink(param, lr, group["weight_decay"])
            return grad
        return decayed(grad, param.array, group["weight_decay"])

    def moments(self, state: dict[str, Any], grad: Array, betas: Any) -> tuple[Array, Array]:
        """m and v, brought up to date."""
        m, v = written(state["exp_avg"]), written(state["exp_avg_sq"], times=2)
        lerp(m, grad, 1 - betas[0])
        multiply(v, betas[1])
        addcmul(v, grad, grad, 1 - betas[1])
        return m, v


class Adam(Moments):
    """Kingma and Ba, "Adam: A Method for Stochastic Optimization" (2015)::

        g = grad + weight_decay x
        m = beta1 m + (1 - beta1) g
        v = beta2 v + (1 - beta2) g^2
        x = x - lr m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps)

    amsgrad: divide by the largest v so far (Reddi et al., "On the Convergence of Adam and Beyond",
    2018). decoupled_weight_decay: as `AdamW`. maximize: ascend instead. differentiable: as `SGD`.
    foreach, fused and capturable=False choose among torch's implementations, and nothing here.
    Raises ValueError for a negative lr, eps or weight_decay and for betas outside of [0, 1);
    AssertionError for capturable.
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-3,
        betas: tuple[Any, Any] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        check_number("lr", lr, foreach and not capturable)
        at_least_zero(lr=lr, eps=eps)
        check_betas(betas)
        at_least_zero(weight_decay=weight_decay)
        if not (
            all(isinstance(beta, float) for beta in betas)
            or all(isinstance(beta, Value) for beta in betas)
        ):
            raise ValueError("betas must be either both floats or both Tensors")
        for i, beta in enumerate(betas):
            check_number(f"betas[{i}]", beta, foreach and not capturable)
        super().__init__(
            params,
            lr=lr,
            betas=tuple(betas),
            eps=eps,
            weight_decay=weight_decay,
            amsgrad=amsgrad,
            maximize=maximize,
            foreach=foreach,
            capturable=capturable,
            differentiable=differentiable,
            fused=fused,
            decoupled_weight_decay=decoupled_weight_decay,
        )

    def start(self, param: Any, group: Group) -> dict[str, Any]:
        state = super().start(param, group)
        if group["amsgrad"]:
            state["max_exp_avg_sq"] = zeros_for(param)
        return state

    def update(self, param: Any, grad: Array, group: Group) -> None:
        state, lr = self.state_of(param, group), number(group["lr"])
        beta1, beta2 = map(number, group["betas"])
        t = counted(state)
        grad = self.decayed(param, grad, group, lr)
        m, v = self.moments(state, grad, (beta1, beta2))
        if group["amsgrad"]:
            largest = written(state["max_exp_avg_sq"])
            v = np.maximum(largest, v, out=largest)
        scale = np.sqrt(v)
        scale /= float((1 - beta2**t) ** 0.5)
        scale += group["eps"]
        addcdiv(written(param), m, scale, -(lr / (1 - beta1**t)))


class AdamW(Adam):
    """`Adam` with the weight decay taken out of the averages::

        x = x - lr weight_decay x

    and then Adam's step by the gradient alone (Loshchilov and Hutter, "Decoupled Weight Decay
    Regularization", 2019). Errors as of `Adam`.
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-3,
        betas: tuple[Any, Any] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            foreach=foreach,
            maximize=maximize,
            capturable=capturable,
            differentiable=differentiable,
            fused=fused,
            decoupled_weight_decay=True,
        )

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        for group in self.param_groups:
            group["decoupled_weight_decay"] = True


class NAdam(Moments):
    """Adam with Nesterov's momentum, by Dozat, "Incorporating Nesterov Momentum into Adam" (2016)::

        mu_t = beta1 (1 - 0.96^(t momentum_decay) / 2)          M_t = mu_1 ... mu_t
        x = x - lr ((1 - mu_t) g / (1 - M_t) + mu_(t+1) m / (1 - M_(t+1)))
                / (sqrt(v / (1 - beta2^t)) + eps)

    with g, m and v as in `Adam`; decoupled_weight_decay as in `AdamW`; maximize: ascend instead.
    Errors as of `Adam`, and ValueError for a negative momentum_decay.
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        at_least_zero(lr=lr, eps=eps)
        check_betas(betas)
        at_least_zero(weight_decay=weight_decay, momentum_decay=momentum_decay)
        super().__init__(
            params,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            momentum_decay=momentum_decay,
            decoupled_weight_decay=decoupled_weight_decay,
            maximize=maximize,
            foreach=foreach,
            capturable=capturable,
            differentiable=differentiable,
        )

    def start(self, param: Any, group: Group) -> dict[str, Any]:
        step, *averages = super().start(param, group).items()
        return dict([step, ("mu_product", counter(1)), *averages])

    def update(self, param: Any, grad: Array, group: Group) -> None:
        state, lr = self.state_of(param, group), number(group["lr"])
        beta1, beta2 = group["betas"]
        t = counted(state)
        grad = self.decayed(param, grad, group, lr)
        mu, mu_next = [
            beta1 * (1 - 0.5 * 0.96 ** (n * group["momentum_decay"])) for n in (t, t + 1)
        ]
        product = written(state["mu_product"])
        product *= mu
        m, v = self.moments(state, grad, (beta1, beta2))
        scale = v / (1 - beta2**t)
        scale = np.sqrt(scale)
        scale += group["eps"]
        x = written(param, times=2)
        addcdiv(x, grad, scale, -lr * (1 - mu) / (1 - product.item()))
        addcdiv(x, m, scale, -lr * mu_next / (1 - product.item() * mu_next))


class RAdam(Moments):
    """Adam that waits until the variance of its scale can be told, by Liu et al., "On the Variance
    of the Adaptive Learning Rate and Beyond" (2020)::

        rho = 2 / (1 - beta2) - 1          rho_t = rho - 2 t beta2^t / (1 - beta2^t)
        x = x - lr m / (1 - beta1^t)                                     as long as rho_t <= 5
        x = x - lr m / (1 - beta1^t) r sqrt(1 - beta2^t) / (sqrt(v) + eps)      from then on
        r = sqrt((rho_t - 4) (rho_t - 2) rho / ((rho - 4) (rho - 2) rho_t))

    with g, m and v as in `Adam`; decoupled_weight_decay as in `AdamW`; maximize: ascend instead.
    Errors as of `Adam`.
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
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
            maximize=maximize,
            foreach=foreach,
            capturable=capturable,
            decoupled_weight_decay=decoupled_weight_decay,
            differentiable=differentiable,
        )

    def update(self, param: Any, grad: Array, group: Group) -> None:
        state, lr = self.state_of(param, group), number(group["lr"])
        beta1, beta2 = group["betas"]
        t = counted(state)
        grad = self.decayed(param, grad, group, lr)
        m, v = self.moments(state, grad, (beta1, beta2))
        rest = 1 - beta2**t
        rho = 2 / (1 - beta2) - 1
        rho_t = rho - 2 * t * beta2**t / rest
        change = m / (1 - beta1**t)
        change *= float(lr)
        if rho_t > 5.0:
            scale = np.sqrt(v)
            scale += group["eps"]
            change *= rest**0.5 / scale
            change *= ((rho_t - 4) * (rho_t - 2) * rho / ((rho - 4) * (rho - 2) * rho_t)) ** 0.5
        x = written(param)
        x -= change
