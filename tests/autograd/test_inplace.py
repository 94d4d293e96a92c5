"""Writes in place: what they do to values, versions and the graph, and where they are refused."""

import numpy as np
import pytest

import minigrad
from tests.judge import both, data, judged

# The three programs that an engine with frozen values gets silently wrong.


def double_then_write(t):
    x = t.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    z = y + 0
    y.mul_(100)
    z.sum().backward()
    return x


def zero_after_sum(t):
    x = t.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    s = y.sum()
    y.zero_()
    s.backward()
    return x, s


def zero_the_sum(t):
    x = t.tensor([1.0, 2.0], requires_grad=True)
    s = x.sum()
    s.zero_()
    s.backward()
    return x, s


PROGRAMS = pytest.mark.parametrize("program", [double_then_write, zero_after_sum, zero_the_sum])


@PROGRAMS
@judged
def test_a_write_after_the_fact(t, program):
    return program(t)


def test_a_factor_overwritten_after_use_gives_2() -> None:
    x = minigrad.tensor(1.0, requires_grad=True)
    y = x * 2
    z = y + 0
    y.mul_(100)
    z.backward()
    assert x.grad.item() == 2.0


def test_a_summand_zeroed_after_the_sum_gives_ones() -> None:
    y_leaf = minigrad.tensor([1.0, 2.0], requires_grad=True)
    y = y_leaf * 2
    s = y.sum()
    y.zero_()
    assert s.item() == 6.0
    s.backward()
    assert y_leaf.grad.tolist() == [2.0, 2.0]  # ones, times 2


def test_zeroing_a_sum_changes_that_sum_in_place() -> None:
    t = minigrad.tensor([1.0, 2.0])
    total = t.sum()
    assert total.zero_() is total
    assert total.item() == 0.0
    assert t.tolist() == [1.0, 2.0]


# Values, versions, identity.

UNARY = ["neg", "exp", "log", "sqrt", "sin", "cos", "tanh", "sigmoid", "relu", "abs", "square"]
UNARY += ["reciprocal"]
BINARY = ["add", "sub", "mul", "div", "pow"]


@pytest.mark.parametrize("name", UNARY)
@judged
def test_unary_forms(t, name):
    x = t.tensor(data(2, 3, low=0.5), requires_grad=True)
    y = x * 1
    result = getattr(y, f"{name}_")()
    (y * t.tensor(data(2, 3, seed=1))).sum().backward()
    return x, y.detach().clone(), y._version, result is y, y.grad_fn.name()


@pytest.mark.parametrize("name", UNARY)
@judged
def test_unary_forms_on_a_tensor_without_grad(t, name):
    y = t.tensor(data(2, 3, low=0.5))
    pointer = y.data_ptr() if t.__name__ == "torch" else y.array.ctypes.data
    result = getattr(y, f"{name}_")()
    same = pointer == (y.data_ptr() if t.__name__ == "torch" else y.array.ctypes.data)
    return y, result is y, same


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("grads", [(True, True), (True, False), (False, True), (False, False)])
@judged
def test_binary_forms(t, name, grads):
    x = t.tensor(data(2, 3, low=0.5), requires_grad=grads[0])
    z = t.tensor(data(3, low=0.5, seed=1), requires_grad=grads[1])
    y = x * 1
    result = getattr(y, f"{name}_")(z)
    if any(grads):
        (y * t.tensor(data(2, 3, seed=1))).sum().backward()
    return x, z, y.detach().clone(), y._version, result is y, y.requires_grad, y.is_leaf


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("number", [2, 0.5, -1.5])
@judged
def test_binary_forms_with_a_number(t, name, number):
    x = t.tensor(data(3, low=0.5), requires_grad=True)
    y = x * 1
    getattr(y, f"{name}_")(number)
    y.sum().backward()
    return x, y


def augmented(t, y, z):
    y += z
    y -= 2
    y *= z
    y /= z + 3
    y **= 2
    return y


