"""Activations against torch: at their kinks, at infinities and NaN, in place, and their errors."""

import pytest

from tests.judge import data, judged

INF, NAN = float("inf"), float("nan")
SPECIAL = [-INF, -800.0, -3.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 3.0, 6.0, 20.5, 800.0, INF, NAN]

ACTIVATIONS = {
    "relu": (),
    "relu6": (),
    "leaky_relu": (0.2,),
    "elu": (1.5,),
    "celu": (2.0,),
    "selu": (),
    "silu": (),
    "gelu": (),
    "mish": (),
    "hardsigmoid": (),
    "hardswish": (),
    "hardtanh": (-0.5, 0.5),
    "hardshrink": (),
    "softshrink": (),
    "softplus": (),
    "softsign": (),
    "tanhshrink": (),
    "threshold": (0.5, 7.0),
    "logsigmoid": (),
    "sigmoid": (),
    "tanh": (),
    "rrelu": (),
}
# torch has less precision in the gradient of hardsigmoid in float64, and in GELU of large numbers.
APART = ["hardsigmoid", "gelu"]
IN_PLACE = ["relu", "relu6", "leaky_relu", "elu", "celu", "selu", "silu", "mish", "hardsigmoid"]
IN_PLACE += ["hardswish", "hardtanh", "threshold", "rrelu"]


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name not in APART])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@judged(ulps=32)
def test_values_and_gradients(t, name, dtype):
    x = t.tensor(SPECIAL, dtype=getattr(t, dtype), requires_grad=True)
    y = getattr(t.nn.functional, name)(x, *ACTIVATIONS[name])
    y.backward(t.full_like(y, 2.0))
    return x, y


@judged
def test_hardsigmoid(t):
    x = t.tensor(SPECIAL, requires_grad=True)
    y = t.nn.functional.hardsigmoid(x)
    y.sum().backward()
    return x, y


