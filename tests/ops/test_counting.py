"""Counting and searching against torch; what has no derivative says so."""

import pytest

import minigrad
from tests.judge import both_raise, data, judged

NAN, INF = float("nan"), float("inf")
ROWS = [[3, 1, 3], [3, 1, 3], [0, 2, 0]]


@pytest.mark.parametrize("dim", [None, 0, -1, (0, 1), ()], ids=str)
@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float32"])
@judged
def test_truth(t, dim, dtype):
    x = t.tensor([[0, 1, 2], [0, 0, 3]]).to(getattr(t, dtype))
    y = [f(x, dim, keepdim) for f in (t.any, t.all) for keepdim in (False, True)]
    return y, x.any(), x.all(), t.any(x[:0], 1), t.all(x[:0]), t.count_nonzero(x, dim)


@judged
def test_truth_of_special_numbers(t):
    x = t.tensor([NAN, -0.0, INF, 0.0], requires_grad=True)
    return x.any(), x.all(), x.count_nonzero(), x.any(axis=0, keepdims=True), t.tensor(0.0).all()


@pytest.mark.parametrize("dim", [None, 0, 1])
@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float64"])
@judged
def test_unique(t, dim, dtype):
    x = t.tensor(ROWS).to(getattr(t, dtype))
    y = [
        t.unique(x, return_inverse=inverse, return_counts=counts, dim=dim)
        for inverse in (False, True)
        for counts in (False, True)
    ]
    z = x.unique_consecutive(return_inverse=True, return_counts=True, dim=dim)
    return [list(v) if isinstance(v, tuple) else v.contiguous() for v in y], list(z)


@judged
def test_unique_of_special_numbers(t):
    x = t.tensor([NAN, 1.0, NAN, -0.0, 0.0, INF])
    s = t.tensor(2.0)
    everything = {"return_inverse": True, "return_counts": True}
    return t.unique(x, **everything), x.unique_consecutive(**everything), s.unique(**everything)


@pytest.mark.parametrize("name", ["unique", "unique_consecutive"])
def test_unique_refuses_to_go_backward(name) -> None:
    x = minigrad.tensor([1.0, 2.0, 1.0], requires_grad=True)
    y = getattr(x, name)().sum() + x.sum()
    with pytest.raises(RuntimeError, match="is not implemented"):
        y.backward()


@judged
def test_bincount(t):
    x = t.tensor([3, 1, 3, 0])
    w = t.tensor([0.5, 1.0, 2.0, 4.0])
    y = [x.bincount(), t.bincount(x, minlength=6), x.bincount(w), x.bincount(w.double(), 5)]
    return y, x.bincount(t.tensor([1, 2, 3, 4])), x[:0].bincount(), x.to(t.uint8).bincount()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@judged
def test_histc(t, dtype):
    x = t.tensor(data(200, low=-3, high=3), dtype=getattr(t, dtype))
    y = [x.histc(), t.histc(x, 7), x.histc(bins=10, min=-1, max=2), t.histc(x[:1], 3)]
    edges = t.tensor([0.0, 1.0, 2.0, 3.0, 4.0, NAN, 5.0])
    return y, edges.histc(4, 0, 4), t.histc(x[:0], 3), edges[:5].histc(4)


@pytest.mark.parametrize("right", [False, True])
@judged
def test_searchsorted(t, right):
    s = t.tensor([1.0, 2.0, 2.0, 3.0, 5.0])
    v = t.tensor([[0.0, 2.0], [NAN, 5.0], [2.5, INF]])
    rows, values = t.stack([s, s + 1]), t.tensor([[2.0], [2.0]])
    y = [t.searchsorted(s, v, right=right), t.searchsorted(s, 2, right=right)]
    y += [t.searchsorted(rows, values, right=right, out_int32=True), t.bucketize(v, s, right=right)]
    order = t.tensor([4, 3, 2, 1, 0])
    y += [t.searchsorted(s.flip(0), v, sorter=order, side="right" if right else "left")]
    return y, t.bucketize(3, s), t.searchsorted(t.tensor([1, 3]), t.tensor([2, 3]))


