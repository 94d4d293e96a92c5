"""What torch's guides to autograd teach, topic by topic, with only the module changed."""

import gc
import os
import tempfile
import threading
import uuid
import weakref

import numpy as np
import pytest

from tests.judge import both_raise, data, judged


def rows(t, *shape, seed=0, **settings):
    return t.tensor(data(*shape, seed=seed), **settings)


# How autograd encodes the history.


@judged
def test_saved_tensors_are_the_input_or_a_copy_of_the_output(t):
    x = rows(t, 5, requires_grad=True)
    y, z = x.pow(2), x.exp()
    return [
        x.equal(y.grad_fn._saved_self),
        x is y.grad_fn._saved_self,
        z.equal(z.grad_fn._saved_result),
        z is z.grad_fn._saved_result,
        sorted(name for name in dir(y.grad_fn) if name.startswith("_saved")),
        y.grad_fn._saved_exponent,
    ]


@judged
def test_the_graph_can_be_walked(t):
    x = rows(t, 2, 3, requires_grad=True)
    w = rows(t, 3, 2, requires_grad=True)
    y = (x @ w).relu().mean()
    names, stack = [], [y.grad_fn]
    while stack:
        node = stack.pop(0)
        names.append(node.name().rpartition("::")[2])
        stack += [following for following, _ in node.next_functions if following is not None]
    return names


@judged
def test_what_the_gradient_is_where_there_is_none(t):
    found = []
    for f in (
        lambda x: x.abs(),
        lambda x: x.relu(),
        lambda x: x.sqrt(),
        lambda x: x.max(),
        lambda x: x.clamp(0, 1),
        lambda x: x**0.5,
        lambda x: x.sign(),
    ):
        x = t.zeros(2, requires_grad=True)
        f(x).sum().backward()
        found.append(x.grad.clone())
    return found


@judged
def test_division_by_zero_and_a_mask_too_late(t):
    x = t.tensor([1.0, 1.0], requires_grad=True)
    div = t.tensor([0.0, 1.0])
    y = x / div
    mask = div != 0
    y[mask].backward()
    early = x.grad.clone()
    x.grad = None
    t.where(mask, x / div, t.zeros(2)).sum().backward()
    return early, x.grad.clone()


# Switching gradients off.


@judged
def test_leaves_and_what_requires_grad(t):
    x = t.tensor(1.0)
    w = t.tensor(2.0, requires_grad=True)
    b = t.tensor(0.5, requires_grad=True)
    z = x * w
    y = (z + b).relu()
    y.retain_grad()
    z.retain_grad()
    y.backward()
    everything = (x, w, b, z, y)
    flags = [(v.is_leaf, v.requires_grad, v.retains_grad) for v in everything]
    return flags, [v.grad.item() for v in everything if v.grad is not None]


@judged
def test_freezing_a_part(t):
    frozen, trained = rows(t, 3, 3), rows(t, 3, 3, seed=1, requires_grad=True)
    hidden = rows(t, 2, 3, seed=2) @ frozen
    out = (hidden @ trained).tanh().sum()
    before = hidden.requires_grad, out.requires_grad
    out.backward()
    return before, frozen.grad, trained.grad


@judged
def test_modes(t):
    x = t.ones(2, requires_grad=True)
    with t.no_grad():
        a = x * 2
        with t.enable_grad():
            b = x * 2

    @t.no_grad()
    def doubler(v):
        return v * 2

    with t.inference_mode():
        c = x * 2
    with t.set_grad_enabled(False):
        d = x.detach().requires_grad_() * 2
    return [v.requires_grad for v in (a, b, doubler(x), c, d)], c.is_inference(), a.is_inference()


@judged
def test_a_leaf_that_is_used_twice_and_an_in_place_update(t):
    w = t.tensor([1.0, 2.0], requires_grad=True)
    history = []
    for _ in range(3):
        loss = ((w * w).sum() - 1) ** 2
        loss.backward()
        with t.no_grad():
            w -= 0.01 * w.grad
        history.append((loss.item(), w.detach().clone(), w.grad.clone(), w.is_leaf))
        w.grad.zero_()
    return history


# In-place operations.


def test_a_value_that_is_needed_was_changed():
    def program(t):
        a = t.tensor([1.0, 2.0], requires_grad=True)
        b = a.sigmoid()
        c = b * 3
        b += 1
        c.sum().backward()

    both_raise(program, "modified by an inplace operation")


