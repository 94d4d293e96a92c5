"""Mistakes in what networks are made of: softmax, convolutions, normalization, dropout."""

from __future__ import annotations

from minigrad.testing.gallery.mistake import Edit, Mistake

IMAGES = ((1, 1, 2, 2), (1, 1, 1, 2), (1, 1, 3, 3))
CALL = "torch.nn.functional"

NETWORKS = (
    Mistake(
        name="softmax-by-element",
        question="What is the derivative of softmax?",
        what="takes softmax for an elementwise function, with derivative s (1 - s)",
        why="""\
That is the diagonal of its Jacobian, diag(s) - s s^T. But every output depends on every input,
since all share the sum in the denominator: the rank-one term s s^T is missing.""",
        edits=(
            Edit(
                "ops.softmax:_softmax",
                "x=lambda g, out, dims: "
                "out * (g - np.add.reduce(g * out, axis=dims, keepdims=True)),",
                "x=lambda g, out: g * out * (1 - out),",
            ),
        ),
        program="""\
x = torch.tensor([0.0, 0.0], requires_grad=True)
(torch.softmax(x, 0) * torch.tensor([4.0, 8.0])).sum().backward()
x.grad""",
        tests=("tests/autograd/test_primitive.py::test_gradcheck[softmax._softmax]",),
        words=("a.softmax(-1)",),
    ),
    Mistake(
        name="cross-entropy-without-target",
        question='Why is the gradient "probabilities minus one-hot"?',
        what="drops the cotangent itself from the rule of log_softmax, and with it the target",
        why="""\
The gradient of the cross-entropy by the scores is softmax minus 1 at the target. The first part
pushes all scores down; the second, the target, pushes the right one up. Without it nothing is
learnt but to be small.""",
        edits=(
            Edit(
                "ops.softmax:_log_softmax",
                "x=lambda g, out, dims: "
                "g - np.exp(out) * np.add.reduce(g, axis=dims, keepdims=True),",
                "x=lambda g, out, dims: -np.exp(out) * np.add.reduce(g, axis=dims, keepdims=True),",
            ),
        ),
        program="""\
scores = torch.zeros(1, 2, requires_grad=True)
torch.nn.functional.cross_entropy(scores, torch.tensor([0])).backward()
scores.grad""",
        tests=("tests/autograd/test_primitive.py::test_gradcheck[softmax._log_softmax]",),
        words=("a.log_softmax(-1)",),
    ),
    Mistake(
        name="kernel-not-flipped",
        question="Why is the kernel flipped in the gradient of a convolution?",
        what="slides the kernel the same way backward as forward",
        why="""\
A pixel x[i] is seen by the outputs y[i - k], through weight k: as the output moves on, the
weight moves back. So the gradient is the cotangent correlated with the *flipped* kernel;
symmetric ones hide it.""",
        edits=(
            Edit(
                "ops.convolution:convolve",
                "x=lambda g, weight, slide: spread(g, weight, None, slide),",
                "x=lambda g, weight, slide: spread(g, weight[..., ::-1], None, slide),",
            ),
        ),
        program="""\
x = torch.zeros(1, 1, 3, requires_grad=True)
torch.nn.functional.conv1d(x, torch.tensor([[[1.0, 2.0]]])).sum().backward()
x.grad""",
        tests=("tests/autograd/test_primitive.py::test_gradcheck[convolution.convolve]",),
        words=(f"{CALL}.conv2d(a, b)", f"{CALL}.conv2d(a, b, padding=1)"),
        shapes=IMAGES,
    ),
    Mistake(
        name="whole-window",
        question="Where does the gradient of max pooling go?",
        what="sends the gradient of max pooling to every element of the window",
        why="""\
That is the gradient of a sum. Only the largest element acts on the output, so it alone gets the
gradient, and the forward has to remember which one it was.""",
        edits=(
            Edit(
                "ops.pooling:_max2",
                "x=lambda g, x, indices, planes: put_into_planes(g, indices, planes),",
                "x=lambda g, lines: share(g, lines, 1),",
            ),
        ),
        program="""\
x = torch.tensor([[[[1.0, 5.0], [2.0, 3.0]]]], requires_grad=True)
torch.nn.functional.max_pool2d(x, 2).sum().backward()
x.grad""",
        tests=("tests/autograd/test_primitive.py::test_gradcheck[pooling._max2]",),
        words=(f"{CALL}.max_pool2d(a, (1, 2))",),
        shapes=IMAGES,
    ),
    Mistake(
        name="mean-taken-for-constant",
        question="Does the mean of a normalization have a derivative?",
        what="takes the mean in layer norm for a constant",
        why="""\
In `(x - mean) / std` both statistics are functions of x, and each adds a term to the
derivative. The true gradient sums to 0 over a row, since a shift of all inputs changes nothing;
this one does not.""",
        edits=(
            Edit(
                "ops.normalization:_normalize_backward",
                "mean = sum_over(dy, dims, weight) / n",
                "mean = 0.0",
            ),
        ),
        program="""\
x = torch.tensor([[0.0, 1.0]], requires_grad=True)
(torch.nn.functional.layer_norm(x, (2,), eps=1.0) * torch.tensor([1.0, 3.0])).sum().backward()
x.grad""",
        tests=("tests/autograd/test_primitive.py::test_gradcheck[normalization._layer_norm]",),
        words=(f"{CALL}.layer_norm(a, a.shape[-1:], eps=1.0)",),
        shapes=((1, 2), (2, 2)),
    ),
    Mistake(
        name="biased-running-variance",
        question="Which variance does batch norm remember?",
        what="remembers the biased variance of the batch for evaluation",
        why="""\
Batch norm uses two: it normalizes by the biased one, sum / n, and keeps a running average of
the unbiased one, sum / (n - 1), an estimate for the whole data. With small batches evaluation
is off by much.""",
        edits=(
            Edit(
                "nn.functional.normalization:by_channel",
                "unbiased = var * (n * rest / max(n * rest - 1, 1))",
                "unbiased = var",
            ),
        ),
        program="""\
norm = torch.nn.BatchNorm1d(1, momentum=1.0)
norm(torch.tensor([[1.0], [3.0]]))
norm.running_var""",
        tests=("tests/nn/test_functional_normalization.py::test_batch_norm[True-True-shape0]",),
        words=("[z := torch.nn.BatchNorm1d(1), z(a), z.running_var][2]",),
        shapes=((2, 1), (3, 1)),
    ),
    Mistake(
        name="mask-drawn-again",
        question="Why does dropout save its mask?",
        what="draws a new mask for the backward pass of dropout",
        why="""\
Calling the random generator again in backward is no recomputation: it gives other numbers. The
gradient must stop where the signal was dropped, and pass where it passed.""",
        edits=(
            Edit(
                "nn.functional.stochastic:dropped",
                "    return times(input, mask)",
                "    out = times(input, mask)\n"
                "    mask.array[...] = keep_mask(input, p, features).array / (1 - p)\n"
                "    return out",
            ),
        ),
        program="""\
torch.manual_seed(0); x = torch.ones(8, requires_grad=True)
y = torch.nn.functional.dropout(x, 0.5); y.sum().backward()
x.grad == y""",
        tests=("tests/nn/test_functional_stochastic.py::test_dropout[float32-0.3-dropout-shape0]",),
        words=(f"({CALL}.dropout(a), torch.manual_seed(0))[0]",),
    ),
)
