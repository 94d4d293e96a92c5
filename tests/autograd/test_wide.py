"""Primitives of any shape: several outputs, extra results, sequences of operands, joint rules."""

import numpy as np
import pytest

import minigrad
from minigrad.autograd.wide import wide_primitive


def leaf(*values: float) -> minigrad.Tensor:
    return minigrad.tensor(values, dtype=minigrad.float64, requires_grad=True)


def test_several_outputs_and_an_extra_result() -> None:
    seen = []
    f = wide_primitive(
        "FBackward0",
        lambda x, y, factor: (x * y * factor, x + 1, x > 1),
        outputs=("out", "other"),
        extra=("large",),
        x=lambda g, g_other, y, factor, large: seen.append(large) or g * y * factor + g_other,
        y=lambda g, g_other, x, factor, out, x_shape: g * x.reshape(x_shape) * factor,
    )
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    out, other = f(x, y, 10.0)
    assert (out.output_nr, other.output_nr) == (0, 1)
    assert out.grad_fn is other.grad_fn
    (out + other).sum().backward()
    assert x.grad.tolist() == [31.0, 41.0]
    assert y.grad.tolist() == [10.0, 20.0]
    assert seen[0].tolist() == [False, True]


@pytest.mark.parametrize("create_graph", [False, True])
def test_an_output_that_nothing_reached_arrives_as_zeros(create_graph) -> None:
    f = wide_primitive(
        "FBackward0",
        lambda x: (x * 2, x * 3),
        outputs=("a", "b"),
        x=lambda g_a, g_b: g_a * 2 + g_b * 3,
    )
    x = leaf(1.0, 2.0)
    a, b = f(x)
    for y, expected in [(a, 2.0), (b, 3.0), (a + b, 5.0)]:
        (g,) = minigrad.autograd.grad(y.sum(), x, retain_graph=True, create_graph=create_graph)
        assert g.tolist() == [expected, expected]


def test_outputs_behind_the_cotangents_have_no_derivative() -> None:
    f = wide_primitive(
        "FBackward0",
        lambda x: (x * 2, np.argsort(x)),
        outputs=("out", "order"),
        x=lambda g, order: g * 2,
    )
    out, order = f(leaf(2.0, 1.0))
    assert out.requires_grad
    assert not order.requires_grad
    assert order.tolist() == [1, 0]


def test_a_joint_rule_answers_for_all_inputs() -> None:
    f = wide_primitive("FBackward0", lambda a, b: a * b, joint=lambda g, a, b: (g * b, g * a))
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    f(x, y).sum().backward()
    assert x.grad.tolist() == [3.0, 4.0]
    assert y.grad.tolist() == [1.0, 2.0]
    x.grad = None
    f(x, y.detach()).sum().backward()
    assert x.grad.tolist() == [3.0, 4.0]


def test_a_sequence_of_operands() -> None:
    f = wide_primitive(
        "FBackward0",
        lambda scale, *xs: scale * sum(xs),
        joint=lambda g, scale, xs_shape: (None, *[scale * g for _ in xs_shape]),
    )
    xs = [leaf(1.0), leaf(2.0), minigrad.tensor([3.0], dtype=minigrad.float64), leaf(4.0)]
    f(2.0, *xs).sum().backward()
    assert [x.grad and x.grad.tolist() for x in xs] == [[2.0], [2.0], None, [2.0]]


def test_what_a_sequence_saves_is_checked_too() -> None:
    f = wide_primitive(
        "FBackward0",
        lambda x, *factors: x * factors[0] * factors[1],
        x=lambda g, *factors: g * factors[0] * factors[1],
    )
    x, factor = leaf(2.0), minigrad.tensor([3.0], dtype=minigrad.float64)
    y = f(x, factor, 5.0)
    y.backward(retain_graph=True)
    assert x.grad.tolist() == [15.0]
    factor.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.backward()


def test_without_rules_nothing_is_recorded() -> None:
    f = wide_primitive("FBackward0", lambda x: x * 2)
    assert not f(leaf(1.0)).requires_grad


def test_a_rule_that_takes_an_unknown_name_is_refused() -> None:
    with pytest.raises(TypeError, match="'hint'"):
        wide_primitive("FBackward0", lambda x: x, x=lambda g, hint: g)


def test_an_operand_without_a_rule_must_not_require_grad() -> None:
    f = wide_primitive(
        "ScaledLossBackward0",
        lambda x, weight, factor: x * weight * factor,
        x=lambda g, weight, factor: g * weight * factor,
        weight=None,
    )
    assert f(leaf(2.0), leaf(3.0).detach(), 2.0).requires_grad
    with pytest.raises(RuntimeError, match=r"'scaled_loss' is not differentiable with .* 'weight'"):
        f(leaf(2.0), leaf(3.0), 2.0)
    with pytest.raises(TypeError, match=r"scaled_loss\(\): argument 'factor' must be a number"):
        f(leaf(2.0), 3.0, leaf(2.0))
    with minigrad.no_grad():
        assert not f(leaf(2.0), leaf(3.0), leaf(2.0)).requires_grad


def test_a_rule_for_a_sequence_takes_names_and_the_sequence() -> None:
    f = wide_primitive(
        "FBackward0",
        lambda x, y, *factors: (x + y) * factors[0] * factors[1],
        x=lambda g, *factors: g * factors[0] * factors[1],
        y=lambda g, y, y_shape, *factors: g.reshape(y_shape) * factors[0] * factors[1] + 0 * y,
    )
    x, y = leaf(2.0), leaf(3.0)
    f(x, y, leaf(5.0).detach(), 7.0).backward()
    assert (x.grad.tolist(), y.grad.tolist()) == ([35.0], [35.0])


def test_a_primitive_is_found_by_its_function() -> None:
    f = wide_primitive("FBackward0", lambda x, y: x * y, x=lambda g, y: g * y, y=lambda g, x: g * x)
    assert (f.primitive.name, f.primitive.params) == ("FBackward0", ("x", "y"))


def test_a_first_operand_without_a_rule_may_not_require_grad() -> None:
    f = wide_primitive("FBackward0", lambda x, y: x * y, x=None, y=lambda g, x: g * x)
    with pytest.raises(RuntimeError, match="not differentiable with respect to argument 'x'"):
        f(leaf(1.0, 2.0), leaf(3.0, 4.0).detach())


def test_what_was_kept_besides_the_operands_is_freed() -> None:
    f = wide_primitive(
        "FBackward0",
        lambda x: (x * 2, np.full_like(x, 2)),
        extra=("factor",),
        x=lambda g, factor: g * factor,
    )
    y = f(leaf(1.0, 2.0)).sum()
    y.backward()
    with pytest.raises(RuntimeError, match="a second time"):
        y.backward()
