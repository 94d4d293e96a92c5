"""Normalization: a mean of 0 and a variance of 1 over some elements, then weight and bias."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.autograd.value import Array, wrap
from minigrad.errors import not_differentiable, type_name
from minigrad.memory import has_channels_last, in_format_of
from minigrad.ops import normalization as ops
from minigrad.ops.arguments import integer, need_tensor, typed
from minigrad.ops.elementwise import clone
from minigrad.ops.joining import cat
from minigrad.ops.reduction import count
from minigrad.ops.shape import _contiguous, reshape

__all__ = [
    "batch_norm",
    "group_norm",
    "instance_norm",
    "layer_norm",
    "local_response_norm",
    "rms_norm",
]


@typed("input", "weight", "bias")
def layer_norm(
    input: Any,
    normalized_shape: Sequence[int],
    weight: Any = None,
    bias: Any = None,
    eps: float = 1e-5,
) -> Any:
    """``(x - mean) / sqrt(var + eps) * weight + bias`` over the last dimensions.

    ``normalized_shape`` are their sizes, and the shape of weight and bias; the variance is the
    biased one. Derivative, for one group of n elements with h = (x - mean) / sqrt(var + eps) and
    the cotangent d = g weight: (d - mean(d) - h mean(d h)) / sqrt(var + eps); for the weight the
    sum of g h over the groups, for the bias that of g. Raises RuntimeError for other shapes and for
    dtypes that differ, TypeError for sizes that are no tuple or list, NotImplementedError for
    integers.
    """
    need_tensor("layer_norm", input)
    x = input.array
    sizes = check_normalized(input, normalized_shape, weight, bias, "layer_norm")
    check_dtypes(input, "LayerNormKernelImpl", (weight, bias))
    width = count(sizes)
    rows = count(x.shape[: x.ndim - len(sizes)])
    layout = ((rows, width), (1, width), (1,))
    out = ops._layer_norm(input, weight, bias, layout, eps)[0]
    out.array = np.ascontiguousarray(out.array)
    return out


def check_normalized(input: Any, given: Any, weight: Any, bias: Any, name: str) -> tuple[int, ...]:
    """The sizes of the normalized dimensions; RuntimeError where something does not fit them."""
    if isinstance(given, int):
        raise TypeError(
            f"{name}(): argument 'normalized_shape' (position 2) must be tuple of ints, not int"
        )
    sizes = tuple([integer(name, n, "normalized_shape") for n in given])
    if not sizes:
        raise RuntimeError(
            "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one "
            "element, but got normalized_shape = []"
        )
    for what, tensor in (("weight", weight), ("bias", bias)):
        if tensor is not None and tensor.array.shape != sizes:
            raise RuntimeError(
                f"Expected {what} to be of same shape as normalized_shape, but got {what} of shape "
                f"{list(tensor.array.shape)} and normalized_shape = {list(sizes)}"
            )
    shape = input.array.shape
    if len(shape) < len(sizes) or shape[len(shape) - len(sizes) :] != sizes:
        raise RuntimeError(
            f"Given normalized_shape={list(sizes)}, expected input with shape "
            f"[*{'' if name == 'rms_norm' else ', '}{', '.join(map(str, sizes))}], but got input "
            f"of size{list(shape)}"
        )
    return sizes


def check_dtypes(
    input: Any, kernel: str, given: Sequence[Any], checked: Sequence[Any] = ()
) -> None:
    """Raise unless the input is of floats, and the ``given`` parameters of the same.

    Those of an input in half precision may also all be in single. ``checked``: the parameters in
    the order in which torch looks for one that differs, if that is another.
    """
    dtype = input.array.dtype
    dtypes = [x.array.dtype for x in given if x is not None]
    if dtypes and dtypes[0] != dtype:
        if any(other != np.float32 for other in dtypes):
            raise RuntimeError(
                "mixed dtype (CPU): expect parameter to have scalar type of Float. Convert one of "
                "the two with .to(dtype)."
            )
        if dtype != np.float16:
            raise RuntimeError(
                "mixed dtype (CPU): all inputs must share same datatype. Convert one of the two "
                "with .to(dtype)."
            )
        return
    if dtype.kind != "f":
        raise NotImplementedError(
            f"\"{kernel}\" not implemented for '{type_name(dtype)}'. Convert it with .float()."
        )
    for x in checked or given:
        if x is not None and x.array.dtype != dtype:
            raise RuntimeError(
                f"expected scalar type {type_name(dtype)} but found {type_name(x.array.dtype)}. "
                "Convert one of the two with .to(dtype)."
            )


@typed("input", "weight")
def rms_norm(
    input: Any, normalized_shape: Sequence[int], weight: Any = None, eps: float | None = None
) -> Any:
    """``x / sqrt(mean(x**2) + eps) * weight`` over the last dimensions, as in `layer_norm`.

    ``eps`` is the dtype's own where it is not given. Derivative, with the root r, h = x / r and
    d = g weight: (d - h mean(d h)) / r; for the weight the sum of g h. Raises RuntimeError for
    other shapes, NotImplementedError for integers.
    """
    need_tensor("rms_norm", input)
    sizes = check_normalized(input, normalized_shape, weight, None, "rms_norm")
    if input.array.dtype.kind != "f":
        raise NotImplementedError(
            f"\"rms_norm\" not implemented for '{type_name(input.array.dtype)}'"
        )
    x = input.float() if input.array.itemsize == 2 else input  # half precision would overflow
    if eps is None:
        eps = float(np.finfo(x.array.dtype).eps)
    dims = tuple(range(-len(sizes), 0))
    out = x * (x.pow(2).mean(dims, keepdim=True) + eps).rsqrt()
    rearranged = not (out.is_contiguous() or has_channels_last(out.array))
    if weight is not None:
        out = out * weight
    return (_contiguous(out) if rearranged else out).to(input.dtype)


@typed("weight", "bias")
def group_norm(
    input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Any:
    """Normalization of each sample's channels (dimension 1) in ``num_groups`` groups.

    The input is (N, C, ...), weight and bias are (C,). Formulas as in `layer_norm`. Raises
    RuntimeError where the number of channels is not divisible, for other shapes and for dtypes that
    differ; ValueError for one element in a group; NotImplementedError for integers.
    """
    need_tensor("group_norm", input)
    shape = input.array.shape
    if len(shape) < 2:
        raise RuntimeError(
            f"Expected at least 2 dimensions for input tensor but received {len(shape)}"
        )
    n, channels, *rest = shape
    more_than_one([n * channels // num_groups, num_groups, *rest])
    if num_groups <= 0 or channels % num_groups:
        raise RuntimeError(
            "Expected number of channels in input to be divisible by num_groups, but got input of "
            f"shape {list(shape)} and num_groups={num_groups}"
        )
    for what, tensor in (("weight", weight), ("bias", bias)):
        if tensor is not None and tensor.array.shape != (channels,):
            raise RuntimeError(
                f"Expected {what} to be a vector of size equal to the number of channels in "
                f"input, but got {what} of shape {list(tensor.array.shape)} and input of shape "
                f"{list(shape)}"
            )
    check_dtypes(input, "GroupNormKernelImpl", (weight, bias))
    each = channels // num_groups
    layout = ((n, num_groups, each, count(rest)), (1, num_groups, each, 1), (2, 3))
    return in_order_of(input, ops._group_norm(input, weight, bias, layout, eps)[0])


def more_than_one(sizes: Sequence[int]) -> None:
    """Raise ValueError for a single element a channel, whose variance says nothing."""
    if count([sizes[0], *sizes[2:]]) == 1:
        raise ValueError(
            "Expected more than 1 value per channel when training, got input size "
            f"{list(sizes) if not hasattr(sizes, 'numel') else sizes}"
        )


@typed("running_mean", "running_var", "weight", "bias")
def batch_norm(
    input: Any,
    running_mean: Any | None,
    running_var: Any | None,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Normalization of each channel (dimension 1) over the batch and all other dimensions.

    The input is (N, C, ...); running statistics, weight and bias are (C,). In training by the
    batch's mean and biased variance, formulas as in `layer_norm`; and the running statistics, if
    given, move towards the batch's by ``momentum`` of the way, the variance to the unbiased one.
    Else by the running statistics, which are constants for the derivative.

    Raises IndexError for less than two dimensions; RuntimeError for other sizes than C, and where
    running statistics are missing out of training; ValueError in training for a single value in a
    channel or an ``eps`` of 0, and for a negative one; NotImplementedError for integers.
    """
    need_tensor("batch_norm", input)
    if training:
        if input.array.ndim:
            more_than_one(input.shape)
        if eps <= 0:
            raise ValueError(f"batch_norm eps must be positive during training, but got {eps}")
    elif eps < 0:
        raise ValueError(f"batch_norm eps must be non-negative, but got {eps}")
    return by_channel(input, running_mean, running_var, weight, bias, training, momentum, eps)


