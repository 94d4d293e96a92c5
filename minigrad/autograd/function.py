"""Operations that a user differentiates by hand: `Function`, its context, and its node.

    class Cube(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return g * 3 * x**2

    y = Cube.apply(x)       # y.grad_fn is a CubeBackward

``forward`` runs unrecorded; then its outputs get an edge to one node, whose vector-Jacobian
product is ``backward``. A node and its context are two objects, so that whatever name a user
gives to an attribute of ``ctx`` cannot be one that the engine uses. Each shows the other's.
"""

from __future__ import annotations

import functools
import inspect
import warnings
import weakref
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from minigrad.autograd.backward import copied_axes
from minigrad.autograd.graph import Recorded
from minigrad.autograd.hooks import as_tensor, shape_and_dtype
from minigrad.autograd.inplace import check_write, requires_grad
from minigrad.autograd.modes import unrecorded
from minigrad.autograd.node import Node, Saved, SavedOutput
from minigrad.autograd.places import keeping, note_write
from minigrad.autograd.primitive import next_number, watched
from minigrad.autograd.recording import announce
from minigrad.autograd.saved import SavedTensor
from minigrad.autograd.value import LEAF, Value, edge_of, mode, wrap
from minigrad.autograd.views import CUSTOM, SEVERAL, View, as_view, rebase
from minigrad.errors import freed_graph


class FunctionCtx:
    """What ``forward`` leaves for ``backward``: saved tensors, marks, and any attribute."""

    to_save: tuple[Any, ...] = ()
    saved_for_forward: tuple[Any, ...] = ()
    dirty_tensors: tuple[Any, ...] = ()
    non_differentiable: tuple[Any, ...] = ()
    materialize_grads: bool = True
    needs_input_grad: tuple[bool, ...] = ()
    # A weak reference: the node owns its context.
    _node: Callable[[], FunctionNode | None] | None = None

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep tensors (or None) for ``backward``, which finds them in ``saved_tensors``.

        They are checked there for in-place writes, freed after the pass, and make no reference
        cycle, even if they are outputs; an attribute of ctx has none of this. The last call counts.
        """
        self.to_save = tensors

    def save_for_forward(self, *tensors: Any) -> None:
        """Keep tensors (or None) for ``jvp``, which finds them in ``saved_tensors``."""
        for x in tensors:
            if not (x is None or isinstance(x, Value)):
                raise AssertionError(
                    "save_for_forward expects all arguments to be tensors; you should save "
                    "non-tensors as attributes on ctx."
                )
        self.saved_for_forward = tensors

    def mark_dirty(self, *tensors: Any) -> None:
        """Say which inputs ``forward`` has written to. It must also return them."""
        self.dirty_tensors = tensors

    def mark_non_differentiable(self, *tensors: Any) -> None:
        """Say which outputs have no gradient. ``backward`` gets zeros for them."""
        self.non_differentiable = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """Whether ``backward`` gets zeros (the default) or None for outputs nothing reached."""
        if not isinstance(value, bool):
            raise TypeError(
                "set_materialize_grads received an invalid combination of arguments - got (), but "
                f"expected (bool), not {type(value).__name__}"
            )
        self.materialize_grads = value

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """The tensors given to `save_for_backward`.

        Raises RuntimeError if one of them has been written to, or after a pass has freed them.
        """
        if self._node is None:
            return ()
        node = self._node()
        if node is None or node.saved is None:
            raise freed_graph(node or self)
        return tuple([s.tensor(node) if isinstance(s, Saved) else s for s in node.saved])

    @property
    def saved_variables(self) -> tuple[Any, ...]:
        """An old name of `saved_tensors`."""
        warnings.warn(
            "'saved_variables' is deprecated; use 'saved_tensors'", DeprecationWarning, stacklevel=2
        )
        return self.saved_tensors

    def name(self) -> str:
        """The node's name, such as ``CubeBackward``."""
        node = None if self._node is None else self._node()
        return type(self).__name__ if node is None else node.name()

    def __getattr__(self, attribute: str) -> Any:
        node = None if self._node is None else self._node()
        if node is not None and not attribute.startswith("__"):
            try:
                return object.__getattribute__(node, attribute)
            except AttributeError:
                pass
        raise AttributeError(f"{self.name()!r} object has no attribute {attribute!r}")


