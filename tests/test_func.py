"""func: transforms of functions, nested, over trees of tensors, and what they refuse."""

from collections import OrderedDict, namedtuple

import numpy as np
import pytest

import minigrad
from minigrad import func
from minigrad.trees import flatten, spread, unflatten
from tests.judge import both_raise, data, judged

Point = namedtuple("Point", ["x", "y"])


def tensor(t, *shape, seed=0, requires_grad=False):
    return t.tensor(data(*shape, seed=seed), dtype=t.float64, requires_grad=requires_grad)


def numbers(result):
    """The structure and the values, and whether they are connected to anything."""
    if isinstance(result, dict):
        return {key: numbers(each) for key, each in result.items()}
    if isinstance(result, tuple | list):
        return [type(result).__name__, *[numbers(each) for each in result]]
    if hasattr(result, "grad_fn"):
        return result.requires_grad, result.detach().numpy().copy()
    return result


# grad and its structure.


@judged
def test_grad(t):
    return numbers(t.func.grad(lambda x: (x**3).sum())(tensor(t, 3)))


@pytest.mark.parametrize("argnums", [0, 1, -1, (0,), (1, 0), (0, -1)])
@judged
def test_argnums(t, argnums):
    x, y = tensor(t, 2), tensor(t, 2, seed=1)
    f = t.func.grad(lambda x, y: (x * y.exp()).sum(), argnums)
    return numbers(f(x, y))


@judged
def test_grad_and_value_with_aux_and_keywords(t):
    def f(x, scale=1.0):
        y = x.sin() * scale
        return y.sum(), {"y": y, "list": [x]}

    x = tensor(t, 2)
    return [
        numbers(t.func.grad_and_value(f, has_aux=True)(x, scale=3.0)),
        numbers(t.func.grad(f, has_aux=True)(x)),
        numbers(t.func.grad_and_value(lambda x: x.sum())(x)),
    ]


@judged(ulps=1000)
def test_trees_of_arguments(t):
    parameters = {"w": tensor(t, 2, 2), "rest": [tensor(t, 2), (tensor(t),)]}

    def f(p, x):
        b, (c,) = p["rest"]
        return ((p["w"] @ x + b).tanh() * c).sum()

    return numbers(t.func.grad(f, argnums=(0, 1))(parameters, tensor(t, 2, seed=4)))


@judged
def test_an_argument_that_is_not_used_has_zeros(t):
    x = tensor(t, 2)
    return [
        numbers(t.func.grad(lambda x, y: y.sum())(x, x)),
        numbers(t.func.grad(lambda x: t.ones(()))(x)),
        numbers(t.func.jacrev(lambda x, y: y)(x, x)),
        numbers(t.func.jacfwd(lambda x, y: y)(x, x)),
    ]


# Nested.

NESTED = {
    "thrice": lambda F: F.grad(F.grad(F.grad(lambda x: x**5))),
    "perturbation": lambda F: F.grad(lambda x: x * F.grad(lambda y: x * y)(x)),
    "perturbation of a sum": lambda F: F.grad(lambda x: x * F.grad(lambda y: x + y)(x)),
    "the outer one inside": lambda F: F.grad(lambda x: F.grad(lambda y: (x * y) ** 2)(x * x)),
    "jvp in jvp": lambda F: (
        lambda x: F.jvp(lambda a: F.jvp(lambda b: a * b * b, (a,), (a,))[1], (x,), (x,))
    ),
    "jvp perturbation": lambda F: (
        lambda x: F.jvp(lambda a: a * F.jvp(lambda b: a + b, (a,), (x / x,))[1], (x,), (x / x,))
    ),
    "jvp in grad": lambda F: F.grad(lambda x: F.jvp(lambda y: (x * y).sin(), (x,), (x * x,))[1]),
    "grad in jvp": lambda F: lambda x: F.jvp(F.grad(lambda y: y.exp() * y), (x,), (x * 3,)),
    "jacfwd of jacrev": lambda F: F.jacfwd(F.jacrev(lambda x: x**4)),
    "jacrev of jacfwd": lambda F: F.jacrev(F.jacfwd(lambda x: x**4)),
    "jacfwd of jacfwd": lambda F: F.jacfwd(F.jacfwd(lambda x: x.exp() * x)),
    "jacrev of jacrev": lambda F: F.jacrev(F.jacrev(lambda x: x.exp() * x)),
    "hessian of grad": lambda F: F.hessian(F.grad(lambda x: x**5)),
    "grad through vjp": lambda F: F.grad(lambda x: F.vjp(lambda y: x * y.sin(), x)[1](x)[0]),
    "grad of vmap": lambda F: F.grad(
        lambda x: F.vmap(F.grad(lambda y: (x * y) ** 3))((x * x).reshape(1)).sum()
    ),
}


