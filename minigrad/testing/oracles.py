"""Where a derivative can be known exactly, or without any rule: three oracles for one operator.

An operator is a forward and rules in plain numpy (autograd/primitive.py). Both run on bare arrays
of any dtype, and so on rational and on complex numbers, which no Tensor holds:

*exact*: rational numbers that carry a derivative (rational.py) go through the forward, rational
cotangents through the rules. What meets is **equal**, entry by entry, without a tolerance: sums,
products, quotients, polynomials, everything that selects and rearranges.

*complex step*: ``J v = Im f(x + i h v) / h`` for an analytic ``f``, without the subtraction that
spoils differences: right to the last digits (Squire and Trapp 1998).

*differences*: central, of order 8, for every float operator: right to about 11 digits.

The last two are held against the rules by the adjoint identity ``<u, J v> = <Jᵀ u, v>``. None of
them takes minigrad's own derivatives for granted.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from minigrad.autograd.backward import copied_axes
from minigrad.autograd.pieces import Pieces
from minigrad.autograd.primitive import ARGUMENT, OUTPUT, SHAPE
from minigrad.autograd.wide import EXTRA, NEEDS, REST, SHAPES
from minigrad.testing.engines import NotApplicable
from minigrad.testing.numeric import STENCIL, STEP, WIDTHS
from minigrad.testing.rational import duals, slopes, values

__all__ = ["NotApplicable", "adjoint", "call", "exact"]

Array = NDArray[Any]

COARSE = 1e-7  # how near the complex step must be to the differences to be believed
GRAIN = 2**10  # samples become multiples of 1 / GRAIN to be rational


class Call:
    """One call of an operator on bare arrays, without any tensor: its outputs, and its rules.

    outputs:  those that are differentiable, arrays.
    operands: the positions of the arguments that the rules are for.
    """

    def __init__(self, operator: Any, args: Sequence[Any]) -> None:
        declared = self.declared = operator.primitive
        self.args = [x.copy("K") if isinstance(x, np.ndarray) else x for x in args]
        self.operands = operands(operator, args)
        self.needs = [i in self.operands for i in range(len(args))]
        self.plan = declared.plan(sum(1 << i for i in self.operands))
        with np.errstate(all="ignore"):
            made = declared.forward(*self.args)
        several = isinstance(declared, Pieces)
        single = not several and len(declared.outputs) + len(declared.extra) == 1
        self.made = [np.asarray(x) for x in ((made,) if single else made)]
        self.outputs = self.made if several else self.made[: self.plan.cotangents]

    def pull(self, cotangents: Sequence[Array]) -> list[Array]:
        """The cotangents of the operands, in their shapes: what the rules make of the outputs'."""
        given: list[Any] = list(cotangents)
        saved = [given] if isinstance(self.declared, Pieces) else given
        for kind, i in self.plan.sources:
            saved += self.args[i:] if kind == REST else [self.saved(kind, i)]
        with np.errstate(all="ignore"):
            found = [
                rule(*(saved if pick is None else pick(saved))) for rule, pick in self.plan.rules
            ]
        if self.plan.joint:
            found = [found[0][i] for i in self.operands]
        zeros = [np.zeros(self.args[i].shape, self.args[i].dtype) for i in self.operands]
        return [z if g is None else folded(g, z.shape) for g, z in zip(found, zeros, strict=True)]

    def saved(self, kind: int, i: int) -> Any:
        if kind == ARGUMENT:
            return self.args[i]
        if kind == OUTPUT:
            return self.made[i]
        if kind == EXTRA:
            return self.made[len(self.declared.outputs) + i]
        if kind == NEEDS:
            return self.needs
        assert kind in (SHAPE, SHAPES)
        return np.shape(self.args[i]) if kind == SHAPE else tuple(map(np.shape, self.args[i:]))


call = Call


def operands(operator: Any, args: Sequence[Any]) -> list[int]:
    """The positions of the arguments of an operator that have a derivative: arrays of floats."""
    declared = operator.primitive

    def has_rule(i: int) -> bool:
        if declared.joint is not None:
            return True
        return i < len(declared.params) and bool(declared.rules.get(declared.params[i]))

    return [i for i, x in enumerate(args) if is_float(x) and has_rule(i)]


