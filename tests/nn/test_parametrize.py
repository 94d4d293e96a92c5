"""nn.utils.parametrize: parameters that are a function of what is learnt."""

import copy
import importlib
import itertools

import pytest

from tests.judge import data, judged
from tests.nn.plain import plain


def utils(t):
    return importlib.import_module(f"{t.__name__}.nn.utils.parametrize")


def kinds(t):
    class Symmetric(t.nn.Module):
        def forward(self, x):
            return x.triu() + x.triu(1).transpose(-1, -2)

    class Exp(t.nn.Module):
        def forward(self, x):
            return x.exp()

        def right_inverse(self, x):
            return x.abs().log()

    class Product(t.nn.Module):
        def forward(self, a, b):
            return a * b

        def right_inverse(self, x):
            return x / 2, t.ones_like(x) * 2

    return Symmetric(), Exp(), Product()


@judged(ulps=64)
def test_from_registration_to_removal(t):
    p, (symmetric, exp, _) = utils(t), kinds(t)
    t.manual_seed(0)
    m = t.nn.Linear(3, 3)
    p.register_parametrization(m, "weight", symmetric)
    seen = [repr(m), list(m.state_dict()), plain(m.weight), p.is_parametrized(m, "weight")]
    y = m(t.tensor(data(2, 3), dtype=t.float32))
    (y * y).sum().backward()
    seen += plain([y, m.parametrizations.weight.original.grad])
    p.register_parametrization(m, "bias", exp)
    m.bias = t.ones(3) * 2
    seen += [repr(m), plain(m.bias), plain(copy.deepcopy(m).bias)]
    p.remove_parametrizations(m, "bias", leave_parametrized=False)
    seen += [plain(m.bias), p.type_before_parametrizations(m) is t.nn.Linear]
    p.remove_parametrizations(m, "weight")
    names = [name for name, _ in m.named_parameters()]
    return [*seen, repr(m), plain(m.weight), names, type(m) is t.nn.Linear]


@judged(ulps=64)
def test_several_originals_and_functions(t):
    p, (symmetric, _, product) = utils(t), kinds(t)
    t.manual_seed(0)
    m = t.nn.Linear(3, 3)
    p.register_parametrization(m, "weight", product)
    p.register_parametrization(m, "weight", symmetric)
    names = [name for name, _ in m.named_parameters()]
    return repr(m), names, plain(m.weight), plain(p.remove_parametrizations(m, "weight").weight)


@pytest.mark.parametrize("dim", [0, 1, None])
@judged(ulps=64)
def test_weight_norm(t, dim):
    t.manual_seed(0)
    m = t.nn.utils.parametrizations.weight_norm(t.nn.Conv1d(2, 3, 2), dim=dim)
    y = m(t.tensor(data(1, 2, 4), dtype=t.float32))
    (y * y).sum().backward()
    return repr(m), plain(m.state_dict()), plain([y, *[p.grad for p in m.parameters()]])


WRONG = [
    "register_parametrization(m, 'unknown', t.nn.Identity())",
    "register_parametrization(m, 'weight', t.nn.Flatten(0))",
    "remove_parametrizations(m, 'weight')",
]


@pytest.mark.parametrize("statement", WRONG)
@judged(raises="")
def test_what_is_refused(t, statement):
    eval(statement, {**vars(utils(t)), "t": t, "m": t.nn.Linear(2, 2)})


LAYERS = {
    "linear": (lambda t: t.nn.Linear(4, 3), (2, 4), {}),
    "bias": (lambda t: t.nn.Linear(4, 3), (2, 4), {"name": "bias"}),
    "columns": (lambda t: t.nn.Linear(4, 3), (2, 4), {"dim": 1, "n_power_iterations": 3}),
    "convolution": (lambda t: t.nn.Conv2d(2, 3, 3), (1, 2, 4, 4), {}),
    "transposed": (lambda t: t.nn.ConvTranspose2d(2, 3, 3), (1, 2, 3, 3), {"eps": 1e-3}),
}


@judged(ulps=32)
@pytest.mark.parametrize("name", list(LAYERS))
def test_spectral_norm(t, name):
    make, shape, settings = LAYERS[name]
    t.manual_seed(0)
    m = t.nn.utils.parametrizations.spectral_norm(make(t), **settings)
    y = m(t.randn(shape))
    y.pow(2).sum().backward()
    grads = [p.grad for p in m.parameters()]
    return plain([y, grads, dict(m.state_dict()), m.eval().weight])


