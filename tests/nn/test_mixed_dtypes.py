"""Losses, attention and recurrent layers of several dtypes: that of the result, or the error."""

import itertools

import pytest

from tests.judge import data, judged

DTYPES = "float16", "float32", "float64", "int64", "bool"
FLOATS = DTYPES[:3]
pytestmark = pytest.mark.filterwarnings("ignore:reduction. 'mean'")


def outcome(call):
    """What is returned, or the beginning of the error."""
    try:
        return call()
    except RuntimeError as error:
        return str(error).split(". ")[0].removesuffix(".")


def made(t, values, dtype):
    return None if dtype is None else t.tensor(values, dtype=getattr(t, dtype))


def in_narrowest(t, result, *dtypes):
    """The result's dtype, and its numbers, which are as exact as the narrowest operand."""
    narrowest = next(dtype for dtype in FLOATS if dtype in dtypes)
    return str(result.dtype), result.to(getattr(t, narrowest))


def leaf(t, values, dtype):
    x = made(t, values, dtype)
    return x.requires_grad_() if x.is_floating_point() else x


PROBABILITIES = data(2, 3, low=0.1, high=0.9)
LABELS = data(2, 3, low=0, high=1, seed=1).round()


@pytest.mark.parametrize("reduction", ["mean", "none"])
@pytest.mark.parametrize("name", ["weight", "pos_weight"])
@judged(ulps=16)
def test_binary_cross_entropy_with_logits(t, name, reduction):
    """The loss has the target's dtype, into which torch multiplies everything."""

    def loss(of_x, of_target, of_weight):
        x, target = leaf(t, PROBABILITIES, of_x), leaf(t, LABELS, of_target)
        y = t.nn.functional.binary_cross_entropy_with_logits(
            x, target, reduction=reduction, **{name: made(t, data(3, low=1), of_weight)}
        )
        y.sum().backward()
        return in_narrowest(t, y, of_x, of_target), x.grad.dtype

    cases = itertools.product(FLOATS, DTYPES, (None, *DTYPES[:-1]))
    return [outcome(lambda case=case: loss(*case)) for case in cases]


@judged(ulps=16)
def test_binary_cross_entropy_weighted(t):
    def loss(dtype, of_weight):
        x, target = leaf(t, PROBABILITIES, dtype), leaf(t, LABELS, dtype)
        weight = made(t, data(2, 3, low=1), of_weight)
        y = t.nn.functional.binary_cross_entropy(x, target, weight, reduction="none")
        y.sum().backward()
        return y, x, target

    return [loss(*case) for case in itertools.product(FLOATS[1:], DTYPES[1:])]


TWO = "kl_div soft_margin_loss hinge_embedding_loss multilabel_soft_margin_loss poisson_nll_loss"


@pytest.mark.parametrize("name", TWO.split())
@judged(ulps=16)
def test_losses_of_two_tensors(t, name):
    signs = 2 * LABELS - 1 if name in ("soft_margin_loss", "hinge_embedding_loss") else LABELS
    settings = {"full": True} if name == "poisson_nll_loss" else {}

    def loss(of_x, of_y):
        x, y = made(t, PROBABILITIES, of_x), made(t, signs, of_y)
        result = getattr(t.nn.functional, name)(x, y, **settings)
        return in_narrowest(t, result, of_x, of_y, "float32")

    cases = itertools.product(DTYPES[:-1], DTYPES[:-1])
    return [outcome(lambda case=case: loss(*case)) for case in cases]


@judged
def test_margin_ranking(t):
    f = t.nn.functional.margin_ranking_loss
    cases = itertools.product(DTYPES[:-1], repeat=3)
    values = [3, 1], [0, 4], [-1, -1]
    return [f(*map(made, [t] * 3, values, case), reduction="none") for case in cases]


@judged
def test_multi_margin_weighted(t):
    def loss(dtype, of_weight):
        x, target = leaf(t, data(2, 3), dtype), t.tensor([0, 2])
        return t.nn.functional.multi_margin_loss(x, target, weight=made(t, data(3), of_weight))

    cases = itertools.product(FLOATS[1:], DTYPES)
    return [outcome(lambda case=case: loss(*case)) for case in cases]


@pytest.mark.parametrize("lead", [(), (1, 2)], ids=str)
@pytest.mark.parametrize("learnt", [False, True])
@judged(ulps=16)
def test_masks_of_attention(t, lead, learnt):
    def attention(dtype, of_mask):
        q, k, v = (t.tensor(data(*lead, 3, 4, seed=i), dtype=getattr(t, dtype)) for i in range(3))
        q.requires_grad_()
        mask = made(t, data(3, 3, seed=3), of_mask)
        if learnt and mask.is_floating_point():
            mask.requires_grad_()
        y = t.nn.functional.scaled_dot_product_attention(q, k, v, mask)
        y.sum().backward()
        return y, q, mask

    cases = itertools.product(FLOATS[1:], DTYPES)
    return [outcome(lambda case=case: attention(*case)) for case in cases]


@judged
def test_a_narrow_query_and_a_wider_mask(t):
    q = t.tensor(data(3, 4), dtype=t.float16)
    return t.nn.functional.scaled_dot_product_attention(q, q, q, t.tensor(data(3, 3)).float())


@pytest.mark.parametrize("kind", ["RNN", "GRU", "LSTM"])
@pytest.mark.parametrize("cell", [False, True])
@judged
def test_states_of_another_dtype(t, kind, cell):
    """The dtypes that come out. What torch says depends on the library that it calls."""

    def run(of_weights, of_h, of_c):
        m = getattr(t.nn, kind + "Cell" * cell)(3, 4, dtype=getattr(t, of_weights))
        lead = (2,) if cell else (1, 2)
        h, c = t.ones(*lead, 4, dtype=getattr(t, of_h)), t.ones(*lead, 4, dtype=getattr(t, of_c))
        x = t.ones(*lead, 3, dtype=m.weight_hh.dtype if cell else m.weight_hh_l0.dtype)
        try:
            return str(m(x, (h, c) if kind == "LSTM" else h)[0].dtype)
        except RuntimeError:
            return "RuntimeError"

    cases = itertools.product(FLOATS[1:], DTYPES[:-1], DTYPES[1:3])
    return [run(*case) for case in cases]


BAGS = [dtype for dtype in DTYPES if dtype != "bool"] + ["int32", "uint8"]


@pytest.mark.parametrize("of_indices", BAGS)
@pytest.mark.parametrize("of_offsets", [None, *BAGS])
@judged
def test_indices_of_bags(t, of_indices, of_offsets):
    indices = t.tensor([0, 1, 1, 0], dtype=getattr(t, of_indices))
    offsets = None if of_offsets is None else t.tensor([0, 2], dtype=getattr(t, of_offsets))
    indices = indices if offsets is not None else indices.reshape(2, 2)
    table = t.tensor(data(2, 3))
    return outcome(lambda: t.nn.functional.embedding_bag(indices, table, offsets))


@judged(raises="to have the same type as tensor for argument #1 'per_sample_weights'")
def test_weights_of_bags(t):
    f = t.nn.functional.embedding_bag
    factors = t.ones(1, 2, dtype=t.float64)
    f(t.tensor([[0, 1]]), t.ones(2, 3), mode="sum", per_sample_weights=factors)
