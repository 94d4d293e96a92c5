"""torch.gradient: slopes by central differences."""

import pytest

from tests.judge import judged


@pytest.mark.parametrize("edge_order", [1, 2])
@judged
def test_gradient(t, edge_order):
    x = t.arange(12.0, dtype=t.float64).reshape(3, 4).requires_grad_()
    points = t.tensor([0.0, 0.5, 3.0]).double(), t.tensor([0.5, 1.25, 3.0, 7.0]).double()
    found = []
    for settings in ({}, {"spacing": 2.0}, {"spacing": (2.0, 3.0)}, {"spacing": points}):
        parts = t.gradient(x**2, edge_order=edge_order, **settings)
        (g,) = t.autograd.grad(sum((p * p).sum() for p in parts), x)
        found += [[p.detach() for p in parts], g.tolist()]
    plain = t.gradient(x.detach(), dim=1), t.gradient(t.tensor([1, 4, 9]), edge_order=edge_order)
    return found, [list(p) for p in plain]


@pytest.mark.parametrize(
    "settings", [{"edge_order": 3}, {"spacing": [1.0, 2.0]}, {"edge_order": 2, "dim": 0}]
)
@judged(raises="torch.gradient|gradient")
def test_refusals(t, settings):
    t.gradient(t.arange(2.0), **settings)


@judged
def test_spacing_and_dim_of_none_are_the_defaults(t):
    x = t.arange(12.0).reshape(3, 4) ** 2
    calls = [{"spacing": None}, {"spacing": None, "dim": None}, {"spacing": None, "dim": 1}]
    return [list(t.gradient(x, **settings)) for settings in (*calls, {"dim": None, "spacing": 2})]


@pytest.mark.parametrize(
    "settings",
    [
        {"spacing": [1.0, 2.0], "dim": 0},
        {"spacing": (1.0,), "dim": (0, 1)},
        {"spacing": [1.0], "dim": None},
        {"spacing": None, "dim": [0, 1]},
        {"spacing": "a tensor"},
        {"spacing": "a tensor", "dim": 0},
    ],
)
@judged(raises="torch.gradient|gradient")
def test_spacings_that_do_not_fit(t, settings):
    if settings["spacing"] == "a tensor":
        settings = {**settings, "spacing": t.arange(3.0)}
    t.gradient(t.arange(12.0).reshape(3, 4), **settings)


@judged(raises="uint8")
def test_bytes(t):
    t.gradient(t.tensor([1, 4, 9], dtype=t.uint8))
