"""Declares an operator: what it computes, its derivatives, and what these need.

    exp = primitive("ExpBackward0", np.exp, x=lambda g, out: g * out)
    mul = primitive("MulBackward0", np.multiply, a=lambda g, b: g * b, b=lambda g, a: g * a)

A derivative is a *rule*: plain numpy that turns the output's cotangent ``g`` into the input's.
The names of a rule's other parameters say what it needs, and a node saves just that: ``exp``
saves its output and not its input. A name is

    a parameter of the forward             its value, checked for later in-place writes
    ``out``, or a name in ``outputs``      an output
    ``x_shape``, ``x_dtype``               of a parameter ``x``: nothing is kept alive
    a name in ``extra``                    what the forward returns besides, for backward only
    ``needs``                              which arguments need a cotangent (joint rules)

Rules also run on tensors, when the backward pass is itself recorded (``create_graph=True``), and
a primitive that a rule calls on bare arrays returns a bare array.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from operator import itemgetter
from typing import Any

import numpy as np
from numpy import ndarray

from minigrad.autograd.node import Node, Plan, Saved, SavedCast, SavedOutput
from minigrad.autograd.quiet import ERRSTATE, IGNORE
from minigrad.autograd.value import Source, Value, mode, tensor_class, wrap

# What `primitive` makes: a function of tensors, or, called by a rule, of arrays.
Operator = Callable[..., Any]

ARGUMENT, OUTPUT, EXTRA, SHAPE, DTYPE, SHAPES, NEEDS, REST = range(
    8
)  # where a saved value comes from
VARIADIC = 0x04  # the flag of a code object that takes *args

# Nonzero while some thread has watchers (see Mode): spares all others from looking.
watchers: list[None] = []

new = object.__new__
quiet, loud = ERRSTATE.set, ERRSTATE.reset
next_number = count().__next__


class Primitive:
    """A declaration: what nodes, tests and documentation are made from."""

    def __init__(
        self,
        name: str,
        forward: Callable[..., Any],
        rules: dict[str, Callable[..., Any] | None],
        joint: Callable[..., Sequence[Any]] | None,
        outputs: tuple[str, ...],
        extra: tuple[str, ...],
    ) -> None:
        self.name = name
        self.forward = forward
        self.rules = rules
        self.joint = joint
        self.outputs = outputs
        self.extra = extra
        self.single = len(outputs) + len(extra) == 1
        self.variadic = False
        # A ufunc does not tell its parameters: they are those that the rules are given for.
        self.params = tuple(rules)
        if code := getattr(forward, "__code__", None):
            self.variadic = bool(code.co_flags & VARIADIC)
            self.params = code.co_varnames[: code.co_argcount + self.variadic]
        self.plans: dict[int, Plan] = {}
        if unknown := set(rules) - set(self.params):
            raise TypeError(f"{name}: rules for {unknown}, but the forward takes {self.params}")
        self.plan(-1)  # finds a misspelt name now and not at the first backward

    def plan(self, needs: int) -> Plan:
        """The plan for the arguments whose bits are set in ``needs``."""
        if self.joint is not None:
            needs = -1
        found = self.plans.get(needs)
        if found is None:
            found = self.plans[needs] = self._make_plan(needs)
        return found

    def _make_plan(self, needs: int) -> Plan:
        chosen: list[tuple[int, Callable[..., Any]]] = [
            (i, rule)
            for i, param in enumerate(self.params)
            if needs >> i & 1 and (rule := self.rules.get(param)) is not None
        ]
        if self.joint is not None:
            chosen = [(0, self.joint)]
        sources: list[tuple[int, int]] = []
        calls = []
        cotangents = 1
        rest = False  # whether a rule takes all that the forward's *args were given
        for _, rule in chosen:
            code = rule.__code__
            rest = bool(code.co_flags & VARIADIC)
            names = code.co_varnames[: code.co_argcount]
            cotangents = sum(name == "g" or name.startswith("g_") for name in names)
            needed = [self._source(name) for name in names[cotangents:]]
            sources += [source for source in needed if source not in sources]
            calls.append([*range(cotangents), *(cotangents + sources.index(s) for s in needed)])
        total = cotangents + len(sources)
        if rest:
            sources.append((REST, len(self.params) - 1))
        return Plan(
            self,
            self.name,
            tuple([i for i, _ in chosen]),
            tuple(
                [
                    (rule, picker(picks, total, rest))
                    for (_, rule), picks in zip(chosen, calls, strict=True)
                ]
            ),
            self.joint,
            tuple(sources),
            cotangents,
            any(
                kind in (OUTPUT, EXTRA, REST) or (kind == ARGUMENT and self._operand(i))
                for kind, i in sources
            ),
        )

    def _operand(self, i: int) -> bool:
        """Whether argument ``i`` is one the operator computes with, not a setting like ``dim``."""
        return self.joint is not None or self.params[i] in self.rules

    def _source(self, name: str) -> tuple[int, int]:
        """Where the value comes from that a rule calls ``name``."""
        for kind, names in (ARGUMENT, self.params), (OUTPUT, self.outputs), (EXTRA, self.extra):
            if name in names:
                return kind, names.index(name)
        stem, _, what = name.rpartition("_")
        if stem in self.params and what in ("shape", "dtype"):
            i = self.params.index(stem)
            if self.variadic and i == len(self.params) - 1:
                return SHAPES, i
            return SHAPE if what == "shape" else DTYPE, i
        if name == "needs":
            return NEEDS, 0
        raise TypeError(f"{self.name}: a rule takes {name!r}, and nothing goes by that name")


def picker(picks: list[int], total: int, rest: bool) -> Callable[[Any], Sequence[Any]] | None:
    """What picks a rule's arguments from ``total`` values; None where it takes them all."""
    if rest:
        return lambda values: [values[i] for i in picks] + values[total:]
    if picks == list(range(total)):
        return None
    return itemgetter(*picks) if len(picks) > 1 else itemgetter(slice(picks[0], picks[0] + 1))


