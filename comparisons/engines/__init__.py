"""The engines, one module each: the same loop, in the idiom of each library."""

from __future__ import annotations

from comparisons.contract import Engine

ENGINES = (
    Engine("numpy-by-hand", "numpy, by hand", "numpy"),
    Engine("minigrad-autograd", "minigrad, autograd", "minigrad"),
    Engine("minigrad-nn", "minigrad, nn + optim", "minigrad"),
    Engine("torch-by-hand", "torch, by hand", "torch"),
    Engine("torch-autograd", "torch, autograd", "torch"),
    Engine("torch-nn", "torch, nn + optim", "torch"),
    Engine("tensorflow-graph", "TensorFlow, graph", "tensorflow"),
    Engine("tensorflow-eager", "TensorFlow, eager", "tensorflow"),
)

REFERENCE = ENGINES[0]
"""The engine that all others are measured against: its gradients are derived on paper."""


def find(name: str) -> Engine:
    """The engine called `name`.

    Raises:
        KeyError: there is none.
    """
    for engine in ENGINES:
        if engine.name == name:
            return engine
    raise KeyError(name)
