"""Lines of the user's program, for errors that point: who saved, who wrote, who went backward.

They are kept only while anomaly detection is on, since a look at the call stack for every node and
every write would cost a training step of small tensors some 6 %. Kept is the code object and the
offset in it; which line that is, is worked out when an error is raised.
"""

from __future__ import annotations

import linecache
import sys
from types import CodeType
from typing import Any

from minigrad.errors import outside

# Not empty while anomaly detection is on.
keeping: list[None] = []


class Place:
    """A line of a program, that ran."""

    __slots__ = ("code", "offset")

    def __init__(self, code: CodeType, offset: int) -> None:
        self.code, self.offset = code, offset

    def __str__(self) -> str:
        """As a traceback shows it: file, line, function, and what is written there."""
        file = self.code.co_filename
        positions = list(self.code.co_positions())
        number = positions[self.offset // 2][0] or self.code.co_firstlineno
        text = linecache.getline(file, number).strip()
        shown = f'  File "{file}", line {number}, in {self.code.co_name}'
        return f"{shown}\n    {text}" if text else shown


def here() -> Place:
    """The innermost line outside of minigrad that is now running."""
    frame, _ = outside(sys._getframe(1))
    return Place(frame.f_code, frame.f_lasti)


def note_write(version: Any) -> None:
    """Keep, behind the count of writes, where the last one was; see Value's ``version``."""
    if type(version) is list:
        version[1:] = [here()]
