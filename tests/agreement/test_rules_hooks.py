"""What minigrad promises of hooks and of custom Functions.

Every test is one snippet that both libraries run.
"""

import pytest

from tests.judge import judged


def leaf(t, *values):
    return t.tensor(values, dtype=t.float64, requires_grad=True)


def function(t, forward, backward):
    """A custom Function with these two."""
    members = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
    return type("Mine", (t.autograd.Function,), members)


# Hooks.


@judged
def test_the_order_of_hooks(t):
    """A tensor's hooks as they were registered, its ``.grad``, then the node's before and after."""
    seen = []
    x = leaf(t, 1)
    y = x * 2
    node = y.grad_fn
    node.register_hook(lambda inner, outer: seen.append(("after", inner[0].item())))
    node.register_prehook(lambda outer: seen.append(("before", outer[0].item())))
    y.retain_grad()
    y.register_hook(lambda g: seen.append(("first", g.item())) or g * 10)
    y.register_hook(lambda g: seen.append(("second", g.item())) or g + 1)
    x.register_hook(lambda g: seen.append(("leaf", g.item())))
    x.register_post_accumulate_grad_hook(lambda x: seen.append(("kept", x.grad.item())))
    (y * 3).backward()
    return seen, y.grad, x


@judged
def test_a_hook_replaces_the_gradient_for_the_next(t):
    """What it returns is what the next hook, and the node, are given; None changes nothing."""
    x = leaf(t, 1, 2)
    y = x * 2
    y.register_hook(lambda g: g * 10)
    y.register_hook(lambda g: None)
    y.register_hook(lambda g: g + 1)
    y.sum().backward()
    return x


@judged
def test_prehooks_and_hooks_of_a_node_replace_gradients(t):
    """Before the node what it is given, after it what it has made."""
    x = leaf(t, 1, 2)
    y = x * 2
    y.grad_fn.register_prehook(lambda outer: (outer[0] + 1,))
    y.grad_fn.register_hook(lambda inner, outer: (inner[0] * 100, None))
    y.sum().backward()
    return x


@judged
def test_hooks_stay_with_the_node_that_a_write_leaves_behind(t):
    """A hook from before an in-place operation sees the old value's gradient."""
    seen = []
    x = leaf(t, 1)
    y = x * 2
    y.register_hook(lambda g: seen.append(("old", g.item())))
    y.mul_(5)
    y.register_hook(lambda g: seen.append(("new", g.item())))
    (y * 3).backward()
    return seen, x


@judged
def test_retain_grad_moves_with_the_tensor(t):
    """``.grad`` of a tensor that was written to is that of its new value."""
    x = leaf(t, 1)
    y = x * 2
    y.retain_grad()
    y.mul_(5)
    (y * 3).backward()
    return y.grad, x


@judged
def test_a_leafs_hooks_run_under_grad(t):
    """``register_hook`` changes what ``autograd.grad`` returns; nothing is accumulated."""
    seen = []
    x = leaf(t, 1)
    x.register_hook(lambda g: seen.append("hook") or g * 10)
    x.register_post_accumulate_grad_hook(lambda x: seen.append("accumulated"))
    return t.autograd.grad(x * 2, x), seen, x.grad is None


@judged
def test_a_hook_sees_the_sum_once(t):
    """However often the tensor was used."""
    seen = []
    x = leaf(t, 1)
    x.register_hook(lambda g: seen.append(g.item()))
    for _ in range(2):
        (x * 2 + x * 3 + x).backward()
    return seen, x


@judged
def test_a_removed_hook_does_not_run(t):
    """The handle takes it back."""
    x = leaf(t, 1)
    handle = x.register_hook(lambda g: g * 10)
    handle.remove()
    (x * 2).backward()
    return x


@judged(raises="cannot register a hook on a tensor that doesn't require gradient")
def test_a_tensor_without_gradient_takes_no_hook(t):
    """It would never run."""
    t.ones(2).register_hook(print)


@judged(raises="post accumulate grad hooks cannot be registered on non-leaf tensors")
def test_only_leaves_accumulate(t):
    """There is no moment after accumulation elsewhere."""
    (leaf(t, 1) * 2).register_post_accumulate_grad_hook(print)


# Functions.


@judged
def test_trailing_gradients_of_none_are_accepted(t):
    """One too many is fine if it is None."""
    mine = function(t, lambda ctx, x: x * 2, lambda ctx, g: (g * 2, None, None))
    x = leaf(t, 1)
    mine.apply(x).backward()
    return x


@judged(raises=r"returned an incorrect number of gradients \(expected 2, got 1\)")
def test_too_few_gradients_are_refused(t):
    """One for every argument of forward."""
    mine = function(t, lambda ctx, x, k: x * k, lambda ctx, g: g)
    mine.apply(leaf(t, 1), 2).backward()


