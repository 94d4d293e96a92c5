"""One index or a range of a dimension: read, as a view, or replaced in a copy."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.primitive import Operator, primitive
from minigrad.autograd.value import Array, Value
from minigrad.autograd.views import view
from minigrad.autograd.wide import wide_primitive
from minigrad.ops.arguments import integer, need_tensor, numpys_names, one_dim, typed
from minigrad.promotion import order_of

__all__ = ["narrow", "narrow_copy", "select", "select_scatter", "slice_scatter"]

WHOLE = slice(None)


def _put(part: Array, key: Any, shape: tuple[int, ...]) -> Array:
    out = np.zeros(shape, part.dtype)
    out[key] = part
    return out


# A region out of a tensor, and into zeros. A key has one entry that is not a whole dimension.
_select = view(
    "SelectBackward0",
    lambda x, key: x[key],
    x=lambda g, key, x_shape: put_region(g, key, x_shape),
)
_slice = view(
    "SliceBackward0",
    lambda x, key: x[key],
    x=lambda g, key, x_shape: put_region(g, key, x_shape),
)
_narrow_copy = primitive(
    "NarrowCopyBackward0",
    lambda x, key: x[key].copy(),
    x=lambda g, key, x_shape: put_region(g, key, x_shape),
)
put_region: Operator = primitive("SliceScatterBackward0", _put, part=lambda g, key: g[key])


def _replace(x: Array, part: Array, key: Any) -> Array:
    out = np.array(x, order=order_of(x))
    out[key] = part
    return out


def _cleared(x: Array, key: Any) -> Array:
    out = np.array(x, order="C")
    out[key] = 0
    return out


clear_part: Operator = primitive(
    "SliceScatterBackward0", _cleared, x=lambda g, key: clear_part(g, key)
)
_select_scatter = wide_primitive(
    "SelectScatterBackward0",
    _replace,
    x=lambda g, key: clear_part(g, key),
    part=lambda g, key: g[key],
)
_slice_scatter = wide_primitive(
    "SliceScatterBackward0",
    _replace,
    x=lambda g, key: clear_part(g, key),
    part=lambda g, key: g[key],
)


@numpys_names
@typed("input")
def select(input: Any, dim: int, index: int) -> Any:
    """``input[..., index, ...]`` at ``dim``, which goes away; a view.

    Derivative: the cotangent at that index, 0 elsewhere. Raises IndexError out of range.
    """
    return _select(input, key_of_index("select", input, dim, index))


def key_of_index(function: str, input: Any, dim: int, index: int) -> tuple[Any, ...]:
    need_tensor(function, input)
    shape = input.array.shape
    if not shape:
        raise IndexError(f"{function}() cannot be applied to a 0-dim tensor.")
    dim, i = one_dim(dim, len(shape), function), integer(function, index, "index")
    size = shape[dim]
    if not -size <= i < size:
        raise IndexError(
            f"select(): index {i} out of range for tensor of size {list(shape)} at dimension {dim}"
        )
    # With the dots numpy makes a view also of a single element, and not a scalar.
    return (*(WHOLE,) * dim, i % size, ...)


@numpys_names
@typed("input")
def narrow(input: Any, dim: int, start: Any, length: int) -> Any:
    """``length`` indices of a dimension from ``start`` on; a view.

    Derivative: the cotangent there, 0 elsewhere. Raises RuntimeError if there are not so many.
    """
    return _slice(input, key_of_range("narrow", input, dim, start, length))


@typed("input")
def narrow_copy(input: Any, dim: int, start: int, length: int) -> Any:
    """As `narrow`, but a copy."""
    return _narrow_copy(input, key_of_range("narrow_copy", input, dim, start, length))


def key_of_range(function: str, input: Any, dim: int, start: Any, length: int) -> tuple[Any, ...]:
    need_tensor(function, input)
    shape = input.array.shape
    if not shape:
        raise RuntimeError("narrow() cannot be applied to a 0-dim tensor.")
    if isinstance(start, Value) and (start.array.ndim or start.array.dtype.kind not in "iu"):
        raise RuntimeError("start must be an 0-dim integral Tensor.")
    dim, first = one_dim(dim, len(shape), function), integer(function, start, "start")
    length, size = integer(function, length, "length"), shape[dim]
    if length < 0 and function == "narrow":
        raise RuntimeError("narrow(): length must be non-negative.")
    if not -size <= first <= size:
        raise IndexError(
            f"start out of range (expected to be in range of [{-size}, {size}], but got {first})"
        )
    first += size if first < 0 else 0
    if length < 0 or first + length > size:
        raise RuntimeError(f"start ({first}) + length ({length}) exceeds dimension size ({size}).")
    return (*(WHOLE,) * dim, slice(first, first + length))


@typed("input", "src")
def select_scatter(input: Any, src: Any, dim: int, index: int) -> Any:
    """A copy with ``src`` at one index of a dimension.

    Derivatives: the cotangent, 0 at that index; and the part at that index. The shape of ``src``
    is that of ``select(input, dim, index)``, else RuntimeError.
    """
    key = key_of_index("select", input, dim, index)
    return _select_scatter(input, fitting("select_scatter", input, src, input.array[key]), key)


@typed("input", "src")
def slice_scatter(
    input: Any, src: Any, dim: int = 0, start: Any = None, end: Any = None, step: int = 1
) -> Any:
    """A copy with ``src`` at the indices ``start:end:step`` of a dimension.

    Derivatives: the cotangent, 0 at those indices; and the part at them. The shape of ``src`` is
    that of the slice, else RuntimeError.
    """
    key = slice_key("slice_scatter", input, dim, start, end, step)
    return _slice_scatter(input, fitting("slice_scatter", input, src, input.array[key]), key)


def slice_key(
    function: str, input: Any, dim: int, start: Any, end: Any, step: int
) -> tuple[slice, ...]:
    """The key of ``input`` for the indices ``start:end:step`` of a dimension."""
    if not input.array.ndim:
        raise IndexError("slice() cannot be applied to a 0-dim tensor.")
    dim = one_dim(dim, input.array.ndim, function)
    if step <= 0:
        raise RuntimeError("slice step must be positive")
    return (*(WHOLE,) * dim, slice(start, end, step))


def fitting(function: str, input: Any, src: Any, region: Array) -> Any:
    """``src`` in the dtype of ``input``, provided it has the shape of the region it is for."""
    need_tensor(function, src, "src", 2)
    if src.array.shape != region.shape:
        raise RuntimeError(
            "expected src to have a size equal to the slice of self. src size = "
            f"{list(src.array.shape)}, slice size = {list(region.shape)}"
        )
    return src.to(input.array.dtype)
