"""Modules that rearrange or resize: unfold and fold, shuffle, upsample."""

from __future__ import annotations

from minigrad.nn.modules.stateless import Stateless

__all__ = [
    "ChannelShuffle",
    "Fold",
    "PixelShuffle",
    "PixelUnshuffle",
    "Unfold",
    "Upsample",
    "UpsamplingBilinear2d",
    "UpsamplingNearest2d",
]

Sizes = int | tuple[int, ...]
Factors = float | tuple[float, ...]


BLOCKS = "kernel_size={kernel_size}, dilation={dilation}, padding={padding}, stride={stride}"


class Unfold(Stateless, function="unfold", shown=BLOCKS):
    """The windows of images (N, C, H, W) as columns: (N, C * k * k, number of windows)."""

    kernel_size: Sizes
    dilation: Sizes = 1
    padding: Sizes = 0
    stride: Sizes = 1


class Fold(Stateless, function="fold", shown="output_size={output_size}, " + BLOCKS):
    """The transpose of `Unfold`: columns are added into images where they came from."""

    output_size: Sizes
    kernel_size: Sizes
    dilation: Sizes = 1
    padding: Sizes = 0
    stride: Sizes = 1


class PixelShuffle(Stateless, function="pixel_shuffle", shown="upscale_factor={upscale_factor}"):
    """(..., C r r, H, W) to (..., C, H r, W r): channels become pixels."""

    upscale_factor: int


class PixelUnshuffle(
    Stateless, function="pixel_unshuffle", shown="downscale_factor={downscale_factor}"
):
    """(..., C, H r, W r) to (..., C r r, H, W): pixels become channels."""

    downscale_factor: int


class ChannelShuffle(Stateless, function="channel_shuffle", shown="groups={groups}"):
    """Channels in groups, and then in the order: the first of each group, the second, ..."""

    groups: int


class Upsample(Stateless, function="interpolate"):
    """The input resized to ``size``, or by ``scale_factor``, by interpolation."""

    size: Sizes | None = None
    scale_factor: Factors | None = None
    mode: str = "nearest"
    align_corners: bool | None = None
    recompute_scale_factor: bool | None = None

    def __post_init__(self) -> None:
        factor = self.scale_factor
        if isinstance(factor, tuple):
            self.scale_factor = tuple([float(each) for each in factor])
        else:
            self.scale_factor = float(factor) if factor else None

    def extra_repr(self) -> str:
        how = "size" if self.scale_factor is None else "scale_factor"
        return f"{how}={getattr(self, how)!r}, mode={self.mode!r}"


class UpsamplingNearest2d(Upsample):
    """Images resized to ``size``, or by ``scale_factor``: each pixel the nearest one's value."""

    def __init__(self, size: Sizes | None = None, scale_factor: Factors | None = None) -> None:
        super().__init__(size, scale_factor, mode="nearest")


class UpsamplingBilinear2d(Upsample):
    """Images resized to ``size``, or by ``scale_factor``, with the corners kept, bilinearly."""

    def __init__(self, size: Sizes | None = None, scale_factor: Factors | None = None) -> None:
        super().__init__(size, scale_factor, mode="bilinear", align_corners=True)
