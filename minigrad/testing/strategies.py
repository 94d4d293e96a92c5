"""Hypothesis strategies for tests of gradients: arrays, operands, functions, programs.

    from hypothesis import given
    from minigrad.testing import assert_gradients_agree, strategies

    @given(strategies.expressions())
    def test_my_engine(f):
        assert_gradients_agree(f, *f.arrays.values(), engines=["torch", Mine()])

A failure is shrunk to few lines and small arrays, and shown as Python that runs. Only this module
imports hypothesis.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

import minigrad
from minigrad.testing.engines import Array
from minigrad.testing.programs import Expression, Program, names_in

try:
    from hypothesis import strategies as st
    from hypothesis.extra import numpy as hnp
except ImportError as error:
    raise ImportError("random tests need hypothesis: pip install hypothesis") from error

__all__ = ["arrays", "broadcastable", "expressions", "programs", "shapes", "tensors"]

BOUND = 50.0  # no value of an expression is larger
MARGIN = 0.03  # and none is nearer to a kink


def shapes(max_dims: int = 3, max_side: int = 3, min_side: int = 1) -> Any:
    """Shapes, 0-d among them; with ``min_side=0`` empty ones too."""
    return hnp.array_shapes(min_dims=0, max_dims=max_dims, min_side=min_side, max_side=max_side)


@st.composite
def arrays(
    draw: st.DrawFn, shape: Any = None, dtype: Any = "float64", generic: bool = True
) -> Array:
    """Arrays of a shape, or of any (a strategy may stand for it), of numbers from -3 to 3.

    Where ``generic``, no two elements are alike and none is an integer, so that nothing is at a
    kink; else they are multiples of 1/2, with many ties and zeros. Integer dtypes ignore that.
    """
    if shape is None or isinstance(shape, st.SearchStrategy):
        shape = draw(shapes() if shape is None else shape)
    kind = np.dtype(dtype)
    size = math.prod(shape)
    if kind.kind == "b":
        drawn = draw(st.lists(st.booleans(), min_size=size, max_size=size))
        return np.array(drawn, kind).reshape(shape)
    units = draw(st.lists(st.integers(-6, 6), min_size=size, max_size=size))
    numbers = np.array(units, np.float64)
    if kind.kind == "f":
        numbers = numbers / 2 + (0.0371 * (np.arange(size) % 12 + 1) if generic else 0.0)
    if kind.kind == "u":
        numbers = np.abs(numbers)
    return numbers.astype(kind).reshape(shape)


def tensors(
    shape: Any = None, dtype: Any = "float64", requires_grad: bool = True, generic: bool = True
) -> Any:
    """minigrad's tensors of `arrays`."""
    return arrays(shape, dtype, generic).map(
        lambda x: minigrad.tensor(x, requires_grad=requires_grad)
    )


@st.composite
def broadcastable(
    draw: st.DrawFn, count: int = 2, dtype: Any = "float64", min_side: int = 0, generic: bool = True
) -> tuple[Array, ...]:
    """Operands whose shapes broadcast with each other: 0-d, size 1 and, unless ``min_side`` is 1,
    empty ones among them."""
    drawn = draw(
        hnp.mutually_broadcastable_shapes(
            num_shapes=count, min_dims=0, max_dims=3, min_side=min_side, max_side=3
        )
    )
    return tuple([draw(arrays(shape, dtype, generic)) for shape in drawn.input_shapes])


