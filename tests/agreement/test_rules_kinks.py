"""What minigrad promises where a derivative is a matter of choice: kinks, ties, zeros, NaN.

Every test is one snippet that both libraries run.
"""

import pytest

from tests.judge import judged

NAN, INF = float("nan"), float("inf")


def leaf(t, values):
    return t.tensor(values, dtype=t.float64, requires_grad=True)


def slopes(y, *xs):
    """A result and the gradients of a weighted sum of it, so that no two elements look alike."""
    y = y if hasattr(y, "grad_fn") else y[0]
    weights = y.detach().flatten().clone()
    for i in range(weights.numel()):
        weights[i] = i + 1
    y.backward(weights.view(y.shape))
    return y, xs


KINKS = {
    "relu": lambda t, x: x.relu(),
    "relu6": lambda t, x: t.nn.functional.relu6(x),
    "hardtanh": lambda t, x: t.nn.functional.hardtanh(x),
    "threshold": lambda t, x: t.nn.functional.threshold(x, 1, 7),
    "softshrink": lambda t, x: t.nn.functional.softshrink(x, 1),
    "hardshrink": lambda t, x: t.nn.functional.hardshrink(x, 1),
    "clamp": lambda t, x: x.clamp(-1, 1),
    "clamp without room": lambda t, x: x.clamp(1, -1),
    "clamp by tensors": lambda t, x: x.clamp(t.full_like(x, -1), t.full_like(x, 1)),
    "leaky_relu": lambda t, x: t.nn.functional.leaky_relu(x, 0.1),
    "prelu": lambda t, x: t.nn.functional.prelu(x, t.tensor([0.25], dtype=t.float64)),
    "elu": lambda t, x: t.nn.functional.elu(x),
    "celu": lambda t, x: t.nn.functional.celu(x),
    "selu": lambda t, x: t.nn.functional.selu(x),
    "abs": lambda t, x: x.abs(),
    "sign": lambda t, x: x.sign(),
    "norm of order 1": lambda t, x: x.norm(1),
    "hardsigmoid": lambda t, x: t.nn.functional.hardsigmoid(3 * x.float()),
    "hardswish": lambda t, x: t.nn.functional.hardswish(3 * x),
    "l1_loss": lambda t, x: t.nn.functional.l1_loss(x, t.zeros_like(x)),
    "smooth_l1_loss": lambda t, x: t.nn.functional.smooth_l1_loss(x, t.zeros_like(x)),
    "huber_loss": lambda t, x: t.nn.functional.huber_loss(x, t.zeros_like(x)),
    "nan_to_num": lambda t, x: x.nan_to_num(),
}


@pytest.mark.parametrize("name", KINKS)
@judged
def test_the_slope_at_a_kink(t, name):
    """At a bound, at zero of either sign, beyond the bounds, at infinities and at NaN.

    Most have 0 at the kink; clamp counts both bounds as inside, elu is 1 at 0, and the leaky ones
    take the negative side. relu lets the gradient through at NaN.
    """
    x = leaf(t, [-2, -1, -0.0, 0, 0.5, 1, 2, 6])
    odd = leaf(t, [NAN, INF, -INF])
    return slopes(KINKS[name](t, x), x), slopes(KINKS[name](t, odd), odd)


@pytest.mark.parametrize("name", [name for name in KINKS if name not in ("sign", "hardsigmoid")])
@judged
def test_the_the_slope_at_a_kink_rule(t, name):
    """Of a kink's two sides the second derivative takes the same as the first."""
    x = leaf(t, [-2, -1, -0.0, 0, 0.5, 1, 2, 6])
    (g,) = t.autograd.grad((KINKS[name](t, x) ** 2).sum(), x, create_graph=True)
    (g * g).sum().backward()
    return g.detach(), x


@judged
def test_prelu_differentiated_twice(t):
    """At 0 the slope is the negative one, and the slope's slope 0."""
    x, w = leaf(t, [-1, -0.0, 0, 2]), leaf(t, [0.25])
    g = t.autograd.grad(t.nn.functional.prelu(x, w).sum(), [x, w], create_graph=True)
    ((g[0] * 3).sum() + g[1].sum()).backward()
    return x, w


TIES = {
    "max": lambda t, x: x.max(),
    "min": lambda t, x: x.min(),
    "median": lambda t, x: x.median(),
    "amax": lambda t, x: x.amax(1),
    "amin": lambda t, x: x.amin(1),
    "aminmax": lambda t, x: t.stack(tuple(x.aminmax(dim=1))),
    "largest norm": lambda t, x: x.norm(INF),
    "max along": lambda t, x: x.max(1).values,
    "min along": lambda t, x: x.min(1).values,
    "cummax": lambda t, x: x.cummax(1).values,
    "cummin": lambda t, x: x.cummin(1).values,
    "max_pool1d": lambda t, x: t.nn.functional.max_pool1d(x[None], 2),
    "stable sort": lambda t, x: t.sort(x, dim=1, stable=True).values,
}


