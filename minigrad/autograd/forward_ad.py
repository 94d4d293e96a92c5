"""Dual numbers: tensors that carry a tangent through a computation.

    with dual_level():
        dual = make_dual(x, v)
        y, jvp = unpack_dual(f(dual))           # jvp is J v

How it is done. An operator here declares one derivative, its vector-Jacobian product; a forward
mode would need a second one for each. But the product g(u) = u J is linear in u, and its own
derivative is J transposed, so that two backward passes make J v: the first, recorded, from the
output to the dual tensors, for a u that requires grad; the second from there to u. It is the
*double-backward trick*, and torch's own ``autograd.functional.jvp``. (A `Function` with a ``jvp``
of its own has that in the place of the second pass.) Correct wherever the rules
can be differentiated again, which all of minigrad's can; the price is that what happens in a
level is recorded in any case, so there is no saving of memory as in a true forward mode.

Its limits. A tangent would be lost, silently, where something is computed from dual tensors and
not recorded. A level therefore refuses, with a RuntimeError,

    no_grad() inside of a level (around it is fine)
    a backward pass through dual tensors without ``create_graph=True``
    a tangent written to between ``make_dual`` and ``unpack_dual``

And one difference can be seen: dual tensors, and what is computed from them, require grad.
Levels do not nest, as in torch; `minigrad.func.jvp` does.
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from minigrad.autograd.api import grad
from minigrad.autograd.function import Error, Function, FunctionNode
from minigrad.autograd.hooks import shape_and_dtype
from minigrad.autograd.modes import forward
from minigrad.autograd.node import Node
from minigrad.autograd.primitive import primitive
from minigrad.autograd.recording import unwatch, watch
from minigrad.autograd.value import edge_of, mode, wrap

__all__ = [
    "UnpackedDualTensor",
    "dual_level",
    "enter_dual_level",
    "exit_dual_level",
    "make_dual",
    "unpack_dual",
]


class UnpackedDualTensor(NamedTuple):
    """What `unpack_dual` returns: the value, and its tangent or None."""

    primal: Any
    tangent: Any


# Aliases that are not views, so that one may write to a dual tensor. ``cut`` is the identity,
# except that it is a constant to the tangents of the level given.
_alias = primitive("AliasBackward0", lambda x: x.view(), x=lambda g: g)
cut = primitive(
    "AliasBackward0",
    lambda x, level: x.view(),
    x=lambda g, level: None if level.transposing else g,
)


class Level:
    """The dual tensors of a ``with`` block, and how to find the tangents of what they made.

    duals:  for each a tensor that its cotangent ends in, its tangent and the version of that.
    """

    def __init__(self) -> None:
        self.duals: list[tuple[Any, Any, int]] = []
        self.given: dict[Any, Any] = {}  # the same, by the node that stands for the dual tensor
        self.transposing = False

    def __enter__(self) -> Level:
        self.outside = mode.grad
        mode.grad = True
        watch(self.guard)
        forward.levels = (*forward.levels, self)
        return self

    def __exit__(self, *exception: object) -> None:
        forward.levels = tuple([level for level in forward.levels if level is not self])
        unwatch(self.guard)
        mode.grad = self.outside
        close([end for end, _, _ in self.duals])
        self.duals.clear()
        self.given.clear()

    # Guards: whoever makes a node from dual tensors makes one that refuses an unrecorded pass.

    def guard(self, node: Node) -> None:
        if any(edge is not None and self.is_dual(edge[0]) for edge in node.edges):
            self.mark(node, True)
            node.__dict__["vjp"] = Guard(self, node)

    def mark(self, target: Any, dual: bool) -> None:
        target.__dict__.setdefault("levels", {})[self] = dual

    def is_dual(self, target: Any) -> bool:
        """Whether a cotangent that arrives at this node or leaf goes on to a dual tensor."""
        stack, known = [target], False
        while stack and not known:
            each = stack.pop()
            found = each.__dict__.get("levels", {}).get(self)
            known = bool(found)
            # Nodes of other types are not watched when they are made: look behind them.
            if found is None and isinstance(each, Node) and type(each) is not Node:
                stack += [edge[0] for edge in each.edges if edge is not None]
        self.mark(target, known)
        return known

    # Dual tensors and tangents.

    def lift(self, x: Any, tangent: Any) -> Any:
        """``x`` with a tangent: a tensor that shares its memory."""
        for name, each in (("primal", x), ("tangent", tangent)):
            if each.array.dtype.kind != "f":
                raise ValueError(
                    f"Expected {name} to be floating point or complex, but got: {each.dtype}"
                )
        if x.array.shape != tangent.array.shape:
            raise RuntimeError(
                "Trying to set a forward gradient that has a different size than that of the "
                "original Tensor, this is not supported. Tensor is of size "
                f"{list(x.array.shape)} while the given forward gradient is of size "
                f"{list(tangent.array.shape)}."
            )
        edge = edge_of(tangent)  # a view may not have one any more, which is to be said at once
        if edge is not None and self.is_dual(edge[0]):
            raise RuntimeError(
                "Setting a forward grad that itself has a forward gradient at the same level"
                f"{forward.levels.index(self)} is not supported."  # torch's words have no space
            )
        edge = edge_of(x)
        if edge is not None and self.is_dual(edge[0]):
            raise RuntimeError(
                "Making a dual Tensor based on a Tensor that already has a forward gradient at the "
                f"same level {forward.levels.index(self)} is not supported."
            )
        if x.requires_grad and self.outside:
            dual = x.view_as(x)
            edge = edge_of(dual)
            assert edge is not None
            self.mark(edge[0], True)
            end = wrap(dual.array, edge)  # whatever is written to the dual, this edge stays
        else:
            end = x.detach().requires_grad_()
            self.mark(end, True)
            dual = _alias(end)
            dual.version = x.version
        self.duals.append((end, tangent, tangent.version[0]))
        self.given[edge_of(dual)] = tangent
        return dual

    def transpose(self, y: Any) -> tuple[Any, list[Any]]:
        """A cotangent u of ``y``, and for each dual tensor the cotangent u J that arrives there."""
        ends = [end for end, _, _ in self.duals]
        if not ends or not y.requires_grad:
            return None, [None] * len(ends)
        u = wrap(np.zeros(y.array.shape, y.array.dtype)).requires_grad_()
        close([u])
        self.transposing = True
        try:
            g = grad(y, ends, u, create_graph=True, allow_unused=True)
        finally:
            self.transposing = False
        check_differentiable([each for each in g if each is not None])
        return u, list(g)

    def tangent(self, u: Any, g: Sequence[Any], tangents: Sequence[Any]) -> Any:
        """The tangent of the output, from those of the dual tensors; None where there is none."""
        kept = [
            (each, t)
            for each, t in zip(g, tangents, strict=True)
            if each is not None and each.requires_grad
        ]
        if not kept:
            return None
        roots, seeds = zip(*kept, strict=True)
        ends = {u, *[end for end, _, _ in self.duals]}
        on_graph = self.outside and leads_beyond([*roots, *seeds], ends, self)
        self.transposing = True
        try:
            found = grad(roots, u, seeds, True, on_graph, allow_unused=True)[0]
        finally:
            self.transposing = False
        return None if found is None else self.outwards(found, {u})

    def lower(self, y: Any) -> tuple[Any, Any]:
        """The value of ``y`` and its tangent."""
        for _, tangent, version in self.duals:
            if tangent.version[0] != version:
                raise RuntimeError(
                    "a tangent has been modified by an inplace operation since it was given to "
                    "make_dual(). Tangents are used when they are unpacked: write to a clone()."
                )
        edge = edge_of(y)
        if edge in self.given:
            return self.outwards(y), self.given[edge]
        u, g = self.transpose(y)
        return self.outwards(y), self.tangent(u, g, [t for _, t, _ in self.duals])

    def outwards(self, y: Any, also: Iterable[Any] = ()) -> Any:
        """``y`` as a constant of this level; its history outside of the level remains."""
        ends = {*also, *[end for end, _, _ in self.duals]}
        if not self.outside or not leads_beyond([y], ends, self):
            return y.detach()
        result = cut(y, self)
        result.version = y.version
        return result


class Guard:
    """Stands for a node's ``vjp``: in a level, a pass that is not recorded would lose tangents."""

    __slots__ = ("inner", "level", "node")

    def __init__(self, level: Level, node: Node) -> None:
        self.level = level
        self.node = weakref.ref(node)
        self.inner = node.__dict__.get("vjp")  # the guard of a level around this one

    def __call__(self, cotangents: list[Any], on_graph: bool) -> Sequence[Any]:
        node = self.node()
        assert node is not None
        level = self.level
        if not on_graph and level in forward.levels and not level.transposing:
            raise RuntimeError(
                "a backward pass through dual tensors must be recorded: give it create_graph=True. "
                f"Otherwise the gradients that {node.name()} computes would lose their tangents."
            )
        if level.transposing and isinstance(node, FunctionNode) and has_jvp(node):
            return transposed(node, cotangents)
        if self.inner is not None:
            return self.inner(cotangents, on_graph)  # type: ignore[no-any-return]
        return type(node).vjp(node, cotangents, on_graph)


