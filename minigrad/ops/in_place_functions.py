"""The methods that write in place, as functions: ``exp_(x)`` is ``x.exp_()``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minigrad.later import OPERATORS
from minigrad.ops.arguments import need_tensor


def function_of(method: str) -> Callable[..., Any]:
    def function(input: Any, *args: Any, **settings: Any) -> Any:
        need_tensor(method, input)
        return getattr(input, method)(*args, **settings)

    function.__name__ = function.__qualname__ = method
    function.__doc__ = f"The method `Tensor.{method}` as a function."
    return function


__all__ = OPERATORS["in_place_functions"].split()
globals().update({name: function_of(name) for name in __all__})
