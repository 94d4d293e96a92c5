"""Where in memory the elements of an array lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided as strided

from minigrad.autograd.value import Array, mode


def keep_freed_memory(size: int = 2**24) -> None:
    """Let the C library keep what one training step frees, for the next step to take.

    glibc gives freed memory back to the system beyond a limit that is low at first, and the next
    step takes it again page by page: in a small network that can cost as much as the arithmetic.
    The limit rises to twice the size of the largest block freed so far (mallopt(3), on the
    dynamic threshold); so a block is freed here. It is never written, and so never occupies
    memory. To other C libraries it means nothing.
    """
    np.empty(size, np.uint8)


def address(array: Array) -> int:
    """That of the first element."""
    return int(array.__array_interface__["data"][0])


def memory(array: Array) -> Array:
    """The array that ``array`` is a view of, or itself."""
    owner, base = array, array.base
    while base is not None:
        if isinstance(base, np.ndarray):
            owner = base
        base = getattr(base, "base", None)  # of an object that as_strided puts in between, too
    return owner


def span(array: Array) -> int:
    """How many elements the memory has from the first element of an array to the last."""
    if not array.size:
        return 0
    steps = zip(array.shape, array.strides, strict=True)
    return 1 + int(sum((n - 1) * s for n, s in steps)) // array.itemsize


def storage(array: Array) -> tuple[Array, int]:
    """All the memory that an array is a part of, in one dimension, and where in it the array is."""
    owner = memory(array)
    flat = strided(owner, (span(owner),), (owner.itemsize,))
    if flat.dtype != array.dtype:
        whole = flat.nbytes // array.itemsize * array.itemsize
        flat = flat.view(np.uint8)[:whole].view(array.dtype)
    return flat, (address(array) - address(owner)) // array.itemsize


class Foreign:
    """The memory of an array that belongs to somebody else: `memory` does not look behind it."""

    def __init__(self, array: Array) -> None:
        self.array = array  # lives as long as its memory is used
        self.__array_interface__ = array.__array_interface__ | {"strides": array.strides}


def borrowed(array: Array) -> Array:
    """An array of the same memory, which begins and ends for it where ``array`` does."""
    return np.asarray(Foreign(array))


def resizable(array: Array) -> bool:
    """Whether nobody else owns the memory."""
    return memory(array).base is None


def in_torchs_order(forward: Any) -> Any:
    """``forward``, of two arrays, but that the result of a ufunc lies in memory as torch's.

    numpy's does where the operands agree. Where they do not, torch goes by the first.
    """
    if not isinstance(forward, np.ufunc) or forward.signature is not None:
        return forward

    def compute(x: Array, y: Array) -> Array:
        out: Array = forward(x, y)
        if mode.backward:  # where arrays take the place of tensors, and numpy's order holds
            return out
        order = order_of_dims(out.shape, [x, y])
        if out.transpose(order).flags.c_contiguous:
            return out
        laid = np.empty([out.shape[d] for d in order], out.dtype)
        laid[...] = out.transpose(order)
        return laid.transpose(np.argsort(order))

    return compute


def order_of_dims(shape: tuple[int, ...], operands: Sequence[Array]) -> list[int]:
    """The dimensions of a result from the outermost in memory to the innermost.

    torch sorts them, from the last to the first, by the strides of the first operand; where one of
    two strides is 0, as of a dimension that is broadcast, or both are equal, by those of the next.
    """
    strides = []
    for x in operands:
        lead = len(shape) - x.ndim
        own = zip(x.shape, x.strides, shape[lead:], strict=True)
        strides.append([0] * lead + [0 if n == 1 != wide else step for n, step, wide in own])

    def further_in(inner: int, outer: int) -> int:
        """1 if the dimension that stands further in has the larger steps, -1 if the smaller."""
        for each in strides:
            a, b = each[inner], each[outer]
            if 0 not in (a, b) and (a != b or shape[inner] > shape[outer]):
                return 1 if a >= b else -1
        return 0

    order = list(range(len(shape)))[::-1]
    for start in range(1, len(order)):
        place = start
        for other in range(start - 1, -1, -1):
            which = further_in(order[other], order[place])
            if which > 0:
                order[other], order[place] = order[place], order[other]
                place = other
            elif which < 0:
                break
    return order[::-1]


def has_channels_last(array: Array) -> bool:
    """Whether torch takes an array for images, (N, C, H, W), with their channels side by side."""
    if array.ndim != 4 or not (array.size and array.strides[1]):
        return False
    least = 0
    for d in (1, 3, 2, 0):
        step, n = array.strides[d], array.shape[d]
        if step < least or (d == 0 and step == array.strides[1]):
            return False
        least = step * n
    return True


def in_format_of(out: Any, *inputs: Any) -> Any:
    """``out``, with its channels side by side in memory where one of the inputs has them so.

    It is torch's order, in which dropout, say, draws for the elements.
    """
    if any(has_channels_last(x.array) for x in inputs):
        moved = np.ascontiguousarray(out.array.transpose(0, 2, 3, 1))
        out.array = moved.transpose(0, 3, 1, 2)
    return out
