"""Products, solutions and factorisations beyond torch's own samples: kinks, errors, einsum."""

import numpy as np
import pytest

import minigrad
from tests.judge import both, both_raise, data, judged


def matrix(t, *shape, seed=0, **settings):
    return t.tensor(data(*shape, seed=seed), requires_grad=True, **settings)


def spd(t, n=3, seed=0):
    x = data(n, n, seed=seed)
    return t.tensor(x @ x.T + n * np.eye(n), requires_grad=True)


EQUATIONS = [
    ("ij,jk->ik", (2, 3), (3, 4)),
    ("ij,jk", (2, 3), (3, 4)),
    ("i,i->", (3,), (3,)),
    ("ii->", (3, 3)),
    ("ii->i", (3, 3)),
    ("ij->j", (2, 3)),
    ("ij->ji", (2, 3)),
    ("...ij->...ji", (4, 2, 3)),
    ("bij,bjk->bik", (2, 3, 4), (2, 4, 2)),
    ("i,j->ij", (2,), (3,)),
    ("ij,jk,kl->il", (2, 3), (3, 4), (4, 2)),
    ("...ij,...jk->...ik", (5, 2, 3), (3, 4)),
    ("bhqd,bhkd->bhqk", (2, 2, 3, 4), (2, 2, 5, 4)),
    ("ij,ij->", (2, 3), (2, 3)),
    ("ij,ij->ij", (2, 3), (2, 3)),
    ("bn,anm,bm->ba", (2, 3), (4, 3, 5), (2, 5)),
    (" i j , j k -> k i ", (2, 3), (3, 4)),
    ("ba,bc", (2, 3), (2, 4)),
    ("...,...->...", (2, 1, 3), (4, 3)),
    ("i...,i...->...", (2, 3), (2, 3)),
    ("iij,jk->ik", (2, 2, 3), (3, 4)),
    (",->", (), ()),
]


@pytest.mark.torch
@pytest.mark.parametrize("case", EQUATIONS, ids=lambda case: case[0])
def test_einsum(case):
    equation, *shapes = case

    def program(t):
        xs = [matrix(t, *shape, seed=i) for i, shape in enumerate(shapes)]
        y = t.einsum(equation, *xs)
        (y * t.tensor(data(*y.shape, seed=9))).sum().backward()
        return y.contiguous().clone(), y.grad_fn.name(), [x.grad.clone() for x in xs]

    both(program)


@judged
def test_einsum_with_lists_in_place_of_letters(t):
    a, b = matrix(t, 2, 3), matrix(t, 3, 4)
    return [
        t.einsum(a, [0, 1], b, [1, 2]).clone(),
        t.einsum(a, [0, 1], b, [1, 2], [2, 0]).contiguous().clone(),
        t.einsum(a, [..., 1], b, [1, 3], [..., 3]).clone(),
    ]


@pytest.mark.torch
@pytest.mark.parametrize(
    "equation, shapes",
    [
        ("ij,jk->ik", [(2, 3), (4, 5)]),
        ("ij->ik", [(2, 3)]),
        ("ij->ii", [(2, 3)]),
        ("ij,jk->ik", [(2, 3)]),
        ("ij->i", [(2, 3), (3,)]),
        ("ijk->i", [(2, 3)]),
        ("i->i", [(2, 3)]),
        ("ii->i", [(2, 3)]),
        ("i1->i", [(2, 3)]),
        ("i.j->i", [(2, 3)]),
        ("ab,ba", [(2, 3), (4, 5)]),
        ("zb,abz->a", [(2, 3), (4, 5, 6)]),
        ("i...j,ji...->...", [(2, 3, 4), (2, 3, 4)]),
        ("i...,i...->...", [(2, 3), (2, 4)]),
        ("...ij,...ij->...", [(0, 2, 4), (4, 3, 4)]),
    ],
)
def test_einsum_refuses(equation, shapes):
    both_raise(lambda t: t.einsum(equation, *[t.ones(*shape) for shape in shapes]), "einsum")


