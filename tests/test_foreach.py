"""One operation for each tensor of a list, as optimizers of many parameters write it."""

import pytest

import minigrad
from tests.judge import both_raise, data, judged


def tensors(t, seed=0, low=0.5, high=2.0):
    shapes = [(3,), (2, 3), ()]
    return [t.tensor(data(*s, low=low, high=high, seed=seed + i)) for i, s in enumerate(shapes)]


OPERANDS = {
    "list": lambda t: tensors(t, 5),
    "number": lambda t: 1.5,
    "numbers": lambda t: [1.5, 0.5, 2],
    "tensor": lambda t: t.tensor(1.5),
}
ALONE = (
    "abs acos asin atan ceil cos cosh erf erfc exp expm1 floor frac lgamma log log10 log1p log2 "
    "neg reciprocal round rsqrt sigmoid sign sin sinh sqrt tan tanh trunc"
)


def listed(result):
    return [type(result).__name__, *[each.clone() for each in result]]


@pytest.mark.parametrize("name", ALONE.split())
@judged(ulps=64)
def test_of_one_list(t, name):
    x = tensors(t, low=0.1, high=0.9)
    apart = getattr(t, f"_foreach_{name}")(x)
    within = getattr(t, f"_foreach_{name}_")(x)
    return listed(apart), listed(within), within is x


@pytest.mark.parametrize("operand", OPERANDS)
@pytest.mark.parametrize("name", ["add", "sub", "mul", "div"])
@judged
def test_of_a_list_and_another(t, name, operand):
    x, y = tensors(t), OPERANDS[operand](t)
    apart = getattr(t, f"_foreach_{name}")(x, y)
    within = getattr(t, f"_foreach_{name}_")(x, y)
    return listed(apart), listed(within), within is x


@pytest.mark.parametrize("operand", ["list", "number", "numbers"])
@pytest.mark.parametrize("name", ["clamp_min", "clamp_max", "maximum", "minimum", "pow", "lerp"])
@judged
def test_of_a_list_and_values(t, name, operand):
    x, y = tensors(t), OPERANDS[operand](t)
    operands = (tensors(t, 9), y) if name == "lerp" else (y,)
    apart = getattr(t, f"_foreach_{name}")(x, *operands)
    return listed(apart), listed(getattr(t, f"_foreach_{name}_")(x, *operands))


@pytest.mark.parametrize("name", ["addcmul", "addcdiv"])
@judged
def test_of_three_lists(t, name):
    x, y, z = tensors(t), tensors(t, 3), tensors(t, 6)
    f, f_ = getattr(t, f"_foreach_{name}"), getattr(t, f"_foreach_{name}_")
    results = [f(x, y, z), f(x, y, z, 2), f(x, y, z, value=-1), f(x, y, z, [1.0, 2.0, 3.0])]
    results += [f(x, y, z, scalars=[1.0, 2.0, 3.0]), f(x, y, z, t.tensor([1.0, 2.0, 3.0]))]
    return [listed(each) for each in [*results, f_(x, y, z, -0.5)]]


@judged
def test_further_ones(t):
    x, y = tensors(t), tensors(t, 3)
    results = [
        t._foreach_add(x, y, alpha=-2),
        t._foreach_pow(2.0, x),
        t._foreach_norm(x),
        t._foreach_norm(x, 1),
        t._foreach_norm(x, ord=float("inf"), dtype=t.float64),
        t._foreach_max(x),
        t._foreach_clone(x),
        t._foreach_mul(tuple(x), scalar=3),
        t._foreach_mul(self=x, other=y),
        t._foreach_mul([t.tensor([1, 2])], 2.5),
    ]
    results += [t._foreach_copy_(x, y), t._foreach_zero_(y), x]
    return [listed(each) for each in results]


@pytest.mark.parametrize("name", ["maximum", "minimum", "clamp_min", "clamp_max", "add", "pow"])
@pytest.mark.parametrize("numbers", [False, True])
@judged
def test_gradients_also_where_both_are_equal(t, name, numbers):
    x = [t.tensor([1.0, 2.0, 3.0], requires_grad=True), t.tensor(2.0, requires_grad=True)]
    y = [t.tensor([2.0, 2.0, 2.0], requires_grad=True), t.tensor(2.0, requires_grad=True)]
    results = getattr(t, f"_foreach_{name}")(x, [2.0, 2.0] if numbers else y)
    sum(r.sum() for r in results).backward()
    return [None if each.grad is None else each.grad.clone() for each in x + y]


@pytest.mark.parametrize(
    "call",
    [
        lambda t, x: t._foreach_abs([]),
        lambda t, x: t._foreach_add([], []),
        lambda t, x: t._foreach_norm([]),
        lambda t, x: t._foreach_add(x, x[:1]),
        lambda t, x: t._foreach_add(x, [1.0]),
        lambda t, x: t._foreach_addcdiv(x, x, x, t.tensor([1.0])),
        lambda t, x: t._foreach_mul(x, t.tensor([1.0])),
        lambda t, x: t._foreach_add([1, 2], 1.0),
        lambda t, x: t._foreach_mul_([t.tensor([1])], 2.5),
        lambda t, x: t._foreach_add_([t.tensor(1.0, requires_grad=True)], 1),
    ],
)
def test_errors(call) -> None:
    both_raise(lambda t: call(t, tensors(t)))


@pytest.mark.parametrize("name", ["_foreach_zero", "_foreach_max_", "_foreach_norm_", "_foreach_"])
def test_names_that_there_are_not(name) -> None:
    assert not hasattr(minigrad, name)


def test_what_is_no_list_of_tensors_and_what_has_no_alpha() -> None:
    with pytest.raises(TypeError, match="invalid combination of arguments"):
        minigrad._foreach_add(minigrad.ones(2), 1)
    with pytest.raises(TypeError, match="invalid combination of arguments"):
        minigrad._foreach_add([minigrad.ones(2)], 1, alpha=2)


@judged
def test_groups_of_one_dtype(t):
    if t is minigrad:
        from minigrad.utils import _foreach_utils as utils
    else:
        from torch.utils import _foreach_utils as utils
    x = [t.ones(2), t.ones(3, dtype=t.float64), t.ones(1)]
    group = utils._group_tensors_by_device_and_dtype
    lists = {str(key[1]).split(".")[1]: value[0] for key, value in group([x, x[::-1]]).items()}
    return lists, sorted(value[1] for value in group([x], True).values())
