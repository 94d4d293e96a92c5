"""Reductions: sum, mean, max and min, over all elements or over some dimensions."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np

from minigrad.autograd.primitive import Operator, primitive
from minigrad.autograd.value import Array, Value
from minigrad.autograd.wide import wide_primitive
from minigrad.ops import elementwise
from minigrad.ops.arguments import need_float, need_tensor, one_dim, some_dims
from minigrad.ops.arithmetic import expand, kept_shape

__all__ = [
    "argmax",
    "argmin",
    "max",
    "mean",
    "min",
]

Extremes = namedtuple("Extremes", ["values", "indices"])


def _mean(x: Array, dims: tuple[int, ...], keepdim: bool) -> Any:
    # As np.mean(), which complains of an empty array.
    total: Any = np.add.reduce(x, axis=dims, keepdims=keepdim)  # type: ignore[call-overload]
    return np.asarray(total / count([x.shape[i] for i in dims]), order="C")


_mean_all = primitive(
    "MeanBackward0",
    lambda x: np.add.reduce(x, None) / x.size,
    x=lambda g, x_shape: expand(g / count(x_shape), x_shape),
)
_mean_dims = primitive(
    "MeanBackward1",
    _mean,
    x=lambda g, x_shape, dims: (
        expand(g.reshape(kept_shape(x_shape, dims)), x_shape) / count([x_shape[i] for i in dims])
    ),
)


def count(sizes: Any) -> int:
    """How many elements a shape of these sizes has."""
    total = 1
    for n in sizes:
        total *= n
    return total


def _shares(x: Array, extreme: Array, dims: tuple[int, ...] | None) -> Any:
    """What part of the gradient each element gets: all that are equal to the extreme, evenly."""
    extreme = extreme.reshape(kept_shape(x.shape, tuple(range(x.ndim)) if dims is None else dims))
    hit = (x == extreme) | ((x != x) & (extreme != extreme))
    count = np.add.reduce(hit, axis=dims, keepdims=True, dtype=x.dtype)
    return hit / np.maximum(count, 1)  # none, if the data have been changed unnoticed


shares = wide_primitive("SharesBackward0", _shares)  # constant wherever it is differentiable

_max_all = primitive(
    "MaxBackward1",
    lambda x: np.maximum.reduce(x, axis=None),
    x=lambda g, x, out: spread_evenly(g, shares(x, out, None)),
)
_min_all = primitive(
    "MinBackward1",
    lambda x: np.minimum.reduce(x, axis=None),
    x=lambda g, x, out: spread_evenly(g, shares(x, out, None)),
)


def spread_evenly(g: Any, part: Any) -> Any:
    return np.where(part == 0, 0.0, g * part)


def _pick(x: Array, dim: int, keepdim: bool, arg: Any) -> tuple[Array, Array]:
    if x.ndim == 0:
        return x.copy(), np.zeros((), np.int64)
    index = np.expand_dims(arg(x, axis=dim), dim)
    values = np.take_along_axis(x, index, dim)
    return (values, index) if keepdim else (values.squeeze(dim), index.squeeze(dim))


# The first of equal elements takes the whole gradient: the one whose index is returned.
_max_dim = wide_primitive(
    "MaxBackward0",
    lambda x, dim, keepdim: _pick(x, dim, keepdim, np.argmax),
    outputs=("values", "indices"),
    x=lambda g, indices, x_shape, dim, keepdim: put_along(g, indices, x_shape, dim, keepdim),
)
_min_dim = wide_primitive(
    "MinBackward0",
    lambda x, dim, keepdim: _pick(x, dim, keepdim, np.argmin),
    outputs=("values", "indices"),
    x=lambda g, indices, x_shape, dim, keepdim: put_along(g, indices, x_shape, dim, keepdim),
)


def _put_along(x: Array, indices: Array, shape: tuple[int, ...], dim: int, keepdim: bool) -> Array:
    if not shape:
        return x.copy()
    out = np.zeros(shape, x.dtype)
    if not keepdim:
        x, indices = np.expand_dims(x, dim), np.expand_dims(indices, dim)
    np.put_along_axis(out, indices, x, dim)
    return out


def _take_along(x: Array, indices: Array, dim: int, keepdim: bool) -> Array:
    if not x.ndim:
        return x.copy()
    if keepdim:
        return np.take_along_axis(x, indices, dim)
    return np.take_along_axis(x, np.expand_dims(indices, dim), dim).squeeze(dim)


# One element a line along ``dim``, into zeros and out again.
put_along: Operator = wide_primitive(
    "PutAlongBackward0",
    _put_along,
    indices=None,
    x=lambda g, indices, dim, keepdim: take_along(g, indices, dim, keepdim),
)
take_along: Operator = wide_primitive(
    "TakeAlongBackward0",
    _take_along,
    indices=None,
    x=lambda g, indices, x_shape, dim, keepdim: put_along(g, indices, x_shape, dim, keepdim),
)
_argmax = wide_primitive(
    "ArgmaxBackward0", lambda x, dim, keepdim: np.argmax(x, axis=dim, keepdims=keepdim)
)
_argmin = wide_primitive(
    "ArgminBackward0", lambda x, dim, keepdim: np.argmin(x, axis=dim, keepdims=keepdim)
)


def mean(
    input: Any,
    dim: Any = None,
    keepdim: bool = False,
    *,
    dtype: Any = None,
    axis: Any = None,
) -> Any:
    """The mean of all elements, or over some dimensions; NaN of none.

    Derivative: 1 / n for each of the n elements averaged. Raises RuntimeError for integers.
    """
    need_tensor("mean", input)
    if dtype is not None:
        input = input.to(dtype)
    need_float("mean", input.array)
    dim = axis if dim is None else dim
    if dim is None and not keepdim:
        return _mean_all(input)
    return _mean_dims(input, some_dims(dim, input.array.ndim, "mean"), keepdim)


def max(input: Any, dim: Any = None, keepdim: bool = False, *, axis: Any = None) -> Any:
    """The largest element; with ``dim`` the largest along it and its indices; NaN wins.

    Without ``dim`` equal largest elements share the gradient evenly. With ``dim`` the returned
    index, the first of equal ones, takes all of it. ``max(a, b)`` of two tensors is `maximum`.
    Raises RuntimeError or, with ``dim``, IndexError if there is no element.
    """
    return _extreme("max", _max_all, _max_dim, elementwise.maximum, input, dim, keepdim, axis)


def min(input: Any, dim: Any = None, keepdim: bool = False, *, axis: Any = None) -> Any:
    """The smallest element; with ``dim`` the smallest along it and its indices. See `max`."""
    return _extreme("min", _min_all, _min_dim, elementwise.minimum, input, dim, keepdim, axis)


def _extreme(
    name: str,
    everything: Any,
    along: Any,
    of_two: Any,
    input: Any,
    dim: Any,
    keepdim: bool,
    axis: Any,
) -> Any:
    need_tensor(name, input)
    dim = axis if dim is None else dim
    array = input.array
    if dim is None:
        if array.size == 0:
            raise RuntimeError(
                f"{name}(): Expected reduction dim to be specified for input.numel() == 0. "
                "Specify the reduction dim with the 'dim' argument."
            )
        return everything(input)
    if isinstance(dim, Value):
        return of_two(input, dim)
    dim = one_dim(dim, array.ndim, name)
    if array.ndim and array.shape[dim] == 0:
        raise IndexError(f"{name}(): Expected reduction dim {dim} to have non-zero size.")
    return Extremes(*along(input, dim, keepdim))


def argmax(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """The index, int64, of the first largest element: in the flattened tensor, or along ``dim``.

    Not differentiable. Raises IndexError if there is no element.
    """
    return _index_of("argmax", _argmax, input, dim, keepdim)


def argmin(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """The index, int64, of the first smallest element. See `argmax`."""
    return _index_of("argmin", _argmin, input, dim, keepdim)


def _index_of(name: str, search: Any, input: Any, dim: Any, keepdim: bool) -> Any:
    need_tensor(name, input)
    array = input.array
    if dim is not None:
        dim = one_dim(dim, array.ndim, name)
    if array.ndim == 0:
        dim = None
    if dim is None and array.size == 0:
        raise IndexError(
            f"{name}(): Expected reduction dim to be specified for input.numel() == 0."
        )
    if dim is not None and array.shape[dim] == 0:
        raise IndexError(f"{name}(): Expected reduction dim {dim} to have non-zero size.")
    return search(input, dim, keepdim)
