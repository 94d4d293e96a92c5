"""The judge itself: every difference that can be seen of a tensor, it sees."""

import pytest

import minigrad
from tests.judge import both, both_raise, data

pytestmark = pytest.mark.torch


def raise_(error):
    raise error


SAME = {
    "values": lambda t: t.tensor([1.0, float("nan"), float("inf")]),
    "rounding": lambda t: t.tensor(1.0) + (1e-7 if t is minigrad else 0),
    "structures": lambda t: [t.ones(2), (1, None, "a", 2.5, True), {"k": t.ones(1)}],
    "errors": lambda t: raise_(ValueError(f"{t.__name__}.x is bad. {t.__name__} says so")),
}
DIFFERENT = {
    "a value": lambda t, ours: t.tensor([1.0, 1.00001 if ours else 1.0]),
    "a NaN": lambda t, ours: t.tensor([1.0, float("nan") if ours else 1.0]),
    "an integer": lambda t, ours: t.tensor([2**53 + ours]),
    "the dtype": lambda t, ours: t.ones(2, dtype=t.float64 if ours else t.float32),
    "the shape": lambda t, ours: t.ones(2, 1) if ours else t.ones(2),
    "the strides": lambda t, ours: t.ones(2, 2).t() if ours else t.ones(2, 2),
    "requires_grad": lambda t, ours: t.ones(2, requires_grad=ours),
    "the version": lambda t, ours: t.ones(2).mul_(1) if ours else t.ones(2),
    "the node": lambda t, ours: graph(t) * 1 if ours else graph(t) + 0,
    "a view": lambda t, ours: t.ones(2)[:] if ours else t.ones(2),
    "no gradient": lambda t, ours: backward(t.ones(2, requires_grad=True), not ours),
    "a number": lambda t, ours: 1.5 + ours,
    "a type": lambda t, ours: 1 if ours else 1.0,
    "a length": lambda t, ours: [1] * (1 + ours),
    "an error": lambda t, ours: raise_(ValueError("a")) if ours else 1,
    "its type": lambda t, ours: raise_(ValueError("a") if ours else TypeError("a")),
    "its message": lambda t, ours: raise_(ValueError("a" if ours else "b")),
}


def graph(t):
    return t.ones(2, requires_grad=True)


def backward(x, run):
    if run:
        (x * 2).sum().backward()
    return x


@pytest.mark.parametrize("name", SAME)
def test_what_is_the_same_passes(name) -> None:
    both(SAME[name])


@pytest.mark.parametrize("name", DIFFERENT)
def test_what_differs_is_found(name) -> None:
    with pytest.raises(AssertionError):
        both(lambda t: DIFFERENT[name](t, t is minigrad))


def test_no_error_is_no_error() -> None:
    with pytest.raises(AssertionError):
        both_raise(lambda t: t.ones(2))
    with pytest.raises(AssertionError):
        both_raise(lambda t: t.ones(2) + t.ones(3), match="something else")


def test_the_data_is_the_same_for_both() -> None:
    assert (data(3) == data(3)).all()
    assert (data(3) != data(3, seed=1)).all()
