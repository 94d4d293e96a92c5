"""Windows: the weights of the samples in a stretch of a signal.

Periodic windows, the default, are those of one sample more, without the last.
"""

from __future__ import annotations

import math
from typing import Any, Unpack

import numpy as np

from minigrad.autograd.value import Array
from minigrad.from_data import leaf
from minigrad.ops.arguments import integer, need_long, typed
from minigrad.options import Options, read

__all__ = ["bartlett_window", "blackman_window", "hamming_window", "hann_window", "kaiser_window"]


def window(function: str, length: Any, periodic: bool, options: Options, weights: Any) -> Any:
    """A leaf of ``weights(n, last)`` for the numbers n from 0 to last."""
    length = integer(function, length, "window_length")
    need_long(length)
    dtype, wanted = read(function, options)
    if dtype.kind != "f":
        raise RuntimeError(f"{function} expects floating point dtypes, got: {dtype}")
    if length < 0:
        raise RuntimeError(
            f"{function} requires non-negative window_length, got window_length={length}"
        )
    if length * dtype.itemsize >= 2**63:
        raise RuntimeError(f"Storage size calculation overflowed with sizes=[{length}]")
    if length < 2:
        return leaf(np.ones(length, dtype), wanted)
    n = np.arange(length, dtype=dtype)
    with np.errstate(all="ignore"):
        made = weights(n, length if periodic else length - 1).astype(dtype, copy=False)
    return leaf(made, wanted)


def cosines(*coefficients: float) -> Any:
    """The sum of ``coefficient[k] * cos(2 pi k n / last)`` as a function of n and last."""

    def weights(n: Array, last: int) -> Array:
        turn = n * (math.pi * 2 / last)
        window = np.zeros_like(n)
        for k, c in reversed(list(enumerate(coefficients))):
            window += c * np.cos(turn * k)
        return window

    return weights


@typed()
def hann_window(window_length: Any, periodic: bool = True, **options: Unpack[Options]) -> Any:
    """``1/2 - cos(2 pi n / N) / 2``, of ``window_length`` samples.

    Raises RuntimeError for a negative length and for a dtype that is not floating-point.
    """
    return window("hann_window", window_length, periodic, options, cosines(0.5, -0.5))


@typed()
def hamming_window(
    window_length: Any,
    periodic: bool = True,
    alpha: float = 0.54,
    beta: float = 0.46,
    **options: Unpack[Options],
) -> Any:
    """``alpha - beta cos(2 pi n / N)``; otherwise as `hann_window`."""
    return window("hamming_window", window_length, periodic, options, cosines(alpha, -beta))


@typed()
def blackman_window(window_length: Any, periodic: bool = True, **options: Unpack[Options]) -> Any:
    """``0.42 - 0.5 cos(2 pi n / N) + 0.08 cos(4 pi n / N)``; otherwise as `hann_window`."""
    return window("blackman_window", window_length, periodic, options, cosines(0.42, -0.5, 0.08))


@typed()
def bartlett_window(window_length: Any, periodic: bool = True, **options: Unpack[Options]) -> Any:
    """A triangle: from 0 up to 1 and down to 0; otherwise as `hann_window`."""
    return window("bartlett_window", window_length, periodic, options, triangle)


def triangle(n: Array, last: int) -> Array:
    up = n * (2.0 / last)
    return np.where(n <= last // 2, up, 2 - up)


@typed()
def kaiser_window(
    window_length: Any, periodic: bool = True, beta: float = 12.0, **options: Unpack[Options]
) -> Any:
    """``I0(beta sqrt(1 - (2 n / N - 1)^2)) / I0(beta)``, with the modified Bessel function I0."""

    def weights(n: Array, last: int) -> Array:
        place = n.astype(np.float64) * (2.0 / last) - 1
        with np.errstate(all="ignore"):  # an infinite beta gives NaN
            return np.i0(beta * np.sqrt(np.maximum(1 - place**2, 0))) / np.i0(beta)

    return window("kaiser_window", window_length, periodic, options, weights)