@pytest.mark.parametrize("requires_grad", [False, True])
@pytest.mark.parametrize("name", NESTED)
@judged
def test_nested(t, name, requires_grad):
    x = tensor(t, seed=3, requires_grad=requires_grad)
    result = NESTED[name](t.func)(x)
    last = result[1] if isinstance(result, tuple) else result
    if last.requires_grad:
        last.sum().backward()
    return numbers(result), None if x.grad is None else x.grad.numpy()


@judged
def test_the_confusion_of_perturbations(t):
    """d/dx of x * d/dy (x y) is 2 x."""
    x = t.tensor(3.0)
    return t.func.grad(lambda x: x * t.func.grad(lambda y: x * y)(t.tensor(5.0)))(x).item()


@pytest.mark.parametrize("transform", ["jacrev", "jacfwd", "hessian"])
@judged
def test_of_several_inputs_and_outputs(t, transform):
    x, y = tensor(t, 2), tensor(t, 3, seed=1)

    def f(x, y):
        return {"a": x * y.sum() ** 2, "b": (y.exp(), (x * x).sum())}

    make = getattr(t.func, transform)
    return [numbers(make(f, argnums)(x, y)) for argnums in (0, 1, (0, 1))]


@pytest.mark.parametrize("transform", ["jacrev", "jacfwd"])
@judged
def test_a_jacobian_with_aux(t, transform):
    f = getattr(t.func, transform)(lambda x: (x * x, x.sum()), has_aux=True)
    return numbers(f(tensor(t, 2)))


# vjp and jvp.


@judged
def test_vjp(t):
    x, y = tensor(t, 2), tensor(t, 2, seed=1)
    out, back = t.func.vjp(lambda x, y: (x * y, [y.sin()]), x, y)
    cotangents = (tensor(t, 2, seed=2), [tensor(t, 2, seed=3)])
    return numbers([out, back(cotangents), back(cotangents)])


@judged
def test_vjp_of_one_output_with_aux(t):
    out, back, aux = t.func.vjp(lambda x: (x.exp(), x * 2), tensor(t, 2), has_aux=True)
    return numbers([out, back(tensor(t, 2, seed=1)), aux])


@judged
def test_jvp(t):
    x, v = tensor(t, 2), tensor(t, 2, seed=1)
    f = t.func.jvp
    return [
        numbers(f(lambda x: x.exp(), (x,), (v,))),
        numbers(f(lambda x, y: {"a": x * y, "b": [y]}, (x, v), (v, x))),
        numbers(f(lambda d: d["x"] * d["y"], ({"x": x, "y": v},), ({"x": v, "y": x},))),
        numbers(f(lambda x: (x * x, x * 3), (x,), (v,), has_aux=True)),
        numbers(f(lambda x: t.ones(2), (x,), (v,))),
        numbers(f(lambda x: x, (x,), (v,))),
    ]


@pytest.mark.parametrize("name", ["cosine_similarity", "gaussian_nll_loss"])
@judged
def test_jvp_of_a_function_that_hides_a_bound_from_derivatives(t, name):
    y, v = tensor(t, 2, 3, seed=1), tensor(t, 2, 3, seed=2)
    function = getattr(t.nn.functional, name)
    rest = (y * y + 1,) if name == "gaussian_nll_loss" else ()
    f = lambda x: function(x, y, *rest)  # noqa: E731
    return numbers([t.func.jvp(f, (tensor(t, 2, 3),), (v,)), t.func.jacfwd(f)(v)])


