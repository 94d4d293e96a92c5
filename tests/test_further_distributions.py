"""Waiting times, heavy tails, mixtures and transformed distributions against torch."""

import importlib
import itertools
import warnings
from typing import ClassVar

import pytest

import minigrad
from tests.judge import judged

PARAMETERS = {
    "Exponential": (2.0,),
    "Laplace": (0.5, 1.5),
    "Gumbel": (0.5, 1.5),
    "LogNormal": (0.3, 1.2),
    "HalfNormal": (1.5,),
    "Cauchy": (0.5, 1.5),
    "Poisson": (3.0,),
    "Geometric": (0.3,),
    "Gamma": (2.0, 1.5),
    "Beta": (2.0, 3.0),
    "Chi2": (3.0,),
    "StudentT": (5.0, 0.5, 1.5),
}
NAMES = list(PARAMETERS)
MADE_OF_GAMMA = ["Gamma", "Beta", "Chi2", "StudentT"]


def tensors(t, name):
    return [t.tensor([p, 1.1 * p], requires_grad=True) for p in PARAMETERS[name]]


def attempt(f):
    try:
        return f()
    except Exception as error:
        return type(error).__name__


@pytest.mark.parametrize("name", NAMES)
@judged(ulps=64)
def test_what_is_known_of_them(t, name):
    found = []
    for given in (PARAMETERS[name], [p.detach() for p in tensors(t, name)]):
        d = getattr(t.distributions, name)(*given)
        found += [str(d), str(d.support), str(list(d.arg_constraints.items())), d.has_rsample]
        found += [d.mean, d.mode, d.variance, d.stddev, d.batch_shape, d.event_shape]
        value = t.tensor([0.25, 0.75]) if name == "Beta" else t.tensor([1.0, 2.0])
        found += [attempt(d.entropy), d.log_prob(value)]
        found += [attempt(lambda d=d: d.log_prob(t.tensor([-1.0, 2.5])))]
        for f in (d.cdf, d.icdf):
            found.append(attempt(lambda f=f: f(t.tensor([0.5, 0.7]))))
        larger = d.expand((3, 2))
        found += [larger.batch_shape, larger.log_prob(value)]
    return found


@pytest.mark.parametrize("name", NAMES)
@judged(ulps=256)
def test_samples_and_gradients(t, name):
    given = tensors(t, name)
    d = getattr(t.distributions, name)(*given)
    t.manual_seed(0)
    drawn = [d.sample(), d.sample((3,)), d.expand((3, 2)).sample()]
    loss = d.log_prob(t.tensor([0.25, 0.75]) if name == "Beta" else t.tensor([1.0, 2.0])).sum()
    if d.has_rsample and name not in MADE_OF_GAMMA:
        loss = loss + d.rsample((2,)).sum()
    loss.backward()
    return drawn, [p.grad.tolist() for p in given]


@pytest.mark.parametrize("name", NAMES)
@judged(raises="to satisfy the constraint|to be positive|Expected parameter")
def test_parameters_are_checked(t, name):
    getattr(t.distributions, name)(*[-1.0 for _ in PARAMETERS[name]])


@pytest.mark.parametrize("name", [*NAMES, "OneHotCategorical"])
@judged(ulps=64)
def test_divergence(t, name):
    kind = getattr(t.distributions, name)
    if name == "OneHotCategorical":
        p, q = kind(t.tensor([0.2, 0.8])), kind(t.tensor([0.5, 0.5]))
    else:
        p, q = kind(*PARAMETERS[name]), kind(*[0.7 * x for x in PARAMETERS[name]])
    return attempt(lambda: t.distributions.kl_divergence(p, q))


def transforms(t):
    D = t.distributions
    several = [D.ExpTransform(), D.AffineTransform(1.0, 2.0), D.TanhTransform()]
    return [
        *several,
        D.AffineTransform(1.0, t.tensor([2.0, -3.0])),
        D.SigmoidTransform(),
        D.SoftplusTransform(),
        D.PowerTransform(2.0),
        D.ComposeTransform(several),
        D.ExpTransform().inv,
    ]


