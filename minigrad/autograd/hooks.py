"""Hooks: functions that see a gradient on its way, and may change it.

On a tensor they run when all that reaches it has been summed, in the order of registration, each
seeing what the one before it returned; `retain_grad` comes last. Then the node's own run: those
registered before it (`register_prehook`), the node, those after it (`register_hook`)::

    y = x * 2
    handle = y.register_hook(lambda g: g * 10)
    y.sum().backward()      # x.grad is 20
    handle.remove()

They live in ``node.hooks`` and ``leaf.hooks``, where the backward pass asks for them. Nothing here
points back at the node, which would be a reference cycle, other than weakly.
"""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any

from minigrad.autograd.backward import (
    Arrivals,
    accumulate,
    fit,
    grad_of,
    observed,
    set_grad,
    wants_grad,
)
from minigrad.autograd.node import Node
from minigrad.autograd.value import Array, Edge, Value, edge_of, wrap
from minigrad.autograd.views import View
from minigrad.errors import type_name
from minigrad.memory import memory

Hook = Callable[..., Any]


class Hooks(OrderedDict[int, Hook]):
    """Hooks in the order of registration. Each is one entry of ``observed`` as long as it is here:
    a pass need not care what hooks can see where there are none."""

    def pop(self, key: int, default: Any = None) -> Any:
        """Take a hook away; ``default`` if it is gone already."""
        if key in self:
            observed.pop()
        return super().pop(key, default)

    def __del__(self, observed: list[None] = observed) -> None:
        del observed[: len(self)]


next_id = count().__next__


class RemovableHandle:
    """What registering a hook returns. `remove` takes the hook away again, as does leaving
    ``with handle:``."""

    __slots__ = ("__weakref__", "hooks_dict_ref", "id", "marks")

    def __init__(self, hooks: Any, *marks: set[int]) -> None:
        """``marks`` are sets in which the hook's number stands as long as the hook is there."""
        self.hooks_dict_ref = weakref.ref(hooks)
        self.id = next_id()
        self.marks = marks

    def remove(self) -> None:
        """Take the hook away; nothing happens if it is gone already."""
        hooks = self.hooks_dict_ref()
        if hooks is not None:
            hooks.pop(self.id, None)
        for marked in self.marks:
            marked.discard(self.id)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *exception: object) -> None:
        self.remove()


def register(hooks: Hooks, hook: Hook) -> RemovableHandle:
    """Add ``hook`` at the end of ``hooks``."""
    handle = RemovableHandle(hooks)
    hooks[handle.id] = hook
    observed.append(None)
    return handle


class LeafHooks:
    """What observes the gradient of a leaf. (Also a non-leaf has one, if it retains its grad.)

    tensor:    run with the gradient, before it is accumulated; also by `grad`.
    before:    of the AccumulateGrad in `next_functions`.
    after:     likewise, after the accumulation.
    stored:    run with the leaf when its ``.grad`` has been written.
    retained:  where a non-leaf's `retain_grad` is noted: (hooks of its node, output).
    """

    __slots__ = ("after", "before", "retained", "stored", "tensor")

    def __init__(self) -> None:
        self.tensor: Hooks = Hooks()
        self.before: Hooks = Hooks()
        self.after: Hooks = Hooks()
        self.stored: Hooks = Hooks()
        self.retained: tuple[NodeHooks, int] | None = None

    def arriving(self, sums: list[Any], create_graph: bool) -> list[Any]:
        """The gradient as the tensor's hooks leave it."""
        return [through(self.tensor, sums[0], create_graph)]

    def accumulate(self, leaf: Value, g: Any, create_graph: bool) -> None:
        """Accumulate into ``leaf.grad``, with the hooks before and after."""
        if leaf.edge is not None and not wants_grad(leaf):  # a view that leads nowhere
            return
        if self.before:
            (g,) = replaced(self.before, [g], (), create_graph)
        if g is not None and wants_grad(leaf):
            accumulate(leaf, g, ours=False)
        given: Any = leaf
        for hook in list(self.stored.values()):
            answer = hook(given)
            if answer is not None:  # torch gives it to the next hook
                check(leaf, answer, hook)
                given = answer
        if given is not leaf:
            raise RuntimeError(
                "Tensor post accumulate grad hooks should return None. Assign to .grad instead."
            )
        if self.after:
            replaced(self.after, [], ((as_tensor(g),),), create_graph)

    def moved(self, value: Value) -> None:
        """After an in-place write has given ``value`` another node: retain its gradient there."""
        if self.retained is not None:
            hooks, output = self.retained
            hooks.retaining.pop(output, None)
            self.retained = None
            if edge_of(value) is not None:
                retain_grad(value)


