"""L-BFGS: Newton's method with a Hessian guessed from the last steps, and its line search."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from minigrad.autograd.modes import enable_grad, no_grad
from minigrad.autograd.value import Value, wrap
from minigrad.optim.optimizer import Optimizer
from minigrad.optim.rule import at_least_zero, number


class LBFGS(Optimizer):
    """Limited-memory BFGS: Liu and Nocedal, "On the limited memory BFGS method for large scale
    optimization" (1989), by the two-loop recursion of Nocedal and Wright, "Numerical Optimization"
    (2006), algorithm 7.4; with ``line_search_fn="strong_wolfe"`` the step satisfies the strong
    Wolfe conditions (algorithms 3.5 and 3.6, with minima of cubics), and without it is lr.

    ``step(closure)`` makes up to max_iter iterations, and calls the closure up to max_eval times
    (5/4 max_iter); it stops earlier when no gradient exceeds tolerance_grad, or nothing changes by
    more than tolerance_change. It remembers the last history_size steps. All parameters are one
    group, and live in memory history_size times. Raises ValueError for a negative lr and for
    several groups, RuntimeError in ``step`` for another line search.
    """

    def __init__(
        self,
        params: Any,
        lr: Any = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        at_least_zero(lr=lr)
        defaults = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search_fn": line_search_fn,
        }
        super().__init__(params, defaults)
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")

    @property
    def _params(self) -> list[Any]:
        return self.param_groups[0]["params"]  # type: ignore[no-any-return]

    def _flat_grad(self) -> Any:
        """All gradients in one vector."""
        grads = [np.zeros_like(p.array) if p.grad is None else p.grad.array for p in self._params]
        return wrap(np.concatenate([grad.reshape(-1) for grad in grads]))

    def _move(self, step: Any, direction: Any) -> None:
        """x <- x + step direction"""
        start = 0
        for p in self._params:
            part = direction[start : start + p.numel()]
            p.add_(part.reshape(p.shape), alpha=float(step))
            start += p.numel()

    def step(self, closure: Callable[[], Any]) -> Any:  # type: ignore[override]
        """Some iterations; ``closure`` computes the loss and the gradients anew, and returns the
        loss, as ``step`` does with that at the start."""
        if len(self.param_groups) != 1:
            raise AssertionError(
                f"Expected exactly one param_group, but got {len(self.param_groups)}"
            )
        with no_grad():
            return self._iterate(enable_grad()(closure))

    def _iterate(self, evaluate: Callable[[], Any]) -> Any:
        group = self.param_groups[0]
        state = self.state[self._params[0]]
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)
        first_loss = evaluate()
        state["func_evals"] += 1
        evaluations = 1
        loss, grad = float(first_loss), self._flat_grad()
        if largest(grad) <= group["tolerance_grad"]:
            return first_loss
        lr = group["lr"].squeeze() if isinstance(group["lr"], Value) else group["lr"]
        search = group["line_search_fn"]
        if search not in (None, "strong_wolfe"):
            raise RuntimeError("only 'strong_wolfe' is supported")
        for n in range(1, group["max_iter"] + 1):
            state["n_iter"] += 1
            d = state["d"] = self._direction(grad, state, group["history_size"])
            state["prev_flat_grad"], state["prev_loss"] = grad, loss
            first = state["n_iter"] == 1
            t = state["t"] = min(1.0, 1.0 / grad.abs().sum()) * lr if first else lr
            slope = grad.dot(d)
            if slope > -group["tolerance_change"]:
                break
            calls = 0
            if search:
                end, calls = strong_wolfe(
                    partial(self._look, evaluate, d),
                    Trial(0, loss, grad, slope),
                    t,
                    largest(d),
                    group["tolerance_change"],
                    group["max_eval"] - evaluations,
                )
                t, loss, grad = end.t, end.loss, end.grad
                state["t"] = t
                self._move(t, d)
            else:
                self._move(t, d)
                if n != group["max_iter"]:
                    loss, grad = float(evaluate()), self._flat_grad()
                    calls = 1
            evaluations += calls
            state["func_evals"] += calls
            if (
                evaluations >= group["max_eval"]
                or largest(grad) <= group["tolerance_grad"]
                or largest(d * t) <= group["tolerance_change"]
                or abs(loss - state["prev_loss"]) < group["tolerance_change"]
            ):
                break
        return first_loss

    def _look(self, evaluate: Callable[[], Any], d: Any, t: Any) -> Trial:
        """The loss and gradient at x + t d; the parameters stay at x."""
        x = [p.clone() for p in self._params]
        self._move(t, d)
        loss, grad = float(evaluate()), self._flat_grad()
        for p, value in zip(self._params, x, strict=True):
            p.copy_(value)
        return Trial(t, loss, grad, grad.dot(d))

    def _direction(self, grad: Any, state: dict[str, Any], history_size: int) -> Any:
        """-H grad, where H approximates the inverse of the Hessian: for each of the last steps s
        that changed the gradient by y, H y = s holds approximately."""
        if state["n_iter"] == 1:
            state.update(old_dirs=[], old_stps=[], ro=[], H_diag=1)
            return -grad
        changes, steps, ro = state["old_dirs"], state["old_stps"], state["ro"]
        y, s = grad - state["prev_flat_grad"], state["d"] * state["t"]
        ys = y.dot(s)
        if ys > 1e-10:
            if len(changes) == history_size:
                for old in changes, steps, ro:
                    old.pop(0)
            changes.append(y)
            steps.append(s)
            ro.append(1.0 / ys)
            state["H_diag"] = ys / y.dot(y)
        al = state.setdefault("al", [None] * history_size)
        # These loops are most of the work, so they are over arrays.
        zipped = zip(changes, steps, ro, strict=True)
        pairs = [(change.array, step.array, r.array) for change, step, r in zipped]
        direction = -grad.array
        for i, (change, step, r) in reversed(list(enumerate(pairs))):
            al[i] = wrap(np.asarray(step.dot(direction) * r))
            direction -= change * al[i].item()
        direction = direction * number(state["H_diag"])
        for i, (change, step, r) in enumerate(pairs):
            direction += step * (al[i].array - change.dot(direction) * r).item()
        return wrap(direction)


def largest(x: Any) -> Any:
    """The largest absolute value."""
    return x.abs().max()


class Trial(NamedTuple):
    """What is known at x + t d: the loss, the gradient, and the slope along d."""

    t: Any
    loss: float
    grad: Any
    slope: Any


def strong_wolfe(
    look: Callable[[Any], Trial],
    start: Trial,
    t: Any,
    d_norm: Any,
    tolerance_change: float,
    max_looks: int,
    c1: float = 1e-4,
    c2: float = 0.9,
) -> tuple[Trial, int]:
    """A point where the loss has fallen enough, and the slope is small; and how many looks it took.

    Enough is loss <= start.loss + c1 t start.slope, and small |slope| <= c2 |start.slope|.
    """

    def too_high(trial: Trial) -> bool:
        return bool(trial.loss > start.loss + c1 * trial.t * start.slope)

    def flat(trial: Trial) -> bool:
        return bool(abs(trial.slope) <= -c2 * start.slope)

    # Go on until such a point lies between two others, or is found.
    before, new = start, look(t)
    looks, n = 1, 0
    ends: list[Trial]
    while n < max_looks:
        if too_high(new) or (n > 1 and new.loss >= before.loss):
            ends = [before, new]
            break
        if flat(new):
            return new, looks
        if new.slope >= 0:
            ends = [before, new]
            break
        nearest, farthest = new.t + 0.01 * (new.t - before.t), new.t * 10
        before, new = new, look(lowest(before, new, nearest, farthest))
        looks += 1
        n += 1
    else:
        ends = [start, new]

    # Narrow the bracket down.
    low, high = (0, 1) if ends[0].loss <= ends[1].loss else (1, 0)
    stuck = False
    while n < max_looks:
        left, right = min(ends[0].t, ends[1].t), max(ends[0].t, ends[1].t)
        if abs(ends[1].t - ends[0].t) * d_norm < tolerance_change:
            break
        t = lowest(ends[0], ends[1], left, right)
        margin = 0.1 * (right - left)
        if min(right - t, t - left) < margin:
            # Too near to an end: the second time in a row, or outside, move away from it.
            if stuck or t >= right or t <= left:
                t = right - margin if abs(t - right) < abs(t - left) else left + margin
                stuck = False
            else:
                stuck = True
        else:
            stuck = False
        new = look(t)
        looks += 1
        n += 1
        if too_high(new) or new.loss >= ends[low].loss:
            ends[high] = new
            low, high = (0, 1) if ends[0].loss <= ends[1].loss else (1, 0)
        else:
            if flat(new):
                return new, looks
            if new.slope * (ends[high].t - ends[low].t) >= 0:
                ends[high] = ends[low]
            ends[low] = new
    return ends[low], looks


def lowest(a: Trial, b: Trial, low: Any, high: Any) -> Any:
    """Where, from low to high, the cubic through two points with their slopes has its minimum;
    half-way if it has none (Nocedal and Wright, equation 3.59)."""
    d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.t - b.t)
    square = d1**2 - a.slope * b.slope
    if not square >= 0:
        return (low + high) / 2.0
    d2 = square.sqrt()
    if a.t <= b.t:
        t = b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2))
    else:
        t = a.t - (a.t - b.t) * ((a.slope + d2 - d1) / (a.slope - b.slope + 2 * d2))
    return min(max(t, low), high)
