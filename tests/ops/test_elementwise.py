"""Functions of one element against torch: at kinks, at infinities and NaN, and their errors."""

import math
import re
from pathlib import Path

import pytest

import minigrad
from tests.judge import data, judged

INF, NAN = float("inf"), float("nan")
SPECIAL = [-INF, -2.5, -1.0, -0.0, 0.0, 1e-30, 0.5, 1.0, 3.0, INF, NAN]
UNARY = ["exp", "exp2", "expm1", "log", "log1p", "log2", "log10", "sqrt", "rsqrt", "sigmoid"]
UNARY += ["logit", "square", "reciprocal", "sin", "cos", "tan", "asin", "acos", "atan", "sinh"]
UNARY += ["cosh", "tanh", "asinh", "acosh", "atanh", "sinc", "deg2rad", "rad2deg", "erf", "erfc"]
UNARY += ["lgamma", "abs", "sign", "neg", "relu", "floor", "ceil", "trunc", "round", "frac"]
UNARY += ["nan_to_num"]


def special(name):
    """The special values, but for those at which torch's answer depends on the element's place.

    The sign of logit's infinite slope at -0 is that of a division in torch's vectors, and another
    in what is left over at their end: so it changes with the machine.
    """
    return [x for x in SPECIAL if name != "logit" or str(x) != "-0.0"]


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
@pytest.mark.parametrize("name", UNARY)
@judged
def test_special_values_and_gradients(t, name, dtype):
    x = t.tensor(special(name), dtype=getattr(t, dtype), requires_grad=True)
    y = getattr(t, name)(x)
    y.backward(t.ones_like(y))
    return x, y


@pytest.mark.parametrize("name", UNARY)
@judged
def test_an_infinite_cotangent(t, name):
    x = t.tensor(special(name), requires_grad=True)
    getattr(x, name)().backward(t.full_like(x, INF))
    return x


# sinc's is noise next to 0, and lgamma's torch has to 10 digits alone.
@pytest.mark.parametrize("name", sorted({*UNARY} - {"abs", "sinc", "lgamma"}))
@judged
def test_second_derivatives_at_special_values(t, name):
    x = t.tensor(special(name), dtype=t.float64, requires_grad=True)
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


def test_the_guide_shows_expm1_as_it_is() -> None:
    """CONTRIBUTING.md adds this operator, line by line."""
    root = Path(__file__).parents[2]
    guide = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    shown = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    files = ["minigrad/ops/elementwise.py", "minigrad/methods.py", "tests/samples/elementwise.py"]
    assert len(shown) == len(files)
    for block, name in zip(shown, files, strict=True):
        lines = (root / name).read_text(encoding="utf-8").splitlines()
        missing = [line for line in block.splitlines() if line not in lines]
        assert not missing, f"{name} has not {missing}"


@pytest.mark.parametrize(
    "f",
    [
        lambda t: t.addcdiv(t.ones(2), t.ones(2).long(), t.ones(2).long()),
        lambda t: t.lerp(t.ones(2).long(), t.ones(2).long(), 0.5),
        lambda t: t.lerp(t.ones(2).long(), t.ones(2).long(), t.ones(2).long()),
        lambda t: t.lerp(t.tensor([True]), t.tensor([True]), 1),
    ],
)
@judged(raises="")
def test_blends_of_integers(t, f):
    f(t)


@judged
def test_a_float_among_the_operands_of_addcdiv_will_do(t):
    ones, halves = t.tensor([1, 2]), t.tensor([0.5, 4.0])
    return t.addcdiv(halves, ones, halves), t.addcdiv(halves, halves, ones)
