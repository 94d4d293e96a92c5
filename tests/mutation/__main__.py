"""How many small faults in minigrad's operators and engine do the tests notice?

    python -m tests.mutation --sample 200 --seed 1     that many of each folder, at random
    python -m tests.mutation --rules                   all in the declarations of primitives
    python -m tests.mutation minigrad/ops/scans.py     all in these files
    python -m tests.mutation --again old.log           those that survived, by an earlier report

Every mutant is judged in a process of its own, in a copy of the tree, by the quickest tests that
may notice it (relevant.py): a unit of tests notices it if it ends otherwise than without a fault.
So that few units have to be run without one, those that pass or fail come first, and a failure is
checked; what none of them notices is then judged by those that end with counts.
Mutants that no test can tell from the original are listed in equivalent.txt, each with the reason.
"""

from __future__ import annotations

import argparse
import compileall
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

from tests.mutation.mutator import Mutant, mutants  # noqa: E402
from tests.mutation.relevant import Unit, Uses, module_of, units  # noqa: E402

ROOT = Path(__file__).parents[2]
LIMIT = 20  # seconds of processor time for a unit: a fault may make a loop endless
PASS_OR_FAIL, COUNTING = ("cases", "file"), ("opinfo", "programs")
IMPORT: Unit = ("import", "minigrad")
BATCH = 10
SLOW = ("million", "deep_chains", "memory", "ten_thousand")  # in names of tests
CASE_TESTS = (
    "test_gradcheck",
    "test_gradgradcheck",
    "test_results_are_arrays_and_know_their_node",
    "test_only_views_share_memory_with_an_input",
    "test_inputs_and_seed_are_not_changed",
)


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


def run_unit(unit: Unit) -> str:
    """How a unit of tests ends, in a word or a few: the same whenever nothing has changed."""
    kind, name = unit
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if kind == "cases":
            return run_cases(name)
        if kind == "file":
            import pytest

            options = [
                "-x",
                "-q",
                "--assert=plain",
                "-p",
                "no:cacheprovider",
                "-p",
                "no:faulthandler",
                "-k",
                f"not ({' or '.join(SLOW)})",
            ]
            return "fails" if pytest.main([*options, name]) else "passes"
        if kind == "opinfo":
            from tests.agreement import opinfo, test_opinfo, test_wrong_operands

            report = opinfo.judge_operator(name, samples=test_opinfo.SAMPLES)
            return f"{sorted(report.kinds.items())} {test_wrong_operands.refusals(name)}"
        from tests.agreement import state_machine

        return str(sorted(state_machine.run_many(range(int(name))).kinds.items()))


def run_cases(module: str) -> str:
    from tests.autograd import test_primitive
    from tests.primitives import CASES

    for case in CASES:
        if case.name.partition(".")[0] == module:
            for name in CASE_TESTS:
                if "grad" in name and not case.differentiable:
                    continue
                try:
                    getattr(test_primitive, name).of_case(case)
                except Exception as error:
                    return f"fails {case} {name} {type(error).__name__}"
    return "passes"


def noticed(mutant: Mutant, root: Path, todo: Iterable[Unit], usual: dict[Unit, str]) -> list[Any]:
    """The first unit that ends otherwise with the mutant, and how; or None and ""."""
    sys.meta_path.insert(0, Finder(mutant, root))
    limit_time()
    try:
        import minigrad  # noqa: F401
    except Exception as error:
        return [IMPORT, f"raises {type(error).__name__}"]
    signal.alarm(0)  # what follows has limits of its own
    for unit in todo:
        end = ending(unit)
        if end != usual.get(unit, "passes"):
            return [unit, end]
    return [None, ""]


def limit_time() -> None:
    used = int(time.process_time()) + LIMIT
    resource.setrlimit(resource.RLIMIT_CPU, (used, used))
    signal.alarm(6 * LIMIT)  # what waits for ever uses no processor