def has_jvp(node: FunctionNode) -> bool:
    return node._forward_cls.jvp is not Function.jvp


def transposed(node: FunctionNode, cotangents: Sequence[Any]) -> list[Any]:
    """What the first of the two passes takes from a `Function` that has a ``jvp``."""
    answers: list[Any] = [None] * len(node.edges)
    if any(g is not None for g in cotangents):
        answers = list(Transposed.apply(node, *cotangents))
    return answers


class Transposed(Function):
    """The map from a node's cotangents to those of its operands, whose transpose is ``jvp``.

    Nobody looks at the values of the first pass, only at what they are derived from: they are 0.
    """

    @staticmethod
    def forward(ctx: Any, node: FunctionNode, *cotangents: Any) -> Any:
        ctx.node, ctx.given = node, [g is not None for g in cotangents]
        ctx.set_materialize_grads(False)
        return tuple(
            [None if e is None else wrap(np.zeros(*shape_and_dtype(e))) for e in node.edges]
        )

    @staticmethod
    def backward(ctx: Any, *tangents: Any) -> Any:
        found = ctx.node.jvp(tangents)
        return None, *[t if given else None for t, given in zip(found, ctx.given, strict=True)]


def behind(tensors: Iterable[Any]) -> Iterator[Any]:
    """The nodes and leaves that a backward pass from ``tensors`` could visit."""
    reached: set[Any] = set()
    stack = [edge[0] for edge in map(edge_of, tensors) if edge is not None]
    while stack:
        target = stack.pop()
        if target not in reached:
            reached.add(target)
            yield target
            if isinstance(target, Node):
                stack += [edge[0] for edge in target.edges if edge is not None]
            if isinstance(target, FunctionNode) and target._forward_cls is Transposed:
                # What jvp computes depends on its operands, too.
                stack += [edge[0] for edge in target.ctx.node.edges if edge is not None]


