"""The graph as users see it: ``y.grad_fn``, ``next_functions``, what a node saved, its hooks.

Nodes are recorded bare. What torch shows of them is added here to those that someone looks at:
`shown` gives such a node a class of its operation's name, with the attributes below, so that it
prints as in torch::

    >>> (x * 3).grad_fn
    <MulBackward0 object at 0x7f2f5a0c5b40>
    >>> (x * 3).grad_fn.next_functions
    ((<AccumulateGrad object at 0x7f2f5a0c6f80>, 0), (None, 0))
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from minigrad.autograd import node as core
from minigrad.autograd.hooks import (
    Hook,
    Pass,
    RemovableHandle,
    number_of_outputs,
    of_leaf,
    of_node,
    operand_edges,
    passes,
    register,
    register_hook,
)
from minigrad.autograd.node import Saved
from minigrad.autograd.places import keeping, note_write
from minigrad.autograd.primitive import ALL, ARGUMENT, OUTPUT, SHAPE
from minigrad.autograd.saved import (
    SavedTensor,
    allow_mutation_on_saved_tensors,
    disable_saved_tensors_hooks,
    save_on_cpu,
    saved_tensors_hooks,
)
from minigrad.autograd.value import Value, edge_of, mode, wrap
from minigrad.autograd.wide import EXTRA
from minigrad.errors import freed_graph

__all__ = [
    "GradientEdge",
    "Node",
    "allow_mutation_on_saved_tensors",
    "disable_saved_tensors_hooks",
    "get_gradient_edge",
    "increment_version",
    "register_multi_grad_hook",
    "save_on_cpu",
    "saved_tensors_hooks",
]

NOT_A_LEAF = (
    "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad "
    "attribute won't be populated during autograd.backward(). If you indeed want the .grad field "
    "to be populated for a non-leaf Tensor, use .retain_grad() on the non-leaf Tensor. If you "
    "access the non-leaf Tensor by mistake, make sure you access the leaf Tensor instead."
)


class Node:
    """A node of the graph: ``isinstance(y.grad_fn, Node)``."""

    __slots__ = ()

    @property
    def metadata(self) -> dict[Any, Any]:
        """A dictionary for whatever users want to keep with the node."""
        kept: dict[Any, Any] = self.__dict__.setdefault("_metadata", {})
        return kept

    @property
    def next_functions(self) -> tuple[tuple[Any, int], ...]:
        """For each differentiable operand (its node, the number of the output there); None for
        the node where the operand needs no gradient."""
        raise NotImplementedError

    def register_hook(self, hook: Hook) -> RemovableHandle:
        """Run ``hook(grad_inputs, grad_outputs)`` after the node; it may return other inputs'
        gradients, as a tuple."""
        raise NotImplementedError

    def register_prehook(self, hook: Hook) -> RemovableHandle:
        """Run ``hook(grad_outputs)`` before the node; it may return others, as a tuple."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<{type(self).__name__} object at {id(self):#x}>"


class Recorded(Node):
    """What is added to a node that an operation recorded."""

    __slots__ = ()

    @property
    def next_functions(self) -> tuple[tuple[Any, int], ...]:
        node: Any = self
        edges = [None if i is None else node.edges[i] for i in operand_edges(node)]
        return tuple([(None, 0) if e is None else (shown(e[0]), e[1]) for e in edges])

    def register_hook(self, hook: Hook) -> RemovableHandle:
        node: Any = self
        return register(of_node(node).after, hook)

    def register_prehook(self, hook: Hook) -> RemovableHandle:
        node: Any = self
        return register(of_node(node).before, hook)

    @property
    def requires_grad(self) -> bool:
        return True

    def _sequence_nr(self) -> int:
        node: Any = self
        return int(node.number)

    def __call__(self, *gradients: Any) -> Any:
        """The vector-Jacobian product of this node alone: its outputs' cotangents in, its inputs'
        out, without hooks, and without freeing anything."""
        node: Any = self
        n = number_of_outputs(node)
        if len(gradients) != n:
            raise TypeError(f"expected {n} arguments, got {len(gradients)} instead")
        for i, g in enumerate(gradients):
            if not (g is None or isinstance(g, Value)):
                raise TypeError(f"argument {i} is not a Variable")
        on_graph = mode.grad
        given = [g if g is None or on_graph else g.array for g in gradients]
        left = node.vjp([*given, *[None] * (len(node.outputs) - n)], on_graph)
        made = [None if i is None else left[i] for i in operand_edges(node)]
        answers = tuple([g if g is None or isinstance(g, Value) else wrap(g) for g in made])
        return answers[0] if len(answers) == 1 else answers

    def __getattr__(self, name: str) -> Any:
        node: Any = self
        if name.startswith("_saved_"):
            names = saved_names(node)
            if name in names:
                return saved_attribute(node, names[name])
        if name.startswith("_raw_saved_"):
            names = raw_names(node)
            if name in names:
                return SavedTensor(node, names[name])
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *saved_names(self), *raw_names(self)]


