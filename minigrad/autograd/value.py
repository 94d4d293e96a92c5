"""The bare tensor: an array, and the edge along which its gradient leaves.

A :class:`Value` is all that primitives and the backward pass know of a tensor. The Tensor that
users hold is a subclass of it with operators, methods and checks (``minigrad/tensor.py``)::

    a = Value(np.array(2.0), requires_grad=True)
    b = mul(a, a)           # b.edge == (the node that recorded mul, 0)
    a.edge                  # LEAF: the gradient stops here, in a.grad
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Union

import numpy as np

if TYPE_CHECKING:
    from minigrad.autograd.node import Node

Array = np.ndarray[Any, np.dtype[Any]]
# Where a cotangent goes: (the node that produced the tensor, the number of its output), or
# (the leaf, 0).
Edge = tuple[Union["Node", "Value"], int]


class Source:
    """What stands in a tensor's ``edge`` when the edge must be found each time it is used."""

    __slots__ = ()

    accumulates = True  # whether a leaf with this edge wants its gradient in ``.grad``

    def of(self, value: Value) -> Edge | None:
        raise NotImplementedError


class Leaf(Source):
    """The gradient ends in the tensor itself.

    The edge ``(leaf, 0)`` is made only where a node needs it: kept in the leaf, it would be a
    reference cycle, and the leaf would outlive its last user until the garbage collector ran.
    """

    __slots__ = ()

    def of(self, value: Value) -> Edge:
        return (value, 0)


LEAF = Leaf()


class Value:
    """An array with what autograd needs to know of it.

    array:    the data, always an ``ndarray``, also for 0-d.
    edge:     None when no gradient is wanted, else an :data:`Edge` or a :class:`Source` of one.
    grad:     the gradient that backward passes have accumulated here, a tensor, or None; in what
              an operation has made, the slot stays empty.
    version:  one int in a list, shared by all tensors that share this storage; every in-place
              write adds one, so that backward can tell a saved value that has changed since.
    hooks:    what observes the gradient of a leaf, or of a result that retains its gradient; None
              for almost every tensor.
    """

    __slots__ = ("__dict__", "__weakref__", "array", "edge", "grad", "version")

    array: Array
    edge: Any
    grad: Any
    version: list[int]
    hooks: Any = None

    def __init__(self, array: Array, requires_grad: bool = False) -> None:
        self.array = array
        self.edge = LEAF if requires_grad else None
        self.grad = None
        self.version = [0]

    if TYPE_CHECKING:  # a type checker takes the methods of Tensor for granted

        def __getattr__(self, name: str) -> Any: ...


def edge_of(value: Value) -> Edge | None:
    """The edge along which ``value``'s cotangent leaves, or None if it needs none."""
    edge = value.edge
    return edge.of(value) if isinstance(edge, Source) else edge


class Mode(threading.local):
    """What a thread's operations do besides computing; every thread starts with these.

    grad:       whether nodes are recorded.
    backward:   whether a backward pass is under way.
    watchers:  called with every new node; how other modules take part in the recording.
    """

    grad: bool = True
    backward: bool = False
    watchers: tuple[Callable[[Node], None], ...] = ()


mode = Mode()

# The class of what primitives return: the full Tensor, once minigrad/tensor.py has been imported.
tensor_class: list[type[Any]] = [Value]


def wrap(array: Array, edge: Edge | Source | None = None) -> Any:
    """A new tensor around ``array``, which is not copied."""
    value = object.__new__(tensor_class[0])
    value.array = array if type(array) is np.ndarray else np.asarray(array)
    value.edge = edge
    value.version = [0]
    return value
