"""What the project promises of itself: who imports whom, how large the core is, the README."""

import ast
import importlib
import os
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import minigrad
from minigrad import later

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "minigrad"
CORE = [
    *(f"autograd/{name}.py" for name in ("value", "primitive", "node", "backward")),
    "ops/arithmetic.py",
]
# Imports go to a lower layer, or stay in their own. A module takes the longest prefix that fits.
LAYERS = {
    "minigrad.autograd.value": 0,
    "minigrad.autograd.primitive": 1,
    "minigrad.autograd.node": 1,
    "minigrad.autograd.backward": 1,
    "minigrad.ops": 2,
    "minigrad.tensor": 3,
    "minigrad.nn": 4,
    "minigrad.optim": 4,
    "minigrad.utils": 4,
}


def modules() -> dict[str, Path]:
    """Every module of minigrad by its full name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def statements(node: ast.AST, inside_functions: bool) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports below `node` that really run; those for the type checker do not."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            for other in child.orelse:
                yield from statements(other, inside_functions)
        elif inside_functions or not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from statements(child, inside_functions)


def imports(name: str, path: Path, inside_functions: bool = True) -> set[str]:
    """The full names that the module imports; modules where they are minigrad's own."""
    known = modules()
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found = set()
    for statement in statements(ast.parse(path.read_text(encoding="utf-8")), inside_functions):
        if isinstance(statement, ast.Import):
            found |= {alias.name for alias in statement.names}
            continue
        base = statement.module or ""
        if statement.level:
            parents = package.split(".")[: len(package.split(".")) + 1 - statement.level]
            base = ".".join([*parents, *filter(None, [statement.module])])
        for alias in statement.names:
            full = f"{base}.{alias.name}"
            found.add(full if full in known else base)
    return found - {name}


def layer(name: str) -> int | None:
    fitting = [prefix for prefix in LAYERS if name == prefix or name.startswith(f"{prefix}.")]
    return LAYERS[max(fitting, key=len)] if fitting else None


def code_lines(path: Path) -> int:
    """Lines that hold code: no blank lines, comments or docstrings."""
    lines: set[int] = set()
    skipped = {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENCODING,
        tokenize.ENDMARKER,
    }
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type not in skipped:
                lines |= set(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        is_string = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_string and isinstance(node.value.value, str):
            lines -= set(range(node.lineno, node.end_lineno + 1))
    return len(lines)


def run_python(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *args], cwd=ROOT, capture_output=True, text=True, timeout=120
    )


def tracked_text() -> Iterator[tuple[str, str]]:
    """Name and text of every text file under version control."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.is_file() and path.suffix not in {".png", ".npz", ".pt"}:
            yield name, path.read_text(encoding="utf-8")


def test_import_needs_numpy_and_nothing_else() -> None:
    code = (
        "import sys, numpy; before = set(sys.modules); import minigrad\n"
        "tops = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(*sorted(tops - sys.stdlib_module_names - {'numpy', 'minigrad'}))"
    )
    done = run_python("-c", code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_nothing_in_minigrad_knows_the_engines_or_the_comparisons() -> None:
    allowed = sys.stdlib_module_names | {"numpy", "minigrad"}
    optional = {
        "minigrad.serialization": {"safetensors"},
        "minigrad.testing.strategies": {"hypothesis"},
        "minigrad.testing.gallery.counterexamples": {"hypothesis"},
        "minigrad.utils.tensorboard": {"matplotlib", "tensorboard"},
    }
    for name, path in modules().items():
        tops = {target.partition(".")[0] for target in imports(name, path)}
        foreign = tops - allowed - optional.get(name, set())
        assert not foreign, f"{path.relative_to(ROOT)} imports {sorted(foreign)}"


def test_imports_point_one_way() -> None:
    for name, path in modules().items():
        own = layer(name)
        if own is None:
            continue
        for target in imports(name, path):
            theirs = layer(target)
            assert theirs is None or theirs <= own, f"{name} (layer {own}) imports {target}"


def test_imports_make_no_circle() -> None:
    known = modules()
    graph = {
        name: imports(name, path, inside_functions=False) & known.keys()
        for name, path in known.items()
        if path.name != "__init__.py"
    }
    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"a circle of imports: {' <- '.join(error.args[1])}")


def test_the_core_stays_small() -> None:
    counts = {name: code_lines(PACKAGE / name) for name in CORE}
    assert max(counts.values()) <= 200, counts
    assert sum(counts.values()) <= 600, counts


SAMPLE = '''"""Docstring."""

# comment
def f(
    x,
):
    """Two
    lines."""
    return """a

