"""Module: what it knows of itself, what is done to all of its tensors, and what it refuses."""

import copy
import pickle

import pytest

import minigrad
from tests.judge import data, judged
from tests.nn.plain import plain


def net(t):
    """A module with every kind of member, one of them twice."""

    class Block(t.nn.Module):
        def __init__(self):
            super().__init__()
            self.first = t.nn.Linear(2, 2)
            self.scale = t.nn.Parameter(t.ones(2))
            self.register_buffer("mean", t.zeros(2))
            self.register_buffer("seen", t.zeros(1), persistent=False)
            self.register_parameter("nothing", None)
            self.again = self.first
            self.inner = t.nn.Sequential(t.nn.Linear(2, 3), t.nn.ReLU())
            self.size = 3

        def forward(self, x):
            return self.inner(self.first(x) * self.scale)

    return Block()


@judged
def test_what_a_module_consists_of(t):
    m = net(t)
    return {
        "repr": repr(m),
        "parameters": [name for name, _ in m.named_parameters()],
        "own": [name for name, _ in m.named_parameters(recurse=False)],
        "repeated": [name for name, _ in m.named_parameters("net", remove_duplicate=False)],
        "buffers": [name for name, _ in m.named_buffers()],
        "children": [name for name, _ in m.named_children()],
        "modules": [name for name, _ in m.named_modules()],
        "all": [name for name, _ in m.named_modules(prefix="p", remove_duplicate=False)],
        "counts": [len(list(f())) for f in (m.parameters, m.buffers, m.children, m.modules)],
        "state": list(m.state_dict()),
        "prefixed": list(m.state_dict(prefix="net.")),
        "kinds": [type(m.scale).__name__, type(m.scale * 2).__name__, type(m.mean).__name__],
        "dir": [name in dir(m) for name in ("scale", "mean", "inner", "size", "forward")],
        "by path": [m.get_submodule("inner.0") is m.inner[0], m.get_submodule("") is m],
        "parameter": m.get_parameter("inner.0.weight") is m.inner[0].weight,
        "buffer": m.get_buffer("mean") is m.mean,
        "training": m.training,
    }


@judged
def test_parameters(t):
    x = t.tensor(data(3))
    p = t.nn.Parameter(x)
    q = t.nn.Parameter(t.tensor([1, 2]), requires_grad=False)
    p.note = "kept"
    with t.no_grad():
        p.add_(1)
    return [
        repr(p),
        repr(q),
        repr(t.nn.Parameter()),
        x,
        p.is_leaf,
        isinstance(p, t.Tensor),
        isinstance(x, t.nn.Parameter),
        isinstance(p.detach(), t.nn.Parameter),
        isinstance(p.data, t.nn.Parameter),
        f"{t.nn.Parameter(t.tensor(1.0))}",
        p.note,
    ]


@pytest.mark.parametrize("data", ["[1.0]", "t.tensor([1, 2])"])
@judged(raises="")
def test_parameters_of_what_cannot_be_learnt(t, data):
    t.nn.Parameter(eval(data, {"t": t}))


@judged
def test_buffers_as_attributes(t):
    m = t.nn.Module()
    m.a = t.nn.Buffer(t.ones(2))
    m.b = t.nn.Buffer(t.ones(2), persistent=False)
    m.a = t.zeros(2)
    return [name for name, _ in m.named_buffers()], list(m.state_dict()), m.a


@judged
def test_assignments_move_a_name(t):
    m = net(t)
    seen = []
    m.size = t.nn.Parameter(t.ones(1))
    m.scale = None
    seen.append([name for name, _ in m.named_parameters()])
    del m.scale
    m.scale = t.nn.Linear(1, 1)
    m.mean = None
    seen.append([list(m.state_dict()), repr(m)])
    m.inner = None
    del m.again, m.first
    m.register_module("late", t.nn.ReLU())
    m.mean = t.nn.Parameter(t.zeros(1))
    seen.append([repr(m), list(m.state_dict()), hasattr(m, "again"), "size" in vars(m)])
    return seen


