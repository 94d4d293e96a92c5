"""Which tests are the quickest that may notice a mutant.

A *unit* is a pair (kind, name): ``cases`` are the samples of a module's primitives, with the tests
of tests/autograd/test_primitive.py; a ``file`` is one of tests, ``opinfo`` an operator of torch's
table, and ``programs`` are random ones.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

from tests.mutation.mutator import Mutant, top_level

Unit = tuple[str, str]
Place = tuple[str, str]  # (module, top-level name)
FILES, OPERATORS = 8, 4  # at most so many for one mutant
# The last are those whose tests are units of their own, and would take a minute together.
SKIPPED = {"comparisons", "lessons", "mutation"}
SKIPPED |= {"test_primitive.py", "test_opinfo.py", "test_wrong_operands.py", "test_programs.py"}


def module_of(path: Path, root: Path) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


class Uses:
    """Who uses what: from each top-level name of the package to those whose code mentions it."""

    def __init__(self, root: Path) -> None:
        self.users: dict[Place, set[Place]] = defaultdict(set)
        for path in sorted((root / "minigrad").rglob("*.py")):
            module, tree = module_of(path, root), ast.parse(path.read_bytes())
            own = {name for name, _ in top_level(tree)}
            names: dict[str, Place] = {name: (module, name) for name in own}
            modules: dict[str, str] = {}
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom) and node.module:
                    for alias in node.names:
                        name = alias.asname or alias.name
                        names.setdefault(name, (node.module, alias.name))
                        modules.setdefault(name, f"{node.module}.{alias.name}")
            for user, node in top_level(tree):
                for part in ast.walk(node):
                    if isinstance(part, ast.Name) and part.id in names:
                        self.users[names[part.id]].add((module, user))
                    elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
                        whose = modules.get(part.value.id)
                        if whose is not None:
                            self.users[whose, part.attr].add((module, user))

    def reached(self, module: str, name: str, most: int = 60) -> list[Place]:
        """The definitions that use a name, directly first."""
        found = [(module, name)]
        for place in found:
            if len(found) >= most:
                break
            found += sorted(self.users[place] - set(found))
        return found


@cache
def words(path: Path) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for word in re.findall(r"\w+", path.read_text()):
        counts[word] += 1
    return counts


@cache
def test_files(root: Path) -> list[Path]:
    found = sorted((root / "tests").rglob("test_*.py"))
    return [path for path in found if not SKIPPED & set(path.relative_to(root).parts)]


@cache
def spread(root: Path) -> dict[str, int]:
    """How many files of tests mention a name."""
    counts: dict[str, int] = defaultdict(int)
    for file in test_files(root):
        for word in words(file):
            counts[word] += 1
    return counts


def public(name: str) -> str:
    """The last part of the name that users know a function by: ``linalg_qr`` is `linalg.qr`."""
    return name.removeprefix("linalg_").removeprefix("special_")


def units(mutant: Mutant, root: Path, uses: Uses, operators: dict[str, str]) -> list[Unit]:
    """The units for a mutant, the quickest first. ``operators``: of torch's table, their names."""
    path = root / mutant.path
    module = module_of(path, root)
    stem = path.stem
    reached = uses.reached(module, mutant.scope)
    names = list(dict.fromkeys(public(name) for _, name in reached if not name.startswith("_")))
    found: list[Unit] = []
    for where, _ in reached:
        unit = ("cases", where.rpartition(".")[2])
        if where.startswith(("minigrad.ops", "minigrad.autograd.views")) and unit not in found:
            found.append(unit)
    found = found[:4] or [("cases", "arithmetic"), ("cases", "views")]
    rank = {}
    for file in test_files(root):
        # A name that few files mention says more.
        seen = [name for name in names[:20] if name in words(file)]
        mentions = sum(min(words(file)[name], 9) / spread(root)[name] for name in seen)
        near = file.parent.name == path.parent.name
        own = file.stem in (f"test_{stem}", f"test_functional_{stem}")
        if own or mentions:
            rank[file] = (own, mentions * (2 if near else 1))
    most = 2 * FILES if path.parent.name == "autograd" else FILES  # the engine's tests are many
    best = sorted(rank, key=lambda file: rank[file], reverse=True)[:most]
    found += [("file", str(file.relative_to(root))) for file in best]
    matching = [full for name in names for full, plain in operators.items() if plain == name]
    found += [("opinfo", full) for full in dict.fromkeys(matching)][:OPERATORS]
    return [*found, ("programs", "300")]
