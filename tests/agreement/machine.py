"""Both libraries in step: after each statement, what differs."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import torch

import minigrad
from tests.agreement.library import (
    LOOKS,
    Disagreement,
    Library,
    close,
    has_no_normal,
    look,
    transforms,
)
from tests.agreement.rulings import Rulings, run_through
from tests.agreement.statements import is_leaf, shares_memory

# Two floats are equal if they differ by no more than this part of their tensor's largest element.
FLOAT16, FLOAT32, FLOAT64 = 2.0**-7, 2.0**-15, 2.0**-40
PARTS = {2: FLOAT16, 4: FLOAT32, 8: FLOAT64}  # by the size of an element


class Machine(Rulings):
    """Both libraries, in step.

    watch:   look at ``grad_fn`` and its like after each statement, not only at the end: looking
             makes a view find its edge, so that both ways want testing.
    ignore:  kinds of disagreement to pass over.
    """

    def __init__(self, watch: bool = True, ignore: Collection[str] = ()) -> None:
        self.ours, self.theirs = Library(minigrad), Library(torch)
        self.watch = watch
        self.ignore = ignore
        self.step = -1
        self.raised: str | None = None  # by the last statement, in both
        self.failed: list[str] = []  # the statements that raised
        self.over = False  # nothing after this can be compared
        # The coarsest dtype that has taken part: results of another may be no better.
        self.part = FLOAT64
        self.signs = False  # whether a zero had another sign
        self.history: list[str] = []
        self.operands: list[Any] = []  # torch's tensors that the last statement has read
        # What transforms have read, by T.func or dual numbers: a tensor, its version, its value.
        self.read: list[tuple[Any, int, Any]] = []
        self.beyond = False  # whether an infinity, NaN or subnormal number was among it
        # Names that hold a gradient, or share its version: by how much ours is ahead.
        self.made_by_a_pass: dict[str, int] = {}

    def run(self, text: str) -> Disagreement | None:
        """Execute one statement with both, and compare."""
        self.step += 1
        by_layout = re.search(r"reshape|flatten|contiguous|ravel|as_strided|resize_", text)
        alike = self.laid_out_alike(text.rpartition(" = ")[2])
        self.history.append(text)
        self.operands = self.used(text)  # before a name of theirs may be taken
        outside = any(y is not None and y.is_inference() for y in self.operands)
        if transforms(text):
            with torch.no_grad():
                tensors = [y for y in self.operands if y is not None and not y.is_inference()]
                self.read += [(y, y._version, y.detach().clone()) for y in tensors]
                self.beyond |= any(map(has_no_normal, tensors))
        theirs, ours = self.theirs.run(text), self.ours.run(text)
        if ours != theirs:
            said = [
                f"{error}: {library.message}" if error else "nothing"
                for error, library in ((ours, self.ours), (theirs, self.theirs))
            ]
            if self.documented(text, *said, alike):
                self.over = True
                return None
            return self.differs("raises", text, *said)
        self.raised = theirs
        if theirs is not None:
            self.failed.append(text)
        if theirs is not None and "Inplace update to inference tensor" in self.theirs.message:
            self.over = True  # torch has written by then
            return None
        if theirs is not None and "message" not in self.ignore and not self.said_alike(text):
            return self.differs("message", text, self.ours.message, self.theirs.message)
        if theirs is None:
            self.follow(text, outside)
            if "hardsigmoid" in text:  # of whose derivative torch has no more digits
                self.part = max(self.part, FLOAT32)
            if self.zeros_on_the_graph(text):
                self.over = True
                return None
        found = self.compare(self.watch, "backward" in text)
        if by_layout and not alike:
            self.over = True  # a view in one and a copy in the other
            return None
        if theirs is not None and (
            "backward" in text or (found is not None and found.kind in ("grad", "value", "shape"))
        ):
            self.over = True  # an error left a pass or a write half done, in torch
            return None
        if found is not None and self.by_convention(text, found):
            self.over = True
            return None
        return found

    def laid_out_alike(self, text: str) -> bool:
        """Whether the operands of a statement lie in memory in the same order."""
        names = set(re.findall(r"v\d+", text)) & self.ours.names.keys() & self.theirs.names.keys()
        if "as_strided" in text:  # which shows whatever lies there
            shown = [y for name in names if (y := self.theirs.names[name]) is not None]
            for name, z in self.theirs.variables().items():
                if z is not None and any(shares_memory(z, y) for y in shown):
                    names.add(name)
        pairs = [(self.ours.names[name], self.theirs.names[name]) for name in names]
        if "as_strided" in text:  # a gradient of torch's may lie within more than it shows
            alike = (x.storage_offset() == y.storage_offset() for x, y in pairs if y is not None)
            if not all(alike):
                return False
        return all(
            x.stride(i) == y.stride(i)
            for one, other in pairs
            if other is not None
            for x, y in ((one, other), (one._base, other._base))
            if x is not None and y is not None and tuple(x.shape) == tuple(y.shape)
            for i, n in enumerate(y.shape)
            if n > 1
        )

    def follow(self, text: str, outside: bool) -> None:
        """Keep `made_by_a_pass` up to date.

        outside: whether it read an inference tensor: what torch does to it takes several writes.
        """
        targets, equals, expression = text.partition(" = ")
        if not equals or targets[0] != "v":
            return
        used = re.findall(r"v\d+", expression)
        gradient = ".grad" in expression or any(name in self.made_by_a_pass for name in used)
        gradient |= outside or "T.func." in expression
        for name in targets.split(", "):
            self.made_by_a_pass.pop(name, None)
            x, y = self.ours.names.get(name), self.theirs.names.get(name)
            if x is None or y is None or x.is_inference() or y.is_inference():
                continue
            if gradient:
                self.made_by_a_pass[name] = x._version - y._version

    def finish(self) -> Disagreement | None:
        """The last look, and the end of all blocks. Nothing can be run after this."""
        try:
            return None if self.over else self.compare(True, True)
        finally:
            self.ours.finish()
            self.theirs.finish()

    def differs(self, kind: str, what: str, ours: Any, theirs: Any) -> Disagreement | None:
        if kind in self.ignore:
            return None
        return Disagreement(self.step, kind, what, str(ours), str(theirs))

    def compare(self, graph: bool, grads: bool) -> Disagreement | None:
        ours = self.ours.names
        for name, y in self.theirs.variables().items():
            x = ours.get(name)
            if type(x).__name__ != type(y).__name__:
                if self.read and x is None and not y.detach().any():
                    self.over = True  # zeros from where only a tangent of 0 leads
                    return None
                return self.differs("type", name, type(x).__name__, type(y).__name__)
            if y is None:
                continue
            found = self.same_values("value", name, x, y) or self.same_state(name, x, y)
            if found is None and graph:
                found = self.same_graph(name, x, y)
            if found is None and (graph or grads) and (graph or not y._is_view()):
                found = self.same_grad(name, x, y)
            if found is not None:
                return found
        return None

    def same_values(self, kind: str, name: str, x: Any, y: Any) -> Disagreement | None:
        a, b = x.detach().numpy(), y.detach().numpy(force=True)
        if b.dtype.kind == "f":
            self.part = max(self.part, PARTS[b.dtype.itemsize])
        if a.shape != b.shape or tuple(x.shape) != a.shape:
            return self.differs("shape" if kind == "value" else kind, name, a.shape, b.shape)
        if a.dtype != b.dtype:
            return self.differs("dtype" if kind == "value" else kind, name, a.dtype, b.dtype)
        if a.tobytes() != b.tobytes():
            if not close(a, b, self.part) and not self.bits(x, y):
                return self.differs(kind, name, a.tolist(), b.tolist())
            if b.dtype.kind == "f":
                self.signs |= bool((np.signbit(a) != np.signbit(b))[(a == 0) & (b == 0)].any())
        return None

    def bits(self, x: Any, y: Any) -> bool:
        """Whether integers are the bits of floats that are compared as floats."""
        if y.is_floating_point() or x.stride() != y.stride():
            return False
        size = y.element_size()
        if size > 1 and ".view(T.int" in "\n".join(self.history):
            a, b = [z.numpy().view(f"f{size}") for z in (x, y)]
            if close(a, b, self.part):  # of NaN with another sign, say
                return True
        owners = [(x._base, y._base)] if y._is_view() and x._is_view() else []
        theirs = self.theirs.variables()
        owners += [(z, theirs.get(name)) for name, z in self.ours.variables().items()]
        return any(
            w is not None
            and w.is_floating_point()
            and shares_memory(w, y)
            and np.may_share_memory(z.detach().numpy(), x.numpy())
            and self.same_values("value", "", z, w) is None
            for z, w in owners
        )

    def same_state(self, name: str, x: Any, y: Any) -> Disagreement | None:
        if x.is_inference() != y.is_inference():
            return self.differs("is_inference()", name, x.is_inference(), y.is_inference())
        counts = not y.is_inference()
        apart = x._version - y._version if counts else 0
        if apart != self.made_by_a_pass.get(name, 0) and counts:
            # Where a transform's derivative is constant, torch adds zeros and minigrad nothing.
            if not (self.read and self.holds_a_gradient(y)):
                return self.differs("_version", name, x._version, y._version)
            self.made_by_a_pass[name] = apart
        if x._is_view() != y._is_view() and name not in self.made_by_a_pass:
            return self.differs("_is_view()", name, x._is_view(), y._is_view())
        return None

    def holds_a_gradient(self, y: Any, but: Any = None) -> bool:
        """Whether the memory of torch's tensor is that of a leaf's gradient, ``but`` for one."""
        leaves = [z for z in self.theirs.variables().values() if z is not None and is_leaf(z)]
        return any(z is not but and z.grad is not None and shares_memory(z.grad, y) for z in leaves)

    def same_graph(self, name: str, x: Any, y: Any) -> Disagreement | None:
        a, b = look(x), look(y)
        if a == b:
            return None
        for what, mine, other in zip(LOOKS, a, b):  # noqa: B905
            if mine != other:
                both = mine is not None and other is not None
                # What a pass returned twice may be one object, or of another's operation.
                known = what in ("grad_fn", "retains_grad") and name in self.made_by_a_pass
                if not (known and both):
                    found = self.differs(what, name, mine, other)
                    if found is not None:
                        return found
        return None

    def same_grad(self, name: str, x: Any, y: Any) -> Disagreement | None:
        leaf = is_leaf(y) or look(y)[1]
        if leaf is not True and (leaf is not False or not y.retains_grad):
            return None
        g, h = x.grad, y.grad
        if g is None or h is None:
            if g is not h and self.read and not (h if g is None else g).detach().any():
                self.over = True  # as above
                return None
            return None if g is h else self.differs("grad", name, g, h)
        if self.read and g.requires_grad != h.requires_grad and self.constant(g, h):
            self.over = True
            return None
        if g.requires_grad != h.requires_grad:
            what = f"{name} (requires_grad)"
            return self.differs("grad.requires_grad", what, g.requires_grad, h.requires_grad)
        found = self.same_values("grad", name, g, h)
        if found is not None and self.one_memory(y, h):
            self.over = True
            return None
        return found

    def one_memory(self, y: Any, h: Any) -> bool:
        """Whether a gradient was written to, and another's of torch's leaves lies in its memory."""
        written = any(re.search(r"\.grad\b.*(=|_\()", t) for t in self.history)
        return written and self.holds_a_gradient(h, but=y)

    def constant(self, g: Any, h: Any) -> bool:
        """Whether one library knows only from the numbers that its gradient depends on no leaf."""
        library, T, graph = (self.ours, minigrad, g) if g.requires_grad else (self.theirs, torch, h)
        tensors = library.variables().values()
        leaves = [x for x in tensors if x is not None and is_leaf(x) and x.requires_grad]
        if not leaves:
            return True
        with T.enable_grad():
            try:
                further = T.autograd.grad(graph.sum(), leaves, retain_graph=True, allow_unused=True)
            except RuntimeError as error:
                # Of a checkpoint, or behind a freed graph, there is no derivative to ask for.
                return re.search("use_reentrant|a second time", str(error)) is not None
        return not any(part is not None and bool(part.any()) for part in further)


def replay(
    program: Sequence[str], watch: bool = True, ignore: Collection[str] = ()
) -> Disagreement | None:
    """Run a program with both libraries: where they first disagree."""
    return run_through(Machine(watch, ignore), program)
