"""Softmax and its logarithm against torch: large numbers, infinities, dtypes, what is saved."""

import pytest

from tests.judge import data, judged

NAN, INF = float("nan"), float("inf")
FUNCTIONS = ["softmax", "log_softmax", "logsumexp", "logcumsumexp"]
EACH = pytest.mark.parametrize("name", FUNCTIONS)


@EACH
@pytest.mark.parametrize("shape", [(3,), (2, 3, 4), (1, 1), (2, 0), (0, 2), ()])
@pytest.mark.parametrize("dim", [0, -1])
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
@judged(ulps=32)
def test_shapes_and_dtypes(t, name, shape, dim, dtype):
    x = t.tensor(data(*shape), dtype=getattr(t, dtype), requires_grad=True)
    y = getattr(t, name)(x, dim)
    (y * y).sum().backward()
    return x, y


@EACH
@pytest.mark.parametrize(
    "line",
    [
        [1000.0, 1001.0, 999.0],
        [-1000.0, -1001.0, 88.0],
        [-INF, 1.0, 2.0],
        [-INF, -INF],
        [INF, 1.0],
        [1.0, NAN, 2.0],
    ],
)
@judged(ulps=512)  # of the result, which is large
def test_what_would_overflow(t, name, line):
    x = t.tensor(line, requires_grad=True)
    y = getattr(x, name)(0)
    y.backward(t.linspace(1, 2, y.numel()).reshape(y.shape))
    return x, y


@EACH
@judged(ulps=64)
def test_accuracy_of_long_lines(t, name):
    x = t.tensor(data(3, 1000, low=-20.0, high=20.0), dtype=t.float32, requires_grad=True)
    y = getattr(x, name)(1)
    (y * y).sum().backward()
    return x, y


@EACH
@judged
def test_second_derivatives(t, name):
    x = t.tensor(data(2, 4), requires_grad=True)
    y = getattr(x, name)(1)
    (g,) = t.autograd.grad((y**3).sum(), x, create_graph=True)
    (g * g).sum().backward()
    return x, g.detach().clone()


@pytest.mark.parametrize("dim", [(0,), (0, 1), (-1, 0), [1, 2], (0, 1, 2)], ids=str)
@pytest.mark.parametrize("keepdim", [False, True])
@judged
def test_logsumexp_over_several_dimensions(t, dim, keepdim):
    x = t.tensor(data(2, 3, 4), requires_grad=True)
    y = t.logsumexp(x, dim, keepdim)
    (y * y).sum().backward()
    return x, y


@judged
def test_integers(t):
    n = t.tensor([[3, 1], [2, 5]])
    return (
        t.logsumexp(n, 0),
        t.logsumexp(n > 2, (0, 1)),
        t.softmax(n, 1, dtype=t.float64),
        n.log_softmax(0, t.float32),
        t.tensor([1.0, 2.0], dtype=t.float64).softmax(-1, dtype=t.float32),
    )


@judged
def test_numpys_names_and_strides(t):
    x = t.tensor(data(3, 4), requires_grad=True)
    y = [
        x.t().softmax(axis=0),
        t.log_softmax(x[:, ::2], axis=1),
        x.logsumexp(axis=0, keepdims=True),
    ]
    sum((v * v).sum() for v in y).backward()
    return x, y


@EACH
@pytest.mark.parametrize("of", ["input", "result"])
def test_what_is_saved(name, of) -> None:
    from tests.judge import both

    def snippet(t):
        x = t.tensor(data(2, 3), requires_grad=True)
        z = x * 1
        y = getattr(z, name)(1)
        with t.no_grad():
            (z if of == "input" else y).mul_(2)
        y.sum().backward()
        return x

    both(snippet)


@pytest.mark.parametrize(
    "f",
    [
        lambda t: t.softmax(t.ones(2, 3), 2),
        lambda t: t.softmax(t.tensor([1, 2]), 0),
        lambda t: t.log_softmax(t.tensor([True]), 0),
        lambda t: t.softmax(t.ones(2), None),
        lambda t: t.logsumexp(t.ones(2, 3), (0, 0)),
        lambda t: t.logsumexp(t.ones(2), 3),
        lambda t: t.logsumexp(t.ones(2), dim=None),
        lambda t: t.logcumsumexp(t.tensor([1, 2]), 0),
        lambda t: t.softmax([1.0], 0),
    ],
)
@judged(raises="")
def test_errors(t, f):
    f(t)
