"""``minigrad.backends``: the libraries that torch may compute with. There is one here, numpy."""

from minigrad.backends import cuda, cudnn, mps

__all__ = ["cuda", "cudnn", "mps"]
