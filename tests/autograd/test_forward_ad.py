"""forward_ad: dual tensors give torch's tangents, or refuse."""

import contextlib
import gc
import threading
import weakref

import pytest

import minigrad
from minigrad.autograd import forward_ad
from tests.judge import data, judged


def tensor(t, *shape, seed=0, requires_grad=False, dtype="float64"):
    values = data(*shape, low=0.5, high=2.0, seed=seed)
    return t.tensor(values, dtype=getattr(t, dtype), requires_grad=requires_grad)


def numbers(x):
    if isinstance(x, tuple | list):
        return [numbers(each) for each in x]
    return None if x is None else (x.requires_grad, x.detach().numpy().copy())


PROGRAMS = {
    "itself": lambda t, d, w: d,
    "exp": lambda t, d, w: d.exp(),
    "with a constant": lambda t, d, w: (d * w).sin() + w,
    "twice": lambda t, d, w: d * d / (d + 1),
    "reduced": lambda t, d, w: (d**3).sum(),
    "max": lambda t, d, w: d.max(),
    "matrix": lambda t, d, w: d.reshape(3, 1) @ w.reshape(1, 3),
    "view": lambda t, d, w: d[1:] * 2,
    "transposed": lambda t, d, w: (d.reshape(3, 1) * w).T,
    "independent": lambda t, d, w: w * 2,
    "detached": lambda t, d, w: d.detach() * 2,
    "partly detached": lambda t, d, w: d.detach() * d,
    "compared": lambda t, d, w: t.where(d > 1, d * 3, w),
    "integers": lambda t, d, w: d.argmax(),
    "zero": lambda t, d, w: d.sign() * d.abs(),
    "written to": lambda t, d, w: (d * 1).mul_(w).exp_(),
    "written itself": lambda t, d, w: d.mul_(2) + w,
    "written into": lambda t, d, w: t.zeros(3, dtype=t.float64).copy_(d) * 2,
    "overwritten": lambda t, d, w: (d * 2).copy_(w) + d,
}


def assigned(t, d, w):
    y = t.zeros(4, dtype=t.float64)
    y[1:] = d
    y[2] = w[0]
    return y * y


def through_a_view(t, d, w):
    y = d * 2
    y[1:].mul_(w[1:])
    return y.exp()


PROGRAMS |= {"assigned": assigned, "through a view": through_a_view}


@pytest.mark.parametrize("name", PROGRAMS)
@judged
def test_tangents(t, name):
    x, v, w = [tensor(t, 3, seed=i) for i in range(3)]
    fw = t.autograd.forward_ad
    with fw.dual_level():
        y = PROGRAMS[name](t, fw.make_dual(x, v), w)
        return numbers(fw.unpack_dual(y)), x.numpy().copy()


@judged
def test_several_dual_tensors_and_outputs(t):
    x, v, y, u = [tensor(t, 2, seed=i) for i in range(4)]
    fw = t.autograd.forward_ad
    with fw.dual_level():
        a, b = fw.make_dual(x, v), fw.make_dual(y, u)
        outputs = [a * b, a.sum(), b + 1, a / b]
        return [numbers(fw.unpack_dual(each)) for each in outputs]


@judged
def test_functions_and_the_decorator(t):
    x, v = tensor(t, 2), tensor(t, 2, seed=1)
    fw = t.autograd.forward_ad

    @fw.dual_level()
    def jvp(x, v):
        return fw.unpack_dual(fw.make_dual(x, v).exp()).tangent

    level = fw.enter_dual_level()
    tangent = fw.unpack_dual(fw.make_dual(x, v, level=level) * 2, level=level).tangent
    fw.exit_dual_level(level=level)
    return numbers([jvp(x, v), tangent, fw.unpack_dual(x)]), level


