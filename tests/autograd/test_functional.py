"""autograd.functional: products with Jacobians and Hessians, their structure and refusals."""

import numpy as np
import pytest

import minigrad
from tests.judge import data, judged, plain_text


def tensor(t, *shape, seed=0, requires_grad=False):
    return t.tensor(data(*shape, seed=seed), dtype=t.float64, requires_grad=requires_grad)


# name: (function of the library, shapes of the inputs); scalar functions for the Hessians.
SCALAR = {
    "cube": (lambda t: lambda x: (x**3).sum(), [(3,)]),
    "0-d": (lambda t: lambda x: x.exp() * x, [()]),
    "one": (lambda t: lambda x: x.sin(), [(1,)]),
    "two": (lambda t: lambda x, y: (x * y.exp()).sum() + (x**2).sum(), [(2, 3), (3,)]),
    "matrix": (lambda t: lambda x, y: ((x @ y).tanh() ** 2).sum(), [(2, 3), (3, 2)]),
    "unused": (lambda t: lambda x, y: (x**2).sum(), [(2,), (3,)]),
    "linear": (lambda t: lambda x: (3 * x).sum(), [(2,)]),
}
VECTOR = {
    "exp": (lambda t: lambda x: x.exp(), [(3,)]),
    "rows": (lambda t: lambda x: x.exp().sum(dim=1), [(2, 3)]),
    "pair": (lambda t: lambda x: (x**2, x.sum()), [(3,)]),
    "two": (lambda t: lambda x, y: (x * y, y.sin()), [(2, 2), (2,)]),
    "linear": (lambda t: lambda x, y: 2 * x + 3 * y, [(2,), (2,)]),
    "unused": (lambda t: lambda x, y: x * 2, [(2,), (2,)]),
    "constant": (lambda t: lambda x: t.ones(2, dtype=t.float64), [(2,)]),
}


def arguments(t, shapes, requires_grad=False):
    xs = [tensor(t, *s, seed=i, requires_grad=requires_grad) for i, s in enumerate(shapes)]
    return xs[0] if len(xs) == 1 else tuple(xs)


def like(t, ys, seed=10):
    if isinstance(ys, tuple):
        return tuple([like(t, y, seed + i) for i, y in enumerate(ys)])
    return tensor(t, *ys.shape, seed=seed)


@pytest.mark.parametrize("name", VECTOR)
@judged
def test_vjp(t, name):
    f, shapes = VECTOR[name]
    xs = arguments(t, shapes)
    ys = f(t)(*xs) if isinstance(xs, tuple) else f(t)(xs)
    return numbers(t.autograd.functional.vjp(f(t), xs, like(t, ys)))


@pytest.mark.parametrize("name", VECTOR)
@judged
def test_jvp(t, name):
    f, shapes = VECTOR[name]
    xs = arguments(t, shapes)
    return numbers(t.autograd.functional.jvp(f(t), xs, like(t, xs)))


@pytest.mark.parametrize("vectorize", [False, True])
@pytest.mark.parametrize("name", [*VECTOR, *(n + "!" for n in SCALAR)])
@judged
def test_jacobian(t, name, vectorize):
    f, shapes = SCALAR[name[:-1]] if name.endswith("!") else VECTOR[name]
    result = t.autograd.functional.jacobian(f(t), arguments(t, shapes), vectorize=vectorize)
    return numbers(result)


def numbers(result):
    """The structure and the values: how often torch wrote to a result is its own affair."""
    if isinstance(result, tuple | list):  # torch returns some lists in forward mode
        return tuple([numbers(each) for each in result])
    return result.requires_grad, result.detach().numpy().copy()


@pytest.mark.parametrize("name", [name for name in VECTOR if name != "constant"])
@judged
def test_jacobian_in_forward_mode(t, name):
    f, shapes = VECTOR[name]
    xs = arguments(t, shapes)
    return numbers(
        t.autograd.functional.jacobian(f(t), xs, vectorize=True, strategy="forward-mode")
    )


