"""Samples, log-probabilities, entropies, divergences and errors of distributions are torch's."""

import pytest

from tests.judge import both_raise, judged


@judged
def test_normal(t):
    t.manual_seed(1)
    x = t.tensor([0.1, 0.5, 0.9], requires_grad=True)
    n = t.distributions.Normal(x, x)
    samples = [n.sample(), n.sample((2,)), n.rsample((4, 1)), t.distributions.Normal(0, 1).sample()]
    of_value = [f(t.tensor([0.2, 0.3, 0.8])) for f in (n.log_prob, n.cdf, n.icdf)]
    of_itself = [n.mean, n.mode, n.stddev, n.variance, n.entropy(), n.perplexity(), n.has_rsample]
    (n.rsample((2,)) ** 2 + n.log_prob(t.ones(2, 3))).sum().backward()
    return samples, of_value, of_itself, x


@judged
def test_the_parameters_of_normal_broadcast(t):
    n = t.distributions.Normal(t.zeros(2, 1, dtype=t.float64), t.ones(3, dtype=t.float64))
    one = t.distributions.Normal(1, t.tensor(2.0, dtype=t.float64))
    return n.batch_shape, n.event_shape, repr(n), repr(one), one.loc, n.sample((4,)).shape


@judged
@pytest.mark.parametrize("name", ["probs", "logits"])
def test_categorical(t, name):
    t.manual_seed(2)
    x = t.tensor([[0.1, 0.5, 1.0], [3.0, 1.0, 2.0]], requires_grad=True)
    c = t.distributions.Categorical(**{name: x})
    shown = repr(c)
    seen = [c.sample(), c.sample((3,)), c.sample([2, 2]), c.probs, c.logits, c.entropy(), c.mode]
    seen += [c.mean, c.variance, c.batch_shape, c.param_shape, repr(c.support), repr(c), shown]
    seen += [c.log_prob(t.tensor(1)), c.log_prob(t.tensor([[0.0], [2.0]]))]
    seen += [c.enumerate_support(), c.enumerate_support(expand=False)]
    c.log_prob(t.tensor([1, 0])).sum().backward()
    return seen, x


@judged
@pytest.mark.parametrize("name", ["probs", "logits"])
def test_bernoulli(t, name):
    t.manual_seed(3)
    x = t.tensor([0.1, 0.5, 0.9], requires_grad=True)
    b = t.distributions.Bernoulli(**{name: x})
    seen = [repr(b), b.sample(), b.sample((4,)), b.probs, b.logits, b.mean, b.variance, b.mode]
    seen += [b.entropy(), b.log_prob(t.tensor(1.0)), b.log_prob(t.tensor([[0.0], [1.0]]))]
    b.entropy().sum().backward()
    return seen, x


@judged
def test_kl_divergence(t):
    d = t.distributions
    x = t.tensor([0.1, 0.5, 0.9], requires_grad=True)
    sure, never = t.tensor([0.0, 1.0]), t.tensor([1.0, 0.0])
    pairs = [
        (d.Normal(x, 1.0), d.Normal(0.0, 2.0)),
        (d.Categorical(logits=x), d.Categorical(t.tensor([0.2, 0.3, 0.5]))),
        (d.Categorical(sure), d.Categorical(sure)),
        (d.Categorical(sure), d.Categorical(never)),
        (d.Bernoulli(x), d.Bernoulli(0.2)),
        (d.Bernoulli(sure), d.Bernoulli(never)),
    ]
    seen = [d.kl_divergence(p, q) for p, q in pairs]
    sum(s.sum() for s in seen[:2]).backward()
    return seen, x


@judged
def test_the_mean_of_impossible_classes_has_a_gradient(t):
    x = t.tensor([0.0, 1.0], requires_grad=True)
    c = t.distributions.Categorical(probs=x)
    c.entropy().backward()
    return c.entropy(), c.log_prob(t.tensor(0)), x


WRONG = {
    "Categorical()": "must be specified",
    "Categorical(t.ones(2), t.ones(2))": "must be specified",
    "Categorical(t.tensor(1.0))": "at least one-dimensional",
    "Categorical(t.tensor([-1.0, 2.0]))": "parameter probs",
    "Categorical(logits=t.tensor([float('nan'), 1.0]))": "parameter logits",
    "Categorical(t.ones(3)).log_prob(t.tensor(5))": "IntegerInterval",
    "Categorical(t.ones(3)).log_prob(1)": "must be a Tensor",
    "Bernoulli()": "must be specified",
    "Bernoulli(1.5)": "parameter probs",
    "Bernoulli(0.3).log_prob(t.tensor(0.5))": "Boolean",
    "Normal('a', 1)": "Input arguments",
    "Normal(0.0, -1.0)": "parameter scale",
    "Normal(t.zeros(2), t.ones(3))": "size of tensor a",
    "Normal(0.0, 1.0).log_prob(t.tensor(float('nan')))": "Real",
    "Normal(t.zeros(2), 1.0).log_prob(t.zeros(3))": "not broadcastable",
}


