"""Matrix products against torch, in all ranks, with their names, gradients and errors."""

import itertools

import numpy as np
import pytest

import minigrad
from tests.judge import data, judged

LEFT = [(3,), (2, 3), (1, 3), (5, 2, 3), (1, 2, 3), (4, 1, 2, 3), (0, 2, 3), (5, 1, 3)]
RIGHT = [(3,), (3, 4), (3, 1), (5, 3, 4), (1, 3, 4), (2, 5, 3, 4), (4, 1, 3, 2), (5, 3, 0)]


def fits(a, b) -> bool:
    try:
        np.matmul(np.ones(a), np.ones(b))
    except ValueError:
        return False
    return True


PAIRS = [pair for pair in itertools.product(LEFT, RIGHT) if fits(*pair)]


@pytest.mark.parametrize("a, b", PAIRS)
@judged(ulps=16)
def test_matmul(t, a, b):
    x = t.tensor(data(*a), requires_grad=True)
    y = t.tensor(data(*b, seed=1), requires_grad=True)
    z = x @ y
    z.backward(t.tensor(data(*z.shape, seed=2)))
    return x, y, z


@pytest.mark.parametrize("a, b", PAIRS)
@pytest.mark.parametrize("which", [0, 1])
@judged(ulps=16)
def test_matmul_where_one_side_requires_grad(t, a, b, which):
    x = t.tensor(data(*a), requires_grad=which == 0)
    y = t.tensor(data(*b, seed=1), requires_grad=which == 1)
    z = t.matmul(x, y)
    (z * z).sum().backward()
    return x, y, z


@pytest.mark.parametrize("a, b", PAIRS)
@judged(ulps=64)
def test_second_derivatives(t, a, b):
    x = t.tensor(data(*a), requires_grad=True)
    y = t.tensor(data(*b, seed=1), requires_grad=True)
    z = (x @ y) ** 2
    gs = t.autograd.grad(z.sum(), [x, y], create_graph=True)
    sum([(g * g).sum() for g in gs]).backward()
    return x, y


def test_gradients_by_hand() -> None:
    a, b, g = data(2, 3), data(3, 4, seed=1), data(2, 4, seed=2)
    x, y = minigrad.tensor(a, requires_grad=True), minigrad.tensor(b, requires_grad=True)
    (x @ y).backward(minigrad.tensor(g))
    np.testing.assert_allclose(x.grad.numpy(), g @ b.T, rtol=1e-14)
    np.testing.assert_allclose(y.grad.numpy(), a.T @ g, rtol=1e-14)


@pytest.mark.parametrize(
    "name, a, b",
    [
        ("mm", (2, 3), (3, 4)),
        ("mm", (2, 0), (0, 4)),
        ("mm", (0, 3), (3, 1)),
        ("mv", (2, 3), (3,)),
        ("mv", (1, 0), (0,)),
        ("dot", (3,), (3,)),
        ("dot", (0,), (0,)),
        ("bmm", (2, 3, 4), (2, 4, 1)),
        ("bmm", (0, 3, 4), (0, 4, 1)),
    ],
)
@judged(ulps=16)
def test_functions_of_one_rank(t, name, a, b):
    x = t.tensor(data(*a), requires_grad=True)
    y = t.tensor(data(*b, seed=1), requires_grad=True)
    z = getattr(t, name)(x, y)
    (z * z).sum().backward()
    return x, y, z, getattr(x, name)(y)


@judged(ulps=16)
def test_transposed_and_strided_operands(t):
    x = t.tensor(data(4, 6), requires_grad=True)
    y = t.tensor(data(4, 3, seed=1), requires_grad=True)
    z = x.t()[::2] @ y + (y.t() @ x[:, 1::2]).t()
    (z * z).sum().backward()
    return x, y, z


@judged(ulps=16)
def test_expanded_operands(t):
    x = t.tensor(data(1, 3), requires_grad=True)
    y = t.tensor(data(3, 1, seed=1), requires_grad=True)
    z = x.expand(4, 3) @ y.expand(3, 2)
    (z * z).sum().backward()
    return x, y, z


@pytest.mark.parametrize("dtype", ["float32", "float16", "int64", "int32", "uint8"])
@judged(ulps=16)
def test_dtypes(t, dtype):
    d = getattr(t, dtype)
    x, y = t.tensor([[1, 2], [3, 4]], dtype=d), t.tensor([[5, 6], [7, 8]], dtype=d)
    return x @ y, x @ y[0], x[0] @ y[0], x[0] @ y, t.stack([x, y]) @ y


UNFIT = [((2, 3), (2, 3)), ((3,), (2,)), ((2, 3), (2,)), ((3,), (2, 3)), ((2, 2, 3), (2, 2, 3))]
UNFIT += [((), (3,)), ((3,), ()), ((2, 2, 3), (3, 3, 4)), ((2, 2, 3), (4, 2)), ((3,), (2, 2, 3))]
UNFIT += [((2, 3), (5, 2, 4)), ((2, 2, 3), (2,))]


@pytest.mark.parametrize("a, b", UNFIT)
@judged(raises="")
def test_shapes_that_do_not_fit(t, a, b):
    t.ones(a) @ t.ones(b)


@pytest.mark.parametrize(
    "name, a, b",
    [
        ("mm", (3,), (3, 2)),
        ("mm", (2, 3), (3,)),
        ("mm", (2, 3), (2, 3)),
        ("mv", (3,), (3,)),
        ("mv", (2, 3), (2,)),
        ("mv", (2, 3), (3, 1)),
        ("dot", (2, 3), (3,)),
        ("dot", (2,), (3,)),
        ("bmm", (2, 3), (2, 3)),
        ("bmm", (2, 3, 4), (2, 3)),
        ("bmm", (2, 3, 4), (3, 4, 1)),
        ("bmm", (2, 3, 4), (2, 3, 1)),
    ],
)
@judged(raises="")
def test_functions_of_one_rank_refuse_others(t, name, a, b):
    getattr(t, name)(t.ones(a), t.ones(b))


@pytest.mark.parametrize(
    "a, b", [((2, 3), (3, 4)), ((3,), (3,)), ((2, 3), (3,)), ((2, 2, 3), (2, 3, 4))]
)
@judged(raises="same dtype|expected scalar type|expected m1 and m2")
def test_dtypes_that_differ(t, a, b):
    t.ones(a) @ t.ones(b, dtype=t.float64)


@pytest.mark.parametrize("other", [2.0, [1.0, 2.0], None, "text"])
@judged(raises="")
def test_other_operands(t, other):
    t.ones(2) @ other


@judged
def test_a_batch_of_one_beside_a_batch_of_columns(t):
    a, b = t.ones(1, 2, 1), t.arange(12.0).reshape(3, 1, 4).requires_grad_()
    y = a @ b
    y.pow(2).sum().backward()
    return y, b.grad, t.chain_matmul(t.ones(2, 2))
