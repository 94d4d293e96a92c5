"""Adam for sparse gradients, of which there are none."""

from __future__ import annotations

from typing import Any

from minigrad.autograd.value import Array
from minigrad.optim.optimizer import Group
from minigrad.optim.rule import Rule, check_betas


class SparseAdam(Rule):
    """Can be made and asked for its settings; ``step`` does nothing without gradients.

    Raises ValueError for an lr or eps that is not positive and for betas outside of [0, 1). A step
    raises RuntimeError for a gradient, as torch's does for a dense one: here all of them are.
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        maximize: bool = False,
    ) -> None:
        if not lr > 0:
            raise ValueError(f"Invalid learning rate: {lr}")
        if not eps > 0:
            raise ValueError(f"Invalid epsilon value: {eps}")
        check_betas(betas)
        super().__init__(params, lr=lr, betas=betas, eps=eps, maximize=maximize)

    def update(self, param: Any, grad: Array, group: Group) -> None:
        raise RuntimeError(
            "SparseAdam does not support dense gradients, please consider Adam instead"
        )
