"""Sums and maxima of rows of a table, bag by bag."""

from __future__ import annotations

import numpy as np

from minigrad.autograd.value import Array
from minigrad.autograd.wide import wide_primitive
from minigrad.ops.indexing import _index, add_at


def _sums(
    table: Array, weights: Array, rows: Array, bags: Array, count: int, shares: Array
) -> Array:
    sums = np.zeros((count, table.shape[1]), table.dtype)
    np.add.at(sums, bags, table[rows] * weights[:, None])
    return sums


# rows: the rows that are taken. bags: for each of them its bag. weights: what each is times.
# shares: what the gradient that comes back to each is times, besides.
_sum_bags = wide_primitive(
    "EmbeddingBagBackward0",
    _sums,
    table=lambda g, weights, rows, bags, shares, table_shape: add_at(
        _index(g, bags) * (weights * shares)[:, None], table_shape, rows
    ),
    weights=lambda g, table, rows, bags: np.sum(_index(g, bags) * _index(table, rows), 1),
)

# rows: for each bag and column the row that is largest there. found: 0 for bags without rows.
_max_bags = wide_primitive(
    "EmbeddingBagBackward0",
    lambda table, rows, columns, found: np.where(found != 0, table[rows, columns], 0.0),
    table=lambda g, rows, columns, found, table_shape: add_at(
        np.where(found != 0, g, 0.0), table_shape, rows, columns
    ),
)


def largest_rows(table: Array, rows: Array, bags: Array, count: int) -> tuple[Array, Array]:
    """For each of ``count`` bags and each column the first largest row; and where there is one."""
    width = table.shape[1]
    largest = np.zeros((count, width), np.intp)
    found = np.zeros((count, 1), table.dtype)
    for bag in np.unique(bags):
        mine = rows[bags == bag]
        largest[bag] = mine[table[mine].argmax(0)]
        found[bag] = 1
    return largest, found
