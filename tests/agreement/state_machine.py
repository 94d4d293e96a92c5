"""Random programs that minigrad and torch must run alike, statement by statement.

A program makes leaves, operates, takes views of views, writes in place, switches modes,
differentiates once and twice, and meddles with ``.grad`` and ``.data`` (`statements.py` says what
there is, and is where to add more). Its statements are text, with ``T`` for the library; both
libraries execute them in turn. After every statement all tensors must agree in value, dtype,
shape, ``_version`` and ``_is_view()``; in ``requires_grad``, ``is_leaf``, the name of ``grad_fn``
and ``.grad`` too. Or both libraries raise the same type of exception, and the program goes on.

``python -m tests.agreement.state_machine --programs 2000 --seed 0`` runs programs by the number
and prints each disagreement as the shortest program that still shows it. `test_programs.py` gives
the same generator to hypothesis.

What may differ: what a statement that raises has done before, such as the leaves that already have
their gradient when a backward pass fails, or the elements that precede a bad index; of a gradient
the version that it starts with, whether it is a view (an expanded one), and the name of its
``grad_fn`` (`Machine.made_by_a_pass`).
"""

from __future__ import annotations

import argparse
import math
import re
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import nullcontext
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import torch

import minigrad
from tests.agreement.choices import Choices
from tests.agreement.further import functions
from tests.agreement.rounding import Coarser, is_float
from tests.agreement.statements import EXIT, LENGTH, Writer, is_leaf, shares_memory
from tests.judge import first_sentence, plain_text

# Two floats are equal if they differ by no more than this part of their tensor's largest element.
FLOAT16, FLOAT32, FLOAT64 = 2.0**-7, 2.0**-15, 2.0**-40
PARTS = {2: FLOAT16, 4: FLOAT32, 8: FLOAT64}  # by the size of an element
SAMPLES = 12  # coarser roundings that tell an ill-conditioned program


class Disagreement(NamedTuple):
    """What differs first, after which statement."""

    step: int
    kind: str  # such as "value" or "raises"
    what: str
    ours: str
    theirs: str

    def __str__(self) -> str:
        return f"{self.kind} of {self.what}: minigrad {self.ours}, torch {self.theirs}"


@cache
def compiled(text: str) -> Any:
    if text.endswith(":"):  # "with T.no_grad():"
        return compile(text.removeprefix("with ")[:-1], "<program>", "eval")
    return compile(text, "<program>", "exec")


class Library:
    """Runs statements with one library."""

    def __init__(self, T: Any) -> None:
        self.names: dict[str, Any] = {"T": T, "F": functions(T), "inf": math.inf, "nan": math.nan}
        self.blocks: list[Any] = []
        self.message = ""  # of the last exception

    def run(self, text: str) -> str | None:
        """Execute one statement; the type of the exception that it raises, or None."""
        if ".register_hook(" in text and "grad_fn" not in text:
            # torch crashes at a view that has not found its edge since a write to its base.
            x = self.names.get(text.partition(".")[0])
            if x is not None:
                look(x)
        try:
            if text == EXIT:
                if self.blocks:
                    self.blocks.pop().__exit__(None, None, None)
            elif text.endswith(":"):
                block = eval(compiled(text), self.names)
                block.__enter__()
                self.blocks.append(block)
            else:
                exec(compiled(text), self.names)
        except Exception as error:
            self.message = str(error).partition("\n")[0]
            return type(error).__name__
        return None

    def variables(self) -> dict[str, Any]:
        return {name: x for name, x in self.names.items() if name[0] == "v"}

    def leave(self) -> None:
        while self.blocks:
            self.blocks.pop().__exit__(None, None, None)
        self.names["T"].set_grad_enabled(True)

    def finish(self) -> None:
        self.leave()
        for x in self.variables().values():
            if isinstance(x, self.names["T"].Tensor):
                x.grad = None  # a gradient with a graph refers back to its leaf


# What torch refuses where minigrad has the right answer; see docs/differences.md.
TORCH_ALONE_REFUSES = (
    "has been detached in-place",
    "INTERNAL ASSERT FAILED",
    "leaf variable has been moved into the graph interior",
    "don't yet support saved tensor hooks",
    "hardsigmoid_backward is not implemented",
    "ZeroTensors are immutable",
    "Inference tensors cannot be saved for backward",
)


# Hooks that hand back other values than they were given.
CHANGING = "lambda x: x * 2 if"

