"""Tools around training: data sets and batches, and checkpointing."""

import importlib
from typing import Any

from minigrad.utils import checkpoint, data, dlpack

__all__ = ["checkpoint", "data", "dlpack"]


def __getattr__(name: str) -> Any:
    if name in (
        "_pytree",
        "benchmark",
        "hooks",
        "model_zoo",
        "tensorboard",
    ):  # which few programs use
        return importlib.import_module(f"minigrad.utils.{name}")
    raise AttributeError(f"module 'minigrad.utils' has no attribute '{name}'")
