"""Losses that compare two tensors element by element.

``reduction`` is ``"mean"`` of all elements, ``"sum"``, or ``"none"``; ``size_average`` and
``reduce`` are its older spelling. Another string raises ValueError.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from minigrad.autograd.inplace import broadcast_output_error
from minigrad.dtypes import get_default_dtype
from minigrad.errors import broadcast_shapes, type_name
from minigrad.nn.functional.checks import mean_or_sum, need_floating, reduction_of
from minigrad.ops import bounds, choice, elementwise, losses, shape
from minigrad.ops.arguments import need_tensor, number

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "gaussian_nll_loss",
    "huber_loss",
    "kl_div",
    "l1_loss",
    "mse_loss",
    "poisson_nll_loss",
    "smooth_l1_loss",
    "soft_margin_loss",
]


def broadcast(name: str, input: Any, target: Any) -> tuple[Any, Any]:
    """Input and target in their common shape, with torch's warning where theirs differ."""
    need_tensor(name, input)
    need_tensor(name, target, "target", 2)
    a, b = input.array.shape, target.array.shape
    if a == b:
        return input, target
    warnings.warn(
        f"Using a target size ({target.shape}) that is different to the input size "
        f"({input.shape}). This will likely lead to incorrect results due to broadcasting. "
        "Please ensure they have the same size.",
        stacklevel=3,
    )
    sizes = broadcast_shapes(a, b)
    return shape.expand(input, sizes), shape.expand(target, sizes)


def need_a_float(kernel: str, input: Any, target: Any) -> None:
    """Raise NotImplementedError where both are integers."""
    if input.array.dtype.kind != "f" and target.array.dtype.kind != "f":
        raise NotImplementedError(
            f"\"{kernel}\" not implemented for '{type_name(input.array.dtype)}'. Convert one of "
            "the two with .float()."
        )


def mse_loss(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Any = None,
) -> Any:
    """``(input - target)**2``. Derivatives: 2 (input - target), and its negative.

    With ``weight``, of the input's shape, the mean is that of the weighted squares over the sum of
    weights. Shapes that differ broadcast, with a warning. Raises RuntimeError where they do not,
    NotImplementedError for two tensors of integers, ValueError for another shape of the weight.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    input, target = broadcast("mse_loss", input, target)
    if weight is None:
        need_a_float("mse_cpu", input, target)
        return losses._mse_loss(input, target, reduction)
    return weighted((input - target).pow(2), weight, reduction)


def l1_loss(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Any = None,
) -> Any:
    """``|input - target|``. Derivatives: the sign of the difference, 0 at 0, and its negative.

    Shapes and ``weight`` as in `mse_loss`. Raises RuntimeError for the mean of integers.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    input, target = broadcast("l1_loss", input, target)
    loss = (input - target).abs()
    return mean_or_sum(loss, reduction) if weight is None else weighted(loss, weight, reduction)


def weighted(loss: Any, weight: Any, reduction: str) -> Any:
    """A loss whose elements count as much as their weights."""
    need_tensor("weighted_loss", weight, "weight", None)
    if weight.shape != loss.shape:
        raise ValueError("Weights and input must have the same size.")
    loss = loss * weight
    if reduction == "none":
        return loss
    return loss.sum() if reduction == "sum" else loss.sum() / weight.sum()


def smooth_l1_loss(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    beta: float = 1.0,
) -> Any:
    """``z**2 / (2 beta)`` where ``z = |input - target|`` is below beta, else ``z - beta / 2``.

    Derivative: the difference over beta, cut off at -1 and 1; its negative for the target. With
    beta 0 it is `l1_loss`. Shapes as in `mse_loss`. Raises RuntimeError for a negative beta,
    NotImplementedError for two tensors of integers.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    input, target = broadcast("smooth_l1_loss", input, target)
    beta = number("smooth_l1_loss", beta, "beta", kind="float")
    if beta == 0:
        return mean_or_sum((input - target).abs(), reduction)
    need_a_float("smooth_l1_cpu", input, target)
    if beta < 0:
        raise RuntimeError("smooth_l1_loss does not support negative values for beta.")
    return losses._smooth_l1_loss(input, target, reduction, beta)


def huber_loss(
    input: Any, target: Any, reduction: str = "mean", delta: float = 1.0, weight: Any = None
) -> Any:
    """``z**2 / 2`` where ``z = |input - target|`` is up to delta, else ``delta (z - delta / 2)``.

    Derivative: the difference, cut off at -delta and delta; its negative for the target. Shapes as
    in `mse_loss`. Raises RuntimeError unless delta is positive, NotImplementedError for two tensors
    of integers.
    """
    reduction = reduction_of(reduction)
    input, target = broadcast("huber_loss", input, target)
    delta = number("huber_loss", delta, "delta", kind="float")
    if not delta > 0:
        raise RuntimeError("huber_loss does not support non-positive values for delta.")
    need_a_float("huber_cpu", input, target)
    if weight is not None:
        need_tensor("huber_loss", weight, "weight", 5)
        if weight.shape != input.shape:
            raise ValueError("Weights and input must have the same size.")
    if input.array.dtype.kind != "f":
        raise cast_error(target.array.dtype, input.array.dtype)
    if weight is None:
        return losses._huber_loss(input, target, reduction, delta).to(input.dtype)
    each = losses._huber_loss(input, target, "none", delta).to(input.dtype)
    return mean_or_sum(each * weight, reduction)


def soft_margin_loss(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """``log(1 + exp(-target input))``, for targets 1 and -1.

    Derivative: -target sigmoid(-target input); the target may not require grad.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    need_tensor("soft_margin_loss", input)
    need_tensor("soft_margin_loss", target, "target", 2)
    if target.requires_grad:
        raise RuntimeError(
            "The function 'soft_margin_loss' is not differentiable with respect to argument "
            "'target'. This input cannot have requires_grad True."
        )
    need_to_fit(input, input.array.shape, target.array.shape)
    x, t = input.array.dtype, target.array.dtype
    if x.kind in "iu":
        raise cast_error(t if t.kind == "f" else np.dtype(get_default_dtype()), x)
    if "b" in (x.kind, t.kind):
        raise RuntimeError(
            "Negation, the `-` operator, on a bool tensor is not supported. The targets of "
            "soft_margin_loss are 1 and -1."
        )
    return losses._soft_margin_loss(input, target.to(input.dtype), reduction)


