"""Tools around training: data sets and batches, and checkpointing."""

from minigrad.utils import checkpoint, data, dlpack

__all__ = ["checkpoint", "data", "dlpack"]
