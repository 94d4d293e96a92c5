"""Random functions and random programs, as text that runs: what the strategies draw.

An `Expression` is a function for `assert_gradients_agree`, with the arrays to call it with. A
`Program` is a list of statements in torch's API, with views and writes in place, that libraries
with torch's names must run alike. Both print as Python that can be pasted and run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from minigrad.testing.engines import Array

__all__ = ["Expression", "Outcome", "Program", "assert_programs_agree"]

TOLERANCE = 2.0**-40  # of float64, relative to the largest element


def literal(x: Array) -> str:
    if x.size:
        return repr(x.tolist())
    return f"np.zeros({x.shape})"


@dataclass(repr=False)
class Expression:
    """A function ``f(xp, *arrays)`` of several statements and one or several outputs.

    It is a DAG: values are used again, and parts of them; what is not used is returned.
    """

    arrays: dict[str, Array] = field(default_factory=dict)
    lines: list[tuple[str, str]] = field(default_factory=list)  # (name, expression)
    outputs: list[str] = field(default_factory=list)

    @property
    def source(self) -> str:
        """The function as Python."""
        head = f"def f({', '.join(['xp', *self.arrays])}):"
        body = [f"    {name} = {text}" for name, text in self.lines]
        return "\n".join([head, *body, f"    return {', '.join(self.outputs)}"])

    def __call__(self, xp: Any, *xs: Any) -> Any:
        names: dict[str, Any] = dict(zip(["xp", *self.arrays], [xp, *xs], strict=True))
        for name, text in self.lines:
            names[name] = eval(text, {}, names)
        outputs = tuple([names[name] for name in self.outputs])
        return outputs[0] if len(outputs) == 1 else outputs

    def __repr__(self) -> str:
        arrays = [f"np.array({literal(x)}, np.{x.dtype})" for x in self.arrays.values()]
        return "\n".join(
            [
                "",
                "import numpy as np",
                "from minigrad.testing import assert_gradients_agree",
                self.source,
                f"assert_gradients_agree(f, {', '.join(arrays)})",
                "",
            ]
        )

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))


class Outcome(NamedTuple):
    """What came of a program: of each tensor its value and its version, the leaves' gradients;
    and the type of the exception that ended it, if one did."""

    values: dict[str, Array]
    versions: dict[str, int]
    gradients: dict[str, Array]
    raised: str


@dataclass(repr=False)
class Program:
    """Leaves and statements in torch's API; ``T`` in them is the library."""

    leaves: dict[str, Array] = field(default_factory=dict)
    statements: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)

    def run(self, T: Any) -> Outcome:
        """Run it with a library, and differentiate the sum of its outputs' squares."""
        names: dict[str, Any] = {"T": T}
        gradients: dict[str, Array] = {}
        raised = ""
        try:
            exec(self.source, names)
            for name in self.leaves:
                if names[name].grad is not None:
                    gradients[name] = names[name].grad.numpy().copy()
        except Exception as error:
            raised = type(error).__name__
        tensors = {k: x for k, x in names.items() if k[0] in "av" and hasattr(x, "_version")}
        values = {name: x.detach().numpy().copy() for name, x in tensors.items()}
        versions = {name: x._version for name, x in tensors.items()}
        return Outcome(values, versions, gradients, raised)

    @property
    def source(self) -> str:
        """The statements, from the leaves to the backward pass."""
        leaves = [
            f"{name} = T.tensor({literal(x)}, dtype=T.{x.dtype}, requires_grad=True)"
            for name, x in self.leaves.items()
        ]
        loss = " + ".join([f"({name} ** 2).sum()" for name in self.outputs])
        return "\n".join([*leaves, *self.statements, f"loss = {loss}", "loss.backward()"])

    def __repr__(self) -> str:
        indented = self.source.replace("\n", "\n        ")
        return "\n".join(
            [
                "",
                "import minigrad, torch",
                "for T in (minigrad, torch):",
                "    try:",
                f"        {indented}",
                f"        print(T.__name__, [{', '.join(f'{x}.grad' for x in self.leaves)}])",
                "    except Exception as error:",
                "        print(T.__name__, type(error), error)",
                "",
            ]
        )

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))


def assert_programs_agree(program: Program, *libraries: Any) -> None:
    """Assert that libraries with torch's names run a program alike: values, versions, gradients,
    or the type of the exception. Raises AssertionError with the program as Python."""
    first, *others = libraries
    ours = program.run(first)
    for library in others:
        theirs = program.run(library)
        found = different(ours, theirs)
        if found:
            names = f"{first.__name__} and {library.__name__}"
            raise AssertionError(f"{names} differ in {found}{program!r}")


def different(a: Outcome, b: Outcome) -> str:
    if a.raised != b.raised:
        return f"what they raise: {a.raised or 'nothing'}, and {b.raised or 'nothing'}"
    if a.versions != b.versions:
        return f"versions: {a.versions}, and {b.versions}"
    for what, ours, theirs in (
        ("the value of", a.values, b.values),
        ("the gradient of", a.gradients, b.gradients),
    ):
        if ours.keys() != theirs.keys():
            return f"{what} {sorted(ours.keys() ^ theirs.keys())}, which only one has"
        for name, x in ours.items():
            if not close(x, theirs[name]):
                return f"{what} {name}: {x.tolist()}, and {theirs[name].tolist()}"
    return ""


def close(x: Array, y: Array) -> bool:
    if x.shape != y.shape or x.dtype != y.dtype:
        return False
    largest = np.abs(y[np.isfinite(y)]).max(initial=0)
    return bool(np.allclose(x, y, rtol=0, atol=TOLERANCE * largest, equal_nan=True))


def names_in(texts: Sequence[str]) -> set[str]:
    """The variables that some lines of Python mention."""
    words = "".join([c if c.isalnum() else " " for text in texts for c in f"{text} "]).split()
    return set(words)
