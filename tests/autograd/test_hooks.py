"""Hooks on tensors, leaves and nodes: what they see, in which order, and what they may change."""

import contextlib
import gc
import weakref

import pytest

import minigrad
from minigrad.autograd.backward import observed
from tests.judge import data, judged


def leaf(t, *shape):
    return t.tensor(data(*(shape or (2,))), requires_grad=True)


@judged
def test_each_hook_sees_what_the_one_before_returned(t):
    log = []
    x = leaf(t)
    y = x * 3
    y.register_hook(lambda g: log.append(g.tolist()))
    y.register_hook(lambda g: g * 10)
    y.register_hook(lambda g: log.append(g.tolist()))
    x.register_hook(lambda g: g + 1)
    x.register_hook(lambda g: log.append(g.tolist()))
    (y * y).sum().backward()
    return log, x


@judged
def test_the_order_of_all_kinds_of_hooks(t):
    log = []
    x, w = leaf(t), leaf(t)
    a = x * 2
    y = a * w

    def say(name):
        return lambda *args: log.append((name, t.is_grad_enabled()))

    y.grad_fn.register_hook(say("y node"))
    y.grad_fn.register_prehook(say("y pre"))
    y.retain_grad()
    y.register_hook(say("y"))
    for name, each in {"x": x, "w": w}.items():
        end = each.view(2).grad_fn.next_functions[0][0]
        end.register_hook(say(name + " node"))
        end.register_prehook(say(name + " pre"))
        each.register_post_accumulate_grad_hook(say(name + " stored"))
        each.register_hook(say(name))
        log.append(end is each.view(2).grad_fn.next_functions[0][0])
    a.register_hook(say("a"))
    a.grad_fn.register_hook(say("a node"))
    y.sum().backward()
    log.append("again")
    (x * w).sum().backward(create_graph=True)
    log.append("grad")
    t.autograd.grad((x * w).sum(), [x])
    log.append("inputs")
    (x * w).sum().backward(inputs=[x])
    return log


@judged
def test_leaves_come_when_they_are_ready(t):
    log = []
    xs = [leaf(t) for _ in range(4)]
    y = xs[0]
    for i, x in enumerate(xs):
        x.register_post_accumulate_grad_hook(lambda p, i=i: log.append(i))
        y = y * x
        y.register_hook(lambda g, i=i: log.append(f"y{i}"))
    y.sum().backward()
    return log, xs


@pytest.mark.parametrize("on", ["tensor", "leaf", "before", "after", "stored"])
@pytest.mark.parametrize(
    "answer", ["str", "int", "shape", "dtype", "tuple", "tuples", "list", "empty", "good", "None"]
)
@judged
def test_what_a_hook_may_return(t, on, answer):
    value = {
        "str": "g",
        "int": 3,
        "shape": t.ones(3),
        "dtype": t.ones(2, dtype=t.float16),
        "tuple": (t.ones(2, dtype=t.float64),),
        "tuples": (t.ones(2, dtype=t.float64), None),
        "list": [t.ones(2)],
        "empty": (),
        "good": t.ones(2, dtype=t.float64),
        "None": None,
    }[answer]

    def hook(*args):
        return value

    x = leaf(t)
    y = x * 3
    {
        "tensor": y.register_hook,
        "leaf": x.register_hook,
        "before": y.grad_fn.register_prehook,
        "after": y.grad_fn.register_hook,
        "stored": x.register_post_accumulate_grad_hook,
    }[on](hook)
    try:
        (y * y).sum().backward()
    except Exception as error:
        return type(error).__name__, str(error).split(".")[0].split("(was")[0], x.grad is None
    return x


@judged
def test_a_node_hook_sees_none_where_no_gradient_is_wanted(t):
    log = []
    x, c = leaf(t), t.ones(2, dtype=t.float64)
    for y in (x * c, c * x, x * 3, x + c, c / x, x.exp()):
        y.grad_fn.register_hook(
            lambda inner, outer: log.append(
                [[None if g is None else g.tolist() for g in gs] for gs in (inner, outer)]
            )
        )
        y.sum().backward()
    return log


@judged
def test_a_node_hook_sees_gradients_that_fit_the_inputs(t):
    log = []
    x, w = leaf(t, 2, 3), leaf(t, 3)
    y = x * w
    y.grad_fn.register_hook(lambda inner, outer: log.append([list(g.shape) for g in inner]))
    y.grad_fn.register_hook(lambda inner, outer: (inner[0] * 2, inner[1] * 3))
    y.sum().backward()
    return log, x, w


@judged
def test_outputs_that_nothing_reaches(t):
    log = []
    x = leaf(t, 3, 2)
    values, _ = x.max(0)
    values.grad_fn.register_prehook(lambda gs: log.append(len(gs)))
    values.sum().backward()

    class Nothing(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, g):
            return None

    z = leaf(t)
    y = z * 2
    for tensor in (y, z):
        tensor.register_hook(lambda g: log.append(g))
    y.grad_fn.register_hook(lambda inner, outer: log.append([inner, outer]))
    z.register_post_accumulate_grad_hook(lambda z: log.append(z.grad))
    Nothing.apply(y).sum().backward()
    return log, x, z