@judged
def test_augmented_assignment_writes_in_place(t):
    x = t.tensor(data(3), requires_grad=True)
    z = t.tensor(data(3, low=0.5, seed=1), requires_grad=True)
    y = alias = x * 1
    y = augmented(t, y, z * 1)
    try:
        y.sum().backward()
    except RuntimeError as error:
        raised = type(error).__name__
    else:
        raised = None
    return raised, x, z, y.detach().clone(), y is alias


@judged
def test_augmented_assignment_under_no_grad_keeps_the_node_and_bumps_the_version(t):
    x = t.tensor([1.0, 2.0], requires_grad=True)
    y = x + 0
    alias = y
    with t.no_grad():
        y += 1
        x -= 0.5
    y.sum().backward()
    return x, y, alias is y, y._version, x._version, y.grad_fn.name()


@judged
def test_fill_zero_copy(t):
    x = t.tensor(data(2, 3), requires_grad=True)
    v = t.tensor(data(3, seed=1), requires_grad=True)
    a, b, c, d = x * 1, x * 2, x * 3, x * 4
    a.zero_()
    b.fill_(5.5)
    c.copy_(v)
    d.fill_(v.sum())
    (a + b + c + d * d).sum().backward()
    return x, v, [(y.detach().clone(), y._version) for y in (a, b, c, d)]


@judged
def test_copy_takes_the_settings_of_other_devices(t):
    x = t.zeros(2)
    return x.copy_(t.ones(2), True).tolist(), x.copy_(other=t.zeros(2), non_blocking=True)


@judged
def test_copy_casts_and_broadcasts(t):
    x = t.zeros(2, 3)
    v = t.tensor(data(3), requires_grad=True)
    x.copy_(v)
    (x * x).sum().backward()
    n = t.zeros(3, dtype=t.int64)
    n.copy_(t.tensor([1.7, -1.7, 2.0]))
    return x.requires_grad, x.dtype, x.detach().clone(), v, n


@judged
def test_clamp_in_place(t):
    x = t.tensor(data(5), requires_grad=True)
    y = (x * 1).clamp_(-0.5, 0.5)
    y.sum().backward()
    return x, y


@judged
def test_an_operand_that_requires_grad_makes_the_tensor_require_it(t):
    w = t.tensor([2.0, 3.0], requires_grad=True)
    y = t.ones(2)
    y.mul_(w)
    y.sum().backward()
    return w, y.requires_grad, y.is_leaf, y.grad_fn.name(), y._version


@judged
def test_versions_are_shared_by_detach_and_views_and_not_by_data(t):
    x = t.tensor([[1.0, 2.0], [3.0, 4.0]])
    row, detached, separate = x[0], x.detach(), x.data
    counts = []
    for write in (lambda: x.add_(1), lambda: row.mul_(2), lambda: detached.zero_()):
        write()
        counts.append([y._version for y in (x, row, detached, separate)])
    separate.add_(1)
    counts.append([y._version for y in (x, row, detached, separate)])
    return counts, x, row, separate


@pytest.mark.parametrize(
    "write",
    [
        lambda t, x: x.add_(1),
        lambda t, x: x[0].add_(1),
        lambda t, x: x.detach().add_(1),
        lambda t, x: x.__setitem__(0, 5.0),
        lambda t, x: x.copy_(t.ones(2)),
        lambda t, x: x.zero_(),
        lambda t, x: x.fill_(2),
        lambda t, x: x.view(2, 1).t().mul_(2),
    ],
)
@judged(raises="modified by an inplace operation")
def test_every_write_to_a_saved_value_is_noticed(t, write):
    x = t.tensor([1.0, 2.0], requires_grad=True)
    y = x * x
    with t.no_grad():
        write(t, x)
    y.sum().backward()


@judged
def test_writes_through_data_go_unnoticed(t):
    x = t.tensor([1.0], requires_grad=True)
    y = x * x
    x.data.mul_(10)
    y.backward()
    z = t.tensor([1.0], requires_grad=True)
    w = z * z
    z.data = t.tensor([5.0])
    w.backward()
    return x, z, x._version, z._version


@judged(raises="modified by an inplace operation")
def test_under_create_graph_too(t):
    x = t.tensor([1.0, 2.0], requires_grad=True)
    y = x.exp()
    z = y.sum()
    y.add_(1)
    t.autograd.grad(z, x, create_graph=True)