@pytest.mark.parametrize("name", TIES)
@judged
def test_who_gets_the_gradient_among_equals(t, name):
    """A full maximum divides evenly; along a dimension the first gets all, in a cummax the last."""
    x = leaf(t, [[1, 3, 3, 1], [2, 2, 0, 0], [3, 3, 3, 3]])
    return slopes(TIES[name](t, x), x)


PAIRS = {
    "maximum": lambda t, x, y: t.maximum(x, y),
    "minimum": lambda t, x, y: t.minimum(x, y),
    "max": lambda t, x, y: t.max(x, y),
    "min": lambda t, x, y: t.min(x, y),
    "fmax": lambda t, x, y: t.fmax(x, y),
    "fmin": lambda t, x, y: t.fmin(x, y),
    "clamp from below": lambda t, x, y: x.clamp(min=y),
    "clamp from above": lambda t, x, y: x.clamp(max=y),
}


@pytest.mark.parametrize("name", PAIRS)
@judged
def test_who_gets_the_gradient_of_two_equals(t, name):
    """Half each, but ``fmax`` and ``clamp`` give all to the first, and ``fmax`` skips NaN."""
    x, y = leaf(t, [1, 2, 3, NAN, 1, NAN]), leaf(t, [1, 3, 2, 1, NAN, NAN])
    return slopes(PAIRS[name](t, x, y), x, y)


@pytest.mark.parametrize("include_self", [True, False])
@pytest.mark.parametrize("reduce", ["amax", "amin"])
@judged
def test_a_scattered_maximum_divides_evenly(t, reduce, include_self):
    """Among all that are equal, what was there included."""
    x, src = leaf(t, [3, 0]), leaf(t, [3, 3, 0, 0])
    index = t.tensor([0, 0, 1, 1])
    y = x.scatter_reduce(0, index, src, reduce, include_self=include_self)
    return slopes(y, x, src)


ZEROS = {
    "norm": lambda t, x: x.norm(),
    "norm of order 3": lambda t, x: x.norm(3),
    "largest norm": lambda t, x: x.norm(INF),
    "frobenius": lambda t, x: t.linalg.matrix_norm(x[None]),
    "norm along": lambda t, x: x.norm(dim=0, keepdim=True),
    "std": lambda t, x: x.std(),
    "var": lambda t, x: x.var(),
    "pairwise_distance": lambda t, x: t.nn.functional.pairwise_distance(x[None], x.detach()[None]),
    "cdist": lambda t, x: t.cdist(x[None], x.detach()[None]),
    "normalize": lambda t, x: t.nn.functional.normalize(x, dim=0),
    "cosine_similarity": lambda t, x: t.cosine_similarity(x, x.detach(), dim=0),
    "hypot": lambda t, x: t.hypot(x, x.detach()),
    "sqrt": lambda t, x: x.sqrt(),
    "log": lambda t, x: x.log(),
    "sqrt of a product": lambda t, x: (x * 0).sqrt(),
    "atan2": lambda t, x: t.atan2(x, x.detach()),
    "prod": lambda t, x: x.prod(),
    "cumprod": lambda t, x: x.cumprod(0),
    "x**0": lambda t, x: x**0,
    "x**0.5": lambda t, x: x**0.5,
    "x**1": lambda t, x: x**1,
    "x**2": lambda t, x: x**2,
    "x**-1": lambda t, x: x**-1,
    "0**x": lambda t, x: 0.0**x,
    "xlogy": lambda t, x: t.xlogy(x, x.detach()),
    "xlogy, the other": lambda t, x: t.xlogy(x.detach(), x),
    "masked sqrt": lambda t, x: t.where(x > 0, x.sqrt(), 0.0),
    "sqrt of a masked": lambda t, x: t.where(x > 0, t.where(x > 0, x, 1.0).sqrt(), 0.0),
    "masked log": lambda t, x: t.where(x == 0, 1.0, x.log()),
    "rsqrt": lambda t, x: x.rsqrt(),
    "acos": lambda t, x: (x + 1).acos(),
    "logsumexp": lambda t, x: x.logsumexp(0),
}