@judged
def test_a_dual_tensor_shares_memory(t):
    x, v = tensor(t, 2), tensor(t, 2, seed=1)
    fw = t.autograd.forward_ad
    with fw.dual_level():
        fw.make_dual(x, v).mul_(3)
    return x.numpy()


@judged
def test_tangents_are_differentiable(t):
    x, v, w = [tensor(t, 2, seed=i, requires_grad=True) for i in range(3)]
    fw = t.autograd.forward_ad
    with fw.dual_level():
        primal, tangent = fw.unpack_dual(w * fw.make_dual(x, v) ** 3)
        (primal * tangent).sum().backward(
            **({} if t.__name__ == "torch" else {"create_graph": True})
        )
    return [each.grad.detach().numpy() for each in (x, v, w)], numbers([primal, tangent])


@judged
def test_they_are_so_after_the_level_too(t):
    x, v, w = tensor(t, 2), tensor(t, 2, seed=1), tensor(t, 2, seed=2, requires_grad=True)
    fw = t.autograd.forward_ad
    with fw.dual_level():
        primal, tangent = fw.unpack_dual(w * fw.make_dual(x, v) ** 3)
    (primal * tangent).sum().backward()
    return w.grad.numpy()


@judged
def test_what_is_unpacked_is_a_constant_of_the_level(t):
    x, v, w = tensor(t, 2), tensor(t, 2, seed=1), tensor(t, 2, seed=2, requires_grad=True)
    fw = t.autograd.forward_ad
    with fw.dual_level():
        dual = fw.make_dual(x, v)
        primal, tangent = fw.unpack_dual(w * dual**2)
        return numbers([fw.unpack_dual(primal * 2), fw.unpack_dual(tangent * dual)])


@judged
def test_around_is_no_grad(t):
    x, v, w = [tensor(t, 2, seed=i, requires_grad=True) for i in range(3)]
    fw = t.autograd.forward_ad
    with t.no_grad():
        with fw.dual_level():
            result = fw.unpack_dual((w * fw.make_dual(x, v)).exp())
        return numbers(result), t.is_grad_enabled()


@judged
def test_forward_over_reverse(t):
    """The product of the Hessian with v."""
    x, v = tensor(t, 3), tensor(t, 3, seed=1)
    fw = t.autograd.forward_ad
    with fw.dual_level():
        dual = fw.make_dual(x.requires_grad_(), v)
        (g,) = t.autograd.grad((dual**3).sum(), x, create_graph=True)
        return fw.unpack_dual(g).tangent.detach().numpy()


REFUSED = {
    "no level": lambda t, fw, x: fw.make_dual(x, x),
    "another level": lambda t, fw, x: fw.exit_dual_level(),
    "shape": lambda t, fw, x: level(fw, lambda: fw.make_dual(x, t.ones(3))),
    "a shape that broadcasts": lambda t, fw, x: level(fw, lambda: fw.make_dual(x, t.ones(1))),
    "integers": lambda t, fw, x: level(fw, lambda: fw.make_dual(t.tensor([1, 2]), x)),
    "integer tangent": lambda t, fw, x: level(fw, lambda: fw.make_dual(x, t.tensor([1, 2]))),
    "twice": lambda t, fw, x: level(fw, lambda: fw.make_dual(fw.make_dual(x, x), x)),
    "of a result": lambda t, fw, x: level(fw, lambda: fw.make_dual(fw.make_dual(x, x) * 2, x)),
    "of a dual tangent": lambda t, fw, x: level(fw, lambda: fw.make_dual(x, fw.make_dual(x, x))),
    "nested": lambda t, fw, x: level(fw, fw.enter_dual_level),
}


def level(fw, f):
    with fw.dual_level():
        return f()


@pytest.mark.parametrize("name", REFUSED)
@judged(raises=".")
def test_refused(t, name):
    REFUSED[name](t, t.autograd.forward_ad, t.tensor([0.5, 2.0]))


