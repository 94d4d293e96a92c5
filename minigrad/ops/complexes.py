"""What torch has for complex numbers, of real ones, which are all there are here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from minigrad.autograd.primitive import primitive
from minigrad.ops.arguments import need_tensor
from minigrad.promotion import floating

__all__ = [
    "angle",
    "conj",
    "conj_physical",
    "imag",
    "is_conj",
    "is_neg",
    "real",
    "resolve_conj",
    "resolve_neg",
]

_angle = primitive(
    "AngleBackward0",
    lambda x: np.where(np.isnan(x), x, np.where(x < 0, np.pi, 0)).astype(x.dtype, copy=False),
    promote=floating,
    x=lambda g, x: np.zeros_like(x),
)


def angle(input: Any) -> Any:
    """The argument in the complex plane: pi of a negative number, else 0. Derivative: 0.

    NaN of NaN. Integers give the default dtype.
    """
    need_tensor("angle", input)
    return _angle(input)


def answering(name: str, answer: Callable[[Any], Any], about: str) -> Callable[[Any], Any]:
    """A function of one tensor, once it is known to be one."""

    def apply(input: Any) -> Any:
        need_tensor(name, input)
        return answer(input)

    apply.__name__ = name
    apply.__doc__ = about
    return apply


conj, conj_physical, real, resolve_conj, resolve_neg = [
    answering(name, lambda x: x, "The tensor itself: its numbers are real.")
    for name in ("conj", "conj_physical", "real", "resolve_conj", "resolve_neg")
]
is_conj, is_neg = [
    answering(name, lambda x: False, "False: the numbers are real, and lie in memory as they are.")
    for name in ("is_conj", "is_neg")
]


def imag(input: Any) -> NoReturn:
    """Raises RuntimeError: real numbers have no imaginary part."""
    need_tensor("imag", input)
    raise RuntimeError(
        "imag is not implemented for tensors with non-complex dtypes. It is 0: use zeros_like()."
    )
