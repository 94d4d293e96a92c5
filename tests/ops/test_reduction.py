"""Sums, means and extremes against torch: dimensions, ties, NaN, empty tensors, errors."""

import pytest

import minigrad
from tests.judge import data, judged

NAN, INF = float("nan"), float("inf")
DIMS = [None, 0, 1, 2, -1, (0, 1), (0, 2), (-1, 0), (0, 1, 2), [1], ()]
TIES = [[1.0, 3.0, 3.0], [2.0, 2.0, 2.0], [3.0, -1.0, 0.0]]


@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("dim", DIMS, ids=str)
@pytest.mark.parametrize("name", ["sum", "mean"])
@judged
def test_sum_and_mean(t, name, dim, keepdim):
    x = t.tensor(data(2, 3, 4), requires_grad=True)
    y = getattr(x, name)(dim, keepdim) if dim is not None else getattr(x, name)()
    (y * y).sum().backward()
    return x, y


@pytest.mark.parametrize("name", ["sum", "mean", "max", "min"])
@pytest.mark.parametrize("shape", [(), (1,), (1, 1), (4,), (2, 1, 3)])
@judged
def test_everything(t, name, shape):
    x = t.tensor(data(*shape), requires_grad=True)
    y = getattr(t, name)(x)
    y.backward()
    return x, y


@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("dim", [0, 1, -1])
@pytest.mark.parametrize("name", ["max", "min"])
@judged
def test_extremes_along_a_dimension(t, name, dim, keepdim):
    x = t.tensor(TIES, requires_grad=True)
    result = getattr(t, name)(x, dim, keepdim)
    values, indices = result
    values.backward(t.ones_like(values))
    return x, values, indices, result.values is values, result[1] is indices, len(result)


@pytest.mark.parametrize("name", ["max", "min"])
@judged
def test_full_extremes_share_ties(t, name):
    x = t.tensor(TIES, requires_grad=True)
    getattr(x, name)().backward()
    y = t.tensor([INF, INF, -INF, -INF, 0.0], requires_grad=True)
    getattr(y, name)().backward()
    return x, y


def test_full_extremes_share_ties_by_hand() -> None:
    x = minigrad.tensor([3.0, 1.0, 3.0, 3.0], requires_grad=True)
    x.max().backward()
    assert x.grad.tolist() == pytest.approx([1 / 3, 0, 1 / 3, 1 / 3])
    y = minigrad.tensor([3.0, 1.0, 3.0], requires_grad=True)
    y.max(0).values.backward()
    assert y.grad.tolist() == [1.0, 0.0, 0.0]


@pytest.mark.parametrize("name", ["max", "min"])
@judged
def test_nan_wins(t, name):
    x = t.tensor([[1.0, NAN, 2.0], [NAN, 0.0, NAN]], requires_grad=True)
    total = getattr(x, name)()
    total.backward()
    y = t.tensor([[1.0, NAN, 2.0], [NAN, 0.0, NAN]], requires_grad=True)
    values, indices = getattr(y, name)(1)
    values.sum().backward()
    return x, y, total, values, indices


@pytest.mark.parametrize("name", ["max", "min"])
@judged
def test_an_infinite_cotangent_reaches_the_extreme_alone(t, name):
    x = t.tensor([1.0, 2.0, 3.0], requires_grad=True)
    getattr(x, name)().backward(t.tensor(INF))
    return x


@pytest.mark.parametrize("name", ["max", "min"])
@judged
def test_second_derivatives_of_extremes(t, name):
    x = t.tensor(data(3, 4), requires_grad=True)
    y = getattr(x, name)(1)[0] ** 3
    z = getattr(x, name)() ** 3
    (g,) = t.autograd.grad(y.sum() + z, x, create_graph=True)
    (g * g).sum().backward()
    return g.detach().clone(), x


@pytest.mark.parametrize("name", ["max", "min"])
@judged
def test_extremes_of_two_tensors(t, name):
    x = t.tensor(data(2, 3), requires_grad=True)
    y = t.tensor(data(3, seed=1), requires_grad=True)
    z = getattr(t, name)(x, y)
    z.sum().backward()
    return x, y, z


@judged
def test_extremes_of_integers_and_0d(t):
    n = t.tensor([[3, 1], [2, 5]])
    s = t.tensor(2.5, requires_grad=True)
    values, indices = s.max(0)
    values.backward()
    return n.max(), n.min(1).values, n.max(0).indices, s, values, indices, n.argmax(), n.argmin(0)