@judged(raises=r"version 2; expected version 0 instead")
def test_the_message_counts_the_versions(t):
    x = t.tensor([[1.0, 2.0]], requires_grad=True)
    y = x * 1
    z = y * y
    y.add_(1)
    y.add_(1)
    z.sum().backward()


@judged(raises=r"FloatTensor \[1, 2\]\], which is output 0 of Add, is at version 1")
def test_the_message_names_the_tensor(t):
    x = t.tensor([[1.0, 2.0]], requires_grad=True)
    y = x * 1
    z = y * y
    y.add_(1)
    z.sum().backward()


# Which tensors an operation saves: these may not be written to before backward, others may.

OPERATIONS = {
    "exp": lambda t, y: y.exp(),
    "log": lambda t, y: y.log(),
    "sqrt": lambda t, y: y.sqrt(),
    "sin": lambda t, y: y.sin(),
    "cos": lambda t, y: y.cos(),
    "tanh": lambda t, y: y.tanh(),
    "sigmoid": lambda t, y: y.sigmoid(),
    "relu": lambda t, y: y.relu(),
    "abs": lambda t, y: y.abs(),
    "sign": lambda t, y: y.sign(),
    "square": lambda t, y: y.square(),
    "reciprocal": lambda t, y: y.reciprocal(),
    "neg": lambda t, y: -y,
    "clamp": lambda t, y: y.clamp(0.6, 1.5),
    "clamp with tensors": lambda t, y: y.clamp(t.zeros(2, 2), t.ones(2, 2)),
    "maximum": lambda t, y: t.maximum(y, t.ones(2, 2)),
    "minimum": lambda t, y: t.minimum(y, t.ones(2, 2)),
    "where": lambda t, y: t.where(t.tensor([True, False]), y, 1.0),
    "clone": lambda t, y: y.clone(),
    "cast": lambda t, y: y.float(),
    "add a number": lambda t, y: y + 2.0,
    "add itself": lambda t, y: y + y,
    "subtract": lambda t, y: 3.0 - y,
    "times a number": lambda t, y: y * 2.0,
    "times a tensor": lambda t, y: y * t.ones(2, 2),
    "times itself": lambda t, y: y * y,
    "over a number": lambda t, y: y / 2.0,
    "over a tensor": lambda t, y: y / t.ones(2, 2),
    "over itself": lambda t, y: y / y,
    "number over": lambda t, y: 2.0 / y,
    "tensor over": lambda t, y: t.ones(2, 2) / y,
    "power 0": lambda t, y: y**0,
    "power 1": lambda t, y: y**1,
    "power 2": lambda t, y: y**2,
    "power 3": lambda t, y: y**3,
    "power 0.5": lambda t, y: y**0.5,
    "power of a number": lambda t, y: 2.0**y,
    "power of itself": lambda t, y: y**y,
    "power of a tensor": lambda t, y: t.ones(2, 2) ** y,
    "sum": lambda t, y: y.sum(),
    "sum dim": lambda t, y: y.sum(0),
    "mean": lambda t, y: y.mean(),
    "mean dim": lambda t, y: y.mean(1, keepdim=True),
    "max": lambda t, y: y.max(),
    "min": lambda t, y: y.min(),
    "max dim": lambda t, y: y.max(0).values,
    "min dim": lambda t, y: y.min(1).values,
    "mm": lambda t, y: y @ t.ones(2, 2, dtype=t.float64),
    "mm left": lambda t, y: t.ones(2, 2, dtype=t.float64) @ y,
    "mm itself": lambda t, y: y @ y.T,
    "mv": lambda t, y: y @ t.ones(2, dtype=t.float64),
    "vm": lambda t, y: t.ones(2, dtype=t.float64) @ y,
    "dot": lambda t, y: y[0] @ y[1],
    "bmm": lambda t, y: y.reshape(1, 2, 2) @ y.reshape(1, 2, 2),
    "cat": lambda t, y: t.cat([y, y]),
    "stack": lambda t, y: t.stack([y, y]),
    "index": lambda t, y: y[t.tensor([0, 0])],
    "mask": lambda t, y: y[t.tensor([True, False])],
    "reshape": lambda t, y: y.t().reshape(4),
    "expand": lambda t, y: y.unsqueeze(0).expand(3, 2, 2).clone(),
}