@judged(ulps=64)
def test_transforms(t):
    x = t.tensor([0.3, 0.9])
    found = []
    for f in transforms(t):
        y = f(x)
        found += [y, f.inv(y), f.log_abs_det_jacobian(x, y), f.inv.log_abs_det_jacobian(y, x)]
        found += [f.bijective, str(f.domain), str(f.codomain), str(f), f.sign]
    pairs = [f == g for f in transforms(t)[:3] for g in transforms(t)[:3]]
    once = t.distributions.TanhTransform(cache_size=1)
    return found, pairs, once.inv(once(x)) is x


def bases(t):
    D = t.distributions
    normal = D.Normal(t.zeros(3), t.ones(3))
    return [
        (normal, [D.ExpTransform(), D.AffineTransform(1.0, 2.0)]),
        (normal, [D.ExpTransform(), D.AffineTransform(5.0, -2.0)]),
        (normal, D.SigmoidTransform().inv.inv),
        (normal, [D.AffineTransform(t.zeros(2, 3), t.ones(3))]),
        (normal, [D.AffineTransform(0.0, t.ones(3) * 2, event_dim=1)]),
        (D.Independent(normal, 1), [D.ExpTransform()]),
        (D.Uniform(t.zeros(3), t.ones(3)), [D.SigmoidTransform().inv]),
    ]


@pytest.mark.parametrize("number", range(7))
@judged(ulps=64)
def test_transformed_distributions(t, number):
    d = t.distributions.TransformedDistribution(*bases(t)[number])
    t.manual_seed(0)
    value = t.tensor([0.3, 0.6, 0.9]) + (1.0 if number == 0 else 0.0)
    parts = [d.rsample((2,)), d.log_prob(value), d.batch_shape, d.event_shape, str(d)]
    quantiles = [attempt(lambda: d.cdf(value)), attempt(lambda: d.icdf(t.tensor([0.2, 0.5, 0.7])))]
    return parts, quantiles, str(d.support), d.has_rsample


@judged(ulps=64)
def test_divergence_of_what_is_transformed_to_more_dimensions(t):
    D, transform = t.distributions, t.distributions.CorrCholeskyTransform()
    p, q = [
        D.TransformedDistribution(D.Normal(t.full((2, 3), x), 1.0), [transform]) for x in (0.0, 0.5)
    ]
    return D.kl_divergence(p, q), p.batch_shape, p.event_shape


@pytest.mark.parametrize("given", [3, [3]])
@judged(raises="transforms must be a Transform or")
def test_what_is_no_transform(t, given):
    t.distributions.TransformedDistribution(t.distributions.Normal(0.0, 1.0), given)


@judged(ulps=64)
def test_mixtures(t):
    D = t.distributions
    weights = t.tensor([[0.2, 0.8]] * 3, requires_grad=True)
    means = t.arange(24.0).reshape(3, 2, 4).div(10).requires_grad_()
    plain = D.MixtureSameFamily(D.Categorical(weights[0]), D.Normal(means[0, :, 0], t.ones(2)))
    m = D.MixtureSameFamily(D.Categorical(weights), D.Independent(D.Normal(means, 1.0), 1))
    loss = m.log_prob(t.ones(3, 4) * 0.3).sum() + plain.log_prob(t.tensor([0.1, 0.2])).sum()
    loss.backward()
    t.manual_seed(0)
    told = [str(plain), str(plain.support), m.batch_shape, m.event_shape]
    numbers = [m.mean.detach(), m.variance.detach(), plain.cdf(t.tensor(0.1)).detach()]
    return told, numbers, m.sample((2,)), weights.grad.tolist(), means.grad.tolist()


@judged(ulps=64)
def test_expanded_mixtures(t):
    D = t.distributions
    parts = D.Normal(t.tensor([0.0, 2.0]), t.tensor([1.0, 0.5]))
    m = D.MixtureSameFamily(D.Categorical(t.tensor([0.4, 0.6])), parts).expand((3, 2))
    numbers = [m.mean, m.variance, m.log_prob(t.ones(3, 2)), m.cdf(t.tensor(0.5))]
    return str(m), m.batch_shape, m.event_shape, numbers, m.sample((2,)).shape


