"""The CTC loss and its gradient, against torch."""

import numpy as np
import pytest

from tests.judge import judged

RANDOM = np.random.default_rng(0)
SCORES = RANDOM.standard_normal((7, 3, 5))
PADDED = [[1, 2, 2, 4], [3, 3, 0, 0], [4, 1, 2, 0]]
JOINED = [1, 2, 2, 4, 3, 3, 4, 1, 2]


def loss_and_gradient(t, targets, spans=(7, 5, 6), sizes=(4, 2, 3), **settings):
    x = t.tensor(SCORES, requires_grad=True)
    logs = x.log_softmax(-1)
    loss = t.nn.functional.ctc_loss(logs, t.tensor(targets), spans, sizes, **settings)
    loss.sum().backward()
    return loss.detach(), x


@judged(ulps=200)
@pytest.mark.parametrize("targets", [PADDED, JOINED], ids=["padded", "joined"])
@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
def test_loss(t, targets, reduction):
    return loss_and_gradient(t, targets, reduction=reduction)


@judged(ulps=200)
@pytest.mark.parametrize("zero_infinity", [False, True])
def test_a_text_too_long_and_none(t, zero_infinity):
    spans = (4, 2, 1)  # the first has a letter twice, the second has, the third has no letters
    return loss_and_gradient(
        t, PADDED, spans, (4, 2, 0), reduction="none", zero_infinity=zero_infinity
    )


@judged(ulps=200)
def test_another_blank_one_sample_and_lengths_as_tensors(t):
    x = t.tensor(SCORES[:, 0], requires_grad=True)
    loss = t.nn.CTCLoss(blank=3, reduction="none")
    y = loss(x.log_softmax(-1), t.tensor([1, 2, 0]), t.tensor(7), t.tensor(3))
    y.backward()
    return y.detach(), x, repr(loss)


@judged(ulps=200)
def test_the_gradient_presupposes_a_log_softmax(t):
    x = t.tensor(SCORES, requires_grad=True)
    t.nn.functional.ctc_loss(x, t.tensor(PADDED), (7, 5, 6), (4, 2, 3)).backward()
    return x


WRONG = {
    "input_lengths must be of size batch_size": {"spans": (7,)},
    "Expected input_lengths to have value at most": {"spans": (8, 5, 6)},
    "Expected tensor to have size": {"sizes": (5, 2, 3)},
    "blank must be in label range": {"blank": 5},
    "is not a valid value for reduction": {"reduction": "all"},
}


@pytest.mark.parametrize("message", list(WRONG))
def test_errors(message):
    import minigrad

    with pytest.raises((RuntimeError, ValueError), match=message):
        loss_and_gradient(minigrad, PADDED, **WRONG[message])


def test_there_is_no_second_derivative():
    import minigrad as mg

    x = mg.tensor(SCORES, requires_grad=True)
    loss = mg.nn.functional.ctc_loss(x.log_softmax(-1), mg.tensor(PADDED), (7, 5, 6), (4, 2, 3))
    (g,) = mg.autograd.grad(loss, x, create_graph=True)
    with pytest.raises(RuntimeError, match="_ctc_loss_backward is not implemented"):
        mg.autograd.grad(g.pow(2).sum(), x)


@judged
@pytest.mark.parametrize("batched", [True, False])
@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
@pytest.mark.parametrize("zero_infinity", [True, False])
def test_the_names_of_the_nodes(t, batched, reduction, zero_infinity):
    logs = t.tensor(SCORES if batched else SCORES[:, 0], requires_grad=True)
    spans, sizes = ((7, 5, 6), (4, 2, 3)) if batched else ((7,), (4,))
    loss = t.nn.functional.ctc_loss(
        logs,
        t.tensor(PADDED if batched else PADDED[0]),
        spans,
        sizes,
        reduction=reduction,
        zero_infinity=zero_infinity,
    )
    names, node = [], loss.grad_fn
    while node is not None:
        names.append(node.name())
        node = next((n for n, _ in node.next_functions if n is not None), None)
    return names


LENGTHS = [
    "t.tensor([4.0, 4.0]), t.tensor([1, 1])",
    "t.tensor([4, 4]), t.tensor([1.0, 1.0])",
    "t.tensor([4, 4]), t.tensor([True, True])",
    "[4, 4], t.tensor([1, 1])",
    "t.tensor([4, 4]), (1, 1)",
    "[4.0, 4.0], [1, 1]",
    "4, 1",
]


@judged(raises="must be integral|invalid combination of arguments")
@pytest.mark.parametrize("lengths", LENGTHS)
def test_lengths_of_other_types(t, lengths):
    logs = t.zeros(4, 2, 3).log_softmax(-1)
    t.nn.functional.ctc_loss(logs, t.ones(2, 2).long(), *eval(lengths, {"t": t}))


MISFITS = [
    "t.ones(2, 3, 3).log(), t.ones(2, 2).long(), (2, 2, 2), (1, 1, 1)",
    "t.ones(2, 3, 3).log(), t.ones(4, 2).long(), (2, 2, 2), (1, 1, 1)",
    "t.ones(2, 3, 3).log(), t.ones(3, 2).long(), (2, 2, 2), (-1, 1, 1)",
    "t.ones(2, 3, 3).log(), t.ones(2).long(), (2, 2, 2), (-1, 2, 1)",
    "t.ones(2, 3, 3).log(), t.ones(3, 2).long(), (2, 2, -2), (1, 1, 1)",
    "t.ones(2, 3, 3).log(), t.tensor(1), (2, 2, 2), (1, 1, 1)",
    "t.ones(2, 3, 3).log(), t.ones(3, 2, 1).long(), (2, 2, 2), (1, 1, 1)",
    "t.ones(2, 0, 3), t.ones(0, 2).long(), t.ones(0).long(), t.ones(0).long()",
    "t.ones(0, 1, 3), t.ones(1, 2).long(), (0,), (0,)",
]


@judged(raises="Expected |must not be empty")
@pytest.mark.parametrize("given", MISFITS)
def test_targets_and_lengths_that_do_not_fit(t, given):
    t.nn.functional.ctc_loss(*eval(given, {"t": t}))


def test_a_target_below_zero():
    import minigrad as mg

    logs = mg.zeros(4, 2, 3).log_softmax(-1)
    with pytest.raises(IndexError, match="no class -1"):
        mg.nn.functional.ctc_loss(logs, -mg.ones(2, 2).long(), (4, 4), (1, 1))
