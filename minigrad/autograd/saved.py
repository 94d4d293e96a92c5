"""Hooks on what nodes save: pack it when it is saved, unpack it when backward needs it.

    with saved_tensors_hooks(pack, unpack):
        y = x.exp()         # pack(y), and the node keeps what it returns
    y.backward()            # unpack(that) gives back the tensor

The hooks attach as a watcher of new nodes: it puts a `Packed` in the place of each saved value.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import numpy as np

from minigrad.autograd.modes import no_grad
from minigrad.autograd.node import Node, Saved, SavedCast, SavedOutput
from minigrad.autograd.recording import unwatch, watch
from minigrad.autograd.value import Array, Edge, Value, edge_of, wrap
from minigrad.autograd.wide import EXTRA
from minigrad.errors import freed_graph, modified_in_place

Pack = Callable[[Any], Any]


class HookStack(threading.local):
    """The pairs of hooks of a thread, innermost last, and why there may be none."""

    def __init__(self) -> None:
        self.stack: list[tuple[Pack, Pack]] = []
        self.disabled: str | None = None


hooks = HookStack()


class Packed(Saved):
    """A saved value as a pack hook has left it.

    value:    what the hook returned; None if that was the tensor itself.
    saved:    then, what would have been saved without hooks. (A tensor whose edge leads to the node
              would keep the node alive.)
    edge:     of the tensor, for rules that run on tensors; None for an output of the node.
    counter:  its version counter, to see a write to memory that the hook has not copied.
    """

    __slots__ = ("counter", "dtype", "edge", "output", "saved", "unpack")

    def __init__(self, saved: Saved, node: Node | None, hook: Pack, unpack: Pack) -> None:
        # An output goes to the hook with its edge, which only its node knows.
        output = isinstance(saved, SavedOutput)
        x = saved.tensor(node) if output and node is not None else saved.value
        self.counter: list[int] = x.version
        self.version = saved.version
        self.edge: Edge | None = None if output else edge_of(x)
        self.output: int | None = saved.output if isinstance(saved, SavedOutput) else None
        self.dtype = saved.dtype if isinstance(saved, SavedCast) else None
        self.unpack = unpack
        self.value = pack(hook, x)
        self.saved: Saved | None = None
        if self.value is x:
            self.saved, self.value = saved, None

    def unpacked(self, node: Node) -> Any:
        """What the unpack hook returns, provided it is a tensor and what was saved."""
        given = self.value
        if isinstance(self.saved, SavedOutput):
            given = self.saved.tensor(node)
        elif self.saved is not None:
            given = self.saved.value
        x = call_unpack_hook(self.unpack, given)
        if x.version is self.counter and x.version[0] != self.version:
            # torch does not look, and its gradient would be that of another program.
            stale = SimpleNamespace(value=x, version=self.version, output=self.output)
            raise modified_in_place(stale, node)
        return x

    def array(self, node: Node) -> Array:
        array: Array = self.unpacked(node).array
        return array if self.dtype is None else array.astype(self.dtype)

    def tensor(self, node: Node) -> Any:
        x = self.unpacked(node)
        edge = self.edge
        if self.output is not None:
            differentiable = not hasattr(node, "plan") or self.output < node.plan.cotangents
            edge = (node, self.output) if differentiable else None
        if edge is None or edge[0] is not x:  # else it is the leaf itself
            value = wrap(x.array, edge)
            value.version = x.version
            x = value
        return x if self.dtype is None else x.to(self.dtype)


class PackedArray(Saved):
    """A packed result of the forward that only backward uses, such as indices."""

    __slots__ = ("unpack",)

    def __init__(self, array: Array, hook: Pack, unpack: Pack) -> None:
        self.value = pack(hook, wrap(array))
        self.unpack = unpack

    def array(self, node: Node) -> Array:
        return call_unpack_hook(self.unpack, self.value).array  # type: ignore[no-any-return]

    tensor = array  # on tensors too, rules take these as arrays


def pack(hook: Pack, x: Any) -> Any:
    version = x.version[0]
    with no_grad():
        packed = hook(x)
    if x.version[0] != version:
        raise RuntimeError(
            "A saved tensor pack hook is modifying its input in place. Tensors provided as input "
            "to pack hook cannot be modified by in-place operations as this can lead to "
            "unexpected side-effects. Write to a clone()."
        )
    return packed


def call_unpack_hook(hook: Pack, packed: Any) -> Any:
    x = hook(packed)
    if not isinstance(x, Value):
        raise TypeError(
            "Output of saved tensor unpack_hook expected to be a Tensor but got result of type "
            f"{type(x).__name__}"
        )
    return x


def pack_saved(node: Node) -> None:
    """Watcher: pack what ``node`` has saved."""
    assert node.saved is not None
    pair = hooks.stack[-1]
    plan = getattr(node, "plan", None)
    sources = () if plan is None else plan.sources
    packed: list[Any] = []
    for i, value in enumerate(node.saved):
        if isinstance(value, Saved):
            value = Packed(value, node, *pair)
        elif isinstance(value, np.ndarray) and i < len(sources) and sources[i][0] == EXTRA:
            value = PackedArray(value, *pair)
        packed.append(value)
    node.saved = packed


class SavedTensor:
    """One tensor as a node keeps it: the node's ``_raw_saved_...``."""

    __slots__ = ("node", "position")

    def __init__(self, node: Any, position: int | None) -> None:
        self.node, self.position = node, position

    @property
    def data(self) -> Any:
        """The tensor, or what its pack hook has made of it; None if nothing was saved."""
        value = None if self.position is None else self.kept()[self.position]
        if isinstance(value, PackedArray) or (isinstance(value, Packed) and value.saved is None):
            return value.value
        return self.unpack()

    def unpack(self) -> Any:
        """The tensor that backward will use."""
        if self.position is None:
            return None
        value = self.kept()[self.position]
        if isinstance(value, Saved):
            value = value.tensor(self.node)
        return wrap(value) if isinstance(value, np.ndarray) else value

    def kept(self) -> Any:
        if self.node.saved is None:
            raise freed_graph(self.node)
        return self.node.saved

    def register_hooks(self, pack_hook: Pack, unpack_hook: Pack) -> None:
        """Pack this tensor now, and unpack it when it is needed, as `saved_tensors_hooks` does.

        Raises RuntimeError if nothing was saved here, if it has been freed, or has hooks already.
        """
        if not all(map(callable, (pack_hook, unpack_hook))):
            raise TypeError(
                "register_hooks(): incompatible function arguments. Give two functions: "
                "pack_hook, unpack_hook"
            )
        refused = "Calling register_hooks on a saved tensor "
        kept = self.node.saved
        if self.position is None:
            raise RuntimeError(f"{refused}with value None is forbidden")
        if kept is None:
            raise RuntimeError(
                f"{refused}after it has been freed. Saved intermediate values of the graph are "
                "freed when you call .backward() or autograd.grad()."
            )
        value = kept[self.position]
        if value is None:
            raise RuntimeError(f"{refused}with value None is forbidden")
        if isinstance(value, Packed | PackedArray):
            raise RuntimeError(
                f"{refused}whose hooks have already been set. Hint: only one pair of hooks is "
                "allowed at a time."
            )
        hooked = list(kept)
        if isinstance(value, Saved):
            hooked[self.position] = Packed(value, self.node, pack_hook, unpack_hook)
        else:
            hooked[self.position] = PackedArray(value, pack_hook, unpack_hook)
        self.node.saved = hooked


