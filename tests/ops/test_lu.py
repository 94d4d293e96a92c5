"""LU factorisations, and linear algebra that reports its failures, against torch."""

import pytest

from tests.judge import data, judged

ULPS = 2.0**14
SINGULAR = [[1.0, 2.0], [2.0, 4.0]]


@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4), (2, 3, 3), (1, 1), (0, 2, 2)])
@judged(ulps=ULPS)
def test_factors_and_both_derivatives(t, shape):
    A = t.tensor(data(*shape), requires_grad=True)
    P, L, U = t.linalg.lu(A)
    (first,) = t.autograd.grad((L * L.cos()).sum() + U.sin().sum(), A, create_graph=True)
    (second,) = t.autograd.grad(first.sin().sum(), A)
    packed, pivots = t.linalg.lu_factor(A)
    (third,) = t.autograd.grad(packed.sin().sum(), A, create_graph=True)
    (fourth,) = t.autograd.grad(third.sin().sum(), A)
    unpacked = [x.detach().contiguous() for x in t.lu_unpack(packed, pivots)]
    parts = [P.contiguous(), L.detach().contiguous(), U.detach().contiguous()]
    return parts, pivots, unpacked, [g.tolist() for g in (first, second, third, fourth)]


@pytest.mark.parametrize("adjoint", [False, True])
@pytest.mark.parametrize("left", [False, True])
@judged(ulps=ULPS)
def test_solving_by_factors(t, left, adjoint):
    A = t.tensor(data(3, 3), requires_grad=True)
    B = t.tensor(data(3, 3, seed=2), requires_grad=True)
    packed, pivots = t.linalg.lu_factor(A)
    X = t.linalg.lu_solve(packed, pivots, B, left=left, adjoint=adjoint)
    first = t.autograd.grad(X.sin().sum(), [A, B], create_graph=True)
    second = t.autograd.grad(first[0].sin().sum(), [A, B])
    return X.detach().contiguous(), [g.tolist() for g in (*first, *second)]


@pytest.mark.filterwarnings("ignore:torch.lu is deprecated")
@judged
def test_by_the_old_names(t):
    A, b = t.tensor([[1.0, 2], [3, 4]]), t.ones(2, 1)
    packed, pivots = t.lu(A)
    _, _, info = A.lu(get_infos=True)
    solved = t.lu_solve(b, packed, pivots), b.lu_solve(packed, pivots)
    singular = t.lu(t.tensor([SINGULAR, SINGULAR]))[0]
    return packed.contiguous(), pivots, info, [x.contiguous() for x in (*solved, singular)]


@judged
def test_singular_matrices_are_reported(t):
    S = t.tensor([SINGULAR, [[2.0, 1.0], [1.0, 4.0]]])
    E = t.linalg
    good = [E.inv_ex(S[1])[0], E.cholesky_ex(S[1])[0], E.solve_ex(S[1], t.ones(2))[0]]
    infos = [E.inv_ex(S)[1], E.cholesky_ex(S - 1)[1], E.solve_ex(S, t.ones(2, 2))[1]]
    packed, pivots, info = E.lu_factor_ex(S[0])
    return [x.contiguous() for x in good], infos, packed.contiguous(), pivots, info


@judged(ulps=ULPS)
def test_derivatives_of_what_succeeded(t):
    A = t.tensor([[2.0, 1.0], [1.0, 4.0]], dtype=t.float64, requires_grad=True)
    results = [t.linalg.inv_ex(A)[0], t.linalg.solve_ex(A, t.ones(2).double())[0]]
    results.append(t.linalg.cholesky_ex(A)[0])
    return [t.autograd.grad(x.sin().sum(), A)[0].tolist() for x in results]


@pytest.mark.parametrize(
    "call",
    [
        "t.linalg.lu_factor(S)",
        "t.linalg.lu_factor_ex(S, check_errors=True)",
        "t.linalg.inv_ex(S, check_errors=True)",
        "t.linalg.solve_ex(S, t.ones(2), check_errors=True)",
        "t.linalg.cholesky_ex(-S, check_errors=True)",
        "t.linalg.lu(t.ones(2))",
        "t.linalg.lu(t.ones(2, 2).long())",
        "t.linalg.lu(S, pivot=False)",
        "t.linalg.lu_solve(S, t.ones(2).int(), t.ones(2))",
        "t.linalg.lu_solve(S, t.ones(2).long(), t.ones(2, 1))",
        "t.linalg.lu_solve(S, t.ones(2).int(), t.ones(2, 1).double())",
        "t.linalg.lu_solve(S, t.ones(2).int(), t.ones(3, 1))",
        "t.linalg.tensorinv(t.ones(2, 3, 4), ind=1)",
        "t.linalg.tensorsolve(t.ones(2, 3, 4), t.ones(2))",
    ],
)
@judged(raises="")
def test_refusals(t, call):
    eval(call, {"t": t, "S": t.tensor(SINGULAR)})


@judged
def test_equations_between_tensors(t):
    A = t.eye(6).reshape(2, 3, 6) * 2
    inverse = t.linalg.tensorinv(t.eye(4).reshape(2, 2, 4) * 2, ind=2)
    solved = t.linalg.tensorsolve(A, t.arange(6.0).reshape(2, 3))
    return inverse.tolist(), solved.tolist(), t.linalg.diagonal(t.arange(8.0).reshape(2, 2, 2))
