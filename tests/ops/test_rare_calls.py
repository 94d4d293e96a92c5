"""Calls that few programs make, many of them refused: torch's answer, or its error."""

import itertools

import pytest

import minigrad
from tests.judge import both, data, judged


def ones(t, *shape, **settings):
    return t.ones(shape, dtype=t.float64, **settings)


CALLS = {
    "fill with a tensor": lambda t: t.fill(ones(t, 2), t.tensor(3.0)),
    "fill with a text": lambda t: t.fill(ones(t, 2), "!"),
    "fill with a vector": lambda t: t.fill(ones(t, 2), ones(t, 2)),
    "copy_ of a text": lambda t: ones(t, 2).copy_("!"),
    "copy_ of a number": lambda t: ones(t, 2).copy_(3),
    "copy_ of itself, expanded": lambda t: (x := ones(t, 1).expand(3)).copy_(x),
    "zero_ counts": lambda t: ones(t, 2).zero_()._version,
    "histogram range": lambda t: t.histogram(ones(t, 3), 2, range=(0.0, 1.0, 2.0)),
    "resize_ to nothing": lambda t: ones(t, 3).resize_(0, 3),
    "unique beside nothing": lambda t: t.unique(t.zeros(2, 3, 0), dim=0),
    "cond of a vector": lambda t: t.linalg.cond(ones(t, 3)),
    "cond of integers": lambda t: t.linalg.cond(t.eye(2).long(), 1),
    "cond of halves": lambda t: t.linalg.cond(t.eye(2).half(), 1),
    "31 new dimensions in a list": lambda t: ones(t, 2)[[None] * 31].shape,
    "32 indices in a list": lambda t: ones(t, 2)[[0] * 32].shape,
    "32 new dimensions in a list": lambda t: ones(t, 2)[[None] * 32],
    "beyond the end beside nothing": lambda t: ones(t, 3, 0)[t.tensor([5])].shape,
    "a step of itself": lambda t: (x := t.arange(6.0))[0:6:2].index_copy_(0, t.tensor([0]), x[:1]),
    "amax over a list of no dimensions": lambda t: t.arange(3.0).amax([], keepdim=True),
    "polygamma of a degree whose factorial is infinite": lambda t: t.polygamma(200, ones(t, 1)),
    "Tensor of integers": lambda t: (t.Tensor(t.tensor([1, 2])), t.Tensor(t.tensor(True))),
    "movedim of a scalar": lambda t: ones(t).movedim(0, 0),
    "movedim twice": lambda t: ones(t, 2, 3).movedim((0, 0), (0, 1)),
    "atleast_2d": lambda t: t.atleast_2d(ones(t)),
    "atleast_3d": lambda t: t.atleast_3d([ones(t), ones(t, 2), ones(t, 2, 3), ones(t, 1, 2, 3)]),
    "cdist, dtypes": lambda t: t.cdist(ones(t, 2, 3), t.ones(2, 3)),
    "cdist, negative": lambda t: t.cdist(ones(t, 2, 3), ones(t, 2, 3), p=-1),
    "einsum, summed alone": lambda t: t.einsum(
        "ij,kj,jl->k", ones(t, 2, 3), ones(t, 4, 3), ones(t, 3, 5)
    ),
    "einsum, a factor summed": lambda t: t.einsum("ab,c->c", ones(t, 2, 3), ones(t, 4)),
    "trapezoid, rows": lambda t: t.trapezoid(ones(t, 2, 3, 4), ones(t, 3, 4).cumsum(1)),
    "trapezoid, too few": lambda t: t.trapezoid(ones(t, 2, 3), ones(t, 2)),
    "meshgrid of dtypes": lambda t: t.meshgrid(ones(t, 2), t.ones(2), indexing="ij"),
    "addmm, inner sizes": lambda t: t.addmm(ones(t, 2, 2), ones(t, 2, 3), ones(t, 2, 2)),
    "addmm, a vector": lambda t: t.addmm(ones(t, 2, 2), ones(t, 2), ones(t, 2, 2)),
    "addmm, dtypes": lambda t: t.addmm(ones(t, 2, 2), ones(t, 2, 2), t.ones(2, 2)),
    "addmm, dtype of the sum": lambda t: t.addmm(t.ones(2, 2), ones(t, 2, 2), ones(t, 2, 2)),
    "addmm, a sum that does not expand": lambda t: t.addmm(
        ones(t, 3), ones(t, 2, 2), ones(t, 2, 2)
    ),
    "addmm, a sum of three": lambda t: t.addmm(ones(t, 1, 2, 2), ones(t, 2, 2), ones(t, 2, 2)),
    "addmm, a scalar": lambda t: t.addmm(ones(t), ones(t, 2, 3), ones(t, 3, 4)),
    "addmm, a column": lambda t: t.addmm(ones(t, 2, 1), ones(t, 2, 3), ones(t, 3, 4)),
    "addmv, a vector": lambda t: t.addmv(ones(t, 2), ones(t, 2), ones(t, 2)),
    "addr of a matrix": lambda t: t.addr(ones(t, 2, 2), ones(t, 2, 1), ones(t, 2)),
    "addr, the second": lambda t: t.addr(ones(t, 2, 2), ones(t, 2), ones(t, 2, 1)),
    "addr of a scalar": lambda t: t.addr(ones(t, 2, 2), ones(t), ones(t, 2)),
    "addbmm, a matrix": lambda t: t.addbmm(ones(t, 2, 2), ones(t, 2, 2), ones(t, 1, 2, 2)),
    "baddbmm, batches": lambda t: t.baddbmm(ones(t, 2, 2, 2), ones(t, 2, 2, 2), ones(t, 3, 2, 2)),
    "baddbmm, sizes": lambda t: t.baddbmm(ones(t, 2, 2, 2), ones(t, 2, 2, 2), ones(t, 2, 3, 2)),
    "masked_fill, complex": lambda t: ones(t, 2).masked_fill(t.tensor([True, False]), 1j),
    "masked_fill, a mask of integers": lambda t: ones(t, 2).masked_fill(t.tensor([1, 0]), 1),
    "vector_norm, ord a tensor": lambda t: t.linalg.vector_norm(ones(t, 2), t.tensor(3.0)),
    "vector_norm, ord a text": lambda t: t.linalg.vector_norm(ones(t, 2), "!"),
    "vector_norm of nothing": lambda t: t.linalg.vector_norm(ones(t, 0), float("inf")),
    "vector_norm along what is there": lambda t: t.linalg.vector_norm(ones(t, 0, 2), -1, dim=1),
    "matrix_norm of a vector": lambda t: t.linalg.matrix_norm(ones(t, 2)),
    "matrix_norm, one dim": lambda t: t.linalg.matrix_norm(ones(t, 2, 2), dim=(0,)),
    "matrix_norm, three dims": lambda t: t.linalg.matrix_norm(ones(t, 2, 2, 2), dim=(0, 1, 2)),
    "add, alpha a bool": lambda t: t.add(ones(t, 2), ones(t, 2), alpha=True),
    "sub, alpha a float": lambda t: t.sub(t.tensor([3]), t.tensor([2]), alpha=0.5),
    "True minus a tensor": lambda t: True - t.tensor([True]),
    "True minus numbers": lambda t: True - t.tensor([3]),
    "tensordot, dims < 0": lambda t: t.tensordot(ones(t, 2, 2), ones(t, 2, 2), -1),
    "tensordot, dims": lambda t: t.tensordot(ones(t, 2, 2), ones(t, 2, 2), 3),
    "tensordot, lists": lambda t: t.tensordot(ones(t, 2, 2), ones(t, 2, 2), ([0, 1], [0])),
    "tensordot, a tensor": lambda t: t.tensordot(
        ones(t, 2, 3), ones(t, 3, 2), t.tensor([[1], [0]])
    ),
    "tensordot, sizes": lambda t: t.tensordot(ones(t, 2, 3), ones(t, 2, 3), 1),
    "tensordot, dtypes": lambda t: t.tensordot(ones(t, 2, 2), t.ones(2, 2), 1),
    "vecdot": lambda t: t.linalg.vecdot(ones(t, 2, 3), ones(t, 2, 3)),
    "vecdot, dim": lambda t: t.linalg.vecdot(ones(t, 2, 3), ones(t, 2, 3), dim=0),
    "vecdot, dtypes": lambda t: t.linalg.vecdot(ones(t, 3), t.ones(3)),
    "multi_dot of one": lambda t: t.linalg.multi_dot([ones(t, 2, 2)]),
    "multi_dot, a row": lambda t: t.linalg.multi_dot([ones(t, 2), ones(t, 2, 3), ones(t, 3, 4)]),
    "multi_dot, both": lambda t: t.linalg.multi_dot([ones(t, 2), ones(t, 2, 3), ones(t, 3)]),
    "multi_dot, sizes": lambda t: t.linalg.multi_dot([ones(t, 2, 3), ones(t, 2, 2)]),
    "multi_dot, a middle": lambda t: t.linalg.multi_dot([ones(t, 2, 2), ones(t, 2), ones(t, 2, 2)]),
    "multi_dot, an end": lambda t: t.linalg.multi_dot([ones(t, 2, 2, 2), ones(t, 2, 2)]),
    "argmax of bools": lambda t: t.argmax(t.tensor([True, False])),
    "div, no rounding": lambda t: t.div(t.tensor([3]), t.tensor([2]), rounding_mode=None),
    "div, another rounding": lambda t: t.div(t.tensor([3]), t.tensor([2]), rounding_mode="ceil"),
    "index_select of a scalar": lambda t: t.index_select(ones(t), 0, t.tensor([0, 0])),
    "index_select by a matrix": lambda t: t.index_select(ones(t, 2), 0, t.tensor([[0]])),
    "index_add beyond": lambda t: ones(t, 2, 2).index_add(1, t.tensor([0]), ones(t, 2)),
    "index_add, dtypes": lambda t: ones(t, 2).index_add(0, t.tensor([0]), t.ones(1)),
    "scatter_reduce of nothing": lambda t: ones(t, 2).scatter_reduce(
        0, t.zeros(0, dtype=t.int64), ones(t, 0), "prod"
    ),
    "scatter of a part": lambda t: ones(t, 2, 2).scatter(
        0, t.tensor([[1]]), t.arange(6.0, dtype=t.float64).reshape(2, 3)
    ),
    "scatter of a scalar": lambda t: ones(t).scatter(0, t.tensor(0), ones(t) * 2),
    "scatter, reduce": lambda t: ones(t, 2).scatter(0, t.tensor([1]), ones(t, 1), reduce="mean"),
    "scatter, dtypes": lambda t: ones(t, 2).scatter(0, t.tensor([1]), t.ones(1)),
    "scatter of nothing": lambda t: ones(t, 2).scatter(0, t.zeros(0, dtype=t.int64), ones(t, 0)),
    "searchsorted, sorter": lambda t: t.searchsorted(
        ones(t, 2), ones(t, 1), sorter=t.tensor([0, 5])
    ),
    "inverse of a singular matrix": lambda t: t.linalg.inv(ones(t, 3, 3)),
    "inverse, the last pivot": lambda t: t.linalg.inv(t.tensor([[2.0, 1.0], [4.0, 2.0]])),
    "padding to nothing": lambda t: t.nn.functional.pad(ones(t, 2, 3), (-1, -2)),
    "padding to less": lambda t: t.nn.functional.pad(ones(t, 2, 3), (-2, -2)),
    "quantile, the ends": lambda t: [t.quantile(ones(t, 3).cumsum(0), q) + 0 for q in (0.0, 1.0)],
    "quantile, beyond": lambda t: t.quantile(ones(t, 3), 1.5),
    "quantile, before": lambda t: t.quantile(ones(t, 3), -0.5),
    "chunk of nothing": lambda t: t.unsafe_chunk(ones(t, 0, 2), 3),
    "cov without weight": lambda t: t.cov(ones(t, 2, 2), fweights=t.tensor([0, 0])),
    "storage_offset": lambda t: ones(t, 3, 2)[1:, 1].storage_offset(),
    "erf of many": lambda t: t.linspace(-3, 3, 50001).erf()[::1000],
}


