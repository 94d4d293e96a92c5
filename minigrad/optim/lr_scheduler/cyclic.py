"""Learning rates that rise before they fall, and momentum that goes the other way."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, floor, pi
from typing import Any

from minigrad.optim.lr_scheduler.base import (
    Schedule,
    for_each_group,
    need_optimizer,
    set_rate,
    without_functions,
)
from minigrad.optim.optimizer import Optimizer


class WithMomentum(Schedule):
    """A scheduler that also moves the momentum, or beta1 where the optimizer has betas."""

    cycle_momentum: bool
    use_beta1: bool

    def begin_momentum(self, optimizer: Optimizer, base: Any, most: Any, last_epoch: int) -> None:
        """Put the limits into the groups; the momentum begins with the upper one.

        Raises ValueError if the optimizer has no momentum.
        """
        if "momentum" not in optimizer.defaults and "betas" not in optimizer.defaults:
            raise ValueError(
                "optimizer must support momentum or beta1 with `cycle_momentum` option enabled"
            )
        self.use_beta1 = "betas" in optimizer.defaults
        if last_epoch == -1:
            for group, low, high in zip(optimizer.param_groups, base, most, strict=True):
                self.set_momentum(group, high)
                group["max_momentum"] = high
                group["base_momentum"] = low

    def set_momentum(self, group: dict[str, Any], momentum: float) -> None:
        if self.use_beta1:
            group["betas"] = (momentum, *group["betas"][1:])
        else:
            group["momentum"] = momentum


class CyclicLR(WithMomentum):
    """Up from base_lr to max_lr in step_size_up epochs, down again in step_size_down, and so on:
    Smith, "Cyclical Learning Rates for Training Neural Networks" (2017).

    mode: "triangular" as it is; "triangular2" halves the height of each cycle; "exp_range"
    multiplies it by gamma^epoch. scale_fn: a function to multiply it by instead, of the number of
    the cycle, or of the epoch with ``scale_mode="iterations"``. cycle_momentum: the momentum goes
    from max_momentum to base_momentum and back. Raises ValueError for an unknown mode.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: Any,
        max_lr: Any,
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: Any = 0.8,
        max_momentum: Any = 0.9,
        last_epoch: int = -1,
    ) -> None:
        need_optimizer(optimizer)
        base_lrs = for_each_group(optimizer, "base_lr", base_lr)
        self.max_lrs = for_each_group(optimizer, "max_lr", max_lr)
        if mode not in ("triangular", "triangular2", "exp_range") and scale_fn is None:
            raise ValueError("mode is invalid and scale_fn is None")
        if last_epoch == -1:
            for rate, group in zip(base_lrs, optimizer.param_groups, strict=True):
                set_rate(group, rate)
        up = float(step_size_up)
        self.total_size = up + (up if step_size_down is None else float(step_size_down))
        self.step_ratio = up / self.total_size
        self.mode = mode
        self.gamma = gamma
        self._scale_fn_custom = scale_fn
        self.scale_mode = scale_mode
        if scale_fn is None:
            self.scale_mode = "iterations" if mode == "exp_range" else "cycle"
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            self.base_momentums = for_each_group(optimizer, "base_momentum", base_momentum)
            self.max_momentums = for_each_group(optimizer, "max_momentum", max_momentum)
            self.begin_momentum(optimizer, self.base_momentums, self.max_momentums, last_epoch)
        super().__init__(optimizer, last_epoch)
        self.base_lrs = base_lrs

    def scale_fn(self, x: float) -> float:
        """The height of the cycle, relative to the first one's."""
        if self._scale_fn_custom is not None:
            return self._scale_fn_custom(x)
        if self.mode == "triangular2":
            return 1 / 2.0 ** (x - 1)  # type: ignore[no-any-return]
        return self.gamma**x if self.mode == "exp_range" else 1.0

    def rates(self) -> list[Any]:
        turns = self.last_epoch / self.total_size
        cycle = floor(1 + turns)
        x = 1.0 + turns - cycle
        up = x <= self.step_ratio
        height = x / self.step_ratio if up else (x - 1) / (self.step_ratio - 1)
        scale = self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.cycle_momentum:
            limits = zip(self.base_momentums, self.max_momentums, strict=True)
            for group, (low, high) in zip(self.optimizer.param_groups, limits, strict=True):
                self.set_momentum(group, high - (high - low) * height * scale)
        limits = zip(self.base_lrs, self.max_lrs, strict=True)
        return [low + (high - low) * height * scale for low, high in limits]

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimizer and a plain scale_fn: what to save."""
        state = super().state_dict()
        scale_fn = state.pop("_scale_fn_custom")
        state["_scale_fn_custom"] = scale_fn and without_functions([scale_fn])[0]
        return state

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on where the scheduler of this `state_dict` was, with the scale_fn given here."""
        super().load_state_dict({**state_dict, "_scale_fn_custom": self._scale_fn_custom})
        if state_dict["_scale_fn_custom"] is not None:
            self._scale_fn_custom.__dict__.update(state_dict["_scale_fn_custom"])


