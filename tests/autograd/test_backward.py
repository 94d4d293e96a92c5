"""The backward pass: sums over consumers, accumulation in .grad, order, depth and memory."""

import gc
import itertools
import tracemalloc
import weakref

import numpy as np
import pytest

import minigrad
from tests.judge import both, data, judged

# Sums over all the ways from the root to a leaf.


@judged
def test_same_tensor_twice_in_one_op(t):
    x = t.tensor([1.0, -2.0, 3.0], requires_grad=True)
    (x * x).sum().backward()
    return x, (x + x), (x / x), (x - x)


@judged
def test_matrix_times_its_own_transpose(t):
    x = t.tensor(data(3, 2), requires_grad=True)
    w = t.tensor(data(3, 3, seed=1))
    (w * (x @ x.T)).sum().backward()
    return x


def test_matrix_times_its_own_transpose_by_hand() -> None:
    x, w = data(3, 2), data(3, 3, seed=1)
    leaf = minigrad.tensor(x, requires_grad=True)
    (minigrad.tensor(w) * (leaf @ leaf.T)).sum().backward()
    np.testing.assert_allclose(leaf.grad.numpy(), (w + w.T) @ x, rtol=1e-14)


@judged
def test_second_backward_over_a_shared_subgraph(t):
    x = t.tensor([1.0, 2.0], requires_grad=True)
    shared = x * x
    (shared * 3).sum().backward(retain_graph=True)
    (shared * shared).sum().backward()
    return x


def test_second_backward_over_a_shared_subgraph_by_hand() -> None:
    x = minigrad.tensor([1.0, 2.0], requires_grad=True)
    shared = x * x
    (shared * 3).sum().backward(retain_graph=True)
    assert x.grad.tolist() == [6.0, 12.0]
    (shared * shared).sum().backward()
    assert x.grad.tolist() == [6.0 + 4.0, 12.0 + 32.0]  # 4 x**3 on top, not 6 x counted twice


def test_diamonds_40_deep_visit_each_node_once() -> None:
    """2**40 paths lead from the root to the leaf; visiting them one by one would never end."""
    x = minigrad.tensor(1.0, dtype=minigrad.float64, requires_grad=True)
    y = x
    for _ in range(40):
        y = y + y
    y.backward()
    assert x.grad.item() == 2.0**40


@judged
def test_diamonds_of_two_arms(t):
    x = t.tensor(0.5, dtype=t.float64, requires_grad=True)
    y = x
    for _ in range(40):
        y = y * 0.9 + y * 0.3 - y * 0.1
    y.backward()
    return x, y


SHAPES = [
    (),
    (0,),
    (1,),
    (3,),
    (1, 1),
    (2, 1),
    (1, 3),
    (2, 3),
    (0, 3),
    (2, 1, 3),
    (4, 1, 1),
    (2, 0),
]


