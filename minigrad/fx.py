"""``torch.fx`` without tracing: the names that programs import, subclass and annotate with."""

from __future__ import annotations

from typing import Any, NoReturn

from minigrad.nn import Module

__all__ = [
    "Graph",
    "GraphModule",
    "Interpreter",
    "Node",
    "Proxy",
    "Tracer",
    "Transformer",
    "symbolic_trace",
    "wrap",
]


class _Untraced:
    def __init__(self, *args: Any, **settings: Any) -> None:
        raise NotImplementedError(
            f"fx.{type(self).__name__} is not supported: nothing is traced here."
        )


class Graph(_Untraced):
    """What tracing would give: the operations in order. Raises NotImplementedError."""


class Node(_Untraced):
    """One operation of a `Graph`. Raises NotImplementedError."""


class Proxy(_Untraced):
    """What would stand for a value in tracing. Raises NotImplementedError."""


class Tracer(_Untraced):
    """What would trace a module. Raises NotImplementedError."""


class Interpreter(_Untraced):
    """What would run a `Graph` node by node. Raises NotImplementedError."""


class Transformer(Interpreter):
    """An `Interpreter` that would make another `Graph`. Raises NotImplementedError."""


class GraphModule(_Untraced, Module):
    """The module that would run a `Graph`. Raises NotImplementedError."""


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
