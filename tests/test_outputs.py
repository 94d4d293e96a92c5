"""``out=`` writes the result where torch does, or raises its error."""

import warnings

import pytest

from tests.judge import judged

NAMES = ["add", "sub", "mul", "div", "matmul", "mm"]
OUTS = {
    "same": lambda t: t.zeros(2, 2),
    "a view": lambda t: t.zeros(2, 3)[:, 1:],
    "empty": lambda t: t.zeros(0),
    "another size": lambda t: t.zeros(3),
}


@judged
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("out", list(OUTS))
def test_out(t, name, out):
    x, y = t.tensor([[1.0, 2.0], [3.0, 4.0]]), t.tensor([[5.0, 6.0], [7.0, 9.0]])
    written = OUTS[out](t)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of another size
        result = getattr(t, name)(x, y, out=written)
    return result.clone(), result is written, written._version > 0


@judged
def test_out_may_be_an_operand(t):
    x = t.tensor([1.0, 2.0])
    t.add(x, x, alpha=3, out=x)
    t.div(x, 3, rounding_mode="floor", out=x)
    with t.no_grad():
        t.mul(x, t.ones(2, requires_grad=True), out=x)
    return x, t.mul(x, 2, out=t.zeros(2, dtype=t.float64))


@judged(raises="support automatic differentiation")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("place", range(3))
def test_nothing_that_requires_grad_takes_part(t, name, place):
    x, y, out = [t.ones(2, 2, requires_grad=i == place) for i in range(3)]
    getattr(t, name)(x, y, out=out)


@judged(raises="result type|to have dtype")
@pytest.mark.parametrize("name", NAMES)
def test_the_dtype_must_hold_the_result(t, name):
    getattr(t, name)(t.ones(2, 2), t.ones(2, 2), out=t.zeros(2, 2, dtype=t.int64))


UNARY = """
    exp exp2 expm1 log log1p log2 log10 sqrt rsqrt sigmoid sin cos tan asin acos atan sinh cosh tanh
    asinh acosh atanh sinc deg2rad rad2deg floor ceil trunc frac erf erfc erfinv lgamma digamma abs
    sign sgn signbit
"""


@judged
@pytest.mark.parametrize("name", UNARY.split())
def test_out_of_one_operand(t, name):
    x = t.tensor([[0.25, 0.5], [0.75, 1.0]], dtype=t.float64)
    written = t.zeros(2, 2, dtype=t.bool if name == "signbit" else t.float64)
    result = getattr(t, name)(x, out=written)
    return result.clone(), result is written


@judged(raises="support automatic differentiation|can't be cast")
@pytest.mark.parametrize("wrong", ["grad", "dtype"])
def test_out_of_one_operand_that_it_cannot_be(t, wrong):
    if wrong == "grad":
        t.exp(t.ones(2, requires_grad=True), out=t.zeros(2))
    else:
        t.exp(t.ones(2), out=t.zeros(2, dtype=t.int64))


JOINING = ["cat", "stack"]


@judged
@pytest.mark.parametrize("name", JOINING)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_out_of_joined_tensors(t, name, dtype):
    x, out = t.tensor([[1.0, 2.0], [3.0, 4.0]]), t.zeros(0, dtype=getattr(t, dtype))
    result = getattr(t, name)([x, x], out=out)
    return result.clone(), result is out


@judged(raises="autodiff|automatic differentiation|can't be cast|must be Tensor")
@pytest.mark.parametrize("name", JOINING)
@pytest.mark.parametrize("wrong", ["grad", "dtype", "type"])
def test_out_of_joined_tensors_that_it_cannot_be(t, name, wrong):
    x = t.ones(2, requires_grad=wrong == "grad")
    out = t.zeros(0, dtype=t.int64 if wrong == "dtype" else t.float32)
    getattr(t, name)([x, x], out=(out,) if wrong == "type" else out)


@judged
@pytest.mark.parametrize("name", ["cumsum", "cumprod"])
def test_out_of_scans_decides_their_dtype(t, name):
    x, f = t.tensor([1.5, 1.5, 0.7]), getattr(t, name)
    whole, double = t.zeros(0, dtype=t.int64), t.zeros(0, dtype=t.float64)
    found = [f(x, 0, out=whole).clone(), f(x, 0, out=double).clone(), f(x, 0, out=x) is x]
    return [*found, x]


@judged(raises="automatic differentiation|must be Tensor")
@pytest.mark.parametrize("name", ["cumsum", "cumprod"])
@pytest.mark.parametrize("wrong", ["grad", "type"])
def test_out_of_scans_that_it_cannot_be(t, name, wrong):
    out = (t.zeros(0),) if wrong == "type" else t.zeros(0)
    getattr(t, name)(t.ones(2, requires_grad=wrong == "grad"), 0, out=out)


@judged
def test_out_of_several(t):
    A = t.tensor([[4.0, 2.0], [2.0, 5.0]])
    outs = t.zeros(0), t.zeros(0, dtype=t.int32)
    found = t.linalg.cholesky_ex(A, out=outs)
    same = found.L is outs[0], found.info is outs[1]
    return *same, outs[0].tolist(), outs[1].tolist(), t.linalg.cholesky_ex(A, out=None).L.tolist()


@judged(raises="have dtype|expected tuple of 2|must be tuple of Tensors|automatic differentiation")
@pytest.mark.parametrize("wrong", ["int64", "double", "one", "tensor", "grad"])
def test_out_of_several_that_it_cannot_be(t, wrong):
    A = t.eye(2).requires_grad_(wrong == "grad")
    outs = t.zeros(0), t.zeros(0, dtype=t.int32)
    others = {
        "int64": (outs[0], t.zeros(0, dtype=t.int64)),
        "double": (outs[0].double(), outs[1]),
        "one": outs[:1],
        "tensor": outs[0],
    }
    t.linalg.cholesky_ex(A, out=others.get(wrong, outs))


@judged
def test_out_of_normalize(t):
    x, out = t.tensor([[3.0, 4.0], [0.0, 2.0]]), t.zeros(2, 2)
    result = t.nn.functional.normalize(x, p=2, dim=0, out=out)
    return result.tolist(), result is out
