"""Rows of a table by their numbers, and the sum of what comes back to each of them."""

from __future__ import annotations

import numpy as np

from minigrad.autograd.primitive import Operator
from minigrad.autograd.value import Array
from minigrad.autograd.wide import wide_primitive


def _rows(table: Array, indices: Array, padding: int, by_frequency: bool) -> Array:
    return np.take(table, indices, 0)


def _add_rows(rows: Array, indices: Array, size: int, padding: int, by_frequency: bool) -> Array:
    flat, width = indices.reshape(-1), rows.shape[indices.ndim :]
    rows = rows.reshape(flat.size, *width)
    table = np.zeros((size, *width), rows.dtype)
    if flat.size:
        order = np.argsort(flat, kind="stable")
        sorted_indices = flat[order]
        starts = np.flatnonzero(np.diff(sorted_indices, prepend=-1))
        sums = np.add.reduceat(rows[order], starts, axis=0)
        if by_frequency:
            times = np.diff(starts, append=flat.size).reshape(-1, *(1,) * len(width))
            sums /= times.astype(sums.dtype)
        table[sorted_indices[starts]] = sums
    if padding >= 0:
        table[padding] = 0
    return table


def _taken_rows(table: Array, indices: Array, padding: int, by_frequency: bool) -> Array:
    """The transpose of `_add_rows`."""
    rows: Array = np.take(table, indices, 0)
    if by_frequency:
        times = np.bincount(indices.reshape(-1), minlength=1)[indices].astype(rows.dtype)
        rows /= times.reshape(*times.shape, *(1,) * (rows.ndim - times.ndim))
    if padding >= 0:
        rows[indices == padding] = 0
    return rows


# padding: the number of the row that gets no gradient; -1 for none. by_frequency: whether the
# gradient of a row is divided by how often it was taken.
_embedding = wide_primitive(
    "EmbeddingBackward0",
    _rows,
    table=lambda g, indices, table_shape, padding, by_frequency: add_rows(
        g, indices, table_shape[0], padding, by_frequency
    ),
    indices=None,
)
add_rows: Operator = wide_primitive(
    "EmbeddingDenseBackwardBackward0",
    _add_rows,
    rows=lambda g, indices, padding, by_frequency: taken_rows(g, indices, padding, by_frequency),
    indices=None,
)
taken_rows: Operator = wide_primitive(
    "EmbeddingTakenBackward0",
    _taken_rows,
    table=lambda g, indices, table_shape, padding, by_frequency: add_rows(
        g, indices, table_shape[0], padding, by_frequency
    ),
    indices=None,
)
