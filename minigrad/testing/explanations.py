"""Which usual mistake a wrong derivative is: general ones, and those of the gallery."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np

from minigrad.testing.gallery import THEMES
from minigrad.testing.usual import close, factor, safely, usual, where

Array = np.ndarray[Any, Any]


@dataclass
class Answer:
    """A rule's answer at one input, and all that it may be compared with.

    kind:  "smooth"; or "kink", where elements are 0, small integers or equal; or "float32".
    """

    question: Any
    args: list[Array]
    g: Array
    out: Array
    kind: str

    @property
    def x(self) -> Array:
        operand: Array = self.args[self.question.operand]
        return operand

    @property
    def size(self) -> int:
        return self.out.size + sum(x.size for x in self.args)

    @cached_property
    def true(self) -> Array:
        return self.gradient(self.g)

    @cached_property
    def mine(self) -> Any:
        """The rule's answer; or the exception that it raised."""
        return self.question.ask(self.args, self.g, self.out)

    @property
    def right(self) -> bool:
        return self.equals(self.true) and self.mine.dtype == self.true.dtype

    def equals(self, other: Any) -> bool:
        """Whether the rule's answer is this, in shape and numbers."""
        return close(self.mine, other)

    def gradient(self, g: Array, operand: int | None = None) -> Array:
        found: Array = self.question.gradient(self.args, g, operand)
        return found

    def asked(self, args: list[Array] | None = None, out: Array | None = None) -> Any:
        """What the rule answers if it is given other operands or another result."""
        args = self.args if args is None else args
        return self.question.ask(args, self.g, self.out if out is None else out)

    @cached_property
    def jacobian(self) -> Array:
        """d out[i] / d x[j], of flat indices."""
        rows = []
        for place in product(*map(range, self.out.shape)):
            unit = np.zeros_like(self.out)
            unit[place] = 1
            rows.append(self.gradient(unit).reshape(-1))
        return np.stack(rows) if rows else np.zeros((0, self.x.size))

    def lines(self) -> Iterator[str]:
        """The input, both answers, and where they differ."""
        names = "xyz" if len(self.args) == 1 else "abc"
        for name, x in zip(names, self.args, strict=False):
            yield f"  {name:6} {text(x)}"
        yield f"  g      {text(self.g)}"
        if isinstance(self.mine, Exception):
            yield f"  yours  {type(self.mine).__name__}: {self.mine}"
        else:
            yield f"  yours  {text(self.mine)}"
        yield f"  true   {text(self.true)}"
        mine = self.mine
        if not isinstance(mine, Exception) and mine.shape != self.true.shape:
            yield f"  yours has shape {mine.shape}, the true one {self.true.shape}"
        elif not isinstance(mine, Exception) and mine.dtype != self.true.dtype:
            yield f"  yours is {mine.dtype}, the true one {self.true.dtype}"


def text(x: Array) -> str:
    return np.array2string(x, precision=4, separator=", ").replace("\n", "\n" + " " * 9)


def explanations(answers: list[Answer]) -> list[str]:
    """What explains the answers, the likeliest first."""
    answers = comparable(answers)
    if not answers:
        return ["It raises an error at every input."]
    smooth = [a for a in answers if a.kind == "smooth"]
    wrong = [a for a in smooth if not a.equals(a.true)]
    kinks = [a for a in answers if a.kind == "kink" and not a.equals(a.true)]
    found = [*gallery(answers)]
    if wrong:
        found += usual(smooth, wrong)
        return found or [*factor(wrong)] or [*where(smooth, wrong)]
    if kinks and not any(np.isfinite(a.mine).all() for a in kinks):
        found.append(
            "It is right where the function is smooth. Elsewhere it is NaN or infinite, and has to "
            "be a number: torch has one for each of these."
        )
    elif kinks:
        found.append("It is right where the function is smooth, and wrong at a kink or a tie.")
    elif any(not a.right for a in answers):
        found.append("The numbers are right. The dtype is not: it has to be the operand's.")
    else:
        found.append("It is right where it answers, and raises an error at other shapes.")
    return found


def comparable(answers: list[Answer]) -> list[Answer]:
    """Those to be explained: no errors, and where there are two mistakes, broadcasting apart."""
    answers = [a for a in answers if not isinstance(a.mine, Exception)]
    fitting = [a for a in answers if a.mine.shape == a.x.shape or a.mine.shape != a.out.shape]
    return fitting if any(not a.equals(a.true) for a in fitting) else answers


def gallery(answers: list[Answer]) -> Iterator[str]:
    """The wrong engines that answer as the rule does, at all inputs."""
    answers = [a for a in answers if a.kind != "float32"]
    for theme in THEMES.values():
        for mistake in theme:
            with mistake.made():
                same = bool(answers) and all(safely(answers_alike, a) for a in answers)
            if same and not all(a.equals(a.true) for a in answers):
                yield f"This is what an engine answers that {mistake.what} ({mistake.name})."


def answers_alike(answer: Answer) -> bool:
    try:
        return answer.equals(answer.gradient(answer.g))
    except RuntimeError:  # such an engine sees the wrong shape, and raises
        return bool(answer.mine.shape != answer.true.shape)
