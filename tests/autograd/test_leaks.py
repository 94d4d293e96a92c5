"""Nothing outlives its last reference: every feature that keeps tensors lets them go again.

Each use below makes what it needs, differentiates, and drops it all, with the garbage collector
off. Then there must be no more objects than before, and nothing for the collector to find.
"""

import contextlib
import gc
import itertools
import tracemalloc
import weakref

import numpy as np
import pytest

import minigrad as mg
from minigrad import nn
from minigrad.autograd import forward_ad
from minigrad.autograd.graph import saved_tensors_hooks
from minigrad.utils.checkpoint import checkpoint
from minigrad.utils.data import DataLoader, TensorDataset

USES = {}


def use(f):
    USES[f.__name__] = f
    return f


def leaf(n=4):
    return mg.ones(n, requires_grad=True)


# Hooks.


@use
def hooks_of_tensors():
    x, w = leaf(), leaf()
    y = x * 2
    y.register_hook(lambda g: g * w)
    handle = y.register_hook(lambda g: g * x)
    y.exp().sum().backward(create_graph=True)
    x.grad = None
    handle.remove()


@use
def hooks_of_nodes():
    x = leaf()
    y = x.exp()
    y.grad_fn.register_hook(lambda inner, outer: (inner[0] * 2,))
    y.grad_fn.register_prehook(lambda outer: (outer[0] * 2,))
    accumulate = (x * 2).grad_fn.next_functions[0][0]
    accumulate.register_hook(lambda inner, outer: None)
    y.grad_fn.metadata["kept"] = [1]
    y.sum().backward()


@use
def post_accumulate_hooks():
    x = leaf()
    x.register_post_accumulate_grad_hook(lambda x: setattr(x, "grad", None))
    x.exp().sum().backward()


@use
def hooks_of_several_tensors():
    x, y = leaf(), leaf()
    for mode in ("all", "any"):
        mg.autograd.graph.register_multi_grad_hook((x, y), lambda g: None, mode=mode)
    (x * y).sum().backward()


@use
def hooks_that_stay_unused():
    x = leaf()
    y = x * 2
    y.register_hook(print)
    y.grad_fn.register_hook(print)
    y.grad_fn.register_prehook(print)
    x.register_hook(print)


@use
def hooks_that_raise():
    def fail(g):
        raise ValueError

    x = leaf()
    y = x.exp()
    y.register_hook(fail)
    with contextlib.suppress(ValueError):
        y.sum().backward()


@use
def retained_gradients():
    y = leaf().exp()
    y.retain_grad()
    z = (y * 1).view(2, 2)
    z.retain_grad()
    z.mul_(2)
    z.sum().backward()


# Graphs.


@use
def derivatives_of_three_orders():
    x = leaf()
    y = (x.exp() * x.sigmoid()).sum()
    for _ in range(3):
        (g,) = mg.autograd.grad(y, x, create_graph=True)
        y = g.sum()


@use
def views_and_writes_through_them():
    x = leaf()
    base = x * 2
    views = base.view(2, 2), base[1:], base[::2]
    views[0].mul_(x.view(2, 2))
    views[1].neg_()
    views[2][0] = 3
    base.sum().backward()
    views[0].grad_fn


@use
def a_plain_tensor_that_comes_to_require_grad():
    x, base = leaf(), mg.zeros(2, 4)
    view = base[0]
    view.copy_(x)
    view.mul_(x)
    base.sum().backward()


@use
def a_node_held_by_itself():
    node = leaf().exp().grad_fn
    node.next_functions
    node._saved_result
    node(mg.ones(4))


@use
def a_backward_pass_that_fails():
    x = leaf()
    y = x.exp()
    z = y.sin() * 2
    with mg.no_grad():
        y.add_(1)
    with contextlib.suppress(RuntimeError):
        z.sum().backward()


@use
def a_forward_that_fails():
    x = leaf()
    with contextlib.suppress(RuntimeError):
        x.exp() @ x.view(2, 2)
    with contextlib.suppress(RuntimeError):
        x.add_(1)
    with contextlib.suppress(IndexError):
        x.exp()[7]


@use
def a_graph_dropped_half_way():
    x = leaf()
    y = x.exp()
    mg.autograd.grad(y.sin().sum(), y)


# Functions.


class Product(mg.autograd.Function):
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        ctx.shape, ctx.kept = a.shape, [a.detach(), b.detach()]
        return a * b

    @staticmethod
    def backward(ctx, g):
        a, b = ctx.saved_tensors
        return g * b, g * a


class Exponential(mg.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, g):
        return g * ctx.saved_tensors[0]


