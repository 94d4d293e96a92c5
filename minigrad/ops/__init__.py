"""The operators; and, as in ``torch.ops``, the namespaces of those that `library` has defined."""

import sys
from typing import Any


def __getattr__(name: str) -> Any:
    library = sys.modules.get("minigrad.library")  # which has defined nothing if it is not there
    if library is None or name.startswith("__"):
        raise AttributeError(f"module 'minigrad.ops' has no attribute '{name}'")
    return library.namespace(name)
