"""Norms and distances against torch."""

import pytest

import minigrad
from tests.judge import both, data, judged

INF, NAN = float("inf"), float("nan")
ORDERS = [0, 0.5, 1, 1.5, 2, 3, INF, -INF, -1]


@pytest.mark.parametrize("p", ORDERS)
@pytest.mark.parametrize("dim", [None, 0, -1, (0, 2), (0, 1, 2), [1], ()], ids=str)
@judged(ulps=32)
def test_vector_norms(t, p, dim):
    x = t.tensor(data(2, 3, 4), requires_grad=True)
    y = [t.linalg.vector_norm(x, p, dim), x.norm(p, dim, True)]
    sum((v * v).sum() for v in y).backward()
    return x, y


@pytest.mark.parametrize("p", [0.5, 1, 1.5, 2, 3, INF, -INF])
@judged(ulps=64)
def test_second_derivatives(t, p):
    x = t.tensor(data(3, 4), requires_grad=True)
    y = x.norm(p, 1) ** 2
    (g,) = t.autograd.grad(y.sum() + t.dist(x[0], x[1], p) ** 3, x, create_graph=True)
    (g * g).sum().backward()
    return x, g.detach().clone()


@pytest.mark.parametrize("ord", ["fro", 1, -1, INF, -INF])
@pytest.mark.parametrize("dim", [(-2, -1), (0, 1), (2, 0), (1, 2)])
@pytest.mark.parametrize("keepdim", [False, True])
@judged
def test_matrix_norms(t, ord, dim, keepdim):
    x = t.tensor(data(2, 3, 4), requires_grad=True)
    y = [t.linalg.matrix_norm(x, ord, dim, keepdim), t.linalg.norm(x, ord, dim, keepdim)]
    sum((v * v).sum() for v in y).backward()
    return x, y


@judged
def test_orders_that_are_left_out(t):
    x = t.tensor(data(3, 4), requires_grad=True)
    y = [t.norm(x), x.norm(), t.norm(x, None), x.norm("fro", dim=0), t.norm(x, dim=(0, 1))]
    y += [t.linalg.norm(x), t.linalg.norm(x[0]), t.linalg.norm(x, dim=1), t.linalg.matrix_norm(x)]
    y += [t.linalg.norm(x[0], 3), x.norm(p=1), x[0, 0].norm(), t.norm(x, dtype=t.float64)]
    sum((v * v).sum() for v in y).backward()
    return x, y


@judged
def test_dtypes(t):
    x = t.tensor(data(3, 4), dtype=t.float32, requires_grad=True)
    y = x.norm(2, dtype=t.float64) + t.linalg.vector_norm(x, 1, 0, dtype=t.float64)
    y.sum().backward()
    h = t.tensor([100.0, 200.0], dtype=t.float16)
    return x, y, h.norm(), h.norm(1), h.norm(0), t.tensor([3.0, -4.0]).norm()


@judged
def test_of_nothing(t):
    x = t.ones(0, 3, requires_grad=True)
    y = [x.norm(), x.norm(1), x.norm(0, 0), t.linalg.norm(x, dim=0), t.dist(x, x)]
    y += [t.linalg.vector_norm(x, INF, 1), t.cdist(t.ones(2, 0), t.ones(3, 0)), t.cdist(x, x)]
    sum(v.sum() for v in y).backward()
    return x, y


@pytest.mark.parametrize("of", ["input", "result"])
@pytest.mark.parametrize("p", [1, 2, 3])
def test_what_is_saved(of, p) -> None:
    def snippet(t):
        x = t.tensor(data(2, 3), requires_grad=True)
        z = x * 1
        y = z.norm(p, 1)
        with t.no_grad():
            (z if of == "input" else y).mul_(2)
        y.sum().backward()
        return x

    both(snippet)


@pytest.mark.parametrize("p", [1, 1.5, 2, 3, INF])
@pytest.mark.parametrize(
    "shapes", [((3, 2), (4, 2)), ((2, 3, 2), (4, 2)), ((2, 1, 3, 2), (5, 1, 2))]
)
@judged(ulps=32)
def test_distances(t, p, shapes):
    a = t.tensor(data(*shapes[0]), requires_grad=True)
    b = t.tensor(data(*shapes[1], seed=1), requires_grad=True)
    y = t.cdist(a, b, p)
    (y * y).sum().backward()
    return a, b, y


@judged
def test_how_many_elements_of_two_rows_differ_where_some_are_nan(t):
    x = t.tensor([[NAN, 1.0, 2.0], [0.0, 1.0, 2.0], [INF, INF, 1.0]])
    return [t.cdist(x, x, 0), t.nn.functional.pdist(x, 0)]


