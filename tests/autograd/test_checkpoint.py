"""Checkpointing: the same gradients, less memory, one more forward, and its refusals."""

import gc
import importlib
import warnings
import weakref

import pytest

import minigrad
from tests.judge import both, both_raise, data, judged


def leaf(t, *shape, seed=0):
    return t.tensor(data(*shape, seed=seed), requires_grad=True)


def module(t):
    return importlib.import_module(t.__name__ + ".utils.checkpoint")


BLOCKS = {
    "chain": lambda x, w: (x * w).exp().sin(),
    "nothing saved": lambda x, w: x + w,
    "two outputs": lambda x, w: ((x * w).tanh(), x.exp()),
    "a write": lambda x, w: (x * 1).mul_(w).exp_(),
    "views": lambda x, w: ((x * w)[0] * (x * w).t()[:, 1]).exp(),
    "indices": lambda x, w: (x * w).max(0)[0].exp(),
}


def total(y):
    return sum((part * part).sum() for part in y) if isinstance(y, tuple) else (y * y).sum()


@pytest.mark.parametrize("reentrant", [True, False])
@pytest.mark.parametrize("name", BLOCKS)
@judged
def test_gradients(t, name, reentrant):
    x, w = leaf(t, 2, 3), leaf(t, 2, 3, seed=1)
    y = t.utils.checkpoint.checkpoint(BLOCKS[name], x * 1, w, use_reentrant=reentrant)
    z = total(y)
    z.backward(retain_graph=True)
    z.backward()
    return x, w, z.detach()


@pytest.mark.parametrize("early_stop", [True, False])
@pytest.mark.parametrize("name", ["BatchNorm1d", "InstanceNorm1d"])
@judged(ulps=64)
def test_running_statistics_move_again_in_the_recomputation(t, name, early_stop):
    norm = getattr(t.nn, name)(3, track_running_stats=True)
    x = leaf(t, 4, 3, 4).detach().float().requires_grad_()
    with module(t).set_checkpoint_early_stop(early_stop):
        y = t.utils.checkpoint.checkpoint(norm, x, use_reentrant=False)
    y.exp().sum().backward()
    return x, dict(norm.named_buffers())


@pytest.mark.parametrize("early_stop", [True, False])
@pytest.mark.parametrize("name", BLOCKS)
@judged
def test_grad_and_second_derivatives(t, name, early_stop):
    x, w = leaf(t, 2, 3), leaf(t, 2, 3, seed=1)
    y = t.utils.checkpoint.checkpoint(
        BLOCKS[name], x, w, use_reentrant=False, early_stop=early_stop
    )
    gs = t.autograd.grad(total(y), (x, w), create_graph=True)
    sum((g * g).sum() for g in gs).backward()
    return x, w


@pytest.mark.parametrize("reentrant", [True, False])
@judged
def test_how_often_the_function_runs(t, reentrant):
    x, log = leaf(t, 3), []

    def block(x):
        log.append(t.is_grad_enabled())
        y = x.exp()
        log.append("between")
        return (y * y).sin() + 1

    y = t.utils.checkpoint.checkpoint(block, x, use_reentrant=reentrant)
    log.append("backward")
    y.sum().backward()
    return x, log


@judged
def test_stops_early(t):
    x, log = leaf(t, 3), []

    def block(x):
        y = x.exp()
        log.append("after")
        return y + 1

    for early in (True, False):
        for outside in (None, True, False):
            with module(t).set_checkpoint_early_stop(outside):
                y = t.utils.checkpoint.checkpoint(block, x, use_reentrant=False, early_stop=early)
            y.sum().backward()
            log.append((early, outside))
    return x, log


@pytest.mark.parametrize("reentrant", [True, False])
@judged
def test_nested(t, reentrant):
    x, w, log = leaf(t, 3), leaf(t, 3, seed=1), []
    check = t.utils.checkpoint.checkpoint

    def inner(x):
        log.append("inner")
        return (x * w).exp()

    def outer(x):
        log.append("outer")
        y = check(inner, x.sin(), use_reentrant=reentrant)
        return check(inner, y.cos(), use_reentrant=reentrant) * 2

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # inside the outer forward nothing requires grad
        y = check(outer, x, use_reentrant=reentrant)
    y.sum().backward()
    return x, w, log


@judged
def test_keywords_and_closures(t):
    x, w = leaf(t, 3), leaf(t, 3, seed=1)

    def block(x, *, factor, w=None):
        return (x * w * factor).exp()

    y = t.utils.checkpoint.checkpoint(block, x, use_reentrant=False, w=w, factor=2)
    y.sum().backward()
    return x, w


