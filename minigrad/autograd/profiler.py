"""The older names of `minigrad.profiler`, which measures nothing."""

from __future__ import annotations

from typing import Any

from minigrad import profiler
from minigrad.profiler import record_function

__all__ = ["profile", "record_function"]


class profile(profiler.profile):
    """A context in which the program runs as always."""

    def __init__(self, enabled: bool = True, **settings: Any) -> None:
        super().__init__()

    total_average = table = profiler.profile._nothing
