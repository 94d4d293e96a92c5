"""Declares an operator: what it computes, its derivatives, and what these need.

    exp = primitive("ExpBackward0", np.exp, x=lambda g, out: g * out)
    mul = primitive("MulBackward0", np.multiply, a=lambda g, b: g * b, b=lambda g, a: g * a)

A derivative is a *rule*: plain numpy that turns the output's cotangent ``g`` into the input's.
The names of a rule's other parameters say what it needs, and a node saves just that: ``exp``
saves its output and not its input. A name is

    a parameter of the forward        its value, checked for later in-place writes
    ``out``                           the output
    ``x_shape`` of a parameter ``x``  only the shape: nothing is kept alive

Rules also run on tensors, when the backward pass is itself recorded (``create_graph=True``), and
a primitive that a rule calls on bare arrays returns a bare array. Operators of more than two
operands, or of several outputs, are declared with wide.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from operator import add, itemgetter, mul, sub
from typing import Any

import numpy as np
from numpy import ndarray

from minigrad.autograd.node import Node, Plan, Saved, SavedCast, SavedOutput
from minigrad.autograd.quiet import quietly, quietly_at_once
from minigrad.autograd.value import LEAF, Edge, Value, mode, tensor_class
from minigrad.errors import explained
from minigrad.memory import in_torchs_order

# What `primitive` makes: a function of tensors, or, where a rule calls it, of arrays.
Operator = Callable[..., Any]
Rule = Callable[..., Any]

ARGUMENT, OUTPUT, SHAPE = range(3)  # where a saved value comes from
ALL = -1  # as ``needs`` of a plan: the bits of all operands

# Not empty while some thread has watchers, so that all others need not look.
watched: list[None] = []

next_number, new = count().__next__, object.__new__


class Primitive:
    """A declaration: what nodes, tests and documentation are made from."""

    outputs: tuple[str, ...] = ("out",)
    extra: tuple[str, ...] = ()
    joint: Rule | None = None

    def __init__(self, name: str, forward: Callable[..., Any], rules: dict[str, Rule | None]):
        self.name = name
        self.forward = forward
        self.rules = rules
        # A ufunc does not tell its parameters: they are those that the rules are given for.
        code = getattr(forward, "__code__", None)
        self.params: tuple[str, ...] = tuple(rules) if code is None else parameters(forward)
        if unknown := set(rules) - set(self.params):
            raise TypeError(f"{name}: rules for {unknown}, but the forward takes {self.params}")
        self.operands = sum(1 << i for i, p in enumerate(self.params) if rules.get(p))
        self.plans: dict[int, Plan] = {}
        self.plan(ALL)  # finds a misspelt name now and not at the first backward

    def plan(self, needs: int) -> Plan:
        """The plan where the arguments whose bits are set in ``needs`` need a gradient."""
        needs &= self.operands
        if needs not in self.plans:
            chosen = [i for i in range(len(self.params)) if needs >> i & 1]
            self.plans[needs] = self.make_plan(chosen, [self.rules[self.params[i]] for i in chosen])
        return self.plans[needs]

    def make_plan(self, inputs: Sequence[int], rules: Sequence[Any]) -> Plan:
        wants: list[tuple[str, ...]] = [parameters(rule) for rule in rules]
        # A rule's first parameters are the cotangents: ``g``, or ``g_`` and an output's name.
        cotangents = sum(n == "g" or n.startswith("g_") for n in wants[0]) if wants else 1
        found = [[self.source(name) for name in want[cotangents:]] for want in wants]
        sources = list(dict.fromkeys([source for each in found for source in each]))
        total = cotangents + len(sources)
        plan = Plan()
        plan.primitive, plan.name = self, self.name
        plan.inputs = tuple(inputs)
        picks = [[*range(cotangents), *(cotangents + sources.index(s) for s in f)] for f in found]
        plan.rules = tuple([(r, picker(p, total)) for r, p in zip(rules, picks, strict=True)])
        plan.joint = False
        plan.sources = tuple(sources)
        plan.cotangents = cotangents
        plan.frees = any(self.is_saved_tensor(kind, i) for kind, i in sources)
        return plan

    def source(self, name: str) -> tuple[int, int]:
        """Where the value comes from that a rule calls ``name``."""
        if name in self.params:
            return ARGUMENT, self.params.index(name)
        if name in self.outputs:
            return OUTPUT, self.outputs.index(name)
        if name.removesuffix("_shape") in self.params:
            return SHAPE, self.params.index(name.removesuffix("_shape"))
        raise TypeError(f"{self.name}: a rule takes {name!r}, and nothing goes by that name")

    def is_saved_tensor(self, kind: int, i: int) -> bool:
        """Whether a source is a tensor, that a backward pass frees, and not a setting or shape."""
        return kind == OUTPUT or (kind == ARGUMENT and self.params[i] in self.rules)


def parameters(function: Any) -> tuple[str, ...]:
    """The names of a function's positional parameters."""
    code = function.__code__
    return tuple(code.co_varnames[: code.co_argcount])


def picker(picks: list[int], total: int) -> Callable[[Any], Sequence[Any]] | None:
    """What picks a rule's arguments from ``total`` values; None where it takes them all."""
    if picks == list(range(total)):
        return None
    return itemgetter(*picks) if len(picks) > 1 else itemgetter(slice(1))  # the cotangent alone