b"""
'''


def test_code_lines_counts_code_alone(tmp_path: Path) -> None:
    (tmp_path / "sample.py").write_text(SAMPLE)
    assert code_lines(tmp_path / "sample.py") == 6


def readme_examples() -> list[tuple[str, list[str]]]:
    """The README's programs, each with what it prints: a comment behind a print says so."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    programs = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    return [(p, re.findall(r"^print\(.*\)\s+# (.*)$", p, re.MULTILINE)) for p in programs]


@pytest.mark.parametrize("program, printed", readme_examples())
def test_a_readme_example_runs_and_says_the_truth(program: str, printed: list[str]) -> None:
    assert printed, "the example prints nothing"
    done = run_python("-c", program)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == printed


@pytest.mark.torch
@pytest.mark.parametrize("program, printed", readme_examples())
def test_torch_prints_the_same_once_the_import_is_its_own(
    program: str, printed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    import torch

    program = program.replace("import minigrad as torch", "import torch")
    program = program.replace("from minigrad", "from torch")
    assert "minigrad" not in program
    with torch.random.fork_rng():
        exec(program, {"__name__": "example"})
    assert capsys.readouterr().out.splitlines() == printed


def test_the_readme_has_the_articles_listing_and_its_figures() -> None:
    from comparisons.article import LISTINGS

    (_, printed), *_ = readme_examples()
    text = " ".join(printed)
    for published in LISTINGS[1].published.values():
        assert published.text in text


def test_type_checkers_see_the_annotations() -> None:
    assert (PACKAGE / "py.typed").is_file()


def test_the_version_has_one_source() -> None:
    done = run_python("-c", "import minigrad; print(minigrad.__version__)")
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", done.stdout.strip()), done.stdout + done.stderr
    assert 'path = "minigrad/__init__.py"' in (ROOT / "pyproject.toml").read_text()


def test_no_machine_and_no_package_index_is_named() -> None:
    home = re.escape(os.path.expanduser("~"))
    patterns = {
        "a path of one machine": rf"(?<![\w.])(/(home|root|Users|work)/\w|{home}/)",
        "the address of a package index": r"(?i)https?://[\w./-]+/(simple|whl)\b",
    }
    installs = {"Makefile", "constraints.txt", "pyproject.toml", ".ci/run"}
    for name, text in tracked_text():
        for what, pattern in patterns.items():
            match = re.search(pattern, text)
            assert not match, f"{name} has {what}: {match and match[0]}"
        assert name not in installs or "://" not in text, f"{name} has an address"


def test_what_is_imported_later_is_named_by_its_module() -> None:
    for folder, families in (("ops.", later.OPERATORS), ("", later.MODULES)):
        for name, names in families.items():
            module = importlib.import_module(f"minigrad.{folder}{name}")
            public = getattr(module, "__all__", [])
            if folder or name in ("legacy", "random", "typeinfo", "windows"):
                assert names.split() == public, name
            assert all(hasattr(module, n) for n in names.split()), name


def test_every_method_that_is_imported_later_is_there() -> None:
    for owner in minigrad.Tensor.__mro__[:-1]:
        for name in vars(owner):
            assert hasattr(owner, name), name


def test_an_import_loads_no_family_before_it_is_needed() -> None:
    code = (
        "import minigrad, sys\n"
        "from minigrad.later import OPERATORS\n"
        "loaded = [name for name in OPERATORS if f'minigrad.ops.{name}' in sys.modules]\n"
        "assert not loaded, loaded\n"
        "x = minigrad.tensor([[4.0, 1.0], [1.0, 3.0]])\n"
        "assert abs(x.det().item() - 11) < 1e-5 and abs(minigrad.det(x).item() - 11) < 1e-5\n"
        "assert x.tril_().tolist() == x.tolist() == [[4, 0], [1, 3]]\n"
        "import numpy\n"
        "assert type(numpy.square(x)) is minigrad.Tensor\n"
    )
    done = run_python("-c", code)
    assert done.returncode == 0, done.stderr


def test_what_is_imported_later_is_what_type_checkers_are_told() -> None:
    code = (
        "import minigrad, sys; assert 'minigrad.nn' not in sys.modules\n"
        "from minigrad import shared_functions\n"
        "shared = 'minigrad.nn.functional', 'minigrad.shared_functions'\n"
        "later = [name for name, module in minigrad.LATER.items() if module in shared]\n"
        "assert sorted(later) == sorted(shared_functions.__all__), later\n"
        "assert len(minigrad.__all__) == len(set(minigrad.__all__))\n"
        "assert all(getattr(minigrad, name) is not None or name == 'newaxis' "
        "for name in minigrad.__all__)"
    )
    done = run_python("-c", code)
    assert done.returncode == 0, done.stderr
