"""What autograd refuses, and answers that are seldom asked for: as torch does."""

import pytest

import minigrad
from tests.judge import both, both_raise, judged


def leaf(t, *shape):
    return t.ones(shape or (2,), dtype=t.float64, requires_grad=True)


def function(t, forward, backward=lambda ctx, g: g, **others):
    methods = {"forward": forward, "backward": backward, **others}
    return type("Given", (t.autograd.Function,), {k: staticmethod(f) for k, f in methods.items()})


def freed(t):
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * 2

    y = function(t, forward).apply(leaf(t))
    y.sum().backward()
    return y.grad_fn._raw_saved_tensors


def saved_for_forward(t):
    def forward(ctx, x):
        ctx.save_for_forward(3)
        return x * 2

    return function(t, forward).apply(leaf(t))


def exit_level(t, enter, level):
    fw = t.autograd.forward_ad
    if enter:
        fw.enter_dual_level()
    try:
        fw.exit_dual_level(level=level)
    except RuntimeError:
        if enter:
            fw.exit_dual_level()
        raise


def replacing(t, answer):
    x = leaf(t)
    y = x * 2
    y.register_hook(lambda g: answer)
    y.sum().backward()


def without_saved(t):
    y = leaf(t) * t.ones(2, dtype=t.float64)
    y.grad_fn._raw_saved_self.register_hooks(lambda x: x, lambda x: x)


REFUSED = {
    "grad for nothing": lambda t: t.autograd.grad(leaf(t).sum(), []),
    "batched without cotangents": lambda t: t.autograd.grad(
        (y := leaf(t) * 2), y, grad_outputs=None, is_grads_batched=True
    ),
    "a freed Function": freed,
    "save_for_forward": saved_for_forward,
    "setup_context": lambda t: t.autograd.Function.setup_context(None, (), None),
    "jvp": lambda t: t.autograd.Function.jvp(None, None),
    "vjp": lambda t: t.autograd.Function.vjp(None, None),
    "forward": lambda t: t.autograd.Function.forward(None),
    "backward": lambda t: t.autograd.Function.backward(None),
    "no level to exit": lambda t: exit_level(t, False, None),
    "a level that was not entered": lambda t: exit_level(t, False, 0),
    "a level that is not the last": lambda t: exit_level(t, True, 1),
    "a hook with another size": lambda t: replacing(t, t.ones(3, dtype=t.float64)),
    "a hook with another dtype": lambda t: replacing(t, t.ones(2)),
    "a hook with a number": lambda t: replacing(t, 3.0),
    "is_inference of a text": lambda t: t.is_inference("!"),
    "hooks for what was not saved": without_saved,
    "Variable of a number": lambda t: t.autograd.Variable(3.0),
    "Variable of integers": lambda t: t.autograd.Variable(t.tensor([1]), requires_grad=True),
    "increment_version": lambda t: t.autograd.graph.increment_version([t.ones(1), 3]),
    "get_gradient_edge": lambda t: t.autograd.graph.get_gradient_edge(t.ones(1)),
    "retain_grad": lambda t: t.ones(1).retain_grad(),
    "iadd of None": lambda t: exec("x += None", {"x": t.ones(2)}),
}


@pytest.mark.torch
@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name):
    both_raise(REFUSED[name])


def numbers(results):
    """Nested results without what a tensor shows besides its numbers and whether it has a graph."""
    if isinstance(results, tuple):
        return [numbers(each) for each in results]
    return results.detach().clone(), results.requires_grad


# Strict products of autograd.functional, of functions that depend on less than they are given.


def independent(t, x):
    return t.ones(2, dtype=t.float64)


def linear(t, x):
    return (x * 2).sum()


def square(t, x):
    return (x * x).sum()


@pytest.mark.torch
@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("f", [independent, linear, square])
@pytest.mark.parametrize("name", ["jvp", "vjp", "jacobian", "hessian", "hvp", "vhp"])
def test_strict_products(name, f, create_graph):
    def snippet(t, several):
        settings = {"strict": True, "create_graph": create_graph}
        x = t.tensor([0.5, 2.0], dtype=t.float64, requires_grad=create_graph)
        v = t.tensor([1.0, 3.0], dtype=t.float64)
        given = ((x, x * 2), (v, v)) if several else (x, v)
        if name == "vjp" and f is not independent:
            given = given[0], t.ones((), dtype=t.float64)
        given = given[:1] if name in ("jacobian", "hessian") else given
        product = getattr(t.autograd.functional, name)
        results = product(lambda x, *others: f(t, x), *given, **settings)
        return numbers(results)

    for several in (False, True):
        both(lambda t, several=several: snippet(t, several))


