"""`minigrad.func.functional_call` by its old name."""

from __future__ import annotations

import warnings
from contextlib import AbstractContextManager
from typing import Any

from minigrad.nn.modules.module import Module
from minigrad.nn.utils import functional_calls

__all__ = ["functional_call"]


def _reparametrize_module(
    module: Module,
    parameters_and_buffers: Any,
    tie_weights: bool = False,
    strict: bool = False,
    stack_weights: bool = False,
) -> AbstractContextManager[None]:
    """A context in which the module has other tensors, by their paths, as in `functional_call`."""
    return functional_calls.replaced(module, parameters_and_buffers, tie_weights, strict)


def functional_call(
    module: Module,
    parameters_and_buffers: Any,
    args: Any = None,
    kwargs: dict[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """`minigrad.func.functional_call`, after a FutureWarning."""
    warnings.warn(
        "`minigrad.nn.utils.stateless.functional_call` is deprecated as of PyTorch 2.0 and will be "
        "removed in a future version of PyTorch. Use minigrad.func.functional_call instead.",
        FutureWarning,
        stacklevel=2,
    )
    return functional_calls.functional_call(
        module, parameters_and_buffers, args, kwargs, tie_weights=tie_weights, strict=strict
    )
