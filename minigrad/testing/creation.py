"""``make_tensor``: a random tensor to try an operator with."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any

import minigrad

SPAN = {"b": (0, 2), "u": (0, 10), "i": (-9, 10), "f": (-9, 9)}


def make_tensor(
    *shape: Any,
    dtype: Any,
    device: Any,
    low: float | None = None,
    high: float | None = None,
    requires_grad: bool = False,
    noncontiguous: bool = False,
    exclude_zero: bool = False,
    memory_format: Any = None,
) -> Any:
    """A tensor of this shape and dtype, of uniform numbers from [low, high), as torch draws them.

    low, high:      by default -9 and 9 for floats, -9 and 10 for signed integers, 0 and 10 for
                    uint8, 0 and 2 for bools; kept within what the dtype holds.
    noncontiguous:  every second element of a tensor of twice the size.
    exclude_zero:   a zero becomes the smallest normal number, or 1.

    Raises ValueError for a range without numbers, for integers that require grad, and for
    ``noncontiguous`` with a ``memory_format``.
    """
    sizes = list(shape[0]) if len(shape) == 1 and isinstance(shape[0], Sequence) else list(shape)
    kind = dtype.dtype.kind
    if noncontiguous and memory_format is not None:
        raise ValueError(
            "The parameters `noncontiguous` and `memory_format` are mutually exclusive, but got "
            f"noncontiguous={noncontiguous} and memory_format={memory_format}. Give one of them."
        )
    if requires_grad and kind != "f":
        raise ValueError(
            "`requires_grad=True` is not supported for boolean and integral dtypes, but got "
            f"dtype={dtype}. Use a floating-point dtype."
        )
    noncontiguous = noncontiguous and math.prod(sizes) > 1
    if noncontiguous:
        sizes[-1] *= 2
    low, high = interval(low, high, dtype)
    if kind == "f":
        made: Any = minigrad.empty(sizes, dtype=dtype, device=device)
        if high - low >= minigrad.finfo(dtype).max:  # more than uniform_ takes
            made.uniform_(low / 2, high / 2).mul_(2)
        else:
            made.uniform_(low, high)
    else:
        made = minigrad.randint(math.ceil(low), math.ceil(high), sizes, dtype=dtype, device=device)
    if noncontiguous:
        made = made[..., 1::2]
    elif memory_format is not None:
        made = made.clone(memory_format=memory_format)
    if exclude_zero:
        made[made == 0] = minigrad.finfo(dtype).tiny if kind == "f" else 1
    return made.requires_grad_() if requires_grad else made


def interval(low: float | None, high: float | None, dtype: Any) -> tuple[float, float]:
    """Where to draw from: what was asked for, as far as the dtype holds it."""
    kind = dtype.dtype.kind
    low = SPAN[kind][0] if low is None else low
    high = SPAN[kind][1] if high is None else high
    if low != low or high != high:
        raise ValueError(f"`low` and `high` cannot be NaN, but got low={low} and high={high}")
    if low == high and kind == "f":
        warnings.warn(
            "Passing `low==high` to `minigrad.testing.make_tensor` for floating or complex types "
            "is deprecated. Use `minigrad.full(...)` instead.",
            FutureWarning,
            stacklevel=3,
        )
    elif low >= high:
        raise ValueError(f"`low` must be less than `high`, but got {low} >= {high}")
    least: float
    most: float
    if kind == "b":
        least, most = 0, 2
    elif kind == "f":
        least, most = minigrad.finfo(dtype).min, minigrad.finfo(dtype).max
    else:  # randint takes bounds of 64 bits
        limits = minigrad.iinfo(dtype)
        least, most = limits.min, limits.max + (dtype is not minigrad.int64)
    if high < least or low >= most:
        raise ValueError(
            f"The value interval specified by `low` and `high` is [{low}, {high}), but {dtype} "
            f"only supports [{least}, {most})"
        )
    return min(max(low, least), most), min(max(high, least), most)
