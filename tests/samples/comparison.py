"""Samples for the primitives of ops/comparison.py."""

from typing import Any

from tests.samples.made import pairs, singles

SAMPLES: dict[str, list[tuple[Any, ...]]] = {
    **{f"comparison._{name}": pairs() for name in ("eq", "ne", "lt", "le", "gt", "ge")},
    **{f"comparison._logical_{name}": pairs() for name in ("and", "or", "xor")},
    "comparison._logical_not": singles(),
}