@judged
def test_jvp_of_a_custom_function_gets_no_tangents_of_integers(t):
    seen = []

    class Scaled(t.autograd.Function):
        @staticmethod
        def forward(x, y, indices, scale):
            return x * y * indices * scale

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.save_for_forward(*inputs[1:3])
            ctx.scale = inputs[3]

        @staticmethod
        def jvp(ctx, x, y, indices, scale):
            seen.append([x is None, y is None, indices is None, scale is None])
            other, indices = ctx.saved_tensors
            return x * other * indices * ctx.scale + y

    x, y, v = tensor(t, 2), tensor(t, 2, seed=1), tensor(t, 2, seed=2)
    out = t.func.jvp(lambda x: Scaled.apply(x, y, t.tensor([1, 2]), 3), (x,), (v,))
    return [part * 1 for part in out], seen


@judged
def test_a_function_of_jvp_may_write_to_its_argument(t):
    x, v = tensor(t, 2), tensor(t, 2, seed=1)
    return numbers([*t.func.jvp(lambda x: x.mul_(2) * x.exp_(), (x,), (v,)), x])


# What is around.

AROUND = {
    "grad": lambda F, f: F.grad(lambda x: f(x).sum()),
    "value": lambda F, f: F.grad_and_value(lambda x: f(x).sum()),
    "vjp": lambda F, f: lambda x: F.vjp(f, x)[1](x),
    "vjp's output": lambda F, f: lambda x: F.vjp(f, x)[0],
    "jvp": lambda F, f: lambda x: F.jvp(f, (x,), (x.detach(),)),
    "jacrev": lambda F, f: F.jacrev(f),
    "jacfwd": lambda F, f: F.jacfwd(f),
}


@pytest.mark.parametrize("connected", ["x", "w", "both", "neither"])
@pytest.mark.parametrize("name", AROUND)
@judged
def test_results_are_connected_to_what_requires_grad_outside(t, name, connected):
    x = tensor(t, 2, requires_grad=connected in ("x", "both"))
    w = tensor(t, 2, seed=1, requires_grad=connected in ("w", "both"))
    result = AROUND[name](t.func, lambda x: w * x**3)(x)
    found = result if isinstance(result, tuple) else (result,)
    for each in found:
        if each.requires_grad:
            each.sum().backward(retain_graph=True)
    grads = [None if each.grad is None else each.grad.numpy() for each in (x, w)]
    return numbers(result), grads


@pytest.mark.parametrize("name", [name for name in AROUND if name != "vjp's output"])
@judged
def test_a_result_that_is_independent_of_what_is_around_is_plain(t, name):
    w = tensor(t, 2, seed=1, requires_grad=True)
    result = AROUND[name](t.func, lambda x: w.detach() * x**2)(tensor(t, 2))
    return numbers(result)


@judged
def test_a_sum_with_what_is_around_has_a_plain_gradient(t):
    w = tensor(t, 2, seed=1, requires_grad=True)
    return numbers(t.func.grad(lambda x: (w + x**2).sum())(tensor(t, 2)))


@pytest.mark.parametrize("name", AROUND)
@judged
def test_no_grad_around_does_not_disturb(t, name):
    x = tensor(t, 2, requires_grad=True)
    w = tensor(t, 2, seed=1, requires_grad=True)
    with t.no_grad():
        return numbers(AROUND[name](t.func, lambda x: w * x**3)(x)), t.is_grad_enabled()


@judged
def test_leaves_of_an_inner_transform_do_not_count_as_around(t):
    x, w = tensor(t, 2), tensor(t, 2, seed=1)
    f = t.func.grad(lambda x: t.func.jvp(lambda x, w: w * x**3, (x, w), (w, x))[1].sum())
    g = t.func.grad(lambda x: (x * t.func.vjp(lambda w: x * w**2, w)[1](x)[0]).sum())
    return numbers([f(x), g(x)])


def hides(t):
    def f(x):
        with t.no_grad():
            c = x**2
        return (x - c).sum()

    return f


@judged
def test_no_grad_around_a_vjp_whose_function_is_differentiated(t):
    w = tensor(t, 3, seed=1, requires_grad=True)
    with t.no_grad():
        _, pull = t.func.vjp(lambda x: x**2 * w, tensor(t, 3))
        product = lambda v: pull(v)[0]  # noqa: E731
        v = tensor(t, 3, seed=2)
        _, back = t.func.vjp(product, v)
        inside = [
            back(v)[0],
            t.func.jvp(product, (v,), (v,))[1],
            t.func.grad(lambda u: (product(u) ** 2).sum())(v),
            t.func.hessian(lambda u: (product(u) ** 2).sum())(v),
            t.func.linearize(lambda x: x**3, v)[1](v),
        ]
    return numbers(inside)


