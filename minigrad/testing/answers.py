"""What an engine says of a function, and how far rounding can move that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from minigrad.testing.engines import Array, Engine, Function
from minigrad.testing.tracing import NUDGE, with_noise

SAMPLES = 3


class Answer(NamedTuple):
    """What an engine says: by the quantity's name the array, and how far it may be off."""

    values: dict[str, Array]
    doubt: dict[str, float]


def weights(shape: Sequence[int], dtype: Any = np.float64) -> Array:
    """Fixed numbers, none of them 0 and no two neighbours alike, to sum with."""
    size = int(np.prod(shape))
    return (0.75 + (np.arange(size) * 7 % 5 + 1) / 4).reshape(tuple(shape)).astype(dtype)


def answer(
    engine: Engine, f: Function, points: Sequence[Array], names: Sequence[str], order: int = 1
) -> Answer:
    """The value and the derivatives that an engine computes."""
    moving = [i for i, x in enumerate(points) if x.dtype.kind == "f"]
    dtype = np.result_type(*[points[i].dtype for i in moving])
    tensors = [engine.tensor(x, constant=i not in moving) for i, x in enumerate(points)]

    def scalar(*xs: Any) -> Any:
        given = list(tensors)
        for i, x in zip(moving, xs, strict=True):
            given[i] = x
        out = f(engine.xp, *given)
        outs = out if isinstance(out, tuple | list) else [out]
        if not outs or not all(hasattr(y, "shape") for y in outs):
            raise TypeError(f"f has to return a tensor, or a tuple of them; it returned {out!r}")
        if len(outs) == 1 and not tuple(outs[0].shape):
            return outs[0]
        terms = []
        for y in outs:
            w = engine.tensor(weights(y.shape, dtype), constant=True)
            terms.append(engine.xp.sum(y * w))
        return sum(terms[1:], terms[0])

    with np.errstate(all="ignore"):
        xs = [tensors[i] for i in moving]
        value, gradients = engine.gradients(scalar, xs)
        doubts = list(getattr(engine, "doubt", [0.0] * len(moving)))
        found = {"value": engine.numpy(value)}
        doubt = {"value": 0.0}
        for i, g, d in zip(moving, gradients, doubts, strict=True):
            found[f"gradient of {names[i]}"] = engine.numpy(g)
            doubt[f"gradient of {names[i]}"] = d
        if order == 2:
            ws = [engine.tensor(weights(points[i].shape, dtype), constant=True) for i in moving]
            xs = [engine.tensor(points[i]) for i in moving]
            seconds = engine.second(scalar, xs, ws)
            doubts = list(getattr(engine, "doubt", doubts))
            for i, g, d in zip(moving, seconds, doubts, strict=True):
                found[f"second derivative of {names[i]}"] = engine.numpy(g)
                doubt[f"second derivative of {names[i]}"] = d
    return Answer(found, doubt)


def spreads(
    engine: Engine,
    f: Function,
    points: Sequence[Array],
    names: Sequence[str],
    order: int,
    true: Answer,
) -> dict[str, float]:
    """For each quantity what a relative error of 1 in every operation would make of it."""
    if engine.approximate:
        return dict.fromkeys(true.values, 0.0)
    points = [x.astype(np.float64) if x.dtype.kind == "f" else x for x in points]
    exact = answer(engine, f, points, names, order).values
    spread = dict.fromkeys(exact, 0.0)
    for seed in range(SAMPLES):
        moved = answer(engine, with_noise(engine, f, seed), points, names, order).values
        for name, x in exact.items():
            with np.errstate(all="ignore"):
                far = np.abs(moved[name] - x)
            finite = far[np.isfinite(far)]
            spread[name] = max(spread[name], float(finite.max(initial=0)) / NUDGE)
    return spread
