"""Schedulers made of schedulers: one after the other, or all at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from minigrad.optim.lr_scheduler.base import LRScheduler, rates_of, set_rate
from minigrad.optim.lr_scheduler.plateau import ReduceLROnPlateau
from minigrad.optim.optimizer import Optimizer


class Composed(LRScheduler):
    """What both kinds share: the checks, and state dicts that contain the parts' own."""

    _schedulers: Sequence[LRScheduler]

    def check(self, schedulers: Sequence[Any], optimizer: Any) -> None:
        """Refuse parts that have another optimizer, or are stepped with a metric."""
        name = type(self).__name__
        for i, part in enumerate(schedulers):
            if not hasattr(part, "optimizer"):
                raise TypeError(f"{name} at index {i} should have `optimizer` as its attribute.")
            if isinstance(part, ReduceLROnPlateau):
                raise ValueError(
                    f"{name} does not support `ReduceLROnPlateau` scheduler as it requires "
                    "additional kwargs to be specified when calling `step`, but got one at index "
                    f"{i} in the given schedulers sequence."
                )
            if optimizer is not part.optimizer:
                raise ValueError(
                    f"{name} expects all schedulers to belong to the same optimizer, but got "
                    f"scheduler {type(part).__name__} at index {i} has {part.optimizer}, which is "
                    f"different from {type(optimizer).__name__}."
                )

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimizer, with the state dicts of the parts: what to save."""
        state = super().state_dict()
        parts = [part.state_dict() for part in state.pop("_schedulers")]  # torch has them last
        return {**state, "_schedulers": parts}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on where the scheduler of this `state_dict` was, its parts too."""
        super().load_state_dict({**state_dict, "_schedulers": self._schedulers})
        for part, state in zip(self._schedulers, state_dict["_schedulers"], strict=True):
            part.load_state_dict(state)


class SequentialLR(Composed):
    """One scheduler after the other; the next takes over at each epoch in ``milestones``, from its
    own epoch 0.

    Raises ValueError unless there is one milestone less than schedulers, all of ``optimizer``.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: list[LRScheduler],
        milestones: list[int],
        last_epoch: int = -1,
    ) -> None:
        if len(schedulers) < 1:
            raise ValueError("SequentialLR expects at least one scheduler, but got no scheduler.")
        self.check(schedulers, optimizer)
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(
                "Sequential Schedulers expects number of schedulers provided to be one more than "
                "the number of milestone points, but got number of schedulers "
                f"{len(schedulers)} and the number of milestones to be equal to {len(milestones)}"
            )
        self._schedulers = schedulers
        self._milestones = milestones
        self.last_epoch = last_epoch + 1
        self.optimizer = optimizer
        # Each part made its first step when it was made; only the first one's counts.
        for group in optimizer.param_groups:
            set_rate(group, group["initial_lr"])
        undo_step(self)
        first = schedulers[bisect_right(milestones, 0)]
        first._initial_step()
        self._last_lr = first.get_last_lr()

    def step(self) -> None:  # type: ignore[override]
        """Go on to the next epoch, with the scheduler whose turn it is."""
        self.last_epoch += 1
        turn = bisect_right(self._milestones, self.last_epoch)
        part = self._schedulers[turn]
        if turn > 0 and self._milestones[turn - 1] == self.last_epoch:
            part._update_lr(0)
        else:
            part.step()
        self._last_lr = part.get_last_lr()


def undo_step(scheduler: LRScheduler) -> None:
    """Take back one epoch of a scheduler, of all its parts if it has some."""
    if isinstance(scheduler, Composed):
        for part in scheduler._schedulers:
            undo_step(part)
    else:
        scheduler.last_epoch -= 1


class ChainedScheduler(Composed):
    """Several schedulers that all step at every epoch, each changing the rates that the one before
    has set. Raises ValueError unless all are of one optimizer."""

    def __init__(
        self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None
    ) -> None:
        if len(schedulers) < 1:
            raise ValueError(
                "ChainedScheduler expects at least one scheduler to be chained, but got no "
                "scheduler."
            )
        optimizer = optimizer or schedulers[0].optimizer
        self.check(schedulers, optimizer)
        self._schedulers = schedulers
        self.optimizer = optimizer
        self._last_lr = rates_of(optimizer, "lr")

    def step(self) -> None:  # type: ignore[override]
        """Go on to the next epoch, with all schedulers."""
        for part in self._schedulers:
            part.step()
        self._last_lr = rates_of(self.optimizer, "lr")
