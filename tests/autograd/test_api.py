"""backward() and grad(): their arguments, what they return, and what they refuse."""

import numpy as np
import pytest

import minigrad
from tests.judge import both, data, judged


def leaves(t, n=2, shape=(3,), dtype="float64"):
    return [
        t.tensor(data(*shape, seed=i), dtype=getattr(t, dtype), requires_grad=True)
        for i in range(n)
    ]


# Roots and cotangents.


@pytest.mark.parametrize("shape", [(), (1,), (1, 1), (1, 1, 1)])
@judged
def test_one_element_of_any_rank_needs_no_cotangent(t, shape):
    (x,) = leaves(t, 1, shape)
    (x * x).backward()
    return x


@pytest.mark.parametrize("shape", [(2,), (2, 3), (0,), (1, 2)])
@judged(raises="grad can be implicitly created only for scalar outputs")
def test_other_sizes_do(t, shape):
    (t.ones(shape, requires_grad=True) * 2).backward()


@judged(raises="grad can be implicitly created only for scalar outputs")
def test_so_does_grad(t):
    (x,) = leaves(t, 1)
    t.autograd.grad(x * 2, x)


@judged
def test_a_cotangent(t):
    x, y = leaves(t)
    (x * y).backward(t.tensor([1.0, 10.0, 100.0], dtype=t.float64))
    return x, y


@judged(raises=r"Mismatch in shape: grad_output\[0\] has a shape of Size\(\[2\]\)")
def test_a_cotangent_of_another_shape(t):
    (x,) = leaves(t, 1)
    (x * 2).backward(t.ones(2, dtype=t.float64))


@judged(raises="Mismatch in shape")
def test_a_cotangent_that_would_broadcast(t):
    (x,) = leaves(t, 1)
    (x * 2).backward(t.tensor(1.0, dtype=t.float64))


def test_the_second_cotangent_of_another_shape() -> None:
    """torch trips over its own check here."""
    x, y = leaves(minigrad)
    with pytest.raises(RuntimeError, match=r"Mismatch in shape: grad_output\[1\] .*\[1\].*\[3\]"):
        minigrad.autograd.backward([x * 2, y * 2], [minigrad.ones(3), minigrad.ones(1)])


@judged
def test_a_cotangent_of_another_dtype_is_converted(t):
    (x,) = leaves(t, 1, dtype="float32")
    (x * x).backward(t.tensor([1.0, 2.0, 3.0], dtype=t.float64))
    (g,) = t.autograd.grad((x * x), x, t.tensor([1.0, 2.0, 3.0], dtype=t.float64))
    return x, g.dtype, g.tolist()


@pytest.mark.parametrize("seed", [1.0, 1, [1.0, 1.0, 1.0], "one"])
def test_a_cotangent_that_is_no_tensor(seed) -> None:
    """TypeError with torch as well, but what it says of a number is that it cannot be iterated."""
    (x,) = leaves(minigrad, 1)
    with pytest.raises(TypeError, match="gradients can be either Tensors or None, but got"):
        (x * 2).backward(seed)


@judged
def test_several_roots(t):
    x, y = leaves(t)
    a, b = (x * y).sum(), x * 2
    t.autograd.backward([a, b], [None, t.tensor([1.0, 2.0, 3.0], dtype=t.float64)])
    return x, y


@judged
def test_the_same_root_twice(t):
    (x,) = leaves(t, 1)
    y = (x * x).sum()
    t.autograd.backward([y, y])
    return x


@judged
def test_a_root_that_lies_behind_another(t):
    (x,) = leaves(t, 1)
    y = (x * x).sum()
    z = y.exp()
    t.autograd.backward([z, y])
    return x


@judged
def test_a_sequence_of_one_root_and_cotangent(t):
    (x,) = leaves(t, 1)
    t.autograd.backward((x * 2,), (t.ones(3, dtype=t.float64),))
    return x


@judged(raises="got 2 tensors and 1 gradients")
def test_fewer_cotangents_than_roots(t):
    x, y = leaves(t)
    t.autograd.backward([x * 2, y * 2], [t.ones(3, dtype=t.float64)])


@judged(raises="element 0 of tensors does not require grad and does not have a grad_fn")
def test_a_root_without_grad(t):
    t.ones(()).backward()


