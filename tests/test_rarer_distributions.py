"""The distributions, transforms, constraints and divergences that lessons use less often."""

import math
from typing import ClassVar

import numpy as np
import pytest

import minigrad
from tests.judge import both, both_raise, judged

# The call, its parameters, and a value that it can give.
CASES = {
    "Multinomial": ("D.Multinomial(4, *p)", [[[0.2, 0.3, 0.5], [0.1, 0.1, 0.8]]], [1.0, 1.0, 2.0]),
    "Multinomial of logits": ("D.Multinomial(4, logits=p[0])", [[0.2, 0.3, 0.5]], [1.0, 1.0, 2.0]),
    "Binomial": ("D.Binomial(4, *p)", [[0.2, 0.7]], [1.0, 3.0]),
    "Binomial of logits": ("D.Binomial(t.tensor([30, 40]), logits=p[0])", [[0.2, 2.0]], [9.0, 3.0]),
    "NegativeBinomial": ("D.NegativeBinomial(3, *p)", [[0.2, 0.7]], [1.0, 3.0]),
    "NegativeBinomial of logits": ("D.NegativeBinomial(2, logits=p[0])", [[0.2, -1.0]], [1.0, 3.0]),
    "HalfCauchy": ("D.HalfCauchy(*p)", [[1.0, 2.0]], [1.0, 3.0]),
    "Pareto": ("D.Pareto(*p)", [[1.0, 2.0, 1.0], [1.0, 1.5, 3.0]], [1.5, 3.0, 4.0]),
    "Weibull": ("D.Weibull(*p)", [[1.0, 2.0, 1.0], [1.0, 1.5, 3.0]], [1.5, 3.0, 4.0]),
    "InverseGamma": ("D.InverseGamma(*p)", [[1.0, 2.0, 3.0], [1.0, 1.5, 0.3]], [1.5, 3.0, 4.0]),
    "Kumaraswamy": ("D.Kumaraswamy(*p)", [[1.0, 2.0, 0.5], [0.9, 0.7, 0.3]], [0.5, 0.3, 0.4]),
    "ContinuousBernoulli": ("D.ContinuousBernoulli(*p)", [[0.1, 0.5, 0.9]], [0.5, 0.3, 0.4]),
    "ContinuousBernoulli of logits": (
        "D.ContinuousBernoulli(logits=p[0])",
        [[2.0, 0.0, -0.7]],
        [0.5, 0.3, 0.4],
    ),
    "FisherSnedecor": ("D.FisherSnedecor(*p)", [[1.0, 2.0, 3.0], [1.0, 5.0, 3.0]], [0.5, 0.3, 0.4]),
    "RelaxedBernoulli": ("D.RelaxedBernoulli(*p)", [0.7, [0.5, 0.2, 0.3]], [0.5, 0.3, 0.4]),
    "RelaxedBernoulli of logits": (
        "D.RelaxedBernoulli(p[0], logits=p[1])",
        [0.7, [0.5, 0.2, 0.3]],
        [0.5, 0.3, 0.4],
    ),
    "RelaxedOneHotCategorical": (
        "D.RelaxedOneHotCategorical(*p)",
        [0.7, [0.5, 0.2, 0.3]],
        [0.5, 0.2, 0.3],
    ),
    "OneHotCategoricalStraightThrough": (
        "D.OneHotCategoricalStraightThrough(*p)",
        [[0.5, 0.2, 0.3]],
        [0.0, 1.0, 0.0],
    ),
    "LogisticNormal": (
        "D.LogisticNormal(*p)",
        [[[0.5, 0.2, 0.3], [1.0, -1.0, 2.0]], [[1.0, 2.0, 0.5]]],
        [0.1, 0.2, 0.3, 0.4],
    ),
    "VonMises": ("D.VonMises(*p)", [[0.5, -2.0, 3.0], [1.0, 20.0, 0.5]], [0.1, 0.2, 0.3]),
    "LowRankMultivariateNormal": (
        "D.LowRankMultivariateNormal(*p)",
        [[0.5, -2.0, 3.0], [[1.0, 2.0], [3.0, 2.0], [-1.0, 0.5]], [1.0, 2.0, 0.5]],
        [0.1, 0.2, 0.3],
    ),
    "GeneralizedPareto": (
        "D.GeneralizedPareto(*p)",
        [[0.5, -2.0, 3.0, 0.0], [1.0, 2.0, 0.5, 1.0], [0.2, 0.0, -0.5, 1.5]],
        [0.6, 0.2, 3.2, 2.0],
    ),
    "LKJCholesky": (
        "D.LKJCholesky(3, *p)",
        [[0.5, 2.0]],
        [[1.0, 0.0, 0.0], [0.5, 0.75**0.5, 0.0], [0.0, 0.5, 0.75**0.5]],
    ),
    "Wishart": (
        "D.Wishart(t.tensor([4.0, 3.0]), *p)",
        [[[2.0, 0.5], [0.5, 1.0]]],
        [[1.0, 0.2], [0.2, 2.0]],
    ),
    "Wishart of a precision": (
        "D.Wishart(4.0, precision_matrix=p[0])",
        [[[2.0, 0.5], [0.5, 1.0]]],
        [[1.0, 0.2], [0.2, 2.0]],
    ),
    "Wishart of a factor": (
        "D.Wishart(4.0, scale_tril=p[0])",
        [[[2.0, 0.0], [0.5, 1.0]]],
        [[1.0, 0.2], [0.2, 2.0]],
    ),
}
NAMES = list(CASES)
REFUSED = ["InverseGamma", "FisherSnedecor"]
WORDS = """
    has_rsample has_enumerate_support batch_shape event_shape support arg_constraints
    param_shape mean mode variance stddev probs logits temperature concentration rate loc scale
    total_count covariance_matrix precision_matrix scale_tril cov_factor
"""
ATTRIBUTES = WORDS.split()


