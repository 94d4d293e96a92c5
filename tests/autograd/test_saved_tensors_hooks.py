"""Hooks on what nodes save: what they are given, when they run, and what they may return."""

import gc
import threading
import weakref

import pytest

import minigrad
from tests.judge import both, both_raise, data, judged


def leaf(t, *shape, seed=0):
    return t.tensor(data(*shape, seed=seed), requires_grad=True)


def told(x):
    """What a hook shows of a tensor, without its version."""
    name = x.grad_fn if x.grad_fn is None else type(x.grad_fn).__name__
    return x.tolist(), x.requires_grad, name


OPERATIONS = {
    "mul": lambda x, w: x * w,
    "mul by a constant": lambda x, w: x * w.detach(),
    "div": lambda x, w: x / w,
    "exp": lambda x, w: x.exp(),
    "pow": lambda x, w: x**2,
    "relu": lambda x, w: x.relu(),
    "matmul": lambda x, w: x @ w.t(),
    "nothing saved": lambda x, w: (x + w).sum(0),
    "chain": lambda x, w: (x * w).tanh().exp(),
    "a write": lambda x, w: (x * 1).mul_(w),
    "a write of the output": lambda x, w: (x * 1).exp_(),
    "a square in place": lambda x, w: (x * 1).pow_(2),
    "a write through a view": lambda x, w: put(x * 1, w),
}


def put(y, w):
    y[0] = w[1].exp()
    y[1].mul_(w[0])
    return y


def hooks(t, pack, unpack):
    return t.autograd.graph.saved_tensors_hooks(pack, unpack)


PAIRS = {
    "the tensor": (lambda x: x, lambda x: x),
    "detached": (lambda x: x.detach(), lambda x: x),
    "a copy": (lambda x: x.clone(), lambda x: x.clone()),
    "in a tuple": (lambda x: ("it", x.detach()), lambda pair: pair[1]),
}


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("name", OPERATIONS)
@judged
def test_gradients_are_the_same(t, name, pair, order):
    x, w = leaf(t, 2, 3), leaf(t, 2, 3, seed=1)
    with hooks(t, *PAIRS[pair]):
        y = OPERATIONS[name](x, w)
    y = y.sum()
    if order == 2:
        gs = t.autograd.grad(y, (x, w), create_graph=True, allow_unused=True)
        y = sum((g * g).sum() for g in gs if g is not None)
        if not y.requires_grad:
            return y
    y.backward()
    return x, w


@pytest.mark.parametrize("name", ["mul", "mul by a constant", "exp", "relu", "div", "chain"])
@judged
def test_what_hooks_see(t, name):
    x, w = leaf(t, 2, 3), leaf(t, 2, 3, seed=1)
    seen = []

    def pack(x):
        seen.append(("pack", told(x), t.is_grad_enabled()))
        return x.detach().clone()

    def unpack(x):
        seen.append(("unpack", told(x), t.is_grad_enabled()))
        return x

    with hooks(t, pack, unpack):
        y = OPERATIONS[name](x, w).sum()
    y.backward(retain_graph=True)
    y.backward()
    return seen, x, w


@judged
def test_packed_as_a_number(t):
    x = leaf(t, 3)
    store = {}

    def pack(x):
        store[len(store)] = x.tolist()
        return len(store) - 1

    with hooks(t, pack, lambda key: t.tensor(store[key], dtype=t.float64)):
        y = (x * x).exp().sum()
    y.backward()
    return x, store


@judged
def test_innermost_pair_is_used(t):
    x = leaf(t, 3)
    seen = []

    def pair(name):
        return hooks(t, lambda x: seen.append(name) or x.detach(), lambda x: x)

    with pair("outer"):
        y = x.tanh()
        with pair("inner"):
            z = y.tanh()
        v = z.tanh()
    v.tanh().sum().backward()
    return seen, x


