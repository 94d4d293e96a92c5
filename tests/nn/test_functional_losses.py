"""Losses against torch: reductions, weights, ignored targets, limits, and errors."""

import warnings

import pytest

from tests.judge import both, data, judged

pytestmark = pytest.mark.filterwarnings("ignore:Using a target size", "ignore:reduction. 'mean'")
REDUCTIONS = pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
INF, NAN = float("inf"), float("nan")


def backward(loss):
    loss.sum().backward()
    return loss


TWO = "mse_loss l1_loss smooth_l1_loss huber_loss kl_div poisson_nll_loss binary_cross_entropy"
TWO += " binary_cross_entropy_with_logits"


@REDUCTIONS
@pytest.mark.parametrize("name", TWO.split())
@pytest.mark.parametrize("shape", [(2, 3), (), (0,)])
@judged(ulps=16)
def test_losses_of_two_tensors(t, name, reduction, shape):
    x = t.tensor(data(*shape, low=0.1, high=0.9), requires_grad=True)
    y = t.tensor(data(*shape, low=0.1, high=0.9, seed=1), requires_grad=True)
    return backward(getattr(t.nn.functional, name)(x, y, reduction=reduction)), x, y


@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"])
@judged
def test_kinks(t, name):
    x = t.tensor([-1.0, 0.0, 1.0, 2.0, INF, NAN], requires_grad=True)
    loss = getattr(t.nn.functional, name)(x, t.zeros(6), reduction="none")
    return backward(loss), x


@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "smooth_l1_loss"])
@judged
def test_broadcasting_and_promotion(t, name):
    x = t.tensor(data(3, 1), requires_grad=True)
    y = t.tensor(data(4, seed=1)).float().requires_grad_()
    return backward(getattr(t.nn.functional, name)(x, y)), x, y


@pytest.mark.parametrize("name", ["mse_loss", "binary_cross_entropy"])
@judged
def test_what_is_said_of_a_target_of_another_size(t, name):
    with pytest.raises((UserWarning, ValueError)) as said, warnings.catch_warnings(action="error"):
        getattr(t.nn.functional, name)(t.ones(2, 1), t.ones(2))
    return str(said.value).replace(t.__name__, "t")


@REDUCTIONS
@judged
def test_weighted_huber_loss_is_of_the_dtype_of_its_input(t, reduction):
    x, y = t.tensor([1.0, 5.0, -2.0]), t.zeros(3, dtype=t.float64)
    f = t.nn.functional.huber_loss
    return f(x, y, reduction, weight=t.tensor([1, 2, 3])), f(y, x, reduction, weight=t.ones(3))


@REDUCTIONS
@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "huber_loss"])
@judged
def test_weights(t, name, reduction):
    x, y, w = (t.tensor(data(2, 3, seed=i), requires_grad=True) for i in range(3))
    loss = getattr(t.nn.functional, name)(x, y, weight=w, reduction=reduction)
    return backward(loss), x, y, w


@pytest.mark.parametrize("old", [(True, None), (False, None), (None, False), (None, True)])
@pytest.mark.filterwarnings("ignore:size_average and reduce")
@judged
def test_the_older_spelling_of_reductions(t, old):
    x, y = t.tensor(data(2, 3)), t.tensor(data(2, 3, seed=1))
    return t.nn.functional.mse_loss(x, y, *old)


@pytest.mark.parametrize("name", ["mse_loss", "cross_entropy", "soft_margin_loss"])
@judged(raises="max is not a valid value for reduction")
def test_another_reduction(t, name):
    getattr(t.nn.functional, name)(t.ones(2), t.ones(2), reduction="max")


@judged
def test_binary_cross_entropy_at_0_and_1(t):
    x = t.tensor([0.0, 0.0, 1.0, 1.0, 0.0], requires_grad=True)
    y = t.tensor([0.0, 1.0, 0.0, 1.0, 0.5])
    return backward(t.nn.functional.binary_cross_entropy(x, y, reduction="none")), x


@judged(raises="all elements of input should be between 0 and 1")
def test_binary_cross_entropy_out_of_range(t):
    t.nn.functional.binary_cross_entropy(t.tensor([0.5, 1.5]), t.ones(2))


@pytest.mark.parametrize("target", [-0.5, 1.5, NAN])
@judged(raises="all elements of target should be between 0 and 1")
def test_binary_cross_entropy_of_a_target_out_of_range(t, target):
    f = t.nn.functional.binary_cross_entropy
    f(t.tensor([0.5, 0.5, 2.0]), t.tensor([0.0, target, 0.5]))


WIDER = {
    "binary_cross_entropy": [{"weight": (2, 2)}],
    "binary_cross_entropy_with_logits": [{"weight": (2, 2)}, {"pos_weight": (1, 2)}],
}


