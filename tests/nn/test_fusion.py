"""nn.utils.fusion: a layer and the batch norm behind it as one; nn.utils.skip_init."""

import pytest

from tests.judge import data, judged


def used(t, norm):
    """A batch norm in eval mode whose numbers are none of the first ones."""
    with t.no_grad():
        for i, each in enumerate([*norm.parameters(), norm.running_mean, norm.running_var]):
            each.copy_(t.tensor(data(norm.num_features, low=0.5, seed=i)))
    return norm.eval()


def filled(t, layer):
    with t.no_grad():
        for i, p in enumerate(layer.parameters()):
            p.copy_(t.tensor(data(*p.shape, seed=5 + i)))
    return layer.eval()


CONVOLUTIONS = [
    ("Conv2d(2, 3, 2)", "BatchNorm2d(3)", (2, 2, 4, 4)),
    ("Conv1d(2, 4, 3, groups=2, bias=False)", "BatchNorm1d(4)", (2, 2, 5)),
    ("Conv2d(2, 3, 2, dtype=t.float64)", "BatchNorm2d(3, affine=False)", (2, 2, 4, 4)),
    ("ConvTranspose2d(2, 3, 2)", "BatchNorm2d(3)", (1, 2, 3, 3)),
]


@pytest.mark.parametrize("conv, norm, shape", CONVOLUTIONS)
@judged(ulps=64)
def test_convolutions(t, conv, norm, shape):
    conv, norm = filled(t, eval(f"t.nn.{conv}")), used(t, eval(f"t.nn.{norm}"))
    conv.weight.requires_grad_(False)
    fused = t.nn.utils.fuse_conv_bn_eval(conv, norm, "Transpose" in repr(conv))
    return fused is conv, fused.weight, fused.bias, fused(t.ones(shape, dtype=conv.weight.dtype))


@pytest.mark.parametrize("bias", [True, False])
@judged(ulps=64)
def test_linear_layers(t, bias):
    linear, norm = filled(t, t.nn.Linear(2, 3, bias)), used(t, t.nn.BatchNorm1d(3))
    fused = t.nn.utils.fuse_linear_bn_eval(linear, norm)
    one = t.nn.utils.fuse_linear_bn_eval(linear, used(t, t.nn.BatchNorm1d(1)))
    return fused.weight, fused.bias, one.weight, one.bias, norm(linear(t.ones(2, 2)))


WRONG = [
    "fuse_conv_bn_eval(t.nn.Conv1d(2, 3, 2), t.nn.BatchNorm1d(3).eval())",
    "fuse_linear_bn_eval(t.nn.Linear(2, 3).eval(), t.nn.BatchNorm1d(3))",
    "fuse_linear_bn_eval(t.nn.Linear(2, 3).eval(), t.nn.BatchNorm1d(2).eval())",
    "fuse_linear_bn_eval(*[m.eval() for m in (t.nn.Linear(2, 3),"
    " t.nn.BatchNorm1d(3, track_running_stats=False))])",
    "skip_init(t.nn.ReLU)",
    "skip_init(dict)",
    "skip_init(t.nn.Linear, 2)",
]


@pytest.mark.parametrize("call", WRONG)
@judged(raises=".")
def test_what_cannot_be_fused_or_skipped(t, call):
    eval(f"t.nn.utils.{call}", {"t": t})


@judged
def test_skip_init_draws_nothing(t):
    t.manual_seed(0)
    m = t.nn.utils.skip_init(t.nn.Linear, 2, 3, device="cpu", dtype=t.float64)
    return repr(m), m.weight.shape, str(m.weight.dtype), m.weight.requires_grad, t.rand(2)
