"""Hooks of modules: their order, what they may replace, and what they see of the gradients."""

import importlib

import pytest

import minigrad
from tests.judge import judged
from tests.nn.plain import plain


@judged
def test_order_and_replacement(t):
    seen = []
    m = t.nn.Linear(2, 2)
    t.nn.init.ones_(m.weight)
    t.nn.init.zeros_(m.bias)
    m.register_forward_pre_hook(lambda module, args: seen.append("pre 1"))
    m.register_forward_pre_hook(lambda module, args: (args[0] * 2,), prepend=True)
    m.register_forward_pre_hook(lambda module, args: args[0] + 1)
    m.register_forward_hook(lambda module, args, out: seen.append(args[0]))
    handle = m.register_forward_hook(lambda module, args, out: out * 10, prepend=True)
    first = m(t.ones(1, 2)).detach()
    handle.remove()
    handle.remove()
    return first, m(t.ones(1, 2)).detach(), seen


@judged
def test_hooks_with_keyword_arguments(t):
    class Scale(t.nn.Module):
        def forward(self, x, by=1):
            return x * by

    seen = []
    m = Scale()
    m.register_forward_pre_hook(lambda module, args, kw: (args, {"by": 3}), with_kwargs=True)
    m.register_forward_hook(
        lambda module, args, kw, out: seen.append(sorted(kw.items())), with_kwargs=True
    )
    with m.register_forward_hook(lambda module, args, out: out + 1):
        inside = m(t.ones(2), by=2)
    return inside, m(t.ones(2), by=2), seen


@judged(raises="forward pre-hook must return None or a tuple")
def test_a_pre_hook_that_returns_something_else(t):
    m = t.nn.ReLU()
    m.register_forward_pre_hook(lambda module, args, kw: 3, with_kwargs=True)
    m(t.ones(1))


@judged
def test_always_called(t):
    class Fails(t.nn.Module):
        def forward(self, x):
            raise ValueError("no")

    seen = []
    m = Fails()
    m.register_forward_hook(lambda module, args, out: seen.append("usual"))
    m.register_forward_hook(lambda module, args, out: seen.append(out), always_call=True)
    try:
        m(t.ones(1))
    except ValueError as error:
        return seen, str(error)


@judged
def test_full_backward_hooks(t):
    seen = []
    m = t.nn.Linear(2, 1)
    t.nn.init.ones_(m.weight)
    m.register_full_backward_pre_hook(lambda module, came: (came[0] * 2,))
    m.register_full_backward_hook(lambda module, left, came: seen.append(plain((left, came))))
    m.register_full_backward_hook(lambda module, left, came: (left[0] * 10,))
    x = t.ones(3, 2, requires_grad=True)
    y = m(x)
    y.sum().backward()
    return seen, plain([x.grad, m.weight.grad]), y.grad_fn.name()


@judged
def test_several_inputs_and_outputs(t):
    class Both(t.nn.Module):
        def forward(self, a, n, b):
            return a * n, "text", a + b

    seen = []
    m = Both()
    m.register_full_backward_hook(lambda module, left, came: seen.append(plain((left, came))))
    a, b = t.ones(2, requires_grad=True), t.ones(2)
    x, _, y = m(a, 3, b)
    (x * 2 + y).sum().backward()
    return seen, plain(a.grad)


@pytest.mark.filterwarnings("ignore:Full backward hook is firing")
@judged
def test_no_input_requires_grad(t):
    seen = []
    m = t.nn.Linear(2, 1)
    m.register_full_backward_hook(lambda module, left, came: seen.append(plain((left, came))))
    m(t.ones(1, 2)).sum().backward()
    with t.no_grad():
        m(t.ones(1, 2))
    return seen


@judged(raises="invalid number of grad_input")
def test_a_wrong_number_of_gradients(t):
    m = t.nn.Linear(2, 1)
    m.register_full_backward_hook(lambda module, left, came: (None, None))
    m(t.ones(1, 2, requires_grad=True)).sum().backward()