# In which torch saves copies.
COPIES = (lambda x: x.detach().clone(), lambda x: x)

# What torch looks at before all else.
VIEWS_FIRST = re.compile("is a view and its base|view was created in")


def kept(text: str) -> str:
    """A pass that keeps the graph."""
    if "retain_graph=True" in text:
        return text
    return re.sub(r"\)(?=\[0\]$|$)", ", retain_graph=True)", text).replace("(, ", "(")


def transforms(text: str) -> bool:
    """Whether a statement differentiates a function, by T.func or by dual numbers."""
    return "T.func." in text or "F.tangent" in text


def equal(x: torch.Tensor, y: torch.Tensor) -> bool:
    return x.shape == y.shape and torch.equal(x.nan_to_num(), y.nan_to_num())


# A maximum within a transform.
BOUND = re.compile(r"\bx\.maximum\((\w+)\)")
# What gives a tensor itself another shape.
RESHAPING = r"\.(?:\w*squeeze|t|transpose|swapaxes|resize|as_strided)_\("


class Machine:
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
        used = self.used(text)
        outside = any(y is not None and y.is_inference() for y in used)
        if transforms(text):
            with torch.no_grad():
                tensors = [y for y in used if y is not None and not y.is_inference()]
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

    def said_alike(self, text: str) -> bool:
        """Whether the errors begin with the same sentence."""
        ours, theirs = plain_text(self.ours.message), plain_text(self.theirs.message)
        if any(reason in theirs for reason in TORCH_ALONE_REFUSES):
            return True
        vague = self.read or re.search(RESHAPING, "\n".join(self.history))
        if vague and "modified by an inplace operation" in theirs:
            theirs = theirs.partition(":")[0]  # which of the values that they save is up to them
        if VIEWS_FIRST.search(theirs):
            return True
        if self.made_by_a_pass:
            theirs = theirs.partition(" is at version")[0]
        if "grad(" in text or "backward(" in text:  # into a gradient of inference mode
            refused = "Inplace update to inference tensor"
            if refused in theirs and "Inference tensors cannot be saved" in ours:
                return True
        if "desired output type" in theirs:  # clamp_ names it otherwise than the others
            theirs = theirs.partition(" type")[0]
        return ours.startswith(first_sentence(theirs))

    def zeros_on_the_graph(self, text: str) -> bool:
        """Whether one library has recorded a derivative of which the other knows that it is 0.

        torch may then have a tensor without memory, of which a view crashes.
        """
        targets, equals, _ = text.partition(" = ")
        if not equals or not (transforms(text) or "T.autograd.grad(" in text):
            return False
        pairs = [(self.ours.names[n], self.theirs.names[n]) for n in targets.split(", ")]
        if any(y is not None and y._is_zerotensor() for _, y in pairs):
            return True
        pairs = [(x, y) for x, y in pairs if x is not None and y is not None]
        parted = [(x, y) for x, y in pairs if look(x)[0] is not look(y)[0]]
        if transforms(text):
            return bool(parted)
        return bool(self.read) and any(x is not None and self.constant(x, y) for x, y in parted)

    def documented(self, text: str, ours: str, theirs: str, alike: bool) -> bool:
        """Whether docs/differences.md says that the libraries part here.

        alike: whether the operands lay in memory in the same order.
        """
        if any(reason in theirs for reason in TORCH_ALONE_REFUSES):
            # Or the pass goes on to hooks, and to gradients that are None, or ends in a checkpoint.
            return ours == "nothing" or "Checkpoint" in ours or "NoneType" in ours
        if ours == "nothing" and "returned an invalid gradient" in theirs:
            return re.search(RESHAPING, "\n".join(self.history)) is not None
        if ours == "nothing" and VIEWS_FIRST.search(theirs) and ("backward(" in text):
            leaves = re.findall(r"(v\d+)\.requires_grad_\(\)", "\n".join(self.history))
            if any(True in self.pair(name) for name in leaves):
                return True  # a view that was made a leaf, whose base was then written to
        if ours == "nothing" and re.search("operator, (on|with) a bool tensor", theirs):
            return "backward(" in text or "grad(" in text
        if ours == "nothing" and "some elements of the input tensor" in theirs:
            # A view steps over dimensions of one element in another way than what it shows.
            idle = any(1 in y.shape for y in self.used(text.replace(" = ", "; ")))
            target, assigns, _ = text.partition("] = ")
            if assigns:
                idle |= 1 in eval(target + "]", self.theirs.names).shape
            return ".data" in text or self.apart(text) or not alike or idle
        if theirs == "nothing" and "more than one element of the written-to" in ours:
            return True
        if ours == "nothing" and "more than one element of the written-to" in theirs:
            return bool(re.search(r"backward\(|grad\(|T\.func|F\.tangent", text))
        if "CheckpointError" in ours + theirs and "nothing" not in (ours, theirs):
            return True  # one's recomputation ends before the operation that raises in the other
        if theirs == "nothing" and transforms(text):
            known = "A view was created in no_grad", "Inference tensors cannot be saved"
            if any(reason in ours for reason in known):
                return True
        modified, again = "modified by an inplace operation", "the graph a second time"
        if self.read and theirs == "nothing" and re.search(f"{modified}|modified inplace", ours):
            return True  # what derivatives of a higher order save
        if (modified in ours or again in ours) and theirs == "nothing":
            # torch asks nothing of a node that leads to a view made in no_grad() alone.
            everything = [y for y in self.theirs.variables().values() if y is not None]
            seen = [look(y)[:3] for y in everything if y._is_view()]
            if (True, True, None) in seen or any("RuntimeError" in each for each in seen):
                return True
        if again in ours and theirs == "nothing":
            # Which nodes of a derivative have saved something is up to its formulas.
            return bool(self.read) or "create_graph=True" in str(self.history)
        if "match the broadcast shape" in theirs and ours == "nothing" and "backward(" in text:
            return bool(re.search(RESHAPING, str(self.history)))
        if "attempting to assign a gradient of size" in ours and theirs == "nothing":
            return bool(re.search(RESHAPING, str(self.history)))
        if modified in ours and theirs == "nothing":
            return any("saved_tensors_hooks" in t and "else x" in t for t in self.history)
        if re.search(f"{modified}|{again}", theirs) and ours == "nothing":
            # The answers of the root's node are dropped, whatever a derivative's node has saved.
            derived = self.read or "create_graph=True" in str(self.history)
            if derived and re.search(r"(v\d+)\.backward\(.*inputs=\[\1\]", text):
                return True
        if modified in theirs and ours == "nothing":
            # torch has saved what no derivative needs: with copies saved, it has the same numbers.
            clones = re.compile(r"\b(v\d+)")
            cloned = self.asked_again(lambda text: clones.sub(r"\1.clone()", text), nans=True)
            return cloned or self.asked_again(str, hooks=COPIES, nans=True)
        if "not implemented. It is 0" in ours and theirs == "nothing":
            # torch passes over it where it was written into a view.
            return any(y is not None and y._is_view() for y in self.used(text))
        if "a leaf Variable that requires grad is being used" in ours and theirs == "nothing":
            name = text.partition(".")[0]
            return any(re.search(rf"\b{name}\b", failed) for failed in self.failed)  # as below
        if "can only change requires_grad flags of leaf" in theirs and ours == "nothing":
            # torch's views find their edge when they are given to an operation, even if it fails.
            name = text.partition(".")[0]
            return any(re.search(rf"\b{name}\b", failed) for failed in self.failed)
        if "Inference tensors cannot be saved" in ours and theirs == "nothing":
            return any(
                y._is_view() and y.requires_grad and y.grad_fn is None for y in self.used(text)
            )
        if "returned an invalid gradient" in ours and theirs == "nothing":
            return self.reshaped()
        if "Inplace update to inference tensor" in ours:
            return True
        if "appears to not have been used in the graph" in ours and theirs == "nothing":
            return bool(self.read)  # None there, and here zeros: of what only a tangent of 0 needs
        if "is not resizable" in theirs:
            return True
        if "some elements of the input tensor" in ours and theirs != "nothing":
            return True  # which of two errors comes first
        if theirs == "nothing" and VIEWS_FIRST.search(ours) and text.endswith(".retain_grad()"):
            return True  # torch does not ask the view for its edge
        if theirs == "nothing" and "expected scalar type" in ours:
            return any(not y.numel() for y in self.used(text))  # a product of nothing
        if "setStorage" in ours:  # the memory behind a detached tensor is not followed
            return True
        if VIEWS_FIRST.search(theirs):  # or what torch alone has made a view of
            written = self.pair(re.findall(r"\bv\d+\b(?! = )", text)[0])
            return ours != "nothing" or written.count(True) == 1
        if ours == "nothing" and again in theirs:
            derived = self.read or any("create_graph=True" in t for t in self.history)
            return bool(derived) and self.asked_again(kept, r"\.backward\(|autograd\.grad\(")
        by_layout = re.search(r"view size is not compatible|to view \w+ as", ours + theirs)
        # Of one element the step is never used: it is 0, or whatever the operation left there.
        idle = [y for y in self.used(text) if y.ndim and y.shape[-1] == 1]
        return by_layout is not None and (bool(idle) or not alike)

    def by_convention(self, text: str, found: Disagreement) -> bool:
        """Whether the numbers that differ are documented to, or the last bits of such as may."""
        if found.kind not in ("value", "grad"):
            return False
        if self.beyond:  # then formulas of derivatives part that are equal elsewhere
            return True
        if found.kind == "value" and re.search(r"remainder|fmod|floor_divide", text):
            return self.whole_multiple(text, found)
        for t in self.history:
            # Of integers, torch's formula goes beyond their range.
            if "atan2" in t and any(not y.is_floating_point() for y in self.used(t)):
                return True
        tensors = [y for y in self.theirs.variables().values() if y is not None]
        halves = any(y.dtype == torch.float16 for y in tensors)
        numbers = [y.detach().abs().item() for y in tensors if is_float(y) and not y.ndim]
        if halves and any(x > HALF or 0 < x < SMALLEST_HALF for x in numbers):
            return True  # one number beyond float16: torch computes with it first
        if any(overlaps_itself(y) for y, _, _ in self.read):
            return True
        if "logcumsumexp" in str(self.history) and "nan" in found.ours:
            return True
        if "view(T.int" in str(self.history):  # the bits of a NaN
            tensors = [y for y in self.theirs.variables().values() if y is not None]
            if any(bool(y.detach().isnan().any()) for y in tensors):
                return True
        if self.overlapping(text):
            return True  # torch's answer depends on the order of its writes
        if any("create_graph=True" in t for t in self.history):
            # Which numbers the formulas of derivatives save, and so what hooks change.
            plain = [t.replace(CHANGING, "lambda x: x if") for t in self.history]
            if plain != self.history:
                self.ours.leave()
                self.theirs.leave()
                return replay(plain, ignore=["message"]) is None
        # Of what is changed by way of .data, each derivative sees what its formula has saved.
        first = [i for i, t in enumerate(self.history) if "create_graph=True" in t or transforms(t)]
        if first and any(re.match(r"v\d+\.data\b", t) for t in self.history[first[0] :]):
            return True
        if "nan" in found.theirs and any(".prod(" in t for t in self.history if transforms(t)):
            # The third derivative of a product of zeros.
            return self.asked_again(
                lambda text: text.replace("x.expand(2, *x.shape).prod(0)", "(x * x + 0 * x**5)")
            )
        if "nan" in found.theirs and any(BOUND.search(t) for t in self.history):
            # torch's tangent of a maximum is a product with 0 or 1, here it is a choice.
            return self.asked_again(lambda text: BOUND.sub(r"T.where(x > \1, x, \1)", text))
        return any(y._version == n and not equal(y.detach(), x) for y, n, x in self.read)

    def whole_multiple(self, text: str, found: Disagreement) -> bool:
        """Whether the two quotients were rounded to a whole number from both sides of one."""
        a, b = numbers_in(found.ours), numbers_in(found.theirs)
        if a is None or b is None:
            return False
        divisors = [y.detach().double().numpy() for y in self.used(text.replace(" = ", "; "))]
        with np.errstate(all="ignore"):
            steps = [np.abs((a - b) / d) for d in divisors if d.shape in ((), a.shape)]
        return any(bool((np.abs(s - np.rint(s)) < 1e-3).all()) for s in steps)

    def overlapping(self, text: str) -> bool:
        """Whether a statement writes into memory that it reads in another order."""
        if not re.match(r"v\d+(\.\w+_\(| [-+*/]= |\[.*\] = )", text):
            return False
        target, *others = [self.ours.names[name].array for name in re.findall(r"v\d+", text)]
        return any(
            np.may_share_memory(target, other)
            and (target.shape, target.strides) != (other.shape, other.strides)
            for other in others
        )

    def asked_again(
        self,
        rewrite: Callable[[str], str],
        where: str = r"T\.func|F\.tan",
        hooks: Any = None,
        nans: bool = False,
    ) -> bool:
        """Whether torch agrees with minigrad when statements of its program are rewritten.

        where: what these statements have; by default they are transforms.
        hooks: of saved tensors, around the whole program but for its transforms, which take none.
        nans: whether what is NaN in it may be anything: a derivative of 0, which minigrad does not
              follow, times infinity.
        """
        self.theirs.leave()
        library = Library(torch)
        around = torch._C._autograd
        if hooks:
            around._push_saved_tensors_default_hooks(*hooks)
        for text in self.history:
            if re.search(where, text):
                target, equals, expression = text.rpartition(" = ")
                text = target + equals + rewrite(expression)
            others = torch.autograd.graph.saved_tensors_hooks
            inner = any(isinstance(block, others) for block in library.blocks)
            apart = hooks and transforms(text) and not inner
            if apart:
                around._pop_saved_tensors_default_hooks()
            raised = library.run(text)
            if apart:
                around._push_saved_tensors_default_hooks(*hooks)
        library.leave()
        if hooks:
            around._pop_saved_tensors_default_hooks()
        try:
            pairs = [(x, library.names.get(name)) for name, x in self.ours.variables().items()]
            pairs = [(x, y) for x, y in pairs if x is not None and y is not None]
            if nans and self.read:
                for x, y in pairs:
                    forget_nans(x, y)
            found = [self.same_values("value", "", *p) or self.same_grad("", *p) for p in pairs]
            rounding = self.rounding() if self.read else 0.0
            return raised is None and all(each is None or gap(each) <= rounding for each in found)
        finally:
            library.finish()

    def pair(self, name: str) -> list[bool]:
        """Whether a name is that of a view, in each library."""
        both = [library.names.get(name) for library in (self.ours, self.theirs)]
        return [x is not None and x._is_view() for x in both]

    def reshaped(self) -> bool:
        """Whether a leaf that was used requires grad no longer, and then was given other shape."""
        program = "\n".join(self.history)
        names = re.findall(
            r"(v\d+)\.(?:requires_grad_\(False|requires_grad = False|detach_)", program
        )
        return any(re.search(name + RESHAPING, program) for name in names)

    def apart(self, text: str) -> bool:
        """Whether ``.data`` stands behind it that operands share memory."""
        names = set(re.findall(r"v\d+", text)) & self.ours.names.keys()
        counters = {id(self.ours.names[name].version) for name in names}
        return len(counters) > 1

    def laid_out_alike(self, text: str) -> bool:
        """Whether the operands of a statement lie in memory in the same order."""
        names = set(re.findall(r"v\d+", text)) & self.ours.names.keys() & self.theirs.names.keys()
        pairs = [(self.ours.names[name], self.theirs.names[name]) for name in names]
        return all(
            x.stride(i) == y.stride(i)
            for one, other in pairs
            if other is not None
            for x, y in ((one, other), (one._base, other._base))
            if x is not None and y is not None and tuple(x.shape) == tuple(y.shape)
            for i, n in enumerate(y.shape)
            if n > 1
        )

    def used(self, text: str) -> list[Any]:
        """The tensors of torch's that a statement reads."""
        names = set(re.findall(r"v\d+", text.rpartition(" = ")[2])) & self.theirs.names.keys()
        return [self.theirs.names[name] for name in names]

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

    def rounding(self) -> float:
        """A few roundings of the largest number that a transform has read."""
        values = [x.double().abs().max() * torch.finfo(x.dtype).eps for x in self.numbers_read()]
        return 16 * max(map(float, values), default=0.0)

    def decided_by_rounding(self, text: str, result: str) -> bool:
        """Whether bools or integers were made of floats that are close, but not to the last bit."""
        y = self.theirs.names.get(result)
        if y is None or (y.is_floating_point() and "T.where(" not in text):
            return False
        names = set(re.findall(r"v\d+", text.rpartition(" = ")[2])) & self.ours.names.keys()
        pairs = [(self.ours.names[name], self.theirs.names[name]) for name in names]
        return any(
            y.is_floating_point() and x.detach().tolist() != y.detach().tolist() for x, y in pairs
        )

    def numbers_read(self) -> list[torch.Tensor]:
        return [x for _, _, x in self.read if x.is_floating_point() and x.numel()]

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
                return "use_reentrant" in str(error)  # torch has no derivative of it to ask for
        return not any(part is not None and bool(part.any()) for part in further)


