"""numpy's functions on tensors, and arrays beside them: recorded, or refused; never dropped."""

import operator

import numpy as np
import pytest

import minigrad
from minigrad.numpy_protocols import FUNCTIONS, UFUNCS
from tests.judge import data, judged


def leaf(*shape: int, **kwargs) -> minigrad.Tensor:
    return minigrad.tensor(data(*shape, **kwargs), requires_grad=True)


OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]


@pytest.mark.parametrize("op", OPERATORS)
def test_an_array_on_the_left_of_a_tensor(op) -> None:
    """numpy's own operator would make an array of tensors, or drop the graph."""
    a = data(2, 3, low=0.5)
    x = leaf(3, low=0.5, seed=1)
    y = op(a, x)
    assert isinstance(y, minigrad.Tensor)
    y.sum().backward()
    other = leaf(3, low=0.5, seed=1)
    op(minigrad.tensor(a), other).sum().backward()
    assert (x.grad.numpy() == other.grad.numpy()).all()
    np.testing.assert_allclose(y.detach().numpy(), op(a, data(3, low=0.5, seed=1)), rtol=1e-15)


@pytest.mark.parametrize("op", OPERATORS)
def test_an_array_on_the_right_of_a_tensor(op) -> None:
    a = data(2, 3, low=0.5)
    x = leaf(3, low=0.5, seed=1)
    y = op(x, a)
    assert isinstance(y, minigrad.Tensor)
    y.sum().backward()
    np.testing.assert_allclose(y.detach().numpy(), op(data(3, low=0.5, seed=1), a), rtol=1e-15)
    assert x.grad is not None


@pytest.mark.parametrize("scalar", [np.float64(1.5), np.float32(1.5), np.int64(2), np.array(1.5)])
@pytest.mark.parametrize("op", OPERATORS)
def test_a_numpy_scalar_on_either_side(op, scalar) -> None:
    x = minigrad.tensor([0.5, 2.0], requires_grad=True)
    for y in (op(scalar, x), op(x, scalar)):
        assert isinstance(y, minigrad.Tensor)
        assert y.dtype is minigrad.float32  # a scalar does not widen
        (g,) = minigrad.autograd.grad(y.sum(), x)
        assert g.dtype is minigrad.float32


@pytest.mark.parametrize("scalar", [np.float64(1.5), np.float32(1.5), np.int64(2)], ids=repr)
@pytest.mark.parametrize("op", OPERATORS)
@judged
def test_a_numpy_scalar_on_the_right_as_torch_has_it(t, op, scalar):
    x = t.tensor([0.5, 2.0], requires_grad=True)
    y = op(x, scalar)
    y.sum().backward()
    return x, y


def test_an_array_times_a_matrix() -> None:
    a, x = data(2, 3), leaf(3, 4, seed=1)
    y = a @ x
    y.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), np.repeat(a.sum(0)[:, None], 4, 1), rtol=1e-14)


def test_a_comparison_with_an_array() -> None:
    x = minigrad.tensor([1.0, 2.0, 3.0])
    a = np.array([2.0, 2.0, 2.0])
    assert (a < x).tolist() == [False, False, True]
    assert (x == a).tolist() == [False, True, False]


def arguments(f) -> tuple:
    binary = getattr(f, "nin", 1) == 2
    shape = (2, 2)
    return tuple(leaf(*shape, low=0.5, seed=i) for i in range(1 + binary))


@pytest.mark.parametrize("f", UFUNCS, ids=lambda f: f.__name__)
def test_ufuncs_compute_what_numpy_computes_and_record(f) -> None:
    xs = arguments(f)
    if f in (np.arcsin, np.arccos, np.arctanh):
        xs = (leaf(2, 2, low=-0.9, high=0.9),)
    elif f is np.arccosh:
        xs = (leaf(2, 2, low=1.5),)
    elif f.__name__.startswith(("bitwise", "left", "right", "invert")):
        xs = tuple(minigrad.tensor([[1, 2], [3, 4]]) for _ in xs)
    y = f(*xs)
    assert isinstance(y, minigrad.Tensor)
    np.testing.assert_allclose(y.detach().numpy(), f(*[x.detach().numpy() for x in xs]), rtol=1e-14)
    assert y.requires_grad == (y.is_floating_point())