@pytest.mark.parametrize("function", ["hvp", "vhp"])
@pytest.mark.parametrize("name", SCALAR)
@judged
def test_products_with_a_hessian(t, name, function):
    f, shapes = SCALAR[name]
    xs = arguments(t, shapes)
    return numbers(getattr(t.autograd.functional, function)(f(t), xs, like(t, xs)))


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"vectorize": True},
        {"vectorize": True, "outer_jacobian_strategy": "forward-mode"},
    ],
    ids=str,
)
@pytest.mark.parametrize("name", SCALAR)
@judged(ulps=64)
def test_hessian(t, name, settings):
    f, shapes = SCALAR[name]
    result = t.autograd.functional.hessian(f(t), arguments(t, shapes), **settings)
    return values(result) if len(settings) == 2 else numbers(result)


def values(result):
    """torch leaves a graph attached to what it computes in forward mode."""
    if isinstance(result, tuple | list):
        return [values(each) for each in result]
    return result.detach().numpy().copy()


@pytest.mark.parametrize("function", ["vjp", "jvp", "hvp", "vhp"])
@judged
def test_the_vector_may_be_left_out_for_one_element(t, function):
    x = tensor(t, 1)
    return getattr(t.autograd.functional, function)(lambda x: x**3, x)


# create_graph


@pytest.mark.parametrize("function", ["vjp", "jvp", "hvp", "vhp"])
@judged
def test_with_create_graph_products_can_be_differentiated(t, function):
    x = tensor(t, 3, requires_grad=True)
    v = tensor(t, *(() if function == "vjp" else (3,)), seed=1, requires_grad=True)
    y, product = getattr(t.autograd.functional, function)(
        lambda x: (x**4).sum(), x, v, create_graph=True
    )
    (product.sum() + y).backward()
    return x, v, numbers((y, product))


@pytest.mark.parametrize("vectorize", [False, True])
@judged
def test_with_create_graph_the_jacobian_can_be_differentiated(t, vectorize):
    x = tensor(t, 3, requires_grad=True)
    jacobian = t.autograd.functional.jacobian(
        lambda x: x**3, x, create_graph=True, vectorize=vectorize
    )
    (jacobian**2).sum().backward()
    return x, numbers(jacobian)


@judged
def test_with_create_graph_the_hessian_can_be_differentiated(t):
    x = tensor(t, 3, requires_grad=True)
    hessian = t.autograd.functional.hessian(lambda x: (x**4).sum(), x, create_graph=True)
    (hessian**2).sum().backward()
    return x, hessian


@pytest.mark.parametrize("function", ["vjp", "jvp", "vhp", "hvp", "jacobian", "hessian"])
@judged
def test_without_it_nothing_is_connected_also_to_what_is_closed_over(t, function):
    x, w = tensor(t, 1, requires_grad=True), tensor(t, 1, seed=1, requires_grad=True)
    result = getattr(t.autograd.functional, function)(lambda x: w * x**3, x)
    return numbers(result), x.grad, w.grad


@judged
def test_only_arguments_count_not_the_same_tensor_closed_over(t):
    x = tensor(t, 2, requires_grad=True)
    return t.autograd.functional.jacobian(lambda y: x * y, x)


@pytest.mark.parametrize("function", ["vjp", "jvp", "vhp", "hvp", "jacobian", "hessian"])
@judged
def test_inside_no_grad(t, function):
    x = tensor(t, 1, requires_grad=True)
    with t.no_grad():
        return numbers(getattr(t.autograd.functional, function)(lambda x: x**3, x))


def test_an_empty_output_has_an_empty_jacobian() -> None:
    """torch has nothing to stack there, and raises an IndexError."""
    result = minigrad.autograd.functional.jacobian(lambda x: x[:0], minigrad.ones(2))
    assert result.shape == (0, 2)


# Refusals.

