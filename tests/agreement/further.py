"""Further statements of random programs: operators beyond arithmetic in both their forms, custom
functions, hooks, checkpoints, functional transforms and dual numbers.

They register with `statements.KINDS` when this file is imported.
"""

from __future__ import annotations

import re
from functools import cache
from types import SimpleNamespace
from typing import Any

import torch

from tests.agreement.choices import Choices
from tests.agreement.statements import (
    Writer,
    fits_into,
    is_leaf,
    overlapping,
    requires_grad,
    shares_memory,
    statement,
)


@cache
def functions(T: Any) -> Any:
    """Custom functions of a library, which programs call as ``F.Cube.apply(x)``."""
    Function = T.autograd.Function

    class Cube(Function):  # type: ignore[misc]
        """Saves its input, and can be differentiated again and again."""

        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            (x,) = ctx.saved_tensors
            return 3 * x**2 * g

    class Double(Function):  # type: ignore[misc]
        """Writes in place, and says so."""

        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.mark_dirty(x)
            return x.mul_(2)

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * 2

    class View(Function):  # type: ignore[misc]
        """Gives a view of its input."""

        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.shape = x.shape
            return x.view(-1)

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g.reshape(ctx.shape)

    class Same(Function):  # type: ignore[misc]
        """Hands its input on, with another gradient."""

        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return g * 3

    class Pair(Function):  # type: ignore[misc]
        """Two outputs, of which perhaps one is used; saves an output."""

        @staticmethod
        def forward(ctx: Any, x: Any, y: Any) -> Any:
            out = x * y
            ctx.save_for_backward(x, y, out)
            return out, x + y

        @staticmethod
        def backward(ctx: Any, g: Any, h: Any) -> Any:
            x, y, _ = ctx.saved_tensors
            both = g * y + h, g * x + h
            return tuple(
                d.sum_to_size(z.shape) if hasattr(d, "sum_to_size") else d
                for d, z in zip(both, (x, y), strict=True)
            )

    class Flags(Function):  # type: ignore[misc]
        """One output cannot be differentiated; cotangents stay None."""

        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            positive, out = x > 0, x * 2
            ctx.mark_non_differentiable(positive)
            ctx.set_materialize_grads(False)
            return out, positive

        @staticmethod
        def backward(ctx: Any, g: Any, _: Any) -> Any:
            return None if g is None else g * 2

    def tangent(f: Any, x: Any, v: Any) -> Any:
        """The derivative of ``f`` at ``x`` along ``v``, by dual numbers."""
        forward_ad = T.autograd.forward_ad
        with forward_ad.dual_level():
            y = f(forward_ad.make_dual(x.detach(), v.detach()))
            along = forward_ad.unpack_dual(y).tangent
            return T.zeros_like(y).detach() if along is None else along.detach().clone()

    return SimpleNamespace(
        Cube=Cube, Double=Double, View=View, Same=Same, Pair=Pair, Flags=Flags, tangent=tangent
    )


def nonempty(x: Any) -> bool:
    return bool(x.numel())


def real(x: Any) -> bool:
    return bool(x.is_floating_point())


def expanded(x: Any) -> bool:
    return any(n > 1 and s == 0 for n, s in zip(x.shape, x.stride(), strict=True))


def distinct(x: Any) -> bool:
    """Whether no two elements are equal: else the index of one of them is anybody's choice."""
    flat = x.detach().flatten()
    return len(flat.unique()) == len(flat) and not bool(flat.isnan().any())


def settled(w: Writer, a: str) -> bool:
    """Whether ``a`` can be written to, whatever its layout and its elements are."""
    x = w.names[a]
    return a not in w.frozen and not expanded(x) and not (requires_grad(x) and is_leaf(x))


UNARY = (
    "exp2", "expm1", "log1p", "log2", "log10", "rsqrt", "sinc", "tan", "asin", "acos", "atan",
    "sinh", "cosh", "asinh", "erf", "erfc", "floor", "ceil", "round", "trunc",
    "frac", "deg2rad", "logit", "nan_to_num",
)  # fmt: skip


@statement(4)
def unary(w: Writer) -> str | None:
    a = w.some() if w.c.chance(10) else w.floats()
    if a is None or not w.small(a):
        return None
    name = w.c.pick(UNARY)
    # The derivatives of the in-place asinh_ and its like torch does not have.
    if w.c.chance(35) and name not in ("asinh",):
        a = w.target(real)
        return f"{a}.{name}_()" if a is not None and w.small(a) else None
    return f"{w.new()} = {a}.{name}()"


