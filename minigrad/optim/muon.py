"""A step along the nearest orthogonal matrix, for the weights of hidden layers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.autograd.value import Array, wrap
from minigrad.optim.optimizer import Group
from minigrad.optim.rule import Rule, check_number, lerp, multiply, need_least, number, written


class Muon(Rule):
    """Jordan, "Muon: An optimizer for hidden layers in neural networks" (2024)::

        B = B + (1 - momentum) (grad - B)
        U = B                                    nesterov: grad + momentum (B - grad)
        U = U / max(norm(U), eps), and ns_steps times, with (a, b, c) = ns_coefficients:
            U = a U + (b U U' + c (U U')^2) U
        x = (1 - lr weight_decay) x
        x = x - lr r U

    The polynomial drives all singular values of U towards 1 (Newton and Schulz); it is computed in
    bfloat16, as torch does. For x of m rows and n columns, r is sqrt(max(1, m / n)), or with
    ``adjust_lr_fn="match_rms_adamw"`` 0.2 sqrt(max(m, n)).

    Raises ValueError for parameters that are not matrices.
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = (3.4445, -4.775, 2.0315),
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
    ) -> None:
        check_number("lr", lr)
        need_least("Learning rate", lr, 0)
        need_least("momentum", momentum, 0)
        need_least("weight decay", weight_decay, 0)
        if adjust_lr_fn not in (None, "original", "match_rms_adamw"):
            raise ValueError(f"Adjust learning rate function {adjust_lr_fn} is not supported")
        super().__init__(
            params,
            lr=lr,
            weight_decay=weight_decay,
            momentum=momentum,
            nesterov=nesterov,
            ns_coefficients=ns_coefficients,
            eps=eps,
            ns_steps=ns_steps,
            adjust_lr_fn=adjust_lr_fn,
        )
        for group in self.param_groups:
            for param in group["params"]:
                if param.array.ndim != 2:
                    raise ValueError(
                        "Muon only supports 2D parameters whereas we found a parameter with size: "
                        f"{param.shape}"
                    )

    def start(self, param: Any, group: Group) -> dict[str, Any]:
        return {"momentum_buffer": wrap(np.zeros_like(param.grad.array))}

    def update(self, param: Any, grad: Array, group: Group) -> None:
        if grad.ndim != 2:
            raise ValueError("Param gradient must be a 2D matrix")
        lr, momentum = float(number(group["lr"])), group["momentum"]
        buffer = self.state_of(param, group)["momentum_buffer"]
        lerp(written(buffer), grad, 1 - momentum)
        step = buffer.array
        if group["nesterov"]:
            step = grad.copy()
            lerp(step, buffer.array, momentum)
        step = orthogonal(step, group["ns_coefficients"], group["ns_steps"], group["eps"])
        m, n = param.array.shape
        if group["adjust_lr_fn"] == "match_rms_adamw":
            rate = lr * 0.2 * math.sqrt(max(m, n))
        else:
            rate = lr * math.sqrt(max(1, m / n))
        array = written(param, 2)
        multiply(array, 1 - lr * group["weight_decay"])
        array += step.astype(np.promote_types(array.dtype, np.float32), copy=False) * -rate


def orthogonal(x: Array, coefficients: Any, steps: int, eps: float) -> Array:
    """About U V' of the singular value decomposition of x, in float32."""
    if steps >= 100:
        raise ValueError("Number of steps must be less than 100 for computational efficiency")
    if len(coefficients) != 3:
        raise ValueError("Coefficients must be a tuple of exactly 3 values")
    a, b, c = [np.float32(each) for each in coefficients]
    tall = x.shape[0] > x.shape[1]
    made = rounded(x.T if tall else x)
    length = rounded(np.linalg.norm(made))
    made = rounded(made / np.maximum(length, rounded(eps)))
    for _ in range(steps):
        gram = rounded(made @ made.T)
        change = rounded(b * gram + c * (gram @ gram))
        made = rounded(a * made + change @ made)
    return made.T if tall else made


def rounded(x: Any) -> Array:
    """To the nearest numbers of bfloat16, which are the upper halves of float32's."""
    bits = np.asarray(x, np.float32).view(np.uint32)
    odd = bits >> np.uint32(16) & np.uint32(1)
    nearest: Array = ((bits + odd + np.uint32(0x7FFF)) & np.uint32(0xFFFF0000)).view(np.float32)
    return np.where(np.isnan(x), np.float32(np.nan), nearest)
