"""``minigrad.backends``: the libraries that torch may compute with. There is one here, numpy."""

from minigrad.backends import cuda, cudnn, mkl, mkldnn, mps, openmp

__all__ = ["cuda", "cudnn", "mkl", "mkldnn", "mps", "openmp"]
