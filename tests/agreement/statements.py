"""The statements that random programs are made of.

A kind of statement is a function that takes the `Writer` and returns the statement's text, or
None if it has no use for the tensors there are; ``@statement(weight)`` registers it. Hypothesis
shrinks towards the first kinds, and towards the first of several forms.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

import torch

from tests.agreement.choices import Choices

LENGTH = 24  # statements in a program
TENSORS = 12  # about that many names; further results take over old ones
MOST = 200  # elements; larger tensors are not used further
LARGE = 1e3  # values beyond this are made smaller rather than multiplied again
EXIT = "exit"  # closes the block that the last line with a colon at its end has opened

KINDS: list[Callable[[Writer], str | None]] = []


def statement(weight: int) -> Any:
    """Register a kind of statement, to be written ``weight`` times as often as one of weight 1."""

    def register(kind: Callable[[Writer], str | None]) -> Callable[[Writer], str | None]:
        KINDS.extend([kind] * weight)
        return kind

    return register


class Writer:
    """Chooses statements, knowing the tensors that torch has at this point."""

    def __init__(self, choices: Choices, names: dict[str, Any]) -> None:
        self.c = choices
        self.names = names
        self.count = 0
        self.blocks: list[str] = []  # those that are open
        # Gradients and what may share their memory: torch may return one tensor twice, the
        # cotangent it was given, or an expanded tensor, so that writing to them tells nothing.
        self.frozen: set[str] = set()

    def next(self) -> str:
        if self.count < 2:
            return make_leaf(self)
        for _ in range(20):
            text = self.c.pick(KINDS)(self)
            if text is not None:
                return text
        return make_leaf(self)

    def follow(self, text: str) -> None:
        """Keep `frozen` up to date, once a statement has been run."""
        targets, equals, expression = text.partition(" = ")
        if equals and targets[0] == "v":
            names = set(re.findall(r"v\d+", expression))
            made = ".grad(" in expression or "T.func." in expression
            pure = made or (names and names <= self.frozen)
            (self.frozen.update if pure else self.frozen.difference_update)(targets.split(", "))

    def block(self, forms: str) -> str:
        """Open one of these blocks, or close the last one."""
        if self.blocks and self.c.chance(65):
            self.blocks.pop()
            return EXIT
        self.blocks.append(self.one_of(forms))
        return self.blocks[-1]

    def within(self, what: str) -> bool:
        return any(what in block for block in self.blocks)

    def target(self, fits: Callable[[Any], bool] = lambda x: True) -> str | None:
        """A tensor to write to."""
        names = [n for n, x in self.names.items() if n[0] == "v" and n not in self.frozen]
        some = {n: self.names[n] for n in names if self.names[n] is not None}
        some = {n: x for n, x in some.items() if not kills(x)}
        return self.newest([n for n, x in some.items() if fits(x) and not overlapping(x)])

    def new(self) -> str:
        """The name of the next result."""
        if self.count >= TENSORS and self.c.chance(50):
            return f"v{self.c.number(0, TENSORS - 1)}"
        self.count += 1
        return f"v{self.count - 1}"

    def some(self, fits: Callable[[Any], bool] = lambda x: True) -> str | None:
        """The name of a tensor that fits, a recent one rather than an old one."""
        tensors = {n: x for n, x in self.names.items() if n[0] == "v" and x is not None}
        return self.newest([n for n, x in tensors.items() if x.numel() <= MOST and fits(x)])

    def newest(self, names: list[str]) -> str | None:
        if not names:
            return None
        i = min(self.c.number(0, len(names) - 1), self.c.number(0, len(names) - 1))
        return names[-1 - i]

    def floats(self) -> str | None:
        return self.some(lambda x: x.is_floating_point())

    def wanting(self) -> str | None:
        """A tensor that requires grad, mostly."""
        return self.floats() if self.c.chance(7) else self.some(requires_grad)

    def fitting(self, shape: tuple[int, ...], exactly: bool = False) -> str | None:
        """A tensor that broadcasts against ``shape``; now and then any."""
        if self.c.chance(4):
            return self.some()
        return self.some(
            lambda x: tuple(x.shape) == shape if exactly else broadcasts(tuple(x.shape), shape)
        )

    def into(self, target: str, shape: tuple[int, ...] | None = None) -> str:
        """A tensor or number that can be written into ``target``, or into ``shape`` of it."""
        sizes = self.shape(target) if shape is None else shape
        # torch lets an integer tensor take part in a graph, and then trips over it.
        y = self.names[target]
        graph = y.is_floating_point()
        name = self.some(
            lambda x: (
                fits_into(tuple(x.shape), sizes)
                and (graph or not requires_grad(x))
                and (clearly_overlaps(x, y) or not shares_memory(x, y))
            )
        )
        if name is None or self.c.chance(25):
            return self.literal()
        return name

    def like(self, name: str) -> str | None:
        """A tensor of the same shape and dtype."""
        shape, dtype = self.shape(name), self.names[name].dtype
        return self.some(lambda x: tuple(x.shape) == shape and x.dtype == dtype)

    def alone(self, name: str) -> bool:
        """Whether a tensor has no second name or gradient, and is nobody's gradient."""
        x = self.names[name]
        if x.retains_grad:
            return False
        others = [y for n, y in self.names.items() if n[0] == "v" and n != name and y is not None]
        return not any(y is x or (is_leaf(y) and y.grad is x) for y in others)

    def literal(self) -> str:
        return self.c.pick(("2", "0.5", "-1", "0", "1.5", "3", "-0.25", "1"))

    def one_of(self, forms: str) -> str:
        return self.c.pick(forms.split(" | "))

    def small(self, name: str) -> bool:
        x = self.names[name].detach()
        return x.numel() == 0 or not bool(x.abs().max() > LARGE if x.dtype != torch.bool else False)

    def shape(self, name: str) -> tuple[int, ...]:
        return tuple(self.names[name].shape)