REFUSED = {
    "not a tensor": lambda t, F, x: F.vjp(lambda x: x, 3.0),
    "a list": lambda t, F, x: F.jacobian(lambda x: x, [x]),
    "not a tensor in the tuple": lambda t, F, x: F.jvp(lambda x, y: x, (x, 2)),
    "output not a tensor": lambda t, F, x: F.vjp(lambda x: 3.0, x),
    "output a list": lambda t, F, x: F.hessian(lambda x: [x.sum()], x),
    "v not a tensor": lambda t, F, x: F.vjp(lambda x: x, x, 1.0),
    "no v": lambda t, F, x: F.vjp(lambda x: x, x),
    "no v for two outputs": lambda t, F, x: F.vjp(lambda x: (x.sum(), x.sum()), x),
    "no v of an input": lambda t, F, x: F.jvp(lambda x: x, x),
    "no v of an input, hvp": lambda t, F, x: F.hvp(lambda x: x.sum(), x),
    "no v of an input, vhp": lambda t, F, x: F.vhp(lambda x: x.sum(), x),
    "too many v": lambda t, F, x: F.vjp(lambda x: x, x, (x, x)),
    "too many v for a tuple": lambda t, F, x: F.vjp(lambda x: (x,), x, (x, x)),
    "size of v": lambda t, F, x: F.vjp(lambda x: x, x, t.ones(3)),
    "size of v in a tuple": lambda t, F, x: F.jvp(lambda x: x, (x,), (t.ones(3),)),
    "hessian of a vector": lambda t, F, x: F.hessian(lambda x: x**2, x),
    "hessian of a tuple": lambda t, F, x: F.hessian(lambda x: (x.sum(),), x),
    "hvp of a vector": lambda t, F, x: F.hvp(lambda x: x**2, x, x),
    "vhp of a tuple": lambda t, F, x: F.vhp(lambda x: (x.sum(),), x, x),
    "integers": lambda t, F, x: F.vjp(lambda x: x, t.ones(2, dtype=t.int64), x),
    "strategy": lambda t, F, x: F.jacobian(lambda x: x, x, strategy="sideways"),
    "outer strategy": lambda t, F, x: F.hessian(
        lambda x: x.sum(), x, outer_jacobian_strategy="sideways"
    ),
    "forward-mode and create_graph": lambda t, F, x: F.jacobian(
        lambda x: x, x, strategy="forward-mode", create_graph=True
    ),
    "forward-mode and strict": lambda t, F, x: F.jacobian(
        lambda x: x, x, strategy="forward-mode", strict=True
    ),
    "forward-mode without vectorize": lambda t, F, x: F.jacobian(
        lambda x: x, x, strategy="forward-mode"
    ),
    "vectorize and strict": lambda t, F, x: F.jacobian(lambda x: x, x, vectorize=True, strict=True),
}
STRICT = {
    "vjp, constant": lambda t, F, x: F.vjp(lambda x: t.ones(2), x, t.ones(2), strict=True),
    "vjp, unused": lambda t, F, x: F.vjp(lambda x, y: x * 2, (x, x), x, strict=True),
    "vjp, linear": lambda t, F, x: F.vjp(
        lambda x: x * 2, x, t.ones(2), strict=True, create_graph=True
    ),
    "jvp, constant": lambda t, F, x: F.jvp(lambda x: t.ones(2), x, x, strict=True),
    "jvp, unused": lambda t, F, x: F.jvp(lambda x, y: x * 2, (x, x), (x, x), strict=True),
    "jvp, linear": lambda t, F, x: F.jvp(
        lambda x: x * 2, x, t.ones(2), strict=True, create_graph=True
    ),
    "jacobian, constant": lambda t, F, x: F.jacobian(lambda x: t.ones(2), x, strict=True),
    "jacobian, unused": lambda t, F, x: F.jacobian(lambda x, y: x * 2, (x, x), strict=True),
    "jacobian, linear": lambda t, F, x: F.jacobian(
        lambda x: x * 2, x, strict=True, create_graph=True
    ),
    "hessian, linear": lambda t, F, x: F.hessian(lambda x: (x * 2).sum(), x, strict=True),
    "hessian, constant": lambda t, F, x: F.hessian(lambda x: t.ones(1), x, strict=True),
    "hessian, unused": lambda t, F, x: F.hessian(lambda x, y: (x**2).sum(), (x, x), strict=True),
    "hessian, square": lambda t, F, x: F.hessian(
        lambda x: (x * x).sum(), x, strict=True, create_graph=True
    ),
    "vhp, linear": lambda t, F, x: F.vhp(lambda x: (x * 2).sum(), x, x, strict=True),
    "vhp, unused": lambda t, F, x: F.vhp(lambda x, y: (x**2).sum(), (x, x), (x, x), strict=True),
    "vhp, separate": lambda t, F, x: F.vhp(
        lambda x, y: (x**2).sum() + y.sum(), (x, x), (x, x), strict=True
    ),
    "hvp, linear": lambda t, F, x: F.hvp(lambda x: (x * 2).sum(), x, x, strict=True),
    "hvp, unused": lambda t, F, x: F.hvp(lambda x, y: (x**2).sum(), (x, x), (x, x), strict=True),
    "hvp, square": lambda t, F, x: F.hvp(
        lambda x: (x * x).sum(), x, t.ones(2), strict=True, create_graph=True
    ),
}