class AccumulateGrad(Node):
    """The end of an edge that leads to a leaf: adds what arrives to ``variable.grad``."""

    __slots__ = ("__dict__", "__weakref__", "variable")

    def __init__(self, variable: Any) -> None:
        self.variable = variable

    def name(self) -> str:
        """torch's name of this node."""
        return "torch::autograd::AccumulateGrad"

    @property
    def next_functions(self) -> tuple[tuple[Any, int], ...]:
        return ()

    @property
    def requires_grad(self) -> bool:
        return edge_of(self.variable) is not None

    def register_hook(self, hook: Hook) -> RemovableHandle:
        return register(of_leaf(self.variable).after, hook)

    def register_prehook(self, hook: Hook) -> RemovableHandle:
        return register(of_leaf(self.variable).before, hook)

    def __call__(self, gradient: Any) -> tuple[()]:
        create_graph = mode.grad
        g = gradient if gradient is None or create_graph else gradient.array
        of_leaf(self.variable).accumulate(self.variable, g, create_graph)
        return ()


def shown(target: Any) -> Any:
    """A node as users see it; for a leaf its AccumulateGrad, the same as long as it is held."""
    if isinstance(target, Node):
        return target
    if isinstance(target, core.Node):
        kind: Any = type(target)
        target.__class__ = shown_class(kind, target.name().rpartition("::")[2])
        return target
    known = target.__dict__.get("_accumulator")
    node = None if known is None else known()
    if node is None:
        node = AccumulateGrad(target)
        target.__dict__["_accumulator"] = weakref.ref(node)
    return node


@lru_cache(None)
def shown_class(kind: Any, name: str) -> type[Any]:
    return type(name, (Recorded, kind), {"__slots__": (), "__module__": "builtins"})


# What torch calls what our rules ask for.

OPERANDS = {
    "x": "self",
    "a": "self",
    "b": "other",
    "out": "result",
    "dims": "dim",
    "low": "min",
    "high": "max",
}
OURS = ("key", "region")  # parameters that torch's operation does not have
NAMES = {
    "MmBackward0": {"b": "mat2"},
    "BmmBackward0": {"b": "mat2"},
    "MvBackward0": {"b": "vec"},
    "DotBackward0": {"b": "tensor"},
    "PowBackward1": {"b": "exponent"},
    "PowBackward2": {"x": "exponent", "number": "self"},
    "PermuteBackward0": {"dims": "dims"},
    "FlipBackward0": {"dims": "dims"},
    "RollBackward0": {"dims": "dims"},
    "UnfoldBackward0": {"dim": "dimension"},
    "RepeatBackward0": {"times": "repeats"},
    "ConstantPadNdBackward0": {"pads": "pad"},
    "LinalgVectorNormBackward0": {"p": "ord"},
    "AddcmulBackward0": {"a": "tensor1", "b": "tensor2"},
    "AddcdivBackward0": {"a": "tensor1", "b": "tensor2"},
    "AddmmBackward0": {"a": "mat1", "b": "mat2"},
    "BaddbmmBackward0": {"a": "batch1", "b": "batch2"},
    "MseLossBackward0": {"input": "self"},
    "SmoothL1LossBackward0": {"input": "self"},
    "HuberLossBackward0": {"input": "self"},
    "ConvolutionBackward0": {"x": "input"},
    "MaxPool2DWithIndicesBackward0": {"indices": "result1"},
    "LeakyReluBackward0": {"slope": "negative_slope"},
    "HardtanhBackward0": {"low": "min_val", "high": "max_val"},
    "BinaryCrossEntropyBackward0": {"p": "self"},
    "PreluKernelBackward0": {"slope": "weight"},
    "LinalgInvExBackward0": {"out": "inverse"},
    "LinalgCholeskyExBackward0": {"out": "L"},
    "NativeLayerNormBackward0": {"x": "input"},
    "NativeBatchNormBackward0": {"x": "input"},
    "TransposeBackward0": {"a": "dim0", "b": "dim1"},
}


@lru_cache(None)
def source_names(declared: Any) -> dict[tuple[int, int], str]:
    """The ``_saved_*`` name of each value that some rule of a primitive asks for."""
    renamed = {**OPERANDS, **NAMES.get(declared.name, {})}
    names = {}
    for kind, i in declared.plan(ALL).sources:
        if kind in (ARGUMENT, SHAPE):
            name = declared.params[i]
        elif kind == OUTPUT:
            name = declared.outputs[i]
        elif kind == EXTRA:
            name = declared.extra[i]
        else:
            continue
        if name in OURS:
            continue
        name = renamed.get(name, name)
        names[kind, i] = f"_saved_{name}_sym_sizes" if kind == SHAPE else f"_saved_{name}"
    return names


def saved_names(node: Any) -> dict[str, int | None]:
    """For each ``_saved_*`` attribute the position in ``node.saved``; None if it was not needed."""
    try:
        plan = node.plan
    except AttributeError:
        return {}  # not an operation's: CopySlices, a Function
    positions = {source: i for i, source in enumerate(plan.sources)}
    return {n: positions.get(source) for source, n in source_names(plan.primitive).items()}


