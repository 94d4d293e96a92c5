"""One block of a small GPT, forward and backward.

32 sequences of 16 tokens, width 48, 4 heads, float32: layer norm, causal attention, layer norm and
an MLP of four times the width.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from measuring import Bench, Candidate, Limit

BATCH, TOKENS, WIDTH, HEADS = 32, 16, 48, 4


def data() -> dict[str, np.ndarray]:
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


def block(m: Any, activation: str) -> Candidate:
    """A step on `m`, minigrad or torch: the code is the same. Its state is its gradients."""
    functional = m.nn.functional
    activate = getattr(functional, activation)
    p = {name: m.from_numpy(array) for name, array in data().items()}
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

    return step, lambda: [leaf.grad.numpy() for leaf in leaves]


def benches(libraries: dict[str, Any]) -> list[Bench]:
    """With either activation; GELU is made of erf, which numpy does not have."""
    limits = {"relu": Limit(1.0), "gelu": Limit(1.5)}
    return [
        Bench(
            f"GPT block, {activation}",
            {name: block(m, activation) for name, m in libraries.items()},
            {"torch": limit},
            rtol=1e-3,
            seconds=0.1,
        )
        for activation, limit in limits.items()
    ]
