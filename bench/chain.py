"""A chain of 20,000 operations on one number, forward and backward: bookkeeping and little else."""

from __future__ import annotations

from typing import Any

from measuring import Bench, Candidate, Limit

NODES = 20_000


def chain(m: Any) -> Candidate:
    """Multiplies and adds on `m`, minigrad or torch, each a node. Its state is the gradient."""
    x = m.tensor(1.0, requires_grad=True)

    def step() -> None:
        x.grad = None
        y = x
        for _ in range(NODES // 2):
            y = y * 0.9999 + 0.001
        y.backward()

    return step, lambda: [x.grad.numpy()]


def benches(libraries: dict[str, Any]) -> list[Bench]:
    """Against torch."""
    candidates = {name: chain(m) for name, m in libraries.items()}
    return [Bench(f"chain of {NODES:,}", candidates, {"torch": Limit(0.5)}, rtol=1e-5, seconds=0.2)]