@pytest.mark.torch
@pytest.mark.parametrize("name", CALLS)
def test_calls(name):
    both(CALLS[name])


@judged
def test_blocks_that_are_no_matrices(t):
    given = [t.tensor(data(*shape), requires_grad=True) for shape in [(), (2, 3), (), (2,), (1, 2)]]
    y = t.block_diag(*given)
    (y * t.tensor(data(*y.shape, seed=1))).sum().backward()
    return y, given


@pytest.mark.torch
def test_a_matrix_norm_along_a_number():
    import torch

    for t in (minigrad, torch):
        for dim in (0, None):
            with pytest.raises(TypeError, match="received an invalid combination of arguments"):
                t.linalg.matrix_norm(t.ones(2, 2), dim=dim)


def test_an_empty_vector_is_a_row_of_the_blocks():
    """torch then takes the gradient of the next block from there; see docs/differences.md."""
    x, y = minigrad.ones(0, requires_grad=True), minigrad.ones(1, 2, requires_grad=True)
    (minigrad.block_diag(x, y) * minigrad.arange(4.0).reshape(2, 2)).sum().backward()
    assert y.grad.tolist() == [[2, 3]]


@pytest.mark.parametrize("name", ["lt_", "eq_", "ge_"])
@pytest.mark.parametrize("number", [True, False])
@judged
def test_what_is_compared_in_place_has_no_derivative(t, name, number):
    x = t.tensor([0.5, 2.0], requires_grad=True)
    y = t.tensor([1.0, 2.0], requires_grad=True)
    z = x * 3
    getattr(z, name)(2.0 if number else y * 1)
    (z * 5 + x).sum().backward()
    return x, y


