"""Mistakes in the backward pass: in which order nodes run, and what becomes of cotangents."""

from __future__ import annotations

from minigrad.testing.gallery.mistake import Edit, Mistake

PASSES = (
    Mistake(
        name="no-order",
        question="Why a topological order?",
        what="runs a node as soon as anything has reached it, and each node once",
        why="""\
It is what one writes first: follow the edges, and mark what has been visited. But a node's
cotangent is the sum of what all its consumers send, and its rules may run only when that sum is
complete. Here `a` is used by the sum and by `b`, and runs before `b` has; what `b` sends is
lost.""",
        edits=(
            Edit(
                "autograd.backward:run",
                "node = heappushpop(heap, (-latest.number, latest))[1] if heap else latest",
                "node = latest",
                also=(
                    (
                        "came = sums = pending.pop(node)",
                        "came, pending[node] = pending[node], [None] * 9\n            sums = came",
                    ),
                    (
                        "ready = list(pending)",
                        "ready = [leaf for leaf in pending if not isinstance(leaf, Node)]",
                    ),
                ),
            ),
        ),
        program="""\
x = torch.tensor(3.0, requires_grad=True); a = x * 2; b = a * a
(b + a).backward()
x.grad""",
        tests=("tests/autograd/test_backward.py::test_diamonds_of_two_arms",),
    ),
    Mistake(
        name="assign-for-add",
        question="Why += and not =?",
        what="keeps the last cotangent that reached a value, and not the sum of all",
        why="""\
`x.grad = ...` reads well and is right as long as every value is used once. Used twice, a value
acts on the result in two ways, and the chain rule adds the two.""",
        edits=(
            Edit(
                "autograd.backward:run",
                "sums[output] = g if held is None else added(held, g)",
                "sums[output] = g",
            ),
        ),
        program="""\
x = torch.tensor(3.0, requires_grad=True)
(x * x).backward()
x.grad""",
        tests=(
            "tests/autograd/test_backward.py::test_same_tensor_twice_in_one_op",
            "tests/autograd/test_backward.py::test_matrix_times_its_own_transpose_by_hand",
        ),
    ),
    Mistake(
        name="overwritten-grad",
        question="Why does .grad add up over several backward passes?",
        what="overwrites `.grad` at each backward pass",
        why="""\
It would spare `zero_grad()`. But then a loss could not be summed part by part, each part with a
backward pass of its own, which is how one trains on batches that do not fit into memory.""",
        edits=(Edit("autograd.backward:accumulate", "held = grad_of(leaf)", "held = None"),),
        program="""\
x = torch.tensor(3.0, requires_grad=True)
(x * 2).backward(); (x * 5).backward()
x.grad""",
        tests=(
            "tests/autograd/test_backward.py::test_accumulation_is_in_place_and_keeps_the_object",
            "tests/autograd/test_backward.py::test_second_backward_over_a_shared_subgraph_by_hand",
        ),
    ),
    Mistake(
        name="never-zeroed",
        question="Why zero the gradients?",
        what="has a `zero_grad()` that does nothing, like a training loop without it",
        why="""\
Gradients add up in `.grad` until somebody says that a step is over. Without that, each step
goes along the sum of all gradients so far, those of places left long ago among them.""",
        edits=(Edit("optim.optimizer:Optimizer.zero_grad", "param.grad = None", "pass"),),
        program="""\
x = torch.tensor(1.0, requires_grad=True); sgd = torch.optim.SGD([x], lr=0.1)
for _ in range(3): sgd.zero_grad(); (x * x).backward(); sgd.step()
x""",
        tests=("tests/optim/test_optimizer.py::test_zero_grad",),
        words=("!z = torch.optim.SGD([a], lr=0.5)", "!z.step(); z.zero_grad()"),
    ),
    Mistake(
        name="left-over-cotangents",
        question="Why are gradients not kept in the graph?",
        what="leaves the cotangents of a pass in the nodes, where the next pass adds to them",
        why="""\
Small engines give every value a `grad`, and add to it; then all must be zeroed between two
passes, not the leaves alone. Here the second pass counts what the first left in the middle of
the graph again. Cotangents that live in a dictionary of the pass cannot be met by another.""",
        edits=(
            Edit(
                "autograd.backward:run",
                "came = sums = pending.pop(node)",
                "left = getattr(node, 'left', [None] * 9)\n"
                "            came = [g if h is None else h if g is None else h + g\n"
                "                    for g, h in zip(pending.pop(node), left)]\n"
                "            sums, node.left = list(came), came",
            ),
        ),
        program="""\
x = torch.tensor(3.0, requires_grad=True); y = (x * 2) * 5
y.backward(retain_graph=True); y.backward()
x.grad""",
        tests=(
            "tests/autograd/test_backward.py::test_second_backward_over_a_shared_subgraph",
            "tests/autograd/test_backward.py::test_second_backward_over_a_shared_subgraph_by_hand",
        ),
        words=("!b.sum().backward(retain_graph=True)",),
    ),
    Mistake(
        name="grad-in-the-middle",
        question="Why is .grad None for what is not a leaf?",
        what="fills `.grad` of every result on the way, and not of the leaves alone",
        why="""\
It is what one expects at first: ask any value for its gradient. But it keeps as much memory as
the forward pass made results, for numbers that nobody updates by. Who wants one asks for it
beforehand, with `retain_grad()`; elsewhere it is None, and minigrad and torch warn.""",
        edits=(
            Edit(
                "autograd.primitive:record",
                "result.edge = (node, 0)",
                "result.edge = (node, 0)\n    from minigrad.autograd.hooks import retain_grad\n"
                "    retain_grad(result)",
            ),
        ),
        program="""\
x = torch.tensor(3.0, requires_grad=True); y = x * 2
(y * y).backward()
y.grad""",
        tests=("tests/autograd/test_hooks.py::test_grad_of_a_tensor_that_is_no_leaf",),
    ),
    Mistake(
        name="not-unbroadcast",
        question="Why sum over the axes of broadcasting?",
        what="sends an operand of broadcasting the cotangent in the shape of the result",
        why="""\
The rule of `a * b` says `g * b`, and where both have one shape that is all. But broadcasting
repeats an operand, and a value that is used several times gets the sum of its cotangents. What
comes out has the wrong shape, and the next update, which broadcasts too, gives the parameter
that shape.""",
        edits=(Edit("autograd.backward:fit", "if given != shape:", "if False:"),),
        program="""\
x = torch.ones(1, 2, requires_grad=True)
(x * torch.ones(3, 2)).sum().backward()
x.grad""",
        tests=(
            "tests/autograd/test_backward.py::test_both_operands_broadcast",
            "tests/autograd/test_backward.py::test_both_operands_broadcast_by_hand",
        ),
    ),
    Mistake(
        name="wrong-broadcast-axis",
        question="Over which axes does one sum?",
        what="undoes broadcasting by a sum over the last axis, whichever it was",
        why="""\
One tests with a bias that is added to columns, and the last axis is right. Shapes are aligned
at their ends: what was repeated are the axes in front, and those of size 1. With a square
matrix the wrong sum even has the right shape.""",
        edits=(
            Edit(
                "autograd.backward:fit",
                "kept_sums(g, copied_axes(given, shape))",
                "kept_sums(g, (len(given) - 1,))",
            ),
        ),
        program="""\
b = torch.zeros(2, requires_grad=True)
((torch.zeros(2, 2) + b) * torch.tensor([[1.0, 2.0], [3.0, 4.0]])).sum().backward()
b.grad""",
        tests=(
            "tests/autograd/test_backward.py::test_both_operands_broadcast",
            "tests/autograd/test_backward.py::test_both_operands_broadcast_by_hand",
        ),
    ),
    Mistake(
        name="shared-gradients",
        question="May two gradients be one array?",
        what="makes the array that arrives a leaf's `.grad`, although others hold it too",
        why="""\
The rule of `a + b` sends the same `g` to both, and a copy seems a waste. But `.grad` is added
to in place: by the next pass, by clipping, by an optimizer. Then the other leaf's gradient
changes with it.""",
        edits=(
            Edit(
                "autograd.backward:run",
                "ours = getrefcount(g) <= ONE_REFERENCE",
                "ours = True",
            ),
        ),
        program="""\
a, b = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
(a + b).backward(torch.ones(2)); a.grad.mul_(100)
b.grad""",
        tests=(
            "tests/autograd/test_backward.py::test_no_two_gradients_share_memory[False-of_a_sum]",
        ),
        words=("!b.backward(torch.ones(b.shape)); a.grad.mul_(2)",),
        shapes=((1,), (2,)),
    ),
    Mistake(
        name="uncast-cotangent",
        question="Which dtype does a gradient have?",
        what="sends cotangents on in the dtype of the result, and not in the operand's",
        why="""\
A float32 operand that meets a float64 one is cast, and the derivative of a cast is the cast
back. Without it the gradients of float32 parameters are float64, and so, after the next update,
are the parameters.""",
        edits=(
            Edit(
                "autograd.backward:fit",
                "return g if type(g) is ndarray and g.dtype is dtype else np.asarray(g, dtype)",
                "return np.asarray(g)",
            ),
        ),
        program="""\
x = torch.tensor(1.0, requires_grad=True)
(x * torch.tensor(2.0, dtype=torch.float64)).backward()
x.grad""",
        tests=(
            "tests/autograd/test_primitive.py::test_backward_with_and_without_create_graph_gives_"
            "the_same_bits[elementwise._to_copy]",
            "tests/test_promotion.py::test_gradients_have_their_leafs_dtype",
        ),
        words=("a.double()", "a.double() * 1"),
    ),
    Mistake(
        name="always-freed",
        question="What is retain_graph for?",
        what="frees the graph although `retain_graph=True` asks it not to",
        why="""\
The saved values are most of the memory that a graph holds, so a pass drops them on its way.
Whoever goes backward twice through one graph has to say so beforehand.""",
        edits=(Edit("autograd.backward:run", "if not retain_graph:", "if True:"),),
        program="""\
x = torch.tensor(3.0, requires_grad=True); y = x * x
y.backward(retain_graph=True); y.backward()
x.grad""",
        tests=(
            "tests/autograd/test_backward.py::test_retain_graph_keeps_everything",
            "tests/autograd/test_backward.py::test_second_backward_over_a_shared_subgraph_by_hand",
        ),
        words=("!b.sum().backward(retain_graph=True)",),
    ),
    Mistake(
        name="never-freed",
        question="Why does a second backward raise an error?",
        what="keeps all saved values, so that going backward twice is no error",
        why="""\
It costs the memory of the whole forward pass for as long as anything refers to the loss; and
whoever calls `backward()` twice by mistake gets doubled gradients where an error would have
told them.""",
        edits=(Edit("autograd.backward:run", "if not retain_graph:", "if False:"),),
        program="""\
x = torch.tensor(3.0, requires_grad=True); y = x * x
y.backward(); y.backward()
x.grad""",
        tests=("tests/autograd/test_backward.py::test_freed_graph",),
    ),
    Mistake(
        name="grad-fills-grad",
        question="How do grad() and backward() differ?",
        what="also adds what `autograd.grad` returns to `.grad`",
        why="""\
It is the easiest way to write the one by way of the other. But `grad` is for gradients that are
part of a computation, a penalty on their size say; they must not be in the sum that the
optimizer takes.""",
        edits=(
            Edit(
                "autograd.backward:run",
                "found[leaf, 0] = g\n",
                "found[leaf, 0] = g\n                    accumulate(leaf, g, False)\n",
            ),
        ),
        program="""\
x = torch.tensor(3.0, requires_grad=True)
torch.autograd.grad(x * x, x)
x.grad""",
        tests=("tests/autograd/test_api.py::test_grad_returns_a_tuple_and_leaves_grad_alone",),
        words=("!z = torch.autograd.grad(b.sum(), a)",),
    ),
    Mistake(
        name="constant-gradient",
        question="What does create_graph do?",
        what="does not record the backward pass under `create_graph=True`",
        why="""\
A gradient is a function of the inputs and can be differentiated, if the operations that
computed it were recorded. If not, a penalty on the gradient is a constant, and trains nothing.""",
        edits=(
            Edit(
                "autograd.backward:run",
                "before, mode.grad, mode.backward = (mode.grad, mode.backward), create_graph, True",
                "before, mode.grad, mode.backward = (mode.grad, mode.backward), False, True",
            ),
        ),
        program="""\
x = torch.tensor(2.0, requires_grad=True)
(slope,) = torch.autograd.grad(x**3, x, create_graph=True)
slope.requires_grad""",
        tests=(
            "tests/autograd/test_backward.py::test_third_derivative_by_hand",
            "tests/autograd/test_primitive.py::test_gradgradcheck[arithmetic.mul]",
        ),
        words=("torch.autograd.grad(b.sum(), a, create_graph=True)[0]",),
    ),
    Mistake(
        name="output-without-history",
        question="Does a saved value have a derivative?",
        what="treats the outputs that nodes have saved as constants in second derivatives",
        why="""\
`exp` saves its output and multiplies by it. An output that kept its edge would refer to the
node that keeps it, so the edge is left out, and has to be put back when the saved value is
unpacked. Without it everything is right until one differentiates twice.""",
        edits=(
            Edit(
                "autograd.node:SavedOutput.tensor",
                "(node, self.output) if differentiable else None",
                "None",
            ),
        ),
        program="""\
x = torch.tensor(0.0, requires_grad=True)
(slope,) = torch.autograd.grad(x.exp() + x**2, x, create_graph=True)
torch.autograd.grad(slope, x)""",
        tests=("tests/autograd/test_primitive.py::test_gradgradcheck[elementwise._exp]",),
        words=("a.exp()", "a.sigmoid()", "torch.autograd.grad(b.sum(), a, create_graph=True)[0]"),
    ),
)
