"""Which tests run which statement of the mutated code: only those can notice a fault in it.

The tests are run once, a file at a time, with a probe before every statement of minigrad's
operators and engine. What that gives is kept in build/mutation/; see `signature`.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.machinery
import importlib.util
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Generator, Iterable
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.mutation.mutator import Mutant

FOLDERS = ("minigrad/ops", "minigrad/autograd")
# Tests of tools, of the engine's mistakes and of other processes: slow, or they see no fault.
SKIPPED = {"comparisons", "test_soak.py", "test_bench.py", "test_gallery.py", "test_project.py"}
LONGEST = 8  # seconds; a test that takes longer judges nothing
SLOW = ("million", "deep_chains", "memory", "ten_thousand")  # in names of tests
# How many seconds of tests a mutant is worth: at first, then, and by those that say most at all.
QUICK, USUAL, FURTHER, LEAST = 1, 12, 10, 4

Span = tuple[int, int, int]  # where a statement begins and ends, in bytes, and its number


def module_of(path: Path, root: Path) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def test_files(root: Path) -> list[str]:
    found = sorted((root / "tests").rglob("test_*.py"))
    names = [path.relative_to(root) for path in found]
    return [str(name) for name in names if not SKIPPED & set(name.parts)]


class Probes(ast.NodeTransformer):
    """Puts ``hits[n] = 1`` before the statements in functions, and into lambdas."""

    def __init__(self, first: int, source: bytes) -> None:
        self.next = first
        self.lines = [0, *accumulate(map(len, source.splitlines(keepends=True)))]
        self.spans: list[Span] = []

    def probe(self, node: Any) -> int:
        start = self.lines[node.lineno - 1] + node.col_offset
        end = self.lines[node.end_lineno - 1] + node.end_col_offset
        self.spans.append((start, end, self.next))
        self.next += 1
        return self.next - 1

    def visit_FunctionDef(self, node: Any) -> Any:
        head = self.probe(node)  # what the header holds is known by who enters
        self.generic_visit(node)
        at = 1 if ast.get_docstring(node, clean=False) is not None else 0
        node.body[at:at] = ast.parse(f"_hits[{head}] = 1").body
        return node

    def visit_ClassDef(self, node: Any) -> Any:
        for part in node.body:
            self.visit(part)
        return node

    def visit_Lambda(self, node: Any) -> Any:
        n = self.probe(node)
        self.generic_visit(node)
        both = ast.parse(f"(_hits.__setitem__({n}, 1), None)[1]", mode="eval").body
        both.value.elts[1] = node.body  # type: ignore[attr-defined]
        node.body = both
        return node

    def generic_visit(self, node: Any) -> Any:
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if not isinstance(block, list) or isinstance(node, ast.Module):
                continue
            probed = []
            for part in block:
                if not (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant)):
                    probed += ast.parse(f"_hits[{self.probe(part)}] = 1").body
                probed.append(part)
            setattr(node, name, probed)
        return super().generic_visit(node)


class Probed:
    """Loads minigrad with the probes in it; for `sys.meta_path`."""

    def __init__(self, root: Path) -> None:
        self.hits = bytearray()
        self.spans: dict[str, list[Span]] = {}
        self.trees: dict[str, tuple[Path, ast.Module]] = {}
        n = 0
        for folder in FOLDERS:
            for path in sorted((root / folder).glob("*.py")):
                source = path.read_bytes()
                probes = Probes(n, source)
                tree = ast.fix_missing_locations(probes.visit(ast.parse(source)))
                self.trees[module_of(path, root)] = path, tree
                self.spans[str(path.relative_to(root))] = probes.spans
                n = probes.next
        self.hits.extend(bytes(n))

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name not in self.trees:
            return None
        place, tree = self.trees[name]
        loader = ProbedLoader(name, str(place))
        loader.tree, loader.hits = tree, self.hits
        return importlib.util.spec_from_file_location(name, place, loader=loader)


class ProbedLoader(importlib.machinery.SourceFileLoader):
    tree: ast.Module
    hits: bytearray

    def get_code(self, fullname: str) -> Any:
        return compile(self.tree, self.path, "exec", dont_inherit=True)

    def exec_module(self, module: Any) -> None:
        module._hits = self.hits
        super().exec_module(module)


class Recorder:
    """A plugin for pytest that keeps what every test runs, and how long it takes."""

    def __init__(self, hits: bytearray) -> None:
        self.hits = hits
        self.none = bytes(len(hits))
        self.found: dict[str, tuple[float, np.ndarray]] = {}
        self.unfit: set[str] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        self.hits[:] = self.none
        started = time.process_time()
        done = yield
        seconds = time.process_time() - started
        self.found[item.nodeid] = seconds, np.frombuffer(bytes(self.hits), np.uint8)
        return done

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.outcome != "passed":
            self.unfit.add(report.nodeid)


class Only:
    """A plugin for pytest that runs some tests only, in their order, and keeps which failed."""

    def __init__(self, names: Iterable[str]) -> None:
        self.order = {name: i for i, name in enumerate(names)}
        self.failed: list[str] = []

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if item.nodeid in self.order]
        items.sort(key=lambda item: self.order[item.nodeid])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.append(report.nodeid)


def silence() -> None:
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)


def run_pytest(plugin: Any, names: Iterable[str], *options: str) -> int:
    files = dict.fromkeys(name.partition("::")[0] for name in names)
    options = ("-q", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:faulthandler", *options)
    return int(pytest.main([*options, *files], plugins=[plugin]))


def record(file: str, root: Path, kept: Path) -> None:
    """Run a file of tests with the probes in, and keep what its tests run."""
    silence()
    finder = Probed(root)
    sys.meta_path.insert(0, finder)
    recorder = Recorder(finder.hits)
    run_pytest(recorder, [file], "-m", "not tensorflow")
    fit = {name: row for name, row in recorder.found.items() if name not in recorder.unfit}
    rows = [np.packbits(hits) for _, hits in fit.values()]
    names = json.dumps(list(fit))
    unfinished = kept.with_suffix(".part")
    with unfinished.open("wb") as stream:
        np.savez(
            stream,
            names=np.array(names),
            seconds=np.array([seconds for seconds, _ in fit.values()]),
            rows=np.array(rows, np.uint8).reshape(len(rows), -1),
        )
    unfinished.rename(kept)


def signature(file: str, root: Path, spans: dict[str, list[Span]]) -> str:
    """Changes with a file of tests and what all tests share, and if minigrad gains statements.

    That it is older than the last change elsewhere costs no more than a choice that is less good.
    """
    paths = [path for path in (root / "tests").rglob("*.py") if path.parent.name != "mutation"]
    shared = sorted(path for path in paths if not path.name.startswith("test_"))
    text = hashlib.sha256(json.dumps([len(some) for some in spans.values()]).encode())
    for path in [*shared, root / file]:
        text.update(path.read_bytes())
    return text.hexdigest()[:16]


class Coverage:
    """Which tests of some files run which statement, and for how long each takes."""

    def __init__(self, kept: Iterable[Path], spans: dict[str, list[Span]]) -> None:
        parts = [np.load(path) for path in kept]
        self.spans = spans
        self.names = [name for part in parts for name in json.loads(str(part["names"]))]
        self.seconds = np.concatenate([part["seconds"] for part in parts])
        self.rows = np.concatenate([part["rows"] for part in parts if part["seconds"].size])
        slow = [any(word in name for word in SLOW) for name in self.names]
        self.seconds = np.where(slow, LONGEST, self.seconds)
        self.scores: dict[str, np.ndarray] = {}

    def run(self, numbers: Iterable[int]) -> np.ndarray:
        """Which tests run any of these statements."""
        found = np.zeros(len(self.names), bool)
        for n in numbers:
            found |= (self.rows[:, n >> 3] & (128 >> (n & 7))) != 0
        return found

    def score(self, path: str) -> np.ndarray:
        """How much each test says about a module: most if it runs what few tests run."""
        if path not in self.scores:
            numbers = sorted(n for _, _, n in self.spans[path])
            first, last = numbers[0] >> 3, (numbers[-1] >> 3) + 1
            some = np.unpackbits(self.rows[:, first:last], axis=1)
            some = some[:, numbers[0] - 8 * first :][:, : len(numbers)]
            self.scores[path] = some @ (1 / np.maximum(some.sum(0, dtype=float), 1))
        return self.scores[path]

    def tests(self, mutant: Mutant) -> list[list[str]]:
        """The tests that may notice a mutant in portions, each to be run if none before has."""
        spans = self.spans[mutant.path]
        around = [span for span in spans if span[0] <= mutant.start and mutant.end <= span[1]]
        around.sort(key=lambda span: (span[1] - span[0], -span[2]))
        whole = around[-1] if around else (0, 0, 0)
        inner = [n for _, _, n in around[:1]]
        near = [n for start, end, n in spans if whole[0] <= start and end <= whole[1]]
        score = self.score(mutant.path)
        best: list[int] = []
        # What runs at import, or once and is then remembered, shows in the tests of what is near.
        for numbers in (inner, near, [n for _, _, n in spans]):
            if self.seconds[best].sum() < LEAST:
                best += [i for i in self.ranked(self.run(numbers), score) if i not in set(best)]
        spent = np.cumsum(self.seconds[best])
        few, some = np.searchsorted(spent, [QUICK, USUAL]) + 1
        others = sorted(best[some:], key=lambda i: -score[i])
        others = others[: np.searchsorted(np.cumsum(self.seconds[others]), FURTHER) + 1]
        portions = [best[:few], best[few:some], [i for i in others if self.seconds[i] < LONGEST]]
        return [[self.names[i] for i in portion] for portion in portions if portion]

    def ranked(self, run: np.ndarray, score: np.ndarray) -> list[int]:
        """Tests, those that say much for their time first; a parametrised one less every time."""
        chosen = np.flatnonzero(run & (self.seconds < LONGEST))
        worth = score[chosen] / (0.1 + self.seconds[chosen])
        before: dict[str, int] = defaultdict(int)
        values = []
        for at in np.argsort(-worth, kind="stable"):
            function = self.names[chosen[at]].partition("[")[0]
            values.append((worth[at] / 2 ** min(before[function], 30), chosen[at]))
            before[function] += 1
        return [int(i) for _, i in sorted(values, key=lambda pair: -pair[0])]
