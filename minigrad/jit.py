"""``torch.jit`` without a compiler: functions and modules are handed back as they are.

They compute what they would compute as scripts. What a script has besides, its graph and its code,
they do not have, and files of scripts can be neither written nor read.
"""

from __future__ import annotations

import builtins
import types
from collections.abc import Callable
from typing import Any, Final, NoReturn, Union, get_args, get_origin

from minigrad.nn.modules.module import Module

__all__ = [
    "Final",
    "ScriptModule",
    "annotate",
    "export",
    "freeze",
    "ignore",
    "interface",
    "is_scripting",
    "is_tracing",
    "isinstance",
    "load",
    "optimize_for_inference",
    "save",
    "script",
    "script_if_tracing",
    "script_method",
    "trace",
    "trace_module",
    "unused",
]


class ScriptModule(Module):
    """A Module to derive from; `script` and `trace` return what they were given, which is none."""


def script(obj: Any, *args: Any, **settings: Any) -> Any:
    """``obj``, a function, a class or a module, as it is."""
    return obj


def trace(func: Any, example_inputs: Any = None, *args: Any, **settings: Any) -> Any:
    """``func``, a function or a module, as it is.

    So it takes each branch that its inputs ask for, where a trace repeats those of the example.
    """
    return func


def trace_module(mod: Any, inputs: Any, *args: Any, **settings: Any) -> Any:
    """``mod`` as it is."""
    return mod


def freeze(mod: Any, *args: Any, **settings: Any) -> Any:
    """``mod`` as it is."""
    return mod


def optimize_for_inference(mod: Any, *args: Any) -> Any:
    """``mod`` as it is."""
    return mod


def export(fn: Any) -> Any:
    """``fn`` as it is."""
    return fn


def interface(obj: Any) -> Any:
    """The class ``obj`` as it is."""
    return obj


def script_if_tracing(fn: Any) -> Any:
    """``fn`` as it is."""
    return fn


def script_method(fn: Any) -> Any:
    """``fn`` as it is."""
    return fn


def ignore(drop: Any = False, **settings: Any) -> Any:
    """The function as it is; also a decorator with settings."""
    same: Callable[[Any], Any] = lambda fn: fn  # noqa: E731
    return drop if callable(drop) else same


unused = export


def annotate(the_type: Any, the_value: Any) -> Any:
    """``the_value``"""
    return the_value


def is_scripting() -> bool:
    """False."""
    return False


def is_tracing() -> bool:
    """False."""
    return False


def isinstance(obj: Any, target_type: Any) -> bool:
    """Whether ``obj`` is of a type such as ``list[Tensor]``, or of one of a tuple of types.

    Elements, keys and values are looked at too; in an empty container there are none that differ.
    Raises RuntimeError for a list, tuple or dict without the types in it.
    """
    if builtins.isinstance(target_type, tuple):
        return any(isinstance(obj, one) for one in target_type)
    kind, inside = get_origin(target_type) or target_type, get_args(target_type)
    if kind in (Union, types.UnionType):
        return isinstance(obj, inside)
    if kind in (list, tuple, dict) and not inside:
        missing = "contained types" if kind is dict else "a contained type"
        raise RuntimeError(
            f"Attempted to use {kind.__name__} without {missing}. Please add "
            f"{missing}, e.g. {kind.__name__}[{'int, int' if kind is dict else 'int'}]"
        )
    if not builtins.isinstance(obj, kind):
        return False
    if kind is tuple:
        pairs = zip(obj, inside, strict=False)
        return len(obj) == len(inside) and all(isinstance(*pair) for pair in pairs)
    if kind is dict:
        key, value = inside
        return all(isinstance(k, key) and isinstance(v, value) for k, v in obj.items())
    return kind is not list or all(isinstance(one, inside[0]) for one in obj)


def save(m: Any, f: Any, *args: Any) -> NoReturn:
    """Raise NotImplementedError: save the state dict instead."""
    raise NotImplementedError(
        "jit.save is not supported: nothing is compiled here. Save m.state_dict()."
    )


def load(f: Any, *args: Any, **settings: Any) -> NoReturn:
    """Raise NotImplementedError: a script needs torch's own interpreter."""
    raise NotImplementedError(
        "jit.load is not supported: a saved script needs torch's interpreter. Make the module in "
        "Python, and load its state dict."
    )
