"""How many small faults in minigrad's operators and engine do the tests notice?

    python -m tests.mutation --sample 200 --seed 1     that many of each folder, at random
    python -m tests.mutation --rules                   all in the declarations of primitives
    python -m tests.mutation minigrad/ops/scans.py     all in these files
    python -m tests.mutation --again old.log           those that survived, by an earlier report

Every mutant is judged in a process of its own, in a copy of the tree, by tests that run the
statement with the fault in it (covered.py), those first that say most for their time. A test that
fails with a fault is run without one as well, and judges nothing if it fails then.
Mutants that no test can tell from the original are listed in equivalent.txt, each with the reason.
"""

from __future__ import annotations

import argparse
import compileall
import contextlib
import faulthandler
import gc
import importlib.machinery
import importlib.util
import json
import math
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

from tests.mutation.covered import (  # noqa: E402
    Coverage,
    Only,
    Probed,
    module_of,
    record,
    run_pytest,
    signature,
    silence,
    test_files,
)
from tests.mutation.mutator import Mutant, mutants  # noqa: E402

ROOT = Path(__file__).parents[2]
LIMIT = 40  # seconds of processor time for a portion of tests: a fault may make a loop endless
IMPORT = "import minigrad"
BATCH = 10


class Loader(importlib.machinery.SourceFileLoader):
    """Loads one module with a fault in it."""

    source: bytes

    def get_code(self, fullname: str) -> Any:
        return compile(self.source, self.path, "exec", dont_inherit=True)


class Finder:
    """Finds that module; for `sys.meta_path`."""

    def __init__(self, mutant: Mutant, root: Path) -> None:
        self.path = root / mutant.path
        self.name = module_of(self.path, root)
        self.source = mutant.apply(self.path.read_bytes())

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != self.name:
            return None
        loader = Loader(name, str(self.path))
        loader.source = self.source
        return importlib.util.spec_from_file_location(name, self.path, loader=loader)


def noticed(mutant: Mutant, root: Path, portions: list[list[str]]) -> list[str]:
    """The test that fails with the mutant, and how; or none."""
    sys.meta_path.insert(0, Finder(mutant, root))
    limit_time(LIMIT)
    try:
        import minigrad  # noqa: F401
    except Exception as error:
        return [IMPORT, f"raises {type(error).__name__}"]
    signal.alarm(0)  # what follows has limits of its own
    for tests in portions:
        failed = failing(tests, "-x")
        if failed:
            return [failed[0], "fails"] if failed[0] in tests else ["", failed[0]]
    return []


def limit_time(seconds: int) -> None:
    used = int(time.process_time()) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (used, used))
    signal.alarm(10 * seconds)  # what waits for ever uses no processor


def failing(tests: list[str], *options: str) -> list[str]:
    """Which tests fail, or how it ends, in a process of its own, which a fault may bring down."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            faulthandler.disable()
            limit_time(LIMIT)
            silence()
            only = Only(tests)
            code = run_pytest(only, tests, *options)
            end = only.failed or ([f"ends with code {code}"] if code else [])
            os.write(write, json.dumps(end).encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as answer:
        end = answer.read()
    _, status = os.waitpid(pid, 0)
    return json.loads(end) if end else [f"ended by signal {status & 127}"]


class Children:
    """Runs functions in forked processes, some at a time; each answers with one string."""

    def __init__(self, processes: int) -> None:
        self.processes = processes
        self.running: dict[int, tuple[Any, Path]] = {}
        self.folder = Path(tempfile.mkdtemp(prefix="mutation-"))

    def start(self, key: Any, work: Callable[[], Any]) -> None:
        answer = self.folder / f"{time.monotonic_ns()}"
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                answer.write_text(json.dumps(work()))
                code = 0
            finally:
                os._exit(code)
        self.running[pid] = (key, answer)

    def finished(self) -> Iterator[tuple[Any, Any]]:
        """(key, answer); None where the process ended without one."""
        for pid, (key, answer) in list(self.running.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del self.running[pid]
                yield key, None if status else json.loads(answer.read_text())

    def map(
        self,
        work: Callable[[Any], Any],
        keys: Iterable[Any],
        done: Callable[[Any, Any], None],
    ) -> None:
        left = list(keys)[::-1]
        while left or self.running:
            while left and len(self.running) < self.processes:
                key = left.pop()
                self.start(key, partial(work, key))
            for key, answer in self.finished():
                done(key, answer)
            time.sleep(0.01)


def wilson(k: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share of which ``k`` of ``n`` were seen (Wilson, 1927)."""
    if n == 0:
        return 0.0, 1.0
    z, p = 1.96, k / n
    middle, spread = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return (middle - spread) / scale, (middle + spread) / scale


