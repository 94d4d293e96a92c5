"""Lazy layers: before, at and after the first input."""

import pytest

from tests.judge import judged
from tests.nn.plain import plain

LAYERS = [
    ("LazyLinear(3)", (2, 4)),
    ("LazyLinear(3, bias=False)", (2, 5, 4)),
    ("LazyConv1d(4, 3)", (2, 3, 6)),
    ("LazyConv2d(4, 3, groups=2, padding=1)", (2, 4, 6, 6)),
    ("LazyConv2d(4, 3, bias=False)", (3, 6, 6)),
    ("LazyConv3d(2, 2)", (1, 3, 4, 4, 4)),
    ("LazyConvTranspose1d(4, 3, 2)", (2, 3, 6)),
    ("LazyConvTranspose2d(4, 3, output_padding=1, stride=2)", (2, 3, 4, 4)),
    ("LazyConvTranspose3d(2, 2)", (1, 3, 3, 3, 3)),
    ("LazyBatchNorm1d()", (3, 4)),
    ("LazyBatchNorm2d(affine=False)", (3, 4, 2, 2)),
    ("LazyBatchNorm3d(track_running_stats=False)", (3, 4, 2, 2, 2)),
    ("LazyInstanceNorm1d()", (3, 4, 5)),
    ("LazyInstanceNorm2d(affine=False)", (3, 4, 2, 2)),
    ("LazyInstanceNorm3d(bias=False)", (3, 4, 2, 2, 2)),
]


@pytest.mark.parametrize("layer, shape", LAYERS)
@judged(ulps=64)
def test_the_first_input(t, layer, shape):
    t.manual_seed(3)
    m = eval(f"t.nn.{layer}", {"t": t})
    seen = [repr(m), list(m.state_dict()), m.has_uninitialized_params()]
    seen += [repr(p) for p in m.parameters()]
    y = m(t.randn(*shape))
    return [*seen, repr(m), plain(m.state_dict()), plain(y), type(m).__name__]


@judged
def test_a_state_gives_the_shapes(t):
    t.manual_seed(0)
    full, lazy = t.nn.Linear(4, 3), t.nn.LazyLinear(3)
    answer = lazy.load_state_dict(full.state_dict())
    seen = [repr(answer), repr(lazy), plain(lazy.weight)]
    return [*seen, plain(lazy(t.ones(1, 4))), repr(lazy)]


@judged
def test_an_uninitialised_parameter(t):
    p = t.nn.UninitializedParameter()
    seen = [repr(p), p.requires_grad, isinstance(p, t.nn.Parameter)]
    p.materialize((2, 3))
    return [*seen, p.shape, type(p).__name__]


WRONG = [
    "LazyLinear(3).weight.shape",
    "LazyConv2d(3, 3)(t.ones(2, 2))",
    "LazyConv2d(3, 3, groups=2)(t.ones(1, 3, 4, 4))",
    "Linear(2, 3).load_state_dict(t.nn.LazyLinear(3).state_dict())",
]


@pytest.mark.parametrize("statement", WRONG)
@judged(raises="")
def test_what_is_refused(t, statement):
    eval(f"t.nn.{statement}", {"t": t})
