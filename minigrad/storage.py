"""Where a tensor's elements lie in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from minigrad import dtypes
from minigrad.autograd.value import Array
from minigrad.errors import warn_once
from minigrad.memory import address, memory, storage
from minigrad.ops.arguments import need_tensor
from minigrad.options import contiguous_format, in_order, memory_format


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


def is_set_to(self: Any, tensor: Any) -> bool:
    """Whether the other tensor has the same memory, offset, shape and strides.

    False without elements. TypeError for what is no tensor.
    """
    need_tensor("is_set_to", tensor, "tensor")
    a, b = self.array, tensor.array
    alike = a.shape == b.shape and a.strides == b.strides
    return alike and a.size > 0 and address(a) == address(b)


class UntypedStorage:
    """The memory that a tensor and its views share, as bytes."""

    __slots__ = ("array",)
    kind = "UntypedStorage(device=cpu)"

    def __init__(self, array: Array) -> None:
        self.array = storage(array)[0].view(np.uint8)

    def data_ptr(self) -> int:
        return address(self.array)

    def nbytes(self) -> int:
        return self.array.nbytes

    def __len__(self) -> int:
        return self.array.size

    size = __len__

    def __getitem__(self, i: Any) -> Any:
        return self.array[i].item() if isinstance(i, int) else type(self)(self.array[i])

    def __setitem__(self, i: Any, value: Any) -> None:
        self.array[i] = value

    def __iter__(self) -> Iterator[Any]:
        return iter(self.tolist())

    def tolist(self) -> list[Any]:
        numbers: list[Any] = self.array.tolist()
        return numbers

    def __repr__(self) -> str:
        lines = [f" {number}" for number in self]
        return "\n".join([*lines, f"[minigrad.storage.{self.kind} of size {len(self)}]"])


class TypedStorage(UntypedStorage):
    """The same as numbers of the tensor's dtype: writing to them writes to the tensor."""

    __slots__ = ()

    def __init__(self, array: Array) -> None:
        self.array = storage(array)[0]

    @property
    def dtype(self) -> Any:
        return dtypes.of_numpy(self.array.dtype)

    @property
    def kind(self) -> str:  # type: ignore[override]
        return f"TypedStorage(dtype={self.dtype}, device=cpu)"


def typed_storage(self: Any) -> TypedStorage:
    """The memory that this tensor shares with its base and views, as a vector of numbers."""
    warn_once(
        "TypedStorage is deprecated. It will be removed in the future and UntypedStorage will be "
        "the only storage class. Use tensor.untyped_storage() instead of tensor.storage()."
    )
    return TypedStorage(self.array)


def untyped_storage(self: Any) -> UntypedStorage:
    """The memory that this tensor shares with its base and views: its address and size."""
    return UntypedStorage(self.array)


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