@judged(raises="element 1 of tensors does not require grad")
def test_the_second_root_without_grad(t):
    (x,) = leaves(t, 1)
    t.autograd.backward([x.sum(), t.ones(())])


@judged(raises="element 0 of tensors does not require grad")
def test_a_root_made_under_no_grad(t):
    (x,) = leaves(t, 1)
    with t.no_grad():
        y = x.sum()
    y.backward()


@judged(raises="element 0 of tensors does not require grad")
def test_a_root_of_several_elements_without_grad(t):
    t.ones(3).backward()


# grad().


@judged
def test_grad_returns_a_tuple_and_leaves_grad_alone(t):
    x, y = leaves(t)
    gs = t.autograd.grad((x * y).sum(), [x, y])
    return type(gs).__name__, [g.tolist() for g in gs], x.grad, y.grad


@judged
def test_grad_of_one_input(t):
    x, y = leaves(t)
    gs = t.autograd.grad((x * y).sum(), x)
    return len(gs), gs[0].tolist(), gs[0].requires_grad


@judged
def test_grad_with_respect_to_something_on_the_way(t):
    (x,) = leaves(t, 1)
    y = x * 2
    z = y.exp()
    gs = t.autograd.grad(z.sum(), [y, z, x])
    return [g.tolist() for g in gs]


@judged
def test_grad_of_a_root_by_itself(t):
    (x,) = leaves(t, 1)
    y = (x * 2).sum()
    return [g.tolist() for g in t.autograd.grad(y, [y])], [
        g.tolist() for g in t.autograd.grad(x, x, t.ones(3, dtype=t.float64))
    ]


@judged
def test_grad_of_one_output_of_several(t):
    (x,) = leaves(t, 1, (2, 3))
    values, indices = x.max(1)
    (g,) = t.autograd.grad((values * values).sum(), values)
    return g.tolist(), indices


@judged
def test_the_same_input_twice(t):
    (x,) = leaves(t, 1)
    return [g.tolist() for g in t.autograd.grad((x * x).sum(), [x, x])]


@judged(raises="appears to not have been used in the graph")
def test_an_unused_input(t):
    x, y = leaves(t)
    t.autograd.grad((x * 2).sum(), [x, y])


@judged
def test_allow_unused(t):
    x, y = leaves(t)
    gs = t.autograd.grad((x * 2).sum(), [x, y], allow_unused=True)
    return gs[0].tolist(), gs[1]


@judged
def test_materialize_grads(t):
    x, y = leaves(t)
    gs = t.autograd.grad((x * 2).sum(), [x, y], materialize_grads=True)
    return [(g.tolist(), g.dtype) for g in gs]


@judged(raises="Expected allow_unused to be True or not passed when materialize_grads=True")
def test_materialize_grads_without_allow_unused(t):
    x, y = leaves(t)
    t.autograd.grad((x * 2).sum(), [x, y], allow_unused=False, materialize_grads=True)


@judged(raises="One of the differentiated Tensors does not require grad")
def test_an_input_without_grad(t):
    (x,) = leaves(t, 1)
    t.autograd.grad((x * 2).sum(), [x, t.ones(3)])


@judged
def test_grad_frees_what_it_ran_and_nothing_else(t):
    x, y = leaves(t)
    a, b = x.exp(), y.exp()
    z = (a * b).sum()
    t.autograd.grad(z, a)
    raised = []
    for root in (a.sum(), b.sum(), z):
        try:
            root.backward()
        except RuntimeError:
            raised.append(True)
        else:
            raised.append(False)
    return raised, x, y


@judged
def test_grad_without_create_graph_does_not_require_grad(t):
    (x,) = leaves(t, 1)
    plain = t.autograd.grad((x**3).sum(), x)[0]
    graph = t.autograd.grad((x**3).sum(), x, create_graph=True)[0]
    return plain.requires_grad, graph.requires_grad, plain.is_leaf, graph.is_leaf


@judged
def test_create_graph_keeps_the_graph(t):
    (x,) = leaves(t, 1)
    y = (x**3).sum()
    t.autograd.grad(y, x, create_graph=True)
    return t.autograd.grad(y, x)[0].tolist()


@judged(raises="second time")
def test_create_graph_without_retain_graph(t):
    (x,) = leaves(t, 1)
    y = (x**3).sum()
    t.autograd.grad(y, x, create_graph=True, retain_graph=False)
    t.autograd.grad(y, x)


