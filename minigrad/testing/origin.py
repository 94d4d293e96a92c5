"""Which operation of a function a disagreement of two engines comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.testing.answers import answer, spreads
from minigrad.testing.engines import Array, Engine, Function
from minigrad.testing.ledger import judged
from minigrad.testing.tracing import Ref, Step, mapped, record, replay


def origin(
    f: Function,
    points: Sequence[Array],
    names: Sequence[str],
    good: Engine,
    bad: Engine,
    dtype: Any,
    order: int,
) -> str:
    """Which operation a disagreement comes from: each is run alone, with the same operands."""
    try:
        xs = [good.tensor(x) for x in points]
        steps, values = record(good, f, xs, names)
        found = [good.numpy(x) for x in values]
    except Exception as error:  # a tensor that cannot be wrapped, say
        return f"The operations could not be traced: {type(error).__name__}: {error}"
    for k, step in enumerate(steps):
        if alone := differs_alone(step, found, points, good, bad, dtype, order):
            return f"It comes from v{k} = {step.text} ({step.where}): {alone}"
    for k, step in enumerate(steps):

        def prefix(xp: Any, *xs: Any, k: int = k) -> Any:
            return replay(steps[: k + 1], xp, xs)[k]

        if differs(prefix, points, names, good, bad, dtype, order):
            return (
                f"It appears first in v{k} = {step.text} ({step.where}). That operation alone "
                "agrees: look at how gradients are added where a tensor is used again.\n"
                + listing(steps[: k + 1])
            )
    return "Every operation agrees alone, and so does what leads to each of them."


def listing(steps: Sequence[Step]) -> str:
    return "\n".join(f"    v{k} = {step.text}" for k, step in enumerate(steps))


def differs_alone(
    step: Step,
    found: Sequence[Array],
    points: Sequence[Array],
    good: Engine,
    bad: Engine,
    dtype: Any,
    order: int,
) -> str:
    """How two engines differ on one step, given the same operands."""
    refs: list[Any] = []
    mapped([step.args, step.kwargs], Ref, lambda ref: refs.append(ref))
    refs = list(dict.fromkeys(refs))
    arrays = [found[r.number] if r.number >= 0 else points[-1 - r.number] for r in refs]
    arrays = [np.asarray(x, dtype) if x.dtype.kind == "f" else x for x in arrays]
    if not any(x.dtype.kind == "f" for x in arrays):
        return ""

    def one(xp: Any, *xs: Any) -> Any:
        known = dict(zip(refs, xs, strict=True))
        args, kwargs = mapped([step.args, step.kwargs], Ref, known.__getitem__)
        return step.get(xp)(*args, **kwargs)

    names = [f"operand {i}" for i in range(len(arrays))]
    return differs(one, arrays, names, good, bad, dtype, order)


def differs(
    f: Function,
    points: Sequence[Array],
    names: Sequence[str],
    good: Engine,
    bad: Engine,
    dtype: Any,
    order: int,
) -> str:
    """How two engines differ on f, in words; empty where they do not."""
    try:
        answers = {e.name: answer(e, f, points, names, order) for e in (good, bad)}
        spread = spreads(good, f, points, names, order, answers[good.name])
    except Exception:  # no floats, or nothing to differentiate
        return ""
    engines = {good.name: good, bad.name: bad}
    for row in judged(good.name, answers, spread, dtype, engines).failures:
        if row.at is None:
            return f"{row.quantity}{row.note}"
        theirs = answers[good.name].values[row.quantity][row.at]
        return (
            f"its {row.quantity} at {list(row.at)} is {row.value[row.at]!s} in {bad.name}, "
            f"{theirs!s} in {good.name}."
        )
    return ""
