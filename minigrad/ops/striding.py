"""The memory of a tensor seen with other strides: windows, transposes in place, any strides."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided as strided

from minigrad.autograd.inplace import check_inference, check_write, requires_grad
from minigrad.autograd.places import keeping, note_write
from minigrad.autograd.primitive import Operator, primitive
from minigrad.autograd.value import Array, edge_of, mode, wrap
from minigrad.autograd.views import View, base_of, view
from minigrad.errors import out_of_storage
from minigrad.memory import address, resizable, span, storage
from minigrad.ops import shape as shapes
from minigrad.ops.arguments import a_shape, integer, need_tensor, numpys_names, one_dim, typed

__all__ = ["as_strided"]


def _windows(x: Array, dim: int, size: int, step: int) -> Array:
    if not x.ndim:
        return x.reshape(1)[:size]
    count = (x.shape[dim] - size) // step + 1
    shape = (*x.shape[:dim], count, *x.shape[dim + 1 :], size)
    stride = x.strides[dim]
    return strided(x, shape, (*x.strides[:dim], stride * step, *x.strides[dim + 1 :], stride))


def _fold(part: Array, shape: tuple[int, ...], dim: int, size: int, step: int) -> Array:
    out = np.zeros(shape, part.dtype)
    if not shape:
        out += part.sum(dtype=part.dtype)
        return out
    count = part.shape[dim]
    for i in range(size):
        out[(*(slice(None),) * dim, slice(i, i + step * count, step))][...] += part[..., i]
    return out


# Windows out of a tensor, which overlap where the step is small, and their sum.
_unfold = view(
    "UnfoldBackward0",
    _windows,
    x=lambda g, x_shape, dim, size, step: fold(g, x_shape, dim, size, step),
)
fold: Operator = primitive(
    "UnfoldBackwardBackward0",
    _fold,
    part=lambda g, dim, size, step: _unfold(g, dim, size, step),
)


@typed("input")
def unfold(input: Any, dimension: int, size: int, step: int) -> Any:
    """`Tensor.unfold`: all windows of ``size`` along a dimension, ``step`` apart; a view.

    The dimension counts the windows, and a new last one the places in a window. Derivative: each
    element gets the sum over the windows that it is in. Raises RuntimeError if no window fits.
    """
    ndim = input.array.ndim
    dim = one_dim(dimension, ndim, "unfold")
    size, step = integer("unfold", size, "size"), integer("unfold", step, "step")
    length = input.array.shape[dim] if ndim else 1
    if size < 0:
        raise RuntimeError(f"size is {size} but must be >= 0")
    if size > length:
        raise RuntimeError(
            f"maximum size for tensor at dimension {dim} is {length} but size is {size}"
        )
    if step <= 0:
        raise RuntimeError(f"step is {step} but must be > 0")
    return _unfold(input, dim, size, step)


class Layout:
    """Shape, strides and offset, in elements, in the memory of a tensor, and that tensor's own."""

    def __init__(
        self, x: Array, shape: tuple[int, ...], strides: tuple[int, ...], offset: int
    ) -> None:
        self.shape, self.strides, self.offset = shape, strides, offset
        self.x_shape = x.shape
        self.x_strides = tuple([s // x.itemsize for s in x.strides])
        flat, self.x_offset = storage(x)
        self.length = flat.size

    def of(self, x: Array) -> Array:
        return self.seen(storage(x)[0], self.shape, self.strides, self.offset)

    def seen(self, flat: Array, shape: Any, strides: Any, offset: int) -> Array:
        return strided(flat[offset:], shape, [s * flat.itemsize for s in strides])

    def shares(self) -> tuple[Array, Array, Array]:
        """The places of its elements and of the tensor's in the memory, and of each place the part
        that belongs to any one of the tensor's elements that show it: 1 / how many do."""
        flat = np.arange(self.length)
        own = self.seen(flat, self.x_shape, self.x_strides, self.x_offset)
        counts = np.maximum(np.bincount(own.reshape(-1), minlength=self.length), 1)
        return self.seen(flat, self.shape, self.strides, self.offset), own, 1 / counts


def _put_at_layout(part: Array, layout: Layout) -> Array:
    places, own, shares = layout.shares()
    return _through_memory(part, places, own, shares)


def _take_layout(x: Array, layout: Layout) -> Array:
    places, own, shares = layout.shares()
    return _through_memory(x, own, places, shares)


def _through_memory(x: Array, places: Array, seen: Array, shares: Array) -> Array:
    """The elements added up at their places, of which each that sees one gets its share."""
    flat = np.zeros(len(shares), x.dtype)
    np.add.at(flat, places.reshape(-1), x.reshape(-1))
    flat *= shares.astype(flat.dtype)
    return np.asarray(flat[seen])


_as_strided = view(
    "AsStridedBackward0",
    lambda x, layout: layout.of(x),
    x=lambda g, layout: put_at_layout(g, layout),
)
put_at_layout: Operator = primitive(
    "AsStridedScatterBackward0",
    _put_at_layout,
    part=lambda g, layout: take_layout(g, layout),
)
take_layout: Operator = primitive(
    "AsStridedBackward0",
    _take_layout,
    x=lambda g, layout: put_at_layout(g, layout),
)


def as_strided(input: Any, size: Any, stride: Any, storage_offset: int | None = None) -> Any:
    """A view of the tensor's memory with any sizes and strides, counted in elements.

    ``storage_offset`` counts from the beginning of the memory; the tensor's own if missing.
    Derivative: each element of the tensor gets the sum over the places where it is seen; elements
    of one place in memory, as of an expanded tensor, get equal shares. Raises RuntimeError for what
    would lie outside the memory.
    """
    need_tensor("as_strided", input)
    return _as_strided(input, layout_of(input, size, stride, storage_offset))


def layout_of(input: Any, size: Any, stride: Any, offset: Any) -> Layout:
    array = input.array
    for name, given in (("size", size), ("stride", stride)):
        if not isinstance(given, list | tuple):
            raise TypeError(
                f"as_strided(): argument '{name}' must be tuple of ints, not {type(given).__name__}"
            )
    shape, strides = a_shape("as_strided", (size,)), a_shape("as_strided", (stride,))
    flat, own = storage(array)
    start = own if offset is None else integer("as_strided", offset, "storage_offset")
    if len(shape) != len(strides):
        raise RuntimeError("mismatch in length of strides and shape")
    if any(s < 0 for s in strides):
        raise RuntimeError(
            "as_strided: Negative strides are not supported at the moment, got strides: "
            f"{list(strides)}"
        )
    if any(n < 0 for n in shape):
        raise RuntimeError(
            f"Storage size calculation overflowed with sizes={list(shape)} and "
            f"strides={list(strides)}"
        )
    if start < 0:
        raise RuntimeError(f"Tensor: invalid storage offset {start}")
    base = base_of(input)
    whole = array if base is None else base.array
    first = own + (address(whole) - address(array)) // array.itemsize
    last = start + sum((n - 1) * s for n, s in zip(shape, strides, strict=True))
    if 0 not in shape and not first <= start <= last < first + span(whole):
        raise out_of_storage(shape, strides, start, array.itemsize, flat.size)
    return Layout(array, shape, strides, start)


def resize_(self: Any, *sizes: Any, size: Any = None, memory_format: Any = None) -> Any:
    """Another shape for the same memory, contiguous, whose elements stay; more memory if need be.

    Raises RuntimeError for a tensor that requires grad, and where more memory is needed than what
    somebody else has lent, as to `from_numpy`.
    """
    check_inference(self)
    if requires_grad(self):
        raise RuntimeError(
            "cannot resize variables that require grad. Use reshape(), or index the tensor."
        )
    shape = a_shape("resize_", sizes if size is None else (size,))
    if any(n < 0 for n in shape):
        raise RuntimeError("numel: integer multiplication overflow. A size cannot be negative.")
    if shape == self.array.shape:
        return self
    flat, offset = storage(self.array)
    count = math.prod(shape)
    if offset + count > flat.size:
        if not resizable(flat):
            raise RuntimeError(
                "Trying to resize storage that is not resizable: the memory is another library's, "
                "or was given by the caller. Use clone() first."
            )
        more = np.zeros(count, flat.dtype)
        more[: flat.size - offset] = flat[offset:]
        flat, offset = more, 0
    count_write(self)
    self.array = flat[offset : offset + count].reshape(shape)
    return self


def resize_as_(self: Any, other: Any) -> Any:
    """`resize_` to the shape of ``other``."""
    need_tensor("resize_as_", other, "other")
    return resize_(self, other.array.shape)


def count_write(self: Any) -> None:
    self.version[0] += 1
    if keeping:
        note_write(self.version)


def in_place(name: str, of: Operator) -> Callable[..., Any]:
    """The form of a view that gives the tensor itself the new shape."""
    declared = of.primitive  # type: ignore[attr-defined]
    compute = primitive(name, declared.forward, **declared.rules)

    def apply(self: Any, *settings: Any) -> Any:
        check_inference(self)
        if mode.grad and requires_grad(self):
            check_write(self)
        result = compute(wrap(self.array, edge_of(self) if mode.grad else None), *settings)
        self.array = result.array
        count_write(self)
        if result.edge is not None:
            if isinstance(self.edge, View):
                self.edge.edge, self.edge.seen = result.edge, self.version[0]
            else:
                self.edge = result.edge
        return self

    return apply


_transpose_ = in_place("TransposeBackward1", shapes._transpose)
_t_ = in_place("TBackward1", shapes._t)
_unsqueeze_ = in_place("UnsqueezeBackward1", shapes._unsqueeze)
_squeeze_all_ = in_place("SqueezeBackward3", shapes._squeeze_all)
_squeeze_one_ = in_place("SqueezeBackward4", shapes._squeeze_one)
_squeeze_some_ = in_place("SqueezeBackward5", shapes._squeeze_some)
_as_strided_ = in_place("AsStridedBackward1", _as_strided)


def transpose_(self: Any, dim0: int, dim1: int) -> Any:
    """`transpose` in place: the tensor itself gets the new shape."""
    ndim = self.array.ndim
    return _transpose_(self, one_dim(dim0, ndim, "transpose_"), one_dim(dim1, ndim, "transpose_"))


def swapaxes_(self: Any, axis0: int, axis1: int) -> Any:
    """`transpose_` by numpy's name."""
    return transpose_(self, axis0, axis1)


def t_(self: Any) -> Any:
    """`t` in place: the tensor itself gets the new shape."""
    if mode.grad and requires_grad(self):
        check_write(self)
    if self.array.ndim > 2:
        raise RuntimeError(
            f"t_() expects a tensor with <= 2 dimensions, but self is {self.array.ndim}D"
        )
    return _t_(self)


@numpys_names
def unsqueeze_(self: Any, dim: int) -> Any:
    """`unsqueeze` in place: the tensor itself gets the new dimension."""
    return _unsqueeze_(self, one_dim(dim, self.array.ndim + 1, "unsqueeze_"))


@numpys_names
def squeeze_(self: Any, dim: Any = None) -> Any:
    """`squeeze` in place: the tensor itself loses the dimensions."""
    if dim is None:
        return _squeeze_all_(self)
    return (_squeeze_some_ if isinstance(dim, list | tuple) else _squeeze_one_)(
        self, shapes.of_size_one(self, dim)
    )


def as_strided_(self: Any, size: Any, stride: Any, storage_offset: int | None = None) -> Any:
    """`as_strided` in place: the tensor itself gets the new sizes and strides."""
    return _as_strided_(self, layout_of(self, size, stride, storage_offset))
