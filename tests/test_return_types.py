"""The named tuples of results against torch's."""

import pickle

import pytest

import minigrad
from tests.judge import judged

CALLS = {
    "max": lambda t, x: x.max(0),
    "min": lambda t, x: x.min(0),
    "median": lambda t, x: x.median(0),
    "nanmedian": lambda t, x: x.nanmedian(0),
    "mode": lambda t, x: x.mode(),
    "kthvalue": lambda t, x: x.kthvalue(1),
    "sort": lambda t, x: x.sort(),
    "topk": lambda t, x: x.topk(1),
    "cummax": lambda t, x: x.cummax(0),
    "cummin": lambda t, x: x.cummin(0),
    "aminmax": lambda t, x: x.aminmax(),
}


@pytest.mark.parametrize("name", CALLS)
@judged
def test_each(t, name):
    y = CALLS[name](t, t.tensor([2.0, 3.0, 1.0], requires_grad=True))
    kind = getattr(t.return_types, name)
    fields = ("min", "max") if name == "aminmax" else ("values", "indices")
    same = [getattr(y, field) is y[i] for i, field in enumerate(fields)]
    return y, repr(y), repr(kind), type(y) is kind, isinstance(y, tuple), same, repr(kind((1, 2)))


@judged(raises="takes a 2-sequence")
def test_the_wrong_number_of_parts(t):
    t.return_types.max((1, 2, 3))


@judged
def test_vmap_takes_them_apart(t):
    x = t.tensor([[2.0, 3.0, 1.0], [5.0, 4.0, 6.0]])
    y = t.vmap(lambda row: row.max(0))(x)
    return y, type(y) is t.return_types.max


def test_copies_by_pickle() -> None:
    y = minigrad.return_types.sort(([1, 2], [0, 1]))
    assert pickle.loads(pickle.dumps(y)) == y
    assert type(pickle.loads(pickle.dumps(y))) is minigrad.return_types.sort
