"""Losses of a score for each class: cross-entropy and margins.

Scores are (C) for one sample, (N, C) for a batch, and (N, C, d1, d2, ...) for one classification at
each place; targets are class numbers of shape (), (N) or (N, d1, d2, ...).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.errors import type_name
from minigrad.nn.functional.activations import logsigmoid
from minigrad.nn.functional.checks import mean_or_sum, need_floating, reduction_of
from minigrad.nn.functional.linear_maps import linear
from minigrad.ops import choice, losses, margins
from minigrad.ops.arguments import integer, need_tensor, number
from minigrad.ops.reduction import count
from minigrad.ops.shape import contiguous, reshape
from minigrad.ops.softmax import log_softmax

__all__ = [
    "cross_entropy",
    "linear_cross_entropy",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "nll_loss",
]


def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """``-log(softmax(input)[target])``, for scores of any size.

    input:   (N, C), (C,) or (N, C, d1, ...), scores of C classes.
    target:  class numbers, (N,), 0-d or (N, d1, ...), of int64 or uint8; or, in the input's shape,
             probabilities of the classes.
    weight:  a number for each class, (C,).

    The mean divides by the sum of the targets' weights, with probabilities by the number of
    targets. Targets equal to ``ignore_index`` do not count; NaN if none does, with gradient 0. With
    ``label_smoothing`` e, the probability e is spread over all classes. With ``reduction="none"``
    the result has the shape that class numbers have.

    Derivative: softmax(input) sum(q) - q, where q are the target's probabilities, 1 for a class
    number, times the weights; for probabilities -log(softmax(input)), times the weights. Raises
    IndexError for a class number out of range, ValueError for another batch size, RuntimeError for
    other shapes and dtypes, a ``label_smoothing`` above 1 (one below 0 is none) and an
    ``ignore_index`` with probabilities, NotImplementedError for scores of integers.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    need_tensor("cross_entropy_loss", input)
    need_tensor("cross_entropy_loss", target, "target", 2)
    if weight is not None:
        need_tensor("cross_entropy_loss", weight, "weight", 3)
    ignore_index = integer("cross_entropy_loss", ignore_index, "ignore_index")
    label_smoothing = number("cross_entropy_loss", label_smoothing, "label_smoothing", kind="float")
    ndim = input.array.ndim
    dim = 0 if ndim == 1 else 1
    if input.array.shape == target.array.shape:
        return of_probabilities(
            input, target, weight, ignore_index, reduction, label_smoothing, dim
        )
    if label_smoothing > 1:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing:g}")
    logs = log_softmax(input, dim)
    loss = nll_loss(logs, target, weight, None, ignore_index, None, reduction)
    if not label_smoothing > 0:
        return loss
    classes = logs.array.shape[dim]
    spread = logs
    if weight is not None:
        spread = logs * reshape(weight, across(classes, dim, ndim))
    ignored = target == ignore_index
    spread = choice.where(ignored, 0.0, -spread.sum(dim))
    if reduction != "none":
        spread = spread.sum()
    if reduction == "mean":
        kept = target.array[~ignored.array]
        total = float(kept.size if weight is None else weight.array[kept].sum())
        spread = losses.div_number(spread, total)
    return (1 - label_smoothing) * loss + spread * (label_smoothing / classes)


