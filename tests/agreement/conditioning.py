"""Whether a program can be compared at all: how far torch's own answer moves by rounding."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np
import torch

from tests.agreement.library import Disagreement, Library, gap, numbers_in, transforms
from tests.agreement.machine import Machine, replay
from tests.agreement.rounding import Coarser, is_float

SAMPLES = 12  # coarser roundings that tell an ill-conditioned program


def ill_conditioned(program: Sequence[str], found: Disagreement) -> bool:
    """Whether torch's own answer moves as far when its operations round a little more coarsely.

    Such programs, with a difference of nearly equal numbers, cannot be compared.
    """
    if moves(program, found, zeros=False):
        return True
    if found.kind in ("value", "grad") and any(map(transforms, program)):
        # What torch's transforms compute cannot be rounded otherwise, but in double precision.
        double = [re.sub(r"T\.float(16|32)\b", "T.float64", text) for text in program]
        again = replay(double, ignore=["message"])
        if double != list(program):
            if again is None or gap(again) < gap(found) / 1000:
                return True
            if gap(found) <= 4 * apart(answer(program, found), answer(double, found)):
                return True
    machine = Machine(ignore=("grad", "value", "shape"))
    for text in program[: found.step + 1]:
        machine.run(text)
    if machine.read and gap(found) <= machine.rounding():
        return True
    if machine.read and machine.decided_by_rounding(program[found.step], found.what):
        return True
    machine.finish()
    return machine.signs and moves(program, found, zeros=True)


def moves(program: Sequence[str], found: Disagreement, zeros: bool) -> bool:
    """Whether another rounding, and perhaps other signs of zeros, moves torch's answer as far."""
    if found.kind not in ("value", "grad", "shape"):
        return False
    first, *others = [answer(program, found, seed, zeros) for seed in (None, *range(SAMPLES))]
    if found.kind == "shape":
        return first is not None and any(str(x.shape) == found.ours for x in others)
    ours = numbers_in(found.ours)
    if ours is None:
        return False
    others = [x for x in others if x is not None and first is not None and x.shape == first.shape]
    if first is None or ours.shape != first.shape or not others:
        return False
    with np.errstate(all="ignore"):
        usual = np.isfinite(first)
        if not np.array_equal(np.isfinite(ours), usual):
            if not all(np.array_equal(np.isfinite(x), usual) for x in others):
                return True
            # Or torch's is finite by chance: nearly each time it is another number altogether.
            beyond = ~np.isfinite(ours)
            others = [np.maximum(np.abs(x), np.abs(first)) < 2 * np.abs(x - first) for x in others]
            other = np.mean(others, axis=0) > 0.75
            return bool((beyond | usual).all() and other[beyond & usual].all())
        distances = [np.nan_to_num(np.abs(x - first), nan=math.inf)[usual] for x in others]
        moved = max(each.max(initial=0) for each in distances)
        return bool(np.abs(ours - first)[usual].max(initial=0) <= 4 * moved)


def apart(a: Any, b: Any) -> float:
    """By how much two finite answers differ; 0 where they cannot be compared."""
    usable = a is not None and b is not None and a.shape == b.shape and np.isfinite([a, b]).all()
    return float(np.abs(a - b).max(initial=0)) if usable else 0.0


def answer(
    program: Sequence[str], found: Disagreement, seed: int | None = None, zeros: bool = False
) -> Any:
    """What torch has where the libraries disagree; with a seed, rounded more coarsely."""
    library = Library(torch)
    with nullcontext() if seed is None else Coarser(seed, zeros) as coarser:
        for text in program[: found.step + 1]:
            library.run(text)
            if coarser is not None and zeros and transforms(text):  # which it does not see inside
                for name in text.partition(" = ")[0].split(", "):
                    x = library.names.get(name)
                    if x is not None and is_float(x):
                        coarser.turn(x.data)
        library.leave()  # torch's blocks must end inside of the one around them
    x = library.names.get(found.what)
    if x is not None and found.kind == "grad":
        x = x.grad
    numbers = None if x is None else x.detach().numpy(force=True).astype(np.float64)
    library.finish()
    return numbers