def broadcastable(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    try:
        np.broadcast_shapes(a, b)
    except ValueError:
        return False
    return True


PAIRS = [pair for pair in itertools.product(SHAPES, SHAPES) if broadcastable(*pair)]


@pytest.mark.parametrize("a, b", PAIRS)
@judged
def test_broadcast_operands_get_gradients_of_their_shape(t, a, b):
    x = t.tensor(data(*a), requires_grad=True)
    y = t.tensor(data(*b, seed=1), requires_grad=True)
    out = x * y + x / (y * y + 1)
    out.backward(t.ones_like(out))
    return x, y, out


@judged
def test_both_operands_broadcast(t):
    x = t.tensor(data(3, 1), requires_grad=True)
    y = t.tensor(data(1, 4, seed=1), requires_grad=True)
    (x * y).sum().backward()
    return x, y


def test_both_operands_broadcast_by_hand() -> None:
    x, y = data(3, 1), data(1, 4, seed=1)
    a, b = minigrad.tensor(x, requires_grad=True), minigrad.tensor(y, requires_grad=True)
    (a * b).sum().backward()
    np.testing.assert_allclose(a.grad.numpy(), np.full((3, 1), y.sum()), rtol=1e-14)
    np.testing.assert_allclose(b.grad.numpy(), np.full((1, 4), x.sum()), rtol=1e-14)


@pytest.mark.parametrize("shape", [(), (0,), (1,), (1, 1, 1), (2, 0, 3), (1, 3)])
@judged
def test_0d_empty_and_size_1(t, shape):
    x = t.tensor(data(*shape), requires_grad=True)
    y = (x.exp() * 2 - x).sum()
    z = y + (x * x).sum()
    z.backward()
    return x, y, z


# Accumulation.


@judged
def test_accumulation_is_in_place_and_keeps_the_object(t):
    x = t.tensor([1.0, 2.0], requires_grad=True)
    (x * 2).sum().backward()
    first = x.grad
    (x * 3).sum().backward()
    return x, x.grad is first


@judged
def test_a_gradient_set_by_the_user_is_added_to(t):
    x = t.tensor([1.0, 2.0], requires_grad=True)
    x.grad = preset = t.tensor([10.0, 20.0])
    (x * 3).sum().backward()
    return x, x.grad is preset


@judged
def test_accumulation_with_create_graph_makes_a_new_object(t):
    x = t.tensor([1.0, 2.0], requires_grad=True)
    (x * 2).sum().backward()
    first = x.grad
    (x * x).sum().backward(create_graph=True)
    return first.tolist(), x.grad is first, x.grad.tolist(), x.grad.requires_grad


@judged
def test_a_leaf_that_is_not_reached_keeps_none(t):
    x = t.tensor([1.0], requires_grad=True)
    y = t.tensor([1.0], requires_grad=True)
    (x * 0).sum().backward()
    return x, y.grad


@judged
def test_a_leaf_is_its_own_root(t):
    x = t.tensor(3.0, requires_grad=True)
    x.backward()
    x.backward()
    return x


@judged
def test_gradients_come_back_in_each_leafs_own_dtype(t):
    leaves = [
        t.tensor([1.5], dtype=d, requires_grad=True) for d in (t.float16, t.float32, t.float64)
    ]
    product = leaves[0] * leaves[1] * leaves[2]
    product.sum().backward()
    return leaves, product


@judged
def test_float32_stays_float32(t):
    x = t.tensor([0.25, 0.5, 0.75], requires_grad=True)
    y = 2 - (1 / (x * 3.0 + 1) ** 2).sqrt().exp() * 0.5 + x.sin() - x.sigmoid().tanh()
    y.mean().backward()
    (g,) = t.autograd.grad((x**3).sum(), x, create_graph=True)
    return x, y, y.mean(), g.detach().clone(), (g * 1.5).sum().dtype


def programs():
    """Programs whose gradients could be handed on without a copy: leaves, root, other tensors."""

    def leaves(t, n=2):
        return [t.tensor(data(3, seed=i), requires_grad=True) for i in range(n)]

    def of_a_sum(t):
        a, b = leaves(t)
        return [a, b], a + b, []

    def through_views(t):
        a, b = leaves(t)
        return [a, b], a.view(3) + b[:], []

    def through_reshape_and_transpose(t):
        a, b = leaves(t)
        return [a, b], a.reshape(3, 1).T[0] + b.unsqueeze(0).squeeze(0), []

    def of_subtraction(t):
        a, b = leaves(t)
        return [a, b], (a - b) + (a - b), []

    def through_cat(t):
        a, b = leaves(t)
        return [a, b], t.cat([a, b])[1:4] + t.stack([a, b])[0], []

    def through_clone(t):
        a, b = leaves(t)
        return [a, b], a.clone() + b.contiguous(), []

    def of_one_factor(t):
        a, b = leaves(t)
        c = t.ones(3, dtype=t.float64)
        return [a, b], a * c + b, [c]

    def of_where(t):
        a, b = leaves(t)
        return [a, b], t.where(a > 5, a, b) + t.maximum(a, b), []

    def of_a_leaf_alone(t):
        (a,) = leaves(t, 1)
        return [a], a, []

    return [value for name, value in locals().items() if name != "leaves"]


@pytest.mark.parametrize("program", programs(), ids=lambda p: p.__name__)
@pytest.mark.parametrize("create_graph", [False, True])
def test_no_two_gradients_share_memory(program, create_graph) -> None:
    leaves, root, others = program(minigrad)
    seed = minigrad.tensor([1.0, 2.0, 3.0], dtype=minigrad.float64)
    root.backward(seed, create_graph=create_graph)
    arrays = [x.grad.array for x in leaves] + [x.array for x in [*leaves, *others, seed]]
    for a, b in itertools.combinations(arrays, 2):
        assert not np.shares_memory(a, b)
    for leaf in leaves:  # nor is any of them expanded
        leaf.grad.detach().add_(1)
    assert seed.tolist() == [1.0, 2.0, 3.0]


@pytest.mark.torch
@pytest.mark.parametrize("program", programs(), ids=lambda p: p.__name__)
def test_programs_that_pass_cotangents_on(program) -> None:
    def f(t):
        leaves, root, _ = program(t)
        root.backward(t.tensor([1.0, 2.0, 3.0], dtype=t.float64))
        return leaves

    both(f)


@judged
def test_gradient_takes_the_layout_of_its_leaf(t):
    x = t.tensor(data(3, 2)).t().requires_grad_()
    y = t.tensor(data(2, 3), requires_grad=True)
    (x * y).sum().backward()
    z = t.tensor(data(2, 3), requires_grad=True)
    z.sum().backward()
    return x, y, z


# Higher order.


@judged
def test_nested_grad(t):
    x = t.tensor(1.5, dtype=t.float64, requires_grad=True)
    y = t.tensor(2.5, dtype=t.float64, requires_grad=True)
    (inner,) = t.autograd.grad(x * y, y, create_graph=True)
    (outer,) = t.autograd.grad(x * inner, x)
    return inner.item(), outer.item(), outer.dtype, outer.requires_grad


def test_nested_grad_by_hand() -> None:
    """d/dx of x * d/dy(x*y) = x * x is 2 x; an engine that mixes up the two passes says x."""
    x = minigrad.tensor(1.5, requires_grad=True)
    y = minigrad.tensor(2.5, requires_grad=True)
    (inner,) = minigrad.autograd.grad(x * y, y, create_graph=True)
    (outer,) = minigrad.autograd.grad(x * inner, x)
    assert outer.item() == 3.0


def derivatives(t, f, at, order):
    x = t.tensor(at, dtype=t.float64, requires_grad=True)
    y = f(x)
    found = []
    for _ in range(order):
        (y,) = t.autograd.grad(y.sum(), x, create_graph=True)
        found.append(y)
    return found


def test_third_derivative_by_hand() -> None:
    at = [0.5, -1.25, 2.0]
    x = np.array(at)
    *_, third = derivatives(minigrad, lambda x: x**5 + (x * 2).sin(), at, 3)
    np.testing.assert_allclose(third.detach().numpy(), 60 * x**2 - 8 * np.cos(2 * x), rtol=1e-13)
    for n, y in enumerate(derivatives(minigrad, lambda x: (x * 3).exp(), at, 5), 1):
        np.testing.assert_allclose(y.detach().numpy(), 3**n * np.exp(3 * x), rtol=1e-13)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x.tanh() * x.exp(),
        lambda x: 1 / (x * x + 2),
        lambda x: x.sigmoid() ** 3,
        lambda x: (x * x + 1).sqrt().log(),
        lambda x: (x * x + 1) ** x,
        lambda x: x.relu() * x.cos() + x.abs() * x,
    ],
)
@judged(ulps=64)
def test_third_derivatives(t, f):
    return [y.detach().clone() for y in derivatives(t, f, [0.5, -1.25, 1.75], 3)]


