"""Random expressions, as programs for torch, for minigrad and for TensorFlow.

A program is a list of lines ``name = expression`` over some leaves; later lines use earlier names
as often as they like, so a program is a DAG. The same line runs with torch and with minigrad
(``T`` is either); TensorFlow has a line of its own. Two kinds of program are made:

*smooth* programs keep every operator away from its kinks and poles. Rounding differs from engine
to engine, so they agree up to a tolerance, which is measured (see `Program.noise`).

*exact* programs compute with small dyadic numbers and operators that do not round, and hit kinks
and ties on purpose: values agree to the bit, and gradients but for the shares of ties.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from tests.agreement.choices import Choices

SIZES = (2, 1, 3, 0)
BOUND = 50.0  # no value of a smooth program is larger
MARGIN = 0.03  # and none is nearer to a kink
NUDGE = 2.0**-26  # the relative size of the noise that measures how rounding spreads


class Line(NamedTuple):
    """``name = text`` for torch and minigrad, ``name = tf`` for TensorFlow."""

    name: str
    text: str
    tf: str


@dataclass(repr=False)
class Program:
    """A DAG of operations, the tensors to differentiate, and the cotangents to start from."""

    dtype: str
    leaves: dict[str, np.ndarray] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    outputs: dict[str, np.ndarray] = field(default_factory=dict)  # and their cotangents
    second: dict[str, np.ndarray] = field(default_factory=dict)  # cotangents of the gradients

    def __repr__(self) -> str:
        """Both programs as text that runs, which is what hypothesis shows of a failure."""
        return f"\n{self.torch_source()}\n{self.tensorflow_source()}"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))

    def torch_source(self) -> str:
        leaves = [
            f"    {name} = T.tensor({literal(array)}, dtype=T.{self.dtype}, requires_grad=True)"
            for name, array in self.leaves.items()
        ]
        cotangents = [
            f"T.tensor({literal(g)}, dtype=T.{self.dtype})" for g in self.outputs.values()
        ]
        weights = ", ".join(
            f"T.tensor({literal(self.second[name])}, dtype=T.{self.dtype})" for name in self.leaves
        )
        return "\n".join(
            [
                "import minigrad, torch",
                "inf = float('inf')",
                "",
                "def program(T):",
                *leaves,
                *[f"    {line.name} = {line.text}" for line in self.lines],
                f"    leaves = [{', '.join(self.leaves)}]",
                f"    outputs = [{', '.join(self.outputs)}]",
                f"    seeds = [{', '.join(cotangents)}]",
                "    gradients = T.autograd.grad(",
                "        outputs, leaves, seeds, create_graph=True, allow_unused=True)",
                f"    weights = [{weights}]",
                "    terms = [(g * w).sum() for g, w in zip(gradients, weights)",
                "             if g is not None and g.requires_grad]",
                "    second = terms and T.autograd.grad(sum(terms), leaves, allow_unused=True)",
                "    return outputs, gradients, second",
                "",
                "for T in (minigrad, torch):",
                "    for part in program(T):",
                "        print(T.__name__, [x if x is None else x.tolist() for x in part])",
                "",
            ]
        )

    def tensorflow_source(self) -> str:
        def constant(array: np.ndarray) -> str:
            return f"tf.constant({literal(array)}, tf.{self.dtype}, {list(array.shape)})"

        return "\n".join(
            [
                "import tensorflow as tf",
                "inf = float('inf')",
                "",
                *[f"{name} = {constant(array)}" for name, array in self.leaves.items()],
                f"leaves = [{', '.join(self.leaves)}]",
                "with tf.GradientTape() as tape:",
                "    tape.watch(leaves)",
                *[f"    {line.name} = {line.tf}" for line in self.lines],
                f"    outputs = [{', '.join(self.outputs)}]",
                f"seeds = [{', '.join(constant(g) for g in self.outputs.values())}]",
                "print(outputs)",
                "print(tape.gradient(outputs, leaves, seeds))",
                "",
            ]
        )

    def run(self, T: Any, dtype: str = "") -> Result:
        """The values and the gradients that torch or minigrad computes."""
        kind = getattr(T, dtype or self.dtype)
        names: dict[str, Any] = {}
        for name, array in self.leaves.items():
            names[name] = T.tensor(array, dtype=kind, requires_grad=True)
        leaves = [names[name] for name in self.leaves]
        for name, text, _ in self.lines:
            names[name] = eval(text, {"T": T}, names)
        outputs = [names[name] for name in self.outputs]
        seeds = [T.tensor(g, dtype=kind) for g in self.outputs.values()]
        first = T.autograd.grad(outputs, leaves, seeds, create_graph=True, allow_unused=True)
        terms = [
            (g * T.tensor(w, dtype=kind)).sum()
            for g, w in zip(first, self.second.values(), strict=True)
            if g is not None and g.requires_grad
        ]
        second: Iterable[Any] = [None] * len(leaves)
        if terms:
            second = T.autograd.grad(sum(terms), leaves, allow_unused=True)
        return Result(
            {line.name: numpy_of(names.get(line.name)) for line in self.lines},
            dict(zip(self.leaves, map(numpy_of, first), strict=True)),
            dict(zip(self.leaves, map(numpy_of, second), strict=True)),
        )

    def run_tensorflow(self) -> Result:
        import tensorflow as tf

        names: dict[str, Any] = {"tf": tf}
        names |= {name: tf.constant(array, self.dtype) for name, array in self.leaves.items()}
        leaves = {name: names[name] for name in self.leaves}
        with tf.GradientTape() as tape:
            tape.watch(leaves)
            for name, _, text in self.lines:
                names[name] = eval(text, names)
        seeds = [tf.constant(g, self.dtype) for g in self.outputs.values()]
        first = tape.gradient([names[name] for name in self.outputs], leaves, seeds)
        return Result(
            {line.name: names[line.name].numpy() for line in self.lines},
            {
                name: None if g is None else tf.convert_to_tensor(g).numpy()
                for name, g in first.items()
            },
            {},
        )

    def noise(self, samples: int = 3) -> tuple[Result, Result]:
        """The answers in float64, and for each how far rounding of size 1 can move it.

        torch runs the program with every operation's result changed by a relative `NUDGE`; the
        largest change of an answer, divided by `NUDGE`, is what a relative error of 1 in each
        operation would make of it (Monte Carlo arithmetic, Parker 1997). Engines that round
        differently then lie within a small multiple of eps times that.
        """
        true = self.run(torch, "float64")
        moved = []
        for seed in range(samples):
            with Noise(seed):
                moved.append(self.run(torch, "float64"))
        return true, Result(
            *[
                {
                    name: None
                    if x is None
                    else max(float(np.abs(m[part][name] - x).max(initial=0)) for m in moved) / NUDGE
                    for name, x in true[part].items()
                }
                for part in range(3)
            ]
        )


class Result(NamedTuple):
    """By name: every line's value, the leaves' gradients, and the second derivatives."""

    values: dict[str, Any]
    first: dict[str, Any]
    second: dict[str, Any]


# The operations of torch that round, and those that round every term of a sum.
ROUND = {"add", "sub", "rsub", "mul", "div", "reciprocal", "pow", "exp", "log", "sqrt"}
ROUND |= {"sin", "cos", "tanh", "sigmoid", "tanh_backward", "sigmoid_backward"}
SUM = {"sum", "mean", "mm", "mv", "dot", "bmm"}


class Noise(TorchDispatchMode):
    """While it is entered, the results of torch's operations change by a relative ``nudge``.

    That goes for every operation, inside the derivatives too, and for every term of a sum. What
    only moves, chooses or compares numbers stays exact.
    """

    def __init__(self, seed: int, nudge: float = NUDGE) -> None:
        super().__init__()
        self.nudge = nudge
        self.random = np.random.RandomState(seed)

    def factor(self, x: torch.Tensor) -> torch.Tensor:
        # Of no fixed size, or the noise of two terms would often cancel.
        sizes = self.random.uniform(0.5, 1, tuple(x.shape))
        signs = self.random.choice((-1.0, 1.0), tuple(x.shape))
        return torch.tensor(1 + self.nudge * sizes * signs, dtype=x.dtype)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = func.overloadpacket.__name__
        plain = name.removesuffix("_")
        if plain in SUM:
            args = tuple([x * self.factor(x) if is_float(x) else x for x in args])
        out = func(*args, **(kwargs or {}))
        if (plain not in SUM and plain not in ROUND) or not is_float(out):
            return out
        return out * self.factor(out) if plain == name else out.mul_(self.factor(out))


def is_float(x: Any) -> bool:
    # Of some zeros torch computes the shape only, on a device called "meta".
    return isinstance(x, torch.Tensor) and x.is_floating_point() and x.device.type == "cpu"


def numpy_of(x: Any) -> Any:
    if isinstance(x, torch.Tensor) and x._is_zerotensor():  # without memory: torch may crash there
        return np.zeros(tuple(x.shape), str(x.dtype).removeprefix("torch."))
    return None if x is None else x.detach().numpy(force=True)


def literal(array: np.ndarray) -> str:
    """Nested lists; what they do not tell of an empty shape is left to ``reshape``."""
    if array.size:
        return str(array.tolist())
    return f"__import__('numpy').zeros({array.shape})"


@dataclass
class Maker:
    """Writes a program line by line. It knows the values, so that it can keep clear of kinks."""

    c: Choices
    program: Program
    smooth: bool
    values: dict[str, torch.Tensor] = field(default_factory=dict)

    def leaf(self) -> str:
        c = self.c
        shape = self.shape()
        name = "abcdef"[len(self.program.leaves)]
        size = math.prod(shape)
        if self.smooth:
            # No two alike and none near 0 by less than the margin, as good as generic.
            numbers = [c.number(-40, 40) / 16 + 0.0371 * (i + 1) for i in range(size)]
        else:
            numbers = [c.pick((1, 0, -1, 2, 0.5, -2.0)) for _ in range(size)]
        array = np.array(numbers, self.program.dtype).reshape(shape)
        self.program.leaves[name] = array
        self.values[name] = torch.tensor(array, dtype=torch.float64)
        return name

    def shape(self) -> tuple[int, ...]:
        c = self.c
        sizes = SIZES if c.chance(10) else SIZES[:3]
        return tuple([c.pick(sizes) for _ in range(c.pick((1, 2, 0, 2, 3)))])

    def line(self, text: str, tf: str | None = None) -> bool:
        """Add a line, unless its value would be out of bounds."""
        try:
            value = eval(text, {"T": torch}, self.values)
        except (RuntimeError, IndexError):  # operands that do not fit
            return False
        if not value.is_floating_point():
            return False
        if value.numel() > 64 or not torch.isfinite(value).all():
            return False
        if value.numel() and value.abs().max() > BOUND:
            return False
        name = f"v{len(self.program.lines)}"
        self.program.lines.append(Line(name, text, text.replace("T.", "tf.") if tf is None else tf))
        self.values[name] = value
        return True

    def operand(self) -> str:
        return self.c.pick(list(reversed(self.values)))

    def fitting(self, shape: tuple[int, ...]) -> str:
        """An operand that broadcasts against ``shape``: its own one otherwise."""
        names = [n for n in reversed(self.values) if broadcasts(self.values[n].shape, shape)]
        return self.c.pick(names)

    def clear(self, x: torch.Tensor) -> bool:
        """Whether no element is near 0; at 0 itself it may be in an exact program."""
        return not self.smooth or x.numel() == 0 or bool((x.abs() > MARGIN).all())

    def distinct(self, x: torch.Tensor) -> bool:
        """Whether no two elements are near each other."""
        flat = x.reshape(-1).sort().values
        return not self.smooth or self.clear(flat[1:] - flat[:-1])

    def gap(self, x: torch.Tensor) -> float:
        """A number that is not near any element of ``x``; in an exact program, any number."""
        if not self.smooth:
            return self.c.pick((0.0, 1.0, -1.0, 0.5))
        points = sorted({-3.0, 3.0, *x.reshape(-1).tolist()})
        width, low = max((b - a, a) for a, b in pairwise(points))
        return round(low + width / 2, 2)


def broadcasts(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    return all(n == m or 1 in (n, m) for n, m in zip(reversed(a), reversed(b), strict=False))


def arithmetic(m: Maker) -> bool:
    a = m.operand()
    b = m.fitting(m.values[a].shape)
    form = m.c.pick(
        ("{a} + {b}", "{a} * {b}", "{a} - {b}", "{b} - {a}", "T.mul({a}, {b})", "{a}.add({b})")
        + (("{a} / ({b} * {b} + 0.5)", "T.div({a}, {b})") if m.smooth else ())
    )
    if "T.div" in form and not m.clear(m.values[b] / 5):
        return False
    tf = {
        "T.mul({a}, {b})": "{a} * {b}",
        "{a}.add({b})": "{a} + {b}",
        "T.div({a}, {b})": "{a} / {b}",
    }
    return m.line(form.format(a=a, b=b), tf.get(form, form).format(a=a, b=b))


def scalar(m: Maker) -> bool:
    a = m.operand()
    n = m.c.pick((2, 0.5, -1, 3.0) if m.smooth else (2, 0.5, -1))
    forms = ["{a} * {n}", "{n} * {a}", "{a} + {n}", "{n} + {a}", "{a} - {n}", "{n} - {a}", "-{a}"]
    if m.smooth or n != 3.0:
        forms.append("{a} / {n}")
    if m.smooth:
        forms += ["{n} / ({a} * {a} + 0.5)"]
    return m.line(m.c.pick(forms).format(a=a, n=n))


def power(m: Maker) -> bool:
    a = m.operand()
    if not m.smooth:
        return m.line(f"{a} ** {m.c.pick((2, 1, 0, 3))}", None)
    forms = (
        "{a} ** 2 | {a} ** 3 | ({a} * {a} + 0.5) ** 0.5 | ({a} * {a} + 0.5) ** -1.5 | "
        "2.0 ** {a} | ({a} * {a} + 0.5) ** {b} | {a} ** 1 | T.pow({a}, 0)"
    )
    form = m.c.pick(forms.split(" | "))
    b = m.fitting(m.values[a].shape)
    return m.line(form.format(a=a, b=b))


FUNCTIONS = {
    "exp": "tf.exp({a})",
    "sin": "tf.sin({a})",
    "cos": "tf.cos({a})",
    "tanh": "tf.tanh({a})",
    "sigmoid": "tf.sigmoid({a})",
}
POSITIVE = {"log": "tf.math.log({a} * {a} + 0.5)", "sqrt": "tf.sqrt({a} * {a} + 0.5)"}


def function(m: Maker) -> bool:
    if not m.smooth:
        return False
    a = m.operand()
    name = m.c.pick([*FUNCTIONS, *POSITIVE])
    if name in POSITIVE:
        return m.line(f"T.{name}({a} * {a} + 0.5)", POSITIVE[name].format(a=a))
    form = m.c.pick(("T.{f}({a})", "{a}.{f}()"))
    return m.line(form.format(f=name, a=a), FUNCTIONS[name].format(a=a))


def kinked(m: Maker) -> bool:
    a = m.operand()
    name = m.c.pick(("relu", "abs"))
    shift = m.gap(m.values[a])
    if not m.clear(m.values[a] - shift):
        return False
    tf = {"relu": "tf.nn.relu", "abs": "tf.abs"}[name]
    return m.line(f"T.{name}({a} - {shift})", f"{tf}({a} - {shift})")


def clamp(m: Maker) -> bool:
    a = m.operand()
    x = m.values[a]
    bound = m.gap(x)
    if not m.clear(x - bound):
        return False
    return m.line(
        *m.c.pick(
            (
                (f"{a}.clamp(min={bound})", f"tf.maximum({a}, {bound})"),
                (f"T.clamp({a}, max={bound})", f"tf.minimum({a}, {bound})"),
                (f"T.clamp({a}, {bound}, 60.0)", f"tf.clip_by_value({a}, {bound}, 60.0)"),
                (f"{a}.clamp(-60, {bound})", f"tf.clip_by_value({a}, -60.0, {bound})"),
            )
        )
    )


def of_two(m: Maker) -> bool:
    a = m.operand()
    b = m.fitting(m.values[a].shape)
    if not m.clear(m.values[a] - m.values[b]):
        return False
    c = m.fitting(m.values[a].shape)
    return m.line(
        *m.c.pick(
            (
                (f"T.maximum({a}, {b})", f"tf.maximum({a}, {b})"),
                (f"{a}.minimum({b})", f"tf.minimum({a}, {b})"),
                (f"T.where({a} > {b}, {a}, {c})", f"tf.where({a} > {b}, {a}, {c})"),
                (f"T.where({b} <= {a}, 0.5, {c})", f"tf.where({b} <= {a}, 0.5, {c})"),
            )
        )
    )


def some_dims(m: Maker, ndim: int) -> tuple[str, str]:
    """``dim=..., keepdim=...`` and the same for TensorFlow; all dimensions if empty."""
    c = m.c
    if ndim == 0 or c.chance(30):
        return "", ""
    dims = c.sample(range(ndim), 2)
    dims = [d - ndim if c.chance(30) else d for d in dims]
    what = str(dims[0]) if len(dims) == 1 else str(tuple(dims))
    keep = c.chance(40)
    return f"{what}, keepdim={keep}", f", {what}, {keep}"


def reduction(m: Maker) -> bool:
    a = m.operand()
    x = m.values[a]
    name = m.c.pick(("sum", "mean"))
    if name == "mean" and (x.numel() == 0 or not m.smooth):
        return False
    dims, tf = some_dims(m, x.ndim)
    form = m.c.pick((f"{a}.{name}({dims})", f"T.{name}({a}, {dims})" if dims else f"T.{name}({a})"))
    return m.line(form, f"tf.reduce_{name}({a}{tf})")


def extreme(m: Maker) -> bool:
    a = m.operand()
    x = m.values[a]
    if x.numel() == 0 or not m.distinct(x):
        return False
    name = m.c.pick(("max", "min"))
    if x.ndim == 0 or m.c.chance(40):
        return m.line(f"{a}.{name}()", f"tf.reduce_{name}({a})")
    dim, keep = m.c.number(-x.ndim, x.ndim - 1), m.c.chance(40)
    return m.line(f"{a}.{name}({dim}, {keep})[0]", f"tf.reduce_{name}({a}, {dim}, {keep})")


def product(m: Maker) -> bool:
    """The matrix product in whatever ranks there are operands for, or that can be made."""
    a = m.operand()
    x = m.values[a]
    if x.ndim == 0:
        return False
    names = list(reversed(m.values))
    pairs = [(a, b) for b in names if multiply(x.shape, m.values[b].shape)]
    pairs += [(b, a) for b in names if multiply(m.values[b].shape, x.shape)]
    if pairs and m.c.chance(70):
        left, right = m.c.pick(pairs)
    elif x.ndim == 1:
        left = right = a
    else:
        return m.line(f"{a} @ {a}.mT", f"{a} @ tf.linalg.matrix_transpose({a})")
    ranks = m.values[left].ndim, m.values[right].ndim
    if ranks == (1, 1):
        tf = f"tf.reduce_sum({left} * {right})"
    elif ranks[0] == 1:
        tf = f"tf.squeeze({left}[None, :] @ {right}, -2)"
    elif ranks[1] == 1:
        tf = f"tf.linalg.matvec({left}, {right})"
    else:
        tf = f"{left} @ {right}"
    return m.line(m.c.pick((f"{left} @ {right}", f"T.matmul({left}, {right})")), tf)


def multiply(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    """Whether tensors of these shapes have a matrix product."""
    if not a or not b:
        return False
    return a[-1] == (b[0] if len(b) == 1 else b[-2]) and broadcasts(a[:-2], b[:-2])


def reshape(m: Maker) -> bool:
    a = m.operand()
    x = m.values[a]
    size = x.numel()
    options = [(size,), (1, size), (size, 1, 1)]
    options += [(n, size // n) for n in (2, 3) if size and size % n == 0]
    options += [(-1,), (-1, 1)] if size else []
    options += [()] if size == 1 else []
    shape = m.c.pick(options)
    how = m.c.pick(("reshape", "view")) if x.is_contiguous() else "reshape"
    form = "{a}.{how}{shape}" if how == "view" and shape else "{a}.{how}({shape})"
    return m.line(form.format(a=a, how=how, shape=shape), f"tf.reshape({a}, {shape})")


def rearrange(m: Maker) -> bool:
    a = m.operand()
    x = m.values[a]
    ndim = x.ndim
    what = m.c.pick(("transpose", "unsqueeze", "squeeze", "permute", "expand", "T"))
    if what == "unsqueeze":
        dim = m.c.number(-ndim - 1, ndim)
        return m.line(f"{a}.unsqueeze({dim})", f"tf.expand_dims({a}, {dim})")
    if what == "squeeze":
        ones = [d for d in range(ndim) if x.shape[d] == 1]
        dim = m.c.pick(["", *ones])
        return m.line(
            f"T.squeeze({a}, {dim})" if dim != "" else f"{a}.squeeze()",
            f"tf.squeeze({a}{'' if dim == '' else f', {dim}'})",
        )
    if what == "expand":
        shape = tuple([2 if n == 1 and m.c.chance(70) else n for n in x.shape])
        shape = (2, *shape) if m.c.chance(40) else shape
        return m.line(f"{a}.expand({shape})", f"tf.broadcast_to({a}, {shape})")
    if ndim < 2:
        return False
    if what == "T" and ndim == 2:
        return m.line(f"{a}.T", f"tf.transpose({a})")
    order = list(range(ndim))
    if what == "permute":
        order = m.c.sample(order, 1) + order
        order = list(dict.fromkeys(order))
        return m.line(f"{a}.permute({order})", f"tf.transpose({a}, {order})")
    i, j = m.c.number(0, ndim - 1), m.c.number(0, ndim - 1)
    order[i], order[j] = order[j], order[i]
    return m.line(f"{a}.transpose({i}, {j - ndim})", f"tf.transpose({a}, {order})")


def basic_index(m: Maker) -> bool:
    a = m.operand()
    x = m.values[a]
    c = m.c
    key: list[str] = []
    for n in x.shape:
        if c.chance(15):
            key.append("None")
        options = [":", "::2", "1:", ":-1", "0:1"]
        options += [str(c.number(-n, n - 1))] if n else []
        key.append(c.pick(options))
        if c.chance(15):
            break
    if not key or (len(key) < x.ndim and c.chance(50)):
        key.append("...")
    return m.line(f"{a}[{', '.join(key)}]")


def integer_index(m: Maker) -> bool:
    """Elements by lists of indices, some of them more than once."""
    a = m.operand()
    x = m.values[a]
    c = m.c
    if x.ndim == 0 or 0 in x.shape[:2]:
        return False
    rows = [c.number(0, x.shape[0] - 1) for _ in range(c.number(1, 3))]
    if x.ndim > 1 and c.chance(50):
        columns = [c.number(0, x.shape[1] - 1) for _ in rows]
        pairs = [list(pair) for pair in zip(rows, columns, strict=True)]
        return m.line(f"{a}[T.tensor({rows}), {columns}]", f"tf.gather_nd({a}, {pairs})")
    return m.line(f"{a}[{rows}]", f"tf.gather({a}, {rows})")


def join(m: Maker) -> bool:
    a = m.operand()
    x = m.values[a]
    c = m.c
    alike = [n for n in reversed(m.values) if m.values[n].shape == x.shape]
    parts = ", ".join([a, *[c.pick(alike) for _ in range(c.number(0, 2))]])
    if x.ndim and c.chance(50):
        dim = c.number(-x.ndim, x.ndim - 1)
        return m.line(f"T.cat([{parts}], {dim})", f"tf.concat([{parts}], {dim})")
    dim = c.number(-x.ndim - 1, x.ndim)
    return m.line(f"T.stack([{parts}], dim={dim})", f"tf.stack([{parts}], {dim})")


KINDS: list[Callable[[Maker], bool]] = [
    arithmetic, scalar, function, reduction, product, reshape, rearrange, basic_index,
    integer_index, join, power, kinked, clamp, of_two, extreme,
]  # fmt: skip


def make(c: Choices, dtype: str, smooth: bool = True, most: int = 8) -> Program:
    """A program of up to ``most`` lines."""
    m = Maker(c, Program(dtype), smooth)
    for _ in range(c.number(1, 3)):
        m.leaf()
    for _ in range(c.number(1, most)):
        c.pick(KINDS)(m)
    if not m.program.lines:
        m.line("a * 2")
    program = m.program
    used = " ".join(line.text for line in program.lines)
    ends = [line.name for line in program.lines if not has_name(used, line.name)]
    for name in ends:
        program.outputs[name] = cotangent(c, m.values[name].shape, smooth)
    for name, array in program.leaves.items():
        program.second[name] = cotangent(c, array.shape, smooth)
    return program


def has_name(text: str, name: str) -> bool:
    return any(word == name for word in "".join(ch if ch.isalnum() else " " for ch in text).split())


def cotangent(c: Choices, shape: tuple[int, ...], smooth: bool) -> np.ndarray:
    start, size = c.number(1, 3), math.prod(shape)
    numbers = [
        0.75 + ((start + i) * 7 % 5) / 4 if smooth else 1 + (start + i) % 3 for i in range(size)
    ]
    return np.array(numbers, np.float64).reshape(tuple(shape))
