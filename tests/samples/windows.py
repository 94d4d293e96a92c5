"""Samples for the primitives of ops/windows.py."""

from typing import Any

from minigrad.ops.windows import Grid
from tests.judge import data

PLAIN = Grid((3, 4), (2, 3), (2, 2), (1, 1), (0, 0), (1, 1))
SPARSE = Grid((4, 5), (2, 2), (2, 1), (3, 1), (1, 2), (2, 4))

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    "windows._im2col": [
        (data(2, 3, 3, 4), PLAIN),
        (data(2, 4, 5), SPARSE),
        (data(0, 1, 3, 4), PLAIN),
    ],
    "windows._col2im": [(data(2, 12, 6), PLAIN), (data(4, 4), SPARSE), (data(0, 4, 6), PLAIN)],
}