def has_no_normal(y: torch.Tensor) -> bool:
    """Whether there is an infinity, NaN or a subnormal number, whose square is 0."""
    x = y.detach()
    if not x.is_floating_point():
        return False
    small = (x != 0) & (x.abs() < torch.finfo(x.dtype).smallest_normal)
    return bool((~x.isfinite() | small).any())


HALF = torch.finfo(torch.float16).max
SMALLEST_HALF = torch.finfo(torch.float16).smallest_normal


def overlaps_itself(y: torch.Tensor) -> bool:
    """Whether several elements lie in one place; torch gives them one tangent."""
    reach = 1 + sum((n - 1) * s for n, s in zip(y.shape, y.stride(), strict=True))
    return y.numel() > reach


def forget_nans(x: Any, y: Any) -> None:
    """Put minigrad's numbers in the place of NaN in the gradient of torch's tensor."""
    if is_leaf(y) and is_leaf(x) and y.grad is not None and x.grad is not None:
        nan = y.grad.isnan()
        y.grad = torch.where(nan, torch.tensor(x.grad.detach().numpy()), y.grad)


LOOKS = ("requires_grad", "is_leaf", "grad_fn", "retains_grad")


def look(x: Any) -> tuple[Any, ...]:
    """`LOOKS`, each perhaps the type of the exception that looking raises."""
    seen: list[Any] = []
    for what in LOOKS:
        if what == "retains_grad" and seen[1] is not False:
            break  # only of those inside the graph
        try:
            value = getattr(x, what)
            if value is not None and type(value) is not bool:
                value = value.name().rpartition("::")[2]  # of torch::autograd::CopySlices
            seen.append(value)
        except RuntimeError as error:
            seen.append(type(error).__name__)
    return tuple(seen)


