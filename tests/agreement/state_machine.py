"""Random programs that minigrad and torch must run alike, statement by statement.

A program makes leaves, operates, takes views of views, writes in place, switches modes,
differentiates once and twice, and meddles with ``.grad`` and ``.data`` (`statements.py` says what
there is, and is where to add more). Its statements are text, with ``T`` for the library; both
libraries execute them in turn. After every statement all tensors must agree in value, dtype,
shape, ``_version`` and ``_is_view()``; in ``requires_grad``, ``is_leaf``, the name of ``grad_fn``
and ``.grad`` too. Or both libraries raise the same type of exception, and the program goes on.

``python -m tests.agreement.state_machine --programs 2000 --seed 0`` runs programs by the number
and prints each disagreement as the shortest program that still shows it. `test_programs.py` gives
the same generator to hypothesis.

What may differ: what a statement that raises has done before, such as the leaves that already have
their gradient when a backward pass fails, or the elements that precede a bad index; of a gradient
the version that it starts with, whether it is a view (an expanded one), and the name of its
``grad_fn`` (`Machine.made_by_a_pass`); `rulings.py` has the rest.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
import warnings
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

import torch

from tests.agreement.choices import Choices
from tests.agreement.conditioning import ill_conditioned
from tests.agreement.library import Disagreement
from tests.agreement.machine import Machine, replay
from tests.agreement.statements import EXIT, LENGTH, Writer


def write_and_run(
    choices: Choices, length: int = LENGTH, ignore: Collection[str] = ()
) -> tuple[list[str], bool, Disagreement | None]:
    """Write a program while both libraries run it: its text, how it was watched, what differs."""
    watch = not choices.chance(40)
    machine = Machine(watch, ignore)
    writer = Writer(choices, machine.theirs.names)
    program: list[str] = []
    found = last = None
    try:
        for _ in range(length):
            program.append(writer.next())
            found = machine.run(program[-1])
            if found is not None or machine.over:
                break
            if machine.raised is None:
                writer.follow(program[-1])
    finally:
        last = machine.finish()
    return program, watch, found or last


def parse(source: str) -> list[str]:
    """The statements of a program as `source_of` prints it."""
    program: list[str] = []
    depths = []
    for line in source.splitlines():
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        indent = len(line) - len(line.lstrip())
        while depths and indent <= depths[-1]:
            depths.pop()
            program.append(EXIT)
        if text != "pass":
            program.append(text)
        if text.endswith(":"):
            depths.append(indent)
    return program


def source_of(program: Sequence[str], prefix: str = "") -> str:
    """The program as Python."""
    lines: list[str] = []
    depth = 0
    for text in program:
        if text == EXIT:
            if lines and lines[-1].endswith(":"):
                lines.append(prefix + "    " * depth + "pass")
            depth = max(depth - 1, 0)
        else:
            lines.append(prefix + "    " * depth + text)
            depth += text.endswith(":")
    if lines and lines[-1].endswith(":"):
        lines.append(prefix + "    " * depth + "pass")
    return "\n".join(lines)


def report(program: Sequence[str], found: Disagreement, watch: bool) -> str:
    """The program as Python that runs with both."""
    looked = "" if watch else "  (nobody looks at the graph before the end)"
    return "\n".join(
        [
            f"# {found}{looked}",
            "import minigrad, torch",
            "for T in (minigrad, torch):",
            "  try:",
            source_of(program, "    "),
            "  except Exception as error:",
            "    print(T.__name__, type(error), error)",
            "",
        ]
    )


def minimal(
    program: Sequence[str], found: Disagreement, watch: bool, ignore: Collection[str] = ()
) -> list[str]:
    """The program without the statements that the disagreement does not need."""
    program = list(program)
    again = True
    while again:
        again = False
        for size in (8, 4, 2, 1):
            i = len(program) - size
            while i >= 0:
                shorter = program[:i] + program[i + size :]
                other = replay(shorter, watch, ignore)
                if other is not None and alike(other, found):
                    program, again = shorter, True
                i -= size
    return program


def alike(a: Disagreement, b: Disagreement) -> bool:
    """Whether two disagreements of the same program are about the same."""
    if a.kind != b.kind:
        return False
    if a.kind in ("value", "grad", "shape"):
        return True
    return (a.ours[:60], a.theirs[:60]) == (b.ours[:60], b.theirs[:60])


class Tally:
    """What many programs came to."""

    def __init__(self) -> None:
        self.programs = self.statements = self.ill = 0
        self.kinds: Counter[str] = Counter()
        self.seen: Counter[str] = Counter()  # by key_of
        self.first: dict[str, str] = {}  # the shortest of each sort

    @property
    def reports(self) -> list[str]:
        """A program for each sort of disagreement, the most frequent first."""
        return [f"# {n} times: {key}\n{self.first[key]}" for key, n in self.seen.most_common()]

    def __str__(self) -> str:
        count = sum(self.kinds.values())
        return (
            f"{self.programs} programs, {self.statements} statements, {count} disagreements "
            f"{dict(self.kinds)} of {len(self.seen)} sorts, {self.ill} ill-conditioned"
        )


def key_of(program: Sequence[str], found: Disagreement) -> str:
    """Disagreements with the same key are probably the same one."""
    text = program[min(found.step, len(program) - 1)].rpartition(" = ")[2]
    detail = () if found.kind in ("value", "grad") else (found.ours[:60], found.theirs[:60])
    if found.kind == "raises":
        text = "backward" if "grad(" in text or "backward(" in text else "statement"
    key = re.sub(r"v\d+", "v", f"{found.kind} {text} {detail}")
    return re.sub(r"\[[-\[\]\d., ]*\]|-?\d+(\.\d+)?", "#", key)


def run_many(seeds: Iterable[int], length: int = LENGTH, ignore: Collection[str] = ()) -> Tally:
    """Run the programs with these seeds; the disagreements are reported minimised."""
    tally = Tally()
    with warnings.catch_warnings():
        # A random program does what torch warns of, such as create_graph in backward().
        warnings.simplefilter("ignore")
        for seed in seeds:
            program, watch, found = write_and_run(Choices(seed), length, ignore)
            tally.programs += 1
            tally.statements += len(program)
            if found is None:
                continue
            if ill_conditioned(program, found):
                tally.ill += 1
                continue
            tally.kinds[found.kind] += 1
            program = minimal(program, found, watch, ignore)
            found = replay(program, watch, ignore) or found
            key = key_of(program, found)
            tally.seen[key] += 1
            text = f"# seed {seed}\n{report(program, found, watch)}"
            if key not in tally.first or len(text) < len(tally.first[key]):
                tally.first[key] = text
    return tally


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.agreement.state_machine",
        description="Run random programs with minigrad and torch and print where they disagree.",
    )
    parser.add_argument("--programs", type=int, default=2000, help="how many programs to run")
    parser.add_argument("--seed", type=int, default=0, help="the first program's seed")
    parser.add_argument("--length", type=int, default=LENGTH, help="statements in a program")
    parser.add_argument("--show", type=int, default=30, help="how many disagreements to print")
    parser.add_argument("--ignore", nargs="*", default=[], help="not to compare, such as grad_fn")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    start = time.perf_counter()
    seeds = range(options.seed, options.seed + options.programs)
    tally = run_many(seeds, options.length, options.ignore)
    for text in tally.reports[: options.show]:
        print(text)
    rate = tally.programs / (time.perf_counter() - start)
    print(f"{tally}; {rate:.0f} programs/s")
    return 1 if tally.reports else 0


if __name__ == "__main__":
    sys.exit(main())
