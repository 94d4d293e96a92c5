"""The errors a beginner meets: torch's type and first sentence, then what to do."""

import re

import pytest

import minigrad
from tests.judge import Raised, both

PROGRAMS = {
    "backward from several elements": (
        lambda t: (t.ones(3, requires_grad=True) * 2).backward(),
        r"shape \[3\].*cotangent",
    ),
    "backward without grad": (lambda t: t.ones(()).backward(), "no_grad"),
    "backward a second time": (
        lambda t: backward_twice(t),
        r"retain_graph=True.*PowBackward0",
    ),
    "shapes that do not broadcast": (
        lambda t: t.ones(2, 3) + t.ones(4),
        r"a: \[   2    3 \]\n  b: \[        4 \]",
    ),
    "matrices that do not fit": (lambda t: t.ones(2, 3) @ t.ones(2, 3), r"\(2x3 and 2x3\)"),
    "integers that ask for gradients": (
        lambda t: t.tensor([1, 2], requires_grad=True),
        "int64.*float32",
    ),
    "integers that ask for gradients later": (
        lambda t: t.tensor([1, 2]).requires_grad_(),
        r"int64.*\.float\(\)",
    ),
    "numpy of what requires grad": (
        lambda t: t.ones(2, requires_grad=True).numpy(),
        r"detach\(\)\.numpy\(\)",
    ),
    "a write to a leaf": (lambda t: t.ones(2, requires_grad=True).add_(1), "no_grad"),
    "a write to a saved value": (lambda t: write_to_saved(t), r"y = y \* 2|clone\(\)"),
    "a mean of integers": (lambda t: t.tensor([1, 2]).mean(), r"\.float\(\)"),
    "an index out of range": (lambda t: t.ones(3)[3], "size 3"),
    "a dimension out of range": (lambda t: t.ones(3).sum(1), r"\[-1, 0\]"),
    "a view that needs a copy": (lambda t: t.ones(2, 3).t().view(6), "reshape"),
    "the truth of several elements": (lambda t: bool(t.ones(2)), "ambiguous"),
    "an item of several elements": (lambda t: t.ones(2).item(), "2 elements"),
    "an unused input": (
        lambda t: t.autograd.grad(t.ones((), requires_grad=True), t.ones(2, requires_grad=True)),
        "allow_unused=True",
    ),
    "dtypes that do not fit": (lambda t: t.ones(1, 1) @ t.ones(1, 1).double(), r"\.to\(dtype\)"),
    "a float into integers": (lambda t: t.tensor([1]).add_(0.5), "Convert|out of place"),
    "ragged lists": (lambda t: t.tensor([[1, 2], [3]]), "length 2 at dim 1"),
}


def backward_twice(t):
    y = (t.ones(2, requires_grad=True) ** 2).sum()
    y.backward()
    y.backward()


def write_to_saved(t):
    y = t.ones(2, requires_grad=True).exp()
    z = y.sum()
    y.mul_(2)
    z.backward()


@pytest.mark.torch
@pytest.mark.parametrize("name", PROGRAMS)
def test_torchs_type_and_first_sentence(name) -> None:
    assert isinstance(both(PROGRAMS[name][0]), Raised)


@pytest.mark.parametrize("name", PROGRAMS)
def test_then_what_was_given_and_what_to_do(name) -> None:
    program, hint = PROGRAMS[name]
    with pytest.raises((RuntimeError, IndexError, TypeError, ValueError)) as error:
        program(minigrad)
    message = str(error.value)
    assert re.search(hint, message, re.DOTALL), message
    assert "torch" not in message, message


@pytest.mark.parametrize("name", PROGRAMS)
def test_an_error_leaves_the_mode_as_it_was(name) -> None:
    with pytest.raises((RuntimeError, IndexError, TypeError, ValueError)):
        PROGRAMS[name][0](minigrad)
    assert minigrad.is_grad_enabled()