@pytest.mark.parametrize("approximate", ["none", "tanh"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@judged(ulps=4)
def test_gelu(t, approximate, dtype):
    x = t.tensor(SPECIAL[1:-2], dtype=getattr(t, dtype), requires_grad=True)
    y = t.nn.functional.gelu(x, approximate=approximate)
    y.sum().backward()
    return x, y


@pytest.mark.parametrize("name", ["elu", "silu", "gelu", "mish", "softplus", "logsigmoid", "glu"])
@judged(ulps=64)
def test_third_derivatives(t, name):
    x = t.tensor(data(6), requires_grad=True)
    g = getattr(t.nn.functional, name)(x).sum()
    for _ in range(3):
        (g,) = t.autograd.grad(g.sum(), x, create_graph=True)
    return g.detach()


@pytest.mark.parametrize("name", IN_PLACE)
@judged
def test_in_place(t, name):
    x = t.tensor(SPECIAL[2:-3], requires_grad=True)
    y = x * 1
    z = getattr(t.nn.functional, name)(y, *ACTIVATIONS[name], inplace=True)
    z.sum().backward()
    return x, z, z is y


@pytest.mark.parametrize("name", ["relu_", "elu_", "selu_", "celu_", "leaky_relu_", "hardtanh_"])
@judged
def test_underscored_forms(t, name):
    x = t.tensor(SPECIAL[2:-3])
    return getattr(t.nn.functional, name)(x), x


@judged
def test_in_place_on_a_view(t):
    x = t.tensor(data(3, 4), requires_grad=True)
    y = x * 1
    t.nn.functional.silu(y[1], inplace=True)
    y.sum().backward()
    return x, y


@judged(raises="In-place leakyReLu backward calculation is triggered with a negative slope")
def test_leaky_relu_in_place_with_a_negative_slope(t):
    x = t.tensor([-1.0, 1.0], requires_grad=True)
    t.nn.functional.leaky_relu(x * 1, -0.5, inplace=True).sum().backward()


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("dtype", ["int64", "uint8", "bool"])
def test_integers(name, dtype):
    from tests.judge import both

    both(
        lambda t: getattr(t.nn.functional, name)(
            t.tensor([0, 1, 3]).to(getattr(t, dtype)), *map(abs, ACTIVATIONS[name][::-1])
        )
    )


@judged
def test_softplus_with_settings(t):
    x = t.tensor([-2.0, 0.0, 4.9, 5.1], requires_grad=True)
    y = t.nn.functional.softplus(x, 2.0, 10.0)
    y.sum().backward()
    return x, y


@pytest.mark.parametrize("shape", [(4,), (), (2, 4), (2, 4, 3)])
@pytest.mark.parametrize("size", [1, 4])
@judged
def test_prelu(t, shape, size):
    if size == 4 and (len(shape) < 2 or shape[1] != 4):
        size = 1
    x = t.tensor(data(*shape), requires_grad=True)
    w = t.tensor(data(size, seed=1), requires_grad=True)
    y = t.nn.functional.prelu(x, w)
    y.sum().backward()
    return x, w, y


@pytest.mark.parametrize("x, w", [((2, 3), 2), ((3,), 3), ((), 2)])
@judged(raises="parameter numbers|zero-dim")
def test_prelu_with_a_weight_of_the_wrong_size(t, x, w):
    t.nn.functional.prelu(t.ones(x), t.ones(w))


@judged(raises="Type promoting not supported. Got Float and Double")
def test_prelu_of_two_dtypes(t):
    t.nn.functional.prelu(t.ones(2), t.ones(1, dtype=t.float64))


@pytest.mark.parametrize("dim", [0, 1, -1])
@judged
def test_glu(t, dim):
    x = t.tensor(data(4, 2, 6), requires_grad=True)
    y = t.nn.functional.glu(x, dim)
    y.sum().backward()
    return x, y


@judged(raises="Halving dimension must be even, but dimension 0 is size 3")
def test_glu_of_an_odd_size(t):
    t.nn.functional.glu(t.ones(3))


@judged(raises="glu does not support scalars")
def test_glu_of_a_scalar(t):
    t.nn.functional.glu(t.tensor(1.0))


@judged(raises="min_val cannot be greater than max_val")
def test_hardtanh_with_bounds_the_wrong_way_round(t):
    t.nn.functional.hardtanh(t.ones(2), 1, -1)


@judged(raises="lambda must be in range")
def test_softshrink_by_a_negative_number(t):
    t.nn.functional.softshrink(t.ones(2), -1.0)


@judged(raises="approximate argument must be either none or tanh")
def test_gelu_approximated_otherwise(t):
    t.nn.functional.gelu(t.ones(2), approximate="sigmoid")


@judged(raises="alpha cannot be 0 for CELU")
def test_celu_with_alpha_0(t):
    t.nn.functional.celu(t.ones(2), 0.0)


@pytest.mark.parametrize("name", ["relu", "gelu", "leaky_relu", "silu", "logsigmoid", "hardtanh"])
@judged(raises="must be Tensor, not list")
def test_of_a_list(t, name):
    getattr(t.nn.functional, name)([1.0])


@pytest.mark.parametrize("name", ["leaky_relu", "elu", "silu", "gelu", "softplus", "logsigmoid"])
@judged(raises="modified by an inplace operation")
def test_the_input_is_saved(t, name):
    x = t.tensor(data(3), requires_grad=True) * 1
    y = getattr(t.nn.functional, name)(x)
    x.add_(1)
    y.sum().backward()


@pytest.mark.parametrize("name", ["softmax", "softmin", "log_softmax"])
@pytest.mark.filterwarnings("ignore:Implicit dimension")
@judged
def test_softmax_chooses_a_dim(t, name):
    f = getattr(t.nn.functional, name)
    xs = [t.tensor(data(*shape)) for shape in [(3,), (2, 3), (2, 3, 2), (2, 3, 1, 2)]]
    return [f(x) for x in xs], f(xs[1], dim=0, dtype=t.float32), f(xs[1], -1, 3)


def test_softmax_warns_when_it_chooses_a_dim():
    import minigrad

    with pytest.warns(UserWarning, match="Implicit dimension choice for softmax"):
        minigrad.nn.functional.softmax(minigrad.ones(2))


@pytest.mark.parametrize(
    "name", ["sigmoid", "softplus", "silu", "mish", "gelu", "gelu tanh", "hardswish", "logsigmoid"]
)
@judged(ulps=0)
def test_half_precision_is_computed_in_single(t, name):
    """``exp`` of 12 is beyond float16, and so is the cube of 100."""
    points = [-100.0, -15.0, -12.0, -1.0, 0.0, 3.0, 11.5, 15.0, 19.0, 100.0, 300.0, 65504.0]
    x = t.tensor(points, dtype=t.float16, requires_grad=True)
    if name == "gelu tanh":
        y = t.nn.functional.gelu(x, approximate="tanh")
    else:
        y = getattr(t.nn.functional, name)(x)
    y.sum().backward()
    return y, x.grad if name in ("sigmoid", "softplus", "gelu tanh") else None


@judged
def test_the_deviation_of_halves(t):
    """Their variance is beyond float16."""
    return t.tensor([-3000.0, 100.0, 3000.0], dtype=t.float16).std()