@judged
def test_the_retained_gradient_of_what_is_turned_in_place(t):
    """It is that of the tensor as it was."""
    x = t.tensor([[1.0, 2.0, 3.0]], requires_grad=True)
    y = x * 2
    y.retain_grad()
    y.t_()
    (y * t.tensor([[1.0], [2.0], [3.0]])).sum().backward()
    return y.retains_grad, y.grad, x


def in_projection(t, bias):
    q, k, v = [t.ones(2, 1, 4) for _ in range(3)]
    w = t.ones(12, 4), t.ones(bias)
    f = t.nn.functional.multi_head_attention_forward
    return f(q, k, v, 4, 2, *w, None, None, False, 0.0, t.ones(4, 4), t.ones(4))


REFUSED = {
    "a bias too short to share": lambda t: in_projection(t, 1),
    "a rank by eigenvalues of what is not square": lambda t: t.linalg.matrix_rank(
        t.ones(2, 3), hermitian=True
    ),
    "tolerances of another shape": lambda t: t.linalg.pinv(t.ones(2, 3, 4), rcond=t.ones(2, 3, 4)),
    "bags of bools": lambda t: t.nn.functional.embedding_bag(
        t.tensor([0, 1]), t.ones(3, 2, dtype=t.int64), t.tensor([0])
    ),
    "rows of bools": lambda t: t.nn.functional.embedding_bag(t.ones(2, 2) > 0, t.ones(3, 2)),
}


