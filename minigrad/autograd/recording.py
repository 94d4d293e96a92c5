"""For modules that make nodes of their own, or that look at every node there is made."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from minigrad.autograd.node import Node
from minigrad.autograd.primitive import next_number, watched
from minigrad.autograd.value import Value, mode

Watcher = Callable[[Node], None]


def watch(watcher: Watcher, first: bool = False) -> None:
    """Call ``watcher`` with every node that this thread records, until `unwatch`.

    Those that watch already are called before it, unless it is to be the ``first``.
    """
    mode.watchers = (watcher, *mode.watchers) if first else (*mode.watchers, watcher)
    watched.append(None)


def unwatch(watcher: Watcher) -> None:
    mode.watchers = tuple([other for other in mode.watchers if other != watcher])
    watched.pop()


def announce(node: Node) -> None:
    """Show a finished node to all that watch."""
    if watched:
        for watcher in mode.watchers:
            watcher(node)


def lead_to(node: Node, results: Sequence[Value], differentiable: int | None = None) -> None:
    """Make ``node`` the producer of ``results``, or only of the first so many."""
    node.number = next_number()
    node.outputs = tuple([(x.array.shape, x.array.dtype) for x in results])
    for i, x in enumerate(results[:differentiable]):
        x.edge = (node, i)