@pytest.mark.parametrize("name, wider", [(k, v) for k, each in WIDER.items() for v in each])
@judged(raises="doesn't match the broadcast shape")
def test_weights_do_not_widen_the_loss(t, name, wider):
    weights = {k: t.ones(size) for k, size in wider.items()}
    getattr(t.nn.functional, name)(t.ones(2), t.ones(2), **weights)


@judged(raises="Using a target size")
def test_binary_cross_entropy_of_another_shape(t):
    t.nn.functional.binary_cross_entropy(t.tensor([0.5, 0.5]), t.ones(1))


@judged(raises="Found dtype Long but expected Float")
def test_binary_cross_entropy_of_another_dtype(t):
    t.nn.functional.binary_cross_entropy(t.tensor([0.5, 0.5]), t.tensor([0, 1]))


@judged
def test_binary_cross_entropy_with_extreme_logits(t):
    x = t.tensor([-800.0, 800.0, -INF, 0.0, 100.0], requires_grad=True)
    y = t.tensor([0.0, 1.0, 0.0, 0.5, 0.0])
    loss = t.nn.functional.binary_cross_entropy_with_logits(x, y, reduction="none")
    return backward(loss), x


@REDUCTIONS
@judged
def test_binary_cross_entropy_with_logits_weighted(t, reduction):
    x, y = (t.tensor(data(2, 3, seed=i), requires_grad=True) for i in range(2))
    w, p = t.tensor(data(3, low=0.1, seed=2)), t.tensor(data(2, 1, low=0.1, seed=3))
    f = t.nn.functional.binary_cross_entropy_with_logits
    return backward(f(x, y, w, pos_weight=p, reduction=reduction)), x, y


@judged(raises="Target size")
def test_binary_cross_entropy_with_logits_of_another_shape(t):
    t.nn.functional.binary_cross_entropy_with_logits(t.ones(2), t.ones(2, 1))


@pytest.mark.parametrize("log_target", [False, True])
@judged
def test_kl_div_batchmean(t, log_target):
    x = t.tensor(data(2, 3), requires_grad=True)
    y = t.tensor(data(2, 3, low=0.0, high=1.0, seed=1), requires_grad=True)
    f = t.nn.functional.kl_div
    return backward(f(x, y, reduction="batchmean", log_target=log_target)), x, y


@judged
def test_kl_div_of_probability_0(t):
    x = t.tensor([-1.0, -2.0], requires_grad=True)
    return backward(t.nn.functional.kl_div(x, t.tensor([0.0, 1.0]), reduction="sum")), x


SCORES = [
    ((3, 4), (3,)),
    ((3, 4, 2), (3, 2)),
    ((3, 4, 2, 2), (3, 2, 2)),
    ((4,), ()),
    ((0, 4), (0,)),
]


@REDUCTIONS
@pytest.mark.parametrize("shape, places", SCORES)
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("weighted", [False, True])
@judged(ulps=32)
def test_cross_entropy(t, shape, places, reduction, smoothing, weighted):
    x = t.tensor(data(*shape), requires_grad=True)
    target = (t.tensor(data(*places, low=0, high=3.99, seed=1))).long()
    w = t.tensor(data(4, low=0.5, seed=2)) if weighted else None
    settings = {"reduction": reduction, "ignore_index": 2, "label_smoothing": smoothing}
    loss = t.nn.functional.cross_entropy(x, target, w, **settings)
    loss.backward(t.ones_like(loss))
    return loss, x


@REDUCTIONS
@pytest.mark.parametrize("shape", [(3, 4), (2, 4, 3), (4,)])
@judged(ulps=32)
def test_cross_entropy_of_probabilities(t, shape, reduction):
    x = t.tensor(data(*shape), requires_grad=True)
    p = t.tensor(data(*shape, low=0, seed=1), requires_grad=True)
    w = t.tensor(data(4, low=0.5, seed=2))
    f = t.nn.functional.cross_entropy
    return backward(f(x, p, w, reduction=reduction, label_smoothing=0.1)), x, p


@pytest.mark.parametrize("weighted", [False, True])
@judged
def test_every_target_ignored(t, weighted):
    x = t.tensor(data(2, 3), requires_grad=True)
    target = t.tensor([-100, -100])
    w = t.ones(3, dtype=t.float64) if weighted else None
    return backward(t.nn.functional.cross_entropy(x, target, w)), x


@judged
def test_infinite_scores(t):
    x = t.tensor([[INF, 0.0], [-INF, 0.0], [1000.0, -1000.0]], requires_grad=True)
    f = t.nn.functional.cross_entropy
    return backward(f(x, t.tensor([1, 1, 1]), reduction="none")), x


