"""Least squares, Cholesky solutions, ranks, condition numbers, exponentials of matrices."""

import itertools
import math
import warnings

import numpy as np
import pytest

import minigrad
from tests.judge import both_raise, data, judged

NORMS = [1, -1, float("inf"), -float("inf"), "fro", "nuc"]


def numbers(*tensors):
    """The values alone: torch's results are views here and there, laid out as LAPACK likes."""
    return [x.detach().numpy().copy() for x in tensors]


@judged(ulps=256)
@pytest.mark.parametrize("driver", [None, "gels", "gelsy", "gelsd", "gelss"])
def test_lstsq(t, driver):
    A = t.tensor(data(4, 2), requires_grad=True)
    B = t.tensor(data(4, 3, seed=1), requires_grad=True)
    found = t.linalg.lstsq(A, B, driver=driver)
    total = found.solution.pow(2).sum()
    if found.residuals.numel():
        total = total + (found.residuals * t.arange(1.0, 4)).sum()
    total.backward()
    return numbers(*found, A.grad, B.grad), found.solution.grad_fn.name()


@judged(ulps=256)
@pytest.mark.parametrize("shapes", [((4, 2), (4,)), ((2, 4), (2, 1)), ((2, 3, 2), (2, 3))])
def test_lstsq_of_vectors_batches_and_few_equations(t, shapes):
    A, B = (t.tensor(data(*shape, seed=len(shape)), requires_grad=True) for shape in shapes)
    found = t.linalg.lstsq(A, B)
    found.solution.sin().sum().backward()
    return numbers(found.solution, found.rank, A.grad, B.grad)


@judged
def test_lstsq_of_deficient_rank_gives_the_least_solution(t):
    A = t.tensor([[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]])
    narrow = t.tensor([[1.0, 0.0], [0.0, 1e-3]], dtype=t.float64)
    b = t.tensor([1.0, 2.0, 4.0])
    cut = t.linalg.lstsq(narrow, t.ones(2, 1, dtype=t.float64), rcond=1e-2)
    whole = t.linalg.lstsq(A, b)
    return numbers(whole.solution, whole.rank, cut.solution, cut.rank)


@judged
@pytest.mark.parametrize("upper", [False, True])
def test_cholesky_solve(t, upper):
    x = data(3, 3)
    A = t.tensor(x @ x.T + 3 * np.eye(3), requires_grad=True)
    B = t.tensor(data(2, 3, 2, seed=1), requires_grad=True)
    L = t.linalg.cholesky(A, upper=upper)
    X = t.cholesky_solve(B, L, upper=upper)
    (g,) = t.autograd.grad(X.sin().sum(), A, create_graph=True)
    (g + g.T).cos().sum().backward()
    other = B.detach().cholesky_solve(t.eye(3, dtype=t.float64) + 1)
    return numbers(X, g, A.grad, B.grad, other), X.grad_fn.name()


@judged(ulps=256)
@pytest.mark.parametrize("p", [None, 2, -2])
def test_cond_by_singular_values(t, p):
    A = t.tensor(data(2, 3, 3), requires_grad=True)
    value = t.linalg.cond(A, p)
    value.sum().backward()
    wide = t.linalg.cond(t.tensor(data(2, 4)), p)
    return numbers(value, A.grad, wide, t.linalg.cond(t.zeros(2, 0, 0), p)), value.grad_fn.name()


@judged(ulps=256)
@pytest.mark.parametrize("p", NORMS)
def test_cond_by_norms(t, p):
    A = t.tensor(data(2, 3, 3))
    singular = t.stack([t.ones(2, 2), t.eye(2), t.zeros(2, 2)])
    return numbers(t.linalg.cond(A, p), t.linalg.cond(singular, p))


@pytest.mark.parametrize("p", NORMS)
def test_cond_by_norms_has_a_derivative(p):
    """torch's backward raises: it has written into the inverse."""
    A = minigrad.tensor(data(2, 3, 3), requires_grad=True)
    assert minigrad.autograd.gradcheck(lambda A: minigrad.linalg.cond(A, p), A)


@judged
def test_matrix_rank(t):
    A = t.tensor(data(4, 2) @ data(2, 3, seed=1))
    sym = t.diag(t.tensor([1.0, -2.0, 1e-9]))
    return numbers(
        t.linalg.matrix_rank(A),
        t.linalg.matrix_rank(t.stack([A, 0 * A, A])),
        t.linalg.matrix_rank(sym, hermitian=True),
        t.linalg.matrix_rank(sym, 1.5),
        t.linalg.matrix_rank(sym, atol=0.5, rtol=0.9),
        t.linalg.matrix_rank(t.stack([sym, sym]), atol=t.tensor([0.5, 3.0])),
        t.linalg.matrix_rank(t.zeros(2, 0, 3)),
    )


@judged(ulps=256)
@pytest.mark.parametrize("scale", [0.01, 1.0, 2.0])
def test_matrix_exp(t, scale):
    A = t.tensor(scale * data(2, 3, 3), requires_grad=True)
    E = A.matrix_exp()
    (g,) = t.autograd.grad(E.sum(), A, create_graph=True)
    (h,) = t.autograd.grad(g.pow(2).sum(), A)
    single = t.matrix_exp(t.tensor(data(2, 2), dtype=t.float32))
    return numbers(E, g, h, single), E.grad_fn.name()


