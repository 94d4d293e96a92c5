"""Copies of a tensor with elements replaced, or added to, at the places that an index names."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.primitive import Operator
from minigrad.autograd.value import Array, Value, mode
from minigrad.autograd.wide import wide_primitive
from minigrad.errors import type_name, warn_once
from minigrad.ops.arguments import need_tensor, number, numpys_names, one_dim, typed
from minigrad.ops.gathering import (
    _gather,
    _take,
    add_at_places,
    check_bounds,
    check_rank,
    need_flat_index,
    need_integers,
    places_along,
)
from minigrad.promotion import factor, stored

__all__ = ["put", "scatter", "scatter_add"]


def part_for(index: Array, src: Any) -> Any:
    """The part of ``src`` that an index, perhaps smaller, is for."""
    if not isinstance(src, np.ndarray) or src.shape == index.shape:
        return src
    if not src.ndim or not index.ndim:
        return np.broadcast_to(src.reshape(-1)[:1].reshape(()), index.shape)
    return src[tuple([slice(n) for n in index.shape])]


def _replace_along(x: Array, dim: int, index: Array, src: Any) -> Array:
    out = np.array(x, order="C")
    if index.size:
        out.reshape(-1)[places_along(index, dim, x.shape)] = part_for(index, src)
    return out


def _add_along(x: Array, dim: int, index: Array, src: Array) -> Array:
    out = np.array(x, order="C")
    if index.size:
        add_at_places(out, places_along(index, dim, x.shape), np.asarray(part_for(index, src)))
    return out


def _multiply_along(x: Array, dim: int, index: Array, src: Any) -> Array:
    out = np.array(x, order="C")
    if index.size:
        places = places_along(index, dim, x.shape)
        np.multiply.at(out.reshape(-1), places, part_for(index, src))
    return out


_scatter = wide_primitive(
    "ScatterBackward0",
    _replace_along,
    index=None,
    x=lambda g, dim, index: _scatter_number(g, dim, index, 0),
    src=lambda g, dim, index: _gather(g, dim, index),
)
_scatter_number: Operator = wide_primitive(
    "ScatterBackward1",
    _replace_along,
    index=None,
    x=lambda g, dim, index: _scatter_number(g, dim, index, 0),
)
_scatter_add = wide_primitive(
    "ScatterAddBackward0",
    _add_along,
    index=None,
    x=lambda g: g,
    src=lambda g, dim, index: _gather(g, dim, index),
)
# torch has no derivative of these.
_scatter_sum = wide_primitive("Scatter", _add_along)
_scatter_product = wide_primitive("Scatter", _multiply_along)


def _put_flat(x: Array, index: Array, source: Array, accumulate: bool) -> Array:
    out = np.array(x, order="C")
    if accumulate:
        add_at_places(out, index, source)
    else:
        out.reshape(-1)[index.reshape(-1)] = source.reshape(-1)
    return out


def _clear_flat(x: Array, index: Array) -> Array:
    out = np.array(x, order="C")
    out.reshape(-1)[index] = 0
    return out


_put = wide_primitive(
    "PutBackward0",
    _put_flat,
    index=None,
    x=lambda g, index, accumulate: g if accumulate else clear_flat(g, index),
    source=lambda g, index, source: _take(g, index).reshape(source.shape),
)
clear_flat: Operator = wide_primitive(
    "PutBackward0", _clear_flat, index=None, x=lambda g, index: clear_flat(g, index)
)


@numpys_names
def scatter(
    input: Any,
    dim: int,
    index: Any,
    src: Any = None,
    *,
    value: Any = None,
    reduce: str | None = None,
) -> Any:
    """A copy with ``out[index[i, j], j] = src[i, j]`` for ``dim=0``, and so on; see `gather`.

    ``src`` is a tensor at least as large as ``index``, of the input's dtype, or a number. Of
    several elements for one place the last stays. ``reduce="add"`` or ``"multiply"`` combines them
    with what is there instead, and has no derivative; `scatter_add` has one. Derivatives: the
    cotangent, 0 at the places written; for ``src`` the cotangent at its places. Raises
    RuntimeError for shapes, dtypes or indices that do not fit, TypeError for ``src`` and ``value``.
    """
    if src is not None and value is not None:
        given = "Tensor, int, Tensor, Tensor" if isinstance(src, Value) else "Tensor, int, Tensor"
        raise TypeError(
            f"scatter() received an invalid combination of arguments - got ({given}, "
            f"value={type(value).__name__}), but expected one of: src, or value."
        )
    src = value if src is None else src
    if not isinstance(src, Value):
        src = number("scatter", src, "src", 4, "Tensor")
    dim = check_scatter("scatter", input, dim, index, src)
    if reduce is not None:
        if reduce not in ("add", "multiply"):
            raise RuntimeError("reduce argument must be either add or multiply.")
        if mode.grad and (input.requires_grad or getattr(src, "requires_grad", False)):
            raise RuntimeError(
                "derivative for aten::scatter_ is not implemented. Use scatter_add, or "
                "scatter_reduce."
            )
        if isinstance(src, Value):
            warn_once(
                "The reduce argument of torch.scatter with Tensor src is deprecated and will be "
                "removed in a future PyTorch release. Use scatter_reduce."
            )
        combine = _scatter_sum if reduce == "add" else _scatter_product
        part = src if isinstance(src, Value) else factor(src, input.array.dtype)
        return combine(input, dim, index, part)
    if isinstance(src, Value):
        return _scatter(input, dim, index, src)
    return _scatter_number(input, dim, index, stored(src, input.array.dtype))


@numpys_names
@typed("input", "index", "src")
def scatter_add(input: Any, dim: int, index: Any, src: Any) -> Any:
    """A copy with ``out[index[i, j], j] += src[i, j]`` for ``dim=0``, and so on; see `gather`.

    Derivatives: the cotangent; for ``src`` the cotangent at its places. Raises RuntimeError for
    shapes, dtypes or indices that do not fit.
    """
    need_tensor("scatter_add", src, "src", 4)
    return _scatter_add(input, check_scatter("scatter_add", input, dim, index, src), index, src)


def check_scatter(function: str, input: Any, dim: int, index: Any, src: Any) -> int:
    """The dimension counted from the front, provided that everything fits."""
    need_tensor(function, input)
    need_tensor(function, index, "index", 3)
    shape, wanted = input.array.shape, index.array.shape
    dim = one_dim(dim, len(shape), function)
    if not isinstance(src, Value | int | float):
        raise TypeError(
            f"{function}(): argument 'src' (position 4) must be Tensor, not {type(src).__name__}"
        )
    if index.array.size:
        need_integers(function, index)
    if isinstance(src, Value) and src.array.dtype != input.array.dtype:
        raise RuntimeError(
            "scatter(): Expected self.dtype to be equal to src.dtype. Got "
            f"{type_name(input.array.dtype)} and {type_name(src.array.dtype)}: convert the source "
            "with .to(input.dtype)."
        )
    if not index.array.size:
        return dim
    check_rank(len(wanted), len(shape), "self")
    source = src.array.shape if isinstance(src, Value) else wanted
    if max(len(source), 1) != max(len(wanted), 1):
        raise RuntimeError("Index tensor must have the same number of dimensions as src tensor")
    fits_input = all(
        n <= m for d, (n, m) in enumerate(zip(wanted, shape, strict=False)) if d != dim
    )
    if not (fits_input and all(n <= m for n, m in zip(wanted, source, strict=False))):
        tail = f" and to be no larger size than src {list(source)}" * isinstance(src, Value)
        raise RuntimeError(
            f"Expected index {list(wanted)} to be no larger than self {list(shape)} apart from "
            f"dimension {dim}{tail}"
        )
    check_bounds(index.array, dim, shape[dim] if shape else 1)
    return dim


@typed("input", "index", "source")
def put(input: Any, index: Any, source: Any, accumulate: bool = False) -> Any:
    """A copy with elements of the flattened tensor replaced, or added to with ``accumulate``.

    Negative indices count from the end. Derivatives: the cotangent, 0 at the places that were
    replaced; for ``source`` the cotangent at its places. Raises RuntimeError unless there are as
    many sources as indices, and IndexError out of range.
    """
    x, array, part = input.array, index.array, source.array
    if array.dtype != np.int64:
        raise RuntimeError(
            f"put_(): Expected a long tensor for index, but got {type_name(array.dtype)}"
        )
    if x.dtype != part.dtype:
        raise RuntimeError(
            "put_(): self and source expected to have the same dtype, but got self.dtype = "
            f"{type_name(x.dtype)} and source.dtype = {type_name(part.dtype)}"
        )
    if array.size != part.size:
        raise IndexError(
            f"put_(): Expected source and index to have the same number of elements, but got "
            f"source.numel() = {part.size}, index.numel() = {array.size}"
        )
    need_flat_index("put_", input, index)
    return _put(input, index, source, bool(accumulate))