@pytest.mark.parametrize(
    "call",
    [
        "D.MixtureSameFamily(D.Normal(0, 1), D.Normal(0, 1))",
        "D.MixtureSameFamily(D.Categorical(t.ones(3)), D.Normal(t.zeros(2), t.ones(2)))",
        "D.MixtureSameFamily(D.Categorical(t.ones(3)), 1)",
        "D.MixtureSameFamily(D.Categorical(t.ones(2)), D.Exponential(t.ones(2))).log_prob(-x)",
        "D.OneHotCategorical(t.tensor([0.2, 0.8])).log_prob(t.tensor([1.0, 1.0]))",
    ],
)
@judged(raises="")
def test_refusals(t, call):
    eval(call, {"t": t, "D": t.distributions, "x": t.tensor(1.0)})


@judged(ulps=64)
def test_one_hot_categorical(t):
    o = t.distributions.OneHotCategorical(t.tensor([[0.2, 0.8], [0.5, 0.5]]))
    t.manual_seed(0)
    known = [str(o), str(o.support), o.mean, o.variance, o.mode, o.entropy(), o.enumerate_support()]
    logits = t.distributions.OneHotCategorical(logits=t.tensor([0.2, 0.8])).expand((3,))
    one = t.tensor([0.0, 1.0])
    return known, o.sample((2,)), o.log_prob(one), logits.log_prob(one), logits.probs


@judged
def test_constraints(t):
    C = t.distributions.constraints
    named = [
        C.interval(0, 1),
        C.greater_than(2),
        C.nonnegative,
        C.simplex,
        C.real_vector,
        C.one_hot,
    ]
    named += [C.less_than(2), C.greater_than_eq(2), C.half_open_interval(0, 1), C.positive]
    x = t.tensor([0.25, 0.75])
    return [str(c) for c in named], [c.check(x) for c in named], [c.event_dim for c in named]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@judged(ulps=64)
def test_samples_made_of_gamma_numbers(t, dtype):
    D = t.distributions
    shapes = t.tensor([0.1, 0.5, 1.0, 3.0, 100.0], dtype=getattr(t, dtype))
    t.manual_seed(1)
    rate = t.tensor(2.0, requires_grad=True)
    drawn = [D.Gamma(shapes, 1.5).sample((20,)), D.Beta(shapes, 2.0).sample((20,))]
    drawn += [D.Dirichlet(shapes).sample((5,)), D.StudentT(shapes + 1).sample((5,))]
    D.Gamma(2.0, rate).rsample((3,)).sum().backward()
    return drawn, rate.grad.item()


@judged(ulps=64)
def test_dirichlet(t):
    d = t.distributions.Dirichlet(t.tensor([[1.0, 2.0, 3.0], [0.2, 0.3, 0.1]]))
    other = t.distributions.Dirichlet(t.ones(3))
    numbers = [d.mean, d.mode, d.variance, d.entropy(), d.log_prob(t.tensor([0.2, 0.3, 0.5]))]
    told = [str(d), str(d.support), str(d.arg_constraints), d.batch_shape, d.event_shape]
    return numbers, told, t.distributions.kl_divergence(d, other)


@pytest.mark.parametrize("name", MADE_OF_GAMMA)
def test_the_derivative_in_a_concentration_is_refused(name) -> None:
    given = tensors(minigrad, name)
    with pytest.raises(NotImplementedError, match="not differentiable in the concentration"):
        getattr(minigrad.distributions, name)(*given).rsample()


@pytest.mark.parametrize("given", ["t.tensor(1.0)", "t.tensor([1.0, -1.0])"])
@judged(raises="concentration")
def test_concentrations_are_checked(t, given):
    t.distributions.Dirichlet(eval(given, {"t": t}))


@pytest.mark.parametrize(
    "module, name",
    [
        ("distributions.beta", "Beta"),
        ("distributions.multinomial", "Multinomial"),
        ("distributions.multivariate_normal", "Distribution"),
        ("distributions.one_hot_categorical", "OneHotCategoricalStraightThrough"),
        ("distributions.transformed_distribution", "TransformedDistribution"),
        ("optim.adamw", "AdamW"),
        ("optim.rmsprop", "RMSprop"),
    ],
)
@judged
def test_modules_have_torchs_names(t, module, name):
    parent = t.optim if module.startswith("optim") else t.distributions
    found = getattr(importlib.import_module(f"{t.__name__}.{module}"), name)
    return found is getattr(parent, name), found.__name__


