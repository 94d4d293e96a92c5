"""Differences of neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.value import wrap
from minigrad.ops.arguments import integer, need_tensor, numpys_names, one_dim, typed
from minigrad.ops.joining import cat

__all__ = ["diff"]


@numpys_names
@typed("input", "prepend", "append")
def diff(input: Any, n: int = 1, dim: Any = -1, prepend: Any = None, append: Any = None) -> Any:
    """``x[1:] - x[:-1]`` along ``dim``, ``n`` times; of bools whether the neighbours differ.

    ``prepend`` and ``append`` are put before and behind the elements first. Derivative: that of
    the slices and differences it is composed of. Raises RuntimeError for a 0-d tensor.
    """
    need_tensor("diff", input)
    array = input.array
    if array.ndim == 0:
        raise RuntimeError("diff expects input to be at least one-dimensional")
    n, dim = integer("diff", n, "n"), one_dim(dim, array.ndim, "diff")
    if n < 0:
        raise RuntimeError(f"order must be non-negative but got {n}")
    for other in (prepend, append):
        if other is not None:
            check_fits(array.shape, other, dim)
    if n == 0:
        return wrap(np.empty_like(array)).copy_(input)
    if prepend is not None or append is not None:
        input = cat([x for x in (prepend, input, append) if x is not None], dim)
    before = (slice(None),) * dim
    for _ in range(min(n, input.array.shape[dim])):
        late, early = input[(*before, slice(1, None))], input[(*before, slice(None, -1))]
        input = late ^ early if input.array.dtype.kind == "b" else late - early
    return input


def check_fits(shape: tuple[int, ...], other: Any, dim: int) -> None:
    """Raise RuntimeError unless ``other`` can be put before or behind a tensor of that shape."""
    need_tensor("diff", other, "prepend")
    if other.array.ndim != len(shape):
        raise RuntimeError("diff expects prepend or append to be the same dimension as input")
    for i, (a, b) in enumerate(zip(shape, other.array.shape, strict=True)):
        if i != dim and a != b:
            raise RuntimeError(
                "diff expects the shape of tensor to prepend or append to match that of input "
                f"except along the differencing dimension; input.size({i}) = {a}, but got "
                f"tensor.size({i}) = {b}"
            )
