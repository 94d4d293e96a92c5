"""How far apart two trainings may be, and whether they are.

Two engines that compute the same formulas do not get the same bits: they add in other orders and
fuse other operations. This module derives what that can amount to, from the data and the reference
trajectory alone. A distance beyond it is not rounding, it is another formula.

**The unit.** Near the optimum dw cancels towards zero, so its own size says nothing about its
error. What does is the sum it came from, written out down to the data:

    residual  rᵢ = w xᵢ² + b - yᵢ           Aᵢ = |w| xᵢ² + |b| + |yᵢ|   >= |rᵢ|
    dw   = Σ rᵢ xᵢ²                         S(dw)   = Σ Aᵢ xᵢ²
    db   = Σ rᵢ                             S(db)   = Σ Aᵢ
    loss = 1/2 Σ rᵢ rᵢ                      S(loss) = 1/2 Σ |rᵢ| Aᵢ
    w'   = w - lr dw                        S(w')   = |w| + lr S(dw), and so for b

A distance d of a quantity q, computed from m samples, is reported as d / (eps · m · S(q)).

**One step.** Every operation rounds by at most u = eps/2, relatively (a power by 2u). Counting the
roundings between the data and a sum: 2 for xᵢ², 1 for w xᵢ², 1 for + b, 1 for - yᵢ, so rᵢ is off
by at most 5u Aᵢ; the product with xᵢ² adds 3, and adding m terms in any order adds m - 1. The loss
takes rᵢ twice: 10, 2 for the square, m - 1 for the sum. So m + 11 roundings are enough for all
three, and two engines at the same (w, b) differ by at most

    2 γ S(q),   γ = (m + 11) u / (1 - (m + 11) u),   that is (m + 11)/m units.

**Many steps.** Let E bound the Euclidean distance between two engines' (w, b) before a step. The
loss is quadratic, so their gradients differ by exactly H (Δw, Δb), with the Hessian
H = [[Σ xᵢ⁴, Σ xᵢ²], [Σ xᵢ², m]] over the step's samples, and by the roundings just bounded; the
update rounds three times more (lr, the product, the difference). Hence, with |.| the Euclidean
norm,

    |Δdw|    <=  |H's first row| E + 2 γ S(dw), and so for db
    |Δloss|  <=  Σ |rᵢ| |(xᵢ², 1)| E + 2 γ S(loss)
    E after   =  max |1 - lr λ(H)| E + 2 γ lr |(S(dw), S(db))| + eps |(R(w), R(b))|
    R(w)      =  |w| + 3 lr |dw|, and so for b

from E = 0 at the common start. The factor in front of E is the 2-norm of I - lr H. While
lr <= 2/λmax it is at most 1: errors add up but are never amplified. Beyond that the descent itself
diverges and takes the errors along, and the bound follows.

The scales are those of the reference, and the other engine's may be larger by E: Aᵢ, |rᵢ| and R
carry that allowance. Some engines flush subnormal numbers to zero; each summand therefore counts as
at least the smallest normal number over eps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from comparisons.contract import Trajectory
from comparisons.problem import Problem, Start
from comparisons.schedule import Schedule

AGREES, DISAGREES, DIVERGED = "agrees", "disagrees", "diverged"

# As a step computes them, so that what went wrong first is the cause and not a consequence.
_ORDER = ("loss", "dw", "db", "w", "b")


@dataclass(frozen=True)
class Bounds:
    """For every quantity of every step: the unit of distance, and the distance that is allowed."""

    unit: Trajectory
    tolerance: Trajectory


@dataclass(frozen=True)
class Agreement:
    """How an engine's trajectory compares with the reference's.

    Args:
        verdict: "agrees": every distance is within its tolerance. "diverged": some value of either
            trajectory is NaN or infinite. "disagrees": anything else.
        distance: the largest distance of all, absolute.
        quantity: which of loss, w, b, dw and db is so far off.
        units: the largest distance in units of eps · m · S.
        share: the largest distance as a share of its tolerance; beyond 1 is disagreement.
        first: where a tolerance was exceeded first, or the first NaN or infinity was, as "dw, step
            12"; else empty.
    """

    verdict: str
    distance: float = np.nan
    quantity: str = ""
    units: float = np.nan
    share: float = np.nan
    first: str = ""


def bounds(problem: Problem, start: Start, schedule: Schedule, reference: Trajectory) -> Bounds:
    """The units and tolerances along `reference`, as derived at the head of this module."""
    numbers = np.finfo(problem.dtype)
    eps, floor = float(numbers.eps), float(numbers.tiny / numbers.eps)
    lr = schedule.lr
    square, target = problem.x.astype(np.float64).ravel() ** 2, problem.y.astype(np.float64).ravel()
    w, b = start.w.item(), start.b.item()
    error = 0.0
    units: list[Sequence[float]] = []
    tolerances: list[Sequence[float]] = []
    with np.errstate(all="ignore"):
        for step, rows in enumerate(schedule.rows(problem.n)):
            x2, y = square[rows], target[rows]
            m = len(x2)
            gamma = (m + 11) * eps / 2 / (1 - (m + 11) * eps / 2)
            reach = np.hypot(x2, 1) * error
            size = (abs(w) + error) * (x2 + floor) + abs(b) + error + np.abs(y) + floor
            residual = np.abs(w * x2 + b - y) + reach + gamma * size

            s_loss = 0.5 * np.sum(residual * size + floor)
            s_dw = np.sum(size * x2 + floor)
            s_db = np.sum(size + floor)
            scales = (s_loss, abs(w) + lr * s_dw, abs(b) + lr * s_db, s_dw, s_db)
            units.append([eps * m * scale for scale in scales])

            h_ww, h_wb, h_bb = np.sum(x2 * x2), np.sum(x2), m
            loss = np.sum(residual * reach) + 2 * gamma * s_loss
            dw = np.hypot(h_ww, h_wb) * error + 2 * gamma * s_dw
            db = np.hypot(h_wb, h_bb) * error + 2 * gamma * s_db

            middle, spread = (h_ww + h_bb) / 2, np.hypot((h_ww - h_bb) / 2, h_wb)
            growth = max(abs(1 - lr * (middle + spread)), abs(1 - lr * (middle - spread)))
            round_w = abs(w) + error + 3 * lr * (abs(reference.dw[step]) + dw) + floor
            round_b = abs(b) + error + 3 * lr * (abs(reference.db[step]) + db) + floor
            error = float(
                growth * error
                + lr * 2 * gamma * np.hypot(s_dw, s_db)
                + eps * np.hypot(round_w, round_b)
            )
            tolerances.append((loss, error, error, dw, db))
            w, b = float(reference.w[step]), float(reference.b[step])
    return Bounds(_trajectory(units), _trajectory(tolerances))


def compare(trajectory: Trajectory, reference: Trajectory, within: Bounds) -> Agreement:
    """Judges `trajectory` against `reference`; neither NaN nor infinity ever agrees.

    Raises:
        ValueError: the trajectories differ in length.
    """
    if len(trajectory) != len(reference):
        raise ValueError(f"{len(trajectory)} steps cannot be compared with {len(reference)}")
    values, expected = _table(trajectory), _table(reference)
    finite = np.isfinite(values) & np.isfinite(expected)
    if not finite.all():
        return Agreement(DIVERGED, first=_place(int(finite.argmin())))
    distance = np.abs(values - expected)
    unit, tolerance = _table(within.unit), _table(within.tolerance)
    with np.errstate(all="ignore"):
        units, share = distance / unit, distance / tolerance
    # An infinite tolerance would let anything pass.
    wrong = ~((distance <= tolerance) & np.isfinite(tolerance))
    return Agreement(
        verdict=DISAGREES if wrong.any() else AGREES,
        distance=float(distance.max()),
        quantity=_ORDER[int(distance.max(axis=0).argmax())],
        units=float(units.max()),
        share=float(share.max()),
        first=_place(int(wrong.argmax())) if wrong.any() else "",
    )


def explain(problem: Problem, schedule: Schedule, within: Bounds) -> list[str]:
    """Where the tolerance comes from, in sentences with this run's numbers, for the report."""
    m = schedule.size(problem.n)
    eps = float(np.finfo(problem.dtype).eps)
    sentences = [
        f"A distance is absolute; its unit is eps · m · S, with eps = {eps:.3g} ({problem.dtype}), "
        f"m = {m} sample{'s' * (m > 1)} a step and S the sum of the absolute values of the terms "
        "that the quantity is a sum of, written out down to the data: "
        "Σ (|w| x² + |b| + |y|) x² for dw.",
        f"At one point two engines may differ by m + 11 = {m + 11} roundings of those terms, "
        f"{(m + 11) / m:.3g} units.",
        "Through the steps, an error in (w, b) is carried along by I - lr H, H the loss's Hessian, "
        "and each step adds its own roundings: the tolerance is that recursion, run along the "
        "hand-derived trajectory.",
    ]
    dw, w = within.tolerance.dw, within.tolerance.w
    if within.tolerance.is_finite():
        sentences[-1] += (
            f" Here it allows dw {dw[0]:.2g} at the first step and at most {dw.max():.2g} "
            f"({(dw / within.unit.dw).max():.3g} units), and w at most {w.max():.2g}."
        )
    return sentences


def _table(trajectory: Trajectory) -> npt.NDArray[np.float64]:
    """A trajectory as one array, a row a step."""
    return np.stack([getattr(trajectory, name) for name in _ORDER], axis=1)


def _trajectory(rows: list[Sequence[float]]) -> Trajectory:
    return Trajectory(*np.array(rows, dtype=np.float64).T)


def _place(index: int) -> str:
    step, column = divmod(index, len(_ORDER))
    return f"{_ORDER[column]}, step {step}"