# y ** tensor is missing: torch saves the result also for the derivative by y, which does not need
# it, and so refuses a write to it that would do no harm.


def write_to(t, which, operation):
    x = t.tensor([[0.5, 0.75], [1.0, 1.25]], dtype=t.float64, requires_grad=True)
    y = x * 1
    z = operation(t, y)
    loss = (z * 1).sum()
    (y if which == "input" else z).add_(1)
    try:
        loss.backward()
    except RuntimeError as error:
        return "refused" if "modified by an inplace operation" in str(error) else str(error)
    return x


@pytest.mark.parametrize("which", ["input", "output"])
@pytest.mark.parametrize("name", OPERATIONS)
@judged
def test_writes_are_refused_exactly_where_the_value_was_saved(t, name, which):
    return write_to(t, which, OPERATIONS[name])


@pytest.mark.parametrize("which", ["constant", "differentiated"])
@pytest.mark.parametrize("f", [lambda a, b: a * b, lambda a, b: a @ b, lambda a, b: a / b])
@judged
def test_a_factor_is_saved_only_if_the_other_requires_grad(t, which, f):
    x = t.tensor(data(2, 2), requires_grad=True)
    constant = t.tensor(data(2, 2, seed=1, low=0.5))
    y = x * 1
    z = f(y, constant).sum()
    (constant if which == "constant" else y).mul_(3)
    try:
        z.backward()
    except RuntimeError as error:
        return "modified by an inplace operation" in str(error)
    return x


@pytest.mark.parametrize("name", ["mul_", "div_", "add_", "sub_", "pow_"])
@judged
def test_an_operation_in_place_with_itself(t, name):
    x = t.tensor(data(3, low=0.5), requires_grad=True)
    y = x * 1
    getattr(y, name)(y)
    try:
        y.sum().backward()
    except RuntimeError as error:
        return "modified by an inplace operation" in str(error)
    return x, y


@judged
def test_second_derivative_through_operations_in_place(t):
    x = t.tensor(data(3, low=0.5), requires_grad=True)
    y = (x * 2).mul_(x).sin_().add_(2).pow_(3).exp_()
    (g,) = t.autograd.grad(y.sum(), x, create_graph=True)
    g.sum().backward()
    return g.detach().clone(), x


# Where writing is refused.


@pytest.mark.parametrize(
    "write",
    [
        lambda t, x: x.add_(1),
        lambda t, x: x.zero_(),
        lambda t, x: x.exp_(),
        lambda t, x: x.copy_(t.ones(2)),
        lambda t, x: x.fill_(1.0),
        lambda t, x: x.__setitem__(slice(None), 1.0),
        lambda t, x: x.__iadd__(1),
        lambda t, x: x.mul_(x),
    ],
)
@judged(raises="leaf Variable that requires grad")
def test_a_leaf_that_requires_grad(t, write):
    write(t, t.tensor([1.0, 2.0], requires_grad=True))


@judged(raises="a view of a leaf Variable that requires grad is being used in an in-place")
def test_a_view_of_a_leaf_that_requires_grad(t):
    t.tensor([1.0, 2.0], requires_grad=True)[0].add_(1)


@judged(raises="a view of a leaf Variable that requires grad")
def test_an_item_of_a_leaf_that_requires_grad(t):
    t.tensor([1.0, 2.0], requires_grad=True)[0] = 5.0


@judged
def test_a_refused_write_changes_nothing(t):
    x = t.tensor([1.0, 2.0], requires_grad=True)
    n = t.tensor([1, 2])
    e = t.tensor([1.0]).expand(3)
    refused = []
    for write in (
        lambda: x.add_(1),
        lambda: x[0].mul_(5),
        lambda: x.__setitem__(1, 3.0),
        lambda: n.add_(1.5),
        lambda: n.div_(2),
        lambda: e.add_(1),
        lambda: x.detach().add_(t.ones(3, 2)),
        lambda: x.detach().copy_(t.ones(3)),
        lambda: x.detach().fill_(t.ones(2)),
    ):
        try:
            write()
        except RuntimeError:
            refused.append(True)
        else:
            refused.append(False)
    return refused, x, n, e, x._version, n._version, e._version


