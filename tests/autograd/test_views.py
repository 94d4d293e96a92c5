"""Views: shared memory, their base, and what writes through them do to the graph."""

import numpy as np
import pytest

import minigrad
from minigrad.autograd.views import Region
from tests.judge import both, data, judged

VIEWS = {
    "view": lambda x: x.view(4, 3),
    "view -1": lambda x: x.view(-1),
    "reshape": lambda x: x.reshape(2, 6),
    "flatten": lambda x: x.flatten(),
    "transpose": lambda x: x.transpose(0, 1),
    "t": lambda x: x.t(),
    "T": lambda x: x.T,
    "mT": lambda x: x.mT,
    "permute": lambda x: x.permute(1, 0),
    "unsqueeze": lambda x: x.unsqueeze(1),
    "squeeze": lambda x: x.unsqueeze(0).squeeze(),
    "squeeze dim": lambda x: x.unsqueeze(0).squeeze(0),
    "squeeze nothing": lambda x: x.squeeze(0),
    "select": lambda x: x[1],
    "select last": lambda x: x[-1],
    "select column": lambda x: x[:, 2],
    "element": lambda x: x[1, 2],
    "slice": lambda x: x[1:],
    "slice columns": lambda x: x[:, 1:3],
    "steps": lambda x: x[::2, ::3],
    "everything": lambda x: x[:],
    "dots": lambda x: x[...],
    "none": lambda x: x[None],
    "mixed": lambda x: x[1:, None, ..., 0],
    "empty slice": lambda x: x[3:],
    "expand": lambda x: x.unsqueeze(0).expand(2, 3, 4),
    "view of a view": lambda x: x[1:].t()[0],
    "expand_as": lambda x: x[0].expand_as(x),
    "view_as": lambda x: x.view_as(x.t().contiguous()),
}
COPIES = {
    "clone": lambda x: x.clone(),
    "contiguous of a transpose": lambda x: x.t().contiguous(),
    "reshape of a transpose": lambda x: x.t().reshape(12),
    "flatten of a transpose": lambda x: x.t().flatten(),
    "index list": lambda x: x[[0, 1]],
    "index and slice": lambda x: x[[0, 1], 1:],
    "add": lambda x: x + 0,
    "detach": lambda x: x.detach(),
    "cast": lambda x: x.float(),
}
WRITABLE = {k: v for k, v in VIEWS.items() if "expand" not in k}


@pytest.mark.parametrize("requires_grad", [False, True])
@pytest.mark.parametrize("name", VIEWS | COPIES)
@judged
def test_values_strides_names_and_gradients(t, name, requires_grad):
    x = t.tensor(data(3, 4), requires_grad=requires_grad)
    y = (VIEWS | COPIES)[name](x)
    if y.requires_grad:
        (y * y).sum().backward()
    return x, y, y._base is x, y._base is None


@pytest.mark.parametrize("name", VIEWS | COPIES)
@judged
def test_of_a_tensor_with_history(t, name):
    x = t.tensor(data(3, 4), requires_grad=True)
    base = x * 2
    y = (VIEWS | COPIES)[name](base)
    (y * y).sum().backward() if y.requires_grad else None
    return x, y, base, y._base is base


@pytest.mark.parametrize("name", VIEWS | COPIES)
@judged
def test_a_write_to_the_base_is_seen_by_views_alone(t, name):
    x = t.tensor(data(3, 4))
    y = (VIEWS | COPIES)[name](x)
    x.mul_(10)
    return x, y, y._version


@pytest.mark.parametrize("name", WRITABLE)
@judged
def test_a_write_through_a_view(t, name):
    x = t.tensor(data(3, 4), requires_grad=True)
    base = x * 2
    y = WRITABLE[name](base)
    y.mul_(3).add_(1)
    (base * t.tensor(data(3, 4, seed=1))).sum().backward()
    return x, base, y.detach().clone(), y._version


@pytest.mark.parametrize("name", WRITABLE)
@judged
def test_a_write_through_a_view_by_an_operand_that_requires_grad(t, name):
    base = t.tensor(data(3, 4))
    w = t.tensor(1.5, dtype=t.float64, requires_grad=True)
    y = WRITABLE[name](base)
    y.mul_(w)
    (base * t.tensor(data(3, 4, seed=1))).sum().backward()
    return w, base.requires_grad, base.is_leaf, y.requires_grad, y.is_leaf, base.detach().clone()


@pytest.mark.parametrize("writer", WRITABLE)
@pytest.mark.parametrize("reader", ["select", "t", "slice columns", "view -1", "element", "mixed"])
@judged
def test_other_views_see_the_write_and_the_new_graph(t, writer, reader):
    x = t.tensor(data(3, 4), requires_grad=True)
    v = t.tensor(0.5, dtype=t.float64, requires_grad=True)
    base = x * 2
    before = VIEWS[reader](base)
    WRITABLE[writer](base).mul_(v)
    after = VIEWS[reader](base)
    (before.sum() * 3 + (after * after).sum()).backward()
    return x, v, before.grad_fn.name(), before.detach().clone(), after.detach().clone()