class Writer:
    """Writes an expression line by line. It knows the values, so that it keeps clear of kinks."""

    def __init__(self, draw: st.DrawFn, smooth: bool) -> None:
        self.draw, self.smooth = draw, smooth
        self.made = Expression()
        self.values: dict[str, Array] = {}

    def number(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def pick(self, options: Any) -> Any:
        return self.draw(st.sampled_from(list(options)))

    def operand(self, fits: Callable[[Array], bool] = lambda x: True) -> str:
        """A value that fits, the last ones first; empty if there is none."""
        names = [name for name in reversed(self.values) if fits(self.values[name])]
        return str(self.pick(names)) if names else ""

    def fitting(self, name: str) -> str:
        """An operand that broadcasts with another."""
        shape = self.values[name].shape
        return self.operand(lambda x: broadcasts(x.shape, shape))

    def line(self, text: str) -> None:
        """Add a line, unless it does not work or its value is out of bounds."""
        try:
            with np.errstate(all="ignore"):
                value = np.asarray(eval(text, {"xp": np}, dict(self.values)))
        except (ValueError, IndexError):  # operands that do not fit
            return
        inside = value.size <= 64 and np.isfinite(value).all()
        if inside and np.abs(value).max(initial=0) <= BOUND:
            name = f"v{len(self.made.lines)}"
            self.made.lines.append((name, text))
            self.values[name] = value

    def clear(self, text: str) -> bool:
        """Whether no element of an expression is near 0, where a kink is to come."""
        x = np.asarray(eval(text, {"xp": np}, dict(self.values)))
        return not self.smooth or not x.size or bool(np.abs(x).min() > MARGIN)


def broadcasts(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    return all(n == m or 1 in (n, m) for n, m in zip(reversed(a), reversed(b), strict=False))


def arithmetic(w: Writer) -> None:
    a = w.operand()
    b = w.fitting(a)
    forms = ("{a} * {b}", "{a} + {b}", "{a} - {b}", "{a} / ({b} * {b} + 0.5)", "{b} * 2 - {a} / 3")
    w.line(w.pick(forms).format(a=a, b=b))


def function(w: Writer) -> None:
    a = w.operand()
    forms: tuple[str, ...] = (
        "xp.tanh({a})",
        "xp.sin({a})",
        "xp.cos({a})",
        "xp.exp({a} / 4)",
        "{a} ** 2",
        "-{a}",
    )
    forms += ("xp.log({a} * {a} + 0.5)", "xp.sqrt({a} * {a} + 0.5)", "{a} ** 3 / 8")
    w.line(w.pick(forms).format(a=a))


def kinked(w: Writer) -> None:
    a = w.operand()
    b = w.fitting(a)
    form, edge = w.pick(
        (
            ("xp.maximum({a}, 0.0)", "{a}"),
            ("xp.abs({a})", "{a}"),
            ("xp.maximum({a}, {b})", "{a} - {b}"),
            ("xp.where({a} > {b}, {a}, {b} * {b})", "{a} - {b}"),
        )
    )
    if w.clear(edge.format(a=a, b=b)):
        w.line(form.format(a=a, b=b))


def reduction(w: Writer) -> None:
    a = w.operand()
    name = w.pick(("sum", "mean"))
    ndim = w.values[a].ndim
    axis = w.pick([None, *range(ndim), -1]) if ndim else None
    keep = w.pick((False, True))
    w.line(f"xp.{name}({a})" if axis is None else f"xp.{name}({a}, axis={axis}, keepdims={keep})")


def product(w: Writer) -> None:
    a = w.operand(lambda x: x.ndim == 2)
    if a:
        rows = w.values[a].shape[1]
        b = w.operand(lambda x: x.ndim == 2 and x.shape[0] == rows)
        w.line(f"{a} @ {b}" if b else f"xp.matmul({a}, xp.transpose({a}))")


def view(w: Writer) -> None:
    a = w.operand()
    x = w.values[a]
    options = [f"xp.reshape({a}, (-1,))", f"xp.expand_dims({a}, {w.number(0, x.ndim)})"]
    if x.ndim:
        options += [f"{a}[{w.number(0, x.shape[0] - 1)}]" if x.size else f"{a}[:]"]
        options += [f"{a}[1:]", f"{a}[..., ::2]", f"{a}[None, ..., :1]"]
    if x.ndim > 1:
        options += [f"xp.transpose({a})", f"xp.swapaxes({a}, 0, -1)"]
    w.line(w.pick(options))


def join(w: Writer) -> None:
    a = w.operand()
    shape = w.values[a].shape
    b = w.operand(lambda x: x.shape == shape)
    options = [f"xp.stack([{a}, {b}], axis=0)", f"xp.stack([{b}, {a}], axis=-1)"]
    options += [f"xp.concatenate([{a}, {b}, {a}], axis={len(shape) - 1})"] if shape else []
    w.line(w.pick(options))


KINDS = (arithmetic, function, reduction, view, product, join, kinked)


@st.composite
def expressions(
    draw: st.DrawFn, dtype: Any = "float64", smooth: bool = True, lines: int = 8, leaves: int = 3
) -> Expression:
    """Functions for `assert_gradients_agree`: DAGs with shared values, views, several outputs.

    Where ``smooth``, nothing comes near a kink, so that every engine has the same derivative;
    else kinks and ties are met often, where engines' conventions differ.
    """
    w = Writer(draw, smooth)
    for name in "abcdef"[: w.number(1, leaves)]:
        w.made.arrays[name] = w.values[name] = draw(arrays(dtype=dtype, generic=smooth))
    for _ in range(w.number(1, lines)):
        w.pick(KINDS)(w)
    if not w.made.lines:
        w.line("a * 2")
    used = names_in([text for _, text in w.made.lines])
    w.made.outputs = [name for name, _ in w.made.lines if name not in used]
    return w.made


UPDATES: tuple[str, ...] = (
    "{v}.mul_({w})",
    "{v} += {w}",
    "{v}.sub_({w})",
    "{v}[...] = {w}",
    "{v}.copy_({w})",
)
UPDATES += ("{v}.mul_(2)", "{v}.zero_()", "{v}.exp_()", "{v}[0] = {w}[0]", "{v}[:1] *= 3")
VIEWS: tuple[str, ...] = (
    "{v}[0]",
    "{v}[1:]",
    "{v}.transpose(0, -1)",
    "{v}.view(-1)",
    "{v}[..., 0]",
    "{v}.unsqueeze(0)",
)
VIEWS += ("{v}.detach()", "{v}.diagonal()", "{v}.view_as({v})")
RESULTS: tuple[str, ...] = (
    "{v} * {w}",
    "{v} + {w}",
    "{v}.exp()",
    "{v} * {v}",
    "{v}.sum(0)",
    "{v}.clone()",
)
RESULTS += ("T.maximum({v}, {w})", "T.stack([{v}, {w}])", "{v}.atan()")


@st.composite
def programs(draw: st.DrawFn, dtype: Any = "float64", statements: int = 8) -> Program:
    """Programs in torch's API that take views and write to them in place, then differentiate.

    A statement is kept if minigrad runs it; the backward pass may be refused, since a value that
    it needs has been written to, and must then be refused by every library.
    """
    made = Program()
    names: dict[str, Any] = {"T": minigrad}
    for name in ("a0", "a1")[: draw(st.integers(1, 2))]:
        x = made.leaves[name] = draw(arrays(st.sampled_from([(2, 2), (2,), (3, 2)]), dtype))
        names[name] = minigrad.tensor(x, requires_grad=True)

    def attempt(text: str) -> bool:
        try:
            exec(text, names)
        except (RuntimeError, IndexError, ValueError, TypeError):
            return False
        made.statements.append(text)
        return True

    attempt("v0 = a0 * 1")
    for _ in range(draw(st.integers(1, statements))):
        tensors = [name for name in reversed(names) if name[0] == "v"]
        v = draw(st.sampled_from(tensors))
        form = draw(st.sampled_from(draw(st.sampled_from([RESULTS, VIEWS, UPDATES]))))
        others = [*tensors, *made.leaves]
        if form in UPDATES:  # an operand that is written to halfway has no certain value
            others = [n for n in others if not np.shares_memory(names[n].array, names[v].array)]
        text = form.format(v=v, w=draw(st.sampled_from(others)))
        attempt(text if form in UPDATES else f"v{len(tensors)} = {text}")
    results = {name: x for name, x in names.items() if name[0] == "v"}
    made.outputs = [name for name, x in results.items() if x.requires_grad] or ["v0"]
    return made