@judged
def test_hessian_vector_product(t):
    x = t.tensor(data(3), requires_grad=True)
    a = t.tensor(data(3, 3, seed=1))
    (g,) = t.autograd.grad(((a @ x).tanh() * x).sum(), x, create_graph=True)
    (g * t.tensor(data(3, seed=2))).sum().backward()
    return x


# Which nodes run, in which order.


@judged
def test_graph_without_saved_values_can_be_walked_again(t):
    x = t.tensor([1.0, 2.0], requires_grad=True)
    y = (x + 1).sum()
    y.backward()
    y.backward()
    return x


@judged(raises="^Trying to backward through the graph a second time")
def test_freed_graph(t):
    x = t.tensor([1.0, 2.0], requires_grad=True)
    y = (x * x).sum()
    y.backward()
    y.backward()


@judged(raises="second time")
def test_freed_graph_behind_a_new_node(t):
    x = t.tensor([1.0, 2.0], requires_grad=True)
    y = x.exp()
    y.sum().backward()
    (y + 1).sum().backward()


@judged
def test_the_part_that_was_not_visited_is_not_freed(t):
    x = t.tensor([1.0, 2.0], requires_grad=True)
    y = t.tensor([3.0, 4.0], requires_grad=True)
    a, b = x.exp(), y.exp()
    z = (a + b).sum()
    (g,) = t.autograd.grad(z, x)
    b.sum().backward()
    return g, x, y


