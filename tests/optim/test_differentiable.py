"""Steps that are recorded: the gradients that flow through them, against torch's."""

import pytest

import minigrad
from tests.judge import data, judged

OPTIONS = [
    ("SGD", dict(lr=0.1, momentum=0.9, dampening=0.2, weight_decay=0.1)),
    ("SGD", dict(lr=0.1, momentum=0.9, nesterov=True, maximize=True)),
    ("Adam", dict(lr=0.1, amsgrad=True, weight_decay=0.1)),
    ("Adam", dict(lr=0.1, maximize=True)),
    ("AdamW", dict(lr=0.1, weight_decay=0.3)),
    ("NAdam", dict(lr=0.1, weight_decay=0.1, momentum_decay=0.1)),
    ("NAdam", dict(lr=0.1, weight_decay=0.1, decoupled_weight_decay=True)),
    ("RAdam", dict(lr=0.1, weight_decay=0.1, betas=(0.8, 0.9))),
    ("RAdam", dict(lr=0.1, weight_decay=0.1, decoupled_weight_decay=True)),
    ("Adamax", dict(lr=0.1, weight_decay=0.1)),
    ("Adagrad", dict(lr=0.1, lr_decay=0.1, weight_decay=0.1, initial_accumulator_value=0.5)),
    ("Adadelta", dict(lr=0.5, rho=0.8, weight_decay=0.1, maximize=True)),
    ("RMSprop", dict(lr=0.1, centered=True, momentum=0.5, weight_decay=0.1)),
    ("RMSprop", dict(lr=0.1)),
    ("Rprop", dict(lr=0.1, etas=(0.3, 1.5), step_sizes=(0.01, 0.12))),
    ("ASGD", dict(lr=0.1, t0=20, weight_decay=0.1, lambd=0.1)),
]


def warm(t, name, options):
    """What an optimizer remembers after some steps, in double precision."""
    x = t.tensor(data(4))
    optimizer = getattr(t.optim, name)([x], **options)
    for i in range(5):
        x.grad = t.tensor(data(4, seed=i + 9))
        optimizer.step()
    return {name: value.double() for name, value in optimizer.state[x].items()}


def stepped(t, name, options, state):
    """A tensor after a step, the leaves it was made of, and what the optimizer remembers."""
    leaves = [t.tensor(data(4, seed=i), requires_grad=True) for i in range(2)]
    x = leaves[0].clone()
    optimizer = getattr(t.optim, name)([x], differentiable=True, **options)
    optimizer.state[x].update(state)
    x.grad = leaves[1] * 1
    optimizer.step()
    return x, leaves, optimizer.state[x]


@judged(ulps=100)
@pytest.mark.filterwarnings("ignore:The .grad attribute")
@pytest.mark.parametrize("name, options", OPTIONS)
def test_gradients_flow_through_a_step(t, name, options):
    before = warm(t, name, options)
    of_old = {name: value.clone().requires_grad_() for name, value in before.items()}
    fixed = ("step", "eta", "mu", "mu_product", "ax")
    state = {k: before[k].clone() if k in fixed else v.clone() for k, v in of_old.items()}
    x, leaves, state = stepped(t, name, options, state)
    kept = [v for v in state.values() if v.requires_grad]
    sum((each**2).sum() for each in [x, *kept]).backward()
    leaves += [v for k, v in of_old.items() if k not in fixed]
    return x.detach().clone(), [v.detach().clone() for v in kept], sorted(state), leaves


@judged(ulps=100)
@pytest.mark.filterwarnings("ignore:The .grad attribute")
@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW"])
def test_settings_that_are_tensors(t, name):
    lr = t.tensor(0.1, dtype=t.float64, requires_grad=True)
    decay = t.tensor(0.2, dtype=t.float64, requires_grad=True) if name != "AdamW" else 0.2
    options = dict(lr=lr, weight_decay=decay)
    x, leaves, _ = stepped(t, name, options, warm(t, name, dict(lr=0.1)))
    x.pow(2).sum().backward()
    return x.detach().clone(), lr, decay, leaves


# The first momentum of SGD is a constant, which differences would not see.
@pytest.mark.parametrize("name, options", [("SGD", dict(lr=0.1)), *OPTIONS[2:]])
def test_gradients_flow_through_several_steps(name, options):
    """Where torch's steps write over what those before have saved."""

    def after(start):
        x = start.clone()
        optimizer = getattr(minigrad.optim, name)([x], differentiable=True, **options)
        for _ in range(3):
            x.grad = x.clone().sin()
            optimizer.step()
        return x

    minigrad.set_default_dtype(minigrad.float64)  # in which steps are counted
    try:
        start = minigrad.tensor(data(4), requires_grad=True)
        assert minigrad.autograd.gradcheck(after, start)
    finally:
        minigrad.set_default_dtype(minigrad.float32)


@judged(raises="a leaf Variable that requires grad is being used in an in-place operation")
def test_a_leaf_that_requires_grad(t):
    x = t.ones(2, requires_grad=True)
    x.grad = t.ones(2)
    t.optim.SGD([x], differentiable=True).step()


@judged
def test_a_tensor_that_does_not_require_grad(t):
    x = t.ones(2)
    x.grad = t.tensor([1.0, 2.0], requires_grad=True)
    with t.no_grad():
        t.optim.SGD([x], lr=0.5, differentiable=True).step()
    return x.detach().clone(), x.requires_grad


def test_learning_a_learning_rate():
    """The derivative of the loss after a step, in lr, is minus the product of both gradients."""
    w, lr = minigrad.tensor(3.0, requires_grad=True), minigrad.tensor(0.1, requires_grad=True)
    x = w.clone()
    (x.grad,) = minigrad.autograd.grad(w**2, w, create_graph=True)
    minigrad.optim.SGD([x], lr=lr, differentiable=True).step()
    (x**2).backward()
    new = 3 - 0.1 * 6
    assert lr.grad.item() == pytest.approx(-2 * new * 6)
    assert w.grad.item() == pytest.approx(2 * new * (1 - 0.1 * 2))
