"""Anomaly detection: where was the operation whose backward fails, or returns NaN?

    with detect_anomaly():
        y = (-x).sqrt().sum()
        y.backward()        # RuntimeError: Function 'SqrtBackward0' returned nan values ...
                            # and before it, as a warning, the traceback of the call of sqrt

While it is on, each new node keeps the traceback of the call that made it, each write in place its
line, and the nodes' ``vjp`` is exchanged for one that looks at its results. So the error of a value
that was modified in place names the line that saved it and the line that changed it, and that of a
second backward the line of the first. While it is off there is nothing of this.
"""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigrad.autograd.hooks import operand_edges
from minigrad.autograd.node import Node
from minigrad.autograd.places import Place, here, keeping
from minigrad.autograd.recording import unwatch, watch
from minigrad.autograd.value import Value, mode
from minigrad.autograd.views import CopySlices
from minigrad.errors import outside


class State:
    """Whether detection is on, for all threads as in torch, and the ``vjp`` that were exchanged."""

    enabled = False
    check_nan = True

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.originals: dict[type[Node], Callable[..., Any]] = {}


class Running(threading.local):
    """The node whose rule runs in this thread, and the one inside it that it answers for."""

    node: Node | None = None
    inner: Node | None = None


state, running = State(), Running()


def is_anomaly_enabled() -> bool:
    """Whether anomaly detection is on."""
    return state.enabled


def is_anomaly_check_nan_enabled() -> bool:
    """Whether anomaly detection, when on, also looks for NaN."""
    return state.check_nan


def set_anomaly_enabled(enabled: bool, check_nan: bool = True) -> None:
    """Switch detection on or off. Tracebacks are kept of the calling thread's operations."""
    with state.lock:
        state.check_nan = bool(check_nan)
        if enabled != state.enabled:
            state.enabled = bool(enabled)
            if enabled:
                exchange(Node)
                keeping.append(None)
            else:
                keeping.clear()
                for kind, vjp in state.originals.items():
                    kind.vjp = vjp  # type: ignore[method-assign]
                state.originals.clear()
    if enabled and remember not in mode.watchers:
        watch(remember, first=True)
    elif not enabled and remember in mode.watchers:
        unwatch(remember)


def exchange(kind: type[Node]) -> None:
    """Have the ``vjp`` of a class of nodes, and of those derived from it, checked."""
    if "vjp" in kind.__dict__ and kind not in state.originals:
        state.originals[kind] = kind.vjp
        kind.vjp = checked(kind.vjp)  # type: ignore[method-assign]
    for derived in kind.__subclasses__():
        exchange(derived)


def checked(vjp: Callable[..., Any]) -> Callable[..., Any]:
    """``vjp`` with a look at its results, and a word on where the node comes from if it fails."""

    def wrapper(node: Any, cotangents: list[Any], on_graph: bool) -> Sequence[Any]:
        if node is running.node or node is running.inner:
            return vjp(node, cotangents, on_graph)  # type: ignore[no-any-return]
        outside = running.node, running.inner
        running.node = node
        running.inner = node.write if isinstance(node, CopySlices) else None
        try:
            answers = list(vjp(node, cotangents, on_graph))
            if state.check_nan:
                refuse_nan(node, answers)
            metadata(node)["backward_"] = here()
            return answers
        except Exception:
            report(node)
            raise
        finally:
            running.node, running.inner = outside

    return wrapper


def refuse_nan(node: Node, answers: Sequence[Any]) -> None:
    for i, position in enumerate(operand_edges(node)):
        if position is None or node.edges[position] is None:
            continue
        g = answers[position]
        if g is not None and np.isnan(g.array if isinstance(g, Value) else g).any():
            raise RuntimeError(
                f"Function '{node.name()}' returned nan values in its {i}th output. The warning "
                "before this error shows the call whose backward this was."
            )


def remember(node: Node) -> None:
    """Watcher: keep where ``node`` was made, and by whose backward if it was one's."""
    if not state.enabled:
        return  # another thread has switched it off
    for kind in type(node).__mro__:
        if "vjp" in kind.__dict__ and kind not in state.originals:  # of a module imported since
            with state.lock:
                if state.enabled:
                    exchange(kind)
    frame, _ = outside(sys._getframe(1))
    kept: dict[str, Any] = node.__dict__.setdefault("_metadata", {})
    import traceback  # minigrad is imported faster without it

    kept["traceback_"] = traceback.format_stack(frame)
    kept["place_"] = Place(frame.f_code, frame.f_lasti)
    if running.node is not None:
        kept["parent_"] = running.node


def report(node: Node) -> None:
    """Warn of where a node that failed was made, and the nodes whose backward made it."""
    kept = metadata(node)
    if "traceback_" not in kept:
        warnings.warn(
            f"Error detected in {node.name()}. No forward pass information available. Enable "
            "detect anomaly during forward pass for more information.",
            stacklevel=2,
        )
        return
    warnings.warn(
        f"Error detected in {node.name()}. Traceback of forward call that caused the error:\n"
        + "".join(kept["traceback_"]),
        stacklevel=2,
    )
    while (parent := kept.get("parent_")) is not None:
        kept = metadata(parent)
        warnings.warn(
            f"\n\nPrevious calculation was induced by {parent.name()}. Traceback of forward call "
            "that induced the previous calculation:\n"
            + "".join(kept.get("traceback_", ["(not known)\n"])),
            stacklevel=2,
        )


def metadata(node: Node) -> dict[str, Any]:
    if isinstance(node, CopySlices):
        node = node.write
    kept: dict[str, Any] = node.__dict__.setdefault("_metadata", {})
    return kept


class detect_anomaly:
    """In this block, a backward that fails says which call of the forward it belongs to.

    check_nan: also fail where a backward returns NaN.

    The forward must run inside as well. It is slow: switch it on to search for an error only.
    """

    def __init__(self, check_nan: bool = True) -> None:
        self.previous = state.enabled, state.check_nan
        self.check_nan = check_nan
        warnings.warn(
            "Anomaly Detection has been enabled. This mode will increase the runtime and should "
            "only be enabled for debugging.",
            stacklevel=2,
        )

    def __enter__(self) -> None:
        set_anomaly_enabled(True, self.check_nan)

    def __exit__(self, *exception: object) -> None:
        set_anomaly_enabled(*self.previous)


class set_detect_anomaly:
    """Switch anomaly detection on or off: at once as a function, for the block as a context
    manager. See `detect_anomaly`."""

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self.previous = state.enabled, state.check_nan
        set_anomaly_enabled(mode, check_nan)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exception: object) -> None:
        set_anomaly_enabled(*self.previous)
