"""What the random tests of operators and arguments have found, one snippet each."""

import math
import warnings

import numpy as np
import pytest

import minigrad
from tests.judge import both_raise, judged

AGREE = {
    "bilinear of integers": lambda t: t.nn.functional.bilinear(
        *[t.ones(2, 3, dtype=t.int32)] * 2, t.ones(2, 3, 3, dtype=t.int32)
    ),
    "pinv of no elements": lambda t: t.linalg.pinv(t.ones(0, 2, 3), hermitian=True),
    "names of a GRU": lambda t: repr(t.nn.GRU(7, 1, bidirectional=0)),
    "histogram of none": lambda t: t.ones(2, 0).histogram(density=True).hist.isnan().all(),
    "nansum without recording": lambda t: t.nansum(t.ones(2), dtype=t.int64),
}
REFUSED = {
    "mv": lambda t: t.mv(t.tensor(2), t.tensor(3)),
    "addmv": lambda t: t.addmv(t.tensor(1), t.ones(5, 10).long(), t.ones(2).long()),
    "linear": lambda t: t.nn.functional.linear(t.tensor(2.0), t.tensor(3.0)),
    "pinv": lambda t: t.linalg.pinv(t.ones(2, 2, 3), hermitian=True),
    "solve_triangular": lambda t: t.linalg.solve_triangular(t.eye(3), t.ones(1, 3), upper=True),
    "on the right": lambda t: t.linalg.solve_triangular(
        t.eye(3), t.ones(3, 1), upper=True, left=False
    ),
    "gumbel_softmax": lambda t: t.nn.functional.gumbel_softmax(t.ones(3), tau=1j),
    "split": lambda t: t.split_with_sizes(t.ones(5), [2, 3], "a"),
    "split of one number": lambda t: t.split_with_sizes(t.tensor(1), [1]),
    "take_along_dim": lambda t: t.take_along_dim(t.ones(2, 3).T, t.tensor([0, 1])),
    "weights of classes": lambda t: t.nn.functional.nll_loss(t.ones(2), t.tensor(2), t.ones(3)),
    "weights of planes": lambda t: t.nn.functional.nll_loss(
        t.ones(4, 2, 3), t.ones(4, 3).long(), t.ones(3)
    ),
    "a very large window": lambda t: t.nn.functional.max_pool2d(
        t.ones(2, 3, 4), 10**15, ceil_mode=True
    ),
    "Bilinear": lambda t: t.nn.Bilinear("a", 2, 3),
    "nanmean": lambda t: t.nanmean(t.ones(2), dtype=t.int64),
    "bool": lambda t: t.rsub(t.ones(2, dtype=t.uint8), t.ones(2), alpha=True) and 0,
}


@judged
@pytest.mark.parametrize("name", list(AGREE))
def test_agree(t, name):
    return AGREE[name](t)


@judged(raises=".")
@pytest.mark.parametrize("name", list(REFUSED))
def test_refused(t, name):
    REFUSED[name](t)


@judged(raises="Autograd not support dtype")
@pytest.mark.parametrize("name", ["sum", "nansum", "prod", "cumsum", "cumprod"])
@pytest.mark.parametrize("dtype", ["int64", "uint8"])
def test_a_sum_of_integers_has_no_gradient(t, name, dtype):
    getattr(t, name)(t.ones(2, requires_grad=True), 0, dtype=getattr(t, dtype))


@judged(
    raises="must be float|dtype Long|must be dtype|out of range|cast to the desired|"
    "without overflow"
)
@pytest.mark.parametrize(
    "call",
    [
        lambda t: t.nanmean(t.ones(2), dtype="float32"),
        lambda t: t.nn.functional.multilabel_margin_loss(t.ones(1, 2), t.tensor([[1, 5]])),
        lambda t: t.nn.functional.huber_loss(t.ones(2).long(), t.ones(2)),
        lambda t: t.tensor([1.0, 2.0]).histc(2, max=1e300),
        lambda t: t.ones(2, 3, 4).normal_([1.0, 2.0]),
    ],
    ids=["nanmean", "multilabel_margin_loss", "huber_loss", "histc", "normal_"],
)
def test_wrong_arguments(t, call):
    call(t)


@judged
def test_the_huber_loss_has_the_dtype_of_its_input(t):
    loss = t.nn.functional.huber_loss
    x, y = t.ones(2), t.zeros(2, dtype=t.float64)
    return loss(x, y), loss(y, x), t.nn.Buffer(t.ones(2, requires_grad=True)).requires_grad


@judged(raises="must specify the equation")
def test_an_equation_without_operands(t):
    t.einsum(((1, 0), (0, 1)))


@judged
@pytest.mark.parametrize("settings", [{}, {"std": None}])
def test_normal_numbers_of_a_size_need_a_deviation(t, settings):
    with pytest.raises(TypeError, match="invalid combination of arguments"):
        t.normal(0.0, **settings, size=(2,))