def made(t, name, p=None):
    code, values, _ = CASES[name]
    p = [t.tensor(value) for value in values] if p is None else p
    return eval(code, {"D": t.distributions, "t": t, "p": p})


def shown(f):
    """What ``f`` gives: the numbers of a tensor alone; of an error its kind."""
    try:
        x = f()
    except Exception as error:
        return type(error).__name__
    return x.detach().numpy() if hasattr(x, "detach") else x if isinstance(x, bool) else str(x)


@pytest.mark.filterwarnings("ignore:Singular sample")
@pytest.mark.parametrize("name", NAMES)
@judged(ulps=128)
def test_what_is_known_of_them(t, name):
    d, value = made(t, name), t.tensor(CASES[name][2])
    found = [str(d), *(shown(lambda a=a: getattr(d, a)) for a in ATTRIBUTES), str(d)]
    larger = d.expand((3, *d.batch_shape))
    quantile = t.tensor([0.2, 0.5, 0.7, 0.9])[: d.batch_shape[-1] if d.batch_shape else 1]
    for each in (d, larger):
        found += [str(each), *(shown(lambda a=a, e=each: getattr(e, a)) for a in ATTRIBUTES[2:11])]
        found += [shown(lambda e=each: e.log_prob(value)), shown(lambda e=each: e.cdf(value))]
        found += [shown(lambda e=each: e.icdf(quantile))]
        found += [shown(lambda e=each: e.enumerate_support())]
        found += [shown(lambda e=each: e.enumerate_support(expand=False))]
    return found, shown(d.entropy)


@pytest.mark.filterwarnings("ignore:Singular sample")
@pytest.mark.parametrize("name", NAMES)
@judged(ulps=512)
def test_samples(t, name):
    t.manual_seed(0)
    d = made(t, name)
    drawn = [d.sample(), d.sample((3,)), d.expand((3, *d.batch_shape)).sample((2,))]
    if "t.tensor" not in CASES[name][0] and "int" not in name:
        wide = made(t, name, [t.tensor(value).double() for value in CASES[name][1]])
        drawn.append(wide.sample((2,)))
    return [shown(lambda x=x: x) for x in drawn], shown(lambda: t.rand(2))


@pytest.mark.parametrize("name", NAMES)
@judged(ulps=512)
def test_gradients(t, name):
    p = [t.tensor(value, requires_grad=True) for value in CASES[name][1]]
    d = made(t, name, p)
    t.manual_seed(0)
    results = [d.log_prob(t.tensor(CASES[name][2]))]
    if d.has_rsample and name not in REFUSED and "Wishart" not in name:
        results.append(d.rsample((2,)))
    for x in results:
        (x * t.arange(1.0, 1 + x.numel()).reshape(x.shape)).sum().backward(retain_graph=True)
    return [x.grad.numpy() for x in p]


