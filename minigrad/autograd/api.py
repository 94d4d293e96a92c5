"""``backward()`` and ``grad()``: the checks and conveniences around the backward pass."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from minigrad.autograd.backward import Arrivals, accumulate, fit, observed, run
from minigrad.autograd.graph import GradientEdge, tensor_at
from minigrad.autograd.hooks import as_tensor, counters, one_pass, retain_grad
from minigrad.autograd.node import Node
from minigrad.autograd.value import LEAF, Edge, Source, Value, edge_of, mode, wrap
from minigrad.errors import warn_once

Tensors = Any  # a tensor or a sequence of them


class Pruned(threading.local):
    """Whether the thread's innermost pass visits a part of the graph only; a reentrant checkpoint
    must not run in one."""

    now = False


pruned = Pruned()


def backward(
    tensors: Tensors,
    grad_tensors: Tensors = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Tensors = None,
) -> None:
    """Accumulate into the leaves' ``.grad`` the gradients of the sum of ``tensors``.

    grad_tensors:  for each tensor the cotangent to start from, of the tensor's shape; None for
                   a tensor of one element means 1.
    retain_graph:  keep the saved values, so that the graph can be differentiated again;
                   by default as ``create_graph``.
    create_graph:  record the pass itself, so that the gradients can be differentiated.
    inputs:        accumulate only into these.

    Raises RuntimeError for a tensor that does not require grad, for one of several elements
    without a cotangent, and where the graph has been freed or a saved value overwritten.
    """
    if create_graph:
        warn_once(
            "Using backward() with create_graph=True will create a reference cycle between the "
            "parameter and its gradient which can cause a memory leak. autograd.grad makes none; "
            "else set the .grad to None after use."
        )
    keep = create_graph if retain_graph is None else retain_graph
    several = isinstance(grad_tensors, list | tuple)
    if isinstance(tensors, Value) and inputs is None and not several:
        root = start(0, tensors, grad_tensors, create_graph)
        walk(fitted([root]), keep, create_graph, seeds=(grad_tensors,))
        return
    outputs = as_tuple(tensors)
    seeds = (None,) * len(outputs) if grad_tensors is None else as_tuple(grad_tensors)
    roots = [start(i, y, g, create_graph) for i, (y, g) in enumerate(pairs(outputs, seeds))]
    if inputs is None:
        walk(fitted(roots), keep, create_graph, seeds=seeds)
        return
    targets = as_tuple(inputs.values() if isinstance(inputs, dict) else inputs)
    if not targets:
        raise RuntimeError("`inputs` argument to `backward()` cannot be empty.")
    if any(isinstance(x, Value) and edge_of(x) is None for x in targets):
        raise RuntimeError(
            "can't retain_grad on Tensor that has requires_grad=False. Nothing can be accumulated "
            "into it; only inputs that require grad may be named."
        )
    edges = [target_edge(x) for x in targets]
    for x, edge in zip(targets, edges, strict=True):
        if edge[0] is not x:
            retain_grad(x)  # as torch does: it keeps the gradient then, of this pass and of others
    roots = fitted(roots)
    useful = paths_to(edges, roots, through=True)
    found = walk(roots, keep, create_graph, set(edges), useful, seeds)
    grad_mode, mode.grad = mode.grad, create_graph
    try:
        for x, edge in dict(zip(targets, edges, strict=True)).items():
            if edge in found and edge[0] is x:
                if x.hooks is not None:
                    x.hooks.accumulate(x, found[edge], create_graph)
                elif found[edge] is not None:
                    accumulate(x, found[edge], ours=False)
    finally:
        mode.grad = grad_mode


def grad(
    outputs: Tensors,
    inputs: Tensors,
    grad_outputs: Tensors = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> Any:
    """The gradients of the sum of ``outputs`` with respect to ``inputs``; ``.grad`` stays as it is.

    Returns a tuple with a tensor for each input, or a dict for a dict of inputs. An input that the
    outputs do not depend on is an error, unless ``allow_unused`` (None stands in its place) or
    ``materialize_grads`` (zeros). For the other arguments and errors see `backward`;
    ``only_inputs`` has no effect.
    """
    if not only_inputs:
        warnings.warn(
            "only_inputs argument is deprecated and is ignored now (defaults to True).",
            FutureWarning,
            stacklevel=2,
        )
    if isinstance(inputs, Mapping) and type(inputs) is not dict:
        raise TypeError(
            f"`inputs` argument to `grad()` must be a dict, not {type(inputs).__name__}. Other "
            "Mapping types are not supported."
        )
    if isinstance(inputs, dict) and inputs:
        gradients = grad(
            outputs,
            tuple(inputs.values()),
            grad_outputs,
            retain_graph,
            create_graph,
            allow_unused=allow_unused,
            is_grads_batched=is_grads_batched,
            materialize_grads=materialize_grads,
        )
        return dict(zip(inputs, gradients, strict=True))
    given = (inputs,) if isinstance(inputs, Value | GradientEdge) else tuple(inputs)
    ys, xs = as_tuple(outputs), as_tuple(given)
    if not xs:
        raise RuntimeError("`inputs` argument to `grad()` cannot be empty.")
    if allow_unused is False and materialize_grads:
        raise ValueError(
            "Expected allow_unused to be True or not passed when materialize_grads=True, but got: "
            "allow_unused=False."
        )
    seeds = (None,) * len(ys) if grad_outputs is None else as_tuple(grad_outputs)
    keep = create_graph if retain_graph is None else retain_graph
    if is_grads_batched:
        return batched(ys, xs, seeds, keep, create_graph, allow_unused, materialize_grads)
    roots = [start(i, y, g, create_graph) for i, (y, g) in enumerate(pairs(ys, seeds))]
    edges = [target_edge(x) for x in xs]
    roots = fitted(roots)
    found = walk(roots, keep, create_graph, set(edges), paths_to(edges, roots), seeds, True)
    if len(roots) == 1 and seeds[0] is not None and roots[0][0][0].hooks is None:
        root, seed = roots[0][0], seeds[0]
        same = roots[0][1].shape == seed.array.shape and seed.array.dtype == ys[0].array.dtype
        if root in found and same:
            found[root] = seed  # dy/dy is the cotangent that came in, the very tensor
    results = []
    for i, (x, edge) in enumerate(zip(xs, edges, strict=True)):
        g = found.get(edge)
        if g is None and materialize_grads and isinstance(given[i], GradientEdge):
            raise RuntimeError(
                "materialize_grads cannot be used when the given input is a GradientEdge, of which "
                "only the place in the graph is known"
            )
        if g is None and materialize_grads:
            g = wrap(np.zeros_like(x.array), LEAF if create_graph else None)
        elif g is None and not allow_unused:
            raise RuntimeError(
                f"The differentiated Tensor at index {i} appears to not have been used in the "
                "graph. Set allow_unused=True if this is the desired behavior."
            )
        results.append(g)
    return tuple(results)


def walk(
    roots: Arrivals,
    retain_graph: bool,
    create_graph: bool,
    wanted: Collection[Edge] = (),
    useful: dict[Any, bool] | None = None,
    seeds: Sequence[Any] = (),
    tensors: bool = False,
) -> dict[Edge, Any]:
    """Run the backward pass; where something observes it, with leaves handled when ready.

    seeds: the cotangents as they were given. tensors: whether what is found is to be tensors.
    """
    outside = pruned.now, counters.now
    pruned.now, counters.now = useful is not None, {}
    for g in seeds:
        if isinstance(g, Value):
            counters.of(g.array, g.version)
    try:
        if not observed:
            found = run(roots, retain_graph, create_graph, wanted, useful)
        else:
            with one_pass(roots, useful) as uses:
                found = run(roots, retain_graph, create_graph, wanted, useful, uses)
        return {edge: as_tensor(g) for edge, g in found.items()} if tensors else found
    finally:
        pruned.now, counters.now = outside


def batched(
    ys: Any,
    xs: Any,
    seeds: Any,
    keep: bool,
    create_graph: bool,
    unused: Any,
    zeros: bool,
) -> tuple[Any, ...]:
    """One pass for each cotangent along the first dimension of ``grad_outputs``, stacked."""
    from minigrad.ops.joining import stack

    for i, (y, g) in enumerate(pairs(ys, seeds)):
        if not isinstance(g, Value):
            start(i, y, g, create_graph)  # raises but for a number without a cotangent
            raise ValueError(f"is_grads_batched=True needs grad_outputs[{i}]: a row for each pass")
        if not g.ndim:
            raise IndexError(f"invalid index of a 0-dim tensor. grad_output[{i}] has no rows.")
        if g.shape[1:] != y.shape:
            raise RuntimeError(
                "If `is_grads_batched=True`, we interpret the first dimension of each grad_output "
                "as the batch dimension. The other dimensions must be those of the output, but "
                f"grad_output[{i}] has shape {list(g.shape)} and output[{i}] {list(y.shape)}."
            )
    n, *others = [len(g) for g in seeds]
    if any(other != n for other in others):
        raise ValueError(
            "vmap: Expected all tensors to have the same size in the mapped dimension, got sizes "
            f"{[n, *others]} for the mapped dimension"
        )
    if not n:
        raise IndexError("index 0 is out of bounds for dimension 0 with size 0: no cotangents")
    rows = [
        grad(
            ys,
            xs,
            [s[i] for s in seeds],
            keep or i < n - 1,
            create_graph,
            allow_unused=unused,
            materialize_grads=zeros,
        )
        for i in range(n)
    ]
    return tuple(
        [None if column[0] is None else stack(column) for column in zip(*rows, strict=True)]
    )


def as_tuple(tensors: Tensors) -> tuple[Any, ...]:
    single = tensors is None or isinstance(tensors, Value | GradientEdge)
    given = (tensors,) if single else tensors
    return tuple([tensor_at(x) if isinstance(x, GradientEdge) else x for x in given])


def pairs(outputs: Sequence[Any], seeds: Sequence[Any]) -> Any:
    for g in seeds:
        need_cotangent(g)
    if len(outputs) != len(seeds):
        raise RuntimeError(
            f"got {len(outputs)} tensors and {len(seeds)} gradients. Give one gradient, or None, "
            "for each tensor."
        )
    return zip(outputs, seeds, strict=True)


def need_cotangent(g: Any) -> Any:
    if g is not None and not isinstance(g, Value):
        raise TypeError(f"gradients can be either Tensors or None, but got {type(g).__name__}")
    return g


def start(i: int, y: Any, g: Any, create_graph: bool) -> tuple[Edge, Any]:
    """Where the pass enters the graph for the output ``y``, and with which cotangent."""
    array = y.array
    if g is None:
        if y.requires_grad and array.size != 1:
            raise RuntimeError(
                f"grad can be implicitly created only for scalar outputs, and this one has shape "
                f"{list(array.shape)}. Give backward() a cotangent of that shape, or reduce first."
            )
        seed = np.empty(array.shape, array.dtype)
        seed.fill(1)
        g = wrap(seed) if create_graph else seed
    elif need_cotangent(g).array.shape != array.shape:
        raise RuntimeError(
            f"Mismatch in shape: grad_output[{i}] has a shape of "
            f"minigrad.Size({list(g.array.shape)}) and output[{i}] has a shape of "
            f"minigrad.Size({list(array.shape)})."
        )
    elif not create_graph:
        g = g.array
    edge = edge_of(y)
    if edge is None or leads_nowhere(y, edge):
        raise RuntimeError(
            f"element {i} of tensors does not require grad and does not have a grad_fn. No input "
            "of the operations that made it required grad, or they ran under no_grad()."
        )
    return edge, g


def fitted(roots: Sequence[tuple[Edge, Any]]) -> list[tuple[Edge, Any]]:
    """The roots, where a tensor was given another shape in place since its node was made."""
    results = []
    for i, ((node, output), g) in enumerate(roots):
        if isinstance(node, Node) and node.outputs[output][0] != g.shape:
            try:
                g = fit(g, *node.outputs[output])
            except RuntimeError as error:
                what = str(error).removeprefix("Function returned an invalid gradient")
                raise RuntimeError(f"invalid gradient at index {i}{what}") from None
        results.append(((node, output), g))
    return results


NOWHERE = -1  # as the output in an edge: no cotangent arrives there


def target_edge(x: Any) -> Edge:
    """The edge whose cotangents are the gradient of an input."""
    if not isinstance(x, Value):
        raise RuntimeError(
            f"all inputs have to be Tensors or GradientEdges, but got {type(x).__name__}"
        )
    edge = edge_of(x)
    if edge is None:
        raise RuntimeError("One of the differentiated Tensors does not require grad")
    return (x, NOWHERE) if leads_nowhere(x, edge) else edge


def leads_nowhere(x: Any, edge: Edge) -> bool:
    """Whether this is a view that requires grad only because its base does (see View.of)."""
    source = x.edge
    return isinstance(source, Source) and not source.accumulates and edge[0] is x


def paths_to(
    wanted: Collection[Edge], roots: Sequence[tuple[Edge | None, Any]], through: bool = False
) -> dict[Any, bool]:
    """The nodes and leaves to visit on the way from ``roots`` to the ``wanted`` edges.

    The value says whether something wanted lies behind; where nothing does, the walk stops, or
    goes ``through`` the node, whose answers are then dropped.
    """
    reached: set[Any] = set()
    stack = [edge[0] for edge, _ in roots if edge is not None]
    while stack:
        target = stack.pop()
        if target not in reached:
            reached.add(target)
            if isinstance(target, Node):
                stack += [edge[0] for edge in target.edges if edge is not None]
    ends = {target for target, output in wanted if output != NOWHERE}
    useful = {target: through for target in reached if target in ends}
    # An input's number is lower than its consumer's: going upwards, inputs are decided first.
    for node in sorted((t for t in reached if isinstance(t, Node)), key=lambda n: n.number):
        if any(edge is not None and edge[0] in useful for edge in node.edges):
            useful[node] = True
    if len(roots) == 1 and (edge := roots[0][0]) is not None and edge[0].hooks is not None:
        useful.setdefault(edge[0], False)  # the hooks of a single root run in any case
    return useful