@judged
def test_retain_graph_keeps_everything(t):
    x = t.tensor([1.0, 2.0], requires_grad=True)
    y = (x.exp() * x).sum()
    for _ in range(3):
        y.backward(retain_graph=True)
    y.backward()
    return x


@judged
def test_backward_inside_no_grad(t):
    x = t.tensor([1.0, 2.0], requires_grad=True)
    y = (x * x).sum()
    with t.no_grad():
        y.backward(retain_graph=True)
        (g,) = t.autograd.grad(y, x, create_graph=True)
        enabled = t.is_grad_enabled()
    return x, g.requires_grad, g.tolist(), enabled


def test_backward_leaves_the_mode_as_it_was_after_an_error() -> None:
    x = minigrad.tensor([1.0], requires_grad=True)
    y = x * x
    x.detach().add_(1)
    for mode in (minigrad.no_grad, minigrad.enable_grad):
        with mode():
            before = minigrad.is_grad_enabled()
            for create_graph in (False, True):
                with pytest.raises(RuntimeError, match="modified by an inplace operation"):
                    y.backward(create_graph=create_graph, retain_graph=True)
                assert minigrad.is_grad_enabled() == before
    assert x.grad is None


def test_backward_changes_neither_the_seed_nor_the_values() -> None:
    x = minigrad.tensor(data(3), requires_grad=True)
    seed = minigrad.tensor(data(3, seed=1))
    y = x.exp() + x * x
    before = [z.array.copy() for z in (x, y, seed)]
    y.backward(seed)
    for z, old in zip((x, y, seed), before, strict=True):
        assert (z.array == old).all()
        assert z._version == 0


# Depth and memory.


def chain(x, n):
    y = x
    for _ in range(n):
        y = y + 1.0
    return y


def test_a_chain_of_a_million_nodes_is_differentiated_and_freed_without_recursion() -> None:
    gc.disable()
    try:
        x = minigrad.tensor(1.0, requires_grad=True)
        y = chain(x, 10**6)
        y.backward()
        assert x.grad.item() == 1.0
        watched = weakref.ref(y.grad_fn)
        del y
        assert watched() is None
    finally:
        gc.enable()


def test_memory_of_a_chain() -> None:
    """At most 450 bytes a node, so 0.45 GB for the million above; backward adds next to nothing."""
    n = 20_000
    x = minigrad.tensor(1.0, requires_grad=True)
    tracemalloc.start()
    try:
        y = chain(x, n)
        built, _ = tracemalloc.get_traced_memory()
        y.backward()
        _, peak = tracemalloc.get_traced_memory()
        del y
        left, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    print(f"{built / n:.0f} bytes a node, {peak - built} more for backward, {left} left in the end")
    assert built <= 450 * n
    assert peak - built < 20_000
    assert left < 300_000  # the interpreter keeps some thousand freed tuples for later


@pytest.mark.parametrize("step", [lambda y: y.sin(), lambda y: y * y, lambda y: y.view(1)])
def test_deep_chains_of_other_nodes_are_freed(step) -> None:
    x = minigrad.tensor([0.5], requires_grad=True)
    y = x
    for _ in range(50_000):
        y = step(y)
    y.backward()
    watched = weakref.ref(y.grad_fn)
    del y
    assert watched() is None


@judged(ulps=0)
def test_a_chain_that_multiplies(t):
    x = t.tensor(1.0, dtype=t.float64, requires_grad=True)
    y = x
    for _ in range(2000):
        y = y * 1.001
    y.backward()
    return x