@judged
def test_what_a_distribution_of_ones_own_is_written_with(t):
    u = importlib.import_module(f"{t.__name__}.distributions.utils")
    loc = t.ones(2, requires_grad=True)

    class Own:
        @u.lazy_property
        def twice(self):
            return loc * 2

    own = Own()
    with t.no_grad():
        kept = own.twice is own.twice, own.twice.requires_grad
    probs = t.tensor([0.0, 0.3, 1.0])
    logits = [u.probs_to_logits(probs), u.probs_to_logits(probs, is_binary=True)]
    back = u.logits_to_probs(logits[0]), u.logits_to_probs(logits[1], is_binary=True)
    return kept, logits, back, u.broadcast_all(3, t.zeros(2, dtype=t.float64)), u.clamp_probs(probs)


@judged(raises="Input arguments must all be instances of Number")
def test_what_cannot_be_broadcast_with_tensors(t):
    importlib.import_module(f"{t.__name__}.distributions.utils").broadcast_all("a", t.ones(2))


@judged
def test_a_distribution_of_ones_own_checks_and_expands_like_others(t):
    class Logistic(t.distributions.Distribution):
        arg_constraints: ClassVar = {"loc": t.distributions.constraints.real}
        support = t.distributions.constraints.positive

        def __init__(self, loc, validate_args=None):
            self.loc = loc
            super().__init__(loc.shape, validate_args=validate_args)

        def expand(self, batch_shape, _instance=None):
            new = self._get_checked_instance(Logistic, _instance)
            new.loc = self.loc.expand(batch_shape)
            super(Logistic, new).__init__(batch_shape, validate_args=False)
            new._validate_args = self._validate_args
            return new

        def log_prob(self, value):
            if self._validate_args:
                self._validate_sample(value)
            z = value - self.loc
            return -z - 2 * t.nn.functional.softplus(-z)

    class Further(Logistic):
        def __init__(self, loc):
            super().__init__(loc)

    wide = Logistic(t.zeros(2)).expand((3, 2))
    errors = []
    for wrong in (lambda: wide.log_prob(-t.ones(2)), lambda: Further(t.zeros(2)).expand((3, 2))):
        try:
            wrong()
        except (ValueError, NotImplementedError) as error:
            errors.append((type(error), str(error).split(". ")[0][:40]))
    return wide.log_prob(t.ones(2)), wide._extended_shape(), wide._extended_shape((4,)), errors


@judged
def test_what_distributions_of_ones_own_are_written_with(t):
    utils = importlib.import_module(f"{t.__name__}.distributions.utils")
    transforms = importlib.import_module(f"{t.__name__}.distributions.transforms")
    t.manual_seed(0)
    found = [utils._standard_normal(t.Size([3]), t.float64, "cpu").tolist()]
    found += [utils._sum_rightmost(t.arange(24.0).reshape(2, 3, 4), n) for n in (0, 1, 2)]
    found.append(type(transforms.ExpTransform().inv) is transforms._InverseTransform)

    class Mine(t.distributions.Normal):
        _validate_args = False

    before = t.distributions.Distribution._validate_args
    t.distributions.Distribution.set_default_validate_args(False)
    found += [
        t.distributions.Distribution._validate_args,
        t.distributions.Normal(0, 1)._validate_args,
    ]
    t.distributions.Distribution.set_default_validate_args(before)
    found += [before, Mine(0.0, -1.0)._validate_args, Mine(0.0, 1.0, True)._validate_args]
    larger = t.distributions.Normal(0.0, 1.0, validate_args=False).expand((2,))
    return [*found, larger._validate_args]


