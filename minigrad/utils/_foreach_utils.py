"""What optimizers ask before they use `torch._foreach_add` and its like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minigrad.tensor import Tensor

_foreach_supported_types = [Tensor]


def _group_tensors_by_device_and_dtype(
    tensorlistlist: Sequence[Sequence[Any]], with_indices: bool = False
) -> dict[tuple[Any, Any], tuple[list[list[Any]], list[int]]]:
    """The lists cut into parts, one for each device and dtype in the first list.

    A part has its tensors' places in the lists besides, where they are asked for.
    """
    groups: dict[tuple[Any, Any], tuple[list[list[Any]], list[int]]] = {}
    for i, row in enumerate(zip(*tensorlistlist, strict=True)):
        key = row[0].device, row[0].dtype
        lists, places = groups.setdefault(key, ([[] for _ in row], []))
        for part, x in zip(lists, row, strict=True):
            part.append(x)
        if with_indices:
            places.append(i)
    return groups