def close(a: np.ndarray, b: np.ndarray, part: float) -> bool:
    """Equal up to rounding, relative to the largest element; NaN where the other has NaN."""
    if a.dtype.kind != "f":
        return bool((a == b).all())
    with np.errstate(all="ignore"):
        # The sign of an infinity can come from that of a zero, and max(-0, 0) may be either.
        usual = np.isfinite(b)
        if not np.array_equal(abs(a[~usual]), abs(b[~usual]), equal_nan=True):
            return False
        a, b = a[usual], b[usual]
        largest = np.abs(b).max(initial=0)
        # Below the normal numbers, torch's vectors of numbers round to 0.
        return bool((np.abs(a - b) <= max(part * largest, np.finfo(a.dtype).tiny)).all())


# Running, writing down and shortening programs.


def replay(
    program: Sequence[str], watch: bool = True, ignore: Collection[str] = ()
) -> Disagreement | None:
    """Run a program with both libraries: where they first disagree."""
    machine = Machine(watch, ignore)
    found = last = None
    try:
        for text in program:
            found = machine.run(text)
            if found is not None or machine.over:
                break
    finally:
        last = machine.finish()
    return found or last


def write_and_run(
    choices: Choices, length: int = LENGTH, ignore: Collection[str] = ()
) -> tuple[list[str], bool, Disagreement | None]:
    """Write a program while both libraries run it: its text, how it was watched, what differs."""
    watch = not choices.chance(40)
    machine = Machine(watch, ignore)
    writer = Writer(choices, machine.theirs.names)
    program: list[str] = []
    found = last = None
    try:
        for _ in range(length):
            program.append(writer.next())
            found = machine.run(program[-1])
            if found is not None or machine.over:
                break
            if machine.raised is None:
                writer.follow(program[-1])
    finally:
        last = machine.finish()
    return program, watch, found or last


