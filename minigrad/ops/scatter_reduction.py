"""Reductions into the places that an index names: sums, products, means and extremes of groups."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.primitive import Operator
from minigrad.autograd.value import Array, wrap
from minigrad.autograd.wide import wide_primitive
from minigrad.errors import broadcast_shapes, warn_once
from minigrad.ops.arguments import numpys_names, typed
from minigrad.ops.gathering import _gather, add_at_places, outside, places_along
from minigrad.ops.rows import check_rows
from minigrad.ops.scattering import _scatter_number, check_scatter, part_for

__all__ = ["index_reduce", "scatter_reduce"]

UFUNCS: dict[str, Any] = {"prod": np.multiply, "amax": np.maximum, "amin": np.minimum}


def starts(reduce: str, dtype: Any) -> Any:
    """What an element that is not to take part stands for: nothing changes by it."""
    if reduce in ("sum", "mean"):
        return 0
    if reduce == "prod":
        return 1
    if dtype.kind == "f":
        return -np.inf if reduce == "amax" else np.inf
    if dtype.kind == "b":
        return reduce == "amin"
    return np.iinfo(dtype).min if reduce == "amax" else np.iinfo(dtype).max


def _reduce(x: Array, dim: int, index: Array, src: Array, reduce: str, include_self: bool) -> Array:
    out = np.array(x, order="C")
    if not index.size:
        return out
    flat, places = out.reshape(-1), places_along(index, dim, x.shape)
    part = np.asarray(part_for(index, src))
    if not include_self:
        flat[places] = starts(reduce, x.dtype)
    if reduce in UFUNCS:
        UFUNCS[reduce].at(flat, places, part)
        return out
    add_at_places(out, places, part)
    if reduce == "mean":
        count = _sizes(x, dim, index, include_self)
        out = out / count if x.dtype.kind == "f" else out // count
    return out


def _sizes(x: Array, dim: int, index: Array, include_self: bool) -> Any:
    """How many elements each mean is of."""
    places = places_along(index, dim, x.shape).reshape(-1)
    count = np.bincount(places, minlength=x.size).reshape(x.shape) + include_self
    return np.maximum(count, 1).astype(x.dtype)


def _sharers(x: Array, dim: int, index: Array, src: Array, out: Array) -> Any:
    """How many elements share each extreme; torch counts that of ``x`` in any case."""
    extremes = np.take(out, places_along(index, dim, out.shape))
    hits = _add_hits(out, dim, index, part_for(index, src) == extremes)
    return ((x == out) + hits).astype(x.dtype)


def _add_hits(x: Array, dim: int, index: Array, hits: Any) -> Array:
    count = np.zeros(x.shape, np.int64)
    add_at_places(count, places_along(index, dim, x.shape), np.asarray(hits).astype(np.int64))
    return count


def _zeros_met(x: Array, dim: int, index: Array, src: Array) -> Any:
    """For each source, how many zeros go where it goes."""
    count = _add_hits(x, dim, index, part_for(index, src) == 0)
    return np.take(count, places_along(index, dim, x.shape))


def _fitting(index: Array, src: Array, reduce: str) -> Array:
    """The index, which has the shape of ``src``: torch's formulae are for those."""
    if index.shape != src.shape and index.size:
        if reduce not in ("sum", "mean"):
            broadcast_shapes(src.shape, index.shape)
        raise RuntimeError(
            "Function ScatterReduceBackward0 returned an invalid gradient at index 1 - got "
            f"{list(index.shape)} but expected shape compatible with {list(src.shape)}"
        )
    return index.copy()


# Constant wherever they are differentiated.
fitting = wide_primitive("ScatterReduce", _fitting)
sizes = wide_primitive("ScatterReduce", _sizes)
sharers = wide_primitive("ScatterReduce", _sharers)
zeros_met = wide_primitive("ScatterReduce", _zeros_met)


def _refuse(g: Array, zeros: Array) -> Array:
    if (zeros > 1).any():
        raise RuntimeError(
            "scatter_reduce(): Double backward is unsupported for src when >1 zeros in src are "
            "scattered to the same position in self"
        )
    return g


# The identity, whose derivative is refused where that of the product below would be wrong.
only_once: Operator = wide_primitive(
    "ScatterReduceBackwardBackward0",
    lambda part, zeros: part.copy(),
    zeros=None,
    part=lambda g, zeros: refused(g, zeros),
)
refused: Operator = wide_primitive(
    "ScatterReduceBackwardBackward0",
    lambda part, zeros: _refuse(part, zeros).copy(),
    zeros=None,
    part=lambda g, zeros: refused(g, zeros),
)


