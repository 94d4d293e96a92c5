"""Samples for the primitives of ops/striding.py."""

from typing import Any

import numpy as np

from minigrad.ops.striding import Layout
from tests.judge import data


def layouts(first: Any) -> list[tuple[Any, ...]]:
    """Overlapping windows, all of a transposed tensor, and one element."""
    made = [
        (data(7), Layout(data(7), (3, 3), (2, 1), 0)),
        (data(3, 4), Layout(data(3, 4), (2, 5), (1, 2), 1)),
        (data(3), Layout(data(3), (), (), 2)),
    ]
    return [first(x, layout) for x, layout in made]


OF_EXPANDED = Layout(np.broadcast_to(data(4), (3, 4)), (2, 2), (0, 1), 1)
SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "striding._unfold": [(data(5), 0, 3, 1), (data(2, 7), 1, 2, 3), (data(4, 2), 0, 2, 2)],
    "striding.fold": [(data(3, 3), (5,), 0, 3, 1), (data(2, 2, 2), (2, 7), 1, 2, 3)],
    "striding._as_strided": layouts(lambda x, layout: (x, layout)),
    "striding.put_at_layout": [
        *layouts(lambda x, layout: (data(*layout.shape), layout)),
        (data(2, 2), OF_EXPANDED),
    ],
    "striding.take_layout": [*layouts(lambda x, layout: (x, layout)), (data(3, 4), OF_EXPANDED)],
}