@judged
def test_a_vjp_made_under_no_grad_and_called_outside(t):
    x, v, w = (tensor(t, 3, seed=i, requires_grad=True) for i in range(3))
    with t.no_grad():
        y, pull = t.func.vjp(lambda x: x**2, x)
        z, scaled = t.func.vjp(lambda x: x * w, x)
    grads = t.autograd.grad(pull(v)[0].sum(), [v, x])
    return numbers(
        [y, z, *grads, scaled(v.detach())[0], *t.autograd.grad(scaled(v)[0].sum(), [v, w])]
    )


@judged
def test_vmap_with_the_same_numbers_from_a_generator_of_ones_own(t):
    g = t.Generator().manual_seed(5)
    draw = lambda x: x * t.randn(2, generator=g) * t.randn(2) * t.rand(2, generator=g)  # noqa: E731
    t.manual_seed(0)
    inner = t.vmap(draw, randomness="same")
    results = [t.vmap(f, randomness="same")(t.ones(3, 2)) for f in (draw, inner)]
    return results, t.randn(2), t.randn(2, generator=g)


def test_vmap_without_numbers_from_a_generator_of_ones_own() -> None:
    both_raise(
        lambda t: t.vmap(lambda x: x * t.randn(1, generator=t.Generator()))(t.ones(3)),
        match="randomness error mode",
    )


@judged
def test_a_vjp_called_under_no_grad_is_connected_to_nothing(t):
    x, v = (tensor(t, 3, seed=i, requires_grad=True) for i in range(2))
    _, pull = t.func.vjp(lambda x: x**2, x)
    with t.no_grad():
        return numbers(pull(v))


@judged
def test_no_grad_inside_is_obeyed(t):
    x = tensor(t, 2)
    return numbers(
        [t.func.grad(hides(t))(x), t.func.vjp(hides(t), x)[1](t.ones((), dtype=t.float64))]
    )


@judged
def test_no_grad_between_two_transforms(t):
    def f(x):
        with t.no_grad():
            y = t.func.grad(lambda x: (x**3).sum())(x)
        return (x * y).sum()

    return numbers(t.func.grad(f)(tensor(t, 2)))


@pytest.mark.parametrize("name", ["jvp", "jacfwd", "hessian"])
def test_no_grad_inside_is_refused_where_tangents_are_computed(name) -> None:
    """torch computes the tangent through it, which minigrad cannot, and must not leave out."""
    x = minigrad.ones(2)
    call = getattr(func, name)
    apply = (lambda f: call(f, (x,), (x,))) if name == "jvp" else (lambda f: call(f)(x))
    with pytest.raises(RuntimeError, match="recording cannot be switched off"):
        apply(hides(minigrad))
    assert minigrad.is_grad_enabled()
    assert func.grad(hides(minigrad))(x).tolist() == [1.0, 1.0]


def test_inference_mode_inside_is_refused_as_well() -> None:
    def f(x):
        with minigrad.inference_mode():
            return x * 2

    with pytest.raises(RuntimeError, match="recording cannot be switched off"):
        func.jvp(f, (minigrad.ones(2),), (minigrad.ones(2),))
    assert not minigrad.is_inference_mode_enabled()


@pytest.mark.parametrize("how", ["grad", "backward", "enabled"])
def test_a_pass_inside_that_would_lose_tangents_is_refused(how) -> None:
    w = minigrad.tensor([1.0, 2.0], requires_grad=True)

    def f(x):
        y = (w * x.exp()).sum()
        if how == "backward":
            y.backward()
            return w.grad
        return minigrad.autograd.grad(y, w, create_graph=how == "enabled")[0]

    x = minigrad.tensor([0.5, 1.0])
    if how == "enabled":
        assert func.jvp(f, (x,), (minigrad.ones(2),))[1].tolist() == x.exp().tolist()
    else:
        with pytest.raises(RuntimeError, match="must be recorded: give it create_graph=True"):
            func.jvp(f, (x,), (minigrad.ones(2),))


