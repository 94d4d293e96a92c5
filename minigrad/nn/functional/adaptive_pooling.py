"""Pooling to a given size: the windows are as even as they can be, and cover everything."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.errors import type_name
from minigrad.memory import in_format_of
from minigrad.nn.functional.sizes import Sizes, for_each_dim, sizes
from minigrad.ops import pooling as ops
from minigrad.ops.arguments import need_tensor
from minigrad.ops.pooling import Even, Lines, Uneven
from minigrad.ops.reduction import mean
from minigrad.ops.shape import squeeze, unsqueeze

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool1d_with_indices",
    "adaptive_max_pool2d",
    "adaptive_max_pool2d_with_indices",
    "adaptive_max_pool3d",
    "adaptive_max_pool3d_with_indices",
]

AVERAGE = {2: ops._adaptive_avg2, 3: ops._adaptive_avg3}
MAXIMUM = {2: ops._adaptive_max2, 3: ops._adaptive_max3}


def adaptive_avg_pool1d(input: Any, output_size: Any) -> Any:
    """`adaptive_avg_pool2d` with one spatial dimension: (N, C, L) or (C, L)."""
    name = "adaptive_avg_pool1d"
    wanted = one_size(name, input, output_size)
    return squeeze(average("adaptive_avg_pool2d", unsqueeze(input, -2), (1, *wanted)), -2)


def adaptive_avg_pool2d(input: Any, output_size: Any) -> Any:
    """The average of windows that are chosen so that the result is of ``output_size``.

    input: (N, C, H, W), or (C, H, W) without a batch. ``output_size``: one number or two, where
    None keeps the size. Window i of n along H begins at floor(i H / n) and ends before
    ceil((i + 1) H / n). Derivative: the cotangent, divided by the number of elements, to each.
    Raises RuntimeError for other numbers of dimensions, NotImplementedError for integers.
    """
    out = average("adaptive_avg_pool2d", input, wanted_sizes(2, input, output_size))
    return in_format_of(out, input)


def adaptive_avg_pool3d(input: Any, output_size: Any) -> Any:
    """`adaptive_avg_pool2d` with three spatial dimensions: (N, C, D, H, W) or (C, D, H, W)."""
    return average("adaptive_avg_pool3d", input, wanted_sizes(3, input, output_size))


def adaptive_max_pool1d(input: Any, output_size: Any, return_indices: bool = False) -> Any:
    """`adaptive_max_pool2d` with one spatial dimension: (N, C, L) or (C, L)."""
    name = "adaptive_max_pool1d"
    wanted = one_size(name, input, output_size)
    ops.need_elements(name, "input", input.array.shape, 1)
    values, indices = maximum("adaptive_max_pool2d", unsqueeze(input, -2), (1, *wanted))
    values = squeeze(values, -2)
    return (values, squeeze(indices, -2)) if return_indices else values


def adaptive_max_pool2d(input: Any, output_size: Any, return_indices: bool = False) -> Any:
    """The largest element of windows that are chosen so that the result is of ``output_size``.

    The windows are those of `adaptive_avg_pool2d`. ``return_indices`` also returns which element
    of its plane each is. Derivative: the first of equal largest elements gets all.
    """
    found = maximum("adaptive_max_pool2d", input, wanted_sizes(2, input, output_size))
    for each in found:
        in_format_of(each, input)
    return found if return_indices else found[0]


def adaptive_max_pool3d(input: Any, output_size: Any, return_indices: bool = False) -> Any:
    """`adaptive_max_pool2d` with three spatial dimensions: (N, C, D, H, W) or (C, D, H, W)."""
    found = maximum("adaptive_max_pool3d", input, wanted_sizes(3, input, output_size))
    return found if return_indices else found[0]


def adaptive_max_pool1d_with_indices(
    input: Any, output_size: Any, return_indices: bool = True
) -> Any:
    """`adaptive_max_pool1d` with ``return_indices=True``."""
    return adaptive_max_pool1d(input, output_size, True)


def adaptive_max_pool2d_with_indices(
    input: Any, output_size: Any, return_indices: bool = True
) -> Any:
    """`adaptive_max_pool2d` with ``return_indices=True``."""
    return adaptive_max_pool2d(input, output_size, True)


def adaptive_max_pool3d_with_indices(
    input: Any, output_size: Any, return_indices: bool = True
) -> Any:
    """`adaptive_max_pool3d` with ``return_indices=True``."""
    return adaptive_max_pool3d(input, output_size, True)


def average(name: str, input: Any, wanted: Sizes) -> Any:
    shape, dims = input.array.shape, len(wanted)
    if len(wanted) != int(name[-2]):
        raise RuntimeError(f"{name}: output_size must be {name[-2]}")
    if min(wanted) < 0:
        numbers = ", ".join(map(str, wanted[:2])) + "".join(f",{n}" for n in wanted[2:])
        raise RuntimeError(
            f"{name}: elements of output_size must be greater than or equal to 0 but received "
            f"{{{numbers}}}"
        )
    if max(wanted) == 1 == min(wanted):
        return mean(input, tuple(range(-dims, 0)), True)
    check_dims(name, shape, dims, "")
    first = 1 if dims == 3 else len(shape) - dims
    ops.need_elements(name, "input", shape, first)
    check_float(name, input)
    lines = adapted(shape, wanted)
    counts = [
        np.full(line.number, line.kernel) if isinstance(line, Even) else line.stops - line.starts
        for line in lines
    ]
    return AVERAGE[dims](input, lines, ops.product_of(counts))


def maximum(name: str, input: Any, wanted: Sizes) -> Any:
    shape, dims = input.array.shape, len(wanted)
    if len(wanted) != int(name[-2]):
        raise RuntimeError(f"{name}(): internal error: output_size.size() must be {name[-2]}")
    check_dims(name, shape, dims, ":")
    ops.need_elements(name, "input", shape, 1)
    if min(wanted) < 0:
        raise RuntimeError(
            f"Trying to create tensor with negative dimension {min(wanted)}: "
            f"{[*shape[:-dims], *wanted]}"
        )
    check_float(name, input)
    lines = adapted(shape, wanted)
    return MAXIMUM[dims](input, lines, ops.planes_of(lines, f"{name}_backward"))


def one_size(name: str, input: Any, output_size: Any) -> Sizes:
    need_tensor(name, input)
    wanted = sizes(name, output_size, "output_size", 2)
    if len(wanted) != 1:
        raise RuntimeError(
            f"{name}() argument 'output_size' should contain one int (got {len(wanted)})"
        )
    ndim = input.array.ndim
    if ndim not in (2, 3):
        raise RuntimeError(
            f"Expected 2 to 3 dimensions, but got {ndim}-dimensional tensor for argument #1 'self' "
            f"(while checking arguments for {name})"
        )
    return wanted


def wanted_sizes(dims: int, input: Any, output_size: Any) -> Sizes:
    """The sizes to pool to, with the input's in the place of None."""
    need_tensor("adaptive pooling", input)
    shape = input.array.shape
    if not isinstance(output_size, list | tuple):
        return for_each_dim(sizes("adaptive pooling", output_size, "output_size", 2), dims)
    if len(shape) <= len(output_size):
        raise ValueError(f"Input dimension should be at least {len(output_size) + 1}")
    given = shape[len(shape) - len(output_size) :]
    filled = [n if wanted is None else wanted for wanted, n in zip(output_size, given, strict=True)]
    return sizes("adaptive pooling", filled, "output_size", 2)


def check_dims(name: str, shape: Sizes, dims: int, colon: str) -> None:
    if len(shape) not in (dims + 1, dims + 2):
        raise RuntimeError(
            f"{name}(): Expected {dims + 1}D or {dims + 2}D tensor, but got{colon} {list(shape)}"
        )


def check_float(name: str, input: Any) -> None:
    if input.array.dtype.kind != "f":
        kernel = f"{name}_cpu" if name.endswith("3d") else name
        raise NotImplementedError(
            f"\"{kernel}\" not implemented for '{type_name(input.array.dtype)}'. Convert it with "
            ".float()."
        )


def adapted(shape: Sizes, wanted: Sizes) -> Lines:
    """The windows along each spatial dimension: all of one length if they can be."""
    pairs = list(zip(shape[-len(wanted) :], wanted, strict=True))
    if all(count and size % count == 0 for size, count in pairs):
        return [Even(size, count, size // count, size // count) for size, count in pairs]
    lines: list[ops.Line] = []
    for size, count in pairs:
        i = np.arange(count)
        lines.append(Uneven(size, i * size // max(count, 1), -(-(i + 1) * size // max(count, 1))))
    return lines
