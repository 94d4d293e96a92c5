"""What minigrad promises of dtypes: of a result, of a gradient, and of what must not be one.

Every test is one snippet that both libraries run.
"""

import numpy as np
import pytest

from tests.judge import judged


def pairs(t):
    """Operands of each priority: with dimensions, without, and Python numbers."""
    dtypes = ["bool", "uint8", "int8", "int32", "int64", "float32", "float64"]
    vectors = {f"{d} vector": t.ones(2, dtype=getattr(t, d)) for d in dtypes}
    zero_d = {f"{d} 0-d": t.tensor(1, dtype=getattr(t, d)) for d in dtypes}
    return {**vectors, **zero_d, "True": True, "2": 2, "1.5": 1.5}


@judged
def test_promotion_has_three_priorities(t):
    """A tensor without dimensions, and then a number, counts only if its category is higher."""
    operands = pairs(t)
    results = {}
    for a, x in operands.items():
        for b, y in operands.items():
            result = x * y
            results[f"{a} * {b}"] = str(getattr(result, "dtype", type(result))).split(".")[-1]
    return results


@judged
def test_promotion_by_example(t):
    """float32 by a float64 scalar, integers by a float, small integers by a 0-d large one."""
    return (
        t.ones(2) * t.tensor(2.0, dtype=t.float64),
        t.tensor([1, 2]) + 1.5,
        t.ones(2, dtype=t.int8) * t.tensor(3),
        t.ones(2, dtype=t.uint8) + 300,
        t.ones(2) * np.float64(3),
    )


@judged
def test_a_gradient_returns_in_the_dtype_of_its_leaf(t):
    """However the operands were promoted."""
    xs = [
        t.ones(2, requires_grad=True),
        t.ones(2, dtype=t.float64, requires_grad=True),
        t.tensor(2.0, dtype=t.float64, requires_grad=True),
        t.ones(2, dtype=t.float16, requires_grad=True),
    ]
    (xs[0] * xs[1] + xs[2] * xs[3]).sum().backward()
    return xs


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int8", "int32", "int64"])
@pytest.mark.parametrize("name", ["sum", "prod", "cumsum", "cumprod"])
@judged
def test_sums_of_integers_are_int64(t, name, dtype):
    """Also those of booleans."""
    x = t.tensor([1, 0, 3]).to(getattr(t, dtype))
    return getattr(x, name)(0), getattr(x, name)(dim=0, dtype=t.float32)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64"])
@judged
def test_division_and_functions_of_integers_are_floats(t, dtype):
    """They have the default dtype."""
    x = t.tensor([1, 0, 3]).to(getattr(t, dtype))
    return x / 2, x / (x + x), x.sqrt(), x.exp(), x.sigmoid(), x.sin(), t.softmax(x * 1.0, 0)


REFUSED = {
    "mean of integers": lambda t: t.tensor([1, 2]).mean(),
    "integer to a negative power": lambda t: t.tensor([1, 2]) ** -1,
    "float into integers": lambda t: t.tensor([1, 2]).add_(1.5),
    "booleans subtracted": lambda t: t.tensor([True]) - t.tensor([True]),
    "integers that require grad": lambda t: t.tensor([1], requires_grad=True),
    "integers told to require grad": lambda t: t.tensor([1]).requires_grad_(),
    "booleans that require grad": lambda t: t.ones(2, dtype=t.bool, requires_grad=True),
}


@pytest.mark.parametrize("name", REFUSED)
@judged(raises=".")
def test_what_the_dtype_refuses(t, name):
    """An error where there is no answer in the dtype, and only floats require grad."""
    REFUSED[name](t)


