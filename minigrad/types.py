"""Types to annotate with, where torch has them."""

import os
from typing import IO, TypeAlias

from minigrad.devices import device
from minigrad.size import Size
from minigrad.tensor import Tensor

__all__ = ["Device", "FileLike", "Number", "Size", "Tensor"]

Number: TypeAlias = int | float | bool
Device: TypeAlias = device | str | int | None
FileLike: TypeAlias = str | os.PathLike[str] | IO[bytes]
_size: TypeAlias = Size | list[int] | tuple[int, ...]