ACTIVATIONS = (
    "softplus({a})", "elu({a})", "gelu({a})", "gelu({a}, approximate='tanh')", "silu({a})",
    "leaky_relu({a}, 0.1)", "hardtanh({a})", "relu6({a})", "selu({a})", "celu({a})", "mish({a})",
    "logsigmoid({a})", "softsign({a})", "tanhshrink({a})", "hardswish({a})", "hardsigmoid({a})",
    "softshrink({a})", "hardshrink({a})", "threshold({a}, 0.5, 2.0)",
)  # fmt: skip
WRITING = ("elu", "leaky_relu", "hardtanh", "relu", "selu", "celu", "silu", "mish", "hardswish")


@statement(3)
def activation(w: Writer) -> str | None:
    if w.c.chance(35):
        a = w.target(real)
        if a is None or not w.small(a):
            return None
        return f"{w.new()} = T.nn.functional.{w.c.pick(WRITING)}({a}, inplace=True)"
    a = w.floats()
    if a is None or not w.small(a):
        return None
    form = w.c.pick(ACTIVATIONS)
    if "logsigmoid" in form and w.within("hooks"):
        return None  # torch saves a second value, which then comes back changed as well
    return f"{w.new()} = T.nn.functional.{form.format(a=a)}"


BINARY = ("atan2", "hypot", "xlogy", "fmod", "remainder", "floor_divide", "copysign")
BINARY_APART = ("logaddexp", "fmax", "fmin", "maximum", "minimum")


def unsigned(w: Writer, name: str) -> bool:
    """Whether there is a NaN, whose sign is anybody's choice."""
    return name in w.names and bool(w.names[name].detach().isnan().any())


@statement(4)
def binary(w: Writer) -> str | None:
    c = w.c
    if c.chance(40):
        a = w.target(real)
        if a is None or not w.small(a):
            return None
        b = w.into(a)
        names = BINARY if b in w.names else BINARY[2:]
        return f"{a}.{c.pick(names[:-1] if unsigned(w, b) else names)}_({b})"
    a = w.some()
    b = None if a is None else w.fitting(w.shape(a))
    if a is None or b is None or not w.small(a) or not w.small(b):
        return None
    names = BINARY_APART + BINARY
    return f"{w.new()} = T.{c.pick(names[:-1] if unsigned(w, b) else names)}({a}, {b})"


@statement(4)
def blend(w: Writer) -> str | None:
    """addcmul, addcdiv, lerp and clamp by tensors, in both forms."""
    c = w.c
    write = c.chance(45)
    a = w.target(real) if write else w.floats()
    if a is None or not w.small(a):
        return None
    x = w.names[a]

    def operand() -> str | None:
        return w.some(
            lambda y: (
                y.dtype == x.dtype
                and fits_into(tuple(y.shape), tuple(x.shape))
                and not (write and shares_memory(x, y))
            )
        )

    b, d = operand(), operand()
    if b is None or d is None or not w.small(b) or not w.small(d):
        return None
    form = w.one_of(
        "addcmul{i}({b}, {d}) | addcmul{i}({b}, {d}, value=0.5) | addcdiv{i}({b}, {d}) | "
        "lerp{i}({b}, 0.25) | lerp{i}({b}, {d}) | clamp{i}({b}, {d}) | clamp{i}(max={b}) | "
        "lerp{i}({b}, 0.75) | addcdiv{i}({b}, {d}, value=-2) | clamp_min{i}({b}) | "
        "clamp{i}(min={b})"
    ).format(i="_" if write else "", b=b, d=d)
    return f"{a}.{form}" if write else f"{w.new()} = {a}.{form}"


REDUCED = (
    "amax({d})", "amin({d})", "prod({d})", "logsumexp({d})", "var({d})", "std({d})", "nansum({d})",
    "norm(2, {d})", "norm(1, {d})", "softmax({d})", "log_softmax({d})", "cumsum({d})",
    "logcumsumexp({d})", "var({d}, correction=0)", "nanmean({d})", "diff(dim={d})",
    "prod({d}, keepdim=True)", "amax({d}, keepdim=True)", "cummax({d})[0]", "cummin({d})[0]",
    "argmax({d})", "argmin({d})", "norm(inf, {d})", "all({d})", "any({d})",
)  # fmt: skip
WHOLE = ("prod()", "amax()", "amin()", "var()", "std()", "norm()", "norm(1)", "nansum()", "norm(3)")