@judged
def test_a_divergence_for_classes_that_distributions_inherit_from(t):
    class Tagged:
        pass

    class First(t.distributions.Normal, Tagged):
        pass

    class Second(Tagged, t.distributions.Normal):
        pass

    found = []
    kinds = First, Second, t.distributions.Normal
    t.distributions.register_kl(First, Tagged)(lambda p, q: t.tensor(7.0))
    for _ in range(2):
        for p, q in itertools.product(kinds, kinds):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                found.append(t.distributions.kl_divergence(p(0.0, 1.0), q(0.0, 1.0)))
            found += [str(each.message) for each in caught]
        t.distributions.register_kl(Tagged, Tagged)(lambda p, q: t.tensor(8.0))
    return found


@judged
def test_transforms_and_distributions_that_are_modules_too(t):
    class Scale(t.distributions.Transform, t.nn.Module):
        bijective = True

        def __init__(self, cache_size=0):
            super().__init__(cache_size)
            self.scale = t.nn.Parameter(t.tensor(2.0))

        def _call(self, x):
            return x * self.scale

        def with_cache(self, cache_size=1):
            other = Scale(cache_size)
            other.load_state_dict(self.state_dict())
            return other

    class Learned(t.distributions.Distribution, t.nn.Module):
        def __init__(self):
            super().__init__(validate_args=False)
            self.base = t.nn.Linear(1, 1)

    transform = Scale()
    y = transform(t.ones(2)).sum()
    y.backward()
    names = [name for name, _ in Learned().named_parameters()]
    return y, transform.scale.grad, transform.with_cache(1)(t.ones(2)), names, Learned().batch_shape


@judged
def test_what_normal_vectors_keep_for_those_who_derive_from_them(t):
    C = t.tensor([[2.0, 0.5], [0.5, 1.0]])
    d = t.distributions.MultivariateNormal(t.zeros(3, 2), C)
    low = t.distributions.LowRankMultivariateNormal(t.zeros(3, 2), t.ones(2, 1), t.ones(2))
    found = [d._unbroadcasted_scale_tril, low._unbroadcasted_cov_factor]
    found += [low._unbroadcasted_cov_diag, low._capacitance_tril]
    return [x.tolist() for x in found]


BASES = {
    "Normal": (1.0, 2.0),
    "Gamma": (1.0, 2.0),
    "Beta": (1.0, 2.0),
    "StudentT": (3.0,),
    "LogNormal": (1.0, 2.0),
    "Gumbel": (1.0, 2.0),
    "Weibull": (1.0, 2.0),
    "Bernoulli": (0.3,),
    "FisherSnedecor": (1.0, 2.0),
}


@judged(ulps=64)
@pytest.mark.parametrize("name", BASES)
def test_larger_batches_of_a_distribution_derived_from_another(t, name):
    base = getattr(t.distributions, name)
    given = [t.tensor(x) for x in BASES[name]]
    found = []

    class Plain(base):
        pass

    class Named(base):
        def __init__(self, name, *given):
            self.name = name
            super().__init__(*given, validate_args=False)

    class Larger(Named):
        def expand(self, batch_shape, _instance=None):
            made = self._get_checked_instance(Larger, _instance) if _instance else None
            made = object.__new__(Larger) if made is None else made
            made.name = self.name
            assert super().expand(batch_shape, _instance=made) is made
            return made

    for d in Plain(*given), Named("a", *given), Larger("a", *given):
        try:
            made = d.expand((2, 3))
        except NotImplementedError as error:
            found.append(str(error).split(" that")[0])
            continue
        found += [type(made) is type(d), made.batch_shape, made._validate_args]
        found += [made.log_prob(t.tensor(1.0)), getattr(made, "name", None)]
    return found


@judged
def test_larger_batches_of_independent_and_transformed_ones(t):
    D = t.distributions

    class Events(D.Independent):
        pass

    class Flow(D.TransformedDistribution):
        def __init__(self, loc):
            super().__init__(D.Normal(loc, 1.0), [D.ExpTransform()])

    made = Events(D.Normal(t.zeros(3), 1.0), 1).expand((2,))
    found = [type(made) is Events, made.batch_shape, made.event_shape, made.log_prob(t.ones(3))]
    return [*found, attempt(lambda: Flow(t.zeros(3)).expand((2, 3)))]