@pytest.mark.parametrize("code", WRONG)
def test_what_is_refused(code):
    @judged(raises=WRONG[code])
    def refused(t):
        return eval(f"t.distributions.{code}")

    refused()


@judged
def test_validation_can_be_left_out(t):
    n = t.distributions.Normal(0.0, -1.0, validate_args=False)
    return n.log_prob(t.tensor(float("inf"))), t.distributions.Distribution().batch_shape


COVARIANCE = [[2.0, 0.5], [0.5, 1.0]]
COMPOUND = {
    "uniform": lambda t: t.distributions.Uniform(t.zeros(3), t.tensor([1.0, 2.0, 3.0])),
    "covariance": lambda t: t.distributions.MultivariateNormal(t.zeros(2), t.tensor(COVARIANCE)),
    "precision": lambda t: t.distributions.MultivariateNormal(
        t.ones(2), precision_matrix=t.tensor(COVARIANCE)
    ),
    "factor": lambda t: t.distributions.MultivariateNormal(
        t.zeros(3, 2), scale_tril=t.tensor([[2.0, 0.0], [0.5, 1.0]])
    ),
    "independent": lambda t: t.distributions.Independent(
        t.distributions.Normal(t.zeros(2, 3), 2 * t.ones(3)), 1
    ),
    "not independent": lambda t: t.distributions.Independent(
        t.distributions.Uniform(t.zeros(3), 1.0), 0
    ),
}


@judged(ulps=32)
@pytest.mark.parametrize("name", list(COMPOUND))
def test_vectors(t, name):
    t.manual_seed(4)
    d = COMPOUND[name](t)
    x = d.sample()
    seen = [repr(d), x, d.sample((2,)), d.rsample((3,)), d.log_prob(x), d.entropy(), d.variance]
    seen += [d.mean, d.mode, d.stddev, d.batch_shape, d.event_shape, d.has_rsample]
    matrices = [getattr(d, m, None) for m in ("covariance_matrix", "scale_tril")]
    return seen, [m if m is None else m.tolist() for m in matrices]


@judged(ulps=32)
def test_gradients_of_vectors(t):
    t.manual_seed(4)
    mean, covariance = t.zeros(2, requires_grad=True), t.tensor(COVARIANCE, requires_grad=True)
    d = t.distributions.MultivariateNormal(mean, covariance)
    (d.rsample((3,)).pow(2).sum() + d.log_prob(t.ones(2)) + d.entropy()).backward()
    low, high = t.tensor([0.0, 1.0], requires_grad=True), t.tensor(3.0, requires_grad=True)
    u = t.distributions.Uniform(low, high)
    (
        u.rsample((3,)).sum() + u.log_prob(t.tensor(2.0)).sum() + u.cdf(t.tensor(2.0)).sum()
    ).backward()
    return mean, covariance, low, high


@judged(ulps=32)
def test_kl_divergence_of_vectors(t):
    d = t.distributions
    normal = d.MultivariateNormal(t.ones(2), t.eye(2))
    pairs = [
        (COMPOUND["covariance"](t), normal),
        (COMPOUND["factor"](t), normal),
        (d.Uniform(0.0, 2.0), d.Uniform(-1.0, 3.0)),
        (d.Uniform(0.0, 2.0), d.Uniform(-1.0, 1.0)),
        (COMPOUND["independent"](t), d.Independent(d.Normal(t.ones(2, 3), t.ones(3)), 1)),
    ]
    return [d.kl_divergence(p, q) + 0 for p, q in pairs]


VECTOR_ERRORS = {
    "Exactly one of": lambda t: t.distributions.MultivariateNormal(t.zeros(2)),
    "loc must be at least": lambda t: t.distributions.MultivariateNormal(t.tensor(0.0), t.eye(1)),
    "must be at least two-dim": lambda t: t.distributions.MultivariateNormal(t.ones(2), t.ones(2)),
    "PositiveDefinite": lambda t: t.distributions.MultivariateNormal(t.zeros(2), -t.eye(2)),
    "LowerCholesky": lambda t: t.distributions.MultivariateNormal(t.ones(2), None, None, -t.eye(2)),
    "LessThan": lambda t: t.distributions.Uniform(1.0, 0.0),
    "Interval": lambda t: t.distributions.Uniform(0.0, 1.0).log_prob(t.tensor(2.0)),
    "right-most size": lambda t: COMPOUND["covariance"](t).log_prob(t.ones(7)),
    "reinterpreted_batch_ndims": lambda t: t.distributions.Independent(
        t.distributions.Normal(0.0, 1.0), 1
    ),
}