@pytest.mark.parametrize("reentrant", [True, False])
@judged
def test_other_arguments_and_outputs(t, reentrant):
    x, n = leaf(t, 3), t.ones(3)

    def block(x, n, three, nothing):
        return (x * n * three).exp(), n * 2, "text", nothing

    y = t.utils.checkpoint.checkpoint(block, x, n, 3, None, use_reentrant=reentrant)
    y[0].sum().backward()
    return x, n, y[1], y[2], y[3]


@judged
def test_backward_inside(t):
    def block(x):
        y = x.sin()
        z = y.cos()
        (g,) = t.autograd.grad(z.sum(), x, retain_graph=True)
        return g, z

    x = leaf(t, 3)
    g, z = t.utils.checkpoint.checkpoint(block, x, use_reentrant=False)
    (g + z).sum().backward()
    return x, g


@pytest.mark.parametrize("reentrant", [True, False])
@judged
def test_sequential(t, reentrant):
    x, w = leaf(t, 3), leaf(t, 3, seed=1)
    steps = [
        lambda x: x * w,
        lambda x: x.exp(),
        lambda x: x.sin(),
        lambda x: x * x,
        lambda x: x + w,
    ]
    found = []
    for segments in range(1, 6):
        y = t.utils.checkpoint.checkpoint_sequential(
            steps, segments, x * 1, use_reentrant=reentrant
        )
        y.sum().backward()
        found.append(y.detach())
    return x, w, found


@pytest.mark.torch
@pytest.mark.parametrize("case", ["checkpoint", "sequential", "no gradient"])
def test_warnings(case):
    def snippet(t):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            x = leaf(t, 3)
            if case == "checkpoint":
                y = t.utils.checkpoint.checkpoint(lambda x: x.exp(), x)
            elif case == "sequential":
                y = t.utils.checkpoint.checkpoint_sequential([lambda x: x.exp()] * 2, 2, x)
            else:
                y = t.utils.checkpoint.checkpoint(lambda x: x.exp(), x.detach(), use_reentrant=True)
        return y, [str(w.message).split(". ")[0] for w in caught], caught[0].category.__name__

    both(snippet)


ERRORS = {
    "keywords": lambda t, f, x: f(lambda x: x, x, use_reentrant=True, a=3),
    "debug": lambda t, f, x: f(lambda x: x, x, use_reentrant=True, debug=True),
    "context": lambda t, f, x: f(lambda x: x, x, use_reentrant=True, context_fn=lambda: None),
    "check": lambda t, f, x: f(lambda x: x, x, use_reentrant=False, determinism_check="all"),
    "grad": lambda t, f, x: t.autograd.grad(f(lambda x: x.exp(), x, use_reentrant=True).sum(), x),
    "inputs": lambda t, f, x: (
        f(lambda x: x.exp(), x, use_reentrant=True).sum().backward(inputs=[x])
    ),
    "no gradient": lambda t, f, x: (
        f(lambda x: x.detach() * 2, x, use_reentrant=True).sum().backward()
    ),
    "debug and context": lambda t, f, x: f(
        lambda x: x, x, use_reentrant=False, debug=True, context_fn=lambda: None
    ),
}


@pytest.mark.torch
@pytest.mark.parametrize("name", ERRORS)
def test_errors(name):
    both_raise(lambda t: ERRORS[name](t, t.utils.checkpoint.checkpoint, leaf(t, 3)))


def different(t, case):
    """A function that goes another way the second time."""
    calls = []

    def block(x):
        calls.append(1)
        again = len(calls) > 1
        if case == "fewer":
            return x.exp() if again else x.exp().sin().exp()
        if case == "more":
            return x.exp().sin().exp() if again else x.exp()
        if case == "shape":
            return (x[:2] if again else x).exp().sin().sum()
        return (x.float() if again else x).exp().sin()

    return block


@pytest.mark.torch
@pytest.mark.parametrize("early_stop", [True, False])
@pytest.mark.parametrize("case", ["fewer", "more", "shape", "dtype"])
def test_determinism(case, early_stop):
    def snippet(t):
        x = leaf(t, 3)
        t.utils.checkpoint.checkpoint(
            different(t, case), x, use_reentrant=False, early_stop=early_stop
        ).sum().backward()
        return x

    both(snippet)


