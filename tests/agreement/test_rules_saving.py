"""What minigrad promises of memory: what is saved, what may be written to, what views see.

Every test is one snippet that both libraries run.
"""

import contextlib

import pytest

from tests.judge import judged


def leaf(t, *values):
    return t.tensor(values, dtype=t.float64, requires_grad=True)


# Versions.


@judged
def test_a_version_is_shared_by_views_and_detach(t):
    """One counter for a base, its views and what was detached from it; ``.data`` has its own."""
    x = t.zeros(2, 2)
    view, detached, data = x[0], x.detach(), x.data
    view.add_(1)
    detached.add_(1)
    x.t().add_(1)
    data.add_(1)
    return [each._version for each in (x, view, detached, data)], x


@judged
def test_writes_through_data_go_unseen(t):
    """Writing to ``.data`` does not count, and the pass uses what is there."""
    x = leaf(t, 1, 2)
    y = x.exp() * x
    x.data.mul_(2)
    y.sum().backward()
    return x


@judged
def test_data_replaced_after_it_was_saved_is_used(t):
    """``x.data = ...`` counts no write, and an input that was saved has its new value."""
    x = leaf(t, 1)
    y = x * x
    x.data = t.tensor([5.0], dtype=t.float64)
    y.backward()
    return x, x._version


@judged
def test_writes_under_no_grad_and_by_optimizers_count(t):
    """A write is counted whether it is recorded or not."""
    x = leaf(t, 1, 2)
    with t.no_grad():
        x.mul_(2)
    (x * 3).sum().backward()
    before = x._version
    t.optim.SGD([x], lr=0.1).step()
    return before, x._version > before, x.detach()


@pytest.mark.parametrize("write", ["no_grad", "view", "detach", "optimizer"])
@judged(raises="modified by an inplace operation.*is at version \\d; expected version 0 instead")
def test_a_saved_value_that_was_written_to_is_refused(t, write):
    """The error comes in backward, when the value is wanted, and names both versions."""
    x = leaf(t, 1, 2)
    y = (x * x).sum()
    with t.no_grad():
        if write == "no_grad":
            x.mul_(2)
        elif write == "view":
            x[0] = 3
        elif write == "detach":
            x.detach().zero_()
        else:
            x.grad = t.ones_like(x)
            t.optim.SGD([x], lr=0.1).step()
    y.backward()


@judged
def test_a_write_before_saving_is_no_write(t):
    """What counts is the version at the time of saving."""
    x = leaf(t, 1, 2)
    y = x * 2
    y.add_(1)
    (y * y).sum().backward()
    return x


@judged(raises="modified by an inplace operation")
def test_the_version_guards_indices_too(t):
    """Indices that were saved are checked like floats."""
    x, i = leaf(t, 1, 2), t.tensor([0, 1])
    y = x[i]
    i.zero_()
    y.sum().backward()


@judged(raises="modified by an inplace operation")
def test_a_node_checks_all_that_it_saved(t):
    """Also what only a gradient that nobody asked for would need."""
    x, w = leaf(t, 1, 2), leaf(t, 3, 4)
    a = x * 2
    y = (a * w).sum()
    a.zero_()
    t.autograd.grad(y, x)


# What an operation saves.

SAVED = {
    "output": """
        x.relu() x.sigmoid() x.tanh() x.tan() x.exp() x.expm1() x.exp2() x.sqrt() x.rsqrt()
        x.reciprocal() x.softmax(0) x.log_softmax(0)
    """,
    "input": """
        x.log() x.log1p() x.sin() x.cos() x.asin() x.atan() x.abs() x.square() x.erf() x**3 x*x
        x/(2-x) x.clamp(0.2,0.8) F.leaky_relu(x) F.elu(x) F.gelu(x) F.selu(x) F.silu(x)
        F.softplus(x) x.maximum(c) x.atan2(c) F.mse_loss(x,c) F.layer_norm(x,[2],eps=1) x.var()
        F.binary_cross_entropy_with_logits(x,c) x.gather(0,i) F.huber_loss(x,c)
        F.max_pool1d(x.view(1,2),2) F.conv1d(x.view(1,1,2),w.view(1,1,2))
    """,
    "input and output": """
        x.max() x.amax() x.median() x.cumprod(0) x.logsumexp(0) 2**x x**x x.std() x.norm() x.prod()
        x.hypot(c)
    """,
    "nothing of its own": """
        -x x+1 x-c x.sum() x.mean() x.cumsum(0) 3*x x/2 x*c x/c x.max(0)[0] x.sort()[0] x.topk(1)[0]
        t.where(m,x,c) x[[0,0]] t.cat([x,x]) x.masked_fill(m,2) x.fmod(2) x.lerp(c,0.5) x@c
        F.dropout(x)
    """,
}
FORMS = [(saved, form) for saved, forms in SAVED.items() for form in forms.split()]


