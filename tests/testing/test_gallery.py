"""Every wrong engine of the gallery is caught by the tests it names, which pass without it."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

import minigrad
from minigrad.autograd.value import mode
from minigrad.testing.gallery import GALLERY, THEMES
from minigrad.testing.gallery.counterexamples import counterexample, differs
from minigrad.testing.gallery.mistake import Edit, answer

ROOT = Path(__file__).parents[2]
RUNNER = Path(__file__).with_name("run_against_gallery.py")
EACH = pytest.mark.parametrize("name", GALLERY)
EDITS = [(f"{name}-{i}", e) for name, m in GALLERY.items() for i, e in enumerate(m.edits)]
EACH_EDIT = pytest.mark.parametrize("edit", [e for _, e in EDITS], ids=[n for n, _ in EDITS])


def outcomes(*arguments: str) -> dict[str, dict[str, list[str]]]:
    """For each mistake what becomes of tests without it and with it, in one process for all."""
    command = [sys.executable, str(RUNNER), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, list[str]]] = json.loads(done.stdout)
    return found


def functions(tests: Iterable[str]) -> set[str]:
    return {test.partition("[")[0] for test in tests}


def test_every_wrong_engine_is_caught_by_the_tests_that_it_names() -> None:
    found = outcomes()
    assert found.keys() == GALLERY.keys()
    gone = {name for name in found if functions(found[name]) != functions(GALLERY[name].tests)}
    assert not gone, "tests that the gallery names are gone"
    for name, tests in found.items():
        assert {right for right, _ in tests.values()} <= {"passed", "skipped"}, (name, tests)
    survivors = [name for name, tests in found.items() if survives(tests)]
    assert not survivors


def survives(tests: dict[str, list[str]]) -> bool:
    """Whether no test fails for a wrong engine, of some that run (torch may be missing)."""
    ran = [wrong for right, wrong in tests.values() if right == "passed"]
    return bool(ran) and "failed" not in ran


def test_a_mistake_that_no_test_looks_for_would_survive() -> None:
    """The test above is worth what it would find: here, tests that have nothing to do with it."""
    test = "tests/ops/test_indexing.py::test_repeated_indices_accumulate_by_hand"
    found = outcomes("cumsum-forward", "--", test)
    assert found == {"cumsum-forward": {test: ["passed", "passed"]}}
    assert survives(found["cumsum-forward"])


@EACH
def test_three_lines_expose_it(name: str) -> None:
    mistake = GALLERY[name]
    assert len(mistake.program.splitlines()) == 3
    right, wrong = mistake.answers()
    assert right != wrong
    assert answer(mistake.program, minigrad) == right  # the engine is itself again


@pytest.mark.torch
@EACH
def test_torch_answers_as_the_right_engine_does(name: str) -> None:
    import torch

    program = GALLERY[name].program
    with torch.random.fork_rng():
        assert answer(program, minigrad).replace("minigrad.", "torch.") == answer(program, torch)


# Searching takes half a second for each; the page of the documentation needs all of them.
SEARCHED = [mistakes[-1].name for mistakes in THEMES.values()]


@pytest.mark.parametrize("name", GALLERY if settings().max_examples > 1000 else SEARCHED)
def test_a_search_finds_a_small_program(name: str) -> None:
    found = counterexample(GALLERY[name])
    assert found is not None
    assert differs(found, GALLERY[name])
    assert len(found.splitlines()) <= 6, found


def test_a_search_that_finds_nothing_says_so() -> None:
    mistake = GALLERY["cumsum-forward"]
    nothing = type(mistake)(**(vars(mistake) | {"edits": ()}))
    assert counterexample(nothing, limit=20) is None


# What is declared is what the source says.


def keywords(text: str) -> list[str]:
    """The keyword arguments of all calls in a source, without their layout."""
    found = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.keyword)]
    return [ast.dump(keyword) for keyword in found]


@EACH_EDIT
def test_the_right_lines_are_those_of_the_source(edit: Edit) -> None:
    if not edit.operators:
        assert edit.code  # raises LookupError where the lines are not in the function
        return
    source = keywords(Path(edit.module.__file__).read_text(encoding="utf-8"))
    assert keywords(f"dict(\n{edit.right}\n)")
    for rule in keywords(f"dict(\n{edit.right}\n)"):
        assert rule in source, edit.right
    for operator in edit.operators:
        assert edit.rules.keys() == edit.declared(edit.right).keys()
        assert edit.rules.keys() <= operator.primitive.rules.keys()


def test_lines_that_are_not_there_are_refused() -> None:
    edit = Edit("autograd.backward:fit", "if given == shape:", "if True:")
    with pytest.raises(LookupError, match="if given == shape"):
        edit.make()


def parts_of(edit: Edit) -> Iterator[Any]:
    for target in edit.targets:
        declared = getattr(target, "primitive", None)
        if declared is None:
            yield target.__code__
        else:
            yield from declared.rules.items()
            yield from declared.plans.items()
            yield from [(plan.rules, plan.sources, plan.frees) for plan in declared.plans.values()]


@EACH
def test_an_exception_leaves_the_right_engine(name: str) -> None:
    mistake = GALLERY[name]
    before = [list(parts_of(edit)) for edit in mistake.edits]

    def fail() -> None:
        with mistake.made():
            assert [list(parts_of(edit)) for edit in mistake.edits] != before
            mode.grad = False
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert [list(parts_of(edit)) for edit in mistake.edits] == before
    assert mode.grad


def test_two_threads_do_not_make_mistakes_at_once() -> None:
    seen = []

    def other() -> None:
        with GALLERY["cumsum-forward"].made():
            seen.append(GALLERY["assign-for-add"].edits[0].targets[0].__code__)

    right = GALLERY["assign-for-add"].edits[0].targets[0].__code__
    thread = threading.Thread(target=other)
    with GALLERY["assign-for-add"].made():
        thread.start()
        thread.join(0.05)
        assert seen == []
    thread.join()
    assert seen == [right]


def test_mistakes_within_mistakes() -> None:
    x = minigrad.tensor([-1.0, 0.0], requires_grad=True)
    with GALLERY["relu-one-at-zero"].made(), GALLERY["abs-one-at-zero"].made():
        (minigrad.relu(x) + x.abs()).sum().backward()
    assert x.grad.tolist() == [-1.0, 2.0]


# The page.


def test_every_mistake_has_a_section() -> None:
    page = (ROOT / "docs" / "mistakes.md").read_text(encoding="utf-8")
    sections = re.findall(r'^### (.*)\n\n```.*\n.*\n\ntold\("(.*)"\)', page, re.MULTILINE)
    assert sections == [(mistake.question, name) for name, mistake in GALLERY.items()]
    themes = re.findall(r"^## (.*)", page, re.MULTILINE)
    assert themes == list(THEMES)