@pytest.mark.parametrize("name", REFUSED)
@judged(raises="unpack|must be batches|must match the size|Expected tensor for|not implemented")
def test_refused(t, name):
    REFUSED[name](t)


@pytest.mark.parametrize("operands", [([1.0], [1.0, 2.0, 3.0]), (2, "a"), ((), [-1, -1])])
@pytest.mark.parametrize("name", ["add", "sub", "mul", "div"])
@judged(raises="must be Tensor")
def test_no_operand_is_a_tensor(t, name, operands):
    getattr(t, name)(*operands)


@judged(raises="derivative for aten::binomial is not implemented")
def test_a_count_has_no_derivative(t):
    t.binomial(t.tensor(3.0), t.tensor([0.25, 0.5], requires_grad=True)).sum().backward()


@judged
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_bias_without_dimensions_leaves_the_dtype(t, dtype):
    bias = t.tensor(1.5, dtype=getattr(t, dtype), requires_grad=True)
    x, w = t.tensor([1.0, 2.0]), t.tensor([3.0, 4.0], requires_grad=True)
    y = t.nn.functional.linear(x, w, bias)
    y.backward()
    return y, w.grad, bias.grad, y._version, t.nn.functional.linear(x.int(), x.int(), t.tensor(1))


@judged(raises="can't be cast")
def test_a_bias_of_another_kind(t):
    t.nn.functional.linear(t.tensor([1, 2]), t.tensor([3, 4]), t.tensor(0.5))


@judged(raises="can only optimize Tensors")
def test_an_optimizer_of_numbers_without_settings(t):
    t.optim.Optimizer([0], -0.5)


@pytest.mark.parametrize("pad", [[-1, 1, -2, 1], [-1, 1, 0, 0], [0, 0, -1, 0]])
@judged
def test_replication_may_leave_nothing(t, pad):
    x = t.ones(1, 3, 1, 4, requires_grad=True)
    y = t.nn.functional.pad(x, pad, mode="replicate")
    y.sum().backward()
    return y, x


