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

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from minigrad.testing.explanations import Answer, explanations

Array = np.ndarray[Any, Any]
Rule = Callable[..., Any]

# By which names a rule may ask for the first, the second and the third operand, and the result.
OPERANDS = (("x", "a", "input", "left"), ("b", "y", "other", "right", "weight", "w"), ("c", "bias"))
RESULTS = ("out", "y", "result", "output", "s")
# Shapes to try for one operand, two and three. Those that an operator refuses are left out.
SHAPES: tuple[list[tuple[tuple[int, ...], ...]], ...] = (
    [((),), ((3,),), ((2, 3),), ((3, 3),), ((1, 1, 4, 4),)],
    [
        ((3,), (3,)),
        ((2, 2), (2, 2)),
        ((3, 3), (3, 3)),
        ((2, 3), (3, 2)),
        ((2, 3), (2, 3)),
        ((2, 1), (2, 3)),
        ((2, 3), (1, 3)),
        ((3,), (2, 3)),
        ((2, 3), (3,)),
        ((1, 1, 4, 4), (1, 1, 2, 2)),
    ],
    [((3,), (3,), (3,)), ((2, 2), (2, 2), (2, 2)), ((2, 3), (2, 3), (2,))],
)
DOMAINS = ((-2.0, 2.0), (0.1, 0.9), (0.5, 2.0), (1.1, 3.0))
KINKS = (0.0, 1.0, -1.0, 2.0, 1.0, 0.0)


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
    operand:   which operand the rule is for, the first or the second.
    inputs:    tuples of arrays to try, in place of random ones, kinks and ties.
    settings:  are passed on to op, such as dim=0.

    Unlike minigrad's own rules, which may answer in the shape of the result, the rule has to sum
    over broadcast axes. Raises TypeError for a parameter that has no meaning, and ValueError where
    op takes none of the inputs tried.
    """
    question = Question(named(op), rule, operand, settings)
    answers = list(question.answers(inputs))
    if not answers:
        raise ValueError(
            f"{question.name} takes none of the inputs that were tried. Give it some: "
            "inputs=[(array, ...), ...]"
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

    if not isinstance(op, str):
        return op  # type: ignore[no-any-return]
    for place in (minigrad, minigrad.nn.functional, minigrad.linalg, minigrad.special):
        found: Any = place
        for part in op.split("."):
            found = getattr(found, part, None)
        if callable(found):
            return found  # type: ignore[no-any-return]
    raise ValueError(f"minigrad has no function {op!r}")


@dataclass
class Question:
    """An operator, one of its operands, and somebody's rule for it."""

    op: Callable[..., Any]
    rule: Rule
    operand: int
    settings: dict[str, Any]

    @cached_property
    def name(self) -> str:
        return str(getattr(self.op, "__name__", "the function"))

    @cached_property
    def names(self) -> list[str]:
        """What the operator calls its operands: the parameters that have to be given."""
        parameters = inspect.signature(self.op).parameters.values()
        return [
            p.name
            for p in parameters
            if p.default is p.empty
            and p.name not in self.settings
            and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        ]

    @cached_property
    def wanted(self) -> list[str]:
        """The names of the rule's parameters after the cotangent."""
        return list(inspect.signature(self.rule).parameters)[1:]

    @property
    def title(self) -> str:
        which = "x" if len(self.names) == 1 else OPERANDS[self.operand][1 - (self.operand > 0)]
        settings = "".join(f", {name}={value!r}" for name, value in self.settings.items())
        return f"the derivative of {self.name} by {which}{settings}"

    def answers(self, inputs: Any) -> Iterator[Answer]:
        """The rule's answers beside the true ones, at the inputs that the operator takes."""
        if inputs is not None:
            for args in inputs:
                yield self.answer([np.asarray(x) for x in args], "smooth")
            return
        draw = np.random.RandomState(0)
        for shapes in SHAPES[len(self.names) - 1]:
            if self.settings and () in shapes:
                continue  # numpy has no dimension 0 of a number, and torch has
            for low, high in DOMAINS:
                args = [np.round(draw.uniform(low, high, shape), 2) for shape in shapes]
                found = self.attempt([x + 0.005 * (i + 1) for i, x in enumerate(args)], "smooth")
                if found is not None:
                    yield found
                    low_precision = [x.astype(np.float32) for x in found.args]
                    yield self.answer(low_precision, "float32")
                    break
            for shift in range(3):
                args = [
                    np.resize(np.roll(KINKS, -shift * (i + 1)), s) for i, s in enumerate(shapes)
                ]
                found = self.attempt(args, "kink")
                if found is not None:
                    yield found

    def attempt(self, args: list[Array], kind: str) -> Answer | None:
        """The answer at some input, or None where there is none or it is not finite."""
        try:
            found = self.answer(args, kind)
        except (RuntimeError, TypeError, ValueError, IndexError) as error:
            if isinstance(error, UnknownName):
                raise
            return None
        finite = np.isfinite(found.out).all() and np.isfinite(found.true).all()
        return found if finite else None

    def answer(self, args: list[Array], kind: str) -> Answer:
        out = self.forward(args)[1].detach().numpy()
        if len(args) == 1 and out.size == 0:
            raise ValueError("nothing to differentiate")
        draw = np.random.RandomState(1)
        g = np.round(draw.uniform(0.5, 2.0, out.shape), 1) * draw.choice([1.0, -1.0], out.shape)
        return Answer(self, args, np.asarray(g, out.dtype), out, kind)

    def forward(self, args: list[Array]) -> tuple[list[Any], Any]:
        """The operands as tensors, and the operator's first result."""
        import minigrad

        xs = [minigrad.tensor(x, requires_grad=x.dtype.kind == "f") for x in args]
        out = self.op(*xs, **self.settings)
        return xs, out[0] if isinstance(out, tuple) else out

    def gradient(self, args: list[Array], g: Array, operand: int | None = None) -> Array:
        """The true cotangent of an operand; or, under a mistake, what such an engine answers."""
        import minigrad

        xs, out = self.forward(args)
        x = xs[self.operand if operand is None else operand]
        if not out.requires_grad:
            return np.zeros_like(x.detach().numpy())
        (found,) = minigrad.autograd.grad(out, [x], minigrad.tensor(g), materialize_grads=True)
        return found.numpy()  # type: ignore[no-any-return]

    def ask(self, args: list[Array], g: Array, out: Array) -> Any:
        """What the rule answers: an array, or the exception that it raises."""
        values = [self.value(name, args, out) for name in self.wanted]
        try:
            with np.errstate(all="ignore"):
                return np.asarray(self.rule(g, *values))
        except Exception as error:
            return error

    def value(self, name: str, args: list[Array], out: Array) -> Any:
        """What a rule gets for a parameter of this name."""
        if name in self.settings:
            return self.settings[name]
        if name.endswith("_shape"):
            return self.value(name.removesuffix("_shape"), args, out).shape
        if name in self.names:
            return args[self.names.index(name)]
        for i, names in enumerate(OPERANDS[: len(args)]):
            if name in names:
                return args[i]
        if name in RESULTS:
            return out
        known = [n for names in OPERANDS[: len(args)] for n in names]
        raise UnknownName(
            f"the rule takes {name!r}, and nothing goes by that name. Operands are called "
            f"{', '.join(known)}, the result out, shapes x_shape; and there are the settings "
            f"that are given to diagnose()."
        )


class UnknownName(TypeError):
    """A parameter of a rule that has no meaning."""