def leads_beyond(tensors: Sequence[Any], ends: set[Any], inner: Level | None = None) -> bool:
    """Whether the gradients of ``tensors`` arrive at leaves other than ``ends`` and closed ones.

    Or at dual tensors of a level, but for the ``inner`` one: these may have no leaves behind them.
    """
    targets = [edge[0] for edge in map(edge_of, tensors) if edge is not None]
    if any(
        level is not inner and level.is_dual(target)
        for level in forward.levels
        for target in targets
    ):
        return True
    return any(
        not (isinstance(each, Node) or each in ends or "closed" in each.__dict__)
        for each in behind(tensors)
    )


def close(leaves: Iterable[Any]) -> None:
    """Mark leaves of a level that has ended: nobody will ask for the gradients there."""
    for each in leaves:
        each.__dict__["closed"] = True


def check_differentiable(gradients: Iterable[Any]) -> None:
    """Refuse to differentiate gradients of a `once_differentiable` backward.

    Their graph ends there, so that a pass to the inputs would find a part, or 0.
    """
    if any(isinstance(each, Error) for each in behind(gradients)):
        raise RuntimeError(
            "trying to differentiate twice a function that was marked with @once_differentiable"
        )


class dual_level:
    """Where dual tensors live: a context manager, and a decorator of functions.

    When it ends the tangents are gone. Raises RuntimeError inside another one.
    """

    def __enter__(self) -> int:
        return enter_dual_level()

    def __exit__(self, *exception: object) -> None:
        exit_dual_level()

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            with dual_level():
                return function(*args, **kwargs)

        return wrapper


class Dual(Level):
    """A level entered with `dual_level`; those of `minigrad.func` keep to themselves."""


def current(level: int | None = None) -> Dual | None:
    entered = [each for each in forward.levels if isinstance(each, Dual)]
    return entered[0] if entered and level in (None, 0) else None


def enter_dual_level() -> int:
    """Begin a level, and return its number, which is 0."""
    if current() is not None:
        raise RuntimeError("Nested forward mode AD is not supported at the moment")
    Dual().__enter__()
    return 0


def exit_dual_level(*, level: int | None = None) -> None:
    """End the level: the tangents are gone."""
    entered = current()
    if entered is None and level is None:
        raise RuntimeError("Dual level must be a positive number. There is none to exit.")
    if entered is None or level not in (None, 0):
        raise RuntimeError(
            "Trying to exit a forward AD level that was not the last one that was created. This "
            "is not supported."
        )
    entered.__exit__()


def make_dual(tensor: Any, tangent: Any, *, level: int | None = None) -> Any:
    """A tensor with the value of ``tensor``, sharing its memory, that carries ``tangent``.

    Both are of one shape and of a floating-point dtype. Raises RuntimeError outside of a level,
    and for a tensor that has a tangent already.
    """
    entered = current(level)
    if entered is None:
        raise RuntimeError(
            "Trying to create a dual Tensor for forward AD but no level exists, make sure to "
            "enter_dual_level() first."
        )
    return entered.lift(tensor, tangent)


def unpack_dual(tensor: Any, *, level: int | None = None) -> UnpackedDualTensor:
    """The value of a tensor and its tangent: None if it depends on no dual tensor.

    Both are constants of the level, and differentiable with respect to what is outside of it.
    """
    entered = current(level)
    return UnpackedDualTensor(*((tensor, None) if entered is None else entered.lower(tensor)))
