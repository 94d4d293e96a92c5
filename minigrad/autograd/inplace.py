"""In-place operations: compute, write, and give the tensor the edge of what was written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.autograd.modes import inference
from minigrad.autograd.node import Node, Saved, SavedOutput
from minigrad.autograd.places import keeping, note_write
from minigrad.autograd.primitive import OF_NUMBERS
from minigrad.autograd.quiet import quietly
from minigrad.autograd.saved import hooks
from minigrad.autograd.value import Array, Value, edge_of, mode, wrap
from minigrad.autograd.views import View, rebase
from minigrad.errors import broadcast_shapes, type_name
from minigrad.promotion import CATEGORY


def in_place(
    operation: Callable[..., Any], expanded: bool = False, leaves: bool = False
) -> Callable[..., Any]:
    """The in-place form of an operation whose first argument is the tensor to write to.

    expanded: whether several elements may share a memory location, since all get one value.
    leaves: whether leaves that require grad may be written to: by what autograd does not follow.
    """

    def apply(self: Any, *args: Any, **settings: Any) -> Any:
        return write(self, operation, args, settings, expanded, leaves)

    return apply


def update_in_place(operation: Callable[..., Any], ufunc: Any) -> Callable[..., Any]:
    """The in-place form of an operation of two operands, as an optimizer updates its parameters.

    ufunc: what computes the same on two float arrays of one dtype; it writes straight into the
    tensor where nothing is recorded.
    """
    python = OF_NUMBERS.get(ufunc)

    def apply(self: Any, other: Any, *more: Any, **settings: Any) -> Any:
        if more:  # a number first, see number_first
            return write(self, operation, (other, *more), settings)
        a = self.array
        number = not isinstance(other, Value)
        if number:
            b = other
            alike = True
            simple = (type(b) is float or type(b) is int) and not (mode.grad and self.edge)
        else:
            b = other.array
            alike = b.shape == a.shape
            simple = b.dtype is a.dtype and not (mode.grad and (self.edge or other.edge))
            if simple and other.version is self.version:
                check_partial_overlap(a, b)
        single = alike and a.size == 1
        plain = simple and a.dtype.kind == "f" and type(self.version) is list
        if not plain or settings or not (single or a.flags.c_contiguous):
            return write(self, operation, (other,), settings)
        try:
            if not single:
                quietly(ufunc, a, b, a)
            elif python is None or (number and (type(b) is int or a.itemsize != 8)):
                a[...] = quietly(ufunc, a, b)
            else:
                # Python's operator takes a fifth of the time. It computes in double precision,
                # which gives the same bits once rounded, unless a number had more of them.
                quietly(a.fill, python(a.item(), b if number else b.item()))
        except ValueError:
            if not a.flags.writeable:
                raise
            raise broadcast_output_error(a.shape, broadcast_shapes(a.shape, b.shape)) from None
        except RuntimeError:  # `quietly` is at work elsewhere, and nothing has been written
            return write(self, operation, (other,), settings)
        self.version[0] += 1
        if keeping:
            note_write(self.version)
        return self

    return apply


def in_place_apart(operation: Callable[..., Any]) -> Callable[..., Any]:
    """The in-place form of an operation that in torch reads its operands while it writes."""
    form = in_place(operation)

    def apply(self: Any, *args: Any, **settings: Any) -> Any:
        for other in (*args, *settings.values()):
            if not isinstance(other, Value) or not np.may_share_memory(other.array, self.array):
                continue
            if dense(other.array) and dense(self.array):
                raise overlap_error()
        return form(self, *args, **settings)

    return apply


def write(
    self: Any,
    operation: Callable[..., Any],
    args: Any,
    settings: Any,
    expanded: bool = False,
    leaves: bool = False,
) -> Any:
    """Run ``operation(self, *args)`` and put its result into ``self``."""
    if not isinstance(self, Value):
        raise TypeError(
            f"{operation.__name__}_(): argument 'input' (position 1) must be Tensor, "
            f"not {type(self).__name__}"
        )
    array: Array = self.array
    operands = (*args, *settings.values()) if settings else args
    try:
        if mode.grad and not leaves and any(requires_grad(x) for x in (self, *operands)):
            check_write(self)
        if not expanded:
            check_overlap(array)
        for other in operands:
            if isinstance(other, Value) and other.version is self.version:
                check_partial_overlap(array, other.array)
    except RuntimeError:
        check_types(operation, wrap(array), *args, **settings)
        raise
    old = wrap(array)
    if mode.grad:
        old.edge = edge_of(self)
    watchers = mode.watchers
    recorded: list[Node] = []
    if watchers:  # they may look at what was saved only when it is what it will be
        mode.watchers = (recorded.append,)
    try:
        result = operation(old, *args, **settings)
    finally:
        if watchers:
            mode.watchers = watchers
    if result is NotImplemented:
        return NotImplemented
    if result.array.shape != array.shape:
        raise broadcast_output_error(array.shape, result.array.shape)
    if CATEGORY[result.array.dtype.kind] > CATEGORY[array.dtype.kind]:
        raise RuntimeError(
            f"result type {type_name(result.array.dtype)} can't be cast to the desired output "
            f"type {type_name(array.dtype)}. Convert the tensor first, or write out of place."
        )
    check_inference(self)
    node = None if result.edge is None else result.edge[0]
    if node is not None and any(getattr(s, "value", None) is old for s in node.saved):
        old.array = array.copy()  # the rules want the value that is now overwritten
    if hooks.stack:  # and so do the hooks, which see what is saved only after the write
        for saved in [s for each in recorded for s in each.saved or ()]:
            if isinstance(saved, Saved) and not isinstance(saved, SavedOutput):
                other = saved.value
                one = other.version is self.version or np.may_share_memory(other.array, array)
                if one and other is not old:
                    saved.value, saved.version = wrap(other.array.copy(), edge_of(other)), 0
    if result.array.dtype is array.dtype:
        np.copyto(array, result.array)
    else:
        with np.errstate(all="ignore"):  # what is too large for the dtype becomes infinite
            np.copyto(array, result.array, casting="unsafe")
    self.version[0] += 1
    if keeping:
        note_write(self.version)
    if node is not None:
        node.outputs = ((array.shape, array.dtype),)
        for saved in node.saved:
            if isinstance(saved, SavedOutput):
                saved.value.array, saved.value.version = array, self.version
                saved.version = self.version[0]
        if isinstance(self.edge, View):
            rebase(self, node)
        else:
            self.edge = (node, 0)
        if self.hooks is not None:
            self.hooks.moved(self)
    for node in recorded:
        for watcher in watchers:
            watcher(node)
    return self


def check_types(operation: Callable[..., Any], *args: Any, **settings: Any) -> None:
    """Raise the TypeError of an operation's arguments, which comes before other errors."""
    grad, mode.grad = mode.grad, False
    try:
        operation(*args, **settings)
    except TypeError as error:
        raise error from None
    except Exception:
        pass
    finally:
        mode.grad = grad