@judged
def test_versions_count_writes(t):
    x = t.zeros(3)
    view, cut = x[1:], x.detach()
    counts = [x._version]
    view.add_(1)
    counts.append((x._version, view._version, cut._version))
    x.data.add_(1)
    counts.append(x._version)
    cut.mul_(2)
    return [*counts, x._version, x]


# Threads.


@pytest.mark.torch
def test_threads_differentiate_their_own_graphs():
    import torch

    import minigrad

    answers = {}

    def train(t):
        def work(i):
            x = t.tensor(data(5, 5, seed=i), requires_grad=True)
            y = (x + 3) * (x + 4) * 0.5
            y.sum().backward()
            answers[t.__name__, i] = x.grad.numpy()

        threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    train(minigrad)
    train(torch)
    for i in range(8):
        np.testing.assert_allclose(answers["minigrad", i], answers["torch", i], rtol=1e-6)


# Hooks.


@judged
def test_hooks_in_order_and_what_they_see(t):
    seen = []
    x = t.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    y.register_hook(lambda g: seen.append(("first", g.clone())))
    y.register_hook(lambda g: g * 10)
    y.retain_grad()
    handle = y.register_hook(lambda g: seen.append(("removed", g)))
    handle.remove()
    y.grad_fn.register_prehook(lambda gs: seen.append(("before", gs[0].clone())))
    y.grad_fn.register_hook(lambda ins, outs: seen.append(("after", ins[0].clone())))
    x.register_hook(lambda g: seen.append(("leaf", g.clone())))
    x.register_post_accumulate_grad_hook(lambda v: seen.append(("accumulated", v.grad.clone())))
    y.sum().backward()
    return seen, y.grad.clone(), x.grad.clone()


@judged
def test_a_hook_of_before_a_write_stays_with_the_old_node(t):
    seen = []
    x = t.ones(2, requires_grad=True)
    y = x * 3
    y.register_hook(lambda g: seen.append(("old", g.clone())))
    y.mul_(2)
    y.register_hook(lambda g: seen.append(("new", g.clone())))
    y.sum().backward()
    return seen, x.grad


@judged
def test_an_optimiser_step_in_the_backward_pass(t):
    """Post-accumulate hooks let each parameter be updated, and its gradient freed, at once."""
    parameters = [rows(t, 3, 3, seed=i, requires_grad=True) for i in range(3)]

    def update(p):
        with t.no_grad():
            p -= 0.1 * p.grad
        p.grad = None

    for p in parameters:
        p.register_post_accumulate_grad_hook(update)
    for _ in range(3):
        h = t.ones(1, 3, dtype=t.float64)
        for p in parameters:
            h = (h @ p).tanh()
        h.sum().backward()
    return [p.detach() for p in parameters], [p.grad for p in parameters]


# Hooks for saved tensors.


@judged
def test_saved_tensors_can_be_packed_into_files(t):
    class File:
        def __init__(self, folder):
            self.name = os.path.join(folder, str(uuid.uuid4()))

        def __del__(self):
            os.remove(self.name)

    with tempfile.TemporaryDirectory() as folder:

        def pack(x):
            if x.numel() < 10:
                return x
            file = File(folder)
            with open(file.name, "wb") as out:
                np.save(out, x.detach().numpy())
            return file

        def unpack(packed):
            if not isinstance(packed, File):
                return packed
            with open(packed.name, "rb") as stored:
                return t.from_numpy(np.load(stored))

        x = rows(t, 20, requires_grad=True)
        with t.autograd.graph.saved_tensors_hooks(pack, unpack):
            y = (x * x.exp()).sum()
        files = len(os.listdir(folder))
        y.backward()
        del y
        gc.collect()
        return files, len(os.listdir(folder)), x.grad.clone()


@judged
def test_save_on_cpu_changes_nothing(t):
    x = rows(t, 5, requires_grad=True)
    with t.autograd.graph.save_on_cpu(pin_memory=False):
        y = (x.sin() * x).prod()
    y.backward()
    return x.grad.clone()


@judged
def test_hooks_of_one_saved_tensor(t):
    x = rows(t, 3, requires_grad=True)
    y = x.pow(2)
    y.grad_fn._raw_saved_self.register_hooks(lambda v: v.clone() * 10, lambda v: v)
    y.sum().backward()
    return x.grad.clone()