def primitive(
    name: str,
    forward: Callable[..., Any],
    *,
    promote: Callable[[Sequence[Any]], Any] | None = None,
    joint: Callable[..., Sequence[Any]] | None = None,
    outputs: tuple[str, ...] = ("out",),
    extra: tuple[str, ...] = (),
    **rules: Callable[..., Any] | None,
) -> Operator:
    """Make an operator from its forward and the rules of its derivatives.

    name:     torch's name for the node (``grad_fn.name()``).
    forward:  takes arrays (and settings, by position) and returns an array; a tuple of arrays
              where there are several ``outputs``, differentiable ones first, or ``extra``.
    promote:  brings the arrays to one dtype before the forward where they differ (promotion.py).
    rules:    for each argument ``x`` that has a derivative ``x=lambda g, ...: ...``, the
              vector-Jacobian product; ``x=None`` for an operand that has none.
    joint:    instead, one rule that returns a cotangent for each argument, or None for it.

    Returns a function of tensors (positional arguments only) that returns tensors.
    """
    declared = Primitive(name, forward, rules, joint, outputs, extra)
    recorded = bool(rules) or joint is not None
    simple = (
        declared.single
        and not declared.variadic
        and list(rules) == list(declared.params[: len(rules)])
    )
    if simple and len(rules) == 1:
        apply = one_operand(declared, promote)
    elif simple and len(rules) == 2 == len(declared.params):
        apply = two_operands(declared, promote)
    else:
        apply = any_operands(declared, promote, recorded)
    apply.primitive = declared  # type: ignore[attr-defined]
    return apply


def one_operand(declared: Primitive, promote: Any) -> Operator:
    """The function of a primitive with one operand and perhaps settings: exp, sum, reshape."""
    forward, plan = declared.forward, declared.plan(1)

    def apply(x: Any, *settings: Any) -> Any:
        if not isinstance(x, Value):  # called by a rule
            return forward(x, *settings)
        array = x.array
        if promote is not None and array.dtype.kind != "f":
            array, *settings = promote([array, *settings])
        token = quiet(IGNORE)
        try:
            out = forward(array, *settings)
        finally:
            loud(token)
        result = new(tensor_class[0])
        result.array = out if type(out) is ndarray else np.asarray(out)
        result.version = [0]
        result.edge = edge = x.edge
        if edge is not None:
            if isinstance(edge, Source):
                edge = edge.of(x)
            if edge is not None and mode.grad:
                record(plan, (x, *settings), (array,), (edge,), result)
            else:
                result.edge = None
        return result

    return apply


