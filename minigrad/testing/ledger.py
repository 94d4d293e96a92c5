"""The ledger: every engine's answers, their distances, and whether they agree.

Engines that compute the same formula round differently, and how much
that moves a gradient depends on the function: where large terms cancel, much. It is measured. The
first engine runs the function in float64 with the result of every operation changed by a relative
2⁻²⁶, three times (Monte Carlo arithmetic, Parker 1997); the largest change of an answer, over
2⁻²⁶, is its *spread*: what a relative error of 1 in every operation would make of it. With eps of
the dtype, engines may then differ by

    tolerance = 64 eps (spread + largest element)   +   the doubt of an approximate engine

where 64 covers both engines (2), a library's exp or tanh, off by several half units (4), and sums,
which may round at every term (8). A tolerance beyond sqrt(eps) times the largest element would let
real errors pass: what falls between the two is *ill-conditioned*, and no agreement.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minigrad.testing.answers import Answer
from minigrad.testing.engines import Array, Engine

FACTOR = 64.0

REFERENCE, AGREES, DISAGREES, ILL = "reference", "agrees", "disagrees", "ill-conditioned"
NOTHING = "not compared"


@dataclass
class Row:
    """One quantity by one engine.

    quantity: "value", "gradient of x", "second derivative of x".
    distance: the largest from the reference; relative to the largest element there; in ULPs, the
              spacing of the numbers at each element; and as a share of the tolerance.
    verdict:  "reference", "agrees", "disagrees", "ill-conditioned"; or "not compared", of an
              approximate engine that has no derivative at any entry.
    at:       the first entry that differs, where one does.
    """

    quantity: str
    engine: str
    value: Array
    distance: float = 0.0
    relative: float = 0.0
    ulps: float = 0.0
    share: float = 0.0
    verdict: str = REFERENCE
    note: str = ""
    at: tuple[int, ...] | None = None


@dataclass
class Ledger:
    """What `assert_gradients_agree` found; it prints as a table.

    reference: the engine that the others are measured against: the one that most agree with, of
               those that are not approximate.
    skipped:   why an engine was left out.
    origin:    for a failure, the operation that it comes from.
    """

    reference: str
    rows: list[Row] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    origin: str = ""

    @property
    def failures(self) -> list[Row]:
        return [row for row in self.rows if row.verdict in (DISAGREES, ILL)]

    @property
    def agrees(self) -> bool:
        return not self.failures

    @property
    def alone(self) -> list[str]:
        """The engines that differ from the reference."""
        return list(dict.fromkeys(row.engine for row in self.failures))

    def row(self, quantity: str, engine: str) -> Row:
        """One engine's row of a quantity. Raises KeyError if there is none."""
        for row in self.rows:
            if (row.quantity, row.engine) == (quantity, engine):
                return row
        raise KeyError(f"{quantity} by {engine}")

    def __str__(self) -> str:
        lines = []
        for quantity in dict.fromkeys(row.quantity for row in self.rows):
            lines.append(f"{quantity:<43}{'distance':>9}{'relative':>10}{'ulps':>9}{'share':>9}")
            lines += [shown(row) for row in self.rows if row.quantity == quantity]
        lines += [f"  {name:<17}skipped: {why}" for name, why in self.skipped.items()]
        for row in self.failures:
            if row.at is not None:
                theirs = self.row(row.quantity, self.reference).value[row.at]
                lines.append(
                    f"{row.quantity} at {list(row.at)}: {row.engine} {row.value[row.at]!s}, "
                    f"{self.reference} {theirs!s}"
                )
        lines.append(self.origin)
        names = list(dict.fromkeys(row.engine for row in self.rows))
        together = [name for name in names if name not in self.alone]
        if self.agrees:
            lines.append(f"All {len(names)} engines agree.")
        elif len(together) > 1:
            lines.append(
                f"These agree: {', '.join(together)}. These do not: {', '.join(self.alone)}."
            )
        else:
            lines.append(f"No engine agrees with {self.reference}: {', '.join(self.alone)}.")
        return "\n".join(filter(None, lines))

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))


def shown(row: Row) -> str:
    """A row as a line."""
    elements = [f"{x:.4g}" for x in row.value.ravel()[:3]]
    while len(" ".join(elements)) > 21:
        elements.pop()
    more = " .." * (len(elements) < row.value.size)
    start = f"  {row.engine:<17}{' '.join(elements)}{more}"
    if row.verdict == REFERENCE:
        return f"{start:<80}  {REFERENCE}"
    numbers = f"{row.distance:>9.2g}{row.relative:>10.2g}{row.ulps:>9.2g}{row.share:>9.2g}"
    return f"{start:<43}{numbers}  {row.verdict}{row.note}"


def judged(
    reference: str,
    answers: dict[str, Answer],
    spread: dict[str, float],
    dtype: Any,
    engines: dict[str, Engine],
) -> Ledger:
    """Every engine against one of them."""
    ledger = Ledger(reference)
    for quantity, true in answers[reference].values.items():
        for name, other in answers.items():
            row = Row(quantity, name, other.values[quantity])
            if name != reference:
                doubt = other.doubt[quantity] + answers[reference].doubt[quantity]
                approximate = engines[name].approximate or engines[reference].approximate
                compare(row, true, spread[quantity], doubt, dtype, approximate)
            ledger.rows.append(row)
    return ledger


def compare(
    row: Row, true: Array, spread: float, doubt: float, dtype: Any, approximate: bool
) -> None:
    """Fill in the distances and the verdict of a row."""
    x = row.value
    if x.shape != true.shape or (x.dtype != true.dtype and not approximate):
        row.distance = row.relative = row.ulps = row.share = np.inf
        row.verdict = DISAGREES
        row.note = f": {x.dtype}{list(x.shape)}, not {true.dtype}{list(true.shape)}"
        return
    a, b = x.astype(np.float64), true.astype(np.float64)
    kinks = int((np.isnan(a) != np.isnan(b)).sum()) if approximate else 0
    if kinks:
        row.note = f" ({kinks} of {a.size} entries at a kink not compared)"
        a = np.where(np.isnan(b) | np.isnan(a), 0.0, a)
        b = np.where(np.isnan(b) | np.isnan(x.astype(np.float64)), 0.0, b)
    eps = float(np.finfo(dtype).eps)
    with np.errstate(all="ignore"):
        same = (a == b) | (np.isnan(a) & np.isnan(b))
        far = np.where(same, 0.0, np.abs(a - b))
        far = np.where(np.isnan(far), np.inf, far)
        largest = float(np.abs(b[np.isfinite(b)]).max(initial=0))
        spacing = np.spacing(np.maximum(np.abs(a), np.abs(b)).astype(dtype)).astype(np.float64)
        row.distance = float(far.max(initial=0))
        row.relative = row.distance / largest if largest else row.distance and np.inf
        row.ulps = float(np.where(same, 0.0, far / spacing).max(initial=0))
        tolerance = FACTOR * eps * (spread + largest) + doubt
        cap = np.sqrt(eps) * max(largest, float(np.finfo(dtype).tiny)) + doubt
        row.share = row.distance / tolerance if tolerance else row.distance and np.inf
    wrong = far > min(tolerance, cap)
    row.verdict = AGREES if not wrong.any() else DISAGREES if row.distance > tolerance else ILL
    if x.size and kinks == x.size:
        row.verdict = NOTHING
    if wrong.any():
        row.at = tuple(int(i) for i in np.argwhere(wrong)[0])
