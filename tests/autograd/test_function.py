"""`autograd.Function`: what its context keeps, what its outputs are, and each error it raises."""

import gc
import importlib
import warnings
import weakref

import numpy as np
import pytest

import minigrad
from tests.judge import both, data, judged


def function(t, forward, backward, name="My", **more):
    methods = {"forward": staticmethod(forward), "backward": staticmethod(backward), **more}
    return type(name, (t.autograd.Function,), methods)


def leaf(t, *shape, seed=0):
    return t.tensor(data(*shape, seed=seed), requires_grad=True)


def cube(t):
    class Cube(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x * x

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return g * 3 * x * x

    return Cube


def exponential(t):
    def forward(ctx, x):
        out = x.exp()
        ctx.save_for_backward(out)
        return out

    return function(t, forward, lambda ctx, g: g * ctx.saved_tensors[0], "Exp")


@judged
def test_value_name_and_gradient(t):
    x = leaf(t, 3)
    y = cube(t).apply(x)
    y.sum().backward()
    return x, y, type(y.grad_fn).__name__, y.grad_fn.name(), repr(y.grad_fn).split(" at ")[0]


@pytest.mark.parametrize("make", [cube, exponential])
@judged
def test_derivatives_of_three_orders(t, make):
    x = leaf(t, 3)
    y = make(t).apply(x).sum()
    found = []
    for _ in range(3):
        (y,) = t.autograd.grad(y.sum(), x, create_graph=True)
        found.append(y.detach())
    return found


@judged
def test_grad_modes(t):
    x = leaf(t, 3)
    seen = []

    def forward(ctx, x):
        seen.append(t.is_grad_enabled())
        return x * 2

    def backward(ctx, g):
        seen.append((t.is_grad_enabled(), g.requires_grad))
        return g * 2

    double = function(t, forward, backward)
    double.apply(x).sum().backward()
    (double.apply(x) ** 2).sum().backward(create_graph=True)
    with t.no_grad():
        y = double.apply(x)
    return seen, y, t.is_grad_enabled()


@judged
def test_what_ctx_knows(t):
    x, n = leaf(t, 3), t.ones(3, dtype=t.float64)
    seen = []

    def forward(ctx, x, number, n):
        ctx.number, ctx.outputs, ctx.saved, ctx.edges, ctx.hooks = number, "o", "s", "e", "h"
        ctx.plan, ctx.write, ctx.ctx = "p", "w", "c"
        ctx.save_for_backward(None, n, x)
        seen.append((ctx.needs_input_grad, ctx.saved_tensors))
        return x * number * n

    def backward(ctx, g):
        seen.append((ctx.number, ctx.outputs, ctx.saved, ctx.edges, ctx.hooks, ctx.plan, ctx.write))
        nothing, n, x = ctx.saved_tensors
        seen.append((nothing, n, x.requires_grad, ctx.needs_input_grad))
        return g * ctx.number * n, None, None

    mine = function(t, forward, backward)
    y = mine.apply(x, 3.0, n)
    y.grad_fn.register_hook(lambda out, came: seen.append(len(out)))
    y.sum().backward()
    with t.no_grad():
        mine.apply(x, 2, n)
    return seen, x, y.grad_fn.needs_input_grad


@judged(raises="'MyBackward' object has no attribute 'nothing'")
def test_missing_attribute_of_ctx(t):
    mine = function(t, lambda ctx, x: x * 2, lambda ctx, g: g * ctx.nothing)
    mine.apply(leaf(t, 3)).sum().backward()


@judged(raises="'MyBackward' object has no attribute 'nothing'")
def test_missing_attribute_of_node(t):
    function(t, lambda ctx, x: x * 2, None).apply(leaf(t, 3)).grad_fn.nothing


@pytest.mark.torch
class TestSeparateContext:
    @staticmethod
    def power(t, seen):
        class Power(t.autograd.Function):
            @staticmethod
            def forward(x, n=3, factor=1):
                return x**n * factor

            @staticmethod
            def setup_context(ctx, inputs, output):
                x, ctx.n, ctx.factor = inputs
                seen.append((len(inputs), output.grad_fn, t.is_grad_enabled()))
                ctx.save_for_backward(x)

            @staticmethod
            def backward(ctx, g):
                (x,) = ctx.saved_tensors
                return g * ctx.factor * ctx.n * x ** (ctx.n - 1), None, None

        return Power

    def test_positional_default_and_keyword(self):
        @judged
        def snippet(t):
            x, seen = leaf(t, 3), []
            power = self.power(t, seen)
            y = power.apply(x) + power.apply(x, 2) + power.apply(n=4, x=x)
            y.sum().backward()
            return x, y, seen

        snippet()

    def test_input_returned_and_saved(self):
        def snippet(t):
            class Same(t.autograd.Function):
                @staticmethod
                def forward(x):
                    return x

                @staticmethod
                def setup_context(ctx, inputs, output):
                    ctx.save_for_backward(inputs[0])

            return Same.apply(leaf(t, 3))

        assert both(snippet).type == "RuntimeError"


@judged
def test_keywords_are_ordered_as_in_forward(t):
    a, b = leaf(t, 3), leaf(t, 3, seed=1)
    mine = function(t, lambda ctx, a, b: a * b, lambda ctx, g: (g * 2, g * 3))
    mine.apply(b=b, a=a).sum().backward()
    return a, b


@judged
def test_vjp_is_backward(t):
    class My(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def vjp(ctx, g):
            return g * 7

    x = leaf(t, 3)
    My.apply(x).sum().backward()
    return x


@judged
def test_several_outputs(t):
    x, seen = leaf(t, 3), []

    def forward(ctx, x):
        top, fixed = x * 5, x * 4
        ctx.mark_non_differentiable(fixed)
        return x * 2, 7, x.argmax(0), fixed, top, "text"

    def backward(ctx, *gs):
        seen.append([g if g is None else (g.dtype, g.tolist()) for g in gs])
        return gs[0] * 2 + gs[4] * 5

    y, seven, i, fixed, top, text = function(t, forward, backward).apply(x)
    numbers = y.output_nr, top.output_nr
    y.sum().backward()
    return y, seven, i, fixed, top, text, numbers, seen, x


@pytest.mark.parametrize("materialize", [True, False])
@judged
def test_output_that_nothing_reaches(t, materialize):
    x, seen = leaf(t, 3), []

    def forward(ctx, x):
        ctx.set_materialize_grads(materialize)
        return x * 2, x * 3

    def backward(ctx, g, h):
        seen.append((g if g is None else g.tolist(), h.tolist()))
        return h * 3

    function(t, forward, backward).apply(x)[1].sum().backward()
    return x, seen


@judged
def test_a_list_and_none_are_no_tensors(t):
    x = leaf(t, 3)
    listed = function(t, lambda ctx, x: [x * 2], None).apply(x)
    return listed, function(t, lambda ctx, x: None, None).apply(x)


@judged
def test_undefined_gradient(t):
    x = leaf(t, 3)
    stop = function(t, lambda ctx, x: x * 2, lambda ctx, g: None)
    cube(t).apply(stop.apply(cube(t).apply(x))).sum().backward()
    return x


@judged
def test_undefined_gradient_of_what_was_written_to(t):
    x, w = leaf(t, 3), leaf(t, 1, seed=1)
    z = x * 1
    z[:1] = w
    function(t, lambda ctx, x: x * 2, lambda ctx, g: None).apply(z).sum().backward()
    return x, w


@pytest.mark.parametrize("answer", ["float64", "float32", "int64", "broadcast"])
@judged
def test_gradient_is_made_to_fit(t, answer):
    x = leaf(t, 3)
    made = {"broadcast": lambda g: t.ones(4, 3)}.get(
        answer, lambda g: t.ones(3, dtype=getattr(t, answer))
    )
    function(t, lambda ctx, x: x * 2, lambda ctx, g: made(g)).apply(x).sum().backward()
    return x


WRONG = {
    "too few": lambda t, g: g,
    "too many": lambda t, g: (g, g, None, g),
    "no tensor": lambda t, g: (3, g, None),
    "a list": lambda t, g: ([g], g, None),
    "for a number": lambda t, g: (g, g, g),
    "shape": lambda t, g: (g, t.ones(7), None),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.torch
def test_wrong_answers(name):
    @judged(raises="")
    def snippet(t):
        a, b = leaf(t, 3), leaf(t, 3, seed=1)
        mine = function(t, lambda ctx, a, b, n: a * b, lambda ctx, g: WRONG[name](t, g))
        mine.apply(a, b, 3).sum().backward()

    snippet()


@judged
def test_more_nones_than_inputs(t):
    x = leaf(t, 3)
    function(t, lambda ctx, x: x * 2, lambda ctx, g: (g, None, None)).apply(x).sum().backward()
    return x


FORWARDS = {
    "save a number": lambda ctx, x: [ctx.save_for_backward(x, 3)] and x * 2,
    "dirty number": lambda ctx, x: [ctx.mark_dirty(3)] and x * 2,
    "fixed number": lambda ctx, x: [ctx.mark_non_differentiable(3)] and x * 2,
    "dirty, not returned": lambda ctx, x: [ctx.mark_dirty(x)] and x * 2,
    "dirty leaf": lambda ctx, x: [ctx.mark_dirty(x)] and x,
    "wrong arguments": lambda ctx: None,
}


@pytest.mark.parametrize("name", FORWARDS)
@pytest.mark.torch
def test_wrong_forwards(name):
    @judged(raises="")
    def snippet(t):
        function(t, FORWARDS[name], None).apply(leaf(t, 3))

    snippet()


@judged(raises="must implement the forward")
def test_no_forward(t):
    t.autograd.Function.apply(leaf(t, 3))


@judged(raises="must implement either the backward or vjp")
def test_no_backward(t):
    type("My", (t.autograd.Function,), {"forward": staticmethod(lambda ctx, x: x * 2)}).apply(
        leaf(t, 3)
    ).sum().backward()


@judged(raises="Implementing both 'backward' and 'vjp'")
def test_backward_and_vjp(t):
    vjp = staticmethod(lambda ctx, g: g)
    function(t, lambda ctx, x: x * 2, lambda ctx, g: g, vjp=vjp).apply(leaf(t, 3)).sum().backward()


@pytest.mark.torch
def test_legacy_use():
    def snippet(t):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            made = cube(t)()
        try:
            made(leaf(t, 3))
        except RuntimeError as error:
            return caught[0].category.__name__, str(error).split(". ")[0]

    both(snippet)


@judged
def test_forward_without_static(t):
    class My(t.autograd.Function):
        def forward(self, x):
            return x * 2

        def backward(self, g):
            return g * 2

    x = leaf(t, 3)
    My.apply(x).sum().backward()
    return x


@pytest.mark.torch
class TestSaved:
    @pytest.mark.parametrize("make", [cube, exponential])
    def test_second_backward(self, make):
        @judged(raises="second time")
        def snippet(t):
            y = make(t).apply(leaf(t, 3)).sum()
            y.backward()
            y.backward()

        snippet()

    def test_attributes_only(self):
        @judged
        def snippet(t):
            x = leaf(t, 3)
            y = function(t, lambda ctx, x: x * 2, lambda ctx, g: g * 2).apply(x).sum()
            y.backward()
            y.backward()
            return x

        snippet()

    @pytest.mark.parametrize("saves", [True, False])
    def test_after_freeing(self, saves):
        @judged(raises="after they have already been freed")
        def snippet(t):
            double = function(t, lambda ctx, x: x * 2, lambda ctx, g: g * 2)
            y = (cube(t) if saves else double).apply(leaf(t, 3))
            y.sum().backward()
            y.grad_fn.saved_tensors

        snippet()

    @pytest.mark.parametrize("make", [cube, exponential])
    @pytest.mark.parametrize("what", ["input", "output"])
    def test_written_to(self, make, what):
        def snippet(t):
            x = leaf(t, 3)
            z = x * 1
            y = make(t).apply(z)
            w = y * 1
            (z if what == "input" else y).mul_(2)
            w.sum().backward()
            return x

        both(snippet)

    def test_seen_from_outside(self):
        @judged
        def snippet(t):
            y = exponential(t).apply(leaf(t, 3))
            (saved,) = y.grad_fn.saved_tensors
            return saved, saved.grad_fn is y.grad_fn, y.grad_fn.needs_input_grad

        snippet()

    def test_retained_graph(self):
        @judged
        def snippet(t):
            x = leaf(t, 3)
            y = exponential(t).apply(cube(t).apply(x)).sum()
            y.backward(retain_graph=True)
            y.backward()
            return x

        snippet()


VIEWS = {
    "input": lambda x: x,
    "view of the input": lambda x: x[0:1],
    "view of something": lambda x: (x * 2).view(3, 1),
    "two views": lambda x: (x[0:1], x[1:]),
    "twice": lambda x: (x, x),
    "detached": lambda x: x.detach(),
}


def first(x):
    return x[0] if isinstance(x, tuple) else x


def zeros_or_sum(x):
    """A backward for outputs of all these shapes; its values do not matter."""
    return lambda ctx, g, *others: (g.sum() * 2).expand(3)


@pytest.mark.parametrize("requires_grad", [True, False])
@pytest.mark.parametrize("name", VIEWS)
@judged
def test_views_as_outputs(t, name, requires_grad):
    x = t.tensor(data(3), requires_grad=requires_grad)
    mine = function(t, lambda ctx, x: VIEWS[name](x), zeros_or_sum(x))
    z = x * 1
    y = first(mine.apply(z))
    if requires_grad:
        y.sum().backward()
    with t.no_grad():
        unrecorded = first(mine.apply(x))
    return x, y, y is z, y._base is z, first(mine.apply(x)) is x, unrecorded


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("write_to", ["output", "input"])
@pytest.mark.torch
def test_writing_to_views(name, write_to):
    def snippet(t):
        x = leaf(t, 3)
        z = x * 1
        y = first(function(t, lambda ctx, x: VIEWS[name](x), zeros_or_sum(x)).apply(z))
        (y if write_to == "output" else z).mul_(2)
        return y, y.grad_fn is None

    both(snippet)


def doubled_in_place(t):
    def forward(ctx, x, factor=2.0):
        x.mul_(factor)
        ctx.mark_dirty(x)
        return x

    return function(t, forward, lambda ctx, g, *rest: (g * 2, None))


class TestDirty:
    @pytest.mark.torch
    def test_same_object(self):
        def snippet(t):
            x = leaf(t, 3)
            z = x * 1
            y = doubled_in_place(t).apply(z, 2.0)
            (y * y).sum().backward()
            return x, y, y is z, z.grad_fn.name()

        both(snippet)

    @pytest.mark.torch
    def test_input_outside_the_graph(self):
        def snippet(t):
            x, n = leaf(t, 3), t.tensor(data(3, seed=1))

            def forward(ctx, n, x):
                n.mul_(x)
                ctx.mark_dirty(n)
                return n

            y = function(t, forward, lambda ctx, g: (None, g * 4)).apply(n, x)
            y.sum().backward()
            return x, n, y is n

        both(snippet)

    @pytest.mark.parametrize("requires_grad", [True, False])
    @pytest.mark.torch
    def test_view(self, requires_grad):
        def snippet(t):
            x, w = t.tensor(data(3), requires_grad=requires_grad), leaf(t, 1, seed=1)
            z = x * 1
            before, v = z[1:], z[:1]

            def forward(ctx, v, w):
                v.mul_(w)
                ctx.mark_dirty(v)
                return v

            y = function(t, forward, lambda ctx, g: (g * 2, g * 3)).apply(v, w)
            (z * z).sum().backward()
            return x, w, y, y is v, z, before

        both(snippet)

    @pytest.mark.torch
    def test_unrecorded(self):
        def snippet(t):
            x, n = leaf(t, 3), t.ones(3)
            with t.no_grad():
                y, m = doubled_in_place(t).apply(x, 2.0), doubled_in_place(t).apply(n, 2.0)
            return x, y, y is x, n, m is n

        both(snippet)

    @pytest.mark.torch
    def test_of_a_view_that_was_a_leaf_before_its_base_got_a_history(self):
        def snippet(t):
            w = leaf(t, 1)
            base = t.zeros(3)
            view = base.squeeze(-1).requires_grad_()
            base[:1] = w * 3
            doubled_in_place(t).apply(view, 2.0)
            base.sum().backward()
            return view.is_leaf, view, w.grad

        both(snippet)

    @pytest.mark.parametrize("case", ["view of a leaf", "part of unbind", "two outputs"])
    @pytest.mark.torch
    def test_refused(self, case):
        @judged(raises="")
        def snippet(t):
            x = leaf(t, 3)
            if case == "view of a leaf":
                doubled_in_place(t).apply(x[:1], 2.0)
            elif case == "part of unbind":
                doubled_in_place(t).apply((x * 1).view(3, 1).unbind(0)[0], 2.0)
            else:

                def forward(ctx, v):
                    v.mul_(2)
                    ctx.mark_dirty(v)
                    return v, v * 2

                function(t, forward, lambda ctx, g, h: g).apply((x * 1)[:1])

        if case == "part of unbind" and not hasattr(minigrad.Tensor, "unbind"):
            pytest.skip("no unbind")
        snippet()

    def test_one_of_two_views_is_not_to_be_written(self):
        """The reason is the one that torch gives, too, with its first sentence."""
        views = function(minigrad, lambda ctx, x: (x.view(2), x.view(2)), lambda ctx, g, h: g + h)
        view, _ = views.apply(leaf(minigrad, 2) * 1)
        with pytest.raises(RuntimeError, match="output of a function that returns multiple views"):
            view.mul_(2)

    def test_not_the_first_input(self):
        """Here torch sends the gradient of the other tensor to the view; we do not."""
        x, w = minigrad.ones(3, requires_grad=True), minigrad.ones(1, requires_grad=True)

        def forward(ctx, w, v):
            v.mul_(2)
            ctx.mark_dirty(v)
            return v

        z = x * 1
        function(minigrad, forward, lambda ctx, g: (g * 5, g * 2)).apply(w, z[:1])
        z.sum().backward()
        np.testing.assert_array_equal(x.grad.numpy(), [2, 1, 1])
        np.testing.assert_array_equal(w.grad.numpy(), [5])


@pytest.mark.torch
class TestOnceDifferentiable:
    @staticmethod
    def make(t):
        once = t.autograd.function.once_differentiable
        return function(
            t,
            lambda ctx, x: [ctx.save_for_backward(x)] and x * x,
            once(lambda ctx, g: 2 * ctx.saved_tensors[0] * g),
        )

    def test_first_derivative(self):
        def snippet(t):
            x = leaf(t, 3)
            (self.make(t).apply(x) ** 2).sum().backward()
            y = leaf(t, 3)
            (g,) = t.autograd.grad((self.make(t).apply(y) ** 2).sum(), y, create_graph=True)
            return x, g

        both(snippet)

    @pytest.mark.parametrize("how", ["backward", "constant"])
    def test_second_derivative(self, how):
        @judged(raises="")
        def snippet(t):
            x = leaf(t, 3)
            y = self.make(t).apply(x)
            y = y.sum() if how == "constant" else (y**2).sum()
            (g,) = t.autograd.grad(y, x, create_graph=True)
            g.sum().backward()

        snippet()

    def test_second_derivative_by_grad(self):
        """torch says that x was not used, and gives None with allow_unused."""
        x = leaf(minigrad, 3)
        y = (self.make(minigrad).apply(x) ** 2).sum()
        (g,) = minigrad.autograd.grad(y, x, create_graph=True)
        with pytest.raises(RuntimeError, match="trying to differentiate twice"):
            minigrad.autograd.grad(g.sum(), x, allow_unused=True)


@judged
def test_hooks_and_next_functions(t):
    x = leaf(t, 3)
    y = cube(t).apply(x * 1)
    seen = []
    y.grad_fn.register_hook(lambda out, came: seen.append((out, came)))
    y.register_hook(lambda g: g * 2)
    y.sum().backward()
    return x, seen, [fn.name() for fn, _ in y.grad_fn.next_functions]


@judged
def test_mixed_into_a_graph(t):
    x, w = leaf(t, 3), leaf(t, 3, seed=1)
    y = exponential(t).apply(x * w).sin()
    v = cube(t).apply(y + x)[1:]
    v.sum().backward()
    return x, w, y, v


def test_no_reference_cycle():
    x = minigrad.tensor(data(3), requires_grad=True)
    gc.disable()
    try:
        for make in (cube, exponential):
            mine = make(minigrad)
            y = mine.apply(x)
            node = weakref.ref(y.grad_fn)
            z = (y * 2).sum()
            z.backward(create_graph=True)
            x.grad = None
            del y, z
            assert node() is None, make
    finally:
        gc.enable()


def test_deep_chain():
    x = y = minigrad.tensor([1.0], requires_grad=True)
    same = function(minigrad, lambda ctx, x: x * 1, lambda ctx, g: g)
    for _ in range(20_000):
        y = same.apply(y)
    y.sum().backward()
    assert x.grad.item() == 1
    del y


def test_gradients_do_not_share_memory():
    a, b = minigrad.ones(3, requires_grad=True), minigrad.ones(3, requires_grad=True)
    add = function(minigrad, lambda ctx, a, b: a + b, lambda ctx, g: (g, g))
    seed = minigrad.ones(3)
    add.apply(a, b).backward(seed)
    assert not np.shares_memory(a.grad.array, b.grad.array)
    assert not np.shares_memory(a.grad.array, seed.array)


@judged
def test_an_output_that_is_no_input_is_marked_as_not_differentiable(t):
    base = t.tensor([1.0, 2.0], requires_grad=True)
    kept = [t.tensor([5.0], requires_grad=True), base * 2, base.detach()]

    class Passes(t.autograd.Function):
        @staticmethod
        def forward(ctx, x, i):
            ctx.mark_non_differentiable(kept[i])
            return kept[i], x * 2

        @staticmethod
        def backward(ctx, g_kept, g):
            return g * 2, None

    made = [Passes.apply(base, i) for i in range(3)]
    return [(fixed.requires_grad, fixed.tolist(), y.requires_grad) for fixed, y in made]


@judged
def test_hooks_on_what_a_function_saved(t):
    class Square(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return 2 * x * g

    x = t.tensor([3.0], requires_grad=True)
    y = Square.apply(x)
    y.grad_fn._raw_saved_tensors[0].register_hooks(lambda v: v * 5, lambda v: v)
    y.backward()
    return x.grad


@judged
def test_the_old_name_of_saved_tensors(t):
    class Square(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, g):
            with pytest.warns(DeprecationWarning, match="use 'saved_tensors'"):
                (x,) = ctx.saved_variables
            return 2 * x * g

    x = t.tensor([3.0], requires_grad=True)
    Square.apply(x).backward()
    return x.grad


@judged(raises="set_materialize_grads received an invalid combination of arguments")
def test_materializing_is_yes_or_no(t):
    class Identity(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.set_materialize_grads(1)
            return x.clone()

    Identity.apply(t.ones(1, requires_grad=True))


@pytest.mark.parametrize("attribute", ["saved_tensors", "saved_for_forward"])
@judged
def test_what_is_saved_for_a_tangent(t, attribute):
    class Square(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_forward(x)
            return x * x

        @staticmethod
        def jvp(ctx, tangent):
            (x,) = getattr(ctx, attribute)
            return 2 * x * tangent

    forward_ad = importlib.import_module(f"{t.__name__}.autograd.forward_ad")
    with forward_ad.dual_level():
        x = forward_ad.make_dual(t.tensor(3.0), t.tensor(1.0))
        return [each.item() for each in forward_ad.unpack_dual(Square.apply(x))]


@judged(raises="object has no attribute 'anything'")
def test_a_context_without_a_node(t):
    return t.autograd.function.FunctionCtx().anything


@judged
def test_ctx_is_a_node_of_the_graph(t):
    seen = []

    class Twice(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            names = ("next_functions", "name", "metadata", "register_hook", "nothing")
            seen.append([hasattr(ctx, name) for name in names])
            seen.append(len(ctx.next_functions))
            return g * 2

    Twice.apply(t.ones(1, requires_grad=True)).backward()
    return seen


@judged
def test_several_gradients_of_once_differentiable(t):
    class Product(t.autograd.Function):
        @staticmethod
        def forward(ctx, a, b):
            ctx.save_for_backward(a, b)
            return a * b

        @staticmethod
        @t.autograd.function.once_differentiable
        def backward(ctx, g):
            a, b = ctx.saved_tensors
            return g * b, g * a

    a, b = (t.tensor(x, requires_grad=True) for x in (2.0, 3.0))
    g = t.tensor(5.0, requires_grad=True)
    found = t.autograd.grad(Product.apply(a, b), (a, b), g, create_graph=True)
    return [x.detach() for x in found], [x.requires_grad for x in found]