def parse(source: str) -> list[str]:
    """The statements of a program as `source_of` prints it."""
    program: list[str] = []
    depths = []
    for line in source.splitlines():
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        indent = len(line) - len(line.lstrip())
        while depths and indent <= depths[-1]:
            depths.pop()
            program.append(EXIT)
        if text != "pass":
            program.append(text)
        if text.endswith(":"):
            depths.append(indent)
    return program


def source_of(program: Sequence[str], prefix: str = "") -> str:
    """The program as Python."""
    lines: list[str] = []
    depth = 0
    for text in program:
        if text == EXIT:
            if lines and lines[-1].endswith(":"):
                lines.append(prefix + "    " * depth + "pass")
            depth = max(depth - 1, 0)
        else:
            lines.append(prefix + "    " * depth + text)
            depth += text.endswith(":")
    if lines and lines[-1].endswith(":"):
        lines.append(prefix + "    " * depth + "pass")
    return "\n".join(lines)


def report(program: Sequence[str], found: Disagreement, watch: bool) -> str:
    """The program as Python that runs with both."""
    looked = "" if watch else "  (nobody looks at the graph before the end)"
    return "\n".join(
        [
            f"# {found}{looked}",
            "import minigrad, torch",
            "for T in (minigrad, torch):",
            "  try:",
            source_of(program, "    "),
            "  except Exception as error:",
            "    print(T.__name__, type(error), error)",
            "",
        ]
    )


