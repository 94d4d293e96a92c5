"""The transformer (Vaswani et al., 2017): layers of attention and a small network."""

from __future__ import annotations

import copy
import math
import warnings
from typing import Any

from minigrad.autograd.modes import is_grad_enabled
from minigrad.creation import full
from minigrad.nn import functional as F
from minigrad.nn import init
from minigrad.nn.modules.attention import added
from minigrad.nn.modules.container import ModuleList
from minigrad.nn.modules.module import Module
from minigrad.nn.modules.normalization import LayerNorm
from minigrad.nn.modules.transformer_layers import (
    Activation,
    TransformerDecoderLayer,
    TransformerEncoderLayer,
)

__all__ = [
    "Transformer",
    "TransformerDecoder",
    "TransformerEncoder",
]


def no_nested_tensors(layer: Any) -> str:
    """Why torch would not compute with nested tensors, of which it tells its users; or nothing."""
    if not isinstance(layer, TransformerEncoderLayer):
        return " was not TransformerEncoderLayer"
    attention = layer.self_attn
    reasons = {
        ".norm_first was True": layer.norm_first,
        ".self_attn.batch_first was not True(use batch_first for better inference performance)": (
            not attention.batch_first
        ),
        ".self_attn was passed bias=False": attention.in_proj_bias is None,
        ".activation_relu_or_gelu was not True": layer.activation not in (F.relu, F.gelu),
        ".self_attn.num_heads is odd": attention.num_heads % 2 == 1,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


class TransformerEncoder(Module):
    """``num_layers`` copies of a layer one after another, and a norm."""

    def __init__(
        self,
        encoder_layer: Module,
        num_layers: int,
        norm: Module | None = None,
        enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:
        super().__init__()
        slow = no_nested_tensors(encoder_layer)
        if enable_nested_tensor and slow:
            warnings.warn(
                "enable_nested_tensor is True, but self.use_nested_tensor is False because "
                f"encoder_layer{slow}",
                stacklevel=2,
            )
        self.layers = ModuleList([copy.deepcopy(encoder_layer) for _ in range(num_layers)])
        self.num_layers = num_layers
        self.norm = norm
        self.enable_nested_tensor = enable_nested_tensor
        self.mask_check = mask_check

    def forward(
        self,
        src: Any,
        mask: Any = None,
        src_key_padding_mask: Any = None,
        is_causal: bool | None = None,
    ) -> Any:
        padding = added(src_key_padding_mask, "src_key_padding_mask", src.dtype)
        mask = added(mask, "mask", src.dtype)
        causal = is_causal is True or (is_causal is None and hides_later(mask))
        drops = padding is not None and self._drops_padding(src, padding)
        x = src
        for layer in self.layers:
            x = layer(x, mask, padding, causal)
        if drops and mask is None:
            x = x.masked_fill((padding != 0).unsqueeze(-1), 0.0)
        return x if self.norm is None else self.norm(x)

    def _drops_padding(self, src: Any, padding: Any) -> bool:
        """Whether torch would compute without the padding, and fill in zeros for it at the end.

        It does in eval mode where no gradient is recorded, with sequences that begin at the left.
        """
        layer: Any = self.layers[0]
        if self.training or not self.enable_nested_tensor or src.dim() != 3:
            return False
        if not isinstance(layer, TransformerEncoderLayer) or layer.norm_first:
            return False
        attention = layer.self_attn
        plain = attention.batch_first and attention._qkv_same_embed_dim
        usual = layer.activation in (F.relu, F.gelu) and attention.in_proj_bias is not None
        if not (plain and usual and attention.num_heads % 2 == 0):
            return False
        if padding.dim() != 2:
            raise RuntimeError("Padding mask should be 2D")
        if padding.shape != src.shape[:2]:
            raise RuntimeError("Mask size should match input size. It is (N, S).")
        recorded = is_grad_enabled() and any(p.requires_grad for p in layer.parameters())
        hidden = padding.array != 0
        left = not (hidden[:, :-1] & ~hidden[:, 1:]).any()
        return left and not recorded


class TransformerDecoder(Module):
    """``num_layers`` copies of a layer one after another, and a norm."""

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None) -> None:
        super().__init__()
        self.layers = ModuleList([copy.deepcopy(decoder_layer) for _ in range(num_layers)])
        self.num_layers = num_layers
        self.norm = norm

    def forward(
        self,
        tgt: Any,
        memory: Any,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Any:
        causal = tgt_is_causal is True or (tgt_is_causal is None and hides_later(tgt_mask))
        x = tgt
        for layer in self.layers:
            x = layer(
                x,
                memory,
                tgt_mask,
                memory_mask,
                tgt_key_padding_mask,
                memory_key_padding_mask,
                causal,
                memory_is_causal,
            )
        return x if self.norm is None else self.norm(x)


class Transformer(Module):
    """An encoder for the source and a decoder for the target; embeddings are the user's."""

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = F.relu,
        custom_encoder: Any = None,
        custom_decoder: Any = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        settings: Any = (
            d_model,
            nhead,
            dim_feedforward,
            dropout,
            activation,
            layer_norm_eps,
            batch_first,
            norm_first,
            bias,
            device,
            dtype,
        )

        def norm() -> LayerNorm:
            return LayerNorm(d_model, eps=layer_norm_eps, bias=bias, device=device, dtype=dtype)

        if custom_encoder is None:
            layer: Module = TransformerEncoderLayer(*settings)
            custom_encoder = TransformerEncoder(layer, num_encoder_layers, norm())
        self.encoder = custom_encoder
        if custom_decoder is None:
            layer = TransformerDecoderLayer(*settings)
            custom_decoder = TransformerDecoder(layer, num_decoder_layers, norm())
        self.decoder = custom_decoder
        self._reset_parameters()
        self.d_model = d_model
        self.nhead = nhead
        self.batch_first = batch_first

    def _reset_parameters(self) -> None:
        for parameter in self.parameters():
            if parameter.dim() > 1:
                init.xavier_uniform_(parameter)

    def forward(
        self,
        src: Any,
        tgt: Any,
        src_mask: Any = None,
        tgt_mask: Any = None,
        memory_mask: Any = None,
        src_key_padding_mask: Any = None,
        tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Any:
        batch = 0 if self.batch_first else 1
        if src.dim() == 3 and src.shape[batch] != tgt.shape[batch]:
            raise RuntimeError("the batch number of src and tgt must be equal")
        if src.shape[-1] != self.d_model or tgt.shape[-1] != self.d_model:
            raise RuntimeError("the feature number of src and tgt must be equal to d_model")
        memory = self.encoder(src, src_mask, src_key_padding_mask, src_is_causal)
        return self.decoder(
            tgt,
            memory,
            tgt_mask,
            memory_mask,
            tgt_key_padding_mask,
            memory_key_padding_mask,
            tgt_is_causal,
            memory_is_causal,
        )

    @staticmethod
    def generate_square_subsequent_mask(sz: int, device: Any = None, dtype: Any = None) -> Any:
        """The mask (sz, sz) that hides from each place all later ones: -inf there, 0 elsewhere."""
        return full((sz, sz), -math.inf, device=device, dtype=dtype).triu(1)


def hides_later(mask: Any) -> bool:
    """Whether a mask is that of `Transformer.generate_square_subsequent_mask`."""
    if mask is None or mask.dim() != 2 or mask.shape[0] != mask.shape[1]:
        return False
    later = Transformer.generate_square_subsequent_mask(mask.shape[0], dtype=mask.dtype)
    return bool((mask.array == later.array).all())
