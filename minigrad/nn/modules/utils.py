"""torch's helpers for sizes that are one number or one for each dimension, and for names."""

from functools import partial
from typing import Any

from minigrad.nn.modules.sizes import repeated

_single, _pair, _triple, _quadruple = [partial(repeated, n=n) for n in (1, 2, 3, 4)]


def consume_prefix_in_state_dict_if_present(state_dict: dict[str, Any], prefix: str) -> None:
    """Take the prefix off the names that begin with it, in place, those of the metadata too."""
    metadata = getattr(state_dict, "_metadata", {})
    for entries in (state_dict, metadata):
        for name in list(entries):
            whole = entries is metadata and f"{name}." == prefix  # the wrapping module itself
            if whole or name.startswith(prefix):
                entries[name[len(prefix) :]] = entries.pop(name)