@judged(raises="result type Float can't be cast to the desired output type Long")
def test_a_float_into_integers(t):
    t.tensor([1, 2]).add_(1.5)


@judged(raises="result type Float can't be cast to the desired output type Long")
def test_a_quotient_into_integers(t):
    t.tensor([1, 2]).div_(2)


@judged(raises="result type Long can't be cast to the desired output type Bool")
def test_an_integer_into_bools(t):
    t.tensor([True, False]).add_(1)


@judged
def test_a_wider_operand_does_not_widen_the_tensor(t):
    x = t.tensor([1.0, 2.0])
    x.add_(t.tensor([1.0, 2.0], dtype=t.float64))
    n = t.tensor([1, 2], dtype=t.int8)
    n.mul_(t.tensor([100, 2]))
    n += 300
    return x, n


@judged(raises="output with shape .* doesn't match the broadcast shape")
def test_a_result_of_another_shape(t):
    t.ones(3).add_(t.ones(2, 3))


@judged(raises="output with shape .* doesn't match the broadcast shape")
def test_a_result_of_another_shape_while_recording(t):
    w = t.ones(2, 3, requires_grad=True)
    t.ones(3).add_(w)


@judged(raises="must match the size of tensor")
def test_shapes_that_do_not_broadcast(t):
    t.ones(3).add_(t.ones(2))


@judged(raises="more than one element of the written-to tensor refers to a single memory location")
def test_an_expanded_tensor(t):
    t.ones(1).expand(3).add_(1)


@judged(raises="more than one element of the written-to tensor")
def test_an_expanded_tensor_while_recording(t):
    w = t.ones(3, requires_grad=True)
    t.ones(1).expand(3).mul_(w)


def test_a_write_that_fails_leaves_no_trace_of_its_operand() -> None:
    w = minigrad.ones(2, 3, requires_grad=True)
    y = minigrad.ones(3)
    with pytest.raises(RuntimeError):
        y.add_(w)
    assert not y.requires_grad
    assert y._version == 0
    np.testing.assert_array_equal(y.numpy(), np.ones(3, np.float32))


# Every path of an update: what is written to, with what, and what is recorded.
TARGETS = {
    "scalar": lambda x: x[0, 0],
    "one": lambda x: x[0, :1],
    "one of two dimensions": lambda x: x[:1, :1],
    "vector": lambda x: x[0],
    "column": lambda x: x[:, 0],
    "matrix": lambda x: x,
    "turned": lambda x: x.T,
    "expanded": lambda x: x[:, :1].expand(3, 3),
}
OPERANDS = {
    "int": lambda t, x, y: 3,
    "float": lambda t, x, y: 0.7,
    "scalar": lambda t, x, y: t.tensor(0.7, dtype=y.dtype),
    "one": lambda t, x, y: t.tensor([0.7], dtype=y.dtype),
    "vector": lambda t, x, y: t.tensor([0.7, 1.1, -2.3], dtype=y.dtype),
    "matrix": lambda t, x, y: t.arange(1.0, 10).reshape(3, 3).to(y.dtype),
    "double": lambda t, x, y: t.tensor(0.7, dtype=t.float64),
    "integers": lambda t, x, y: t.tensor([2, 3, 4]),
    "itself": lambda t, x, y: y,
    "again": lambda t, x, y: y[...],
    "its first row": lambda t, x, y: x[0],
    "its last row": lambda t, x, y: x[2],
    "all of it": lambda t, x, y: x,
    "turned": lambda t, x, y: x.T,
}


