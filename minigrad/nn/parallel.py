"""`DataParallel`, where torch has it."""

from minigrad.nn.modules.parallel import DataParallel

__all__ = ["DataParallel"]