def requires_grad(x: Any) -> bool:
    try:
        return bool(x.requires_grad)
    except RuntimeError:
        return False


def shares_memory(x: torch.Tensor, y: torch.Tensor) -> bool:
    try:
        return x.untyped_storage().data_ptr() == y.untyped_storage().data_ptr()
    except RuntimeError:  # what a transform of torch's has left behind
        return True


def clearly_overlaps(x: torch.Tensor, y: torch.Tensor) -> bool:
    """Whether torch is sure to see that the one is in the other's way.

    Where it does not, it may read what it has written; and of one element, it decides by strides
    that are never used.
    """
    return x.is_contiguous() and y.is_contiguous() and min(x.numel(), y.numel()) > 1


def kills(x: torch.Tensor) -> bool:
    """Whether torch crashes when a tensor is written to through a view and then differentiated.

    So it does where the gradient is kept of an output that is not its node's first.
    """
    base = x._base if x._base is not None else x
    return bool(base.grad_fn is not None and base.output_nr and base.retains_grad)


def overlapping(x: torch.Tensor) -> bool:
    """Whether windows of a tensor share elements: what a write leaves depends on its order."""
    reach = 0
    for stride, n in sorted(zip(x.stride(), x.shape, strict=True)):
        if n > 1 and 0 < stride <= reach:
            return True
        reach += (n - 1) * stride
    return False


def is_leaf(x: Any) -> bool:
    """Whether a tensor is a leaf and no view: to ask a view would make it find its edge."""
    return not x._is_view() and x.is_leaf