REFUSED = [
    "setattr(m, 'scale', t.ones(2))",
    "setattr(m, 'scale', 3)",
    "setattr(m, 'inner', t.ones(2))",
    "setattr(m, 'mean', 'text')",
    "m.unknown",
    "del_(m, 'unknown')",
    "m(1, 2, 3, 4)",
    "t.nn.Module()(1)",
    "t.nn.Module(3)",
    "t.nn.Module(x=3)",
    "m.register_parameter('p', t.ones(1))",
    "m.register_parameter('p', m.scale * 2)",
    "m.register_parameter('a.b', None)",
    "m.register_parameter('', None)",
    "m.register_parameter(3, None)",
    "m.register_parameter('mean', None)",
    "m.register_parameter('forward', None)",
    "m.register_buffer('b', 3)",
    "m.register_buffer('scale', t.ones(1))",
    "m.register_buffer('a.b', None)",
    "m.add_module('m', 3)",
    "m.add_module('scale', t.nn.ReLU())",
    "m.add_module('a.b', t.nn.ReLU())",
    "m.add_module('', t.nn.ReLU())",
    "m.add_module(3, t.nn.ReLU())",
    "m.get_submodule('inner.7')",
    "m.get_submodule('size')",
    "m.get_parameter('mean')",
    "m.get_parameter('unknown')",
    "m.get_buffer('scale')",
    "m.train(3)",
    "m.to(t.int64)",
    "m.to('cuda')",
    "m.to('nowhere')",
    "m.cuda()",
    "m(t.ones(1, 2, dtype=t.float64))",
    "m(t.ones(1, 3))",
    "m.load_state_dict(3)",
    "m.load_state_dict({})",
    "m.load_state_dict({**m.state_dict(), 'more': t.ones(1), 'inner.7.weight': t.ones(1)})",
    "m.load_state_dict({**m.state_dict(), 'scale': t.ones(3)})",
    "m.load_state_dict({**m.state_dict(), 'scale': t.ones(3)}, strict=False)",
    "m.load_state_dict({'scale': t.ones(3), 'more': 1})",
    "m.load_state_dict({**m.state_dict(), 'scale': 3})",
]


@pytest.mark.parametrize("statement", REFUSED)
@judged(raises="")
def test_what_is_refused(t, statement):
    eval(statement, {"t": t, "m": net(t), "del_": delattr})


@judged
def test_the_whole_text_of_a_failed_load(t):
    try:
        net(t).load_state_dict({"scale": t.ones(3), "more": t.ones(1)})
    except RuntimeError as error:
        return str(error)


BEFORE_INIT = ["t.nn.Linear(1, 1)", "t.nn.Parameter(t.ones(1))", "t.nn.Buffer(t.ones(1))"]


@pytest.mark.parametrize("value", BEFORE_INIT)
@judged(raises="cannot assign")
def test_assignments_before_init(t, value):
    class Early(t.nn.Module):
        def __init__(self):
            self.x = eval(value, {"t": t})

    Early()


@judged
def test_apply_visits_children_first(t):
    names = []
    m = net(t)
    same = m.apply(lambda module: names.append(type(module).__name__)) is m
    return names, same


@judged
def test_conversions_keep_the_parameters(t):
    t.manual_seed(0)
    m = net(t)
    m.register_buffer("count", t.tensor(3))
    before = m.scale
    m(t.ones(1, 2)).sum().backward()
    m.double()
    seen = [m.scale is before, plain(m.state_dict()), plain(before.grad)]
    m.half()
    seen.append([str(x.dtype) for x in m.state_dict().values()])
    m.to("cpu").to(t.device("cpu"), t.float64).to(dtype=t.float32).cpu()
    seen.append([str(x.dtype) for x in m.state_dict().values()])
    m.to(t.ones(1, dtype=t.float64)).type(t.float32)
    seen.append([str(x.dtype) for x in m.state_dict().values()])
    return [*seen, m.scale.requires_grad, m.scale.is_leaf]


@judged
def test_modes_and_gradients(t):
    m = net(t)
    seen = [m.eval().training, m.inner.training, m.train().inner[0].training]
    m(t.ones(1, 2)).sum().backward()
    m.zero_grad(set_to_none=False)
    seen += plain([m.scale.grad, m.inner[0].bias.grad])
    m.zero_grad()
    seen += [m.scale.grad, m.requires_grad_(False) is m, [p.requires_grad for p in m.parameters()]]
    return seen


@judged
def test_state_goes_out_and_in(t):
    t.manual_seed(0)
    a, b = net(t), net(t)
    state = a.state_dict()
    shares = state["scale"].data_ptr() == a.scale.data_ptr()
    answer = b.load_state_dict(state)
    partly = b.load_state_dict({"scale": t.zeros(2), "more": 1}, strict=False)
    kept = a.state_dict(keep_vars=True)["scale"] is a.scale
    seen = [shares, repr(answer), repr(partly), partly.missing_keys, kept, plain(b.state_dict())]
    new = {name: x + 1 for name, x in state.items()}
    a.load_state_dict(new, assign=True)
    return [*seen, a.mean is new["mean"], isinstance(a.scale, t.nn.Parameter), a.scale.detach()]


@judged
def test_state_that_is_no_tensor(t):
    class Counting(t.nn.Module):
        count = 3

        def get_extra_state(self):
            return self.count

        def set_extra_state(self, state):
            self.count = state

    m = t.nn.Sequential(Counting(), t.nn.Linear(1, 1))
    state = m.state_dict()
    m[0].count = 5
    m.load_state_dict(state)
    return list(state), state["0._extra_state"], m[0].count


@judged
def test_old_checkpoints_of_batch_norm(t):
    m = t.nn.BatchNorm1d(2)
    state = dict(m.state_dict())
    del state["num_batches_tracked"]
    return repr(m.load_state_dict(state))


