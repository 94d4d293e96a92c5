"""Embeddings of bags of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.value import Array, wrap
from minigrad.nn.functional.embeddings import shorten_rows
from minigrad.ops import bags as ops
from minigrad.ops.arguments import integer, need_tensor
from minigrad.promotion import promote_types

__all__ = ["embedding_bag"]


def embedding_bag(
    input: Any,
    weight: Any,
    offsets: Any = None,
    max_norm: float | None = None,
    norm_type: float = 2,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Any = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Any:
    """The sum, mean or maximum of the rows of ``weight`` in every bag, (bags, width).

    A matrix ``input`` has a bag in each of its rows; of a vector they begin at ``offsets``, and end
    there too with ``include_last_offset``. The row ``padding_idx`` does not count; an empty bag
    gives 0. ``per_sample_weights`` multiply the rows of a sum. Derivative: each row gets the sum of
    its bags' cotangents, weighted as it was, and divided by how often it was taken with
    ``scale_grad_by_freq``. Raises ValueError for shapes or modes that do not fit,
    RuntimeError for numbers out of range.
    """
    need_tensor("embedding_bag", weight, "weight", 1)
    need_tensor("embedding_bag", input, "indices", 2)
    check(input, weight, offsets, mode, per_sample_weights)
    if mode == "max" and scale_grad_by_freq:
        raise ValueError("max mode does not support scaling the gradient by the frequency")
    if input.array.ndim == 2 and input.array.dtype.kind == "b":
        raise NotImplementedError("\"arange_cpu\" not implemented for 'Bool': indices are integers")
    check_types(input, weight, offsets, per_sample_weights)
    if weight.array.dtype.kind != "f":
        raise RuntimeError(
            "Expected tensor for argument #1 'weight' to have one of the following scalar types: "
            f"Half, BFloat16, Float, Double; but got {weight.type()} instead (while checking "
            "arguments for embedding_bag)"
        )
    table, rows = weight.array, input.array.reshape(-1)
    if rows.dtype.kind == "b":
        rows = rows.astype(np.int64)  # as the offsets are
    if padding_idx is not None:
        padding_idx = integer("embedding_bag", padding_idx, "padding_idx", 9)
        if not -len(table) <= padding_idx < len(table):
            raise RuntimeError(
                f"padding_idx must be within the number of embeddings, -{len(table)} through "
                f"{len(table) - 1}, but got {padding_idx}"
            )
    if rows.size and not (rows.min() >= 0 and rows.max() < len(table)):
        raise RuntimeError(
            "embedding_bag: Expected idx >= 0 && idx < num_embeddings but found idx to be "
            f"{rows.min() if rows.min() < 0 else rows.max()}"
        )
    if input.array.ndim == 2:
        count, size = input.array.shape
        bags = np.repeat(np.arange(count), size)
    else:
        starts = offsets.array
        if starts.size and starts[0] != 0:
            raise RuntimeError(
                "offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start "
                f"from position 0. However, got {starts[0]}"
            )
        if include_last_offset and not starts.size:
            raise RuntimeError("include_last_offset: number of offset should be at least 1")
        check_offsets(starts, len(rows), include_last_offset)
        count = len(starts) - include_last_offset
        bags = np.searchsorted(starts[:count], np.arange(len(rows)), "right") - 1
    if max_norm is not None:
        shorten_rows(weight, rows, max_norm, norm_type)
    factors = per_sample_weights
    if factors is not None:
        factors = factors.reshape(-1)
    if padding_idx is not None:
        kept = np.flatnonzero(rows != padding_idx % len(table))
        rows, bags = rows[kept], bags[kept]
        factors = None if factors is None else factors[wrap(kept)]
    if mode == "max":
        largest, found = ops.largest_rows(table, rows, bags, count)
        return ops._max_bags(weight, largest, np.arange(table.shape[1]), found)
    if factors is None:
        sizes = np.bincount(bags, minlength=count)
        factors = np.ones(len(rows)) if mode == "sum" else 1 / sizes[bags]
        factors = factors.astype(table.dtype)
    shares = 1 / np.bincount(rows)[rows] if scale_grad_by_freq else np.ones(len(rows))
    return ops._sum_bags(weight, factors, rows, bags, count, shares.astype(table.dtype))


def check_types(input: Any, weight: Any, offsets: Any, factors: Any) -> None:
    """Raise RuntimeError unless indices and offsets together are of int32 or int64."""
    joint = input.array.dtype
    if offsets is not None:
        joint = promote_types(joint, offsets.array.dtype)
    if joint not in (np.int32, np.int64):
        raise RuntimeError(
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: "
            f"Long, Int; but got {input.to(joint).type()} instead (while checking arguments for "
            "embedding_bag)"
        )
    if factors is not None and factors.dtype != weight.dtype:
        raise RuntimeError(
            "Expected tensor for argument #1 'weight' to have the same type as tensor for argument "
            f"#1 'per_sample_weights'; but type {weight.type()} does not equal {factors.type()} "
            "(while checking arguments for embedding_bag)"
        )


def check_offsets(starts: Array, size: int, include_last_offset: bool) -> None:
    """Refuse bags that are not one after the other; some of them torch reads past their end."""
    last = starts[-1] if starts.size else 0
    if last > size:
        raise RuntimeError(
            f"offsets[-1] can not be greater than input's length {size} but got offsets[-1] of "
            f"{last}"
        )
    if include_last_offset and last != size:
        raise RuntimeError(
            "Your input appears to be incorrect: the last offset value should be the size of the "
            f"indices tensor, but it seems not to be the case. It is {last}, and not {size}."
        )
    if (starts[1:] < starts[:-1]).any():
        raise RuntimeError(
            "Expected i < index_size to be true, but got false. The offsets must not fall."
        )
    if size and not starts.size:
        raise RuntimeError("embedding_bag: without offsets there are no bags for the input")


def check(input: Any, weight: Any, offsets: Any, mode: str, factors: Any) -> None:
    """Refuse what does not fit together."""
    if factors is not None and input.shape != factors.shape:
        raise ValueError(
            f"embedding_bag: If per_sample_weights ({factors.shape}) is not None, then it must "
            f"have the same shape as the input ({input.shape})"
        )
    if weight.dim() != 2:
        raise ValueError(
            f"weight has to be a 2D Tensor, but got Tensor of dimension {weight.dim()}"
        )
    if input.dim() not in (1, 2):
        raise ValueError(
            f"input has to be 1D or 2D Tensor, but got Tensor of dimension {input.dim()}"
        )
    if input.dim() == 2 and offsets is not None:
        raise ValueError(
            "if input is 2D, then offsets has to be None, as input is treated is a mini-batch of "
            f"fixed length sequences. However, found offsets of type {type(offsets)}"
        )
    if input.dim() == 1 and offsets is None:
        raise ValueError("offsets has to be a 1D Tensor but got None")
    if input.dim() == 1:
        need_tensor("embedding_bag", offsets, "offsets", 3)
        if offsets.dim() != 1:
            raise ValueError("offsets has to be a 1D Tensor")
    if mode not in ("sum", "mean", "max"):
        raise ValueError("mode has to be one of sum, mean or max")
    if factors is not None and mode != "sum":
        raise NotImplementedError(
            "embedding_bag: per_sample_weights was not None. per_sample_weights is only supported "
            f"for mode='sum' (got mode='{mode}'). Multiply what comes out instead."
        )