CALLS = {
    np.dot: lambda f, x: f(x, x),
    np.where: lambda f, x: f(x > 1, x, 0.0),
    np.zeros_like: lambda f, x: f(x),
    np.sum: lambda f, x: f(x, axis=0) + f(x),
    np.mean: lambda f, x: f(x, axis=1, keepdims=True) + f(x),
    np.swapaxes: lambda f, x: f(x, 0, 1),
    np.transpose: lambda f, x: f(x) + f(x, (1, 0)),
    np.expand_dims: lambda f, x: f(x, 0),
    np.reshape: lambda f, x: f(x, (4,)),
    np.broadcast_to: lambda f, x: f(x, (3, 2, 2)),
    np.concatenate: lambda f, x: f([x, x], 1),
    np.stack: lambda f, x: f([x, x]),
    np.vstack: lambda f, x: f([x, x]),
    np.hstack: lambda f, x: f((x, x)),
    np.dstack: lambda f, x: f([x, x]),
    np.column_stack: lambda f, x: f([x[0], x[1]]),
}


def test_every_function_of_the_table_is_called_below() -> None:
    assert set(FUNCTIONS) == set(CALLS)


@pytest.mark.parametrize("f", CALLS, ids=lambda f: f.__name__)
def test_functions_compute_what_numpy_computes_and_record(f) -> None:
    x = leaf(2, 2, low=0.5)
    y = CALLS[f](f, x)
    assert isinstance(y, minigrad.Tensor)
    np.testing.assert_allclose(y.detach().numpy(), CALLS[f](f, data(2, 2, low=0.5)), rtol=1e-14)
    assert y.requires_grad == (f is not np.zeros_like)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.heaviside(x, x),
        lambda x: np.cbrt(x),
        lambda x: np.nextafter(x, x),
        lambda x: np.cumsum(x),
        lambda x: np.multiply.reduce(x),
        lambda x: np.add.accumulate(x),
        lambda x: np.multiply.outer(x, x),
        lambda x: np.linalg.norm(x),
        lambda x: np.prod(x),
        lambda x: np.split(x, 2),
        lambda x: np.exp(x, out=np.zeros(4)),
        lambda x: np.add(x, 1, where=np.array([True, False, True, False])),
        lambda x: np.sum(x, where=np.array([True, False, True, False])),
        lambda x: np.sum(x, initial=5),
        lambda x: np.asarray(x),
        lambda x: np.array(x),
        lambda x: np.array([x, x]),
        lambda x: np.full(3, x[0]),
        lambda x: np.add.at(np.zeros(4), [0], x[:1]),
        lambda x: np.copyto(np.zeros(4), x),
    ],
)
def test_what_would_drop_the_graph_is_refused(f) -> None:
    with pytest.raises((TypeError, RuntimeError)):
        f(leaf(4, low=0.5))


def test_functions_without_a_derivative_serve_tensors_without_grad() -> None:
    x = minigrad.tensor([3.0, 1.0, 2.0])
    assert np.cbrt(x[1:2]).tolist() == [1.0]
    assert np.cumsum(x).tolist() == [3.0, 4.0, 6.0]
    assert np.prod(x).item() == 6.0
    assert np.sort(x).tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("op", [operator.iadd, operator.imul])
def test_an_array_does_not_silently_take_in_a_tensor(op) -> None:
    """``array += tensor`` would drop the graph of a tensor that requires grad."""
    with pytest.raises((TypeError, RuntimeError)):
        op(np.zeros(3), leaf(3))


def test_a_list_of_tensors_is_not_an_operand() -> None:
    with pytest.raises(TypeError):
        operator.add(leaf(3), [leaf(3)])


@judged
@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.linalg.norm(x),
        lambda x: np.percentile(x, 50),
        lambda x: np.unique(x),
        lambda x: np.append(x, x),
        lambda x: np.outer(x, x),
        lambda x: [np.allclose(x, x), np.array_equal([x, x], [x, x])],
    ],
)
def test_what_numpy_computes_without_record_is_numpys(t, f):
    return f(t.tensor([3.0, 1.0, 3.0]))