class FunctionOutput(SavedOutput):
    """An output of a `Function`, saved by it."""

    __slots__ = ()

    def tensor(self, node: Node) -> Any:
        value = wrap(self.array(node), (node, self.output))
        value.version = self.value.version
        return value


# What other nodes have and this one has not, whatever ctx may have by that name.
OTHERS = {"ctx", "plan", "region", "skipped", "write"}


class FunctionNode(Recorded, Node):
    """The node of a `Function`: its rule is the user's ``backward``.

    ctx:        the context.
    is_tensor:  for each input of ``forward`` whether it is a tensor; these have an edge.
    operands:   the shapes and dtypes of the tensors, where forward mode may ask for them.
    order:      None, or the order in which the edges come: for a view that ``forward`` has written
                to, first the one that leads to the view itself.
    """

    __slots__ = ("ctx", "is_tensor", "operands", "order")

    _forward_cls: ClassVar[type[Function]]
    ctx: FunctionCtx
    is_tensor: tuple[bool, ...]
    operands: list[Any]
    order: list[int] | None

    def name(self) -> str:
        return type(self).__name__

    __repr__ = object.__repr__

    def vjp(self, cotangents: list[Any], on_graph: bool) -> list[Any]:
        ctx, name = self.ctx, self.name()
        grads = []
        outputs: Any = self.outputs  # None for what is not a tensor
        for g, output in zip(cotangents, outputs, strict=True):
            if g is None and output is not None and ctx.materialize_grads:
                g = np.zeros(*output)
            grads.append(as_tensor(g))
        answers = user_backward(self._forward_cls)(ctx, *grads)
        answers = answers if isinstance(answers, tuple) else (answers,)
        expected = len(self.is_tensor)
        if all(answer is None for answer in answers[expected:]):
            answers = answers[:expected]
        if len(answers) != expected:
            raise RuntimeError(
                f"function {name} returned an incorrect number of gradients (expected {expected}, "
                f"got {len(answers)}). backward() must return one for each input of forward(), "
                "None where there is none."
            )
        results: list[Any] = []
        for i, (answer, is_tensor) in enumerate(zip(answers, self.is_tensor, strict=True)):
            if not is_tensor:
                if answer is not None:
                    raise RuntimeError(
                        f"function {name} returned a gradient different than None at position "
                        f"{i + 1}, but the corresponding forward input was not a Variable"
                    )
            elif answer is None or isinstance(answer, Value):
                results.append(answer if answer is None or on_graph else answer.array)
            else:
                raise RuntimeError(f"expected Variable or None (got {type(answer).__name__})")
        if self.order is not None:
            results = [results[i] for i in self.order]
            if results[0] is None:  # for CopySlices, which wants an answer for the view itself
                zeros = np.zeros(*self.outputs[0])
                results[0] = wrap(zeros) if on_graph else zeros
        for i, (g, edge) in enumerate(zip(results, self.edges, strict=True)):
            if edge is None:
                results[i] = None
            elif g is not None and g.shape != (shape := shape_and_dtype(edge)[0]):
                check_shape(name, i, g.shape, shape)
        return results

    def jvp(self, tangents: Sequence[Any]) -> list[Any]:
        """The tangents of the outputs by the user's ``jvp``, from those along the edges."""
        ctx = self.ctx
        if self.order is not None:
            tangents = [tangents[self.order.index(k)] for k in range(len(tangents))]
        along = iter(zip(self.operands, tangents, strict=True))
        given: list[Any] = []
        for is_tensor in self.is_tensor:
            operand, t = next(along) if is_tensor else (None, None)
            if operand is not None and t is None and ctx.materialize_grads:
                shape, dtype = operand
                t = wrap(np.zeros(shape, dtype)) if dtype.kind == "f" else None
            given.append(t if t is None else t.clone())  # jvp may write to it
        before = self.saved
        if ctx.saved_for_forward:
            self.saved = kept(ctx.saved_for_forward, self)
        try:
            answers: Any = self._forward_cls.jvp(ctx, *given)
        finally:
            self.saved = before
        answers = answers if isinstance(answers, tuple) else (answers,)
        if len(answers) != len(self.outputs):
            raise RuntimeError(
                "Function's jvp returned an invalid number of forward gradients (expected "
                f"{len(self.outputs)} but got {len(answers)})"
            )
        return list(answers)

    @property
    def _raw_saved_tensors(self) -> tuple[SavedTensor, ...]:
        """What `saved_tensors` unpacks, to put hooks on."""
        if self.saved is None:
            raise freed_graph(self)
        return tuple([SavedTensor(self, i) for i in range(len(self.saved))])

    def release(self) -> None:
        self.saved = None

    def __getattr__(self, attribute: str) -> Any:
        if not attribute.startswith("__") and attribute not in OTHERS:
            try:
                return object.__getattribute__(self.ctx, attribute)
            except AttributeError:
                pass
        raise AttributeError(f"{self.name()!r} object has no attribute {attribute!r}")


