"""The update rules in operations on tensors, for optimizers with ``differentiable=True``.

A step is then recorded: gradients of what is computed from the new parameters flow into the old
ones, into their gradients, into the state of the optimizer, and, of `SGD` and `Adam`, into a
learning rate, weight decay or betas that are tensors. As in torch, the first momentum of `SGD` is
a constant, and what counts the steps is a tensor in `Adam` alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minigrad.autograd.modes import enable_grad
from minigrad.autograd.value import Value
from minigrad.optim.optimizer import Group

State = dict[str, Any]


def recorded_update(optimizer: Any, param: Any, grad: Any, group: Group) -> None:
    """Write the new value into ``param``, which must not be a leaf that requires grad."""
    rule = next(RULES[each.__name__] for each in type(optimizer).__mro__ if each.__name__ in RULES)
    state = optimizer.state_of(param, group)
    with enable_grad():
        if group["maximize"]:
            grad = -grad
        # A copy, as formulas save it, and it is written to.
        param.copy_(rule(param.clone(), grad, state, group))


def decayed(grad: Any, x: Any, group: Group) -> Any:
    """The gradient of the loss with the penalty weight_decay/2 |x|^2."""
    weight_decay = group["weight_decay"]
    return grad + x * weight_decay if weight_decay != 0 else grad


def number(setting: Any) -> Any:
    return setting.item() if isinstance(setting, Value) else setting


def counted(state: State) -> Any:
    """The number of this step."""
    state["step"] = state["step"] + 1
    return state["step"].item()


def sgd(x: Any, grad: Any, state: State, group: Group) -> Any:
    grad, momentum = decayed(grad, x, group), group["momentum"]
    if momentum != 0:
        b = state.get("momentum_buffer")
        b = grad.detach().clone() if b is None else b * momentum + grad * (1 - group["dampening"])
        state["momentum_buffer"] = b
        grad = grad + b * momentum if group["nesterov"] else b
    return x - grad * group["lr"]


def moments(
    x: Any, grad: Any, state: State, group: Group, lr: Any, betas: Any
) -> tuple[Any, Any, Any, Any]:
    """The parameter and its gradient with weight decay, and both averages brought up to date."""
    if group["decoupled_weight_decay"]:
        x = x * (1 - lr * group["weight_decay"])
    else:
        grad = decayed(grad, x, group)
    m = state["exp_avg"] = state["exp_avg"].lerp(grad, 1 - betas[0])
    v = state["exp_avg_sq"] = state["exp_avg_sq"] * betas[1] + grad * grad * (1 - betas[1])
    return x, grad, m, v


def adam(x: Any, grad: Any, state: State, group: Group) -> Any:
    lr, (beta1, beta2) = group["lr"], group["betas"]
    counted(state)
    t = state["step"]
    x, _, m, v = moments(x, grad, state, group, lr, (beta1, beta2))
    if group["amsgrad"]:
        v = state["max_exp_avg_sq"] = state["max_exp_avg_sq"].maximum(v)
    size = -(lr / (1 - beta1**t))
    return x + m / (v.sqrt() / ((1 - beta2**t).sqrt() * size) + group["eps"] / size)


def nadam(x: Any, grad: Any, state: State, group: Group) -> Any:
    lr, (beta1, beta2) = number(group["lr"]), group["betas"]
    t = counted(state)
    mu, mu_next = [beta1 * (1 - 0.5 * 0.96 ** (n * group["momentum_decay"])) for n in (t, t + 1)]
    product = state["mu_product"] = state["mu_product"] * mu
    x, grad, m, v = moments(x, grad, state, group, lr, (beta1, beta2))
    scale = (v / (1 - beta2**t)).sqrt() + group["eps"]
    x = x + grad * (-lr * (1 - mu) / (1 - product)) / scale
    return x + m * (-lr * mu_next / (1 - product * mu_next)) / scale


def radam(x: Any, grad: Any, state: State, group: Group) -> Any:
    lr, (beta1, beta2) = number(group["lr"]), group["betas"]
    t = counted(state)
    x, _, m, v = moments(x, grad, state, group, lr, (beta1, beta2))
    rest, rho = 1 - beta2**t, 2 / (1 - beta2) - 1
    rho_t = rho - 2 * t * beta2**t / rest
    change = m / (1 - beta1**t) * lr
    if rho_t > 5.0:
        rectified = ((rho_t - 4) * (rho_t - 2) * rho / ((rho - 4) * (rho - 2) * rho_t)) ** 0.5
        change = change * (rest**0.5 / (v.sqrt() + group["eps"])) * rectified
    return x - change


def adamax(x: Any, grad: Any, state: State, group: Group) -> Any:
    beta1, beta2 = group["betas"]
    t = counted(state)
    grad = decayed(grad, x, group)
    m = state["exp_avg"] = state["exp_avg"].lerp(grad, 1 - beta1)
    u = state["exp_inf"] = (state["exp_inf"] * beta2).maximum(grad.abs() + group["eps"])
    return x - m / u * (number(group["lr"]) / (1 - beta1**t))


def adagrad(x: Any, grad: Any, state: State, group: Group) -> Any:
    t = counted(state)
    grad = decayed(grad, x, group)
    total = state["sum"] = state["sum"] + grad * grad
    lr = number(group["lr"]) / (1 + (t - 1) * group["lr_decay"])
    return x - grad / (total.sqrt() + group["eps"]) * lr


def adadelta(x: Any, grad: Any, state: State, group: Group) -> Any:
    rho, eps = group["rho"], group["eps"]
    counted(state)
    grad = decayed(grad, x, group)
    squares = state["square_avg"] = state["square_avg"] * rho + grad * grad * (1 - rho)
    delta = (state["acc_delta"] + eps).sqrt() / (squares + eps).sqrt() * grad
    state["acc_delta"] = state["acc_delta"] * rho + delta * delta * (1 - rho)
    return x - delta * number(group["lr"])


def rmsprop(x: Any, grad: Any, state: State, group: Group) -> Any:
    alpha, lr = group["alpha"], number(group["lr"])
    counted(state)
    grad = decayed(grad, x, group)
    squares = state["square_avg"] = state["square_avg"] * alpha + grad * grad * (1 - alpha)
    if group["centered"]:
        average = state["grad_avg"] = state["grad_avg"].lerp(grad, 1 - alpha)
        squares = squares - average * average
    change = grad / (squares.sqrt() + group["eps"])
    if group["momentum"] > 0:
        change = state["momentum_buffer"] = state["momentum_buffer"] * group["momentum"] + change
    return x - change * lr


def rprop(x: Any, grad: Any, state: State, group: Group) -> Any:
    less, more = group["etas"]
    counted(state)
    sign = (grad * state["prev"]).sign()
    factor = sign.masked_fill(sign > 0, more).masked_fill(sign < 0, less)
    factor = factor.masked_fill(sign == 0, 1)
    size = state["step_size"] = (state["step_size"] * factor).clamp(*group["step_sizes"])
    state["prev"] = grad.masked_fill(sign < 0, 0)
    return x - state["prev"].sign() * size


def asgd(x: Any, grad: Any, state: State, group: Group) -> Any:
    lr, lambd = number(group["lr"]), group["lambd"]
    t = counted(state)
    grad, eta, mu = decayed(grad, x, group), state["eta"].item(), state["mu"].item()
    x = x * (1 - lambd * eta) - grad * eta
    state["ax"] = x if mu == 1 else state["ax"] + (x - state["ax"]) * mu
    state["eta"] = state["eta"].new_tensor(lr / (1 + lambd * lr * t) ** group["alpha"])
    state["mu"] = state["mu"].new_tensor(1 / max(1, t - group["t0"]))
    return x


RULES: dict[str, Callable[..., Any]] = {
    "ASGD": asgd,
    "Adadelta": adadelta,
    "Adagrad": adagrad,
    "Adam": adam,
    "Adamax": adamax,
    "NAdam": nadam,
    "RAdam": radam,
    "RMSprop": rmsprop,
    "Rprop": rprop,
    "SGD": sgd,
}