def by_channel(
    input: Any,
    running_mean: Any,
    running_var: Any,
    weight: Any,
    bias: Any,
    training: bool,
    momentum: float,
    eps: float,
) -> Any:
    """`batch_norm` of any eps, for `instance_norm` too."""
    shape = input.array.shape
    if input.array.size == 0:
        out = clone(input)
        return out if weight is None else out * reshape(weight, (1, -1, *(1,) * (len(shape) - 2)))
    check_channels(input, running_mean, running_var, weight, bias, training)
    for name, x in ("running_mean", running_mean), ("running_var", running_var):
        if x is not None and x.requires_grad:
            raise not_differentiable("NativeBatchNorm", name)
    across = (1, shape[1], *(1,) * (len(shape) - 2))
    if not training:
        out = ops._batch_norm_by(input, weight, bias, running_mean, running_var, across, eps)
        return in_order_of(input, out)
    n, channels, rest = shape[0], shape[1], count(shape[2:])
    if len(shape) == 2:
        layout: ops.Layout = ((n, channels), (1, channels), (0,))
    else:
        layout = ((n, channels, rest), (1, channels, 1), (0, 2))
    if eps == 0:
        eps = for_constants(input.array, layout)

    def move(mean: Any, var: Any) -> None:
        unbiased = var * (n * rest / max(n * rest - 1, 1))
        for running, batch in ((running_mean, mean), (running_var, unbiased)):
            if running is not None:
                kept = running.array * (1 - momentum)
                running.array[...] = kept + momentum * batch.reshape(-1)

    return in_order_of(input, ops._batch_norm(input, weight, bias, layout, eps, move)[0])


