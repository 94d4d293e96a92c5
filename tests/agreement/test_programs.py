"""Random programs of views, in-place writes, modes and passes run as they do with torch."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("torch")

from tests.agreement import state_machine
from tests.agreement.choices import Drawn
from tests.agreement.conditioning import answer, ill_conditioned
from tests.agreement.library import Disagreement
from tests.agreement.machine import replay
from tests.agreement.statements import EXIT

pytestmark = pytest.mark.torch

# Programs by the number cost far less than hypothesis's; 10**5 and more under `make soak`.
IGNORE = ["message"]  # the type of an error is compared here
SEEDED = 40 * settings().max_examples


def explained(program: list[str], watch: bool, found: Disagreement) -> str:
    program = state_machine.minimal(program, found, watch, IGNORE)
    return "\n" + state_machine.report(program, found, watch)


def test_a_wrong_gradient_is_found_and_the_program_minimised(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The machine sees what it is there to see: here, a product that loses a factor backward."""
    import minigrad

    wrong = minigrad.Tensor.mul
    monkeypatch.setattr(minigrad.Tensor, "mul", lambda a, b: wrong(a, b.detach()))
    program = [
        "v0 = T.tensor([2.0, 3.0], requires_grad=True)",
        "v1 = T.tensor([1.0])",
        "with T.no_grad():",
        "v2 = v0 + v1",
        EXIT,
        "v3 = v0.mul(v0)",
        "v2 += 1",
        "v3.sum().backward()",
    ]
    found = replay(program)
    assert found is not None
    assert (found.kind, found.step) == ("grad", 7)
    assert state_machine.minimal(program, found, True) == [program[0], program[5], program[7]]


@pytest.mark.parametrize("error", [1e-3, 1e-4])
def test_a_gradient_that_is_slightly_wrong_is_not_taken_for_rounding(
    monkeypatch: pytest.MonkeyPatch, error: float
) -> None:
    """Nor is one at a kink, which the other rounding leaves where it is."""
    import minigrad

    right = minigrad.Tensor.mul
    monkeypatch.setattr(minigrad.Tensor, "mul", lambda a, b: right(a, b) + error * b)
    program = [
        "v0 = T.tensor([2.3, 0.5], requires_grad=True)",
        "v1 = (v0.clamp(min=0.5) * 3).exp().tanh()",
        "v2 = v1.mul(v1)",
        "v2.sum().backward()",
    ]
    found = replay(program)
    assert found is not None
    assert not ill_conditioned(program, found)


def test_a_difference_of_nearly_equal_numbers_is_taken_for_rounding() -> None:
    program = [
        "v0 = T.tensor([0.1, 0.7])",
        "v1 = v0.sin() - v0 + v0 ** 3 / 6",
        "v2 = v1 * 1e6",
    ]
    there = Disagreement(2, "value", "v2", "[0.05, 1363.0]", "")
    assert not ill_conditioned(program, there)
    found = answer(program, there, None, False) + 0.004
    assert ill_conditioned(program, there._replace(ours=str(found.tolist())))


def test_seeded_programs_agree() -> None:
    tally = state_machine.run_many(range(SEEDED), ignore=IGNORE)
    assert not tally.reports, f"{tally}\n\n" + "\n".join(tally.reports)


@given(data=st.data())
def test_programs_agree(data: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a random program does much that torch warns of
        program, watch, found = state_machine.write_and_run(Drawn(data.draw), ignore=IGNORE)
        if found is not None and not ill_conditioned(program, found):
            raise AssertionError(explained(program, watch, found))


def test_programs_are_printed_as_they_are_read() -> None:
    program = [
        "v0 = T.ones(2)",
        "with T.no_grad():",
        "with T.enable_grad():",
        EXIT,
        EXIT,
        "v0 += 1",
    ]
    assert state_machine.parse(state_machine.source_of(program)) == program