@judged
def test_after_an_error_a_new_level_can_be_entered(t):
    fw = t.autograd.forward_ad
    for _ in range(2):
        with contextlib.suppress(ZeroDivisionError):
            level(fw, lambda: 1 / 0)
    return numbers(level(fw, lambda: fw.unpack_dual(fw.make_dual(t.ones(1), t.ones(1)) * 3)))


# What torch can and this cannot: an error, and never a tangent that leaves something out.

x, v = minigrad.tensor([1.0, 2.0]), minigrad.tensor([3.0, 4.0])


@pytest.mark.parametrize("off", ["no_grad", "set_grad_enabled", "inference_mode"])
def test_recording_cannot_be_switched_off(off) -> None:
    make = getattr(minigrad, off)
    arguments = (False,) if off == "set_grad_enabled" else ()
    with forward_ad.dual_level():
        with pytest.raises(RuntimeError, match="recording cannot be switched off where tangents"):
            make(*arguments).__enter__()
        assert minigrad.is_grad_enabled()
        with minigrad.enable_grad():
            y = forward_ad.make_dual(x, v) * 2
        assert forward_ad.unpack_dual(y).tangent.tolist() == [6.0, 8.0]


@pytest.mark.parametrize("call", ["grad", "backward", "backward of a view"])
def test_a_pass_must_be_recorded(call) -> None:
    w = minigrad.tensor([5.0, 6.0], requires_grad=True)
    with forward_ad.dual_level():
        y = w * forward_ad.make_dual(x, v)
        if call == "backward of a view":
            y = y + 0
            y[0:1].mul_(2)
        loss = (y * 1).sum()
        with pytest.raises(RuntimeError, match="must be recorded: give it create_graph=True"):
            loss.backward() if "backward" in call else minigrad.autograd.grad(loss, w)
        (g,) = minigrad.autograd.grad(loss, w, create_graph=True)
        expected = [6.0, 4.0] if call == "backward of a view" else [3.0, 4.0]
        assert forward_ad.unpack_dual(g).tangent.tolist() == expected
        other = (w * 2).sum()
        other.backward()  # has nothing to do with the dual tensor
    assert w.grad.tolist() == [2.0, 2.0]


def test_after_the_level_a_pass_is_a_pass() -> None:
    w = minigrad.tensor([5.0, 6.0], requires_grad=True)
    with forward_ad.dual_level():
        y = (w * forward_ad.make_dual(x, v)).sum()
    y.backward()
    assert w.grad.tolist() == [1.0, 2.0]


def test_a_tangent_must_not_be_written_to() -> None:
    tangent = v.clone()
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(x, tangent)
        tangent.mul_(2)
        with pytest.raises(RuntimeError, match="a tangent has been modified by an inplace"):
            forward_ad.unpack_dual(dual)


def test_what_was_saved_must_not_be_written_to() -> None:
    with forward_ad.dual_level():
        point = x.clone()
        y = forward_ad.make_dual(point, v) ** 2
        point.mul_(2)
        with pytest.raises(RuntimeError, match="modified by an inplace operation"):
            forward_ad.unpack_dual(y)


class Double(minigrad.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, g):
        return g * 2 * ctx.saved_tensors[0]


class Once(Double):
    @staticmethod
    @minigrad.autograd.function.once_differentiable
    def backward(ctx, g):
        return g * 2 * ctx.saved_tensors[0]


class Unrecorded(Double):
    @staticmethod
    def backward(ctx, g):
        with minigrad.no_grad():
            return g * 2 * ctx.saved_tensors[0]


def test_custom_functions_have_the_tangent_of_their_backward() -> None:
    """torch wants a jvp of their own."""
    with forward_ad.dual_level():
        y = Double.apply(forward_ad.make_dual(x, v))
        assert forward_ad.unpack_dual(y).tangent.tolist() == [6.0, 16.0]


