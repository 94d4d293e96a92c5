"""Counting lines of code."""

from pathlib import Path

import pytest

from comparisons.engines import find
from comparisons.lines import training_lines

SAMPLE = '''"""Docstring."""
import this


def train(
    problem, start,
):
    """Two
    lines."""
    a = 1  # counted

    # not counted
    b = (
        a,
        # not counted
        2,
    )
    for c in b:
        text = """a

        b"""
        yield (
            c
        )
    return text


def other():
    return 1
'''


def test_only_code_that_trains_is_counted(tmp_path: Path) -> None:
    file = tmp_path / "engine.py"
    file.write_text(SAMPLE)
    # a = 1; b = ( a, 2, ); for; text over 3 lines; return
    assert training_lines(file) == 1 + 4 + 1 + 3 + 1


def test_a_file_without_training_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "engine.py"
    file.write_text("x = 1\n")
    with pytest.raises(ValueError, match=r"engine\.py defines no function train"):
        training_lines(file)


def test_the_listings() -> None:
    assert training_lines(find("numpy-by-hand").path) == 9
    for layer in ("autograd", "nn"):
        for library in ("minigrad", "torch"):
            assert training_lines(find(f"{library}-{layer}").path) == 12
    assert training_lines(find("tensorflow-graph").path) > 12
