"""A warning says what torch's says, in its category, and names the line of the program."""

import linecache
import warnings

import pytest

import minigrad
from tests.judge import first_sentence, plain_text


class Doubled:
    """A custom Function of either library."""

    def __new__(cls, t, forward=lambda ctx, x: x * 2, backward=lambda ctx, g: g * 2):
        methods = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
        return type("Doubled", (t.autograd.Function,), methods)


def read_saved_variables(t):
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    def backward(ctx, g):
        (x,) = ctx.saved_variables
        return 2 * g * x

    x = t.ones(2, requires_grad=True)
    Doubled(t, forward, backward).apply(x).sum().backward()


def mark_what_is_no_input(t):
    def forward(ctx, x):
        y = x * 2
        ctx.mark_dirty(y)
        return y

    return Doubled(t, forward).apply(t.ones(2, requires_grad=True))


def grad_of_what_is_no_leaf(t):
    return (t.ones(2, requires_grad=True) * 2).grad


def only_inputs(t):
    x = t.ones(2, requires_grad=True)
    return t.autograd.grad(x.sum(), x, only_inputs=False)


def write_at_bytes(t):
    x = t.ones(2)
    x[t.tensor([1, 1], dtype=t.uint8)] = t.zeros(2)


def check_in_single_precision(t):
    t.autograd.gradcheck(lambda x: x * 2, t.ones(2, requires_grad=True), raise_exception=False)


def backward_hook_without_inputs(t):
    layer = t.nn.Linear(2, 1)
    layer.register_full_backward_hook(lambda module, grad_input, grad_output: None)
    y = layer(t.ones(1, 2))
    y.sum().backward()


SNIPPETS = {
    "full backward hook": backward_hook_without_inputs,
    "where": lambda t: t.where(t.ones(2, dtype=t.uint8), t.ones(2), t.zeros(2)),
    "key": lambda t: t.ones(2)[t.tensor([1, 0], dtype=t.uint8)],
    "key of a write": write_at_bytes,
    "index_put": lambda t: t.ones(2).index_put((t.ones(2, dtype=t.uint8),), t.zeros(2)),
    "out of arange": lambda t: t.arange(2, out=t.zeros(5)),
    "out": lambda t: t.add(t.ones(2), t.ones(2), out=t.zeros(5)),
    "scalar": lambda t: float(t.ones(1, requires_grad=True)),
    "only_inputs": only_inputs,
    "saved_variables": read_saved_variables,
    "an instance": lambda t: Doubled(t)(),
    "mark_dirty": mark_what_is_no_input,
    "grad": grad_of_what_is_no_leaf,
    "detect_anomaly": lambda t: t.autograd.detect_anomaly(),
    "gradcheck": check_in_single_precision,
}


CALL = "            snippet(t)\n"


def warned(t, snippet):
    t.set_warn_always(True)  # torch remembers what it has said once
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            snippet(t)
    finally:
        t.set_warn_always(False)
    said = [(first_sentence(plain_text(w.message)), w.category) for w in caught]
    return said, [(w.filename, linecache.getline(w.filename, w.lineno)) for w in caught]


@pytest.mark.torch
@pytest.mark.parametrize("name", SNIPPETS)
def test_warnings(name):
    import torch

    theirs, _ = warned(torch, SNIPPETS[name])
    ours, [(file, line)] = warned(minigrad, SNIPPETS[name])
    assert ours == theirs
    assert file == __file__
    assert line != CALL


@pytest.mark.torch
def test_what_fills_a_tensor_of_another_size_says_nothing():
    import torch

    def fill(t):
        for f in (
            lambda out: t.zeros(2, out=out),
            lambda out: t.full((2,), 1.0, out=out),
            lambda out: t.linspace(0, 1, 2, out=out),
            lambda out: t.randn(2, 3, out=out),
            lambda out: t.bernoulli(t.ones(2), out=out),
        ):
            f(t.empty(5))

    assert warned(torch, fill) == warned(minigrad, fill) == ([], [])