@judged
def test_function(t):
    class Exp(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            out = x.exp()
            ctx.save_for_backward(x, out)
            return out

        @staticmethod
        def backward(ctx, g):
            _, out = ctx.saved_tensors
            return g * out

    x, seen = leaf(t, 3), []
    with hooks(t, lambda x: seen.append(told(x)) or x.detach(), lambda x: seen.append(1) or x):
        y = Exp.apply(x)
    (g,) = t.autograd.grad(y.sum(), x, create_graph=True)
    g.sum().backward()
    return seen, x, y, g


ERRORS = {
    "pack writes": (lambda x: x.mul_(2), lambda x: x),
    "pack raises": (lambda x: 1 / 0, lambda x: x),
    "unpack raises": (lambda x: 3, lambda x: 1 / 0),
    "unpack returns a number": (lambda x: x, lambda x: 3),
    "unpack returns None": (lambda x: x, lambda x: None),
}


@pytest.mark.torch
@pytest.mark.parametrize("name", ERRORS)
def test_errors(name):
    def snippet(t):
        with hooks(t, *ERRORS[name]):
            y = (leaf(t, 3) * 1) * leaf(t, 3, seed=1)
        y.sum().backward()

    both_raise(snippet)


@pytest.mark.torch
def test_disabled():
    def snippet(t):
        with (
            t.autograd.graph.disable_saved_tensors_hooks("not here"),
            t.autograd.graph.save_on_cpu(),
        ):
            pass

    both_raise(snippet, "not here")

    def inside(t):
        with (
            t.autograd.graph.save_on_cpu(),
            t.autograd.graph.disable_saved_tensors_hooks("not here"),
        ):
            pass

    both_raise(inside, "not here")


@judged
def test_save_on_cpu(t):
    x = leaf(t, 3)
    with t.autograd.graph.save_on_cpu(pin_memory=False):
        y = (x * x).exp().sum()
    y.backward()
    return x


@judged
def test_a_copy_may_be_outlived(t):
    x = leaf(t, 3)
    z = x * 1
    with hooks(t, lambda x: x.clone(), lambda x: x):
        y = z.exp() * z
    z.mul_(5)
    y.sum().backward()
    return x


def test_a_write_to_what_was_saved():
    """torch is silent here, and its gradient is wrong."""
    x = minigrad.ones(3, requires_grad=True)
    for pack in (lambda x: x, lambda x: ("it", x.detach())):
        z = x * 1
        with hooks(minigrad, pack, lambda x: x[1] if isinstance(x, tuple) else x):
            y = z * z
        z.mul_(5)
        with pytest.raises(RuntimeError, match="modified by an inplace operation"):
            y.sum().backward()


@pytest.mark.torch
def test_promoted_operand():
    def snippet(t):
        x = t.tensor(data(3), dtype=t.float32, requires_grad=True)
        w = leaf(t, 3, seed=1)
        with hooks(t, lambda x: x.detach(), lambda x: x):
            y = x * w
        (g,) = t.autograd.grad(y.sum(), x, create_graph=True)
        g.sum().backward()
        return x, w, g

    both(snippet)


@pytest.mark.torch
def test_indices():
    def snippet(t):
        x = leaf(t, 3, 4)
        with hooks(t, lambda x: x.clone(), lambda x: x):
            y = x.max(1)[0] * x[:, 0]
        y.sum().backward()
        return x

    both(snippet)


def test_per_thread():
    seen = []
    with hooks(minigrad, lambda x: seen.append(1) or x, lambda x: x):
        thread = threading.Thread(target=lambda: minigrad.ones(2, requires_grad=True).exp())
        thread.start()
        thread.join()
    assert seen == []


@pytest.mark.parametrize("pair", ["the tensor", "detached", "a copy"])
def test_no_reference_cycle(pair):
    x = minigrad.ones(3, requires_grad=True)
    gc.disable()
    try:
        with hooks(minigrad, *PAIRS[pair]):
            y = x.exp()
        node = weakref.ref(y.grad_fn)
        y.sum().backward()
        del y
        assert node() is None
        with hooks(minigrad, *PAIRS[pair]):
            y = x.exp()
        node = weakref.ref(y.grad_fn)
        del y
        assert node() is None
    finally:
        gc.enable()


def test_nothing_is_left_behind():
    from minigrad.autograd.primitive import watched
    from minigrad.autograd.value import mode

    x = minigrad.ones(3, requires_grad=True)
    with pytest.raises(ZeroDivisionError), hooks(minigrad, lambda x: 1 / 0, lambda x: x):
        x.exp()
    assert mode.watchers == ()
    assert watched == []


@judged
def test_saved_tensors_may_be_written_where_that_is_allowed(t):
    x = t.tensor([0.5, 1.0], requires_grad=True)
    with t.autograd.graph.allow_mutation_on_saved_tensors():
        y = x * 2
        z = y.sin()
        w = z.exp()
        y.mul_(3)
        z.zero_()
        (w.sum() + y.sum()).backward()
    return y, z, x.grad.clone()


@pytest.mark.torch
@pytest.mark.parametrize("case", ["outside", "nested", "cleared"])
def test_where_writing_is_allowed_the_backward_must_run(case):
    def program(t):
        allow = t.autograd.graph.allow_mutation_on_saved_tensors
        x = t.ones(2, requires_grad=True)
        with allow() as copies:
            if case == "nested":
                with allow():
                    pass
            y = (x * 2).sin()
            if case == "cleared":
                copies.clear()
                y.sum().backward()
        y.sum().backward()

    both_raise(program)


@judged
def test_indices_are_packed_as_tensors_are(t):
    packed = []

    def pack(x):
        packed.append((tuple(x.shape), x.dtype.is_floating_point))
        return x

    x = t.tensor(data(1, 1, 4, 4), requires_grad=True)
    with t.autograd.graph.saved_tensors_hooks(pack, lambda x: x):
        t.nn.functional.max_pool2d(x, 2)
    return packed


@judged(raises="has been modified by an inplace operation")
def test_what_a_derivative_saves_of_what_was_unpacked_is_watched(t):
    x = leaf(t, 2)
    y = x * 1
    with t.autograd.graph.saved_tensors_hooks(lambda x: x, lambda x: x):
        z = y**3
    (g,) = t.autograd.grad(z.sum(), y, create_graph=True)
    with t.no_grad():
        y.mul_(2)
    t.autograd.grad(g.sum(), y)


def test_what_only_backward_uses_is_packed_too():
    shapes = []
    q = minigrad.ones(1, 1, 2, 3, requires_grad=True)
    with minigrad.autograd.graph.saved_tensors_hooks(lambda x: shapes.append(x.shape), lambda x: x):
        minigrad.nn.functional.scaled_dot_product_attention(q, q, q)
    assert (1, 1, 2, 2) in [tuple(shape) for shape in shapes]  # the weights


@judged
@pytest.mark.parametrize("copies", [True, False])
@pytest.mark.parametrize("detached", [True, False])
def test_a_write_to_the_base_of_what_it_saves(t, copies, detached):
    """What is saved is packed as it was before, when the halves were views of one version."""
    x = t.tensor([[-2.0, 0.25], [1.0, -0.75]], requires_grad=True)
    y = x * x
    hooks = (lambda z: z.detach().clone() if copies else z, lambda z: z)
    with t.autograd.graph.saved_tensors_hooks(*hooks):
        _, half = y.chunk(2, 0)
        y[:1].mul_(half.detach() if detached else half)
    y.sum().backward()
    return y.tolist(), x.grad.tolist()