def primitive(
    name: str,
    forward: Callable[..., Any],
    *,
    promote: Callable[[Sequence[Any]], Any] | None = None,
    shares: bool = False,
    **rules: Rule | None,
) -> Operator:
    """Make an operator from its forward and the rules of its derivatives.

    name:     torch's name for the node (``grad_fn.name()``).
    forward:  takes one or two arrays, the first of them perhaps followed by settings, and
              returns an array.
    promote:  brings the arrays to one dtype before the forward where they differ (promotion.py).
    shares:   whether the result shows the operand's memory, so that a write to one is seen in both.
    rules:    for each operand ``x`` that has a derivative ``x=lambda g, ...: ...``, the
              vector-Jacobian product; ``x=None`` for an operand that has none.

    Returns a function of tensors, with positional arguments, that returns a tensor.
    """
    if len(rules) not in (1, 2) or not any(rules.values()):
        raise TypeError(f"{name}: {len(rules)} rules; declare it with wide_primitive()")
    declared = Primitive(name, forward, rules)
    two = len(rules) == 2
    apply = two_operands(declared, promote) if two else one_operand(declared, promote, shares)
    apply.primitive = declared  # type: ignore[attr-defined]
    return apply


def one_operand(declared: Primitive, promote: Any, shares: bool) -> Operator:
    """The function of a primitive with one operand and perhaps settings: exp, sum, reshape."""
    forward, plan = declared.forward, declared.plan(1)

    def apply(x: Any, *settings: Any) -> Any:
        if not isinstance(x, Value):  # called by a rule
            return forward(x, *settings)
        array = x.array
        if promote is not None and array.dtype.kind != "f":
            array, *settings = promote([array, *settings])
        try:
            out = quietly(forward, array, *settings)
        except RuntimeError as error:
            out = quietly_at_once(error, forward, array, *settings)
        result = new(tensor_class[0])
        result.array = out if type(out) is ndarray else np.asarray(out)
        result.version, result.edge = x.version if shares else [0], None
        edge = x.edge
        if edge is not None and mode.grad:
            if type(edge) is not tuple:
                edge = (x, 0) if edge is LEAF else edge.of(x)
            if edge is not None:
                saved = save(plan, (x, *settings), (array,), result) if plan.sources else ()
                record(plan, saved, (edge,), result)
        return result

    return apply


# Of two numbers, Python's operator takes a seventh of the ufunc's time.
OF_NUMBERS: Any = {np.add: add, np.subtract: sub, np.multiply: mul}


def two_operands(declared: Primitive, promote: Any) -> Operator:
    """The function of a primitive with two operands, either of which may be a number."""
    forward, ordered = declared.forward, in_torchs_order(declared.forward)
    of_numbers = OF_NUMBERS.get(forward, forward)
    only_a, only_b, both = declared.plan(1), declared.plan(2), declared.plan(3)

    def apply(a: Any, b: Any) -> Any:
        compute = forward
        if isinstance(a, Value):
            x, a_edge = a.array, a.edge
            dtype = x.dtype
            if isinstance(b, Value):
                y, b_edge = b.array, b.edge
                alike = y.dtype is dtype
                if x.ndim > 1 and not (x.flags.c_contiguous and y.flags.c_contiguous):
                    compute = ordered
            else:
                y, b_edge = b, None
                alike = type(b) is float or type(b) is int
                if alike and not x.ndim and dtype.kind == "f":
                    x, compute = x[()], of_numbers
        elif isinstance(b, Value):
            x, y, a_edge, b_edge = a, b.array, None, b.edge
            dtype = y.dtype
            alike = type(a) is float or type(a) is int
        else:  # called by a rule
            return forward(a, b)
        if promote is not None and not (alike and dtype.kind == "f"):
            arrays = promote((x, y))
            if arrays is NotImplemented:
                return NotImplemented
            x, y = arrays
        try:
            out = quietly(compute, x, y)
        except ValueError as error:
            raise explained(error, x, y) from None
        except RuntimeError as error:
            out = quietly_at_once(error, compute, x, y)
        result = new(tensor_class[0])
        result.array = out if type(out) is ndarray else np.asarray(out)
        result.version, result.edge = [0], None
        edges: tuple[Any, ...]
        if (a_edge is not None or b_edge is not None) and mode.grad:
            # `edge_of`, without a call in the usual cases.
            if type(a_edge) is not tuple and a_edge is not None:
                a_edge = (a, 0) if a_edge is LEAF else a_edge.of(a)
            if type(b_edge) is not tuple and b_edge is not None:
                b_edge = (b, 0) if b_edge is LEAF else b_edge.of(b)
            if a_edge is not None and b_edge is not None:
                plan, edges = both, (a_edge, b_edge)
            elif a_edge is not None:
                plan, edges = only_a, (a_edge,)
            elif b_edge is not None:
                plan, edges = only_b, (b_edge,)
            else:
                return result
            saved = save(plan, (a, b), (x, y), result) if plan.sources else ()
            record(plan, saved, edges, result)
        return result

    return apply


def save(plan: Plan, args: Sequence[Any], arrays: Sequence[Any], result: Value) -> list[Any]:
    """What the plan's rules need of an operation that has just run."""
    saved = []
    for kind, i in plan.sources:
        if kind == ARGUMENT:
            value = args[i]
            if isinstance(value, Value):
                x = arrays[i]
                value = Saved(value) if x is value.array else SavedCast(value, x.dtype)
            saved.append(value)
        else:
            saved.append(SavedOutput(result) if kind == OUTPUT else arrays[i].shape)
    return saved


def record(plan: Plan, saved: Sequence[Any], edges: Sequence[Edge | None], result: Value) -> None:
    """Make the node of the operation that made ``result``, and lead its edge there."""
    node = new(Node)
    node.plan = plan
    node.edges = edges
    node.saved = saved
    node.hooks = None
    node.number = next_number()
    node.outputs = ((result.array.shape, result.array.dtype),)
    result.edge = (node, 0)
    if watched:
        for watcher in mode.watchers:
            watcher(node)