@pytest.mark.parametrize("name", ["saves", "packs"])
def test_dropping_the_output_frees_what_was_saved(name):
    import minigrad as t

    x = t.ones(10, requires_grad=True)
    packed = []

    def pack(v):
        packed.append(weakref.ref(v))
        return v.detach()

    gc.disable()
    try:
        with t.autograd.graph.saved_tensors_hooks(pack, lambda v: v):
            y = x.exp().sum()
        assert packed
        del y
        assert all(ref() is None for ref in packed)
    finally:
        gc.enable()


# Custom functions.


def legendre(t):
    class Legendre(t.autograd.Function):
        """The polynomial (5 x**3 - 3 x) / 2."""

        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return 0.5 * (5 * x**3 - 3 * x)

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return g * 1.5 * (5 * x**2 - 1)

    return Legendre


@judged
def test_a_fit_with_a_custom_function(t):
    x = t.linspace(-3.14159, 3.14159, 200)
    y = t.sin(x)
    a, b, c, d = [t.full((), v, requires_grad=True) for v in (0.0, -1.0, 0.0, 0.3)]
    P3 = legendre(t).apply
    losses = []
    for step in range(200):
        loss = (a + b * P3(c + d * x) - y).pow(2).sum()
        if step % 40 == 39:
            losses.append(loss.item())
        loss.backward()
        with t.no_grad():
            for p in (a, b, c, d):
                p -= 5e-6 * p.grad
                p.grad = None
    return losses, [round(p.item(), 5) for p in (a, b, c, d)]


def powers(t):
    class Cube(t.autograd.Function):
        @staticmethod
        def forward(x):
            # The intermediate result is an output too, so that it can be saved and differentiated.
            return x**3, 3 * x**2

        @staticmethod
        def setup_context(ctx, inputs, output):
            (x,) = inputs
            ctx.save_for_backward(x, output[1])

        @staticmethod
        def backward(ctx, g, g_slope):
            x, slope = ctx.saved_tensors
            return g * slope + g_slope * 6 * x

    return Cube


@judged
def test_double_backward_through_saved_intermediates(t):
    x = t.tensor([2.0, -1.0], dtype=t.float64, requires_grad=True)

    def f(v):
        return powers(t).apply(v)[0]

    y = f(x)
    (g,) = t.autograd.grad(y.sum(), x, create_graph=True)
    (gg,) = t.autograd.grad(g.sum(), x)
    return (
        y.detach(),
        g.detach().clone(),
        gg.clone(),
        t.autograd.gradcheck(f, x),
        t.autograd.gradgradcheck(f, x),
    )


