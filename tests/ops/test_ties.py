"""Who gets the gradient where elements are equal, or at a kink: the whole table, against torch."""

import pytest

from tests.judge import judged

NAN, INF = float("nan"), float("inf")
LINES = {
    "all alike": [2.0, 2.0, 2.0],
    "two largest": [1.0, 3.0, 3.0, -2.0],
    "two smallest": [1.0, 0.0, 0.0, 4.0],
    "zeros": [0.0, 0.0],
    "opposite signs": [-2.0, 2.0, 1.0],
    "zeros of both signs": [0.0, -0.0, 0.0],
    "infinite": [INF, INF, -INF, -INF, 0.0],
    "one NaN": [1.0, NAN, 3.0, 3.0],
    "two NaN": [NAN, 3.0, NAN],
    "a single one": [-1.5],
}
EACH_LINE = pytest.mark.parametrize("line", LINES.values(), ids=LINES)

REDUCTIONS = {
    "max": lambda t, x: x.max(),
    "min": lambda t, x: x.min(),
    "max(dim)": lambda t, x: x.max(0),
    "min(dim)": lambda t, x: x.min(0),
    "amax": lambda t, x: x.amax(0),
    "amin": lambda t, x: x.amin(),
    "aminmax": lambda t, x: x.aminmax(),
    "aminmax(dim)": lambda t, x: x.aminmax(dim=0, keepdim=True),
    "median": lambda t, x: x.median(),
    "nanmedian": lambda t, x: x.nanmedian(),
    "cummax": lambda t, x: x.cummax(0),
    "cummin": lambda t, x: x.cummin(0),
    "prod": lambda t, x: x.prod() if finite(t, x) else x.sum(),
    "prod(dim)": lambda t, x: x.prod(0) if finite(t, x) else x.sum(),
    "softmax": lambda t, x: x.softmax(0),
    "log_softmax": lambda t, x: x.log_softmax(0),
    "logsumexp": lambda t, x: x.logsumexp(0),
    "logcumsumexp": lambda t, x: x.logcumsumexp(0),
    "var": lambda t, x: x.var(),
    "std": lambda t, x: x.std(),
    "var(dim)": lambda t, x: x.var(0, correction=0),
    "std_mean": lambda t, x: t.std_mean(x, 0),
    "nansum": lambda t, x: x.nansum(),
    "nanmean": lambda t, x: x.nanmean(0),
    "quantile": lambda t, x: x.quantile(0.5) * 1,
    "nanquantile": lambda t, x: x.nanquantile(0.25, 0, interpolation="lower") * 1,
}


def finite(t, x):
    """Where torch divides the product by the factor, ours is exact, and not NaN."""
    return bool((x.detach() - x.detach() == 0).all())


@EACH_LINE
@pytest.mark.parametrize("f", REDUCTIONS.values(), ids=REDUCTIONS)
@judged
def test_reductions(t, f, line):
    x = t.tensor(line, dtype=t.float64, requires_grad=True)
    y = f(t, x)
    parts = [y] if hasattr(y, "backward") else [part for part in y if part.requires_grad]
    for i, part in enumerate(parts):
        weights = t.arange(i + 1.0, i + 1 + part.numel(), dtype=t.float64)
        part.backward(weights.reshape(part.shape), retain_graph=True)
    return x, y


@EACH_LINE
@pytest.mark.parametrize("p", [0, 0.5, 1, 1.5, 2, 3, INF, -INF, -1, "fro"])
@judged
def test_norms(t, p, line):
    x = t.tensor(line, dtype=t.float64, requires_grad=True)
    y = x.norm(p)
    y.backward()
    z = t.tensor([line, line], dtype=t.float64, requires_grad=True)
    w = t.linalg.norm(z, None if p == "fro" else p, dim=1, keepdim=True)
    w.backward(t.ones_like(w))
    return x, y, z, w


@pytest.mark.parametrize("p", [0, 0.5, 1, 1.5, 2, 3, INF])
@judged
def test_distances(t, p):
    a = t.tensor([[0.0, 0.0], [1.0, -1.0]], dtype=t.float64, requires_grad=True)
    b = t.tensor([[0.0, 0.0], [2.0, 2.0], [1.0, 0.0]], dtype=t.float64, requires_grad=True)
    y = t.cdist(a, b, p)
    y.backward(t.arange(6.0, dtype=t.float64).reshape(2, 3))
    return a, b, y


