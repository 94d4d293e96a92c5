"""Layers that normalise over the features of each example: layer, group, RMS and response norm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minigrad.creation import empty
from minigrad.nn import functional as F
from minigrad.nn import init
from minigrad.nn.modules.linear import add_bias
from minigrad.nn.modules.module import Module
from minigrad.nn.modules.sizes import repeated
from minigrad.nn.modules.stateless import Stateless
from minigrad.nn.parameter import Parameter
from minigrad.ops.arguments import integer

__all__ = ["GroupNorm", "LayerNorm", "LocalResponseNorm", "RMSNorm"]

Shape = int | Sequence[int]


class LayerNorm(Module):
    """``(x - mean) / sqrt(var + eps) * weight + bias`` over the last dimensions.

    normalized_shape: their sizes, and the shape of weight and bias, which begin as 1 and 0. Errors
    as of `nn.functional.layer_norm`.
    """

    def __init__(
        self,
        normalized_shape: Shape,
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = repeated(normalized_shape, 1)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        add_weight(self, elementwise_affine, self.normalized_shape, device, dtype)
        add_bias(self, bias and elementwise_affine, self.normalized_shape, device, dtype)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Weight 1, bias 0."""
        ones_and_zeros(self)

    def forward(self, input: Any) -> Any:
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, "
            f"elementwise_affine={self.elementwise_affine}, bias={self.bias is not None}"
        )


class RMSNorm(Module):
    """``x / sqrt(mean(x^2) + eps) * weight`` over the last dimensions.

    eps: by default the machine epsilon of the input's dtype.
    """

    def __init__(
        self,
        normalized_shape: Shape,
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = repeated(normalized_shape, 1)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        add_weight(self, elementwise_affine, self.normalized_shape, device, dtype)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Weight 1."""
        if self.weight is not None:
            init.ones_(self.weight)

    def forward(self, x: Any) -> Any:
        return F.rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"
        )


class GroupNorm(Module):
    """``(x - mean) / sqrt(var + eps)`` over each group of channels; weight and bias by channel.

    The input is (N, C, ...); weight and bias, (C,), begin as 1 and 0. Raises ValueError if
    num_channels is not divisible by num_groups; other errors as of `nn.functional.group_norm`.
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        if integer("GroupNorm", num_groups, "num_groups") <= 0:
            raise ValueError(f"num_groups must be positive, got {num_groups}")
        if num_channels % num_groups != 0:
            raise ValueError(
                f"num_channels ({num_channels}) must be divisible by num_groups ({num_groups})"
            )
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.affine = affine
        add_weight(self, affine, num_channels, device, dtype)
        add_bias(self, bias and affine, num_channels, device, dtype)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Weight 1, bias 0."""
        ones_and_zeros(self)

    def forward(self, input: Any) -> Any:
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={self.bias is not None}"
        )


class LocalResponseNorm(
    Stateless,
    function="local_response_norm",
    shown="{size}, alpha={alpha}, beta={beta}, k={k}",
):
    """``x / (k + alpha * mean(x^2 of size neighbouring channels))^beta``."""

    size: int
    alpha: float = 1e-4
    beta: float = 0.75
    k: float = 1.0


def add_weight(module: Module, affine: bool, shape: Any, device: Any, dtype: Any) -> None:
    """Register the parameter "weight", or None in its place."""
    made = Parameter(empty(shape, device=device, dtype=dtype)) if affine else None
    module.register_parameter("weight", made)


def ones_and_zeros(module: Any) -> None:
    """The first values of weight and bias, where the module has them."""
    if module.weight is not None:
        init.ones_(module.weight)
    if module.bias is not None:
        init.zeros_(module.bias)
