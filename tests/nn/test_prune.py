"""nn.utils.prune against torch: masks, what is registered, gradients, errors."""

import importlib

import pytest

from tests.judge import judged
from tests.nn.plain import plain

PRUNED = {
    "a number": lambda p, m, t: p.l1_unstructured(m, "weight", 3),
    "a share": lambda p, m, t: p.l1_unstructured(m, "weight", 0.3),
    "scores": lambda p, m, t: p.l1_unstructured(
        m, "weight", 3, importance_scores=t.arange(12.0).reshape(3, 4)
    ),
    "random": lambda p, m, t: p.random_unstructured(m, "weight", 0.3),
    "none": lambda p, m, t: p.random_unstructured(m, "weight", 0),
    "random rows": lambda p, m, t: p.random_structured(m, "weight", 1, 0),
    "random columns": lambda p, m, t: p.random_structured(m, "weight", 0.5, -1),
    "rows": lambda p, m, t: p.ln_structured(m, "weight", 1, 2, 0),
    "columns": lambda p, m, t: p.ln_structured(m, "weight", 0.5, float("inf"), 1),
    "identity": lambda p, m, t: p.identity(m, "weight"),
    "a mask": lambda p, m, t: p.custom_from_mask(m, "weight", t.eye(4)[:3]),
    "removed": lambda p, m, t: p.remove(p.l1_unstructured(m, "weight", 3), "weight"),
    "several times": lambda p, m, t: p.ln_structured(
        p.random_unstructured(p.l1_unstructured(m, "weight", 3), "weight", 0.5), "weight", 1, 2, 1
    ),
    "globally": lambda p, m, t: p.global_unstructured(
        [(m, "weight"), (m, "bias")], p.L1Unstructured, amount=5
    ),
    "globally, with scores": lambda p, m, t: p.global_unstructured(
        [(m, "weight"), (m, "bias")],
        p.L1Unstructured,
        importance_scores={(m, "bias"): t.ones(3) * 9},
        amount=5,
    ),
}


def made(t):
    t.manual_seed(0)
    prune = importlib.import_module(f"{t.__name__}.nn.utils.prune")
    return prune, t.nn.Linear(4, 3)


@judged
@pytest.mark.parametrize("name", list(PRUNED))
def test_pruned(t, name):
    prune, m = made(t)
    PRUNED[name](prune, m, t)
    y = m(t.arange(8.0).reshape(2, 4))
    y.sum().backward()
    names = [key for key, _ in m.named_parameters()], [key for key, _ in m.named_buffers()]
    values = [*m.state_dict().values(), m.weight]
    grads = [p.grad for p in m.parameters()]
    return plain([y, values, grads]), names, prune.is_pruned(m)


WRONG = {
    "too many": lambda p, m, t: p.l1_unstructured(m, "weight", 20),
    "less than none": lambda p, m, t: p.l1_unstructured(m, "weight", -1),
    "more than all": lambda p, m, t: p.l1_unstructured(m, "weight", 1.5),
    "text": lambda p, m, t: p.l1_unstructured(m, "weight", "a"),
    "a vector": lambda p, m, t: p.ln_structured(m, "bias", 1, 2, 0),
    "no dimension": lambda p, m, t: p.ln_structured(m, "weight", 1, 2, 5),
    "no parameter": lambda p, m, t: p.l1_unstructured(m, "nope", 1),
    "not pruned": lambda p, m, t: p.remove(m, "weight"),
    "other scores": lambda p, m, t: p.l1_unstructured(m, "weight", 3, t.arange(3.0)),
    "structured globally": lambda p, m, t: p.global_unstructured(
        [(m, "weight")], p.LnStructured, amount=0.4, n=2
    ),
    "no list": lambda p, m, t: p.global_unstructured(3, p.L1Unstructured, amount=0.4),
    "no method": lambda p, m, t: p.PruningContainer().add_pruning_method(3),
}


@judged(raises=".")
@pytest.mark.parametrize("name", list(WRONG))
def test_wrong(t, name):
    prune, m = made(t)
    WRONG[name](prune, m, t)


@judged
def test_a_method_of_ones_own(t):
    prune, m = made(t)

    class EveryOther(prune.BasePruningMethod):
        PRUNING_TYPE = "unstructured"

        def compute_mask(self, x, default_mask):
            mask = default_mask.clone()
            mask.view(-1)[::2] = 0
            return mask

    EveryOther.apply(m, "weight")
    prune.l1_unstructured(m, "weight", 2)
    (hook,) = m._forward_pre_hooks.values()
    return m.weight.detach(), len(hook), [type(method).__name__ for method in hook]


@judged
def test_pruned_apart_from_a_module(t):
    prune, _ = made(t)
    return prune.L1Unstructured(amount=2).prune(t.arange(6.0))


@pytest.mark.parametrize("shape", [(4,), (1, 4), (3, 1), (2, 4)])
@judged(raises="default_mask shape")
def test_a_mask_of_another_shape(t, shape):
    prune, m = made(t)
    prune.custom_from_mask(m, "weight", t.ones(*shape))