def minimal(
    program: Sequence[str], found: Disagreement, watch: bool, ignore: Collection[str] = ()
) -> list[str]:
    """The program without the statements that the disagreement does not need."""
    program = list(program)
    again = True
    while again:
        again = False
        for size in (8, 4, 2, 1):
            i = len(program) - size
            while i >= 0:
                shorter = program[:i] + program[i + size :]
                other = replay(shorter, watch, ignore)
                if other is not None and alike(other, found):
                    program, again = shorter, True
                i -= size
    return program


def alike(a: Disagreement, b: Disagreement) -> bool:
    """Whether two disagreements of the same program are about the same."""
    if a.kind != b.kind:
        return False
    if a.kind in ("value", "grad", "shape"):
        return True
    return (a.ours[:60], a.theirs[:60]) == (b.ours[:60], b.theirs[:60])


def ill_conditioned(program: Sequence[str], found: Disagreement) -> bool:
    """Whether torch's own answer moves as far when its operations round a little more coarsely.

    Such programs, with a difference of nearly equal numbers, cannot be compared.
    """
    if moves(program, found, zeros=False):
        return True
    if found.kind in ("value", "grad") and any(map(transforms, program)):
        # What torch's transforms compute cannot be rounded otherwise, but in double precision.
        double = [re.sub(r"T\.float(16|32)\b", "T.float64", text) for text in program]
        again = replay(double, ignore=["message"])
        if double != list(program):
            if again is None or gap(again) < gap(found) / 1000:
                return True
            if gap(found) <= 4 * apart(answer(program, found), answer(double, found)):
                return True
    machine = Machine(ignore=("grad", "value", "shape"))
    for text in program[: found.step + 1]:
        machine.run(text)
    if machine.read and gap(found) <= machine.rounding():
        return True
    if machine.read and machine.decided_by_rounding(program[found.step], found.what):
        return True
    machine.finish()
    return machine.signs and moves(program, found, zeros=True)