@pytest.mark.parametrize("written", ["input", "output"])
@pytest.mark.parametrize("saved, form", FORMS)
def test_what_an_operation_saves_is_what_must_not_be_written(saved, form, written):
    """exp saves its output, log its input, a norm both, and a sum or a factor for another neither.

    To write to the one that is not saved is as good as not to write; the other is an error.
    """

    def snippet(t):
        t.manual_seed(0)
        leaves = leaf(t, 0.3, 0.7), leaf(t, 0.5, 2.0)
        names = {"t": t, "F": t.nn.functional, "x": leaves[0] * 1, "w": leaves[1]}
        names["c"] = t.tensor([0.6, 0.1], dtype=t.float64)
        names["i"], names["m"] = t.tensor([1, 0]), t.tensor([True, False])
        y = eval(form, names)
        (y if written == "output" else names["x"]).detach().add_(1)
        y.backward(t.arange(1, 1 + y.numel()).view(y.shape))
        return leaves

    judged(snippet, raises="modified by an inplace operation" if written in saved else None)()


@pytest.mark.parametrize("edited", ["constant", "differentiated"])
def test_a_product_saves_a_factor_for_the_others_sake(edited):
    """``a * b`` saves ``b`` only if ``a`` is differentiated: the constant must stay as it is."""

    def snippet(t):
        x, c = leaf(t, 1, 2), t.tensor([3.0, 4.0], dtype=t.float64)
        a = x * 2
        y = a * c
        (c if edited == "constant" else a.detach()).add_(1)
        y.sum().backward()
        return x

    judged(snippet, raises="modified by an inplace" if edited == "constant" else None)()


@pytest.mark.parametrize("method", ["mul_", "div_"])
@judged(raises="modified by an inplace operation")
def test_a_tensor_written_with_itself_is_refused(t, method):
    """``y.mul_(y)`` overwrites the factor that it has saved."""
    y = leaf(t, 1, 2) * 2
    getattr(y, method)(y)
    y.sum().backward()


WRITES = {
    "pow_": lambda y: y.pow_(2),
    "sigmoid_": lambda y: y.sigmoid_(),
    "relu_": lambda y: y.relu_(),
    "exp_": lambda y: y.exp_(),
    "tanh_": lambda y: y.tanh_(),
}


@pytest.mark.parametrize("name", WRITES)
@judged
def test_writes_that_save_what_they_need_are_differentiated(t, name):
    """``pow_`` saves a copy of its input, the others what they have just written."""
    x = leaf(t, 1, -2)
    y = x * 2
    WRITES[name](y)
    y.sum().backward()
    return x, y


# Leaves.


@judged(raises="a leaf Variable that requires grad is being used in an in-place operation")
def test_a_leaf_is_not_written_while_gradients_are_recorded(t):
    """Its old value would have no place in the graph."""
    leaf(t, 1, 2).add_(1)


@judged(raises="a view of a leaf Variable that requires grad is being used in an in-place")
def test_nor_through_a_view(t):
    """A view writes to the leaf."""
    leaf(t, 1, 2)[0] = 5


@judged
def test_a_refused_write_changes_nothing(t):
    """The error comes before the write."""
    x = leaf(t, 1, 2)
    for write in (lambda: x.add_(1), lambda: x[:1].add_(1), lambda: x.__setitem__(0, 5.0)):
        with contextlib.suppress(RuntimeError):
            write()
    return x


@judged
def test_a_leaf_written_under_no_grad_stays_a_leaf(t):
    """Directly or through a view."""
    x = leaf(t, 1, 2)
    with t.no_grad():
        x.add_(1)
        x[0] = 5
    (x * 2).sum().backward()
    return x


# Views.


@judged
def test_a_write_through_a_view_moves_the_base(t):
    """The base gets a node, CopySlices: the region's gradient to the write, the rest as before."""
    x, w = leaf(t, 1, 2, 3), leaf(t, 10)
    base = x * 2
    base[:2].mul_(w)
    (base * t.tensor([1.0, 2.0, 3.0], dtype=t.float64)).sum().backward()
    return base, x, w, base.grad_fn.name()


@judged
def test_other_views_of_the_base_move_too(t):
    """They find a new ``grad_fn`` when they are next asked."""
    x = leaf(t, 1, 2, 3)
    base = x * 2
    row, tail = base.view(1, 3), base[1:]
    before = tail.grad_fn.name()
    base[:2].mul_(3)
    tail.sum().backward()
    return before, tail.grad_fn.name(), row.grad_fn.name(), x


@judged
def test_a_view_from_before_a_write_to_its_base(t):
    """It has the new value and the new graph."""
    x = leaf(t, 1, 2, 3)
    base = x * 2
    view = base[1:]
    base.mul_(5)
    view.sum().backward()
    return view, x


@judged
def test_an_operand_that_requires_grad_makes_the_written_tensor_require_it(t):
    """A plain tensor stops being a leaf."""
    w, plain = leaf(t, 2), t.ones(3, dtype=t.float64)
    plain.mul_(w)
    plain.sum().backward()
    return plain, w


@judged
def test_and_through_a_view_the_base(t):
    """The base of the written view requires grad from then on, and so do its other views."""
    w, base = leaf(t, 2), t.ones(3, dtype=t.float64)
    other = base[1:]
    base[:1].mul_(w)
    base.sum().backward()
    return base, other.requires_grad, other.is_leaf, w


