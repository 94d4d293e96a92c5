"""Which usual mistake a wrong derivative is: general ones, and those of the gallery."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np

from minigrad.autograd.backward import copied_axes
from minigrad.testing.gallery import THEMES

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


def close(a: Any, b: Any) -> bool:
    """Whether two arrays are equal but for rounding, in shape too."""
    if isinstance(a, Exception) or isinstance(b, Exception) or a.shape != b.shape:
        return False
    single = np.float32 in (a.dtype, b.dtype)
    rtol, atol = (1e-4, 1e-5) if single else (1e-8, 1e-9)
    return np.allclose(a, b, rtol, atol, equal_nan=True)


Holds = Callable[[Answer], bool]


def explanations(answers: list[Answer]) -> list[str]:
    """What explains the answers, the likeliest first."""
    answers = comparable(answers)
    smooth = [a for a in answers if a.kind == "smooth"]
    wrong = [a for a in smooth if not a.equals(a.true)]
    found = [*gallery(answers)]
    if wrong:
        found += [told for told, holds in MISTAKES if all(safely(holds, a) for a in smooth)]
        found += factor(wrong) if not found else []
    elif any(not a.equals(a.true) for a in answers if a.kind == "kink"):
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


def safely(holds: Holds, answer: Answer) -> bool:
    try:
        with np.errstate(all="ignore"):
            return holds(answer)
    except (RuntimeError, TypeError, ValueError, IndexError):
        return False


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


def unsummed(a: Answer) -> bool:
    if a.mine.shape != a.out.shape or a.out.shape == a.x.shape:
        return a.equals(a.true) and a.out.shape == a.x.shape
    summed = a.mine.sum(axis=copied_axes(a.out.shape, a.x.shape), keepdims=True)
    return close(summed.reshape(a.x.shape), a.true)


def by_other_operand(a: Answer) -> bool:
    return len(a.args) > 1 and a.equals(a.gradient(a.g, 1 - a.question.operand))


def exchanged(a: Answer) -> bool:
    return len(a.args) == 2 and close(a.asked(args=a.args[::-1]), a.true)


def untransposed(a: Answer) -> bool:
    flipped = [x.T for x in a.args]
    return a.x.ndim == 2 and close(a.asked(args=flipped), a.true)


def square(a: Answer) -> bool:
    rows, columns = a.jacobian.shape
    return bool(rows == columns)


def shaped(a: Answer, flat: Array) -> bool:
    return a.equals(flat.reshape(a.x.shape))


def times(a: Answer) -> float:
    """How many elements of the input go into one of the output."""
    return a.x.size / a.out.size


def not_zeroed(a: Answer) -> bool:
    kept = a.true != 0
    same = a.mine.shape == a.true.shape and close(a.mine[kept], a.true[kept])
    return bool(same and (kept.all() or not kept.any() or (a.mine[~kept] != 0).any()))


# What goes wrong, and whether the rule's answer at one input is what it makes. A mistake explains
# a rule if it does so at all inputs at once.
MISTAKES: tuple[tuple[str, Holds], ...] = (
    (
        "It is not summed over the axes along which the operand was broadcast.",
        unsummed,
    ),
    ("The sign is wrong.", lambda a: a.equals(-a.true)),
    (
        "The cotangent g is missing: the answer is right for g = 1 alone.",
        lambda a: a.equals(a.gradient(np.ones_like(a.g))),
    ),
    (
        "The sign is wrong, and the cotangent g is missing.",
        lambda a: a.equals(-a.gradient(np.ones_like(a.g))),
    ),
    (
        "The cotangent g is in it twice.",
        lambda a: a.equals(a.gradient(a.g * a.g)) or a.equals(a.g * a.true),
    ),
    (
        "The factor 1/N is missing, with N the number of elements that go into one.",
        lambda a: a.equals(a.true * times(a)),
    ),
    (
        "There is a factor 1/N too many, with N the number of elements that go into one.",
        lambda a: a.equals(a.true / times(a)),
    ),
    (
        "It has the input where the output belongs: ask for out, in place of x.",
        lambda a: close(a.asked(args=[a.out] * len(a.args)), a.true),
    ),
    (
        "It has the output where the input belongs: ask for x, in place of out.",
        lambda a: close(a.asked(out=a.x), a.true),
    ),
    ("It is the derivative by the other operand.", by_other_operand),
    ("The two operands are exchanged.", exchanged),
    ("A transpose is missing, or one is too many, of an operand.", untransposed),
    ("The answer is transposed.", lambda a: close(a.mine.T, a.true)),
    (
        "It takes the function for one that acts on each element alone: it is the diagonal of the "
        "Jacobian, and what one element does to the others is missing.",
        lambda a: square(a) and shaped(a, a.g.reshape(-1) * np.diag(a.jacobian)),
    ),
    (
        "It multiplies g by the Jacobian, and not by its transpose.",
        lambda a: square(a) and shaped(a, a.jacobian @ a.g.reshape(-1)),
    ),
    (
        "It divides by the derivative where it should multiply.",
        lambda a: a.equals(a.g * a.g / a.true),
    ),
    ("It multiplies g by the function itself.", lambda a: a.equals(a.g * a.out)),
    ("It hands g on as it is.", lambda a: a.equals(a.g)),
    ("It is 0 everywhere.", lambda a: a.equals(np.zeros_like(a.true))),
    ("It is not 0 where it has to be: part of it has to be masked.", not_zeroed),
    (
        "The numbers are right, and their shape is not that of the operand.",
        lambda a: a.mine.size == a.true.size and close(a.mine.reshape(a.true.shape), a.true),
    ),
)


def factor(wrong: list[Answer]) -> list[str]:
    """Whether the answers are a constant times the true ones, and which constant."""
    ratios = []
    for a in wrong:
        if a.mine.shape != a.true.shape:
            return []
        nonzero = a.true != 0
        ratios += list((a.mine[nonzero] / a.true[nonzero]).reshape(-1))
    if not ratios or not np.allclose(ratios, ratios[0], rtol=1e-8):
        return []
    return [f"It is the true one times {ratios[0]:.6g}."]