@pytest.mark.parametrize("values", [[0.0, 0.0], [0.0, 2.0, 3.0], [0.0, 2.0, 0.0], [0.0, -0.0]])
@pytest.mark.parametrize("name", ZEROS)
@judged
def test_slopes_at_zero(t, name, values):
    """Norms, std and distances have 0 and not NaN; products leave a zero out without dividing.

    sqrt and log have infinity, and so ``sqrt(x * 0)`` NaN: 0 times infinity. A ``where`` hides a
    gradient that comes in, and not one that its branch makes.
    """
    x = leaf(t, values)
    return slopes(ZEROS[name](t, x), x)


@judged
def test_slopes_of_a_power_in_its_exponent(t):
    """At base 0 it is 0 where the exponent is not negative, and at a negative base NaN."""
    x, y = leaf(t, [0, 0, 0, -2, -2, 2, 1]), leaf(t, [2, 0, -1, 2, 0.5, 0, NAN])
    return slopes(x**y, x, y)


@pytest.mark.parametrize("base", [0.0, 1.0, -2.0, 3])
@judged
def test_slopes_of_a_number_to_a_power(t, base):
    """A Python number as the base."""
    x = leaf(t, [-1, 0, 2])
    return slopes(base**x, x)


@judged
def test_the_spread_of_one_element(t):
    """The variance of one element is NaN unless it divides by n."""
    x, y = leaf(t, [1]), leaf(t, [1])
    return slopes(x.var(), x), slopes(y.var(unbiased=False), y)


NANS = {
    "max": lambda t, x: x.max(),
    "min": lambda t, x: x.min(),
    "max along": lambda t, x: x.max(0).values,
    "amax": lambda t, x: x.amax(),
    "amin": lambda t, x: x.amin(),
    "sort": lambda t, x: x.sort().values,
    "median": lambda t, x: x.median(),
    "nanmedian": lambda t, x: x.nanmedian(),
    "nansum": lambda t, x: x.nansum(),
    "where": lambda t, x: t.where(x.isnan(), 0.0, x),
    "masked_fill": lambda t, x: x.masked_fill(x.isnan(), 0.0),
    "maximum": lambda t, x: t.maximum(x, t.zeros_like(x)),
    "cummax": lambda t, x: x.cummax(0).values,
}


@pytest.mark.parametrize("name", NANS)
@judged
def test_who_gets_the_gradient_where_there_is_nan(t, name):
    """A maximum is the NaN and sends its gradient there; a sort has it last."""
    x = leaf(t, [2, NAN, 5, 1])
    return slopes(NANS[name](t, x), x)


PRODUCTS = [[NAN, 2.0, 0.0], [INF, 0.0, 2.0], [-INF, 0.0]]


@pytest.mark.parametrize("values", PRODUCTS)
@judged
def test_a_product_leaves_the_factor_itself_out(t, values):
    """The slope of a product is that of the others, whatever the factor is."""
    x = leaf(t, values)
    return slopes(x.prod(), x)


@judged
def test_where_hides_what_comes_in(t):
    """The side that was not chosen gets 0, even of an infinite gradient."""
    x, y = leaf(t, [1, 2]), leaf(t, [3, 4])
    z = t.where(t.tensor([True, False]), x, y)
    z.backward(t.tensor([INF, NAN], dtype=t.float64))
    return x, y


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp"])
@pytest.mark.parametrize("row", [[-INF, -INF], [-INF, 1.0], [INF, 1.0], [-INF, 0.0, 0.0]])
@judged
def test_masked_rows_of_a_softmax(t, name, row):
    """One -inf has gradient 0; a row of nothing else has NaN."""
    x = leaf(t, row)
    return slopes(getattr(t, name)(x, 0), x)


@judged
def test_bce_of_certain_predictions(t):
    """Logarithms end at -100, and the gradient's denominator at 1e-12."""
    p = leaf(t, [0, 1, 0, 1, 0.5])
    target = t.tensor([0, 1, 1, 0, 1], dtype=t.float64)
    loss = t.nn.functional.binary_cross_entropy(p, target, reduction="none")
    return slopes(loss, p)


@pytest.mark.parametrize("weight", [None, [1.0, 2.0, 5.0]])
@pytest.mark.parametrize("target", [[0, 2], [0, -100], [-100, -100]])
@judged
def test_cross_entropy_with_ignored_targets(t, target, weight):
    """The mean divides by the weights of what counts: of nothing the loss is NaN, its slope 0."""
    x = leaf(t, [[1, 2, 3], [0, 1, -1]])
    w = None if weight is None else t.tensor(weight, dtype=t.float64)
    loss = t.nn.functional.cross_entropy(x, t.tensor(target), weight=w)
    loss.backward()
    return loss, x
