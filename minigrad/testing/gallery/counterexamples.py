"""The smallest program that a wrong engine gets wrong, found by search.

Random programs are built from the words of a mistake, run with the engine as it is and with the
mistake in it, and compared in all they leave behind. hypothesis, which is needed for this, shrinks
the first that differs: to fewer lines, smaller tensors and simpler numbers.
"""

from __future__ import annotations

import contextlib
import re
import warnings
from collections.abc import Iterator
from itertools import chain, repeat
from typing import Any

import numpy as np

from minigrad.autograd.backward import grad_of
from minigrad.autograd.value import Value
from minigrad.testing.gallery.mistake import Mistake

VALUES = (0.0, 1.0, 2.0, -1.0, 3.0)
WORDS = ("a * b", "a + b", "a * 2")  # besides those of the mistake
ENDS = ("{}.sum().backward()", "({0} * {0}).sum().backward()")
LIMIT = 2000  # programs, before a search gives up
LENGTH = 6  # lines of a program, but for its leaves


def counterexample(mistake: Mistake, limit: int = LIMIT) -> str | None:
    """A smallest program that the wrong engine gets wrong, or None if none was found.

    The same each time: nothing is drawn at random but from a fixed seed.
    """
    try:
        from hypothesis import HealthCheck, Phase, find, settings
        from hypothesis.errors import NoSuchExample
    except ImportError as error:
        raise ImportError("the search needs hypothesis: pip install hypothesis") from error

    rules = settings(
        max_examples=limit,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    try:
        return str(find(programs(mistake), lambda text: differs(text, mistake), settings=rules))
    except NoSuchExample:
        return None


def differs(program: str, mistake: Mistake) -> bool:
    """Whether the mistake changes anything that the program leaves behind."""
    return bool(differences(program, mistake))


def differences(program: str, mistake: Mistake) -> dict[str, tuple[Any, Any]]:
    """What a program leaves behind, with the right engine and the wrong, where these differ."""
    right = trace(program)
    with mistake.made():
        wrong = trace(program)
    return {
        name: (right.get(name), wrong.get(name))
        for name in dict.fromkeys([*right, *wrong])
        if not alike(right.get(name), wrong.get(name))
    }


def programs(mistake: Mistake) -> Any:
    """A strategy for programs: one or two leaves, then words, deeds and backward passes."""
    from hypothesis import strategies as st

    words = [word for word in mistake.words if word[0] != "!"] + [*WORDS]
    deeds = [word[1:] for word in mistake.words if word[0] == "!"]

    number = st.integers(0, 7)
    step = st.tuples(number, number, number, number)

    def numbers(shape: tuple[int, ...], data: Iterator[float]) -> Any:
        return [numbers(shape[1:], data) for _ in range(shape[0])] if shape else next(data)

    def program(leaves: Any, steps: Any) -> str:
        lines: list[str] = []
        names: list[str] = []  # the latest first
        for name, (shape, values) in zip("xy", leaves, strict=False):
            data = numbers(shape, chain(values, repeat(0.0)))
            lines.append(f"{name} = torch.tensor({data}, requires_grad=True)")
            names.insert(0, name)
        for kind, which, *operands in steps:

            def filled(word: str, operands: list[int] = operands) -> str:
                by_letter = dict(zip("ab", operands, strict=True))
                return re.sub(
                    r"\b[ab]\b", lambda found: names[by_letter[found[0]] % len(names)], word
                )

            if kind < 3:
                lines.append(ENDS[which % len(ENDS)].format(names[0]))
            elif kind % 2 and deeds:
                lines.append(filled(deeds[which % len(deeds)]))
            else:
                name = "uvwpqrst"[len(names)]
                lines.append(f"{name} = {filled(words[which % len(words)])}")
                names.insert(0, name)
        return "\n".join(lines)

    values = st.lists(st.sampled_from(VALUES), max_size=8)
    leaf = st.tuples(st.sampled_from(mistake.shapes), values)
    return st.builds(
        program, st.lists(leaf, min_size=1, max_size=2), st.lists(step, max_size=LENGTH)
    )


def trace(program: str) -> dict[str, Any]:
    """What a program leaves behind, by name; and how it ended."""
    import minigrad

    scope: dict[str, Any] = {"torch": minigrad, "contextlib": contextlib}
    minigrad.manual_seed(0)
    seen: dict[str, Any] = {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(program, scope)
    except Exception as error:
        seen["error"] = type(error).__name__
    for name, value in scope.items():
        if isinstance(value, Value):
            seen[name] = look(value)
            grad = grad_of(value)
            seen[f"{name}.grad"] = None if grad is None else look(grad)
    return seen


def look(value: Value) -> tuple[Any, bool]:
    """The numbers of a tensor as they are now, and whether it requires grad."""
    return value.array.copy(), value.edge is not None


def alike(a: Any, b: Any) -> bool:
    """Whether two such tensors agree, but for rounding; or two errors, or nothing and nothing."""
    if not (isinstance(a, tuple) and isinstance(b, tuple)):
        return bool(a == b) if type(a) is type(b) else False
    (x, x_requires), (y, y_requires) = a, b
    if x_requires != y_requires or x.dtype != y.dtype or x.shape != y.shape:
        return False
    return np.allclose(x, y, rtol=1e-4, atol=1e-6, equal_nan=True)
