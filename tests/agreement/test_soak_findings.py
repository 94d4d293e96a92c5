"""What the random tests of operators and arguments have found, one snippet each."""

import numpy as np
import pytest

from tests.judge import judged

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
@pytest.mark.parametrize("name, wrong", [("std", np.ones(2)), ("normal_", 2j)], ids=str)
def test_arguments_of_no_use(t, name, wrong):
    with pytest.raises(TypeError, match=name):
        getattr(t.ones(1, 2), name)(wrong)