@pytest.mark.parametrize("name", NAMES)
def test_parameters_and_values_are_checked(name):
    both(lambda t: str(made(t, name, [-1.3 * t.tensor(v) - 0.3 for v in CASES[name][1]])))
    both_raise(lambda t: made(t, name).log_prob(t.tensor(CASES[name][2]) * math.nan))
    both_raise(lambda t: made(t, name).log_prob(t.ones(7)))


ERRORS = {
    "must be specified": "D.Binomial(3)",
    "IntegerGreaterThan": "D.Binomial(3.5, 0.5)",
    "not supported by `entropy`": "D.Binomial(t.tensor([2, 3]), t.tensor(0.5)).entropy()",
    "enumerate_support": "D.Binomial(t.tensor([2, 3]), t.tensor(0.5)).enumerate_support()",
    "inhomogeneous": "D.Multinomial(t.tensor([2, 3]), t.ones(2, 2))",
    "at least one-dimensional": "L(t.tensor(1.0), t.ones(1, 1), t.ones(1))",
    "cov_factor must be at least": "L(t.ones(2), t.ones(2), t.ones(2))",
    "with shape 2 x m": "L(t.ones(2), t.ones(3, 1), t.ones(2))",
    "cov_diag must be a batch": "L(t.ones(2), t.ones(2, 1), t.ones(3))",
    "Found dim=1": "D.LKJCholesky(1)",
    "Exactly one of": "D.Wishart(4.0)",
    "at least two-dimensional": "D.Wishart(4.0, t.ones(2))",
    "greater than ndim - 1": "D.Wishart(1.0, t.eye(2))",
    "flattened lower-diagonal": "D.CorrCholeskyTransform().forward_shape((4,))",
    "Input is not square": "D.CorrCholeskyTransform().inverse_shape((4, 3))",
    "different numbers of elements": "D.ReshapeTransform((3,), (4,))",
    "Shape mismatch": "D.ReshapeTransform((3,), (3, 1)).forward_shape((4,))",
    "Too few dimensions": "D.IndependentTransform(D.ExpTransform(), 2)(t.ones(2))",
    "Cannot transform": "D.biject_to(D.constraints.boolean)",
    "Constraint subclass or instance": "D.biject_to.register(3, abs)",
    "Cannot determine validity": "D.constraints.dependent.check(t.ones(2))",
    "q.total_count > p.total_count": "D.kl_divergence(D.Binomial(3, 0.5), D.Binomial(4, 0.5))",
    "only supports floating-point": "t.binomial(t.tensor([1]), t.tensor([0.5]))",
    "Found dtype Double": "t.binomial(t.ones(1), t.ones(1).double())",
}


@pytest.mark.parametrize("message", ERRORS)
def test_what_is_refused(message):
    def refused(t):
        D = t.distributions
        return eval(ERRORS[message], {"t": t, "D": D, "L": D.LowRankMultivariateNormal})

    both_raise(refused, message)


@judged
def test_binomial_numbers(t):
    t.manual_seed(1)
    count = t.tensor([0.0, 1.0, 10.0, 50.0, 1e5])[:, None]
    p = t.tensor([0.0, 1e-3, 0.1, 0.5, 0.77, 0.999, 1.0])
    drawn = [t.binomial(count.expand(5, 7), p.expand(5, 7)) for _ in range(5)]
    return drawn, t.binomial(count.double(), p.double()), t.rand(2)