def check_shape(name: str, i: int, given: Any, shape: tuple[int, ...]) -> None:
    try:
        copied_axes(tuple(given), shape)
    except RuntimeError:
        raise RuntimeError(
            f"Function {name} returned an invalid gradient at index {i} - got {list(given)} but "
            f"expected shape compatible with {list(shape)}"
        ) from None


def user_backward(function: type[Function]) -> Callable[..., Any]:
    """What the user has called ``backward``, or ``vjp``, which means the same."""
    own, vjp = function.backward, function.vjp
    if own is not Function.backward and vjp is not Function.vjp:
        raise RuntimeError(
            "Implementing both 'backward' and 'vjp' for a custom Function is not allowed. You "
            "should only implement one of them."
        )
    return own if vjp is Function.vjp else vjp


def _no_backward(ctx: Any, *grad_outputs: Any) -> Any:
    raise NotImplementedError(
        "You must implement either the backward or vjp method for your custom autograd.Function "
        "to use it with backward mode AD."
    )


class Function(FunctionCtx):
    """The base class of operations with a derivative given by hand; used by its `apply`.

    A subclass has static methods ``forward(ctx, *args)`` and ``backward(ctx, *grad_outputs)``; or
    ``forward(*args)`` and ``setup_context(ctx, inputs, output)``, which keeps the mathematics and
    what is kept for backward apart.
    """

    _backward_cls: ClassVar[type[FunctionNode]]

    def __init_subclass__(cls, **settings: Any) -> None:
        super().__init_subclass__(**settings)
        attributes = {"__module__": __name__, "__slots__": (), "_forward_cls": cls}
        cls._backward_cls = type(cls.__name__ + "Backward", (FunctionNode,), attributes)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        warnings.warn(
            f"{type(self)} should not be instantiated. Methods on autograd functions are all "
            "static, so you should invoke them on the class itself: "
            f"{type(self).__name__}.apply(...).",
            DeprecationWarning,
            stacklevel=2,
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(
            "Legacy autograd function with non-static forward method is deprecated. Make forward "
            f"and backward static methods, and call {type(self).__name__}.apply(...)."
        )

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """Compute the outputs: a tensor or a tuple of tensors and other things."""
        raise NotImplementedError(
            "You must implement the forward function for custom autograd.Function."
        )

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> Any:
        """Keep what ``backward`` needs, where ``forward`` takes no ctx."""
        raise NotImplementedError("setup_context is not implemented.")

    # From the cotangents of the outputs, return those of the inputs.
    backward = staticmethod(_no_backward)
    vjp = staticmethod(_no_backward)

    @staticmethod
    def jvp(ctx: Any, *grad_inputs: Any) -> Any:
        """From the tangents of the inputs, return those of the outputs: for forward mode."""
        raise NotImplementedError(
            "You must implement the jvp function for custom autograd.Function to use it with "
            "forward mode AD."
        )

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Run ``forward``, and record it as one node if an input requires grad.

        An input that is returned as it is comes back as a new view; one that is marked dirty comes
        back itself, with the node in its history.
        """
        ctx = FunctionCtx()
        separate = cls.setup_context is not Function.setup_context
        if separate:
            bound = inspect.signature(cls.forward).bind(*args, **kwargs)
            bound.apply_defaults()
            args, kwargs = bound.args, bound.kwargs
        elif kwargs:  # backward answers in the order of forward's parameters
            bound = inspect.signature(cls.forward).bind(ctx, *args, **kwargs)
            args, kwargs = bound.args[1:], bound.kwargs
        inputs = (*args, *kwargs.values())
        is_tensor = tuple([isinstance(x, Value) for x in inputs])
        tensors = [x for x in inputs if isinstance(x, Value)]
        needed = iter([requires_grad(x) for x in tensors])
        ctx.needs_input_grad = tuple([t and next(needed) for t in is_tensor])
        node = None
        if mode.grad and any(ctx.needs_input_grad):
            node = cls._backward_cls()
            node.ctx, node.saved = ctx, ()
            node.edges = [edge_of(x) for x in tensors]  # a view may make a node for that
            node.number = next_number()  # before forward, which may record for itself
            node.is_tensor, node.order = is_tensor, None
        with unrecorded():
            if separate:
                outputs = cls.forward(*args, **kwargs)
                cls.setup_context(ctx, inputs, outputs)
            else:
                outputs = cls.forward(ctx, *args, **kwargs)
        several = isinstance(outputs, tuple)
        results = outputs_on_graph(node, ctx, tensors, outputs if several else (outputs,), separate)
        if node is not None:
            if watched:
                node.operands = [(x.array.shape, x.array.dtype) for x in tensors]
            save_context(node, ctx)
        for mark in ("to_save", "dirty_tensors", "non_differentiable"):
            ctx.__dict__.pop(mark, None)
        return tuple(results) if several else results[0]


Function.__init_subclass__.__func__(Function)  # type: ignore[attr-defined]


def is_value(x: Any) -> bool:
    return isinstance(x, Value)


def contains(tensors: Sequence[Any], x: Any) -> bool:
    return any(x is other for other in tensors)


def outputs_on_graph(
    node: FunctionNode | None,
    ctx: FunctionCtx,
    inputs: Sequence[Any],
    outputs: Sequence[Any],
    separate: bool,
) -> list[Any]:
    """What `Function.apply` returns: the outputs of ``forward``, their edges led to ``node``."""
    dirty = only_tensors(ctx.dirty_tensors, "mark_dirty can only accept variables, but argument")
    fixed = only_tensors(
        ctx.non_differentiable, "mark_non_differentiable only accepts variable arguments, but got"
    )
    for x in dirty:
        if not contains(outputs, x):
            raise RuntimeError(
                "Some elements marked as dirty during the forward method were not returned as "
                "output. The inputs that are modified inplace must all be outputs of the Function."
            )
        x.version[0] += 1
        if keeping:
            note_write(x.version)
    if node is not None:
        metadata: Any = [(x.array.shape, x.array.dtype) if is_value(x) else None for x in outputs]
        node.outputs = tuple(metadata)
    results: list[Any] = []
    differentiable = 0
    for i, x in enumerate(outputs):
        if not isinstance(x, Value):
            results.append(x)
            continue
        is_input, is_dirty = contains(inputs, x), contains(dirty, x)
        y = x
        if node is None or contains(fixed, x) or x.array.dtype.kind != "f":
            if x.requires_grad:
                if is_input or not isinstance(x.edge, View):
                    y = wrap(x.array)  # x itself goes on requiring grad
                    y.version = x.version
            elif is_input and not is_dirty:
                y = as_view(wrap(x.array), x, CUSTOM)
        else:
            differentiable += 1
            if is_dirty:
                written(node, i, x, inputs, len(outputs))
            elif is_input:
                if separate and contains(ctx.to_save, x):
                    raise RuntimeError(
                        "An input that has been returned as-is as output is being saved for "
                        "backward. This is not supported if you override setup_context. You "
                        "should return and save a view of the input instead, e.g. with "
                        "x.view_as(x) or setup ctx inside the forward function itself."
                    )
                y = as_view(wrap(x.array, (node, i)), x, CUSTOM)
            elif isinstance(x.edge, View):
                x.edge.edge, x.edge.seen = (node, i), x.version[0]
            else:
                x.edge = (node, i)
        if isinstance(y.edge, View) and not (is_input and is_dirty):
            y.edge.kind = CUSTOM
        results.append(y)
    if differentiable > 1:
        for y in results:
            if isinstance(y, Value) and isinstance(y.edge, View):
                y.edge.kind = SEVERAL
    return results


def only_tensors(tensors: Sequence[Any], complaint: str) -> Sequence[Any]:
    for i, x in enumerate(tensors):
        if not isinstance(x, Value):
            raise RuntimeError(f"{complaint} {i} is of type {type(x).__name__}")
    return tensors


def written(
    node: FunctionNode, i: int, x: Any, inputs: Sequence[Any], number_of_outputs: int
) -> None:
    """Give ``x``, which ``forward`` has written to, its new history."""
    edge = x.edge
    if edge is LEAF or (isinstance(edge, View) and edge.leaf and edge.edge is None):
        raise RuntimeError(
            "a leaf Variable that requires grad has been used in an in-place operation. Give the "
            "Function a clone(), or run it under minigrad.no_grad()."
        )
    if not contains(inputs, x):
        warnings.warn(
            "ctx.mark_dirty() received a tensor that was not an input. Only input Tensors that "
            "have been mutated should be passed to ctx.mark_dirty().",
            stacklevel=4,
        )
    x.grad = None  # a gradient that was retained is that of the old value
    if not isinstance(edge, View):
        x.edge = (node, i)
        if x.hooks is not None:
            x.hooks.moved(x)
        return
    if number_of_outputs > 1:
        raise RuntimeError(
            "If your Function modifies inplace an input that is a view of another Tensor, your "
            "Function cannot return more than one Tensor. This is not supported by the current "
            "autograd engine. You should either make sure the input is not a view (using .clone() "
            "for example) or make your Function only return one Tensor (potentially splitting it "
            "into two Functions: one doing the inplace that returns a single Tensor and a second "
            "one that does the other operations)."
        )
    check_write(x)
    # CopySlices wants the edge to the view first. (torch takes whichever comes first for it.)
    at = next((k for k, other in enumerate(inputs) if other is x), None)
    if at is not None and node.edges[at] is not None:
        node.order = [at, *[k for k in range(len(inputs)) if k != at]]
        node.edges = [node.edges[k] for k in node.order]
    rebase(x, node, skipped=int(node.order is not None))
    if x.hooks is not None:
        x.hooks.moved(x)


def save_context(node: FunctionNode, ctx: FunctionCtx) -> None:
    """Keep what ctx was asked to."""
    node.saved = kept(ctx.to_save, node)
    ctx._node = weakref.ref(node)
    announce(node)


def kept(tensors: Sequence[Any], node: FunctionNode) -> list[Any]:
    """Tensors as ``node`` saves them; its own outputs without their edge, which leads to it."""
    saved: list[Any] = []
    for i, x in enumerate(tensors):
        if x is None:
            saved.append(None)
        elif not isinstance(x, Value):
            raise TypeError(
                f"save_for_backward can only save variables, but argument {i} is of type "
                f"{type(x).__name__}. Set an attribute of ctx instead."
            )
        else:
            edge = edge_of(x)
            own = edge is not None and edge[0] is node
            saved.append(FunctionOutput(x, edge[1]) if own and edge is not None else Saved(x))
    return saved


class Error(Node):
    """The node that only raises: what follows a `once_differentiable` backward on the graph."""

    __slots__ = ()

    def name(self) -> str:
        return "Error"

    def vjp(self, cotangents: list[Any], on_graph: bool) -> list[Any]:
        raise RuntimeError(
            "trying to differentiate twice a function that was marked with @once_differentiable"
        )

    def release(self) -> None:
        pass


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a ``backward`` whose own derivative autograd cannot find, because it uses numpy say.

    It runs unrecorded, and whoever differentiates its result gets an error and no wrong number.
    """

    @functools.wraps(backward)
    def wrapper(ctx: Any, *args: Any, **kwargs: Any) -> Any:
        with unrecorded():
            answers = backward(ctx, *args, **kwargs)
        edges = [edge for x in args if isinstance(x, Value) and (edge := edge_of(x)) is not None]
        if not mode.grad or not edges:
            return answers
        several = isinstance(answers, tuple)
        tensors = answers if several else (answers,)
        node = Error()
        node.saved, node.number = (), next_number()
        made: list[Any] = []
        node.outputs = tuple(
            [((), np.dtype("f4")) if x is None else (x.array.shape, x.array.dtype) for x in tensors]
        )
        node.edges = edges  # so that no way round the error is found (torch leaves it a dead end)
        for i, x in enumerate(tensors):
            y = None if x is None else wrap(x.array, (node, i))
            if y is not None:
                y.version = x.version
            made.append(y)
        return tuple(made) if several else made[0]

    return wrapper