def test_a_pass_inside_that_is_recorded() -> None:
    """torch does not allow requires_grad_() in such a function."""

    def f(x):
        y = x.detach().requires_grad_()
        return minigrad.autograd.grad((y**3 * x).sum(), y, create_graph=True)[0]

    x = minigrad.tensor([1.0, 3.0])
    value, tangent = func.jvp(f, (x,), (minigrad.ones(2),))
    assert (value.tolist(), tangent.tolist()) == ([3.0, 81.0], [3.0, 27.0])


# Refusals.

REFUSED = {
    "not a tensor": lambda t, x: t.func.grad(lambda x: x)(3.0),
    "integers": lambda t, x: t.func.grad(lambda x: x.sum())(t.tensor([1, 2])),
    "not a tensor in a tree": lambda t, x: t.func.grad(lambda d: d["a"].sum())({"a": x, "b": 1}),
    "no tensor back": lambda t, x: t.func.grad(lambda x: 3.0)(x),
    "a tuple back": lambda t, x: t.func.grad(lambda x: (x.sum(),))(x),
    "not a scalar": lambda t, x: t.func.grad(lambda x: x)(x),
    "no aux": lambda t, x: t.func.grad(lambda x: x.sum(), has_aux=True)(x),
    "aux not a tensor": lambda t, x: t.func.grad(lambda x: (x.sum(), 3), has_aux=True)(x),
    "argnum": lambda t, x: t.func.grad(lambda x: x.sum(), argnums=1)(x),
    "argnum negative": lambda t, x: t.func.grad(lambda x: x.sum(), argnums=-2)(x),
    "argnums empty": lambda t, x: t.func.grad(lambda x: x.sum(), argnums=())(x),
    "argnums twice": lambda t, x: t.func.grad(lambda x: x.sum(), argnums=(0, 0))(x),
    "argnums a list": lambda t, x: t.func.grad(lambda x: x.sum(), argnums=[0])(x),
    "argnums a string": lambda t, x: t.func.grad(lambda x: x.sum(), argnums=("a",))(x),
    "a write": lambda t, x: t.func.grad(lambda x: x.mul_(2).sum())(x),
    "vjp to nothing": lambda t, x: t.func.vjp(lambda x: None, x),
    "vjp to a number": lambda t, x: t.func.vjp(lambda x: (x, 3), x),
    "vjp to integers": lambda t, x: t.func.vjp(lambda x: x.argmax(), x),
    "vjp without aux": lambda t, x: t.func.vjp(lambda x: x, x, has_aux=True),
    "cotangent of another structure": lambda t, x: t.func.vjp(lambda x: x, x)[1]((x,)),
    "cotangent of another shape": lambda t, x: t.func.vjp(lambda x: x * 2, x)[1](t.ones(3)),
    "jvp of no tuple": lambda t, x: t.func.jvp(lambda x: x, x, x),
    "jvp of another structure": lambda t, x: t.func.jvp(lambda x: x, (x,), (x, x)),
    "jvp of nothing": lambda t, x: t.func.jvp(lambda: x, (), ()),
    "jvp of a number": lambda t, x: t.func.jvp(lambda x: x, (1.0,), (x,)),
    "tangent a number": lambda t, x: t.func.jvp(lambda x: x, (x,), (1.0,)),
    "tangent of another shape": lambda t, x: t.func.jvp(lambda x: x, (x,), (t.ones(3),)),
    "jvp of integers": lambda t, x: t.func.jvp(lambda x: x, (t.tensor([1, 2]),), (x,)),
    "jvp without aux": lambda t, x: t.func.jvp(lambda x: x, (x,), (x,), has_aux=True),
    "jvp to a number": lambda t, x: t.func.jvp(lambda x: 3, (x,), (x,)),
    "jvp strict": lambda t, x: t.func.jvp(lambda x: t.ones(1), (x,), (x,), strict=True),
    "jacrev chunk": lambda t, x: t.func.jacrev(lambda x: x, chunk_size=0),
}


@pytest.mark.parametrize("name", REFUSED)
@judged(raises=".")
def test_refused(t, name):
    REFUSED[name](t, t.tensor([0.5, 2.0]))


# vmap.

