"""Views: tensors that share memory, and what an in-place write through one does to the graph.

A view knows its *base*, the tensor that the memory was made for. A write through a view changes
the base, so the base gets a new node, CopySlices: of its cotangent, the written region belongs
to what was written, the rest to what the base was before. All other views of the base then hold
an edge from before the write; they notice, since the family's version counter has moved on, and
take a new edge from the base the next time they are asked.

    v = base[0]; v.mul_(w)      base.edge -> CopySlices -> (old base, MulBackward0)
    u = base[1:] (made before)  u.edge    -> AsStridedBackward0 -> CopySlices
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from minigrad.autograd.backward import fit
from minigrad.autograd.modes import inference
from minigrad.autograd.node import Node, SavedOutput
from minigrad.autograd.primitive import Operator, primitive, record
from minigrad.autograd.recording import lead_to
from minigrad.autograd.value import Array, Edge, Source, Value, edge_of, mode, wrap
from minigrad.autograd.wide import wide_primitive
from minigrad.errors import freed_graph, out_of_storage, short_name

# How a view came to be, where that forbids to write through it while gradients are recorded.
NO_GRAD, INFERENCE, SEVERAL, CUSTOM = "no_grad", "inference", "several", "custom"
ADVICE = {
    SEVERAL: "This view is the output of a function that returns multiple views. Such functions do "
    "not allow the output views to be modified inplace. You should replace the inplace operation "
    "by an out-of-place one.",
    CUSTOM: "This view was created inside a custom Function (or because an input was returned "
    "as-is) and the autograd logic to handle view+inplace would override the custom backward "
    "associated with the custom Function, leading to incorrect gradients. This behavior is "
    "forbidden. You can fix this by cloning the output of the custom Function.",
}


class View(Source):
    """The edge of a view, and its base.

    edge:  the edge found last, and ``seen`` the family's version at that time.
    whole: the base's memory, which it may have exchanged since by way of ``.data``.
    leaf:  whether the gradient ends in the view itself (``requires_grad_()`` on a view that had
           no history).
    kind:  None, or the reason why it must not be written through.
    """

    __slots__ = ("base", "edge", "kind", "leaf", "maker", "seen", "whole")

    def __init__(self, base: Value, edge: Edge | None, seen: int, kind: str | None) -> None:
        self.base = base
        self.whole = base.array
        self.edge = edge
        self.seen = seen
        self.kind = kind
        self.leaf = False

    @property
    def accumulates(self) -> bool:  # type: ignore[override]
        return self.leaf

    def requires_grad(self) -> bool:
        """As ``of() is not None``, but never refuses."""
        return self.leaf or self.edge is not None or edge_of(self.base) is not None

    def of(self, value: Value) -> Edge | None:
        source = edge_of(self.base)
        if source is None and self.edge is None:
            return (value, 0) if self.leaf else None
        if self.seen != value.version[0]:
            self.refuse("its base or another view of its base has been")
            self.edge = edge_into_region(self.base, source, value)
            self.seen = value.version[0]
            if value.hooks is not None:
                value.hooks.moved(value)
        # A view that was made outside the graph, of a base inside it, requires grad and yet leads
        # nowhere: torch's answer.
        return (value, 0) if self.edge is None else self.edge

    def refuse(self, what: str) -> None:
        """Raise torch's error if writing is not allowed for how this view was made."""
        if self.kind is None:
            return
        node, output = self.edge if self.edge is not None else (None, 0)
        made, now = "no_grad", "with grad mode enabled"
        if self.kind == INFERENCE:
            made, now = "inference", "in normal mode"
        which = f"A view was created in {made} mode and {what} modified inplace {now}."
        if isinstance(node, Node):
            which = f"Output {output} of {short_name(node)} is a view"
            if self.kind in ADVICE:
                which += f" and {what} modified inplace."
            else:
                which += f" of a view which was created in {made} mode and {what} modified "
                which += f"inplace {now}."
        usual = (
            "Given that this use case is ambiguous and error-prone, it is forbidden. You can "
            "clarify your code by moving both the view and the inplace either both inside the "
            f"{made} block (if you don't want the inplace to be tracked) or both outside (if you "
            "want the inplace to be tracked)."
        )
        raise RuntimeError(f"{which} {ADVICE.get(self.kind, usual)}")