@pytest.mark.parametrize("message", list(VECTOR_ERRORS))
def test_errors_of_vectors(message):
    both_raise(VECTOR_ERRORS[message], message)


MADE = {
    "normal": lambda d, t: d.Normal(t.zeros(2), t.ones(2)),
    "bernoulli": lambda d, t: d.Bernoulli(t.tensor([0.2, 0.7])),
    "logits": lambda d, t: d.Bernoulli(logits=t.tensor([0.2, 0.7])),
    "categorical": lambda d, t: d.Categorical(t.tensor([[0.2, 0.7, 0.1], [0.1, 0.1, 0.8]])),
    "uniform": lambda d, t: d.Uniform(t.zeros(2), t.ones(2)),
    "multivariate": lambda d, t: d.MultivariateNormal(t.zeros(2), t.eye(2)),
    "independent": lambda d, t: d.Independent(d.Normal(t.zeros(3, 2), t.ones(3, 2)), 1),
}


@judged
@pytest.mark.parametrize("name", list(MADE))
def test_expand(t, name):
    made = MADE[name](t.distributions, t)
    larger = made.expand((3, *made.batch_shape))
    t.manual_seed(3)
    x = larger.sample((2,))
    return (
        [larger.batch_shape, larger.event_shape, repr(larger), larger.has_enumerate_support],
        [x, larger.log_prob(x), larger.mean, larger.variance.clone(), larger.entropy().clone()],
    )


@judged(raises="must match")
def test_expand_to_what_does_not_fit(t):
    t.distributions.Normal(t.zeros(2), 1.0).expand((7,))


@judged
@pytest.mark.parametrize("name", ["bernoulli", "logits", "categorical"])
@pytest.mark.parametrize("expand", [True, False])
def test_enumerate_support(t, name, expand):
    return MADE[name](t.distributions, t).expand((3, 2)).enumerate_support(expand)


@judged
def test_enumerate_support_of_normal(t):
    raised = []
    for name in ("normal", "independent"):
        try:
            MADE[name](t.distributions, t).enumerate_support()
        except NotImplementedError as error:
            raised.append(str(error))
    return raised


@judged
def test_validation_by_default(t):
    t.distributions.Distribution.set_default_validate_args(False)
    try:
        unchecked = t.distributions.Normal(0.0, -1.0).scale
    finally:
        t.distributions.Distribution.set_default_validate_args(True)
    with pytest.raises(ValueError, match="to satisfy the constraint"):
        t.distributions.Normal(0.0, -1.0)
    return unchecked


@judged
def test_transforms_with_a_cache(t):
    exp = t.distributions.transforms.ExpTransform()
    kept, x = exp.with_cache(), t.ones(2)
    back = exp.inv.with_cache()
    return exp.inv(exp(x)) is x, kept.inv(kept(x)) is x, back(back.inv(x)) is x, kept == exp


@judged(raises="cache_size must be 0 or 1")
def test_a_cache_of_two(t):
    t.distributions.transforms.ExpTransform().with_cache(2)


@judged
@pytest.mark.parametrize("diag", [-2, -1, 0, 1, 2])
def test_triangles_as_vectors(t, diag):
    utils, x = t.distributions.utils, t.arange(18.0).reshape(2, 3, 3).requires_grad_()
    v = utils.tril_matrix_to_vec(x, diag)
    v.sum().backward()
    return v.detach(), x, utils.vec_to_tril_matrix(v.detach(), diag)


@judged(raises="outside|cannot be expressed")
@pytest.mark.parametrize("call", ["tril_matrix_to_vec(x, 3)", "vec_to_tril_matrix(x[0, :2])"])
def test_no_triangles(t, call):
    eval(f"utils.{call}", {"utils": t.distributions.utils, "x": t.ones(3, 3)})


def test_the_log_determinant_of_one_scale_for_a_whole_event():
    import minigrad as mg

    f = mg.distributions.AffineTransform(1.0, mg.tensor(2.0), event_dim=1)
    x = mg.ones(3, 4)
    assert f.log_abs_det_jacobian(x, f(x)).tolist() == pytest.approx([4 * 0.6931472] * 3)