@pytest.mark.parametrize(
    "mode",
    [
        "use_mm_for_euclid_dist_if_necessary",
        "use_mm_for_euclid_dist",
        "donot_use_mm_for_euclid_dist",
    ],
)
@judged(ulps=256)
def test_distances_of_many(t, mode):
    a = t.tensor(data(30, 4), requires_grad=True)
    b = t.tensor(data(2, 5, 4, seed=1), requires_grad=True)
    y = t.cdist(a, b, compute_mode=mode)
    (y * y * y).sum().backward()
    return a, b, y


@judged
def test_dist_broadcasts_and_promotes(t):
    a = t.tensor(data(3, 4), requires_grad=True)
    b = t.tensor(data(4, seed=1), dtype=t.float32, requires_grad=True)
    y = t.dist(a, b) + a.dist(b, 1)
    y.backward()
    return a, b, y


@pytest.mark.parametrize(
    "f",
    [
        lambda t: t.norm(t.tensor([1, 2])),
        lambda t: t.norm(t.ones(2, 2), "foo"),
        lambda t: t.norm(t.ones(2, 2), "fro", (0, 0)),
        lambda t: t.norm(t.ones(2), 2, 1),
        lambda t: t.linalg.vector_norm(t.ones(2), "fro"),
        lambda t: t.linalg.vector_norm(t.ones(0), INF),
        lambda t: t.linalg.vector_norm(t.ones(2), dtype=t.int64),
        lambda t: t.linalg.vector_norm(t.ones(2, dtype=t.float64), dtype=t.float32),
        lambda t: t.linalg.matrix_norm(t.ones(2)),
        lambda t: t.linalg.matrix_norm(t.ones(2, 2), 3),
        lambda t: t.linalg.matrix_norm(t.ones(2, 2), dim=(0, 0)),
        lambda t: t.linalg.norm(t.ones(2, 2), 2, dim=(0, 1, 1)),
        lambda t: t.linalg.norm(t.ones(2, 2, 2), 2),
        lambda t: t.dist(t.tensor([1]), t.tensor([2])),
        lambda t: t.dist(t.ones(2), t.ones(3)),
        lambda t: t.cdist(t.ones(2), t.ones(2, 2)),
        lambda t: t.cdist(t.ones(2, 2), t.ones(2, 3)),
        lambda t: t.cdist(t.ones(2, 2), t.ones(2, 2), -1),
        lambda t: t.cdist(t.ones(2, 2).long(), t.ones(2, 2).long()),
        lambda t: t.cdist(t.ones(2, 2), t.ones(2, 2), compute_mode="fast"),
        lambda t: t.cdist(t.ones(2, 2, 2), t.ones(3, 2, 2)),
    ],
)
@judged(raises="")
def test_errors(t, f):
    f(t)


@pytest.mark.parametrize("ord", [2, -2, "nuc"])
@pytest.mark.parametrize("keepdim", [False, True])
@judged
def test_norms_of_singular_values(t, ord, keepdim):
    A = t.tensor(data(2, 3, 4), requires_grad=True)
    y = t.linalg.matrix_norm(A, ord, (-1, 0), keepdim)
    y.sum().backward()
    return y, A


@judged
def test_a_frobenius_norm_over_one_and_two_dimensions(t):
    x = t.tensor(data(2, 3, 4), requires_grad=True)
    y = t.norm(x, "fro", [0, 2]), t.norm(x, "fro", [1]), t.norm(x, "fro", (0, 1), True)
    sum(part.sum() for part in y).backward()
    return y, x


@judged
def test_renorm_leaves_nan_alone(t):
    """A norm that is NaN is not above the limit: the derivative is 1."""
    x = t.tensor([[NAN, 1.0], [3.0, 4.0]], requires_grad=True)
    y = t.renorm(x, 2, 0, 2.0)
    (y * t.tensor([1.0, 2.0])).sum().backward()
    return y, x


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (2, 0, 3), (2, 3, 0), (0, 2, 2)])
@pytest.mark.parametrize("p", [1, 2, INF, "nuc", "fro"])
@judged
def test_norms_of_empty_matrices(t, shape, p):
    x = t.zeros(*shape, requires_grad=True)
    y = t.linalg.matrix_norm(x, p), t.linalg.matrix_norm(x, p, keepdim=True)
    return [(part.shape, part.tolist(), part.requires_grad) for part in y]


@pytest.mark.parametrize("p", [3.0, 1000.0, -1000.0])
def test_a_norm_along_a_dimension_that_is_not_there(p) -> None:
    """It is the absolute value. torch reads the size of that dimension, and so what lies there."""
    x, like = minigrad.tensor(-1.5), minigrad.nn.functional
    assert minigrad.linalg.vector_norm(x, p, 0).item() == x.norm(p, -1).item() == 1.5
    assert like.pairwise_distance(x, minigrad.tensor(0.0), p, eps=0).item() == 1.5
    assert like.normalize(x, p, dim=-1).item() == -1.0