def test_the_gradient_of_a_factor_that_is_not_square():
    """The old function takes such matrices if there are no elements; torch refuses as well."""
    x = minigrad.ones(0, 5, 4, requires_grad=True)
    y = minigrad.cholesky(x, upper=True)
    with pytest.raises(RuntimeError, match="must be batches of square matrices"):
        y.sum().backward()


@judged(ulps=0)
def test_a_slope_below_zero_turns_the_sign_of_zero(t):
    return 1 / t.nn.functional.leaky_relu(t.tensor([0.0, -0.0]), -1.0)


@judged
def test_patches_reach_over_both_edges(t):
    x = t.tensor(data(1, 2, 4, 6), requires_grad=True)
    patches = t.nn.functional.unfold(x, (2, 3), padding=(1, 2), stride=(1, 2), dilation=(2, 1))
    (patches * t.arange(float(patches.shape[-1]))).sum().backward()
    return patches, x.grad


def graph_of(fn):
    return fn and (fn.name(), [graph_of(node) for node, _ in fn.next_functions])


@pytest.mark.parametrize(
    "sizes", [(10, 1, 10, 1), (1, 10, 1, 10), (3, 7, 2, 9, 4), (3, 5, 3, 2, 5, 9)], ids=str
)
@judged
def test_a_chain_of_products_is_cut_where_it_costs_least(t, sizes):
    chain = [ones(t, m, n, requires_grad=True) for m, n in itertools.pairwise(sizes)]
    return graph_of(t.chain_matmul(*chain).grad_fn), graph_of(t.linalg.multi_dot(chain).grad_fn)


NUMPYS_NAMES = {
    "axis, views": lambda t, x: [
        x.squeeze(axis=0),
        x.unsqueeze(axis=1),
        x.unbind(axis=1),
        x.chunk(2, axis=1),
        x.tensor_split(2, axis=1),
        x.select(axis=0, index=1),
        x.narrow(axis=1, start=1, length=2),
        x.clone().unsqueeze_(axis=0).squeeze_(axis=0),
    ],
    "axis, indices": lambda t, x: [
        x.gather(axis=1, index=t.tensor([[0, 2]])),
        t.take_along_dim(x, t.tensor([[1, 0, 1]]), axis=0),
        x.index_select(axis=0, index=t.tensor([1])),
        x.index_add(axis=0, index=t.tensor([1]), source=x[:1]),
        x.index_copy(axis=0, index=t.tensor([1]), source=x[:1]),
        x.clone().index_fill_(axis=0, index=t.tensor([1]), value=2),
        x.scatter(axis=1, index=t.tensor([[0, 2]]), value=3.0),
        x.scatter_add(axis=1, index=t.tensor([[0, 2]]), src=x),
        x.scatter_reduce(axis=1, index=t.tensor([[0, 2]]), src=x, reduce="amax"),
    ],
    "axis, others": lambda t, x: [
        t.gradient(x, axis=1),
        t.cross(x, x + 1, axis=1),
        t.linalg.cross(x, x + 1, axis=1),
        t.renorm(x, 2, axis=0, maxnorm=0.5),
        x.repeat_interleave(2, axis=0),
        t.nn.functional.cosine_similarity(x, x + 1, axis=0),
    ],
    "input, x or a of linalg": lambda t, x: [
        t.linalg.norm(input=x, axis=0, keepdims=True),
        t.linalg.vector_norm(x=x, ord=3),
        t.linalg.vector_norm(input=x, axis=1),
        t.linalg.matrix_norm(a=x, ord=1),
        t.linalg.cond(input=x[:, :2], p=1).item(),
        t.linalg.matrix_rank(input=x).item(),
        t.linalg.pinv(input=x),
        t.linalg.matrix_exp(input=x[:, :2]),
        t.linalg.eigvalsh(x=t.eye(2)),
        t.linalg.eigh(input=t.eye(2)).eigenvalues,
        t.linalg.cholesky_ex(input=t.eye(2)).L.tolist(),
    ],
}


@pytest.mark.parametrize("calls", NUMPYS_NAMES)
@judged
def test_names_of_numpys(t, calls):
    return NUMPYS_NAMES[calls](t, t.tensor([[0.5, 1.0, -2.0], [3.0, -1.5, 0.25]]))


@judged
def test_a_batch_of_strided_matrices_times_a_vector(t):
    matrices = ones(t, 3, 2, 4, requires_grad=True).transpose(0, 1)
    return graph_of((matrices @ ones(t, 4)).grad_fn)


