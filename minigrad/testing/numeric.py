"""Two engines that know values alone: the complex step, and central differences.

Both compute in float64 or complex128, whatever the dtype of the arrays, and entry by entry: their
time grows with the number of entries. At a kink there is no derivative for them to find; such an
entry is NaN, and is not compared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.testing.engines import Array, Engine, Function, NotApplicable

__all__ = ["STENCIL", "ComplexStep", "Differences"]

STEP = 1e-150  # of the complex step: its square is below the smallest number
WIDTHS = (2.0**-7, 2.0**-10, 2.0**-13)  # of the differences; the narrow ones for kinks nearby
# Fornberg (1988): the weights of the points 1 to 4 on each side, for the orders 8, 6 and 4. Of the
# error of a lower order one may vanish by chance, as where the fifth derivative is 0; hardly two.
STENCIL = (
    (4 / 5, -1 / 5, 4 / 105, -1 / 280),
    (3 / 4, -3 / 20, 1 / 60, 0.0),
    (2 / 3, -1 / 12, 0.0, 0.0),
)
NOISE = 2.0**-47  # what rounding may change f by, relatively: 32 units in the last place

Scalar = Callable[[list[Array]], float]


class Numeric(Engine):
    """What the two share.

    doubt: for each gradient that was computed last, by how much it may be off.
    first: the gradients computed last, which say how large the terms of `second` are.
    """

    approximate = True

    def __init__(self) -> None:
        self.doubt: list[float] = []
        self.first: list[Array] = []

    def numpy(self, x: Any) -> Array:
        return np.asarray(np.real(x))

    def second(self, f: Function, xs: Sequence[Any], weights: Sequence[Any]) -> Sequence[Any]:
        ws = [np.real(w) for w in weights]
        # The weighted gradients cancel where they are summed; their rounding does not.
        terms = [np.abs(g * w) for g, w in zip(self.first, ws, strict=True)]
        summed = sum([float(x[np.isfinite(x)].sum()) for x in terms])
        off = 0.0

        def weighted(points: list[Array]) -> float:
            nonlocal off
            value, doubt = self.along(f, points, ws)
            off = max(off, doubt)
            return value

        gradients = self.by_differences(weighted, xs, NOISE, summed)
        self.doubt = [doubt + 4 * off / WIDTHS[-1] for doubt in self.doubt]
        return gradients

    def along(
        self, f: Function, points: Sequence[Array], direction: Sequence[Array]
    ) -> tuple[float, float]:
        """The derivative of f in a direction, and by how much it may be off."""
        raise NotImplementedError

    def by_differences(
        self, f: Scalar, xs: Sequence[Any], noise: float, summed: float = 0.0
    ) -> list[Array]:
        points = [np.array(np.real(x), np.float64) for x in xs]
        gradients, self.doubt = [], []
        for k, x in enumerate(points):
            gradient, doubts = np.empty(x.shape), [0.0]
            for at in np.ndindex(x.shape):

                def moved(h: float, k: int = k, x: Array = x, at: Any = at) -> float:
                    shifted = x.copy()
                    shifted[at] += h
                    return f([*points[:k], shifted, *points[k + 1 :]])

                gradient[at], doubt = slope(moved, noise, summed)
                doubts.append(doubt)
            gradients.append(gradient)
            self.doubt.append(max(doubts))
        return gradients


class Analytic:
    """numpy, but for what is not analytic there: the absolute value, the sign."""

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    def abs(self, x: Any) -> Any:
        return np.where(x < 0, -x, x) if np.iscomplexobj(x) else np.abs(x)

    absolute = abs

    def sign(self, x: Any) -> Any:
        return np.sign(np.real(x))


class ComplexStep(Numeric):
    """``Im f(x + i h) / h``, to the last digits, for functions that are analytic piece by piece.

    Comparisons look at the real part, and at the imaginary part where that is equal: from both
    sides, ``x + i h`` and ``x - i h``, they show a kink (Squire and Trapp, SIAM Review 1998).
    """

    name = "complex step"

    xp = Analytic()

    def tensor(self, array: Array, constant: bool = False) -> Any:
        return array.astype(np.complex128) if array.dtype.kind == "f" else array

    def gradients(
        self, f: Function, xs: Sequence[Any], again: bool = False
    ) -> tuple[Any, Sequence[Any]]:
        value = f(*xs)
        gradients = []
        for k, x in enumerate(xs):
            gradient = np.empty(x.shape)
            for at in np.ndindex(x.shape):
                sides = []
                for h in (STEP, -STEP):
                    shifted = x.copy()
                    shifted[at] += 1j * h
                    sides.append(float(np.imag(f(*xs[:k], shifted, *xs[k + 1 :]))) / h)
                kink = abs(sides[0] - sides[1]) > 1e-12 * max(map(abs, sides))
                gradient[at] = np.nan if kink else sides[0]
            gradients.append(gradient)
        self.doubt = [0.0] * len(xs)
        self.check(f, xs, gradients)
        self.first = gradients
        return value, gradients

    def check(self, f: Function, xs: Sequence[Any], gradients: Sequence[Array]) -> None:
        """Raise NotApplicable where f goes another way for complex numbers than for real ones."""
        ones = [np.ones(g.shape) for g in gradients]
        rough, doubt = slope(lambda h: float(np.real(f(*[x + h for x in xs]))), NOISE)
        found = sum([float((g * one).sum()) for g, one in zip(gradients, ones, strict=True)])
        scale = sum([float(np.abs(g).sum()) for g in gradients])
        if not abs(found - rough) <= 1e-5 * scale + 10 * doubt and not np.isnan(found + rough):
            raise NotApplicable("f is not analytic")

    def along(
        self, f: Function, points: Sequence[Array], direction: Sequence[Array]
    ) -> tuple[float, float]:
        moved = [x + 1j * STEP * v for x, v in zip(points, direction, strict=True)]
        return float(np.imag(f(*moved))) / STEP, 0.0


class Differences(Numeric):
    """Central differences of order 8, with what orders 4 and 6 differ by as their doubt."""

    name = "differences"
    xp = np

    def tensor(self, array: Array, constant: bool = False) -> Any:
        return array.astype(np.float64) if array.dtype.kind == "f" else array

    def gradients(
        self, f: Function, xs: Sequence[Any], again: bool = False
    ) -> tuple[Any, Sequence[Any]]:
        self.first = self.by_differences(lambda points: float(f(*points)), xs, NOISE)
        return f(*xs), self.first

    def along(
        self, f: Function, points: Sequence[Array], direction: Sequence[Array]
    ) -> tuple[float, float]:
        def moved(h: float) -> float:
            return float(f(*[x + h * v for x, v in zip(points, direction, strict=True)]))

        return slope(moved, NOISE)


def slope(f: Callable[[float], float], noise: float, summed: float = 0.0) -> tuple[float, float]:
    """The derivative of ``f`` at 0 and by how much it may be off; NaN at a kink.

    ``noise`` is the error of f relative to it, or to ``summed``, the size of the terms that f is a
    sum of, if that is more. Narrower widths are tried where a kink or a pole is near.
    """
    best, least = np.nan, np.inf
    middle, bends, found = f(0.0), [], []
    for width in WIDTHS:
        sides = [(f(k * width), f(-k * width)) for k in range(1, 5)]
        high, *lower = [
            sum([w * (a - b) for w, (a, b) in zip(weights, sides, strict=True)]) / width
            for weights in STENCIL
        ]
        size = max([summed, *[abs(y) for side in sides for y in side]])
        bends.append((abs(sides[0][0] - 2 * middle + sides[0][1]) / width, size / width))
        doubt = max([abs(high - low) for low in lower]) + 4 * noise * size / width
        found.append(high)
        if doubt < least:
            best, least = high, doubt
    # What cancels within f shows in no size, but in what the other widths give.
    apart = sorted([abs(best - other) for other in found if other == other])
    least += apart[1] if len(apart) > 1 else 0.0
    # Where f is smooth, left and right slope differ in proportion to the width.
    (wide, _), _, (narrow, scale) = bends
    if narrow > wide / 4 and narrow > 1e-6 * abs(best) + 64 * noise * scale:
        return np.nan, 0.0
    return best, least
