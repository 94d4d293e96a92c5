"""Softmax as networks call it: a missing ``dim`` is chosen, with a warning."""

from __future__ import annotations

import warnings
from typing import Any

from minigrad.ops import softmax as ops
from minigrad.ops.arguments import need_tensor

__all__ = ["log_softmax", "softmax", "softmin"]


def chosen_dim(name: str, input: Any, dim: int | None) -> int:
    """``dim``, or where it is missing torch's choice, for which it warns."""
    need_tensor(name, input)
    if dim is not None:
        return dim
    warnings.warn(
        f"Implicit dimension choice for {name} has been deprecated. Change the call to include "
        "dim=X as an argument.",
        stacklevel=3,
    )
    return 0 if input.array.ndim in (0, 1, 3) else 1


def softmax(input: Any, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Any:
    """``exp(x) / sum(exp(x))`` along ``dim``. Derivative: s (g - sum(g s)) for the result s.

    With ``dtype`` the input is converted first; else NotImplementedError for integers. Without
    ``dim`` there is a warning; IndexError for one out of range.
    """
    return ops.softmax(input, chosen_dim("softmax", input, dim), dtype)


def softmin(input: Any, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Any:
    """The `softmax` of ``-x``."""
    dim = chosen_dim("softmin", input, dim)
    return ops.softmax(-input, dim, dtype)


def log_softmax(input: Any, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Any:
    """``log(softmax(x))`` along ``dim``. Derivative: g - exp(l) sum(g) for the result l.

    ``dtype``, warning and errors as of `softmax`.
    """
    return ops.log_softmax(input, chosen_dim("log_softmax", input, dim), dtype)
