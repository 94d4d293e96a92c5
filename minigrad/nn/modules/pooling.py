"""Pooling layers: windows over (N, C, L), (N, C, H, W) and (N, C, D, H, W), or without the N."""

from __future__ import annotations

from typing import Any

from minigrad.nn import functional as F
from minigrad.nn.modules.sizes import repeated
from minigrad.nn.modules.stateless import Stateless

__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "LPPool1d",
    "LPPool2d",
    "LPPool3d",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "MaxUnpool1d",
    "MaxUnpool2d",
    "MaxUnpool3d",
]

Sizes = int | tuple[int, ...]
Sizes1 = int | tuple[int]

WINDOW = "kernel_size={kernel_size}, stride={stride}, padding={padding}"
MAX = WINDOW + ", dilation={dilation}, ceil_mode={ceil_mode}"
OUTPUT = "output_size={output_size}"
LP = "norm_type={norm_type}, kernel_size={kernel_size}, stride={stride}, ceil_mode={ceil_mode}"


class Windows(Stateless):
    """Windows follow each other without a gap unless a stride is given."""

    kernel_size: Any
    stride: Any

    def __post_init__(self) -> None:
        if self.stride is None:
            self.stride = self.kernel_size


class MaxPool1d(Windows, function="max_pool1d", shown=MAX):
    """The maximum of each window."""

    kernel_size: Sizes
    stride: Sizes | None = None
    padding: Sizes = 0
    dilation: Sizes = 1
    return_indices: bool = False
    ceil_mode: bool = False


class MaxPool2d(Windows, function="max_pool2d", shown=MAX):
    """The maximum of each window. Shapes and errors as of `nn.functional.max_pool2d`."""

    kernel_size: Sizes
    stride: Sizes | None = None
    padding: Sizes = 0
    dilation: Sizes = 1
    return_indices: bool = False
    ceil_mode: bool = False


class MaxPool3d(Windows, function="max_pool3d", shown=MAX):
    """The maximum of each window."""

    kernel_size: Sizes
    stride: Sizes | None = None
    padding: Sizes = 0
    dilation: Sizes = 1
    return_indices: bool = False
    ceil_mode: bool = False


class Unpool(Windows):
    """Puts the maxima of a max pool back to where they came from, with zeros around."""

    padding: Any

    def __post_init__(self) -> None:
        super().__post_init__()
        dimensions = int(self.function[-2])
        for name in "kernel_size", "stride", "padding":
            setattr(self, name, repeated(getattr(self, name), dimensions))

    def forward(self, input: Any, indices: Any, output_size: Any = None) -> Any:
        unpool = getattr(F, self.function)
        return unpool(input, indices, self.kernel_size, self.stride, self.padding, output_size)


class MaxUnpool1d(Unpool, function="max_unpool1d", shown=WINDOW):
    """The inverse of `MaxPool1d`, given its indices: zero where there was no maximum."""

    kernel_size: Sizes
    stride: Sizes | None = None
    padding: Sizes = 0


class MaxUnpool2d(Unpool, function="max_unpool2d", shown=WINDOW):
    """The inverse of `MaxPool2d`, given its indices: zero where there was no maximum."""

    kernel_size: Sizes
    stride: Sizes | None = None
    padding: Sizes = 0


class MaxUnpool3d(Unpool, function="max_unpool3d", shown=WINDOW):
    """The inverse of `MaxPool3d`, given its indices: zero where there was no maximum."""

    kernel_size: Sizes
    stride: Sizes | None = None
    padding: Sizes = 0


class AvgPool1d(Windows, function="avg_pool1d", shown=WINDOW):
    """The mean of each window."""

    kernel_size: Sizes1
    stride: Sizes1 | None = None
    padding: Sizes1 = 0
    ceil_mode: bool = False
    count_include_pad: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in "kernel_size", "stride", "padding":
            setattr(self, name, repeated(getattr(self, name), 1))


class AvgPool2d(Windows, function="avg_pool2d", shown=WINDOW):
    """The mean of each window. Shapes and errors as of `nn.functional.avg_pool2d`."""

    kernel_size: Sizes
    stride: Sizes | None = None
    padding: Sizes = 0
    ceil_mode: bool = False
    count_include_pad: bool = True
    divisor_override: int | None = None


class AvgPool3d(Windows, function="avg_pool3d", shown=WINDOW):
    """The mean of each window."""

    kernel_size: Sizes
    stride: Sizes | None = None
    padding: Sizes = 0
    ceil_mode: bool = False
    count_include_pad: bool = True
    divisor_override: int | None = None


class LPPool1d(Stateless, function="lp_pool1d", shown=LP):
    """The p-norm of each window, p = ``norm_type``."""

    norm_type: float
    kernel_size: Sizes
    stride: Sizes | None = None
    ceil_mode: bool = False


class LPPool2d(Stateless, function="lp_pool2d", shown=LP):
    """The p-norm of each window, p = ``norm_type``."""

    norm_type: float
    kernel_size: Sizes
    stride: Sizes | None = None
    ceil_mode: bool = False


class LPPool3d(Stateless, function="lp_pool3d", shown=LP):
    """The p-norm of each window, p = ``norm_type``."""

    norm_type: float
    kernel_size: Sizes
    stride: Sizes | None = None
    ceil_mode: bool = False


OutputSize = int | None | tuple[int | None, ...]


class AdaptiveAvgPool1d(Stateless, function="adaptive_avg_pool1d", shown=OUTPUT):
    """The means of as many windows as ``output_size`` says."""

    output_size: OutputSize


class AdaptiveAvgPool2d(Stateless, function="adaptive_avg_pool2d", shown=OUTPUT):
    """The means of as many windows as ``output_size`` says; None keeps a size.

    Shapes and errors as of `nn.functional.adaptive_avg_pool2d`.
    """

    output_size: OutputSize


class AdaptiveAvgPool3d(Stateless, function="adaptive_avg_pool3d", shown=OUTPUT):
    """The means of as many windows as ``output_size`` says; None keeps a size."""

    output_size: OutputSize


class AdaptiveMaxPool1d(Stateless, function="adaptive_max_pool1d", shown=OUTPUT):
    """The maxima of as many windows as ``output_size`` says."""

    output_size: OutputSize
    return_indices: bool = False


class AdaptiveMaxPool2d(Stateless, function="adaptive_max_pool2d", shown=OUTPUT):
    """The maxima of as many windows as ``output_size`` says; None keeps a size."""

    output_size: OutputSize
    return_indices: bool = False


class AdaptiveMaxPool3d(Stateless, function="adaptive_max_pool3d", shown=OUTPUT):
    """The maxima of as many windows as ``output_size`` says; None keeps a size."""

    output_size: OutputSize
    return_indices: bool = False
