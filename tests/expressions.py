"""Short expressions, evaluated with both libraries, with the gradients of all they are made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.judge import both, data, is_tensor


def names(t: Any) -> dict[str, Any]:
    """What they may use: leaves that require grad, a tensor to write to, indices and a mask."""

    def leaf(*shape: int, seed: int) -> Any:
        return t.tensor(data(*shape, seed=seed), dtype=t.float32, requires_grad=True)

    x = leaf(2, 3, seed=0)
    return {
        "t": t,
        "np": np,
        "T": t.tensor,
        "x": x,
        "y": x * 1,
        "v": leaf(3, seed=1),
        "w": leaf(5, seed=2),
        "s": leaf(seed=3),
        "e": leaf(2, 3, 4, seed=4),
        "i": t.tensor([0, 2, 2]),
        "m": t.tensor([[True, False, True], [False, False, True]]),
    }


def evaluated(t: Any, text: str) -> Any:
    """The value of an expression, and after a backward pass the leaves it was made of.

    Statements may come before it, and what they do to ``y`` is a part of the value.
    """
    scope = names(t)
    statements, _, expression = text.rpartition("; ")
    exec(statements, scope)
    value = eval(expression, scope)
    parts = value if isinstance(value, list | tuple) else [value]
    outs = [y for y in parts if is_tensor(y) and y.requires_grad]
    if outs:
        seeds = [t.tensor(data(*y.shape, seed=9 + i), dtype=y.dtype) for i, y in enumerate(outs)]
        t.autograd.backward(outs, seeds)
    return value, [scope[name] for name in ("x", "v", "w", "s", "e")]


def agree(*texts: str) -> Any:
    """A test of expressions, each of which must give the same with both libraries, or raise it."""

    @pytest.mark.torch
    @pytest.mark.parametrize("text", texts)
    def test(text: str) -> None:
        both(lambda t: evaluated(t, text))

    return test
