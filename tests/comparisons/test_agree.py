"""`python -m comparisons agree`: a function of one's own, from the shell."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from comparisons.cli import main

OWN = ["--engines", "minigrad,complex step,differences"]


@pytest.fixture(autouse=True)
def own_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """A function's file is found with its neighbours, which are not to be found afterwards."""
    monkeypatch.setattr(sys, "path", list(sys.path))


def test_an_expression(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["agree", "lambda xp, w, x: xp.sum(x @ w)", "--shape", "w=3", *OWN]) == 0
    said = capsys.readouterr().out
    assert "gradient of w" in said
    assert said.endswith("All 3 engines agree.\n")


def test_a_function_in_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "model.py"
    (tmp_path / "beside.py").write_text("x = [1.0, 2.0]\n")
    path.write_text(
        "from beside import x\ndef loss(xp, w, x=x):\n    return xp.sum(xp.exp(w) * x)\n"
    )
    assert main(["agree", f"{path}:loss", "--shape", "w=2", "--order", "2", *OWN]) == 0
    assert "second derivative of x" in capsys.readouterr().out


def test_a_file_that_does_not_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "broken.py"
    path.write_text("def loss(xp, x:\n")
    with pytest.raises(SystemExit) as stopped:
        main(["agree", f"{path}:loss"])
    assert stopped.value.code == 2
    assert "broken.py raises SyntaxError" in capsys.readouterr().err


def test_disagreement_is_status_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A function that is another one on complex numbers, so that the complex step is wrong."""
    path = tmp_path / "wrong.py"
    path.write_text(
        "import numpy as np\n"
        "def loss(xp, x):\n"
        "    return xp.sum(x) if 'minigrad' in str(type(x)) else xp.sum(x * 2)\n"
    )
    assert main(["agree", f"{path}:loss", *OWN]) == 1
    said = capsys.readouterr().out
    assert "the gradients do not agree" in said
    assert "No engine agrees with minigrad: complex step, differences." in said


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["x * 2"], "neither"),
        (["lambda xp x: x"], "not an expression"),
        (["nowhere.py:f"], "there is no file nowhere.py"),
        (["lambda xp, x: xp.sum(x)", "--shape", "y=3"], "there is no argument y"),
        (["lambda xp, x: xp.sum(x)", "--shape", "x=a"], "must be NAME=2,3"),
        (["lambda xp, x: xp.sum(x)", "--shape", "x"], "must be NAME=2,3"),
        (["lambda xp, x: xp.sum(x)", "--shape", "x=-1"], "negative dimensions"),
        (["lambda xp, x: xp.sum(x)", "--engines", "jax"], "there is no engine 'jax'"),
    ],
)
def test_a_bad_argument_is_status_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["agree", *arguments])
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err