@pytest.mark.torch
@pytest.mark.parametrize(
    "wrong",
    [
        lambda t: t.linalg.inv(t.ones(2, 3)),
        lambda t: t.linalg.inv(t.ones(3)),
        lambda t: t.linalg.inv(t.ones(2, 2, dtype=t.int64)),
        lambda t: t.linalg.inv(t.zeros(2, 2)),
        lambda t: t.linalg.inv(t.stack([t.eye(2), t.zeros(2, 2)])),
        lambda t: t.inverse(t.tensor([[1.0, 2.0], [2.0, 4.0]])),
        lambda t: t.linalg.solve(t.zeros(2, 2), t.ones(2)),
        lambda t: t.linalg.solve(t.eye(2), t.ones(3)),
        lambda t: t.linalg.solve(t.eye(2), t.ones(2, dtype=t.float64)),
        lambda t: t.linalg.cholesky(-t.eye(3)),
        lambda t: t.linalg.cholesky(t.tensor([[1.0, 2.0], [2.0, 1.0]])),
        lambda t: t.linalg.det(t.ones(2, 3)),
        lambda t: t.linalg.eigh(t.eye(2), UPLO="x"),
        lambda t: t.linalg.qr(t.eye(2), mode="all"),
        lambda t: t.linalg.matrix_power(t.ones(2, 3), 2),
        lambda t: t.linalg.matrix_power(t.zeros(2, 2), -1),
        lambda t: t.linalg.multi_dot([t.ones(2, 2)]),
        lambda t: t.linalg.cross(t.ones(2), t.ones(2)),
        lambda t: t.outer(t.ones(2, 2), t.ones(2)),
        lambda t: t.inner(t.ones(2, 3), t.ones(2)),
        lambda t: t.tensordot(t.ones(2, 3), t.ones(2, 3), dims=1),
        lambda t: t.vdot(t.ones(2), t.ones(3)),
        lambda t: t.addmv(t.ones(2), t.ones(2, 3), t.ones(2)),
        lambda t: t.baddbmm(t.ones(2), t.ones(2, 3, 4), t.ones(2, 3, 4)),
        lambda t: t.linalg.qr(matrix(t, 3, 2), mode="r")[1].sum().backward(),
        lambda t: t.linalg.qr(matrix(t, 3, 2), mode="complete")[1].sum().backward(),
        lambda t: (
            t.linalg.qr(t.ones(2, 4, 3, requires_grad=True), mode="complete")[1].sum().backward()
        ),
    ],
)
def test_errors(wrong):
    both_raise(wrong)


@judged(ulps=64)
@pytest.mark.parametrize("mode", ["reduced", "complete", "r"])
@pytest.mark.parametrize("shape", [(3, 2), (2, 3), (2, 4, 3)])
def test_the_forms_of_the_qr_factors(t, mode, shape):
    found = t.linalg.qr(matrix(t, *shape).detach(), mode=mode)
    return found.Q.shape, found.R.abs().contiguous().clone()  # whose signs may be any


@judged
def test_the_determinant_at_zero_and_below(t):
    found = []
    for values in ([[0.0, 0.0], [0.0, 0.0]], [[-1.0, 0.0], [0.0, 2.0]]):
        x = t.tensor(values, dtype=t.float64, requires_grad=True)
        y = t.linalg.det(x)
        y.backward()
        found.append((y.detach().round(decimals=12), x.grad.clone().round(decimals=12).abs()))
    return found


def test_the_determinant_of_a_singular_matrix_has_its_cofactors_as_derivative():
    """torch gives 0 here, which differences show to be wrong."""
    import minigrad as t

    x = t.tensor([[1.0, 2.0], [2.0, 4.0]], dtype=t.float64, requires_grad=True)
    t.linalg.det(x).backward()
    np.testing.assert_allclose(x.grad.numpy(), [[4, -2], [-2, 1]], atol=1e-14)
    assert t.autograd.gradcheck(t.linalg.det, x)


@judged
def test_logdet_of_negative_and_singular_matrices(t):
    return [
        t.logdet(t.tensor(values, dtype=t.float64))
        for values in (
            [[-1.0, 0.0], [0.0, 2.0]],
            [[1.0, 1.0], [1.0, 1.0]],
            [[2.0, 0.0], [0.0, 3.0]],
        )
    ]


@judged
def test_equal_singular_values_and_eigenvalues_do_not_hurt_those_who_ask_for_values_only(t):
    found = []
    for f in (
        t.linalg.svdvals,
        t.linalg.eigvalsh,
        lambda x: t.linalg.svd(x)[1],
        lambda x: t.linalg.eigh(x)[0],
    ):
        x = t.eye(3, dtype=t.float64).requires_grad_()
        (f(x) * 2).sum().backward()
        found.append(x.grad.clone())
    return found


