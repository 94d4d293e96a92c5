"""Convolutions over (N, C, L), (N, C, H, W) and (N, C, D, H, W), or without the N."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from minigrad.creation import empty
from minigrad.nn import functional as F
from minigrad.nn import init
from minigrad.nn.modules.linear import add_bias
from minigrad.nn.modules.module import Module
from minigrad.nn.modules.sizes import repeated
from minigrad.nn.parameter import Parameter

__all__ = [
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
]

Sizes = int | tuple[int, ...]

PADDINGS = {"same", "valid"}
PADDING_MODES = {"zeros", "reflect", "replicate", "circular"}


class AnyConv(Module):
    """What all convolutions have in common: settings, weight and bias."""

    dimensions: ClassVar[int]
    transposed: ClassVar[bool]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes,
        padding: str | Sizes,
        dilation: Sizes,
        output_padding: Sizes,
        groups: int,
        bias: bool,
        padding_mode: str,
        device: Any,
        dtype: Any,
    ) -> None:
        super().__init__()
        n = self.dimensions
        if groups <= 0:
            raise ValueError("groups must be a positive integer")
        if in_channels % groups != 0:
            raise ValueError("in_channels must be divisible by groups")
        if out_channels % groups != 0:
            raise ValueError("out_channels must be divisible by groups")
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = repeated(kernel_size, n)
        self.stride = repeated(stride, n)
        if isinstance(padding, str):
            if padding not in PADDINGS:
                raise ValueError(f"Invalid padding string {padding!r}, should be one of {PADDINGS}")
            if padding == "same" and any(step != 1 for step in self.stride):
                raise ValueError("padding='same' is not supported for strided convolutions")
        if padding_mode not in PADDING_MODES:
            raise ValueError(
                f"padding_mode must be one of {PADDING_MODES}, but got "
                f"padding_mode='{padding_mode}'"
            )
        self.padding = padding if isinstance(padding, str) else repeated(padding, n)
        self.dilation = repeated(dilation, n)
        self.output_padding = repeated(output_padding, n)
        self.groups = groups
        self.padding_mode = padding_mode
        self.weight = Parameter(empty(self.weight_shape(), device=device, dtype=dtype))
        add_bias(self, bias, out_channels, device, dtype)
        self.reset_parameters()

    def weight_shape(self) -> tuple[int, ...]:
        channels = [self.out_channels, self.in_channels]
        if self.transposed:
            channels.reverse()
        return channels[0], channels[1] // self.groups, *self.kernel_size

    def reset_parameters(self) -> None:
        """Draw weight, then bias, uniformly within +-1 / sqrt(fan_in)."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            fan_in, _ = init._calculate_fan_in_and_fan_out(self.weight)
            if fan_in:
                bound = 1 / math.sqrt(fan_in)
                init.uniform_(self.bias, -bound, bound)

    def extra_repr(self) -> str:
        text = (
            f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, "
            f"stride={self.stride}"
        )
        if self.padding != (0,) * len(self.padding):
            text += f", padding={self.padding}"
        if self.dilation != (1,) * len(self.dilation):
            text += f", dilation={self.dilation}"
        if self.output_padding != (0,) * len(self.output_padding):
            text += f", output_padding={self.output_padding}"
        if self.groups != 1:
            text += f", groups={self.groups}"
        if self.bias is None:
            text += ", bias=False"
        if self.padding_mode != "zeros":
            text += f", padding_mode={self.padding_mode}"
        return text


