"""Operations that torch computes, and whose derivative it refuses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minigrad.autograd.node import Node
from minigrad.autograd.recording import lead_to
from minigrad.autograd.value import Value, edge_of, mode


class NotImplementedNode(Node):
    """A node that the forward pass may leave behind, and that no backward pass gets through."""

    __slots__ = ("kind", "label", "message")

    kind: type[RuntimeError]
    label: str
    message: str

    def name(self) -> str:
        return self.label

    def vjp(self, cotangents: list[Any], on_graph: bool) -> list[Any]:
        raise self.kind(self.message)

    def release(self) -> None:
        pass


def without_derivative(operator: str, result: Any, *operands: Any) -> Any:
    """``result``, which requires grad if an operand does, and then refuses to go backward."""
    message = (
        f"derivative for aten::{operator} is not implemented. It is 0 wherever it exists: "
        "detach() the result if that is what you want."
    )
    if isinstance(result, Value) and result.array.dtype.kind == "f":
        refuse_backward("NotImplemented", message, [result], operands)
    return result


def refuse_backward(
    label: str,
    message: str,
    results: Sequence[Value],
    operands: Sequence[Any],
    kind: type[RuntimeError] = RuntimeError,
) -> None:
    """Give results a node of this name that raises RuntimeError, where an operand has an edge."""
    edges = [edge_of(x) for x in operands if isinstance(x, Value)] if mode.grad else []
    if any(edge is not None for edge in edges):
        node = NotImplementedNode()
        node.kind, node.label, node.message = kind, label, message
        node.edges = [edge for edge in edges if edge is not None]
        node.saved = ()
        lead_to(node, results)