def need_to_fit(result: Any, *operands: tuple[int, ...]) -> None:
    """Raise RuntimeError where operands of these shapes would need a larger result."""
    wanted = broadcast_shapes(*operands)
    if wanted != result.array.shape:
        raise broadcast_output_error(result.array.shape, wanted)


def cast_error(computed: Any, wanted: Any) -> RuntimeError:
    return RuntimeError(
        f"result type {type_name(computed)} can't be cast to the desired output type "
        f"{type_name(wanted)}. Convert it with .float()."
    )


def binary_cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """``-target log(input) - (1 - target) log(1 - input)``, for inputs from 0 to 1.

    The logarithms are not less than -100. Derivative: (p - t) / (p (1 - p)), whose denominator is
    not less than 1e-12. Raises RuntimeError for inputs and targets out of range and for dtypes
    that differ, ValueError for shapes that differ.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    need_tensor("binary_cross_entropy", input)
    need_tensor("binary_cross_entropy", target, "target", 2)
    if target.shape != input.shape:
        raise ValueError(
            f"Using a target size ({target.shape}) that is different to the input size "
            f"({input.shape}) is deprecated. Please ensure they have the same size."
        )
    p, t = input.array, target.array
    if weight is not None:
        need_tensor("binary_cross_entropy", weight, "weight", 3)
        weight = shape.expand(weight, broadcast_shapes(t.shape, weight.array.shape))
    if p.dtype != t.dtype:
        raise RuntimeError(
            f"Found dtype {type_name(t.dtype)} but expected {type_name(p.dtype)}. Convert one of "
            "the two with .to(dtype)."
        )
    if p.dtype.kind != "f":
        raise NotImplementedError(
            f"\"binary_cross_entropy\" not implemented for '{type_name(p.dtype)}'"
        )
    fit = [(x >= 0) & (x <= 1) for x in (p, t)]
    if not (fit[0] & fit[1]).all():
        first = int(np.argmin(fit[0] & fit[1]))
        which = "target" if fit[0].flat[first] else "input"
        raise RuntimeError(
            f"all elements of {which} should be between 0 and 1. For logits, there is "
            "binary_cross_entropy_with_logits()."
        )
    if weight is not None:
        need_to_fit(input, p.shape, weight.array.shape)
        weight = weight.to(input.dtype)
    return losses._binary_cross_entropy(input, target, weight, reduction)


def binary_cross_entropy_with_logits(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    pos_weight: Any = None,
) -> Any:
    """`binary_cross_entropy` of ``sigmoid(input)``, without overflow and loss of precision.

    ``weight`` multiplies every element, ``pos_weight`` the term of the positive ones; both
    broadcast. The result has the target's dtype. Derivative: sigmoid(x) - target. ValueError for
    shapes that differ.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    need_tensor("binary_cross_entropy_with_logits", input)
    need_tensor("binary_cross_entropy_with_logits", target, "target", 2)
    for position, (name, x) in enumerate((("weight", weight), ("pos_weight", pos_weight)), 3):
        if x is not None:
            need_tensor("binary_cross_entropy_with_logits", x, name, position)
    if target.shape != input.shape:
        raise ValueError(
            f"Target size ({target.shape}) must be the same as input size ({input.shape})"
        )
    need_floating("log_sigmoid", "log_sigmoid_cpu", input)
    t = target.array
    if t.dtype.kind == "b":
        raise RuntimeError(
            "Subtraction, the `-` operator, with two bool tensors is not supported. Convert the "
            "target with .float()."
        )
    if t.dtype.kind != "f":
        raise cast_error(input.array.dtype, t.dtype)
    if pos_weight is not None:
        need_to_fit(target, pos_weight.array.shape, t.shape)
    if weight is not None:
        need_to_fit(target, t.shape, weight.array.shape)
    return losses._cross_entropy_with_logits(input, target, weight, pos_weight, reduction, t.dtype)


