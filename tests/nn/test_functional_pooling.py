"""Pooling against torch, where its own table does not look."""

import pytest

from tests.judge import data, judged

INF, NAN = float("inf"), float("nan")


def filled(t, shape, seed=0, dtype="float64", grad=True):
    return t.tensor(data(*shape, seed=seed), dtype=getattr(t, dtype), requires_grad=grad)


TIES = [
    [[1.0, 1.0, 2.0, 0.0], [1.0, 1.0, 2.0, 2.0]],
    [[NAN, 1.0, 2.0, NAN], [0.0, 3.0, NAN, 2.0]],
    [[-INF, -INF, INF, INF], [-INF, -INF, 1.0, INF]],
    [[NAN, NAN, -INF, NAN], [NAN, NAN, NAN, 0.0]],
]


@pytest.mark.parametrize("values", TIES)
@pytest.mark.parametrize("settings", [{}, dict(stride=1), dict(stride=1, padding=1)])
@judged
def test_max_pool_at_ties_nan_and_infinity(t, values, settings):
    x = t.tensor([values], requires_grad=True)
    y, indices = t.nn.functional.max_pool2d(x, 2, return_indices=True, **settings)
    y.backward(t.tensor(data(*y.shape), dtype=t.float32))
    return y, indices, x


@pytest.mark.parametrize("values", TIES)
@pytest.mark.parametrize("size", [1, (1, 3), (2, 2), (3, 5)])
@judged
def test_adaptive_max_pool_at_ties_nan_and_infinity(t, values, size):
    x = t.tensor([values], requires_grad=True)
    y, indices = t.nn.functional.adaptive_max_pool2d(x, size, return_indices=True)
    y.backward(t.tensor(data(*y.shape), dtype=t.float32))
    return y, indices, x


@pytest.mark.parametrize("name", ["adaptive_max_pool1d", "adaptive_avg_pool1d"])
@pytest.mark.parametrize("size", [2, 3, 4])
@judged
def test_adaptive_windows_that_overlap(t, name, size):
    x = t.tensor([[[0.0, 1.0, 4.0, 2.0, 3.0]]], requires_grad=True)  # 4 is in several windows
    y = getattr(t.nn.functional, name)(x, size)
    y.backward(t.tensor(data(*y.shape), dtype=t.float32))
    return y, x


@pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d"])
@pytest.mark.parametrize("settings", [(2,), (3, 2), (2, 3), ((3, 1), (1, 2), (1, 0))])
@pytest.mark.parametrize("ceil_mode", [False, True])
@judged(ulps=32)
def test_second_derivatives_of_pooling(t, name, settings, ceil_mode):
    x = filled(t, (2, 2, 7, 6))
    y = getattr(t.nn.functional, name)(x, *settings, ceil_mode=ceil_mode)
    (g,) = t.autograd.grad((y**3).sum(), x, create_graph=True)
    (g**2).sum().backward()
    return y, x


@pytest.mark.parametrize("size", [(3, 4), (1, 1), (2, None), (9, 7)])
@judged(ulps=32)
def test_second_derivatives_of_adaptive_averages(t, size):
    x = filled(t, (2, 2, 7, 6))
    y = t.nn.functional.adaptive_avg_pool2d(x, size)
    (g,) = t.autograd.grad((y**3).sum(), x, create_graph=True)
    (g**2).sum().backward()
    return y, x


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8"])
@judged
def test_max_pool_of_integers(t, dtype):
    x = t.tensor([[[3, 1, 0, 0], [2, 3, 0, 0]]], dtype=getattr(t, dtype))
    return t.nn.functional.max_pool2d(x, 2, return_indices=True)


@judged
def test_averages_of_integers_round_toward_zero(t):
    x = t.tensor([[[-3, -4, 3, 4], [0, 0, 0, 0]]])
    return t.nn.functional.avg_pool2d(x, 2), t.nn.functional.avg_pool2d(x, 2, divisor_override=-2)


@judged(raises="modified by an inplace operation")
def test_max_pool_saves_its_input(t):
    x = filled(t, (1, 4, 4))
    h = x * 1
    y = t.nn.functional.max_pool2d(h, 2)
    h.add_(1)
    y.sum().backward()


@judged
def test_max_pool_does_not_save_its_output(t):
    x = filled(t, (1, 4, 4))
    y = t.nn.functional.max_pool2d(x, 2)
    y.mul_(2)
    y.sum().backward()
    return x


@judged
def test_an_average_saves_nothing_that_may_not_change(t):
    x = filled(t, (1, 4, 4))
    y = t.nn.functional.avg_pool2d(x * 1, 2)
    y.mul_(2)
    y.sum().backward()
    return x


@pytest.mark.parametrize("p", [1.0, 2.0, 3.0, INF, -INF])
@judged(ulps=32)
def test_lp_pool(t, p):
    x = filled(t, (2, 6, 5))
    y = t.nn.functional.lp_pool2d(x.abs() + 0.1, p, (2, 3), ceil_mode=True)
    y.sum().backward()
    return y, x


@judged
def test_unpooling_undoes_pooling(t):
    x = filled(t, (1, 5, 4))
    y, indices = t.nn.functional.max_pool2d(x, 2, return_indices=True)
    z = t.nn.functional.max_unpool2d(y, indices, 2, output_size=(5, 4))
    (z**2).sum().backward()
    return z, x


BAD = [
    ("max_pool2d", (2, 2), (2,)),
    ("max_pool2d", (1, 4, 4), (0,)),
    ("max_pool2d", (1, 4, 4), (2, 0)),
    ("max_pool2d", (1, 4, 4), ((2, 2, 2),)),
    ("max_pool2d", (1, 4, 4), (2, 2, 2)),
    ("max_pool2d", (1, 4, 4), (2, 2, -1)),
    ("max_pool2d", (1, 4, 4), (2, 2, 0, 0)),
    ("max_pool2d", (1, 4, 4), (2, 2, 2, 3)),
    ("max_pool2d", (1, 4, 4), (5,)),
    ("max_pool2d", (1, 4, 4), (2.0,)),
    ("max_pool2d", (1, 0, 4, 4), (2,)),
    ("avg_pool2d", (1, 4, 4), (5,)),
    ("avg_pool2d", (1, 4, 4), (2, (2, 2, 2))),
    ("avg_pool1d", (4,), (2,)),
    ("avg_pool1d", (1, 4), ((2, 2),)),
    ("avg_pool3d", (1, 4, 4, 2), (3,)),
    ("max_pool1d", (1, 4), (0,)),
    ("max_pool1d", (1, 4), ((2, 2),)),
    ("max_pool1d", (1, 4), (2, (2, 2))),
    ("adaptive_avg_pool2d", (4,), (2,)),
    ("adaptive_avg_pool2d", (1, 1, 4, 4), ((2, -1),)),
    ("adaptive_avg_pool1d", (1, 4), (None,)),
    ("adaptive_max_pool2d", (1, 4, 4), ((2, 2, 2),)),
]


@pytest.mark.parametrize("name, shape, arguments", BAD, ids=str)
@judged(raises="")
def test_bad_arguments(t, name, shape, arguments):
    getattr(t.nn.functional, name)(t.zeros(shape), *arguments)


@judged
def test_windows_that_lie_outside(t):
    F = t.nn.functional
    one = F.max_pool1d(t.ones(1, 1, 2), 2, 1, 1, dilation=3, return_indices=True)
    two = F.max_pool2d(t.ones(1, 1, 2, 2), 2, 1, 1, dilation=3, return_indices=True)
    return *one, *two
