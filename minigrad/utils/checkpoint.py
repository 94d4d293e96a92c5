"""Checkpointing: forget what a part of the forward saved, and compute it again for backward.

    y = checkpoint(block, x, use_reentrant=False)

Memory is then needed for the inputs of ``block`` only, and during backward for one block at a
time, at the price of a second forward. There are two ways, with torch's names:

reentrant      a `Function` whose forward runs ``block`` unrecorded, and whose backward runs it
               again, recorded, and differentiates that: a backward pass inside the pass.
not reentrant  ``block`` is recorded, but saved-tensor hooks keep, for each saved tensor, only an
               empty *slot*. The first slot that backward asks for has ``block`` run again, under
               hooks that fill the slots in the same order.
"""

from __future__ import annotations

import threading
import warnings
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import Any

from minigrad.autograd import api
from minigrad.autograd.function import Function
from minigrad.autograd.modes import enable_grad
from minigrad.autograd.node import Node, Saved
from minigrad.autograd.recording import unwatch, watch
from minigrad.autograd.saved import save_outside_node, saved_tensors_hooks
from minigrad.autograd.value import Value, edge_of, mode
from minigrad.random import get_rng_state, set_rng_state

__all__ = [
    "check_backward_validity",
    "checkpoint",
    "checkpoint_sequential",
    "detach_variable",
    "get_device_states",
    "set_device_states",
]

Contexts = tuple[AbstractContextManager[Any], AbstractContextManager[Any]]


class CheckpointError(RuntimeError):
    """The forward and its repetition did not save the same tensors."""


@contextmanager
def random_as_in(state: Any, wanted: bool) -> Iterator[None]:
    """In the block, draw from ``state`` on; afterwards go on as if nothing had been drawn."""
    if not wanted:
        yield
        return
    outside = get_rng_state()
    set_rng_state(state)
    try:
        yield
    finally:
        set_rng_state(outside)


@contextmanager
def as_in_forward() -> Iterator[None]:
    """Record in the block, and lay results out as outside of a backward pass."""
    before, mode.backward = mode.backward, False
    try:
        with enable_grad():
            yield
    finally:
        mode.backward = before


def get_device_states(*args: Any) -> tuple[list[int], list[Any]]:
    """([], []): the devices that ``args`` are on, without the CPU, and their generators' states."""
    return [], []


def set_device_states(devices: Any, states: Any, *, device_type: str | None = None) -> None:
    """Give each of these devices' generators its state; here there is none."""


def noop_context_fn() -> Contexts:
    return nullcontext(), nullcontext()


def checkpoint(
    function: Callable[..., Any],
    *args: Any,
    use_reentrant: bool | None = None,
    context_fn: Callable[[], Contexts] = noop_context_fn,
    determinism_check: str = "default",
    debug: bool = False,
    early_stop: bool = True,
    preserve_rng_state: bool = True,
    **kwargs: Any,
) -> Any:
    """Return ``function(*args, **kwargs)``, and in backward compute again what it saved.

    use_reentrant:       which of the two ways (see above); say False. Without it, True is taken
                         and a warning given, as in torch.
    context_fn:          returns two context managers, for the forward and for the repetition.
    determinism_check:   "default" compares shapes and dtypes of the forward with the repetition's,
                         "none" does not.
    debug:               name the operations of both in the error message.
    early_stop:          stop the repetition as soon as all is there that backward needs.
    preserve_rng_state:  let the repetition draw the same random numbers as the forward.

    ``context_fn``, ``debug`` and ``kwargs`` need ``use_reentrant=False``, and so do gradients for
    anything but the leaves (`grad`, ``backward(inputs=...)``). Raises ValueError for a wrong
    combination, and in backward CheckpointError (a RuntimeError) if the repetition goes another
    way than the forward did.
    """
    if use_reentrant is None:
        warnings.warn(
            "minigrad.utils.checkpoint: the use_reentrant parameter should be passed explicitly. "
            "use_reentrant=False is recommended; without it, True is taken.",
            stacklevel=2,
        )
        use_reentrant = True
    if not use_reentrant:
        return not_reentrant(
            function,
            args,
            kwargs,
            preserve_rng_state,
            context_fn,
            determinism_check,
            debug,
            early_stop,
        )
    if kwargs:
        raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
    if context_fn is not noop_context_fn or debug is not False:
        raise ValueError(
            "Passing `context_fn` or `debug` is only supported when use_reentrant=False."
        )
    return CheckpointFunction.apply(function, preserve_rng_state, *args)


def checkpoint_sequential(
    functions: Any, segments: int, input: Any, use_reentrant: bool | None = None, **kwargs: Any
) -> Any:
    """Apply ``functions`` one after the other, in ``segments`` parts, all but the last of them
    checkpointed. ``functions`` is a list, or a module with ``children()``. See `checkpoint`."""
    if use_reentrant is None:
        warnings.warn(
            "minigrad.utils.checkpoint.checkpoint_sequential: the use_reentrant parameter should "
            "be passed explicitly. use_reentrant=False is recommended; without it, True is taken.",
            stacklevel=2,
        )
        use_reentrant = True
    preserve = kwargs.pop("preserve_rng_state", True)
    if kwargs:
        raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
    steps = list(functions.children()) if hasattr(functions, "children") else functions
    size = len(steps) // segments
    done = 0
    for done in range(size, size * (segments - 1) + 1, size):
        part = in_turn(steps[done - size : done])
        input = checkpoint(part, input, use_reentrant=use_reentrant, preserve_rng_state=preserve)
    return in_turn(steps[done:])(input)


