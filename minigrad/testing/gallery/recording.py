"""Mistakes in what is recorded: saved values, views, modes, hooks, dtypes."""

from __future__ import annotations

from minigrad.testing.gallery.mistake import Edit, Mistake

RECORDING = (
    Mistake(
        name="unchecked-saved-value",
        question="Why may I not write to this tensor?",
        what="uses saved values without a look at whether they have been written to since",
        why="""\
Saved values are not copied, so a write in place changes what backward will read. The answer
looks like a gradient and is that of another program. A counter of the writes to each piece of
memory tells.""",
        edits=(Edit("autograd.node:Saved.array", "value.version[0] != self.version", "False"),),
        program="""\
x = torch.tensor(0.0, requires_grad=True); y = x.exp()
y.mul_(100); y.backward()
x.grad""",
        tests=("tests/autograd/test_inplace.py::test_every_write_to_a_saved_value_is_noticed",),
        words=("a.exp()", "!b.mul_(2)"),
    ),
    Mistake(
        name="views-without-a-base",
        question="What is a view?",
        what="takes a view for a tensor of its own, that happens to share memory",
        why="""\
Slicing costs nothing, since the slice looks at the same memory. So writing to the slice changes
what it was cut from, in value *and* in derivative; here the base has the new value and the old
derivative.""",
        edits=(
            Edit(
                "autograd.views:as_view",
                "if type(version) is not list:",
                "if True:",
            ),
        ),
        program="""\
x = torch.ones(2, requires_grad=True); y = x * 1
y[0].mul_(10); y.sum().backward()
x.grad""",
        tests=(
            "tests/autograd/test_views.py::test_writes_through_views_of_views",
            "tests/autograd/test_views.py::test_writes_in_turn_through_base_and_views",
        ),
        words=("a * 1", "!b[0].mul_(2)"),
        shapes=((2,), (1,), (2, 2)),
    ),
    Mistake(
        name="no-grad-for-ever",
        question="What does `with no_grad()` promise?",
        what="leaves the recording off when an exception ends a `no_grad` block",
        why="""\
The code that restores the mode stands behind the block, where an exception does not pass. From
then on nothing is recorded, and the error comes far away from its cause.""",
        edits=(
            Edit(
                "autograd.modes:GradMode.__exit__",
                "mode.grad = self.previous",
                "mode.grad = self.previous if exception[0] is None else mode.grad",
            ),
        ),
        program="""\
x = torch.tensor(1.0, requires_grad=True)
with contextlib.suppress(KeyError), torch.no_grad(): raise KeyError
(x * 2).requires_grad""",
        tests=("tests/autograd/test_modes.py::test_an_exception_inside_no_grad_restores_the_mode",),
        words=("!with contextlib.suppress(KeyError), torch.no_grad(): raise KeyError",),
    ),
    Mistake(
        name="attached-detach",
        question="What does detach() do?",
        what="has a `detach()` that returns a tensor with its history",
        why="""\
`detach` says that what follows is to take a value as a constant: a target that the network
itself has computed, a statistic. With its history the gradient also changes the target, towards
the prediction.""",
        edits=(
            Edit(
                "tensor:Tensor.detach",
                "wrap(self.array)",
                "wrap(self.array, edge_of(self))",
            ),
        ),
        program="""\
x = torch.tensor(3.0, requires_grad=True)
(x * x.detach()).backward()
x.grad""",
        tests=("tests/autograd/test_views.py::test_detach",),
        words=("a.detach()", "a * b.detach()"),
    ),
    Mistake(
        name="hooks-in-reverse",
        question="In which order do hooks run?",
        what="runs the hooks of a tensor from the last one to the first",
        why="""\
Everything else in a backward pass goes in reverse. But hooks are a pipeline: each gets what the
one before it returned, in the order of registration, as with every list of callbacks.""",
        edits=(
            Edit(
                "autograd.hooks:through",
                "for hook in list(hooks.values()):",
                "for hook in reversed(list(hooks.values())):",
            ),
        ),
        program="""\
x = torch.tensor(1.0, requires_grad=True)
x.register_hook(lambda g: g * 10); x.register_hook(lambda g: g + 1); (x * 1).backward()
x.grad""",
        tests=("tests/autograd/test_hooks.py::test_each_hook_sees_what_the_one_before_returned",),
        words=("!a.register_hook(lambda g: g * 2)", "!a.register_hook(lambda g: g + 1)"),
    ),
    Mistake(
        name="promoted-by-numbers",
        question="Which dtype does a result have?",
        what="lets a tensor without dimensions decide the dtype, as numpy does",
        why="""\
A learning rate or a temperature is often a 0-d tensor, and float64 if it came from numpy. In
torch it counts as a number and leaves the vector float32; in numpy it makes it float64, at
twice the memory.""",
        edits=(
            Edit(
                "promotion:result_type",
                "(x.dtype, 2 if x.ndim else 1)",
                "(x.dtype, 2)",
            ),
        ),
        program="""\
x = torch.ones(2)
rate = torch.tensor(0.5, dtype=torch.float64)
x * rate""",
        tests=("tests/test_promotion.py::test_tensors_and_0d_tensors[float32-*]",),
        words=("a * torch.tensor(1.0, dtype=torch.float64)",),
    ),
)