def linear_cross_entropy(
    input: Any,
    linear_weight: Any,
    target: Any,
    *,
    linear_bias: Any = None,
    weight: Any = None,
    reduction: str = "mean",
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    options: Any = None,
) -> Any:
    """`cross_entropy` of what `linear` makes of the input, (N, in_features) or (in_features).

    linear_weight: (C, in_features), or (C, d_1, ..., in_features) for d_1 * ... predictions of
    each sample, which the target then has too; ``linear_bias`` has the same sizes but the last.
    Raises RuntimeError for sizes that do not fit, and where ``ignore_index`` is given and the
    target has probabilities; NotImplementedError for ``options``, which are torch's for large
    models. Derivative: that of both functions.
    """
    if options is not None:
        raise NotImplementedError("linear_cross_entropy is not computed in chunks: options=None")
    shape = input.shape
    if len(shape) not in (1, 2):
        raise RuntimeError(f"expected input with dimensionality 1 or 2, got {len(shape)}")
    of_weight = linear_weight.shape
    if len(of_weight) < 2:
        raise RuntimeError(
            f"expected linear_weight with dimensionality at least 2, got {len(of_weight)}"
        )
    if shape[-1] != of_weight[-1]:
        raise RuntimeError(
            "expected equal input and linear_weight last dimensions (in_features), got "
            f"{shape[-1]} and {of_weight[-1]}, respectively"
        )
    outputs = tuple(of_weight[:-1])
    if linear_bias is not None and tuple(linear_bias.shape) != outputs:
        raise RuntimeError(f"expected linear_bias shape {outputs}, got {tuple(linear_bias.shape)}")
    if len(outputs) > 1 and len(shape) == 1:
        raise RuntimeError(
            f"K-dimensional loss defined by linear_weight shape {tuple(of_weight)} requires "
            f"batched input, (N, {shape[-1]}), got unbatched input with shape {tuple(shape)}"
        )
    of_scores = (*shape[:-1], *outputs)
    need_tensor("cross_entropy_loss", target, "target", 2)
    if target.shape == of_scores:
        if ignore_index is not None:
            raise RuntimeError(
                "ignore_index cannot be specified when target contains probabilities"
            )
    elif target.array.dtype.kind == "f" and len(shape) == 1:
        raise RuntimeError(
            f"expected target dtype to be Long or Byte, but got {type_name(target.array.dtype)}"
        )
    if len(outputs) > 1:
        linear_weight = reshape(linear_weight, (math.prod(outputs), shape[-1]))
        linear_bias = None if linear_bias is None else reshape(linear_bias, (math.prod(outputs),))
    scores = reshape(linear(input, linear_weight, linear_bias), of_scores)
    return cross_entropy(
        scores,
        target,
        weight,
        ignore_index=-100 if ignore_index is None else ignore_index,
        reduction=reduction,
        label_smoothing=label_smoothing,
    )


def across(classes: int, dim: int, ndim: int) -> tuple[int, ...]:
    """The shape of one number for each class that broadcasts to the scores."""
    return (*(1,) * dim, classes, *(1,) * (ndim - dim - 1))


def of_probabilities(
    input: Any,
    target: Any,
    weight: Any,
    ignore_index: int,
    reduction: str,
    label_smoothing: float,
    dim: int,
) -> Any:
    if target.array.dtype.kind != "f":
        raise RuntimeError(
            "Expected floating point type for target with class probabilities, got "
            f"{type_name(target.array.dtype)}. For class numbers the target has no class dimension."
        )
    if ignore_index >= 0:
        raise RuntimeError("ignore_index is not supported for floating point target")
    classes = input.array.shape[dim]
    check_weight(weight, classes, "cross_entropy: ")
    logs = log_softmax(input, dim)
    if label_smoothing > 0:
        if label_smoothing > 1:
            raise RuntimeError(
                f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing:g}"
            )
        target = target * (1 - label_smoothing) + label_smoothing / classes
    product = logs * target
    if weight is not None:
        product = product * reshape(weight, across(classes, dim, input.array.ndim))
    if reduction == "none":
        return -product.sum(dim)
    if reduction == "sum":
        return -product.sum()
    rows = input.array.size / classes if classes else 0.0
    return losses.div_number(-product.sum(), rows)


def check_weight(weight: Any, classes: int, prefix: str = "", rows: bool = True) -> None:
    if weight is not None and weight.array.shape != (classes,):
        which = f"all {classes} classes or no classes but got" if rows else "all or no classes. Got"
        raise RuntimeError(
            f"{prefix}weight tensor should be defined either for {which} weight tensor of shape: "
            f"{list(weight.array.shape)}"
        )