def check_inference(self: Value) -> None:
    """Refuse to write to an inference tensor outside of inference mode."""
    if type(self.version) is not list and not inference.enabled:
        raise RuntimeError(
            "Inplace update to inference tensor outside InferenceMode is not allowed."
            "You can make a clone to get a normal tensor before doing inplace update."
            "See https://github.com/pytorch/rfcs/pull/17 for more details."
        )


def requires_grad(x: Any) -> bool:
    """Whether an argument is a tensor that requires grad, without asking a view for its edge."""
    if not isinstance(x, Value):
        return False
    return x.edge.requires_grad() if isinstance(x.edge, View) else x.edge is not None


def check_write(self: Any) -> None:
    """Refuse the writes that torch refuses while gradients are recorded."""
    edge, required = self.edge, requires_grad(self)
    if isinstance(edge, View):
        edge.refuse("is being")
        base_edge = edge_of(edge.base)
        if required and (base_edge is None or base_edge[0] is edge.base):
            raise RuntimeError(
                "a view of a leaf Variable that requires grad is being used in an in-place "
                "operation. Write under minigrad.no_grad(), or out of place."
            )
        # A view from before its base came to require grad is a leaf to torch, as long as nobody
        # has asked for its edge.
        edge = edge.edge
    if required and not isinstance(edge, tuple):
        raise RuntimeError(
            "a leaf Variable that requires grad is being used in an in-place operation. "
            "Update parameters under minigrad.no_grad(), or write out of place."
        )


def check_overlap(array: Array) -> None:
    """Refuse to write where several elements share one memory location (an expanded tensor)."""
    if not array.flags.c_contiguous and array.size and overlapping(array):
        raise RuntimeError(
            "unsupported operation: more than one element of the written-to tensor refers to a "
            "single memory location. Please clone() the tensor before performing the operation."
        )


def overlapping(array: Array) -> bool:
    """Whether elements share memory: those of an expanded tensor, or of windows that overlap."""
    reach = 0
    for stride, n in sorted(zip(map(abs, array.strides), array.shape, strict=True)):
        if n > 1:
            if stride <= reach:
                return True
            reach += (n - 1) * stride
    return False


def check_partial_overlap(target: Array, source: Array) -> None:
    """Refuse an operand that lies in the memory written to, but not element on element."""
    steps = zip(target.strides, source.strides, target.shape, strict=False)
    same = target.shape == source.shape and all(s == t or n == 1 for s, t, n in steps)
    if same and target.__array_interface__["data"] == source.__array_interface__["data"]:
        return
    if dense(target) and dense(source) and np.may_share_memory(target, source):
        raise overlap_error()


def overlap_error() -> RuntimeError:
    return RuntimeError(
        "unsupported operation: some elements of the input tensor and the written-to tensor refer "
        "to a single memory location. Please clone() the tensor before performing the operation."
    )


def dense(array: Array) -> bool:
    """Whether the elements fill a stretch of memory, in whatever order."""
    expected = array.itemsize
    for stride, n in sorted(zip(array.strides, array.shape, strict=True)):
        if n != 1:
            if stride != expected:
                return False
            expected *= n
    return True


def broadcast_output_error(shape: tuple[int, ...], wanted: tuple[int, ...]) -> RuntimeError:
    return RuntimeError(
        f"output with shape {list(shape)} doesn't match the broadcast shape {list(wanted)}. "
        "An in-place operation cannot change the shape of the tensor it writes to."
    )