class Conv(AnyConv):
    """The correlation of the input with ``out_channels`` kernels, plus a bias for each."""

    transposed = False

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: str | Sizes = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            0,
            groups,
            bias,
            padding_mode,
            device,
            dtype,
        )

    @property
    def _reversed_padding_repeated_twice(self) -> list[int]:
        """The padding as `functional.pad` takes it: before and after, last dimension first."""
        pads: list[int] = []
        for i in reversed(range(self.dimensions)):
            if self.padding == "same":
                total = self.dilation[i] * (self.kernel_size[i] - 1)
                pads += [total // 2, total - total // 2]
            else:
                pads += [0, 0] if self.padding == "valid" else [self.padding[i]] * 2  # type: ignore[list-item]
        return pads

    def forward(self, input: Any) -> Any:
        return self._conv_forward(input, self.weight, self.bias)

    def _conv_forward(self, input: Any, weight: Any, bias: Any) -> Any:
        padding: Any = self.padding
        if self.padding_mode != "zeros":
            input = F.pad(input, self._reversed_padding_repeated_twice, mode=self.padding_mode)
            padding = 0
        convolve = getattr(F, f"conv{self.dimensions}d")
        return convolve(input, weight, bias, self.stride, padding, self.dilation, self.groups)


class Conv1d(Conv):
    """A convolution over (N, C, L) or (C, L). Weight (out, in / groups, k), bias (out).

    Errors as of `Conv2d`.
    """

    dimensions = 1


class Conv2d(Conv):
    """A convolution over (N, C, H, W) or (C, H, W). Weight (out, in / groups, k, k), bias (out).

    By `nn.functional.conv2d`. Both are drawn uniformly within +-1 / sqrt(in k k / groups). Raises
    ValueError for channels that groups do not divide, an unknown padding or padding_mode, and
    "same" with a stride; when called RuntimeError for shapes and dtypes that do not fit.
    """

    dimensions = 2


class Conv3d(Conv):
    """A convolution over (N, C, D, H, W) or (C, D, H, W). Weight (out, in / groups, k, k, k)."""

    dimensions = 3


class ConvTranspose(AnyConv):
    """The transpose of a convolution: from its output's sizes back to those of its input."""

    transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes = 0,
        output_padding: Sizes = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Sizes = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        if padding_mode != "zeros":
            raise ValueError(f'Only "zeros" padding mode is supported for {type(self).__name__}')
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            output_padding,
            groups,
            bias,
            padding_mode,
            device,
            dtype,
        )

    def forward(self, input: Any, output_size: Any = None) -> Any:
        n = self.dimensions
        extra = self.output_padding if output_size is None else self._missing(input, output_size)
        convolve = getattr(F, f"conv_transpose{n}d")
        return convolve(
            input,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            extra,
            self.groups,
            self.dilation,
        )

    def _missing(self, input: Any, output_size: Any) -> tuple[int, ...]:
        """The output padding that makes the result as large as ``output_size`` says."""
        n = self.dimensions
        others = 2 if input.dim() == n + 2 else 1
        wanted = list(output_size)
        if len(wanted) == n + others:
            wanted = wanted[others:]
        if len(wanted) != n:
            raise ValueError(
                f"ConvTranspose{n}D: for {input.dim()}D input, output_size must have {n} or "
                f"{n + others} elements (got {len(wanted)})"
            )
        low = [
            (size - 1) * step - 2 * pad + dilation * (kernel - 1) + 1
            for size, step, pad, dilation, kernel in zip(
                input.shape[others:],
                self.stride,
                self.padding,
                self.dilation,
                self.kernel_size,
                strict=True,
            )
        ]
        high = [size + step - 1 for size, step in zip(low, self.stride, strict=True)]
        if any(not a <= size <= b for a, size, b in zip(low, wanted, high, strict=True)):
            raise ValueError(
                f"requested an output size of {output_size}, but valid sizes range from {low} to "
                f"{high} (for an input of {input.shape[others:]})"
            )
        return tuple([size - a for size, a in zip(wanted, low, strict=True)])


class ConvTranspose1d(ConvTranspose):
    """The transpose of `Conv1d`. Weight (in, out / groups, k), bias (out)."""

    dimensions = 1


class ConvTranspose2d(ConvTranspose):
    """The transpose of `Conv2d`. Weight (in, out / groups, k, k), bias (out).

    By `nn.functional.conv_transpose2d`. Errors as of `Conv2d`; the only padding_mode is "zeros".
    """

    dimensions = 2


class ConvTranspose3d(ConvTranspose):
    """The transpose of `Conv3d`. Weight (in, out / groups, k, k, k), bias (out)."""

    dimensions = 3


# As lessons ask for any of them.
_ConvNd, _ConvTransposeNd = AnyConv, ConvTranspose