class NodeHooks:
    """What observes or changes the cotangents that reach a node and those that leave it.

    tensor:     for each output with hooks, these.
    retaining:  for each output whose tensor keeps its gradient, that tensor.
    before, after:  run before the node and after it.
    """

    __slots__ = ("after", "before", "node", "retaining", "tensor")

    def __init__(self, node: Node) -> None:
        self.node = weakref.ref(node)
        self.tensor: dict[int, Hooks] = {}
        self.retaining: dict[int, weakref.ref[Value]] = {}
        self.before: Hooks = Hooks()
        self.after: Hooks = Hooks()

    def arriving(self, sums: list[Any], create_graph: bool) -> list[Any]:
        """The cotangents as the hooks of the outputs leave them; they are then retained."""
        sums = list(sums)
        for output, hooks in self.tensor.items():
            sums[output] = through(hooks, sums[output], create_graph)
        for output, tensor in list(self.retaining.items()):
            value, g = tensor(), sums[output]
            if value is not None and g is not None:
                retain(value, g)
        return sums

    def vjp(self, sums: list[Any], create_graph: bool) -> Sequence[Any]:
        """The node's vector-Jacobian product, with the hooks before and after it."""
        node = self.node()
        assert node is not None
        if self.before:
            n = number_of_outputs(node)
            sums = [*replaced(self.before, sums[:n], (), create_graph), *sums[n:]]
        if not self.after:
            return node.vjp(sums, create_graph)
        came = tuple([as_tensor(g) for g in sums[: number_of_outputs(node)]])
        left = list(node.vjp(list(sums), create_graph))
        for i, edge in enumerate(node.edges):
            if edge is not None and left[i] is not None:
                left[i] = fit(left[i], *shape_and_dtype(edge))
        entries = operand_edges(node)
        seen = [None if i is None else left[i] for i in entries]
        changed = replaced(self.after, seen, (came,), create_graph)
        for entry, g in zip(entries, changed, strict=True):
            if entry is not None:
                left[entry] = g
        return left


def of_leaf(value: Value) -> LeafHooks:
    """The hooks of a leaf, made when the first is registered."""
    if value.hooks is None:
        value.hooks = LeafHooks()
    return value.hooks  # type: ignore[no-any-return]


def of_node(node: Node) -> NodeHooks:
    """The hooks of a node, made when the first is registered."""
    if node.hooks is None:
        node.hooks = NodeHooks(node)
    return node.hooks  # type: ignore[no-any-return]


# Methods of Tensor.


def register_hook(self: Any, hook: Hook) -> RemovableHandle:
    """Run ``hook`` with this tensor's gradient each time one has been computed.

    The hook returns None, or a tensor to take the gradient's place. It stays with the operation
    that made this tensor, also when the tensor is written to in place later. Returns a handle
    whose ``remove()`` takes the hook away. Raises RuntimeError where no gradient will come.
    """
    edge = edge_of(self)
    if edge is None:
        raise RuntimeError(
            "cannot register a hook on a tensor that doesn't require gradient. No gradient will "
            "ever reach it: call requires_grad_() first."
        )
    target, output = edge
    if isinstance(target, Node):
        return register(of_node(target).tensor.setdefault(output, Hooks()), hook)
    return register(of_leaf(target).tensor, hook)


