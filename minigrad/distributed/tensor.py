"""``torch.distributed.tensor``: the class that programs ask about, without instances."""

from __future__ import annotations

from typing import Any

from minigrad.tensor import Tensor

__all__ = ["DTensor"]


class DTensor(Tensor):
    """A tensor of which each process has a part. Here no tensor is one.

    Raises NotImplementedError: there is one process.
    """

    def __new__(cls, *args: Any, **settings: Any) -> DTensor:
        raise NotImplementedError("distributed.tensor.DTensor: there is one process here.")
