"""Rows of a table by their numbers, and numbers as vectors of one 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.value import wrap
from minigrad.errors import type_name
from minigrad.ops import embedding as ops
from minigrad.ops.arguments import integer, need_tensor, number, typed

__all__ = ["embedding", "one_hot"]


@typed("weight")
def embedding(
    input: Any,
    weight: Any,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Any:
    """The rows of ``weight`` with the numbers in ``input``, of shape (*input.shape, width).

    Derivative: every row gets the sum of the cotangents at its occurrences, divided by their
    number with ``scale_grad_by_freq``; the row ``padding_idx`` gets 0. With ``max_norm`` rows
    that are longer, by ``norm_type``, are first shortened to it in ``weight`` itself. ``sparse``
    only changes how torch stores the gradient, and is ignored. Raises IndexError for a number out
    of range, RuntimeError for numbers that are not int32 or int64.
    """
    need_tensor("embedding", weight, "weight", 1)
    need_tensor("embedding", input, "indices", 2)
    table, indices = weight.array, input.array
    rows = table.shape[0] if table.ndim else 0
    if padding_idx is None:
        padding_idx = -1
    else:
        padding_idx = padding_row(padding_idx, rows)
    if table.ndim != 2:
        raise RuntimeError("'weight' must be 2-D")
    if indices.dtype not in (np.int64, np.int32):
        raise RuntimeError(
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: "
            f"Long, Int; but got minigrad.{type_name(indices.dtype)}Tensor instead (while checking "
            "arguments for embedding). Convert it with .long()."
        )
    if indices.size and not (indices.min() >= 0 and indices.max() < rows):
        raise IndexError(f"index out of range in self: the table has {rows} rows")
    if max_norm is not None:
        shorten_rows(weight, indices, max_norm, norm_type)
    return ops._embedding(weight, input, padding_idx, scale_grad_by_freq)


def padding_row(padding_idx: int, rows: int, start: str = "Padding") -> int:
    """The row that is padding, counted from the front; AssertionError where there is none."""
    if (padding_idx > 0 and padding_idx >= rows) or padding_idx < -rows:
        raise AssertionError(f"{start}_idx must be within num_embeddings")
    return padding_idx + rows if padding_idx < 0 else padding_idx


def shorten_rows(weight: Any, indices: Any, max_norm: float, norm_type: float) -> None:
    """Scale the rows that are longer than ``max_norm`` down to it; a write, not recorded."""
    max_norm = float(number("embedding_renorm_", max_norm, "max_norm", kind="float"))
    used = np.unique(indices)
    rows = weight.array[used]
    norms = np.linalg.norm(rows, norm_type, axis=1, keepdims=True)
    long = norms > max_norm
    scale = np.where(long, max_norm / (norms + 1e-7), 1)
    weight.array[used] = np.where(long, rows * scale, rows)
    weight.version[0] += 1


def one_hot(input: Any, num_classes: int = -1) -> Any:
    """Vectors with a 1 at the number in ``input`` and 0 elsewhere, int64, in a new last dimension.

    ``num_classes`` is its size, -1 for one more than the largest number. Raises RuntimeError for
    negative or too large numbers and for other dtypes than int64. No derivative.
    """
    need_tensor("one_hot", input, "input")
    num_classes = integer("one_hot", num_classes, "num_classes")
    x = input.array
    if x.dtype != np.int64:
        raise RuntimeError(
            "one_hot is only applicable to index tensor of type LongTensor. Convert it with .long()"
        )
    if x.size == 0:
        if num_classes <= 0:
            raise RuntimeError("Can not infer total number of classes from empty tensor.")
        return wrap(np.zeros((*x.shape, num_classes), np.int64))
    if x.min() < 0:
        raise RuntimeError("Class values must be non-negative.")
    if num_classes == -1:
        num_classes = int(x.max()) + 1
    elif x.max() >= num_classes:
        raise RuntimeError("Class values must be smaller than num_classes.")
    places = np.equal(x[..., None], np.arange(num_classes), order="C")
    return wrap(places.astype(np.int64))
