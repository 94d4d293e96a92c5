"""Looks for faults by volume, for as long as it is given, with seeds that are new every time.

    make soak                                                an hour
    SOAK_MINUTES=2 make soak                                 two minutes
    python -m tests.soak --only programs --seed 7 --runs 1   that part, once, with that seed

The parts take turns, so that each gets its share of the time. A turn is taken in a process of its
own: what crashes or never ends is found as well. What fails is printed with its seed, programs as
Python that runs.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
import traceback
import types
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import hypothesis  # noqa: E402
import torch  # noqa: E402

import minigrad  # noqa: E402
from minigrad.testing import assert_gradients_agree, strategies  # noqa: E402
from minigrad.testing.gallery import GALLERY  # noqa: E402
from minigrad.testing.programs import assert_programs_agree  # noqa: E402
from tests.agreement import malformed, networks, opinfo, state_machine  # noqa: E402
from tests.agreement import programs as dags  # noqa: E402
from tests.agreement import settings as one_setting  # noqa: E402
from tests.agreement.choices import Choices  # noqa: E402
from tests.agreement.test_expressions import check, check_exact  # noqa: E402
from tests.agreement.test_opinfo import KNOWN, NAMES  # noqa: E402
from tests.autograd.test_cost_laws import blocks_left_by, training_step  # noqa: E402

ROOT = Path(__file__).parents[1]
FORK = multiprocessing.get_context("fork")
LIMIT = 300.0  # seconds after which a turn that has not ended never will
DTYPES = ("float64", "float32", "int64", "bool", "int32", "uint8", "int16", "float64")
# Other findings of the malformed arguments are errors of another type than torch's.
SERIOUS = {"leaks", "hangs", "warns", "crashes", "gives another", "changes an argument"}


# The parts. Each takes a seed, and returns how much it has run and what has failed.

Outcome = tuple[int, list[str]]


def programs(seed: int) -> Outcome:
    """Programs of views, writes and passes, statement by statement (the state machine)."""
    tally = state_machine.run_many(range(50 * seed, 50 * seed + 50), ignore=["message"])
    return tally.programs, tally.reports


def trained(seed: int) -> Outcome:
    """Random networks, trained for a few steps by both libraries."""
    found = map(networks.differs, range(50 * seed, 50 * seed + 50))
    return 50, [text for text in found if text is not None]


def expressions(seed: int) -> Outcome:
    """Expression DAGs: values, first and second derivatives within the bounds of rounding."""
    choices, failed = Choices(seed), []
    for dtype in ("float64", "float32"):
        for smooth in (True, False):
            program = dags.make(choices, dtype, smooth, most=20)
            try:
                if smooth:
                    check(program, program.run(minigrad), program.run(torch), parts=3)
                else:
                    check_exact(program)
            except Exception as error:
                failed.append(f"{commented(error)}\n{program.torch_source()}")
    return 4, failed


def drawn(seed: int) -> Outcome:
    """What `minigrad.testing.strategies` draw: functions, and programs with writes."""
    seen: list[Any] = []

    def function(f: Any) -> None:
        seen.append(f)
        engines = ["minigrad", "torch", "complex step"]
        try:
            assert_gradients_agree(f, *f.arrays.values(), engines=engines, order=1 + seed % 2)
        except AssertionError as error:
            if "disagrees" in str(error):
                raise
            hypothesis.reject()  # ill-conditioned: rounding alone decides

    def program(f: Any) -> None:
        seen.append(f)
        assert_programs_agree(f, minigrad, torch)

    failed = []
    for test, strategy in ((function, strategies.expressions()), (program, strategies.programs())):
        try:
            hypothesis.seed(seed)(SETTINGS(hypothesis.given(strategy)(test)))()
        except Exception as error:
            failed.append(f"{commented(error)}\n{seen[-1]!r}")  # the smallest is run last
    return len(seen), failed


SETTINGS = hypothesis.settings(
    max_examples=25,
    database=None,
    derandomize=False,
    deadline=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)


def operators(seed: int) -> Outcome:
    """An operator of torch's table, with other numbers, shapes and dtypes than the tests'."""
    choices = Choices(seed)
    name = choices.pick(NAMES)
    dtype = choices.pick(
        DTYPES[:4] if re.search("interpolate|upsample", name) else DTYPES
    )  # some are of bytes
    settings: Any = {"samples": 60, "errors": False, "seed": seed, "uncertain": True}
    if choices.chance(50) and name not in UNVARIED:
        settings["vary"] = lambda sample: varied(sample, choices)
    report = opinfo.judge_operator(name, [dtype], **settings)
    may_differ = KNOWN.get(name, ("", set()))[1] | FURTHER.get(name, set())
    found = sorted(report.examples.items())
    wrong = [(kind, text) for kind, text in found if kind not in may_differ]
    wrong = [(kind, text) for kind, text in wrong if not REFUSED.search(text)]
    return report.compared, [commented(f"{kind}: {text}") for kind, text in wrong]


def settings(seed: int) -> Outcome:
    """An operator of torch's table with one setting of another kind than it takes."""
    count, found = one_setting.judge(Choices(seed).pick(NAMES), seed)
    return count, [commented(text) for text in one_setting.serious(found)]