def copy_of_tree(compiled: bool) -> Path:
    """The tree as it is now, so that nobody's edits meet the run."""
    root = Path(tempfile.mkdtemp(prefix="mutation-tree-"))
    for name in ("minigrad", "tests", "comparisons", "docs"):
        left = shutil.ignore_patterns("__pycache__", "_build")
        shutil.copytree(ROOT / name, root / name, ignore=left)
    for path in ROOT.glob("[!.]*"):
        if path.is_file():
            shutil.copy(path, root)
    for name in ("minigrad", "tests") if compiled else ():  # once, and not in every process
        compileall.compile_dir(root / name, quiet=2)
    return root


def chosen(options: argparse.Namespace, root: Path) -> tuple[list[Mutant], int]:
    """The mutants to judge, and how many there are to choose from."""
    files = [root / path for path in options.files]
    files = files or [
        *sorted((root / "minigrad" / "ops").glob("*.py")),
        *sorted((root / "minigrad" / "autograd").glob("*.py")),
    ]
    every = [mutant for path in files for mutant in mutants(path, root)]
    if options.rules:
        every = [mutant for mutant in every if mutant.in_rule]
    if options.only:
        every = [mutant for mutant in every if options.only in str(mutant)]
    if options.again:
        lines = Path(options.again).read_text(encoding="utf-8").splitlines()
        parts = [line.removeprefix("SURVIVES ").partition(" ") for line in lines]
        texts = [(place.partition(":")[0], rest.partition("   ")[0]) for place, _, rest in parts]
        again = {f"{path} {rest}".strip() for path, rest in texts}
        every = [mutant for mutant in every if mutant.name in again]
    if not options.sample:
        return every, len(every)
    folders: dict[str, list[Mutant]] = {}
    for mutant in every:
        folders.setdefault(mutant.folder, []).append(mutant)
    draw = random.Random(options.seed)
    drawn = [draw.sample(some, min(options.sample, len(some))) for some in folders.values()]
    # In turn, so that what has been judged at any time is a sample of each folder.
    in_turn = [mutant for some in zip_longest(*drawn) for mutant in some if mutant]
    return in_turn, len(every)


def summary(title: str, killed: int, n: int, sampled: bool) -> str:
    share = f"{title}: {killed} of {n} noticed, {100 * killed / max(n, 1):.1f} %"
    low, high = wilson(killed, n)
    return share + (f" (95 %: {100 * low:.1f} to {100 * high:.1f})" if sampled else "")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("files", nargs="*", help="files to mutate; else minigrad/{ops,autograd}")
    parser.add_argument("--sample", type=int, default=0, help="how many of a folder; 0: all")
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    parser.add_argument("--minutes", type=float, default=0, help="start no mutants after so many")
    parser.add_argument("--rules", action="store_true", help="only in declarations of primitives")
    parser.add_argument("--only", default="", help="only mutants whose description has this text")
    parser.add_argument("--again", default="", metavar="REPORT", help="only those listed there")
    parser.add_argument("--tests", nargs="*", default=[], help="judge by these files; else all")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--list", action="store_true", help="print the mutants and stop")
    options = parser.parse_args()

    root = copy_of_tree(compiled=not options.tests)
    try:
        return judge(options, root)
    finally:
        os.chdir(ROOT)
        shutil.rmtree(root, ignore_errors=True)


def import_what_no_fault_touches(files: list[str]) -> None:
    """Once, here, and not in every process."""
    import hypothesis  # noqa: F401

    with warnings.catch_warnings(), contextlib.suppress(ImportError):
        warnings.simplefilter("ignore")
        import torch

        torch.set_num_threads(1)
        # torch's own tests forbid that flags are set, for good; a test of ours sets some.
        torch.backends.disable_global_flags = lambda: None
        if any("agreement" in file for file in files):
            from torch.testing._internal import common_methods_invocations  # noqa: F401
    gc.collect()
    gc.freeze()  # the children's collections need not go through all of that


