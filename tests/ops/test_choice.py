"""Choices by a mask against torch: what is masked exactly, dtypes, and errors."""

import warnings

from tests.judge import data, judged

INF, NAN = float("inf"), float("nan")


@judged
def test_where(t):
    condition = t.tensor([[True, False, True], [False, False, True]])
    x = t.tensor(data(2, 3), requires_grad=True)
    y = t.tensor(data(3, seed=1), requires_grad=True)
    z = t.where(condition, x, y) * 2 + t.where(condition[0], 1.5, x) + t.where(condition, y, 0.0)
    z.sum().backward()
    return x, y, z


@judged
def test_where_masks_an_infinite_cotangent_exactly(t):
    x = t.tensor([1.0, 2.0], requires_grad=True)
    y = t.tensor([3.0, 4.0], requires_grad=True)
    t.where(t.tensor([True, False]), x, y).backward(t.tensor([INF, NAN]))
    return x, y


@judged
def test_where_does_not_mask_an_infinite_local_derivative(t):
    x = t.tensor([0.0, 4.0], requires_grad=True)
    t.where(x > 0, x.sqrt(), t.zeros(2)).sum().backward()
    y = t.tensor([0.0, 4.0], requires_grad=True)
    t.where(y > 0, t.where(y > 0, y, t.ones(2)).sqrt(), t.zeros(2)).sum().backward()
    return x, y


@judged(raises="where expected condition to be a boolean tensor")
def test_where_with_a_condition_of_floats(t):
    t.where(t.ones(2), t.ones(2), t.ones(2))


@judged
def test_where_alone_gives_indices(t):
    x = t.tensor([[True, False, True], [False, False, True]])
    found = [t.where(x), t.where(x[0]), t.where(t.tensor(True)), t.where(x[:0])]
    return [[indices.tolist() for indices in each] for each in found]


@judged
def test_where_as_a_method_and_with_numbers(t):
    x = t.tensor([1.0, 2.0], requires_grad=True)
    mask = t.tensor([True, False])
    y = x.where(mask, 0.0)
    y.sum().backward()
    return x, y, t.where(mask, 1, 2), t.where(mask, 1.0, 2), t.where(mask, x, t.tensor([3, 4]))


@judged
def test_where_with_a_uint8_condition(t):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return t.where(t.tensor([1, 0], dtype=t.uint8), t.ones(2), t.zeros(2))


@judged(raises="invalid combination of arguments")
def test_where_without_a_choice(t):
    t.where(t.tensor([True]), t.ones(1))