@judged
def test_the_inverse_is_saved_and_the_matrix_is_not(t):
    x = spd(t)
    y = x.clone()
    z = t.linalg.inv(y)
    y.zero_()
    z.sum().backward()
    return x.grad.clone()


@judged
def test_functions_of_a_positive_definite_matrix_twice(t):
    x = spd(t)
    L = t.linalg.cholesky(x)
    value = t.linalg.slogdet(x).logabsdet + (L * L).sum() + t.linalg.solve(x, t.ones_like(x)).sum()
    (g,) = t.autograd.grad(value, x, create_graph=True)
    (gg,) = t.autograd.grad(g.sum(), x)
    return value.detach(), g.detach().contiguous().clone(), gg.contiguous().clone()


@judged
def test_a_least_squares_fit_by_the_normal_equations_and_by_pinv(t):
    A, b = matrix(t, 6, 3), t.tensor(data(6, seed=4))
    by_solve = t.linalg.solve(A.T @ A, A.T @ b)
    by_pinv = t.linalg.pinv(A) @ b
    (by_solve.sum() + by_pinv.sum()).backward()
    return by_solve.detach(), by_pinv.detach(), A.grad.contiguous().clone()


@judged
def test_named_results(t):
    x = spd(t).detach()
    return [
        type(y).__name__ + str([n for n in ("L", "eigenvalues", "Q", "U", "sign") if hasattr(y, n)])
        for y in (t.linalg.eigh(x), t.linalg.qr(x), t.linalg.svd(x), t.linalg.slogdet(x))
    ]


@judged
def test_integer_products(t):
    a = t.tensor([[1, 2], [3, 4]])
    v = t.tensor([5, 6])
    return [
        t.outer(v, v),
        t.kron(a, a),
        t.inner(a, v),
        t.tensordot(a, a),
        t.einsum("ij,j->i", a, v),
        t.linalg.matrix_power(a, 3),
        t.linalg.multi_dot([a, a, v]),
        t.addmv(v, a, v),
        t.cross(t.tensor([1, 0, 0]), t.tensor([0, 1, 0]), dim=0),
    ]


@judged
def test_the_rank_that_pinv_finds(t):
    """The default rtol is the unit roundoff times the larger size."""
    values = [1.0, 1.0, 4e-16, 8e-16]
    return [t.linalg.pinv(t.diag(t.tensor(values[:n], dtype=t.float64))) for n in (3, 4)]


@judged
def test_systems_of_vectors_and_of_batches_of_vectors(t):
    A = t.tensor(data(2, 3, 3) + 4 * np.eye(3), requires_grad=True)
    b, batch = (t.tensor(data(*shape, seed=1), requires_grad=True) for shape in ((3,), (2, 3)))
    made = t.linalg.solve(A[0], b), t.linalg.solve(A, batch), t.linalg.solve(A, b)
    made += (t.linalg.solve(A, b.expand(2, 4, 3), left=False),)
    sum((part * part).sum() for part in made).backward()
    return [part.detach().flatten().clone() for part in made], A, b, batch


@judged
def test_powers_of_a_matrix(t):
    A = t.tensor(data(2, 3, 3), requires_grad=True)
    made = [t.linalg.matrix_power(A, n) for n in range(6)]
    sum(part.sum() for part in made).backward()
    return made, [y.grad_fn.name() for y in made], A


@judged
def test_products_of_vectors_with_batches(t):
    x, y = t.tensor(data(4), requires_grad=True), t.tensor(data(2, 3, 4, 4), requires_grad=True)
    made = t.matmul(x, y), t.matmul(y, x), t.matmul(y[:, :, :1], x), t.matmul(y, y[0, 0, 0])
    made += t.matmul(x, y[0, 0]), t.matmul(x, y.transpose(-1, -2)[0]), t.matmul(y[:1, 0], y[0])
    made += t.matmul(y[0], y[:1, 0]), t.matmul(y[:, :1], y[:1])
    made += (t.matmul(y.transpose(0, 1), x.detach()),)  # no view makes one matrix of that batch
    made += (t.tensordot(y[:, :1], y, ([1, 0], [1, 0])), t.tensordot(y, y[:, :1], ([1], [1])))
    sum(part.sum() for part in made).backward()
    return made, x, y


