"""Operators of one's own: the same programs with torch."""

import numpy as np
import pytest

import minigrad
from tests.judge import both_raise, judged


def sine(t, name="sine"):
    def function(x, scale=2.0):
        return t.from_numpy(np.sin(x.numpy()) * scale)

    function.__annotations__ = {"x": t.Tensor, "scale": float, "return": t.Tensor}
    return t.library.custom_op(f"minigrad_tests::{name}", mutates_args=())(function)


def setup_context(ctx, inputs, output):
    x, ctx.scale = inputs
    ctx.save_for_backward(x)


def backward(ctx, g):
    (x,) = ctx.saved_tensors
    return g * x.cos() * ctx.scale, None


@judged
def test_the_derivative_that_is_registered(t):
    op = sine(t, "first")
    op.register_autograd(backward, setup_context=setup_context)
    x = t.tensor([0.5, -1.0, 2.0], requires_grad=True)
    y = t.ops.minigrad_tests.first(x, 3.0)
    g = t.autograd.grad(y.sum(), x, create_graph=True)[0]
    g.sum().backward()
    plain = op(x.detach())
    return y, g, x.grad, plain, plain.requires_grad, op(x).grad_fn.name()


@judged
def test_by_name(t):
    sine(t, "named")
    name = "minigrad_tests::named"
    t.library.register_autograd(name, backward, setup_context=setup_context)
    t.library.register_fake(name)(lambda x, scale=2.0: t.empty_like(x))
    x = t.ones(2, requires_grad=True)
    op = t.ops.minigrad_tests.named
    return t.autograd.grad(op(x).sum(), x)[0], t.func.vmap(op)(t.ones(2, 3)) * 1


@judged
def test_several_outputs_and_keywords(t):
    def function(x, n, *, flag=False):
        return x * n, x.sum(0) if flag else x - n

    T = t.Tensor
    function.__annotations__ = {"x": T, "n": int, "flag": bool, "return": tuple[T, T]}
    op = t.library.custom_op("minigrad_tests::pair", function, mutates_args=())

    def setup(ctx, inputs, keyword_only_inputs, output):
        ctx.n, ctx.flag, ctx.shapes = inputs[1], keyword_only_inputs["flag"], len(output)

    op.register_autograd(lambda ctx, a, b: (a * ctx.n + b * ctx.shapes, None), setup_context=setup)
    x = t.tensor([1.0, 2.0], requires_grad=True)
    a, b = op(x, 3)
    (a * b).sum().backward()
    return a, b, x.grad


@judged
def test_a_list_of_tensors(t):
    def function(xs):
        return sum(x * 1 for x in xs)

    function.__annotations__ = {"xs": list[t.Tensor], "return": t.Tensor}
    op = t.library.custom_op("minigrad_tests::total", function, mutates_args=())
    setup = lambda ctx, inputs, output: setattr(ctx, "n", len(inputs[0]))  # noqa: E731
    op.register_autograd(lambda ctx, g: [g * (i + 1) for i in range(ctx.n)], setup_context=setup)
    x, y = t.ones(2, requires_grad=True), t.ones(2, requires_grad=True)
    op([x, y]).sum().backward()
    return x.grad, y.grad


@judged
def test_settings_that_are_lists(t):
    def function(x, sizes):
        return [x[:n] * 1 for n in sizes], len(sizes)

    T = t.Tensor
    function.__annotations__ = {"x": T, "sizes": list[int], "return": tuple[list[T], int]}
    op = t.library.custom_op("minigrad_tests::parts", function, mutates_args=())

    def setup(ctx, inputs, output):
        ctx.sizes, ctx.n = inputs[1], output[1]

    def backward(ctx, parts, _):
        return sum(t.cat([g, t.zeros(3 - n)]) for g, n in zip(parts, ctx.sizes, strict=True)), None

    op.register_autograd(backward, setup_context=setup)
    x = t.ones(3, requires_grad=True)
    parts, n = op(x, [1, 2])
    (parts[0].sum() + 3 * parts[1].sum()).backward()
    return [part * 1 for part in parts], n, x.grad


def writes(t):
    def function(x):
        x.add_(1)

    function.__annotations__ = {"x": t.Tensor, "return": None}
    return t.library.custom_op("minigrad_tests::w", function, mutates_args={"x"})


@judged
def test_an_operator_that_writes(t):
    x = t.ones(2)
    return writes(t)(x), x, x._version


@judged
def test_another_kernel(t):
    op = sine(t, "replaced")
    op.register_kernel("cpu")(lambda x, scale=2.0: x * scale)
    return op(t.ones(2))


def test_what_is_refused() -> None:
    both_raise(lambda t: sine(t)(t.ones(1, requires_grad=True)).backward(), "Trying to backward")
    both_raise(lambda t: sine(t)("a"), "Expected a value of type 'Tensor'")
    both_raise(lambda t: sine(t)(), "")
    both_raise(lambda t: t.library.custom_op("a::b", lambda x: x, mutates_args=()), "Parameter x")
    both_raise(lambda t: t.library.register_autograd("minigrad_tests::none", backward), "")
    both_raise(lambda t: t.ops.minigrad_tests.none, "object has no attribute 'none'")


def test_an_operator_that_returns_its_argument() -> None:
    def itself(x: minigrad.Tensor) -> minigrad.Tensor:
        return x

    op = minigrad.library.custom_op("minigrad_tests::itself", itself, mutates_args=())
    with pytest.raises(RuntimeError, match="The output of this custom operator"):
        op(minigrad.ones(1))


def test_an_operator_that_writes_has_no_derivative() -> None:
    with pytest.raises(RuntimeError, match="Cannot register autograd formula for non-functional"):
        writes(minigrad).register_autograd(backward)


def test_a_name_without_a_namespace() -> None:
    with pytest.raises(ValueError, match="no namespace"):
        minigrad.library.custom_op("double", mutates_args=())
    with pytest.raises(AttributeError, match="nobody"):
        _ = minigrad.ops.nobody
