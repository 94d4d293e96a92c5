"""Distances of vectors, row by row or all pairs of the rows of a matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.primitive import primitive
from minigrad.autograd.value import Array
from minigrad.autograd.wide import wide_primitive
from minigrad.ops.distances import _lengths, cdist_rule
from minigrad.ops.embedding import add_rows, taken_rows
from minigrad.ops.norms import _norm, norm_rule

_norm_of_rows = primitive(
    "NormBackward1", _norm, x=lambda g, x, p, out, dims: norm_rule(g, x, p, out, dims)
)


def _pair_norms(x: Array, p: float) -> Any:
    first, second = np.triu_indices(x.shape[0], 1)
    return _lengths(x[first] - x[second], p)


# The numbers of the first rows and of the second ones of all pairs.
pairs = wide_primitive(
    "PairsBackward0", lambda x: np.triu_indices(x.shape[0], 1), outputs=("first", "second")
)


def pairs_rule(g: Any, x: Any, p: float, out: Any) -> Any:
    if p == 0:
        return np.zeros_like(x)
    n, (first, second) = x.shape[0], pairs(x)
    difference = taken_rows(x, first, -1, False) - taken_rows(x, second, -1, False)
    slope = cdist_rule(g, difference, p, out)
    return add_rows(slope, first, n, -1, False) - add_rows(slope, second, n, -1, False)


_pdist = primitive(
    "PdistBackward0",
    _pair_norms,
    x=lambda g, x, p, out: pairs_rule(g, x, p, out),
)
