"""Where in memory the elements of an array lie."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import as_strided as strided

from minigrad.autograd.value import Array


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
