"""A step scaled by what little memory keeps of the squared gradients."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.autograd.value import Array, wrap
from minigrad.optim.optimizer import Group, counter
from minigrad.optim.rule import (
    Rule,
    check_number,
    counted,
    lerp,
    need_least,
    number,
    shrink,
    written,
)


class Adafactor(Rule):
    """Shazeer and Stern, "Adafactor: Adaptive Learning Rates with Sublinear Memory Cost" (2018)::

        b = t ** beta2_decay
        R = R + b (mean of grad^2 over columns - R),  C = C + b (mean over rows - C)
        V = R C / max(mean(R), eps1)                  of vectors V = V + b (grad^2 - V)
        U = grad / max(sqrt(V), eps1)
        x = x - lr weight_decay x
        x = x - max(eps2, rms(x)) min(lr, 1 / sqrt(t)) U / max(1, rms(U) / d)

    eps1 is by default the dtype's eps. maximize: ascend instead. foreach chooses among torch's
    implementations, and nothing here.
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
    ) -> None:
        check_number("lr", lr)
        need_least("Learning rate", lr, 0)
        if not beta2_decay <= 0:
            raise ValueError(f"beta2_decay should be <= 0 but is: {beta2_decay}")
        if not hasattr(eps, "__len__") or len(eps) != 2:
            raise TypeError(f"eps must be two numbers, of which the first may be None; got {eps!r}")
        if eps[0] is not None:
            need_least("epsilon1", eps[0], 0)
        need_least("epsilon2", eps[1], 0)
        need_least("Clipping threshold d", d, 1)
        need_least("weight_decay", weight_decay, 0)
        super().__init__(
            params,
            lr=lr,
            beta2_decay=beta2_decay,
            eps=eps,
            d=d,
            weight_decay=weight_decay,
            foreach=foreach,
            maximize=maximize,
        )

    def start(self, param: Any, group: Group) -> dict[str, Any]:
        array = param.array
        if array.ndim < 2:
            return {"step": counter(0), "variance": wrap(np.zeros_like(array))}
        rows, columns = (*array.shape[:-1], 1), (*array.shape[:-2], 1, array.shape[-1])
        return {
            "step": counter(0),
            "row_var": wrap(np.zeros(rows, array.dtype)),
            "col_var": wrap(np.zeros(columns, array.dtype)),
        }

    def update(self, param: Any, grad: Array, group: Group) -> None:
        state = self.state_of(param, group)
        t = counted(state)
        first, second = group["eps"]
        first = float(np.finfo(grad.dtype).eps) if first is None else first
        weight, lr = t ** group["beta2_decay"], float(number(group["lr"]))
        size = math.sqrt(param.array.size)
        rate = min(lr, 1 / math.sqrt(t))
        rate *= max(second, float(np.linalg.norm(param.array)) / size)
        shrink(param, lr, group["weight_decay"])
        square = grad * grad
        if grad.ndim > 1:
            rows, columns = written(state["row_var"]), written(state["col_var"])
            lerp(rows, square.mean(-1, keepdims=True), weight)
            lerp(columns, square.mean(-2, keepdims=True), weight)
            estimate = np.matmul(rows, columns)
            estimate /= np.maximum(rows.mean(-2, keepdims=True), first)
        else:
            lerp(written(state["variance"]), square, weight)
            estimate = state["variance"].array
        step = grad / np.sqrt(np.maximum(estimate, first * first))
        scale = max(1.0, float(np.linalg.norm(step)) / (size * group["d"]))
        array = written(param)
        array -= step * grad.dtype.type(rate / scale)