@judged
@pytest.mark.parametrize("name, wrong", [("std", np.ones(2)), ("normal_", 2j)], ids=str)
def test_arguments_of_no_use(t, name, wrong):
    with pytest.raises(TypeError, match=name):
        getattr(t.ones(1, 2), name)(wrong)


@judged
@pytest.mark.parametrize("kind", ["avg", "max"])
@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize("shape, size", [((0, 2), 2), ((0, 2), 0), ((2, 0), 2), ((2, 0), 1)])
def test_the_backward_pass_of_adaptive_pooling_without_elements(t, kind, dims, shape, size):
    """torch may refuse the cotangent, or the input."""
    x = t.ones(*shape, *[3] * dims, requires_grad=True)
    try:
        getattr(t.nn.functional, f"adaptive_{kind}_pool{dims}d")(x, size).sum().backward()
    except RuntimeError as error:
        return str(error)
    return x


@judged(raises="offset|index_size|padding_idx")
@pytest.mark.parametrize(
    "offsets, settings",
    [
        ([0, 4], {}),
        ([0, 9], {"include_last_offset": True}),
        ([], {"include_last_offset": True}),
        ([0], {"padding_idx": [1]}),
        ([0], {"padding_idx": 1.5}),
        ([0], {"padding_idx": 7}),
        ([0], {"padding_idx": -6}),
    ],
    ids=str,
)
def test_bags_that_do_not_fit_their_input(t, offsets, settings):
    offsets = t.tensor(offsets, dtype=t.int64)
    t.nn.functional.embedding_bag(t.tensor([1, 2, 3]), t.ones(5, 3), offsets, **settings)


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
@pytest.mark.parametrize(
    "offsets, last", [([0, 2], True), ([], False), ([0, 2, 1], False), ([0, 3, 2, 3], True)]
)
def test_bags_that_torch_reads_past_their_end(mode, offsets, last):
    """There torch crashes, or has what lies in memory."""
    t = minigrad
    input, weight, starts = t.tensor([1, 2, 3]), t.ones(5, 3), t.tensor(offsets, dtype=t.int64)
    with pytest.raises(RuntimeError, match="offset"):
        t.nn.functional.embedding_bag(input, weight, starts, include_last_offset=last, mode=mode)


@judged
@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_rms_norm_copies_what_is_not_contiguous(t, half, weighted):
    x = t.arange(6.0).reshape(3, 2).T.to(t.float16 if half else t.float32).requires_grad_()
    weight = t.ones(2, 3, dtype=x.dtype) if weighted else None
    y = t.nn.functional.rms_norm(x, (2, 3), weight)
    (y * t.arange(6.0).reshape(2, 3)).sum().backward()
    return y, y.stride(), x


@judged
@pytest.mark.parametrize(
    "make",
    [
        lambda t: t.nn.Embedding(5, 3, padding_idx=False),
        lambda t: t.nn.Embedding(5, 3, padding_idx=-1),
        lambda t: t.nn.EmbeddingBag(5, 3, padding_idx=True),
        lambda t: t.nn.EmbeddingBag(2, 3, padding_idx=np.int64(1), max_norm=np.float64(2)),
        lambda t: t.nn.EmbeddingBag(2, 3, norm_type="b", scale_grad_by_freq="a"),
        lambda t: t.nn.Softshrink(t.tensor(0.5)),
        lambda t: t.nn.Hardshrink(t.tensor(0.5)),
    ],
)
def test_modules_show_their_arguments_as_they_were_given(t, make):
    return repr(make(t))


@judged(raises="adding_idx must be within num_embeddings")
@pytest.mark.parametrize("name", ["Embedding", "EmbeddingBag"])
def test_the_padding_must_be_a_row(t, name):
    getattr(t.nn, name)(5, 3, padding_idx=5)


@judged
@pytest.mark.parametrize("n", [2, 20])
def test_normal_numbers_beyond_the_range_of_their_dtype(t, n):
    t.manual_seed(0)
    around = t.normal(1e300, 1.0, size=(n,)), t.normal(0, 1e300, size=(n,))
    return around, t.ones(n).log_normal_(1e300), t.ones(n).double().log_normal_(0, 1e300)


@judged(raises="without overflow")
@pytest.mark.parametrize("number", [1e300, -3.5e38])
@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("how", ["full", "full_like", "new_full"])
def test_full_refuses_what_a_dtype_of_floats_cannot_hold(t, how, dtype, number):
    dtype = getattr(t, dtype)
    if how == "full":
        t.full((2,), number, dtype=dtype)
    elif how == "full_like":
        t.full_like(t.ones(2, dtype=dtype), number)
    else:
        t.ones(2, dtype=dtype).new_full((2,), number)


