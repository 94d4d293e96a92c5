"""What minigrad promises of graphs: how gradients accumulate, what a pass visits and frees.

Every test is one snippet that both libraries run.
"""

import sys
import threading

import pytest

from tests.judge import judged


def leaf(t, *values):
    return t.tensor(values, dtype=t.float64, requires_grad=True)


def watch(x, name, seen):
    x.register_hook(lambda g: seen.append(name))
    return x


# Accumulation.


@judged
def test_a_second_backward_adds_into_the_same_grad(t):
    """A plain backward writes into the ``.grad`` that is there, which stays the same object."""
    x = leaf(t, 1, 2)
    (x * 3).sum().backward()
    first = x.grad
    (x * 4).sum().backward()
    return x, first is x.grad, first


@judged
def test_a_preset_grad_is_added_into(t):
    """A ``.grad`` that the user has set is written into as well."""
    x = leaf(t, 1, 2)
    mine = x.grad = t.tensor([10.0, 20.0], dtype=t.float64)
    (x * 3).sum().backward()
    return x, mine is x.grad, mine


@judged
def test_with_create_graph_the_sum_is_a_new_grad(t):
    """Under ``create_graph`` the sum is a new tensor, with a graph; the old one stays as it was."""
    x = leaf(t, 1, 2)
    (x**2).sum().backward()
    first = x.grad
    (x**3).sum().backward(create_graph=True)
    second = x.grad
    x.grad = None
    second.sum().backward()
    return x, first is second, first, second.detach(), second.requires_grad


@judged
def test_grads_share_no_memory_with_each_other_or_the_seed(t):
    """``a + b`` sends both leaves what was handed in, and each keeps a buffer of its own."""
    a, b, seed = leaf(t, 1, 2), leaf(t, 3, 4), t.tensor([5.0, 6.0], dtype=t.float64)
    (a + b).backward(seed)
    a.grad.add_(100)
    seed.add_(1000)
    return a, b, seed


@judged
def test_a_grad_is_laid_out_like_its_leaf(t):
    """The strides of a dense leaf, transposed or not, are those of its ``.grad``."""
    x = t.arange(6.0).view(2, 3).t().requires_grad_()
    y = t.arange(6.0).view(2, 3).requires_grad_()
    (x * y.t() * 2).sum().backward()
    return x.grad.stride(), y.grad.stride(), x, y


@judged
def test_a_grad_is_never_an_expanded_tensor(t):
    """``sum`` sends an expanded tensor back; what is kept has a place for every element."""
    x = t.ones(2, 3, requires_grad=True)
    x.sum().backward()
    x.grad[0, 0] = 7
    wide = t.ones(3).expand(2, 3).requires_grad_()
    wide.sum().backward()
    return x, wide.grad.stride()


@judged
def test_the_grad_of_a_leaf_with_gaps_is_contiguous(t):
    """A leaf that is not dense has a ``.grad`` in rows."""
    x = t.arange(8.0)[::2].requires_grad_()
    (x * 2).sum().backward()
    return x, x.grad.stride()


# None and zero.


@judged
def test_a_leaf_that_is_not_reached_has_no_grad(t):
    """Not reached is None, and reached through a factor of 0 is 0."""
    x, y, z = leaf(t, 1), leaf(t, 2), leaf(t, 3)
    (x * 2 + z * 0).backward()
    return x, y.grad is None, z