VMAP = {
    "one": lambda t, x, y: t.vmap(lambda x: x.sum())(x),
    "two": lambda t, x, y: t.func.vmap(lambda x, y: x * y)(x, y),
    "in_dims": lambda t, x, y: t.vmap(lambda x, y: x @ y, in_dims=(1, 0))(x, y.T),
    "negative": lambda t, x, y: t.vmap(lambda x: x * 2, in_dims=-1)(x),
    "None": lambda t, x, y: t.vmap(lambda x, y: x + y, in_dims=(0, None))(x, y),
    "out_dims": lambda t, x, y: t.vmap(lambda x: x * 2, out_dims=1)(x),
    "out_dims negative": lambda t, x, y: t.vmap(lambda x: (x * 2,), out_dims=-1)(x),
    "out_dims each": lambda t, x, y: t.vmap(lambda x: (x, [x * 2]), out_dims=(0, [1]))(x),
    "out_dims None": lambda t, x, y: t.vmap(lambda x: (x, y), out_dims=(0, None))(x),
    "dict": lambda t, x, y: t.vmap(lambda d: {"s": d["x"] + d["y"][0]})({"x": x, "y": [y]}),
    "in_dims of a dict": lambda t, x, y: t.vmap(
        lambda d, s: d["x"] @ d["y"] * s, in_dims=({"x": 0, "y": None}, None)
    )({"x": x, "y": y[0]}, 2.0),
    "not batched": lambda t, x, y: t.vmap(lambda x: t.ones(2, dtype=t.float64))(x),
    "nested": lambda t, x, y: t.vmap(t.vmap(lambda a, b: a * b, (None, 0)), (0, None))(x[0], y),
    "pairs": lambda t, x, y: t.vmap(lambda a: t.vmap(lambda b: (a * b).sum())(y))(x),
    "keyword": lambda t, x, y: t.vmap(lambda x, scale: x * scale)(x, scale=3.0),
    "partial": lambda t, x, y: t.vmap(lambda x: x.T, chunk_size=2)(x.reshape(2, 3, 1)),
    "per sample": lambda t, x, y: t.vmap(t.func.grad(lambda x, y: (x * y).sum() ** 2), (0, None))(
        x, y[0]
    ),
    "jacobian": lambda t, x, y: t.vmap(t.func.jacrev(lambda x: x**2))(x),
    "hessian": lambda t, x, y: t.vmap(t.func.hessian(lambda x: (x**3).sum()))(x),
    "jvp": lambda t, x, y: t.vmap(lambda x, v: t.func.jvp(lambda x: x**3, (x,), (v,))[1])(x, y),
    "grad of it": lambda t, x, y: t.func.grad(lambda x: t.vmap(lambda x: (x**2).sum())(x).sum())(x),
    "jacfwd of it": lambda t, x, y: t.func.jacfwd(t.vmap(lambda x: x.sin().sum()))(x),
    "different": lambda t, x, y: t.vmap(lambda x: x, randomness="different")(x),
}


@pytest.mark.parametrize("name", VMAP)
@judged
def test_vmap(t, name):
    return numbers(VMAP[name](t, tensor(t, 2, 3), tensor(t, 2, 3, seed=1)))


@judged
def test_vmap_is_differentiable(t):
    x, w = tensor(t, 2, 3, requires_grad=True), tensor(t, 3, requires_grad=True)
    y = t.vmap(lambda x: (w * x).exp(), out_dims=1)(x)
    (y**2).sum().backward()
    return x, w


VMAP_REFUSED = {
    "randomness": lambda t, x: t.vmap(lambda x: x, randomness="no"),
    "chunk_size": lambda t, x: t.vmap(lambda x: x, chunk_size=0),
    "no inputs": lambda t, x: t.vmap(lambda: x)(),
    "nothing to map": lambda t, x: t.vmap(lambda x: x, in_dims=None)(x),
    "all None": lambda t, x: t.vmap(lambda x: x, in_dims=(None,))(x),
    "in_dims a list": lambda t, x: t.vmap(lambda x: x, in_dims=[0])(x),
    "in_dims of another structure": lambda t, x: t.vmap(lambda x: x, in_dims=(0, 0))(x),
    "in_dims a string": lambda t, x: t.vmap(lambda x: x, in_dims=("a",))(x),
    "in_dims too large": lambda t, x: t.vmap(lambda x: x, in_dims=2)(x),
    "a number": lambda t, x: t.vmap(lambda x, n: x)(x, 3),
    "sizes": lambda t, x: t.vmap(lambda x, y: x)(x, t.ones(5)),
    "out_dims a string": lambda t, x: t.vmap(lambda x: x, out_dims="a")(x),
    "out_dims of another structure": lambda t, x: t.vmap(lambda x: x, out_dims=(0, 0))(x),
    "out_dims of a tuple": lambda t, x: t.vmap(lambda x: (x, x), out_dims=(0,))(x),
    "out_dims too large": lambda t, x: t.vmap(lambda x: x, out_dims=3)(x),
    "out_dims None of a result": lambda t, x: t.vmap(lambda x: x * 2, out_dims=None)(x),
    "no tensor": lambda t, x: t.vmap(lambda x: 3)(x),
    "nothing": lambda t, x: t.vmap(lambda x: None)(x),
    "a tensor and no tensor": lambda t, x: t.vmap(lambda x: (x, 3))(x),
}


