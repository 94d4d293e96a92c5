"""The command line: `python -m comparisons [compare | article | descent | agree]`."""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import math
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from comparisons import agree, article, compare, descent, report
from comparisons.contract import Engine
from comparisons.engines import ENGINES, find
from comparisons.problem import DTYPES, draw_problem
from comparisons.schedule import Schedule
from comparisons.startup import one_thread

POINTS = 100
WIDTH = 110


class Parser(argparse.ArgumentParser):
    """A parser that answers a bad value with one line, and exit status 2."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command. Returns the exit status: 0, or 1 if anything is not as it must be.

    Raises:
        SystemExit: with status 2, for a bad argument, before any work.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    commands: dict[str, Callable[[list[str]], int]] = {
        "compare": _compare,
        "article": _article,
        "descent": _descent,
        "agree": _agree,
    }
    name = given.pop(0) if given and not given[0].startswith("-") else "compare"
    if name not in commands:
        Parser(prog="comparisons").error(
            f"unknown command {name!r}; there are {', '.join(commands)}"
        )
    one_thread()
    return commands[name](given)


def _compare(arguments: list[str]) -> int:
    """Trains every engine on one problem, and writes the table, the page and the pictures."""
    parser = Parser(
        prog="comparisons",
        description="Train one regression on many engines, and compare every step with the "
        "hand-derived one.",
        epilog="Other commands: comparisons article (the article's own figures, again), "
        "comparisons descent (batch, stochastic and mini-batch descent, measured), "
        "comparisons agree (the engines' gradients of a function of your own).",
        allow_abbrev=False,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    names = ",".join(engine.name for engine in ENGINES)
    parser.add_argument(
        "--engines", type=_engines, default=names, help="names, with commas between"
    )
    parser.add_argument("--steps", type=_integer(1), default=800, help="steps of descent")
    parser.add_argument("--lr", type=_number(positive=True), default=0.001, help="learning rate")
    parser.add_argument(
        "--batch", type=_integer(1, POINTS), default=POINTS, help=f"samples a step, 1 to {POINTS}"
    )
    parser.add_argument("--dtype", choices=DTYPES, default="float64", help="what to compute in")
    parser.add_argument(
        "--seed", type=_integer(0, 2**32 - 1), default=100, help="of data, start and samples"
    )
    parser.add_argument("--noise", type=_number(), default=0.2, help="height of the noise on y")
    parser.add_argument("--out", type=Path, default=Path("build/comparison"), help="a directory")
    parser.add_argument("--no-plots", action="store_true", help="draw no pictures")
    parser.add_argument("--require-all", action="store_true", help="fail if an engine is missing")
    options = parser.parse_args(arguments)
    try:
        problem, start = draw_problem(POINTS, options.noise, options.seed, options.dtype)
        schedule = Schedule(options.lr, options.steps, options.batch, options.seed)
    except ValueError as error:
        parser.error(str(error))
    _directory(parser, options.out)

    console = _console()
    with Progress(
        TextColumn("{task.description:18}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        comparison = compare.run(
            options.engines,
            problem,
            start,
            schedule,
            lambda engine, steps: progress.track(steps, schedule.steps, description=engine.title),
        )
    # The files first: whoever reads only the head of what is printed still has them.
    pictures = {} if options.no_plots else _draw(comparison, options.out, console)
    page = options.out / "report.html"
    page.write_text(report.page(comparison, pictures), encoding="utf-8")

    console.print(report.summary(comparison))
    _console(WIDTH).print(report.table(comparison))
    for line in [*report.notes(comparison), report.conclusion(comparison)]:
        console.print(line)
    for line in [report.legend(), *report.explanation(comparison)]:
        console.print()
        console.print(line, style="dim")
    console.print(f"\nWrote {page}" + f" and {len(pictures)} pictures beside it." * bool(pictures))
    return 1 if comparison.failures(options.require_all) else 0


def _draw(comparison: compare.Comparison, out: Path, console: Console) -> dict[str, Path]:
    if importlib.util.find_spec("matplotlib") is None:
        console.print("No pictures: matplotlib is not installed.")
        return {}
    from comparisons import plots

    return plots.draw(comparison, out)


def _article(arguments: list[str]) -> int:
    """Reruns the article's listings, and prints published against reproduced."""
    parser = Parser(
        prog="comparisons article",
        description="Run the article's three listings again, each in its own library and in "
        "minigrad.",
        allow_abbrev=False,
    )
    parser.add_argument("--require-all", action="store_true", help="fail if a package is missing")
    options = parser.parse_args(arguments)
    console = _console()
    skipped: list[str] = []
    wrong: list[str] = []
    for listing in article.LISTINGS:
        reproduction = article.reproduce(listing)
        console.print(article.table(reproduction))
        wrong += reproduction.wrong()
        if reason := reproduction.skipped():
            skipped.append(reason)
    for line in skipped:
        console.print(line, style="yellow")
    for line in wrong:
        console.print(f"not reproduced: {line}", style="red")
    if not wrong and not skipped:
        console.print("Every published figure came again, in its own library and in minigrad.")
    return 1 if wrong or (skipped and options.require_all) else 0