class OneCycleLR(WithMomentum):
    """One cycle for all of training, stepped after each batch: Smith and Topin, "Super-Convergence:
    Very Fast Training of Neural Networks Using Large Learning Rates" (2019).

    From max_lr / div_factor up to max_lr in the first part, pct_start, of the steps, and down to
    the start's 1 / final_div_factor in the rest; with three_phase down as it went up first. The
    number of steps is total_steps, or epochs times steps_per_epoch. anneal_strategy: "cos" or
    "linear". cycle_momentum: the momentum goes from max_momentum to base_momentum and back.
    Raises ValueError for other settings, and for one step more than that.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: Any,
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: Any = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: Any = 0.85,
        max_momentum: Any = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        need_optimizer(optimizer)
        if total_steps is not None:
            self.total_steps = positive(total_steps, "total_steps")
        elif epochs is not None and steps_per_epoch is not None:
            self.total_steps = positive(epochs, "epochs")
            self.total_steps *= positive(steps_per_epoch, "steps_per_epoch")
        else:
            raise ValueError("You must define either total_steps OR (epochs AND steps_per_epoch)")
        if not isinstance(pct_start, float) or not 0 <= pct_start <= 1:
            raise ValueError(f"Expected float between 0 and 1 pct_start, but got {pct_start}")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                f"anneal_strategy must be one of 'cos' or 'linear', instead got {anneal_strategy}"
            )
        self._schedule_phases = self.phases(pct_start, three_phase)
        self._anneal_func_type = anneal_strategy
        max_lrs = for_each_group(optimizer, "max_lr", max_lr)
        if last_epoch == -1:
            for group, high in zip(optimizer.param_groups, max_lrs, strict=True):
                group["initial_lr"] = high / div_factor
                group["max_lr"] = high
                group["min_lr"] = group["initial_lr"] / final_div_factor
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            most = for_each_group(optimizer, "max_momentum", max_momentum)
            base = for_each_group(optimizer, "base_momentum", base_momentum)
            self.begin_momentum(optimizer, base, most, last_epoch)
        super().__init__(optimizer, last_epoch)

    def phases(self, pct_start: float, three_phase: bool) -> list[dict[str, Any]]:
        """Until which step each phase lasts, and the settings that it starts and ends with."""

        def phase(end_step: float, lr: str, to_lr: str, momentum: str, to: str) -> dict[str, Any]:
            return {
                "end_step": end_step,
                "start_lr": lr,
                "end_lr": to_lr,
                "start_momentum": f"{momentum}_momentum",
                "end_momentum": f"{to}_momentum",
            }

        steps, last = self.total_steps, self.total_steps - 1
        up = phase(float(pct_start * steps) - 1, "initial_lr", "max_lr", "max", "base")
        if not three_phase:
            return [up, phase(last, "max_lr", "min_lr", "base", "max")]
        turn = float(2 * pct_start * steps) - 2
        down = phase(turn, "max_lr", "initial_lr", "base", "max")
        return [up, down, phase(last, "initial_lr", "min_lr", "max", "max")]

    def between(self, start: Any, end: Any, part: float) -> Any:
        """From ``start`` to ``end``, as ``part`` goes from 0 to 1."""
        if self._anneal_func_type == "linear":
            return (end - start) * part + start
        return end + (start - end) / 2.0 * (cos(pi * part) + 1)

    def rates(self) -> list[Any]:
        step = self.last_epoch
        if step > self.total_steps:
            raise ValueError(
                f"Tried to step {step} times. The specified number of total steps is "
                f"{self.total_steps}"
            )
        start, phases = 0.0, self._schedule_phases
        for phase in phases:
            if step <= phase["end_step"] or phase is phases[-1]:
                break
            start = phase["end_step"]
        part = (step - start) / (phase["end_step"] - start)
        rates = []
        for group in self.optimizer.param_groups:
            rates.append(self.between(group[phase["start_lr"]], group[phase["end_lr"]], part))
            if self.cycle_momentum:
                limits = group[phase["start_momentum"]], group[phase["end_momentum"]]
                self.set_momentum(group, self.between(*limits, part))
        return rates


def positive(steps: Any, name: str) -> int:
    if not isinstance(steps, int) or steps <= 0:
        raise ValueError(f"Expected positive integer {name}, but got {steps}")
    return steps
