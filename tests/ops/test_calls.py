"""apply_ and its like: Python functions of elements, with torch's conversions and errors."""

import pytest

from tests.expressions import agree
from tests.judge import judged

test_expressions = agree(
    "t.renorm(x,2,0,1.)",
    "t.renorm(x,1,1,1.)",
    "t.renorm(e,3,-1,2)",
    "t.renorm(e,np.inf,1,1.)",
    "t.renorm(x,2,0,100.)",
    "t.renorm(v,2,0,1.)",
    "t.renorm(x,0,0,1.)",
    "t.renorm(x,2,0,-1.)",
    "t.renorm(x,2,2,1.)",
    "t.renorm(i[None],2,0,1.)",
    "y.renorm_(2,0,1.); y",
)

CALLS = {
    "apply_": lambda t: t.ones(2, 2).apply_(lambda x: x + 1),
    "integers": lambda t: t.ones(2, dtype=t.int64).apply_(lambda x: x + 1.5),
    "bools": lambda t: t.ones(2, dtype=t.bool).apply_(lambda x: 0 if type(x) is bool else 1),
    "a tensor": lambda t: t.ones(1).apply_(lambda x: t.tensor(2.0)),
    "map_": lambda t: t.ones(2, 2).map_(t.tensor([1.0, 2.0]), lambda a, b: a + b),
    "map2_": lambda t: t.ones(2).map2_(t.ones(2), t.ones(2) * 3, lambda a, b, c: a + b - c),
}
WRONG = {
    "None": lambda t: t.ones(1).apply_(lambda x: None),
    "a number": lambda t: t.ones(1).apply_(3),
    "a leaf": lambda t: t.ones(1, requires_grad=True).apply_(lambda x: x),
    "another leaf": lambda t: t.ones(1).map_(t.ones(1, requires_grad=True), lambda a, b: a),
    "another dtype": lambda t: t.ones(1).map_(t.ones(1, dtype=t.float64), lambda a, b: a),
    "a larger one": lambda t: t.ones(2).map_(t.ones(2, 2), lambda a, b: a),
    "no tensor": lambda t: t.ones(2).map_(3, lambda a, b: a),
}


@judged
@pytest.mark.parametrize("name", list(CALLS))
def test_calls(t, name):
    return CALLS[name](t).tolist()


@judged
def test_the_order_of_calls(t):
    seen = []
    t.arange(6.0).reshape(2, 3).T.apply_(lambda x: seen.append(x) or x)
    return seen


@judged(raises=".")
@pytest.mark.parametrize("name", list(WRONG))
def test_wrong_calls(t, name):
    WRONG[name](t)


def test_a_call_counts_as_a_write():
    import minigrad

    x = minigrad.ones(2)
    y = (x * minigrad.ones(2, requires_grad=True)).sum()
    x.apply_(lambda number: number + 1)
    with pytest.raises(RuntimeError, match="modified by an inplace"):
        y.backward()


@judged
def test_hash(t):
    x = t.ones(2)
    return len({x: 1, t.ones(2): 2, x[:]: 3})


@judged
def test_multithreading(t):
    with t.autograd.set_multithreading_enabled(False) as entered:
        x = t.ones(2, requires_grad=True)
        (x * x).sum().backward()
    return x, entered, t.autograd.set_multithreading_enabled(True).clone().mode


@judged(raises="must be bool")
def test_multithreading_takes_a_bool(t):
    t.autograd.set_multithreading_enabled("a")
