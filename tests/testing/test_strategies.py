"""The strategies draw what they say, and what fails is shown as Python that runs."""

from __future__ import annotations

import traceback
from typing import Any

import numpy as np
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

import minigrad
from minigrad.testing import TorchLike, agreement, assert_gradients_agree, strategies
from minigrad.testing.gallery import GALLERY
from minigrad.testing.programs import Program, assert_programs_agree

OWN = ["minigrad", "complex step"]
BOTH = ["minigrad", "torch"]
NO_DATABASE = settings(database=None, derandomize=True, max_examples=300, deadline=None)


@given(strategies.broadcastable(3))
def test_operands_broadcast(operands: Any) -> None:
    np.broadcast(*operands)


@given(strategies.broadcastable(2, min_side=1))
def test_arithmetic_broadcasts_in_every_engine(operands: Any) -> None:
    assert_gradients_agree(lambda xp, a, b: a * b - a / (b * b + 1), *operands, engines=OWN)


@given(strategies.tensors(dtype="float32"), strategies.arrays((3,), "int64"))
def test_tensors_and_arrays_have_their_dtype(x: Any, n: Any) -> None:
    assert x.dtype == minigrad.float32
    assert x.requires_grad
    assert n.dtype == np.int64
    numbers = x.detach().numpy().ravel()
    assert (numbers != np.round(numbers)).all()


def test_what_there_is_to_draw() -> None:
    for kind in ("float16", "uint8", "bool"):
        assert find(strategies.arrays((2,), kind), lambda x: x.any()).dtype == kind
    assert find(strategies.shapes(min_side=0), lambda shape: 0 in shape) == (0,)
    assert find(strategies.arrays(generic=False), lambda x: (x == 0).sum() > 1).shape == (2,)


@pytest.mark.torch
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@given(data=st.data())
def test_random_functions_agree(dtype: str, data: Any) -> None:
    f = data.draw(strategies.expressions(dtype=dtype))
    assert_gradients_agree(f, *f.arrays.values(), engines=["minigrad", "torch", "complex step"])


@given(strategies.expressions())
def test_random_functions_have_second_derivatives(f: Any) -> None:
    assert_gradients_agree(f, *f.arrays.values(), engines=["minigrad", "complex step"], order=2)


@given(strategies.expressions(smooth=False))
def test_an_expression_prints_as_python_that_runs(f: Any) -> None:
    called: list[Any] = []
    text = repr(f).replace("from minigrad.testing import assert_gradients_agree\n", "")
    exec(text, {"assert_gradients_agree": lambda g, *arrays: called.append((g, arrays))})
    ((g, arrays),) = called
    for a, b in zip(arrays, f.arrays.values(), strict=True):
        np.testing.assert_array_equal(a, b, strict=True)
    with np.errstate(all="ignore"):
        ours, theirs = g(np, *arrays), f(np, *f.arrays.values())
    if not isinstance(ours, tuple):
        ours, theirs = (ours,), (theirs,)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_failure_is_shrunk_to_the_operation_that_is_wrong() -> None:
    class Wrong(TorchLike):
        NAMES = {**TorchLike.NAMES, "tanh": lambda x: (x.tanh() + x.tanh().detach()) / 2}  # noqa: RUF012

    wrong = Wrong("wrong", minigrad)

    def differs(f: Any) -> bool:
        try:
            assert_gradients_agree(f, *f.arrays.values(), engines=["minigrad", wrong], bisect=False)
        except AssertionError:
            return True
        return False

    f = find(strategies.expressions(), differs, settings=NO_DATABASE)
    assert f.lines == [("v0", "xp.tanh(a)")]
    assert "assert_gradients_agree(f, np.array(" in repr(f)


def printed(test: Any) -> str:
    """The program in what a test that fails prints."""
    with pytest.raises(AssertionError) as failed:
        test()
    text = "".join(traceback.format_exception(failed.value))
    program = text.rpartition("=\nimport")[2]
    return "import" + program.partition("\n,")[0]


@pytest.mark.torch
def test_a_failing_property_prints_a_function_that_shows_it(monkeypatch: Any) -> None:
    """What a wrong engine makes a property test print is run: it fails in the same way."""

    @NO_DATABASE
    @given(strategies.expressions())
    def agrees(f: Any) -> None:
        assert_gradients_agree(f, *f.arrays.values(), engines=BOTH, bisect=False)

    engines = {name: TorchLike(name) for name in BOTH}  # of all, the two that are quick to import
    monkeypatch.setattr(agreement, "engines_by_name", lambda: engines)
    with GALLERY["tanh-without-the-square"].made():
        program = printed(agrees)
        with pytest.raises(AssertionError, match=r"It comes from v0 = xp.tanh\(a\)"):
            exec(program, {})
    assert len(program.splitlines()) == 6
    exec(program, {})


@pytest.mark.torch
def test_a_failing_property_prints_a_program_for_both_libraries(capsys: Any) -> None:
    import torch

    @NO_DATABASE
    @given(strategies.programs())
    def agrees(program: Program) -> None:
        assert_programs_agree(program, minigrad, torch)

    with GALLERY["unchecked-saved-value"].made():
        program = printed(agrees)
        exec(program, {})
    ours, theirs = capsys.readouterr().out.splitlines()
    assert ours.startswith("minigrad [tensor")
    assert theirs.startswith("torch <class 'RuntimeError'>")


@pytest.mark.torch
@pytest.mark.filterwarnings("ignore::UserWarning:torch")
@given(strategies.programs())
def test_random_programs_with_writes_agree(program: Program) -> None:
    import torch

    assert_programs_agree(program, minigrad, torch)


def test_programs_write_in_place_and_some_are_refused() -> None:
    refused = find(strategies.programs(), lambda p: p.run(minigrad).raised != "")
    assert refused.run(minigrad).raised == "RuntimeError"
    assert "import minigrad, torch\nfor T in (minigrad, torch):\n    try:\n" in repr(refused)
    assert any("_(" in text or "=" in text for text in refused.statements)


def test_a_wrong_library_is_told_with_the_program() -> None:
    class Library:
        """minigrad without the check of what has been written to."""

        __name__ = "wrong"

        def __getattr__(self, name: str) -> Any:
            return getattr(minigrad, name)

        @staticmethod
        def tensor(*args: Any, **kwargs: Any) -> Any:
            x = minigrad.tensor(*args, **kwargs)
            x.register_hook(lambda g: g * 2)
            return x

    program = Program({"a0": np.array([1.0, 2.0])}, ["v0 = a0 * 1", "v0.mul_(2)"], ["v0"])
    assert_programs_agree(program, minigrad, minigrad)
    with pytest.raises(AssertionError, match="minigrad and wrong differ in the gradient of a0"):
        assert_programs_agree(program, minigrad, Library())
    with pytest.raises(AssertionError, match=r"v0.mul_\(2\)"):
        assert_programs_agree(program, minigrad, Library())