@judged
def test_grad_through_the_cotangent(t):
    x, g = leaves(t)
    (first,) = t.autograd.grad(x * x * x, x, g, create_graph=True)
    (second,) = t.autograd.grad(first.sum(), g)
    return first.detach().clone(), second.tolist()


@judged
def test_grad_is_zero_where_an_operation_multiplied_by_zero(t):
    (x,) = leaves(t, 1)
    return t.autograd.grad((x * 0).sum(), x)[0].tolist()


@judged
def test_is_grads_batched(t):
    (x,) = leaves(t, 1)
    rows = t.tensor(np.eye(3))
    (jacobian,) = t.autograd.grad(x**2, x, rows, is_grads_batched=True)
    return jacobian.tolist(), jacobian.shape


@judged
def test_is_grads_batched_and_an_input_that_is_not_used(t):
    x, unused = leaves(t, 2)
    rows = t.tensor(np.eye(3))
    return t.autograd.grad(x**2, [x, unused], rows, is_grads_batched=True, allow_unused=True)


@pytest.mark.parametrize("shapes", [[(2, 3), (3, 3)], [(3, 3), (2, 3)], [(), ()], [(0, 3)] * 2])
@judged(raises="mapped dimension|0-dim tensor|out of bounds")
def test_is_grads_batched_refuses_cotangents_of_unlike_lengths(t, shapes):
    (x,) = leaves(t, 1)
    rows = [t.ones(shape, dtype=t.float64) for shape in shapes]
    t.autograd.grad([x**2, x.exp()], x, rows, is_grads_batched=True)


@pytest.mark.parametrize("shape", [(3,), (2, 1, 3), (2, 4)])
@judged(raises="we interpret the first dimension|0-dim")
def test_is_grads_batched_refuses_rows_of_another_shape(t, shape):
    (x,) = leaves(t, 1)
    t.autograd.grad(x**2, x, t.ones(shape, dtype=t.float64), is_grads_batched=True)


@pytest.mark.parametrize("given", [None, [1]])
@judged(raises="grad can be implicitly created|can be either Tensors or None")
def test_is_grads_batched_refuses_what_is_no_tensor(t, given):
    (x,) = leaves(t, 1)
    t.autograd.grad(x**2, x, given, is_grads_batched=True)


# inputs= and what goes with it.


@judged
def test_backward_to_chosen_inputs(t):
    x, y, z = leaves(t, 3)
    (x * y * z).sum().backward(inputs=[x, z])
    return x, y.grad, z


@judged
def test_backward_to_one_input(t):
    x, y = leaves(t)
    (x * y).sum().backward(inputs=x)
    return x, y.grad


@judged(raises="`inputs` argument to `backward.*` cannot be empty")
def test_backward_to_no_input(t):
    (x,) = leaves(t, 1)
    (x * 2).sum().backward(inputs=[])


@pytest.mark.parametrize("wrong", [[None], [3], "x"])
@judged(raises="all inputs have to be Tensors or GradientEdges, but got")
def test_backward_to_what_is_no_tensor(t, wrong):
    (x,) = leaves(t, 1)
    (x * 2).sum().backward(inputs=wrong)


@judged
def test_backward_to_an_input_that_is_not_reached(t):
    x, y = leaves(t)
    (x * 2).sum().backward(inputs=[x, y])
    return x, y.grad


@judged
def test_chosen_inputs_accumulate(t):
    (x,) = leaves(t, 1)
    (x * 2).sum().backward(inputs=[x])
    first = x.grad
    (x * 3).sum().backward(inputs=[x])
    return x, x.grad is first


@pytest.mark.torch
def test_a_chosen_input_on_the_way() -> None:
    def f(t):
        (x,) = leaves(t, 1)
        y = x * 2
        (y * y).sum().backward(inputs=[y])
        return x.grad, y.grad.tolist()

    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of .grad of a tensor that is no leaf
        both(f)


# Requiring gradients.


@judged
def test_requires_grad_of_leaves(t):
    x = t.ones(3)
    seen = [x.requires_grad, x.requires_grad_() is x, x.requires_grad]
    x.requires_grad = False
    seen.append(x.requires_grad)
    x.requires_grad_(True)
    seen.append(x.requires_grad)
    x.requires_grad_(False)
    return seen, x


