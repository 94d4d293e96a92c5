"""What views show, copied: the result shares no memory with the operand.

Each takes what the view of that name takes, raises what it raises, and has its derivative.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from minigrad.autograd.primitive import Operator, primitive
from minigrad.dtypes import dtype
from minigrad.ops import diagonals, shape, slicing, splitting, striding
from minigrad.ops.arguments import integer, need_tensor
from minigrad.ops.layouts import int_tuple

__all__ = [
    "alias_copy",
    "as_strided_copy",
    "diagonal_copy",
    "expand_copy",
    "permute_copy",
    "select_copy",
    "slice_copy",
    "split_copy",
    "split_with_sizes_copy",
    "squeeze_copy",
    "t_copy",
    "transpose_copy",
    "unbind_copy",
    "unfold_copy",
    "unsqueeze_copy",
    "view_copy",
]


@functools.cache
def copy_of(view: str) -> Operator:
    """A contiguous copy of what the node of this name shows."""
    return primitive(f"{view}_copy", lambda x: x.copy("C"), x=lambda g: g)


def copied(name: str, view: Callable[..., Any]) -> Callable[..., Any]:
    """The function that copies what ``view`` shows, or each of its parts."""

    def apply(input: Any, *args: Any, **settings: Any) -> Any:
        need_tensor(name, input)
        shown = view(input, *args, **settings)
        if isinstance(shown, tuple):
            return tuple([a_copy(part) for part in shown])
        return a_copy(shown)

    def a_copy(part: Any) -> Any:
        node = None if name == "alias_copy" else part.grad_fn
        return copy_of("AliasBackward0" if node is None else node.name())(part)

    apply.__name__ = apply.__qualname__ = name
    apply.__doc__ = f"`{name.removesuffix('_copy')}`, copied."
    return apply


def of_sizes(name: str, view: Callable[..., Any], argument: str) -> Callable[..., Any]:
    """`copied`, of a view that takes a tuple of integers and nothing else."""

    def show(input: Any, *args: Any, **settings: Any) -> Any:
        if args:
            args = (int_tuple(name, args[0], argument, 2), *args[1:])
        return view(input, *args, **settings)

    return copied(name, show)


def parts(input: Any, split_size: int, dim: int = 0) -> Any:
    return input.split(integer("split_copy", split_size, "split_size", 2), dim)


def sliced(input: Any, dim: int = 0, start: Any = None, end: Any = None, step: int = 1) -> Any:
    """``input[start:end:step]`` at ``dim``."""
    step = integer("slice_copy", step, "step", 5)
    return slicing._slice(input, slicing.slice_key("slice_copy", input, dim, start, end, step))


def seen(input: Any, size: Any) -> Any:
    """As `Tensor.view`, which may take a copy here."""
    return input.view(size) if isinstance(size, dtype) else input.contiguous().view(size)


alias_copy = copied("alias_copy", lambda input: input)
as_strided_copy = copied("as_strided_copy", striding.as_strided)
diagonal_copy = copied("diagonal_copy", diagonals.diagonal)
expand_copy = of_sizes("expand_copy", lambda input, size: shape.expand(input, size), "size")
permute_copy = of_sizes("permute_copy", lambda input, dims: shape.permute(input, dims), "dims")
select_copy = copied("select_copy", slicing.select)
slice_copy = copied("slice_copy", sliced)
split_copy = copied("split_copy", parts)
split_with_sizes_copy = copied("split_with_sizes_copy", splitting.split_with_sizes)
squeeze_copy = copied("squeeze_copy", shape.squeeze)
t_copy = copied("t_copy", shape.t)
transpose_copy = copied("transpose_copy", shape.transpose)
unbind_copy = copied("unbind_copy", splitting.unbind)
unfold_copy = copied("unfold_copy", striding.unfold)
unsqueeze_copy = copied("unsqueeze_copy", shape.unsqueeze)
view_copy = copied("view_copy", seen)