@pytest.mark.torch
@pytest.mark.parametrize("recording", ["no", "the target", "the operand", "a leaf"])
@pytest.mark.parametrize("operation, dtype", [("add_", "float32"), ("mul_", "float64")])
def test_updates_of_all_sorts(recording, operation, dtype):
    def snippet(t, target, operand):
        kind = getattr(t, dtype)
        x = (t.arange(9).reshape(3, 3) + 2).to(kind)
        w = t.tensor(1.0, dtype=kind)
        if recording != "no" and kind.is_floating_point:
            w.requires_grad_()
            x = x.requires_grad_() if recording == "a leaf" else x
            x = x * w if recording == "the target" else x
        with t.set_grad_enabled(recording != "a leaf"):
            y = TARGETS[target](x)
            other = OPERANDS[operand](t, x, y)
            if recording == "the operand" and t.is_tensor(other):
                other = other * w
            getattr(y, operation)(other)
        found = x.detach().clone(), y, y._version
        if x.requires_grad and recording != "a leaf":
            (x * x).sum().backward()
        return *found, w.grad

    for target in TARGETS:
        for operand in OPERANDS:
            both(lambda t, target=target, operand=operand: snippet(t, target, operand))


# Items.


@pytest.mark.parametrize(
    "key",
    [
        0,
        -1,
        slice(1, 3),
        slice(None, None, 2),
        (0, 1),
        (slice(None), 1),
        (..., 0),
        None,
        ...,
        (1, None, slice(0, 2)),
        [0, 2],
        (slice(None), [1, 1]),
        ([0, 1], [2, 2]),
        (1, [0, 2]),
    ],
)
@judged
def test_setting_items(t, key):
    x = t.tensor(data(3, 4), requires_grad=True)
    v = t.tensor(1.5, dtype=t.float64, requires_grad=True)
    y = x * 1
    y[key] = v
    (y * t.tensor(data(3, 4, seed=1))).sum().backward()
    return x, v, y.detach().clone(), y._version


@judged
def test_setting_items_by_a_mask(t):
    x = t.tensor(data(3, 4), requires_grad=True)
    v = t.tensor(data(2, seed=1), requires_grad=True)
    y, z = x * 1, x * 2
    mask = t.tensor([[True, False, False, True], [False] * 4, [False] * 4])
    y[mask] = v
    z[mask] = 0.0
    (y * y + z).sum().backward()
    return x, v, y.detach().clone(), z.detach().clone()


@judged
def test_overwritten_items_get_0_and_the_new_value_the_sum(t):
    x = t.tensor(data(3, 4), requires_grad=True)
    v = t.tensor(data(4, seed=1), requires_grad=True)
    y = x * 1
    y[1:] = v
    y.backward(t.tensor(data(3, 4, seed=2)))
    return x, v, y


@judged
def test_items_are_cast_to_the_tensors_dtype(t):
    x = t.zeros(3, dtype=t.int64)
    x[0] = 2.7
    x[1] = True
    y = t.zeros(2)
    y[0] = t.tensor(1.5, dtype=t.float64)
    y[1] = 3
    return x, y


@judged(raises="shape mismatch|expand")
def test_items_of_the_wrong_shape(t):
    t.zeros(3, 4)[0] = t.ones(3)


@judged
def test_items_with_leading_ones(t):
    y = t.zeros(3)
    y[:] = t.ones(1, 1, 3)
    y[0] = t.full((1, 1), 7.0)
    return y


@pytest.mark.parametrize("write", ["exp_", "sigmoid_", "tanh_"])
@judged
def test_a_result_that_a_write_through_a_view_saved_is_on_the_graph_of_its_base(t, write):
    a = t.tensor([[1.0, 0.5], [2.0, 0.25]], requires_grad=True)
    x = a * 1
    getattr(x[0], write)()
    (g,) = t.autograd.grad((x * x).sum(), a, create_graph=True)
    (h,) = t.autograd.grad((g * g).sum(), a)
    return x, g, h


@judged
def test_bytes_in_another_order_do_not_overlap(t):
    x = t.ones(2, 3, dtype=t.uint8).t()
    return x.add_(1)


def test_an_index_that_its_own_write_covers_is_read_first():
    x = minigrad.tensor([[1, 0], [0, 0]])
    x[x.T.diagonal()] = 5  # after [1] is written, the index says [1, 5]
    assert x.tolist() == [[5, 5], [5, 5]]