@judged
def test_a_view_taken_before_a_write_to_the_base(t):
    x = t.tensor(data(3, 4), requires_grad=True)
    base = x * 2
    row = base[1]
    base.mul_(5)
    row.sum().backward()
    return x, row.detach().clone(), row.grad_fn.name()


@judged
def test_writes_in_turn_through_base_and_views(t):
    x = t.tensor(data(3, 4), requires_grad=True)
    w = t.tensor(data(4, seed=1), requires_grad=True)
    base = x * 1
    row, column = base[1], base[:, 2]
    row.mul_(w)
    column.add_(2)
    base.mul_(3)
    base[0] = w
    row.exp_()
    (base * t.tensor(data(3, 4, seed=2))).sum().backward()
    return x, w, base


@judged
def test_writes_through_views_of_views(t):
    x = t.tensor(data(4, 4), requires_grad=True)
    base = x * 1
    base[1:].t()[1:, ::2].mul_(3)
    base.view(2, 2, 4)[:, 0].sigmoid_()
    (base**2).sum().backward()
    return x, base


@judged
def test_overlapping_views_written_one_after_the_other(t):
    x = t.tensor(data(6), requires_grad=True)
    base = x * 1
    a, b = base[:4], base[2:]
    a.mul_(2)
    b.mul_(5)
    base.sum().backward()
    return x, base, a.detach().clone(), b.detach().clone()


@pytest.mark.parametrize("name", ["add_", "mul_", "sub_", "copy_"])
@judged(raises="some elements of the input tensor and the written-to tensor refer to a single")
def test_a_view_and_an_operand_that_overlap(t, name):
    base = t.tensor(data(6))
    getattr(base[:4], name)(base[2:])


@judged
def test_a_view_and_an_operand_that_lie_side_by_side(t):
    base = t.tensor(data(6))
    base[:3].add_(base[3:])
    base[::2].mul_(base[1::2])
    base[:2].sub_(base[:2])
    base.add_(base)
    return base


@judged
def test_a_view_of_a_transposed_base(t):
    x = t.tensor(data(3, 4), requires_grad=True)
    base = (x.t() * 1).t().clone()
    base[1].mul_(3)
    base[:, ::2].exp_()
    (base * t.tensor(data(3, 4, seed=1))).sum().backward()
    return x


@judged
def test_second_derivative_through_a_write_to_a_view(t):
    x = t.tensor(data(3, 2), requires_grad=True)
    v = t.tensor(data(2, seed=1), requires_grad=True)
    base = x * x
    base[1].mul_(v)
    base[2] = v
    g, h = t.autograd.grad((base * base).sum(), [x, v], create_graph=True)
    ((g * g).sum() + (h * h).sum()).backward()
    return g.detach().clone(), h.detach().clone(), x, v


@judged
def test_version_counters_are_one_for_the_family(t):
    base = t.zeros(3, 4)
    views = [base[0], base.t(), base.view(12), base[1:][0]]
    seen = []
    for x in [base, *views, base.detach()]:
        x.add_(1)
        seen.append([y._version for y in [base, *views]])
    return seen


@judged(raises="modified by an inplace operation")
def test_a_write_through_a_view_to_a_saved_base(t):
    x = t.tensor(data(3, 4), requires_grad=True)
    base = x * 1
    loss = (base * base).sum()
    base[0].zero_()
    loss.backward()


@judged(raises="modified by an inplace operation")
def test_a_write_to_the_base_of_a_saved_view(t):
    x = t.tensor(data(3, 4), requires_grad=True)
    base = x * 1
    loss = base[0].exp().sum() + (base[1] ** 2).sum()
    base[2].zero_()
    loss.backward()


# Leaves, and views made without recording.


@judged
def test_views_of_leaves_under_no_grad(t):
    x = t.tensor(data(3, 4), requires_grad=True)
    with t.no_grad():
        y = x[0]
        y.mul_(3)
        x[1] = 7.0
    (x * x).sum().backward()
    return x, y.detach(), x._version


@judged(raises="A view was created in no_grad mode and its base or another view of its base")
def test_a_view_made_under_no_grad_is_not_used_after_a_write_to_its_base(t):
    x = t.tensor(data(3, 4), requires_grad=True) * 1
    with t.no_grad():
        y = x[0]
    x.mul_(2)
    y.grad_fn


@judged(raises="A view was created in no_grad mode and is being modified inplace")
def test_a_view_made_under_no_grad_is_not_written_to_while_recording(t):
    x = t.tensor(data(3, 4), requires_grad=True) * 1
    with t.no_grad():
        y = x[0]
    y.mul_(t.ones(4, dtype=t.float64, requires_grad=True))