def save_outside_node(x: Any) -> Saved:
    """Save a tensor outside a node, as a node would: with the hooks that are active."""
    saved = Saved(x)
    return Packed(saved, None, *hooks.stack[-1]) if hooks.stack else saved


class saved_tensors_hooks:
    """In this block, what operations save goes through a pair of hooks.

    pack_hook:    is given each tensor that is saved; what it returns, anything, is kept.
    unpack_hook:  is given that, each time the tensor is needed, and returns the tensor.

    Only the innermost pair is used. ``pack_hook`` must not write to its argument.
    Where ``unpack_hook`` returns the memory that was saved and somebody has written to it since,
    backward raises RuntimeError, as it does without hooks.
    """

    def __init__(self, pack_hook: Pack, unpack_hook: Pack) -> None:
        if not all(map(callable, (pack_hook, unpack_hook))):
            raise TypeError("saved_tensors_hooks() takes two functions: pack_hook, unpack_hook")
        self.pack_hook = pack_hook
        self.unpack_hook = unpack_hook

    def __enter__(self) -> None:
        if hooks.disabled is not None:
            raise RuntimeError(hooks.disabled)
        hooks.stack.append((self.pack_hook, self.unpack_hook))
        if len(hooks.stack) == 1:
            watch(pack_saved)

    def __exit__(self, *exception: object) -> None:
        hooks.stack.pop()
        if not hooks.stack:
            unwatch(pack_saved)


class save_on_cpu(saved_tensors_hooks):
    """Accepted as in torch. All memory is the CPU's, so what is saved stays where it is."""

    def __init__(self, pin_memory: bool = False, device_type: str = "cuda") -> None:
        super().__init__(lambda x: x, lambda x: x)


class Copies:
    """What `allow_mutation_on_saved_tensors` gives the block: ``clear()`` drops the copies."""

    def __init__(self) -> None:
        self.dropped = 0  # how often

    def clear(self) -> None:
        """Let no backward pass use what has been saved so far."""
        self.dropped += 1


allowing = threading.local()


@contextmanager
def allow_mutation_on_saved_tensors() -> Iterator[Copies]:
    """In this block, tensors may be written to although backward needs them.

    Whatever is saved is copied, at the price of memory and time. The backward pass must run in
    the block too. Raises RuntimeError when entered inside itself.
    """
    if getattr(allowing, "copies", None) is not None:
        raise RuntimeError("allow_mutation_on_saved_tensors contexts cannot be nested")
    copies = allowing.copies = Copies()

    def unpack(packed: Any) -> Any:
        copy, dropped = packed
        if allowing.copies is not copies or dropped != copies.dropped:
            raise AssertionError(
                "Trying to backward outside of the 'allow_mutation_on_saved_tensors' context"
                "in which the graph was originally recorded."
            )
        return copy

    try:
        with saved_tensors_hooks(lambda x: (x.clone(), copies.dropped), unpack):
            yield copies
    finally:
        allowing.copies = None


@contextmanager
def disable_saved_tensors_hooks(error_message: str) -> Iterator[None]:
    """In this block, `saved_tensors_hooks` raises RuntimeError with this message."""
    if hooks.stack:
        raise RuntimeError(error_message)
    previous, hooks.disabled = hooks.disabled, error_message
    try:
        yield
    finally:
        hooks.disabled = previous