def test_debug_names_the_operations():
    x = leaf(minigrad, 3)
    y = minigrad.utils.checkpoint.checkpoint(
        different(minigrad, "fewer"), x, use_reentrant=False, debug=True
    )
    with pytest.raises(minigrad.utils.checkpoint.CheckpointError) as error:
        y.sum().backward()
    assert "ExpBackward0, SinBackward0, ExpBackward0" in str(error.value)


@pytest.mark.torch
@pytest.mark.parametrize("reentrant", [True, False])
def test_input_written_to(reentrant):
    def snippet(t):
        z = leaf(t, 3) * 1
        y = t.utils.checkpoint.checkpoint(lambda x: x.exp(), z, use_reentrant=reentrant)
        z.mul_(2)
        y.sum().backward()

    both_raise(snippet, "modified by an inplace operation")


@judged
def test_contexts(t):
    import contextlib

    log = []

    @contextlib.contextmanager
    def noted(name):
        log.append("enter " + name)
        yield
        log.append("exit " + name)

    x = leaf(t, 3)
    y = t.utils.checkpoint.checkpoint(
        lambda x: x.exp() + 1,
        x,
        use_reentrant=False,
        early_stop=False,
        context_fn=lambda: (noted("forward"), noted("again")),
    )
    y.sum().backward()
    return x, log


@judged
def test_unrecorded(t):
    x = leaf(t, 3)
    with t.no_grad():
        return t.utils.checkpoint.checkpoint(lambda x: x.exp(), x, use_reentrant=False)


def intermediate(reentrant):
    """A checkpointed result, and weak references to what its forward computed on the way."""
    made = []

    def block(x):
        y = x.exp()
        made.append(weakref.ref(y.array))
        return (y * y).sin()

    x = leaf(minigrad, 3)
    return minigrad.utils.checkpoint.checkpoint(block, x, use_reentrant=reentrant), made


@pytest.mark.parametrize("reentrant", [True, False])
def test_memory(reentrant):
    gc.disable()
    try:
        y, made = intermediate(reentrant)
        assert made[0]() is None
        node = weakref.ref(y.grad_fn)
        y.sum().backward(retain_graph=True)
        assert [each() for each in made] == [None, None]
        del y
        assert node() is None
    finally:
        gc.enable()


def test_nothing_is_left_behind():
    from minigrad.autograd.primitive import watched
    from minigrad.autograd.saved import hooks
    from minigrad.autograd.value import mode

    y = minigrad.utils.checkpoint.checkpoint(
        different(minigrad, "fewer"), leaf(minigrad, 3), use_reentrant=False
    )
    with pytest.raises(RuntimeError):
        y.sum().backward()
    assert (mode.grad, mode.watchers, watched, hooks.stack) == (True, (), [], [])


@pytest.mark.parametrize("use_reentrant", [True, False])
@pytest.mark.parametrize("preserve", [True, False])
@judged
def test_the_repetition_draws_the_same_random_numbers(t, use_reentrant, preserve):
    from importlib import import_module

    checkpoint = import_module(f"{t.__name__}.utils.checkpoint").checkpoint
    dropout = import_module(f"{t.__name__}.nn.functional").dropout
    t.manual_seed(3)
    x = t.ones(50, requires_grad=True)
    y = checkpoint(
        lambda h: dropout(h * 2, 0.5),
        x,
        use_reentrant=use_reentrant,
        preserve_rng_state=preserve,
    )
    y.sum().backward()
    return y.detach().clone(), x.grad.clone(), t.rand(2)


@judged
def test_states_of_other_devices(t):
    checkpoint = t.utils.checkpoint
    devices, states = checkpoint.get_device_states(t.ones(2), 3)
    checkpoint.set_device_states(devices, states)
    return devices, states


@judged
def test_inputs_made_leaves(t):
    x = t.ones(2, requires_grad=True)
    a, b, c = t.utils.checkpoint.detach_variable((x * 2, t.ones(2), 3))
    (a * b * c).sum().backward()
    return a.is_leaf, a.grad, b.requires_grad, c, x.grad


@judged(raises="Only tuple of tensors is supported. Got Unsupported input type: list")
def test_inputs_in_a_list_are_not_made_leaves(t):
    t.utils.checkpoint.detach_variable([t.ones(2)])


@judged
def test_inputs_without_gradients_are_warned_of(t):
    x, told = t.ones(1, requires_grad=True), []
    for inputs in [(x, 3), (t.ones(1), 3), ()]:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            t.utils.checkpoint.check_backward_validity(inputs)
        told.append([str(w.message) for w in caught])
    return told
