"""A training step of LeNet, the network of LeCun et al. (1998), with ReLU.

Two convolutions, each with a pooling, and three fully connected layers; a batch of 32 images of 28
by 28, float32, cross-entropy, plain SGD.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from measuring import Bench, Candidate, Limit

BATCH = 32
LR = 0.05


def data() -> list[np.ndarray]:
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


def lenet(m: Any, pool: str) -> Candidate:
    """A step on `m`, minigrad or torch: the code is the same."""
    x, classes, *parameters = map(m.from_numpy, data())
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


def benches(libraries: dict[str, Any]) -> list[Bench]:
    """With either kind of pooling."""
    return [
        Bench(
            f"LeNet, {pool}",
            {name: lenet(m, pool) for name, m in libraries.items()},
            {"torch": Limit(2.0, goal=1.5)},
            rtol=1e-4,
            seconds=0.2,
        )
        for pool in ("avg_pool2d", "max_pool2d")
    ]