@judged
def test_integer_quotients_and_remainders(t):
    """``//`` rounds down, ``%`` has the divisor's sign and ``fmod`` the dividend's."""
    x, y = t.tensor([7, -7, 7, -7]), t.tensor([2, 2, -2, -2])
    return [
        (x // y, x % y, x.fmod(y), t.div(x, y, rounding_mode="trunc"))
        for x, y in ((x, y), (x.double() + 0.5, y), (x.double(), y.double()))
    ]


@judged
def test_rounding_is_to_even(t):
    """Halves go to the even neighbour."""
    return t.tensor([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5]).round()


@judged
def test_integer_results_never_require_grad(t):
    """Indices and comparisons are no floats."""
    x = t.tensor([[3.0, 1.0], [2.0, 4.0]], requires_grad=True)
    return [
        x.argmax(),
        x.argmin(1),
        x.argsort(),
        x.sort().indices,
        x.max(0).indices,
        x.topk(1).indices,
        x > 2,
        x == x,
        x.isnan(),
        x.nonzero(),
        x.long(),
        x.bool(),
        x.sign().requires_grad,
    ]


# Names, which lessons print.

NAMES = {
    "add": lambda t, x: x + 1,
    "sub": lambda t, x: x - 1,
    "rsub": lambda t, x: 1 - x,
    "mul": lambda t, x: 2 * x,
    "div": lambda t, x: x / 2,
    "one over": lambda t, x: 1 / x,
    "neg": lambda t, x: -x,
    "power": lambda t, x: x**2,
    "power of tensors": lambda t, x: x**x,
    "number to a power": lambda t, x: 2**x,
    "product": lambda t, x: x @ x,
    "matrix product": lambda t, x: x.view(1, 2) @ x.view(2, 1),
    "full max": lambda t, x: x.max(),
    "max along": lambda t, x: x.max(0).values,
    "max of two": lambda t, x: t.max(x, x + 1),
    "full sum": lambda t, x: x.sum(),
    "sum along": lambda t, x: x.sum(0),
    "full mean": lambda t, x: x.mean(),
    "mean along": lambda t, x: x.mean(0),
    "cast": lambda t, x: x.float(),
    "reshape": lambda t, x: x.reshape(1, 2),
    "flatten": lambda t, x: x.view(1, 2).flatten(),
    "reshape that copies": lambda t, x: x.expand(2, 2).t().reshape(4),
    "transpose": lambda t, x: x.view(1, 2).t(),
    "element": lambda t, x: x[0],
    "slice": lambda t, x: x[:1],
    "indices": lambda t, x: x[[0]],
    "none": lambda t, x: x[None],
    "assignment": lambda t, x: assigned(x),
    "relu": lambda t, x: x.relu(),
    "softmax": lambda t, x: x.softmax(0),
    "cross-entropy": lambda t, x: t.nn.functional.cross_entropy(x[None], t.tensor([0])),
    "mse": lambda t, x: t.nn.functional.mse_loss(x, x.detach()),
    "linear": lambda t, x: t.nn.functional.linear(x[None], x[None], x[:1]),
    "cat": lambda t, x: t.cat([x, x]),
    "stack": lambda t, x: t.stack([x, x]),
    "clone": lambda t, x: x.clone(),
    "where": lambda t, x: t.where(x > 1, x, 0.0),
    "clamp": lambda t, x: x.clamp(0, 1),
    "norm": lambda t, x: x.norm(),
    "in place": lambda t, x: (x * 2).mul_(3),
}


def assigned(x):
    y = x * 2
    y[0] = 1
    return y


@pytest.mark.parametrize("name", NAMES)
@judged
def test_names_of_nodes(t, name):
    """``grad_fn`` has torch's name, and the tensor shows it; the nodes behind it are torch's."""
    y = NAMES[name](t, t.tensor([1.0, 2.0], dtype=t.float64, requires_grad=True))
    behind = [edge[0].name() for edge in y.grad_fn.next_functions if edge[0] is not None]
    return type(y.grad_fn).__name__, y.grad_fn.name(), repr(y), behind


@judged
def test_the_node_of_a_function_is_named_after_it(t):
    """``MyFn`` records ``MyFnBackward``."""

    class MyFn(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * 2

    y = MyFn.apply(t.ones(2, requires_grad=True))
    return type(y.grad_fn).__name__, y.grad_fn.name(), repr(y)


@judged(raises="which is output 0 of Exp, is at version 1")
def test_a_version_error_names_the_operation_without_its_suffix(t):
    """``ExpBackward0`` is called Exp there."""
    y = t.ones(2, requires_grad=True).exp()
    y.add_(1).sum().backward()
