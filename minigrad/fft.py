"""What torch.fft has in real numbers; its transforms, which give complex ones, raise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, Unpack

import numpy as np

from minigrad.autograd.value import Array
from minigrad.from_data import leaf
from minigrad.ops.arguments import need_tensor
from minigrad.ops.repetition import roll
from minigrad.options import Options, read

TRANSFORMS = [
    f"{kind}{dims}"
    for kind in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")
    for dims in ("", "2", "n")
]

__all__ = ["fftfreq", "fftshift", "ifftshift", "rfftfreq"]
__all__ += TRANSFORMS


def frequencies(function: str, steps: Array, n: int, d: float, options: Options) -> Any:
    dtype, wanted = read(function, options)
    if dtype.kind != "f":
        raise RuntimeError(f"{function[4:]} requires a floating point or complex dtype")
    if n < 1:  # there is no frequency but, of real samples, 0 / 0
        return leaf(np.full(len(steps), np.nan, dtype), wanted)
    return leaf(steps.astype(dtype) * dtype.type(1.0 / (n * d)), wanted)


def fftfreq(n: int, d: float = 1.0, **options: Unpack[Options]) -> Any:
    """The frequencies of a transform of ``n`` samples, ``d`` apart: those below 0 come last."""
    steps = np.concatenate([np.arange((n + 1) // 2), np.arange(-(n // 2), 0)])
    return frequencies("fft_fftfreq", steps, n, d, options)


def rfftfreq(n: int, d: float = 1.0, **options: Unpack[Options]) -> Any:
    """The frequencies from 0 of a transform of ``n`` real samples, ``d`` apart."""
    return frequencies("fft_rfftfreq", np.arange(n // 2 + 1), n, d, options)


def shift(name: str, input: Any, dim: Any, sign: int) -> Any:
    need_tensor(name, input)
    dims = range(input.ndim) if dim is None else [dim] if isinstance(dim, int) else dim
    halves = tuple(sign * (input.shape[d] // 2) for d in dims)
    return roll(input, halves, tuple(dims))


def fftshift(input: Any, dim: Any = None) -> Any:
    """Roll by half of the size along ``dim``, an int or several, or all: 0 moves to the middle."""
    return shift("fft_fftshift", input, dim, 1)


def ifftshift(input: Any, dim: Any = None) -> Any:
    """Undo `fftshift`."""
    return shift("fft_ifftshift", input, dim, -1)


def refusing(name: str) -> Callable[..., NoReturn]:
    """A function that raises NotImplementedError."""

    def refuse(*args: Any, **settings: Any) -> NoReturn:
        raise NotImplementedError(
            f"fft.{name} is not supported: it needs complex numbers, which minigrad does not have."
        )

    refuse.__name__ = refuse.__qualname__ = name
    refuse.__doc__ = "Raise NotImplementedError: there are no complex numbers here."
    return refuse


globals().update({name: refusing(name) for name in TRANSFORMS})
