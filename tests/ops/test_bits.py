"""Operations on bits against torch: operators from both sides, in place, dtypes and errors."""

import pytest

from tests.judge import judged


@judged
def test_bitwise_operators(t):
    a, b = t.tensor([True, True, False]), t.tensor([True, False, False])
    m, n = t.tensor([6, -3]), t.tensor([3, 5])
    return a & b, a | b, a ^ b, ~a, m & n, m | n, m ^ n, ~m, a & True, m | 1


@judged(raises="only implemented on integer and Boolean-type tensors|not implemented for 'Float'")
def test_bitwise_not_of_floats(t):
    ~t.ones(2)


@judged(raises="not implemented for 'Float'")
def test_bitwise_and_of_floats(t):
    t.ones(2) & t.ones(2)


@judged(raises="not implemented for 'Float'")
def test_the_function_of_bitwise_not_of_floats(t):
    t.bitwise_not(t.ones(2))


NUMBERS = {"int64": [6, -3, 70], "uint8": [6, 253, 70], "int8": [6, -3, 70]}


@pytest.mark.parametrize("dtype", NUMBERS)
@pytest.mark.parametrize("shift", [0, 1, 7, 8, 64, 70, -1])
@judged
def test_shifts(t, dtype, shift):
    x = t.tensor(NUMBERS[dtype], dtype=getattr(t, dtype))
    y = t.tensor([shift] * 3, dtype=getattr(t, dtype))
    shifts = [x << y, x >> y, t.bitwise_left_shift(x, y), x.bitwise_right_shift(y)]
    return [*shifts, x.__ilshift__(y), x.__irshift__(y), x]


@judged
def test_a_number_on_the_left(t):
    x = t.tensor([1, 2, 3])
    return 1 << x, 100 >> x, 6 & x, 6 | x, 6 ^ x, True & t.tensor([True, False])


@judged
def test_in_place(t):
    mask = t.tensor([True, True, False])
    same = mask
    mask &= t.tensor([True, False, False])
    mask |= t.tensor([False, False, True])
    mask ^= True
    n = t.tensor([6, 7])
    n.bitwise_and_(3).bitwise_or_(8).bitwise_xor_(1).bitwise_not_()
    return mask, mask is same, n


@judged
def test_integers_and_bools(t):
    return t.tensor([5, 2]) & t.tensor([True, False]), t.tensor([3], dtype=t.uint8) | 300


@judged(raises="can't be cast")
def test_in_place_of_bools_by_integers(t):
    mask = t.tensor([True])
    mask &= t.tensor([1])
