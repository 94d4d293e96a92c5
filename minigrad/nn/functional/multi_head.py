"""Multi-head attention: projections, attention of every head, and a projection of them together."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.autograd.value import wrap
from minigrad.nn.functional.attention import scaled_dot_product_attention
from minigrad.nn.functional.linear_maps import linear
from minigrad.nn.functional.stochastic import dropout
from minigrad.ops.joining import cat
from minigrad.ops.linalg import bmm
from minigrad.ops.products import baddbmm
from minigrad.ops.shape import reshape, transpose, unsqueeze
from minigrad.ops.softmax import softmax

__all__ = ["multi_head_attention_forward"]


def multi_head_attention_forward(
    query: Any,
    key: Any,
    value: Any,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Any,
    in_proj_bias: Any,
    bias_k: Any,
    bias_v: Any,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Any,
    out_proj_bias: Any,
    training: bool = True,
    key_padding_mask: Any = None,
    need_weights: bool = True,
    attn_mask: Any = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Any = None,
    k_proj_weight: Any = None,
    v_proj_weight: Any = None,
    static_k: Any = None,
    static_v: Any = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Any, Any]:
    """What `nn.MultiheadAttention` computes, for (L, N, E) or (L, E); see arXiv:1706.03762.

    Returns the output, shaped like the query, and with ``need_weights`` the attention weights
    (N, L, S), or (N, heads, L, S) unless averaged. In masks True hides; floats are added.
    """
    check_shapes(query, key, value, key_padding_mask, attn_mask, num_heads)
    batched = query.array.ndim == 3
    if not batched:
        same_k, same_v = key is query, value is key
        query = unsqueeze(query, 1)
        key = query if same_k else unsqueeze(key, 1)
        value = key if same_v else unsqueeze(value, 1)
        if key_padding_mask is not None:
            key_padding_mask = unsqueeze(key_padding_mask, 0)
    length, batch, width = query.array.shape
    head = width // num_heads
    if width != embed_dim_to_check:
        raise AssertionError(
            f"was expecting embedding dimension of {embed_dim_to_check}, but got {width}"
        )
    if head * num_heads != width:
        raise AssertionError(f"embed_dim {width} not divisible by num_heads {num_heads}")
    if is_causal and attn_mask is None:
        raise RuntimeError(
            "Need attn_mask if specifying the is_causal hint. Transformer's "
            "generate_square_subsequent_mask() makes one."
        )
    if is_causal and key_padding_mask is None and not need_weights:
        attn_mask = None
    else:
        attn_mask = as_bias(attn_mask, "attn_mask", query)
        is_causal = is_causal and key_padding_mask is None
    key_padding_mask = as_bias(key_padding_mask, "key_padding_mask", query)

    if use_separate_proj_weight:
        weights = (q_proj_weight, k_proj_weight, v_proj_weight)
        if key.shape[:2] != value.shape[:2]:
            raise AssertionError(
                f"key's sequence and batch dims {key.shape[:2]} do not match value's "
                f"{value.shape[:2]}"
            )
    else:
        if key.shape != value.shape:
            raise AssertionError(f"key shape {key.shape} does not match value shape {value.shape}")
        weights = None
    q, k, v = projected(query, key, value, in_proj_weight, in_proj_bias, weights)

    source = k.array.shape[0]
    attn_mask = with_three_dims(attn_mask, (length, source), batch * num_heads)
    if bias_k is not None and bias_v is not None:
        k = cat([k, bias_k.repeat(1, batch, 1)])
        v = cat([v, bias_v.repeat(1, batch, 1)])
        attn_mask, key_padding_mask = visible_column(attn_mask), visible_column(key_padding_mask)
    elif bias_k is not None or bias_v is not None:
        raise AssertionError("bias_k is set but bias_v is None, or the other way round")
    q = by_head(q, batch * num_heads, head)
    k = by_head(k, batch * num_heads, head) if static_k is None else static_k
    v = by_head(v, batch * num_heads, head) if static_v is None else static_v
    if add_zero_attn:
        zeros = wrap(np.zeros((batch * num_heads, 1, head), q.array.dtype))
        k, v = cat([k, zeros], 1), cat([v, zeros], 1)
        attn_mask, key_padding_mask = visible_column(attn_mask), visible_column(key_padding_mask)
    source = k.array.shape[1]
    if key_padding_mask is not None:
        check_padding(key_padding_mask.array.shape, (batch, source))
        padding = reshape(key_padding_mask, (batch, 1, 1, source)).expand(-1, num_heads, -1, -1)
        padding = reshape(padding, (batch * num_heads, 1, source))
        attn_mask = padding if attn_mask is None else attn_mask + padding
    if not training:
        dropout_p = 0.0

    if need_weights:
        q, k = q * math.sqrt(1 / head), transpose(k, -2, -1)
        weights = softmax(bmm(q, k) if attn_mask is None else baddbmm(attn_mask, q, k), -1)
        if dropout_p:
            weights = dropout(weights, dropout_p)
        out = reshape(transpose(bmm(weights, v), 0, 1), (length * batch, width))
    else:
        weights = None
        if attn_mask is not None:
            one = attn_mask.array.shape[0] == 1
            shape = (1, 1) if one else (batch, num_heads)
            attn_mask = reshape(attn_mask, (*shape, -1, source))
        q, k, v = (reshape(x, (batch, num_heads, x.array.shape[1], head)) for x in (q, k, v))
        out = scaled_dot_product_attention(q, k, v, attn_mask, dropout_p, is_causal)
        out = reshape(out.permute(2, 0, 1, 3), (batch * length, width))
    out = linear(out, out_proj_weight, out_proj_bias)
    out = reshape(out, (length, batch, out.array.shape[1]))
    if weights is not None:
        weights = reshape(weights, (batch, num_heads, length, source))
        if average_attn_weights:
            weights = weights.mean(1)
    if not batched:
        out = out.squeeze(1)
        weights = None if weights is None else weights.squeeze(0)
    return out, weights


def check_shapes(
    query: Any, key: Any, value: Any, key_padding_mask: Any, attn_mask: Any, num_heads: int
) -> None:
    """Raise AssertionError, as torch does, for numbers of dimensions that do not go together."""
    ndim = query.array.ndim
    if ndim not in (2, 3):
        raise AssertionError(
            f"query should be unbatched 2D or batched 3D tensor but received {ndim}-D query tensor"
        )
    kind = f"For {'batched' if ndim == 3 else 'unbatched'} ({ndim}-D) `query`, expected"
    if key.array.ndim != ndim or value.array.ndim != ndim:
        raise AssertionError(
            f"{kind} `key` and `value` to be {ndim}-D but found {key.array.ndim}-D and "
            f"{value.array.ndim}-D tensors respectively"
        )
    if key_padding_mask is not None and key_padding_mask.array.ndim != ndim - 1:
        raise AssertionError(
            f"{kind} `key_padding_mask` to be `None` or {ndim - 1}-D but found "
            f"{key_padding_mask.array.ndim}-D tensor instead"
        )
    if attn_mask is not None and attn_mask.array.ndim not in (2, 3):
        raise AssertionError(
            f"{kind} `attn_mask` to be `None`, 2-D or 3-D but found {attn_mask.array.ndim}-D "
            "tensor instead"
        )
    if ndim == 2 and attn_mask is not None and attn_mask.array.ndim == 3:
        expected = (num_heads, query.array.shape[0], key.array.shape[0])
        if attn_mask.array.shape != expected:
            raise AssertionError(
                f"Expected `attn_mask` shape to be {expected} but got {attn_mask.shape}"
            )


def check_padding(shape: tuple[int, ...], expected: tuple[int, int]) -> None:
    for i in range(2):
        if shape[i] != expected[i]:
            raise AssertionError(
                f"Expected key_padded_mask.shape[{i}] to be {expected[i]}, but got {shape[i]}. The "
                "mask is (N, S)."
            )


def as_bias(mask: Any, name: str, query: Any) -> Any:
    """A mask of bools as numbers to add to the scores: -inf where it hides."""
    if mask is None or mask.array.dtype.kind == "f":
        return mask
    if mask.array.dtype.kind != "b":
        raise AssertionError(f"only bool and floating types of {name} are supported")
    return wrap(np.where(mask.array, -np.inf, 0.0).astype(query.array.dtype))


def with_three_dims(mask: Any, size: tuple[int, int], heads: int) -> Any:
    """The attention mask as (1, L, S), or (N * heads, L, S); RuntimeError for other shapes."""
    if mask is None:
        return None
    ndim = mask.array.ndim
    expected = size if ndim == 2 else (heads, *size)
    if mask.array.shape != expected:
        raise RuntimeError(
            f"The shape of the {ndim}D attn_mask is {mask.shape}, but should be {expected}."
        )
    return unsqueeze(mask, 0) if ndim == 2 else mask


def visible_column(mask: Any) -> Any:
    """A mask with one more key, that all may see."""
    if mask is None:
        return None
    return cat([mask, wrap(np.zeros((*mask.array.shape[:-1], 1), mask.array.dtype))], -1)


def projected(
    query: Any, key: Any, value: Any, weight: Any, bias: Any, separate: Any
) -> tuple[Any, Any, Any]:
    """Queries, keys and values; in self-attention from one product with all three weights."""
    if separate is not None:
        biases = (None, None, None) if bias is None else bias.chunk(3)
        inputs = zip((query, key, value), separate, biases, strict=True)
        return tuple([linear(x, w, b) for x, w, b in inputs])
    width = query.array.shape[-1]
    if query is key is value:
        made = linear(query, weight, bias)
        parts = [made[..., i * width : (i + 1) * width].contiguous() for i in range(3)]
        return parts[0], parts[1], parts[2]
    b_q, b_k, b_v = (None, None, None) if bias is None else bias.chunk(3)
    w_q, w_k, w_v = weight.chunk(3)
    return linear(query, w_q, b_q), linear(key, w_k, b_k), linear(value, w_v, b_v)


def by_head(x: Any, heads: int, width: int) -> Any:
    """(L, N, E) as (N * heads, L, width)."""
    return transpose(reshape(x, (x.array.shape[0], heads, width)), 0, 1)