@judged
def test_the_old_cholesky(t):
    A = t.tensor([[4.0, 1.0], [1.0, 3.0]], requires_grad=True)
    made = t.cholesky(A), t.cholesky(A, True), A.cholesky(upper=True)
    sum(part.sum() for part in made).backward()
    return [part.tolist() for part in made], A


@pytest.mark.parametrize(
    "rows", [[[1, 2, 3], [2, 4, 7], [3, 6, 1]], [[1, 2], [2, 4]], [[0, 1], [0, 1]]]
)
@judged(raises="singular")
def test_the_pivot_that_is_zero_is_named(t, rows):
    t.linalg.inv(t.tensor(rows, dtype=t.float64))


@pytest.mark.parametrize(
    "f",
    [
        lambda t: t.linalg.solve_triangular(t.ones(2, 3), t.ones(2, 2), upper=True),
        lambda t: t.linalg.solve_triangular(t.ones(3), t.ones(3, 2), upper=True),
        lambda t: t.mm(t.ones(2, 2), None),
        lambda t: t.mm(None, t.ones(2, 2)),
    ],
)
@judged(raises="")
def test_operands_that_do_not_go_together(t, f):
    f(t)


def test_addmv_does_not_promote():
    for dtype in ("float64", "int64"):
        for t in (minigrad, pytest.importorskip("torch")):
            with pytest.raises(RuntimeError):
                t.addmv(t.ones(2), t.ones(2, 2), t.ones(2, dtype=getattr(t, dtype)))


@judged(ulps=64)
def test_old_names(t):
    A = t.tensor(data(2, 3, 3), requires_grad=True)
    made = t.det(A), A.det(), t.inverse(A), t.matrix_power(A, 2), t.logdet(A.mH @ A)
    sum(part.sum() for part in made).backward()
    return [part.tolist() for part in made], A


DECOMPOSING = [
    "inv",
    "det",
    "slogdet",
    "logdet",
    "cholesky",
    "eigh",
    "eigvalsh",
    "qr",
    "svd",
    "svdvals",
    "cond",
    "pinv",
    "matrix_rank",
    "solve",
    "solve_triangular",
]


@pytest.mark.parametrize("dtype", ["float16", "int64"])
@pytest.mark.parametrize("name", DECOMPOSING)
@judged(raises="Low precision|floating point|not implemented|types")
def test_dtypes_that_lapack_does_not_have(t, name, dtype):
    A = t.eye(2, dtype=getattr(t, dtype))
    if name.startswith("solve"):
        return getattr(t.linalg, name)(A, A, **({"upper": True} if "_" in name else {}))
    return (t.logdet if name == "logdet" else getattr(t.linalg, name))(A)


@pytest.mark.parametrize("name", [name for name in DECOMPOSING if not name.startswith("solve")])
@judged(raises="2 dimensions|2 or more dimensions")
def test_a_vector_is_no_matrix(t, name):
    return (t.logdet if name == "logdet" else getattr(t.linalg, name))(t.ones(2))


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int16", "int32", "int64", "float16"])
@judged
def test_addbmm_keeps_the_dtype_of_its_operands(t, dtype):
    batch = t.arange(12, dtype=getattr(t, dtype)).reshape(3, 2, 2)
    return t.addbmm(batch[0], batch, batch), batch[0].addbmm(batch, batch, beta=2, alpha=3)


@judged
def test_the_rank_that_is_sought_by_default(t):
    return [tuple(x.shape) for x in t.svd_lowrank(t.tensor(data(12, 9)))]


@judged
@pytest.mark.parametrize(
    "a, b",
    [((3, 1, 2, 4), (4,)), ((2, 1, 3, 5, 4), (4,)), ((4,), (3, 1, 4, 2)), ((2, 3, 4), (4,))],
)
def test_batches_times_a_vector(t, a, b):
    x, y = t.tensor(data(*a), requires_grad=True), t.tensor(data(*b, seed=1), requires_grad=True)
    z = x @ y
    (z * z).sum().backward()
    return z, x.grad, y.grad


@pytest.mark.parametrize("shape", [(3, 2), (2, 3), (2, 2, 3)])
@judged
def test_singular_values_alone_by_the_old_name(t, shape):
    x = t.tensor(data(*shape), requires_grad=True)
    U, S, V = t.svd(x, compute_uv=False)
    S.sum().backward()
    return U.tolist(), S.detach(), V.tolist(), x.grad.shape
