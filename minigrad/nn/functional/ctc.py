"""The connectionist temporal classification loss.

Graves et al., "Connectionist Temporal Classification: Labelling Unsegmented Sequence Data with
Recurrent Neural Networks" (2006): the probability of a text is that of all its alignments with the
time steps, where letters may be repeated and blanks stand between them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.function import Function
from minigrad.autograd.not_implemented import refuse_backward
from minigrad.autograd.value import Array, Value, wrap
from minigrad.nn.functional.checks import mean_or_sum, need_floating, reduction_of
from minigrad.ops.arguments import is_integer, need_tensor
from minigrad.ops.choice import where

__all__ = ["ctc_loss"]

CHECKING = " (while checking arguments for ctc_loss_allocate_outputs)"

NO_SECOND = (
    "derivative for aten::_ctc_loss_backward is not implemented. The loss can be differentiated "
    "once: leave it out of what create_graph=True is for."
)


def ctc_loss(
    log_probs: Any,
    targets: Any,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: str = "mean",
    zero_infinity: bool = False,
) -> Any:
    """``-log P(targets)``, for the log-probabilities of C classes, (T, N, C) or (T, C).

    targets: class numbers, (N, S) or one text after the other. The lengths are numbers for each
    sample. The mean is that of losses divided by the targets' lengths. A text that is too long for
    its input has an infinite loss, or 0 and no gradient with ``zero_infinity``. Raises RuntimeError
    for lengths and targets that do not fit, IndexError for a class that is not there.
    Derivative: exp(log_probs) minus the probability of each class at each step given the text; as
    in torch, it presupposes that ``log_probs`` come from a log_softmax. There is no second one.
    """
    reduction = reduction_of(reduction)
    need_floating("ctc_loss", "ctc_loss_cpu", log_probs)
    need_tensor("ctc_loss", targets, "targets", 2)
    check_lengths(input_lengths, target_lengths)
    batched = log_probs.array.ndim == 3
    logs = log_probs if batched else log_probs.unsqueeze(1)
    if logs.array.ndim != 3:
        raise RuntimeError(f"ctc_loss: log_probs must have 2 or 3 dimensions, not {log_probs.ndim}")
    steps, batch, classes = logs.array.shape
    if not logs.array.size:
        raise RuntimeError("log_probs tensor must not be empty. There are no losses to take.")
    if not 0 <= blank < classes:
        raise RuntimeError(f"blank must be in label range. It is {blank}, of {classes} classes.")
    spans, sizes = (
        lengths(name, given, batch)
        for name, given in (("input_lengths", input_lengths), ("target_lengths", target_lengths))
    )
    if spans.max(initial=0) > steps:
        raise RuntimeError(
            f"Expected input_lengths to have value at most {steps}, but got value {spans.max()}"
            + CHECKING
        )
    states = alignment_states(targets.array, sizes, blank)
    loss = CtcLoss.apply(logs, states, spans, sizes, zero_infinity)
    if zero_infinity:
        loss = where(loss == np.inf, 0.0, loss)
    if reduction == "none" and not batched:
        return loss.squeeze(0)
    if reduction == "mean":
        loss = loss / wrap(np.maximum(sizes, 1).astype(logs.array.dtype).reshape(loss.array.shape))
    return mean_or_sum(loss, reduction)


def check_lengths(*given: Any) -> None:
    """Raise TypeError unless the lengths are two tensors, or two sequences of integers."""
    if all(isinstance(x, Value) for x in given):
        return
    if not all(isinstance(x, list | tuple) and all(map(is_integer, x)) for x in given):
        kinds = ["Tensor" if isinstance(x, Value) else type(x).__name__ for x in given]
        raise TypeError(
            "ctc_loss() received an invalid combination of arguments - got (Tensor, Tensor, "
            f"{kinds[0]}, {kinds[1]}, int, int, bool), but expected one of:\n"
            "two tensors of lengths, or two tuples of ints"
        )


def lengths(name: str, given: Any, batch: int) -> Array:
    array = np.asarray(given.array if isinstance(given, Value) else given).reshape(-1)
    if array.dtype.kind not in "iu" and array.size:
        raise RuntimeError(f"{name} must be integral")
    if array.size != batch:
        raise RuntimeError(f"{name} must be of size batch_size. It is {array.size}, not {batch}.")
    if array.min() < 0:
        raise RuntimeError(
            f"Expected {name} to have value at least 0, but got value {array.min()}" + CHECKING
        )
    return array


def alignment_states(targets: Array, sizes: Array, blank: int) -> Array:
    """Each text with a blank before, between and behind its letters, in a row of 2 S + 1."""
    if targets.ndim not in (1, 2):
        raise RuntimeError(
            f"Expected 1 to 2 dimensions, but got {targets.ndim}-dimensional tensor for argument "
            "#2 'targets'" + CHECKING
        )
    longest = int(sizes.max(initial=0))
    states = np.full((sizes.size, 2 * longest + 1), blank)
    if targets.ndim == 1:
        dim, needed = 0, int(sizes.sum())
        fits = targets.size == needed
    else:
        if len(targets) != sizes.size:
            raise RuntimeError(
                f"Expected tensor to have size {sizes.size} at dimension 0, but got size "
                f"{len(targets)} for argument #2 'targets'" + CHECKING
            )
        dim, needed = 1, longest
        fits = targets.shape[1] >= needed
    if not fits:
        least = "at least " if dim else ""
        raise RuntimeError(
            f"Expected tensor to have size {least}{needed} at dimension {dim}, but got size "
            f"{targets.shape[dim]} for argument #2 'targets'" + CHECKING
        )
    start = 0
    for row, text, size in zip(states, targets if dim else states, sizes, strict=True):
        row[1 : 2 * size : 2] = text[:size] if dim else targets[start : start + size]
        start += size
    if states.min() < 0:
        raise IndexError(f"ctc_loss: there is no class {states.min()} for a target")
    return states


class CtcLoss(Function):
    """A loss for each sample, by the forward-backward algorithm in logarithms."""

    @staticmethod
    def forward(
        ctx: Any, logs: Any, states: Array, spans: Array, sizes: Array, zero_infinity: bool
    ) -> Any:
        x = logs.array
        batch = np.arange(x.shape[1])
        emitted = x[:, batch[:, None], states]  # by step, sample and state
        skips = may_skip(states)
        alphas = np.empty_like(emitted)
        alpha = np.full(states.shape, -np.inf, x.dtype)
        for t, now in enumerate(emitted):
            if t == 0:
                alpha[:, :2] = now[:, :2]
            else:
                alpha = moved(alpha, skips, 1) + now
            alphas[t] = alpha
        last = alphas[spans - 1, batch] if len(alphas) else alpha
        ends = np.logaddexp(last[batch, 2 * sizes], last[batch, np.maximum(2 * sizes - 1, 0)])
        loss = -np.where(sizes == 0, last[:, 0], ends)
        loss = np.where(spans == 0, np.where(sizes == 0, 0, np.inf), loss).astype(x.dtype)
        ctx.save_for_backward(logs)
        ctx.known = emitted, skips, alphas, loss, states, spans, sizes, zero_infinity
        return wrap(loss)

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        (logs,) = ctx.saved_tensors
        x = logs.array
        emitted, skips, alphas, loss, states, spans, sizes, zero_infinity = ctx.known
        batch, final = np.arange(x.shape[1])[:, None], np.full(states.shape, -np.inf, x.dtype)
        places = np.arange(states.shape[1])
        final[(places == 2 * sizes[:, None]) | (places == 2 * sizes[:, None] - 1)] = 0
        beta = np.full_like(final, -np.inf)  # of what comes after this step
        given = np.zeros_like(x)
        with np.errstate(invalid="ignore"):
            for t in reversed(range(len(x))):
                if t + 1 < len(x):
                    beta = moved(beta + emitted[t + 1], skips, -1)
                beta = np.where((spans == t + 1)[:, None], final, beta)
                np.add.at(given[t], (batch, states), np.exp(alphas[t] + beta + loss[:, None]))
            slope = g.array[:, None] * (np.exp(x) - given)
        impossible = np.isinf(loss)
        slope[:, impossible] = 0 if zero_infinity else np.nan
        slope[np.arange(len(x))[:, None] >= spans] = 0
        result = wrap(slope.astype(x.dtype, copy=False))
        refuse_backward("NotImplemented", NO_SECOND, [result], (g, logs))
        return result, None, None, None, None


CtcLoss._backward_cls.__name__ = "CtcLossBackward0"  # as if it were declared as a primitive


def may_skip(states: Array) -> Array:
    """Where a state can be reached from the one before the last: a new letter, over the blank."""
    skips = np.zeros(states.shape, bool)
    skips[:, 3::2] = states[:, 3::2] != states[:, 1:-2:2]
    return skips


def moved(logs: Array, skips: Array, step: int) -> Array:
    """The log of the sum over the states that lead to each (step 1), or that it leads to (-1)."""
    total = logs.copy()
    if step > 0:
        total[:, 1:] = np.logaddexp(total[:, 1:], logs[:, :-1])
        over = np.where(skips[:, 2:], logs[:, :-2], -np.inf)
        total[:, 2:] = np.logaddexp(total[:, 2:], over)
    else:
        total[:, :-1] = np.logaddexp(total[:, :-1], logs[:, 1:])
        over = np.where(skips[:, 2:], logs[:, 2:], -np.inf)
        total[:, :-2] = np.logaddexp(total[:, :-2], over)
    return total
