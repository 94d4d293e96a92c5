"""Householder reflections and what is found with random vectors, against torch."""

import pytest

from tests.judge import data, judged


def matrix(t, *shape, seed=0, **settings):
    return t.tensor(data(*shape, seed=seed), **settings)


@pytest.mark.parametrize("shape", [(4, 3), (3, 3), (2, 4), (2, 4, 3), (0, 3), (3, 0), (0, 2, 2)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@judged
def test_geqrf(t, shape, dtype):
    found = t.geqrf(matrix(t, *shape).to(getattr(t, dtype)))
    return found.a, found.tau, [*matrix(t, *shape).geqrf()]


@judged
def test_geqrf_of_triangles_zeros_and_one_column(t):
    kinds = [[0.0, 0], [0, 0]], [[1.0, 2], [0, 3]], [[-1.0, 2], [0, -3]], [[1.0, 2]], [[1.0], [2]]
    return [[*t.geqrf(t.tensor(rows))] for rows in kinds]


@judged(raises="the derivative for 'geqrf' is not implemented")
def test_geqrf_has_no_derivative(t):
    t.geqrf(matrix(t, 3, 2, requires_grad=True)).a.sum().backward()


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("shape", [(4, 3), (3, 3), (2, 4, 3)])
@judged(ulps=50)
def test_householder_product(t, shape, count):
    a = matrix(t, *shape, requires_grad=True)
    tau = matrix(t, *shape[:-2], count, seed=1, requires_grad=True)
    q = t.linalg.householder_product(a, tau)
    first = t.autograd.grad((q**3).sum(), (a, tau), create_graph=True)
    second = t.autograd.grad(sum((g * g).sum() for g in first), (a, tau))
    old = t.orgqr(a.detach(), tau.detach()), a.detach().orgqr(tau.detach())
    return q, [g.tolist() for g in (*first, *second)], old


@pytest.mark.parametrize("left", [True, False])
@pytest.mark.parametrize("transpose", [True, False])
@pytest.mark.parametrize("batch", [(), (2,)])
@judged(ulps=50)
def test_ormqr(t, left, transpose, batch):
    a, tau = t.geqrf(matrix(t, *batch, 4, 3))
    a.requires_grad_()
    tau.requires_grad_()
    x = matrix(t, *batch, *((4, 2) if left else (2, 4)), seed=2, requires_grad=True)
    y = t.ormqr(a, tau, x, left, transpose)
    first = t.autograd.grad((y**3).sum(), (a, tau, x), create_graph=True)
    second = t.autograd.grad(sum((g * g).sum() for g in first), (a, tau, x))
    return (
        y,
        [g.tolist() for g in (*first, *second)],
        a.detach().ormqr(tau.detach(), x.detach(), left),
    )


WRONG = {
    "wide": lambda t, a, tau: t.linalg.householder_product(a.mT, tau),
    "many": lambda t, a, tau: t.linalg.householder_product(a, t.ones(4).double()),
    "a vector": lambda t, a, tau: t.linalg.householder_product(a[0], tau),
    "single": lambda t, a, tau: t.linalg.householder_product(a, tau.float()),
    "a batch of tau": lambda t, a, tau: t.linalg.householder_product(a, tau[None]),
    "a batch": lambda t, a, tau: t.linalg.householder_product(a.expand(2, 4, 3), tau),
    "another batch": lambda t, a, tau: t.linalg.householder_product(
        a.expand(2, 4, 3), tau.expand(3, 3)
    ),
    "integers": lambda t, a, tau: t.linalg.householder_product(a.int(), tau.int()),
    "half": lambda t, a, tau: t.linalg.householder_product(a.half(), tau.half()),
    "a number": lambda t, a, tau: t.linalg.householder_product(a, 3),
    "geqrf of integers": lambda t, a, tau: t.geqrf(a.int()),
    "geqrf of half": lambda t, a, tau: t.geqrf(a.half()),
    "geqrf of a vector": lambda t, a, tau: t.geqrf(tau),
    "rows": lambda t, a, tau: t.ormqr(a, tau, a.mT),
    "columns": lambda t, a, tau: t.ormqr(a, tau, a, left=False),
    "a single other": lambda t, a, tau: t.ormqr(a, tau, a.float()),
    "a single tau": lambda t, a, tau: t.ormqr(a, tau.float(), a),
    "few tau": lambda t, a, tau: t.ormqr(a, tau[:2], a),
    "many tau": lambda t, a, tau: t.ormqr(a, t.ones(5).double(), a),
    "other of a batch": lambda t, a, tau: t.ormqr(a, tau, a.expand(2, 4, 3)),
    "tau of a batch": lambda t, a, tau: t.ormqr(a, tau[None], a),
    "other vector": lambda t, a, tau: t.ormqr(a, tau, a[0]),
    "ormqr of integers": lambda t, a, tau: t.ormqr(a.int(), tau.int(), a.int()),
    "ormqr of half": lambda t, a, tau: t.ormqr(a.half(), tau.half(), a.half()),
    "cholesky_inverse of a wide one": lambda t, a, tau: t.cholesky_inverse(a),
    "cholesky_inverse of a vector": lambda t, a, tau: t.cholesky_inverse(tau),
    "cholesky_inverse of integers": lambda t, a, tau: t.cholesky_inverse(a[:3].int()),
    "cholesky_inverse of zeros": lambda t, a, tau: t.cholesky_inverse(t.zeros(3, 3)),
    "cholesky_inverse of a zero": lambda t, a, tau: t.cholesky_inverse(
        t.tensor([[[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 0.0]]])
    ),
    "cholesky_inverse of a number": lambda t, a, tau: t.cholesky_inverse(a, 1),
    "q": lambda t, a, tau: t.pca_lowrank(a, q=4),
    "niter": lambda t, a, tau: t.pca_lowrank(a, niter=-1),
    "low rank of integers": lambda t, a, tau: t.svd_lowrank(a.int()),
}


@pytest.mark.parametrize("which", WRONG)
@judged(raises=".")
def test_refusals(t, which):
    WRONG[which](t, matrix(t, 4, 3), matrix(t, 3))


@pytest.mark.parametrize("upper", [True, False])
@pytest.mark.parametrize("shape", [(3, 3), (2, 3, 3), (0, 0), (0, 2, 2)])
@judged(ulps=100)
def test_cholesky_inverse(t, shape, upper):
    x = (matrix(t, *shape) + 4 * t.eye(shape[-1])).detach().requires_grad_()
    y = t.cholesky_inverse(x, upper)
    (g,) = t.autograd.grad((y**3).sum(), x, create_graph=True)
    (gg,) = t.autograd.grad((g * g).sum(), x)
    return y, g.tolist(), gg.tolist(), x.detach().cholesky_inverse(upper=upper)


@pytest.mark.parametrize("shape", [(9, 6), (5, 8), (2, 7, 6)])
@judged(ulps=1000)
def test_low_rank(t, shape):
    t.manual_seed(4)
    a = matrix(t, *shape, requires_grad=True)
    found = []
    for function, settings in (
        (t.svd_lowrank, {"q": 3}),
        (t.svd_lowrank, {"q": 2, "niter": 1, "M": a.detach().mean(-2, keepdim=True)}),
        (t.svd_lowrank, {"q": 4, "niter": None}),
        (t.pca_lowrank, {"q": 2}),
        (t.pca_lowrank, {"center": False}),
    ):
        U, S, V = function(a, **settings)
        (g,) = t.autograd.grad(((U * S[..., None, :]) @ V.mT)[..., 0].pow(3).sum(), a)
        # The signs of singular vectors are not the same in all implementations of LAPACK.
        found += [x.detach().contiguous() + 0 for x in (U.abs(), S, V.abs(), g)]
    return found, t.rand(2)
