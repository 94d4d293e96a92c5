"""Where a tensor's elements lie in memory."""

from __future__ import annotations

from typing import Any

from minigrad.autograd.value import Array
from minigrad.conversion import in_order
from minigrad.memory import address, memory, span
from minigrad.options import contiguous_format, memory_format


def is_contiguous(self: Any, memory_format: memory_format = contiguous_format) -> bool:
    """Whether the elements lie in memory in order."""
    return in_order(self.array, memory_format)


def data_ptr(self: Any) -> int:
    """The address of the first element."""
    return address(self.array) if self.array.size else 0


def storage_offset(self: Any) -> int:
    """How many elements after the beginning of its storage the tensor begins."""
    start: int = address(self.array) - address(memory(self.array))
    return start // int(self.array.itemsize)


class Storage:
    """The memory that a tensor and its views share."""

    __slots__ = ("array",)

    def __init__(self, array: Array) -> None:
        self.array = memory(array)

    def data_ptr(self) -> int:
        return address(self.array)

    def nbytes(self) -> int:
        return span(self.array) * self.array.itemsize

    size = __len__ = nbytes


def untyped_storage(self: Any) -> Storage:
    """The memory that this tensor shares with its base and views: its address and size."""
    return Storage(self.array)


def share_memory_(self: Any) -> Any:
    """The tensor itself: only threads share it, and for them there is nothing to do."""
    return self


def pin_memory(self: Any, device: Any = None) -> Any:
    """Raises RuntimeError: memory is pinned for an accelerator, and there is none."""
    raise RuntimeError(
        "Cannot access accelerator device when none is available. Pinned memory is for copies to "
        "an accelerator; leave pin_memory out."
    )


def dlpack(self: Any, **settings: Any) -> Any:
    """A DLPack capsule of this memory, for other libraries' ``from_dlpack``.

    Raises BufferError where they would not see what the memory is: read-only, running backwards,
    or part of a graph.
    """
    if self.requires_grad:
        raise BufferError("Can't export tensors that require gradient, use tensor.detach()")
    if settings.get("stream") is not None:
        raise AssertionError("stream should be None on cpu.")
    array = self.array
    if not array.flags.writeable:
        raise BufferError("Can't export read-only memory: others would write to it. Use clone().")
    if any(step < 0 for step in array.strides):
        raise BufferError("Can't export memory with negative strides. Use clone().")
    return array.__dlpack__(**{key: x for key, x in settings.items() if x is not None})


def dlpack_device(self: Any) -> tuple[int, int]:
    """DLPack's number for the CPU."""
    return (1, 0)