def input_rule(
    g: Any, x: Any, dim: int, index: Any, src: Any, out: Any, reduce: str, include_self: bool
) -> Any:
    if reduce == "mean":
        g = g / sizes(x, dim, index, include_self)
    elif reduce == "prod":
        safe = np.where(x == 0, 1.0, x)
        g = g * _scatter_reduce(safe, dim, index, src, reduce, include_self) / safe
    elif reduce != "sum":
        g = g / sharers(x, dim, index, src, out) * (x == out)  # NaN, with no extreme, stays NaN
    return g if include_self else _scatter_number(g, dim, index, 0)


def source_rule(
    g: Any, x: Any, dim: int, index: Any, src: Any, out: Any, reduce: str, include_self: bool
) -> Any:
    index = fitting(index, src, reduce)
    if reduce == "mean":
        g = g / sizes(x, dim, index, include_self)
    elif reduce == "prod":
        return product_rule(g, x, dim, index, src, out, include_self)
    elif reduce != "sum":
        g = g / sharers(x, dim, index, src, out)
        return _gather(g, dim, index) * (src == _gather(out, dim, index))
    return _gather(g, dim, index)


def product_rule(
    g: Any, x: Any, dim: int, index: Any, src: Any, out: Any, include_self: bool
) -> Any:
    """The product of the others: by division, but for the only zero of a group."""
    zeros = zeros_met(x, dim, index, src)
    single = (src == 0) & (zeros == 1)
    others = _scatter_reduce(x, dim, index, np.where(single, 1.0, src), "prod", include_self)
    part = np.where(
        single,
        _gather(g * others, dim, index),
        _gather(g * out, dim, index) / np.where(src == 0, 1.0, src),
    )
    return only_once(part, zeros)


def reduction(name: str) -> Operator:
    return wide_primitive(
        name,
        _reduce,
        index=None,
        x=lambda g, x, dim, index, src, out, reduce, include_self: input_rule(
            g, x, dim, index, src, out, reduce, include_self
        ),
        src=lambda g, x, dim, index, src, out, reduce, include_self: source_rule(
            g, x, dim, index, src, out, reduce, include_self
        ),
    )


_scatter_reduce = reduction("ScatterReduceBackward0")
_index_reduce = reduction("IndexReduceBackward0")


@numpys_names
@typed("input", "index", "src")
def scatter_reduce(
    input: Any, dim: int, index: Any, src: Any, reduce: str, *, include_self: bool = True
) -> Any:
    """A copy where ``src`` is reduced into the places that ``index`` names; see `scatter`.

    reduce:        "sum", "prod", "mean", "amax" or "amin" of what is there and all that comes.
    include_self:  whether what is there takes part.

    Derivatives: those of the reduction; equal extremes share evenly. Second derivatives of
    a product with several zeros for one place are refused, as in torch. Raises RuntimeError for
    shapes, dtypes or indices that do not fit.
    """
    dim = check_scatter("scatter_reduce", input, dim, index, src)
    if reduce not in ("sum", "prod", "mean", "amax", "amin"):
        raise RuntimeError(
            "Expected 'reduce' to be one of 'sum', 'prod', 'mean', 'amax', 'amin' but got "
            f"{reduce}."
        )
    if reduce == "mean" and input.array.dtype.kind == "b":
        raise NotImplementedError(
            "\"scatter_gather_tensor_cpu_reduce_mean\" not implemented for 'Bool'"
        )
    return _scatter_reduce(input, dim, index, src, reduce, include_self)


@typed("input", "index", "source")
def index_reduce(
    input: Any, dim: int, index: Any, source: Any, reduce: str, *, include_self: bool = True
) -> Any:
    """A copy where ``source`` is reduced into the indices of a dimension that a vector names.

    reduce:  "prod", "mean", "amax" or "amin"; for all else see `scatter_reduce`. Of sums see
             `index_add`.

    Raises RuntimeError for shapes or dtypes that do not fit, and IndexError out of range.
    """
    if reduce not in ("prod", "mean", "amax", "amin"):
        raise RuntimeError(
            "index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got "
            f"{reduce}. Sums are index_add's."
        )
    warn_once("index_reduce() is in beta and the API may change at any time.")
    dim = check_rows("index_reduce", input, dim, index, source)
    size = input.array.shape[dim] if input.array.ndim else 1
    wrong = outside(index.array, 0, size)
    if wrong is not None:
        if include_self:
            raise IndexError("index out of range in self")
        raise IndexError(f"index {wrong} is out of bounds for dimension {dim} with size {size}")
    places = index.array.reshape([-1 if d == dim else 1 for d in range(input.array.ndim)])
    places = wrap(np.broadcast_to(places, source.array.shape).astype(np.int64))
    return _index_reduce(input, dim, places, source, reduce, include_self)