def transforms(t):
    D = t.distributions
    exp, affine = D.ExpTransform(), D.AffineTransform(1.0, 2.0)
    vectors = t.tensor([[0.3, -0.2, 0.9], [1.0, 2.0, -3.0]])
    matrices = t.tensor([[[0.3, 0.5], [-0.2, 0.4]]])
    affine_vectors = D.AffineTransform(1.0, 2.0, event_dim=1)
    return [
        (D.SoftmaxTransform(), vectors),
        (D.StickBreakingTransform(), vectors),
        (D.ComposeTransform([affine, D.StickBreakingTransform()]), vectors),
        (D.LowerCholeskyTransform(), matrices),
        (D.PositiveDefiniteTransform(), matrices),
        (D.CorrCholeskyTransform(), vectors),
        (D.ReshapeTransform((3,), (3, 1)), vectors),
        (D.IndependentTransform(exp, 1), vectors),
        (D.CatTransform([exp, affine]), vectors),
        (D.CatTransform([exp, affine], -1, [1, 2]), vectors),
        (D.CatTransform([D.IndependentTransform(exp, 1), affine_vectors], -1, [1, 2]), vectors),
        (D.StackTransform([exp, affine, D.SigmoidTransform()], 1), vectors),
        (D.CumulativeDistributionTransform(D.Normal(0.0, 1.0)), vectors),
    ]


@pytest.mark.parametrize("number", range(13))
@judged(ulps=128)
def test_transforms(t, number):
    f, x = transforms(t)[number]
    x = x.requires_grad_()
    y = f(x)
    numbers = [y, f.inv(y)]
    loss = (y * t.arange(1.0, 1 + y.numel()).reshape(y.shape)).sum()
    if f.bijective:
        slope = f.log_abs_det_jacobian(x, y)
        numbers += [slope, f.inv.log_abs_det_jacobian(y, x)]
        loss = loss + slope.sum()
    loss.backward()
    told = [f.bijective, str(f), f.domain.event_dim, f.codomain.event_dim]
    told += [shown(lambda a=a: getattr(f, a)) for a in ("domain", "codomain", "sign", "event_dim")]
    told += [f == f, f == transforms(t)[number][0], f == t.distributions.ExpTransform()]
    shapes = [tuple(f.forward_shape(x.shape)), tuple(f.inverse_shape(y.shape))]
    shapes += [shown(lambda: f.forward_shape(())), shown(lambda: f.codomain.check(y))]
    return [shown(lambda n=n: n) for n in numbers], told, shapes, x.grad.numpy()


PLAIN = """
    real real_vector positive nonnegative unit_interval simplex corr_cholesky lower_cholesky
    positive_definite positive_semidefinite boolean one_hot lower_triangular square symmetric
    nonnegative_integer positive_integer
"""


def conditions(t):
    C = t.distributions.constraints
    return [
        *(getattr(C, name) for name in PLAIN.split()),
        C.greater_than(2.0),
        C.greater_than_eq(t.tensor(0.0)),
        C.less_than(3.0),
        C.interval(-1.0, 2.0),
        C.half_open_interval(0.0, t.tensor([1.0, 3.0])),
        C.integer_interval(0, 2),
        C.multinomial(3),
        C.independent(C.positive, 1),
        C.cat([C.positive, C.real], -1, [1, 1]),
        C.stack([C.positive, C.unit_interval], -1),
    ]


@judged(ulps=64)
def test_constraints_and_what_brings_numbers_to_them(t):
    D, x = t.distributions, t.tensor([[0.3, -0.5], [1.0, 2.0]])
    found = []
    for c in conditions(t):
        found += [str(c), c.is_discrete, c.event_dim, c.check(x).tolist()]
        for registry in (D.biject_to, D.transform_to):
            try:
                f = registry(c)
            except NotImplementedError:
                continue
            y = x[0, :1] if "Corr" in str(c) else x
            found += [str(f), shown(lambda f=f, y=y: f(y)), shown(lambda f=f, y=y: f.inv(f(y)))]
            found.append(c.check(f(y)).tolist())
    return found


@judged
def test_constraints_and_divergences_of_ones_own(t):
    D = t.distributions

    class _Large(D.constraints.Constraint):
        def check(self, value):
            return value > 5

    class Mine(D.Normal):
        @D.constraints.dependent_property(is_discrete=False, event_dim=0)
        def support(self):
            return D.constraints.interval(0.0, self.scale)

    D.transform_to.register(_Large, lambda c: D.AffineTransform(5.0, 1.0))

    @D.register_kl(Mine, D.Normal)
    def rule(p, q):
        return 7

    told = [
        str(_Large()),
        str(D.transform_to(_Large())),
        D.constraints.is_dependent(Mine.support),
    ]
    pairs = [D.kl_divergence(Mine(0, 1), D.Normal(0, 2)), D.kl_divergence(Mine(0, 1), Mine(0, 1))]
    return told, str(Mine(0, 1).support), pairs, D.kl_divergence(D.Normal(0, 1), Mine(0, 1))


