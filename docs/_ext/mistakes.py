"""A section for each wrong engine of the gallery: its wrong line, and what comes of it."""

from __future__ import annotations

from typing import Any

from IPython.display import Markdown

from minigrad.testing.gallery import GALLERY
from minigrad.testing.gallery.counterexamples import counterexample, differences
from minigrad.testing.gallery.mistake import Edit, Mistake


def told(name: str) -> Any:
    """What a mistake is, why one makes it, and what both engines answer to its program, and to the
    smallest one that a search finds."""
    mistake = GALLERY[name]
    right, wrong = mistake.answers()
    parts = [
        f"An engine that {mistake.what}:",
        *[difference(edit) for edit in mistake.edits],
        mistake.why,
        block("python", f"{mistake.program}"),
        block("text", both(right, wrong)),
        *searched(mistake),
        "Caught by " + ", ".join(f"`{test.partition('::')[2]}`" for test in mistake.tests) + ".",
    ]
    return Markdown("\n\n".join(parts))


def searched(mistake: Mistake) -> list[str]:
    """The smallest program, and the first tensor or gradient that it shows to be wrong."""
    program = counterexample(mistake)
    if program is None:
        raise LookupError(f"the search finds nothing for {mistake.name}")
    name, (right, wrong) = next(iter(differences(program, mistake).items()))
    what = "what it raises" if name == "error" else f"`{name}`"
    return [
        f"The smallest program that the search finds differs in {what}:",
        block("python", program),
        block("text", both(left(right), left(wrong))),
    ]


def left(seen: Any) -> str:
    """A tensor or an error that a program has left behind."""
    if not isinstance(seen, tuple):
        return seen or "nothing"
    array, requires_grad = seen
    dtype = "" if array.dtype == "float32" else f", {array.dtype}"
    return f"{array.tolist()}{dtype}{', requires grad' * requires_grad}"


def both(right: str, wrong: str) -> str:
    return f"minigrad:          {shown(right)}\nthe wrong engine:  {shown(wrong)}"


def difference(edit: Edit) -> str:
    """The right lines and the wrong ones, under the name of their file."""
    module, _, path = edit.where.partition(":")
    lines = []
    for right, wrong in ((edit.right, edit.wrong), *edit.also):
        lines += [f"- {line}" for line in right.split("\n")]
        lines += [f"+ {line}" for line in wrong.split("\n")]
    place = f"`{path}` in `minigrad/{module.replace('.', '/')}.py`"
    return f"{place}\n\n{block('diff', chr(10).join(lines))}"


def block(language: str, text: str) -> str:
    return f"```{language}\n{text}\n```"


def shown(answer: str) -> str:
    """An answer of several lines, moved under its first."""
    return answer.replace("\n", "\n" + " " * 19)