@statement(5)
def reduced(w: Writer) -> str | None:
    a = w.some() if w.c.chance(8) else w.floats()
    if a is None or not w.small(a):
        return None
    ndim = len(w.shape(a))
    if ndim == 0 or w.c.chance(25):
        return f"{w.new()} = {a}.{w.c.pick(WHOLE if ndim else WHOLE[1:])}"
    # Of nothing, torch's cummax hands its input on as the gradient.
    dim = w.c.number(-ndim, ndim - 1)
    forms = REDUCED if nonempty(w.names[a]) else REDUCED[:10]
    return f"{w.new()} = {a}.{w.c.pick(forms).format(d=dim)}"


@statement(2)
def scan_in_place(w: Writer) -> str | None:
    a = w.target(lambda x: real(x) and x.ndim > 0 and nonempty(x))
    if a is None or not w.small(a):
        return None
    dim = w.c.number(-len(w.shape(a)), len(w.shape(a)) - 1)
    return f"{a}.{'cumsum_'}({dim})"


@statement(3)
def ordered(w: Writer) -> str | None:
    """What sorting gives: values to differentiate, and indices to use."""
    c = w.c
    a = w.some(lambda x: real(x) and x.ndim > 0 and nonempty(x) and distinct(x))
    if a is None:
        return None
    shape = w.shape(a)
    dim = c.number(-len(shape), len(shape) - 1)
    n = shape[dim]
    k = c.number(1, n)
    form = w.one_of(
        "sort({dim}) | sort({dim}, descending=True) | topk({k}, {dim}) | kthvalue({k}, {dim}) | "
        "median({dim}) | topk({k}, {dim}, largest=False) | max({dim}) | min({dim}) | "
        "sort(dim={dim}, stable=True) | kthvalue({k}, {dim}, keepdim=True) | cummax({dim}) | "
        "mode({dim})"
    ).format(dim=dim, k=k)
    if c.chance(15):
        return f"{w.new()} = {a}.median()"
    return f"{w.new()}, {w.new()} = {a}.{form}"


REDUCTIONS = ("sum", "prod", "mean", "amax", "amin")


@statement(5)
def scatter(w: Writer) -> str | None:
    """gather, and the ways to scatter, out of place and in place."""
    c = w.c
    write = c.chance(45)
    fits = lambda x: x.ndim > 0 and nonempty(x) and real(x)  # noqa: E731
    a = w.target(fits) if write else w.some(fits)
    if a is None or not w.small(a) or (write and not settled(w, a)):
        return None
    x, shape = w.names[a], w.shape(a)
    dim = c.number(0, len(shape) - 1)
    source = w.some(
        lambda y: (
            y.dtype == x.dtype
            and y.ndim == len(shape)
            and nonempty(y)
            and not shares_memory(x, y)
            and all(i == dim or n <= m for i, (n, m) in enumerate(zip(y.shape, shape, strict=True)))
        )
    )
    index = w.some(lambda y: y.dtype == torch.int64 and tuple(y.shape) == shape)
    sizes = w.shape(source) if source is not None else shape
    if index is None or source is not None or c.chance(60):
        index = f"T.tensor({integers(c, sizes, shape[dim] - 1)})"
    i = "_" if write else ""
    forms = [f"scatter{i}({dim}, {index}, 0.5)"]
    if not write:
        forms += [f"gather({dim}, {index})", f"take({index})"]
    if source is not None:
        forms += [f"scatter{i}({dim}, {index}, {source})"]
        forms += [f"scatter_add{i}({dim}, {index}, {source})"]
        for include in (True, False):
            reduction = c.pick(REDUCTIONS)
            call = f"scatter_reduce{i}({dim}, {index}, {source}, '{reduction}'"
            forms.append(f"{call}, include_self={include})")
    form = c.pick(forms)
    return f"{a}.{form}" if write else f"{w.new()} = {a}.{form}"


def integers(c: Choices, shape: tuple[int, ...], most: int) -> Any:
    if not shape:
        return c.number(0, most)
    return [integers(c, shape[1:], most) for _ in range(shape[0])]


