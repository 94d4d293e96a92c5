"""Indices of a given number, histograms of points, layouts in memory, against torch."""

import pytest

from tests.judge import data, judged


@judged
def test_nonzero_static(t):
    x = t.tensor([[1, 0], [0, 2], [3, 0]])
    calls = {"size": 2}, {"size": 5}, {"size": 4, "fill_value": 7}, {"size": 0}
    of_none = t.nonzero_static(t.zeros(0, 3), size=2), t.nonzero_static(t.tensor(3), size=2)
    floats = x.double().requires_grad_()
    return [t.nonzero_static(x, **each) for each in calls], of_none, floats.nonzero_static(size=1)


@pytest.mark.parametrize(
    "call",
    [
        lambda t: t.nonzero_static(t.ones(2), size=-1),
        lambda t: t.nonzero_static(t.ones(2), size=2.5),
        lambda t: t.nonzero_static(t.ones(2), size=2, fill_value=0.5),
        lambda t: t.nonzero_static(3, size=2),
    ],
)
@judged(raises="nonzero_static")
def test_nonzero_static_refusals(t, call):
    call(t)


POINTS = [[0.0, 1], [1, 0], [2, 1], [2, 2], [1, 1.5]]


@judged
def test_histogramdd(t):
    x = t.tensor(POINTS)
    edges = [t.tensor([0.0, 1, 2]), t.tensor([0.0, 2])]
    weight = t.tensor([1.0, 2, 0.5, 1, 1])
    found = [
        t.histogramdd(x, [2, 3]),
        t.histogramdd(x, 2),
        t.histogramdd(x, bins=edges),
        t.histogramdd(x, edges, weight=weight, density=True),
        t.histogramdd(x, [2, 2], range=[0.0, 2, 1, 1.5], weight=weight),
        t.histogramdd(x[:0], [2, 2]),
        t.histogramdd(x, [1, 2], range=[3.0, 3, 4, 4], density=True),
        t.histogramdd(t.tensor(data(3, 4, 3)), (2, 1, 3), density=True),
        t.histogramdd(x.requires_grad_(), [2, 2]),
    ]
    return [[each.hist, *each.bin_edges] for each in found]


@pytest.mark.parametrize(
    "call",
    [
        lambda t, x: t.histogramdd(x, [2]),
        lambda t, x: t.histogramdd(x[0], [2]),
        lambda t, x: t.histogramdd(x, [2, 2], range=[0.0, 1.0]),
        lambda t, x: t.histogramdd(x, [2, 2], range=[0.0, 1.0, 3, 1]),
        lambda t, x: t.histogramdd(x, [2, 2], range=[float("nan"), 1.0, 3, 1]),
        lambda t, x: t.histogramdd(x, [2, 2], weight=t.ones(3)),
        lambda t, x: t.histogramdd(x, [2, 2], weight=t.ones(5).double()),
        lambda t, x: t.histogramdd(x.int(), [2, 2]),
        lambda t, x: t.histogramdd(x.half(), [2, 2]),
        lambda t, x: t.histogramdd(x, [0, 2]),
        lambda t, x: t.histogramdd(x, [t.ones(2).double(), t.ones(2)]),
        lambda t, x: t.histogramdd(x, [t.zeros(2, 2), t.zeros(2)]),
        lambda t, x: t.histogramdd(x, [t.zeros(0), t.zeros(2)]),
        lambda t, x: t.histogramdd(x, [t.zeros(2)]),
        lambda t, x: t.histogramdd(x * float("nan"), [1, 1]),
    ],
)
@judged(raises="histogram")
def test_histogramdd_refusals(t, call):
    call(t, t.tensor(POINTS))


@judged(raises="derivative for 'histogramdd' is not implemented|histogramdd")
def test_histogramdd_has_no_derivative(t):
    t.histogramdd(t.tensor(POINTS, requires_grad=True), [2, 2]).hist.sum().backward()


@judged
def test_layouts(t):
    made = [
        t.empty_strided((2, 3), (1, 2)),
        t.empty_strided((2, 3), (5, 1), dtype=t.float64, requires_grad=True),
        t.empty_strided((2, 3), (0, 1), dtype=t.int64),
        t.empty_strided((), ()),
        t.empty_strided((0, 3), (1, 1)),
        t.empty_strided(size=[2], stride=[3]),
        t.ones(2, dtype=t.int16).new_empty_strided((2, 3), (1, 2)),
        t.ones(2).new_empty_strided((2, 3), (1, 2), dtype=t.float64),
        t.empty_permuted((2, 3, 4), (2, 0, 1)),
        t.empty_permuted((2, 3), (1, 0), dtype=t.float64, requires_grad=True),
        t.empty_permuted((), ()),
        t.empty_permuted((2, 0), (1, 0)),
    ]
    return [(tuple(x.shape), x.stride(), x.dtype, x.requires_grad, x.is_leaf) for x in made]


@judged
def test_a_strided_tensor_is_written_to_and_differentiated(t):
    x = t.empty_strided((2, 3), (1, 2), dtype=t.float64)
    x.copy_(t.tensor(data(2, 3)))
    x.requires_grad_()
    (x**3).sum().backward()
    return x, x._is_view(), x.untyped_storage().nbytes()


@pytest.mark.parametrize(
    "call",
    [
        lambda t: t.empty_strided((2, 3), (1,)),
        lambda t: t.empty_strided((2,), (-1,)),
        lambda t: t.empty_strided((-2,), (1,)),
        lambda t: t.empty_strided(2, 1),
        lambda t: t.empty_strided((2.5,), (1,)),
        lambda t: t.empty_strided("a", (1,)),
        lambda t: t.empty_strided((2,), (2**62,)),
        lambda t: t.empty_strided((2,), (1,), dtype=t.int32, requires_grad=True),
        lambda t: t.empty_permuted((2, 3), (0, 0)),
        lambda t: t.empty_permuted((2, 3), (0,)),
        lambda t: t.empty_permuted((2, 3), (0, 2)),
        lambda t: t.empty_permuted((2, 3), (-1, 0)),
        lambda t: t.empty_permuted((-2, 3), (0, 1)),
        lambda t: t.empty_permuted(2, 0),
    ],
)
@judged(raises=".")
def test_layouts_that_there_are_not(t, call):
    call(t)