@pytest.mark.parametrize("name", VMAP_REFUSED)
@judged(raises=".")
def test_vmap_refused(t, name):
    VMAP_REFUSED[name](t, t.tensor([[0.5, 2.0], [1.0, 3.0]]))


def test_what_only_a_loop_can() -> None:
    x = minigrad.tensor([[1.0, -2.0], [3.0, 4.0]])
    result = func.vmap(lambda x: x if x.sum().item() > 0 else -x)(x)
    assert result.tolist() == [[-1.0, 2.0], [3.0, 4.0]]


def test_no_slice_at_all_is_refused() -> None:
    with pytest.raises(RuntimeError, match="the mapped dimension has size 0"):
        func.vmap(lambda x: x)(minigrad.ones(0, 2))


def test_equal_results_do_not_pass_for_one() -> None:
    x = minigrad.ones(2, 1).requires_grad_()
    with pytest.raises(ValueError, match="can not return a BatchedTensor when out_dim is None"):
        func.vmap(lambda x: x * 2, out_dims=None)(x)


def test_the_function_keeps_its_name() -> None:
    def loss(x):
        """Doc."""
        return x.sum()

    for transform in (func.grad, func.grad_and_value, func.jacrev, func.jacfwd, func.vmap):
        assert (transform(loss).__name__, transform(loss).__doc__) == ("loss", "Doc.")


def test_an_error_inside_leaves_nothing_behind() -> None:
    from minigrad.autograd.modes import forward
    from minigrad.autograd.primitive import watched
    from minigrad.autograd.value import mode

    def fails(x):
        raise ZeroDivisionError

    x = minigrad.ones(2)
    before = len(watched), mode.watchers
    for call in (
        lambda: func.grad(fails)(x),
        lambda: func.jvp(fails, (x,), (x,)),
        lambda: func.hessian(fails)(x),
    ):
        with minigrad.no_grad():
            with pytest.raises(ZeroDivisionError):
                call()
            assert not minigrad.is_grad_enabled()
    assert (len(watched), mode.watchers, forward.levels) == (*before, ())


def test_arguments_are_left_alone() -> None:
    x = minigrad.ones(2)
    func.hessian(lambda x: (x**3).sum())(x)
    assert (x.requires_grad, x.grad, x._version) == (False, None, 0)


def test_nothing_is_kept_alive() -> None:
    import gc
    import weakref

    class Marked(np.ndarray):
        pass

    gc.collect()
    gc.disable()
    try:
        for make in (
            lambda x: func.grad(lambda x: (x.exp() ** 2).sum())(x),
            lambda x: func.hessian(lambda x: (x.exp() ** 2).sum())(x),
            lambda x: func.jvp(lambda x: x.exp() * x, (x,), (x,)),
            lambda x: func.vjp(lambda x: x.exp(), x)[1](x),
            lambda x: func.vmap(func.grad(lambda x: x.exp()))(x),
        ):
            x = minigrad.ones(2)
            kept = weakref.ref(x)
            make(x)
            del x
            assert kept() is None
        assert gc.collect() == 0
    finally:
        gc.enable()


# Trees.