@judged
def test_what_is_assigned_over_has_gradient_zero(t):
    """``x[i] = v``: none to what was there, to ``v`` the sum over where it was put."""
    x, v = leaf(t, 1, 2, 3), leaf(t, 5)
    y = x * 2
    y[:2] = v
    (y * y).sum().backward()
    return y, x, v


@judged
def test_copy_casts_both_ways(t):
    """``copy_`` writes in its own dtype, and the gradient returns in the other's."""
    x, v = leaf(t, 1, 2), t.tensor([0.1, 0.2], requires_grad=True)
    y = x * 2
    y.copy_(v)
    (y * y).sum().backward()
    return y, x, v


@judged
def test_gradients_of_an_index_used_twice_add_up(t):
    """An element that was taken several times gets the gradients of all."""
    x = leaf(t, 1, 2, 3)
    (x[[0, 0, 2]] * t.tensor([1.0, 10.0, 100.0], dtype=t.float64)).sum().backward()
    return x


@pytest.mark.parametrize("name", ["unbind", "split", "chunk"])
@judged(raises="This view is the output of a function that returns multiple views")
def test_one_of_several_views_is_not_written(t, name):
    """The views that come out of one call cannot be written while gradients are recorded."""
    base = leaf(t, 1, 2) * 2
    views = base.unbind() if name == "unbind" else getattr(base, name)(1)
    views[0].mul_(3)


@judged(raises="A view was created in no_grad mode and is being modified inplace with grad mode")
def test_a_view_from_no_grad_is_not_written_afterwards(t):
    """It has no node that would lead to the base."""
    base = leaf(t, 1, 2) * 2
    with t.no_grad():
        view = base[:1]
    view.mul_(3)


@pytest.mark.parametrize("form", ["view", "as is"])
@judged(raises="is a view and is being modified inplace")
def test_a_view_from_a_custom_function_is_not_written(t, form):
    """Its derivative is the Function's, of which the engine knows nothing."""

    class Look(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.view(-1) if form == "view" else x

        @staticmethod
        def backward(ctx, g):
            return g

    Look.apply(leaf(t, 1, 2) * 2).mul_(3)


@judged(raises="more than one element of the written-to tensor refers to a single memory location")
def test_an_expanded_tensor_is_not_written(t):
    """Several of its elements are one place in memory."""
    t.zeros(1).expand(3).add_(t.arange(3))


@judged(raises="Can't detach views in-place")
def test_a_view_is_not_detached_in_place(t):
    """It would part from its base."""
    (leaf(t, 1, 2) * 2)[:1].detach_()


@judged
def test_detach_shares_memory_and_is_no_view(t):
    """``_base`` of a view of a view is the root, and of what was detached None."""
    x = leaf(t, 1, 2, 3)
    view = x[1:][:1]
    detached = x.detach()
    detached[0] = 7
    return x, detached._is_view(), detached._base is None, view._base is x


@judged
def test_slices_are_views_and_lists_of_indices_copies(t):
    """As in numpy."""
    x = t.arange(6).view(2, 3)
    return x[1:]._is_view(), x[[1]]._is_view(), x[x > 2]._is_view(), x[t.tensor(1)]._is_view()


@judged
def test_reshape_is_a_view_where_it_can_be(t):
    """``reshape`` copies where strides do not allow a view."""
    x = t.arange(6.0).view(2, 3)
    return x.reshape(3, 2)._is_view(), x.t().reshape(6)._is_view(), x.t().reshape(6)


@judged(raises="view size is not compatible with input tensor's size and stride")
def test_view_refuses_to_copy(t):
    """``view`` raises there."""
    t.arange(6.0).view(2, 3).t().view(6)


@judged
def test_augmented_assignment_writes(t):
    """``x += 1`` changes every name and view of the memory."""
    x = t.zeros(3)
    same, view = x, x[1:]
    x += 1
    return same, view, same is x


@judged
def test_augmented_assignment_under_no_grad(t):
    """The result keeps its node, and the write is counted."""
    y = leaf(t, 1, 2) * 2
    with t.no_grad():
        y += 1
    return y, y._version


# Inference.


def made_in_inference(t):
    with t.inference_mode():
        return t.tensor([1.0, 2.0], dtype=t.float64)


@judged(raises="Inference tensors cannot be saved for backward")
def test_an_inference_tensor_is_not_saved(t):
    """It has no version that could be checked."""
    made_in_inference(t) * leaf(t, 3, 4)


@judged
def test_an_inference_tensor_takes_part_where_nothing_is_saved(t):
    """A sum needs nothing of it."""
    w = leaf(t, 3, 4)
    (made_in_inference(t) + w).sum().backward()
    return w


@judged(raises="Inplace update to inference tensor outside InferenceMode is not allowed")
def test_an_inference_tensor_is_not_written_elsewhere(t):
    """Outside of inference mode it is read-only."""
    made_in_inference(t).add_(1)


@judged(raises="Setting requires_grad=True on inference tensor outside InferenceMode")
def test_an_inference_tensor_does_not_come_to_require_grad(t):
    """A clone does."""
    made_in_inference(t).requires_grad_()
