"""Numbers before the tensors that they multiply, as torch took them once: ``x.add_(-lr, grad)``."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from minigrad.autograd.value import Value
from minigrad.errors import warn_once
from minigrad.ops.arguments import is_number

Function = Callable[..., Any]


def number_first(operands: int, *names: str) -> Callable[[Function], Function]:
    """Decorate a function of so many tensors and of keywords so that it takes these by place, too.

    ``x.add(2, y)`` is then ``x.add(y, alpha=2)``, and ``addmm(0.5, x, 2, a, b)`` is ``addmm(x, a,
    b, beta=0.5, alpha=2)``. torch warns of it, and so does this.
    """

    def declare(function: Function) -> Function:
        @functools.wraps(function)
        def apply(*args: Any, **settings: Any) -> Any:
            if len(args) > operands and not settings.keys() & set(names):
                args, found = sorted_out(function.__name__, operands, names, args)
                settings |= found
            return function(*args, **settings)

        return apply

    return declare


def sorted_out(
    function: str, operands: int, names: tuple[str, ...], given: tuple[Any, ...]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The operands, and the numbers before them by name."""
    args = list(given)
    numbers: list[Any] = []
    while len(args) > operands and len(numbers) < len(names):
        number = args.pop(1 if isinstance(args[0], Value) else 0)
        if not is_number(number):
            break
        numbers.append(number.item() if isinstance(number, Value) else number)
    if len(args) != operands or len(numbers) != len(given) - operands:
        raise TypeError(
            f"{function}() takes {operands} positional arguments but {len(given)} were given"
        )
    found = dict(zip(names, numbers, strict=False))
    old = ", ".join([f"Number {name}" for name in found])
    new = ", ".join([f"Number {name} = 1" for name in found])
    warn_once(
        f"This overload of {function} is deprecated:\n\t{function}({old}, Tensor other)\n"
        "Consider using one of the following signatures instead:\n\t"
        f"{function}(Tensor other, *, {new})",
        about="number_first",
    )
    return tuple(args), found
