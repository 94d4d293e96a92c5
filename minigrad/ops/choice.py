"""Choices element by element, by a mask."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from minigrad.autograd.value import wrap
from minigrad.autograd.wide import wide_primitive
from minigrad.errors import type_name, users_line
from minigrad.ops.arguments import need_tensor, no_overload
from minigrad.promotion import arithmetic, plain, result_type, stored

__all__ = ["where"]

_where = wide_primitive(
    "WhereBackward0",
    np.where,
    promote=lambda arrays: same_kind(arrays),
    condition=None,
    a=lambda g, condition: np.where(condition, g, 0.0),
    b=lambda g, condition: np.where(condition, 0.0, g),
)


def same_kind(arrays: Any) -> Any:
    """Promotion of ``where``: the condition takes no part in it."""
    _, a, b = arrays
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and a.dtype == b.dtype:
        return arrays
    operands = arithmetic(arrays[1:])
    if operands is NotImplemented:
        return NotImplemented
    dtype = result_type([plain(x) for x in arrays[1:]])
    for x in arrays[1:]:
        # Raises if it is out of range; of halves, torch lets a float be infinite.
        if isinstance(x, int) or (isinstance(x, float) and dtype != np.float16):
            stored(x, dtype)
    with np.errstate(over="ignore"):  # numbers, too: there may be two
        return [arrays[0], *[np.asarray(x, dtype) for x in operands]]


def where(condition: Any, input: Any = None, other: Any = None) -> Any:
    """``input`` where the bool tensor ``condition`` holds, else ``other``; all broadcast.

    The gradient goes to the operand that was chosen, and exactly 0 to the other. The condition
    alone gives the indices where it holds, a tensor for each dimension. Raises RuntimeError for a
    condition of another dtype.
    """
    need_tensor("where", condition, "condition")
    if input is None and other is None:
        found = np.nonzero(np.atleast_1d(condition.array))
        return tuple([wrap(np.ascontiguousarray(i)) for i in found])
    if input is None or other is None:
        raise no_overload("where", *[x for x in (condition, input, other) if x is not None])
    dtype = condition.array.dtype
    if dtype == np.uint8:
        warnings.warn(
            "where received a uint8 condition tensor. This behavior is deprecated and will be "
            "removed in a future version of PyTorch. Use a boolean condition instead.",
            stacklevel=users_line(),
        )
        condition = condition.bool()
    elif dtype.kind != "b":
        raise RuntimeError(
            f"where expected condition to be a boolean tensor, but got a tensor with dtype "
            f"{type_name(dtype)}"
        )
    result = _where(condition, input, other)
    if result is NotImplemented:
        raise no_overload("where", condition, input, other)
    return result


def where_method(input: Any, condition: Any, other: Any) -> Any:
    """`where` as a method: the input where the condition holds, else ``other``."""
    return where(condition, input, other)
