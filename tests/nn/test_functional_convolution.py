"""Convolutions against torch, where its own table does not look."""

import itertools

import numpy as np
import pytest

import minigrad
from tests.judge import data, judged

INF, NAN = float("inf"), float("nan")


def filled(t, shape, seed=0, dtype="float64", grad=True):
    return t.tensor(data(*shape, seed=seed), dtype=getattr(t, dtype), requires_grad=grad)


CONVOLUTIONS = [
    ((2, 4, 7), (6, 2, 3), dict(stride=2, padding=1, groups=2)),
    ((2, 4, 5, 6), (4, 1, 3, 2), dict(stride=(1, 2), padding=(2, 0), groups=4)),
    ((3, 5, 6), (2, 3, 2, 3), dict(dilation=(2, 1))),
    ((1, 3, 6, 5), (2, 3, 2, 4), dict(padding="same")),
    ((2, 3, 6, 5), (2, 3, 3, 3), dict(padding="same", dilation=2)),
    ((2, 3, 6), (2, 3, 3), dict(padding="valid")),
    ((1, 2, 4, 3, 4), (3, 2, 2, 1, 2), dict(stride=(2, 1, 1), padding=1)),
    ((0, 3, 5, 5), (2, 3, 3, 3), {}),
    ((2, 3, 5, 5), (2, 3, 5, 5), {}),
]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("shape, kernel, settings", CONVOLUTIONS)
@judged(ulps=32)
def test_convolution(t, shape, kernel, settings, dtype):
    x, w = filled(t, shape, 0, dtype), filled(t, kernel, 1, dtype)
    b = filled(t, kernel[:1], 2, dtype)
    f = getattr(t.nn.functional, f"conv{len(kernel) - 2}d")
    y = f(x, w, b, **settings)
    y.backward(t.tensor(data(*y.shape, seed=3), dtype=y.dtype))
    return y, x, w, b


@pytest.mark.parametrize("which", [*itertools.product([False, True], repeat=3)])
@pytest.mark.parametrize("name", ["conv2d", "conv_transpose2d"])
@judged(ulps=32)
def test_only_what_requires_grad_gets_one(t, which, name):
    x, w = filled(t, (2, 3, 4, 4), 0, grad=which[0]), filled(t, (3, 3, 2, 2), 1, grad=which[1])
    b = filled(t, (3,), 2, grad=which[2])
    y = getattr(t.nn.functional, name)(x, w, b)
    if any(which):
        y.sum().backward()
    return y, x, w, b


TRANSPOSED = [
    ((2, 4, 5), (4, 3, 3), dict(stride=3, padding=2, output_padding=2, groups=2)),
    ((4, 3), (4, 2, 3), dict(dilation=2, output_padding=1)),
    ((2, 2, 3, 4), (2, 3, 2, 3), dict(stride=2, padding=(0, 1), output_padding=(1, 0))),
    ((1, 2, 2, 3, 2), (2, 1, 2, 2, 1), dict(stride=2)),
    ((0, 2, 3), (2, 1, 3), {}),
]


@pytest.mark.parametrize("shape, kernel, settings", TRANSPOSED)
@judged(ulps=32)
def test_transposed_convolution(t, shape, kernel, settings):
    x, w = filled(t, shape), filled(t, kernel, 1)
    f = getattr(t.nn.functional, f"conv_transpose{len(kernel) - 2}d")
    y = f(x, w, **settings)
    y.backward(t.tensor(data(*y.shape, seed=3)))
    return y, x, w


@judged(ulps=128)
def test_second_derivatives_of_a_convolution(t):
    x, w, b = filled(t, (2, 2, 5, 4)), filled(t, (3, 2, 2, 2), 1), filled(t, (3,), 2)
    y = t.nn.functional.conv2d(x, w, b, stride=(2, 1), padding=1)
    gs = t.autograd.grad((y**3).sum(), [x, w, b], create_graph=True)
    sum([(g**2).sum() for g in gs]).backward()
    return x, w, b