@pytest.mark.parametrize("function", [Once, Unrecorded])
def test_or_refuse(function) -> None:
    with forward_ad.dual_level():
        y = function.apply(forward_ad.make_dual(x, v))
        with pytest.raises(RuntimeError, match=r"differentiate twice|recording cannot be"):
            forward_ad.unpack_dual(y)


def test_a_transform_in_a_level() -> None:
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(x, v)
        y = minigrad.func.grad(lambda a: (a**3).sum())(dual)
        assert forward_ad.unpack_dual(y).tangent.tolist() == [18.0, 48.0]
        _, tangent = minigrad.func.jvp(lambda a: a * dual, (x,), (v,))
        assert forward_ad.unpack_dual(tangent).tangent.tolist() == [9.0, 16.0]


def test_levels_are_of_their_thread() -> None:
    found = []

    def elsewhere() -> None:
        with minigrad.no_grad():
            found.append(forward_ad.unpack_dual(x).tangent)
        with forward_ad.dual_level():
            dual = forward_ad.make_dual(x, v)
            found.append(forward_ad.unpack_dual(dual * 2).tangent.tolist())

    with forward_ad.dual_level():
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
    assert found == [None, [6.0, 8.0]]


def test_many_writes_through_views() -> None:
    """Nodes behind nodes that are not watched are found without recursion."""
    with forward_ad.dual_level():
        y = minigrad.zeros(2000)
        y = y + forward_ad.make_dual(minigrad.ones(1), minigrad.ones(1))
        for i in range(1500):
            y[i] = 0.0
        assert forward_ad.unpack_dual(y).tangent.sum().item() == 500.0


def test_nothing_is_kept_alive() -> None:
    def run() -> list[weakref.ref]:
        point = minigrad.ones(2)
        w = minigrad.ones(2).requires_grad_()
        with forward_ad.dual_level():
            dual = forward_ad.make_dual(point, v)
            y = (dual * w).exp()
            kept = [weakref.ref(each) for each in (point, dual, y, w, y.grad_fn)]
            forward_ad.unpack_dual(y)
        return kept

    gc.collect()
    gc.disable()
    try:
        assert [each() for each in run()] == [None] * 5
        assert gc.collect() == 0
    finally:
        gc.enable()


def scaled(t, materialize=True):
    """A product whose jvp is ten times too large, so that it shows which rule was used."""

    class Scaled(t.autograd.Function):
        @staticmethod
        def forward(ctx, x, factor, y):
            ctx.save_for_backward(x, y)
            ctx.save_for_forward(x, y)
            ctx.set_materialize_grads(materialize)
            ctx.factor = factor
            return x * y * factor, x + y

        @staticmethod
        def backward(ctx, g, h):
            x, y = ctx.saved_tensors
            return g * y * ctx.factor + h, None, g * x * ctx.factor + h

        @staticmethod
        def jvp(ctx, x_t, factor_t, y_t):
            x, y = ctx.saved_tensors
            assert factor_t is None
            assert materialize or y_t is None
            y_t = t.zeros_like(y) if y_t is None else y_t
            return 10 * ctx.factor * (x_t * y + x * y_t), 10 * (x_t + y_t)

    return Scaled


@pytest.mark.parametrize("both_duals, materialize", [(True, True), (False, True), (False, False)])
@judged
def test_a_function_with_a_jvp(t, both_duals, materialize):
    fwd = t.autograd.forward_ad
    with fwd.dual_level():
        x = fwd.make_dual(tensor(t, 3), tensor(t, 3, seed=1))
        y = fwd.make_dual(tensor(t, 3, seed=2), tensor(t, 3, seed=3))
        if not both_duals:
            y = tensor(t, 3, seed=2)
        u, v = scaled(t, materialize).apply(x, 2.0, y)
        return [numbers(tuple(fwd.unpack_dual(each))) for each in (u.sin(), v, (u * v).sum())]


