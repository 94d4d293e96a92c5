"""Measures minigrad against torch and hand-written numpy, and prints ratios.

    make bench                 or: python bench/run.py [--quick]

All candidates run in one process on one thread, in turns: each round times every one of them, in an
order that rotates, and their times are compared within the round. What disturbs the machine for
longer than a round then disturbs all of them, and cancels. Two ratios are printed: of the minima
(the least disturbed run of each), and the median of the rounds' own ratios. Garbage is collected
between measurements and not during them, as timeit does.

Before anything is timed, the candidates take the same steps from the same start, and have to arrive
at the same parameters.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

# Read by the libraries when they load, so before the first import of numpy. Settings of OpenBLAS
# that choose other kernels than the machine's own would measure those.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"
for _name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(_name, None)

import numpy as np  # noqa: E402

import minigrad  # noqa: E402

try:
    import torch
except ImportError:  # where torch has no wheel, the ratio to numpy is still worth having
    torch = None  # type: ignore[assignment]

Step = Callable[[], Any]


# The article's step: 100 points, float64, the loss 1/2 sum (w x**2 + b - y)**2.

LR = 0.001


def article_data() -> tuple[np.ndarray, ...]:
    """x, y, w and b as the article's first listing draws them."""
    random = np.random.RandomState(100)
    x = np.linspace(-1, 1, 100).reshape(100, 1)
    y = 3 * x**2 + 2 + 0.2 * random.rand(100).reshape(100, 1)
    return x, y, random.rand(1, 1), random.rand(1, 1)


def article_numpy() -> tuple[Step, Callable[[], list[np.ndarray]]]:
    """The article's listing: x**2 is evaluated wherever the formulas have it."""
    x, y, w, b = article_data()

    def step() -> None:
        nonlocal w, b
        pred = np.power(x, 2) * w + b
        loss = 0.5 * (pred - y) ** 2
        loss = loss.sum()
        grad_w = np.sum((pred - y) * np.power(x, 2))
        grad_b = np.sum(pred - y)
        w -= LR * grad_w
        b -= LR * grad_b

    return step, lambda: [w, b]


def article_autograd(m: Any) -> tuple[Step, Callable[[], list[np.ndarray]]]:
    """The same step on `m`, minigrad or torch: the code is the same."""
    x, y, w, b = map(m.from_numpy, article_data())
    w.requires_grad_()
    b.requires_grad_()

    def step() -> None:
        nonlocal w, b
        pred = x.pow(2).mm(w) + b
        loss = 0.5 * (pred - y) ** 2
        loss = loss.sum()
        loss.backward()
        with m.no_grad():
            w -= LR * w.grad
            b -= LR * b.grad
            w.grad.zero_()
            b.grad.zero_()

    return step, lambda: [w.detach().numpy(), b.detach().numpy()]


# A step of an MLP 784-256-10 with ReLU and softmax cross-entropy: batch 128, float32, plain SGD.

BATCH = 128
MLP_LR = 0.05


def mlp_data() -> tuple[np.ndarray, ...]:
    """x, one-hot targets, and the two layers' weights and biases."""
    random = np.random.default_rng(0)
    x = random.standard_normal((BATCH, 784), dtype=np.float32)
    targets = np.eye(10, dtype=np.float32)[random.integers(10, size=BATCH)]
    w1 = random.standard_normal((784, 256), dtype=np.float32) / np.float32(28)
    w2 = random.standard_normal((256, 10), dtype=np.float32) / np.float32(16)
    return x, targets, w1, np.zeros(256, np.float32), w2, np.zeros(10, np.float32)


def mlp_numpy() -> tuple[Step, Callable[[], list[np.ndarray]]]:
    """Forward, backward and update by hand, nothing computed that is not needed."""
    x, targets, w1, b1, w2, b2 = mlp_data()

    def step() -> None:
        nonlocal w1, b1, w2, b2
        hidden = np.maximum(x @ w1 + b1, 0)
        logits = hidden @ w2 + b2
        shifted = logits - logits.max(axis=1, keepdims=True)
        exps = np.exp(shifted)
        sums = exps.sum(axis=1, keepdims=True)
        _loss = -(targets * (shifted - np.log(sums))).sum() / BATCH
        grad_logits = (exps / sums - targets) / BATCH
        grad_w2 = hidden.T @ grad_logits
        grad_b2 = grad_logits.sum(axis=0)
        grad_hidden = (grad_logits @ w2.T) * (hidden > 0)
        grad_w1 = x.T @ grad_hidden
        grad_b1 = grad_hidden.sum(axis=0)
        w1 -= MLP_LR * grad_w1
        b1 -= MLP_LR * grad_b1
        w2 -= MLP_LR * grad_w2
        b2 -= MLP_LR * grad_b2

    return step, lambda: [w1, b1, w2, b2]


def mlp_autograd(m: Any) -> tuple[Step, Callable[[], list[np.ndarray]]]:
    """The same step on `m`; the softmax written out in the operators that both have."""
    x, targets, *arrays = map(m.from_numpy, mlp_data())
    w1, b1, w2, b2 = parameters = [array.requires_grad_() for array in arrays]

    def step() -> None:
        hidden = (x @ w1 + b1).relu()
        logits = hidden @ w2 + b2
        shifted = logits - logits.detach().max(1, keepdim=True).values
        log_softmax = shifted - shifted.exp().sum(1, keepdim=True).log()
        loss = -(targets * log_softmax).sum() / BATCH
        loss.backward()
        with m.no_grad():
            for parameter in parameters:
                parameter -= MLP_LR * parameter.grad  # in place: that is what is meant
                parameter.grad = None  # as optimizer.zero_grad() does

    return step, lambda: [parameter.detach().numpy() for parameter in parameters]


