"""The backward pass: cotangents flow from the roots to the leaves, and each node runs once.

Why in order? A node's cotangent is a sum over all its consumers, and its rules may run only when
that sum is complete. Every consumer of a node was created after it, so it is enough to visit the
nodes in falling order of creation::

    a = x * 2        # node 0
    b = a * a        # node 1
    c = a + b        # node 2: visited first, sends to a and to b; then node 1, sends to a twice;
                     # then node 0, whose cotangent is now the sum of three
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from heapq import heappop, heappush, heappushpop
from sys import getrefcount
from typing import Any

import numpy as np
from numpy import ndarray

from minigrad.autograd.node import Node
from minigrad.autograd.ownership import ONE_REFERENCE, owns
from minigrad.autograd.quiet import ERRSTATE, IGNORE
from minigrad.autograd.sums import kept_sums
from minigrad.autograd.value import LEAF, Edge, Value, mode, tensor_class
from minigrad.errors import add_into, invalid_gradient

# Not empty while something in the process can see in which order a pass goes: a hook, say.
observed: list[None] = []

Arrivals = Iterable[tuple[Edge | None, Any]]


def run(
    roots: Arrivals,
    retain_graph: bool = False,
    create_graph: bool = False,
    wanted: Collection[Edge] = (),
    useful: dict[Any, bool] | None = None,
    uses: dict[Any, int] | None = None,
) -> dict[Edge, Any]:
    """Differentiate backward from ``roots``: pairs of an edge and the cotangent that enters there.

    Cotangents are arrays, or tensors under ``create_graph``, when everything that the pass
    computes is recorded in turn. Leaves accumulate theirs in ``.grad``. But where ``wanted``
    names edges, nothing accumulates, and the cotangents that arrived there are returned; only
    the nodes and leaves in ``useful`` are visited then, and the walk stops at those where it
    says False. Leaves come last, unless ``uses`` says how many edges lead to each: then each
    comes as soon as all have been followed, for hooks that look.
    """
    pending: dict[Any, list[Any]] = {}  # node or leaf: for each output, the sum of what reached it
    heap: list[tuple[int, Node]] = []  # the nodes among them, latest first, but for
    latest: Any = None  # the one that came last
    found: dict[Edge, Any] = {}
    before, mode.grad, mode.backward = (mode.grad, mode.backward), create_graph, True
    token = ERRSTATE.set(IGNORE)
    try:
        arrivals: Any = roots
        while True:
            ready: Any = [] if uses is not None else ()  # leaves that nothing more will reach
            for edge, g in arrivals:
                if edge is None or (useful is not None and edge[0] not in useful):
                    continue
                target, output = edge
                if isinstance(target, Node):
                    outputs: Any = target.outputs
                    shape, dtype = outputs[output]
                else:
                    outputs = None
                    shape, dtype = target.array.shape, target.array.dtype
                    if uses is not None:
                        uses[target] -= 1
                        if not uses[target]:
                            ready.append(target)
                if g is not None and (
                    type(g) is not ndarray or g.shape != shape or g.dtype is not dtype
                ):
                    g = fit(g, shape, dtype)
                sums = pending.get(target)
                if sums is None:
                    pending[target] = sums = [g]
                    if outputs is not None:
                        if latest is not None:
                            heappush(heap, (-latest.number, latest))
                        latest = target
                        if len(outputs) != 1:
                            sums[:] = [None] * len(outputs)
                            sums[output] = g
                elif g is not None:
                    held = sums[output]
                    sums[output] = g if held is None else added(held, g)
            if latest is None and not heap:
                ready = list(pending)
                arrivals = sums = came = None  # now `pending` alone refers to what arrived
            for leaf in ready:
                g = pending.pop(leaf)[0]
                hooks = leaf.hooks
                if hooks is not None:
                    g = hooks.arriving([g], create_graph)[0]
                if useful is not None:
                    found[leaf, 0] = g
                elif hooks is not None:
                    hooks.accumulate(leaf, g, create_graph)
                elif g is not None and (leaf.edge is LEAF or wants_grad(leaf)):
                    ours = getrefcount(g) <= ONE_REFERENCE
                    accumulate(leaf, g, ours)
            if latest is None:
                if not heap:
                    return found
                node = heappop(heap)[1]
            else:  # in a chain, the heap stays empty
                node = heappushpop(heap, (-latest.number, latest))[1] if heap else latest
                latest = None
            came = sums = pending.pop(node)
            hooks = node.hooks
            if hooks is not None:
                sums = hooks.arriving(sums, create_graph)
            if useful is not None:  # the end of the walk sees what its hooks made, as in torch
                seen = came if useful[node] else sums
                found.update({(node, i): g for i, g in enumerate(seen) if (node, i) in wanted})
                if not useful[node]:
                    arrivals = ()
                    continue
            runs = node if hooks is None else hooks
            arrivals = zip(node.edges, runs.vjp(sums, create_graph))  # noqa: B905
            if not retain_graph:
                node.release()
    finally:
        mode.grad, mode.backward = before
        ERRSTATE.reset(token)


def backward(
    self: Any,
    gradient: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Accumulate the gradients of this tensor into the leaves' ``.grad``; `Tensor.backward`.

    gradient: the cotangent to start from, of this tensor's shape; None means 1 for a tensor of
    one element. The other arguments and the errors are those of `autograd.backward`.
    """
    array, edge = self.array, self.edge
    simple = gradient is None and inputs is None and not create_graph and not observed
    if not simple or array.size != 1 or not isinstance(edge, tuple):
        self._backward(gradient, retain_graph, create_graph, inputs)  # by autograd/api.py
        return
    seed = np.empty(array.shape, array.dtype)
    seed.fill(1)
    run([(edge, seed)], bool(retain_graph))