def register_post_accumulate_grad_hook(self: Any, hook: Hook) -> RemovableHandle:
    """Run ``hook(leaf)`` each time a gradient has been accumulated into this leaf's ``.grad``.

    Here an optimiser may step and set ``.grad`` to None while backward is still under way.
    """
    if edge_of(self) is None:
        raise RuntimeError(
            "cannot register a hook on a tensor that doesn't require gradient. No gradient will "
            "ever reach it: call requires_grad_() first."
        )
    if not self.is_leaf:
        raise RuntimeError(
            "post accumulate grad hooks cannot be registered on non-leaf tensors. Only leaves "
            "accumulate; use register_hook() for the gradient of any tensor."
        )
    return register(of_leaf(self).stored, hook)


def retain_grad(self: Any) -> None:
    """Have backward fill ``.grad`` also here, in a tensor that is not a leaf."""
    if isinstance(self.edge, View) and self.edge.edge is None and self.edge.requires_grad():
        return  # torch takes it for a leaf until it has been used
    edge = edge_of(self)
    if edge is None:
        raise RuntimeError(
            "can't retain_grad on Tensor that has requires_grad=False. No gradient reaches it."
        )
    node, output = edge
    if isinstance(node, Node):
        hooks = of_node(node)
        hooks.retaining[output] = weakref.ref(self)
        of_leaf(self).retained = (hooks, output)


def retains_grad(self: Any) -> bool:
    """Whether `retain_grad` has been asked of this tensor, which is not a leaf."""
    hooks = self.hooks
    return hooks is not None and not self.is_leaf and hooks.retained is not None


# How they run.


class Counters(threading.local):
    """Of the pass under way, by the id of an array: the array, and the version counter of all that
    users hold of it. A cotangent may be the very memory of the one that came in, or of another;
    what is saved of one must not miss a write to the other."""

    now: dict[int, tuple[weakref.ref[Array], list[int]]] | None = None

    def of(self, array: Array, new: list[int]) -> list[int]:
        """The counter of the memory that an array shows: ``new``, where it has none yet."""
        if self.now is None:
            return new
        array = memory(array)
        known = self.now.get(id(array))
        if known is None or known[0]() is not array:
            known = self.now[id(array)] = weakref.ref(array), new
        return known[1]


counters = Counters()


def as_tensor(g: Any) -> Any:
    """A cotangent as users see it."""
    if g is None or isinstance(g, Value):
        return g
    value = wrap(g)
    value.version = counters.of(value.array, value.version)
    return value


def through(hooks: Hooks, g: Any, create_graph: bool) -> Any:
    """Hand ``g`` to one hook after the other, each of which may replace it."""
    if not hooks:
        return g
    value = as_tensor(g)
    for hook in list(hooks.values()):
        answer = hook(value)
        if answer is not None:
            check(value, answer, hook)
            value = answer
    return value if create_graph or value is None else value.array


def replaced(hooks: Hooks, gs: list[Any], others: Any, create_graph: bool) -> Sequence[Any]:
    """The cotangents ``gs`` as a node's hooks leave them; they are also given ``others``."""
    values = tuple([as_tensor(g) for g in gs])
    for hook in list(hooks.values()):
        answer = hook(values, *others)
        if answer is None:
            continue
        if not isinstance(answer, tuple):
            raise TypeError(f"expected tuple, but hook returned '{type(answer).__name__}'")
        if len(answer) != len(values):
            raise RuntimeError(
                f"hook '{name_of(hook)}' has returned an incorrect number of values (got "
                f"{len(answer)}, but expected {len(values)})"
            )
        for value, new in zip(values, answer, strict=True):
            if new is not None:
                check(value, new, hook)
        values = answer
    return values if create_graph else [None if v is None else v.array for v in values]