@judged
def test_handles(t):
    log = []
    x = leaf(t)
    first = x.register_hook(lambda g: log.append(1))
    second = x.register_hook(lambda g: log.append(2))
    with x.register_hook(lambda g: log.append(3)):
        x.sum().backward()
    first.remove()
    first.remove()
    x.sum().backward()
    second.remove()
    x.sum().backward()
    once = x.register_hook(lambda g: (log.append("once"), once.remove())[0])
    x.sum().backward()
    x.sum().backward()
    log.append(first.id < second.id < once.id)
    return log, x


@judged
def test_hooks_stay_with_the_node_and_retain_grad_moves(t):
    log = []
    x = leaf(t, 2, 2)
    y = x * 2
    y.register_hook(lambda g: log.append(("old", g.tolist())))
    y.retain_grad()
    y.mul_(3)
    y.register_hook(lambda g: log.append(("new", g.tolist())))
    (y * 1).sum().backward()
    kept = [y.retains_grad, y.grad]
    b = x * 2
    b.retain_grad()
    v = b[0]
    v.retain_grad()
    v.mul_(3)
    (b * b).sum().backward()
    return log, kept, b.retains_grad, b.grad, v.retains_grad, v.grad, x


@judged
def test_retain_grad(t):
    x = leaf(t)
    y = x * x
    before = y.retains_grad
    y.retain_grad()
    y.retain_grad()
    x.retain_grad()
    y.register_hook(lambda g: g * 5)
    y.sum().backward(retain_graph=True)
    one = y.grad
    y.sum().backward()
    z = x * 2
    z.retain_grad()
    (z**3).sum().backward(create_graph=True)
    return before, y.retains_grad, x.retains_grad, one, y.grad, y.grad is one, z.grad, x


@judged
def test_grad_of_a_tensor_that_is_no_leaf(t):
    import warnings

    x = leaf(t)
    y = x * 2
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = [y.grad, x.grad, (x.detach() * 2).grad]
        y.retain_grad()
        found.append(y.grad)
        y.sum().backward()
        found.append(y.grad)
    texts = [str(w.message).split(" See github")[0].split(" (Trig")[0] for w in caught]
    return found, texts, [(w.category.__name__, w.filename == __file__) for w in caught]


@judged
def test_gradients_of_what_lies_between(t):
    log = []
    x = leaf(t)
    y = x * 2
    z = y * 3
    y.register_hook(lambda g: (log.append(g.tolist()), g * 10)[1])
    x.register_hook(lambda g: (log.append(g.tolist()), g + 1)[1])
    both = t.autograd.grad(z.sum(), [y, x], retain_graph=True)
    alone = t.autograd.grad(z.sum(), [y], retain_graph=True)
    y.retain_grad()
    t.autograd.grad(z.sum(), [x], retain_graph=True)
    kept = y.grad
    w = x * 4
    (w * 2).sum().backward(inputs=[w])
    return log, both, alone, kept, w.grad, w.retains_grad, x


@judged
def test_hooks_on_the_graph_of_gradients(t):
    x = leaf(t)
    y = x**3
    y.register_hook(lambda g: g * x)
    y.grad_fn.register_hook(lambda inner, outer: (inner[0] * 2,))
    (g,) = t.autograd.grad(y.sum(), x, create_graph=True)
    (gg,) = t.autograd.grad(g.sum(), x)
    return g.tolist(), gg.tolist()


@judged
def test_backward_in_a_hook(t):
    log = []
    x, w = leaf(t), leaf(t)
    y = x * 2

    def hook(g):
        with t.enable_grad():
            (w * w).sum().backward()
        log.append(t.is_grad_enabled())
        return g * 2

    y.register_hook(hook)
    (y * y).sum().backward()
    return log, x, w, t.is_grad_enabled()


@judged
def test_an_error_in_a_hook_leaves_nothing_behind(t):
    x = leaf(t)
    y = x * x

    def hook(g):
        raise KeyError("mine")

    handle = y.register_hook(hook)
    with contextlib.suppress(KeyError):
        y.sum().backward(retain_graph=True)
    state = t.is_grad_enabled(), x.grad
    handle.remove()
    y.sum().backward()
    return state, x


@judged
def test_an_optimiser_in_a_hook(t):
    x = leaf(t)

    def step(p):
        with t.no_grad():
            p -= 0.1 * p.grad
        p.grad = None

    x.register_post_accumulate_grad_hook(step)
    for _ in range(3):
        (x * x).sum().backward()
    return x.detach(), x.grad