@judged
def test_a_view_made_under_no_grad_of_a_tensor_without_grad(t):
    x = t.tensor(data(3, 4))
    with t.no_grad():
        y = x[0]
    y.mul_(2)
    return x, y


@judged(raises="a view of a leaf Variable that requires grad is being used in an in-place")
def test_a_view_of_a_view_of_a_leaf(t):
    t.tensor(data(3, 4), requires_grad=True)[1:].t().mul_(2)


@judged
def test_a_view_that_is_made_to_require_grad(t):
    base = t.tensor(data(3, 4))
    y = base[1].requires_grad_()
    (y * y).sum().backward()
    return y, base.requires_grad, base.grad


@judged(raises="leaf Variable that requires grad")
def test_a_leaf_view_is_not_written_to(t):
    base = t.tensor(data(3, 4))
    base[1].requires_grad_().mul_(2)


@judged(raises="Can't detach views in-place")
def test_detach_in_place_of_a_view(t):
    x = t.tensor(data(3, 4), requires_grad=True)
    x[0].detach_()


@judged
def test_detach(t):
    x = t.tensor(data(3), requires_grad=True)
    y = x * 2
    d = y.detach()
    y.detach_()
    d.mul_(10)
    return x, y, d, d._is_view(), d._base is None, y._version


@judged
def test_detach_of_a_view_shares_memory(t):
    x = t.tensor(data(3, 4), requires_grad=True)
    d = x[1].detach()
    d.zero_()
    return x, d, x._version


@judged
def test_gradients_flow_back_to_non_contiguous_leaves(t):
    x = t.tensor(data(3, 4)).t()[1:].requires_grad_()
    (x * x).sum().backward()
    return x.detach().clone(), x.grad.tolist(), x.grad.is_contiguous()


@pytest.mark.torch
@pytest.mark.parametrize("seed", range(25))
def test_random_programs_of_views_and_writes(seed) -> None:
    import random

    def program(t):
        chance = random.Random(seed)
        x = t.tensor(data(3, 4, low=0.5, high=1.5), requires_grad=True)
        w = t.tensor(data(1, seed=1, low=0.5, high=1.5), requires_grad=True)
        base = x * 1
        known = [base]
        for _ in range(12):
            y = chance.choice(known)
            kind = chance.randrange(4)
            if kind < 2 and y.ndim:
                key = chance.choice([0, -1, slice(1, None), slice(None, None, 2), ..., None])
                known.append(y[key] if y.shape[0] > 1 else y.unsqueeze(0))
            elif kind == 2 and y.ndim >= 2:
                known.append(y.transpose(0, 1))
            else:
                with t.set_grad_enabled(chance.random() < 0.9):
                    chance.choice(
                        [
                            lambda y: y.mul_(w[0]),
                            lambda y: y.add_(1),
                            lambda y: y.neg_(),
                            lambda y: y.tanh_(),
                            lambda y: y.mul_(0.5),
                            lambda y: y.fill_(0.25),
                        ]
                    )(y)
        total = sum((y * (i + 1)).sum() for i, y in enumerate(known))
        total.backward()
        return x, w, [(y.detach().clone(), y.grad_fn.name()) for y in known]

    both(program, ulps=64)


@pytest.mark.parametrize("step", [1, -1, 2, -2])
def test_places_of_a_view_in_a_base_that_runs_backwards(step):
    base = np.arange(12.0)[::step].reshape(2, -1)
    ids = Region(base, base[1:, 1:]).ids(base.shape)
    assert base.reshape(-1)[ids].tolist() == base[1:, 1:].tolist()


def test_a_gradient_is_no_view_of_the_cotangent_it_came_from():
    x = minigrad.zeros(2, 3, requires_grad=True)
    cotangent = minigrad.arange(6.0)
    x.view(6).backward(cotangent)
    cotangent.zero_()
    assert x.grad.tolist() == [[0, 1, 2], [3, 4, 5]]


@judged
def test_an_edge_that_was_looked_for_is_kept(t):
    base = t.ones(3, requires_grad=True) * 1
    part = base[0]
    base.mul_(2)
    return part.grad_fn is part.grad_fn, part.grad_fn.name()


@judged(raises="Trying to backward through the graph a second time")
def test_a_write_to_a_part_is_freed_even_if_it_saved_nothing(t):
    base = t.ones(3, requires_grad=True).clone()
    base[0] = t.tensor(2.0, requires_grad=True)
    total = base.sum()
    total.backward()
    total.backward()


WRITES = ["exp_()", "clamp_(0)", "pow_(2)", "lerp_(t.ones(3), 0.5)", "copy_(t.ones(3))"]
WRITES += ["eq_(t.ones(3))", "normal_()", "fill_(t.tensor(1.0))"]


@pytest.mark.parametrize("write", WRITES)
@judged(raises="more than one element of the written-to tensor")
def test_what_expands_is_not_written_to(t, write):
    x = t.ones(1, requires_grad=True) * 1
    eval(f"x.expand(3).{write}", {"x": x, "t": t})