@pytest.mark.parametrize("equation", ["i,i->i", "ij,ij->ij"])
@judged
def test_factors_stay_in_order(t, equation):
    shapes = [(2,) * len(term) for term in equation.split("->")[0].split(",")]
    a, b = [ones(t, *shape) for shape in shapes]
    first = t.einsum(equation, a.requires_grad_(), b).grad_fn
    second = t.einsum(equation, a.detach(), b.requires_grad_()).grad_fn
    return graph_of(first), graph_of(second)


@judged(raises=r"\(position 2\) must be Tensor")
def test_put_at_a_number(t):
    t.put(t.ones(3), 1, t.ones(1))


@judged
def test_embedding_without_padding(t):
    w = t.ones(3, 2, requires_grad=True)
    t.embedding(w, t.tensor([2, 0, 2])).sum().backward()
    return w.grad


@judged
def test_a_copy_in_another_order(t):
    x = t.arange(6.0).reshape(2, 3).t()
    return x.clone(), x.clone(memory_format=t.contiguous_format)


@judged
def test_an_empty_bag_has_no_largest_row(t):
    w = t.tensor([[-1.0, float("inf")], [3.0, 4.0]], requires_grad=True)
    bags = t.nn.functional.embedding_bag(t.tensor([0, 1]), w, t.tensor([0, 0, 2]), mode="max")
    bags.sum().backward()
    return bags, w.grad


@pytest.mark.parametrize("reduce", ["add", "multiply"])
@pytest.mark.parametrize("needs", [(True, False), (False, True)])
@judged(raises="derivative for aten::scatter")
def test_scatter_with_a_reduction_has_no_derivative(t, reduce, needs):
    x, src = (t.ones(3, requires_grad=need) for need in needs)
    y = x * 1
    y.scatter_(0, t.tensor([0, 1, 1]), src, reduce=reduce)
    y.sum().backward()


@judged
def test_all_singular_vectors(t):
    U, S, V = t.svd(t.tensor([[2.0, 0.0], [0.0, 1.0], [0.0, 0.0]]), some=False)
    return U.abs().tolist(), S, V.abs().tolist()


@judged
def test_inner_products_of_rows(t):
    return t.inner(t.arange(6.0).view(2, 3), t.arange(12.0).view(4, 3))


def test_functions_of_elements_count_as_one_write() -> None:
    x = minigrad.ones(2)  # torch counts none, and so would not notice it
    assert x.apply_(lambda v: v + 1)._version == 1
    assert x.map_(minigrad.ones(2), lambda v, w: v * w)._version == 2


@judged(raises="Inplace update to inference tensor")
@pytest.mark.parametrize("name", ["squeeze_", "t_"])
def test_the_shape_of_an_inference_tensor_stays(t, name):
    with t.inference_mode():
        x = t.ones(2, 1)
    getattr(x, name)()


def test_the_matrices_that_are_singular_have_no_solution() -> None:
    A = minigrad.tensor([[[1.0, 0.0], [0.0, 2.0]], [[1.0, 1.0], [1.0, 1.0]]])
    result, info = minigrad.linalg.solve_ex(A, minigrad.ones(2, 2, 3))
    assert result[0].tolist() == [[1.0] * 3, [0.5] * 3]
    assert result.shape == (2, 2, 3)
    assert result[1].isnan().all()
    assert info.tolist() == [0, 2]


@judged(raises="more than one element of the written-to tensor")
@pytest.mark.parametrize("name", ["exp_", "floor_", "sigmoid_", "neg_"])
def test_expanded_memory_is_not_written_to(t, name):
    getattr(t.ones(1).expand(3), name)()


@judged(ulps=2**15)  # of single precision: 4e-3
@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_gelu_of_halves(t, approximate):
    return t.nn.functional.gelu(t.linspace(-4, 4, 65).half(), approximate=approximate).tolist()


@judged
def test_the_rank_where_nothing_counts_as_0(t):
    A = t.diag(t.tensor([1.0, 1e-9]))
    return t.linalg.matrix_rank(A, 0.0).item(), t.linalg.matrix_rank(A).item()


@judged
def test_covariances_with_a_correction_beyond_the_number(t):
    x, w = t.tensor([3.0, 20.0]), t.tensor([0.25, 0.5])
    return x.cov(correction=1000), x.cov(correction=1000, aweights=w)
