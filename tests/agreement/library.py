"""One library that runs statements, and what can be seen of its tensors."""

from __future__ import annotations

import math
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import torch

from tests.agreement.further import functions
from tests.agreement.statements import EXIT, is_leaf

LOOKS = ("requires_grad", "is_leaf", "grad_fn", "retains_grad")


class Disagreement(NamedTuple):
    """What differs first, after which statement."""

    step: int
    kind: str  # such as "value" or "raises"
    what: str
    ours: str
    theirs: str

    def __str__(self) -> str:
        return f"{self.kind} of {self.what}: minigrad {self.ours}, torch {self.theirs}"


@cache
def compiled(text: str) -> Any:
    if text.endswith(":"):  # "with T.no_grad():"
        return compile(text.removeprefix("with ")[:-1], "<program>", "eval")
    return compile(text, "<program>", "exec")


class Library:
    """Runs statements with one library."""

    def __init__(self, T: Any) -> None:
        self.names: dict[str, Any] = {"T": T, "F": functions(T), "inf": math.inf, "nan": math.nan}
        self.blocks: list[Any] = []
        self.message = ""  # of the last exception

    def run(self, text: str) -> str | None:
        """Execute one statement; the type of the exception that it raises, or None."""
        if ".register_hook(" in text and "grad_fn" not in text:
            # torch crashes at a view that has not found its edge since a write to its base.
            x = self.names.get(text.partition(".")[0])
            if x is not None:
                look(x)
        try:
            if text == EXIT:
                if self.blocks:
                    self.blocks.pop().__exit__(None, None, None)
            elif text.endswith(":"):
                block = eval(compiled(text), self.names)
                block.__enter__()
                self.blocks.append(block)
            else:
                exec(compiled(text), self.names)
        except Exception as error:
            self.message = str(error).partition("\n")[0]
            return type(error).__name__
        return None

    def variables(self) -> dict[str, Any]:
        return {name: x for name, x in self.names.items() if name[0] == "v"}

    def leave(self) -> None:
        while self.blocks:
            self.blocks.pop().__exit__(None, None, None)
        self.names["T"].set_grad_enabled(True)

    def finish(self) -> None:
        self.leave()
        for x in self.variables().values():
            if isinstance(x, self.names["T"].Tensor):
                x.grad = None  # a gradient with a graph refers back to its leaf


def look(x: Any) -> tuple[Any, ...]:
    """`LOOKS`, each perhaps the type of the exception that looking raises."""
    seen: list[Any] = []
    for what in LOOKS:
        if what == "retains_grad" and seen[1] is not False:
            break  # only of those inside the graph
        try:
            value = getattr(x, what)
            if value is not None and type(value) is not bool:
                value = value.name().rpartition("::")[2]  # of torch::autograd::CopySlices
            seen.append(value)
        except RuntimeError as error:
            seen.append(type(error).__name__)
    return tuple(seen)


def equal(x: torch.Tensor, y: torch.Tensor) -> bool:
    return x.shape == y.shape and torch.equal(x.nan_to_num(), y.nan_to_num())


def close(a: np.ndarray, b: np.ndarray, part: float) -> bool:
    """Equal up to rounding, relative to the largest element; NaN where the other has NaN."""
    if a.dtype.kind != "f":
        return bool((a == b).all())
    with np.errstate(all="ignore"):
        # The sign of an infinity can come from that of a zero, and max(-0, 0) may be either.
        usual = np.isfinite(b)
        if not np.array_equal(abs(a[~usual]), abs(b[~usual]), equal_nan=True):
            return False
        a, b = a[usual], b[usual]
        largest = np.abs(b).max(initial=0)
        # Below the normal numbers, torch's vectors of numbers round to 0.
        return bool((np.abs(a - b) <= max(part * largest, np.finfo(a.dtype).tiny)).all())


def numbers_in(text: str) -> np.ndarray | None:
    """The numbers of a disagreement's text; None if it is about something else."""
    try:
        return np.array(eval(text, {"inf": math.inf, "nan": math.nan}), np.float64)
    except (NameError, ValueError, SyntaxError):
        return None


def gap(found: Disagreement) -> float:
    """By how much the numbers differ; infinitely, if they are no numbers of one shape."""
    ours, theirs = numbers_in(found.ours), numbers_in(found.theirs)
    if ours is None or theirs is None or ours.shape != theirs.shape:
        return math.inf
    with np.errstate(all="ignore"):
        return float(np.nan_to_num(np.abs(ours - theirs), nan=math.inf).max(initial=0))


def has_no_normal(y: torch.Tensor) -> bool:
    """Whether there is an infinity, NaN or a subnormal number, whose square is 0."""
    x = y.detach()
    if not x.is_floating_point():
        return False
    small = (x != 0) & (x.abs() < torch.finfo(x.dtype).smallest_normal)
    return bool((~x.isfinite() | small).any())


def overlaps_itself(y: torch.Tensor) -> bool:
    """Whether several elements lie in one place; torch gives them one tangent."""
    reach = 1 + sum((n - 1) * s for n, s in zip(y.shape, y.stride(), strict=True))
    return y.numel() > reach


def forget_nans(x: Any, y: Any) -> None:
    """Put minigrad's numbers in the place of NaN in the gradient of torch's tensor."""
    if is_leaf(y) and is_leaf(x) and y.grad is not None and x.grad is not None:
        nan = y.grad.isnan()
        y.grad = torch.where(nan, torch.tensor(x.grad.detach().numpy()), y.grad)


def transforms(text: str) -> bool:
    """Whether a statement differentiates a function, by T.func or by dual numbers."""
    return "T.func." in text or "F.tangent" in text