def broadcasts(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    return all(n == m or n == 1 or m == 1 for n, m in zip(a[::-1], b[::-1], strict=False))


def fits_into(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    return len(a) <= len(b) and all(n in (m, 1) for n, m in zip(a[::-1], b[::-1], strict=False))


def numbers(c: Choices, shape: Sequence[int], options: Sequence[Any]) -> Any:
    if not shape:
        return c.pick(options)
    return [numbers(c, shape[1:], options) for _ in range(shape[0])]


SHAPES = ((2,), (), (3,), (2, 3), (1,), (2, 2), (3, 1), (1, 2), (2, 1, 2), (0,), (2, 0))
VALUES = (1.0, 2.0, -1.0, 0.5, 0.0, -2.0, 1.5, 3.0, -0.75, 0.25)


@statement(4)
def make_leaf(w: Writer) -> str:
    c = w.c
    shape = c.pick(SHAPES) if c.chance(70) else c.pick(SHAPES[:4])
    name = w.new()
    if c.chance(12):
        dtype = c.pick(("int64", "bool", "int32"))
        options = (True, False) if dtype == "bool" else (0, 1, 2, -1, 3)
        data = numbers(c, shape, options)
        return f"{name} = T.tensor({data}, dtype=T.{dtype})"
    if c.chance(10):
        make = c.pick(("T.ones{s}", "T.zeros{s}", "T.full({s}, 2.0)", "T.arange(3.0)"))
        return f"{name} = {make.format(s=shape if shape else '(())')}"
    dtype = "float64" if c.chance(35) else "float32"
    plain = c.chance(30) or torch.is_inference_mode_enabled()
    grad = "" if plain else ", requires_grad=True"
    return f"{name} = T.tensor({numbers(c, shape, VALUES)}, dtype=T.{dtype}{grad})"


@statement(10)
def of_two(w: Writer) -> str | None:
    a = w.some()
    if a is None:
        return None
    b = w.fitting(w.shape(a)) if w.c.chance(60) else w.literal()
    if b is None:
        return None
    if not w.small(a) or (b in w.names and not w.small(b)):
        return f"{w.new()} = {a} * 0.001"
    form = w.one_of(
        "{a} * {b} | {a} + {b} | {b} - {a} | {a} / {b} | {a} - {b} | {b} * {a} | {b} + {a} | "
        "T.mul({a}, {b}) | {a}.add({b}) | {a}.sub({b}, alpha=2) | {a}.div({b}) | {b} / {a} | "
        "T.add({a}, {b}, alpha=0.5) | T.sub({a}, {b})"
    )
    return f"{w.new()} = {form.format(a=a, b=b)}"


@statement(3)
def power(w: Writer) -> str | None:
    a = w.some()
    if a is None or not w.small(a):
        return None
    b = w.fitting(w.shape(a))
    form = w.one_of(
        "{a} ** 2 | {a} ** 3 | {a}.pow(2) | {a} ** 1 | {a} ** 0 | T.square({a}) | "
        "2 ** ({a} * 0.1) | {a} ** ({b} * 0.1) | {a} ** 0.5 | {a} ** -1"
    )
    return None if b is None else f"{w.new()} = {form.format(a=a, b=b)}"


FUNCTIONS = ("relu", "exp", "abs", "neg", "sigmoid", "tanh", "sin", "cos", "sqrt", "log", "clone")
OTHER_FUNCTIONS = ("square", "reciprocal", "sign", "contiguous")


@statement(8)
def function(w: Writer) -> str | None:
    a = w.some() if w.c.chance(10) else w.floats()
    if a is None or not w.small(a):
        return None
    name = w.c.pick(FUNCTIONS + OTHER_FUNCTIONS)
    if name in ("contiguous", "clone") or w.c.chance(60):
        return f"{w.new()} = {a}.{name}()"
    return f"{w.new()} = T.{name}({a})"


@statement(2)
def clamp(w: Writer) -> str | None:
    a = w.floats()
    if a is None:
        return None
    # Bounds that are larger than the tensor: torch's backward cannot do that.
    b = w.some(lambda x: fits_into(tuple(x.shape), w.shape(a)))
    forms = "{a}.clamp(0, 1) | {a}.clamp(min=0.5) | T.clamp({a}, max=0)"
    form = w.one_of(forms + (" | {a}.clamp(min={b}) | T.clamp({a}, {b}, {a})" if b else ""))
    return f"{w.new()} = {form.format(a=a, b=b)}"


@statement(3)
def choose(w: Writer) -> str | None:
    a = w.some()
    b = None if a is None else w.fitting(w.shape(a))
    c = None if a is None else w.fitting(w.shape(a))
    if a is None or b is None or c is None:
        return None
    form = w.one_of(
        "T.maximum({a}, {b}) | T.minimum({a}, {b}) | T.where({a} > {b}, {a}, {c}) | "
        "T.where({a} > 0, {b}, {c}) | {a} > {b} | {a} == {b} | {a} <= 0.5 | "
        "T.where({a} > {b}, {c}, 0.0) | T.max({a}, {b})"
    )
    return f"{w.new()} = {form.format(a=a, b=b, c=c)}"


@statement(6)
def reduction(w: Writer) -> str | None:
    a = w.some() if w.c.chance(15) else w.floats()
    if a is None:
        return None
    ndim = len(w.shape(a))
    name = w.c.pick(("sum", "mean", "max", "min"))
    if ndim == 0 or w.c.chance(40):
        return f"{w.new()} = {a}.{name}()"
    keep = ", keepdim=True" if w.c.chance(30) else ""
    dim: Any = w.c.number(-ndim, ndim - 1)
    if name in ("max", "min"):
        if w.c.chance(15):
            return f"{w.new()}, {w.new()} = {a}.{name}({dim}{keep})"
        return f"{w.new()} = {a}.{name}({dim}{keep})[0]"
    if w.c.chance(20):
        dim = tuple(w.c.sample(range(ndim), 2))
    return f"{w.new()} = {a}.{name}({dim}{keep})"


@statement(3)
def product(w: Writer) -> str | None:
    a = w.some(lambda x: x.is_floating_point() and x.ndim > 0)
    if a is None or not w.small(a):
        return None
    x = w.names[a]
    b = w.some(lambda y: y.dtype == x.dtype and multiply(tuple(x.shape), tuple(y.shape)))
    if w.c.chance(4):
        b = w.some()
    return None if b is None or not w.small(b) else f"{w.new()} = {a} @ {b}"


def multiply(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    if not a or not b:
        return False
    return a[-1] == (b[0] if len(b) == 1 else b[-2]) and broadcasts(a[:-2], b[:-2])


@statement(3)
def join(w: Writer) -> str | None:
    a = w.some()
    if a is None:
        return None
    shape = w.shape(a)
    parts = [a, *[w.fitting(shape, exactly=True) or a for _ in range(w.c.number(0, 2))]]
    if shape and w.c.chance(50):
        return f"{w.new()} = T.cat([{', '.join(parts)}], {w.c.number(0, len(shape) - 1)})"
    return f"{w.new()} = T.stack([{', '.join(parts)}], {w.c.number(-1, len(shape))})"


@statement(2)
def convert(w: Writer) -> str | None:
    a = w.some()
    form = w.c.pick(("float()", "double()", "long()", "to(T.float64)", "to(T.float32)", "bool()"))
    return None if a is None else f"{w.new()} = {a}.{form}"


@statement(3)
def advanced_index(w: Writer) -> str | None:
    a = w.some(lambda x: x.ndim > 0 and x.shape[0] > 0)
    return None if a is None else f"{w.new()} = {a}[{advanced_key(w, a)}]"


def advanced_key(w: Writer, a: str) -> str:
    shape = w.shape(a)
    n = shape[0]
    c = w.c
    rows = [c.number(-n, n - 1) for _ in range(c.number(1, 3))]
    index = w.some(lambda x: x.dtype == torch.int64 and x.ndim == 1)
    mask = w.some(lambda x: x.dtype == torch.bool and tuple(x.shape) == shape)
    keys = [str(rows), f"T.tensor({rows})"]
    keys += [f"{a} > 0.5", f"{a} > 0.5"] if w.names[a].dtype != torch.bool else []
    keys += [f"{rows}, {[0] * len(rows)}", f":, {[0, 0]}"] if len(shape) > 1 and shape[1] else []
    keys += [index] if index else []
    keys += [mask, mask] if mask else []
    return c.pick(keys)


def basic_key(w: Writer, a: str) -> str:
    c = w.c
    parts = []
    for n in w.shape(a):
        # Of a dimension of size 1 the step is never used, and torch compares it all the same.
        options = ["1:", ":1", "::2" if n != 1 else ":", ":"] + (
            [str(c.number(-n, n - 1))] * 3 if n else []
        )
        parts.append(c.pick(options))
        if c.chance(30):
            break
    if not parts or c.chance(8):
        parts.append(c.pick(("...", "None")))
    return ", ".join(parts)


@statement(14)
def view(w: Writer) -> str | None:
    a = w.some()
    if a is None:
        return None
    c = w.c
    shape = w.shape(a)
    ndim, size = len(shape), math.prod(shape)
    options = ["[{key}]", "[{key}]", ".view(-1)", ".reshape(-1)", ".unsqueeze({up})", ".squeeze()"]
    options += [".detach()", ".view({shape})", ".expand(2, {shape})", ".flatten()"]
    if ndim:
        options += [".transpose(0, {dim})", ".T", ".t()", ".permute({order})", ".squeeze({dim})"]
        options += [".expand({wide})", ".reshape({flat})", ".view({flat})", ".unsqueeze(0)"]
    order = list(range(ndim))
    text = c.pick(options).format(
        key=basic_key(w, a),
        up=c.number(-1, ndim),
        dim=c.number(-ndim, ndim - 1) if ndim else 0,
        shape=", ".join(map(str, shape)) or "()",
        order=[order.pop(c.number(0, len(order) - 1)) for _ in range(ndim)],
        wide=tuple([2 if n == 1 else n for n in shape]),
        flat=c.pick([(size,), (1, size), (size, 1)] + ([(2, size // 2)] if size % 2 == 0 else [])),
    )
    text = text.replace("expand(2, ())", "expand(2)").replace("view(())", "view(1)")
    return f"{w.new()} = {a}{text}"


@statement(6)
def other_view(w: Writer) -> str | None:
    """The views that have functions of their own, one or several of them."""
    a = w.some(lambda x: x.ndim > 0)
    if a is None:
        return None
    c = w.c
    shape = w.shape(a)
    dim = c.number(-len(shape), len(shape) - 1)
    size = shape[dim]
    start = c.number(0, size)
    options = [f".narrow({dim}, {start}, {c.number(0, size - start)})", f".movedim(0, {dim})"]
    options += [f".swapaxes({dim}, 0)", f".unfold({dim}, {min(size, 2)}, 1)", ".ravel()"]
    options += [f".unflatten({dim}, (-1, 1))", f".tensor_split(2, {dim})[0]"]
    if len(shape) > 1:
        options += [".diagonal()", f".diagonal({c.number(-1, 1)})", ".mT"]
    if size:
        options += [f".select({dim}, {c.number(-size, size - 1)})"]
        options += [f".unbind({dim})[{c.number(-1, 0)}]"]
        options += [f".split(1, {dim})[-1]", f".chunk(2, {dim})[0]"]
        if c.chance(15):
            return f"{w.new()}, {w.new()} = ({a}.unbind({dim}) * 2)[:2]"  # the tuple, twice
    return f"{w.new()} = {a}{c.pick(options)}"


@statement(4)
def rearranged(w: Writer) -> str | None:
    """Copies in another order, with some elements, or with some replaced."""
    a = w.some(lambda x: x.ndim > 0)
    if a is None:
        return None
    c = w.c
    shape = w.shape(a)
    dim = c.number(-len(shape), len(shape) - 1)
    size = shape[dim]
    rows = [c.number(0, size - 1) for _ in range(c.number(1, 3))] if size else []
    index = f"T.tensor({rows}, dtype=T.int64)"
    forms = [f"{a}.flip({dim})", f"{a}.roll(1, {dim})", f"{a}.repeat_interleave(2, {dim})"]
    forms += [f"{a}.repeat{(2,) * len(shape)}", f"T.atleast_2d({a})"]
    forms += [f"{a}.index_select({dim}, {index})", f"{a}.index_fill({dim}, {index}, 2)"]
    forms += [f"T.take_along_dim({a}, {a}.argsort({dim}), {dim})"] if size else []
    if len(shape) > 1:
        forms += [f"{a}.tril()", f"{a}.triu(1)", f"T.hstack([{a}, {a}])"]
    if w.names[a].dtype != torch.bool:
        forms += [f"{a}.masked_fill({a} > 0.5, 0)", f"{a}.masked_select({a} > 0.5)"]
    return f"{w.new()} = {c.pick(forms)}"


@statement(5)
def write_some(w: Writer) -> str | None:
    """Writes to the elements that an index or a mask names, and changes of a tensor's own shape."""
    c = w.c
    # Backward passes through a leaf that has another shape now are torch's secret.
    a = w.target(lambda x: x.ndim > 0 and not (requires_grad(x) and is_leaf(x)))
    if a is None:
        return None
    shape, x = w.shape(a), w.names[a]
    if any(n > 1 and s == 0 for n, s in zip(shape, x.stride(), strict=True)):
        return None
    dim = c.number(0, len(shape) - 1)
    size = shape[dim]
    rows = [c.number(0, size - 1)] * c.number(1, 2) if size else []
    index = f"T.tensor({rows}, dtype=T.int64)"
    part = tuple([len(rows) if i == dim else n for i, n in enumerate(shape)])
    source = w.some(lambda y: tuple(y.shape) == part and y.dtype == x.dtype) or ""
    if source and (shares_memory(w.names[source], x) or not x.is_floating_point()):
        source = ""
    forms = [f"{a}.index_fill_({dim}, {index}, 2)"]
    if w.alone(a):
        forms += [f"{a}.t_()", f"{a}.unsqueeze_({dim})"]
        forms += [f"{a}.squeeze_()", f"{a}.transpose_(0, {dim})"]
    if x.dtype != torch.bool:
        forms += [f"{a}.masked_fill_({a} > 0.5, 0.5)"]
    if len(shape) > 1:
        forms += [f"{a}.tril_()", f"{a}.triu_()", f"{a}.fill_diagonal_(1)"]
    if source:
        forms += [f"{a}.index_add_({dim}, {index}, {source})"] * 2
        forms += [f"{a}.index_copy_({dim}, {index}, {source})"]
    return c.pick(forms)


IN_PLACE = (
    "{a}.add_({b})", "{a} *= {b}", "{a}.mul_({b})", "{a} += {b}", "{a}.sub_({b})", "{a} -= {b}",
    "{a}.div_({b})", "{a} /= {b}", "{a}.copy_({t})", "{a}.fill_({n})", "{a}.zero_()",
    "{a}.pow_(2)", "{a} **= 2", "{a}.clamp_(0, 1)", "{a}.clamp_(min=0.5)", "{a}.{f}_()",
    "{a}.{f}_()", "{a}.add_({b}, alpha=2)", "{a}.copy_({t})",
)  # fmt: skip
IN_PLACE_FUNCTIONS = ("exp", "relu", "sigmoid", "tanh", "neg", "abs", "sqrt", "sin", "cos")
IN_PLACE_FUNCTIONS += ("square", "reciprocal", "log")


@statement(16)
def write(w: Writer) -> str | None:
    c = w.c
    a = w.target() if c.chance(70) else w.target(lambda x: x._is_view())
    if a is None:
        return None
    form = c.pick(IN_PLACE)
    if not w.small(a):
        form = c.pick(("{a}.mul_(0.001)", "{a}.zero_()", "{a}.sigmoid_()", "{a}.clamp_(-1, 1)"))
    b = w.into(a) if not c.chance(4) or not w.names[a].is_floating_point() else w.some()
    t, n = w.into(a), w.into(a, ())
    return form.format(a=a, b=b, t=t, n=n, f=c.pick(IN_PLACE_FUNCTIONS))


@statement(8)
def set_item(w: Writer) -> str | None:
    c = w.c
    a = w.target(lambda x: x.ndim > 0 and x.shape[0] > 0)
    if a is None:
        return None
    # By an index tensor torch writes to expanded memory, but warns that it will not for long.
    expanded = any(n > 1 and s == 0 for n, s in zip(w.shape(a), w.names[a].stride(), strict=True))
    if c.chance(35) and not expanded:
        key = advanced_key(w, a)
        index, y = w.names.get(key), w.names[a]
        if index is not None and shares_memory(index, y) and not clearly_overlaps(index, y):
            key += ".clone()"  # else torch may read an index that it has written over
    else:
        key = basic_key(w, a)
    try:
        with torch.no_grad():  # else a view that is read would find its edge
            part = eval(f"{a}[{key}]", w.names)
    except (IndexError, RuntimeError):
        part = w.names[a]
    value = w.into(a, tuple(part.shape))
    x, y = w.names.get(value), w.names[a]
    within = shares_memory(part, y) and (x is None or clearly_overlaps(x, part))
    if x is not None and shares_memory(x, y) and not within:
        value = w.literal()  # into another part of the tensor torch may read what it has written
    return f"{a}[{key}] {'=' if not c.chance(25) else c.pick(('+=', '*='))} {value}"


@statement(3)
def data(w: Writer) -> str | None:
    a = w.target(lambda x: x.is_floating_point())  # an index may be saved, and no longer be one
    if a is None:
        return None
    if w.c.chance(25) and not torch.is_inference_mode_enabled():
        # What this does to views that exist is not defined.
        a = w.target(lambda x: is_leaf(x) and x.requires_grad and not x._is_view())
        b = None if a is None else w.like(a)
        return f"{a}.data = {b}.detach().clone()" if b is not None else None
    forms = "{a}.data.mul_(2) | {v} = {a}.data | {a}.data.zero_() | {a}.data.add_({b})"
    form = w.one_of(forms + " | {a}.data[...] = 1.5")
    return form.format(a=a, b=w.into(a), v=w.new() if "{v}" in form else "")


@statement(4)
def flag(w: Writer) -> str | None:
    a = w.some()
    form = w.one_of(
        "{a}.requires_grad_() | {a}.detach_() | {a}.requires_grad = False | "
        "{a}.requires_grad_(False) | {a}.requires_grad_()"
    )
    if a is None or a in w.frozen or w.names[a].is_inference():
        return None
    if torch.is_inference_mode_enabled():
        return None
    if form.endswith("requires_grad_()") and w.names[a]._is_view() and w.names[a].requires_grad:
        return None  # a view made under no_grad: whether it was used before must not matter
    return form.format(a=a)


@statement(7)
def block(w: Writer) -> str:
    return w.block(
        "with T.no_grad(): | with T.no_grad(): | with T.enable_grad(): | "
        "with T.set_grad_enabled(False):"
    )


def seeded(w: Writer, y: str, create_graph: bool) -> tuple[str, str]:
    """A scalar to start from, or a tensor and the cotangent: ``y.sum()`` and nothing."""
    shape = w.shape(y)
    if math.prod(shape) == 1 and not w.c.chance(20):
        return y, ""
    if w.c.chance(50):
        return f"{y}.sum()", ""
    seed = w.some(lambda x: tuple(x.shape) == shape) if w.c.chance(50) else None
    if seed is not None:
        # Through a view torch may make the seed itself the gradient, and its graph with it.
        seed += ".clone()" if create_graph else ".detach().clone()"
    if seed is None or w.c.chance(4):
        seed = w.c.pick((f"T.ones_like({y})", f"T.full_like({y}, 2)", f"T.ones_like({y}.detach())"))
    return y, "" if w.c.chance(4) else seed


def graph_options(w: Writer) -> list[str]:
    options = []
    if w.c.chance(45):
        options.append("retain_graph=True")
    if w.c.chance(15) and not torch.is_inference_mode_enabled():
        options.append("create_graph=True")
    return options


@statement(10)
def backward(w: Writer) -> str | None:
    y = w.wanting()
    if y is None:
        return None
    options = graph_options(w)
    root, seed = seeded(w, y, "create_graph=True" in options)
    if w.c.chance(12):
        targets = [w.wanting() for _ in range(w.c.number(1, 2))]
        if None not in targets:
            options.append(f"inputs=[{', '.join(map(str, targets))}]")
    if w.c.chance(8):
        other = w.wanting()
        if other is not None:
            seeds = [seed or "None", f"T.ones_like({other})"]
            arguments = [f"[{root}, {other}]", f"[{', '.join(seeds)}]", *options]
            return f"T.autograd.backward({', '.join(arguments)})"
    return f"{root}.backward({', '.join([seed, *options] if seed else options)})"


@statement(8)
def grad(w: Writer) -> str | None:
    y, x = w.wanting(), w.wanting()
    if y is None or x is None:
        return None
    options = graph_options(w)
    if y in w.frozen and x in w.frozen and y != x:
        return None  # which may be one tensor
    inference = torch.is_inference_mode_enabled()
    if w.c.chance(60) and "create_graph=True" not in options and not inference:
        options.append("create_graph=True")
    root, seed = seeded(w, y, "create_graph=True" in options)
    if not w.c.chance(15):
        options.append("allow_unused=True")
    if w.c.chance(10):
        options.append("materialize_grads=True")
    start = [root, "{x}", seed] if seed else [root, "{x}"]
    call = "T.autograd.grad(" + ", ".join([*start, *options]) + ")"
    other = w.wanting() if w.c.chance(30) else None
    if other not in (None, x):
        return f"{w.new()}, {w.new()} = {call.format(x=f'[{x}, {other}]')}"
    return f"{w.new()} = {call.format(x=x)}[0]"


@statement(4)
def gradient(w: Writer) -> str | None:
    """What programs do to ``.grad``."""
    a = w.some(lambda x: is_leaf(x) and x.grad is not None)
    if a is None or w.c.chance(15):
        a = w.some(is_leaf)
        if a is None or a in w.frozen:
            return None
        b = w.like(a)
        other = "None" if b is None else f"{b}.detach().clone()"
        return f"{a}.grad = {w.c.pick((f'T.ones_like({a})', 'None', other))}"
    form = w.one_of(
        "{v} = {a}.grad | {a}.grad = None | {a}.grad.zero_() | {a}.grad.mul_(2) | "
        "{v} = {a}.grad.detach() | {a}.grad += 1"
    )
    return form.format(a=a, v=w.new() if "{v}" in form else "")


@statement(1)
def forget(w: Writer) -> str | None:
    a = w.some()
    return None if a is None or len(w.names) < 8 else f"del {a}"
