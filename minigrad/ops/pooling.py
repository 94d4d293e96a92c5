"""Pooling: averages and maxima over windows of the last one, two or three dimensions.

A window is never built. The elements that all windows have at one place in them, a *tap*, are a
slice of the input with the stride as its step; averages add up such slices, one dimension after the
other, and maxima compare them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import product
from math import prod
from typing import Any, NamedTuple

import numpy as np

from minigrad.autograd.primitive import Operator, primitive
from minigrad.autograd.value import Array
from minigrad.autograd.wide import wide_primitive
from minigrad.size import contiguous_steps

Sizes = tuple[int, ...]


class Even(NamedTuple):
    """Windows along one dimension of ``size`` elements, all of one length; ``number`` of them.

    Window i begins at ``i * stride - padding``, and has what lies inside.
    """

    size: int
    number: int
    kernel: int
    stride: int
    padding: int = 0
    dilation: int = 1

    @property
    def starts(self) -> Array:
        return np.arange(self.number) * self.stride - self.padding

    @property
    def firsts(self) -> Array:
        """The first element inside of each window."""
        outside = np.maximum(-self.starts, 0)
        first: Array = self.starts - -outside // self.dilation * self.dilation
        return first

    @property
    def apart(self) -> bool:
        """Whether no element is in two windows."""
        return self.kernel == 1 or self.stride >= (self.kernel - 1) * self.dilation + 1

    def taps(self) -> Iterator[tuple[int, Any, Any]]:
        """For each element of a window: its offset, the windows that have it, where they do."""
        for k in range(self.kernel):
            offset = k * self.dilation - self.padding
            first = max(0, -(offset // self.stride))
            stop = min(self.number, (self.size - 1 - offset) // self.stride + 1)
            if first < stop:
                begin, end = first * self.stride + offset, (stop - 1) * self.stride + offset
                seen = slice(begin, end + 1, self.stride)
                yield k * self.dilation, slice(first, stop), seen


class Uneven(NamedTuple):
    """Windows along one dimension of ``size`` elements: window i is ``starts[i]:stops[i]``."""

    size: int
    starts: Array
    stops: Array

    @property
    def number(self) -> int:
        return len(self.starts)

    @property
    def firsts(self) -> Array:
        return self.starts

    @property
    def apart(self) -> bool:
        return bool((self.starts[1:] >= self.stops[:-1]).all())

    def taps(self) -> Iterator[tuple[int, Any, Any]]:
        lengths = self.stops - self.starts
        for k in range(lengths.max(initial=0)):
            having = np.flatnonzero(lengths > k)
            yield k, having, self.starts[having] + k

    def turned(self) -> Uneven:
        """The windows that have each element: these, too, follow one another."""
        elements = np.arange(self.size)
        starts = np.searchsorted(self.stops, elements, side="right")
        stops = np.searchsorted(self.starts, elements, side="right")
        return Uneven(len(self.starts), starts, stops)


Line = Even | Uneven
Lines = Sequence[Line]


class Planes(NamedTuple):
    """Where indices point to: images of these ``sizes``, whose elements are taken flat.

    apart: whether no index comes twice in a plane, but for those of which the last one counts.
    refusing: the function of torch's that refuses what has no elements, if it does.
    """

    sizes: Sizes
    apart: bool
    refusing: str = ""


def at(axis: int, index: Any) -> tuple[Any, ...]:
    """The key of elements along one axis."""
    return (slice(None),) * axis + (index,)


def resized(x: Array, axis: int, size: int) -> Sizes:
    return (*x.shape[:axis], size, *x.shape[axis + 1 :])


def sums(x: Array, axis: int, line: Line) -> Array:
    """The sum of each window along one dimension."""
    if isinstance(line, Uneven):
        if 0 in resized(x, axis, line.number):
            return np.zeros(resized(x, axis, line.number), x.dtype)
        # One element more, since reduceat wants all bounds to be inside.
        longer = np.concatenate([x, np.zeros(resized(x, axis, 1), x.dtype)], axis)
        bounds = np.stack([line.starts, line.stops], 1).reshape(-1)
        total: Array = np.add.reduceat(longer, bounds, axis)[at(axis, slice(None, None, 2))]
        return total
    out = np.zeros(resized(x, axis, line.number), x.dtype)
    for i, (_, having, seen) in enumerate(line.taps()):
        if i == 0:
            out[at(axis, having)] = x[at(axis, seen)]
        else:
            out[at(axis, having)] += x[at(axis, seen)]
    return out


def spread(y: Array, axis: int, line: Line) -> Array:
    """To each element along one dimension the sum of the windows that have it."""
    if isinstance(line, Uneven):
        return sums(y, axis, line.turned())
    out = np.zeros(resized(y, axis, line.size), y.dtype)
    for _, having, seen in line.taps():
        if line.apart:
            out[at(axis, seen)] = y[at(axis, having)]
        else:
            out[at(axis, seen)] += y[at(axis, having)]
    return out


def _average(x: Array, lines: Lines, divisor: Any) -> Array:
    total = x
    for i, line in enumerate(lines):
        total = sums(total, x.ndim - len(lines) + i, line)
    return np.ascontiguousarray(divide(total, divisor))


def product_of(counts: Sequence[Array]) -> Any:
    """How many elements each window has, from its lengths: a number if all have the same."""
    if all((count == count[:1]).all() for count in counts):
        return prod([int(count[0]) for count in counts if count.size])
    return reduce(np.multiply.outer, counts)


def divide(x: Array, divisor: Any) -> Array:
    """By a number, or by one for each window; integers are rounded toward 0."""
    if isinstance(divisor, np.ndarray):
        divisor = divisor.astype(x.dtype)
    quotient: Array = x / divisor if x.dtype.kind == "f" else (x - np.fmod(x, divisor)) // divisor
    return quotient


def _share(y: Array, lines: Lines, divisor: Any, function: str = "") -> Array:
    need_elements(function, "grad_output", y.shape, 1)
    out = divide(y, divisor)
    for i, line in reversed(list(enumerate(lines))):
        out = spread(out, y.ndim - len(lines) + i, line)
    return np.ascontiguousarray(out)


def need_elements(function: str, what: str, shape: Sizes, first: int) -> None:
    """Raise for a dimension without elements, from ``first`` on, where a ``function`` is named."""
    for i in range(first, len(shape)) if function else ():
        if shape[i] == 0:
            raise RuntimeError(
                f"{function}(): Expected {what} to have non-zero size for non-batch dimensions, "
                f"but {what} has sizes {list(shape)} with dimension {i} being empty"
            )


def average_pool(name: str, refusing: str = "") -> Operator:
    """The average of windows, each window's sum divided by its ``divisor``.

    refusing: the function of torch's that refuses a cotangent without elements.
    """
    return primitive(name, _average, x=lambda g, lines, divisor: share(g, lines, divisor, refusing))


_avg2 = average_pool("AvgPool2DBackward0")
_avg3 = average_pool("AvgPool3DBackward0")
_adaptive_avg2 = average_pool("AdaptiveAvgPool2DBackward0", "adaptive_avg_pool2d_backward")
_adaptive_avg3 = average_pool("AdaptiveAvgPool3DBackward0", "adaptive_avg_pool3d_backward")
share: Operator = primitive(
    "AvgPoolBackwardBackward0",
    _share,
    y=lambda g, lines, divisor: _avg2(g, lines, divisor),
)


def _maxima(x: Array, lines: Lines, planes: Planes) -> tuple[Array, Array]:
    """The largest element of each window, and which it is in its plane: the first of equal ones."""
    best, index = compared(x, lines, with_nan=False)
    if best.dtype.kind == "f" and np.isnan(best).any():
        best, index = compared(x, lines, with_nan=True)
    index += in_plane([line.starts for line in lines], lines)
    nothing = best == lowest(x)
    if nothing.any():  # no element is larger than that: then it is the first
        np.copyto(index, in_plane([line.firsts for line in lines], lines), where=nothing)
    return best, index


def compared(x: Array, lines: Lines, with_nan: bool) -> tuple[Array, Array]:
    """The largest element of each window, and how far in the plane it is from the first one."""
    shape = (*x.shape[: x.ndim - len(lines)], *[line.number for line in lines])
    taps = list(product(*[list(line.taps()) for line in lines]))
    kind = np.min_scalar_type(len(taps))
    best, number = np.full(shape, lowest(x), x.dtype), np.zeros(shape, kind)
    even = isinstance(lines[0], Even)
    for i, tap in enumerate(taps):
        _, having, seen = zip(*tap, strict=True)
        part = x[(..., *(seen if even else np.ix_(*seen)))]
        here = (..., *(having if even else np.ix_(*having)))
        held = best[here]
        better = part > held
        if with_nan:
            better |= part != part  # the last NaN wins
        best[here] = np.maximum(held, part, out=held)
        # The numbers rise, so the tap that was better last is the largest one that was.
        number[here] = np.maximum(number[here], np.multiply(better, i, dtype=kind))
    offsets = [
        sum(n * step for (n, *_), step in zip(tap, steps(lines), strict=True)) for tap in taps
    ]
    return best, np.array(offsets or [0], np.int64)[number]  # all windows may lie outside


def lowest(x: Array) -> Any:
    """What every element is compared with first."""
    return -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min


def in_plane(places: Sequence[Array], lines: Lines) -> Array:
    """The flat index of the elements at these places along each dimension."""
    parts = [n * step for n, step in zip(places, steps(lines), strict=True)]
    return reduce(np.add.outer, parts)


def planes_of(lines: Lines, refusing: str = "") -> Planes:
    sizes = tuple([line.size for line in lines])
    return Planes(sizes, all(line.apart for line in lines), refusing)


def steps(lines: Lines) -> list[int]:
    """How far apart in memory two neighbours in a plane are, along each of its dimensions."""
    return contiguous_steps([line.size for line in lines])


def _put_into_planes(y: Array, indices: Array, planes: Planes) -> Array:
    need_elements(planes.refusing, "grad_output", y.shape, 1)
    out = np.zeros((*y.shape[: y.ndim - len(planes.sizes)], *planes.sizes), y.dtype)
    where = in_all_planes(indices, planes.sizes)
    if planes.apart:
        out.reshape(-1)[where] = y
    else:
        np.add.at(out.reshape(-1), where.reshape(-1), y.reshape(-1))
    return out


def _take_from_planes(x: Array, indices: Array, planes: Planes) -> Array:
    taken: Array = x.reshape(-1)[in_all_planes(indices, planes.sizes)]
    return taken


def in_all_planes(indices: Array, sizes: Sizes) -> Array:
    """Indices in each plane as indices among the elements of all of them."""
    batch = indices.shape[: indices.ndim - len(sizes)]
    first = np.arange(prod(batch)) * prod(sizes)
    return indices + first.reshape(*batch, *[1] * len(sizes))


def max_pool(name: str) -> Operator:
    """The largest element of windows, and its index; that element gets the whole gradient.

    The rule names ``x``, which it does not use: torch saves it, and so a write to it is found out.
    """
    return wide_primitive(
        name,
        _maxima,
        outputs=("values", "indices"),
        x=lambda g, x, indices, planes: put_into_planes(g, indices, planes),
    )


_max2 = max_pool("MaxPool2DWithIndicesBackward0")
_max3 = max_pool("MaxPool3DWithIndicesBackward0")
_adaptive_max2 = max_pool("AdaptiveMaxPool2DBackward0")
_adaptive_max3 = max_pool("AdaptiveMaxPool3DBackward0")


def unpool(name: str) -> Operator:
    """Elements put into planes of zeros at their indices, and the derivative takes them out."""
    return wide_primitive(
        name,
        _put_into_planes,
        indices=None,
        y=lambda g, indices, planes: take_from_planes(g, indices, planes),
    )


put_into_planes = unpool("MaxPoolBackwardBackward0")
_unpool2 = unpool("MaxUnpool2DBackward0")
_unpool3 = unpool("MaxUnpool3DBackward0")
take_from_planes: Operator = wide_primitive(
    "TakeFromPlanesBackward0",
    _take_from_planes,
    indices=None,
    x=lambda g, indices, planes: add_into_planes(g, indices, planes),
)
add_into_planes: Operator = wide_primitive(
    "AddIntoPlanesBackward0",
    lambda y, indices, planes: _put_into_planes(y, indices, planes._replace(apart=False)),
    indices=None,
    y=lambda g, indices, planes: take_from_planes(g, indices, planes),
)