@pytest.mark.filterwarnings("ignore:Using a non-full")
@judged
def test_the_older_backward_hook(t):
    seen = []
    m = t.nn.Tanh()
    m.register_backward_hook(lambda module, left, came: seen.append(plain((left, came))))
    x = t.ones(2, requires_grad=True)
    m(x).sum().backward()
    return seen, plain(x.grad)


@judged(raises="Cannot use both regular backward hooks and full backward hooks")
def test_both_kinds_of_backward_hooks(t):
    m = t.nn.Tanh()
    m.register_full_backward_hook(print)
    m.register_backward_hook(print)


@judged
def test_hooks_stay_with_the_original(t):
    import copy

    seen = []
    m = t.nn.ReLU()
    handle = m.register_forward_hook(lambda module, args, out: seen.append(1))
    c = copy.deepcopy(m)
    handle.remove()
    m(t.ones(1))
    c(t.ones(1))
    return seen


def test_hooks_for_every_module():
    from minigrad.nn.modules import hooks

    seen = []
    m = minigrad.nn.Sequential(minigrad.nn.Linear(1, 1))
    handles = [
        hooks.register_module_forward_pre_hook(lambda module, args: seen.append("before")),
        hooks.register_module_forward_hook(lambda module, args, out: seen.append("after")),
        hooks.register_module_full_backward_pre_hook(lambda module, came: seen.append("came")),
        hooks.register_module_full_backward_hook(lambda module, left, came: seen.append("left")),
    ]
    m(minigrad.ones(1, 1, requires_grad=True)).sum().backward()
    for handle in handles:
        handle.remove()
    m(minigrad.ones(1, 1)).sum().backward()
    assert seen == ["before"] * 2 + ["after"] * 2 + ["came"] * 2 + ["left"] * 2


@pytest.mark.parametrize("kind", ["register_full_backward_pre_hook", "register_full_backward_hook"])
@pytest.mark.parametrize("answer", ["g * 2", "()", "1"])
@judged(raises="invalid number of grad|has no len")
def test_gradients_of_another_number(t, kind, answer):
    m = t.nn.Linear(2, 2)
    getattr(m, kind)(lambda module, g, *outputs: eval(answer, {"g": g}))
    m(t.ones(1, 2, requires_grad=True)).sum().backward()


@pytest.mark.parametrize("kind", ["register_full_backward_pre_hook", "register_full_backward_hook"])
@judged
def test_gradients_in_a_list(t, kind):
    m = t.nn.Linear(2, 2)
    t.nn.init.ones_(m.weight)
    getattr(m, kind)(lambda module, g, *outputs: [2 * g[0]])
    x = t.ones(1, 2, requires_grad=True)
    m(x).sum().backward()
    return x


@judged
def test_hooks_on_registration(t):
    module = importlib.import_module(f"{t.__name__}.nn.modules.module")
    seen = []

    def watch(owner, name, value):
        seen.append((type(owner).__name__, name, value is None))

    handles = [
        getattr(module, f"register_module_{kind}_registration_hook")(watch)
        for kind in ("parameter", "buffer", "module")
    ]
    try:
        m = t.nn.Sequential(t.nn.Linear(2, 2, bias=False))
        m.norm = t.nn.BatchNorm1d(2, affine=False)
        m.norm.running_mean = t.ones(2)
        m.norm.running_mean = None
        m.norm.extra = t.nn.Buffer(t.ones(1))
        m.norm = None
        m[0].weight = t.nn.Parameter(t.ones(1))
        m[0].weight = None
        m.add_module("last", t.nn.ReLU())
    finally:
        for handle in handles:
            handle.remove()
    t.nn.Linear(2, 2)
    return seen


@judged
def test_a_hook_that_replaces_a_parameter(t):
    module = importlib.import_module(f"{t.__name__}.nn.modules.module")
    hook = module.register_module_parameter_registration_hook(
        lambda owner, name, value: t.nn.Parameter(t.ones(1)) if name == "scale" else None
    )
    m = t.nn.Module()
    m.scale = t.nn.Parameter(t.zeros(3))
    hook.remove()
    return m.scale