def for_constants(x: Array, layout: ops.Layout) -> Any:
    """The eps in place of 0 with which a channel without variance has a scale of 0, as in torch."""
    shape, _, dims = layout
    x = x.reshape(shape)
    return np.where(x.var(dims, np.float64, keepdims=True) == 0, np.float32(np.inf), np.float32(0))


def in_order_of(input: Any, out: Any) -> Any:
    """The result in order in memory, unless the input has its channels last: so dropout after it
    draws for the same elements as torch's."""
    if has_channels_last(input.array):
        return in_format_of(out, input)
    if not out.array.flags.c_contiguous:
        out.array = np.ascontiguousarray(out.array)
    return out


def check_channels(
    input: Any, running_mean: Any, running_var: Any, weight: Any, bias: Any, training: bool
) -> None:
    """Raise RuntimeError unless there is one number a channel in each of the tensors."""
    x = input.array
    if x.ndim < 2:
        raise IndexError(
            f"Dimension out of range (expected to be in range of [{-max(x.ndim, 1)}, "
            f"{max(x.ndim, 1) - 1}], but got 1)"
        )
    running = {"running_mean": running_mean, "running_var": running_var}
    for name, tensor in {**running, "weight": weight, "bias": bias}.items():
        if tensor is None:
            if name in running and not training:
                raise RuntimeError(f"{name} must be defined in evaluation mode")
        elif tensor.array.size != x.shape[1]:
            raise RuntimeError(
                f"{name} should contain {x.shape[1]} elements not {tensor.array.size}"
            )
    if (running_mean is None) != (running_var is None):
        raise ValueError("running_mean and running_var must either both be None or neither be None")
    if x.dtype.kind != "f":
        raise NotImplementedError(f"\"batch_norm\" not implemented for '{type_name(x.dtype)}'")
    averages = running_mean, running_var
    checked = (weight, *averages, bias) if training else ()
    check_dtypes(input, "batch_norm", (weight, bias, *averages), checked)


