"""`gradcheck` and `gradgradcheck`: derivatives against differences.

Every entry of every Jacobian is computed twice: from the rules, by backward passes, and from
central differences, (f(x + eps) - f(x - eps)) / (2 eps). Where the two disagree the error says
for which entry, by how much, and what rule the operator that made the output was declared with.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from minigrad.autograd.api import grad
from minigrad.autograd.node import Node
from minigrad.autograd.primitive import primitive
from minigrad.autograd.value import Array, Value, edge_of, wrap

__all__ = ["GradcheckError", "gradcheck", "gradgradcheck"]

Function = Callable[..., Any]
SEED = 67280421310721  # torch's default


class GradcheckError(RuntimeError):
    """`gradcheck` or `gradgradcheck` found a derivative that is wrong."""


def gradcheck(
    func: Function,
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """Whether the derivatives of ``func`` at ``inputs`` agree with central differences.

    func:         takes ``inputs``, returns a tensor or a tuple of tensors.
    inputs:       a tensor or a tuple; those that require grad are checked. They should be float64:
                  there is a warning for others, whose differences are too coarse.
    eps:          half the distance between the two points of a difference.
    atol, rtol:   an entry passes if |analytic - numeric| <= atol + rtol * |numeric|.
    raise_exception:  False to get False instead of a GradcheckError.
    nondet_tol:   by how much two backward passes may differ.
    check_undefined_grad:  also check that outputs without a cotangent count as zero.
    check_batched_grad:    also check ``is_grads_batched``.
    check_forward_ad:      also check tangents computed by `forward_ad`.
    check_backward_ad:     False to check these only.
    fast_mode:    compare one random projection of each Jacobian instead of all its entries; of the
                  backward passes only: tangents are compared entry by entry all the same.
    check_grad_dtypes, check_batched_forward_grad, masked: hold by construction here (the pass
                  casts cotangents, vmap is a loop, nothing is sparse); accepted.

    Raises GradcheckError, whose message shows both Jacobians, the worst entry and the rule;
    ValueError if nothing requires grad; RuntimeError for an expanded input; AssertionError for
    checks that exclude each other.
    """
    if not (check_forward_ad or check_backward_ad):
        raise AssertionError(
            "Expected at least one of check_forward_ad or check_backward_ad to be True"
        )
    if check_batched_grad and not check_backward_ad:
        raise AssertionError(
            "Setting check_batched_grad=True requires check_backward_ad to be True"
        )
    if check_batched_forward_grad and not check_forward_ad:
        raise AssertionError(
            "Setting check_batched_forward_grad=True requires check_forward_ad to be True"
        )
    check = Check(func, as_tuple(inputs), eps, atol, rtol, nondet_tol)
    try:
        if not check.outputs:
            check.constant()
            return True
        if check_backward_ad:
            check.backward_mode(fast_mode)
        if check_forward_ad:
            check.forward_mode()
        if check_backward_ad:
            if check_batched_grad:
                check.batched()
            check.linear()
            if check_undefined_grad:
                check.undefined()
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def gradgradcheck(
    func: Function,
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool = False,
) -> bool:
    """Whether the second derivatives of ``func`` agree with differences of the first.

    It is a `gradcheck` of the backward pass of ``func``, as a function of the inputs and of the
    cotangents.

    grad_outputs: the cotangents; if None, random numbers between -1 and 1, always the same.
    gen_non_contig_grad_outputs:  make these not contiguous in memory.
    check_fwd_over_rev, check_rev_over_rev:  whether to check the backward pass by tangents and by
                  backward passes. The other arguments and the errors are those of `gradcheck`.
    """
    if not (check_fwd_over_rev or check_rev_over_rev):
        raise AssertionError(
            "Expected at least one of check_fwd_over_rev or check_rev_over_rev to be True"
        )
    if check_undefined_grad and not check_rev_over_rev:
        raise AssertionError(
            "Setting check_undefined_grad=True requires check_rev_over_rev to be True"
        )
    if check_batched_grad and not check_rev_over_rev:
        raise AssertionError(
            "Setting check_batched_grad=True requires check_rev_over_rev to be True"
        )
    xs = as_tuple(inputs)
    if grad_outputs is None:
        random = np.random.RandomState(SEED % 2**32)
        ys = differentiable(func(*xs))
        vs = tuple([random_cotangent(y, random, gen_non_contig_grad_outputs) for y in ys])
    else:
        vs = as_tuple(grad_outputs)
    wanted = [requires_grad(x) for x in (*xs, *vs)]
    n = len(xs)

    def backward(*args: Any) -> tuple[Any, ...]:
        # Tangents are computed at points that do not require grad by themselves.
        args = tuple(
            [x.requires_grad_() if needs else x for x, needs in zip(args, wanted, strict=True)]
        )
        points = [x for x, needs in zip(args[:n], wanted[:n], strict=True) if needs]
        found = grad(
            differentiable(func(*args[:n])), points, args[n:], create_graph=True, allow_unused=True
        )
        return tuple([g for g in found if g is not None])

    return gradcheck(
        backward,
        xs + vs,
        eps=eps,
        atol=atol,
        rtol=rtol,
        raise_exception=raise_exception,
        nondet_tol=nondet_tol,
        check_undefined_grad=check_undefined_grad,
        check_grad_dtypes=check_grad_dtypes,
        check_batched_grad=check_batched_grad,
        fast_mode=fast_mode,
        check_forward_ad=check_fwd_over_rev,
        check_backward_ad=check_rev_over_rev,
        masked=masked,
    )


class Check:
    """One gradcheck: the function and the point. Jacobians have a row for each input element."""

    def __init__(
        self,
        func: Function,
        inputs: tuple[Any, ...],
        eps: float,
        atol: float,
        rtol: float,
        nondet_tol: float,
    ) -> None:
        check_inputs(inputs)
        self.func = func
        self.inputs = inputs
        self.eps, self.atol, self.rtol, self.nondet_tol = eps, atol, rtol, nondet_tol
        self.points = [x for x in inputs if requires_grad(x)]
        self.all_outputs = as_tuple(func(*inputs))
        self.outputs = differentiable(self.all_outputs)

    # Both kinds of Jacobian.

    def difference(self, x: Any, step: Array, place: Any = None) -> list[Array]:
        """For each output, the central difference along ``step``, an array like ``x``; flat.

        place: the index of the only element of ``step`` that is not 0, for the error.
        """
        array = x.array  # written to directly, so that version counters do not see it
        before = array.copy()
        try:
            np.subtract(before, step, out=array)
            low = [y.clone() for y in as_tuple(self.func(*self.inputs))]
            np.add(before, step, out=array)
            high = [y.clone() for y in as_tuple(self.func(*self.inputs))]
        finally:
            array[...] = before
        where = "" if place is None else f"on index {place} "
        for a, b in zip(low, high, strict=True):
            for what, one, other in (("shape", a.shape, b.shape), ("dtype", a.dtype, b.dtype)):
                if one != other:
                    raise AssertionError(
                        f"Expected `func` to return outputs with the same {what} when inputs are "
                        f"perturbed {where}by {self.eps}, but got: {what}s {one} and {other}."
                    )
        with np.errstate(all="ignore"):
            return [
                (b.array - a.array if is_float(a) else np.float64(b.array) - a.array).reshape(-1)
                / (2 * self.eps)
                for a, b in zip(low, high, strict=True)
            ]

    def numerical(self, x: Any) -> list[Array]:
        """For each output, the Jacobian with respect to ``x`` from differences."""
        rows = []
        step = np.zeros(x.array.shape, x.array.dtype)
        for place in np.ndindex(x.array.shape):
            step[place] = self.eps
            rows.append(self.difference(x, step, place))
            step[place] = 0
        if rows:
            return [np.stack(column) for column in zip(*rows, strict=True)]
        return [np.zeros((0, y.numel())) for y in self.all_outputs]

    def vjp(self, y: Any, v: Array) -> list[Array]:
        """For each input, its gradient from the cotangent ``v`` of the output ``y``; flat."""
        found = grad(y, self.points, wrap(v), retain_graph=True, allow_unused=True)
        result = []
        for g, x in zip(found, self.points, strict=True):
            if g is None:
                result.append(np.zeros(x.numel(), x.array.dtype))
                continue
            if g.array.dtype != x.array.dtype:
                raise GradcheckError("Gradient has dtype mismatch")
            result.append(g.array.reshape(-1).copy())
        return result

    def twice(self, y: Any, v: Array) -> list[Array]:
        """The same pass twice: a rule that writes to what it is given shows in the second."""
        once, again = self.vjp(y, v), self.vjp(y, v)
        for a, b in zip(once, again, strict=True):
            if a.size and np.abs(a - b).max() > self.nondet_tol:
                raise GradcheckError(
                    "Backward is not reentrant, i.e., running backward with same input and "
                    "grad_output multiple times gives different values, although analytical "
                    "gradient matches numerical gradient.The tolerance for nondeterminism was "
                    f"{self.nondet_tol}. Does a rule write to an array it is given?"
                )
        return once

    def analytical(self, y: Any) -> list[Array]:
        """For each input, the Jacobian of ``y`` from backward passes."""
        rows = [self.twice(y, v) for v in basis(y)]
        if rows:
            return [np.stack(column, axis=1) for column in zip(*rows, strict=True)]
        return [np.zeros((x.numel(), 0)) for x in self.points]

    # What is checked.

    def constant(self) -> None:
        """Nothing requires grad, and so nothing may change."""
        for x in self.points:
            if any(np.any(jacobian != 0) for jacobian in self.numerical(x)):
                raise GradcheckError("Numerical gradient for function expected to be zero")

    def backward_mode(self, fast: bool) -> None:
        """Backward passes against differences."""
        kept = [i for i, y in enumerate(self.all_outputs) if requires_grad(y)]
        if fast:
            self.projections(kept)
            return
        numerical = [self.numerical(x) for x in self.points]
        for i, y in enumerate(self.outputs):
            for j, a in enumerate(self.analytical(y)):
                self.compare(a, numerical[j][kept[i]], i, j)

    def projections(self, kept: Sequence[int]) -> None:
        """One number for each Jacobian: v J u with random u and v, positive so as not to cancel."""
        random = np.random.RandomState(SEED % 2**32)
        us = [unit(x, random) for x in self.points]
        vs = [unit(y, random) for y in self.outputs]
        analytical = [
            [float(g @ u.reshape(-1)) for g, u in zip(self.twice(y, v), us, strict=True)]
            for y, v in zip(self.outputs, vs, strict=True)
        ]
        for j, (x, u) in enumerate(zip(self.points, us, strict=True)):
            columns = self.difference(x, u * x.array.dtype.type(self.eps))
            for i, v in enumerate(vs):
                a, n = analytical[i][j], float(columns[kept[i]] @ v.reshape(-1))
                atol = self.atol * float(u.sum()) * float(v.sum())
                if not np.isclose(a, n, self.rtol, atol):
                    message = mismatch(a, n, i, j)
                    slow_a = self.analytical(self.outputs[i])[j]
                    slow_n = self.numerical(x)[kept[i]]
                    raise GradcheckError(
                        f"{message}\nThe above are projections of the Jacobians on random vectors, "
                        "as fast_mode compares them. The Jacobians themselves:\n"
                        f"Numerical:\n {wrap(slow_n)}\nAnalytical:\n{wrap(slow_a)}\n"
                        f"{self.details(slow_a, slow_n, i, j)}"
                    )

    def forward_mode(self) -> None:
        """Tangents against differences."""
        kept = [i for i, y in enumerate(self.all_outputs) if requires_grad(y)]
        for j, x in enumerate(self.points):
            rows = [self.tangents(x, step) for step in basis(x)]
            numerical = self.numerical(x)
            for i, k in enumerate(kept):
                if rows:
                    analytical = np.stack([row[k] for row in rows])
                    self.compare(analytical, numerical[k], i, j, forward=True)

    def tangents(self, x: Any, tangent: Array) -> list[Array]:
        from minigrad.autograd.forward_ad import dual_level, make_dual, unpack_dual

        with dual_level():
            args = [each.detach() if isinstance(each, Value) else each for each in self.inputs]
            given = [
                make_dual(a, wrap(tangent)) if b is x else a
                for a, b in zip(args, self.inputs, strict=True)
            ]
            found = [unpack_dual(y) for y in as_tuple(self.func(*given))]
        zero = [np.zeros(primal.numel(), primal.array.dtype) for primal, _ in found]
        return [
            z if t is None else t.array.reshape(-1) for (_, t), z in zip(found, zero, strict=True)
        ]

    def batched(self) -> None:
        """``is_grads_batched`` against passes one by one."""
        random = np.random.RandomState(SEED % 2**32)
        for i, y in enumerate(self.outputs):
            v = random.standard_normal((2, *y.array.shape)).astype(y.array.dtype)
            expected = [self.vjp(y, each) for each in v]
            found = grad(
                y, self.points, wrap(v), retain_graph=True, allow_unused=True, is_grads_batched=True
            )
            for j, got in enumerate(found):
                both = np.stack([each[j] for each in expected])
                if got is not None and not np.allclose(got.array.reshape(2, -1), both):
                    raise GradcheckError(
                        f"For output {i} and input {j}:\n\ngradcheck or gradgradcheck failed while "
                        f"testing batched gradient computation.\n\nGot:\n{got}\n\n"
                        f"Expected:\n{wrap(both)}"
                    )

    def linear(self) -> None:
        """Zero cotangents give zero gradients."""
        zeros = [wrap(np.zeros(y.array.shape, y.array.dtype)) for y in self.outputs]
        for g in grad(self.outputs, self.points, zeros, retain_graph=True, allow_unused=True):
            if g is not None and np.any(g.array != 0):
                raise GradcheckError(
                    "backward not multiplied by grad_output: a rule does not use its cotangent"
                )

    def undefined(self) -> None:
        """No cotangent at all counts as a zero one, for all outputs and for each of several."""
        n = len(differentiable(self.all_outputs))
        everything = set(range(n))
        for missing in [everything] + ([{i} for i in range(n)] if n > 1 else []):
            ys = differentiable(self.func(*self.inputs))
            if not ys:
                return
            ys = tuple([without_cotangent(y) if i in missing else y for i, y in enumerate(ys)])
            zeros = [wrap(np.zeros(y.array.shape, y.array.dtype)) for y in ys]
            try:
                found = grad(ys, self.points, zeros, allow_unused=True)
            except RuntimeError as error:
                raise GradcheckError(
                    "Expected backward function to handle undefined output grads. It gets None "
                    f"where nothing reached an output, and raised {error!r}"
                ) from error
            if any(g is not None and np.any(g.array != 0) for g in found):
                raise GradcheckError(
                    "Expected all input grads to be undefined or zero when all output grads are "
                    "undefined or zero."
                )

    # What is said of a failure.

    def compare(self, a: Array, n: Array, i: int, j: int, forward: bool = False) -> None:
        dtype = np.result_type(a, n)
        if not np.allclose(a.astype(dtype), n.astype(dtype), self.rtol, self.atol):
            raise GradcheckError(
                mismatch(wrap(a), wrap(n), i, j, forward) + self.details(a, n, i, j)
            )

    def details(self, a: Array, n: Array, i: int, j: int) -> str:
        """The worst entry of two Jacobians, and the rule of the operator behind them."""
        with np.errstate(all="ignore"):
            excess = np.abs(a - n) - (self.atol + self.rtol * np.abs(n))
        excess = np.where(a == n, -1, np.where(np.isnan(excess), np.inf, excess))
        wrong = int(np.count_nonzero(excess > 0))
        if not wrong:
            return "Entry by entry the Jacobians agree: fast_mode=False would pass."
        place = np.unravel_index(int(np.argmax(excess)), excess.shape)
        x, y = self.points[j], self.outputs[i]
        to = np.unravel_index(int(place[0]), x.array.shape)
        text = [f"{wrong} of {a.size} entries differ. The worst is [{place[0]}, {place[1]}],"]
        of = np.unravel_index(int(place[1]), y.array.shape)
        entry = f"  d output {i}{index(of)} / d input {j}{index(to)}:"
        text.append(f"{entry} analytic {a[place]:.6g}, numeric {n[place]:.6g}")
        return "\n".join(text + list(rules_behind(y, x)))


def mismatch(a: Any, n: Any, i: int, j: int, forward: bool = False) -> str:
    mode = "computed with forward mode " if forward else ""
    return (
        f"Jacobian {mode}mismatch for output {i} with respect to input {j},\n"
        f"numerical:{n}\nanalytical:{a}\n"
    )


def index(place: Sequence[Any]) -> str:
    return f"[{', '.join([str(int(k)) for k in place])}]" if place else ""


def rules_behind(y: Any, x: Any) -> Iterator[str]:
    """Lines on the operator that made ``y``, and on the rules it was declared with."""
    from minigrad.autograd.forward_ad import behind

    node = getattr(y, "grad_fn", None)
    if node is None:
        return
    name = node.name()
    before = {each.name() for each in behind([y]) if isinstance(each, Node)} - {name}
    if before:
        others = ", ".join(sorted(before)[:12])
        yield f"The output comes from {name} (and before that {others}). To find the culprit,"
        yield "  check these one by one. The rules of the last:"
    else:
        yield f"The output comes from {name}. Its rules:"
    plan = getattr(node, "plan", None)
    declared = getattr(plan, "primitive", None)
    rules = dict(getattr(declared, "rules", None) or {})
    joint = getattr(declared, "joint", None)
    if joint is not None:
        rules = {"all inputs": joint}
    backward = getattr(getattr(type(node), "_forward_cls", None), "backward", None)
    if not rules and backward is not None:
        rules = {"backward": backward}
    for param, rule in rules.items():
        if rule is not None:
            yield from source(param, rule)
    if not rules:
        yield "  (not declared in Python source)"


def source(param: str, rule: Any) -> Iterator[str]:
    """Where the rule for ``param`` was written, and its lines."""
    from linecache import getline

    code = getattr(rule, "__code__", None)
    if code is None:
        yield f"  {param}: {rule!r}"
        return
    first = code.co_firstlineno
    last = max([line for *_, line in code.co_lines() if line is not None], default=first)
    lines = [getline(code.co_filename, k).rstrip() for k in range(first, min(last, first + 11) + 1)]
    indent = min([len(s) - len(s.lstrip()) for s in lines if s.strip()], default=0)
    yield f"  {param}, {code.co_filename}:{first}"
    for line in lines:
        yield f"      {line[indent:]}"


def as_tuple(x: Any) -> tuple[Any, ...]:
    return tuple(x) if isinstance(x, tuple | list) else (x,)


def requires_grad(x: Any) -> bool:
    return isinstance(x, Value) and edge_of(x) is not None


def is_float(x: Any) -> bool:
    return isinstance(x, Value) and x.array.dtype.kind == "f"


def differentiable(ys: Any) -> tuple[Any, ...]:
    return tuple([y for y in as_tuple(ys) if requires_grad(y)])


def check_inputs(inputs: tuple[Any, ...]) -> None:
    for i, x in enumerate(inputs):
        if not requires_grad(x):
            continue
        if x.array.dtype != np.float64:
            warnings.warn(
                f"Input #{i} requires gradient and is not a double precision floating point or "
                "complex. This check will likely fail if all the inputs are not of double "
                "precision floating point or complex. ",
                stacklevel=4,
            )
        steps = zip(x.array.strides, x.array.shape, strict=True)
        if x.array.size and any(s == 0 and n > 1 for s, n in steps):
            raise RuntimeError(
                f"The {i}th input has a dimension with stride 0. gradcheck only supports inputs "
                "that are non-overlapping to be able to compute the numerical gradients "
                "correctly. You should call .contiguous on the input before passing it to "
                "gradcheck."
            )
    if not any(requires_grad(x) for x in inputs):
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of them "
            "have requires_grad=True."
        )


def basis(x: Any) -> Iterator[Array]:
    """For each element of ``x`` an array of its shape with a 1 there and zeros elsewhere."""
    for place in np.ndindex(x.array.shape):
        v = np.zeros(x.array.shape, x.array.dtype)
        v[place] = 1
        yield v


def unit(x: Any, random: np.random.RandomState) -> Array:
    """A random vector of positive numbers and length 1, in the shape of ``x``."""
    u = random.random_sample(x.array.shape)
    return np.asarray(u / max(float(np.linalg.norm(u)), 1e-300), x.array.dtype)


def random_cotangent(y: Any, random: np.random.RandomState, apart: bool) -> Any:
    """Numbers between -1 and 1 in the shape of ``y``; ``apart`` for a gap after each."""
    values = random.uniform(-1, 1, y.array.shape)
    made = wrap(values.astype(y.array.dtype))
    if apart and values.ndim and values.size > 1:
        memory = np.zeros((*values.shape, 2), y.array.dtype)
        memory[..., 0] = values
        made = wrap(memory[..., 0])
    return made.requires_grad_()


# The identity; backward, nothing arrives at its operand.
without_cotangent = primitive("UndefinedGrad", lambda x: x.copy(), x=lambda g: None)
