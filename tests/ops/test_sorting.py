"""Sorting, selection and quantiles against torch, where no two elements are equal."""

import pytest

from tests.judge import data, judged

NAN, INF = float("nan"), float("inf")
FUNCTIONS = {
    "sort": lambda t, x, dim, keepdim: t.sort(x, dim, keepdim),
    "stable": lambda t, x, dim, keepdim: x.sort(dim=dim, descending=keepdim, stable=True),
    "argsort": lambda t, x, dim, keepdim: (
        x.argsort(dim, keepdim),
        t.argsort(x, dim=dim, stable=True),
    ),
    "msort": lambda t, x, dim, keepdim: t.msort(x),
    "topk": lambda t, x, dim, keepdim: x.topk(1, dim, keepdim),
    "kthvalue": lambda t, x, dim, keepdim: t.kthvalue(x, 1, dim, keepdim),
    "median": lambda t, x, dim, keepdim: x.median(dim, keepdim),
    "nanmedian": lambda t, x, dim, keepdim: x.nanmedian(dim, keepdim),
    "mode": lambda t, x, dim, keepdim: x.mode(dim, keepdim),
    "max": lambda t, x, dim, keepdim: x.max(dim, keepdim),
    "min": lambda t, x, dim, keepdim: x.min(dim, keepdim),
}


@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("dim", [0, -1])
@pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS)
@judged
def test_shapes_and_gradients(t, f, dim, keepdim):
    x = t.tensor(data(3, 4, 5), requires_grad=True)
    s = t.tensor(2.5, requires_grad=True)
    results = [f(t, x, dim, keepdim), f(t, x.transpose(0, 2), dim, keepdim), f(t, s, dim, keepdim)]
    results += [f(t, x[:, ::2, 1:], dim, keepdim)]
    values = [y if hasattr(y, "backward") else y[0] for y in results]
    if values[0].requires_grad:
        sum((v * v).sum() for v in values).backward()
    return x, s, results


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int64", "float16", "float32"])
@pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS)
@judged
def test_dtypes(t, f, dtype):
    x = t.tensor([[3, 1, 200], [7, 5, 6]]).to(getattr(t, dtype))
    return f(t, x, 0, False), f(t, x, 1, True)


@judged
def test_large_ones(t):
    x = t.tensor(data(50, 200), dtype=t.float32)
    return x.topk(7), x.topk(30, 0, largest=False), x.sort(0), x.kthvalue(77), x.median(1)


@judged
def test_second_derivatives(t):
    x = t.tensor(data(3, 4), requires_grad=True)
    y = x.sort(1)[0] ** 3
    z = x.topk(2, 0).values ** 2 * x.median(0)[0] + x.quantile(0.3, 0)[:1] ** 3
    (g,) = t.autograd.grad(y.sum() + z.sum(), x, create_graph=True)
    (g * g).sum().backward()
    return x, g.detach().contiguous()


@judged
def test_median_of_all(t):
    x = t.tensor(data(3, 4), requires_grad=True)
    y = x.median() * x.nanmedian()
    y.backward()
    n = t.tensor([4, 1, 3, 2])
    return x, y, n.median(), t.tensor([]).median(), t.tensor([NAN, 1.0]).nanmedian()


@pytest.mark.parametrize("interpolation", ["linear", "lower", "higher", "midpoint", "nearest"])
@pytest.mark.parametrize("name", ["quantile", "nanquantile"])
@judged
def test_quantiles(t, name, interpolation):
    x = t.tensor(data(3, 5), requires_grad=True)
    gaps = t.tensor([[1.0, NAN, 3.0, 2.0], [NAN, NAN, NAN, NAN], [4.0, 3.0, 2.0, 1.0]])
    q = t.tensor([0.0, 0.4, 1.0], dtype=t.float64)
    f = getattr(t, name)
    y = [
        f(x, 0.3, interpolation=interpolation),
        f(x, q, interpolation=interpolation),
        f(x, q, 0, interpolation=interpolation),
        f(x, q, 1, True, interpolation=interpolation),
        f(x, 0.5, dim=-1, keepdim=True, interpolation=interpolation),
    ]
    sum((v * v).sum() for v in y).backward()
    z = f(gaps, 0.6, 1, interpolation=interpolation)
    return x, [v * 1 for v in y], z * 1


@judged
def test_the_gradient_of_the_fraction(t):
    x = t.tensor(data(5), requires_grad=True)
    q = t.tensor([0.3, 0.6], dtype=t.float64, requires_grad=True)
    x.quantile(q).sum().backward()
    return x, q


@pytest.mark.parametrize(
    "f",
    [
        lambda t: t.topk(t.ones(3), 4),
        lambda t: t.topk(t.ones(3), -1),
        lambda t: t.topk(t.tensor([True]), 1),
        lambda t: t.topk(t.ones(3), 1, 2),
        lambda t: t.kthvalue(t.ones(3), 0),
        lambda t: t.kthvalue(t.ones(3), 4),
        lambda t: t.kthvalue(t.tensor([True]), 1),
        lambda t: t.median(t.tensor([True])),
        lambda t: t.median(t.ones(2, 0), 1),
        lambda t: t.mode(t.ones(0)),
        lambda t: t.sort(t.ones(2), 1),
        lambda t: t.quantile(t.ones(3), 1.5),
        lambda t: t.quantile(t.ones(3), t.tensor([[0.5]])),
        lambda t: t.quantile(t.ones(3), t.tensor([0.5, -0.5])),
        lambda t: t.quantile(t.ones(3), t.tensor(0.5, dtype=t.float64)),
        lambda t: t.quantile(t.tensor([1, 2]), 0.5),
        lambda t: t.quantile(t.ones(0), 0.5),
        lambda t: t.quantile(t.ones(3), 0.5, interpolation="cubic"),
        lambda t: t.nanquantile(t.ones(3), 0.5, 1),
    ],
)
@judged(raises="")
def test_errors(t, f):
    f(t)


@judged(raises="not implemented for 'Bool'")
@pytest.mark.parametrize("rest", [(), (0,)])
def test_no_median_of_bools(t, rest):
    t.nanmedian(t.tensor([True, False]), *rest)