def check(value: Any, answer: Any, hook: Hook) -> None:
    """Refuse what cannot take the place of the gradient ``value``."""
    if value is None:
        raise RuntimeError(
            "can't replace a None gradient with a non-None value. Nothing reached the tensor."
        )
    if not isinstance(answer, Value):
        raise not_a_tensor(answer)
    was, got = value.array, answer.array
    if was.dtype != got.dtype:
        raise RuntimeError(
            f"hook '{name_of(hook)}' has changed the type of value (was "
            f"minigrad.{type_name(was.dtype)}Tensor got minigrad.{type_name(got.dtype)}Tensor)"
        )
    if was.shape != got.shape:
        raise RuntimeError(
            f"hook '{name_of(hook)}' has changed the size of value. It was {list(was.shape)}, and "
            f"the hook returned {list(got.shape)}."
        )


def not_a_tensor(answer: Any) -> TypeError:
    return TypeError(
        f"expected Variable, but hook returned '{type(answer).__name__}'. A hook returns a tensor "
        "in place of the gradient, or None."
    )


def name_of(hook: Hook) -> str:
    return getattr(hook, "__name__", "<unknown>")


def retain(value: Value, g: Any) -> None:
    """Write ``.grad`` of a tensor that is not a leaf: a new tensor each time, as in torch."""
    held = grad_of(value)
    if held is not None:
        value.grad = held + as_tensor(g)
    elif isinstance(g, Value):
        value.grad = g.clone()
    else:
        set_grad(value, g.copy(), 0)


# What hooks need to know of the graph.


def number_of_outputs(node: Node) -> int:
    """How many outputs a gradient can come from."""
    plan = getattr(node, "plan", None)
    if plan is None or not plan.primitive.outputs:  # any number (pieces.py)
        return len(node.outputs)
    differentiable: int = plan.cotangents
    return min(differentiable, len(node.outputs))


def shape_and_dtype(edge: Edge) -> tuple[tuple[int, ...], Any]:
    """Those of the tensor that an edge stands for."""
    target, output = edge
    if isinstance(target, Node):
        return target.outputs[output]
    return target.array.shape, target.array.dtype


def operand_edges(node: Any) -> list[int | None]:
    """For each differentiable operand the position of its edge in ``node.edges``, or None.

    A node keeps edges for those operands only that needed a gradient; torch shows the others too.
    """
    write = getattr(node, "write", None)
    if write is not None:  # the write through a view: the base takes its first operand's place
        shift = 1 - node.skipped
        return [0, *[None if i is None else i + shift for i in operand_edges(write)[1:]]]
    plan = getattr(node, "plan", None)
    if plan is None:
        return list(range(len(node.edges)))
    declared = plan.primitive
    operands = [i for i, name in enumerate(declared.params) if declared.rules.get(name)]
    if plan.joint:  # such a node has an edge, or None, for every argument
        rest = range(len(declared.params), len(node.edges))
        return [*operands, *rest] or [*range(len(node.edges))]
    return [plan.inputs.index(i) if i in plan.inputs else None for i in operands]


# The passes that are under way in a thread, innermost last; kept only where there are hooks.


class Pass:
    """A backward pass under way: how many of its edges lead to each node and leaf it visits."""

    __slots__ = ("__weakref__", "uses")

    def __init__(self, roots: Arrivals, useful: dict[Any, bool] | None) -> None:
        self.uses: dict[Any, int] = {}
        uses = self.uses
        stack = [edge[0] for edge, _ in roots if edge is not None]
        while stack:
            target = stack.pop()
            if useful is not None and target not in useful:
                continue
            uses[target] = known = uses.get(target, 0) + 1
            follow = known == 1 and (useful is None or useful[target])
            if follow and isinstance(target, Node):
                stack += [edge[0] for edge in target.edges if edge is not None]


class Passes(threading.local):
    def __init__(self) -> None:
        self.stack: list[Pass] = []


passes = Passes()


@contextmanager
def one_pass(roots: Arrivals, useful: dict[Any, bool] | None) -> Iterator[dict[Any, int]]:
    """While a pass from ``roots`` runs, keep it where hooks find it; gives its ``uses``."""
    passes.stack.append(Pass(roots, useful))
    try:
        yield passes.stack[-1].uses
    finally:
        passes.stack.pop()