@pytest.mark.parametrize("dim", [None, 0, 1, -1])
@pytest.mark.parametrize("name", ["argmax", "argmin"])
@judged
def test_arg_extremes(t, name, dim):
    x = t.tensor([[1.0, 3.0, 3.0], [NAN, 2.0, NAN], [3.0, -1.0, -1.0]])
    y = x[::2]
    f = getattr(t, name)
    if dim is None:
        return f(x), f(y), f(t.tensor(1.0)), f(y.t())
    return f(x, dim), f(y, dim, keepdim=True), f(t.tensor(1.0), 0), f(y.t(), dim)


@pytest.mark.parametrize("shape", [(0,), (2, 0), (0, 3)])
@judged
def test_sums_and_means_of_nothing(t, shape):
    x = t.ones(shape, requires_grad=True)
    y = [x.sum(), x.mean(), x.sum(-1), x.mean(0), x.sum(0, keepdim=True)]
    y[0].backward()
    return x, y


@judged
def test_numpys_names(t):
    x = t.tensor(data(2, 3))
    names = [f(axis=0, keepdims=True) for f in (x.sum, x.mean, x.amax, x.max, x.argmax, x.prod)]
    y = [
        x.sum(1, keepdims=True),
        t.sum(x, axis=1),
        t.mean(x, axis=(0, 1)),
        x.mean(1, keepdims=True),
    ]
    return names, y, x.sum(axis=0), x.mean(axis=1), x.max(axis=1).values


@pytest.mark.parametrize(
    "f",
    [
        lambda t: t.ones(0).max(),
        lambda t: t.ones(0).min(),
        lambda t: t.ones(2, 0).max(1),
        lambda t: t.ones(0).argmax(),
        lambda t: t.ones(2, 0).argmax(1),
        lambda t: t.ones(2).sum(1),
        lambda t: t.ones(2, 3).mean(-3),
        lambda t: t.ones(2, 3).max(2),
        lambda t: t.ones(()).sum(1),
        lambda t: t.ones(2, 3).sum((0, 0)),
        lambda t: t.ones(2, 3).sum((0, -2)),
        lambda t: t.tensor([1, 2]).mean(),
        lambda t: t.tensor([True]).mean(0),
    ],
)
@judged(raises="")
def test_errors(t, f):
    f(t)


@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 4)])
@judged
def test_non_contiguous(t, shape):
    x = t.tensor(data(*shape), requires_grad=True)
    y = x.transpose(0, 1)[:, ::2]
    z = [y.sum(0), y.mean(1), y.max(0).values, y.min(), y.sum(1, keepdim=True)]
    sum([(v * v).sum() for v in z]).backward()
    return x, z


@judged(ulps=16)
def test_sums_of_many_numbers_lose_no_accuracy(t):
    x = t.tensor(data(100_000), dtype=t.float32)
    return x.sum(), x.mean(), x.view(100, 1000).sum(1), x.view(1000, 100).sum(0)


@judged(raises="")
@pytest.mark.parametrize("dim", [-(2**63), 2**63 - 1, 2**63, -(2**63) - 1])
def test_dimensions_of_64_bits_and_more(t, dim):
    t.ones(2).sum(dim)


@judged(ulps=0)
def test_halves_are_averaged_and_blended_in_float32(t):
    x = t.tensor([[65504.0, 60000.0], [40000.0, -300.0]], dtype=t.float16, requires_grad=True)
    y = [x.mean(), x.mean(0), x.mean(1, keepdim=True), t.nn.functional.l1_loss(x, t.zeros_like(x))]
    y += [t.lerp(x, -x, 0.3), t.lerp(x, -x, t.tensor(0.3)), t.lerp(x, -x, t.full_like(x, 0.7))]
    y[0].backward()
    return x, y


@pytest.mark.parametrize("name", ["max", "min"])
@judged
def test_a_tensor_names_a_dimension_by_name_or_beside_keepdim(t, name):
    x, one = t.tensor([[1.0, -2.0], [3.0, 0.5]]), t.tensor(1)
    f = getattr(t, name)
    named = *f(x, dim=one), *f(x, one, True), *f(x, one, keepdim=False)
    return named, f(x, one), f(x, other=one)