def two_operands(declared: Primitive, promote: Any) -> Operator:
    """The function of a primitive with two operands, either of which may be a number."""
    forward = declared.forward
    only_a, only_b, both = declared.plan(1), declared.plan(2), declared.plan(3)

    def apply(a: Any, b: Any) -> Any:
        if isinstance(a, Value):
            x, a_edge = a.array, a.edge
            dtype = x.dtype
            if isinstance(b, Value):
                y, b_edge = b.array, b.edge
                alike = y.dtype is dtype
            else:
                y, b_edge = b, None
                alike = type(b) is float or type(b) is int
        elif isinstance(b, Value):
            x, a_edge = a, None
            y, b_edge = b.array, b.edge
            dtype = y.dtype
            alike = type(a) is float or type(a) is int
        else:
            return forward(a, b)
        if not alike or dtype.kind != "f":
            arrays = promote((x, y))
            if arrays is NotImplemented:
                return NotImplemented
            x, y = arrays
        token = quiet(IGNORE)
        try:
            out = forward(x, y)
        finally:
            loud(token)
        result = new(tensor_class[0])
        result.array = out if type(out) is ndarray else np.asarray(out)
        result.version = [0]
        result.edge = None
        if (a_edge is not None or b_edge is not None) and mode.grad:
            if isinstance(a_edge, Source):
                a_edge = a_edge.of(a)
            if isinstance(b_edge, Source):
                b_edge = b_edge.of(b)
            if b_edge is None:
                if a_edge is not None:
                    record(only_a, (a, b), (x, y), (a_edge,), result)
            elif a_edge is None:
                record(only_b, (a, b), (x, y), (b_edge,), result)
            else:
                record(both, (a, b), (x, y), (a_edge, b_edge), result)
        return result

    return apply


def any_operands(declared: Primitive, promote: Any, recorded: bool) -> Callable[..., Any]:
    """The function of any primitive: several outputs, sequences of operands, joint rules."""
    forward, single, outputs = declared.forward, declared.single, len(declared.outputs)

    def apply(*args: Any) -> Any:
        arrays, edges = [], []
        needs, bit, dtype, alike = 0, 1, None, True
        for x in args:
            edge = None
            if isinstance(x, Value):
                edge = x.edge
                if edge is not None:
                    if isinstance(edge, Source):
                        edge = edge.of(x)
                    if edge is not None:
                        needs |= bit
                x = x.array
                if dtype is None:
                    dtype = x.dtype
                elif x.dtype is not dtype:
                    alike = False
            elif type(x) is not float and type(x) is not int:
                alike = False
            bit += bit
            arrays.append(x)
            edges.append(edge)
        if promote is not None and dtype is not None and not (alike and dtype.kind == "f"):
            arrays = promote(arrays)
            if arrays is NotImplemented:
                return NotImplemented
        token = ERRSTATE.set(IGNORE)
        try:
            out = forward(*arrays)
        finally:
            ERRSTATE.reset(token)
        if dtype is None:  # called by a rule
            return out if single else out[0] if outputs == 1 else out[:outputs]
        made = (out,) if single else out
        result, *others = [wrap(array) for array in made[:outputs]]
        if needs and recorded and mode.grad:
            plan = declared.plan(needs)
            if plan.joint is None:
                edges = [edges[i] for i in plan.inputs]
            record(plan, args, arrays, edges, result, others, made[outputs:])
        return (result, *others) if others else result

    return apply


def record(
    plan: Plan,
    args: Sequence[Any],
    arrays: Sequence[Any],
    edges: Sequence[Any],
    result: Value,
    others: Sequence[Value] = (),
    extra: Sequence[Any] = (),
) -> None:
    """Make the node of an operation that has just run, and lead its result's edge there."""
    array = result.array
    node = new(Node)
    node.plan = plan
    node.edges = edges
    node.number = next_number()
    node.outputs = ((array.shape, array.dtype),)
    node.saved = saved = []
    for kind, i in plan.sources:
        if kind == ARGUMENT:
            value = args[i]
            if isinstance(value, Value):
                array = arrays[i]
                value = Saved(value) if array is value.array else SavedCast(value, array.dtype)
            saved.append(value)
        elif kind == OUTPUT:
            saved.append(SavedOutput(result if i == 0 else others[i - 1], i))
        elif kind == SHAPE:
            saved.append(arrays[i].shape)
        elif kind == DTYPE:
            saved.append(arrays[i].dtype)
        elif kind == REST:
            saved += [Saved(arg) if isinstance(arg, Value) else arg for arg in args[i:]]
        elif kind == SHAPES:
            saved.append(tuple([array.shape for array in arrays[i:]]))
        elif kind == EXTRA:
            saved.append(extra[i])
        else:
            saved.append(tuple([edge is not None for edge in edges]))
    if others:
        node.outputs += tuple([(x.array.shape, x.array.dtype) for x in others])
        for i in range(1, plan.cotangents):
            others[i - 1].edge = (node, i)
    result.edge = (node, 0)
    if watchers:
        for watch in mode.watchers:
            watch(node)
