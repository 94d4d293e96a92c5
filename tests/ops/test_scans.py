"""Cumulative sums, products and extremes, products and differences against torch."""

import math

import pytest

import minigrad
from tests.judge import both, data, judged

NAN, INF = float("nan"), float("inf")
SCANS = ["cumsum", "cumprod", "cummax", "cummin"]
DTYPES = ["bool", "uint8", "int32", "int64", "float16", "float32"]


@pytest.mark.parametrize("name", SCANS)
@pytest.mark.parametrize("dtype", DTYPES)
@judged
def test_dtypes(t, name, dtype):
    x = t.tensor([[2, 0, 3], [1, 1, 0]]).to(getattr(t, dtype))
    f = getattr(t, name)
    return f(x, 0), f(x, -1), f(x[0], 0), f(x.sum().to(x.dtype), 0), f(x[:0], 0)


@pytest.mark.parametrize("name", ["cumsum", "cumprod", "prod", "nansum"])
@pytest.mark.parametrize("dtype", ["float64", "float32", "int32", "int64"])
@judged
def test_the_dtype_asked_for(t, name, dtype):
    n = t.tensor([[2, 1, 3], [1, 1, 2]])
    x = t.tensor(data(2, 3), dtype=t.float32, requires_grad=dtype.startswith("float"))
    y = [getattr(z, name)(1, dtype=getattr(t, dtype)) for z in (n, x)]
    if x.requires_grad:
        y[1].sum().backward()
    return x, y


@pytest.mark.parametrize("name", [*SCANS, "logcumsumexp"])
@pytest.mark.parametrize("dim", [0, 1, 2])
@judged(ulps=32)
def test_gradients_along_each_dimension(t, name, dim):
    x = t.tensor(data(2, 3, 4), requires_grad=True)
    y = getattr(x.transpose(0, 2), name)(dim)
    z = y if name in ("cumsum", "cumprod", "logcumsumexp") else y.values
    (z**2).sum().backward()
    return x, y


@pytest.mark.parametrize("n", [1, 2, 3, 7, 8, 9, 100, 1000])
@judged(ulps=256)
def test_long_products(t, n):
    x = t.tensor(data(n, low=0.5, high=1.5), requires_grad=True)
    y = x.cumprod(0)
    y.sum().backward()
    return x, y


@judged
def test_in_place(t):
    x = t.tensor(data(3, 4), requires_grad=True)
    y = x * 2
    y[1].cumsum_(0)
    y[:, 2].cumprod_(dim=0)
    n = t.tensor([1, 2, 3], dtype=t.int32)
    n.cumsum_(0)
    (y * y).sum().backward()
    return x, y, n, t.tensor([2, 3]).cumprod_(0)


@pytest.mark.parametrize("name", [*SCANS, "logcumsumexp", "prod"])
@pytest.mark.parametrize("of", ["input", "result"])
def test_what_is_saved(name, of) -> None:
    def snippet(t):
        x = t.tensor(data(2, 3), requires_grad=True)
        z = x * 1
        y = getattr(z, name)(1)
        y = y[0] if isinstance(y, tuple) else y
        with t.no_grad():
            (z if of == "input" else y).mul_(2)
        y.sum().backward()
        return x if name not in ("cumprod", "prod", "logcumsumexp") else None

    both(snippet)


@pytest.mark.parametrize("dim", [None, 0, 1])
@pytest.mark.parametrize("dtype", DTYPES)
@judged
def test_products(t, dim, dtype):
    x = t.tensor([[2, 1, 3], [1, 1, 0]]).to(getattr(t, dtype))
    if dim is None:
        return x.prod(), t.prod(x[:0]), t.prod(x[0, 0]), x[0, 0].prod(0)
    return x.prod(dim), t.prod(x, dim, True), t.prod(x, axis=dim, keepdims=True)


@judged
def test_gradients_of_products(t):
    x = t.tensor(data(2, 3, 4), requires_grad=True)
    y = [x.prod(), x.prod(1), x.permute(2, 0, 1).prod(0, keepdim=True)]
    sum((v * v).sum() for v in y).backward()
    return x, y


def test_a_product_that_underflows_has_exact_derivatives() -> None:
    x = minigrad.tensor([1e-200, 1e-200, 2.0], dtype=minigrad.float64, requires_grad=True)
    x.prod().backward()
    assert x.grad.tolist() == pytest.approx([2e-200, 2e-200, 0.0])


@judged
def test_differences(t):
    x = t.tensor(data(3, 4), requires_grad=True)
    a, b = t.tensor(data(3, 1, seed=1), requires_grad=True), t.tensor(data(3, 2, seed=2))
    y = [x.diff(), t.diff(x, n=2, dim=0), t.diff(x, prepend=a, append=b), x.diff(9, axis=0)]
    y += [x.diff(prepend=a), x.diff(append=b)]
    sum((v * v).sum() for v in y).backward()
    n = t.tensor([[1, 5, 2]])
    return x, a, y, n.diff(), (n > 1).diff(), n.to(t.uint8).diff()


@pytest.mark.parametrize(
    "f",
    [
        lambda t: t.cumsum(t.ones(2), 1),
        lambda t: t.ones(2).cumsum(-3),
        lambda t: t.prod(t.ones(2), 1),
        lambda t: t.diff(t.tensor(1.0)),
        lambda t: t.diff(t.ones(3), n=-1),
        lambda t: t.diff(t.ones(3), prepend=t.ones(1, 1)),
        lambda t: t.diff(t.ones(3, 2), append=t.ones(1, 1)),
        lambda t: t.cumsum([1.0], 0),
    ],
)
@judged(raises="")
def test_errors(t, f):
    f(t)


@judged
@pytest.mark.parametrize(
    "values",
    [[-math.inf, 1.0, 2.0], [-math.inf] * 2 + [2.0], [1.0, math.inf, 2.0], [1.0, -math.inf]],
)
def test_logcumsumexp_past_infinities(t, values):
    x = t.tensor(values, requires_grad=True, dtype=t.float64)
    x.logcumsumexp(0).sum().backward()
    return x.grad


@judged
def test_halves_are_summed_with_more_digits(t):
    return t.full((400,), 0.1, dtype=t.float16).cumsum(0)[-3:]


@judged(ulps=0)
@pytest.mark.parametrize("name", ["cumsum", "cumprod", "logcumsumexp"])
def test_running_totals_of_float32_are_kept_in_float64(t, name):
    x = t.tensor(1 + data(3, 200) / 20, dtype=t.float32, requires_grad=True)
    y = getattr(t, name)(x, 1)
    if name == "cumsum":
        y.backward(t.tensor(data(3, 200, seed=1), dtype=t.float32))
    return x, y, t.tensor([1e8, 1.0, -1e8]).cumsum(0)


@pytest.mark.parametrize("name", [*SCANS, "logcumsumexp"])
@pytest.mark.parametrize("shape", [(), (3,)])
@judged(raises="dim|Dimension")
def test_dimensions_that_are_not_there(t, name, shape):
    getattr(t, name)(t.ones(shape), 1)