@judged
def test_double_backward_where_the_input_and_the_output_are_saved(t):
    class Exp(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            result = t.exp(x)
            ctx.save_for_backward(result)
            return result

        @staticmethod
        def backward(ctx, g):
            (result,) = ctx.saved_tensors
            return result * g

    x = t.tensor([0.5, 1.5], dtype=t.float64, requires_grad=True)
    return t.autograd.gradcheck(Exp.apply, x), t.autograd.gradgradcheck(Exp.apply, x)


def test_an_intermediate_result_in_ctx_is_not_seen_by_the_second_derivative():
    def program(t):
        class Sinh(t.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                up, down = t.exp(x), t.exp(-x)
                ctx.up, ctx.down = up, down
                return (up - down) / 2

            @staticmethod
            def backward(ctx, g):
                return g * (ctx.up + ctx.down) / 2

        x = t.tensor(1.0, dtype=t.float64, requires_grad=True)
        t.autograd.gradgradcheck(Sinh.apply, x)

    both_raise(program)


@judged
def test_a_function_over_numpy(t):
    class Sort(t.autograd.Function):
        @staticmethod
        def forward(x):
            array = x.detach().numpy()
            order = np.argsort(array)
            return t.tensor(np.take(array, order)), t.tensor(order)

        @staticmethod
        def setup_context(ctx, inputs, output):
            _, order = output
            ctx.mark_non_differentiable(order)
            ctx.save_for_backward(order)

        @staticmethod
        def backward(ctx, g, _):
            (order,) = ctx.saved_tensors
            return t.zeros_like(g).index_add(0, order, g)

    x = t.tensor([3.0, 1.0, 2.0], requires_grad=True)
    y, order = Sort.apply(x)
    (y * t.tensor([1.0, 10.0, 100.0])).sum().backward()
    return y, order, x.grad.clone(), order.requires_grad


@judged
def test_materialised_gradients_and_needs_input_grad(t):
    seen = []

    class Two(t.autograd.Function):
        @staticmethod
        def forward(ctx, a, b):
            ctx.set_materialize_grads(False)
            return a + b, a * b

        @staticmethod
        def backward(ctx, g_sum, g_product):
            seen.append((ctx.needs_input_grad, g_sum is None, g_product is None))
            return g_sum, None

    a, b = t.ones(2, requires_grad=True), t.ones(2)
    total, _ = Two.apply(a, b)
    total.sum().backward()
    return seen, a.grad


# Jacobians, Hessians and forward mode.


def predict(t, weight, bias, x):
    return (x @ weight.T + bias).tanh()


@judged
def test_jacobian_by_rows_and_by_func(t):
    weight, bias, x = rows(t, 4, 4), rows(t, 4, seed=1), rows(t, 4, seed=2)
    xp = x.clone().requires_grad_()
    unit = t.eye(4, dtype=t.float64)
    by_rows = t.stack(
        [t.autograd.grad(predict(t, weight, bias, xp), xp, v, retain_graph=True)[0] for v in unit]
    )
    (batched,) = t.autograd.grad(predict(t, weight, bias, xp), xp, unit, is_grads_batched=True)
    reverse = t.func.jacrev(predict, argnums=3)(t, weight, bias, x)
    forward = t.func.jacfwd(predict, argnums=3)(t, weight, bias, x)
    return [each.contiguous().clone() for each in (by_rows, batched, reverse, forward)]


@judged
def test_hessians_and_products(t):
    weight, bias, x = rows(t, 3, 3), rows(t, 3, seed=1), rows(t, 3, seed=2)

    def f(v):
        return predict(t, weight, bias, v).pow(2).sum()

    v = t.ones(3, dtype=t.float64)
    return (
        t.func.hessian(f)(x).contiguous().clone(),
        t.autograd.functional.hessian(f, x),
        t.autograd.functional.vhp(f, x, v),
        t.autograd.functional.hvp(f, x, v),
        t.func.vjp(t.func.grad(f), x)[1](v)[0].clone(),
        [each.clone() for each in t.func.jvp(t.func.grad(f), (x,), (v,))],
    )


@judged
def test_per_sample_gradients(t):
    weight, samples, targets = rows(t, 3), rows(t, 5, 3, seed=1), rows(t, 5, seed=2)

    def loss(w, x, y):
        return ((x * w).sum() - y) ** 2

    fast = t.func.vmap(t.func.grad(loss), in_dims=(None, 0, 0))(weight, samples, targets)
    slow = t.stack([t.func.grad(loss)(weight, x, y) for x, y in zip(samples, targets, strict=True)])
    return fast, slow


@judged
def test_dual_numbers(t):
    forward_ad = t.autograd.forward_ad
    primal, tangent = rows(t, 3), rows(t, 3, seed=1)
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(primal, tangent)
        before = forward_ad.unpack_dual(dual).tangent is tangent
        out = forward_ad.unpack_dual((dual * dual).sin() * 3)
        plain = forward_ad.unpack_dual(primal).tangent is None
    after = forward_ad.unpack_dual(dual).tangent is None
    return before, out.primal.clone(), out.tangent.clone(), plain, after


# Checkpoints and anomalies.


@judged
def test_a_checkpoint_computes_again(t):
    from importlib import import_module

    checkpoint = import_module(f"{t.__name__}.utils.checkpoint").checkpoint
    calls = []

    def block(h):
        calls.append(1)
        return (h * h).tanh() @ h.T

    x = rows(t, 3, 3, requires_grad=True)
    y = checkpoint(block, x, use_reentrant=False).sum()
    forward = len(calls)
    y.backward()
    return forward, len(calls), x.grad.clone()


@judged
def test_a_recorded_gradient_in_the_loss(t):
    """A gradient penalty: the derivative of a derivative, in a training step."""
    w = rows(t, 3, requires_grad=True)
    x = rows(t, 4, 3, seed=1, requires_grad=True)
    score = (x @ w).tanh().sum()
    (slope,) = t.autograd.grad(score, x, create_graph=True)
    loss = score + ((slope.pow(2).sum(1) + 1e-12).sqrt() - 1).pow(2).mean()
    loss.backward()
    return loss.detach(), w.grad, x.grad
