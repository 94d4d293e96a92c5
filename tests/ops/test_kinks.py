"""Where derivatives jump, vanish or blow up: values and gradients of elementwise operators.

Every operator meets every pair of zeros, ties, ones, infinities and NaN, with a finite, an infinite
and a zero cotangent, and must answer as torch does.
"""

import itertools

import pytest

from tests.judge import both, judged

INF, NAN = float("inf"), float("nan")
POINTS = [-INF, -2.5, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 2.0, INF, NAN]
UNARY = ["abs", "sign", "relu", "floor", "ceil", "trunc", "round", "frac", "square"]
UNARY += ["reciprocal", "sqrt", "rsqrt", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p"]
UNARY += ["sigmoid", "logit", "nan_to_num", "sinc", "sin", "cos", "tan", "asin", "acos", "atan"]
UNARY += ["sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "erfc", "erfinv"]
BINARY = ["add", "sub", "mul", "div", "pow", "float_power", "atan2", "hypot", "fmod"]
BINARY += ["remainder", "xlogy", "logaddexp", "maximum", "minimum", "fmax", "fmin", "clamp_min"]
BINARY += ["clamp_max", "copysign"]
# The numbers beside a tensor, and how.
NUMBERS = {
    "x ** 0": lambda t, x: x**0,
    "x ** 1": lambda t, x: x**1,
    "x ** 2": lambda t, x: x**2,
    "x ** 0.5": lambda t, x: x**0.5,
    "x ** -1": lambda t, x: x**-1,
    "0 ** x": lambda t, x: 0.0**x,
    "1 ** x": lambda t, x: 1.0**x,
    "2 ** x": lambda t, x: 2**x,
    "1 / x": lambda t, x: 1 / x,
    "x % 1": lambda t, x: x % 1,
    "fmod(x, 0)": lambda t, x: t.fmod(x, 0),
    "xlogy(0, x)": lambda t, x: t.xlogy(0, x),
    "xlogy(x, 0)": lambda t, x: t.xlogy(x, 0),
    "copysign(x, -1)": lambda t, x: t.copysign(x, -1),
    "logit(x, 0.25)": lambda t, x: t.logit(x, 0.25),
    "clamp(x, -1, 1)": lambda t, x: t.clamp(x, -1, 1),
    "clamp(x, 1, -1)": lambda t, x: t.clamp(x, 1, -1),
    "clamp(x, nan)": lambda t, x: t.clamp(x, NAN),
    "clamp_min(x, 0)": lambda t, x: t.clamp_min(x, 0),
    "clamp_max(x, 0)": lambda t, x: t.clamp_max(x, 0),
    "nan_to_num(x, 1, 2, 3)": lambda t, x: t.nan_to_num(x, 1, 2, 3),
    "where(x > 0, x, 0)": lambda t, x: t.where(x > 0, x, 0.0),
    "lerp(x, 2x, 0.5)": lambda t, x: t.lerp(x, 2 * x, 0.5),
}
EACH_DTYPE = pytest.mark.parametrize("dtype", ["float64", "float32"])


def gradients(t, f, dtype, operands):
    """The value and the gradients for three cotangents, as numbers that are judged one by one."""
    results = []
    for cotangent in (1.0, INF, 0.0):
        xs = [t.tensor(x, dtype=getattr(t, dtype), requires_grad=True) for x in operands]
        y = f(t, *xs)
        y.backward(t.full_like(y, cotangent))
        results += [y.tolist(), *[x.grad.tolist() for x in xs]]
    return results


@EACH_DTYPE
@pytest.mark.parametrize("name", UNARY)
@judged
def test_one_operand(t, name, dtype):
    # The sign of logit's infinite slope at -0 changes in torch with the place of the element.
    points = [x for x in POINTS if name != "logit" or str(x) != "-0.0"]
    return gradients(t, lambda t, x: getattr(t, name)(x), dtype, [points])


@EACH_DTYPE
@pytest.mark.parametrize("name", BINARY)
@judged
def test_two_operands(t, name, dtype):
    pairs = [*zip(*itertools.product(POINTS, POINTS), strict=True)]
    return gradients(t, lambda t, x, y: getattr(t, name)(x, y), dtype, pairs)


@EACH_DTYPE
@pytest.mark.parametrize("form", NUMBERS)
@judged
def test_a_tensor_and_numbers(t, form, dtype):
    return gradients(t, NUMBERS[form], dtype, [POINTS])


@pytest.mark.parametrize("name", BINARY)
@judged
def test_an_operand_with_itself(t, name):
    return gradients(t, lambda t, x: getattr(t, name)(x, x), "float64", [POINTS])


@pytest.mark.parametrize("name", ["add", "mul", "pow", "atan2", "fmod", "maximum", "xlogy"])
@judged
def test_the_derivative_of_one_operand_alone(t, name):
    f, y = getattr(t, name), t.tensor(POINTS)
    first = gradients(t, lambda t, x: f(x, y), "float32", [POINTS[::-1]])
    return first, gradients(t, lambda t, x: f(y, x), "float32", [POINTS[::-1]])


@judged
def test_clamps_bounds_in_every_order(t):
    triples = [*zip(*itertools.product([-1.0, 0.0, 1.0, NAN], repeat=3), strict=True)]
    return gradients(t, lambda t, x, low, high: t.clamp(x, low, high), "float64", triples)


@pytest.mark.parametrize("weight", [-0.5, -0.4, 0.4, 0.5])
@judged
def test_from_which_end_lerp_reckons(t, weight):
    a, b = t.tensor([0.0, 1.0, float("inf")]), t.tensor([float("inf"), 2.0, 3.0])
    return t.lerp(a, b, weight), t.lerp(a, b, t.tensor(weight))


@judged
def test_lerp_by_a_tensor(t):
    triples = [*zip(*itertools.product([-1.0, 0.0, 0.5, 1.0, INF], repeat=3), strict=True)]
    return gradients(t, lambda t, x, y, w: t.lerp(x, y, w), "float64", triples)


@pytest.mark.parametrize("name", ["addcmul", "addcdiv"])
@judged
def test_products_and_quotients_added(t, name):
    triples = [*zip(*itertools.product([-1.0, 0.0, 2.0, INF], repeat=3), strict=True)]
    f = getattr(t, name)
    return gradients(t, lambda t, x, y, z: f(x, y, z, value=-0.5), "float64", triples)


# What a node saves shows in which tensors may still be written to before its backward pass.


@pytest.mark.parametrize("edited", ["operand", "result"])
@pytest.mark.parametrize("name", UNARY)
@pytest.mark.torch
def test_what_one_operand_saves(name, edited) -> None:
    def f(t):
        leaf = t.tensor([0.25, 0.75], requires_grad=True)
        x = leaf * 1
        y = getattr(t, name)(x)
        (x if edited == "operand" else y).mul_(0.5)
        y.sum().backward()
        return leaf

    both(f)


@pytest.mark.parametrize("edited", [0, 1, 2])
@pytest.mark.parametrize("required", [(True, True), (True, False), (False, True)])
@pytest.mark.parametrize("name", BINARY)
@pytest.mark.torch
def test_what_two_operands_save(name, required, edited) -> None:
    def f(t):
        values = [[0.25, 0.75], [0.5, 1.5]]
        leaves = [
            t.tensor(x, dtype=t.float64, requires_grad=r)
            for x, r in zip(values, required, strict=True)
        ]
        x, y = [leaf * 1 for leaf in leaves]
        z = getattr(t, name)(x, y)
        (x, y, z)[edited].mul_(0.5)
        z.sum().backward()
        return leaves

    both(f)


@judged
def test_xlogy_of_numbers_keeps_the_dtype(t):
    x = t.tensor([0.0, -0.0, 1.5, -2.0], requires_grad=True)
    made = [t.xlogy(x, 2.0), t.xlogy(x, 0), t.xlogy(3, x), t.xlogy(x.half(), 2)]
    sum(part.float().sum() for part in made[:2]).backward()
    return made, x


@judged
def test_copysign_at_zeros(t):
    x = t.tensor([0.0, -0.0, 1.0, -1.0], requires_grad=True)
    y = t.tensor([1.0, -1.0, 0.0, -0.0], requires_grad=True)
    (t.copysign(x, y) + t.copysign(x, -2.0)).backward(t.tensor([1.0, 2.0, 3.0, 4.0]))
    return x, y
