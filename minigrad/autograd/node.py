"""A node: one recorded operation, its edges, and the values it saved for backward."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.autograd.value import Array, Edge, wrap
from minigrad.errors import freed_graph, modified_in_place

Pick = Callable[[Sequence[Any]], Sequence[Any]]


class Saved:
    """An input kept for backward and its version: the only way into a node and out of it."""

    __slots__ = ("value", "version")

    def __init__(self, value: Any) -> None:
        self.value = value
        self.version = value.version[0]

    def array(self, node: Node) -> Array:
        """The value for rules that run on arrays, provided nobody has written to it since."""
        value = self.value
        if value.version[0] != self.version:
            raise modified_in_place(self, node)
        return value.array  # type: ignore[no-any-return]

    def tensor(self, node: Node) -> Any:
        """The value for rules that run on tensors (``create_graph=True``), equally checked."""
        if self.value.version[0] != self.version:
            raise modified_in_place(self, node)
        return self.value


class SavedCast(Saved):
    """An input that was cast before the forward; the rules see it cast, the check the original."""

    __slots__ = ("dtype",)

    def __init__(self, value: Any, dtype: Any) -> None:
        super().__init__(value)
        self.dtype = dtype

    def array(self, node: Node) -> Array:
        return super().array(node).astype(self.dtype)

    def tensor(self, node: Node) -> Any:
        return super().tensor(node).to(self.dtype)


class SavedOutput(Saved):
    """An output, kept as a tensor without edge: the edge leads to the node, and with it node and
    output would keep each other alive for ever. Unpacked on the graph it gets the edge again."""

    __slots__ = ("output",)

    def __init__(self, value: Any, output: int = 0) -> None:
        self.value = wrap(value.array)
        self.value.version = value.version
        self.version = value.version[0]
        self.output = output

    def tensor(self, node: Node) -> Any:
        differentiable = self.output < node.plan.cotangents
        value = wrap(self.array(node), (node, self.output) if differentiable else None)
        value.version = self.value.version
        return value


class Plan:
    """What a primitive does backward for one choice of inputs that need a gradient.

    primitive: the declaration that it is made from.
    name:     the node's name in torch, such as ``MulBackward0``.
    inputs:   the positions of those inputs among the arguments.
    rules:    for each of them (rule, pick): the rule takes what ``pick`` finds in
              [cotangents..., saved values...]; all of it where ``pick`` is None.
    joint:    whether it is one rule that answers for all arguments at once.
    sources:  where each saved value comes from when the operation runs (see primitive.py).
    cotangents: how many outputs are differentiable; these come first.
    frees:    whether the node has saved values that a backward pass drops.
    """

    __slots__ = ("cotangents", "frees", "inputs", "joint", "name", "primitive", "rules", "sources")

    primitive: Any
    name: str
    inputs: tuple[int, ...]
    rules: tuple[tuple[Callable[..., Any], Pick | None], ...]
    joint: bool
    sources: tuple[tuple[int, int], ...]
    cotangents: int
    frees: bool


class Node:
    """One operation in the graph. It points to its inputs' producers, never to its outputs.

    plan:     the rules to run backward.
    edges:    for each input that needs a gradient the edge by which it leaves. Copied from the
              input when the operation ran: an in-place write may give it another edge later.
    saved:    the values that the rules take; None once they have been freed.
    number:   creation number; every consumer of this node has a higher one.
    outputs:  (shape, dtype) of each output, again as they were when the operation ran.
    hooks:    what observes or changes the cotangents here; None for almost every node.
    """

    __slots__ = (
        "__dict__",
        "__weakref__",
        "edges",
        "hooks",
        "number",
        "outputs",
        "plan",
        "saved",
    )

    plan: Plan
    edges: Sequence[Edge | None]
    saved: Sequence[Any] | None
    number: int
    outputs: tuple[tuple[tuple[int, ...], Any], ...]
    hooks: Any

    def __init__(self) -> None:
        self.hooks = None

    def name(self) -> str:
        """The node's name in torch, such as ``MulBackward0``."""
        return self.plan.name

    def vjp(self, cotangents: list[Any], on_graph: bool) -> Sequence[Any]:
        """The vector-Jacobian product: the outputs' cotangents in, one for each edge out.

        An entry of ``cotangents`` is None where nothing reached that output. Arrays come in and
        arrays go out; or, where the pass is itself recorded (``on_graph``), tensors, so that its
        result can be differentiated again.
        """
        if self.saved is None:
            raise freed_graph(self)
        if cotangents[0] is None and all(g is None for g in cotangents):
            return [None] * len(self.edges)
        plan = self.plan
        n = plan.cotangents
        values = cotangents if len(cotangents) == 1 else self.complete(cotangents[:n], on_graph)
        for value in self.saved:
            if isinstance(value, Saved):
                value = value.tensor(self) if on_graph else value.array(self)
            values.append(value)
        result = []
        for rule, pick in plan.rules:
            result.append(rule(*values) if pick is None else rule(*pick(values)))
        return result[0] if plan.joint else result

    def complete(self, cotangents: list[Any], on_graph: bool) -> list[Any]:
        """The cotangents of several outputs, with zeros for those that nothing reached."""
        filled = []
        for g, (shape, dtype) in zip(cotangents, self.outputs, strict=False):
            if g is None:
                g = wrap(np.zeros(shape, dtype)) if on_graph else np.zeros(shape, dtype)
            filled.append(g)
        return filled

    def release(self) -> None:
        """Drop the saved values. A node that has none can be visited again, as in torch."""
        if self.plan.frees:
            self.saved = None
