"""A rule for a derivative as a question: what it answers at which inputs, and what is true."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from minigrad.testing.explanations import Answer

Array = np.ndarray[Any, Any]
Rule = Callable[..., Any]

# By which names a rule may ask for the first, the second and the third operand, and the result.
OPERANDS = (("x", "a", "input", "left"), ("b", "y", "other", "right", "weight", "w"), ("c", "bias"))
RESULTS = ("out", "y", "result", "output", "s")
# Shapes to try for one operand, two and three. Those that an operator refuses are left out.
SHAPES: tuple[list[tuple[tuple[int, ...], ...]], ...] = (
    [((),), ((3,),), ((2, 3),), ((3, 3),), ((2, 2, 2),), ((1, 1, 4, 4),)],
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
NEEDED = inspect.Parameter.empty
KINKS = (0.0, 1.0, -1.0, 2.0, 1.0, 0.0)


@dataclass
class Question:
    """An operator, one of its operands, and somebody's rule for it.

    refusal: why the operator did not take what was tried first.
    """

    op: Callable[..., Any]
    rule: Rule
    operand: int
    settings: dict[str, Any]
    called: str
    refusal: str = ""

    @cached_property
    def name(self) -> str:
        return self.called or str(getattr(self.op, "__name__", type(self.op).__name__))

    @cached_property
    def names(self) -> list[str]:
        """What the operator calls its operands: the parameters that have to be given."""
        parameters = inspect.signature(self.op).parameters.values()
        found = [
            p.name
            for p in parameters
            if p.default is p.empty
            and p.name not in self.settings
            and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        ]
        return found or ["input"]  # of a layer, say, whose call takes anything

    @cached_property
    def wanted(self) -> list[inspect.Parameter]:
        """The rule's parameters after the cotangent."""
        parameters = list(inspect.signature(self.rule).parameters.values())
        return [p for p in parameters[1:] if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]

    def check(self, count: int) -> None:
        """Refuse a rule that is none, and an operand that an operator of ``count`` has not."""
        if not callable(self.rule):
            raise TypeError(f"the rule has to be a function of the cotangent; got {self.rule!r}")
        if not inspect.signature(self.rule).parameters:
            raise TypeError("the rule takes nothing; its first parameter is the cotangent g")
        if self.operand not in range(count):
            last = count - 1
            raise ValueError(f"{self.name} has operands 0 to {last}; got operand={self.operand!r}")

    @property
    def title(self) -> str:
        which = "x" if len(self.names) == 1 else "abcdefgh"[self.operand]
        settings = "".join(f", {name}={value!r}" for name, value in self.settings.items())
        return f"the derivative of {self.name} by {which}{settings}"

    def answers(self, inputs: Any) -> Iterator[Answer]:
        """The rule's answers beside the true ones, at the inputs that the operator takes."""
        if inputs is not None:
            for args in inputs:
                if args[self.operand].dtype.kind != "f":
                    raise ValueError(
                        f"operand {self.operand} has to be floats, to have a derivative"
                    )
                yield self.answer(args, "smooth")
            return
        draw = np.random.RandomState(0)
        for shapes in SHAPES[len(self.names) - 1] if len(self.names) <= len(SHAPES) else ():
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
            self.refusal = (
                self.refusal or f" ({type(error).__name__}: {str(error).splitlines()[0]})"
            )
            return None
        finite = np.isfinite(found.out).all() and np.isfinite(found.true).all()
        return found if finite else None

    def answer(self, args: list[Array], kind: str) -> Answer:
        out = self.forward(args)[1].detach().numpy()
        if out.dtype.kind != "f":
            raise ValueError(f"its result is {out.dtype}, and has no derivative")
        draw = np.random.RandomState(1)
        g = np.round(draw.uniform(0.5, 2.0, out.shape), 1) * draw.choice([1.0, -1.0], out.shape)
        return Answer(self, args, np.asarray(g, out.dtype), out, kind)

    def forward(self, args: list[Array]) -> tuple[list[Any], Any]:
        """The operands as tensors, and the operator's first result."""
        import minigrad

        xs = [minigrad.tensor(x, requires_grad=x.dtype.kind == "f") for x in args]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of shapes that one would rarely mean
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
        values = {p.name: self.value(p.name, args, out, p.default) for p in self.wanted}
        try:
            with np.errstate(all="ignore"):
                found = self.rule(g, **values)
                array = np.asarray(found)
            if array.dtype.kind not in "fiub":
                raise TypeError(f"the rule has to return an array; it returned {found!r}")
        except Exception as error:
            return error
        return array

    def value(self, name: str, args: list[Array], out: Array, default: Any = NEEDED) -> Any:
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
        if default is not NEEDED:
            return default
        known = [n for names in OPERANDS[: len(args)] for n in names]
        raise UnknownName(
            f"the rule takes {name!r}, and nothing goes by that name. Operands are called "
            f"{', '.join(known)}, the result out, shapes x_shape; and there are the settings "
            f"that are given to diagnose()."
        )


class UnknownName(TypeError):
    """A parameter of a rule that has no meaning."""
