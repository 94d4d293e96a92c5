"""Tools around training; so far, checkpointing."""

from minigrad.utils import checkpoint

__all__ = ["checkpoint"]
