"""Whole lessons, written for torch, print the same with one word changed: where torch comes from.

Each file in scripts/ is run twice in this process, as it is and with minigrad imported instead, and
the two printed texts are compared token by token.
"""

import contextlib
import io
import re
import warnings
from pathlib import Path
from typing import Any

import pytest

import minigrad

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.py"))
# `print(loss.item())` shows every digit of a float32, and sums in another order differ in the last
# bits, 6e-8 of the number, of which a dozen training steps make some more.
RELATIVE = 1e-5
NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w])|[^\s\w]|\w+")


def with_minigrad(source: str) -> str:
    """The lesson with its import statements, and nothing else, naming minigrad for torch."""
    source = re.sub(r"^(\s*)import torch$", r"\1import minigrad as torch", source, flags=re.M)
    source = re.sub(r"^(\s*)import torch(\.[\w.]+)", r"\1import minigrad\2", source, flags=re.M)
    return re.sub(r"^(\s*)from torch([. ])", r"\1from minigrad\2", source, flags=re.M)


def printed(source: str, name: str, library: Any) -> str:
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            exec(compile(source, name, "exec"), {"__name__": "__main__"})
    finally:
        library.set_default_dtype(library.float32)
        library.set_printoptions(profile="default")
    return out.getvalue()


def tokens(text: str) -> list[str]:
    return NUMBER.findall(re.sub(r"\b(?:torch|minigrad)\.|\bat 0x[0-9a-f]+", "", text))


def unit(number: str) -> float:
    """One in the last digit printed; nothing for an integer."""
    digits, _, exponent = number.lower().partition("e")
    places = len(digits.partition(".")[2])
    return 10.0 ** (int(exponent or 0) - places) if places or exponent else 0.0


def alike(ours: str, theirs: str) -> bool:
    if ours == theirs:
        return True
    try:
        a, b = float(ours), float(theirs)
    except ValueError:
        return False
    # Halves round either way, and in binary one digit may be a hair more than one.
    last = 1.001 * max(unit(ours), unit(theirs))
    return abs(a - b) <= max(last, RELATIVE * abs(b) if last else 0.0)


def difference(ours: str, theirs: str) -> str | None:
    """The first line in which two texts differ by more than rounding, or None."""
    our_lines, their_lines = ours.splitlines(), theirs.splitlines()
    for i, (a, b) in enumerate(zip(our_lines, their_lines, strict=False)):
        x, y = tokens(a), tokens(b)
        if len(x) != len(y) or not all(map(alike, x, y)):
            return f"line {i + 1} printed\n  minigrad: {a}\n  torch:    {b}"
    if len(our_lines) != len(their_lines):
        return f"minigrad printed {len(our_lines)} lines, torch {len(their_lines)}"
    return None


@pytest.mark.torch
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_lesson_prints_the_same_with_one_word_changed(script: Path) -> None:
    import torch

    torch.set_num_threads(1)
    source = script.read_text(encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = printed(source, str(script), torch)
    ours = printed(with_minigrad(source), str(script), minigrad)
    assert len(theirs.splitlines()) >= 5, "a lesson prints something"
    found = difference(ours, theirs)
    assert found is None, found


def test_only_import_statements_change() -> None:
    source = (
        "import torch\nimport torch.nn as nn\nfrom torch import optim\n"
        "import torch.utils.data\nfrom torch.utils.data import DataLoader\n"
        "x = torch.ones(2)  # import torch\n"
    )
    assert with_minigrad(source) == (
        "import minigrad as torch\nimport minigrad.nn as nn\nfrom minigrad import optim\n"
        "import minigrad.utils.data\nfrom minigrad.utils.data import DataLoader\n"
        "x = torch.ones(2)  # import torch\n"
    )


@pytest.mark.parametrize(
    "ours, theirs",
    [("loss 0.1235", "loss 0.1237"), ("step 3", "step 4"), ("2.0", "2.0 x"), ("relu", "ReLU")],
)
def test_texts_that_differ_are_told_apart(ours: str, theirs: str) -> None:
    assert difference(ours, theirs)
    assert difference(theirs, theirs) is None


def test_the_last_digit_may_round_either_way() -> None:
    assert difference("loss 0.1235 tensor([1., 2.])", "loss 0.1236 tensor([1., 2.])") is None
