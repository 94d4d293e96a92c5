"""assert_close accepts what torch's does, and says what torch's says."""

import numpy as np
import pytest

from tests.judge import judged

CLOSE = {
    "a hair": lambda t: (t.ones(3), t.ones(3) + 1e-6, {}),
    "numbers": lambda t: (1.0, 1.0 + 1e-8, {}),
    "nested": lambda t: ({"a": [t.ones(2), None]}, {"a": (t.ones(2), None)}, {}),
    "tolerances": lambda t: (t.ones(3), t.ones(3) + 0.5, {"rtol": 0, "atol": 0.5}),
    "nan": lambda t: (t.tensor(t.nan), t.tensor(t.nan), {"equal_nan": True}),
    "dtypes": lambda t: (t.ones(3), t.ones(3, dtype=t.float64), {"check_dtype": False}),
    "arrays": lambda t: (np.ones(3), np.ones(3), {}),
    "kinds of numbers": lambda t: (1, 1.0, {"check_dtype": False}),
    "numpy's numbers": lambda t: (np.float32(1), np.float64(1), {}),
    "infinite": lambda t: (t.tensor([t.inf]), t.tensor([t.inf]), {}),
}
APART = {
    "floats": lambda t: (t.tensor([1.0, 2.0]), t.tensor([1.0, 2.5]), {}),
    "integers": lambda t: (t.tensor([1, 2]), t.tensor([1, 4]), {}),
    "numbers": lambda t: (1.0, 1.1, {}),
    "whole numbers": lambda t: (1, 2, {}),
    "0-d": lambda t: (t.ones(()), t.zeros(()), {}),
    "nan": lambda t: (t.tensor(t.nan), t.tensor(t.nan), {}),
    "shapes": lambda t: (t.ones(3), t.ones(4), {}),
    "dtypes": lambda t: (t.ones(3), t.ones(3, dtype=t.float64), {}),
    "strides": lambda t: (t.ones(2, 3), t.ones(3, 2).T, {"check_stride": True}),
    "bools": lambda t: (True, False, {}),
    "nothing": lambda t: (None, 3, {}),
    "lengths": lambda t: ([1.0, 2.0], [1.0], {}),
    "keys": lambda t: ({"a": 1}, {"b": 1}, {}),
    "a key": lambda t: ({"a": 1}, {"a": 1, "b": 1}, {}),
    "nested": lambda t: ([1.0, {"q": [t.ones(2)]}], [1.0, {"q": [t.zeros(2)]}], {}),
    "message": lambda t: (t.ones(2), t.zeros(2), {"msg": "hey"}),
    "function": lambda t: (1, 2, {"msg": lambda text: f"here: {text}"}),
    "kinds": lambda t: (t.ones(3), 1.0, {}),
    "kinds of numbers": lambda t: (1, 1.0, {}),
    "kinds of numbers within": lambda t: ([1], [1.0], {}),
    "texts": lambda t: ("a", "a", {}),
    "one tolerance": lambda t: (1.0, 1.0, {"rtol": 0.1}),
}


@judged
@pytest.mark.parametrize("case", list(CLOSE))
def test_close(t, case):
    actual, expected, settings = CLOSE[case](t)
    return t.testing.assert_close(actual, expected, **settings)


@judged(raises="")
@pytest.mark.parametrize("case", list(APART))
def test_apart(t, case):
    actual, expected, settings = APART[case](t)
    t.testing.assert_close(actual, expected, **settings)


@judged
@pytest.mark.parametrize("case", ["floats", "numbers", "nested", "keys", "a key", "function"])
def test_the_whole_message(t, case):
    actual, expected, settings = APART[case](t)
    try:
        t.testing.assert_close(actual, expected, **settings)
    except AssertionError as error:
        return str(error)


@judged
@pytest.mark.filterwarnings("ignore:.*assert_allclose")
def test_assert_allclose(t):
    check = t.testing.assert_allclose
    nan = float("nan")
    check(t.tensor([1.0, nan]), [1.0 + 5e-5, nan])
    check(t.ones(2), t.ones(2, dtype=t.float64) + 5e-5)
    check(t.tensor(2), 2)
    errors = []
    for given in ((t.ones(2), t.ones(2) + 1e-3), (t.tensor([1, 2]), [1, 5])):
        try:
            check(*given)
        except AssertionError as error:
            errors.append(str(error))
    return errors
