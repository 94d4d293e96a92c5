"""`make soak` and `make mutate` find what is wrong, and nothing where all is right; in seconds."""

from __future__ import annotations

import argparse
import ast
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import hypothesis
import pytest

pytest.importorskip("torch")

import minigrad
from minigrad.testing.gallery import GALLERY
from tests.mutation import __main__ as mutation
from tests.mutation.covered import Probes
from tests.mutation.mutator import mutants

soak = pytest.importorskip("tests.soak")
pytestmark = pytest.mark.torch
ROOT = Path(__file__).parents[1]
QUICK = ["programs", "expressions", "drawn", "operators", "settings", "threads", "memory"]


def test_the_engine_as_it_is_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert soak.main(["--only", *QUICK, "--seed", "7", "--runs", "1"]) == 0
    table = capsys.readouterr().out
    for name in QUICK:
        assert f"\n{name} " in table


@pytest.mark.parametrize(
    "part, wrong, runs",
    [
        ("programs", "overwritten-grad", 1),
        ("expressions", "tanh-without-the-square", 30),
        ("drawn", "not-unbroadcast", 1),
    ],
)
def test_a_wrong_engine_is_found_and_shown_as_python(
    part: str,
    wrong: str,
    runs: int,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # As it is found: to make it smaller takes a minute or two.
    found = hypothesis.settings(soak.SETTINGS, phases=[hypothesis.Phase.generate])
    monkeypatch.setattr(soak, "SETTINGS", found)
    with GALLERY[wrong].made():
        assert soak.main(["--only", part, "--seed", "7", "--runs", str(runs)]) == 1
    said = capsys.readouterr().out
    assert f"# python -m tests.soak --only {part} --seed " in said
    compile(said.partition(f"# The first failure of {part}:")[2], "<report>", "exec")


def test_a_thread_that_differs_and_memory_that_stays_are_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept: list[Any] = []
    add = minigrad.Tensor.sum
    monkeypatch.setattr(minigrad.Tensor, "sum", lambda *a, **k: kept.append([]) or add(*a, **k))
    assert any(soak.memory(seed)[1] for seed in range(4))
    monkeypatch.undo()
    runs = iter(range(10**9))
    monkeypatch.setattr(soak, "bits", lambda program: next(runs))
    assert soak.threads(1)[1]


def test_what_crashes_or_never_ends_is_a_failure() -> None:
    assert "ended with 3" in soak.apart(lambda: os._exit(3), 5)
    assert "not over" in soak.apart(lambda: time.sleep(60), 0.1)
    assert soak.apart(lambda: [1, 2], 5) == [1, 2]


def test_the_seed_of_what_crashes_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    def dies(seed: int) -> Any:
        return (1, []) if seed < 9 else os._exit(3)

    part = soak.Part(dies, 1, seed=7)
    soak.take(part, 60, 5)
    assert capsys.readouterr().out == "dies: fails with seed 9\n"
    assert part.seed == 10


def test_the_time_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    def long(seed: int) -> Any:
        time.sleep(0.02)
        return 1, []

    def short(seed: int) -> Any:
        return long(seed)

    chosen = [soak.Part(long, 3, seconds=0.1), soak.Part(short, 1, seconds=0.1)]
    soak.soak(chosen, 1.2 / 60)
    assert chosen[0].used > 1.3 * chosen[1].used > 0
    assert chosen[0].seed == chosen[0].runs  # every run has a seed of its own


# Mutation.


def mutated(text: str, tmp_path: Path) -> list[str]:
    path = tmp_path / "module.py"
    path.write_text(text)
    return [m.apply(path.read_bytes()).decode() for m in mutants(path, tmp_path)]


def test_faults_of_all_sorts_are_made(tmp_path: Path) -> None:
    made = mutated(
        "f = primitive('F', lambda x: x, x=lambda g, x: -g * np.maximum(x, 1))\n"
        "def h(x, strict):\n    if x < 2 and strict:\n        x += 1\n"
        "    return zip(x, strict=True)\n",
        tmp_path,
    )
    for part in (
        "x=lambda g, x: (-g / np.maximum(x, 1))",
        "x=lambda g, x: (-g)",
        "x=lambda g, x: (np.maximum(x, 1))",
        "(g) * np",
        "(np.maximum(1, x))",
        "(np.minimum)(x, 1)",
        "maximum(x, (2))",
        "if (x <= 2) and",
        "if (x < 2 or strict):",
        "if (False):",
        "        (None)\n",
    ):
        assert any(part in text for text in made), part
    assert not any("strict=(False)" in text for text in made)


def test_mutants_keep_their_lines_and_compile() -> None:
    path = ROOT / "minigrad" / "ops" / "pooling.py"
    source = path.read_bytes()
    for mutant in mutants(path, ROOT):
        text = mutant.apply(source)
        compile(text, "<mutant>", "exec")
        assert text.count(b"\n") == source.count(b"\n")


def test_probes_say_which_statements_ran() -> None:
    source = """def f(x, y=2):
    'A text.'
    if x:
        return [g(y) for g in (lambda a: a + x, lambda a: (a, x)) if g]
    for _ in range(3):
        x += 1
    return x
"""
    probes = Probes(0, source.encode())
    tree = ast.fix_missing_locations(probes.visit(ast.parse(source)))
    hits = bytearray(len(probes.spans))
    names: dict[str, Any] = {"_hits": hits}
    exec(compile(tree, "<probed>", "exec"), names)

    def ran(x: int) -> tuple[Any, set[str]]:
        hits[:] = bytes(len(hits))
        result = names["f"](x)
        texts = {n: source[start:end].split("\n")[0] for start, end, n in probes.spans}
        return result, {texts[n] for n, hit in enumerate(hits) if hit}

    head = {"def f(x, y=2):", "if x:"}
    assert ran(0) == (3, {*head, "for _ in range(3):", "x += 1", "return x"})
    result, texts = ran(1)
    assert result == [3, (2, 1)]
    assert texts >= {*head, "lambda a: a + x", "lambda a: (a, x)"}
    assert len(texts) == 5
    assert names["f"].__doc__ == "A text."


def test_a_fault_is_noticed_and_an_equivalent_one_is_not() -> None:
    """The tool itself, on the mutants of one line, in a copy of the tree."""
    options = [
        "--only",
        "out.reshape(-1)[region.ids(x.shape)] = 0",
        "--tests",
        "tests/autograd/test_views.py",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "tests.mutation", "minigrad/autograd/views.py", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "noticed  minigrad/autograd/views.py" in done.stdout, done.stdout + done.stderr
    assert "1 are equivalent:" in done.stdout
    assert "by signal" not in done.stdout
    assert done.returncode == ("\n0 survive:" not in done.stdout)


def test_equivalent_mutants_exist_and_have_reasons() -> None:
    known = mutation.equivalents()
    options = argparse.Namespace(files=[], rules=False, only="", again="", sample=0, seed=0)
    every = {mutant.name for mutant in mutation.chosen(options, ROOT)[0]}
    assert known.keys() <= every, known.keys() - every
    assert all(known.values())


def test_the_interval() -> None:
    low, high = mutation.wilson(90, 100)
    assert (round(low, 3), round(high, 3)) == (0.826, 0.945)