@judged(raises="out of range|positive|no parameter")
@pytest.mark.parametrize(
    "settings", [{"dim": 4}, {"n_power_iterations": 0}, {"name": "nope"}], ids=str
)
def test_spectral_norm_of_what_it_cannot_be(t, settings):
    t.nn.utils.parametrizations.spectral_norm(t.nn.Linear(4, 3), **settings)


@pytest.mark.parametrize("size", [(3, 3), (4, 2), (2, 4), (2, 3, 3), (1, 1)])
@pytest.mark.parametrize("orthogonal_map", [None, "matrix_exp", "cayley", "householder"])
@pytest.mark.parametrize("use_trivialization", [True, False])
@judged(ulps=512)
def test_orthogonal(t, size, orthogonal_map, use_trivialization):
    t.manual_seed(0)
    m = t.nn.Module()
    m.weight = t.nn.Parameter(t.tensor(data(*size)))
    t.nn.utils.parametrizations.orthogonal(
        m, "weight", orthogonal_map, use_trivialization=use_trivialization
    )
    before = m.weight
    cotangent = t.tensor(data(*size, seed=1))
    (before * cotangent).sum().backward()
    original = m.parametrizations.weight.original
    with t.no_grad():
        original -= 0.1 * original.grad
    seen = [repr(m), sorted(m.state_dict()), plain([before, original.grad, m.weight])]
    if use_trivialization or orthogonal_map == "householder":
        m.weight = before.detach()
        seen += [plain(m.weight)]
    return seen


@pytest.mark.parametrize("size, name", [((3,), None), ((3, 3), "polar")])
@judged(raises="orthogonal_map|Expected a matrix")
def test_orthogonal_refuses(t, size, name):
    m = t.nn.Module()
    m.weight = t.nn.Parameter(t.ones(size))
    t.nn.utils.parametrizations.orthogonal(m, "weight", name)


@pytest.mark.parametrize("kinds", ["A", "B", "C", "AB", "BA", "BB", "BC", "CB"])
@judged
def test_inverses_at_first_and_later(t, kinds):
    """At first a missing inverse is passed by; a value can be assigned only if all have one."""

    class A(t.nn.Module):
        def forward(self, x):
            return x * 2

    class B(A):
        def right_inverse(self, x):
            return x / 4

    class C(A):
        def right_inverse(self, x):
            raise NotImplementedError("none")

    m = t.nn.Linear(1, 1, bias=False)
    m.weight.data.fill_(1.0)
    for kind in kinds:
        utils(t).register_parametrization(m, "weight", {"A": A, "B": B, "C": C}[kind]())
    seen = [m.weight.item(), m.parametrizations.weight.original.item()]
    try:
        m.weight = t.full((1, 1), 8.0)
    except (RuntimeError, NotImplementedError) as error:
        return seen, type(error), str(error).partition(".")[0]
    return seen, m.weight.item(), m.parametrizations.weight.original.item()


RETURNED = {
    "nothing": lambda x: None,
    "a number": lambda x: 1,
    "a list": lambda x: [x],
    "another dtype": lambda x: x.double(),
    "numbers": lambda x: (1, 2),
    "one of two": lambda x: (x, 1),
    "three": lambda x: (x, x, x),
    "two dtypes": lambda x: (x, x.double()),
    "text": lambda x: "ab",
}


@pytest.mark.parametrize("returned", RETURNED)
@pytest.mark.parametrize("second", [False, True])
@judged(raises="must return a tensor|may not change the dtype")
def test_a_forward_that_returns_no_such_tensor(t, returned, second):
    class Wrong(t.nn.Module):
        def forward(self, x):
            return RETURNED[returned](x)

    m = t.nn.Linear(2, 2)
    if second:
        utils(t).register_parametrization(m, "weight", t.nn.Identity())
    utils(t).register_parametrization(m, "weight", Wrong())


WHEN = "at first", "second", "assigned", "assigned to two"
FINE = {("at first", "a list"), ("at first", "three")}
WRONG_INVERSES = [pair for pair in itertools.product(WHEN, RETURNED) if pair not in FINE]


