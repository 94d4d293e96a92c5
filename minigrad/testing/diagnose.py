"""What is wrong with a derivative: a learner's rule beside the true one, and beside usual mistakes.

    >>> diagnose("sigmoid", lambda g, x: g * x * (1 - x))
    wrong: the derivative of sigmoid by x
      x      0.4
      ...
    This is what an engine answers that puts the input into `s * (1 - s)`, where the output belongs.

A rule is plain numpy, as in minigrad's own declarations: it takes the cotangent ``g`` and, by their
names, what it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minigrad.testing.explanations import Answer, explanations
from minigrad.testing.question import Array, Question, Rule


@dataclass
class Diagnosis:
    """What `diagnose` found; true if the rule is right.

    right:         whether the rule agreed with the true derivative everywhere.
    what:          of which operator and operand the derivative is.
    answer:        the simplest input at which it did not, with both answers; None where right.
    explanations:  what would make it so, the likeliest first.
    """

    right: bool
    what: str
    answer: Answer | None = None
    explanations: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return self.right

    def __repr__(self) -> str:
        if self.answer is None:
            return f"right: {self.what}"
        told = self.explanations or ["No usual mistake explains it."]
        return "\n".join([f"wrong: {self.what}", *self.answer.lines(), *told])


def diagnose(
    op: Any,
    rule: Rule,
    *,
    operand: int = 0,
    inputs: Sequence[Sequence[Any]] | None = None,
    **settings: Any,
) -> Diagnosis:
    """Compare a rule for a derivative with the true one, and say which usual mistake it is.

    op:        a function of tensors, or its name, such as "exp" or "nn.functional.relu".
    rule:      ``rule(g, ...)`` returns the cotangent of the operand. Its other parameters say what
               it is given: operands (x, or a and b, or the names that op gives them), the result
               (out), a shape (x_shape) or a setting (dim).
    operand:   which operand the rule is for, the first (0) or the second (1).
    inputs:    tuples of arrays to try, in place of random ones, kinks and ties.
    settings:  are passed on to op, such as dim=0.

    Unlike minigrad's own rules, which may answer in the shape of the result, the rule has to sum
    over broadcast axes, and answers in the operand's dtype. Raises TypeError for a rule that is no
    function, or has a parameter without meaning, and ValueError where op takes none of the inputs
    tried, or has no such operand.
    """
    question = Question(named(op), rule, operand, settings, op if isinstance(op, str) else "")
    tried = None if inputs is None else [as_arrays(each) for each in inputs]
    question.check(len(tried[0]) if tried else len(question.names))
    answers = list(question.answers(tried))
    if not answers:
        raise ValueError(
            f"{question.name} takes none of the inputs that were tried{question.refusal}. Give it "
            "the settings that it needs, such as dim=0, or inputs=[(array, ...), ...]"
        )
    wrong = [answer for answer in answers if not answer.right]
    if not wrong:
        return Diagnosis(True, question.title)

    def difficulty(answer: Answer) -> tuple[bool, bool, int]:
        return isinstance(answer.mine, Exception), answer.kind != "smooth", answer.size

    simplest = min(wrong, key=difficulty)
    return Diagnosis(False, question.title, simplest, explanations(answers))


def named(op: Any) -> Callable[..., Any]:
    """A function by its name in minigrad, or in one of the places where torch keeps functions."""
    import minigrad

    if callable(op):
        return op  # type: ignore[no-any-return]
    if not isinstance(op, str):
        raise TypeError(f"op has to be a function of tensors, or its name; got {op!r}")
    for place in (minigrad, minigrad.nn.functional, minigrad.linalg, minigrad.special):
        found: Any = place
        for part in op.split("."):
            found = getattr(found, part, None)
        if callable(found):
            return found  # type: ignore[no-any-return]
    raise ValueError(f"minigrad has no function {op!r}")


def as_arrays(args: Any) -> list[Array]:
    """The operands of one input; an array that stands alone is the only one."""
    return [np.asarray(x) for x in (args if isinstance(args, tuple | list) else [args])]