@judged
def test_hooks_of_state_dict(t):
    seen = []
    m = t.nn.Sequential(t.nn.Linear(1, 1))
    m.register_state_dict_pre_hook(lambda module, prefix, keep: seen.append(("before", prefix)))
    m.register_state_dict_post_hook(
        lambda module, state, prefix, about: state.update(more=t.ones(1))
    )
    m.register_load_state_dict_pre_hook(lambda module, state, *others: state.pop("more"))
    m.register_load_state_dict_post_hook(lambda module, keys: seen.append(list(keys)))
    m.load_state_dict(m.state_dict())
    return seen, list(m.state_dict())


@judged
def test_copies_are_apart(t):
    t.manual_seed(0)
    m = net(t)
    m(t.ones(1, 2)).sum().backward()
    c = copy.deepcopy(m)
    with t.no_grad():
        c.scale.add_(1)
    shared = c.again is c.first
    return shared, m.scale.detach(), c.scale.detach(), c.scale.grad, list(c.state_dict()), repr(c)


def test_pickled_modules():
    m = minigrad.nn.Sequential(minigrad.nn.Linear(2, 3), minigrad.nn.BatchNorm1d(3))
    again = pickle.loads(pickle.dumps(m))
    x = minigrad.ones(4, 2)
    assert repr(again) == repr(m)
    assert (again(x) == m(x)).all()
    assert [p.requires_grad for p in again.parameters()] == [True] * 4


@judged
def test_submodules_can_be_replaced(t):
    m = net(t)
    m.set_submodule("inner.1", t.nn.Tanh())
    m._modules["inner"][0] = t.nn.Identity()
    return repr(m)


@judged
def test_extra_repr_of_several_lines(t):
    class Talkative(t.nn.Module):
        def extra_repr(self):
            return "one\ntwo"

    class Quiet(t.nn.Module):
        def extra_repr(self):
            return "one"

    outer = Quiet()
    outer.inner = Talkative()
    return repr(Talkative()), repr(Quiet()), repr(outer)


@pytest.mark.parametrize("wanted", [True, False])
@pytest.mark.parametrize("given", [True, False])
@pytest.mark.parametrize("kind", ["Parameter", "Buffer"])
@judged
def test_what_is_assigned_is_as_trainable_as_what_it_replaces(t, wanted, given, kind):
    m = t.nn.Linear(2, 3)
    m.weight.requires_grad_(wanted)
    new = t.ones(3, 2, requires_grad=given)
    if kind == "Parameter":
        new = t.nn.Parameter(new, given)
    m.load_state_dict({"weight": new, "bias": t.zeros(3)}, assign=True)
    return m.weight, m.weight is new, new.requires_grad


@pytest.mark.parametrize("returned", [0, {}, {"a": 1}], ids=str)
@judged(raises="state_dict post-hook must return None")
def test_a_post_hook_that_returns_something(t, returned):
    m = t.nn.Linear(2, 3)
    m.register_state_dict_post_hook(lambda *args: returned)
    m.state_dict()


@pytest.mark.parametrize("returned", [None, {}, {"a": 1}], ids=str)
@judged
def test_an_old_post_hook_replaces_the_state(t, returned):
    m = t.nn.Linear(2, 3)
    m._register_state_dict_hook(lambda *args: returned)
    return list(m.state_dict())


@pytest.mark.parametrize("assign", [False, True])
@judged
def test_a_number_that_an_old_checkpoint_keeps_as_a_vector(t, assign):
    m = t.nn.Module()
    m.register_buffer("count", t.tensor(3.0))
    m.load_state_dict({"count": t.ones(1)}, assign=assign)
    return m.count.item(), m.count.shape


@judged(ulps=32)
def test_a_model_learns_as_in_torch(t):
    t.manual_seed(7)
    model = t.nn.Sequential(t.nn.Linear(2, 8), t.nn.Tanh(), t.nn.Dropout(0.2), t.nn.Linear(8, 1))
    x, y = t.randn(16, 2), t.randn(16, 1)
    loss = t.nn.MSELoss()
    losses = []
    for _ in range(5):
        model.zero_grad()
        value = loss(model(x), y)
        value.backward()
        losses.append(value.item())
        with t.no_grad():
            for p in model.parameters():
                p -= 0.1 * p.grad
    return losses, plain(model.state_dict())


@pytest.mark.parametrize("with_module", [False, True])
@judged
def test_the_older_hook_before_loading(t, with_module):
    seen = []
    m = t.nn.Linear(2, 2)
    m._register_load_state_dict_pre_hook(
        lambda *args: seen.append([type(each).__name__ for each in args]), with_module
    )
    m.load_state_dict(m.state_dict())
    return seen


@judged
def test_what_else_a_class_is_made_of(t):
    class Named:
        def __init__(self, name, **rest):
            self.name, self.rest = name, rest

    class Net(t.nn.Module, Named):
        call_super_init = True

    net = Net("a", b=1)
    return net.name, net.rest, net.training


@judged
def test_a_class_that_extends_setstate(t):
    class Net(t.nn.Linear):
        def __setstate__(self, state):
            super().__setstate__(state)
            self.restored = True

    net = plain(Net(2, 2))
    return copy.deepcopy(net).restored, copy.copy(net).weight is net.weight