def base_of(value: Value) -> Value | None:
    """The tensor that ``value`` is a view of, or None."""
    return value.edge.base if isinstance(value.edge, View) else None


def as_view(result: Any, x: Value, kind: str | None = None) -> Any:
    """Make ``result``, whose array shares ``x``'s memory, a view of ``x``'s base."""
    version, edge = x.version, x.edge
    result.version = version
    if type(version) is not list:  # an inference tensor's: no write will concern a graph
        return result
    base = x
    if isinstance(edge, View):
        base = edge.base
        if kind is None and mode.grad:
            kind = edge.kind  # a view of a view that is not to be written is not, either
    if kind is None and not mode.grad:
        kind = INFERENCE if inference.enabled else NO_GRAD
    result.edge = View(base, result.edge, version[0], kind)
    return result


def view(name: str, forward: Callable[..., Array], **rules: Any) -> Callable[..., Any]:
    """Declare a primitive whose result is a view of its operand."""
    compute = primitive(name, forward, **rules)

    def apply(x: Any, *settings: Any) -> Any:
        result = compute(x, *settings)
        return as_view(result, x) if isinstance(x, Value) else result

    apply.primitive = compute.primitive  # type: ignore[attr-defined]
    return apply


class Region:
    """Where a view lies in its base: element ``i`` of the view is element ``ids[i]`` of the base.

    Kept as shape, strides and offset in bytes; the ids are worked out when first needed.
    """

    __slots__ = ("base_strides", "itemsize", "offset", "shape", "strides")

    def __init__(self, base: Array, part: Array) -> None:
        self.shape, self.strides = part.shape, part.strides
        self.base_strides = base.strides
        self.itemsize = base.itemsize
        self.offset = part.ctypes.data - base.ctypes.data if part.size else 0

    def ids(self, base_shape: tuple[int, ...]) -> Array:
        """The flat index into the base of every element of the view."""
        size = self.itemsize
        width = np.dtype(np.intp).itemsize
        spans = [(n - 1) * s for n, s in zip(base_shape, self.base_strides, strict=True) if n]
        low, high = sum(s for s in spans if s < 0), sum(s for s in spans if s > 0)
        memory = np.zeros((high - low) // size + 1, np.intp)
        everything = as_strided(
            memory[-low // size :],
            base_shape,
            [s // size * width for s in self.base_strides],
        )
        everything[...] = np.arange(everything.size).reshape(base_shape)
        start = memory[(self.offset - low) // size :]
        last = sum((n - 1) * s for n, s in zip(self.shape, self.strides, strict=True)) // size
        if 0 not in self.shape and last >= start.size:  # the base has been resized since
            steps = [s // size for s in self.strides]
            raise out_of_storage(self.shape, steps, self.offset // size, size, memory.size)
        return as_strided(start, self.shape, [s // size * width for s in self.strides])


def _put(part: Array, region: Region, shape: tuple[int, ...]) -> Array:
    out = np.zeros(shape, part.dtype)
    np.add.at(out.reshape(-1), region.ids(shape), part)
    return out


def _clear(x: Array, region: Region) -> Array:
    out = x.copy()
    out.reshape(-1)[region.ids(x.shape)] = 0
    return out


# A region out of a base, and into zeros: each is the other's derivative. Of an empty region the
# gradient is a constant, as torch's.
take_region = primitive(
    "AsStridedBackward0",
    lambda x, region: np.asarray(x.reshape(-1)[region.ids(x.shape)]),  # perhaps 0-d
    x=lambda g, region, x_shape: (zeros_from if 0 in region.shape else put_region)(
        g, region, x_shape
    ),
)
put_region: Operator = primitive(
    "AsStridedScatterBackward0", _put, part=lambda g, region: take_region(g, region)
)
zeros_from: Operator = wide_primitive(
    "AsStridedScatterBackward0", lambda part, region, shape: np.zeros(shape, part.dtype)
)
clear_region: Operator = primitive(
    "AsStridedScatterBackward0", _clear, x=lambda g, region: clear_region(g, region)
)


def region_of(base: Value, part: Value) -> Region:
    """Where ``part`` lies in its base, or lay before ``.data`` gave the base other memory."""
    whole, view = base.array, part.edge
    if isinstance(view, View) and part.array.size and not np.may_share_memory(whole, view.whole):
        whole = view.whole
    if whole.shape != base.array.shape:
        raise RuntimeError(
            f"a view was taken of a tensor of shape {list(whole.shape)}, which then was given the "
            f"shape {list(base.array.shape)} by way of .data. Take the view again."
        )
    return Region(whole, part.array)


def edge_into_region(base: Value, source: Edge | None, part: Value) -> Edge:
    """The edge of a view of ``base``, whose own edge is ``source``, made anew after a write."""
    region = region_of(base, part)
    result = wrap(part.array)
    plan = take_region.primitive.plan(1)  # type: ignore[attr-defined]
    record(plan, [region, base.array.shape], (source,), result)
    return result.edge  # type: ignore[no-any-return]


class CopySlices(Node):
    """What a write through a view makes of the base: ``write`` in the region, the base elsewhere.

    Its inputs are the base as it was, then those of ``write`` but for the view itself.
    """

    __slots__ = ("region", "skipped", "write")

    freed = False

    write: Node
    skipped: int  # 1 if the first edge of ``write`` leads to the view itself
    region: Region

    def name(self) -> str:
        return "CopySlices"

    def vjp(self, cotangents: list[Any], on_graph: bool) -> list[Any]:
        if self.freed:
            raise freed_graph(self)
        (g,) = cotangents
        if g is None:  # a Function has returned no gradient
            return [None] * len(self.edges)
        shape, dtype = self.write.outputs[0]
        answers = self.write.vjp([take_region(g, self.region)], on_graph)
        outer = clear_region(g, self.region)
        for inner in answers[: self.skipped]:
            inner = fit(inner, shape, dtype)
            outer = outer + put_region(inner, self.region, self.outputs[0][0])
        return [outer, *answers[self.skipped :]]

    def release(self) -> None:
        self.write.release()
        self.freed = True


class OutputInBase(SavedOutput):
    """The result of a write through a view, kept by its node: on the graph, a region of the base.

    slices, shown:  the base's new node, and the view's that shows the region; both references are
                    weak, since the first node keeps this one, and the second the first.
    """

    __slots__ = ("shown", "slices")

    def __init__(self, saved: SavedOutput, slices: CopySlices, shown: Any) -> None:
        self.value, self.version, self.output = saved.value, saved.version, saved.output
        self.slices, self.shown = weakref.ref(slices), weakref.ref(shown)

    def tensor(self, node: Node) -> Any:
        slices, shown = self.slices(), self.shown()
        if slices is None:  # the node is asked by itself
            return super().tensor(node)
        value = wrap(self.array(node), None if shown is None else (shown, 0))
        value.version = self.value.version
        if shown is not None:
            return value
        plan = take_region.primitive.plan(1)  # type: ignore[attr-defined]
        record(plan, [slices.region, slices.outputs[0][0]], ((slices, 0),), value)
        return value


def rebase(part: Value, write: Node, skipped: int | None = None) -> None:
    """After ``write`` has changed the view ``part`` in place: lead its base's edge there."""
    base = base_of(part)
    assert base is not None
    node = CopySlices()
    node.write = write
    if skipped is None:  # a write without a derivative has no plan, and refuses to go backward
        skipped = int(hasattr(write, "plan") and 0 in write.plan.inputs)
    node.skipped = skipped
    node.edges = [edge_of(base), *write.edges[node.skipped :]]
    node.saved = ()
    node.region = region_of(base, part)
    lead_to(node, [base])
    edge = edge_into_region(base, base.edge, part)
    if write.saved:
        write.saved = [
            OutputInBase(saved, node, edge[0]) if type(saved) is SavedOutput else saved
            for saved in write.saved
        ]
    view = part.edge
    if isinstance(view, View):  # the written view itself does not wait to be asked
        view.edge, view.seen = edge, part.version[0]
    if base.hooks is not None:
        base.hooks.moved(base)
