"""What the update rules share: the loop over parameters, and torch's in-place formulas on arrays.

The formulas round in torch's order. torch fuses the last multiplication with the addition where
the processor can, so a result may differ from its by one unit in the last place.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.autograd.inplace import check_inference, check_overlap
from minigrad.autograd.modes import enable_grad
from minigrad.autograd.places import keeping, note_write
from minigrad.autograd.quiet import ERRSTATE, IGNORE
from minigrad.autograd.value import Array, Value, wrap
from minigrad.optim.optimizer import Group, Optimizer
from minigrad.optim.recorded import recorded_update


class Rule(Optimizer):
    """An optimizer that treats each parameter by itself; a subclass defines `update`."""

    def __init__(self, params: Any, **defaults: Any) -> None:
        if defaults.get("fused") and (defaults.get("foreach") or defaults["differentiable"]):
            raise RuntimeError(
                "`fused` does not support `differentiable`"
                if defaults["differentiable"]
                else "`fused` and `foreach` cannot be `True` together."
            )
        if defaults.get("capturable"):
            raise AssertionError(
                "If capturable=True, params and state_steps must be on supported devices: "
                "['cuda', 'xpu', 'hpu', 'privateuseone', 'xla']. minigrad has none of these: leave "
                "the setting out."
            )
        super().__init__(params, defaults)

    def start(self, param: Any, group: Group) -> dict[str, Any]:
        """What is remembered of a parameter before its first step."""
        return {}

    def state_of(self, param: Any, group: Group) -> dict[str, Any]:
        """What is remembered of a parameter."""
        state: dict[str, Any] = self.state[param]
        if not state:
            state.update(self.start(param, group))
        return state

    def update(self, param: Any, grad: Array, group: Group) -> None:
        """Write the new value into ``param``, with the settings of its group."""
        raise NotImplementedError

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update each parameter that has a gradient; return what ``closure`` does, if given."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        token = ERRSTATE.set(IGNORE)
        try:
            for group in self.param_groups:
                for param in group["params"]:
                    grad = param.grad
                    if grad is None:
                        continue
                    if group.get("differentiable"):
                        recorded_update(self, param, grad, group)
                    else:
                        grad = grad.array
                        self.update(param, -grad if group.get("maximize") else grad, group)
        finally:
            ERRSTATE.reset(token)
        return loss


def written(tensor: Any, times: int = 1) -> Array:
    """The array of a tensor, which is about to be written to: the writes are counted."""
    array: Array = tensor.array
    check_inference(tensor)
    if not array.flags.c_contiguous:
        check_overlap(array)
    tensor.version[0] += times
    if keeping:
        note_write(tensor.version)
    return array


def counted(state: dict[str, Any]) -> float:
    """The number of this step, 1 for the first."""
    step = written(state["step"])
    step.fill(step.item() + 1)
    return step.item()  # type: ignore[no-any-return]


def number(setting: Any) -> Any:
    """A setting, which may be a tensor of one element, as a number of the same precision."""
    return setting.array.reshape(())[()] if isinstance(setting, Value) else setting


def zeros_for(param: Any) -> Any:
    """A tensor of zeros in the shape and memory order of a parameter."""
    return wrap(np.zeros_like(param.array))


def rounded_once(formula: Callable[..., None]) -> Callable[..., None]:
    """Have a formula computed in single precision for float16, as torch's kernels do."""

    @functools.wraps(formula)
    def apply(x: Array, *others: Any) -> None:
        if x.dtype != np.float16:
            formula(x, *others)
            return
        wide = x.astype(np.float32)
        formula(wide, *[y.astype(np.float32) if isinstance(y, np.ndarray) else y for y in others])
        x[...] = wide

    return apply


def decayed(grad: Array, param: Array, weight_decay: Any) -> Array:
    """The gradient of the loss with the penalty weight_decay/2 |param|^2."""
    if weight_decay == 0:
        return grad
    return added(grad, param, number(weight_decay))


def shrink(param: Any, lr: Any, weight_decay: Any) -> None:
    """Decoupled weight decay: param <- (1 - lr weight_decay) param."""
    if weight_decay != 0:
        multiply(written(param), 1 - lr * number(weight_decay))


@rounded_once
def multiply(x: Array, factor: Any) -> None:
    """x <- factor x"""
    x *= float(factor)


def add(x: Array, y: Array, alpha: Any) -> None:
    """x <- x + alpha y"""
    if x.dtype == np.float16:  # torch rounds the factor too, of sums alone
        alpha = np.float16(alpha)
    add_product(x, y, alpha)


@rounded_once
def add_product(x: Array, y: Array, alpha: Any) -> None:
    x += y * float(alpha)


def added(x: Array, y: Array, alpha: Any) -> Array:
    """x + alpha y"""
    if x.dtype != np.float16:
        return x + y * float(alpha)
    total = x.copy()
    add(total, y, alpha)
    return total


@rounded_once
def lerp(x: Array, end: Array, weight: Any) -> None:
    """x <- x + weight (end - x), from the nearer end."""
    weight = float(weight)
    change = end - x
    if abs(weight) < 0.5:
        change *= weight
        x += change
    else:
        change *= 1 - weight
        np.subtract(end, change, out=x)


@rounded_once
def addcmul(x: Array, a: Array, b: Array, value: Any) -> None:
    """x <- x + value a b"""
    product = a * float(value)
    product *= b
    x += product


@rounded_once
def addcdiv(x: Array, a: Array, b: Array, value: Any) -> None:
    """x <- x + value a / b"""
    quotient = a * float(value)
    quotient /= b
    x += quotient


def at_least_zero(**settings: Any) -> None:
    """Raise ValueError for a setting that is negative, or NaN."""
    for name, value in settings.items():
        what = {"lr": "learning rate", "eps": "epsilon value"}.get(name, f"{name} value")
        if name == "lr":
            check_number(name, value)
        if not value >= 0.0:
            raise ValueError(f"Invalid {what}: {value}")


def need_least(name: str, value: Any, least: float) -> None:
    if not value >= least:
        raise ValueError(f"{name} should be >= {least} but is: {value}")


def check_number(name: str, value: Any, only_numbers: Any = False) -> None:
    """Raise ValueError for a tensor, where it cannot stand for a number."""
    if isinstance(value, Value):
        if only_numbers:
            raise ValueError(
                f"{name} as a Tensor is not supported for capturable=False and foreach=True"
            )
        if value.array.size != 1:
            raise ValueError(f"Tensor {name} must be 1-element")


def check_betas(betas: Any) -> None:
    """Raise ValueError unless both lie in [0, 1)."""
    for i in range(2):
        if not 0.0 <= betas[i] < 1.0:
            raise ValueError(f"Invalid beta parameter at index {i}: {betas[i]}")
