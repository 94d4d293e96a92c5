"""Padding: a tensor made larger, or smaller, at its sides."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.errors import type_name
from minigrad.memory import in_format_of
from minigrad.ops import resampling
from minigrad.ops.arguments import need_tensor
from minigrad.ops.padding import Pads, constant_pad_nd, pairs
from minigrad.ops.resampling import Taps

__all__ = ["pad"]

REFLECT = (resampling._reflect1, resampling._reflect2, resampling._reflect3)
REPLICATE = (resampling._replicate1, resampling._replicate2, resampling._replicate3)


def pad(input: Any, pad: Any, mode: str = "constant", value: Any = None) -> Any:
    """Elements added at the sides of the last dimensions, or cut off where a number is negative.

    pad:   two numbers, before and after, for the last dimension, then two for the one before it,
           and so on.
    mode:  "constant" adds ``value`` (0 if None), "reflect" the elements mirrored at the first and
           the last, "replicate" these two repeated, "circular" the elements from the other side.
           The last three are for one to three spatial dimensions behind one or two others.

    Derivative: every element gets the sum of the cotangent over its copies. Raises RuntimeError or
    NotImplementedError for numbers that do not fit.
    """
    need_tensor("pad", input)
    if not isinstance(pad, list | tuple):
        raise TypeError(
            f"pad(): argument 'pad' (position 2) must be tuple of ints, not {type(pad).__name__}"
        )
    if mode == "constant":
        return constant_pad_nd(input, pad, 0 if value is None else value)
    pads = pairs(pad, input.array.ndim)
    if value is not None and value != 0:
        raise RuntimeError(f'Padding mode "{mode}" doesn\'t take in value argument')
    if mode not in ("reflect", "replicate", "circular"):
        raise NotImplementedError(f"Unrecognised padding mode {mode}")
    shape, dims = input.array.shape, len(pads)
    if not 1 <= dims <= 3 or len(shape) not in (dims + 1, dims + 2):
        raise NotImplementedError(
            f"Padding size {2 * dims} is not supported for {len(shape)}D input tensor.\n"
            "Each spatial dimension has two numbers, and there are one or two other dimensions."
        )
    if mode == "circular":
        padded = resampling._circular(input, each_dim(circular_index, shape, pads))
        padded.version[0] += 1 + sum(n > 0 for both in pads for n in both)  # torch's writes
        return padded
    if 0 in shape[-dims - 1 :]:
        raise RuntimeError(
            f"Expected {dims + 1}D or {dims + 2}D (batch mode) tensor with possibly 0 batch size "
            f"and other non-zero dimensions for input, but got: {list(shape)}"
        )
    if mode == "reflect":
        check_reflection(shape, pads)
    sizes = [n + before + after for n, (before, after) in zip(shape[-dims:], pads, strict=True)]
    if max(sizes) < 1 or min(sizes) < 0:  # torch has nothing against an empty dimension
        names = ("D", "H", "W")[-dims:]
        raise RuntimeError(
            f"input ({words(names, shape[-dims:])}) is too small. Calculated output "
            f"{words(names, sizes)}"
        )
    if input.array.dtype.kind == "b":
        kind = "reflection" if mode == "reflect" else "replication"
        raise NotImplementedError(
            f"\"{kind}_pad{dims}d\" not implemented for '{type_name(input.array.dtype)}'"
        )
    if mode == "reflect":
        padded = REFLECT[dims - 1](input, each_dim(reflected_index, shape, pads))
    else:
        padded = REPLICATE[dims - 1](input, each_dim(replicated_index, shape, pads))
    return in_format_of(padded, input)


def words(names: Any, numbers: Any) -> str:
    return " ".join(f"{name}: {n}" for name, n in zip(names, numbers, strict=True))


def each_dim(index: Any, shape: tuple[int, ...], pads: Pads) -> list[Taps | None]:
    """Where the elements along each dimension come from; None where it stays as it is."""
    return [
        Taps(index(n, before, after)[None]) if before or after else None
        for n, (before, after) in zip(shape[len(shape) - len(pads) :], pads, strict=True)
    ]


def places(n: int, before: int, after: int) -> Any:
    return np.arange(-before, n + after)


def reflected_index(n: int, before: int, after: int) -> Any:
    found = abs(places(n, before, after))
    return np.where(found < n, found, 2 * (n - 1) - found)


def replicated_index(n: int, before: int, after: int) -> Any:
    return np.clip(places(n, before, after), 0, n - 1)


def circular_index(n: int, before: int, after: int) -> Any:
    if max(before, after) > n:
        raise RuntimeError("Padding value causes wrapping around more than once.")
    if n + before + after < 0 or n + min(before, 0) + min(after, 0) < 0:
        raise RuntimeError("Negative padding value is resulting in an empty dimension")
    start, stop = max(-before, 0), n - max(-after, 0)  # what is cut off does not come back
    if max(before, after) > stop - start:
        raise RuntimeError(
            "unsupported operation: some elements of the input tensor and the written-to tensor "
            "refer to a single memory location. Cut the tensor first, and then pad it."
        )
    if start == stop:
        return np.arange(0)
    first = max(before, 0)
    count = stop - start + first + max(after, 0)
    return start + (np.arange(count) - first) % (stop - start)


def check_reflection(shape: tuple[int, ...], pads: Pads) -> None:
    for i, (before, after) in enumerate(reversed(pads)):
        dim = len(shape) - 1 - i
        if max(before, after) >= shape[dim]:
            raise RuntimeError(
                f"Argument #{2 * i + 4}: Padding size should be less than the corresponding input "
                f"dimension, but got: padding ({before}, {after}) at dimension {dim} of input "
                f"{list(shape)}"
            )
