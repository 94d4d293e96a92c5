"""Images of bytes resized in whole numbers, as image libraries do."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from minigrad.ops.resampling import Taps

__all__: list[str] = []


def resized(images: Any, taps: list[Taps]) -> Any:
    """(N, C, H, W) of uint8, by the taps of the height and of the width, which goes first.

    Each of the two passes rounds to whole bytes.
    """
    across = one_pass(images, taps[1])
    return np.ascontiguousarray(one_pass(across.swapaxes(2, 3), taps[0]).swapaxes(2, 3))


def one_pass(images: Any, taps: Taps) -> Any:
    """The last dimension resampled. The sums are below 2**53, so float64 has them exactly."""
    n, m = images.shape[-1], taps.places.shape[1]
    if n == m:
        return images
    weights = np.zeros((n, m))
    np.add.at(weights, (taps.places, np.arange(m)), cast(Any, taps.weights))
    bits = binary_places(weights.max())
    whole = np.trunc(weights * 2**bits + np.copysign(0.5, weights))
    sums = images.astype(np.float64) @ whole
    return np.clip(np.floor(sums / 2**bits + 0.5), 0, 255).astype(np.uint8)


def binary_places(largest: float) -> int:
    """After how many the weights are rounded: as many as leave the largest one in an int16."""
    return next(bits for bits in range(22) if int(0.5 + largest * 2 ** (bits + 1)) >= 2**15)
