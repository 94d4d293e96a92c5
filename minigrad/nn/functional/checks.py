"""Checks that many functions of this package share, with torch's errors."""

from __future__ import annotations

import warnings
from typing import Any

from minigrad.errors import type_name
from minigrad.ops.arguments import need_tensor


def need_floating(function: str, kernel: str, input: Any) -> None:
    """Raise TypeError unless given a tensor, NotImplementedError unless it is of floats."""
    need_tensor(function, input)
    dtype = input.array.dtype
    if dtype.kind != "f":
        raise NotImplementedError(
            f"\"{kernel}\" not implemented for '{type_name(dtype)}'. Convert it with .float()."
        )


def reduction_of(
    reduction: str, size_average: Any = None, reduce: Any = None, warns: bool = True
) -> str:
    """``reduction``, or what the two older arguments say in its place; ValueError for others."""
    if size_average is not None or reduce is not None:
        mean = size_average is None or size_average
        reduction = "none" if reduce is not None and not reduce else "mean" if mean else "sum"
        if warns:
            warnings.warn(
                "size_average and reduce args will be deprecated, please use "
                f"reduction='{reduction}' instead.",
                stacklevel=3,
            )
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction} is not a valid value for reduction")
    return reduction


def mean_or_sum(loss: Any, reduction: str) -> Any:
    """A loss of every element, reduced."""
    if reduction == "none":
        return loss
    return loss.mean() if reduction == "mean" else loss.sum()
