"""Images sampled at the points of a grid, and grids from affine maps."""

from __future__ import annotations

import warnings
from math import prod
from typing import Any

import numpy as np

from minigrad.errors import type_name
from minigrad.ops.arguments import integer, need_tensor
from minigrad.ops.grids import Sampling, _affine_grid, _sample2, _sample3

__all__ = ["affine_grid", "grid_sample"]

TAPS = {"nearest": 1, "bilinear": 2, "bicubic": 4}


def grid_sample(
    input: Any,
    grid: Any,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Any:
    """Images sampled at points: (N, C, H, W) at (N, H', W', 2), or with D in front of H.

    grid:           points (x, y) or (x, y, z); -1 and 1 are the edges of the image, or with
                    ``align_corners`` the middle of its first and last pixels.
    mode:           "nearest", "bilinear" (also for three dimensions) or "bicubic".
    padding_mode:   outside there are "zeros", the nearest pixel ("border") or a "reflection".

    Derivative: to the image the cotangent times the weights, to the grid the slope of the
    interpolation between the pixels. Raises ValueError for a mode, RuntimeError for shapes.
    """
    if mode not in TAPS:
        raise ValueError(
            "nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', "
            f"but got: '{mode}'"
        )
    if padding_mode not in ("zeros", "border", "reflection"):
        raise ValueError(
            "nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or "
            f"'reflection', but got: '{padding_mode}'"
        )
    if align_corners is None:
        warn_of_corners()
    need_tensor("grid_sampler", input)
    need_tensor("grid_sampler", grid, "grid", 2)
    check(input, grid, mode)
    how = Sampling(input.array.shape[2:], TAPS[mode], padding_mode, bool(align_corners))
    return (_sample2 if input.array.ndim == 4 else _sample3)(input, grid, TAPS[mode], how)


def warn_of_corners() -> None:
    warnings.warn(
        "Default grid_sample and affine_grid behavior has changed to align_corners=False since "
        "1.3.0. Please specify align_corners=True if the old behavior is desired.",
        stacklevel=3,
    )


def check(input: Any, grid: Any, mode: str) -> None:
    shape, points = input.array.shape, grid.array.shape
    sizes = f"but got input with sizes {list(shape)} and grid with sizes {list(points)}"
    if shape[:1] != points[:1]:
        raise RuntimeError(
            f"grid_sampler(): expected grid and input to have same batch size, {sizes}"
        )
    if points[-1] != len(shape) - 2:
        raise RuntimeError(
            f"grid_sampler(): expected grid to have size {len(shape) - 2} in last dimension, but "
            f"got grid with sizes {list(points)}"
        )
    if len(shape) not in (4, 5) or len(points) != len(shape):
        raise RuntimeError(
            f"grid_sampler(): expected {'5D' if len(shape) == 5 else '4D'} input and grid with "
            f"same number of dimensions, {sizes}"
        )
    for i, n in enumerate(shape[2:], 2):
        if n == 0:
            raise RuntimeError(
                "grid_sampler(): expected input to have non-empty spatial dimensions, but input "
                f"has sizes {list(shape)} with dimension {i} being empty"
            )
    if mode == "bicubic" and len(shape) != 4:
        raise RuntimeError("grid_sampler(): bicubic interpolation only supports 4D input")
    dtype, other = input.array.dtype, grid.array.dtype
    if dtype != other:
        raise RuntimeError(
            f"expected scalar type {type_name(dtype)} but found {type_name(other)}. Images and "
            "grid must be of one dtype."
        )
    if dtype.kind != "f":
        kernel = f"grid_sampler_{len(shape) - 2}d_cpu"
        kernel += "_kernel_impl" if len(shape) == 4 else ""
        raise NotImplementedError(f"\"{kernel}\" not implemented for '{type_name(dtype)}'")


def affine_grid(theta: Any, size: Any, align_corners: bool | None = None) -> Any:
    """The points of a grid, moved by affine maps; what `grid_sample` takes.

    theta:  (N, 2, 3) for the ``size`` (N, C, H, W), which gives (N, H, W, 2); or (N, 3, 4) for
            (N, C, D, H, W).

    Derivative: the cotangent times the points. Raises ValueError for shapes that do not fit.
    """
    if align_corners is None:
        warn_of_corners()
    need_tensor("affine_grid", theta)
    shape, dtype = theta.array.shape, theta.array.dtype
    if dtype.kind != "f":
        raise ValueError(
            f"Expected theta to have floating point type, but got minigrad.{dtype.name}"
        )
    dims = len(size) - 2
    if dims not in (2, 3):
        raise NotImplementedError(
            "affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, "
            f"respectively. Got size {size}."
        )
    if shape[1:] != (dims, dims + 1):
        raise ValueError(
            f"Expected a batch of {dims}D affine matrices of shape Nx{dims}x{dims + 1} for size "
            f"{size}. Got {theta.shape}."
        )
    sizes = tuple([integer("affine_grid", n, "size") for n in size])
    if min(sizes) <= 0:
        raise ValueError(f"Expected non-zero, positive output size. Got {size}")
    if sizes[0] != shape[0]:
        raise RuntimeError(
            "Expected size for first two dimensions of batch2 tensor to be: "
            f"[{sizes[0]}, {dims + 1}] but got: [{shape[0]}, {dims + 1}]."
        )
    lines = [middles(n, bool(align_corners)).astype(dtype) for n in sizes[2:]]
    points = np.stack(np.meshgrid(*lines, indexing="ij")[::-1], -1).reshape(prod(sizes[2:]), dims)
    base = np.concatenate([points, np.ones_like(points[:, :1])], 1)
    return _affine_grid(theta, base, sizes[2:])


def middles(n: int, align_corners: bool) -> Any:
    """Where n pixels lie between -1 and 1: their middles, which may be the corners."""
    if n == 1:
        return np.zeros(1)
    return np.linspace(-1, 1, n) * (1 if align_corners else (n - 1) / n)
