"""Lazy layers: before, at and after the first input."""

import copy
import pickle

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


ALLOWED = [
    "repr(p), str(p), isinstance(p, t.nn.Parameter)",
    "p.is_leaf, p.requires_grad, p.grad, p.grad_fn, p.device, p.dtype, p.ndim, p._version",
    "p.size(), p.is_floating_point(), p.data",
    "p.to(t.float64), p.double(), p.half(), p.long(), p.short()",
    "[type(q).__name__ for q in (p.to('cpu'), p.float(), p.cpu(), copy.deepcopy(p), copied(p))]",
    "copied(p).dtype, copied(p).requires_grad, copy.deepcopy(t.nn.LazyConv1d(2, 3))",
    "[t.nn.LazyLinear(2).double().weight.dtype, t.nn.LazyLinear(2).half()]",
    "t.nn.utils.clip_grad_norm_([p], 1.0), t.optim.SGD([p], lr=0.1).step()",
]


@pytest.mark.parametrize("expression", ALLOWED)
@judged
def test_what_an_uninitialised_parameter_can_do(t, expression):
    def copied(x):
        return pickle.loads(pickle.dumps(x))

    p = t.nn.LazyLinear(2).weight
    return eval(expression, {"t": t, "p": p, "copy": copy, "copied": copied})


REFUSED = """p.numel() p*2 2-p -p p@p p==p p[0] len(p) bool(p) list(p) p.sum() p.detach() p.clone()
    p.view(-1) p.tolist() p.backward() t.add(p,1) t.sum(p) t.zeros_like(p) t.stack([p]) t.ones(2)+p
    t.nn.functional.linear(t.ones(1,2),p) t.nn.utils.parameters_to_vector([p]) t.nn.init.zeros_(p)
    t.nn.LazyBatchNorm1d().running_mean*2"""


@pytest.mark.parametrize("expression", REFUSED.split())
@judged
def test_what_an_uninitialised_parameter_cannot_do(t, expression):
    with pytest.raises(ValueError, match="Attempted to use an uninitialized parameter in "):
        eval(expression, {"t": t, "p": t.nn.LazyLinear(2).weight})


WRONG = [
    "LazyLinear(3).weight.share_memory_()",
    "LazyLinear(3).share_memory()",
    "LazyBatchNorm1d(affine=False).share_memory()",
    "LazyLinear(3).weight.shape",
    "LazyConv2d(3, 3)(t.ones(2, 2))",
    "LazyConv2d(3, 3, groups=2)(t.ones(1, 3, 4, 4))",
    "Linear(2, 3).load_state_dict(t.nn.LazyLinear(3).state_dict())",
]


@pytest.mark.parametrize("statement", WRONG)
@judged(raises="")
def test_what_is_refused(t, statement):
    eval(f"t.nn.{statement}", {"t": t})
