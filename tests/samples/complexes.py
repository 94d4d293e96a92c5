"""Samples for the primitives of ops/complexes.py."""

from typing import Any

from tests.samples.made import singles

SAMPLES: dict[str, list[tuple[Any, ...]]] = {"complexes._angle": singles()}