@statement(4)
def put(w: Writer) -> str | None:
    """Writes of elements that indices or a mask name, from other tensors."""
    c = w.c
    write = c.chance(55)
    fits = lambda x: x.ndim > 0 and nonempty(x) and real(x) and not overlapping(x)  # noqa: E731
    a = w.target(fits) if write else w.some(fits)
    if a is None or (write and not settled(w, a)):
        return None
    x, shape = w.names[a], w.shape(a)
    rows = [c.number(0, shape[0] - 1) for _ in range(c.number(1, 2))]
    i = "_" if write else ""

    def source(sizes: tuple[int, ...]) -> str:
        return (
            w.some(
                lambda y: (
                    y.dtype == x.dtype
                    and fits_into(tuple(y.shape), sizes)
                    and not shares_memory(x, y)
                )
            )
            or f"T.tensor(0.5, dtype={a}.dtype)"
        )

    part = source((len(rows), *shape[1:]))
    add = c.pick(("", ", accumulate=True"))
    forms = [f"index_put{i}((T.tensor({rows}),), {part}{add})"]
    forms += [f"index_put{i}(({a} > 0.5,), T.tensor(2.0, dtype={a}.dtype){add})"]
    forms += [f"masked_fill{i}({a} > 0.5, {source(())})"]
    same = w.some(
        lambda y: y.dtype == x.dtype and y.numel() >= x.numel() and not shares_memory(x, y)
    )
    if same is not None:
        forms += [f"masked_scatter{i}({a} > 0.5, {same})"] * 2
    flat = w.some(
        lambda y: y.dtype == x.dtype and tuple(y.shape) == (len(rows),) and not shares_memory(x, y)
    )
    if flat is not None:
        forms += [f"put{i}(T.tensor({rows}), {flat}{add})"]
    zero_d = source(())
    if zero_d in w.names:
        forms += [f"index_fill{i}(0, T.tensor({rows}), {zero_d})"]
    if not write:
        dim = c.number(0, len(shape) - 1)
        less = source(tuple([n for j, n in enumerate(shape) if j != dim]))
        if less in w.names and w.shape(less) == tuple([n for j, n in enumerate(shape) if j != dim]):
            forms += [f"select_scatter({less}, {dim}, {c.number(0, shape[dim] - 1)})"] * 2
        if same is not None and w.shape(same) == shape:
            forms += [f"slice_scatter({same}[:1], 0, 0, 1)"]
    form = c.pick(forms)
    return f"{a}.{form}" if write else f"{w.new()} = {a}.{form}"


@statement(3)
def scalar_choice(w: Writer) -> str | None:
    a = w.some(lambda x: x.dtype != torch.bool)
    b = None if a is None else w.fitting(w.shape(a))
    if a is None or b is None:
        return None
    form = w.one_of(
        "T.where({a} > 0, {b}, 2) | T.where({a} > 0, -1.5, {b}) | T.where({a} > 0, 1, 0.5) | "
        "{b}.where({a} > 0.5, 0) | T.where({a} != {b}, {a}, {b})"
    )
    return f"{w.new()} = {form.format(a=a, b=b)}"


@statement(4)
def strided(w: Writer) -> str | None:
    """as_strided, views of another dtype, and several views from one call."""
    c = w.c
    # The bits of NaN are nobody's concern.
    a = w.some(lambda x: nonempty(x) and not bool(x.detach().isnan().any()) and not expanded(x))
    if a is None:
        return None
    x, shape = w.names[a], w.shape(a)
    n = x.numel()
    forms = [f"as_strided(({n},), (1,))"]
    # In inference mode torch says that it is no view; and bits tell how a result was rounded.
    if is_leaf(x) and not torch.is_inference_mode_enabled() and not x.is_inference():
        forms += ["view(T.int32)"]
    forms += [f"as_strided(({c.number(1, n)},), ({c.number(0, 1)},), {c.number(0, 1)})"]
    forms += [f"as_strided((2, {max(n // 2, 1)}), ({max(n // 2, 1)}, 1))"]
    forms += [f"as_strided((2, {n - 1}), (1, 1))"] if n > 1 else []
    if shape and c.chance(50):
        dim = c.number(0, len(shape) - 1)
        if shape[dim] >= 2:
            call = c.pick((f"chunk(2, {dim})", f"split(1, {dim})[:2]", f"unbind({dim})[:2]"))
            call = c.pick((call, call, f"tensor_split(2, {dim})"))
            if len(eval(f"T.empty({shape}).{call}", {"T": torch})) == 2:
                return f"{w.new()}, {w.new()} = {a}.{call}"
    return f"{w.new()} = {a}.{c.pick(forms)}"