def raw_names(node: Any) -> dict[str, int | None]:
    """As `saved_names`, for the ``_raw_saved_*`` attributes, which tensors have."""
    try:
        declared = node.plan.primitive
    except AttributeError:
        return {}
    tensors = {
        name for source, name in source_names(declared).items() if declared.is_saved_tensor(*source)
    }
    return {f"_raw{n}": i for n, i in saved_names(node).items() if n in tensors}


def saved_attribute(node: Any, position: int | None) -> Any:
    """A saved value as users see it. Raises RuntimeError if it has been freed or written to."""
    if position is None:
        return None
    if node.saved is None:
        raise freed_graph(node)
    value = node.saved[position]
    if isinstance(value, Saved):
        return value.tensor(node)
    kind, i = node.plan.sources[position]
    declared = node.plan.primitive
    if isinstance(value, np.ndarray) or (kind == ARGUMENT and declared.params[i] in declared.rules):
        return None if value is None else wrap(np.asarray(value))
    return value


class GradientEdge(NamedTuple):
    """Where a tensor's gradient goes: to output number ``output_nr`` of ``node``."""

    node: Any
    output_nr: int
    ownership_token: Any = None


def get_gradient_edge(tensor: Any) -> GradientEdge:
    """The edge of a tensor. It keeps the graph alive, and not the tensor's memory.

    `grad` and `backward` take such edges in place of tensors. Raises RuntimeError for a tensor
    that does not require grad.
    """
    edge = edge_of(tensor)
    if edge is None:
        raise RuntimeError(
            "It is not possible to get the gradient edge for a Tensor that does not require "
            "gradients. Call requires_grad_() on it first."
        )
    return GradientEdge(shown(edge[0]), edge[1])


def tensor_at(edge: GradientEdge) -> Any:
    """A tensor that stands at an edge: the leaf itself, or one of the right shape and dtype."""
    node, output = edge.node, edge.output_nr
    if isinstance(node, AccumulateGrad):
        return node.variable
    shape, dtype = node.outputs[output]
    return wrap(np.broadcast_to(np.zeros((), dtype), shape), (node, output))


def increment_version(tensor: Any) -> None:
    """Count a write to a tensor, or to each of several, that minigrad could not see: one to the
    array behind it, say. Backward then refuses to use what was saved of it before."""
    tensors = (tensor,) if isinstance(tensor, Value) else tensor
    if not isinstance(tensors, Iterable):
        raise RuntimeError("increment_version expect a Iterable[Tensor] as input")
    for x in tensors:
        if not isinstance(x, Value):
            raise RuntimeError(
                "increment_version expects each element of the iterable to be a tensor"
            )
        if type(x.version) is not list:
            continue  # an inference tensor: nothing saves it
        x.version[0] += 1
        if keeping:
            note_write(x.version)


def register_multi_grad_hook(
    tensors: Sequence[Any], fn: Callable[..., Any], *, mode: str = "all"
) -> RemovableHandle:
    """Run ``fn`` once in each backward pass: when the gradients of all ``tensors`` that the pass
    reaches are there, with the list of them (None for those not reached); or, with mode "any",
    when the first is there, with that gradient. Raises ValueError for another mode."""
    if mode not in ("all", "any"):
        raise ValueError(f"Expects mode to be one of ('all', 'any') but got {mode}")
    if not all(x.requires_grad for x in tensors):
        raise AssertionError("Expected gradient function to be set")
    targets = [end_of(x) for x in tensors]
    lock = threading.Lock()
    # For each pass under way the gradients seen, and how many are still to come.
    under_way: weakref.WeakKeyDictionary[Pass, list[Any]] = weakref.WeakKeyDictionary()

    def observer(i: int) -> Hook:
        def see(g: Any) -> None:
            current = passes.stack[-1]
            with lock:
                state = under_way.get(current)
                if fresh := state is None:
                    reached = sum(target() in current.uses for target in targets)
                    under_way[current] = state = [[None] * len(targets), reached]
                assert state is not None
                state[0][i] = g
                state[1] -= 1
            if mode == "any":
                if fresh:
                    fn(g)
            elif not state[1]:
                fn(state[0])

        return see

    return Several([register_hook(x, observer(i)) for i, x in enumerate(tensors)])


def end_of(x: Any) -> Callable[[], Any]:
    """The node or leaf where ``x``'s edge leads, weakly: a hook there must not keep it alive."""
    edge = edge_of(x)
    return weakref.ref(x if edge is None else edge[0])


class Several(RemovableHandle):
    """The handle of several hooks."""

    __slots__ = ("handles",)

    def __init__(self, handles: Sequence[RemovableHandle]) -> None:
        self.handles = tuple(handles)

    def remove(self) -> None:
        for handle in self.handles:
            handle.remove()
