"""Windows of images as columns, columns put back, and maxima put back to where they came from."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.errors import type_name
from minigrad.nn.functional.sizes import Sizes, for_each_dim, sizes
from minigrad.ops import pooling
from minigrad.ops.arguments import integer, need_tensor
from minigrad.ops.shape import squeeze, unsqueeze
from minigrad.ops.windows import Grid, Pair, _col2im, _im2col

__all__ = ["fold", "max_unpool1d", "max_unpool2d", "max_unpool3d", "unfold"]

UNPOOL = {2: pooling._unpool2, 3: pooling._unpool3}


def unfold(
    input: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Any:
    """The windows of images as columns (im2col): (N, C, H, W) to (N, C * KH * KW, places).

    Also (C, H, W) without a batch. ``padding`` zeros are added on each side. Derivative: `fold`
    of the cotangent. Raises RuntimeError where no window fits.
    """
    need_tensor("im2col", input)
    settings = window_settings("im2col", kernel_size, dilation, padding, stride)
    shape = input.array.shape
    if len(shape) not in (3, 4) or 0 in shape[-3:]:
        if len(shape) < 3:
            raise IndexError(
                f"Dimension out of range (expected to be in range of [{-len(shape)}, "
                f"{len(shape) - 1}], but got 2). Images are (N, C, H, W) or (C, H, W)."
            )
        raise RuntimeError(
            "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero "
            f"dimensions for input, but got: {list(shape)}"
        )
    grid = grid_of(shape[-2:], settings)
    if min(grid.places) < 1:
        raise RuntimeError(
            f"Given input with spatial size {shape[-2:]}, kernel_size={grid.kernel}, "
            f"dilation={grid.dilation}, padding={grid.padding}, calculated shape of the array of "
            f"sliding blocks as {grid.places}, but its components must be at least one."
        )
    need_no_integers("im2col_out_cpu", input)
    return _im2col(input, grid)


def fold(
    input: Any,
    output_size: Any,
    kernel_size: Any,
    dilation: Any = 1,
    padding: Any = 0,
    stride: Any = 1,
) -> Any:
    """Columns added up to images (col2im): (N, C * KH * KW, places) to (N, C, *output_size).

    Also without a batch. Where windows overlap, their elements are added. Derivative: `unfold` of
    the cotangent. Raises RuntimeError where the sizes do not fit.
    """
    need_tensor("col2im", input)
    size = pair("output_size", sizes("col2im", output_size, "output_size"))
    settings = window_settings("col2im", kernel_size, dilation, padding, stride)
    shape = input.array.shape
    if len(shape) not in (2, 3) or 0 in shape[-2:]:
        raise RuntimeError(
            "Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and "
            f"non-zero dimensions for input, but got: {list(shape)}"
        )
    grid = grid_of(size, settings)
    taps, places = grid.kernel[0] * grid.kernel[1], grid.places[0] * grid.places[1]
    if shape[-2] % taps:
        raise RuntimeError(
            "Expected size of input's dimension 1 to be divisible by the product of kernel_size, "
            f"but got input.size(1)={shape[-2]} and kernel_size={grid.kernel}."
        )
    if shape[-1] != places or min(grid.places) < 1:
        raise RuntimeError(
            f"Given output_size={size}, kernel_size={grid.kernel}, dilation={grid.dilation}, "
            f"padding={grid.padding}, stride={grid.stride}, expected size of input's dimension 2 "
            f"to match the calculated number of sliding blocks {grid.places[0]} * "
            f"{grid.places[1]} = {places}, but got input.size(2)={shape[-1]}."
        )
    need_no_integers("col2im_out_cpu", input)
    return _col2im(input, grid)


def window_settings(function: str, *given: Any) -> list[Pair]:
    """Kernel, dilation, padding and stride as pairs, when they are in order."""
    arguments = ("kernel_size", "dilation", "padding", "stride")
    found = []
    for argument, value in zip(arguments, given, strict=True):
        found.append(pair(argument, sizes(function, value, argument), value))
    words = ("kernel size", "dilation", "padding", "stride")
    short = ("kernel", "dilation", "pad", "stride")
    for i in (0, 1, 3, 2):
        least = 0 if i == 2 else 1
        if min(found[i]) < least:
            numbers = f"{short[i]}_height: {found[i][0]} {short[i]}_width: {found[i][1]}"
            limit = "non-negative" if i == 2 else "greater than zero"
            raise RuntimeError(f"{words[i]} should be {limit}, but got {numbers}")
    return found


def pair(argument: str, numbers: Sizes, given: Any = None) -> Pair:
    if len(numbers) == 1 and not isinstance(given, list | tuple):
        return numbers[0], numbers[0]
    if len(numbers) != 2:
        raise RuntimeError(f"It is expected {argument} equals to 2, but got size {len(numbers)}")
    return numbers[0], numbers[1]


def grid_of(size: Any, settings: list[Pair]) -> Grid:
    kernel, dilation, padding, stride = settings
    numbers = zip(size, kernel, dilation, padding, stride, strict=True)
    down, across = ((n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, d, p, s in numbers)
    return Grid(size, (down, across), kernel, dilation, padding, stride)


def need_no_integers(kernel: str, input: Any) -> None:
    if input.array.dtype.kind in "iu":
        raise NotImplementedError(
            f"\"{kernel}\" not implemented for '{type_name(input.array.dtype)}'. Convert it with "
            ".float()."
        )


def max_unpool1d(
    input: Any,
    indices: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> Any:
    """`max_unpool2d` with one spatial dimension: (N, C, L) or (C, L)."""
    size = unpooled_size("max_unpool1d", 1, input, kernel_size, stride, padding, output_size)
    need_tensor("max_unpool1d", indices, "indices", 2)
    return squeeze(unpool(unsqueeze(input, -1), unsqueeze(indices, -1), (*size, 1)), -1)


def max_unpool2d(
    input: Any,
    indices: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> Any:
    """The maxima that `max_pool2d` found, put to where they were; the other elements are 0.

    ``indices`` are those that it returned, of ``input``'s shape. The size is what was pooled;
    where several sizes pool to the same, ``output_size`` says which. Derivative: the cotangent at
    the indices. Raises RuntimeError for an index outside.
    """
    size = unpooled_size("max_unpool2d", 2, input, kernel_size, stride, padding, output_size)
    return unpool(input, indices, size)


def max_unpool3d(
    input: Any,
    indices: Any,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> Any:
    """`max_unpool2d` with three spatial dimensions: (N, C, D, H, W) or (C, D, H, W)."""
    size = unpooled_size("max_unpool3d", 3, input, kernel_size, stride, padding, output_size)
    return unpool(input, indices, size)


def unpooled_size(
    name: str, dims: int, input: Any, kernel: Any, stride: Any, padding: Any, wanted: Any
) -> Sizes:
    need_tensor(name, input)
    kernel = for_each_dim(sizes(name, kernel, "kernel_size"), dims)
    stride = kernel if stride is None else for_each_dim(sizes(name, stride, "stride"), dims)
    padding = for_each_dim(sizes(name, padding, "padding"), dims)
    if {len(kernel), len(stride), len(padding)} != {dims}:
        raise IndexError(f"tuple index out of range: {name} takes one size, or {dims}")
    pooled = input.array.shape[-dims:]
    if len(pooled) != dims:
        raise RuntimeError(
            f"Input to max_unpooling{max(dims, 2)}d should be a {max(dims, 2) + 1}d or "
            f"{max(dims, 2) + 2}d Tensor, but got a tensor with {input.array.ndim} dimensions."
        )
    numbers = zip(pooled, kernel, stride, padding, strict=True)
    size = tuple([(n - 1) * s + k - 2 * p for n, k, s, p in numbers])
    if wanted is not None:
        wanted = tuple([integer(name, n, "output_size") for n in wanted])
        if len(wanted) == dims + 2:
            wanted = wanted[2:]
        if len(wanted) != dims:
            raise ValueError(
                f"output_size should be a sequence containing {dims} or {dims + 2} elements, but "
                f"it has a length of '{len(wanted)}'"
            )
        for i, (n, m, s) in enumerate(zip(wanted, size, stride, strict=True)):
            if not m - s < n < m + s:
                raise ValueError(
                    f'invalid output_size "{wanted}" (dim {i} must be between {m - s} and {m + s})'
                )
        size = wanted
    for i, n in enumerate(size):
        if n < 0:
            raise ValueError(
                "max_unpooling: output_size must contain non-negative spatial dimensions, but got "
                f"output_size[{i}]={n}"
            )
    return size


def unpool(input: Any, indices: Any, size: Sizes) -> Any:
    dims, shape, dtype = len(size), input.array.shape, input.array.dtype
    need_tensor(f"max_unpool{dims}d", indices, "indices", 2)
    places = indices.array
    if places.dtype != np.int64:
        raise RuntimeError(
            f"elements in indices should be type int64 but got: {type_name(places.dtype)}"
        )
    if len(shape) not in (dims + 1, dims + 2):
        raise RuntimeError(
            f"Input to max_unpooling{dims}d should be a {dims + 1}d or {dims + 2}d Tensor, but got "
            f"a tensor with {len(shape)} dimensions."
        )
    if places.shape != shape:
        raise RuntimeError(
            "Expected shape of indices to be same as that of the input tensor "
            f"({list(shape)}) but got indices tensor with shape: {list(places.shape)}"
        )
    for i in range(len(shape) - dims - 1, len(shape)):
        if shape[i] == 0:
            raise RuntimeError(
                f"max_unpooling{dims}d_forward_out_cpu(): Expected input to have non-zero size for "
                f"non-batch dimensions, but got {list(shape)} with dimension {i} being empty."
            )
    if dtype.kind != "f":
        raise NotImplementedError(f"\"max_unpool{dims}d\" not implemented for '{type_name(dtype)}'")
    outside = places[(places < 0) | (places >= int(np.prod(size)))]
    if outside.size:
        raise RuntimeError(
            f"Found an invalid max index: {outside[0]} (output volumes are of size "
            f"{'x'.join(map(str, size))})"
        )
    return UNPOOL[dims](input, indices, pooling.Planes(size, apart=True))