KINDS = """
    Bernoulli(T([0.3,0.6])) Poisson(T([1.0,2.0])) Beta(T([1.5,2.0]),T([0.7,3.0]))
    ContinuousBernoulli(T([0.2,0.6])) Exponential(T([0.5,2.0])) Gamma(T([0.5,2.0]),T([1.0,3.0]))
    Normal(T([0.5,-2.0]),T([1.0,3.0])) Pareto(T([0.5,2.0]),T([1.5,3.0])) Chi2(T([1.0,2.0]))
    Uniform(T([0.5,-2.0]),T([1.0,3.0])) Uniform(T([0.1,0.3]),T([0.2,1.4]))
    Binomial(0,T([0.3,0.6])) Binomial(T([4.0,3.0]),T([0.2,0.6]))
    Gumbel(T([0.5,-2.0]),T([1.0,3.0])) HalfNormal(T([1.0,2.0]))
    Laplace(T([0.5,-2.0]),T([1.0,3.0])) HalfCauchy(T([1.0,2.0])) Weibull(T([1.0,2.0]),2.0)
    InverseGamma(T([1.0,2.0]),1.0) Wishart(5.0,T([[2.0,0.0],[0.0,1.0]]))
    VonMises(T([1.0,2.0]),2.0)
    LowRankMultivariateNormal(T([0.5,-2.0]),T([[1.0],[3.0]]),T([1.0,2.0]))
    LowRankMultivariateNormal(T([0.0,1.0]),T([[[1.0],[3.0]],[[2.0],[0.0]]]),T([2.0,2.0]))
    MultivariateNormal(T([0.5,-2.0]),T([[2.0,0.0],[0.0,1.0]]))
"""
DIVERGING = KINDS.split()
OURS = [{"Wishart"}, {"ContinuousBernoulli", "Uniform"}]  # these are below


def divergence(t, p, q):
    """The divergence, and its gradient where it is finite."""
    given = []

    def parameter(values):
        given.append(t.tensor(values, requires_grad=True))
        return given[-1]

    names = {**vars(t.distributions), "T": parameter}
    found = t.distributions.kl_divergence(eval(p, names), eval(q, names))
    if found.requires_grad and found.isfinite().all():
        found.sum().backward()
    numbers = [found.detach(), *(x.grad for x in given if x.grad is not None)]
    return [(x + t.ones(1)).numpy() for x in numbers]  # where all is 0, roundings are not compared


@pytest.mark.parametrize("p", DIVERGING)
@judged(ulps=256)
def test_divergences(t, p):
    found = []
    for q in DIVERGING:
        if {p.split("(")[0], q.split("(")[0]} in OURS:
            continue
        try:
            found.append(divergence(t, p, q))
        except NotImplementedError as error:
            found.append("different exponential families" in str(error))
    return found


def test_divergences_of_vectors_of_different_sizes_are_refused():
    D = minigrad.distributions
    two, three = (
        D.LowRankMultivariateNormal(minigrad.ones(n), minigrad.ones(n, 1), minigrad.ones(n))
        for n in (2, 3)
    )
    with pytest.raises(ValueError, match="Low Rank Multivariate Normals with different event"):
        D.kl_divergence(two, three)
    with pytest.raises(TypeError, match=r"issubclass\(\) arg 1 must be a class"):
        D.register_kl(int, 3)


# Where torch is wrong, or gives nothing.


def test_the_gradient_of_an_exponential_familys_divergence_is_that_of_its_closed_form():
    D = minigrad.distributions

    class Rate(D.ExponentialFamily):
        arg_constraints: ClassVar = {}
        _mean_carrier_measure = 0

        def __init__(self, rate):
            self.rate = rate
            super().__init__(rate.shape)

        @property
        def _natural_params(self):
            return (-self.rate,)

        def _log_normalizer(self, x):
            return -(-x).log()

    gradients = []
    for kind in (Rate, D.Exponential):
        rate = minigrad.tensor([2.0, 3.0], requires_grad=True)
        loss = D.kl_divergence(kind(rate), kind(rate.detach() * 2)) + kind(rate).entropy()
        loss.sum().backward()
        gradients.append(rate.grad.tolist())
    assert gradients[0] == pytest.approx(gradients[1], rel=1e-6)


