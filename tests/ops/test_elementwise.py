"""Functions of one element against torch: at kinks, at infinities and NaN, and their errors."""

import math

import pytest

import minigrad
from tests.judge import data, judged

INF, NAN = float("inf"), float("nan")
SPECIAL = [-INF, -2.5, -1.0, -0.0, 0.0, 1e-30, 0.5, 1.0, 3.0, INF, NAN]
UNARY = ["exp", "log", "sqrt", "sin", "cos", "tanh", "sigmoid", "relu", "abs", "sign", "neg"]
UNARY += ["square", "reciprocal"]


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
@pytest.mark.parametrize("name", UNARY)
@judged
def test_special_values_and_gradients(t, name, dtype):
    x = t.tensor(SPECIAL, dtype=getattr(t, dtype), requires_grad=True)
    y = getattr(t, name)(x)
    y.backward(t.ones_like(y))
    return x, y


@pytest.mark.parametrize("name", UNARY)
@judged
def test_an_infinite_cotangent(t, name):
    x = t.tensor(SPECIAL, requires_grad=True)
    getattr(x, name)().backward(t.full((len(SPECIAL),), INF))
    return x


@pytest.mark.parametrize("name", [name for name in UNARY if name != "abs"])
@judged
def test_second_derivatives_at_special_values(t, name):
    x = t.tensor(SPECIAL, dtype=t.float64, requires_grad=True)
    y = getattr(x, name)()
    (g,) = t.autograd.grad(y.sum(), x, create_graph=True)
    if g.requires_grad:
        (h,) = t.autograd.grad(g.sum(), x, allow_unused=True)
        return g.detach().clone(), None if h is None else h.tolist()


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("shape", [(), (0,), (1, 3), (2, 0, 3)])
@judged
def test_shapes(t, name, shape):
    x = t.tensor(data(*shape, low=0.5), requires_grad=True)
    y = getattr(t, name)(x)
    y.sum().backward()
    return x, y


@pytest.mark.parametrize("name", UNARY)
@judged
def test_strides_are_kept(t, name):
    x = t.tensor(data(2, 3, 4, low=0.5))
    return [
        getattr(y, name)()
        for y in (x.transpose(0, 1), x.permute(2, 0, 1), x[:, ::2], x[:, 0].expand(5, 2, 4))
    ]


@pytest.mark.parametrize("name", UNARY)
@judged(raises="must be Tensor, not")
def test_not_a_tensor(t, name):
    getattr(t, name)([1.0, 2.0])


def test_closed_forms() -> None:
    x = minigrad.tensor(0.75, dtype=minigrad.float64, requires_grad=True)
    s = 1 / (1 + math.exp(-0.75))
    expected = {
        "exp": (math.exp(0.75), math.exp(0.75)),
        "log": (math.log(0.75), 1 / 0.75),
        "sqrt": (math.sqrt(0.75), 0.5 / math.sqrt(0.75)),
        "sin": (math.sin(0.75), math.cos(0.75)),
        "cos": (math.cos(0.75), -math.sin(0.75)),
        "tanh": (math.tanh(0.75), 1 - math.tanh(0.75) ** 2),
        "sigmoid": (s, s * (1 - s)),
        "relu": (0.75, 1.0),
        "abs": (0.75, 1.0),
        "sign": (1.0, 0.0),
        "square": (0.5625, 1.5),
        "reciprocal": (1 / 0.75, -1 / 0.5625),
    }
    for name, (value, slope) in expected.items():
        y = getattr(x, name)()
        (g,) = minigrad.autograd.grad(y, x)
        assert y.item() == pytest.approx(value, rel=1e-15), name
        assert g.item() == pytest.approx(slope, rel=1e-14), name


