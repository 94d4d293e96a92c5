"""What is said of real tensors on the CPU in the place of others, and methods as functions."""

from __future__ import annotations

from typing import Any

from minigrad.ops.arguments import need_tensor, typed

__all__ = [
    "conj",
    "conj_physical",
    "detach",
    "get_device",
    "is_conj",
    "is_neg",
    "is_same_size",
    "is_signed",
    "real",
    "resolve_conj",
    "resolve_neg",
    "set_flush_denormal",
]


def detach(input: Any) -> Any:
    """The same memory, cut off from the graph."""
    need_tensor("detach", input)
    return input.detach()


@typed("input")
def real(input: Any) -> Any:
    """The tensor itself: there are no complex numbers."""
    return input


@typed("input")
def conj(input: Any) -> Any:
    """The tensor itself: it is real."""
    return input


@typed("input")
def resolve_conj(input: Any) -> Any:
    """The tensor itself: it is real."""
    return input


@typed("input")
def resolve_neg(input: Any) -> Any:
    """The tensor itself: signs are those of its elements."""
    return input


@typed("input")
def conj_physical(input: Any) -> Any:
    """The tensor itself: it is real."""
    return input


@typed("input")
def is_conj(input: Any) -> bool:
    """Whether a conjugation is due: never."""
    return False


@typed("input")
def is_neg(input: Any) -> bool:
    """Whether a negation is due: never."""
    return False


@typed("input")
def is_signed(input: Any) -> bool:
    """Whether the dtype has negative numbers."""
    return bool(input.is_signed())


@typed("input")
def get_device(input: Any) -> int:
    """The number of the GPU the tensor is on; -1, since it is on the CPU."""
    return -1


@typed("input", "other")
def is_same_size(input: Any, other: Any) -> bool:
    """Whether the shapes are the same."""
    return bool(input.array.shape == other.array.shape)


def set_flush_denormal(mode: bool) -> bool:
    """Whether denormal numbers can be taken for 0: never here."""
    return False