def cube(t):
    class Cube(t.autograd.Function):
        generate_vmap_rule = True

        @staticmethod
        def forward(x):
            return x**3

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.save_for_backward(*inputs)
            ctx.save_for_forward(*inputs)

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return 3 * x**2 * g

        @staticmethod
        def jvp(ctx, x_t):
            (x,) = ctx.saved_tensors
            return 3 * x**2 * x_t

    return Cube


@judged
def test_transforms_of_a_function_with_a_jvp(t):
    f, x, one = cube(t).apply, t.tensor(2.0), t.tensor(1.0)
    return (
        numbers(t.func.jvp(f, (x,), (x,))),
        numbers(t.func.grad(lambda z: t.func.jvp(f, (z,), (one,))[1])(x)),
        numbers(t.func.jvp(t.func.grad(f), (x,), (one,))),
        numbers(t.func.jacfwd(f)(t.ones(2))),
        numbers(t.func.hessian(lambda z: f(z).sum())(t.ones(2))),
    )


def test_a_jvp_is_differentiated_in_a_level_around_it() -> None:
    """torch gives 0 here."""
    f, point, one = cube(minigrad).apply, minigrad.tensor(2.0), minigrad.tensor(1.0)

    def inner(z):
        return minigrad.func.jvp(f, (z,), (one,))[1]

    assert minigrad.func.jvp(inner, (point,), (one,))[1].item() == 12.0  # 6 x


@judged(raises="invalid number of forward gradients \\(expected 1 but got 2\\)")
def test_a_jvp_of_too_many(t):
    class Twice(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def jvp(ctx, x_t):
            return x_t * 2, x_t

    fwd = t.autograd.forward_ad
    with fwd.dual_level():
        fwd.unpack_dual(Twice.apply(fwd.make_dual(t.ones(2), t.ones(2))))


@judged
def test_a_tangent_after_one_of_what_has_none(t):
    """What asks for a tangent that is not there leaves the level as it was."""
    fw = t.autograd.forward_ad
    x, w = [t.tensor(values, requires_grad=True) for values in ([0.5, 1.5], [2.0, 3.0])]
    with fw.dual_level():
        none = fw.unpack_dual(w * 2).tangent
        y = w * fw.make_dual(x, t.tensor([1.0, -2.0]))
        more = fw.unpack_dual(w * 2).tangent
        by_x, by_w = t.autograd.grad(y.sum(), [x, w], create_graph=True)
        return none, more, by_x.detach().clone(), fw.unpack_dual(by_w).tangent.detach().clone()


@judged(raises="modified by an inplace operation")
def test_what_a_transform_returns_is_what_was_saved(t):
    x = t.tensor(2.0, requires_grad=True)
    out, _ = t.func.jvp(lambda v: (v * x).exp(), (t.tensor(3.0),), (t.tensor(1.0),))
    out.mul_(2)
    out.backward()


def test_a_pass_that_is_not_recorded_is_refused_by_any_level():
    x = tensor(minigrad, 2, requires_grad=True)
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(x * 1, tensor(minigrad, 2, seed=1))
        made, _ = minigrad.func.jvp(lambda z: z * dual, (x.detach(),), (x.detach(),))
        with pytest.raises(RuntimeError, match="must be recorded"):
            made.sum().backward()


def test_a_functions_own_jvp_is_what_two_levels_differentiate():
    class Square(minigrad.autograd.Function):
        @staticmethod
        def forward(x):
            return x * x

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.save_for_forward(*inputs)

        @staticmethod
        def jvp(ctx, t):
            (x,) = ctx.saved_tensors
            return t * 2 * x

    x, one = minigrad.tensor([3.0]), minigrad.ones(1)
    jvp = minigrad.func.jvp
    slope = jvp(lambda x: jvp(lambda y: Square.apply(y) * x, (x,), (one,))[1], (x,), (one,))
    assert [v.item() for v in slope] == [18.0, 12.0]  # of 2 x^2
