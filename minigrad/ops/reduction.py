"""Reductions: mean, max and min, over all elements or over some dimensions."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad import return_types
from minigrad.autograd.primitive import Operator, primitive
from minigrad.autograd.value import Array, Value
from minigrad.autograd.wide import wide_primitive
from minigrad.ops import bounds
from minigrad.ops.arguments import (
    need_float,
    need_tensor,
    numpys_dims,
    numpys_names,
    one_dim,
    some_dims,
    typed,
)
from minigrad.ops.arithmetic import expand, kept_shape
from minigrad.ops.gathering import along, places_along

__all__ = [
    "amax",
    "amin",
    "aminmax",
    "argmax",
    "argmin",
    "max",
    "mean",
    "min",
]


def _mean(x: Array, dims: tuple[int, ...], keepdim: bool) -> Any:
    # As np.mean(), which complains of an empty array.
    if x.dtype.itemsize == 2:  # a sum of halves may be beyond their range
        return _mean(x.astype(np.float32), dims, keepdim).astype(x.dtype)
    total: Any = np.add.reduce(x, axis=dims, keepdims=keepdim)  # type: ignore[call-overload]
    return np.asarray(total / count([x.shape[i] for i in dims]), order="C")


def _mean_of_all(x: Array) -> Any:
    if x.itemsize == 2:
        return _mean(x, tuple(range(x.ndim)), False)
    return np.add.reduce(x, None) / x.size


_mean_all = primitive(
    "MeanBackward0",
    _mean_of_all,
    x=lambda g, x_shape: expand(g / (count(x_shape) or 1), x_shape),
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


def _ties(x: Array, extreme: Array, dims: tuple[int, ...], nans: bool) -> Any:
    extreme = extreme.reshape(kept_shape(x.shape, dims))
    return (x == extreme) | ((x != x) & (extreme != extreme)) if nans else x == extreme


def _count_ties(x: Array, extreme: Array, dims: tuple[int, ...], nans: bool) -> Any:
    hit = _ties(x, extreme, dims, nans)
    return np.add.reduce(hit, axis=dims, keepdims=True, dtype=x.dtype)


# Which elements are a line's extreme, and how many. ``nans``: whether a NaN is equal to a NaN. Both
# are constant wherever they are differentiable.
ties = wide_primitive("TiesBackward0", _ties)
count_ties = wide_primitive("CountTiesBackward0", _count_ties)


def spread_evenly(g: Any, x: Any, extreme: Any) -> Any:
    """The gradient of a tensor's extreme: all elements that are equal to it get the same part."""
    dims = tuple(range(x.ndim))
    share = g.reshape((1,) * x.ndim) / count_ties(x, extreme, dims, True)
    return np.where(ties(x, extreme, dims, True), share, 0.0)


def spread_along(g: Any, x: Any, extreme: Any, dims: tuple[int, ...], nans: bool = False) -> Any:
    """The same along some dimensions; a line without one gets 0 / 0 everywhere."""
    share = g.reshape(kept_shape(x.shape, dims)) / count_ties(x, extreme, dims, nans)
    return share * ties(x, extreme, dims, nans)


_max_all = primitive(
    "MaxBackward1",
    lambda x: np.maximum.reduce(x, axis=None),
    x=lambda g, x, out: spread_evenly(g, x, out),
)
_min_all = primitive(
    "MinBackward1",
    lambda x: np.minimum.reduce(x, axis=None),
    x=lambda g, x, out: spread_evenly(g, x, out),
)


def reduction(ufunc: Any) -> Any:
    """The reduction by a ufunc over several dimensions."""

    def reduce(x: Array, dims: tuple[int, ...], keepdim: bool) -> Any:
        return np.asarray(ufunc.reduce(x, axis=dims, keepdims=keepdim), order="C")

    return reduce


_amax = primitive(
    "AmaxBackward0",
    reduction(np.maximum),
    x=lambda g, x, out, dims: spread_along(g, x, out, dims),
)
_amin = primitive(
    "AminBackward0",
    reduction(np.minimum),
    x=lambda g, x, out, dims: spread_along(g, x, out, dims),
)
_aminmax = wide_primitive(
    "AminmaxBackward0",
    lambda x, dims, keepdim: (
        reduction(np.minimum)(x, dims, keepdim),
        reduction(np.maximum)(x, dims, keepdim),
    ),
    outputs=("low", "high"),
    x=lambda g_low, g_high, x, low, high, dims: (
        spread_along(g_low, x, low, dims) + spread_along(g_high, x, high, dims)
    ),
)