def ending(unit: Unit) -> str:
    """How a unit ends, in a process of its own, which a fault may hang or bring down."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            faulthandler.disable()
            limit_time()
            silence = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silence, 1)
            os.dup2(silence, 2)
            try:
                end = run_unit(unit)
            except Exception as error:
                end = f"raises {type(error).__name__}"
            os.write(write, end.encode()[:4000])
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as answer:
        end = answer.read().decode(errors="replace")
    _, status = os.waitpid(pid, 0)
    return end or f"ended by signal {status & 127}"


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


def copy_of_tree() -> Path:
    """The tree as it is now, so that nobody's edits meet the run."""
    root = Path(tempfile.mkdtemp(prefix="mutation-tree-"))
    for name in ("minigrad", "tests", "comparisons", "docs"):
        left = shutil.ignore_patterns("__pycache__", "_build")
        shutil.copytree(ROOT / name, root / name, ignore=left)
    for path in ROOT.glob("[!.]*"):
        if path.is_file():
            shutil.copy(path, root)
    for name in ("minigrad", "tests"):  # once, and not again in every process
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
        again = {f"{place.partition(':')[0]} {rest}".strip() for place, _, rest in parts}
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
    kinds = ["cases", "file", "opinfo", "programs"]
    parser.add_argument("--kinds", nargs="*", choices=kinds, default=kinds, help="of tests")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--list", action="store_true", help="print the mutants and stop")
    options = parser.parse_args()

    root = copy_of_tree()
    try:
        return judge(options, root)
    finally:
        os.chdir(ROOT)
        shutil.rmtree(root, ignore_errors=True)


def names_in_torch(root: Path) -> dict[str, str]:
    """The operators of torch's table that are offered, and the plain name of each."""
    import torch

    torch.set_num_threads(1)
    # torch's own tests forbid that flags are set, for good; a test of ours sets some.
    torch.backends.disable_global_flags = lambda: None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch.testing._internal.common_methods_invocations import op_db
    offered = (root / "tests" / "agreement" / "operators.py").read_text().split()
    operators = {}
    for op in op_db:
        full = ".".join(filter(None, [op.name, op.variant_test_name]))
        if full in offered:
            operators[full] = op.name.rpartition(".")[2]
    return operators


def judge(options: argparse.Namespace, root: Path) -> int:
    some, total = chosen(options, root)
    if options.list:
        print(*some, sep="\n")
        return 0
    os.chdir(root)
    sys.path[:] = [str(root), *[path for path in sys.path if path not in ("", str(ROOT))]]
    for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
        del sys.modules[name]
    # What children need and no fault touches is imported once, here.
    import hypothesis  # noqa: F401
    import numpy  # noqa: F401
    import pytest  # noqa: F401

    operators = names_in_torch(root) if "opinfo" in options.kinds else {}
    gc.collect()
    gc.freeze()  # the children's collections need not go through all of that
    uses = Uses(root)
    plans = {
        mutant: [u for u in units(mutant, root, uses, operators) if u[0] in options.kinds]
        for mutant in some
    }
    print(f"{len(some)} of {total} mutants", flush=True)
    children = Children(options.processes)
    answers: dict[Mutant, str] = {}
    usual: dict[Unit, str] = {}  # how units end without a fault
    unfit: set[Unit] = set()  # these fail without a fault, and so judge nothing

    def fit(mutant: Mutant, kinds: Iterable[str]) -> list[Unit]:
        return [unit for unit in plans[mutant] if unit[0] in kinds and unit not in unfit]

    def without_fault(unit: Unit, end: str) -> None:
        usual[unit] = end
        if end != "passes" and not end.startswith("["):
            print(f"not used, for it {end} without a fault: {' '.join(unit)}", flush=True)
            unfit.add(unit)

    def judged(left: list[Mutant], kinds: Iterable[str]) -> list[Mutant]:
        """Judge by units of these kinds; returns the mutants that none of them notices."""
        unseen: list[Mutant] = []
        again: list[Mutant] = []

        def done(mutant: Mutant, answer: Any) -> None:
            where, end = answer or [IMPORT, "ends"]
            unit = tuple(where or IMPORT)
            if unit[0] in PASS_OR_FAIL and unit not in usual:
                without_fault(unit, ending(unit))
            if unit in unfit:
                again.append(mutant)
            elif end:
                answers[mutant] = f"{' '.join(unit)}: {end}"
                print(f"noticed  {mutant}   {answers[mutant]}", flush=True)
            else:
                unseen.append(mutant)

        children.map(lambda m: noticed(m, root, fit(m, kinds), usual), left, done)
        return unseen + (judged(again, kinds) if again else [])

    started = time.monotonic()
    for i in range(0, len(some), BATCH):
        if options.minutes and time.monotonic() - started > 60 * options.minutes:
            break
        unseen = judged(some[i : i + BATCH], PASS_OR_FAIL)
        needed = dict.fromkeys(unit for mutant in unseen for unit in fit(mutant, COUNTING))
        children.map(ending, [unit for unit in needed if unit not in usual], without_fault)
        for mutant in judged(unseen, COUNTING):
            answers[mutant] = ""
            print(f"SURVIVES {mutant}", flush=True)
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
    print("\nNoticed by:", dict(Counter(a.partition(" ")[0] for a in answers.values() if a)))
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
