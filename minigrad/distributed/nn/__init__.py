"""What `minigrad.distributed` does, as operations that gradients go through."""

from minigrad.distributed.nn import functional
from minigrad.distributed.nn.functional import all_gather, all_reduce, broadcast, gather, reduce

__all__ = ["all_gather", "all_reduce", "broadcast", "functional", "gather", "reduce"]