def in_turn(steps: Sequence[Callable[..., Any]]) -> Callable[[Any], Any]:
    def run(x: Any) -> Any:
        for step in steps:
            x = step(x)
        return x

    return run


# Reentrant.


def detach_variable(inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """The inputs with leaves of the same memory and requires_grad for tensors.

    Raises RuntimeError for anything but a tuple.
    """
    if not isinstance(inputs, tuple):
        raise RuntimeError(
            "Only tuple of tensors is supported. Got Unsupported input type: "
            f"{type(inputs).__name__}"
        )
    return tuple(
        x.detach().requires_grad_(x.requires_grad) if isinstance(x, Value) else x for x in inputs
    )


def check_backward_validity(inputs: Any) -> None:
    """Warn if none of the inputs is a tensor that requires grad."""
    if not any(isinstance(x, Value) and edge_of(x) is not None for x in inputs):
        warnings.warn(
            "None of the inputs have requires_grad=True. Gradients will be None", stacklevel=2
        )


class CheckpointFunction(Function):
    """Runs a function unrecorded, and in backward again, recorded, to differentiate it."""

    @staticmethod
    def forward(ctx: Any, run_function: Any, preserve_rng_state: bool, *args: Any) -> Any:
        if not any(isinstance(x, Value) and edge_of(x) is not None for x in args):
            warnings.warn(
                "None of the inputs have requires_grad=True. Gradients will be None", stacklevel=4
            )
        ctx.run_function, ctx.preserve_rng_state = run_function, preserve_rng_state
        ctx.rng_state = get_rng_state() if preserve_rng_state else None
        ctx.inputs = [None if isinstance(x, Value) else x for x in args]
        ctx.tensor_indices = [i for i, x in enumerate(args) if isinstance(x, Value)]
        ctx.save_for_backward(*[args[i] for i in ctx.tensor_indices])
        return run_function(*args)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        if api.pruned.now:
            raise RuntimeError(
                "When use_reentrant=True, minigrad.utils.checkpoint is incompatible with .grad() "
                "or passing an `inputs` parameter to .backward(). To resolve this error, you can "
                "either set use_reentrant=False, or call .backward() without passing the `inputs` "
                "argument."
            )
        inputs = list(ctx.inputs)
        for i, x in zip(ctx.tensor_indices, ctx.saved_tensors, strict=True):
            inputs[i] = x.detach().requires_grad_(edge_of(x) is not None)
        with random_as_in(ctx.rng_state, ctx.preserve_rng_state), as_in_forward():
            outputs = ctx.run_function(*inputs)
        if isinstance(outputs, Value):
            outputs = (outputs,)
        roots, seeds = [], []
        for y, g in zip(outputs, grads, strict=False):
            if isinstance(y, Value) and edge_of(y) is not None:
                roots.append(y)
                seeds.append(g)
        if not roots:
            raise RuntimeError(
                "none of output has requires_grad=True, this checkpoint() is not necessary"
            )
        api.backward(roots, seeds)
        return None, None, *[x.grad if isinstance(x, Value) else None for x in inputs]


# Not reentrant.


class Slot:
    """Stands for a saved tensor; ``value`` is there between the repetition and its use."""

    __slots__ = ("__weakref__", "value")

    def __init__(self) -> None:
        self.value: Any = None


class Frame:
    """A checkpointed call.

    again:      runs the function once more, on its inputs.
    inputs:     these, saved as a node would save them: checked, and packed by an outer checkpoint.
    slots:      one for each tensor saved, in order; weakly: those of freed nodes are not filled.
    described:  for each of them what the repetition's must agree in.
    complete:   whether the forward is over.
    """

    def __init__(self, again: Callable[..., Any], inputs: Sequence[Any], early_stop: bool) -> None:
        self.again = again
        self.inputs = [save_outside_node(x) if isinstance(x, Value) else x for x in inputs]
        self.early_stop = early_stop
        self.slots: list[weakref.ref[Slot]] = []
        self.described: list[Any] = []
        self.complete = False
        self.names: tuple[list[str], list[str]] = ([], [])


class Done(Exception):
    """Raised to end a repetition in which all slots have been filled."""


class CheckpointInputs(Node):
    """What the inputs of a checkpointed call are saved in, for the message when they change."""

    __slots__ = ()

    def name(self) -> str:
        return "checkpoint"


INPUTS = CheckpointInputs()

DESCRIPTIONS: dict[str, Callable[[Any], Any]] = {
    "default": lambda x: {"shape": list(x.array.shape), "dtype": x.dtype},
    "none": lambda x: None,
}


class Settings(threading.local):
    """What `set_checkpoint_early_stop` and `set_checkpoint_debug_enabled` say, in this thread."""

    early_stop: bool | None = None
    debug: bool | None = None


settings = Settings()


@contextmanager
def set_checkpoint_early_stop(enable: bool) -> Iterator[None]:
    """Override ``early_stop`` of the checkpoints whose forward runs in this block."""
    previous, settings.early_stop = settings.early_stop, enable
    try:
        yield
    finally:
        settings.early_stop = previous


@contextmanager
def set_checkpoint_debug_enabled(enabled: bool | None) -> Iterator[None]:
    """Override ``debug`` of the checkpoints whose forward runs in this block."""
    previous, settings.debug = settings.debug, enabled
    try:
        yield
    finally:
        settings.debug = previous


def not_reentrant(
    function: Callable[..., Any],
    args: Sequence[Any],
    kwargs: dict[str, Any],
    preserve_rng_state: bool,
    context_fn: Callable[[], Contexts],
    determinism_check: str,
    debug: bool,
    early_stop: bool,
) -> Any:
    debug = debug if settings.debug is None else settings.debug
    if debug and context_fn is not noop_context_fn:
        raise ValueError("debug=True is incompatible with non-default context_fn")
    if determinism_check not in DESCRIPTIONS:
        raise ValueError(
            f"determinism_check should be one of {list(DESCRIPTIONS)}, but got {determinism_check}"
        )
    describe = DESCRIPTIONS[determinism_check]
    forward_context, repetition_context = context_fn()
    if not mode.grad:
        return function(*args, **kwargs)
    state = get_rng_state() if preserve_rng_state else None

    def again(*inputs: Any) -> None:
        with random_as_in(state, preserve_rng_state), repetition_context:
            function(*inputs, **kwargs)

    early_stop = early_stop if settings.early_stop is None else settings.early_stop
    frame = Frame(again, args, early_stop)

    def pack(x: Any) -> Slot:
        slot = Slot()
        frame.slots.append(weakref.ref(slot))
        frame.described.append(describe(x))
        return slot

    def unpack(slot: Slot) -> Any:
        if slot.value is None:
            repeat(frame, describe, debug)
        # Each value is used once and forgotten: a second pass over the graph repeats the call.
        x, slot.value = slot.value, None
        return x

    with saved_tensors_hooks(pack, unpack), forward_context, named(frame.names[0], debug):
        result = function(*args, **kwargs)
    frame.complete = True
    return result


def repeat(frame: Frame, describe: Callable[[Any], Any], debug: bool) -> None:
    """Run a checkpointed call again, and fill the slots that are still asked for."""
    inputs = [x.tensor(INPUTS) if isinstance(x, Saved) else x for x in frame.inputs]
    count = 0
    more = False
    found: list[Any] = []

    def pack(x: Any) -> Any:
        nonlocal count, more
        kept = x.detach() if edge_of(x) is not None else x
        count += 1
        if count > len(frame.slots):
            if frame.complete:
                raise CheckpointError(
                    "minigrad.utils.checkpoint: trying to save more tensors during recomputation "
                    "than during the original forward pass.\n" + tip(frame, debug)
                )
            more = True  # a backward inside the call: the forward had not come so far
            return kept
        slot = frame.slots[count - 1]()
        found.append(None if slot is None else describe(kept))
        if slot is not None:
            slot.value = kept
        if frame.early_stop and count == len(frame.slots):
            raise Done
        return kept

    frame.names[1].clear()
    hooks = saved_tensors_hooks(pack, lambda x: x)
    with hooks, as_in_forward(), named(frame.names[1], debug), suppress(Done):
        frame.again(*inputs)
    if more:
        return
    if count != len(frame.slots):
        raise CheckpointError(
            "minigrad.utils.checkpoint: A different number of tensors was saved during the "
            f"original forward and recomputation.\nNumber of tensors saved during forward: "
            f"{len(frame.slots)}\nNumber of tensors saved during recomputation: {count}.\n"
            + tip(frame, debug)
        )
    wrong = [
        f"tensor at position {i}:\nsaved metadata: {was}\nrecomputed metadata: {now}\n"
        for i, (was, now) in enumerate(zip(frame.described, found, strict=True))
        if now is not None and was != now
    ]
    if wrong:
        raise CheckpointError(
            "minigrad.utils.checkpoint: Recomputed values for the following tensors have different "
            "metadata than during the forward pass.\n" + "".join(wrong) + tip(frame, debug)
        )


@contextmanager
def named(names: list[str], wanted: bool) -> Iterator[None]:
    """While the block runs, note the names of the nodes that it records."""
    if not wanted:
        yield
        return

    def watcher(node: Node) -> None:
        names.append(node.name())

    watch(watcher, first=True)
    try:
        yield
    finally:
        unwatch(watcher)


def tip(frame: Frame, debug: bool) -> str:
    if not debug:
        return "The function went another way the second time. Pass debug=True to see both."
    first, second = frame.names
    return (
        f"Operations executed during the original forward:\n{', '.join(first)}\n"
        f"Operations executed during recomputation:\n{', '.join(second)}"
    )
