"""Nested tuples, lists and dicts of tensors, taken apart into their leaves and put together again.

    leaves, spec = flatten({"a": x, "b": (y, z)})     [x, y, z], {'a': *, 'b': (*, *)}
    unflatten(leaves, spec)

Named tuples, ordered dicts, dicts with a default and deques keep their type. Everything else is a
leaf, None too, but for the classes that have been registered.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from minigrad.return_types import ReturnType


class Spec:
    """The structure without the leaves. Two are equal if types, keys and lengths are."""

    __slots__ = ("keys", "kind", "parts", "setting")

    def __init__(
        self, kind: Any = None, keys: Any = None, parts: Sequence[Spec] = (), setting: Any = None
    ) -> None:
        self.kind = kind  # the type of the container, None for a leaf
        self.keys = keys  # of a dict
        self.parts = tuple(parts)
        self.setting = setting  # what makes a default, the most that a deque holds, the context

    @property
    def num_leaves(self) -> int:
        """The number of leaves."""
        return 1 if self.kind is None else sum(part.num_leaves for part in self.parts)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Spec)
            and self.kind is other.kind
            and self.keys == other.keys
            and self.parts == other.parts
            and self.setting == other.setting
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        if self.kind is None:
            return "*"
        parts = [repr(part) for part in self.parts]
        if self.keys is not None:
            pairs = zip(self.keys, parts, strict=True)
            return "{" + ", ".join([f"{key!r}: {part}" for key, part in pairs]) + "}"
        inside = ", ".join(parts)
        if self.kind is list:
            return f"[{inside}]"
        return f"({inside},)" if len(parts) == 1 else f"({inside})"


LEAF = Spec()

# Of each class that has been registered, what takes an instance apart, into its parts and a context
# that remains as it is, and what makes one of them.
registered: dict[type, tuple[Callable[[Any], Any], Callable[[Any, Any], Any]]] = {}


def children(tree: Any) -> tuple[Any, Any, list[Any]]:
    """(type, keys, parts) of a container; the type is None for a leaf."""
    kind = type(tree)
    if kind in registered:
        return kind, None, list(registered[kind][0](tree)[0])
    if kind in (dict, OrderedDict, defaultdict):
        return kind, list(tree), list(tree.values())
    named = isinstance(tree, ReturnType) or (isinstance(tree, tuple) and hasattr(tree, "_fields"))
    if kind in (tuple, list, deque) or named:
        return kind, None, list(tree)
    return None, None, []


def flatten(tree: Any, is_leaf: Any = None) -> tuple[list[Any], Spec]:
    """The leaves from left to right, and the structure; ``is_leaf`` may say where to stop."""
    kind, keys, parts = children(tree)
    if kind is None or (is_leaf is not None and is_leaf(tree)):
        return [tree], LEAF
    found = [flatten(part, is_leaf) for part in parts]
    leaves = [leaf for each, _ in found for leaf in each]
    return leaves, Spec(kind, keys, [spec for _, spec in found], setting(tree))


def setting(tree: Any) -> Any:
    """What makes the default of a dict, the most that a deque holds, the context of others."""
    if type(tree) in registered:
        return registered[type(tree)][0](tree)[1]
    return getattr(tree, "default_factory", None) or getattr(tree, "maxlen", None)


def unflatten(leaves: Sequence[Any], spec: Spec) -> Any:
    """The tree of that structure with these leaves."""
    return build(iter(leaves), spec)


def build(leaves: Iterator[Any], spec: Spec) -> Any:
    if spec.kind is None:
        return next(leaves)
    parts = [build(leaves, part) for part in spec.parts]
    if spec.keys is not None:
        pairs = zip(spec.keys, parts, strict=True)
        return defaultdict(spec.setting, pairs) if spec.kind is defaultdict else spec.kind(pairs)
    if spec.kind in registered:
        return registered[spec.kind][1](parts, spec.setting)
    if spec.kind is deque:
        return deque(parts, spec.setting)
    return spec.kind(*parts) if hasattr(spec.kind, "_fields") else spec.kind(parts)


def spread(tree: Any, spec: Spec) -> list[Any] | None:
    """One leaf of ``tree`` for each leaf of ``spec``, repeated for all that is below it.

    None where ``tree`` branches otherwise than ``spec``.
    """
    kind, keys, parts = children(tree)
    if kind is None:
        return [tree] * spec.num_leaves
    if kind is not spec.kind or keys != spec.keys or len(parts) != len(spec.parts):
        return None
    found: list[Any] = []
    for part, below in zip(parts, spec.parts, strict=True):
        leaves = spread(part, below)
        if leaves is None:
            return None
        found += leaves
    return found
