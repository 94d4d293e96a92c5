"""Attention: every query sees the values, weighted by how well it matches their keys."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.autograd.value import wrap
from minigrad.errors import c_name
from minigrad.nn.functional.stochastic import dropout
from minigrad.ops import attention as ops
from minigrad.ops.arguments import need_tensor
from minigrad.ops.linalg import matmul
from minigrad.ops.shape import transpose

__all__ = ["scaled_dot_product_attention"]


def scaled_dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    *,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Any:
    """``softmax(query @ key.T * scale + mask) @ value``: (..., L, E), (..., S, E), (..., S, V).

    A mask, broadcast to (..., L, S), says with bools who may see whom, or with floats is added to
    the scores; ``is_causal`` lets position i see keys up to i. The scale is 1 / sqrt(E) if not
    given. Dropout falls on the weights. With ``enable_gqa`` each head of keys and values (dimension
    -3) serves several of the queries'. A row that sees nothing gives 0. Vaswani et al.,
    arXiv:1706.03762. Derivatives, for weights P and d = P (g V.T - rowsum(P g V.T)) scale: d K,
    d.T Q and P.T g. Raises RuntimeError for shapes and dtypes that do not match.
    """
    for position, (name, tensor) in enumerate(
        (("query", query), ("key", key), ("value", value)), 1
    ):
        need_tensor("scaled_dot_product_attention", tensor, name, position)
    q, k, v = query.array, key.array, value.array
    check(q, k, v, attn_mask, dropout_p)
    if enable_gqa:
        key, value = (heads_repeated(x, q.shape[-3]) for x in (key, value))
        k, v = key.array, value.array
    if scale is None:
        scale = 1 / math.sqrt(q.shape[-1]) if q.shape[-1] else math.inf
    fused = dropout_p == 0 and fits(q, k, v, attn_mask)
    if is_causal:
        if attn_mask is not None and not fused:
            raise RuntimeError(
                "_scaled_dot_product_attention: Explicit attn_mask should not be set when "
                "is_causal=True. Put the causal mask into attn_mask."
            )
        attn_mask = causal(attn_mask, q.shape[-2], k.shape[-2])
    if fused:
        return ops._attention(query, key, value, attn_mask, scale)
    root = math.sqrt(abs(scale))
    scores = matmul(query * root, transpose(key * math.copysign(root, scale), -2, -1))
    if attn_mask is not None:
        if attn_mask.array.dtype.kind == "b":
            bias = np.where(attn_mask.array, 0, -np.inf).astype(q.dtype)
            attn_mask = wrap(bias)
        scores.add_(attn_mask)  # in place: the mask may not widen them
    weights = ops._safe_softmax(scores)
    if dropout_p:
        weights = dropout(weights, dropout_p)
    return matmul(weights, value)


def fits(q: Any, k: Any, v: Any, mask: Any) -> bool:
    """Whether torch computes this attention in one node: four dimensions, and a fixed mask."""
    if not (q.ndim == k.ndim == v.ndim == 4 and q.size and k.size and k.shape == v.shape):
        return False
    if q.shape[:2] != k.shape[:2] or q.shape[3] != k.shape[3]:
        return False
    if mask is None:
        return True
    pairs = zip(reversed(mask.array.shape), (k.shape[2], *q.shape[2::-1]), strict=False)
    return mask.array.ndim <= 4 and not mask.requires_grad and all(n in (1, m) for n, m in pairs)


def causal(mask: Any, queries: int, keys: int) -> Any:
    """A mask that hides the future, and what the given one hides."""
    seen = np.tri(queries, keys, dtype=np.bool_)
    if mask is not None:
        given = mask.array
        seen = given & seen if given.dtype.kind == "b" else np.where(seen, given, -np.inf)
        seen = seen.astype(given.dtype)
    return wrap(seen)


def check(q: Any, k: Any, v: Any, mask: Any, dropout_p: float) -> None:
    """torch's errors for operands that do not go together."""
    if q.dtype != k.dtype or q.dtype != v.dtype:
        raise RuntimeError(
            "Expected query, key, and value to have the same dtype, but got query.dtype: "
            f"{c_name(q.dtype)} key.dtype: {c_name(k.dtype)} and value.dtype: {c_name(v.dtype)} "
            "instead."
        )
    if q.ndim < 2 or k.ndim < 2 or v.ndim < 2:
        raise RuntimeError(
            "Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: "
            f"{q.ndim}, key.dim: {k.ndim} and value.dim: {v.ndim} instead."
        )
    if not 0 <= dropout_p <= 1:
        raise RuntimeError(f"dropout probability has to be between 0 and 1, but got {dropout_p:g}")
    if mask is None:
        return
    need_tensor("scaled_dot_product_attention", mask, "attn_mask", 4)
    dtype = mask.array.dtype
    if dtype.kind != "b" and dtype not in (np.float32, q.dtype):
        raise RuntimeError(
            "Expected attn_mask dtype to be bool or float or to match query dtype, but got "
            f"attn_mask.dtype: {c_name(dtype)} and  query.dtype: {c_name(q.dtype)} instead."
        )


def heads_repeated(x: Any, heads: int) -> Any:
    """Keys or values with each head repeated for the queries that share it."""
    given = x.array.shape[-3]
    if heads % given:
        raise RuntimeError(
            "Number of heads in key and value must divide the number of heads in query, but "
            f"{given} does not divide {heads}."
        )
    return x.repeat_interleave(heads // given, -3)