def nll_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: bool | None = None,
    ignore_index: int = -100,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """``-input[target]``, for inputs that are logarithms of probabilities; see `cross_entropy`.

    Derivative: minus the weight at the target, 0 elsewhere, over the sum of weights for the mean.
    Raises IndexError for a class number out of range, ValueError for another batch size,
    RuntimeError for other shapes that do not match and targets that are not int64 or uint8.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    need_tensor("nll_loss_nd", input)
    need_tensor("nll_loss_nd", target, "target", 2)
    if weight is not None:
        need_tensor("nll_loss_nd", weight, "weight", 3)
    ignore_index = integer("nll_loss_nd", ignore_index, "ignore_index")
    x, t = input.array, target.array
    if x.ndim < 1:
        raise ValueError(f"Expected 1 or more dimensions (got {x.ndim})")
    if x.ndim != 1 and (t.ndim == 0 or x.shape[0] != t.shape[0]):
        size = t.shape[0] if t.ndim else 0
        raise ValueError(
            f"Expected input batch_size ({x.shape[0]}) to match target batch_size ({size})."
        )
    if x.ndim < 3:
        if t.ndim > 1:
            raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
        if x.ndim == 1 and t.size != 1:
            raise ValueError(
                f"For 1D input, 1D target must have size 1, but got target size: {t.size}"
            )
    elif x.ndim == 4 and t.ndim != 3:
        raise RuntimeError(
            "only batches of spatial targets supported (3D tensors) but got targets of dimension: "
            f"{t.ndim}"
        )
    elif t.shape[1:] != x.shape[2:]:
        raise RuntimeError(
            f"size mismatch (got input: {list(x.shape)} , target: {list(t.shape)}"
            if x.ndim == 4
            else f"Expected target size {[x.shape[0], *x.shape[2:]]}, got {list(t.shape)}"
        )
    need_floating("nll_loss_nd", "nll_loss_out_frame", input)
    classes = x.shape[0 if x.ndim == 1 else 1]
    check_weight(weight, classes, rows=x.ndim < 3)
    check_targets(target, classes, ignore_index)
    if weight is not None:
        check_dtype(weight, x.dtype)
    if x.ndim < 3:
        if x.ndim == 1 and t.ndim == 1:
            target = reshape(target, ())
            loss = losses._nll_loss(input, target, weight, reduction, ignore_index)
            return reshape(loss, (1,)) if reduction == "none" else loss
        return losses._nll_loss(input, target, weight, reduction, ignore_index)
    if x.ndim == 4:
        return losses._nll_loss_2d(input, target, weight, reduction, ignore_index)
    places = count(t.shape[1:])
    loss = losses._nll_loss_2d(
        reshape(contiguous(input), (*x.shape[:2], 1, places)),
        reshape(contiguous(target), (t.shape[0], 1, places)),
        weight,
        reduction,
        ignore_index,
    )
    return reshape(loss, t.shape) if reduction == "none" else loss


def check_dtype(weight: Any, wanted: Any) -> None:
    given = weight.array.dtype
    if given != wanted:
        raise RuntimeError(
            f"expected scalar type {type_name(wanted)} but found {type_name(given)}. Convert the "
            "weight with .to(input.dtype)."
        )


def check_targets(target: Any, classes: int, ignored: int) -> None:
    """Raise RuntimeError unless the targets are int64 (or uint8), IndexError if out of range."""
    t = target.array
    if t.dtype not in (np.int64, np.uint8):
        raise RuntimeError(
            f"expected target dtype to be Long or Byte, but got {type_name(t.dtype)}. Convert it "
            "with .long(), or give probabilities in the shape of the input."
        )
    if t.size and not (t.min() >= 0 and t.max() < classes):
        wrong = t[((t < 0) | (t >= classes)) & (t != ignored)]
        if wrong.size:
            raise IndexError(
                f"Target {wrong.flat[0]} is out of bounds. There are {classes} classes."
            )


def multi_margin_loss(
    input: Any,
    target: Any,
    p: int = 1,
    margin: float = 1.0,
    weight: Any = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """The mean over the C classes i of ``max(0, margin - x[target] + x[i])**p``, but the target's.

    p is 1 or 2, ``weight`` a factor for each target class. Derivative: p times that difference to
    the power p - 1, over C, at i, and the negative sum at the target.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    if p not in (1, 2):
        raise ValueError("only p == 1 and p == 2 supported")
    p = number("multi_margin_loss", p, "p")
    margin = number("multi_margin_loss", margin, "margin")
    if weight is not None:
        need_tensor("multi_margin_loss", weight, "weight", 5)
        if weight.array.ndim != 1:
            raise ValueError("weight must be one-dimensional")
    need_floating("multi_margin_loss", "multi_margin_loss_cpu_kernel", input)
    need_tensor("multi_margin_loss", target, "target", 2)
    x, t = input.array, target.array
    if x.ndim > 2 or 0 in x.shape[-1:] or (x.ndim == 2 and x.shape[1] == 0):
        raise RuntimeError(
            "Expected non-empty vector or matrix with optional 0-dim batch size, but got: "
            f"{list(x.shape)}"
        )
    batch, classes = x.shape if x.ndim == 2 else (1, max(x.size, 1))
    if t.ndim > 1 or t.size != batch:
        raise RuntimeError(
            "multi_margin_loss: target tensor should be 1-D with size equal to the number of input "
            f"samples (batch size). Expected target size [{batch}], but got {list(t.shape)}."
        )
    if weight is not None and weight.array.size != classes:
        raise RuntimeError(
            f"inconsistent weight size, expected {classes} but got {list(weight.array.shape)}"
        )
    if t.dtype != np.int64:
        raise RuntimeError(
            f"expected scalar type Long but found {type_name(t.dtype)}. Convert it with .long()."
        )
    if weight is not None:
        check_dtype(weight, x.dtype)
    if ((t < 0) | (t >= classes)).any():
        raise RuntimeError("target out of range")
    return margins._multi_margin(input, target, p, margin, weight, reduction)


