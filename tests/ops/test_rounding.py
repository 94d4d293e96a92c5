"""Rounding, quotients and remainders against torch: signs, halves, zeros, dtypes, and errors."""

import operator

import pytest

import minigrad
from tests.judge import data, judged

INF, NAN = float("inf"), float("nan")
HALVES = [-2.5, -1.5, -0.5, -0.0, 0.0, 0.5, 1.5, 2.5, 1e30, INF, -INF, NAN]
DTYPES = ["float64", "float32", "int64", "int32", "uint8"]
ROUNDINGS = ["floor", "ceil", "trunc", "round"]


@pytest.mark.parametrize("name", ROUNDINGS)
@judged
def test_halves_are_rounded_to_even_and_are_flat(t, name):
    x = t.tensor(HALVES, requires_grad=True)
    y = getattr(t, name)(x)
    y.backward(t.full((len(HALVES),), INF))
    return x, y, getattr(x.detach(), name + "_")()


@pytest.mark.parametrize("name", ROUNDINGS)
@judged
def test_integers_are_copied(t, name):
    x = t.tensor([1, 2])
    y = getattr(x, name)()
    return y, y is x, [getattr(t, name)(x.to(getattr(t, dtype))) for dtype in DTYPES]


@pytest.mark.parametrize("name", ROUNDINGS)
@judged(raises="not implemented for 'Bool'")
def test_rounding_of_bools(t, name):
    getattr(t, name)(t.tensor([True]))


@pytest.mark.parametrize("decimals", [0, 1, 3, -1, -3])
@judged
def test_round_to_decimals(t, decimals):
    x = t.tensor([12.345, -1.05, 0.0005, 1234.5, INF, NAN], requires_grad=True)
    y = x.round(decimals=decimals)
    y.backward(t.ones_like(y))
    return x, y


@judged(raises="not implemented for 'Long'")
def test_decimals_of_integers(t):
    t.round(t.tensor([15]), decimals=-1)


@judged(raises="frac_cpu. not implemented for 'Long'")
def test_frac_of_integers(t):
    t.frac(t.tensor([15]))


def sevens(t, dtype):
    """Dividends and divisors of all signs, as far as the dtype has them."""
    signs = [1, 1, 1, 1] if dtype == "uint8" else [1, -1, 1, -1]
    a = [7 * s for s in signs] + [6, 0, 8]
    b = [2 * s for s in signs[2:] + signs[:2]] + [3, 5, 3]
    return t.tensor(a, dtype=getattr(t, dtype)), t.tensor(b, dtype=getattr(t, dtype))


FORMS = {
    "floor": lambda t, a, b: t.div(a, b, rounding_mode="floor"),
    "trunc": lambda t, a, b: t.div(a, b, rounding_mode="trunc"),
    "//": lambda t, a, b: a // b,
    "%": lambda t, a, b: a % b,
    "floor_divide": lambda t, a, b: t.floor_divide(a, b),
    "fmod": lambda t, a, b: t.fmod(a, b),
    "remainder": lambda t, a, b: t.remainder(a, b),
}


@pytest.mark.parametrize("other", [*DTYPES, 3, -3, 2.5])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("form", FORMS)
@judged
def test_quotients_and_remainders(t, form, dtype, other):
    a, _ = sevens(t, dtype)
    return FORMS[form](t, a, sevens(t, other)[1] if isinstance(other, str) else other)


@pytest.mark.parametrize("op", [operator.floordiv, operator.mod])
@judged
def test_a_number_on_the_left(t, op):
    x = t.tensor([2, 3, -4])
    return op(7, x), op(-7, x), op(7.5, x), op(7, x.double()), op(True, x)


@pytest.mark.parametrize("form", FORMS)
@judged
def test_of_floats_at_zeros_and_infinities(t, form):
    values = [-INF, -2.0, -0.0, 0.0, 1.0, INF, NAN]
    a = t.tensor([x for x in values for _ in values], dtype=t.float64)
    b = t.tensor(values * len(values), dtype=t.float64)
    return FORMS[form](t, a, b)


@pytest.mark.parametrize("form", FORMS)
@judged(raises="ZeroDivisionError")
def test_integers_divided_by_zero(t, form):
    FORMS[form](t, t.tensor([1, 2]), t.tensor([1, 0]))


@pytest.mark.parametrize("form", FORMS)
@judged(raises="not implemented for 'Bool'")
def test_bools(t, form):
    FORMS[form](t, t.tensor([True]), t.tensor([True]))


@pytest.mark.parametrize("form", ["floor", "trunc", "%", "fmod", "remainder"])
@judged
def test_derivatives(t, form):
    a = t.tensor(data(2, 3), requires_grad=True)
    b = t.tensor(data(3, low=0.5, seed=1), requires_grad=True)
    y = FORMS[form](t, a, b)
    y.backward(t.ones_like(y))
    return a, b, y


@pytest.mark.parametrize("form", ["//", "floor_divide"])
@judged(raises="derivative for aten::floor_divide is not implemented")
def test_the_whole_quotient_has_no_derivative(t, form):
    y = FORMS[form](t, t.tensor([1.0, 2.0], requires_grad=True), 2)
    assert y.requires_grad
    y.sum().backward()


@judged(raises="derivative for aten::remainder is not implemented")
def test_the_remainder_of_a_number_has_no_derivative(t):
    (7 % t.tensor([2.0, 3.0], requires_grad=True)).sum().backward()


@judged
def test_a_quotient_that_is_not_differentiated_through(t):
    x = t.tensor([1.0, 5.0], requires_grad=True)
    y = x // 2
    (x * y.detach()).sum().backward()
    return x, y, y.grad_fn.next_functions[0][1]


def test_the_whole_quotient_under_no_grad() -> None:
    with minigrad.no_grad():
        assert (minigrad.ones(2, requires_grad=True) // 2).grad_fn is None


@judged(raises="div expected rounding_mode to be one of None, 'trunc', or 'floor' but found 'up'")
def test_an_unknown_rounding_mode(t):
    t.div(t.ones(2), 2, rounding_mode="up")


@judged
def test_in_place(t):
    x = t.tensor([7, -7, 9])
    same = x
    x //= 2
    x %= 3
    y = t.tensor([7.5, -7.5], requires_grad=True) * 1
    y %= 2
    z = t.tensor([7.5, -7.5])
    parts = z[:1]
    parts.fmod_(2)
    return x, x is same, y, z, z.div_(2, rounding_mode="floor"), z.floor_divide_(2)


@pytest.mark.parametrize("operands", [("tensor", "x"), ("tensor", None), (7, 2), (7, "tensor")])
@judged(raises="fmod.. received an invalid combination of arguments")
def test_fmod_refuses_other_operands(t, operands):
    t.fmod(*[t.ones(2) if x == "tensor" else x for x in operands])