@typed("running_mean", "running_var", "weight", "bias")
def instance_norm(
    input: Any,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """`batch_norm` of every sample for itself: a mean and a variance for each sample and channel.

    The input is (N, C, ...), the other tensors are (C,). Running statistics, if given, move towards
    the average of the samples'; they take the place of the samples' where ``use_input_stats`` is
    False, and RuntimeError if they are missing then. Raises ValueError for a single element in a
    channel, and else as `batch_norm`.
    """
    need_tensor("instance_norm", input)
    shape = input.array.shape
    if use_input_stats and count(shape[2:]) == 1:
        raise ValueError(
            f"Expected more than 1 spatial element when training, got input size {input.shape}"
        )
    if not use_input_stats and (running_mean is None or running_var is None):
        raise RuntimeError(
            "Expected running_mean and running_var to be defined when use_input_stats is false"
        )
    n, channels = input.size(0), input.size(1)
    dtype = input.dtype if weight is None else weight.dtype
    averages = [None if t is None else t.to(dtype) for t in (running_mean, running_var)]
    given = (*averages, weight, bias)
    mean, var, weight, bias = [None if t is None else t.repeat(n) for t in given]
    seen = reshape(input.contiguous(), (1, n * channels, *shape[2:]))
    out = by_channel(seen, mean, var, weight, bias, use_input_stats, momentum, eps)
    pairs: Any = ((running_mean, mean), (running_var, var))
    for running, repeated in pairs:
        if running is not None and use_input_stats:
            running.array[...] = repeated.array.reshape(n, channels).mean(0)
            running.version[0] += 1
    return reshape(out, shape)


@typed("input")
def local_response_norm(
    input: Any, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Any:
    """``x / (k + alpha mean(x**2 over size neighbouring channels))**beta``, zeros at the border."""
    shape = input.array.shape
    if len(shape) < 3:
        raise ValueError(
            "Expected 3D or higher dimensionality                          input (got "
            f"{len(shape)} dimensions)"
        )
    if input.array.size == 0:
        return input
    if size < 1:
        raise RuntimeError(
            f"kernel size should be greater than zero, but got kT: {size} kH: 1 kW: 1"
        )
    squares = reshape(input * input, (shape[0], shape[1], -1))
    before, after = size // 2, (size - 1) // 2
    total: Any = None
    furthest = shape[1] - 1
    # The neighbour's squares, moved to this channel.
    for shift in range(-min(before, furthest), min(after, furthest) + 1):
        first, last = max(shift, 0), shape[1] + min(shift, 0)
        part = squares[:, first:last]
        part = padded(part, first - shift, shape[1] - (last - shift))
        total = part if total is None else total + part
    whole = input.array.dtype.kind != "f"  # then the mean is cut off to an integer
    mean = reshape(total // size if whole else total / size, shape)
    return input / (mean * alpha + k).pow(beta)


def padded(x: Any, before: int, after: int) -> Any:
    """Zeros in front of and behind dimension 1."""
    rows, _, width = x.array.shape
    zeros = [wrap(np.zeros((rows, n, width), x.array.dtype)) for n in (before, after)]
    return cat([zeros[0], x, zeros[1]], 1)