def test_the_divergence_of_a_batch_of_wisharts_is_each_ones_own():
    D = minigrad.distributions
    q, df = D.Wishart(5.0, 2 * minigrad.eye(2)), minigrad.tensor([4.0, 3.0])
    found = D.kl_divergence(D.Wishart(df, minigrad.eye(2)), q).tolist()

    def one_by_one(t):
        D = t.distributions
        q = D.Wishart(5.0, 2 * t.eye(2))
        return [D.kl_divergence(D.Wishart(df, t.eye(2)), q).item() for df in (4.0, 3.0)]

    assert found == pytest.approx(both(one_by_one, ulps=32), rel=1e-5)


def test_divergences_on_the_unit_interval():
    D, x = minigrad.distributions, (minigrad.arange(10000.0) + 0.5) / 10000
    p, q = D.ContinuousBernoulli(0.2), D.Uniform(0.0, 1.0)
    density = p.log_prob(x)
    expected = [(density.exp() * density).mean().item(), -density.mean().item()]
    found = [D.kl_divergence(p, q).item(), D.kl_divergence(q, p).item()]
    assert found == pytest.approx(expected, rel=1e-3)
    assert math.isinf(D.kl_divergence(p, D.Uniform(0.0, 0.5)).item())
    assert math.isinf(D.kl_divergence(D.Uniform(0.0, 2.0), p).item())


def test_the_mode_of_kumaraswamy_has_the_highest_density():
    d = minigrad.distributions.Kumaraswamy(2.0, 1.5)
    x = minigrad.arange(1.0, 1000.0) / 1000
    assert d.mode.item() == pytest.approx(x[d.log_prob(x).argmax()].item(), abs=1e-3)


def test_what_else_torch_does_not_give():
    D = minigrad.distributions
    m = D.Multinomial(3, minigrad.tensor([0.2, 0.8]))
    assert m.expand((2,)).entropy().tolist() == [m.entropy().item()] * 2
    g = D.GeneralizedPareto(*minigrad.tensor([0.5, 1.0, 0.2]).double())
    assert g.log_prob(minigrad.tensor(1.5).double()).item() == pytest.approx(-6 * math.log(1.2))
    assert math.isnan(minigrad.binomial(minigrad.ones(1) * math.nan, minigrad.ones(1) / 2).item())
    p = D.Pareto(minigrad.ones(2), minigrad.tensor([1.0, 3.0]))
    far = D.kl_divergence(p, D.Normal(minigrad.zeros(2, 2), 1.0)).isinf()
    assert far.tolist() == [[True, False]] * 2


def test_the_gradient_of_wisharts_samples():
    def loss(factor):
        minigrad.manual_seed(0)
        d = minigrad.distributions.Wishart(4.0, scale_tril=factor)
        return (d.rsample((2,)) * minigrad.arange(8.0).reshape(2, 2, 2)).sum()

    factor = minigrad.tensor([[2.0, 0.0], [0.5, 1.0]], dtype=minigrad.float64, requires_grad=True)
    loss(factor).backward()
    for i, j in ((0, 0), (1, 0), (1, 1)):
        step = minigrad.zeros(2, 2, dtype=minigrad.float64)
        step[i, j] = 1e-6
        with minigrad.no_grad():
            slope = (loss(factor + step) - loss(factor - step)).item() / 2e-6
        assert factor.grad[i, j].item() == pytest.approx(slope, rel=1e-5)


@pytest.mark.parametrize("name", [*REFUSED, "Wishart"])
def test_the_derivative_in_a_concentration_is_refused(name):
    if name == "Wishart":
        df = minigrad.tensor(4.0, requires_grad=True)
        d = minigrad.distributions.Wishart(df, minigrad.eye(2))
    else:
        p = [minigrad.tensor(value, requires_grad=True) for value in CASES[name][1]]
        d = made(minigrad, name, p)
    assert np.isfinite(d.sample().numpy()).all()
    with pytest.raises(NotImplementedError, match="not differentiable in the concentration"):
        d.rsample()