@judged
def test_isin(t):
    x, y = t.tensor(ROWS), t.tensor([0, 3])
    a = [t.isin(x, y), t.isin(x, 1), t.isin(2, x), t.isin(x, y, invert=True)]
    return a, t.isin(x, t.tensor([1.5, 2.0])), t.isin(t.tensor([NAN]), t.tensor([NAN]))


@pytest.mark.parametrize(
    "f",
    [
        lambda t: t.any(t.ones(2), 1),
        lambda t: t.all(t.ones(2), (0, 0)),
        lambda t: t.any([1]),
        lambda t: t.count_nonzero(t.ones(2), 3),
        lambda t: t.unique(t.ones(2), dim=1),
        lambda t: t.unique(t.tensor(1.0), dim=0),
        lambda t: t.unique(t.ones(0, 2), dim=1),
        lambda t: t.bincount(t.tensor([-1])),
        lambda t: t.bincount(t.ones(2)),
        lambda t: t.bincount(t.ones(1, 2).long()),
        lambda t: t.bincount(t.tensor([1]), minlength=-1),
        lambda t: t.bincount(t.tensor([1]), t.ones(2)),
        lambda t: t.histc(t.tensor([1, 2])),
        lambda t: t.histc(t.ones(2), 0),
        lambda t: t.histc(t.ones(2), 3, 2, 1),
        lambda t: t.histc(t.tensor([1.0, INF]), 3),
        lambda t: t.searchsorted(t.ones(2, 3), t.ones(3, 1)),
        lambda t: t.searchsorted(t.ones(2, 3), 1.0),
        lambda t: t.searchsorted(t.ones(2), 1.0, side="left", right=True),
        lambda t: t.searchsorted(t.ones(2), 1.0, side="up"),
        lambda t: t.searchsorted(t.ones(2), 1.0, sorter=t.tensor([0])),
        lambda t: t.searchsorted(t.ones(2), 1.0, sorter=t.ones(2)),
        lambda t: t.bucketize(t.ones(2), t.ones(2, 2)),
        lambda t: t.isin(1, 1),
        lambda t: t.isin(t.ones(2) > 0, t.ones(2) > 0),
    ],
)
@judged(raises="")
def test_errors(t, f):
    f(t)


@pytest.mark.torch
@pytest.mark.parametrize("setting", [{"sorter": [0, 1]}, {"right": 1}, {"out_int32": "yes"}])
def test_settings_of_another_kind_are_refused(setting) -> None:
    for t in (minigrad, pytest.importorskip("torch")):
        with pytest.raises(TypeError):
            t.searchsorted(t.ones(2), 1.0, **setting)


@judged
def test_histogram(t):
    x = t.tensor([1.0, 2.0, 1.0, 5.0])
    y = [t.histogram(x, 4), x.histogram(bins=3, range=(0.0, 3.0)), t.histogram(x[:3] * 0, 2)]
    edges = t.tensor([0.0, 1.0, 2.0, 6.0])
    weights = t.tensor([1.0, 2.0, 4.0, 4.0])
    y += [x.histogram(edges, density=True), t.histogram(x, edges, weight=weights)]
    return y, t.histogram(x.clone().requires_grad_(), 2).hist.requires_grad


@pytest.mark.parametrize(
    "f",
    [
        lambda t: t.histogram(t.tensor([1, 2]), 4),
        lambda t: t.histogram(t.ones(2), 0),
        lambda t: t.histogram(t.ones(2), 3, range=(2.0, 1.0)),
        lambda t: t.histogram(t.tensor([1.0, INF]), 3),
        lambda t: t.histogram(t.ones(2), 3, weight=t.ones(3)),
        lambda t: t.histogram(t.ones(2), t.ones(3, dtype=t.float64)),
        lambda t: t.histogram(t.ones(2, requires_grad=True), 2).hist.sum().backward(),
    ],
)
@pytest.mark.torch
def test_what_histogram_refuses(f):
    both_raise(f)


@judged
@pytest.mark.parametrize("dim", [[], (), [0, 1]])
def test_truth_along_no_dimension(t, dim):
    x = t.tensor([[True, False]])
    return x.all(dim=dim), x.any(dim=dim)


@judged(raises="boundaries tensor should have positive dimension")
def test_searchsorted_in_a_number(t):
    t.searchsorted(t.tensor(1), t.tensor([1]))