@pytest.mark.parametrize("p", [0.5, 1, 1.5, 2, 3, INF, -INF])
@pytest.mark.parametrize("line", [[0.0, 0.0, 1.0], [3.0, 0.0, -1.0]])
@judged
def test_dist(t, p, line):
    a = t.tensor([0.0, 0.0, 1.0], dtype=t.float64, requires_grad=True)
    b = t.tensor(line, dtype=t.float64, requires_grad=True)
    y = t.dist(a, b, p)
    y.backward()
    return a, b, y


@pytest.mark.parametrize("name", ["max", "min", "maximum", "minimum"])
@judged
def test_two_tensors(t, name):
    x = t.tensor([1.0, 2.0, NAN, INF, 0.0], requires_grad=True)
    y = t.tensor([1.0, 3.0, 1.0, INF, -0.0], requires_grad=True)
    z = getattr(t, name)(x, y)
    z.backward(t.ones_like(z))
    return x, y, z


# torch does not say which of equal elements these name: the values are compared, and how much of
# the gradient each value gets.
UNSPECIFIED = {
    "sort": lambda t, x: x.sort(),
    "sort descending": lambda t, x: x.sort(descending=True),
    "topk": lambda t, x: x.topk(min(2, len(x))),
    "topk smallest": lambda t, x: x.topk(1, largest=False),
    "kthvalue": lambda t, x: x.kthvalue((len(x) + 1) // 2),
    "median(dim)": lambda t, x: x.median(0),
    "nanmedian(dim)": lambda t, x: x.nanmedian(0),
    "mode": lambda t, x: x.mode(),
}


@EACH_LINE
@pytest.mark.parametrize("f", UNSPECIFIED.values(), ids=UNSPECIFIED)
@judged
def test_an_index_of_equal_elements(t, f, line):
    x = t.tensor(line, dtype=t.float64, requires_grad=True)
    values, indices = f(t, x)
    values.backward(t.ones_like(values))
    mass: dict[str, float] = {}
    for element, g in zip(x.tolist(), x.grad.tolist(), strict=True):
        key = str(element + 0.0)
        mass[key] = mass.get(key, 0.0) + g
    there = x.detach()[indices]
    return values + 0.0, mass, bool(((there == values) | (values != values)).all()), indices.dtype


@judged
def test_a_stable_sort(t):
    x = t.tensor([[2.0, 1.0, 2.0, NAN, 1.0, NAN, 2.0]], requires_grad=True)
    up, down = x.sort(stable=True), t.sort(x, dim=1, descending=True, stable=True)
    (up.values * t.arange(7.0)).nansum().backward()
    return x, up, down, t.argsort(x, stable=True)


def test_the_first_of_equal_elements() -> None:
    import minigrad

    x = minigrad.tensor([2, 1, 2, 1, 2])
    assert x.sort().indices.tolist() == [1, 3, 0, 2, 4]
    assert x.sort(descending=True).indices.tolist() == [0, 2, 4, 1, 3]
    assert x.topk(2).indices.tolist() == [0, 2]
    assert x.kthvalue(4).indices.item() == x.median(0).indices.item() == 0
    assert x.mode().indices.item() == 4
    assert x.max(0).indices.item() == 0
    assert x.cummax(0).indices.tolist() == [0, 0, 2, 2, 4]


ZEROS = [[0.0, 2.0, 3.0], [0.0, 0.0, 5.0], [0.0, 0.0, 0.0], [-1.0, 2.0, 0.0], [-1.0, 2.0, 4.0]]


@pytest.mark.parametrize("line", ZEROS, ids=str)
@judged
def test_cumulative_products_with_zeros_twice(t, line):
    x = t.tensor(line, dtype=t.float64, requires_grad=True)
    y = x.cumprod(0)
    (g,) = t.autograd.grad((y * t.tensor([1.0, -2.0, 3.0])).sum(), x, create_graph=True)
    ((g + 1) ** 2).sum().backward()
    return x, y.detach(), g.detach().clone()


def test_products_with_zeros_twice() -> None:
    """The second derivative by a and b of a b c is c: torch's is 0 if more than one factor is 0."""
    import minigrad

    for line in ZEROS:
        a, b, c = line
        for f in (lambda x: x.prod(), lambda x: x.prod(0), lambda x: x.prod(0, True)[0]):
            x = minigrad.tensor(line, requires_grad=True)
            (g,) = minigrad.autograd.grad(f(x), x, create_graph=True)
            assert g.tolist() == [b * c, a * c, a * b]
            rows = [minigrad.autograd.grad(g[i], x, retain_graph=True)[0] for i in range(3)]
            assert [row.tolist() for row in rows] == [[0, c, b], [c, 0, a], [b, a, 0]]