@judged(raises="you can only change requires_grad flags of leaf variables")
def test_requires_grad_of_a_result(t):
    (t.ones(3, requires_grad=True) * 2).requires_grad_(False)


@judged
def test_requiring_what_is_required(t):
    y = t.ones(3, requires_grad=True) * 2
    return y.requires_grad_(True) is y, y


@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8", "bool"])
@judged(raises="nly Tensors of floating point")
def test_integers_cannot_require_gradients(t, dtype):
    t.ones(3, dtype=getattr(t, dtype)).requires_grad_()


@pytest.mark.parametrize(
    "make",
    [
        lambda t: t.tensor([1, 2], requires_grad=True),
        lambda t: t.tensor([True], requires_grad=True),
        lambda t: t.ones(3, dtype=t.int64, requires_grad=True),
        lambda t: t.zeros(3, dtype=t.bool, requires_grad=True),
        lambda t: t.arange(3, requires_grad=True),
        lambda t: t.full((2,), 3, requires_grad=True),
    ],
)
@judged(raises="Only Tensors of floating point and complex dtype can require gradients")
def test_integers_made_to_require_gradients(t, make):
    make(t)


@judged
def test_integer_results_never_require_gradients(t):
    (x,) = leaves(t, 1, (2, 3))
    results = [x.argmax(), x.argmin(1), x.max(0).indices, x > 0, x == x, x.long(), x.bool()]
    return [(y.requires_grad, y.is_leaf, y.dtype) for y in results]


# Setting .grad.


@judged
def test_setting_and_clearing_grad(t):
    (x,) = leaves(t, 1)
    x.grad = t.ones(3, dtype=t.float64)
    before = x.grad.tolist()
    x.grad = None
    (x * 2).sum().backward()
    return before, x


@judged(raises="assigned grad expected to be a Tensor or None but got grad of type")
def test_setting_grad_to_a_number(t):
    (x,) = leaves(t, 1)
    x.grad = 1.0


@judged(raises="attempting to assign a gradient of size|assigned grad has data of a different size")
def test_setting_grad_of_another_shape(t):
    (x,) = leaves(t, 1)
    x.grad = t.ones(2, dtype=t.float64)


@judged(raises="attempting to assign a gradient with dtype|assigned grad has data of a different")
def test_setting_grad_of_another_dtype(t):
    (x,) = leaves(t, 1)
    x.grad = t.ones(3, dtype=t.float32)


def test_no_error_message_is_torchs_alone() -> None:
    """Messages name minigrad where they name a module, and say what was given."""
    x = minigrad.ones(3, requires_grad=True)
    with pytest.raises(RuntimeError, match=r"\[3\]") as error:
        (x * 2).backward()
    assert "torch" not in str(error.value)


@judged(raises="all inputs have to be Tensors or GradientEdges, but got int")
def test_inputs_that_are_no_tensors(t):
    x = t.ones(2, requires_grad=True)
    t.autograd.grad(x.sum(), [x, 3])


@judged(raises="only Tensors of floating point and complex dtype can require gradients")
def test_the_flag_of_integers(t):
    t.ones(2, dtype=t.int64).requires_grad = True


@judged
def test_the_gradient_of_an_output_to_itself_has_its_dtype(t):
    y = t.ones(2, requires_grad=True) * 2
    return t.autograd.grad(y, y, t.ones(2, dtype=t.float64))


@judged(raises="Trying to backward through the graph a second time")
def test_the_last_of_several_cotangents_frees_the_graph(t):
    x = t.ones(2, requires_grad=True)
    y = x.exp()
    t.autograd.grad(y, x, t.ones(2, 2), is_grads_batched=True)
    y.sum().backward()


@judged(raises="invalid gradient at index 0 - got")
def test_a_root_whose_data_has_another_shape(t):
    y = t.ones(2, requires_grad=True) * 2
    y.data = t.ones(3)
    y.backward(t.ones(3))


@judged
def test_a_leaf_as_its_own_root_on_the_graph(t):
    x = t.tensor(2.0, requires_grad=True)
    x.backward(create_graph=True)
    first = x.grad
    x.backward(create_graph=True)
    return first is x.grad, first.item(), x.grad.item()
