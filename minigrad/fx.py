"""``torch.fx`` without tracing: `wrap`, which programs call when they are imported."""

from __future__ import annotations

from typing import Any, NoReturn

__all__ = ["symbolic_trace", "wrap"]


def wrap(fn_or_name: Any) -> Any:
    """What it was given, a function or a name: what tracing would leave whole is whole here.

    Raises RuntimeError for anything else.
    """
    if not (callable(fn_or_name) or isinstance(fn_or_name, str)):
        raise RuntimeError(
            "Unsupported type for global function! Must be either a callable or string name"
        )
    return fn_or_name


def symbolic_trace(root: Any, *args: Any, **settings: Any) -> NoReturn:
    """Raises NotImplementedError."""
    raise NotImplementedError("fx.symbolic_trace is not supported: nothing is traced here.")