def train_one_step(x, y, w, b) -> None:
    loss = ((w * x**2 + b - y) ** 2).sum()
    loss.backward()
    with minigrad.no_grad():
        for p in (w, b):
            p -= 1e-4 * p.grad
            p.grad.zero_()


def test_memory_is_flat_over_ten_thousand_steps_without_gc() -> None:
    x = minigrad.tensor(np.linspace(-1, 1, 100).reshape(100, 1))
    y = 3 * x**2 + 2
    w = minigrad.zeros(1, 1, dtype=minigrad.float64, requires_grad=True)
    b = minigrad.zeros(1, 1, dtype=minigrad.float64, requires_grad=True)
    gc.collect()
    gc.disable()
    try:
        for _ in range(1000):
            train_one_step(x, y, w, b)
        objects = len(gc.get_objects())
        tracemalloc.start()
        train_one_step(x, y, w, b)
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(2000):
            train_one_step(x, y, w, b)
        after, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        for _ in range(7000):
            train_one_step(x, y, w, b)
        assert len(gc.get_objects()) <= objects + 20
    finally:
        tracemalloc.stop()
        gc.enable()
    assert after - before < 2000, f"{after - before} bytes more after 2000 steps"
    assert abs(w.item() - 3) < 0.5
    assert abs(b.item() - 2) < 0.5


GRAPHS = {
    "an operation that saves its output": lambda x: x.exp().sigmoid().sqrt(),
    "views": lambda x: x.view(2, 2).t()[0],
    "several outputs": lambda x: x.view(2, 2).max(0).values,
    "cat": lambda x: minigrad.cat([x, x * x]),
    "index": lambda x: x[minigrad.tensor([0, 0, 1])],
    "matmul": lambda x: x.view(2, 2) @ x.view(2, 2),
    "a write in place": lambda x: (x * 2).mul_(x).exp_(),
    "a write through a view": lambda x: write_through_view(x * 2),
    "a view of a written base": lambda x: write_through_view(x * 2)[1:],
    "a second derivative": lambda x: minigrad.autograd.grad(
        x.exp().sum() + (x**3).sum(), x, create_graph=True
    )[0],
}


def write_through_view(y):
    y[:2].mul_(3)
    return y


@pytest.mark.parametrize("make", GRAPHS.values(), ids=GRAPHS.keys())
@pytest.mark.parametrize("then", ["drop", "backward", "create_graph"])
def test_a_graph_dies_with_its_last_reference(make, then) -> None:
    x = minigrad.tensor([0.5, 1.0, 1.5, 2.0], requires_grad=True)
    gc.disable()
    try:
        y = make(x)
        if then != "drop":
            y.sum().backward(create_graph=then == "create_graph")
        dying = weakref.ref(y.grad_fn), weakref.ref(y)
        x.grad = None
        del y
        assert [ref() for ref in dying] == [None, None]
        leaf = weakref.ref(x)
        del x
        assert leaf() is None
    finally:
        gc.enable()


def test_a_gradient_that_nobody_else_holds_is_kept_and_not_copied(monkeypatch) -> None:
    import sys

    module = sys.modules["minigrad.autograd.backward"]
    kept = []
    accumulate = module.accumulate

    def watched(leaf, g, ours) -> None:
        accumulate(leaf, g, ours)
        kept.append(leaf.grad.array is g)

    monkeypatch.setattr(module, "accumulate", watched)
    x, w = minigrad.ones(4, 5), minigrad.ones(5, 3, requires_grad=True)
    (x @ w).exp().sum().backward()
    a, b = minigrad.ones(3, requires_grad=True), minigrad.ones(3, requires_grad=True)
    ((a + b) * 2).sum().backward()
    assert kept[0]  # the product's
    assert not kept[1]  # two leaves were sent the same array
    assert not np.shares_memory(a.grad.numpy(), b.grad.numpy())


def test_gradients_lie_the_same_way_with_and_without_create_graph() -> None:
    a, b = minigrad.ones(2, 3, requires_grad=True), minigrad.ones(2, 3)
    g = minigrad.ones(3, 2).t()
    found = [
        minigrad.autograd.grad(a * b, a, g, create_graph=recorded)[0].stride()
        for recorded in (False, True)
    ]
    assert found[0] == found[1]