def _pick(x: Array, dim: int, keepdim: bool, arg: Any) -> tuple[Array, Array]:
    if x.ndim == 0:
        return x.copy(), np.zeros((), np.int64)
    index = arg(x, dim, keepdims=True)
    values = along(x, dim, index)
    return (values, index) if keepdim else (values.squeeze(dim), index.squeeze(dim))


# The first of equal elements takes the whole gradient: the one whose index is returned.
_max_dim = wide_primitive(
    "MaxBackward0",
    lambda x, dim, keepdim: _pick(x, dim, keepdim, np.ndarray.argmax),
    outputs=("values", "indices"),
    x=lambda g, indices, x_shape, dim, keepdim: put_along(g, indices, x_shape, dim, keepdim),
)
_min_dim = wide_primitive(
    "MinBackward0",
    lambda x, dim, keepdim: _pick(x, dim, keepdim, np.ndarray.argmin),
    outputs=("values", "indices"),
    x=lambda g, indices, x_shape, dim, keepdim: put_along(g, indices, x_shape, dim, keepdim),
)


def _put_along(x: Array, indices: Array, shape: tuple[int, ...], dim: int, keepdim: bool) -> Array:
    if not shape:
        return x.copy()
    out = np.zeros(shape, x.dtype)
    if x.size:
        indices = indices if keepdim else np.expand_dims(indices, dim)
        out.put(places_along(indices, dim, shape), x)
    return out


def _take_along(x: Array, indices: Array, dim: int, keepdim: bool) -> Array:
    if not x.ndim:
        return x.copy()
    if keepdim:
        return along(x, dim, indices)
    return along(x, dim, np.expand_dims(indices, dim)).squeeze(dim)


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
    input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, **numpys: Any
) -> Any:
    """The mean of all elements, or over some dimensions; NaN of none.

    Derivative: 1 / n for each of the n elements averaged. With ``dtype`` the input is converted
    first. Raises RuntimeError for integers and a dimension that comes twice, IndexError for one out
    of range.
    """
    need_tensor("mean", input)
    if dtype is not None:
        input = input.to(dtype)
    need_float("mean", input.array)
    dim, keepdim = numpys_dims(dim, keepdim, **numpys)
    if dim is None and not keepdim:
        return _mean_all(input)
    return _mean_dims(input, some_dims(dim, input.array.ndim, "mean"), keepdim)


@numpys_names
def max(
    input: Any,
    dim_or_other: Any = None,
    keepdim: bool | None = None,
    *,
    dim: Any = None,
    other: Any = None,
) -> Any:
    """The largest element; with ``dim`` the largest along it and its indices; NaN wins.

    Without ``dim`` equal largest elements share the gradient evenly. With ``dim`` the returned
    index, the first of equal ones, takes all of it. ``max(a, b)`` of two tensors is `maximum`.
    Raises RuntimeError or, with ``dim``, IndexError if there is no element; IndexError also for a
    dimension out of range; TypeError for ``keepdim`` without ``dim``, or ``dim`` and ``other``.
    """
    dim, other = dim_and_other("max", input, dim_or_other, keepdim, dim, other)
    if other is not None:
        return bounds.maximum(input, other)
    if dim is None:
        return _max_all(some_elements("max", input))
    return return_types.max(_max_dim(input, one_line("max", input, dim), bool(keepdim)))


@numpys_names
def min(
    input: Any,
    dim_or_other: Any = None,
    keepdim: bool | None = None,
    *,
    dim: Any = None,
    other: Any = None,
) -> Any:
    """The smallest element; with ``dim`` the smallest along it and its indices. See `max`."""
    dim, other = dim_and_other("min", input, dim_or_other, keepdim, dim, other)
    if other is not None:
        return bounds.minimum(input, other)
    if dim is None:
        return _min_all(some_elements("min", input))
    return return_types.min(_min_dim(input, one_line("min", input, dim), bool(keepdim)))


