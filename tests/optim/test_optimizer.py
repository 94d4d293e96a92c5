"""What all optimizers share: groups, state dicts, hooks, errors."""

import copy
import pickle
import warnings

import pytest

import minigrad
from tests.judge import both_raise, judged


def two(t):
    return t.ones(2, requires_grad=True), t.zeros(3, requires_grad=True)


def heard(f, *args):
    """What a call warns of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        f(*args)
    return [str(each.message) for each in caught]


def remembered(optimizer):
    return list(optimizer.state_dict()["state"].values())


INVALID = {
    "a tensor": lambda t: t.optim.SGD(t.ones(2, requires_grad=True)),
    "a float64 tensor": lambda t: t.optim.SGD(t.ones(2, dtype=t.float64)),
    "nothing": lambda t: t.optim.SGD([]),
    "an empty iterator": lambda t: t.optim.Adam(iter(())),
    "no tensor": lambda t: t.optim.SGD([1]),
    "an array": lambda t: t.optim.SGD([t.ones(2).numpy()]),
    "a result": lambda t: t.optim.SGD([t.ones(2, requires_grad=True) * 2]),
    "a set": lambda t: t.optim.SGD([{"params": {t.ones(2)}}]),
    "a group twice": lambda t: (lambda w: t.optim.SGD([{"params": w}, {"params": w}]))(t.ones(2)),
    "some names": lambda t: t.optim.SGD([("w", t.ones(2)), t.ones(3)]),
    "a group of names": lambda t: t.optim.SGD(
        [{"params": [("w", t.ones(2))]}, {"params": [t.ones(1)]}]
    ),
    "no dict": lambda t: t.optim.SGD([t.ones(2)]).add_param_group([t.ones(3)]),
    "no step": lambda t: t.optim.Optimizer([t.ones(1)], {}).step(),
}


@pytest.mark.torch
@pytest.mark.parametrize("what", INVALID)
def test_errors(what):
    both_raise(INVALID[what])


@judged
def test_a_result_that_retains_its_gradient(t):
    w = t.ones(2, requires_grad=True)
    y = w * 2
    y.retain_grad()
    optimizer = t.optim.SGD([y], lr=0.1)
    y.sum().backward()
    optimizer.step()
    return y.detach()


@judged
def test_groups_and_repr(t):
    w, b = two(t)
    group = {"params": b, "lr": 0.5, "mine": "kept"}
    optimizer = t.optim.SGD([{"params": [w]}], lr=0.1, momentum=0.9)
    optimizer.add_param_group(group)
    keys = [sorted(each) for each in optimizer.param_groups]
    same = optimizer.param_groups[1] is group, optimizer.param_groups[1]["params"][0] is b
    return repr(optimizer), keys, same, optimizer.defaults


@judged
def test_named_parameters(t):
    w, b = two(t)
    optimizer = t.optim.SGD([("w", w), ("b", b)], lr=0.1)
    other = t.optim.SGD(two(t), lr=0.2)
    other.load_state_dict(optimizer.state_dict())
    return optimizer.state_dict()["param_groups"], other.state_dict()["param_groups"]


@judged
def test_duplicates_are_warned_of(t):
    w, _ = two(t)
    return heard(t.optim.SGD, [w, w]), t.optim.Adam


@judged
def test_state_dict_and_its_numbers(t):
    w, b = two(t)
    optimizer = t.optim.Adam([{"params": [b]}, {"params": [w]}], lr=0.1)
    w.grad = t.ones(2)
    optimizer.step()
    kept = optimizer.state_dict()
    shared = kept["state"][1]["exp_avg"] is optimizer.state[w]["exp_avg"]
    return remembered(optimizer), list(kept["state"]), kept["param_groups"], shared


@pytest.mark.torch
@pytest.mark.parametrize("count", [1, 3])
def test_loading_a_state_dict_of_another_size(count):
    def load(t):
        kept = t.optim.SGD([t.ones(1) for _ in range(count)]).state_dict()
        t.optim.SGD(two(t)).load_state_dict(kept)

    both_raise(load, "doesn't match the size")


@judged(raises="different number of parameter groups")
def test_loading_a_state_dict_of_other_groups(t):
    w, b = two(t)
    kept = t.optim.SGD([{"params": w}, {"params": b}]).state_dict()
    t.optim.SGD([w]).load_state_dict(kept)


@judged
def test_a_state_dict_of_an_older_version(t):
    w, _ = two(t)
    optimizer = t.optim.Adam([w], maximize=True)
    average = t.full((2,), 0.5)
    group = dict(lr=0.1, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, params=[0])
    state = {0: {"step": 3, "exp_avg": average, "exp_avg_sq": average.clone()}}
    optimizer.load_state_dict({"state": state, "param_groups": [group]})
    w.grad = t.ones(2)
    optimizer.step()
    return w, remembered(optimizer), repr(optimizer)


@judged
def test_zero_grad(t):
    w, b = two(t)
    optimizer = t.optim.SGD([w, b], lr=0.1)
    (w * w).sum().backward(create_graph=True)
    kept = w.grad
    optimizer.zero_grad(set_to_none=False)
    first = w.grad is kept, w.grad.requires_grad, w.grad.clone(), b.grad
    optimizer.zero_grad()
    return first, w.grad


@judged
def test_hooks_around_steps(t):
    w, _ = two(t)
    w.grad = t.ones(2)
    optimizer = t.optim.SGD([w], lr=0.1)
    seen = []
    first = optimizer.register_step_pre_hook(
        lambda o, args, kwargs: seen.append((len(args), kwargs))
    )
    optimizer.register_step_post_hook(lambda o, args, kwargs: seen.append("after"))
    optimizer.register_step_pre_hook(lambda o, args, kwargs: ((o,), {"closure": lambda: 5}))
    result = optimizer.step()
    first.remove()
    first.remove()
    optimizer.step(closure=None)
    return seen, result, w


def test_hooks_run_once_around_a_step_that_calls_its_base() -> None:
    class Twice(minigrad.optim.SGD):
        def step(self, closure=None):
            super().step(closure)
            return super().step(closure)

    seen = []
    optimizer = Twice(two(minigrad))
    optimizer.register_step_post_hook(lambda *_: seen.append(1))
    optimizer.step()
    assert seen == [1]


@judged
def test_an_optimizer_around_another_that_does_not_call_the_base(t):
    class Lookahead(t.optim.Optimizer):
        def __init__(self, inner):
            self.inner, self.param_groups = inner, inner.param_groups

        def zero_grad(self):
            self.inner.zero_grad()

        def step(self, closure=None):
            return self.inner.step(closure)

    w, _ = two(t)
    optimizer = Lookahead(t.optim.SGD([w], lr=0.1, momentum=0.9))
    for _ in range(3):
        optimizer.zero_grad()
        (w**2).sum().backward()
        optimizer.step()
    return w


def test_a_hook_that_returns_something_else() -> None:
    optimizer = minigrad.optim.SGD(two(minigrad))
    optimizer.register_step_pre_hook(lambda o, args, kwargs: 1)
    with pytest.raises(RuntimeError, match="must return None or a tuple of"):
        optimizer.step()


@judged
def test_hooks_around_state_dicts(t):
    optimizer = t.optim.SGD(two(t), lr=0.1)
    seen = []
    optimizer.register_state_dict_pre_hook(lambda o: seen.append("before"))
    optimizer.register_state_dict_pre_hook(lambda o: seen.append("first"), prepend=True)
    optimizer.register_state_dict_post_hook(lambda o, kept: {**kept, "more": 1})
    optimizer.register_load_state_dict_pre_hook(lambda o, kept: seen.append(kept.pop("more")))
    optimizer.register_load_state_dict_post_hook(lambda o: seen.append("loaded"))
    kept = optimizer.state_dict()
    optimizer.load_state_dict(kept)
    return seen, sorted(kept)


@judged
def test_an_optimizer_of_ones_own(t):
    class Signs(t.optim.Optimizer):
        def __init__(self, params, lr):
            super().__init__(params, dict(lr=lr))

        @t.no_grad()
        def step(self):
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is not None:
                        self.state[p]["n"] = self.state[p].get("n", 0) + 1
                        p.add_(p.grad.sign(), alpha=-group["lr"])

    w, b = two(t)
    optimizer = Signs([w, b], lr=0.5)
    seen = []
    optimizer.register_step_post_hook(lambda *_: seen.append(1))
    w.grad = t.tensor([3.0, -2.0])
    optimizer.step()
    optimizer.step()
    return w, b, seen, optimizer.state_dict(), repr(optimizer)


@judged
def test_copies_go_their_own_way(t):
    w, _ = two(t)
    optimizer = t.optim.Adam([w], lr=0.1)
    w.grad = t.ones(2)
    optimizer.step()
    other = copy.deepcopy(optimizer)
    (copied,) = other.param_groups[0]["params"]
    copied.grad = t.ones(2)
    other.step()
    steps = optimizer.state[w]["step"].item(), other.state[copied]["step"].item()
    return w, copied.clone().detach(), steps


def test_pickled_and_back() -> None:
    w = minigrad.ones(2, requires_grad=True)
    optimizer = minigrad.optim.SGD([w], lr=0.1, momentum=0.9)
    w.grad = minigrad.ones(2)
    optimizer.step()
    other = pickle.loads(pickle.dumps(optimizer))
    (copied,) = other.param_groups[0]["params"]
    assert copied.tolist() == w.tolist()
    assert other.state[copied]["momentum_buffer"].tolist() == [1.0, 1.0]


def test_no_warning_of_numpys_comes_through() -> None:
    w = minigrad.tensor([3e38, 1.0], requires_grad=True)
    w.grad = minigrad.tensor([-3e38, float("inf")])
    minigrad.optim.SGD([w], lr=10.0, momentum=0.9).step()
    minigrad.optim.Adam([w], eps=0.0).step()


@judged
def test_hooks_around_the_steps_of_all_optimizers(t):
    from importlib import import_module

    module = import_module(f"{t.__name__}.optim.optimizer")
    x = t.ones(1, requires_grad=True)
    optimizer, calls = t.optim.SGD([x], lr=0.5), []
    optimizer.register_step_pre_hook(lambda *given: calls.append("before"))
    optimizer.register_step_post_hook(lambda *given: calls.append("after"))
    handles = [
        module.register_optimizer_step_pre_hook(lambda o, *given: calls.append(o is optimizer)),
        module.register_optimizer_step_post_hook(lambda o, args, kwargs: calls.append(len(args))),
    ]
    x.grad = t.ones(1)
    optimizer.step()
    for handle in handles:
        handle.remove()
    optimizer.step()
    return x, calls


@judged
def test_state_of_the_optimizer_itself_is_loaded(t):
    class Counting(t.optim.Optimizer):
        def __init__(self, params):
            super().__init__(params, {"lr": 0.1})
            self.state["total"] = 3

    optimizer = Counting([t.nn.Parameter(t.ones(2))])
    optimizer.load_state_dict(optimizer.state_dict())
    return optimizer.state["total"]


@judged
def test_an_optimizer_around_another(t):
    class Around(t.optim.Optimizer):
        def __init__(self, inner):
            self._optimizer_step_pre_hooks, self._optimizer_step_post_hooks = {}, {}
            self._patch_step_function()
            self.inner, self.param_groups = inner, inner.param_groups
            self.state, self.defaults = inner.state, inner.defaults

        def step(self, closure=None):
            return self.inner.step(closure)

    x = t.nn.Parameter(t.ones(2))
    optimizer = Around(t.optim.SGD([x], lr=0.1))
    for _ in range(2):
        optimizer.zero_grad()
        (x**2).sum().backward()
        optimizer.step()
    return x.detach().clone()


@judged
def test_an_optimizer_for_sparse_gradients(t):
    p = t.nn.Parameter(t.ones(2))
    optimizer = t.optim.SparseAdam([p], lr=0.1, maximize=True)
    return repr(optimizer), optimizer.step(lambda: 3), optimizer.state_dict(), p


@judged(raises="SparseAdam does not support dense gradients, please consider Adam instead")
def test_a_dense_gradient_for_an_optimizer_of_sparse_ones(t):
    p = t.nn.Parameter(t.ones(2))
    p.sum().backward()
    t.optim.SparseAdam([p]).step()


@judged(raises="Invalid (learning rate|epsilon value|beta parameter at index [01]): ")
@pytest.mark.parametrize(
    "wrong", [{"lr": 0.0}, {"eps": 0.0}, {"betas": (1.0, 0.9)}, {"betas": (0.9, -1.0)}]
)
def test_settings_of_an_optimizer_for_sparse_gradients(t, wrong):
    t.optim.SparseAdam([t.nn.Parameter(t.ones(2))], **wrong)
