"""Text in the place of each tensor argument: a TypeError that names the function, as torch's."""

from __future__ import annotations

import itertools
import re
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from tests.agreement.operators import FAMILIES, FURTHER
from tests.judge import first_sentence, judged, plain_text

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch")
opinfo = pytest.importorskip("tests.agreement.opinfo")

# torch's two forms; where its Python code fails on the way ("'str' object has no attribute 'dim'"),
# and for what it has under another name, either is right.
NAMED = re.compile(
    r"[\w ]+\(\): argument '\w+'.* must be |\w+\(\) received an invalid combin|expected Tensor as"
)
UNBOUND = {"__rdiv__"}  # a method in Python, called as a function
NAMES = [name for names in [*FAMILIES.values(), FURTHER] for name in names if name not in UNBOUND]


def wrong_calls(op: Any) -> Iterator[tuple[list[Any], Any]]:
    """The arguments of the first sample, with a text for each of its tensors in turn."""
    dtype = torch.float64 if torch.float64 in op.supported_dtypes("cpu") else torch.int64
    torch.manual_seed(3)
    for sample in itertools.islice(op.sample_inputs("cpu", dtype, requires_grad=False), 1):
        given = [sample.input, *sample.args]
        for i, x in enumerate(given):
            if isinstance(x, torch.Tensor):
                yield [*given[:i], "!", *given[i + 1 :]], sample.kwargs


def refusals(name: str) -> list[str]:
    """What is wrong with the exceptions that an operator raises."""
    op = opinfo.table()[name]
    function = opinfo.translate(op.op, op.name)
    wrong = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        calls = list(wrong_calls(op))
    for (first, *rest), settings in calls:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = opinfo.run(op.op, opinfo.theirs((first, rest, settings)))
            ours = opinfo.run(function, opinfo.ours((first, rest, settings)))
        if not isinstance(theirs, Exception) or str(theirs).startswith("descriptor"):
            continue  # Tensor's method, called as a function
        said = f"{type(ours).__name__}: {ours}"
        named = isinstance(ours, TypeError) and NAMED.match(str(ours))
        same = type(ours) is type(theirs) and (
            isinstance(theirs, AttributeError)
            or plain_text(ours).startswith(first_sentence(plain_text(theirs)))
        )
        places = [re.findall(r"\(position \d+\)", str(error)) for error in (ours, theirs)]
        inner = "functional" in name  # torch counts the arguments of what it calls in turn
        moved = all(places) and places[0] != places[1] and not inner
        if not (named or same) or moved:
            wrong.append(f"{said[:200]}\n  torch: {theirs!r:.200}")
    return wrong


@pytest.mark.parametrize("name", NAMES)
def test_text_for_a_tensor(name: str) -> None:
    assert refusals(name) == []


# Operators that torch's table does not have, or has under another name.
OTHERS = ["acosh", "adjoint", "argsort", "asinh", "atanh", "inverse", "poisson"]


@pytest.mark.parametrize("name", OTHERS)
@judged(raises="must be Tensor, not str")
def test_text_for_the_tensor_of_other_operators(t: Any, name: str) -> Any:
    return getattr(t, name)("!")