def test_kinks() -> None:
    """relu'(0) = 0, abs'(0) = 0, sign' = 0 everywhere, and clamp's bounds count as inside."""
    zero = minigrad.tensor([0.0, -0.0], requires_grad=True)
    for f in (minigrad.relu, minigrad.abs, minigrad.sign):
        assert minigrad.autograd.grad(f(zero).sum(), zero)[0].tolist() == [0.0, 0.0]
    x = minigrad.tensor([-1.0, 0.0, 1.0], requires_grad=True)
    x.clamp(-1, 1).sum().backward()
    assert x.grad.tolist() == [1.0, 1.0, 1.0]


CLAMPS = [(-1, 1), (None, 0.5), (-1.0, None), (2, -2), (0, 0), (-INF, INF), (NAN, 1.0), (0.0, NAN)]


@pytest.mark.parametrize("low, high", CLAMPS)
@judged
def test_clamp_by_numbers(t, low, high):
    x = t.tensor(SPECIAL, requires_grad=True)
    y = x.clamp(low, high)
    y.backward(t.ones_like(y) * 3)
    return x, y, t.clamp(x, max=high, min=low)


@judged
def test_clamp_by_tensors(t):
    x = t.tensor([-2.0, -1.0, 0.0, 1.0, 2.0, NAN], requires_grad=True)
    low = t.tensor([-1.0, -1.0, 0.0, 2.0, 3.0, 0.0], requires_grad=True)
    high = t.tensor([1.0, -1.0, 0.0, 1.0, 1.0, 1.0], requires_grad=True)
    results = []
    for bounds in [(low, high), (low, None), (None, high), (t.tensor(-1.0), high)]:
        y = t.clamp(x, *bounds)
        y.backward(t.ones_like(y))
        results.append(y)
    return x, low, high, results


@judged
def test_clamp_by_tensors_that_broadcast(t):
    x = t.tensor(data(2, 3), requires_grad=True)
    low = t.tensor(data(3, seed=1) - 1, requires_grad=True)
    high = t.tensor(data(2, 1, seed=2) + 1, requires_grad=True)
    y = x.clamp(low, high)
    y.sum().backward()
    return x, low, high, y


@judged(raises="At least one of 'min' or 'max' must not be None")
def test_clamp_without_bounds(t):
    t.ones(2).clamp()


@judged
def test_clamp_of_integers(t):
    n = t.tensor([-5, 0, 5])
    return n.clamp(-1, 2), n.clamp(max=0), n.clamp(0.5, 2), n.clamp(t.tensor(-1), t.tensor(2.5))


@pytest.mark.parametrize("name", ["maximum", "minimum"])
@judged
def test_maximum_minimum_share_ties(t, name):
    x = t.tensor([1.0, 2.0, 3.0, 0.0, NAN, 1.0, INF, -INF], requires_grad=True)
    y = t.tensor([1.0, 3.0, 2.0, -0.0, 1.0, NAN, INF, -INF], requires_grad=True)
    z = getattr(t, name)(x, y)
    z.backward(t.ones_like(z))
    return x, y, z


@pytest.mark.parametrize("name", ["maximum", "minimum"])
@judged
def test_maximum_minimum_of_a_tensor_with_itself_and_broadcast(t, name):
    f = getattr(t, name)
    x = t.tensor(data(2, 3), requires_grad=True)
    y = t.tensor(data(3, seed=1), requires_grad=True)
    (f(x, x) + f(x, y) + f(y, t.tensor(0.5))).sum().backward()
    return x, y, f(t.tensor([1, 5]), t.tensor([3, 2]))


@judged(raises="must be Tensor, not")
def test_maximum_with_a_number(t):
    t.maximum(t.ones(2), 1.0)


@judged
def test_where(t):
    condition = t.tensor([[True, False, True], [False, False, True]])
    x = t.tensor(data(2, 3), requires_grad=True)
    y = t.tensor(data(3, seed=1), requires_grad=True)
    z = t.where(condition, x, y) * 2 + t.where(condition[0], 1.5, x) + t.where(condition, y, 0.0)
    z.sum().backward()
    return x, y, z


