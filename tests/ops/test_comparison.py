"""Comparisons, questions and logic against torch: values, dtypes, and errors."""

import pytest

from tests.judge import judged

INF, NAN = float("inf"), float("nan")
DTYPES = ["float64", "float16", "int64", "uint8", "bool"]


@pytest.mark.parametrize("name", ["eq", "ne", "lt", "le", "gt", "ge"])
@judged
def test_comparisons(t, name):
    x = t.tensor([1.0, 2.0, NAN, INF, -0.0], requires_grad=True)
    y = t.tensor([1.0, 3.0, NAN, INF, 0.0])
    f = getattr(t, name)
    return f(x, y), f(x, 2), getattr(x, name)(1.5), f(x, y[:1]), getattr(x, f"__{name}__")(y)


@pytest.mark.parametrize("name", ["eq", "lt", "greater_equal"])
@pytest.mark.parametrize("dtype", DTYPES)
@judged
def test_comparisons_of_dtypes_and_in_place(t, name, dtype):
    x, y = t.tensor([0, 1, 3]).to(getattr(t, dtype)), t.tensor([1.0, 1.0, 2.5])
    f = getattr(t, name)
    return f(x, y), f(x, 1), f(x, True), f(x, 2.5), getattr(x, name + "_")(1), x


@pytest.mark.parametrize("name", ["eq_", "ne_", "lt_", "le_", "gt_", "ge_"])
@judged
def test_the_derivative_in_place_is_zero(t, name):
    x = t.tensor([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]], requires_grad=True)
    other = t.tensor([1.0, 2.5, 1.0], requires_grad=True)
    y = getattr(x * 1, name)(other)
    y.sum().backward()
    return y, x, other


@pytest.mark.parametrize("operands", [(True, "text"), (True, None), ("text", True), (1.0, True)])
@judged(raises="eq.. received an invalid combination of arguments")
def test_comparisons_refuse_other_operands(t, operands):
    t.eq(*[t.tensor([True]) if x is True else x for x in operands])


@judged
def test_equality_with_anything_else_is_pythons(t):
    x = t.ones(2)
    return x == "text", x != None, x in [x]  # noqa: E711


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["and", "or", "xor"])
@judged
def test_logic(t, name, dtype):
    x = t.tensor([0, 1, 2, 0]).to(getattr(t, dtype))
    y = t.tensor([0.0, 0.0, -1.0, NAN], requires_grad=True)
    f = getattr(t, "logical_" + name)
    return f(x, y), getattr(x, f"logical_{name}")(x), getattr(x, f"logical_{name}_")(y), x


@pytest.mark.parametrize("dtype", DTYPES)
@judged
def test_logical_not(t, dtype):
    x = t.tensor([0, 1, 2]).to(getattr(t, dtype))
    return t.logical_not(x), x.logical_not_(), x, t.logical_not(t.tensor(NAN))


@pytest.mark.parametrize("write", ["logical_not_()", "logical_xor_(x)", "logical_or_(t.ones(2))"])
@judged
def test_logic_is_written_to_leaves_since_autograd_does_not_follow_it(t, write):
    x = t.tensor([0.0, 2.0], requires_grad=True)
    y = x * 3
    eval("x." + write, {"t": t, "x": x})
    eval("y." + write, {"t": t, "x": x, "y": y})
    y.sum().backward()
    return x, x._version, x.is_leaf, y


@judged(raises="must be Tensor, not bool")
def test_logic_with_a_number(t):
    t.logical_and(t.tensor([True]), True)


QUESTIONS = ["isnan", "isinf", "isfinite", "isposinf", "isneginf", "isreal", "signbit"]


@pytest.mark.parametrize("name", QUESTIONS)
@judged
def test_questions(t, name):
    x = t.tensor([-INF, -1.0, -0.0, 0.0, 1.0, INF, NAN], requires_grad=True)
    f = getattr(t, name)
    return (f(x), getattr(x, name)(), f(x[3]), f(x[:0])), [
        f(t.tensor([0, 1]).to(getattr(t, dtype))) for dtype in DTYPES
    ]


CLOSE = [{}, {"rtol": 0.1}, {"atol": 0.1}, {"equal_nan": True}, {"rtol": 0, "atol": 0}]


@pytest.mark.parametrize("settings", CLOSE, ids=str)
@judged
def test_closeness(t, settings):
    x = t.tensor([1.0, 1.0, INF, INF, NAN, 0.0, 1e20], requires_grad=True)
    y = t.tensor([1.0, 1.05, INF, -INF, NAN, 1e-9, INF])
    return [
        t.isclose(x, y, **settings).clone(),
        x.isclose(y[:1], **settings).clone(),
        t.allclose(x, x, **settings),
        x.allclose(y, **settings),
        t.allclose(x[:1], y[0], **settings),
        t.isclose(t.tensor([9, 10, 11]), t.tensor([10]), **settings).clone(),
        t.isclose(t.tensor([True, False]), t.tensor(True), **settings).clone(),
        t.allclose(x[:0], y[:0]),
    ]


@judged(raises="Float did not match Double")
def test_closeness_of_two_dtypes(t):
    t.allclose(t.ones(2), t.ones(2, dtype=t.float64))


@judged(raises="rtol must be greater than or equal to zero, but got -1")
def test_a_negative_tolerance(t):
    t.isclose(t.ones(2), t.ones(2), rtol=-1)


@judged(raises="must match the size of tensor b")
def test_closeness_of_shapes_that_do_not_fit(t):
    t.allclose(t.ones(2), t.ones(3))


@judged
def test_equal(t):
    x = t.tensor([1.0, 2.0])
    others = [x.clone(), x + 1, t.tensor([1, 2]), t.ones(3), t.ones(1, 2), x[:1]]
    nan = t.tensor([NAN])
    return [t.equal(x, y) for y in others], x.equal(x), nan.equal(nan), t.equal(x[:0], x[:0])
