"""Methods and layers that torch has as functions, too, and what is said of tensors on the CPU."""

from __future__ import annotations

import importlib
from typing import Any

from minigrad.ops.arguments import need_tensor, typed

__all__ = [
    "alpha_dropout",
    "batch_norm",
    "detach",
    "dropout",
    "embedding",
    "feature_alpha_dropout",
    "get_device",
    "instance_norm",
    "is_signed",
    "set_flush_denormal",
]


def detach(input: Any) -> Any:
    """The same memory, cut off from the graph."""
    need_tensor("detach", input)
    return input.detach()


@typed("input")
def is_signed(input: Any) -> bool:
    """Whether the dtype has negative numbers."""
    return bool(input.is_signed())


@typed("input")
def get_device(input: Any) -> int:
    """The number of the GPU the tensor is on; -1, since it is on the CPU."""
    return -1


def set_flush_denormal(mode: bool) -> bool:
    """Whether denormal numbers can be taken for 0: never here."""
    return False


# What torch.nn.functional is written in, with all arguments and in another order. It is imported
# when it is called: the functions here come before the layers.


def functional() -> Any:
    return importlib.import_module("minigrad.nn.functional")


@typed("input")
def dropout(input: Any, p: float, train: bool) -> Any:
    """`nn.functional.dropout`."""
    return functional().dropout(input, p, train)


@typed("input")
def alpha_dropout(input: Any, p: float, train: bool) -> Any:
    """`nn.functional.alpha_dropout`."""
    return functional().alpha_dropout(input, p, train)


@typed("input")
def feature_alpha_dropout(input: Any, p: float, train: bool) -> Any:
    """`nn.functional.feature_alpha_dropout`."""
    return functional().feature_alpha_dropout(input, p, train)


@typed("weight", "indices")
def embedding(
    weight: Any,
    indices: Any,
    padding_idx: int = -1,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Any:
    """`nn.functional.embedding`, the weight first; -1 is no index of padding."""
    padding = None if padding_idx == -1 else padding_idx
    return functional().embedding(
        indices, weight, padding, scale_grad_by_freq=scale_grad_by_freq, sparse=sparse
    )


@typed("input")
def batch_norm(
    input: Any,
    weight: Any,
    bias: Any,
    running_mean: Any,
    running_var: Any,
    training: bool,
    momentum: float,
    eps: float,
    cudnn_enabled: bool,
) -> Any:
    """`nn.functional.batch_norm`, with the parameters first."""
    return functional().batch_norm(
        input, running_mean, running_var, weight, bias, training, momentum, eps
    )


@typed("input")
def instance_norm(
    input: Any,
    weight: Any,
    bias: Any,
    running_mean: Any,
    running_var: Any,
    use_input_stats: bool,
    momentum: float,
    eps: float,
    cudnn_enabled: bool,
) -> Any:
    """`nn.functional.instance_norm`, with the parameters first."""
    return functional().instance_norm(
        input, running_mean, running_var, weight, bias, use_input_stats, momentum, eps
    )


def hardshrink(input: Any, lambd: float = 0.5) -> Any:
    """`nn.functional.hardshrink`, as a method."""
    return functional().hardshrink(input, lambd)


def prelu(input: Any, weight: Any) -> Any:
    """`nn.functional.prelu`, as a method."""
    return functional().prelu(input, weight)


def is_never(input: Any) -> bool:
    """Whether memory is shared between processes, or pinned: never."""
    return False


def to_dense(input: Any, dtype: Any = None, *, masked_grad: Any = None) -> Any:
    """The tensor itself, which is dense, or in another dtype."""
    return input if dtype is None else input.to(dtype)