@judged
def test_windows_that_all_lie_outside(t):
    x = t.arange(30.0).view(1, 2, 3, 1, 5).requires_grad_()
    settings = {"stride": 2, "padding": 1, "dilation": (1, 2, 1), "ceil_mode": True}
    y, places = t.nn.functional.max_pool3d(x, (3, 2, 3), return_indices=True, **settings)
    y.sum().backward()
    return y, places, x.grad


@pytest.mark.parametrize("name", ["igamma", "igammac"])
@judged
def test_incomplete_gammas_of_scalars(t, name):
    a, x = t.tensor(2.0), t.tensor(1.5, requires_grad=True)
    y = getattr(t, name)(a, x)
    y.backward()
    return y, x.grad, getattr(a.clone(), name + "_")(t.tensor(0.5))


@judged(raises="can't be cast")
def test_an_incomplete_gamma_does_not_fit_into_integers(t):
    t.tensor(1).igamma_(t.tensor(1.5))


@judged(raises="Overflow when unpacking long long")
def test_more_bins_than_can_be_counted(t):
    t.ones(3, 2).histogram(2**63)


@judged
def test_singular_or_not_is_asked_in_silence(t):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return t.linalg.inv_ex(t.full((2, 2), t.nan)).inverse.tolist()


@judged
def test_gradients_come_in_a_tuple(t):
    found = t.gradient(t.arange(6.0).view(2, 3) ** 2)
    return type(found).__name__, found


UNPACKED = {
    "flag": lambda t: t.lu_unpack(t.ones(2, 2), t.ones(2, dtype=t.int32), unpack_pivots=1),
    "vector": lambda t: t.lu_unpack(t.ones(2), t.ones(2, dtype=t.int32)),
    "floats": lambda t: t.lu_unpack(t.ones(2, 2), t.ones(2)),
    "int64": lambda t: t.lu_unpack(t.ones(2, 2), t.ones(2, dtype=t.int64)),
    "beyond": lambda t: t.lu_unpack(t.ones(2, 2), t.tensor([3, 200], dtype=t.int32)),
}


@pytest.mark.torch
@pytest.mark.parametrize("name", UNPACKED)
def test_what_lu_unpack_refuses(name):
    both_raise(UNPACKED[name])


@judged
def test_bounds_that_are_numbers_of_numpy_widen_nothing(t):
    x = t.tensor([[1.0, -2.0], [0.5, 3.0]])
    return t.nn.functional.hardtanh(x, np.float64(0), np.int64(1))


@pytest.mark.parametrize("shape", [(2, 0), (0, 2), (3, 0, 0)], ids=str)
@judged
def test_factors_of_nothing(t, shape):
    x = t.ones(shape)
    return tuple(t.linalg.lu(x)), tuple(t.linalg.lu_factor_ex(x))


ALSO_REFUSED = {
    "logspace": lambda t: t.logspace(1e300, 1, 3),
    "linspace": lambda t: t.linspace(0, 1e300, 3),
    "unravel_index": lambda t: t.unravel_index(t.tensor(1), [0, 0]),
    "mvlgamma": lambda t: t.mvlgamma(t.tensor([True]), 1),
    "gradient": lambda t: t.gradient(t.ones(3), dim=[-1, -1]),
    "mean in a tensor": lambda t: t.ones(2).normal_(t.ones(2)),
    "bound in a tensor": lambda t: t.ones(2).uniform_(t.ones(0)),
    "bool as target": lambda t: t.nn.functional.soft_margin_loss(*[t.ones(2) > 0] * 2),
    "decay first": lambda t: t.optim.Adafactor([t.ones(1)], beta2_decay=1.0, eps=0.0),
    "behind the base": lambda t: write_behind_the_base(t),
    "a leaf that a checkpoint read": lambda t: write_to_what_a_checkpoint_read(t),
}


def write_behind_the_base(t):
    base = t.ones(3)
    part = base.reshape(-1)
    base.resize_(1)
    part.mul_(t.ones(1, requires_grad=True))
    part.sum().backward()


def write_to_what_a_checkpoint_read(t):
    x = t.ones(2, requires_grad=True)
    y = t.utils.checkpoint.checkpoint(lambda x: (x * x).sum() * x, x, use_reentrant=False)
    (g,) = t.autograd.grad(y.sum(), x, create_graph=True)
    with t.no_grad():
        x.mul_(2)
    g.sum().backward()


@pytest.mark.torch
@pytest.mark.parametrize("name", ALSO_REFUSED)
def test_what_is_refused(name):
    both_raise(ALSO_REFUSED[name])


@judged
def test_no_indices_of_nothing(t):
    return t.unravel_index(t.zeros(0, dtype=t.int64), (0, 3)), t.logspace(1, 400, 3)