def numbers_in(text: str) -> np.ndarray | None:
    """The numbers of a disagreement's text; None if it is about something else."""
    try:
        return np.array(eval(text, {"inf": math.inf, "nan": math.nan}), np.float64)
    except (NameError, ValueError, SyntaxError):
        return None


def gap(found: Disagreement) -> float:
    """By how much the numbers differ; infinitely, if they are no numbers of one shape."""
    ours, theirs = numbers_in(found.ours), numbers_in(found.theirs)
    if ours is None or theirs is None or ours.shape != theirs.shape:
        return math.inf
    with np.errstate(all="ignore"):
        return float(np.nan_to_num(np.abs(ours - theirs), nan=math.inf).max(initial=0))


def moves(program: Sequence[str], found: Disagreement, zeros: bool) -> bool:
    """Whether another rounding, and perhaps other signs of zeros, moves torch's answer as far."""
    if found.kind not in ("value", "grad", "shape"):
        return False
    first, *others = [answer(program, found, seed, zeros) for seed in (None, *range(SAMPLES))]
    if found.kind == "shape":
        return first is not None and any(str(x.shape) == found.ours for x in others)
    ours = numbers_in(found.ours)
    if ours is None:
        return False
    others = [x for x in others if x is not None and first is not None and x.shape == first.shape]
    if first is None or ours.shape != first.shape or not others:
        return False
    with np.errstate(all="ignore"):
        usual = np.isfinite(first)
        if not np.array_equal(np.isfinite(ours), usual):
            if not all(np.array_equal(np.isfinite(x), usual) for x in others):
                return True
            # Or torch's is finite by chance: each time it is another number altogether.
            beyond = ~np.isfinite(ours)
            return bool((beyond | usual).all()) and all(
                (np.abs(x - first) > np.abs(first))[beyond & usual].all() for x in others
            )
        distances = [np.nan_to_num(np.abs(x - first), nan=math.inf)[usual] for x in others]
        moved = max(each.max(initial=0) for each in distances)
        return bool(np.abs(ours - first)[usual].max(initial=0) <= 4 * moved)