@statement(2)
def own_shape(w: Writer) -> str | None:
    """What changes a tensor's own shape, or is refused."""
    a = w.target(lambda x: nonempty(x) and not (requires_grad(x) and is_leaf(x)))
    if a is None:
        return None
    n = w.names[a].numel()
    form = w.one_of("resize_(1) | resize_({n}) | as_strided_(({n},), (1,)) | swapaxes_(0, -1)")
    if not w.alone(a) or (form.startswith("resize_") and w.names[a]._is_view()):
        return None
    if torch.is_inference_mode_enabled():
        return None
    return f"{a}.{form.format(n=n)}"


@statement(3)
def matrices(w: Writer) -> str | None:
    c = w.c
    a = w.some(lambda x: real(x) and x.ndim in (1, 2))
    if a is None or not w.small(a):
        return None
    x = w.names[a]
    shape = w.shape(a)

    def of(sizes: tuple[int, ...]) -> str | None:
        return w.some(lambda y: y.dtype == x.dtype and tuple(y.shape) == sizes)

    forms = []
    if len(shape) == 1:
        b, d = of(shape), w.some(lambda y: y.dtype == x.dtype and y.ndim == 1)
        forms = [f"T.dot({a}, {b})", f"T.outer({a}, {d})", f"T.einsum('i,i->', {a}, {b})"]
        forms += [f"T.einsum('i,j->ji', {a}, {d})", f"T.diag({a})", f"{a}.diag_embed()"]
    else:
        b, d = of(shape[::-1]), of((shape[0], shape[0]))
        row = of((shape[1],))
        forms = [f"T.mm({a}, {b})", f"T.addmm({d}, {a}, {b})", f"T.mv({a}, {row})"]
        forms += [f"T.einsum('ij,ji->i', {a}, {b})", f"{a}.trace()", f"{a}.tril(-1)"]
        forms += [f"T.addmm({d}, {a}, {b}, beta=0.5, alpha=2)", f"T.linalg.norm({a})"]
        # torch reads the operands of addmm_ while it writes.
        memory = [w.names[n] for n in (a, b) if n is not None]
        if d is not None and settled(w, d):
            apart = not any(shares_memory(w.names[d], y) for y in memory)
            forms += [f"{d}.addmm_({a}, {b})"] if apart else []
    forms = [form for form in forms if "None" not in form]
    if not forms:
        return None
    form = c.pick(forms)
    return form if "addmm_" in form else f"{w.new()} = {form}"


# What leaves the operators: custom functions, hooks, modes and transforms.


@statement(4)
def custom(w: Writer) -> str | None:
    c = w.c
    if torch.is_inference_mode_enabled() and torch.is_grad_enabled():
        return None  # torch then records functions, and nothing else
    if c.chance(20):
        a = w.target(real)
        return f"{w.new()} = F.Double.apply({a})" if a is not None and w.small(a) else None
    a = w.floats()
    if a is None or not w.small(a):
        return None
    name = c.pick(("Cube", "View", "Same", "Pair", "Flags", "Cube"))
    if name == "Pair":
        x = w.names[a]
        b = w.some(lambda y: y.dtype == x.dtype and y.shape == x.shape)
        return f"{w.new()}, {w.new()} = F.Pair.apply({a}, {b})"
    if name == "Flags":
        return f"{w.new()}, {w.new()} = F.Flags.apply({a})"
    return f"{w.new()} = F.{name}.apply({a})"


@statement(4)
def hook(w: Writer) -> str | None:
    """Hooks that replace gradients, and gradients that are kept."""
    a = w.wanting()
    if a is None or a in w.frozen:
        return None
    if w.names[a]._is_view() and (w.c.chance(70) or not torch.is_grad_enabled()):
        return None
    form = w.one_of(
        "{a}.retain_grad() | {a}.register_hook(lambda g: g * 2) | {a}.retain_grad() | "
        "{a}.register_hook(lambda g: None) | {a}.register_hook(lambda g: g.clamp(-1, 1)) | "
        "{a}.register_post_accumulate_grad_hook(lambda x: x.grad.mul_(0.5)) | "
        "{a}.register_hook(lambda g, w={a}.detach().clone(): g * w) | "
        "{a}.grad_fn.register_hook(lambda gi, go: tuple([g if g is None else g * 2 for g in gi]))"
        " | {a}.grad_fn.register_prehook(lambda go: tuple([g if g is None else g * 3 for g in go]))"
    )
    return form.format(a=a)


