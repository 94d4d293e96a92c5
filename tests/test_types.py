"""The types that lessons annotate with."""

import importlib

import pytest

from tests.judge import judged


@pytest.mark.parametrize("name", ["_size_1_t", "_size_2_t", "_size_any_t", "_ratio_2_t"])
@judged
def test_types_of_layers(t, name):
    return str(getattr(importlib.import_module(f"{t.__name__}.nn.common_types"), name).__args__)


@judged
def test_types_to_annotate_with(t):
    types = importlib.import_module(f"{t.__name__}.types")
    return isinstance(3, types.Number), isinstance(t.ones(1), types.Number), str(types.Number)
