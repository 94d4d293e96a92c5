"""OpenMP, whose threads minigrad does not start."""

from __future__ import annotations


def is_available() -> bool:
    """False."""
    return False