@judged
def test_a_function_that_returns_none_leaves_no_grad(t):
    """A backward that answers None sends nothing, and the leaf keeps None."""

    class Silent(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return None

    x = leaf(t, 1)
    Silent.apply(x).backward()
    return x.grad is None


@judged(raises="appears to not have been used in the graph")
def test_grad_refuses_a_tensor_that_was_not_used(t):
    """``autograd.grad`` wants every tensor it is given to be in the graph."""
    x, y = leaf(t, 1), leaf(t, 2)
    t.autograd.grad(x * 2, [x, y])


@judged
def test_grad_of_an_unused_tensor_is_none_or_zeros_on_request(t):
    """``allow_unused`` gives None, and ``materialize_grads`` zeros."""
    x, y = leaf(t, 1), leaf(t, 2, 3)
    none = t.autograd.grad((x * 2).sum(), [x, y], allow_unused=True)
    return none, t.autograd.grad((x * 2).sum(), [x, y], materialize_grads=True)


REFUSED = {
    "weights of cross_entropy": lambda t, f, w: f.cross_entropy(t.ones(2, 3), t.tensor([0, 1]), w),
    "weights of nll_loss": lambda t, f, w: f.nll_loss(t.ones(1, 3, 2), t.tensor([[0, 1]]), w),
    "weights of bce": lambda t, f, w: f.binary_cross_entropy(t.ones(3), t.ones(3), w),
    "pos_weight": lambda t, f, w: f.binary_cross_entropy_with_logits(
        t.ones(3), t.ones(3), pos_weight=w
    ),
    "weights of margins": lambda t, f, w: f.multi_margin_loss(
        t.ones(2, 3), t.tensor([0, 1]), weight=w
    ),
    "target of soft margins": lambda t, f, w: f.soft_margin_loss(t.ones(3), w),
    "running mean": lambda t, f, w: f.batch_norm(t.ones(2, 3), w, t.ones(3)),
    "running variance": lambda t, f, w: f.batch_norm(t.ones(2, 3), t.ones(3), w, training=True),
}


@pytest.mark.parametrize("name", REFUSED)
@judged(raises="is not differentiable with respect to argument")
def test_what_has_no_derivative_must_not_require_grad(t, name):
    """A gradient that would be missing is an error in the forward, not None in the backward."""
    REFUSED[name](t, t.nn.functional, t.ones(3, requires_grad=True))


@judged(raises="must be Number, not Tensor")
def test_a_setting_must_not_require_grad(t):
    """Numbers are constants: a tensor may stand for one if it asks for no gradient."""
    t.full((2,), t.tensor(2.0, requires_grad=True))


# The pass.


@judged
def test_the_latest_node_goes_first(t):
    """Of the nodes that are ready the latest runs; a leaf gets its gradient once it is complete."""
    seen = []
    x, w = watch(leaf(t, 1), "x", seen), watch(leaf(t, 2), "w", seen)
    a = watch(x * 2, "x*2", seen)
    watch(a * w, "y", seen).backward()
    return seen, x, w


@judged
def test_a_node_runs_once_with_the_sum(t):
    """A node used in several places waits for all of them, and sees one gradient."""
    seen = []
    x = leaf(t, 3)
    y = x * 2
    y.register_hook(lambda g: seen.append(g.item()))
    (y * 5 + y * y + y.exp() * 0).backward()
    return seen, x


@judged
def test_grad_runs_only_what_leads_to_its_inputs(t):
    """Branches that lead elsewhere run no hooks and keep what they saved."""
    seen = []
    x, w = leaf(t, 1), leaf(t, 2)
    other = watch(w.exp(), "other", seen)
    y = watch(x.exp(), "y", seen) + other
    g = t.autograd.grad(y, x, retain_graph=False)
    other.backward()
    return seen, g, x.grad is None, w


@judged
def test_backward_to_inputs_touches_no_other_leaf(t):
    """``backward(inputs=...)`` accumulates there and nowhere else."""
    x, w = leaf(t, 1), leaf(t, 2)
    (x * w).backward(inputs=[x])
    return x, w.grad is None


@judged
def test_the_walk_stops_at_a_requested_tensor(t):
    """Behind a requested result nothing runs, unless something there is requested too."""
    seen = []
    x = leaf(t, 1)
    y = watch(x.exp(), "y", seen)
    z = watch(y.sin(), "z", seen)
    g = t.autograd.grad(z, y, retain_graph=True)
    seen.append("|")
    both = t.autograd.grad(z, [y, x])
    return seen, g, both


@judged
def test_what_saved_nothing_can_be_walked_again(t):
    """A second pass is refused by what was saved and freed; sums and additions save nothing."""
    x = leaf(t, 1, 2)
    y = (x + 1).sum()
    y.backward()
    y.backward()
    return x


@judged(raises="Trying to backward through the graph a second time")
def test_what_was_saved_is_freed_by_the_pass(t):
    """Without ``retain_graph`` a node that ran has dropped what it saved."""
    y = leaf(t, 1, 2).exp().sum()
    y.backward()
    y.backward()


@judged
def test_retain_graph_keeps_what_was_saved(t):
    """With it the pass may be repeated."""
    x = leaf(t, 1, 2)
    y = x.exp().sum()
    y.backward(retain_graph=True)
    y.backward()
    return x


@judged
def test_attributes_of_a_function_are_not_freed(t):
    """What a custom Function keeps as plain attributes outlives a pass."""

    class Scale(t.autograd.Function):
        @staticmethod
        def forward(ctx, x, k):
            ctx.k = k
            return x * k

        @staticmethod
        def backward(ctx, g):
            return g * ctx.k, None

    x = leaf(t, 1)
    y = Scale.apply(x, 3.0)
    y.backward()
    y.backward()
    return x


@judged
def test_create_graph_retains_the_graph(t):
    """``create_graph`` means ``retain_graph``, unless told otherwise."""
    x = leaf(t, 1)
    y = x.exp()
    t.autograd.grad(y, x, create_graph=True)
    return t.autograd.grad(y, x), t.autograd.grad(x.exp(), x, create_graph=True)[0].requires_grad


@judged
def test_create_graph_wins_over_no_grad(t):
    """A pass under ``no_grad`` still records itself when asked to, and a plain one works."""
    x = leaf(t, 2)
    y = x**3
    with t.no_grad():
        (g,) = t.autograd.grad(y, x, create_graph=True)
        y.backward()
    return g.requires_grad, t.autograd.grad(g, x), x


@judged
def test_grad_mode_inside_a_pass_is_create_graph(t):
    """Hooks and a custom backward run with grad mode on if the pass is recorded, and else off."""
    seen = []

    class Spy(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            seen.append(("forward", t.is_grad_enabled()))
            return x * 2

        @staticmethod
        def backward(ctx, g):
            seen.append(("backward", t.is_grad_enabled()))
            return g * 2

    x = leaf(t, 1)
    x.register_hook(lambda g: seen.append(("hook", t.is_grad_enabled())))
    for create_graph in (False, True):
        t.autograd.grad(Spy.apply(x), x, create_graph=create_graph)
    return seen


@judged
def test_a_pass_runs_in_the_thread_that_asked(t):
    """Hooks see the caller's thread."""
    seen = []
    x = leaf(t, 1)
    x.register_hook(lambda g: seen.append(threading.current_thread().name))

    def work():
        (x * 2).backward()

    thread = threading.Thread(target=work, name="worker")
    thread.start()
    thread.join()
    return seen, x


@judged
def test_every_thread_starts_with_grad_on_and_inference_off(t):
    """The modes belong to a thread."""
    seen = []

    def work():
        seen.extend([t.is_grad_enabled(), t.is_inference_mode_enabled()])

    with t.no_grad(), t.inference_mode():
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        seen.extend([t.is_grad_enabled(), t.is_inference_mode_enabled()])
    return seen


@judged
def test_a_pass_inside_a_pass(t):
    """A hook may run a backward of its own."""
    x, w = leaf(t, 1), leaf(t, 2)

    def hook(g):
        with t.enable_grad():
            (w.exp() * 3).backward()
        return g * w.detach()

    y = x * 2
    y.register_hook(hook)
    (y * y).backward()
    return x, w


# Seeds, shapes and dtypes.


@pytest.mark.parametrize("shape", [(), (1,), (1, 1, 1)])
@judged
def test_one_element_needs_no_seed(t, shape):
    """The gradient is 1 where there is one element, whatever the rank."""
    x = t.ones(shape, requires_grad=True)
    (x * 3).backward()
    return x


@judged(raises="grad can be implicitly created only for scalar outputs")
def test_several_elements_need_a_seed(t):
    """Otherwise it must be said which."""
    (leaf(t, 1, 2) * 3).backward()


@judged(raises=r"Mismatch in shape: grad_output\[0\] has a shape of")
def test_a_seed_has_the_shape_of_its_output(t):
    """The seed is not broadcast."""
    (leaf(t, 1, 2, 3) * 3).backward(t.ones(2))


@judged
def test_a_seed_is_converted_to_the_dtype_of_its_output(t):
    """The shape must match, the dtype need not."""
    x = leaf(t, 1, 2)
    y = x * 3
    y.backward(t.tensor([1.0, 2.0], dtype=t.float32))
    return x


@judged
def test_gradients_are_summed_to_the_shape_of_their_input(t):
    """What was broadcast is summed."""
    x, row, one = t.ones(2, 3, requires_grad=True), leaf(t, 1, 2, 3), leaf(t, 4)
    (x * row * one).sum().backward()
    return x, row, one


@judged
def test_gradients_are_cast_to_the_dtype_of_their_input(t):
    """Every leaf gets its own dtype."""
    x, y = t.ones(2, requires_grad=True), leaf(t, 1, 2)
    (x * y).sum().backward()
    return x, y


def answering(t, g):
    class Answer(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, _):
            return g

    return Answer


@judged
def test_a_functions_gradient_is_made_to_fit(t):
    """A custom backward's answer is summed and cast like any other."""
    x, y = leaf(t, 1, 2), leaf(t, 1, 2)
    answering(t, t.ones(3, 2)).apply(x).sum().backward()
    answering(t, t.ones(3, 2, dtype=t.float64)).apply(y).sum().backward()
    return x, y


@judged(raises="returned an invalid gradient at index 0 - got .7. but expected shape compatible")
def test_a_functions_gradient_that_cannot_fit_is_refused(t):
    """An answer of another shape is an error, never a guess."""
    answering(t, t.ones(7)).apply(leaf(t, 1, 2)).sum().backward()


# Depth and memory.


@judged
def test_deep_graphs_do_not_recurse(t):
    """Neither the pass, nor printing, nor freeing a graph of 100 000 nodes recurses."""
    x = leaf(t, 1)
    y = x
    for _ in range(100_000):
        y = y + 1
    y.backward()
    shown = repr(y)
    del y
    return x, shown, sys.getrecursionlimit() < 100_000


@judged
def test_what_saves_its_own_output_is_no_cycle(t):
    """Dropping the last reference frees a graph at once, without the garbage collector."""
    import gc
    import weakref

    freed = []

    class Watched(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.mark = Mark()
            freed.append(weakref.ref(ctx.mark))
            return x * 1

        @staticmethod
        def backward(ctx, g):
            return g

    gc.disable()
    try:
        y = Watched.apply(leaf(t, 1, 2)).exp().sigmoid().sqrt()
        alive = freed[0]() is not None
        del y
        return alive, freed[0]() is None
    finally:
        gc.enable()


class Mark:
    """Something to hold a weak reference to."""