def kl_div(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    log_target: bool = False,
) -> Any:
    """``target (log(target) - input)``, for inputs that are logarithms of probabilities.

    With ``log_target`` the targets are logarithms, too. The divergence of distributions is
    ``reduction="batchmean"``, the sum over the size of the first dimension; ``"mean"``, over all
    elements, is not, and warns. Derivatives: -target, and log(target) + 1 - input, NaN at target 0;
    with ``log_target`` -e and e (target - input + 1), where e = exp(target). Raises RuntimeError
    where shapes do not broadcast.
    """
    if size_average is not None or reduce is not None:
        reduction = reduction_of(reduction, size_average, reduce)
    elif reduction == "mean":
        warnings.warn(
            "reduction: 'mean' divides the total loss by both the batch size and the support size."
            "'batchmean' divides only by the batch size, and aligns with the KL div math "
            "definition.'mean' will be changed to behave the same as 'batchmean' in the next "
            "major release.",
            stacklevel=2,
        )
    inner = "sum" if reduction == "batchmean" else reduction_of(reduction)
    need_tensor("kl_div", input)
    need_tensor("kl_div", target, "target", 2)
    if input.array.dtype.kind != "f" or target.array.dtype.kind != "f":
        raise RuntimeError("kl_div: Integral inputs not supported. Convert them with .float().")
    if log_target:
        loss = target.exp() * (target - input)
    else:
        loss = elementwise.xlogy(target, target) - target * input
    loss = mean_or_sum(loss, inner)
    if reduction == "batchmean" and input.array.ndim:
        return loss / input.array.shape[0]
    return loss


def poisson_nll_loss(
    input: Any,
    target: Any,
    log_input: bool = True,
    full: bool = False,
    size_average: bool | None = None,
    eps: float = 1e-8,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """``exp(input) - target input``, the negative log likelihood of counts, but for a constant.

    Without ``log_input`` the input is the rate: ``input - target log(input + eps)``. ``full`` adds
    Stirling's approximation of the constant log(target!) for targets above 1. Derivatives:
    exp(input) - target, or 1 - target / (input + eps); for the target -input, or -log(input + eps),
    and with ``full`` log(target) + 1 / (2 target) more. Raises RuntimeError where shapes do not
    broadcast.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    need_tensor("poisson_nll_loss", input)
    need_tensor("poisson_nll_loss", target, "target", 2)
    eps = number("poisson_nll_loss", eps, "eps", 5, "float")
    if log_input:
        loss = input.exp() - target * input
    else:
        loss = input - target * (input + eps).log()
    if full:
        stirling = target * target.log() - target + 0.5 * (2 * math.pi * target).log()
        loss = loss + choice.where(target <= 1, 0.0, stirling).to(loss.dtype)
    return mean_or_sum(loss, reduction)


def gaussian_nll_loss(
    input: Any,
    target: Any,
    var: Any,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Any:
    """``(log(var) + (input - target)**2 / var) / 2``: of normal distributions, but for a constant.

    ``var``, a number or a tensor of the input's shape or one variance for each row, counts as at
    least ``eps``; its gradient does not see that. ``full`` adds log(2 pi) / 2. Derivatives, with
    the difference d = input - target: d / var, -d / var, and for the variance
    (1 - d**2 / var) / (2 var). Raises ValueError for negative variances and other shapes of them.
    """
    need_tensor("gaussian_nll_loss", input)
    need_tensor("gaussian_nll_loss", target, "target", 2)
    if isinstance(var, float):
        if var < 0:
            raise ValueError("var has negative entry/entries")
        var = input.detach() * 0 + var
    else:
        need_tensor("gaussian_nll_loss", var, "var", 3)
        if (var.array < 0).any():
            raise ValueError("var has negative entry/entries")
    sizes, given = input.array.shape, var.array.shape
    if given != sizes:
        differing = [m for n, m in zip(sizes, given, strict=False) if n != m]
        if given == sizes[:-1]:
            var = shape.unsqueeze(var, -1)
        elif len(given) != len(sizes) or sum(differing) != 1:
            raise ValueError("var is of incorrect size")
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction} is not valid")
    var = bounds.at_least(var, eps)
    loss = 0.5 * (var.log() + (input - target) ** 2 / var)
    if full:
        loss = loss + 0.5 * math.log(2 * math.pi)
    return mean_or_sum(loss, reduction)