@pytest.mark.parametrize(
    "tree",
    [
        1,
        None,
        (),
        [],
        {},
        (1, [2, {"a": 3, "b": (4,)}]),
        OrderedDict(b=1, a=(2, 3)),
        Point(1, [2, 3]),
    ],
    ids=str,
)
def test_a_tree_taken_apart_and_put_together(tree) -> None:
    leaves, spec = flatten(tree)
    again = unflatten(leaves, spec)
    assert again == tree
    assert type(again) is type(tree)
    assert flatten(again)[1] == spec
    assert spec.num_leaves == len(leaves)


def test_trees_of_other_structure_differ() -> None:
    trees = [1, (1,), [1], {"a": 1}, {"b": 1}, (1, 2), ((1,),), Point(1, 2)]
    for i, a in enumerate(trees):
        for k, b in enumerate(trees):
            assert (flatten(a)[1] == flatten(b)[1]) == (i == k)


def test_the_structure_can_be_read() -> None:
    assert repr(flatten((1, [2, (3,)], {"a": 4}))[1]) == "(*, [*, (*,)], {'a': *})"


def test_one_leaf_for_all_below() -> None:
    _, spec = flatten((1, [2, 3], {"a": 4}))
    assert spread((0, None, {"a": 1}), spec) == [0, None, None, 1]
    assert spread(7, spec) == [7] * 4
    assert spread((0, (1, 2), 3), spec) is None
    assert spread((0, 1), spec) is None


# linearize, and several modules in one.


@pytest.mark.filterwarnings("ignore::UserWarning")
@judged
def test_linearize(t):
    x, y = tensor(t, 3), tensor(t, 3, seed=1)
    out, jvp_fn = t.func.linearize(lambda x, p: (x * p["y"], {"s": x.sin()}), x, {"y": y})
    given = tensor(t, 3, seed=2), {"y": tensor(t, 3, seed=3)}
    return numbers(out), numbers(jvp_fn(*given)), numbers(jvp_fn(*given))


@pytest.mark.parametrize("wrong", ["shape", "dtype"])
@pytest.mark.torch
def test_linearize_wants_tangents_like_the_primals(wrong):
    def snippet(t):
        _, jvp_fn = t.func.linearize(t.sin, t.ones(2))
        jvp_fn(t.ones(3) if wrong == "shape" else t.ones(2, dtype=t.float64))

    both_raise(snippet, f"tangent:0 with {wrong}")


@judged
def test_an_ensemble(t):
    t.manual_seed(0)
    models = [t.nn.Sequential(t.nn.Linear(3, 2), t.nn.BatchNorm1d(2)).eval() for _ in range(3)]
    parameters, buffers = t.func.stack_module_state(models)

    def call(parameters, buffers, x):
        return t.func.functional_call(models[0], (parameters, buffers), (x,))

    y = t.func.vmap(call, in_dims=(0, 0, None))(parameters, buffers, t.ones(2, 3))
    y.sum().backward()
    return parameters, buffers, numbers(y)


@pytest.mark.parametrize(
    "models",
    [
        lambda nn: [],
        lambda nn: [nn.Linear(2, 2), nn.ReLU()],
        lambda nn: [nn.Linear(2, 2), nn.Linear(2, 2).eval()],
        lambda nn: [nn.Linear(2, 2), nn.Linear(2, 2).requires_grad_(False)],
    ],
)
@pytest.mark.torch
def test_modules_that_do_not_stack(models):
    both_raise(lambda t: t.func.stack_module_state(models(t.nn)), "Expected")


@judged
def test_batch_norms_without_averages(t):
    model = t.nn.Sequential(t.nn.Linear(2, 2), t.nn.BatchNorm1d(2))
    same = t.func.replace_all_batch_norm_modules_(model) is model
    return same, model[1].track_running_stats, model[1].running_mean, list(model.state_dict())


@judged
def test_a_call_with_what_is_no_parameter(t):
    class Scale(t.nn.Module):
        def __init__(self):
            super().__init__()
            self.factor = t.full((1,), 2.0)

        def forward(self, x):
            return x * self.factor

    module = Scale()
    y = t.func.functional_call(module, {"factor": t.ones(1), "other": t.ones(1)}, t.ones(2))
    return y, module.factor, hasattr(module, "other")


@judged(raises="3 is not an instance of Tensor")
def test_a_call_with_a_number_for_a_parameter(t):
    t.func.functional_call(t.nn.Linear(2, 2), {"weight": 3}, t.ones(2))
