"""The bases of losses, which users derive their own from."""

import importlib

import pytest

from tests.judge import judged


def losses(t):
    return importlib.import_module(f"{t.__name__}.nn.modules.loss")


@judged
def test_a_loss_of_ones_own(t):
    class Scaled(losses(t)._Loss):
        def __init__(self, scale, reduction="mean"):
            super().__init__(reduction=reduction)
            self.scale = scale

        def forward(self, x):
            return x.mean() * self.scale

    loss = Scaled(2.0)
    return loss(t.ones(2)), loss.reduction, repr(loss), list(loss.state_dict())


@judged
def test_a_weighted_loss_of_ones_own(t):
    class Weighted(losses(t)._WeightedLoss):
        def __init__(self, weight=None, reduction="sum"):
            super().__init__(weight=weight, reduction=reduction)

        def forward(self, x):
            return (x * self.weight).sum()

    loss = Weighted(t.tensor([1.0, 3.0]))
    return (
        loss(t.ones(2)),
        loss.reduction,
        repr(loss),
        loss.state_dict()["weight"],
        Weighted().weight,
    )


@judged
def test_what_is_weighted(t):
    bases = losses(t)
    kinds = [getattr(t.nn, name) for name in dir(t.nn) if name.endswith("Loss")]
    shared = "LinearCrossEntropyLoss"  # which only torch has
    kinds = [kind for kind in kinds if kind.__name__ != shared]
    return sorted(
        (kind.__name__, issubclass(kind, bases._Loss), issubclass(kind, bases._WeightedLoss))
        for kind in kinds
    )


@judged
def test_the_numbers_of_the_reductions(t):
    r = t.nn._reduction
    flags = None, True, False
    found = [r.get_enum(name) for name in ("none", "mean", "sum")]
    found += [r.legacy_get_string(a, b, emit_warning=False) for a in flags for b in flags]
    return found + [r.legacy_get_enum(a, b, False) for a in flags for b in flags]


@judged(raises="nothing is not a valid value for reduction")
def test_a_reduction_of_no_number(t):
    t.nn._reduction.get_enum("nothing")


@judged
def test_the_older_arguments_warn(t):
    with pytest.warns(UserWarning, match="size_average and reduce args will be deprecated") as w:
        found = t.nn._reduction.legacy_get_string(None, False)
    return found, len(w)