def test_a_convolution_by_hand() -> None:
    x, w, b = data(2, 3, 5, 6), data(4, 3, 2, 3, seed=1), data(4, seed=2)
    y = minigrad.conv2d(*map(minigrad.tensor, (x, w, b)), stride=2, padding=1).numpy()
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    for n, o, i, j in np.ndindex(*y.shape):
        seen = padded[n, :, 2 * i : 2 * i + 2, 2 * j : 2 * j + 3]
        assert y[n, o, i, j] == pytest.approx(b[o] + (seen * w[o]).sum(), rel=1e-13)


def test_windows_are_copied_in_blocks(monkeypatch) -> None:
    """However small the blocks, the result is the same, to the order of the sums."""
    x, w = minigrad.tensor(data(2, 2, 9, 4)), minigrad.tensor(data(3, 2, 3, 2))
    x.requires_grad_(), w.requires_grad_()
    found = []
    for block in (1, 200, 1 << 20):
        monkeypatch.setattr("minigrad.ops.convolution.BLOCK", block)
        y = minigrad.conv2d(x, w, stride=(2, 1), padding=1)
        found.append([y.detach(), *minigrad.autograd.grad((y**2).sum(), [x, w])])
    for other in found[1:]:
        for a, b in zip(found[0], other, strict=True):
            np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("dtype", ["int64", "uint8", "int32"])
@judged
def test_convolution_of_integers_wraps(t, dtype):
    x = t.tensor(np.full((1, 2, 3, 3), 100), dtype=getattr(t, dtype))
    return t.conv2d(x, t.tensor(np.full((1, 2, 2, 2), 3), dtype=getattr(t, dtype)))


@judged
def test_transposed_convolution_of_integers(t):
    return t.conv_transpose1d(t.tensor([[[1, 2, 3]]]), t.tensor([[[4, 5]]]), stride=2)


@pytest.mark.parametrize("dtype", ["int32", "bool"])
@judged(raises="slow_conv_transpose2d_out_cpu")
def test_transposed_convolution_of_other_integers(t, dtype):
    x = t.ones(1, 2, 3, 3, dtype=getattr(t, dtype))
    t.conv_transpose2d(x, x.reshape(2, 1, 3, 3))


@judged(ulps=4)
def test_half_precision_is_summed_in_single(t):
    x, w = filled(t, (1, 64, 5, 5), 0, "float16"), filled(t, (1, 64, 3, 3), 1, "float16")
    y = t.conv2d(x, w)
    y.sum().backward()
    return y, x, w


@judged
def test_zero_weights_do_not_hide_nan_and_infinity(t):
    x = t.tensor([[[1.0, INF, 2.0, NAN, 3.0]]])
    return t.conv1d(x, t.zeros(1, 1, 1)), t.conv1d(x, t.zeros(1, 1, 2))


@judged(raises="modified by an inplace operation")
def test_a_convolution_saves_its_input(t):
    x, w = filled(t, (1, 1, 4, 4)), filled(t, (1, 1, 2, 2), 1)
    h = x * 1
    y = t.conv2d(h, w)
    h.add_(1)
    y.sum().backward()


@judged
def test_a_convolution_does_not_save_its_output(t):
    x, w = filled(t, (1, 1, 4, 4)), filled(t, (1, 1, 2, 2), 1)
    y = t.conv2d(x, w)
    y.mul_(2)
    y.sum().backward()
    return x, w


@judged(ulps=32)
def test_an_input_that_is_not_contiguous(t):
    x, w = filled(t, (2, 3, 5, 4)), filled(t, (3, 2, 2, 2), 1)
    t.conv2d(x.transpose(2, 3), w.transpose(0, 1)).sum().backward()
    return x, w


