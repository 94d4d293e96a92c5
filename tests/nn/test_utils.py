"""nn.utils: clipping gradients, and parameters as one vector."""

import pytest

from tests.judge import data, judged
from tests.nn.plain import plain


def learnt(t):
    """Two parameters with a gradient, and one without."""
    t.manual_seed(0)
    m = t.nn.Linear(3, 2)
    (m(t.tensor(data(4, 3), dtype=t.float32)) ** 2).sum().backward()
    m.unused = t.nn.Parameter(t.ones(2))
    return m


@pytest.mark.parametrize("norm", ["2.0", "1", "3.5", "float('inf')", "'inf'"])
@pytest.mark.parametrize("most", [0.5, 1e6])
@judged(ulps=32)
def test_clip_grad_norm(t, norm, most):
    m = learnt(t)
    total = t.nn.utils.clip_grad_norm_(m.parameters(), most, eval(norm))
    again = t.nn.utils.clip_grad_norm_(m.weight, most / 2)
    return plain([total, again, m.weight.grad, m.bias.grad]), total.requires_grad


@judged
def test_clip_grad_value(t):
    m = learnt(t)
    t.nn.utils.clip_grad_value_(m.parameters(), 0.5)
    return plain([m.weight.grad, m.bias.grad])


@judged
def test_total_norm(t):
    grads = [p.grad for p in learnt(t).parameters()][:2]
    total = t.nn.utils.get_total_norm(grads)
    return plain([total, t.nn.utils.get_total_norm([])])


@pytest.mark.filterwarnings("ignore:`parameters` is an empty generator")
@judged
def test_nothing_to_clip(t):
    empty = (p for p in [])
    return plain([t.nn.utils.clip_grad_norm_([], 1.0), t.nn.utils.clip_grad_norm_(empty, 1.0)])


@judged(raises="is non-finite")
def test_a_norm_that_is_not_finite(t):
    p = t.nn.Parameter(t.ones(2))
    p.grad = t.tensor([float("inf"), 1.0])
    t.nn.utils.clip_grad_norm_(p, 1.0, error_if_nonfinite=True)


@judged
def test_one_vector(t):
    m = learnt(t)
    vector = t.nn.utils.parameters_to_vector(m.parameters())
    t.nn.utils.vector_to_parameters(vector.detach() * 2, m.parameters())
    return plain([vector, m.weight, m.bias]), vector.requires_grad, m.weight.requires_grad


@judged(raises="expected Tensor")
def test_no_vector(t):
    t.nn.utils.vector_to_parameters([1.0], [])


@pytest.mark.filterwarnings("ignore:`torch.nn.utils.weight_norm` is deprecated")
@pytest.mark.parametrize("dim", [0, 1, None, -1])
@judged(ulps=64)
def test_weight_norm(t, dim):
    t.manual_seed(0)
    m = t.nn.utils.weight_norm(t.nn.Conv1d(2, 3, 2), dim=dim)
    seen = [repr(m), plain(m.state_dict()), m.weight.requires_grad]
    y = m(t.tensor(data(1, 2, 4), dtype=t.float32))
    (y * y).sum().backward()
    seen += plain([y, m.weight_g.grad, m.weight_v.grad, m.weight])
    return [*seen, list(t.nn.utils.remove_weight_norm(m).state_dict()), plain(m.weight)]


@pytest.mark.parametrize("layer", ["Linear(4, 3)", "Conv2d(2, 4, 2)", "ConvTranspose1d(2, 4, 2)"])
@judged(ulps=64)
def test_spectral_norm(t, layer):
    t.manual_seed(0)
    m = t.nn.utils.spectral_norm(eval(f"t.nn.{layer}", {"t": t}), n_power_iterations=2)
    seen = [repr(m), plain(m.state_dict()), [name for name, _ in m.named_parameters()]]
    shape = {"Linear": (3, 4), "Conv2d": (1, 2, 4, 4)}.get(layer.partition("(")[0], (1, 2, 4))
    x = t.tensor(data(*shape), dtype=t.float32)
    y = m(x) + m(x)
    (y * y).sum().backward()
    seen += plain([y, m.weight_orig.grad, m.eval()(x), m.weight])
    return [*seen, list(t.nn.utils.remove_spectral_norm(m).state_dict()), plain(m.weight)]


@pytest.mark.filterwarnings("ignore:`torch.nn.utils.weight_norm` is deprecated")
@pytest.mark.parametrize(
    "statement",
    [
        "remove_weight_norm(t.nn.Linear(1, 1))",
        "remove_spectral_norm(t.nn.Linear(1, 1))",
        "spectral_norm(spectral_norm(t.nn.Linear(1, 1)))",
        "weight_norm(weight_norm(t.nn.Linear(1, 1)))",
        "spectral_norm(t.nn.Linear(1, 1), n_power_iterations=0)",
        "spectral_norm(t.nn.LazyLinear(1))",
    ],
)
@judged(raises="")
def test_norms_that_are_refused(t, statement):
    eval(statement, {**vars(t.nn.utils), "t": t})


@judged(ulps=64)
def test_functional_call(t):
    t.manual_seed(0)
    m = t.nn.Sequential(t.nn.Linear(3, 3), t.nn.BatchNorm1d(3))
    m.append(t.nn.Linear(3, 3))
    m[2].weight = m[0].weight
    new = {name: p.detach() * 2 for name, p in m.named_parameters()}
    new["0.weight"].requires_grad_()
    x = t.tensor(data(4, 3), dtype=t.float32)
    y = t.func.functional_call(m, (new, {"1.running_mean": t.ones(3)}), (x,))
    (y * t.tensor(data(4, 3, seed=1), dtype=t.float32)).sum().backward()
    untied = t.func.functional_call(m.eval(), new, x, tie_weights=False)
    seen = plain([y, untied, new["0.weight"].grad, m(x)])
    return seen, m[0].weight.grad, plain(m.state_dict())


@pytest.mark.parametrize(
    "call",
    [
        "(m, 3, x)",
        "(m, ({'weight': x}, {'weight': x}), x)",
        "(m, [x], x)",
        "(m, ([1],), x)",
        "(m, {'': x}, x)",
        "(m, {'weight': x}, x, strict=True)",
        "(m, {'weight': x, 'bias': x[0], 'more': x}, x, strict=True)",
    ],
)
@judged(raises="")
def test_functional_calls_that_are_refused(t, call):
    eval(f"t.func.functional_call{call}", {"t": t, "m": t.nn.Linear(2, 2), "x": t.ones(2, 2)})


@judged(raises="tensor name can")
def test_a_functional_call_with_a_name_of_nothing(t):
    t.func.functional_call(t.nn.Linear(1, 1), {"": t.ones(1)}, t.ones(1))


@judged
def test_a_module_with_other_tensors_for_a_while(t):
    layer = t.nn.Linear(2, 1, bias=False)
    other = t.tensor([[2.0, 3.0]], requires_grad=True)
    with t.nn.utils.stateless._reparametrize_module(layer, {"weight": other}):
        y = layer(t.ones(1, 2))
    y.sum().backward()
    return y, other.grad.tolist(), layer.weight.grad, isinstance(layer.weight, t.nn.Parameter)