def dim_and_other(
    name: str, input: Any, either: Any, keepdim: bool | None, dim: Any, other: Any
) -> tuple[Any, Any]:
    """The dimension or the second tensor that was given, by name or in the place of either.

    There, a tensor is a dimension only beside ``keepdim``. Raises TypeError for other combinations.
    """
    good = isinstance(input, Value) and (keepdim is None or isinstance(keepdim, bool))
    if either is not None:
        good &= dim is None and other is None
        if isinstance(either, Value) and keepdim is None:
            other = either
        else:
            dim = either
    if not good or (other is not None and dim is not None) or (keepdim is not None and dim is None):
        given = [x for x in (input, dim, other, keepdim) if x is not None]
        kinds = ["Tensor" if isinstance(x, Value) else type(x).__name__ for x in given]
        raise TypeError(
            f"{name}() received an invalid combination of arguments - got ({', '.join(kinds)}), "
            "but expected one of:\n * a tensor, perhaps with dim and keepdim\n * two tensors"
        )
    return dim, other


def some_elements(name: str, input: Any) -> Any:
    """``input``, or RuntimeError if it has no elements."""
    if input.array.size == 0:
        raise RuntimeError(
            f"{name}(): Expected reduction dim to be specified for input.numel() == 0. "
            "Specify the reduction dim with the 'dim' argument."
        )
    return input


def one_line(name: str, input: Any, dim: Any, mark: str = "()") -> int:
    """The dimension ``dim``, or IndexError if it is of size 0."""
    shape = input.array.shape
    d = one_dim(dim, len(shape), name)
    if shape and shape[d] == 0:
        raise IndexError(f"{name}{mark}: Expected reduction dim {d} to have non-zero size.")
    return d


def lines(name: str, input: Any, dim: Any) -> tuple[int, ...]:
    """The dimensions ``dim``, or IndexError if one of them is of size 0."""
    dims = some_dims(dim, input.array.ndim, name)
    given = dim if isinstance(dim, list | tuple) else (dim,)
    if dim is None or not given:
        some_elements(name, input)
        given = dims
    for d in given:
        if input.array.ndim and input.array.shape[d] == 0:
            raise IndexError(f"{name}(): Expected reduction dim {d} to have non-zero size.")
    return dims


@numpys_names
@typed("input")
def amax(input: Any, dim: Any = (), keepdim: bool = False) -> Any:
    """The largest element, over all or several dimensions; NaN if there is one.

    Derivative: 1 / n for the n elements that are largest. Raises RuntimeError, or with ``dim``
    IndexError, if there is no element; IndexError for a dimension out of range, RuntimeError for
    one that comes twice.
    """
    need_tensor("amax", input)
    return _amax(input, lines("amax", input, dim), keepdim)


@numpys_names
@typed("input")
def amin(input: Any, dim: Any = (), keepdim: bool = False) -> Any:
    """The smallest element, over all or several dimensions. See `amax`."""
    need_tensor("amin", input)
    return _amin(input, lines("amin", input, dim), keepdim)


@numpys_names
@typed("input")
def aminmax(input: Any, *, dim: Any = None, keepdim: bool = False) -> Any:
    """The smallest and the largest element, of all or along one dimension: ``(min, max)``.

    Derivative: as of `amin` and `amax`. Raises RuntimeError, or with ``dim`` IndexError, if there
    is no element, and IndexError for a dimension out of range.
    """
    need_tensor("aminmax", input)
    if dim is not None:
        dims = some_dims(one_line("aminmax", input, dim, ""), input.array.ndim, "aminmax")
    elif input.array.size == 0:
        raise RuntimeError(
            "aminmax(): cannot compute aminmax over an empty dimension as the operation has no "
            "identity."
        )
    else:
        dims = tuple(range(input.array.ndim))
    return return_types.aminmax(_aminmax(input, dims, keepdim))


@numpys_names
@typed("input")
def argmax(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """The index, int64, of the first largest element: in the flattened tensor, or along ``dim``.

    NaN is larger than all. Not differentiable. Raises IndexError if there is no element, and for a
    dimension out of range; RuntimeError for bools.
    """
    return _index_of("argmax", _argmax, input, dim, keepdim)


@numpys_names
@typed("input")
def argmin(input: Any, dim: Any = None, keepdim: bool = False) -> Any:
    """The index, int64, of the first smallest element. See `argmax`."""
    return _index_of("argmin", _argmin, input, dim, keepdim)


def _index_of(name: str, search: Any, input: Any, dim: Any, keepdim: bool) -> Any:
    need_tensor(name, input)
    array = input.array
    if array.dtype.kind == "b":
        raise RuntimeError(f"{name}(): does not support bool input. Convert it with .long().")
    if dim is not None:
        dim = one_line(name, input, dim)
        dim = dim if array.ndim else None
    elif array.size == 0:
        raise IndexError(
            f"{name}(): Expected reduction dim to be specified for input.numel() == 0."
        )
    return search(input, dim, keepdim)
