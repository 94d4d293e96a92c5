"""`DataParallel` and `DistributedDataParallel`, where torch has them."""

from minigrad.nn.modules.parallel import DataParallel, DistributedDataParallel

__all__ = ["DataParallel", "DistributedDataParallel"]
