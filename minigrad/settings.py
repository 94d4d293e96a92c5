"""Settings that torch has for speed and repeatability. Here results repeat, and numpy is in charge.

They are accepted and remembered, so that programs run, and change nothing.
"""

from __future__ import annotations

import os
from typing import Any

from minigrad.errors import warnings_repeat

__all__ = [
    "are_deterministic_algorithms_enabled",
    "compile",
    "get_float32_matmul_precision",
    "get_num_threads",
    "is_warn_always_enabled",
    "set_float32_matmul_precision",
    "set_num_threads",
    "set_warn_always",
    "use_deterministic_algorithms",
]

_set: dict[str, Any] = {"threads": os.cpu_count() or 1, "deterministic": False, "matmul": "highest"}


def get_num_threads() -> int:
    """The number of threads that were asked for."""
    return int(_set["threads"])


def set_num_threads(n: Any) -> None:
    """Accepted; how many threads numpy's matrix product takes, its own settings say."""
    if not isinstance(n, int) or isinstance(n, bool):
        raise TypeError(f"set_num_threads expects an int, but got {type(n).__name__}")
    if n < 1:
        raise RuntimeError("set_num_threads expects a positive integer")
    _set["threads"] = n


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Accepted; all algorithms here are deterministic."""
    _set["deterministic"] = bool(mode)


def are_deterministic_algorithms_enabled() -> bool:
    """Whether `use_deterministic_algorithms` has been asked for."""
    return bool(_set["deterministic"])


def get_float32_matmul_precision() -> str:
    """What was set last, "highest" at first."""
    return str(_set["matmul"])


def set_float32_matmul_precision(precision: str) -> None:
    """Accepted: "highest", "high" or "medium". float32 products are always float32 here."""
    if precision not in ("highest", "high", "medium"):
        raise ValueError(
            f"{precision} is not one of 'highest', 'high', 'medium', the precisions there are."
        )
    _set["matmul"] = precision


def set_warn_always(b: bool) -> None:
    """Whether warnings that are given once in a process are given every time."""
    if not isinstance(b, bool):
        raise RuntimeError(f"setWarnOnlyOnce expects a bool, but got {type(b).__name__}")
    warnings_repeat[0] = b


def is_warn_always_enabled() -> bool:
    """What `set_warn_always` has set, False at first."""
    return warnings_repeat[0]


def compile(model: Any = None, **settings: Any) -> Any:
    """``model``, a function or a module, as it is: there is nothing to compile to.

    Without ``model`` a decorator that does the same.
    """
    return (lambda model: model) if model is None else model
