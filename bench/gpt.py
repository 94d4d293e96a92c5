"""Measures one block of a small GPT, forward and backward, against torch, and prints ratios.

    python bench/gpt.py [--quick] [--profile]

32 sequences of 16 tokens, width 48, 4 heads, float32, one thread: layer norm, causal attention,
layer norm and an MLP of four times the width. As in bench/run.py the candidates take turns in one
process and are compared within each round, and have to agree before anything is timed.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
from collections.abc import Callable
from typing import Any

from run import Row, measure, print_table, ratio_row  # first: it sets the number of threads

import numpy as np  # isort: skip
import torch

import minigrad

BATCH, TOKENS, WIDTH, HEADS = 32, 16, 48, 4


def block_data() -> dict[str, np.ndarray]:
    """The input, the cotangent of the output, and the parameters of the block."""
    random = np.random.default_rng(0)

    def normal(*shape: int, scale: float = 1.0) -> np.ndarray:
        return random.standard_normal(shape, dtype=np.float32) * np.float32(scale)

    made = {"x": normal(BATCH, TOKENS, WIDTH), "g": normal(BATCH, TOKENS, WIDTH)}
    for name in ("norm1", "norm2"):
        made[f"{name}.weight"] = 1 + normal(WIDTH, scale=0.1)
        made[f"{name}.bias"] = normal(WIDTH, scale=0.1)
    sizes = {"qkv": (3, 1), "out": (1, 1), "up": (4, 1), "down": (1, 4)}
    for name, (n, m) in sizes.items():
        made[f"{name}.weight"] = normal(n * WIDTH, m * WIDTH, scale=1 / np.sqrt(m * WIDTH))
        made[f"{name}.bias"] = normal(n * WIDTH, scale=0.1)
    return made


def block(m: Any, activation: str) -> tuple[Callable[[], None], Callable[[], list[np.ndarray]]]:
    """A step on `m`, torch or minigrad, which share the code; and the gradients it leaves."""
    functional = m.nn.functional
    activate = getattr(functional, activation)
    p = {name: m.from_numpy(array) for name, array in block_data().items()}
    x, g = p.pop("x").requires_grad_(), p.pop("g")
    leaves = [x, *[tensor.requires_grad_() for tensor in p.values()]]

    def linear(x: Any, name: str) -> Any:
        return functional.linear(x, p[f"{name}.weight"], p[f"{name}.bias"])

    def norm(x: Any, name: str) -> Any:
        return functional.layer_norm(x, (WIDTH,), p[f"{name}.weight"], p[f"{name}.bias"])

    def step() -> None:
        for leaf in leaves:
            leaf.grad = None
        q, k, v = linear(norm(x, "norm1"), "qkv").split(WIDTH, 2)
        q, k, v = (t.view(BATCH, TOKENS, HEADS, WIDTH // HEADS).transpose(1, 2) for t in (q, k, v))
        y = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        h = x + linear(y.transpose(1, 2).contiguous().view(BATCH, TOKENS, WIDTH), "out")
        out = h + linear(activate(linear(norm(h, "norm2"), "up")), "down")
        out.backward(g)

    def gradients() -> list[np.ndarray]:
        step()
        return [leaf.grad.numpy() for leaf in leaves]

    return step, gradients


def compare(activation: str, target: str, rounds: int, seconds: float) -> Row:
    candidates = {"minigrad": block(minigrad, activation), "torch": block(torch, activation)}
    pairs = zip(*[gradients() for _, gradients in candidates.values()], strict=True)
    for mine, theirs in pairs:
        np.testing.assert_allclose(mine, theirs, rtol=1e-3, atol=1e-3)
    figures = measure({name: step for name, (step, _) in candidates.items()}, rounds, seconds)
    return ratio_row(f"GPT block, {activation}: minigrad / torch", figures, "torch", target)


def profile(activation: str) -> None:
    """Where minigrad's time goes."""
    step, _ = block(minigrad, activation)
    step()
    profiler = cProfile.Profile()
    profiler.enable()
    for _ in range(200):
        step()
    profiler.disable()
    pstats.Stats(profiler).sort_stats("tottime").print_stats(25)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description="a GPT block: minigrad against torch")
    parser.add_argument("--rounds", type=int, default=25, help="turns of each candidate")
    parser.add_argument("--quick", action="store_true", help="a rough look, in a few seconds")
    parser.add_argument("--profile", action="store_true", help="profile minigrad's step, too")
    args = parser.parse_args()
    rounds, seconds = (5, 0.03) if args.quick else (args.rounds, 0.1)
    torch.set_num_threads(1)
    targets = {"relu": "<= 1.00", "gelu": "<= 1.50"}
    print_table([compare(name, target, rounds, seconds) for name, target in targets.items()])
    if args.profile:
        for activation in targets:
            profile(activation)


if __name__ == "__main__":
    main()