WRONG = {
    "batch size": ((2, 3), [0, 1, 2], "Expected input batch_size .2. to match target batch_size"),
    "places": ((2, 3, 2), [[0, 1, 1], [1, 1, 1]], "Expected target size"),
    "images": ((2, 3, 2, 2), [[[0, 1]], [[1, 1]]], "size mismatch"),
    "class": ((2, 3), [0, 3], "Target 3 is out of bounds"),
    "negative": ((2, 3), [0, -1], "Target -1 is out of bounds"),
    "floats": ((2, 3), [0.0, 1.0], "expected target dtype to be Long or Byte, but got Float"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_targets(case):
    shape, target, match = WRONG[case]

    @judged(raises=match)
    def snippet(t):
        t.nn.functional.cross_entropy(t.ones(shape), t.tensor(target))

    snippet()


@judged(raises="weight tensor should be defined either for all 3 classes or no classes")
def test_a_weight_of_the_wrong_size(t):
    t.nn.functional.cross_entropy(t.ones(2, 3), t.tensor([0, 1]), t.ones(2))


@judged(raises="label_smoothing must be between 0.0 and 1.0. Got: 2")
def test_too_much_label_smoothing(t):
    t.nn.functional.cross_entropy(t.ones(2, 3), t.tensor([0, 1]), label_smoothing=2.0)


@judged(raises="Expected floating point type for target with class probabilities")
def test_integer_probabilities(t):
    t.nn.functional.cross_entropy(t.ones(2, 3), t.ones(2, 3, dtype=t.int64))


@judged(raises="modified by an inplace operation")
def test_the_target_is_guarded(t):
    x = t.tensor(data(2, 3), requires_grad=True)
    target = t.tensor([0, 1])
    loss = t.nn.functional.nll_loss(x, target)
    target.add_(1)
    loss.backward()


@REDUCTIONS
@pytest.mark.parametrize("p", [1, 2])
@judged
def test_multi_margin(t, reduction, p):
    x = t.tensor(data(3, 4), requires_grad=True)
    w = t.tensor(data(4, low=0.5, seed=1))
    f = t.nn.functional.multi_margin_loss
    return backward(f(x, t.tensor([0, 3, 2]), p, 0.7, w, reduction=reduction)), x


@REDUCTIONS
@pytest.mark.parametrize("size", [(), (3,), (1, 3)])
@pytest.mark.parametrize("target", [0, [0]])
@judged
def test_multi_margin_of_one_row(t, reduction, size, target):
    x = t.tensor(data(*size), requires_grad=True)
    f = t.nn.functional.multi_margin_loss
    return backward(f(x, t.tensor(target), reduction=reduction)), x


@REDUCTIONS
@judged
def test_multilabel_losses(t, reduction):
    x = t.tensor(data(3, 4), requires_grad=True)
    labels = t.tensor([[3, 0, -1, 1], [-1, 0, 1, 2], [0, 1, 2, 3]])
    y = (t.tensor(data(3, 4, seed=1)) > 0).double()
    return (
        backward(t.nn.functional.multilabel_margin_loss(x, labels, reduction=reduction)),
        backward(t.nn.functional.multilabel_soft_margin_loss(x, y, reduction=reduction)),
        x,
    )


@REDUCTIONS
@judged
def test_distance_losses(t, reduction):
    a, b, c = (t.tensor(data(3, 4, seed=i), requires_grad=True) for i in range(3))
    y = t.tensor([1.0, -1.0, 1.0])
    f = t.nn.functional
    return (
        backward(f.cosine_embedding_loss(a, b, y, 0.2, reduction=reduction)),
        backward(f.triplet_margin_loss(a, b, c, swap=True, reduction=reduction)),
        backward(f.margin_ranking_loss(a[0], b[0], c[0].sign(), 0.5, reduction=reduction)),
        backward(f.hinge_embedding_loss(a[:, 0], y, reduction=reduction)),
        backward(f.soft_margin_loss(a, b.detach().sign(), reduction=reduction)),
        a,
        b,
        c,
    )


@judged(raises="margin must be greater than 0, got -1")
def test_triplet_with_a_negative_margin(t):
    t.nn.functional.triplet_margin_loss(*[t.ones(2, 3)] * 3, margin=-1)


@judged
def test_triplet_with_a_distance(t):
    a, b, c = (t.tensor(data(3, 4, seed=i), requires_grad=True) for i in range(3))
    f = t.nn.functional.triplet_margin_with_distance_loss
    loss = f(a, b, c, distance_function=lambda x, y: (x - y).abs().sum(-1), margin=0.5)
    return backward(loss), a, b, c


@judged
def test_distances_of_equal_vectors(t):
    x, y = (t.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True) for _ in range(2))
    f = t.nn.functional
    return (
        backward(f.pairwise_distance(x, y)),
        backward(f.pairwise_distance(x, y, 1.0, keepdim=True)),
        backward(f.pdist(t.cat([x, y]))),
        backward(f.cosine_similarity(x, y * 0)),
        x,
        y,
    )


@judged
def test_normalize(t):
    x = t.tensor([[3.0, 4.0], [0.0, 0.0]], requires_grad=True)
    f = t.nn.functional.normalize
    return backward(f(x)), backward(f(x, 1.0, 0)), f(x, float("inf"), dim=-1), x


@pytest.mark.parametrize("shape", [(4,), (4, 1), (3, 1), (4, 3)])
def test_gaussian_nll(shape):
    def snippet(t):
        x, y = (t.tensor(data(4, 3, seed=i), requires_grad=True) for i in range(2))
        var = t.tensor(data(*shape, low=0.1, seed=2), requires_grad=True)
        return backward(t.nn.functional.gaussian_nll_loss(x, y, var, full=True)), x, y, var

    both(snippet)


@judged(raises="var has negative entry")
def test_gaussian_nll_of_a_negative_variance(t):
    t.nn.functional.gaussian_nll_loss(t.ones(2), t.ones(2), -t.ones(2))


INTEGERS = ["mse_loss", "smooth_l1_loss", "huber_loss", "l1_loss"]
INTEGERS += ["binary_cross_entropy_with_logits"]


@pytest.mark.parametrize("name", INTEGERS)
@pytest.mark.parametrize("dtype", ["int64", "float32"])
def test_integer_targets(name, dtype):
    def snippet(t):
        x = t.tensor([1, 3]).to(getattr(t, dtype))
        return getattr(t.nn.functional, name)(x, t.tensor([0, 1]))

    both(snippet)


LINEAR = [
    ({}, (4, 3), (5, 3), (4,)),
    ({"reduction": "none", "ignore_index": 2}, (4, 3), (5, 3), (4,)),
    ({"label_smoothing": 0.1, "reduction": "sum"}, (3,), (5, 3), ()),
    ({"weighted": True}, (4, 3), (5, 2, 3), (4, 2)),
    ({"probabilities": True}, (4, 3), (5, 3), (4, 5)),
    ({"ignore_index": 1, "probabilities": True}, (4, 3), (5, 3), (4, 5)),
    ({}, (4, 3), (5, 2), (4,)),
    ({}, (4, 3), (3,), (4,)),
    ({}, (2, 4, 3), (5, 3), (4,)),
    ({}, (3,), (5, 2, 3), (2,)),
    ({"bias": (4,)}, (4, 3), (5, 3), (4,)),
]


@pytest.mark.torch
@pytest.mark.parametrize("case", LINEAR)
def test_linear_cross_entropy(case):
    settings, shape, of_weight, of_target = case

    def snippet(t):
        given = dict(settings)
        x, w = [
            t.tensor(data(*s, seed=i), requires_grad=True) for i, s in enumerate((shape, of_weight))
        ]
        bias = t.tensor(data(*given.pop("bias", of_weight[:-1]), seed=3), requires_grad=True)
        target = t.tensor(data(*of_target, low=0, high=1, seed=4))
        if not given.pop("probabilities", False):
            target = (target * 4).long()
        if given.pop("weighted", False):
            given["weight"] = t.arange(1.0, 6).double()
        linear = t.nn.functional.linear_cross_entropy
        first = linear(x, w, target, **given)
        second = linear(x, w, target, linear_bias=bias, **given)
        (first.sum() + second.sum()).backward()
        return first.detach(), second.detach(), [p.grad.tolist() for p in (x, w, bias)]

    both(snippet)


@pytest.mark.parametrize("p", [1.0, float("inf")])
@judged
def test_distances_of_ties(t, p):
    x = t.tensor([[1.0, 1.0, 1.0], [2.0, 2.0, 2.0], [1.0, 3.0, -1.0]], requires_grad=True)
    y = t.nn.functional.pdist(x, p)
    (y * t.arange(1.0, 4.0)).sum().backward()
    return y, x


@judged
def test_distances_of_nan(t):
    """The gradient is NaN where they are, and not 0."""
    x = t.tensor([[NAN, 1.0], [1.0, 2.0], [2.0, 3.0]], requires_grad=True)
    y, z = t.nn.functional.pdist(x, 1.0), t.cdist(x, t.ones(2, 2), 1.0)
    (y.sum() + z.sum()).backward()
    return y, z, x


@pytest.mark.parametrize("p", [1, 2])
@pytest.mark.parametrize("scores", [[NAN, 1.0, 2.0], [INF, INF, 1.0], [1.0, NAN, 3.0]])
@judged
def test_a_margin_passes_over_nan(t, scores, p):
    x = t.tensor([scores], requires_grad=True)
    loss = t.nn.functional.multi_margin_loss(x, t.tensor([0]), p=p)
    loss.backward()
    return loss, x
