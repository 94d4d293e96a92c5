"""Images made larger or smaller, by interpolation."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from minigrad.autograd.value import wrap
from minigrad.errors import type_name
from minigrad.memory import in_format_of
from minigrad.nn.functional.adaptive_pooling import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
)
from minigrad.nn.functional.byte_images import resized
from minigrad.ops import resampling
from minigrad.ops.arguments import integer, need_tensor, number
from minigrad.ops.pixels import channel_shuffle, pixel_shuffle, pixel_unshuffle
from minigrad.ops.resampling import Taps, far, near
from minigrad.promotion import overflow

__all__ = [
    "channel_shuffle",
    "interpolate",
    "pixel_shuffle",
    "pixel_unshuffle",
    "upsample",
    "upsample_bilinear",
    "upsample_nearest",
]

NEAREST = {1: resampling._nearest1, 2: resampling._nearest2, 3: resampling._nearest3}
EXACT = {1: resampling._exact1, 2: resampling._exact2, 3: resampling._exact3}
# How many spatial dimensions a mode is for, and its primitive; and what averages where it shrinks.
SMOOTH = {
    "linear": (1, resampling._linear),
    "bilinear": (2, resampling._bilinear),
    "trilinear": (3, resampling._trilinear),
    "bicubic": (2, resampling._bicubic),
}
SMOOTHER = {"bilinear": resampling._bilinear_aa, "bicubic": resampling._bicubic_aa}
AREA = (adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d)


def interpolate(
    input: Any,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Any:
    """The input resized: (N, C, L), (N, C, H, W) or (N, C, D, H, W), to the same rank.

    size, scale_factor:  the new spatial size, or by what to multiply the old one; one of the two,
                         as a number or one for each dimension.
    mode:                "nearest", "nearest-exact" (which rounds as image libraries do), "linear",
                         "bilinear", "trilinear", "bicubic", or "area", the average.
    align_corners:       the first and last elements of both lie on each other, rather than their
                         outer edges; for the linear and cubic modes.
    recompute_scale_factor:  work with the ratio of the sizes and not with the given factor, which
                         differs where the product was not whole.
    antialias:           where an image shrinks, average over more of it, as PIL does; for
                         "bilinear" and "bicubic".

    Linear in the input: the derivative gives each element the cotangents that it went into, times
    its weights. The cubic is that of Keys, IEEE Trans. ASSP 29 (1981), with a = -0.75, or -0.5 with
    ``antialias``. Images of uint8 are resized in whole numbers. Raises ValueError,
    NotImplementedError or RuntimeError for arguments that do not fit.
    """
    need_tensor("interpolate", input)
    if mode in ("nearest", "area", "nearest-exact") and align_corners is not None:
        raise ValueError(
            "align_corners option can only be set with the interpolating modes: linear | "
            "bilinear | bicubic | trilinear"
        )
    shape, dims = input.array.shape, input.array.ndim - 2
    sizes, factors = sizes_and_factors(shape, size, scale_factor)
    if recompute_scale_factor and size is not None:
        raise ValueError("recompute_scale_factor is not meaningful with an explicit size.")
    if recompute_scale_factor:
        factors = [None] * dims
    if antialias and (mode not in SMOOTHER or dims != 2):
        raise ValueError(
            "Anti-alias option is restricted to bilinear, bicubic, and lanczos modes and requires "
            "a 4-D tensor as input"
        )
    if mode == "area" and 1 <= dims <= 3:
        return AREA[dims - 1](input, sizes)
    if mode in SMOOTH and 1 <= dims <= 3 and SMOOTH[mode][0] != dims and mode != "bicubic":
        raise NotImplementedError(
            f"Got {dims + 2}D input, but {mode} mode needs {SMOOTH[mode][0] + 2}D input"
        )
    nearest = mode in ("nearest", "nearest-exact")
    if not (1 <= dims <= 3 and (nearest or (mode in SMOOTH and SMOOTH[mode][0] == dims))):
        raise NotImplementedError(
            f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {dims + 2}D) for the "
            "modes: nearest | linear | bilinear | bicubic | trilinear | lanczos | area | "
            f"nearest-exact (got {mode})"
        )
    check(shape, sizes, mode, input.array.dtype)
    if nearest:
        shift = 0.5 if mode == "nearest-exact" else 0.0
        small = dims == 2 and sum(sizes) <= 128  # for which torch has another kernel
        taps = [
            nearest_taps(n, m, factor, shift, whole=small and not shift)
            for n, m, factor in zip(shape[2:], sizes, factors, strict=True)
        ]
        return in_format_of((EXACT if shift else NEAREST)[dims](input, taps), input)
    whole = input.array.dtype == np.uint8
    dtype = np.dtype(np.float64) if whole else np.result_type(input.array.dtype, np.float32)
    corners = bool(align_corners)
    steps = [
        scale(n, m, factor, corners, dtype)
        for n, m, factor in zip(shape[2:], sizes, factors, strict=True)
    ]
    if antialias:
        taps = [
            averaging_taps(n, m, step, mode)
            for n, m, step in zip(shape[2:], sizes, steps, strict=True)
        ]
    else:
        make = cubic_taps if mode == "bicubic" else linear_taps
        taps = [
            make(n, m, step, corners) for n, m, step in zip(shape[2:], sizes, steps, strict=True)
        ]
    if whole:
        return in_format_of(wrap(resized(input.array, taps)), input)
    resample = SMOOTHER[mode] if antialias else SMOOTH[mode][1]
    return in_format_of(resample(input, taps), input)


def sizes_and_factors(shape: Any, size: Any, factor: Any) -> tuple[Any, Any]:
    """The new sizes, and the factors, which are None where sizes were given."""
    dims = len(shape) - 2
    if size is not None and factor is not None:
        raise ValueError("only one of size or scale_factor should be defined")
    if size is None and factor is None:
        raise ValueError("either size or scale_factor should be defined")
    given = size if factor is None else factor
    if not isinstance(given, list | tuple):
        given = (given,) * dims
    if len(given) != dims:
        what = "output" if factor is None else "scale_factor"
        shown = f"output size of {size}" if factor is None else f"scale_factor of shape {factor}"
        raise ValueError(
            f"Input and {what} must have the same number of spatial dimensions, but got input "
            f"with spatial dimensions of {list(shape[2:])} and {shown}. The input is (N, C, ...)."
        )
    if factor is None:
        return tuple([integer("interpolate", n, "size") for n in given]), [None] * dims
    factors = [float(number("interpolate", each, "scale_factor", kind="float")) for each in given]
    new = [n * each for n, each in zip(shape[2:], factors, strict=True)]
    if not all(abs(n) < 2**63 for n in new):  # nor is a NaN
        raise overflow(np.dtype(np.int64))
    return tuple(map(math.floor, new)), factors


def check(shape: Any, sizes: Any, mode: str, dtype: Any) -> None:
    dims = len(sizes)
    if min(*shape[2:], *sizes) <= 0:
        letters = ("D", "H", "W")[-dims:]
        old, new = (
            ", ".join(f"{x}: {n}" for x, n in zip(letters, each, strict=True))
            for each in (shape[2:], sizes)
        )
        joined = " and" if dims == 1 else ""
        raise RuntimeError(
            f"Input and output sizes should be greater than 0, but got input ({old}){joined} "
            f"output ({new})"
        )
    if shape[1] == 0:
        raise RuntimeError(
            f"Non-empty {dims + 2}D data tensor expected but got a tensor with sizes {list(shape)}"
        )
    if dtype.kind != "f" and not (dtype == np.uint8 and (dims == 2 or mode.startswith("nearest"))):
        kind = "linear" if "linear" in mode else "cubic" if mode == "bicubic" else "nearest"
        kernel = f"compute_indices_weights_{kind}"
        if dims == 2 and kind != "cubic":
            name = "bilinear" if kind == "linear" else "nearest"
            kernel = f"upsample_{name}2d_channels_last"
        raise NotImplementedError(f"\"{kernel}\" not implemented for '{type_name(dtype)}'")


def scale(n: int, m: int, factor: float | None, align_corners: bool, dtype: Any) -> Any:
    """How far apart in the input two neighbours of the output are, in the dtype of the weights."""
    one = dtype.type
    if align_corners:
        return one(n - 1) / one(m - 1) if m > 1 else one(0)
    return one(1 / factor) if factor else one(n) / one(m)


def nearest_taps(n: int, m: int, factor: float | None, shift: float, whole: bool) -> Taps:
    """Where each element comes from; if ``whole``, by the ratio of the sizes if that is 1 or 2."""
    if whole and m in (n, 2 * n):
        factor = None
    step = scale(n, m, factor, False, np.dtype(np.float32))
    places = np.floor((np.arange(m, dtype=np.float32) + np.float32(shift)) * step)
    return Taps(np.minimum(places.astype(np.int64), n - 1)[None])


def sources(m: int, step: Any, align_corners: bool) -> Any:
    """Where in the input the elements of the output lie, in whole and broken numbers."""
    i = np.arange(m, dtype=step.dtype)
    half = step.dtype.type(0.5)
    return i * step if align_corners else (i + half) * step - half


def linear_taps(n: int, m: int, step: Any, align_corners: bool) -> Taps:
    where = np.maximum(sources(m, step, align_corners), 0)
    if m == n:  # whatever the factor, nothing is resized
        where = np.arange(m, dtype=step.dtype)
    first = np.minimum(np.floor(where).astype(np.int64), n - 1)
    part = np.clip(where - first.astype(where.dtype), 0, 1)
    return Taps(np.stack([first, np.minimum(first + 1, n - 1)]), np.stack([1 - part, part]))


def cubic_taps(n: int, m: int, step: Any, align_corners: bool) -> Taps:
    where = sources(m, step, align_corners)
    first = np.floor(where)
    t = where - first
    index = np.stack([first + k for k in (-1, 0, 1, 2)]).astype(np.int64)
    weights = [far(t + 1), near(t), near(1 - t), far(2 - t)]
    return Taps(np.clip(index, 0, n - 1), np.stack(weights))


def averaging_taps(n: int, m: int, step: Any, mode: str) -> Taps:
    """Taps under a curve that is as wide as the step: all elements of the input take part."""
    reach, curve = (1, tent) if mode == "bilinear" else (2, bell)
    wide = max(step, step.dtype.type(1))
    middle = (np.arange(m, dtype=step.dtype) + step.dtype.type(0.5)) * step
    first = np.maximum((middle - reach * wide + 0.5).astype(np.int64), 0)
    last = np.minimum((middle + reach * wide + 0.5).astype(np.int64), n)
    places = first + np.arange((last - first).max())[:, None]
    weights = curve(np.abs((places - middle + 0.5) / wide).astype(step.dtype))
    weights = np.where(places < last, weights, 0)
    return Taps(np.minimum(places, n - 1), weights / np.add.reduce(weights, 0))


def tent(t: Any) -> Any:
    return np.maximum(1 - t, 0)


def bell(t: Any) -> Any:
    """The cubic of Keys with a = -0.5, which is 0 from 2 on."""
    return np.where(t < 1, near(t, -0.5), np.where(t < 2, far(t, -0.5), 0))


def upsample(
    input: Any,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Any:
    """`interpolate` by its old name."""
    warnings.warn(
        "`nn.functional.upsample` is deprecated. Use `nn.functional.interpolate` instead.",
        stacklevel=2,
    )
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input: Any, size: Any = None, scale_factor: Any = None) -> Any:
    """`interpolate` in the mode "nearest", by its old name."""
    warnings.warn(
        "`nn.functional.upsample_nearest` is deprecated. Use `nn.functional.interpolate` instead.",
        stacklevel=2,
    )
    return interpolate(input, size, scale_factor, "nearest")


def upsample_bilinear(input: Any, size: Any = None, scale_factor: Any = None) -> Any:
    """`interpolate` in the mode "bilinear" with corners aligned, by its old name."""
    warnings.warn(
        "`nn.functional.upsample_bilinear` is deprecated. Use `nn.functional.interpolate` instead.",
        stacklevel=2,
    )
    return interpolate(input, size, scale_factor, "bilinear", True)