# torch goes beyond the memory: of an input that is shorter than its offsets say, and of one that is
# narrower than a window with gaps in it.
UNVARIED = {f"nn.functional.{name}" for name in ("embedding_bag", "max_pool2d", "max_pool3d")}
# What may differ besides, far from the tests' samples.
FURTHER = {
    "logcumsumexp": {"gradgrad"},  # as its first derivative
    "lgamma": {"gradgrad"},  # torch's trigamma has 9 digits
    # torch's padding by less than nothing shows memory that nobody has written to.
    "nn.functional.pad.circular": {"raises", "value"},
    "linalg.norm.subgradients_at_zero": {"gradgrad"},  # of singular values that are 0
    "take_along_dim": {"raises", "method raises"},  # torch looks at few indices
    "mode": {"value", "method value"},  # of many equal elements torch's sort decides
    # torch has several kernels, and one does not look at all sizes.
    "nn.functional.scaled_dot_product_attention": {"grad_fn", "raises"},
}
# Where docs/differences.md says that one of the two refuses.
REFUSED = re.compile(
    r"torch RuntimeError: (view size is not|a view of a leaf Variable|grad_input must be)"
    r"|torch RuntimeError: derivative for aten::_scaled_dot"
    r"|Function ScatterReduceBackward0 returned an invalid gradient"
)


def varied(sample: Any, choices: Choices) -> Any:
    """A sample whose tensors are parts of what they were, or lie otherwise in memory."""

    def other(x: Any) -> Any:
        if isinstance(x, torch.Tensor) and x.ndim and choices.chance(40):
            dim = choices.number(0, x.ndim - 1)
            kept = x.detach()
            if choices.chance(50):
                kept = kept.narrow(dim, 0, choices.number(min(1, x.shape[dim]), x.shape[dim]))
            else:
                kept = kept.transpose(0, dim).contiguous().transpose(0, dim)
            return kept.requires_grad_(x.requires_grad)
        return opinfo.mapped(other, x)

    return types.SimpleNamespace(
        input=other(sample.input),
        args=other(sample.args),
        kwargs=other(sample.kwargs),
        broadcasts_input=True,  # perhaps, so not in place
        output_process_fn_grad=getattr(sample, "output_process_fn_grad", None),
    )


def arguments(seed: int) -> Outcome:
    """Calls with arguments that the functions cannot take."""
    target = Choices(seed).pick(TARGETS)
    tally = malformed.run_apart([target], 40, seed)
    return tally.calls, [str(found) for found in tally.first.values() if found.kind in SERIOUS]


TARGETS = malformed.targets()


