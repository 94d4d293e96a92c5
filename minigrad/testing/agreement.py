"""Whether engines agree on a function's gradients, with all that is needed to see why not."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np

from minigrad.testing.answers import Answer, answer, spreads
from minigrad.testing.engines import Array, Engine, Function, NotApplicable, TensorFlow, TorchLike
from minigrad.testing.ledger import Ledger, judged
from minigrad.testing.numeric import ComplexStep, Differences
from minigrad.testing.origin import origin

__all__ = ["assert_gradients_agree", "engines_by_name"]


def engines_by_name() -> dict[str, Engine]:
    """The engines that there are from the start, in the order in which they are compared."""
    found = [
        TorchLike("minigrad"),
        TorchLike("torch"),
        TensorFlow(),
        TensorFlow(graph=True),
        ComplexStep(),
        Differences(),
    ]
    return {engine.name: engine for engine in found}


def assert_gradients_agree(
    f: Function,
    *arrays: Any,
    engines: Sequence[str | Engine] | None = None,
    order: int = 1,
    bisect: bool = True,
) -> Ledger:
    """Assert that engines agree on the value and the gradients of ``f(xp, *arrays)``.

    For example::

        def loss(xp, w, x):
            return xp.sum(xp.tanh(x @ w) ** 2)

    f:       written once, for a namespace ``xp`` with numpy's names; it uses functions of ``xp``,
             operators, basic indexing and ``.shape``. It returns a tensor or several; what is not
             a scalar is summed with fixed weights.
    arrays:  what to differentiate by; arrays of integers or bools are passed, as constants.
    engines: names ("minigrad", "torch", "tensorflow", "tensorflow graph", "complex step",
             "differences") and `Engine` objects; all those names by default.
    order:   2 compares second derivatives too: the gradient of a weighted sum of the gradients.
    bisect:  whether to look for the operation that a disagreement comes from.

    Returns the `Ledger`; an engine that is not installed, or lacks a function, is skipped there,
    and so is TensorFlow where it refuses to mix dtypes.
    Raises AssertionError with the ledger where an engine differs, or raises; ValueError where
    fewer than two engines remain, or an argument is none that this can differentiate by.
    """
    if order not in (1, 2):
        raise ValueError(f"order must be 1 or 2; got {order}")
    points = [np.asarray(x) for x in arrays]
    for x in points:
        if x.dtype.kind not in "fiub":
            raise ValueError(f"arrays must hold floats, integers or bools; got {x.dtype}")
    if not any(x.dtype.kind == "f" for x in points):
        raise ValueError("there is no array of floats to differentiate by")
    names = names_of(f, len(points))
    answers: dict[str, Answer] = {}
    used: dict[str, Engine] = {}
    skipped: dict[str, str] = {}
    for engine in chosen(engines):
        if not engine.installed:
            skipped[engine.name] = f"{engine.package} is not installed"
            continue
        try:
            answers[engine.name] = answer(engine, f, points, names, order)
            used[engine.name] = engine
        except NotApplicable as error:
            skipped[engine.name] = str(error)
        except Exception as error:
            if not engine.approximate:
                raise AssertionError(
                    f"{engine.name} raises {type(error).__name__}: {error}"
                ) from error
            skipped[engine.name] = f"{type(error).__name__}: {error}"
    if len(answers) < 2:
        raise ValueError(f"fewer than two engines to compare; skipped: {skipped}")
    first = next(iter(used.values()))
    spread = spreads(first, f, points, names, order, answers[first.name])
    dtype = coarsest(points)
    exact = [name for name, engine in used.items() if not engine.approximate]
    ledgers = [judged(name, answers, spread, dtype, used) for name in exact or answers]
    ledger = min(ledgers, key=lambda ledger: len(ledger.alone))
    ledger.skipped = skipped
    if ledger.failures:
        if bisect:
            other = used[ledger.failures[0].engine]
            order = 2 if ledger.failures[0].quantity.startswith("second") else 1
            pair = used[ledger.reference], other
            ledger.origin = origin(f, points, names, *pair, dtype, order)
        raise AssertionError(f"the gradients do not agree\n{ledger}")
    return ledger


def chosen(engines: Sequence[str | Engine] | None) -> list[Engine]:
    known = engines_by_name()
    for name in engines or ():
        if isinstance(name, str) and name not in known:
            raise ValueError(f"there is no engine {name!r}; there are {', '.join(known)}")
    named = list(known) if engines is None else engines
    return [known[each] if isinstance(each, str) else each for each in named]


def coarsest(points: Sequence[Array]) -> Any:
    """The float dtype that rounds most: what the distances are measured by."""
    return max([x.dtype for x in points if x.dtype.kind == "f"], key=lambda d: np.finfo(d).eps)


def names_of(f: Function, count: int) -> list[str]:
    """What the arguments after ``xp`` are called."""
    try:
        names = [
            p.name for p in inspect.signature(f).parameters.values() if p.kind < p.VAR_POSITIONAL
        ]
    except (TypeError, ValueError):
        names = []
    return (names[1:] + [f"argument {i}" for i in range(len(names[1:]), count)])[:count]
