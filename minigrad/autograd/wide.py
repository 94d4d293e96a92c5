"""Primitives of any shape: several outputs, sequences of operands, one rule for all inputs.

They are declared as in primitive.py, and a rule may also name

    a name in ``outputs``             that output, where there are several
    a name in ``extra``               what the forward returns besides, for backward only
    ``xs_shape`` of ``*xs``           the shapes of all the operands of the sequence
    ``*xs``                           these operands themselves
    ``needs``                         in a joint rule: for each argument, whether it needs a
                                      gradient; where not, the rule may answer None
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from minigrad.autograd.node import Node, Plan, Saved, SavedCast, SavedOutput
from minigrad.autograd.primitive import (
    ARGUMENT,
    OUTPUT,
    SHAPE,
    Operator,
    Primitive,
    Rule,
)
from minigrad.autograd.quiet import quiet_again, quietly, quietly_at_once
from minigrad.autograd.recording import announce, lead_to
from minigrad.autograd.value import Edge, Value, edge_of, mode, wrap
from minigrad.errors import explained, not_differentiable

EXTRA, SHAPES, REST, NEEDS = range(3, 7)  # more places that a saved value comes from
VARIADIC = 0x04  # the flag of a code object that takes *args


def is_variadic(function: Any) -> bool:
    code = getattr(function, "__code__", None)
    return code is not None and bool(code.co_flags & VARIADIC)


class WidePrimitive(Primitive):
    """A declaration with several outputs, extra results, a sequence of operands or a joint rule."""

    def __init__(
        self,
        name: str,
        forward: Callable[..., Any],
        rules: dict[str, Rule | None],
        joint: Rule | None,
        outputs: tuple[str, ...],
        extra: tuple[str, ...],
    ) -> None:
        self.joint = joint
        self.outputs = outputs
        self.extra = extra
        self.variadic = is_variadic(forward)
        self.sequence = ""
        if self.variadic:
            code = forward.__code__
            self.sequence = code.co_varnames[code.co_argcount]
        super().__init__(name, forward, rules)
        constant = [rules.get(p, joint) is None for p in self.params]
        self.constants = sum(1 << i for i, yes in enumerate(constant) if yes)

    def plan(self, needs: int) -> Plan:
        refused = needs & self.constants if needs > 0 else 0
        if refused:  # its gradient would be missing, silently
            argument = next(p for i, p in enumerate(self.params) if refused >> i & 1)
            raise not_differentiable(self.name, argument, argument not in self.rules)
        if self.joint is None:
            return super().plan(needs)
        if not self.plans:
            self.plans[0] = plan = self.make_plan((), [self.joint])
            plan.joint = True
        return self.plans[0]

    def make_plan(self, inputs: Sequence[int], rules: Sequence[Any]) -> Plan:
        plan = super().make_plan(inputs, rules)
        if any(is_variadic(rule) for rule in rules):
            # The operands of the sequence follow all that is saved by name.
            total = plan.cotangents + len(plan.sources)
            plan.sources += ((REST, len(self.params)),)
            plan.rules = tuple([(rule, with_rest(pick, total)) for rule, pick in plan.rules])
            plan.frees = True
        return plan

    def source(self, name: str) -> tuple[int, int]:
        if name in self.extra:
            return EXTRA, self.extra.index(name)
        if self.variadic and name == self.sequence + "_shape":
            return SHAPES, len(self.params)
        if self.joint is not None and name == "needs":
            return NEEDS, 0
        return super().source(name)

    def is_saved_tensor(self, kind: int, i: int) -> bool:
        return kind == EXTRA or super().is_saved_tensor(kind, i)


def with_rest(pick: Any, total: int) -> Callable[[Any], Sequence[Any]]:
    """Pick from the first ``total`` values, and take all that follow."""
    if pick is None:
        return lambda values: values
    return lambda values: [*pick(values[:total]), *values[total:]]


def wide_primitive(
    name: str,
    forward: Callable[..., Any],
    *,
    promote: Callable[[Sequence[Any]], Any] | None = None,
    joint: Rule | None = None,
    outputs: tuple[str, ...] = ("out",),
    extra: tuple[str, ...] = (),
    partial: bool = False,
    **rules: Rule | None,
) -> Operator:
    """Make an operator, as `primitive` does, of any number of operands and outputs.

    forward:  returns a tuple where there are several ``outputs``, or ``extra`` results; outputs
              that have a derivative come first.
    joint:    one rule that returns a cotangent for each argument, None where there is none, in
              place of ``rules``.
    partial:  whether rules take None, in place of zeros, for outputs that nothing reached.
    """
    declared = WidePrimitive(name, forward, rules, joint, outputs, extra)
    kind = PartialNode if partial else Node
    single = len(outputs) + len(extra) == 1
    recorded = bool(rules) or joint is not None

    def apply(*args: Any) -> Any:
        arrays: Any = []
        edges: list[Edge | None] = []
        needs, bit = 0, 1
        bare = True
        recording = recorded and mode.grad
        for x in args:
            edge = None
            if isinstance(x, Value):
                bare = False
                if recording and x.edge is not None:
                    edge = edge_of(x)
                    if edge is not None:
                        needs |= bit
                x = x.array
            bit += bit
            arrays.append(x)
            edges.append(edge)
        if promote is not None and not bare:  # bare: called by a rule
            arrays = promote(arrays)
            if arrays is NotImplemented:
                return NotImplemented
        try:
            out = quietly(forward, *arrays)
        except ValueError as error:
            raise explained(error, *arrays) from None
        except RuntimeError as error:
            out = quietly_at_once(error, forward, *arrays)
        except BaseException:
            quiet_again()
            raise
        made = (out,) if single else out
        if bare:
            return made[0] if len(outputs) == 1 else made[: len(outputs)]
        results = [wrap(array) for array in made[: len(outputs)]]
        if needs:
            plan = declared.plan(needs)
            kept = edges if plan.joint else [edges[i] for i in plan.inputs]
            record(kind(), plan, args, arrays, kept, results, made[len(outputs) :])
        return results[0] if len(results) == 1 else tuple(results)

    apply.primitive = declared  # type: ignore[attr-defined]
    return apply


class PartialNode(Node):
    """A node whose rules take None for outputs that nothing reached."""

    __slots__ = ()

    def complete(self, cotangents: list[Any], on_graph: bool) -> list[Any]:
        return cotangents[: self.plan.cotangents]


def to_save(value: Any, array: Any) -> Any:
    """How an argument is saved that was computed with as ``array``."""
    if not isinstance(value, Value):
        return value
    return Saved(value) if array is value.array else SavedCast(value, array.dtype)


def record(
    node: Node,
    plan: Plan,
    args: Sequence[Any],
    arrays: Sequence[Any],
    edges: Sequence[Any],
    results: Sequence[Value],
    extra: Sequence[Any],
) -> None:
    """Make the node of an operation that has just run, and lead its results' edges there."""
    saved: list[Any] = []
    for kind, i in plan.sources:
        if kind == ARGUMENT:
            saved.append(to_save(args[i], arrays[i]))
        elif kind == OUTPUT:
            saved.append(SavedOutput(results[i], i))
        elif kind == SHAPE:
            saved.append(arrays[i].shape)
        elif kind == SHAPES:
            saved.append(tuple([array.shape for array in arrays[i:]]))
        elif kind == EXTRA:
            saved.append(extra[i])
        elif kind == NEEDS:
            saved.append([edge is not None for edge in edges])
        else:
            saved += [to_save(args[k], arrays[k]) for k in range(i, len(args))]
    node.plan = plan
    node.edges = edges
    node.saved = saved
    lead_to(node, results, plan.cotangents)
    announce(node)