class Doubled(mg.autograd.Function):
    @staticmethod
    def forward(x):
        return x.mul_(2), x.argmax()

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.mark_dirty(*inputs)
        ctx.mark_non_differentiable(output[1])

    @staticmethod
    def backward(ctx, g, _):
        return g * 2


@use
def functions():
    x, w = leaf(), leaf()
    y = Exponential.apply(Product.apply(x, w))
    Doubled.apply(y * 1)
    y.sum().backward(create_graph=True)
    x.grad = w.grad = None


@use
def functions_whose_graph_is_never_walked():
    x = leaf()
    y = Exponential.apply(Product.apply(x, x))
    y.grad_fn.kept = [1]


@use
def saved_tensors_hooks_that_pack():
    x = leaf()
    with saved_tensors_hooks(lambda v: v.detach().clone(), lambda v: v):
        y = Exponential.apply(Product.apply(x, x.exp()))
    y.sum().backward()


@use
def saved_tensors_hooks_that_keep_the_tensor():
    x = leaf()
    with saved_tensors_hooks(lambda v: v, lambda v: v):
        y = (x * x.sin()).log()
    y.sum().backward()
    with mg.autograd.graph.save_on_cpu():
        (x * 2).exp()


@use
def checkpoints():
    for reentrant in (True, False):
        x, w = leaf(), leaf()
        y = checkpoint(lambda x, w=w: (x * w).exp(), x * 2, use_reentrant=reentrant)
        y.sum().backward()
        checkpoint(lambda x: x.exp(), x, use_reentrant=reentrant)  # and no backward


@use
def anomaly_detection():
    with mg.autograd.detect_anomaly(check_nan=True):
        x = leaf()
        y = (x * x).exp()
        y.sum().backward(create_graph=True)
        x.grad = None
        with contextlib.suppress(RuntimeError, UserWarning):
            (x * 0).sqrt().sum().backward()


# Transforms.


@use
def dual_numbers():
    x, v = leaf(), mg.ones(4)
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(x, v)
        y = (dual * dual).sin()
        y[1:].mul_(2)
        forward_ad.unpack_dual(y).tangent.sum().backward(create_graph=True)
    x.grad = None


@use
def transforms():
    x = mg.ones(3)
    f = mg.func

    def g(x):
        return (x.exp() * x).sum()

    f.grad(f.grad(lambda x: g(x) ** 2))(x[0])
    f.grad_and_value(g)(x)
    f.jacrev(mg.sin)(x)
    f.jacfwd(mg.sin)(x)
    f.hessian(g)(x)
    f.vmap(f.grad(g))(x.view(3, 1))
    f.jvp(g, (x,), (x,))
    f.vjp(g, x)[1](mg.tensor(1.0))
    mg.autograd.functional.jacobian(mg.sin, x, create_graph=True)
    mg.autograd.functional.hessian(g, x)


@use
def a_call_with_other_parameters():
    model = nn.Linear(2, 1)
    parameters = {name: p.detach() for name, p in model.named_parameters()}
    x = mg.ones(3, 2)
    loss = mg.func.grad(lambda ps: mg.func.functional_call(model, ps, (x,)).sum())
    loss(parameters)


# Modes.


@use
def inference():
    x = leaf()
    with mg.inference_mode():
        y = x.exp().view(2, 2)
        y.add_(1)
    y.clone().sum()
    with contextlib.suppress(RuntimeError):
        y * leaf(2)


@use
def no_grad():
    x = leaf()
    with mg.no_grad():
        y = x.exp()
        x.add_(1)
        x.view(2, 2)[0] = 1
        with mg.enable_grad():
            (y * x).sum().backward()


# Networks.


def network():
    return nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.LayerNorm(3), nn.Dropout(0.5))


@use
def modules():
    model = network()
    model(mg.ones(2, 4)).sum().backward()
    model.zero_grad()
    model.load_state_dict(model.state_dict())


@use
def hooks_of_modules():
    model = network()
    model[0].register_forward_pre_hook(lambda m, args: None)
    model[0].register_forward_hook(lambda m, args, out: out * 2)
    model[1].register_full_backward_hook(lambda m, inner, outer: None)
    model.register_full_backward_pre_hook(lambda m, outer: None)
    model(leaf()).sum().backward()


@use
def recurrent_layers():
    for kind in (nn.RNN, nn.LSTM, nn.GRU):
        out, _ = kind(2, 3)(mg.ones(4, 2))
        out.sum().backward()


@use
def attention():
    layer = nn.TransformerEncoderLayer(4, 2, 8, batch_first=True)
    layer(mg.ones(1, 3, 4)).sum().backward()


@use
def convolution():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2))
    model(mg.ones(2, 1, 6, 6)).sum().backward()


