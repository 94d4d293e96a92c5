"""Samples for the primitives of ops/convolution.py."""

from math import prod
from typing import Any

from minigrad.ops.convolution import Slide
from tests.judge import data


def slide(
    sizes: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, groups: int, more: Any = None
) -> Slide:
    numbers = zip(sizes, kernel, stride, padding, dilation, strict=True)
    places = tuple([(n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in numbers])
    return Slide(sizes, places, stride, padding, dilation, groups)


# Batch and channels in and out by groups, and how the kernel slides, in one to three dimensions.
SETTINGS = [
    (2, 3, 2, (3,), slide((6,), (3,), (2,), (1,), (1,), 1)),
    (2, 4, 6, (2,), slide((7,), (2,), (2,), (0,), (3,), 2)),
    (3, 2, 3, (3, 2), slide((5, 4), (3, 2), (1, 2), (1, 0), (2, 1), 1)),
    (1, 3, 3, (2, 2), slide((4, 4), (2, 2), (3, 1), (1, 1), (1, 2), 3)),
    (2, 2, 2, (2, 1, 2), slide((3, 2, 4), (2, 1, 2), (1, 1, 2), (0, 1, 1), (1, 1, 1), 1)),
    (0, 2, 3, (2, 2), slide((4, 3), (2, 2), (1, 1), (0, 0), (1, 1), 1)),
]


def inputs(n: int, c: int, s: Slide) -> Any:
    return data(n, c, *s.sizes)


def weights(c: int, o: int, kernel: Any, s: Slide) -> Any:
    return data(o, c // s.groups, *kernel, seed=1)


def outputs(n: int, o: int, s: Slide) -> Any:
    return data(n, o, *s.places, seed=2)


SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "convolution.convolve": [
        (inputs(n, c, s), weights(c, o, k, s), data(o) if prod(k) > 2 else None, s)
        for n, c, o, k, s in SETTINGS
    ],
    "convolution.spread": [
        (outputs(n, o, s), weights(c, o, k, s), data(c) if prod(k) > 2 else None, s)
        for n, c, o, k, s in SETTINGS
    ],
    "convolution.correlate": [
        (outputs(n, o, s), inputs(n, c, s), weights(c, o, k, s).shape, s)
        for n, c, o, k, s in SETTINGS
    ],
}