def is_float(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.dtype.kind in "fcO"


def folded(g: Any, shape: tuple[int, ...]) -> Array:
    """A cotangent in the shape of its operand: summed where the operand was repeated."""
    found: Array = np.asarray(g)
    if found.shape != shape:
        found = np.asarray(np.add.reduce(found, axis=copied_axes(found.shape, shape)))
    return found.reshape(shape)


def inner(a: Sequence[Array], b: Sequence[Array]) -> Any:
    return sum([np.sum(x * y) for x, y in zip(a, b, strict=True)])


def drawn(shape: tuple[int, ...], seed: int) -> Array:
    """Numbers of either sign, none near 0, all of few bits: a direction, or a cotangent."""
    random = np.random.RandomState(seed)
    return np.asarray(random.randint(4, 16, shape) / 8 * random.choice((-1.0, 1.0), shape))


def exact(operator: Any, args: Sequence[Any]) -> int:
    """Hold an operator's rules against exact differentiation: equal, or an error.

    The samples ``args`` are rounded to rational numbers; ``<u, J v>`` and ``<Jᵀ u, v>`` are then
    rational, for vectors that have no zeros. Returns how many entries the cotangents have.
    Raises AssertionError with the first entry that is wrong; NotApplicable where the operator
    leads out of the rational numbers.
    """
    try:
        floats = [np.round(x * GRAIN) / GRAIN if is_float(x) else x for x in args]
        args = [duals(x) if is_float(x) else x for x in floats]
        done = Call(operator, args)
        for y, z in zip(done.outputs, Call(operator, floats).outputs, strict=True):
            if not np.allclose(np.asarray(values(y), float), z):
                raise TypeError("what is not a float is taken for an integer")
        u = [values(drawn(y.shape, 7 + k)) for k, y in enumerate(done.outputs)]
        v = [values(drawn(args[i].shape, 29 + i)) for i in done.operands]
        found = [values(g) for g in done.pull([duals(each) for each in u])]
        left, right = pushed(operator, args, done.operands, v, u), inner(found, v)
        if left != right:
            raise AssertionError(wrong_entry(operator, args, done.operands, found, u))
    except (TypeError, AttributeError, ValueError, OverflowError, ArithmeticError) as error:
        raise NotApplicable(f"{type(error).__name__}: {error}") from error
    return sum([g.size for g in found])


def pushed(
    operator: Any, args: Sequence[Any], operands: Sequence[int], v: Sequence[Array], u: Any
) -> Any:
    """``<u, J v>``: the operands move along ``v``, and the outputs' slopes are weighted."""
    args = list(args)
    for i, direction in zip(operands, v, strict=True):
        args[i] = duals(values(args[i]), direction)
    return inner([slopes(y) for y in Call(operator, args).outputs], u)


def wrong_entry(
    operator: Any, args: Sequence[Any], operands: Sequence[int], found: Sequence[Array], u: Any
) -> str:
    """Where a cotangent first differs from the exact derivative, which is taken by every entry."""
    for i, g in zip(operands, found, strict=True):
        for at in np.ndindex(g.shape):
            direction = np.zeros(g.shape, object)
            direction[at] = 1
            expected = pushed(operator, args, [i], [direction], u)
            if g[at] != expected:
                return (
                    f"{operator.primitive.name}: the derivative by argument {i} is {g[at]} at "
                    f"entry {at}, and exactly it is {expected}"
                )
    return f"{operator.primitive.name}: the derivative differs, and no entry of it alone"


class Adjoint(NamedTuple):
    """Both sides of ``<u, J v> = <Jᵀ u, v>``, and how J v was found."""

    method: str  # "complex step" or "differences"
    left: float
    right: float
    tolerance: float

    @property
    def holds(self) -> bool:
        return bool(abs(self.left - self.right) <= self.tolerance)


def adjoint(operator: Any, args: Sequence[Any], seed: int = 0) -> Adjoint:
    """The adjoint identity at ``args`` for random ``u`` and ``v``; J v never by minigrad's rules.

    By the complex step where it applies, else by differences. The tolerance is relative to the
    sum of the absolute values of the terms of both sides. Raises NotApplicable where no output
    is a float, or no argument has a derivative.
    """
    done = Call(operator, args)
    if not done.operands or not all(y.dtype.kind == "f" for y in done.outputs):
        raise NotApplicable("there is nothing to differentiate")
    v = [drawn(args[i].shape, seed + 11 + i) for i in done.operands]
    u = [drawn(y.shape, seed + 31 + k) for k, y in enumerate(done.outputs)]
    gradients = done.pull(u)
    right = float(inner(gradients, v))
    tangents = differences(operator, args, done.operands, v)
    method, relative = "differences", 1e-11
    sharp = complex_step(operator, args, done.operands, v)
    if sharp is not None and all(near(a, b) for a, b in zip(sharp, tangents, strict=True)):
        method, relative, tangents = "complex step", 1e-14, sharp
    terms = float(inner([np.abs(x) for x in u], [np.abs(t) for t in tangents]))
    terms += float(inner([np.abs(g) for g in gradients], [np.abs(x) for x in v]))
    size = max(1, sum(x.size for x in [*u, *v]))
    return Adjoint(method, float(inner(u, tangents)), right, relative * size * max(terms, 1e-300))


def near(a: Array, b: Array) -> bool:
    largest = np.abs(b).max(initial=0)
    return bool((np.abs(a - b) <= COARSE * (1 + largest)).all())


def moved(args: Sequence[Any], operands: Sequence[int], v: Sequence[Array], by: Any) -> list[Any]:
    """The arguments with the operands moved along ``v``."""
    args = list(args)
    for i, direction in zip(operands, v, strict=True):
        args[i] = np.asarray(args[i] + by * direction)
    return args


def complex_step(
    operator: Any, args: Sequence[Any], operands: Sequence[int], v: Sequence[Array]
) -> list[Array] | None:
    """J v by ``Im f(x + i h v) / h``; None where the forward is not for complex numbers."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # numpy's, of an imaginary part that is discarded
            outputs = Call(operator, moved(args, operands, v, 1j * STEP)).outputs
    except (TypeError, ValueError, AttributeError, NotImplementedError, Warning):
        return None
    if not all(y.dtype.kind == "c" for y in outputs):
        return None
    return [y.imag / STEP for y in outputs]


def differences(
    operator: Any, args: Sequence[Any], operands: Sequence[int], v: Sequence[Array]
) -> list[Array]:
    """J v by central differences of order 8, in the width where lower orders come nearest."""
    best: list[Array] = []
    least = np.inf
    for width in WIDTHS:
        rows = []
        for k in range(1, 5):
            after, before = [
                Call(operator, moved(args, operands, v, way * k * width)).outputs for way in (1, -1)
            ]
            rows.append([a - b for a, b in zip(after, before, strict=True)])
        found, *rough = [
            [
                sum([w * d for w, d in zip(weights, each, strict=True)]) / width
                for each in zip(*rows, strict=True)
            ]
            for weights in STENCIL
        ]
        doubt = max(
            float(np.abs(a - b).max(initial=0))
            for lower in rough
            for a, b in zip(found, lower, strict=True)
        )
        if doubt < least or not best:
            best, least = found, doubt
    return best
