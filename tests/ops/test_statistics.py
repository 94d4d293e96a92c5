"""Variances, covariances and sums without NaN against torch."""

import pytest

from tests.judge import both, data, judged

NAN = float("nan")
MOMENTS = ["var", "std", "var_mean", "std_mean"]
EACH = pytest.mark.parametrize("name", MOMENTS)
CALLS = {
    "plain": lambda f, x: f(x),
    "unbiased": lambda f, x: f(x, False),
    "unbiased by name": lambda f, x: f(x, unbiased=True),
    "dim": lambda f, x: f(x, 1),
    "dim unbiased keepdim": lambda f, x: f(x, 0, False, True),
    "dims": lambda f, x: f(x, (0, -1), keepdim=True),
    "correction": lambda f, x: f(x, dim=2, correction=2),
    "half a correction": lambda f, x: f(x, correction=0.5),
    "too large a correction": lambda f, x: f(x, dim=0, correction=3),
    "numpy's": lambda f, x: f(x, axis=0, keepdims=True),
    "None": lambda f, x: f(x, None, correction=None),
}


@EACH
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@judged(ulps=16)
def test_calls(t, name, call):
    x = t.tensor(data(2, 3, 4), requires_grad=True)
    y = call(getattr(t, name), x)
    z = y if isinstance(y, tuple) else (y,)
    sum((v * v * (i + 1)).sum() for i, v in enumerate(z)).backward()
    return x, y


@EACH
@pytest.mark.parametrize("shape", [(), (1,), (0,), (2, 1), (0, 3)])
@pytest.mark.parametrize("dim", [None, 0, -1])
@judged
def test_of_few(t, name, shape, dim):
    x = t.tensor(data(*shape), requires_grad=True)
    y = getattr(t, name)(x, dim)
    z = y if isinstance(y, tuple) else (y,)
    sum(v.sum() for v in z).backward()
    return x, y


@EACH
@judged(ulps=64)
def test_second_derivatives(t, name):
    x = t.tensor(data(3, 4), requires_grad=True)
    y = getattr(t, name)(x, 1)
    z = y[0] * y[1] if isinstance(y, tuple) else y**2
    (g,) = t.autograd.grad((z**2).sum(), x, create_graph=True)
    (g * g).sum().backward()
    return x, g.detach().clone()


@EACH
@pytest.mark.parametrize("dtype", ["float16", "float32"])
@judged(ulps=4)
def test_far_from_zero(t, name, dtype):
    x = t.tensor(data(100) + 500, dtype=getattr(t, dtype))
    return getattr(t, name)(x), getattr(t, name)(x.view(4, 25), 0)


@pytest.mark.parametrize("name", ["var", "std"])
@pytest.mark.parametrize("of", ["input", "result"])
def test_what_is_saved(name, of) -> None:
    def snippet(t):
        x = t.tensor(data(2, 3), requires_grad=True)
        z = x * 1
        y = getattr(z, name)(1)
        with t.no_grad():
            (z if of == "input" else y).mul_(2)
        y.sum().backward()
        return x

    both(snippet)


@pytest.mark.parametrize("dim", [None, 0, 1, (0, 1)])
@judged
def test_without_nan(t, dim):
    x = t.tensor([[1.0, NAN, 2.0], [NAN, NAN, 4.0]], requires_grad=True)
    y = [t.nansum(x, dim), x.nansum(dim, keepdim=True), t.nanmean(x, dim, True)]
    sum(v.nansum() for v in y).backward()
    n = t.tensor([[1, 2, 3], [4, 5, 6]], dtype=t.uint8)
    return x, y, n.nansum(dim), (n > 2).nansum(dim), n.nansum(dim, dtype=t.float32)


@judged(ulps=32)
def test_covariances(t):
    x = t.tensor(data(3, 6), requires_grad=True)
    f, a = t.tensor([1, 2, 0, 1, 3, 1]), t.tensor(data(6, low=0.5), requires_grad=True)
    a = a.abs()
    y = [x.cov(), t.cov(x, correction=0, fweights=f), t.cov(x, aweights=a), x[0].cov()]
    y += [
        t.cov(x, fweights=f, aweights=a),
        x.corrcoef(),
        t.corrcoef(x[0]),
        x[0, 0].cov(correction=0),
    ]
    sum((v * v).sum() for v in y[:-2]).backward()
    return x, y, t.tensor([[1, 2, 4], [3, 1, 2]]).cov()


@judged
def test_traces(t):
    x = t.tensor(data(3, 3), requires_grad=True)
    (x.trace() * x[:2].trace() * x.t()[:, :1].trace()).backward()
    return x, x.trace(), t.tensor([[1, 2], [3, 4]], dtype=t.uint8).trace(), t.ones(0, 2).trace()


@pytest.mark.parametrize(
    "f",
    [
        lambda t: t.var(t.tensor([1, 2])),
        lambda t: t.std(t.tensor([True]), 0),
        lambda t: t.var_mean(t.tensor([1, 2])),
        lambda t: t.std_mean(t.tensor([1, 2])),
        lambda t: t.var(t.ones(2), 1),
        lambda t: t.var(t.ones(2), (0, 0)),
        lambda t: t.nanmean(t.tensor([1, 2])),
        lambda t: t.trace(t.ones(2)),
        lambda t: t.trace(t.ones(2, 2) > 0),
        lambda t: t.cov(t.ones(2, 2, 2)),
        lambda t: t.cov(t.ones(2, 2) > 0),
        lambda t: t.corrcoef(t.ones(2, 2, 2)),
        lambda t: t.cov(t.ones(2, 3), fweights=t.ones(3)),
        lambda t: t.cov(t.ones(2, 3), aweights=t.tensor([1, 2, 3])),
        lambda t: t.cov(t.ones(2, 3), fweights=t.tensor([1, 2])),
        lambda t: t.cov(t.ones(2, 3), fweights=t.tensor([1, 2, -1])),
        lambda t: t.cov(t.ones(2, 3), fweights=t.tensor([[1, 2, 1]])),
    ],
)
@judged(raises="")
def test_errors(t, f):
    f(t)


@judged
def test_the_a_variance_without_degrees_of_freedom_has_the_sign_of_the_cotangent_rule(t):
    x = t.tensor([1.0, 3.0, 2.0], requires_grad=True)
    y = x.var(correction=3)
    y.backward(t.tensor(-2.0))
    return y, x


@judged
def test_nansum_in_another_dtype(t):
    x = t.tensor([[1.0, float("inf")], [NAN, 2.5]])
    halves = t.nansum(x.half() * 40000, 0, dtype=t.float64)
    small = [t.nansum(t.tensor([200, 100]), 0, dtype=d) for d in (t.int32, t.uint8)]
    return halves, small, t.nansum(t.tensor([1, 2], dtype=t.int32)), t.nansum(x[1], dtype=t.int64)


@pytest.mark.parametrize("size", [1e30, 1e-30])
@judged
def test_deviation_of_numbers_whose_squares_are_out_of_range(t, size):
    x = t.tensor([[1.0, 0.0, -1.0], [2.0, 5.0, 3.0]]).mul(size).requires_grad_()
    y = x.std(), x.std(1, keepdim=True), t.std_mean(x, 0)[0]
    sum(part.sum() for part in y).backward()
    return [part.tolist() for part in y], x.grad.tolist()