OPTIMIZERS = ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam"]
OPTIMIZERS += ["ASGD", "Rprop"]


@use
def optimizers():
    for name in OPTIMIZERS:
        model = nn.Linear(2, 1)
        optimizer = getattr(mg.optim, name)(model.parameters(), lr=0.01)
        for _ in range(2):
            optimizer.zero_grad()
            model(mg.ones(3, 2)).sum().backward()
            optimizer.step()
        optimizer.load_state_dict(optimizer.state_dict())


@use
def an_optimizer_with_a_closure():
    x = leaf()
    optimizer = mg.optim.LBFGS([x])

    def closure():
        optimizer.zero_grad()
        loss = (x**2).sum()
        loss.backward()
        return loss

    optimizer.step(closure)


@use
def schedules():
    optimizer = mg.optim.SGD([leaf()], lr=0.1, momentum=0.9)
    lr = mg.optim.lr_scheduler
    for schedule in (
        lr.StepLR(optimizer, 2),
        lr.LambdaLR(optimizer, lambda epoch: 0.9**epoch),
        lr.CosineAnnealingLR(optimizer, 3),
        lr.OneCycleLR(optimizer, 0.1, total_steps=5),
        lr.SequentialLR(
            optimizer, [lr.ConstantLR(optimizer), lr.ExponentialLR(optimizer, 0.9)], [1]
        ),
    ):
        optimizer.step()
        schedule.step()
    lr.ReduceLROnPlateau(optimizer).step(1.0)


@use
def batches():
    data = TensorDataset(mg.arange(12.0).view(6, 2), mg.arange(6))
    loader = DataLoader(data, batch_size=4, shuffle=True)
    for x, _ in loader:
        (x @ leaf(2)).sum().backward()
    next(iter(loader))  # and leave it half way


@use
def gradients_that_are_clipped():
    model = network()
    model(mg.ones(2, 4)).sum().backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    nn.utils.parameters_to_vector(model.parameters())


@use
def arrays_and_pickles():
    import copy
    import pickle

    x = leaf()
    copy.deepcopy(x)
    pickle.loads(pickle.dumps(x))
    mg.from_numpy(np.ones(3)).numpy()
    (x * np.float32(2)).detach().numpy()
    copy.deepcopy(network())


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", USES)
def test_nothing_is_left(name) -> None:
    """Nothing for the garbage collector to find, no more objects, no more memory of arrays."""
    run = USES[name]
    for _ in range(2):  # fill what is computed once and kept
        run()
    gc.collect()
    gc.disable()
    gc.freeze()  # what was there before is neither searched nor counted
    tracemalloc.start()
    try:
        run()
        assert gc.collect() == 0
        memory, counts = memory_of_arrays(), [len(gc.get_objects())]
        for _ in range(3):  # a thread of the test runner may keep some objects once, not each time
            run()
            assert gc.collect() == 0
            counts.append(len(gc.get_objects()))
        assert any(after <= before for before, after in itertools.pairwise(counts)), counts
        assert memory_of_arrays() == memory
    finally:
        tracemalloc.stop()
        gc.enable()


def memory_of_arrays() -> int:
    mine = tracemalloc.DomainFilter(True, np.lib.tracemalloc_domain)
    traces = tracemalloc.take_snapshot().filter_traces([mine]).traces
    return sum(trace.size for trace in traces)


# What a pass has used goes with it, while the results stay.


class Scaled(mg.autograd.Function):
    @staticmethod
    def forward(ctx, x, w):
        ctx.save_for_backward(w)
        return x * w

    @staticmethod
    def backward(ctx, g):
        (w,) = ctx.saved_tensors
        return g * w, None


KEEPING = {
    "product": lambda x, w: x * w,
    "several operands": lambda x, w: mg.addcmul(x, x, w),
    "any number of operands": lambda x, w: mg.einsum("a,b->ab", x, w),
    "several outputs": lambda x, w: nn.functional.layer_norm(x, (4,), w),
    "update": lambda x, w: x.clone().mul_(w),
    "update of a view": lambda x, w: (base := x.clone(), base.view(4).mul_(w))[0],
    "Function": Scaled.apply,
}


@pytest.mark.parametrize("name", KEEPING)
def test_what_a_pass_has_used_is_freed(name):
    x, w = leaf(), mg.rand(4)
    kept = weakref.ref(w.array)
    y = KEEPING[name](x, w)
    del w
    assert kept() is not None
    y.sum().backward(retain_graph=True)
    assert kept() is not None
    y.sum().backward()
    assert kept() is None
    with pytest.raises(RuntimeError, match="backward through the graph a second time"):
        y.sum().backward()