class Figures:
    """The times of each candidate: one number of seconds a step for every round."""

    def __init__(self, times: dict[str, list[float]]) -> None:
        self.times = times

    def minimum(self, name: str) -> float:
        return min(self.times[name])

    def ratios(self, name: str, other: str) -> tuple[float, float]:
        """Of the minima, and the median of the paired ones."""
        pairs = zip(self.times[name], self.times[other], strict=True)
        return (
            self.minimum(name) / self.minimum(other),
            statistics.median(mine / theirs for mine, theirs in pairs),
        )


def measure(steps: dict[str, Step], rounds: int, seconds: float) -> Figures:
    """Times every step in turns, `rounds` times, for about `seconds` a turn."""
    counts = {}
    for name, step in steps.items():
        timed(step, 3)
        counts[name] = max(3, int(seconds / max(timed(step, 10), 1e-9)))
        timed(step, counts[name])
    times: dict[str, list[float]] = {name: [] for name in steps}
    names = list(steps)
    for turn in range(rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            times[name].append(timed(steps[name], counts[name]))
    return Figures(times)


def timed(step: Step, count: int) -> float:
    """Seconds a step, over `count` of them."""
    gc.collect()
    gc.disable()
    try:
        begin = time.perf_counter()
        for _ in range(count):
            step()
        return (time.perf_counter() - begin) / count
    finally:
        gc.enable()


def check_agreement(
    states: dict[str, Callable[[], list[np.ndarray]]], steps: dict[str, Step], rtol: float
) -> None:
    """Ten steps of each, and then the same parameters; a fast wrong answer is not a figure.

    Raises:
        AssertionError: a candidate's parameters differ from numpy's.
    """
    for step in steps.values():
        for _ in range(10):
            step()
    reference = states["numpy"]()
    for name, state in states.items():
        for mine, theirs in zip(state(), reference, strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=rtol, atol=rtol, err_msg=name)


IMPORT = """
import time
begin = time.perf_counter()
import numpy
between = time.perf_counter()
import minigrad
print(between - begin, time.perf_counter() - between)
"""


def measure_import(rounds: int) -> tuple[float, float]:
    """Median seconds of `import numpy`, and of `import minigrad` after it, in fresh processes."""
    pairs = []
    with tempfile.TemporaryDirectory() as cache:
        # As any second start: what the first one compiled is kept, whatever this shell says.
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for _ in range(rounds + 1):
            printed = subprocess.run(
                [sys.executable, "-c", IMPORT],
                check=True,
                capture_output=True,
                text=True,
                env=environment,
            ).stdout
            pairs.append([float(number) for number in printed.split()])
    numpy_times, minigrad_times = zip(*pairs[1:], strict=True)  # the first one may compile
    return statistics.median(numpy_times), statistics.median(minigrad_times)


Row = tuple[str, str, str, str, str]


def ratio_row(title: str, figures: Figures, other: str, target: str) -> Row:
    """One line of the table."""
    of_minima, of_pairs = figures.ratios("minigrad", other)
    mine, theirs = figures.minimum("minigrad") * 1e6, figures.minimum(other) * 1e6
    return title, f"{of_minima:.2f}", f"{of_pairs:.2f}", target, f"{mine:.1f} / {theirs:.1f} us"


def compare(
    title: str,
    candidates: dict[str, tuple[Step, Callable[[], list[np.ndarray]]]],
    targets: dict[str, str],
    rtol: float,
    rounds: int,
    seconds: float,
) -> list[Row]:
    """Measures one step on every candidate; a row for each ratio."""
    steps = {name: step for name, (step, _) in candidates.items()}
    check_agreement({name: state for name, (_, state) in candidates.items()}, steps, rtol)
    figures = measure(steps, rounds, seconds)
    return [
        ratio_row(f"{title}: minigrad / {other}", figures, other, target)
        for other, target in targets.items()
        if other in candidates
    ]


def print_table(rows: list[Row]) -> None:
    head = ("", "minima", "paired", "target", "times")
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    for row in [head, *rows]:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        print("  ".join(cells))


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description="minigrad against torch and hand-written numpy")
    parser.add_argument("--rounds", type=int, default=25, help="turns of each candidate")
    parser.add_argument("--quick", action="store_true", help="a rough look, in a few seconds")
    args = parser.parse_args()
    if args.rounds < 1:
        parser.error(f"--rounds must be at least 1; got {args.rounds}")
    rounds, seconds = (5, 0.01) if args.quick else (args.rounds, 0.05)

    article = {"numpy": article_numpy(), "minigrad": article_autograd(minigrad)}
    mlp = {"numpy": mlp_numpy(), "minigrad": mlp_autograd(minigrad)}
    versions = f"Python {platform.python_version()}, numpy {np.__version__}"
    if torch is not None:
        torch.set_num_threads(1)
        article["torch"] = article_autograd(torch)
        mlp["torch"] = mlp_autograd(torch)
        versions += f", torch {torch.__version__}"
    print(f"{versions}, one thread, {rounds} rounds\n")

    rows = compare(
        "article's step",
        article,
        {"torch": "<= 0.50", "numpy": "<= 3.20 (goal 2.50)"},
        1e-12,
        rounds,
        seconds,
    )
    rows += compare(
        "MLP 784-256-10",
        mlp,
        {"torch": "<= 1.00", "numpy": "<= 1.15"},
        1e-4,
        rounds,
        4 * seconds,
    )
    print_table(rows)
    numpy_ms, minigrad_ms = (1e3 * s for s in measure_import(5 if args.quick else 21))
    print(
        f"\nimport minigrad adds {minigrad_ms:.1f} ms to the {numpy_ms:.1f} ms of import numpy"
        " (target <= 30 ms)"
    )


if __name__ == "__main__":
    main()
