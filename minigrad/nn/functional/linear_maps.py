"""Linear and bilinear maps, composed as torch composes them."""

from __future__ import annotations

from typing import Any

from minigrad.errors import c_name
from minigrad.ops import linalg
from minigrad.ops.arguments import need_tensor, typed
from minigrad.ops.reduction import count
from minigrad.ops.shape import _view, reshape, t
from minigrad.promotion import need_numbers

__all__ = ["bilinear", "linear"]


def linear(input: Any, weight: Any, bias: Any = None) -> Any:
    """``input @ weight.T + bias``: (..., in), (out, in) and (out) make (..., out).

    A weight of shape (in) makes (...). Derivatives: g @ weight, g.T @ input, and the sum of g over
    all rows. Raises RuntimeError for other shapes and for dtypes that differ.
    """
    need_tensor("linear", input)
    need_tensor("linear", weight, "weight", 2)
    if bias is not None:
        need_tensor("linear", bias, "bias", 3)
    x, w = input.array, weight.array
    if bias is not None and w.ndim == 1 and x.ndim == 2:
        raise RuntimeError(
            "mat2 must be a matrix, got 1-D tensor. Without a bias it may be a vector."
        )
    if bias is not None and w.ndim == 2:
        if x.ndim == 2:
            return linalg.addmm(bias, input, t(weight))
        if x.ndim and x.flags.c_contiguous:
            # All rows as one matrix, with the bias added in the product's own memory.
            rows = _view(input, (count(x.shape[:-1]), x.shape[-1]))
            return _view(linalg.addmm(bias, rows, t(weight)), (*x.shape[:-1], w.shape[0]))
    if x.ndim == 0 or w.ndim == 0:
        raise RuntimeError(
            f"both arguments to linear need to be at least 1D, but they are {x.ndim}D and {w.ndim}D"
        )
    out = linalg.matmul(input, t(weight))
    if bias is not None:
        out += bias  # in place, as torch
    return out


@typed("input1", "input2", "weight", "bias")
def bilinear(input1: Any, input2: Any, weight: Any, bias: Any = None) -> Any:
    """``input1 @ weight[k] @ input2`` for each k: (..., a), (..., b), (out, a, b) give (..., out).

    Derivatives: with respect to each factor, the same sum over the products of the others and g.
    Raises RuntimeError for dtypes that differ and for sizes that do not fit.
    """
    for position, (name, tensor) in enumerate(
        (("input1", input1), ("input2", input2), ("weight", weight)), 1
    ):
        need_tensor("bilinear", tensor, name, position)
    a, b, w = input1.array, input2.array, weight.array
    given = [a, b, w] if bias is None else [a, b, w, bias.array]
    if len({x.dtype for x in given}) > 1:
        names = zip(("input1", "input2", "weight", "bias"), given, strict=False)
        found = ", ".join([f"{name}: {c_name(x.dtype)}" for name, x in names])
        raise RuntimeError(
            f"All tensors must have the same dtype, got {found}. Convert them with .to(dtype)"
        )
    if a.ndim != b.ndim:
        raise RuntimeError(f"bilinear(): input dimensions do not match: got {a.ndim} and {b.ndim}")
    if a.shape[:-1] != b.shape[:-1]:
        i = next(i for i, (n, m) in enumerate(zip(a.shape, b.shape, strict=True)) if n != m)
        raise RuntimeError(
            f"bilinear(): input batch dimensions do not match at dim {i}: got {a.shape[i]} and "
            f"{b.shape[i]}"
        )
    for i, x in ((1, a), (2, b)):
        if x.shape[-1] != w.shape[i]:
            raise RuntimeError(
                f"bilinear(): input{i} size does not match weight size: got {x.shape[-1]} but "
                f"expected {w.shape[i]}"
            )
    if bias is not None and bias.array.shape[0] != w.shape[0]:
        raise RuntimeError(
            f"bilinear(): bias size does not match weight size: got {bias.array.shape[0]} but "
            f"expected {w.shape[0]}"
        )
    need_numbers("bmm", w.dtype)
    n = count(a.shape[:-1])
    left = linalg.matmul(
        reshape(input1, (n, a.shape[-1])), reshape(weight.transpose(0, 1), (a.shape[-1], -1))
    )
    product = (
        reshape(left, (n, w.shape[0], b.shape[-1])) * reshape(input2, (n, 1, b.shape[-1]))
    ).sum(-1, dtype=weight.dtype)
    out = reshape(product, (*a.shape[:-1], w.shape[0]))
    return out if bias is None else out + bias
