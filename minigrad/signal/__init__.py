"""``minigrad.signal``: what torch.signal has, which is windows."""

from minigrad.signal import windows

__all__ = ["windows"]