@judged(raises=r"returned an incorrect number of gradients \(expected 1, got 2\)")
def test_too_many_gradients_are_refused(t):
    """Unless they are None."""
    mine = function(t, lambda ctx, x: x * 2, lambda ctx, g: (g, g))
    mine.apply(leaf(t, 1)).backward()


@pytest.mark.parametrize("materialize", [True, False])
@judged
def test_the_gradient_of_an_unused_output(t, materialize):
    """Zeros, or None after ``set_materialize_grads(False)``."""
    seen = []

    def forward(ctx, x):
        ctx.set_materialize_grads(materialize)
        return x * 2, x * 3

    def backward(ctx, g, h):
        seen.append(h if h is None else h.clone())
        return g * 2

    x = leaf(t, 1)
    function(t, forward, backward).apply(x)[0].backward()
    return seen, x


@judged
def test_outputs_that_are_not_differentiable(t):
    """They do not require grad, and their gradients are zeros."""
    seen = []

    def forward(ctx, x):
        index = x.argmax()
        rounded = x.round()
        ctx.mark_non_differentiable(index, rounded)
        return x * 2, index, rounded

    def backward(ctx, g, *others):
        seen.extend(other.tolist() for other in others)
        return g * 2

    x = leaf(t, 1, 2.4)
    y, index, rounded = function(t, forward, backward).apply(x)
    y.sum().backward()
    return seen, x, index, rounded


@judged
def test_an_input_returned_as_it_is(t):
    """It comes back as another tensor on the same memory, with the Function's node."""
    mine = function(t, lambda ctx, x: x, lambda ctx, g: g * 5)
    x = leaf(t, 1)
    y = mine.apply(x)
    y.backward()
    return y is x, y._is_view(), y.grad_fn.name(), x


@judged
def test_a_dirty_input_returned_is_the_same_object(t):
    """What was written to, and said to be, keeps its identity and gets the Function's node."""

    def forward(ctx, x):
        x.mul_(2)
        ctx.mark_dirty(x)
        return x

    mine = function(t, forward, lambda ctx, g: g * 2)
    x = leaf(t, 1)
    y = x * 3
    z = mine.apply(y)
    z.backward()
    return z is y, y, x


@pytest.mark.parametrize("twice", [False, True])
def test_once_differentiable(twice):
    """It is an error to differentiate twice, and none to record the first time."""

    def snippet(t):
        backward = t.autograd.function.once_differentiable(lambda ctx, g: g * 2)
        x = leaf(t, 1)
        y = function(t, lambda ctx, x: x * 2, backward).apply(x) ** 2
        (g,) = t.autograd.grad(y, x, create_graph=True)
        if twice:
            g.backward()
        return g.detach()

    judged(snippet, raises="once_differentiable" if twice else None)()


@judged(raises="save_for_backward can only save variables, but argument 0 is of type int")
def test_only_tensors_are_saved(t):
    """Other things are attributes of ctx."""

    def forward(ctx, x):
        ctx.save_for_backward(3)
        return x * 2

    function(t, forward, lambda ctx, g: g).apply(leaf(t, 1))


@pytest.mark.parametrize("which", ["input", "output"])
@judged(raises="modified by an inplace operation")
def test_what_a_function_saves_is_checked(t, which):
    """As what any operation saves."""

    def forward(ctx, x):
        y = x * 2
        ctx.save_for_backward(x, y)
        return y

    def backward(ctx, g):
        ctx.saved_tensors
        return g

    x = leaf(t, 1) * 1
    y = function(t, forward, backward).apply(x)
    (x if which == "input" else y).detach().zero_()
    y.backward()


@judged(raises="Trying to backward through the graph a second time")
def test_what_a_function_saves_is_freed(t):
    """As what any operation saves."""

    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * 2

    def backward(ctx, g):
        ctx.saved_tensors
        return g

    y = function(t, forward, backward).apply(leaf(t, 1))
    y.backward()
    y.backward()


@judged
def test_a_function_is_differentiated_again_through_its_backward(t):
    """Under ``create_graph`` the operations of a custom backward are recorded."""

    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * 3 * x**2

    x = leaf(t, 2)
    (g,) = t.autograd.grad(function(t, forward, backward).apply(x), x, create_graph=True)
    return g.detach(), t.autograd.grad(g, x)


@judged
def test_forward_of_a_function_is_not_recorded(t):
    """Its inputs require grad as they do, and its results do not until they are returned."""
    seen = []

    def forward(ctx, x):
        y = x * 2
        seen.extend([t.is_grad_enabled(), x.requires_grad, y.requires_grad])
        return y

    y = function(t, forward, lambda ctx, g: g * 2).apply(leaf(t, 1))
    return seen, y


@judged
def test_needs_input_grad(t):
    """ctx tells which arguments want a gradient."""
    seen = []

    def backward(ctx, g):
        seen.append(ctx.needs_input_grad)
        return g, None, None

    mine = function(t, lambda ctx, x, y, k: x + y * k, backward)
    mine.apply(leaf(t, 1), t.ones(1, dtype=t.float64), 2).backward()
    return seen
