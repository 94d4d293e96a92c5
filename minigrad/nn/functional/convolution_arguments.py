"""The arguments of convolutions, checked, with torch's errors."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.errors import c_name, type_name
from minigrad.nn.functional.sizes import Sizes, for_each_dim
from minigrad.ops.arguments import integer, need_tensor
from minigrad.ops.shape import unsqueeze


def checked(
    name: str,
    dims: int,
    input: Any,
    weight: Any,
    bias: Any,
    settings: dict[str, Sizes],
    groups: Any,
) -> tuple[Any, int]:
    """The input with a batch dimension, and ``groups``, when all the arguments are in order.

    ``settings`` are made one number for each spatial dimension.
    """
    need_tensor(name, input)
    need_tensor(name, weight, "weight", 2)
    if bias is not None:
        need_tensor(name, bias, "bias", 3)
    groups = integer(name, groups, "groups")
    shape, kernel = input.array.shape, weight.array.shape
    if len(shape) not in (dims + 1, dims + 2):
        raise RuntimeError(
            f"Expected {dims + 1}D (unbatched) or {dims + 2}D (batched) input to {name}, but got "
            f"input of size: {list(shape)}"
        )
    if len(kernel) < 3:
        raise RuntimeError("weight should have at least three dimensions")
    for argument, given in settings.items():
        settings[argument] = for_each_dim(given, dims)
        if len(settings[argument]) != dims:
            raise RuntimeError(
                f"expected {argument} to be a single integer value or a list of {dims} values to "
                f"match the convolution dimensions, but got {argument}={list(given)}"
            )
    if len(kernel) != dims + 2:
        raise RuntimeError(
            f"Expected {len(kernel)}-dimensional input for {len(kernel)}-dimensional weight"
            f"{list(kernel)}, but got {dims + 2}-dimensional input of size "
            f"{list(shape)} instead"
        )
    for argument in ("padding", "output_padding"):
        if min(settings.get(argument, (0,))) < 0:
            raise RuntimeError(f"negative {argument} is not supported")
    if min(settings["stride"]) <= 0:
        raise RuntimeError("non-positive stride is not supported")
    if min(settings["dilation"]) <= 0:
        raise RuntimeError(
            f"dilation should be greater than zero, but got {list(settings['dilation'])}"
        )
    if groups <= 0:
        raise RuntimeError("non-positive groups is not supported")
    if min(kernel[2:]) == 0:
        raise RuntimeError(
            f"kernel size should be greater than zero, but got {in_words(dims, kernel=kernel[2:])}"
        )
    if kernel[0] < groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be at least {groups} at dimension 0, but "
            f"got weight of size {list(kernel)} instead"
        )
    if kernel[0] % groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, "
            f"but got weight of size [{list(kernel)}] instead"
        )
    return input if len(shape) == dims + 2 else unsqueeze(input, 0), groups


def check_bias(given: str, weight: Any, bias: Any, channels: int) -> None:
    if bias is not None and bias.array.shape != (channels,):
        raise RuntimeError(
            f"Given {given} of size {list(weight.array.shape)}, expected bias to be 1-dimensional "
            f"with {channels} elements, but got bias of size {list(bias.array.shape)} instead"
        )


def check_dtypes(weight: Any, input: Any, bias: Any, transposed: bool) -> None:
    """All must be of one dtype, and one that torch convolves."""
    dtype = input.array.dtype
    if bias is not None and bias.array.dtype != dtype:
        raise RuntimeError(
            f"Input type ({c_name(dtype)}) and bias type ({c_name(bias.array.dtype)}) should be "
            "the same. Convert one with .to(dtype)."
        )
    if weight.array.dtype != dtype:
        raise RuntimeError(
            f"expected scalar type {type_name(dtype)} but found {type_name(weight.array.dtype)}. "
            "Input and weight must be of one dtype: convert one with .to(dtype)."
        )
    if dtype.kind == "b" or (transposed and dtype.kind != "f" and dtype != np.int64):
        dims = max(weight.array.ndim - 2, 2)
        kernel = f"slow_conv_transpose{dims}d_out_cpu" if transposed else "slow_conv2d_cpu"
        raise NotImplementedError(
            f"\"{kernel}\" not implemented for '{type_name(dtype)}'. Convert both with .float()."
        )


def in_words(dims: int, **settings: Sizes) -> str:
    """Settings as torch's messages have them: ``stride_height: 1 stride_width: 1``."""
    names = ("depth", "height", "width")[-max(dims, 2) :]
    return " ".join(
        f"{argument}_{name}: {number}"
        for argument, numbers in settings.items()
        if argument != "padding"
        for name, number in zip(names, (0,) * (2 - dims) + numbers, strict=True)
    )
