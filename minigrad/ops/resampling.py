"""Resampling: every element of the result is a weighted sum of a few elements of the input.

It is done one spatial dimension after the other, so few numbers describe it: for each element along
the dimension, which elements it is made of (`Taps`). Padding by reflection, replication and in a
circle takes one element each, interpolation one (nearest), two (linear) or four (cubic), and more
where it averages. All of it is linear in the input, and the derivative puts every element back to
where it came from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from minigrad.autograd.primitive import Operator, primitive
from minigrad.autograd.value import Array


class Taps(NamedTuple):
    """What each of n elements along one dimension is made of: elements of the input, weighted.

    places: (taps, n); weights: (taps, n), or None where all are 1.
    """

    places: Array
    weights: Array | None = None


CUBIC = -0.75  # Keys' a, the slope of the cubic at 1, as most image software has it


def near(t: Any, a: float = CUBIC) -> Any:
    """The weight of an element between 0 and 1 away, in cubic interpolation."""
    return ((a + 2) * t - (a + 3)) * t * t + 1


def far(t: Any, a: float = CUBIC) -> Any:
    """The weight of an element between 1 and 2 away, in cubic interpolation."""
    return ((a * t - 5 * a) * t + 8 * a) * t - 4 * a


def _resample(x: Array, taps: Sequence[Taps | None]) -> Array:
    resampled = from_the_back(x, taps)
    if not resampled:
        return x.copy()
    for axis, each in reversed(resampled):
        parts = [np.take(x, row, axis) for row in each.places]
        if each.weights is not None:
            for part, weight in zip(parts, each.weights, strict=True):
                part *= along(weight, axis, x).astype(x.dtype)
        x = parts[0]
        for part in parts[1:]:
            x += part
    return x


def _put_back(y: Array, shape: tuple[int, ...], taps: Sequence[Taps | None]) -> Array:
    if not any(taps):
        return y.copy()
    for axis, each in from_the_back(y, taps):
        parts = [y] * len(each.places)
        if each.weights is not None:
            parts = [y * along(w, axis, y).astype(y.dtype) for w in each.weights]
        y = collect(np.concatenate(parts, axis), each.places.reshape(-1), shape[axis], axis)
    return y


def from_the_back(x: Array, taps: Sequence[Taps | None]) -> list[tuple[int, Taps]]:
    """The dimensions that are resampled, with how; ``taps`` are for the last ones."""
    first = x.ndim - len(taps)
    return [(first + i, each) for i, each in enumerate(taps) if each is not None]


def along(weight: Array, axis: int, x: Array) -> Array:
    """Weights along one dimension, in a shape that broadcasts."""
    return weight.reshape(-1, *[1] * (x.ndim - axis - 1))


def collect(y: Array, index: Array, size: int, axis: int) -> Array:
    """At each of ``size`` places the sum of the elements of ``y`` that came from there."""
    out = np.zeros((*y.shape[:axis], size, *y.shape[axis + 1 :]), y.dtype)
    if out.size and index.size:
        order = np.argsort(index, kind="stable")
        ordered = index[order]
        starts = np.flatnonzero(np.diff(ordered, prepend=-1))
        sums = np.add.reduceat(np.take(y, order, axis), starts, axis)
        out[(slice(None),) * axis + (ordered[starts],)] = sums
    return out


def resampling(name: str) -> Operator:
    """The primitive under the name that torch gives it for one mode and number of dimensions."""
    return primitive(name, _resample, x=lambda g, x_shape, taps: put_back(g, x_shape, taps))


resample = resampling("ResampleBackward0")  # what the derivative of the derivative is
put_back: Operator = primitive("PutBackBackward0", _put_back, y=lambda g, taps: resample(g, taps))

_reflect1, _reflect2, _reflect3 = (resampling(f"ReflectionPad{n}DBackward0") for n in (1, 2, 3))
_replicate1, _replicate2, _replicate3 = (
    resampling(f"ReplicationPad{n}DBackward0") for n in (1, 2, 3)
)
_circular = resampling("CopySlices")  # torch writes it slice by slice
_nearest1, _nearest2, _nearest3 = (resampling(f"UpsampleNearest{n}DBackward0") for n in (1, 2, 3))
_exact1, _exact2, _exact3 = (resampling(f"UpsampleNearestExact{n}DBackward0") for n in (1, 2, 3))
_linear = resampling("UpsampleLinear1DBackward0")
_bilinear = resampling("UpsampleBilinear2DBackward0")
_trilinear = resampling("UpsampleTrilinear3DBackward0")
_bicubic = resampling("UpsampleBicubic2DBackward0")
_bilinear_aa = resampling("UpsampleBilinear2DAaBackward0")
_bicubic_aa = resampling("UpsampleBicubic2DAaBackward0")