def _descent(arguments: list[str]) -> int:
    """Measures the three kinds of descent."""
    parser = Parser(
        prog="comparisons descent",
        description="Measure batch, stochastic and mini-batch descent over many seeds.",
        allow_abbrev=False,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--seeds", type=_integer(1, 10_000), default=20, help="how many")
    options = parser.parse_args(arguments)
    measured = [
        descent.measure(kind, points, range(options.seeds))
        for points in descent.POINTS
        for kind in descent.KINDS
    ]
    console = _console()
    _console(WIDTH).print(descent.table(measured))
    for line in descent.LEGEND:
        console.print(line, style="dim")
    return 0


def _agree(arguments: list[str]) -> int:
    """Prints every engine's gradients of a function of one's own, and whether they agree."""
    return agree.run(Parser(prog="comparisons agree", allow_abbrev=False), arguments)


def _console(least: int = 0) -> Console:
    """A console on stdout, as wide as the terminal; for a file, as wide as the widest table.

    With `least` columns or more: a terminal that wraps a row still shows every figure of it.
    """
    console = Console(highlight=False, markup=False)
    console.width = max(console.width if console.is_terminal else WIDTH, least)
    return console


def _integer(low: int, high: int | None = None) -> Callable[[str], int]:
    """Parses a whole number of low to high."""
    limits = f"at least {low}" if high is None else f"from {low} to {high}"

    def parse(text: str) -> int:
        with contextlib.suppress(ValueError):
            value = int(text)
            if low <= value and (high is None or value <= high):
                return value
        raise argparse.ArgumentTypeError(f"must be a whole number {limits}; got {text!r}")

    return parse


def _number(positive: bool = False) -> Callable[[str], float]:
    """Parses a finite number that is not negative, or is positive."""
    limits = "positive" if positive else "not negative"

    def parse(text: str) -> float:
        with contextlib.suppress(ValueError):
            value = float(text)
            if math.isfinite(value) and (value > 0 or (value == 0 and not positive)):
                return value
        raise argparse.ArgumentTypeError(f"must be a finite number, {limits}; got {text!r}")

    return parse


def _engines(text: str) -> list[Engine]:
    """Parses engines' names with commas between them."""
    known = [engine.name for engine in ENGINES]
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in known:
            raise argparse.ArgumentTypeError(
                f"there is no engine {name!r}; there are {', '.join(known)}"
            )
    return [find(name) for name in dict.fromkeys(names)]


def _directory(parser: Parser, path: Path) -> None:
    """Makes the directory `path`, or says why it cannot be written to."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        parser.error(f"argument --out: cannot make the directory {path}: {error.strerror}")
    if not os.access(path, os.W_OK | os.X_OK):
        parser.error(f"argument --out: cannot write to {path}")