def apart(a: Any, b: Any) -> float:
    """By how much two finite answers differ; 0 where they cannot be compared."""
    usable = a is not None and b is not None and a.shape == b.shape and np.isfinite([a, b]).all()
    return float(np.abs(a - b).max(initial=0)) if usable else 0.0


def answer(
    program: Sequence[str], found: Disagreement, seed: int | None = None, zeros: bool = False
) -> Any:
    """What torch has where the libraries disagree; with a seed, rounded more coarsely."""
    library = Library(torch)
    with nullcontext() if seed is None else Coarser(seed, zeros) as coarser:
        for text in program[: found.step + 1]:
            library.run(text)
            if coarser is not None and zeros and transforms(text):  # which it does not see inside
                for name in text.partition(" = ")[0].split(", "):
                    x = library.names.get(name)
                    if x is not None and is_float(x):
                        coarser.turn(x.data)
        library.leave()  # torch's blocks must end inside of the one around them
    x = library.names.get(found.what)
    if x is not None and found.kind == "grad":
        x = x.grad
    numbers = None if x is None else x.detach().numpy(force=True).astype(np.float64)
    library.finish()
    return numbers


class Tally:
    """What many programs came to."""

    def __init__(self) -> None:
        self.programs = self.statements = self.ill = 0
        self.kinds: Counter[str] = Counter()
        self.seen: Counter[str] = Counter()  # by key_of
        self.first: dict[str, str] = {}  # the shortest of each sort

    @property
    def reports(self) -> list[str]:
        """A program for each sort of disagreement, the most frequent first."""
        return [f"# {n} times: {key}\n{self.first[key]}" for key, n in self.seen.most_common()]

    def __str__(self) -> str:
        count = sum(self.kinds.values())
        return (
            f"{self.programs} programs, {self.statements} statements, {count} disagreements "
            f"{dict(self.kinds)} of {len(self.seen)} sorts, {self.ill} ill-conditioned"
        )


def key_of(program: Sequence[str], found: Disagreement) -> str:
    """Disagreements with the same key are probably the same one."""
    text = program[min(found.step, len(program) - 1)].rpartition(" = ")[2]
    detail = () if found.kind in ("value", "grad") else (found.ours[:60], found.theirs[:60])
    if found.kind == "raises":
        text = "backward" if "grad(" in text or "backward(" in text else "statement"
    key = re.sub(r"v\d+", "v", f"{found.kind} {text} {detail}")
    return re.sub(r"\[[-\[\]\d., ]*\]|-?\d+(\.\d+)?", "#", key)


def run_many(seeds: Iterable[int], length: int = LENGTH, ignore: Collection[str] = ()) -> Tally:
    """Run the programs with these seeds; the disagreements are reported minimised."""
    tally = Tally()
    with warnings.catch_warnings():
        # A random program does what torch warns of, such as create_graph in backward().
        warnings.simplefilter("ignore")
        for seed in seeds:
            program, watch, found = write_and_run(Choices(seed), length, ignore)
            tally.programs += 1
            tally.statements += len(program)
            if found is None:
                continue
            if ill_conditioned(program, found):
                tally.ill += 1
                continue
            tally.kinds[found.kind] += 1
            program = minimal(program, found, watch, ignore)
            found = replay(program, watch, ignore) or found
            key = key_of(program, found)
            tally.seen[key] += 1
            text = f"# seed {seed}\n{report(program, found, watch)}"
            if key not in tally.first or len(text) < len(tally.first[key]):
                tally.first[key] = text
    return tally


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.agreement.state_machine",
        description="Run random programs with minigrad and torch and print where they disagree.",
    )
    parser.add_argument("--programs", type=int, default=2000, help="how many programs to run")
    parser.add_argument("--seed", type=int, default=0, help="the first program's seed")
    parser.add_argument("--length", type=int, default=LENGTH, help="statements in a program")
    parser.add_argument("--show", type=int, default=30, help="how many disagreements to print")
    parser.add_argument("--ignore", nargs="*", default=[], help="not to compare, such as grad_fn")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    start = time.perf_counter()
    seeds = range(options.seed, options.seed + options.programs)
    tally = run_many(seeds, options.length, options.ignore)
    for text in tally.reports[: options.show]:
        print(text)
    rate = tally.programs / (time.perf_counter() - start)
    print(f"{tally}; {rate:.0f} programs/s")
    return 1 if tally.reports else 0


if __name__ == "__main__":
    sys.exit(main())