@pytest.mark.parametrize("name", REFUSED)
@judged(raises=".")
def test_refused(t, name):
    REFUSED[name](t, t.autograd.functional, t.tensor([0.5, 2.0], requires_grad=True))


@pytest.mark.parametrize("name", STRICT)
@judged(raises="strict mode|differentia")
def test_strict(t, name):
    STRICT[name](t, t.autograd.functional, t.tensor([0.5, 2.0], requires_grad=True))


@pytest.mark.parametrize("function", ["vjp", "jvp", "vhp", "hvp"])
@judged
def test_strict_and_satisfied(t, function):
    x = t.tensor([1.5], requires_grad=True)
    call = getattr(t.autograd.functional, function)
    return numbers(call(lambda x: x**4, x, t.ones(1), create_graph=True, strict=True))


def test_an_error_leaves_the_mode_as_it_was() -> None:
    with minigrad.no_grad():
        with pytest.raises(TypeError):
            minigrad.autograd.functional.vjp(lambda x: 3.0, minigrad.ones(1))
        assert not minigrad.is_grad_enabled()
    assert minigrad.is_grad_enabled()


def test_nothing_is_left_in_the_inputs() -> None:
    x = minigrad.tensor([1.0, 2.0], requires_grad=True)
    minigrad.autograd.functional.hessian(lambda x: (x**3).sum(), x, create_graph=True)
    assert x.grad is None
    assert plain_text(x.requires_grad) == "True"
    np.testing.assert_array_equal(x.detach().numpy(), [1.0, 2.0])


class Once(minigrad.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    @minigrad.autograd.function.once_differentiable
    def backward(ctx, g):
        return g * 3 * ctx.saved_tensors[0] ** 2


@pytest.mark.parametrize("function", ["jvp", "hvp", "vhp", "hessian"])
def test_a_function_differentiable_once_is_refused(function) -> None:
    """torch gives 0 for the part behind it."""
    x = minigrad.tensor([2.0])
    call = getattr(minigrad.autograd.functional, function)
    with pytest.raises(RuntimeError, match="trying to differentiate twice a function"):
        call(lambda x: (Once.apply(x) * x).sum(), x)
    value, gradient = minigrad.autograd.functional.vjp(Once.apply, x)
    assert (value.item(), gradient.item()) == (8.0, 12.0)
    assert minigrad.autograd.functional.jacobian(Once.apply, x, create_graph=True).item() == 12.0


@pytest.mark.parametrize("function", ["hvp", "vhp", "hessian"])
def test_so_it_is_where_only_its_cotangent_is_recorded(function) -> None:
    """The graph of w * 3 x**2 leads to w, and the derivative by x, 6 w x, would be missing."""
    x, w = minigrad.tensor([2.0]), minigrad.tensor([1.0], requires_grad=True)
    call = getattr(minigrad.autograd.functional, function)
    with pytest.raises(RuntimeError, match="trying to differentiate twice a function"):
        call(lambda x: (Once.apply(x) * w).sum(), x)


def test_so_it_is_by_nested_transforms() -> None:
    func = minigrad.func
    gradient = func.grad(lambda x: Once.apply(x) * x)
    x = minigrad.tensor(2.0)
    assert gradient(x).item() == 32.0
    for second in (func.grad(gradient), func.jacfwd(gradient), func.hessian(gradient)):
        with pytest.raises(RuntimeError, match="trying to differentiate twice a function"):
            second(x)


@judged(raises="The gradient with respect to the input is independent of entry 0")
def test_strict_jvp_of_outputs_of_which_one_depends_on_nothing(t):
    w = t.ones(2, requires_grad=True)
    t.autograd.functional.jvp(lambda x: (w * 2, x * 2), t.ones(2), t.ones(2), strict=True)


@judged
@pytest.mark.parametrize("name", ["vjp", "jvp", "vhp", "hvp"])
@pytest.mark.parametrize("create_graph", [False, True])
def test_products_without_recording(t, name, create_graph):
    product = getattr(t.autograd.functional, name)
    shape = () if name in ("vhp", "hvp") else (2,)

    def f(x):
        return (x**3).sum() if shape == () else x**3

    with t.no_grad():
        y, g = product(f, t.tensor([1.0, 2.0]), t.ones(2), create_graph=create_graph)
    return y, g.tolist(), g.requires_grad
