"""torch's own Python code over minigrad's operators: the same numbers as over torch's.

The functions of a module of torch's get copies whose global ``torch`` is minigrad.
"""

import importlib
import inspect
import types
from typing import Any

import pytest

from tests.judge import judged

torch = pytest.importorskip("torch")

pytestmark = pytest.mark.torch


def over(t: Any, name: str) -> types.SimpleNamespace:
    """A module of torch's, with its functions over ``t``."""
    module = importlib.import_module(name)
    names = dict(vars(module), torch=t, Tensor=t.Tensor)
    for key, value in vars(module).items():
        if isinstance(value, types.FunctionType) and value.__module__ == name:
            copy = types.FunctionType(
                value.__code__, names, key, value.__defaults__, value.__closure__
            )
            copy.__kwdefaults__ = value.__kwdefaults__
            names[key] = copy
    return types.SimpleNamespace(**names)


STEPS: dict[str, tuple[list[str], dict[str, Any]]] = {
    "adam": (
        ["exp_avgs", "exp_avg_sqs", "max_exp_avg_sqs"],
        {"amsgrad": True, "beta1": 0.9, "beta2": 0.99, "lr": 0.1, "decoupled_weight_decay": True},
    ),
    "adamax": (["exp_avgs", "exp_infs"], {"beta1": 0.9, "beta2": 0.99, "lr": 0.1}),
    "nadam": (
        ["exp_avgs", "exp_avg_sqs", "mu_products"],
        {"beta1": 0.9, "beta2": 0.99, "lr": 0.1, "momentum_decay": 0.01},
    ),
    "radam": (["exp_avgs", "exp_avg_sqs"], {"beta1": 0.9, "beta2": 0.99, "lr": 0.1}),
    "adadelta": (["square_avgs", "acc_deltas"], {"lr": 1.0, "rho": 0.9}),
    "adagrad": (["state_sums"], {"lr": 0.1, "lr_decay": 0.1, "has_sparse_grad": False}),
    "rmsprop": (
        ["square_avgs", "grad_avgs", "momentum_buffer_list"],
        {"lr": 0.1, "alpha": 0.9, "momentum": 0.5, "centered": True},
    ),
}


@judged(ulps=16)
@pytest.mark.parametrize("name", list(STEPS))
def test_steps_of_optimizers(t, name):
    lists, settings = STEPS[name]
    step = getattr(over(t, f"torch.optim.{name}"), f"_single_tensor_{name}")
    start = [t.tensor([[1.0, -2.0], [0.5, 3.0]]), t.tensor([0.1, -0.2])]
    state = {key: [t.zeros_like(x) for x in start] for key in lists}
    if name == "nadam":
        state["mu_products"] = [t.tensor(1.0) for _ in start]
    counts = [t.tensor(0.0) for _ in start]
    wanted = inspect.signature(step).parameters
    usual = {"eps": 1e-6, "weight_decay": 0.01, "maximize": False, "capturable": False}
    usual |= {"differentiable": False, "grad_scale": None, "found_inf": None, "has_complex": False}
    usual |= {"decoupled_weight_decay": False, "amsgrad": False}
    given = {key: value for key, value in (usual | settings).items() if key in wanted}
    for number in range(1, 4):
        grads = [x * number - 1 for x in start]
        step(params=start, grads=grads, state_steps=counts, **state, **given)
    return start, list(state.values()), counts


@judged(ulps=16)
@pytest.mark.parametrize(
    "name", ["xavier_uniform_", "kaiming_normal_", "trunc_normal_", "orthogonal_", "sparse_"]
)
def test_initial_weights(t, name):
    t.manual_seed(0)
    settings = {"sparsity": 0.4} if name == "sparse_" else {}
    return getattr(over(t, "torch.nn.init"), name)(t.empty(5, 4), **settings)


@judged(ulps=16)
@pytest.mark.parametrize("strict", [False, True])
def test_jacobians_and_products(t, strict):
    f = over(t, "torch.autograd.functional")
    x, v = t.tensor([[1.0, -2.0], [0.5, 3.0]]), t.tensor([[0.5, 1.0], [-1.0, 2.0]])
    cube = lambda x: (x**3).sum()  # noqa: E731
    rows = lambda x: (x.sin() * x).sum(1)  # noqa: E731
    found = [f.jacobian(rows, x, strict=strict), f.hessian(cube, x, strict=strict)]
    found += [*f.jvp(rows, x, v, strict=strict), *f.vjp(rows, x, v[0], strict=strict)]
    found += [*f.hvp(cube, x, v, strict=strict), *f.vhp(cube, x, v, strict=strict)]
    return [y.clone() for y in found]