@pytest.mark.parametrize("when, returned", WRONG_INVERSES)
@judged(raises="(should|must) return|dtype|tensors")
def test_an_inverse_that_returns_no_such_tensor(t, returned, when):
    class Wrong(t.nn.Module):
        wrong = when in ("at first", "second")

        def forward(self, x, y=0):
            return x + y

        def right_inverse(self, x):
            if self.wrong:
                return RETURNED[returned](x)
            self.wrong = True
            return (x, x) if when == "assigned to two" else x

    m = t.nn.Linear(2, 2)
    if when == "second":
        utils(t).register_parametrization(m, "weight", t.nn.Identity())
    utils(t).register_parametrization(m, "weight", Wrong())
    m.weight = t.ones(2, 2)


@judged
def test_an_assigned_tensor_shares_its_memory(t):
    class Double(t.nn.Module):
        def forward(self, x):
            return x * 2

        def right_inverse(self, x):
            return x

    m = t.nn.Linear(2, 2)
    utils(t).register_parametrization(m, "weight", Double())
    original = m.parametrizations.weight.original
    m.weight = new = t.ones(2)
    new.add_(1)
    return m.weight, original, m.parametrizations.weight.original is original


def symmetric(t):
    class Symmetric(t.nn.Module):
        calls = 0

        def forward(self, x):
            self.calls += 1
            return x.triu() + x.triu(1).T

    return Symmetric()


@judged
def test_cached(t):
    m = t.nn.Linear(2, 2)
    utils(t).register_parametrization(m, "weight", symmetric(t))
    functions = m.parametrizations.weight
    before = functions[0].calls
    with utils(t).cached():
        first = m.weight
        with utils(t).cached():
            seen = [m.weight is first]
        seen += [m.weight is first, functions[0].calls - before]
    return seen, m.weight is first, functions[0].calls - before


@pytest.mark.parametrize("name", [None, "weight"])
@pytest.mark.parametrize("target", ["Linear(3, 3)", "ReLU()"])
@judged
def test_transfer(t, name, target):
    t.manual_seed(0)
    m, other = t.nn.Linear(3, 3), eval(f"t.nn.{target}")
    transfer = utils(t).transfer_parametrizations_and_params
    seen = [transfer(m, t.nn.Linear(3, 3)).state_dict().keys()]
    utils(t).register_parametrization(m, "weight", symmetric(t))
    same = transfer(m, other, name) is other
    theirs, ours = other.parametrizations.weight, m.parametrizations.weight
    seen += [theirs.original is ours.original, theirs[0] is ours[0], other.weight.detach()]
    return [list(seen[0]), *seen[1:], same, repr(other), list(other.state_dict())]


@judged
def test_transfer_of_several_originals(t):
    t.manual_seed(0)
    m = t.nn.utils.parametrizations.weight_norm(t.nn.Linear(2, 3))
    other = utils(t).transfer_parametrizations_and_params(m, t.nn.Linear(2, 3))
    theirs, ours = other.parametrizations.weight, m.parametrizations.weight
    shared = theirs.original0 is ours.original0, theirs.original1 is ours.original1
    return shared, list(other.state_dict()), other.weight.detach()


@judged(raises="bias")
def test_transfer_of_what_is_not_parametrized(t):
    m = t.nn.utils.parametrizations.weight_norm(t.nn.Linear(2, 3))
    utils(t).transfer_parametrizations_and_params(m, t.nn.Linear(2, 3), "bias")


@pytest.mark.filterwarnings("ignore:`.*nn.utils.weight_norm` is deprecated")
@judged
def test_an_old_state_of_weight_norm(t):
    t.manual_seed(0)
    old = t.nn.utils.weight_norm(t.nn.Linear(2, 3))
    new = t.nn.utils.parametrizations.weight_norm(t.nn.Linear(2, 3))
    m = t.nn.Sequential(new)
    keys = m.load_state_dict({f"0.{key}": value for key, value in old.state_dict().items()})
    return repr(keys), new.weight.detach(), t.equal(new.weight, old.weight)


@judged(raises="Serialization of parametrized modules is only supported through state_dict")
def test_a_parametrized_module_is_not_pickled(t):
    import pickle

    parametrize = importlib.import_module(f"{t.__name__}.nn.utils.parametrize")
    layer = t.nn.Linear(2, 2)
    pickle.dumps(parametrize.register_parametrization(layer, "weight", t.nn.Tanh()))


@judged(raises="ParametrizationList requires one or more modules")
def test_a_list_of_no_parametrizations(t):
    parametrize = importlib.import_module(f"{t.__name__}.nn.utils.parametrize")
    parametrize.ParametrizationList([], t.ones(1))