def threads(seed: int) -> Outcome:
    """Several threads differentiate several graphs at once, with the bits that one gets alone."""
    made = [dags.make(Choices(1000 * seed + i), "float64", True, most=15) for i in range(6)]
    alone = [bits(program) for program in made]
    wrong: set[int] = set()
    start = threading.Barrier(4)

    def work(order: Sequence[int], recorded: bool) -> None:
        start.wait()
        for i in order:
            if recorded:
                if bits(made[i]) != alone[i]:
                    wrong.add(i)
            else:
                with minigrad.no_grad():  # of this thread only
                    x = minigrad.ones(2, requires_grad=True)
                    if (x * 2).requires_grad:
                        wrong.add(i)

    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        orders = [random.Random(10 * seed + k).sample(range(6), 6) for k in range(4)]
        workers = [
            threading.Thread(target=work, args=(order, k > 0)) for k, order in enumerate(orders)
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    finally:
        sys.setswitchinterval(usual)
    return 24, [f"# differs in a thread\n{made[i].torch_source()}" for i in sorted(wrong)]


def bits(program: dags.Program) -> Any:
    """All that minigrad computes of a program; or its error, which a thread must share."""
    try:
        result = program.run(minigrad)
    except Exception as error:
        return str(error)
    return [[x if x is None else x.tobytes() for x in part.values()] for part in result]


def memory(seed: int) -> Outcome:
    """An expression run again and again leaves nothing behind, without the garbage collector."""
    program = dags.make(Choices(seed), "float32", seed % 2 == 0)
    left = [blocks_left_by(lambda: program.run(minigrad), 200) for _ in range(3)]
    text = f"# {left} blocks are left by 200 runs each\n{program.torch_source()}"
    return 600, [text] if min(left) >= 100 else []  # the first fill what Python keeps


def training(seed: int) -> Outcome:
    """So do 10**5 steps of a training loop."""
    left = blocks_left_by(training_step(), STEPS)
    return STEPS, [f"# {left} blocks are left by {STEPS} steps"] if left >= 100 else []


STEPS = 10**5


def properties(seed: int) -> Outcome:
    """A file of hypothesis's tests, with the profile of many examples, as far as time allows."""
    files = [path for path in sorted((ROOT / "tests").rglob("test_*.py")) if uses_given(path)]
    path = Choices(seed).pick(files).relative_to(ROOT)
    command = ["-m", "pytest", "-q", "-p", "no:cacheprovider", f"--hypothesis-seed={seed}"]
    return run_python([*command, str(path)], HYPOTHESIS_PROFILE="soak")


def uses_given(path: Path) -> bool:
    return "\n@given(" in path.read_text(encoding="utf-8")


def wrong_engines(seed: int) -> Outcome:
    """The tests against a wrong engine, which they must notice."""
    name = list(GALLERY)[seed % len(GALLERY)]
    return run_python(["-m", "minigrad.testing.gallery", "--suite", name], verdict="")


def run_python(command: list[str], verdict: str = "FAILED ", **variables: str) -> Outcome:
    """Run a program, until a turn's time is over; the end of what it prints, if it fails.

    verdict: what it has printed by the end of the time if it has failed.
    """
    child = subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env=os.environ | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        said, _ = child.communicate(timeout=max(turn_ends - time.monotonic(), 5))
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGINT)  # pytest then tells what has failed so far
        try:
            said, _ = child.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            said, _ = child.communicate()
        failed = bool(verdict) and verdict in said
    else:
        failed = child.returncode != 0
    return 1, [commented(f"python {' '.join(command)}\n{said[-4000:]}")] if failed else []


turn_ends = 0.0  # when the turn's time is over: by time.monotonic()


@dataclass
class Part:
    run: Callable[[int], Outcome]
    share: float  # of the time
    seconds: float = 5.0  # of a turn
    least: float = 0.0  # minutes without which it is left out

    seed: int = 0  # of the next run
    used: float = 0.0
    runs: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.run.__name__


def parts() -> list[Part]:
    return [
        Part(programs, 25),
        Part(trained, 10),
        Part(expressions, 10),
        Part(drawn, 10),
        Part(operators, 10),
        Part(settings, 4),
        Part(arguments, 10),
        Part(threads, 5),
        Part(memory, 5),
        Part(training, 2, least=5),
        Part(properties, 13, 60),
        Part(wrong_engines, 5, 120, least=30),
    ]