@judged
def test_where_masks_an_infinite_cotangent_exactly(t):
    x = t.tensor([1.0, 2.0], requires_grad=True)
    y = t.tensor([3.0, 4.0], requires_grad=True)
    t.where(t.tensor([True, False]), x, y).backward(t.tensor([INF, NAN]))
    return x, y


@judged
def test_where_does_not_mask_an_infinite_local_derivative(t):
    x = t.tensor([0.0, 4.0], requires_grad=True)
    t.where(x > 0, x.sqrt(), t.zeros(2)).sum().backward()
    y = t.tensor([0.0, 4.0], requires_grad=True)
    t.where(y > 0, t.where(y > 0, y, t.ones(2)).sqrt(), t.zeros(2)).sum().backward()
    return x, y


@judged(raises="where expected condition to be a boolean tensor")
def test_where_with_a_condition_of_floats(t):
    t.where(t.ones(2), t.ones(2), t.ones(2))


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int64", "bool"])
@judged
def test_casts(t, dtype):
    x = t.tensor([0.5, -1.5, 2.0], requires_grad=True)
    y = x.to(getattr(t, dtype))
    if y.requires_grad:
        (y * y).sum().backward()
    return x, y


@judged
def test_cast_to_the_same_dtype_is_the_tensor_itself(t):
    x = t.ones(2, requires_grad=True)
    copied = x.to(t.float32, copy=True)
    return [
        x.to(t.float32) is x,
        x.float() is x,
        x.to("cpu") is x,
        x.to(dtype=t.float32) is x,
        x.to(t.zeros(1)) is x,
        copied is x,
        copied,
        x.double(),
        x.to("cpu", t.float64),
        x.to(t.zeros(1, dtype=t.float64)),
        x.to(t.float64, True),
    ]


@judged
def test_clone(t):
    x = t.tensor(data(2, 3), requires_grad=True)
    y = x.clone()
    z = t.clone(x.t())
    (y * 2).sum().backward()
    return x, y, z, y is x


@pytest.mark.parametrize("name", ["eq", "ne", "lt", "le", "gt", "ge"])
@judged
def test_comparisons(t, name):
    x = t.tensor([1.0, 2.0, NAN, INF, -0.0], requires_grad=True)
    y = t.tensor([1.0, 3.0, NAN, INF, 0.0])
    f = getattr(t, name)
    return f(x, y), f(x, 2), getattr(x, name)(1.5), f(x, y[:1]), getattr(x, f"__{name}__")(y)


@pytest.mark.parametrize("name", ["eq", "lt", "bitwise_and"])
@pytest.mark.parametrize("operands", [(True, "text"), (True, None), ("text", True), (1.0, True)])
def test_comparisons_refuse_other_operands(name, operands) -> None:
    a, b = [minigrad.tensor([True]) if x is True else x for x in operands]
    with pytest.raises(TypeError, match="must be Tensor"):
        getattr(minigrad, name)(a, b)


@judged
def test_bitwise_operators(t):
    a, b = t.tensor([True, True, False]), t.tensor([True, False, False])
    m, n = t.tensor([6, -3]), t.tensor([3, 5])
    return a & b, a | b, a ^ b, ~a, m & n, m | n, m ^ n, ~m, a & True, m | 1


@judged(raises="only implemented on integer and Boolean-type tensors|not implemented for 'Float'")
def test_bitwise_not_of_floats(t):
    ~t.ones(2)


@judged(raises="not implemented for 'Float'")
def test_bitwise_and_of_floats(t):
    t.ones(2) & t.ones(2)


def test_no_warning_reaches_the_user_and_numpys_settings_stay() -> None:
    """log(0), 1/0 and overflow give infinities without a word; np.seterr is the user's."""
    import numpy as np

    with np.errstate(all="raise"):
        before = np.geterr()
        x = minigrad.tensor([0.0, 1000.0, -1.0], requires_grad=True)
        y = x.log() + x.exp() + 1 / x + x.sqrt()
        y.sum().backward()
        assert np.geterr() == before
        with pytest.raises(FloatingPointError):
            np.log(np.zeros(1))