REFUSALS = {
    "register_hook": lambda t: t.ones(2).register_hook(print),
    "retain_grad": lambda t: t.ones(2).retain_grad(),
    "post accumulate": lambda t: t.ones(2).register_post_accumulate_grad_hook(print),
    "not a leaf": lambda t: (leaf(t) * 2).register_post_accumulate_grad_hook(print),
}


@pytest.mark.parametrize("name", REFUSALS)
@judged(raises="")
def test_refusals(t, name):
    return REFUSALS[name](t)


@judged
def test_one_hook_for_several_tensors(t):
    log = []
    a, b = leaf(t), leaf(t)
    c, d = a * b, a * b
    register = t.autograd.graph.register_multi_grad_hook
    handle = register((a, b, c, d), lambda gs: log.append([g is not None for g in gs]))
    register((a, b), lambda g: log.append("any"), mode="any")
    c.sum().backward(retain_graph=True)
    c.sum().backward(inputs=(a,), retain_graph=True)
    (c + d).sum().backward(retain_graph=True)
    handle.remove()
    c.sum().backward()
    return log


@judged(raises="mode")
def test_the_mode_of_a_hook_for_several_tensors(t):
    t.autograd.graph.register_multi_grad_hook((leaf(t),), print, mode="some")


def test_no_cycle_keeps_the_graph_alive():
    gc.collect()
    gc.disable()
    try:
        x = leaf(minigrad)
        y = (x * x).exp()
        z = y.sum()
        y.register_hook(lambda g: g * 2)
        y.retain_grad()
        y.grad_fn.register_hook(lambda inner, outer: None)
        y.grad_fn.register_prehook(lambda outer: None)
        x.register_post_accumulate_grad_hook(lambda x: None)
        minigrad.autograd.graph.register_multi_grad_hook((x, y), lambda gs: None)
        ends = [weakref.ref(each) for each in (x, y, z, y.grad_fn, x.view(2).grad_fn, y.array)]
        accumulate = x.view(2).grad_fn.next_functions[0][0]
        accumulate.register_hook(lambda inner, outer: None)
        ends.append(weakref.ref(accumulate))
        z.backward(retain_graph=True)
        del x, y, z, accumulate
        assert [end() for end in ends] == [None] * len(ends)
    finally:
        gc.enable()


def test_without_hooks_nothing_is_counted(monkeypatch):
    gc.collect()
    before = len(observed)
    x = leaf(minigrad)
    y = x * x
    handle = y.register_hook(print)
    for each in (x, y):
        each.register_hook(print)
    y.grad_fn.register_prehook(print)
    assert len(observed) == before + 4
    for _ in range(2):
        handle.remove()
        assert len(observed) == before + 3
    del y, each
    assert len(observed) == before + 1
    del x
    assert len(observed) == before
    monkeypatch.setattr("minigrad.autograd.api.one_pass", None)
    monkeypatch.setattr("minigrad.autograd.api.observed", [])
    x = leaf(minigrad)
    y = x * 2
    y.retain_grad()
    y.backward(minigrad.ones(2, dtype=minigrad.float64))
    assert y.grad.tolist() == [1, 1]


@judged
def test_a_leaf_with_a_hook_is_told_as_soon_as_its_gradient_is_whole(t):
    """Others have to wait, and it does not."""
    seen = []
    early, late = leaf(t, 2), leaf(t, 2)
    for name, x in (("early", early), ("late", late)):
        x.register_post_accumulate_grad_hook(
            lambda x, name=name: seen.append((name, x.grad.tolist()))
        )
    middle = late * 3
    middle.register_hook(lambda g: seen.append(("middle", g)))
    ((middle.exp() * early).sum() + early.sum()).backward()
    return seen


@judged
def test_a_leaf_behind_what_is_used_twice_is_told_before_the_rest_of_the_pass(t):
    seen = []
    early, late = leaf(t, 2), leaf(t, 2)
    tripled = early * 3
    tripled.grad_fn.register_prehook(lambda g: seen.append("tripled"))
    late.register_post_accumulate_grad_hook(lambda x: seen.append("late"))
    product = tripled * late
    (product.sin() + product.cos()).sum().backward()
    return seen


@judged(raises="modified by an inplace operation")
def test_a_write_to_a_cotangent_is_seen_where_another_hook_saved_it(t):
    w = t.ones(2, requires_grad=True)
    x = t.ones(2, requires_grad=True)
    y = x * 1
    z = y + t.zeros(2)
    kept = []

    def save(g):
        with t.enable_grad():
            kept.append((w * g).sum())

    def write(g):
        g.mul_(2)

    z.register_hook(save)
    y.register_hook(write)
    z.backward(t.ones(2))
    kept[0].backward()


@judged
def test_gradients_of_leaves_with_hooks_share_no_memory(t):
    a, b = [t.ones(2, requires_grad=True) for _ in range(2)]
    for x in (a, b):
        x.register_post_accumulate_grad_hook(lambda x: None)
    (a + b).backward(t.ones(2))
    a.grad.add_(1)
    return a, b