BAD_CONVOLUTIONS = [
    ((3, 5), (4, 3, 3, 3), {}),
    ((1, 1, 1, 3, 5), (4, 3, 3, 3), {}),
    ((1, 2, 5, 5), (4, 3, 3, 3), {}),
    ((1, 2, 5, 5), (4, 3, 3, 3), dict(groups=2)),
    ((1, 9, 5, 5), (4, 3, 3, 3), dict(groups=3)),
    ((1, 3, 2, 5), (4, 3, 3, 3), {}),
    ((1, 3, 4, 5), (4, 3, 3, 3), dict(dilation=2)),
    ((1, 3, 5, 5), (4, 3, 3, 3), dict(stride=0)),
    ((1, 3, 5, 5), (4, 3, 3, 3), dict(stride=(1, 2, 3))),
    ((1, 3, 5, 5), (4, 3, 3, 3), dict(padding=(1, 2, 3))),
    ((1, 3, 5, 5), (4, 3, 3, 3), dict(dilation=0)),
    ((1, 3, 5, 5), (4, 3, 3, 3), dict(padding="full")),
    ((1, 3, 5, 5), (4, 3, 3, 3), dict(padding="same", stride=2)),
    ((1, 3, 5, 5), (4, 3, 3, 3), dict(padding=-1)),
    ((1, 3, 5, 5), (4, 3, 3, 3), dict(groups=-1)),
    ((1, 3, 5, 5), (4, 3, 0, 3), {}),
]


@pytest.mark.parametrize("shape, kernel, settings", BAD_CONVOLUTIONS)
@judged(raises="")
def test_bad_convolutions(t, shape, kernel, settings):
    t.conv2d(t.zeros(shape), t.zeros(kernel), **settings)


BAD_TRANSPOSED = [
    ((5, 5), (3, 4, 3, 3), {}),
    ((1, 2, 5, 5), (3, 4, 3, 3), {}),
    ((1, 3, 5, 5), (3, 2, 3, 3), dict(groups=2)),
    ((1, 3, 5, 5), (3, 4, 3, 3), dict(output_padding=1)),
    ((1, 3, 5, 5), (3, 4, 3, 3), dict(output_padding=-1)),
    ((1, 3, 1, 1), (3, 4, 3, 3), dict(padding=2)),
    ((1, 3, 5, 5), (3, 4, 3, 3), dict(padding="same")),
]


@pytest.mark.parametrize("shape, kernel, settings", BAD_TRANSPOSED)
@judged(raises="")
def test_bad_transposed_convolutions(t, shape, kernel, settings):
    t.conv_transpose2d(t.zeros(shape), t.zeros(kernel), **settings)


@pytest.mark.parametrize("bias", [(3,), (4, 1)])
@judged(raises="expected bias to be 1-dimensional with 4 elements")
def test_a_bias_of_the_wrong_shape(t, bias):
    t.conv2d(t.zeros(1, 3, 5, 5), t.zeros(4, 3, 3, 3), t.zeros(bias))


@pytest.mark.parametrize(
    "dtypes", [("float64", "float32", None), ("float32", "float32", "float64")]
)
@judged(raises="Double")
def test_convolutions_do_not_promote(t, dtypes):
    x, w, b = (
        None if dtype is None else t.zeros(shape, dtype=getattr(t, dtype))
        for shape, dtype in zip([(1, 1, 3), (1, 1, 2), (1,)], dtypes, strict=True)
    )
    try:
        t.conv1d(x, w, b)
    except RuntimeError as error:
        raise RuntimeError(str(error).replace("double", "Double")) from None


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize(
    "settings", [{}, {"stride": 2, "padding": 1}, {"dilation": 2, "padding": 2, "groups": 2}]
)
@judged(ulps=64)
def test_gradients_as_functions(t, n, settings):
    x = t.tensor(data(2, 4, *[6] * n), requires_grad=True)
    w = t.tensor(data(6, 4 // settings.get("groups", 1), *[3] * n, seed=1), requires_grad=True)
    y = getattr(t.nn.functional, f"conv{n}d")(x, w, **settings)
    g = t.tensor(data(*y.shape, seed=2), requires_grad=True)
    to_x = getattr(t.nn.grad, f"conv{n}d_input")(x.shape, w, g, **settings)
    to_w = getattr(t.nn.grad, f"conv{n}d_weight")(x, w.shape, g, **settings)
    with t.no_grad():
        plain = getattr(t.nn.grad, f"conv{n}d_weight")(x, w.shape, g, **settings)
    second = t.autograd.grad((to_x.sin().sum() + to_w.sin().sum()), (x, w, g))
    return to_x.detach(), to_w.detach(), plain, [s.contiguous() + 0 for s in second]