def fit(g: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """Make a cotangent fit the input it goes to: undo broadcasting, then cast.

    Broadcasting repeats an input, and the derivative of a repetition is the sum over its copies.
    This is the only place that knows; ``(a + b)`` with shapes (3, 2) and (2,) sends to b the sum
    over the first axis.
    """
    given = g.shape
    if given != shape:
        g = kept_sums(g, copied_axes(given, shape))
        if len(given) != len(shape):
            g = g.reshape(shape)
    if isinstance(g, Value):
        return g if g.array.dtype == dtype else g.to(dtype)
    return g if type(g) is ndarray and g.dtype is dtype else np.asarray(g, dtype)


def grad_of(value: Value) -> Any:
    """What is in the slot of ``.grad``, without a word on tensors that are not leaves."""
    try:
        return Value.grad.__get__(value)
    except AttributeError:
        return None


def set_grad(leaf: Value, array: Any, version: int) -> None:
    """Make ``array`` the gradient of ``leaf``; a copy counts as a write, as in torch."""
    grad = object.__new__(tensor_class[0])
    grad.array = array
    grad.edge = None
    grad.version = [version]
    Value.grad.__set__(leaf, grad)


def added(held: Any, g: Any) -> Any:
    """The sum of two cotangents, a new array or tensor."""
    total = held + g
    return total if isinstance(total, ndarray | Value) else np.asarray(total)  # 0-d


@lru_cache
def copied_axes(given: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """The axes of ``given`` along which a tensor of ``shape`` was repeated to broadcast to it."""
    extra = len(given) - len(shape)
    padded = (1,) * extra + shape
    if extra < 0 or any(n not in (1, m) for n, m in zip(padded, given, strict=True)):
        raise invalid_gradient(given, shape)
    sizes = enumerate(zip(padded, given, strict=True))
    return tuple([i for i, (n, m) in sizes if i < extra or n != m])


def wants_grad(leaf: Value) -> bool:
    """Whether a leaf of the graph still requires grad when its gradient arrives."""
    return leaf.edge is not None and getattr(leaf.edge, "accumulates", True)


def accumulate(leaf: Value, g: Any, ours: bool) -> None:
    """Add ``g`` to ``leaf.grad``: in place, unless the pass is recorded, as torch does.

    The first gradient becomes ``.grad`` itself only if it is ``ours`` alone: two leaves of a sum
    receive the same array, a reshape hands on a view, and neither may be shared.
    """
    held = grad_of(leaf)
    if isinstance(g, Value):
        leaf.grad = g.clone() if held is None else held + g
        leaf.grad.version[0] += held is None  # torch counts the copy as a write
    elif held is not None:
        array = held.array
        if array.size == 1:
            array.fill(array.item() + g.item())  # a quarter of the time, for one element
        else:
            add_into(array, g)
        held.version[0] += 1
    elif ours and (g.base is None or owns(g)) and g.strides == leaf.array.strides:
        set_grad(leaf, g, 0)
    else:
        copy = np.empty_like(leaf.array)
        if copy.strides != leaf.array.strides:  # not dense: then in order
            copy = np.empty(leaf.array.shape, leaf.array.dtype)
        np.copyto(copy, g)
        set_grad(leaf, copy, 1)
