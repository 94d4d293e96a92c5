"""DLPack under its older names; `minigrad.from_dlpack` takes what other libraries hold."""

from __future__ import annotations

from typing import Any

from minigrad.from_data import from_dlpack
from minigrad.ops.arguments import need_tensor

__all__ = ["from_dlpack", "to_dlpack"]


def to_dlpack(tensor: Any) -> Any:
    """A capsule of the tensor's memory, that another library takes once."""
    need_tensor("to_dlpack", tensor)
    return tensor.detach().__dlpack__()
