"""Where minigrad and torch may differ: what docs/differences.md says, in terms of programs."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch

from tests.agreement.library import (
    Disagreement,
    Library,
    equal,
    forget_nans,
    gap,
    look,
    numbers_in,
    overlaps_itself,
    transforms,
)
from tests.agreement.rounding import is_float
from tests.judge import first_sentence, plain_text

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

# A maximum within a transform.
BOUND = re.compile(r"\bx\.maximum\((\w+)\)")
# What gives a tensor itself another shape.
RESHAPING = r"\.(?:\w*squeeze|t|transpose|swapaxes|resize|as_strided)_\("

HALF = torch.finfo(torch.float16).max
SMALLEST_HALF = torch.finfo(torch.float16).smallest_normal


def kept(text: str) -> str:
    """A pass that keeps the graph."""
    if "retain_graph=True" in text:
        return text
    return re.sub(r"\)(?=\[0\]$|$)", ", retain_graph=True)", text).replace("(, ", "(")


def unnested(text: str) -> str:
    """A checkpoint whose backward starts no pass of its own."""
    return text.replace("use_reentrant=True", "use_reentrant=False")


def of_clones(text: str) -> str:
    """A statement that reads copies of its tensors."""
    return re.sub(r"\b(v\d+)", r"\1.clone()", text)


def run_through(machine: Any, program: Sequence[str]) -> Disagreement | None:
    """Run a program with a new machine: where the libraries first disagree."""
    found = last = None
    try:
        for text in program:
            found = machine.run(text)
            if found is not None or machine.over:
                break
    finally:
        last = machine.finish()
    return found or last


class Rulings:
    """What `Machine` asks of the statements that it has run."""

    ours: Library
    theirs: Library
    history: list[str]
    failed: list[str]
    operands: list[Any]
    read: list[tuple[Any, int, Any]]
    beyond: bool
    made_by_a_pass: dict[str, int]
    same_values: Callable[..., Disagreement | None]
    same_grad: Callable[..., Disagreement | None]
    constant: Callable[..., bool]

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
            # Or the pass goes on to hooks, and to gradients that are None, or ends in a checkpoint;
            # and of two errors, a wrong index is found first.
            return ours == "nothing" or bool(re.search("Checkpoint|NoneType|out of bounds", ours))
        if ours == "nothing" and "returned an invalid gradient" in theirs:
            return re.search(RESHAPING, "\n".join(self.history)) is not None
        if ours == "nothing" and VIEWS_FIRST.search(theirs) and ("backward(" in text):
            leaves = re.findall(r"(v\d+)\.requires_grad_\(\)", "\n".join(self.history))
            if any(True in self.pair(name) for name in leaves):
                return True  # a view that was made a leaf, whose base was then written to
            others = [y for y in self.theirs.variables().values() if y is not None and y._is_view()]
            if leaves and any(y._base.is_leaf and y._base.requires_grad for y in others):
                return True  # or a base that was, and torch looks at the edges of all it has saved
        if ours == "nothing" and re.search("operator, (on|with) a bool tensor", theirs):
            return "backward(" in text or "grad(" in text
        if ours == "nothing" and "some elements of the input tensor" in theirs:
            # A view steps over dimensions of one element in another way than what it shows.
            idle = any(1 in y.shape for y in self.used(text.replace(" = ", "; ")))
            target, assigns, _ = text.partition("] = ")
            if assigns:
                idle |= 1 in eval(target + "]", self.theirs.names).shape
            return ".data" in text or self.apart(text) or not alike or idle
        if theirs == "nothing" and "some elements of the input tensor" in ours:
            return not alike  # where torch cannot tell, it lets it pass
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
        if "use_reentrant=True, torch.utils.checkpoint is incompatible" in theirs and self.read:
            # torch's pass goes to a checkpoint that only a tangent of 0 needs.
            return ours == "nothing" and self.asked_again(unnested, r"reentrant=True")
        if modified in theirs and ours == "nothing":
            # torch has saved what no derivative needs: with copies saved, it has the same numbers.
            cloned = self.asked_again(of_clones, nans=True)
            return cloned or self.asked_again(str, hooks=COPIES, nans=True)
        if "not implemented. It is 0" in ours and theirs == "nothing":
            # torch passes over it where it was written into a view.
            written = any(re.search(r"floor_divide_\(| //= ", t) for t in self.history)
            return written or any(y is not None and y._is_view() for y in self.operands)
        if "a leaf Variable that requires grad is being used" in ours and theirs == "nothing":
            name = re.split(r"\W", text)[0]
            return any(re.search(rf"\b{name}\b", failed) for failed in self.failed)  # as below
        if "can only change requires_grad flags of leaf" in theirs and ours == "nothing":
            # torch's views find their edge when they are given to an operation, even if it fails.
            name = re.split(r"\W", text)[0]
            return any(re.search(rf"\b{name}\b", failed) for failed in self.failed)
        if "Inference tensors cannot be saved" in ours and theirs == "nothing":
            return any(
                y._is_view() and y.requires_grad and y.grad_fn is None for y in self.operands
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
            return any(not y.numel() for y in self.operands)  # a product of nothing
        if "setStorage" in ours:  # the memory behind a detached tensor is not followed
            return True
        if VIEWS_FIRST.search(theirs):  # or what torch alone has made a view of
            written = self.pair(re.findall(r"\bv\d+\b(?! = )", text)[0])
            return ours != "nothing" or written.count(True) == 1
        if ours == "nothing" and again in theirs:
            derived = self.read or any("create_graph=True" in t for t in self.history)
            if not derived:
                return False
            passes = r"\.backward\(|autograd\.grad\("
            if self.asked_again(kept, passes) or self.asked_again(kept, passes, hooks=COPIES):
                return True
            # A pass within the pass, to what only a tangent of 0 needs.
            return self.asked_again(unnested, r"reentrant=True")
        by_layout = re.search(r"view size is not compatible|to view \w+ as", ours + theirs)
        # Of one element the step is never used: it is 0, or whatever the operation left there.
        idle = [y for y in self.operands if y.ndim and y.shape[-1] == 1]
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
                return run_through(type(self)(ignore=["message"]), plain) is None
        # Of what is changed by way of .data, each derivative sees what its formula has saved.
        first = [i for i, t in enumerate(self.history) if "create_graph=True" in t or transforms(t)]
        if first and any(re.match(r"v\d+\.data\b", t) for t in self.history[first[0] :]):
            return True
        if any(re.match(r"v\d+\.data = ", t) for t in self.history):
            # The gradient of a view lies as the data do that its base has been given since.
            x, y = [library.names.get(found.what) for library in (self.ours, self.theirs)]
            if x is not None and y is not None and tuple(x.stride()) != tuple(y.stride()):
                return True
        if "nan" in found.theirs and any(".prod(" in t for t in self.history if transforms(t)):
            # The third derivative of a product of zeros.
            return self.asked_again(
                lambda text: of_clones(
                    text.replace("x.expand(2, *x.shape).prod(0)", "(x * x + 0 * x**5)")
                )
            )
        if "nan" in found.theirs and any(BOUND.search(t) for t in self.history):
            # torch's tangent of a maximum is a product with 0 or 1, here it is a choice.
            chosen = r"T.where(x == \1, (x + \1) / 2, T.where(x > \1, x, \1))"
            return self.asked_again(partial(BOUND.sub, chosen))
        if "nan" in found.theirs and found.kind == "grad":
            # torch multiplies infinities by derivatives of transforms that are 0, as if not there.
            given = re.findall(r"\bv\d+", "\n".join(t for t in self.history if transforms(t)))
            for name in dict.fromkeys(given):
                if self.asked_again(partial(re.sub, rf"\b{name}\b", f"{name}.detach()")):
                    return True
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

    def used(self, text: str) -> list[Any]:
        """The tensors of torch's that a statement reads."""
        names = set(re.findall(r"v\d+", text.rpartition(" = ")[2])) & self.theirs.names.keys()
        return [self.theirs.names[name] for name in names]

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
