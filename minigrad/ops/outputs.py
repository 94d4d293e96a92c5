"""``out=``: the result written into a tensor that is there already."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from minigrad.autograd.modes import no_grad
from minigrad.autograd.value import mode
from minigrad.errors import c_name, type_name, users_line
from minigrad.ops.arguments import need_tensor
from minigrad.promotion import CATEGORY


def into(
    out: Any, function: Callable[..., Any], *operands: Any, casts: bool = True, **settings: Any
) -> Any:
    """``out``, with the result of ``function`` written into it, and resized for it.

    casts: whether the result is converted to the dtype of ``out``. Raises RuntimeError where a
    gradient is wanted of anything that takes part, and for a dtype that does not hold the result.
    """
    name = function.__name__
    need_tensor(name, out, "out", None)
    if mode.grad and any(getattr(x, "requires_grad", False) for x in (out, *operands)):
        raise RuntimeError(
            f"{name}(): functions with out=... arguments don't support automatic differentiation, "
            f"but one of the arguments requires grad. Write out = {name}(...), or compute under "
            "no_grad()."
        )
    with no_grad():
        result = function(*operands, **settings)
    given, wanted = result.array.dtype, out.array.dtype
    if casts and CATEGORY[given.kind] > CATEGORY[wanted.kind]:
        raise RuntimeError(
            f"result type {type_name(given)} can't be cast to the desired output type "
            f"{type_name(wanted)}"
        )
    if not casts and given != wanted:
        raise RuntimeError(
            f"Expected out tensor to have dtype {c_name(given)}, but got {c_name(wanted)} instead"
        )
    if out.array.shape != result.array.shape:
        if out.array.size:
            warnings.warn(
                "An output with one or more elements was resized since it had shape "
                f"{list(out.array.shape)}, which does not match the required output shape "
                f"{list(result.array.shape)}.",
                UserWarning,
                stacklevel=users_line(),
            )
        out.resize_(result.array.shape)
    with no_grad():
        return out.copy_(result)
