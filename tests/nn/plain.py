"""What the tests of layers compare: names and numbers, and not how a tensor came to be."""

from typing import Any


def plain(x: Any) -> Any:
    """The tensors in a list or a dictionary as arrays."""
    if isinstance(x, dict):
        return {name: plain(each) for name, each in x.items()}
    if isinstance(x, list | tuple):
        return [plain(each) for each in x]
    return x.detach().numpy().copy() if hasattr(x, "detach") else x
