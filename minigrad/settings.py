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
    "get_deterministic_debug_mode",
    "get_float32_matmul_precision",
    "get_num_interop_threads",
    "get_num_threads",
    "is_deterministic_algorithms_warn_only_enabled",
    "is_warn_always_enabled",
    "set_deterministic_debug_mode",
    "set_float32_matmul_precision",
    "set_num_interop_threads",
    "set_num_threads",
    "set_warn_always",
    "use_deterministic_algorithms",
]

THREADS = os.cpu_count() or 1
_set: dict[str, Any] = {
    "threads": THREADS,
    "interop_threads": THREADS,
    "deterministic": 0,
    "warn_only": False,
    "matmul": "highest",
}
DEBUG_MODES = ("default", "warn", "error")


def get_num_threads() -> int:
    """The number of threads that were asked for."""
    return int(_set["threads"])


def set_num_threads(n: Any) -> None:
    """Accepted; how many threads numpy's matrix product takes, its own settings say."""
    set_threads("threads", n)


def get_num_interop_threads() -> int:
    """The number that was asked for."""
    return int(_set["interop_threads"])


def set_num_interop_threads(n: Any) -> None:
    """Accepted; operations run one after the other."""
    set_threads("interop_threads", n)


def set_threads(which: str, n: Any) -> None:
    if not isinstance(n, int) or isinstance(n, bool):
        raise TypeError(f"set_num_{which} expects an int, but got {type(n).__name__}")
    if n < 1:
        raise RuntimeError(f"set_num_{which} expects a positive integer")
    _set[which] = n


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Accepted; all algorithms here are deterministic."""
    _set.update(deterministic=(1 if warn_only else 2) if mode else 0, warn_only=warn_only)


def get_deterministic_debug_mode() -> int:
    """0, or 1 or 2 where operations that are not deterministic are to warn or to fail."""
    return int(_set["deterministic"])


def set_deterministic_debug_mode(debug_mode: int | str) -> None:
    """Accepted: "default", "warn", "error" or their numbers."""
    if isinstance(debug_mode, str):
        if debug_mode not in DEBUG_MODES:
            raise RuntimeError(
                "invalid value of debug_mode, expected one of `default`, `warn`, `error`, but got "
                f"{debug_mode}"
            )
        debug_mode = DEBUG_MODES.index(debug_mode)
    if debug_mode not in range(3):
        raise RuntimeError(
            f"invalid value of debug_mode, expected 0, 1, or 2, but got {debug_mode}"
        )
    _set.update(deterministic=debug_mode, warn_only=debug_mode == 1)


def are_deterministic_algorithms_enabled() -> bool:
    """Whether `use_deterministic_algorithms` has been asked for."""
    return bool(_set["deterministic"])


def is_deterministic_algorithms_warn_only_enabled() -> bool:
    """Whether `use_deterministic_algorithms` was last called with ``warn_only=True``."""
    return bool(_set["warn_only"])


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


def _assert(condition: Any, message: str) -> None:
    """``assert``, as a function: AssertionError with the message unless it holds."""
    assert condition, message