BODIES = (
    "x * x", "x.sin()", "x.exp() * x", "x * {b}", "(x * x).sum() * x", "x.sigmoid() + {b}",
    "x ** 3", "x.detach() * x", "(x * {b}).tanh()", "x.clone().mul_(x)", "x.clone().mul_({b})",
    "x.relu() * x", "T.where(x > 0, x * x, {b})", "x.cumsum(-1) * x", "x.softmax(-1) * x",
    "x.abs()",
    "x / (x * x + 1)", "x.expand(2, *x.shape).prod(0)", "x.maximum({b})",
)  # fmt: skip


def body(w: Writer, a: str) -> str:
    """An expression of ``x``, which stands for a tensor like ``a``, and another tensor."""
    x = w.names[a]
    b = w.some(lambda y: y.dtype == x.dtype and tuple(y.shape) == tuple(x.shape)) or a
    options = BODIES if x.ndim else [text for text in BODIES if "(-1)" not in text]
    text = w.c.pick(options).format(b=b)
    return f"({text}).sin()" if w.c.chance(25) else text


@statement(4)
def transform(w: Writer) -> str | None:
    """func.grad and its like of a small function, nested up to the third order."""
    a = w.some(lambda x: real(x) and nonempty(x) and not x._is_view() and not x.is_inference())
    if a is None or not w.small(a) or torch.is_inference_mode_enabled() or w.within("hooks"):
        return None
    text, v = body(w, a), w.like(a) or a
    v = a if w.names[v].is_inference() else v
    f, scalar = f"lambda x: {text}", f"lambda x: ({text}).sum()"
    twice = f"lambda x: T.func.grad({scalar})(x).sum()"
    along = f"lambda x: T.func.jvp({f}, (x,), ({v},))[1]"
    options = [
        f"T.func.grad({scalar})({a})",
        f"T.func.jvp({f}, ({a},), ({v},))[1]",
        f"F.tangent({f}, {a}, {v})",
        f"T.func.grad({twice})({a})",
        f"T.func.jvp(T.func.grad({scalar}), ({a},), ({v},))[1]",
        f"T.func.grad(lambda x: T.func.grad({twice})(x).sum())({a})",
        f"T.func.grad(lambda x: ({along})(x).sum())({a})",
        f"T.func.jvp({along}, ({a},), ({v},))[1]",
    ]
    if w.names[a].ndim and w.names[a].numel() <= 6:
        alone = w.c.pick([t for t in BODIES if "(-1)" not in t]).format(b="x.cos()")
        options += [
            f"T.func.jacrev({f})({a})",
            f"T.func.jacfwd({f})({a})",
            f"T.func.hessian({scalar})({a})",
            f"T.func.vmap(T.func.grad(lambda x: ({alone}).sum()))({a})",
            f"T.func.vmap(lambda x: {alone})({a})",
        ]
    return f"{w.new()} = {w.c.pick(options)}"


@statement(3)
def checkpoint(w: Writer) -> str | None:
    a = w.wanting()
    if a is None or not w.small(a) or w.names[a]._is_view() or w.within("inference"):
        return None
    how = w.c.pick(("False", "False", "True"))
    text = body(w, a)
    # A function that came to read its own result, by a name or a write, would not end.
    bound = [f", {b}={b}.clone()" for b in sorted(set(re.findall(r"\bv\d+", text)))]
    function = f"lambda x{''.join(bound)}: {text}"
    return f"{w.new()} = T.utils.checkpoint.checkpoint({function}, {a}, use_reentrant={how})"


@statement(5)
def context(w: Writer) -> str | None:
    """Blocks beyond those of no_grad."""
    return w.block(
        "with T.inference_mode(): | with T.inference_mode(False): | "
        "with T.autograd.graph.saved_tensors_hooks(lambda x: x.detach().clone(), lambda x: x): | "
        "with T.autograd.graph.saved_tensors_hooks("
        "lambda x: x.detach() * 1 if x.is_floating_point() else x, "
        "lambda x: x * 2 if x.is_floating_point() else x): | "
        "with T.set_grad_enabled(True):"
    )


@statement(4)
def other_dtype(w: Writer) -> str | None:
    """Leaves of other dtypes than the usual ones."""
    c = w.c
    shape = c.pick(((2,), (), (3,), (2, 3), (1,), (1, 2)))
    dtype = c.pick(("float16", "uint8", "int16", "int8", "float64"))
    numbers = integers(c, shape, 3)
    plain = not dtype.startswith("float") or torch.is_inference_mode_enabled()
    grad = ", requires_grad=True" if not plain and c.chance(70) else ""
    return f"{w.new()} = T.tensor({numbers}, dtype=T.{dtype}{grad})"