@judged(ulps=256)
def test_matrix_exp_of_large_small_and_no_matrices(t):
    turn = t.tensor([[0.0, -20.0], [20.0, 0.0]], dtype=t.float64)
    nilpotent = t.tensor([[0.0, 1e3], [0.0, 0.0]], dtype=t.float64)
    mixed = t.stack([turn, nilpotent, 1e-9 * turn, 0 * turn])
    return numbers(*map(t.linalg.matrix_exp, (turn, nilpotent, mixed[2:], t.zeros(0, 0))))


ERRORS = [
    "linalg.lstsq(t.ones(3), t.ones(3))",
    "linalg.lstsq(t.ones(3, 2), t.ones(4, 1))",
    "linalg.lstsq(t.ones(3, 2), t.ones(3, 1).double())",
    "linalg.lstsq(t.ones(3, 2).long(), t.ones(3, 1).long())",
    "linalg.lstsq(t.ones(3, 2), t.ones(3, 1), driver='x')",
    "cholesky_solve(t.ones(2), t.eye(2))",
    "cholesky_solve(t.ones(2, 1), t.ones(2))",
    "cholesky_solve(t.ones(3, 1), t.eye(2))",
    "cholesky_solve(t.ones(2, 1), t.ones(2, 3))",
    "cholesky_solve(t.ones(2, 1), t.eye(2).double())",
    "cholesky_solve(t.ones(2, 1).long(), t.eye(2).long())",
    "linalg.cond(t.ones(2))",
    "linalg.cond(t.ones(2, 3), 1)",
    "linalg.cond(t.eye(2), 3)",
    "linalg.cond(t.eye(2), 'x')",
    "linalg.cond(t.eye(2).long())",
    "linalg.matrix_rank(t.ones(2))",
    "linalg.matrix_rank(t.eye(2).long())",
    "linalg.matrix_rank(t.eye(2), atol=t.ones(2, 2), rtol=t.ones(2, 3, 4))",
    "linalg.pinv(t.eye(2), atol=t.ones(2, 2), rtol=t.ones(2, 3, 4))",
    "matrix_exp(t.ones(2))",
    "matrix_exp(t.ones(2, 3))",
    "matrix_exp(t.eye(2).long())",
]


@pytest.mark.torch
@pytest.mark.parametrize("code", ERRORS)
def test_errors(code):
    both_raise(lambda t: eval(f"t.{code}"))


def test_matrix_exp_of_a_turn_by_many_radians() -> None:
    turn = minigrad.tensor([[0.0, 200.0], [-200.0, 0.0]], dtype=minigrad.float64)
    c, s = math.cos(200), math.sin(200)
    np.testing.assert_allclose(minigrad.matrix_exp(turn).numpy(), [[c, s], [-s, c]], atol=1e-11)


@pytest.mark.parametrize("driver", [None, "gels", "gelsy", "gelsd", "gelss"])
@judged
def test_residuals_that_are_empty_have_no_gradient(t, driver):
    a, b = t.tensor(data(3, 2), requires_grad=True), t.tensor(data(3, 1, seed=1))
    found = []
    for inputs in ([a.detach(), b.requires_grad_()], [a, b], [a, b[:, 0].detach()]):
        left = t.linalg.lstsq(*inputs, driver=driver).residuals
        leaves = [x for x in inputs if x.requires_grad]
        found += t.autograd.grad(left.sum(), leaves, allow_unused=True)
    return found


@judged(ulps=64)
@pytest.mark.parametrize("settings", list(itertools.product([True, False], repeat=3)))
def test_triangular_solve(t, settings):
    A = t.tensor([[2.0, 0.5, -1.0], [0.3, 1.5, 0.7], [0.2, -0.4, 3.0]], requires_grad=True)
    b = t.tensor([[1.0, 2.0], [-1.0, 0.5], [0.3, 0.8]], requires_grad=True)
    with warnings.catch_warnings(record=True):
        X, copy = t.triangular_solve(b, A, *settings)
        method = b.detach().triangular_solve(A.detach(), *settings).solution
    gradients = t.autograd.grad((X * X).sum() + 2 * copy.sum(), (A, b))
    return X.tolist(), copy.tolist(), method.tolist(), [g.tolist() for g in gradients]


@judged(raises="at least 2 dimensions|square matrices|same dtype|must be Tensor")
@pytest.mark.parametrize(
    "wrong",
    [
        lambda t: (t.ones(2), t.eye(2)),
        lambda t: (t.ones(2, 1), t.ones(2)),
        lambda t: (t.ones(2, 1), t.ones(2, 3)),
        lambda t: (t.ones(2, 1), t.eye(2).double()),
        lambda t: (3, t.eye(2)),
    ],
)
def test_triangular_solve_of_what_does_not_fit(t, wrong):
    with warnings.catch_warnings(record=True):
        t.triangular_solve(*wrong(t))
