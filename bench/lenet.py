"""Measures a training step of LeNet on minigrad and on torch, and where minigrad's time goes.

    python bench/lenet.py [--quick] [--profile]

The network of LeCun et al. (1998) with ReLU: two convolutions, each with a pooling, and three fully
connected layers; a batch of 32 images of 28 by 28, float32, cross-entropy, plain SGD. Measured as
bench/run.py measures, in turns and on one thread.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
from collections.abc import Callable
from typing import Any

from run import Step, measure, print_table, ratio_row, torch  # first: it sets the threads

import numpy as np  # isort: skip

import minigrad  # isort: skip

BATCH = 32
LR = 0.05


def lenet_data() -> list[np.ndarray]:
    """Images, classes, and each layer's weight and bias."""
    random = np.random.default_rng(0)
    x = random.standard_normal((BATCH, 1, 28, 28), dtype=np.float32)
    classes = random.integers(10, size=BATCH)
    arrays = [x, classes]
    for shape in [(6, 1, 5, 5), (16, 6, 5, 5), (120, 400), (84, 120), (10, 84)]:
        bound = 1 / np.sqrt(np.prod(shape[1:]))
        arrays.append(random.uniform(-bound, bound, shape).astype(np.float32))
        arrays.append(np.zeros(shape[0], np.float32))
    return arrays


def lenet(m: Any, pool: str) -> tuple[Step, Callable[[], list[np.ndarray]]]:
    """A step on `m`, minigrad or torch, and what tells its parameters: the code is the same."""
    x, classes, *parameters = map(m.from_numpy, lenet_data())
    for parameter in parameters:
        parameter.requires_grad_()
    w1, b1, w2, b2, w3, b3, w4, b4, w5, b5 = parameters
    functional = m.nn.functional
    pooled = getattr(functional, pool)

    def step() -> None:
        hidden = pooled(functional.conv2d(x, w1, b1, padding=2).relu(), 2)
        hidden = pooled(functional.conv2d(hidden, w2, b2).relu(), 2).flatten(1)
        hidden = functional.linear(hidden, w3, b3).relu()
        hidden = functional.linear(hidden, w4, b4).relu()
        functional.cross_entropy(functional.linear(hidden, w5, b5), classes).backward()
        with m.no_grad():
            for parameter in parameters:
                parameter -= LR * parameter.grad  # in place: that is what is meant
                parameter.grad = None  # as optimizer.zero_grad() does

    return step, lambda: [parameter.detach().numpy() for parameter in parameters]


def check_agreement(pool: str) -> None:
    """Five steps of both, and then the same parameters; a fast wrong answer is not a figure."""
    results = []
    for m in (minigrad, torch):
        step, state = lenet(m, pool)
        for _ in range(5):
            step()
        results.append(state())
    for mine, theirs in zip(*results, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-5)


def profile(pool: str, steps: int) -> None:
    """The functions that take the most time of their own, per step."""
    step, _ = lenet(minigrad, pool)
    step()
    profiler = cProfile.Profile()
    profiler.enable()
    for _ in range(steps):
        step()
    profiler.disable()
    pstats.Stats(profiler).sort_stats("tottime").print_stats(25)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=25, help="turns of each candidate")
    parser.add_argument("--quick", action="store_true", help="a rough look, in a few seconds")
    parser.add_argument("--profile", action="store_true", help="where minigrad's time goes")
    args = parser.parse_args()
    rounds, seconds = (5, 0.05) if args.quick else (args.rounds, 0.2)
    rows = []
    for pool in ("avg_pool2d", "max_pool2d"):
        if args.profile:
            profile(pool, 100)
        if torch is None:
            continue
        torch.set_num_threads(1)
        check_agreement(pool)
        steps = {"minigrad": lenet(minigrad, pool)[0], "torch": lenet(torch, pool)[0]}
        figures = measure(steps, rounds, seconds)
        rows.append(
            ratio_row(f"LeNet, {pool}: minigrad / torch", figures, "torch", "<= 2.00 (goal 1.50)")
        )
    print_table(rows)


if __name__ == "__main__":
    main()