@judged
def test_zeta_of_infinity(t):
    return t.special.zeta(t.full((4,), math.inf), t.tensor([1.0, 2.0, 0.5, -1.0]))


@judged
def test_settings_in_tensors(t):
    t.manual_seed(3)
    return t.ones(2).normal_(t.tensor(1.0), t.tensor(2)), t.ones(2).uniform_(t.tensor(0.5))


@judged
def test_gradient_is_retained_of_a_view_that_a_function_wrote_to(t):
    class Double(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.mark_dirty(x)
            return x.mul_(2)

        @staticmethod
        def backward(ctx, g):
            return g * 2

    x = t.tensor([2.0, 0.5], requires_grad=True)
    y = (x * x).view(2)
    y.retain_grad()
    z = Double.apply(y)
    z.sum().backward()
    return y.grad.tolist(), x.grad.tolist(), y.retains_grad


@judged
@pytest.mark.parametrize("settings", [{}, {"batch_first": True}, {"bidirectional": True}])
def test_write_to_what_an_lstm_gives_in_double_precision(t, settings):
    t.manual_seed(1)
    net = t.nn.LSTM(2, 3, 2, dtype=t.float64, **settings)
    y, _ = net(t.randn(4, 5, 2, dtype=t.float64))
    y.relu_().sum().backward()
    return [p.grad.tolist() for p in net.parameters()]


@judged(raises="modified by an inplace operation")
def test_write_to_what_an_lstm_gives_in_single_precision(t):
    y, _ = t.nn.LSTM(2, 3)(t.ones(4, 5, 2))
    y.relu_().sum().backward()


@judged(raises="Overflow when unpacking long long")
def test_a_dimension_beyond_64_bits(t):
    return t.ones(2).sum(2**63)


@judged(raises="within the valid range")
def test_a_subscript_behind_the_last(t):
    return t.einsum(t.ones(2), [52])


@judged
def test_a_repetition_of_a_number(t):
    x = t.tensor(3.0, requires_grad=True)
    x.repeat(()).backward()
    return x.grad


@judged
def test_slopes_of_integers(t):
    return t.gradient(t.tensor([1, 2, 4]), spacing=2.0)


@judged(raises="argument 'out' must be Tensor, not int")
def test_out_goes_by_name(t):
    return t.exp(t.ones(2), out=3)


@judged
def test_numbers_of_numpy_and_bytes_of_three_dimensions(t):
    return t.tensor_split(t.ones(5), np.int64(2)), t.zeros(2, 2, 2).view(t.float64)


@judged
def test_a_write_of_a_part_to_itself(t):
    part = t.tensor([1, 2]).unfold(-1, 2, 1)
    whole = part.unsqueeze(0)
    whole[0] = part
    return whole


@judged
def test_steps_through_memory_that_is_seen_in_another_dtype(t):
    bits = t.tensor([[1.0], [-2.0], [-0.75]], dtype=t.float64).view(t.int32)
    part = bits.diagonal(1)
    return part.as_strided((2,), (3,), 0), part.storage_offset(), bits.as_strided((3,), (1,), 1)


@judged(raises="the leading minor of order 2 is not positive-definite")
@pytest.mark.parametrize("of", ["t.cholesky", "t.linalg.cholesky"])
def test_the_triangle_that_counts_has_a_factor(t, of):
    return eval(of, {"t": t})(t.tensor([[1.0, -2.0], [0.5, 3.0]]), upper=True)


@judged(raises="doesn't match the broadcast shape")
def test_a_bias_that_is_too_wide(t):
    return t.nn.functional.linear(t.ones(2, 3, 2).transpose(0, 1), t.ones(1, 2), t.ones(4))


@judged
def test_limits_of_the_incomplete_gamma_functions(t):
    nan, inf = math.nan, math.inf
    a = t.tensor([nan, nan, nan, 0.0, 1.0, inf, inf, 1.0, 0.0, nan, -1.0, inf, 2.0])
    x = t.tensor([0.0, 1.0, nan, nan, nan, nan, inf, inf, 0.0, inf, 1.0, -1.0, -1.0])
    return t.igamma(a, x), t.igammac(a, x)


@judged
def test_places_are_counted_in_64_bits(t):
    return t.unravel_index(t.tensor([1, 2], dtype=t.int32), (2, 3))


@judged(raises="argument 'bias'")
def test_a_bias_that_is_a_number(t):
    return t.nn.functional.linear(t.ones(2, 2), t.ones(2), 1.5)


@judged
def test_no_samples_have_no_integral(t):
    y = t.ones(2, 0, requires_grad=True)
    found = t.trapezoid(y, dx=math.nan), t.trapz(t.ones(0, dtype=t.int64)), t.trapz(y, dim=0)
    return [(x.tolist(), str(x.dtype).rpartition(".")[2]) for x in found]


@judged
def test_the_triangle_that_counts_is_that_of_cholesky_ex(t):
    A = t.tensor([[1.0, -2.0], [0.5, 3.0]])
    return t.linalg.cholesky_ex(A, upper=True).info, t.linalg.cholesky_ex(A).info


@judged
@pytest.mark.parametrize("h", [0.0, -0.0, math.inf, 0.3, 2, [0.7]])
@pytest.mark.parametrize("edge_order", [1, 2])
def test_slopes_of_what_is_no_distance_or_infinitely_apart(t, h, edge_order):
    return t.gradient(t.tensor([2.0, 0.1, 1.3, 1.3]), spacing=h, edge_order=edge_order)


@judged(raises="received an invalid combination of arguments")
@pytest.mark.parametrize("h", ["t.tensor(0.3, requires_grad=True)", "'a'", "t.ones(2)"])
def test_distances_that_are_no_numbers(t, h):
    return t.gradient(t.ones(3), spacing=eval(h, {"t": t}))


@judged(raises="gradient expected each element of spacing to have one dimension")
def test_coordinates_without_a_dimension(t):
    return t.gradient(t.ones(3), spacing=[t.tensor(0.3)])


@judged(raises="INDICES element is out of DATA bounds, id=-3 axis_dim=2")
def test_columns_that_are_not_there(t):
    return t.ones(3, 2).index_select(1, t.tensor([0, -3]))


@judged(raises="received an invalid combination of arguments")
def test_a_dimension_and_a_list_of_them(t):
    return t.ones(2, 3).movedim([0], 1)


@judged
@pytest.mark.parametrize("end", [math.inf, math.nan, 2.0])
def test_one_step_is_the_start(t, end):
    return t.linspace(1, end, 1), t.logspace(1, end, 1)


@judged
def test_numpy_where_nothing_is_recorded(t):
    w = t.ones(2, requires_grad=True)
    with t.no_grad():
        found = [w.numpy(), np.asarray(w)]
    with t.inference_mode():
        return [*found, w.numpy()]


MATRICES = {
    "nan": lambda t: t.tensor([[math.nan, 0.0], [0.0, 1.0]]),
    "batch": lambda t: t.stack([t.eye(2), t.tensor([[math.nan, 0.0], [0.0, 1.0]])]),
}


@judged(raises="linalg.svd: ")
@pytest.mark.parametrize("matrix", MATRICES)
@pytest.mark.parametrize(
    "of",
    [
        *("t.linalg.svd(A)", "t.linalg.svdvals(A)", "t.linalg.pinv(A)", "t.linalg.cond(A)"),
        *("t.linalg.matrix_rank(A)", "t.linalg.matrix_norm(A, 2)", "t.svd(A)"),
    ],
)
def test_no_singular_values_of_nan(t, matrix, of):
    return eval(of, {"t": t, "A": MATRICES[matrix](t)})


@judged(raises="cholesky")
@pytest.mark.parametrize("matrix", MATRICES)
@pytest.mark.parametrize("of", ["t.cholesky(A)", "t.linalg.cholesky(A, upper=True)"])
def test_no_factor_of_nan(t, matrix, of):
    return eval(of, {"t": t, "A": MATRICES[matrix](t)})


@judged
@pytest.mark.parametrize("matrix", MATRICES)
def test_where_nan_ends_a_factorisation(t, matrix):
    return t.linalg.cholesky_ex(MATRICES[matrix](t)).info


@judged
@pytest.mark.parametrize("dtypes", ["float32 float64 float32", "int64 float32 int64", "bool " * 3])
def test_outer_products_added_in_the_common_dtype(t, dtypes):
    x, a, b = [t.ones(2, dtype=getattr(t, d)) for d in dtypes.split()]
    if x.is_floating_point():
        x.requires_grad_()
    return t.addr(x, a, b), t.addr(x, a, b, beta=0)


@judged(raises="expected scalar type Double but found Float")
def test_vector_products_of_two_dtypes(t):
    return t.linalg.cross(t.ones(3, dtype=t.float64), t.ones(3))


@judged
def test_gradients_by_name(t):
    x, y = t.tensor(2.0, requires_grad=True), t.tensor(3.0, requires_grad=True)
    (x * y).backward(inputs={"a": x})
    found = t.autograd.grad(x * y, {"a": x, "b": y})
    unused = t.autograd.grad(x * 1, {"a": x, "b": y}, materialize_grads=True)
    rows = t.autograd.grad((x * y).reshape(1), {"a": x}, t.ones(3, 1), is_grads_batched=True)
    return [list(each.items()) for each in (found, unused, rows)], x.grad.tolist(), y.grad


@judged(raises="materialize_grads cannot be used when the given input is a GradientEdge")
def test_zeros_of_an_edge(t):
    x, y = t.ones(2, requires_grad=True), t.ones(2, requires_grad=True)
    edge = t.autograd.graph.get_gradient_edge(y)
    return t.autograd.grad(x.sum(), (x, edge), allow_unused=True, materialize_grads=True)


@judged(raises="gradients can be either Tensors or None, but got float")
def test_a_cotangent_that_is_a_number(t):
    return t.func.vjp(lambda x: x * 2, t.ones(2))[1](1.0)


def test_a_write_to_what_is_not_mapped_over() -> None:
    torch = pytest.importorskip("torch")
    for t in (torch, minigrad):
        with pytest.raises(RuntimeError):
            t.vmap(lambda x, y: x.add_(y), (None, 0))(t.ones(2), t.ones(3, 2))


@judged
def test_a_gradient_in_lent_memory(t):
    class Twice(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return t.from_numpy(2 * g.numpy())

    x = t.ones(2, requires_grad=True)
    Twice.apply(x).sum().backward()
    return x.grad.tolist()


@judged
def test_what_is_too_large_for_the_tensor_that_is_written_to(t):
    x = t.tensor([math.nan, 1.0, math.inf]).clone()
    return x.nextafter_(t.tensor([1.0, 2.0, 3.0], dtype=t.float64))


@judged
def test_the_second_derivative_of_a_mean_of_nothing(t):
    x = t.zeros(2, 0, requires_grad=True)
    y = x.mean()
    (g,) = t.autograd.grad(y, x, y.clone(), create_graph=True)
    return tuple(g.shape), t.autograd.grad(g, y, g.clone())[0].item()


def test_no_warning_of_a_number_too_large_for_halves() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        minigrad.ones(2, dtype=minigrad.float16) / minigrad.tensor(1e6)
        minigrad.hamming_window(4, alpha=1e300, beta=-1)


@judged(raises="")
@pytest.mark.parametrize("length", [2**63, 2**62])
def test_windows_longer_than_any_memory(t, length):
    t.hann_window(length)


def test_sizes_that_are_no_sequence() -> None:
    for t in (pytest.importorskip("torch"), minigrad):
        with pytest.raises(TypeError):
            t.ones(3).as_strided(3, [1])
        with pytest.raises(TypeError):
            t.ones(3).as_strided_([3], 1)


@judged
@pytest.mark.parametrize("name", ["elu", "celu", "selu"])
def test_the_second_derivative_at_0_of_what_was_written_in_place(t, name):
    x = t.tensor([0.0, 1.0, -1.0], dtype=t.float64, requires_grad=True)
    y = getattr(t.nn.functional, name)(x * 1, inplace=True)
    (g,) = t.autograd.grad(y.sum(), x, create_graph=True)
    (h,) = t.autograd.grad(g.sum(), x, create_graph=True)
    return g.tolist(), h.tolist(), t.autograd.grad(h.sum(), x)[0].tolist()


@judged
def test_the_gradient_of_ties_is_divided_by_their_number(t):
    x = t.tensor([1.0, 1.0, 0.0, 1.0], requires_grad=True)
    (g,) = t.autograd.grad(x.max() * 5, x, create_graph=True)
    return (g * 3 == 5).tolist(), g.sum().item()


@judged
def test_the_variance_of_equal_floats_is_0(t):
    x = t.full((3,), 0.1)
    return x.var().item(), x.std(0).item(), t.tensor([0.1, 0.2, 0.4]).var().item()


@judged
def test_a_power_of_a_number_is_contiguous(t):
    x = t.arange(6.0).view(2, 3).T
    return (2.0**x).stride(), (x**2.0).stride(), x.tril().stride(), x.repeat(1, 2).stride()


@judged
def test_tolerances_of_pinv(t):
    A = t.tensor([[1.0, 0.2], [0.3, 0.1]], dtype=t.float64, requires_grad=True)
    found = []
    for tolerances in ({"atol": 0.5}, {"rtol": t.tensor([0.5, 0.01])}, {"atol": 0.5, "rtol": 0.1}):
        y = t.linalg.pinv(A, **tolerances)
        found += [y, t.autograd.grad((y * y).sum(), A)[0]]
    return [[round(x, 9) for x in y.flatten().tolist()] for y in found]


@judged
def test_a_weight_without_dimensions_may_have_another_dtype(t):
    found = []
    for dtype in (t.float32, t.float64):
        a = t.ones(2, dtype=dtype, requires_grad=True)
        w = t.tensor(0.25, dtype=t.float64, requires_grad=True)
        y = t.lerp(a, a * 2, w)
        y.sum().backward()
        found += [y.tolist(), w.grad.item(), a.grad.tolist(), str(w.grad.dtype)[-7:]]
    return found, t.lerp(a, a, t.tensor(1)).tolist()


@judged
def test_clones_in_an_order_of_memory(t):
    x = t.arange(48.0).view(2, 3, 4, 2).transpose(1, 2).requires_grad_()
    found = []
    for order in (None, t.preserve_format, t.contiguous_format, t.channels_last):
        y = x.clone(memory_format=order)
        y.pow(2).sum().backward()
        found += [y.stride(), y.flatten().tolist(), x.grad.flatten().tolist()]
    return found


@judged(raises="")
@pytest.mark.parametrize("sizes", [(-2, 3), (-2, 1, 3)])
def test_expanding_by_less_than_nothing(t, sizes):
    t.ones(1, 3).expand(sizes)


@pytest.mark.parametrize("name", ["eigh", "eigvalsh", "matrix_rank"])
def test_eigenvalues_of_infinities_do_not_converge(name) -> None:
    settings = {"hermitian": True} if name == "matrix_rank" else {}
    for t in (pytest.importorskip("torch"), minigrad):
        with pytest.raises(t.linalg.LinAlgError, match="The algorithm failed to converge because"):
            getattr(t.linalg, name)(t.full((3, 3), math.inf), **settings)


@judged(raises="All tensors must have the same dtype")
def test_bilinear_of_two_dtypes(t):
    t.nn.functional.bilinear(t.ones(2), t.ones(2).double(), t.ones(1, 2, 2))


@judged
@pytest.mark.parametrize("form", [list, tuple])
def test_the_cotangents_of_one_tensor_may_be_a_sequence(t, form):
    x = t.tensor(3.0, requires_grad=True)
    t.autograd.backward(x * x, form([t.tensor(2.0)]))
    t.autograd.backward(x * x, form([None]))
    return x.grad.item()


@judged(raises="got 1 tensors and 0 gradients")
def test_no_cotangent_for_a_tensor(t):
    t.autograd.backward(t.ones((), requires_grad=True) * 2, [])


@judged(raises="Subtraction, the `-` operator, with a bool tensor is not supported")
def test_the_distance_of_a_mask(t):
    t.dist(t.ones(2), t.tensor([True, False]))


@judged
def test_each_matrix_has_its_own_tolerance(t):
    A = t.diag(t.tensor([1.0, 1e-9])).expand(2, 2, 2)
    at = t.tensor([0.0, 1e-12])
    return t.linalg.matrix_rank(A, atol=at).tolist(), t.linalg.pinv(A, atol=at)[:, 1, 1] > 0


@judged
@pytest.mark.parametrize("name", ["amax", "amin", "aminmax", "norm"])
def test_ties_share_what_is_divided_once(t, name):
    x = t.tensor([[1.0, 1.0, 1.0], [1.0, 2.0, 2.0]], requires_grad=True)
    y = x.norm(math.inf, 1) if name == "norm" else getattr(x, name)(dim=1)
    total = sum(part.sum() * 5 for part in y) if name == "aminmax" else y.sum() * 5
    (g,) = t.autograd.grad(total, x, create_graph=True)
    return g.sum(1).tolist(), (g[:, 0] * 3).tolist()


@judged
@pytest.mark.parametrize("number", [np.float64(0.5), np.float32(0.5), 0.5])
def test_numbers_of_numpys_widen_nothing(t, number):
    f, x = t.nn.functional, t.tensor([0.25, -1.0])
    results = [
        f.elu(x, number),
        f.softplus(x, number),
        f.leaky_relu(x, number),
        x**number,
        x.clamp(number),
    ]
    results += [f.smooth_l1_loss(x, x * 2, beta=number), t.add(x, x, alpha=number)]
    return [(y.dtype, y.tolist()) for y in results[:3]], [y.dtype for y in results]


@judged
def test_covariances_asked_for_without_recording_have_their_history(t):
    factor = t.eye(2).requires_grad_()
    normal = t.distributions.MultivariateNormal(t.zeros(2), scale_tril=factor)
    with t.no_grad():
        found = normal.covariance_matrix, normal.precision_matrix
    return [x.requires_grad for x in found]


@judged(raises="must be")
def test_a_memory_format_that_is_none(t):
    t.ones(2).clone(memory_format="x")


ORDERS = [((0, 1, 2), (2, 1, 0)), ((2, 0, 1), (0, 1, 2)), ((1, 0, 2), (2, 0, 1))]


@judged
@pytest.mark.parametrize("first, second", ORDERS)
@pytest.mark.parametrize("sizes", [(2, 3, 4), (1, 3, 4), (2, 1, 4)])
def test_the_first_operand_decides_how_a_result_lies(t, first, second, sizes):
    def laid(shape, order):
        made = t.arange(float(np.prod(shape))).view([shape[d] for d in order])
        return made.permute([order.index(d) for d in range(3)])

    x, y = laid((2, 3, 4), first), laid(sizes, second)
    found = [x + y, y * x, x - y, y / (x + 1), t.maximum(x, y)]
    return [z.stride() for z in found if 1 not in z.shape]


@judged
def test_dropout_of_a_residual_draws_in_torchs_order(t):
    x = t.arange(24.0).view(4, 2, 3).transpose(0, 1)
    t.manual_seed(0)
    return t.nn.functional.dropout(x + t.ones(2, 4, 3), 0.5).tolist()


@judged
@pytest.mark.parametrize("use_reentrant", [True, False])
def test_dropout_of_a_residual_within_a_checkpoint(t, use_reentrant):
    x = t.arange(24.0).view(4, 2, 3).transpose(0, 1).requires_grad_()

    def block(x):
        return t.nn.functional.dropout(x + t.ones(2, 4, 3), 0.5)

    t.manual_seed(0)
    y = t.utils.checkpoint.checkpoint(block, x, use_reentrant=use_reentrant)
    y.sum().backward()
    return y.tolist(), x.grad.tolist()


@judged(raises="bins tensor should have")
@pytest.mark.parametrize("sizes", [(0,), (2, 2)])
def test_edges_that_are_no_vector_of_some(t, sizes):
    t.ones(2).histogram(t.ones(sizes))


@judged
def test_the_dtype_of_a_number_and_an_outer_product(t):
    small, bytes_ = t.tensor([1, 2], dtype=t.int32), t.tensor([3, 200], dtype=t.uint8)
    results = [t.addr(t.tensor(1), bytes_, small), t.addr(t.tensor(1.0), small, small)]
    x = t.tensor(1.0, dtype=t.float64, requires_grad=True)
    y = t.addr(x, t.ones(2), t.ones(3))
    y.sum().backward()
    return [*[z.dtype for z in results], y.dtype, x.grad]


def test_no_warning_of_a_tolerance_beyond_the_dtype() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not minigrad.linalg.lstsq(minigrad.ones(2, 2), minigrad.ones(2, 3), 1e300).rank


@judged
@pytest.mark.parametrize("s", [3.0, 127.0, 1e3, 1e15, float(2**63), 1e30, math.inf])
def test_zeta_of_a_large_exponent(t, s):
    q = t.tensor([0.5, 1.0, -0.5, -1.5], dtype=t.float64, requires_grad=True)
    y = t.special.zeta(s, q)
    y.sum().backward()
    return y, q.grad, t.special.zeta(t.full((2,), s), t.tensor([0.5, 1.0]))


@judged
@pytest.mark.parametrize("dtype", ["uint8", "int64", "bool", "float64"])
def test_zeta_of_integers_and_a_number(t, dtype):
    s = t.tensor([1, 3, 20]).to(getattr(t, dtype))
    return t.special.zeta(s, -0.5), t.special.zeta(s, 0.1), t.special.zeta(s[1], 2)


@judged(raises="value cannot be converted to type float without overflow")
def test_adagrad_starts_from_what_its_parameters_can_hold(t):
    t.optim.Adagrad([t.ones(1, requires_grad=True)], initial_accumulator_value=1e300)


@judged
def test_no_warning_of_what_is_no_integer(t):
    x = t.tensor([math.nan, 1.0, math.inf])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return t.tensor(x, dtype=t.uint8), t.asarray(x, dtype=t.uint8)


@judged(raises="value cannot be converted to type float without overflow")
@pytest.mark.parametrize("dtype", ["float32", "bool", "int64"])
def test_a_choice_that_does_not_fit(t, dtype):
    x = t.tensor([True, False])
    x.to(getattr(t, dtype)).where(x, 1e300)


@judged
def test_a_choice_that_is_infinite_in_halves(t):
    x = t.tensor([True, False])
    return t.where(x, 1e300, x.half()), t.where(x, 1e300, x.double()), t.where(x, 2.0, -math.inf)


@judged(raises="Dimension ")
@pytest.mark.parametrize("shape", [(), (3,)])
def test_no_channels_to_normalize(t, shape):
    ones = t.ones(3)
    t.nn.functional.instance_norm(t.ones(shape), ones, ones, use_input_stats=False)


@judged(ulps=32)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("weighted", [False, True])
def test_a_constant_channel_is_normalized_to_0(t, dtype, weighted):
    x = t.ones(2, 2, 3, dtype=getattr(t, dtype))
    x[0, 1] = t.tensor([1.0, 2.0, 4.0])
    x.requires_grad_()
    w = t.tensor([2.0, 3.0], dtype=x.dtype, requires_grad=True) if weighted else None
    y = t.nn.functional.instance_norm(x, weight=w, eps=0)
    loss = (y * t.arange(12.0, dtype=x.dtype).view(2, 2, 3) ** 2).sum()
    (g,) = t.autograd.grad(loss, x, create_graph=True)
    (g * g).sum().backward()
    return y.detach(), g.detach(), x.grad, w.grad if weighted else None