# Functions that write into a view, and give no gradient for it.


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_write_to_a_view_without_a_gradient(create_graph):
    """torch then loses the gradient of what was not written to; see docs/differences.md."""

    def forward(ctx, x, y):
        ctx.mark_dirty(x)
        return x.mul_(y)

    t = minigrad
    x, y = leaf(t), leaf(t)
    base = x * 3
    function(t, forward, lambda ctx, g: (None, g * 5)).apply(base[0], y[0])
    by_x, by_y = t.autograd.grad(base.sum(), [x, y], create_graph=create_graph)
    assert by_x.tolist() == [0, 3]
    assert by_y.tolist() == [5, 0]


@judged
def test_a_write_to_a_view_in_forward_mode(t):
    fw = t.autograd.forward_ad

    def forward(ctx, y, x):
        ctx.mark_dirty(x)
        return x.mul_(y)

    def jvp(ctx, along_y, along_x):
        return along_x.mul_(2).add_(along_y * 7)

    with fw.dual_level():
        base = fw.make_dual(t.ones(2), t.tensor([0.5, 2.0])) * 3
        y = fw.make_dual(t.tensor(2.0), t.tensor(10.0))
        part = function(t, forward, jvp=jvp).apply(y, base[0])
        return numbers((*fw.unpack_dual(base), *fw.unpack_dual(part)))


@judged
def test_what_nodes_show(t):
    x = leaf(t)
    y = x.exp() * 2
    mul, exp = y.grad_fn, y.grad_fn.next_functions[0][0]
    end = exp.next_functions[0][0]
    base = x.clone()
    base[0] = 3.0
    return (
        [node.name() for node in (mul, exp, end, base.grad_fn)],
        [name for node in (mul, exp, end) for name in dir(node) if "_saved_" in name],
        end.variable is x,
        end.next_functions,
        exp._saved_result,
        numbers(exp._raw_saved_result.data.detach()),
        mul._saved_self,
        (x * t.ones(2, dtype=t.float64)).grad_fn._raw_saved_self.data,
        len(base.grad_fn.next_functions),
    )


@judged
def test_hooks_of_saved_indices(t):
    x = t.tensor([[3.0, 1.0], [2.0, 5.0]], dtype=t.float64, requires_grad=True)
    packed = []

    def pack(a):
        packed.append(a.clone())
        return a.clone()

    with t.autograd.graph.saved_tensors_hooks(pack, lambda a: a):
        y = x.sort()[0]
    z = x.max(1)[0]
    z.grad_fn._raw_saved_indices.register_hooks(pack, lambda a: 1 - a)
    (y * t.arange(4.0).reshape(2, 2)).sum().backward()
    z.sum().backward()
    return packed, x


# Checks of gradients that are wrong in some way.


def given_backward(t, backward):
    return function(t, lambda ctx, x: x * 2, backward)


CHECKS = {
    "right": lambda ctx, g: g * 2,
    "no product": lambda ctx, g: g * 0 + 2,
    "wrong": lambda ctx, g: g * 3,
    "not linear": lambda ctx, g: 2 * g * g.abs(),
    "nothing": lambda ctx, g: None,
}


@pytest.mark.torch
@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("name", CHECKS)
def test_gradcheck_of(name, fast):
    def snippet(t):
        f = given_backward(t, CHECKS[name]).apply
        return t.autograd.gradcheck(f, leaf(t), fast_mode=fast, raise_exception=False)

    both(snippet)


NO_PAIRS = [
    {"check_fwd_over_rev": False, "check_rev_over_rev": False},
    {"check_fwd_over_rev": True, "check_rev_over_rev": False, "check_undefined_grad": True},
    {
        "check_fwd_over_rev": True,
        "check_rev_over_rev": False,
        "check_undefined_grad": False,
        "check_batched_grad": True,
    },
]


@pytest.mark.parametrize("settings", NO_PAIRS)
@judged(raises="check_rev_over_rev to be True")
def test_gradgradcheck_of_nothing(t, settings):
    t.autograd.gradgradcheck(lambda x: x * x, leaf(t), **settings)
