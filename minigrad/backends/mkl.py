"""Intel's library of linear algebra, which minigrad does not call."""

from __future__ import annotations


def is_available() -> bool:
    """False."""
    return False
