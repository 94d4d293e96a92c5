"""torch's numbers for the reductions of losses, for losses of one's own."""

from __future__ import annotations

from typing import Any

from minigrad.nn.functional.checks import reduction_of

NUMBERS = {"none": 0, "mean": 1, "sum": 2}


def get_enum(reduction: str) -> int:
    """0 for "none", 1 for "mean", 2 for "sum"; ValueError for others."""
    return NUMBERS[reduction_of(reduction)]


def legacy_get_string(size_average: Any, reduce: Any, emit_warning: bool = True) -> str:
    """The reduction that the two older arguments of a loss ask for, "mean" where both are None."""
    if size_average is None and reduce is None:
        size_average = True
    return reduction_of("mean", size_average, reduce, warns=emit_warning)


def legacy_get_enum(size_average: Any, reduce: Any, emit_warning: bool = True) -> int:
    """The number of what `legacy_get_string` gives."""
    return get_enum(legacy_get_string(size_average, reduce, emit_warning))
