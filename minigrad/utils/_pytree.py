"""torch's names for the functions that take trees of tensors apart: see `minigrad.trees`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minigrad import trees
from minigrad.trees import LEAF, Spec

__all__ = [
    "PyTree",
    "TreeSpec",
    "register_pytree_node",
    "tree_all",
    "tree_any",
    "tree_flatten",
    "tree_iter",
    "tree_leaves",
    "tree_map",
    "tree_map_",
    "tree_map_only",
    "tree_structure",
    "tree_unflatten",
]

PyTree = Any
TreeSpec = Spec


def register_pytree_node(
    cls: type,
    flatten_fn: Callable[[Any], tuple[Any, Any]],
    unflatten_fn: Callable[[Any, Any], Any],
    **settings: Any,
) -> None:
    """Let instances of ``cls`` be inner nodes, here and for `minigrad.func`.

    flatten_fn:   returns an instance's parts, and a context, what else makes it; two trees are
                  alike only if their contexts are equal.
    unflatten_fn: makes an instance of parts and a context.
    settings:     torch's for saving structures, which are not needed.

    Raises ValueError if the class is registered already.
    """
    if cls in trees.registered:
        raise ValueError(f"{cls} is already registered as pytree node.")
    trees.registered[cls] = flatten_fn, unflatten_fn


def tree_flatten(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> tuple[list[Any], Spec]:
    """The leaves from left to right, and the structure; what ``is_leaf`` says True of is a leaf."""
    return trees.flatten(tree, is_leaf)


def tree_unflatten(leaves: Any, treespec: Spec) -> Any:
    """The tree of that structure with these leaves; ValueError if they are too few or too many."""
    leaves = list(leaves)
    if not isinstance(treespec, Spec):
        raise TypeError(
            "Expected `treespec` to be an instance of PyTreeSpec but got item of type "
            f"{type(treespec)}."
        )
    if len(leaves) != treespec.num_leaves:
        raise ValueError(
            f"treespec.unflatten(leaves): `leaves` has length {len(leaves)} but the spec "
            f"refers to a pytree that holds {treespec.num_leaves} items ({treespec})."
        )
    return trees.unflatten(leaves, treespec)


def tree_leaves(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> list[Any]:
    """The leaves from left to right."""
    return tree_flatten(tree, is_leaf)[0]


def tree_iter(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> Any:
    """An iterator over the leaves."""
    return iter(tree_leaves(tree, is_leaf))


def tree_structure(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> Spec:
    """The structure without the leaves."""
    return tree_flatten(tree, is_leaf)[1]


def tree_map(
    func: Callable[..., Any],
    tree: Any,
    *rests: Any,
    is_leaf: Callable[[Any], bool] | None = None,
) -> Any:
    """The tree of ``func(leaf, *others)``, of each leaf and what is in its place in ``rests``.

    What is in its place may be a tree itself. Raises ValueError where the others branch otherwise.
    """
    leaves, spec = tree_flatten(tree, is_leaf)
    others = [flatten_up_to(spec, rest) for rest in rests]
    return trees.unflatten([func(*each) for each in zip(leaves, *others, strict=True)], spec)


def tree_map_(
    func: Callable[..., Any],
    tree: Any,
    *rests: Any,
    is_leaf: Callable[[Any], bool] | None = None,
) -> Any:
    """Call ``func`` as `tree_map` does, for its effect; returns ``tree``."""
    tree_map(func, tree, *rests, is_leaf=is_leaf)
    return tree


def tree_map_only(
    type_or_types: Any,
    func: Callable[[Any], Any],
    tree: Any,
    is_leaf: Callable[[Any], bool] | None = None,
) -> Any:
    """`tree_map` of the leaves of that type, or for which that function is true; others stay."""
    wanted = (
        type_or_types
        if callable(type_or_types) and not isinstance(type_or_types, type)
        else lambda leaf: isinstance(leaf, type_or_types)
    )
    return tree_map(lambda leaf: func(leaf) if wanted(leaf) else leaf, tree, is_leaf=is_leaf)


def tree_all(
    pred: Callable[[Any], bool], tree: Any, is_leaf: Callable[[Any], bool] | None = None
) -> bool:
    """Whether ``pred`` is true of all leaves."""
    return all(map(pred, tree_iter(tree, is_leaf)))


def tree_any(
    pred: Callable[[Any], bool], tree: Any, is_leaf: Callable[[Any], bool] | None = None
) -> bool:
    """Whether ``pred`` is true of some leaf."""
    return any(map(pred, tree_iter(tree, is_leaf)))


def flatten_up_to(spec: Spec, tree: Any) -> list[Any]:
    """What stands in ``tree`` where ``spec`` has its leaves."""
    if spec is LEAF:
        return [tree]
    kind, keys, parts = trees.children(tree)
    if kind is not spec.kind and (keys is None or spec.keys is None):
        raise ValueError(f"Node type mismatch; expected {spec.kind}, but got {type(tree)}.")
    if len(parts) != len(spec.parts):
        raise ValueError(f"Node arity mismatch; expected {len(spec.parts)}, but got {len(parts)}.")
    if keys is not None:
        missing, extra = set(spec.keys) - set(keys), set(keys) - set(spec.keys)
        if missing or extra:
            told = {"missing": missing, "extra": extra}
            words = [f"{word} key(s): {which}" for word, which in told.items() if which]
            raise ValueError("Node keys mismatch; " + "; ".join(words) + ".")
        parts = [tree[key] for key in spec.keys]
    pairs = zip(spec.parts, parts, strict=True)
    return [leaf for below, part in pairs for leaf in flatten_up_to(below, part)]