def turn(part: Part, seconds: float, most: int, reached: Any) -> list[tuple[int, int, list[str]]]:
    """Run a part with seed after seed, for so long or so often: each run's seed and outcome.

    reached: tells another process the seed of the run under way.
    """
    global turn_ends
    turn_ends = time.monotonic() + seconds
    torch.set_num_threads(1)
    done: list[tuple[int, int, list[str]]] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a random program does much that torch warns of
        while len(done) < (most or 1) or (not most and time.monotonic() < turn_ends):
            seed = reached.value = part.seed + len(done)
            try:
                runs, failed = part.run(seed)
            except Exception:
                runs, failed = 1, [commented(traceback.format_exc())]
            done.append((seed, runs, failed))
    return done


def apart(work: Callable[[], Any], limit: float) -> Any:
    """What a function returns in a process of its own; a str if that crashes or never ends."""
    receive, send = FORK.Pipe(duplex=False)
    process = FORK.Process(target=lambda: send.send(work()))
    process.start()
    send.close()
    try:
        return receive.recv() if receive.poll(limit) else f"# not over after {limit:.0f} seconds"
    except EOFError:
        process.join()
        return f"# the process ended with {process.exitcode}"
    finally:
        process.kill()
        process.join()


def take(part: Part, seconds: float, most: int = 0) -> None:
    """Let a part take a turn, and note what comes of it."""
    start = time.monotonic()
    reached = FORK.Value("q", part.seed, lock=False)
    done = apart(lambda: turn(part, seconds, most, reached), seconds + LIMIT)
    part.used += time.monotonic() - start
    if isinstance(done, str):
        done = [(reached.value, 1, [done])]
    for seed, runs, failed in done:
        part.runs += runs
        part.seed = seed + 1
        for text in failed:
            again = f"# python -m tests.soak --only {part.name} --seed {seed} --runs 1"
            part.failures.append(f"{again}\n{text}")
            print(f"{part.name}: fails with seed {seed}", flush=True)


def soak(chosen: Sequence[Part], minutes: float) -> None:
    """Let the parts take turns, always the one that has had the least of its share."""
    ends = time.monotonic() + 60 * minutes
    while time.monotonic() < ends:
        part = min(chosen, key=lambda part: part.used / part.share)
        take(part, min(part.seconds, 60 * minutes * part.share / 100))


def report(chosen: Sequence[Part]) -> str:
    lines = [f"{'part':16}{'runs':>10}{'failures':>10}{'seconds':>9}"]
    for part in chosen:
        failures = len(part.failures)
        lines.append(f"{part.name:16}{part.runs:>10}{failures:>10}{part.used:>9.0f}")
    for part in chosen:
        if part.failures:
            lines += ["", f"# The first failure of {part.name}:", part.failures[0]]
    return "\n".join(lines)


def commented(text: Any) -> str:
    if isinstance(text, Exception):
        text = f"{type(text).__name__}: {text}"
    return "\n".join([f"# {line}".rstrip() for line in str(text).splitlines()])


def main(given: Sequence[str] | None = None) -> int:
    every = parts()
    minutes = float(os.environ.get("SOAK_MINUTES") or 60)
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--minutes", type=float, default=minutes, help="by default SOAK_MINUTES")
    parser.add_argument("--seed", type=int, help="of each part's first run; else by the clock")
    parser.add_argument("--runs", type=int, help="so many of each part, however long they take")
    parser.add_argument("--only", nargs="*", choices=[part.name for part in every], metavar="PART")
    options = parser.parse_args(given)
    chosen = [
        part
        for part in every
        if (part.name in options.only if options.only else part.least <= options.minutes)
    ]
    seed = time.time_ns() // 10**6 % 10**8 if options.seed is None else options.seed
    print(f"{options.minutes:g} minutes, seeds from {seed}", flush=True)
    for part in chosen:
        part.seed = seed
    if options.runs:
        for part in chosen:
            take(part, 60 * options.minutes, options.runs)
    else:
        soak(chosen, options.minutes)
    print(report(chosen))
    return 1 if any(part.failures for part in chosen) else 0


if __name__ == "__main__":
    sys.exit(main())
