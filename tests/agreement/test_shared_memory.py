"""Gradients that are one memory have one version counter: no write to it goes unseen."""

from __future__ import annotations

import pytest

from tests.judge import judged

pytest.importorskip("torch")
pytestmark = pytest.mark.torch

HANDED_ON = {
    "add": lambda x: x + 1,
    "view": lambda x: x.view(2),
    "clone": lambda x: x.clone(),
    "expand": lambda x: x.unsqueeze(0).expand(1, 2).reshape(2),
    "transpose": lambda x: x.reshape(1, 2).T.reshape(2),
}


def use(t, gradient):
    """A product that saves the gradient, and its backward pass for when that has been changed."""
    w = t.tensor([5.0, 7.0], requires_grad=True)
    return (gradient * w).sum()


@pytest.mark.parametrize("name", HANDED_ON)
@judged(raises="modified by an inplace operation")
def test_a_gradient_and_the_cotangent_it_is(t, name):
    x, seed = t.tensor([1.0, 2.0], requires_grad=True), t.tensor([2.0, 3.0])
    (g,) = t.autograd.grad(HANDED_ON[name](x), x, seed)
    loss = use(t, g)
    seed.mul_(10)
    loss.backward()


@judged(raises="modified by an inplace operation")
def test_two_gradients(t):
    a, b = [t.tensor([1.0, 2.0], requires_grad=True) for _ in range(2)]
    first, second = t.autograd.grad(a.view(2) + b, [a, b], t.tensor([2.0, 3.0]))
    loss = use(t, first)
    second.mul_(10)
    loss.backward()


@judged(raises="modified by an inplace operation")
def test_what_a_hook_has_kept(t):
    x, seed, kept = t.tensor([1.0, 2.0], requires_grad=True), t.tensor([1.0, 1.0]), []
    y = x * 3
    y.register_hook(kept.append)
    (y + 0).backward(seed)
    loss = use(t, kept[0])
    seed.mul_(10)
    loss.backward()


@judged
def test_a_product_is_memory_of_its_own(t):
    x, seed = t.tensor([1.0, 2.0], requires_grad=True), t.tensor([2.0, 3.0])
    (g,) = t.autograd.grad(x * 3, x, seed)
    w = t.tensor([5.0, 7.0], requires_grad=True)
    loss = (g * w).sum()
    seed.mul_(10)
    loss.backward()
    return w, x.real is x
