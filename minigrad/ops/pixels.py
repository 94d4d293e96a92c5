"""Pixels and channels in another order: none is lost, and the derivative puts them back."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from minigrad.autograd.primitive import Operator, primitive
from minigrad.autograd.value import Array
from minigrad.memory import in_format_of
from minigrad.ops.arguments import integer, need_tensor, typed

__all__ = ["channel_shuffle", "pixel_shuffle", "pixel_unshuffle"]


def _shuffle(x: Array, r: int) -> Array:
    *batch, channels, h, w = x.shape
    parts = x.reshape(prod(batch), channels // r**2, r, r, h, w)
    moved = np.transpose(parts, (0, 1, 4, 2, 5, 3)).copy()
    return moved.reshape(*batch, channels // r**2, h * r, w * r)


def _unshuffle(x: Array, r: int) -> Array:
    *batch, channels, h, w = x.shape
    parts = x.reshape(prod(batch), channels, h // r, r, w // r, r)
    moved = np.transpose(parts, (0, 1, 3, 5, 2, 4)).copy()
    return moved.reshape(*batch, channels * r**2, h // r, w // r)


def _shuffle_channels(x: Array, groups: int) -> Array:
    n, channels, *sizes = x.shape
    parts = x.reshape(n, groups, channels // groups, prod(sizes))
    return np.swapaxes(parts, 1, 2).copy().reshape(x.shape)


_pixel_shuffle: Operator = primitive(
    "PixelShuffleBackward0", _shuffle, x=lambda g, r: _pixel_unshuffle(g, r)
)
_pixel_unshuffle: Operator = primitive(
    "PixelUnshuffleBackward0", _unshuffle, x=lambda g, r: _pixel_shuffle(g, r)
)
_channel_shuffle: Operator = primitive(
    "ChannelShuffleBackward0",
    _shuffle_channels,
    x=lambda g, x_shape, groups: _channel_shuffle(g, x_shape[1] // groups),
)


@typed("input")
def pixel_shuffle(input: Any, upscale_factor: int) -> Any:
    """Channels spread over space: (..., C * r * r, H, W) to (..., C, H * r, W * r).

    Derivative: `pixel_unshuffle` of the cotangent. Raises RuntimeError where sizes do not divide.
    """
    r = factor("pixel_shuffle", input, upscale_factor, "upscale_factor")
    channels = input.array.shape[-3]
    if channels % r**2:
        raise RuntimeError(
            "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square "
            f"of upscale_factor, but input.size(-3)={channels} is not divisible by {r**2}"
        )
    return in_format_of(_pixel_shuffle(input, r), input)


@typed("input")
def pixel_unshuffle(input: Any, downscale_factor: int) -> Any:
    """Space gathered into channels: (..., C, H * r, W * r) to (..., C * r * r, H, W).

    Derivative: `pixel_shuffle` of the cotangent. Raises RuntimeError where sizes do not divide.
    """
    r = factor("pixel_unshuffle", input, downscale_factor, "downscale_factor")
    for dim, side in ((-2, "height"), (-1, "width")):
        size = input.array.shape[dim]
        if size % r:
            raise RuntimeError(
                f"pixel_unshuffle expects {side} to be divisible by downscale_factor, but "
                f"input.size({dim})={size} is not divisible by {r}"
            )
    return in_format_of(_pixel_unshuffle(input, r), input)


def factor(name: str, input: Any, value: Any, argument: str) -> int:
    need_tensor(name, input)
    r = integer(name, value, argument)
    ndim = input.array.ndim
    if ndim < 3:
        raise RuntimeError(
            f"{name} expects input to have at least 3 dimensions, but got input with {ndim} "
            "dimension(s)"
        )
    if r <= 0:
        raise RuntimeError(f"{name} expects a positive {argument}, but got {r}")
    return r


def channel_shuffle(input: Any, groups: int) -> Any:
    """Channels dealt out to groups in turn: (N, groups * C, ...), channel g C + c to c groups + g.

    Derivative: the cotangent's channels put back. Raises RuntimeError if they do not divide.
    """
    need_tensor("channel_shuffle", input)
    groups = integer("channel_shuffle", groups, "groups")
    shape = input.array.shape
    if len(shape) < 3:
        raise RuntimeError(
            f"channel_shuffle expects input with > 2 dims, but got input with sizes {list(shape)}"
        )
    if groups <= 0:
        raise RuntimeError(
            f"Number of groups to divide channels in must be positive. Value of groups:{groups}"
        )
    if shape[1] % groups:
        raise RuntimeError(
            f"Number of channels must be divisible by groups. Got {shape[1]} channels and "
            f"{groups} groups."
        )
    return in_format_of(_channel_shuffle(input, groups), input)
