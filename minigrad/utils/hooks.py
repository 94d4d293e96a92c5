"""The handle of a hook, where torch has it."""

from minigrad.autograd.hooks import RemovableHandle

__all__ = ["RemovableHandle"]
