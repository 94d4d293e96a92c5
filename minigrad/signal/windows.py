"""Windows under ``minigrad.signal.windows``: the weights of M samples of a signal.

With ``sym`` they are the same from both ends; without it, those of a period: one sample more, and
the last left out. The options are those of `zeros`. In the formulas, N is M - 1, or M without
``sym``, and n goes from 0 to M - 1. All raise ValueError for a negative M, and for dtypes other
than float32 and float64.

A window is composed of differentiable operators; with ``requires_grad`` it leads back to points
that nobody has, as torch's does.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Unpack

import numpy as np

from minigrad.autograd.value import wrap
from minigrad.creation import arange, linspace, ones
from minigrad.dtypes import dtype as dtype_of
from minigrad.errors import c_name
from minigrad.from_data import tensor
from minigrad.ops.bounds import minimum
from minigrad.ops.elementwise import exp, sqrt
from minigrad.ops.signs import abs
from minigrad.ops.special import i0
from minigrad.ops.trigonometry import cos, sin
from minigrad.options import Options, read, strided

__all__ = [
    "bartlett",
    "blackman",
    "cosine",
    "exponential",
    "gaussian",
    "general_cosine",
    "general_hamming",
    "hamming",
    "hann",
    "kaiser",
    "nuttall",
]