def coverage(files: list[str], root: Path, children: Children) -> Coverage:
    """Which tests run what; of tests that have changed it is found anew."""
    folder = ROOT / "build" / "mutation"
    folder.mkdir(parents=True, exist_ok=True)
    spans = Probed(root).spans
    kept = {}
    for file in files:
        plain = file.replace("/", "-").removesuffix(".py")
        kept[file] = folder / f"{plain}-{signature(file, root, spans)}.npz"
        for old in folder.glob(f"{plain}-{'?' * 16}.npz"):
            if old != kept[file]:
                old.unlink()
    new = [file for file in files if not kept[file].exists()]
    if new:
        print(f"running {len(new)} files of tests to see what they run", flush=True)
    children.map(lambda file: record(file, root, kept[file]), new, lambda file, answer: None)
    for file in files:
        if not kept[file].exists():
            print(f"not used, for it ends early: {file}", flush=True)
    return Coverage([path for path in kept.values() if path.exists()], spans)


def judge(options: argparse.Namespace, root: Path) -> int:
    some, total = chosen(options, root)
    if options.list:
        print(*some, sep="\n")
        return 0
    os.chdir(root)
    sys.path[:] = [str(root), *[path for path in sys.path if path not in ("", str(ROOT))]]
    for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
        del sys.modules[name]
    files = options.tests or test_files(root)
    import_what_no_fault_touches(files)
    children = Children(options.processes)
    covered = coverage(files, root, children)
    print(f"{len(some)} of {total} mutants", flush=True)
    answers: dict[Mutant, str] = {}
    fit: dict[str, bool] = {}  # whether a test passes without a fault, alone

    def judged(left: list[Mutant]) -> None:
        found: dict[Mutant, list[str]] = {}

        def noticing(mutant: Mutant) -> list[str]:
            portions = covered.tests(mutant)
            return noticed(mutant, root, [[t for t in p if fit.get(t, True)] for p in portions])

        def done(mutant: Mutant, answer: Any) -> None:
            found[mutant] = ["", "ends"] if answer is None else answer

        children.map(noticing, left, done)
        new = {answer[0] for answer in found.values() if answer} - fit.keys() - {"", IMPORT}
        bad = set(failing(sorted(new))) if new else set()
        fit.update({test: test not in bad for test in new})
        if bad:
            print("not used, for they fail without a fault:", *sorted(bad), flush=True)
        again = []
        for mutant in left:
            answer = found[mutant]
            if answer and not fit.get(answer[0], True):
                again.append(mutant)
                continue
            answers[mutant] = " ".join(answer).strip()
            if answer:
                print(f"noticed  {mutant}   {answers[mutant]}", flush=True)
            else:
                tests = sum(map(len, covered.tests(mutant)))
                print(f"SURVIVES {mutant}   {tests} tests", flush=True)
        if again:
            judged(again)

    started = time.monotonic()
    for i in range(0, len(some), BATCH):
        if options.minutes and time.monotonic() - started > 60 * options.minutes:
            break
        judged(some[i : i + BATCH])
    shutil.rmtree(children.folder, ignore_errors=True)
    return min(report(answers, total), 1)


def equivalents() -> dict[str, str]:
    """The mutants that change nothing a test can see, and why: names, and below each its reason."""
    lines = (Path(__file__).parent / "equivalent.txt").read_text(encoding="utf-8").splitlines()
    texts = [line for line in lines if line and not line.startswith("#")]
    return {name: why.strip() for name, why in zip(texts[::2], texts[1::2], strict=True)}


def report(answers: dict[Mutant, str], total: int) -> int:
    """Print the score and the survivors; returns how many there are."""
    equivalent = equivalents()
    unseen = sorted([m for m, answer in answers.items() if not answer], key=str)
    same = [m for m in unseen if m.name in equivalent]
    left = [m for m in unseen if m.name not in equivalent]
    judged = [m for m in answers if m not in same]
    sampled = len(answers) < total
    files = Counter(answer.partition("::")[0] for answer in answers.values() if answer)
    print("\nNoticed by:", dict(files.most_common()))
    for folder in sorted({m.folder for m in judged}):
        for title, kinds in (
            ("rules and forwards", (True,)),
            ("other functions", (False,)),
            ("all", (True, False)),
        ):
            here = [m for m in judged if m.folder == folder and m.in_rule in kinds]
            killed = sum(bool(answers[m]) for m in here)
            print(summary(f"{folder}, {title}", killed, len(here), sampled))
    print(
        f"\n{len(same)} are equivalent:",
        *[f"{m}\n    {equivalent[m.name]}" for m in same],
        sep="\n",
    )
    print(f"\n{len(left)} survive:", *left, sep="\n")
    return len(left)


if __name__ == "__main__":
    sys.exit(main())
