"""Windows under ``minigrad.signal.windows``: the weights of M samples of a signal.

With ``sym`` they are the same from both ends; without it, those of a period: one sample more, and
the last left out. The options are those of `zeros`. In the formulas, N is M - 1, or M without
``sym``, and n goes from 0 to M - 1. All raise ValueError for a negative M, and for dtypes other
than float32 and float64.

A window is composed of differentiable operators; with ``requires_grad`` it leads back to points
that nobody has, as torch's does.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Unpack

from minigrad.creation import arange, linspace, ones
from minigrad.dtypes import float32, float64, get_default_dtype
from minigrad.from_data import tensor
from minigrad.ops.bounds import minimum
from minigrad.ops.elementwise import exp, sqrt
from minigrad.ops.signs import abs
from minigrad.ops.special import i0
from minigrad.ops.trigonometry import cos, sin
from minigrad.options import Options, strided

__all__ = [
    "bartlett",
    "blackman",
    "cosine",
    "exponential",
    "gaussian",
    "general_cosine",
    "general_hamming",
    "hamming",
    "hann",
    "kaiser",
    "nuttall",
]


def checked(function: str, M: Any, options: Any) -> None:
    """Raise ValueError for a length, a layout or a dtype that there is no window of."""
    if M < 0:
        raise ValueError(f"{function} requires non-negative window length, got M={M}")
    if options.get("layout", strided) is not strided:
        raise ValueError(
            f"{function} is implemented for strided tensors only, got: {options['layout']}"
        )
    dtype = options.get("dtype")
    dtype = get_default_dtype() if dtype is None else dtype
    if dtype not in (float32, float64):
        raise ValueError(f"{function} expects float32 or float64 dtypes, got: {dtype}")


def intervals(M: Any, sym: bool) -> Any:
    """What a window is divided into: N of the formulas."""
    return M - 1 if sym else M


def points(M: Any, first: float, step: float, options: Any) -> Any:
    """``first``, and M - 1 steps more."""
    return linspace(first, first + (M - 1) * step, M, **options)


def exponential(
    M: Any,
    *,
    center: float | None = None,
    tau: float = 1.0,
    sym: bool = True,
    **options: Unpack[Options],
) -> Any:
    """``exp(-abs(n - center) / tau)``, with the center in the middle.

    Another ``center`` is only taken without ``sym``. Raises ValueError for a tau of 0 or less.
    """
    checked("exponential", M, options)
    if tau <= 0:
        raise ValueError(f"Tau must be positive, got: {tau} instead.")
    if sym and center is not None:
        raise ValueError("Center must be None for symmetric windows")
    if M == 0:
        return ones(0, **options)
    if center is None:
        center = intervals(M, sym or M <= 1) / 2.0
    scale = 1 / tau
    k = linspace(-center * scale, (-center + (M - 1)) * scale, M, **options)
    return exp(-abs(k))


def cosine(M: Any, *, sym: bool = True, **options: Unpack[Options]) -> Any:
    """``sin(pi (n + 1/2) / (N + 1))``: half a wave, which begins and ends above 0."""
    checked("cosine", M, options)
    if M == 0:
        return ones(0, **options)
    step = math.pi / (intervals(M, sym or M <= 1) + 1)
    return sin(linspace(0.5 * step, (0.5 + (M - 1)) * step, M, **options))


def gaussian(M: Any, *, std: float = 1.0, sym: bool = True, **options: Unpack[Options]) -> Any:
    """``exp(-(n - N/2)^2 / (2 std^2))``. Raises ValueError for a ``std`` of 0 or less."""
    checked("gaussian", M, options)
    if std <= 0:
        raise ValueError(f"Standard deviation must be positive, got: {std} instead.")
    if M == 0:
        return ones(0, **options)
    first, scale = -intervals(M, sym or M <= 1) / 2.0, 1 / (std * math.sqrt(2))
    k = linspace(first * scale, (first + (M - 1)) * scale, M, **options)
    return exp(-(k**2))


def kaiser(M: Any, *, beta: float = 12.0, sym: bool = True, **options: Unpack[Options]) -> Any:
    """``I0(beta sqrt(1 - (2 n / N - 1)^2)) / I0(beta)``, with the modified Bessel function I0.

    Raises ValueError for a negative ``beta``.
    """
    checked("kaiser", M, options)
    if beta < 0:
        raise ValueError(f"beta must be non-negative, got: {beta} instead.")
    if M in (0, 1):
        return ones(M, **options)
    width = tensor(beta, dtype=options.get("dtype"))
    # In the window's own precision, and so is not to leave [-beta, beta].
    end = minimum(width, (M - 1) * (2.0 * width / intervals(M, sym)) - width)
    k = linspace(-width, end, M, **options)
    return i0(sqrt(width * width - k**2)) / i0(width)


def bartlett(M: Any, *, sym: bool = True, **options: Unpack[Options]) -> Any:
    """``1 - abs(2 n / N - 1)``: a triangle."""
    checked("bartlett", M, options)
    if M in (0, 1):
        return ones(M, **options)
    return 1 - abs(points(M, -1, 2 / intervals(M, sym), options))


def general_cosine(M: Any, *, a: Any, sym: bool = True, **options: Unpack[Options]) -> Any:
    """``a[0] - a[1] cos(2 pi n / N) + a[2] cos(4 pi n / N) - ...``

    Raises TypeError for an ``a`` that is no list, and ValueError for an empty one.
    """
    checked("general_cosine", M, options)
    if M in (0, 1):
        return ones(M, **options)
    if not isinstance(a, Iterable):
        raise TypeError("Coefficients must be a list/tuple")
    if not a:
        raise ValueError("Coefficients cannot be empty")
    turns = points(M, 0, 2 * math.pi / intervals(M, sym), options)
    wanted = {"requires_grad": turns.requires_grad, "dtype": turns.dtype}
    signed = tensor([-x if i % 2 else x for i, x in enumerate(a)], **wanted)
    multiples = arange(len(signed), **wanted)
    return (signed.unsqueeze(-1) * cos(multiples.unsqueeze(-1) * turns)).sum(0)


def general_hamming(
    M: Any, *, alpha: float = 0.54, sym: bool = True, **options: Unpack[Options]
) -> Any:
    """``alpha - (1 - alpha) cos(2 pi n / N)``"""
    return general_cosine(M, a=[alpha, 1.0 - alpha], sym=sym, **options)


def hamming(M: Any, *, sym: bool = True, **options: Unpack[Options]) -> Any:
    """``0.54 - 0.46 cos(2 pi n / N)``"""
    return general_hamming(M, sym=sym, **options)


def hann(M: Any, *, sym: bool = True, **options: Unpack[Options]) -> Any:
    """``1/2 - cos(2 pi n / N) / 2``"""
    return general_hamming(M, alpha=0.5, sym=sym, **options)


def blackman(M: Any, *, sym: bool = True, **options: Unpack[Options]) -> Any:
    """``0.42 - 0.5 cos(2 pi n / N) + 0.08 cos(4 pi n / N)``"""
    checked("blackman", M, options)
    return general_cosine(M, a=[0.42, 0.5, 0.08], sym=sym, **options)


def nuttall(M: Any, *, sym: bool = True, **options: Unpack[Options]) -> Any:
    """A sum of four cosines, with small lobes beside the main one (Nuttall, 1981)."""
    return general_cosine(M, a=[0.3635819, 0.4891775, 0.1365995, 0.0106411], sym=sym, **options)
