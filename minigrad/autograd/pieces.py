"""Primitives with any number of outputs, all of them views of the operand: unbind, split."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from minigrad.autograd.node import Node
from minigrad.autograd.primitive import Primitive, save
from minigrad.autograd.recording import announce, lead_to
from minigrad.autograd.value import Array, Value, edge_of, mode, wrap
from minigrad.autograd.views import SEVERAL, as_view


class Pieces(Primitive):
    """The declaration of a primitive with any number of outputs."""

    outputs = ()


class PiecesNode(Node):
    """Its node: the rule takes the cotangents of all the outputs as one list."""

    __slots__ = ()

    def vjp(self, cotangents: list[Any], on_graph: bool) -> Sequence[Any]:
        if all(g is None for g in cotangents):
            return [None] * len(self.edges)
        return super().vjp([self.complete(cotangents, on_graph)], on_graph)


def pieces(
    name: str, forward: Callable[..., Sequence[Array]], unsafe: bool = False, **rules: Any
) -> Callable[..., Any]:
    """Declare a primitive that cuts its operand into views, which are not to be written to.

    Its rule takes the list of their cotangents as ``g_all``. The results of an ``unsafe`` one
    share memory as well, but nobody knows: torch leaves it to the user to write to one of them
    only when nothing else is used any more.
    """
    declared = Pieces(name, forward, rules)
    plan = declared.plan(1)

    def apply(x: Any, *settings: Any) -> Any:
        if not isinstance(x, Value):  # called by a rule
            return tuple(forward(x, *settings))
        results = [wrap(part) for part in forward(x.array, *settings)]
        edge = edge_of(x) if mode.grad else None
        if edge is not None and results:
            node = PiecesNode()
            node.plan = plan
            node.edges = (edge,)
            node.saved = save(plan, (x, *settings), (x.array,), x)
            lead_to(node, results)
            announce(node)
        if not unsafe:
            for part in results:
                as_view(part, x, SEVERAL if mode.grad else None)
        return tuple(results)

    apply.primitive = declared  # type: ignore[attr-defined]
    return apply