def multilabel_margin_loss(
    input: Any,
    target: Any,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """The sum of ``max(0, 1 - x[j] + x[i]) / C`` over labels j and classes i that are no label.

    Each row of the target lists labels, up to the first -1; it has the input's shape.
    Derivative: 1 / C at i and -1 / C at j for every pair that counts.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    need_floating("multilabel_margin_loss", "multilabel_margin_loss_forward_out_frame", input)
    need_tensor("multilabel_margin_loss", target, "target", 2)
    x, t = input.array, target.array
    if x.ndim > 2 or (x.ndim and x.shape[-1] == 0):
        raise RuntimeError(
            "Expected non-empty vector or matrix with optional 0-dim batch size, but got: "
            f"{list(x.shape)}"
        )
    if t.shape != x.shape:
        raise RuntimeError(
            f"inconsistent target size: {list(t.shape)} for input of size: {list(x.shape)}"
        )
    if t.size and (t.min() < -1 or t.max() >= (x.shape[-1] if x.ndim else 1)):
        raise RuntimeError("argument #2 'target' is out of range")
    if t.dtype != np.int64:
        raise RuntimeError(f"expected scalar type Long but found {type_name(t.dtype)}")
    return margins._multilabel_margin(input, target, reduction)


def multilabel_soft_margin_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
) -> Any:
    """The mean over classes of the cross-entropy of each label's sigmoid, for targets 0 and 1.

    (..., C) to (...). Derivatives: (sigmoid(input) - target) / C and -input / C, times the class's
    ``weight``. Raises RuntimeError where shapes do not broadcast, NotImplementedError for integers.
    """
    reduction = reduction_of(reduction, size_average, reduce)
    need_tensor("multilabel_soft_margin_loss", input)
    loss = -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input))
    if weight is not None:
        loss = loss * weight
    dim = input.array.ndim - 1
    return mean_or_sum(loss.sum(dim) / input.array.shape[dim], reduction)
