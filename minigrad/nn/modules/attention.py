"""Attention: each query's mean of the values, weighted by how well their keys match it."""

from __future__ import annotations

import math
import warnings
from typing import Any

from minigrad.creation import empty, zeros
from minigrad.nn import functional as F
from minigrad.nn import init
from minigrad.nn.modules.linear import NonDynamicallyQuantizableLinear
from minigrad.nn.modules.module import Module
from minigrad.nn.parameter import Parameter

__all__ = ["MultiheadAttention"]


class MultiheadAttention(Module):
    """``softmax(q k^T / sqrt(d)) v`` in ``num_heads`` parts of the features, joined and projected.

    Queries (L, N, embed_dim), keys (S, N, kdim) and values (S, N, vdim), with the N in front if
    ``batch_first``, or without it; q, k, v are linear in them. Returns the result, in the shape of
    the queries, and the weights: (N, L, S), or (N, heads, L, S) without ``average_attn_weights``,
    or None without ``need_weights``.

    A mask hides keys where it is True, or is added to the scores: ``key_padding_mask`` (N, S),
    ``attn_mask`` (L, S) or (N * heads, L, S).

    Raises AssertionError where num_heads does not divide embed_dim, for queries of other shapes,
    and where keys and values do not match each other; RuntimeError for other sizes of these or of
    masks.
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if embed_dim <= 0 or num_heads <= 0:
            raise ValueError(
                "embed_dim and num_heads must be greater than 0, got "
                f"embed_dim={embed_dim} and num_heads={num_heads} instead"
            )
        self.embed_dim = embed_dim
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self._qkv_same_embed_dim = self.kdim == embed_dim == self.vdim
        self.num_heads = num_heads
        self.dropout = dropout
        self.batch_first = batch_first
        if not math.isfinite(embed_dim) or embed_dim % num_heads != 0:
            raise AssertionError("embed_dim must be divisible by num_heads")
        self.head_dim = embed_dim // num_heads
        same = self._qkv_same_embed_dim
        shapes: dict[str, Any] = dict(
            in_proj_weight=(3 * embed_dim, embed_dim) if same else None,
            q_proj_weight=None if same else (embed_dim, embed_dim),
            k_proj_weight=None if same else (embed_dim, self.kdim),
            v_proj_weight=None if same else (embed_dim, self.vdim),
            in_proj_bias=(3 * embed_dim,) if bias else None,
        )
        for name, shape in shapes.items():
            self._register(name, shape, device, dtype)
        self.out_proj = NonDynamicallyQuantizableLinear(embed_dim, embed_dim, bias, device, dtype)
        for name in "bias_k", "bias_v":
            self._register(name, (1, 1, embed_dim) if add_bias_kv else None, device, dtype)
        self.add_zero_attn = add_zero_attn
        self._reset_parameters()

    def _register(self, name: str, shape: Any, device: Any, dtype: Any) -> None:
        made = None if shape is None else Parameter(empty(shape, device=device, dtype=dtype))
        self.register_parameter(name, made)

    def _reset_parameters(self) -> None:
        for name in "in_proj_weight", "q_proj_weight", "k_proj_weight", "v_proj_weight":
            if (weight := getattr(self, name)) is not None:
                init.xavier_uniform_(weight)
        if self.in_proj_bias is not None:
            init.constant_(self.in_proj_bias, 0.0)
            init.constant_(self.out_proj.bias, 0.0)
        for bias in self.bias_k, self.bias_v:
            if bias is not None:
                init.xavier_normal_(bias)

    def forward(
        self,
        query: Any,
        key: Any,
        value: Any,
        key_padding_mask: Any = None,
        need_weights: bool = True,
        attn_mask: Any = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Any, Any]:
        warn_of_mixed_masks(key_padding_mask, attn_mask)
        first = self.batch_first and query.dim() == 3
        if first:
            # What is one tensor stays one: then the projections are one product.
            turned = {id(x): x.transpose(0, 1) for x in (query, key, value)}
            query, key, value = [turned[id(x)] for x in (query, key, value)]
        output, weights = F.multi_head_attention_forward(
            query,
            key,
            value,
            self.embed_dim,
            self.num_heads,
            self.in_proj_weight,
            self.in_proj_bias,
            self.bias_k,
            self.bias_v,
            self.add_zero_attn,
            self.dropout,
            self.out_proj.weight,
            self.out_proj.bias,
            training=self.training,
            key_padding_mask=key_padding_mask,
            need_weights=need_weights,
            attn_mask=attn_mask,
            use_separate_proj_weight=not self._qkv_same_embed_dim,
            q_proj_weight=self.q_proj_weight,
            k_proj_weight=self.k_proj_weight,
            v_proj_weight=self.v_proj_weight,
            average_attn_weights=average_attn_weights,
            is_causal=is_causal,
        )
        return (output.transpose(1, 0) if first else output), weights


def warn_of_mixed_masks(padding: Any, mask: Any) -> None:
    if padding is not None and mask is not None and padding.dtype != mask.dtype:
        warnings.warn(
            "Support for mismatched key_padding_mask and attn_mask is deprecated. Use same type "
            "for both instead.",
            stacklevel=4,
        )


def added(mask: Any, name: str, dtype: Any) -> Any:
    """The mask as what is added to the scores: -inf where True hides a key."""
    if mask is None or mask.is_floating_point():
        return mask
    if mask.array.dtype.kind != "b":
        raise AssertionError(f"only bool and floating types of {name} are supported")
    return zeros(mask.shape, dtype=dtype).masked_fill_(mask, -math.inf)
