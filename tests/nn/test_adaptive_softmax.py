"""AdaptiveLogSoftmaxWithLoss, and the choice of an implementation of attention."""

import pytest

from tests.judge import judged


@judged(ulps=2.0**11)
def test_adaptive_softmax(t):
    t.manual_seed(0)
    m = t.nn.AdaptiveLogSoftmaxWithLoss(16, 10, [3, 6], div_value=2.0, head_bias=True)
    x, y = t.randn(7, 16, requires_grad=True), t.tensor([0, 9, 4, 5, 2, 7, 1])
    made = m(x, y)
    made.loss.backward()
    one = m(x[0], y[0])
    gradients = [p.grad.norm().item() for p in m.parameters()], x.grad.norm(dim=1).tolist()
    numbers = [made.output.tolist(), one.output.item(), one.loss.item(), m.log_prob(x).tolist()]
    return numbers, gradients, m.predict(x), str(m), made._fields, list(m.state_dict())


@pytest.mark.parametrize("cutoffs", [[2, 6], [4, 2], [2, 2], [0], [1.5], []])
@judged(raises="cutoffs should be a sequence")
def test_cutoffs_are_checked(t, cutoffs):
    t.nn.AdaptiveLogSoftmaxWithLoss(4, 6, cutoffs)


@pytest.mark.parametrize("target", [[1], [[1, 1]], [1, 9], 1])
@judged(raises="(t|T)arget")
def test_targets_are_checked(t, target):
    m = t.nn.AdaptiveLogSoftmaxWithLoss(16, 6, [2, 4])
    m(t.ones(2, 16), t.tensor(target))


@judged
def test_the_choice_of_attention_changes_nothing(t):
    A = t.nn.attention
    x = t.arange(6.0).reshape(1, 2, 3)
    with A.sdpa_kernel([A.SDPBackend.MATH, A.SDPBackend.FLASH_ATTENTION], set_priority=True):
        pass
    with A.sdpa_kernel(A.SDPBackend.MATH):
        return t.nn.functional.scaled_dot_product_attention(x, x, x), list(A.SDPBackend.__members__)


@judged(raises="Backend must be an instance of SDPBackend")
def test_a_choice_of_nothing(t):
    with t.nn.attention.sdpa_kernel(3):
        pass


@judged
def test_the_node_of_the_log_probabilities(t):
    t.manual_seed(0)
    layer = t.nn.AdaptiveLogSoftmaxWithLoss(16, 12, [3, 6])
    return type(layer(t.ones(2, 16), t.tensor([0, 8])).output.grad_fn).__name__
