"""Differences of neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.value import Value, wrap
from minigrad.ops.arguments import (
    integer,
    is_number,
    need_tensor,
    numpys_names,
    one_dim,
    typed,
)
from minigrad.ops.joining import cat

__all__ = ["diff", "gradient"]


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


@numpys_names
@typed("input")
def gradient(input: Any, *, spacing: Any = 1, dim: Any = None, edge_order: int = 1) -> Any:
    """The slopes along each dimension, or those of ``dim``, by central differences.

    spacing:     the distance of neighbours, 1 for None, or for each dimension its own, or the
                 coordinates.
    edge_order:  1 for one-sided differences at the ends, 2 for those of three points.

    Derivative: that of the differences it is composed of. Raises RuntimeError for dimensions that
    are too short, and for uint8.
    """
    ndim = input.array.ndim
    each = isinstance(spacing, list | tuple)
    given: list[Any] = list(spacing) if each else [1 if spacing is None else spacing]
    coordinates = each and all(isinstance(h, Value) for h in given)
    numbers = all(is_number(h) for h in given)
    if not (coordinates or numbers) or (spacing is None and isinstance(dim, list | tuple)):
        along = "" if dim is None else f"dim={type(dim).__name__}, "
        raise TypeError(
            f"gradient() received an invalid combination of arguments - got (Tensor, {along}"
            f"spacing={type(spacing).__name__}), but expected one of:\nA number as the spacing, or "
            "a list of numbers or tensors, one for each dimension"
        )
    if input.array.dtype == np.uint8:
        raise RuntimeError("torch.gradient does not support uint8 input.")
    several = list(range(ndim)) if dim is None else dim if isinstance(dim, list | tuple) else [dim]
    dims = [one_dim(d, ndim, "gradient") for d in several]
    if len(set(dims)) != len(dims):
        raise RuntimeError(
            f"dim {max(dims, key=dims.count)} appears multiple times in the list of dims"
        )
    distances = given if each else given * len(dims)
    if len(distances) != len(dims):
        if dim is not None:
            raise RuntimeError(
                "torch.gradient expected spacing to be unspecified, a scalar or it's spacing and "
                f"dim arguments to have the same length, but got a spacing argument of length "
                f"{len(distances)} and a dim argument of length {len(dims)}."
            )
        raise RuntimeError(
            "torch.gradient expected spacing to be unspecified, a scalar, or a list of length "
            f"equal to 'self.dim() = {ndim}', since dim argument was not given, but got a list of "
            f"length {len(distances)}"
        )
    if edge_order not in (1, 2):
        raise RuntimeError("torch.gradient only supports edge_order=1 and edge_order=2.")
    for d in dims:
        if input.array.shape[d] < edge_order + 1:
            raise RuntimeError(
                "torch.gradient expected each dimension size to be at least edge_order+1"
            )
    for h in distances:
        if coordinates and h.array.ndim != 1:
            raise RuntimeError(
                "torch.gradient expected each element of spacing to have one dimension, but got an "
                f"element with {h.array.ndim} dimensions!"
            )
    slopes = slopes_between if coordinates else even_slopes
    return tuple([slopes(input, d, h, edge_order) for d, h in zip(dims, distances, strict=True)])


def part(x: Any, dim: int, start: int | None, stop: int | None) -> Any:
    """A slice along one dimension."""
    return x[(*(slice(None),) * dim, slice(start, stop))]


def even_slopes(x: Any, dim: int, h: Any, edge_order: int) -> Any:
    """The slopes along one dimension between elements that are ``h`` apart."""
    h = h.item() if isinstance(h, Value) else h
    inner = (part(x, dim, 2, None) - part(x, dim, None, -2)) / h / 2
    if edge_order == 1:
        first = part(x, dim, 1, 2) - part(x, dim, 0, 1)
        last = part(x, dim, -1, None) - part(x, dim, -2, -1)
    else:
        a, b, c = [part(x, dim, i, i + 1) for i in range(3)]
        first = a * -1.5 + b * 2 - c * 0.5
        a, b, c = [part(x, dim, i, i + 1 or None) for i in range(-3, 0)]
        last = a * 0.5 - b * 2 + c * 1.5
    return cat([first / h, inner, last / h], dim)


def slopes_between(x: Any, dim: int, coordinates: Any, edge_order: int) -> Any:
    """The slopes along one dimension between elements at these coordinates, a vector."""
    steps = diff(coordinates).reshape([-1] + [1] * (x.array.ndim - dim - 1))
    a, b = steps[:-1], steps[1:]
    inner = (
        part(x, dim, None, -2) * (-b / (a * (a + b)))
        + part(x, dim, 1, -1) * ((b - a) / (a * b))
        + part(x, dim, 2, None) * (a / (b * (a + b)))
    )
    if edge_order == 1:
        first = (part(x, dim, 1, 2) - part(x, dim, 0, 1)) / steps[:1]
        last = (part(x, dim, -1, None) - part(x, dim, -2, -1)) / steps[-1:]
        return cat([first, inner, last], dim)
    a, b = steps[:1], steps[1:2]
    first = (
        part(x, dim, 0, 1) * (-(2 * a + b) / (a * (a + b)))
        + part(x, dim, 1, 2) * ((a + b) / (a * b))
        + part(x, dim, 2, 3) * (-a / (b * (a + b)))
    )
    a, b = steps[-2:-1], steps[-1:]
    last = (
        part(x, dim, -3, -2) * (b / (a * (a + b)))
        + part(x, dim, -2, -1) * (-(a + b) / (a * b))
        + part(x, dim, -1, None) * ((a + 2 * b) / (b * (a + b)))
    )
    return cat([first, inner, last], dim)
