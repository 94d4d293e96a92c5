"""Pooling over windows at random places, by about any factor."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.value import Array
from minigrad.errors import type_name
from minigrad.nn.functional.sizes import Sizes, for_each_dim, sizes
from minigrad.ops import fractional_pooling as ops
from minigrad.ops.arguments import need_tensor, number
from minigrad.ops.pooling import Planes
from minigrad.random import rand

__all__ = [
    "fractional_max_pool2d",
    "fractional_max_pool2d_with_indices",
    "fractional_max_pool3d",
    "fractional_max_pool3d_with_indices",
]

AXES = {2: ("height", "width"), 3: ("time", "height", "width")}


def fractional_max_pool2d(
    input: Any,
    kernel_size: Any,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Any = None,
) -> Any:
    """The largest element of windows whose starts are random.

    input: (N, C, H, W), or (C, H, W) without a batch. ``output_size``: how many windows there are
    along each dimension; or ``output_ratio`` what part of its size. ``_random_samples``: a number
    in [0, 1) for each plane and dimension, (N, C, 2), the last dimension's first; else they are
    drawn. With u, of n windows of length k the one of number i begins at floor((i + u) a) -
    floor(u a), where a = (H - k) / (n - 1), and the last one at H - k (Graham, "Fractional
    Max-Pooling", 2014). Derivative: the first of equal largest elements gets all.

    Raises ValueError for neither a size nor a ratio, RuntimeError for windows that do not fit, and
    NotImplementedError for integers.
    """
    if output_size is None and output_ratio is not None and len(output_ratio) > 2:
        raise ValueError(
            "fractional_max_pool2d requires output_ratio to either be a single Int or tuple of "
            "Ints."
        )
    found = pooled(2, input, kernel_size, output_size, output_ratio, _random_samples)
    return found if return_indices else found[0]


def fractional_max_pool3d(
    input: Any,
    kernel_size: Any,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Any = None,
) -> Any:
    """`fractional_max_pool2d` with three spatial dimensions: (N, C, T, H, W) or (C, T, H, W).

    ``_random_samples`` is (N, C, 3), with the first spatial dimension's number first.
    """
    found = pooled(3, input, kernel_size, output_size, output_ratio, _random_samples)
    return found if return_indices else found[0]


def fractional_max_pool2d_with_indices(
    input: Any,
    kernel_size: Any,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Any = None,
) -> Any:
    """`fractional_max_pool2d` with ``return_indices=True``."""
    return fractional_max_pool2d(
        input, kernel_size, output_size, output_ratio, True, _random_samples
    )


def fractional_max_pool3d_with_indices(
    input: Any,
    kernel_size: Any,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Any = None,
) -> Any:
    """`fractional_max_pool3d` with ``return_indices=True``."""
    return fractional_max_pool3d(
        input, kernel_size, output_size, output_ratio, True, _random_samples
    )


def pooled(
    dims: int, input: Any, kernel_size: Any, output_size: Any, output_ratio: Any, samples: Any
) -> Any:
    name = f"fractional_max_pool{dims}d"
    if output_size is None and output_ratio is None:
        raise ValueError(f"{name} requires specifying either an output_size or an output_ratio")
    need_tensor(name, input)
    shape = input.array.shape
    if len(shape) < dims + (samples is None):
        raise IndexError(
            f"Dimension out of range: {name} expects {dims + 1} or {dims + 2} dimensions, but got "
            f"{len(shape)}"
        )
    if output_size is None:
        ratios = output_ratio if isinstance(output_ratio, list | tuple) else [output_ratio] * dims
        ratios = [number(name, ratio, "output_ratio", kind="float") for ratio in ratios]
        spatial = zip(shape[len(shape) - dims :], ratios, strict=False)
        output_size = [int(size * ratio) for size, ratio in spatial]
    if samples is None:
        batch = 1 if len(shape) == dims + 1 else shape[0]
        samples = rand(batch, shape[-dims - 1], dims, dtype=input.dtype)
    kernel, wanted = checked(name, dims, input, kernel_size, output_size, samples)
    numbers = samples.array[: shape[0] if len(shape) == dims + 2 else 1]
    if len(shape) == dims + 1:
        numbers = numbers[0]
    starts = [
        starts_of(numbers[..., dims - 1 - i if dims == 2 else i], shape[i - dims], wanted[i], k)
        for i, k in enumerate(kernel)
    ]
    operator = ops._fractional_max2 if dims == 2 else ops._fractional_max3
    return operator(input, starts, kernel, Planes(shape[-dims:], apart=False))


def starts_of(samples: Array, size: int, count: int, kernel: int) -> Array:
    """Where each of ``count`` windows begins, for each sample: (..., count)."""
    starts = np.full((*samples.shape, count), size - kernel)
    if count > 1:
        u = samples[..., None]
        step = u.dtype.type(size - kernel) / u.dtype.type(count - 1)
        i = np.arange(count - 1, dtype=u.dtype)
        with np.errstate(invalid="ignore"):  # a NaN is found below
            places = np.trunc((i + u) * step) - np.trunc(u * step)
        if not ((places >= 0) & (places <= size - kernel)).all():
            raise RuntimeError(
                "the windows lie outside of the input: _random_samples must be in [0, 1)"
            )
        starts[..., :-1] = places
    return starts


def checked(
    name: str, dims: int, input: Any, kernel_size: Any, output_size: Any, samples: Any
) -> tuple[Sizes, Sizes]:
    """The kernel and the number of windows along each dimension, with torch's errors."""
    shape, dtype = input.array.shape, input.array.dtype
    kernel = sizes(name, kernel_size, "kernel_size", 2)
    wanted = sizes(name, output_size, "output_size", 3)
    need_tensor(name, samples, "random_samples", 4)
    for argument, given, numbers in (
        ("kernel_size", kernel_size, kernel),
        ("output_size", output_size, wanted),
    ):
        if len(numbers) != (dims if isinstance(given, list | tuple) else 1):
            three = "three " if dims == 3 else ""
            raise RuntimeError(
                f"{name}: {argument} must either be a single Int or tuple of {three}Ints"
            )
    kernel, wanted = for_each_dim(kernel, dims), for_each_dim(wanted, dims)
    kind = f"{name}()" if dims == 2 else f"{name}_out()"
    if len(shape) not in (dims + 1, dims + 2):
        raise RuntimeError(
            f"{kind}: Expected {dims + 1}D or {dims + 2}D tensor, but got: {list(shape)}"
        )
    for i in range(len(shape) - dims - 1, len(shape)):
        if shape[i] == 0:
            raise RuntimeError(
                f"{kind}: Expected input to have non-zero size for non-batch dimensions, but got"
                f"{list(shape)} with dimension {i} being empty."
            )
    check_samples(samples, shape[0] if len(shape) == dims + 2 else 1, shape[-dims - 1], dims, dtype)
    for axis, size, k, n in zip(AXES[dims], shape[-dims:], kernel, wanted, strict=True):
        if n + k - 1 > size - (dims == 3):
            raise RuntimeError(f"{kind}: pool {axis} {k} too large relative to input {axis} {size}")
    if min(wanted) < 0:
        raise RuntimeError(
            f"Trying to create tensor with negative dimension {min(wanted)}: "
            f"{[*shape[:-dims], *wanted]}"
        )
    if min(kernel) < 1:
        raise RuntimeError(
            f"{kind}: a window without elements has no maximum: kernel_size {kernel}"
        )
    if dtype.kind != "f":
        raise NotImplementedError(
            f"\"{name}_out_frame\" not implemented for '{type_name(dtype)}'. Convert it with "
            ".float()."
        )
    return kernel, wanted


def check_samples(samples: Any, batch: int, channels: int, dims: int, dtype: Any) -> None:
    shape = samples.array.shape
    if samples.array.dtype != dtype:
        raise RuntimeError("Expect _random_samples to have the same dtype as input")
    if len(shape) != 3:
        raise RuntimeError(f"Expect _random_samples to have 3 dimensions, got {len(shape)}")
    if shape[0] < batch:
        raise RuntimeError("Expect _random_samples.size(0) no less then input batch size.")
    if shape[1] != channels:
        raise RuntimeError("Expect _random_samples.size(1) equals to input channel size.")
    if shape[2] != dims:
        raise RuntimeError(f"Expect _random_samples.size(2) equals to {dims}; got {shape[2]}.")
