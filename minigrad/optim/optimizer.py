"""The base of all optimizers: parameters in groups, with settings for each group and a state for
each parameter."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Callable
from copy import deepcopy
from itertools import chain
from typing import Any

from minigrad import dtypes
from minigrad.autograd.hooks import RemovableHandle
from minigrad.autograd.value import Value
from minigrad.from_data import tensor
from minigrad.optim import hooks
from minigrad.optim.hooks import Hook, Hooks, hooked
from minigrad.trees import flatten, unflatten
from minigrad.typeinfo import typename

Group = dict[str, Any]

register_optimizer_step_pre_hook = hooks.register_optimizer_step_pre_hook
register_optimizer_step_post_hook = hooks.register_optimizer_step_post_hook


class _RequiredParameter:
    def __repr__(self) -> str:
        return "<required parameter>"


required = _RequiredParameter()
"""In place of a default: every group has to say for itself."""

# Settings that state dicts of torch's older versions lack, and what that meant.
ADDED_LATER = {
    "amsgrad": False,
    "capturable": False,
    "centered": False,
    "decoupled_weight_decay": False,
    "differentiable": False,
    "foreach": None,
    "fused": None,
    "maximize": False,
    "momentum": 0,
    "nesterov": False,
}

# What they kept as plain numbers.
COUNTERS = ("step", "mu_product", "eta", "mu")


class Optimizer:
    """Base class of all optimizers, for your own ones too: a subclass defines ``step()``.

    params:    tensors, or (name, tensor) pairs, or dicts: parameter groups, each with its tensors
               under "params" and the settings that differ from the defaults.
    defaults:  the settings of groups that say nothing else.

    ``param_groups`` is the list of groups; ``state`` maps each parameter to a dict of what the
    optimizer remembers of it. Raises ValueError if there are no parameters, for a parameter that
    an operation has produced, and for one in two groups; TypeError for what is no tensor.
    """

    # Whether a step was made since there is a learning rate scheduler; they ask.
    stepped = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "step" in cls.__dict__:
            cls.step = hooked(cls.step)  # type: ignore[method-assign]

    def __init__(self, params: Any, defaults: dict[str, Any]) -> None:
        if isinstance(params, Value):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, "
                f"but got {typename(params)}. Put a single tensor into a list."
            )
        self.defaults = defaults
        self.state: defaultdict[Any, Any] = defaultdict(dict)
        self.param_groups: list[Group] = []
        self._without_hooks()
        groups = list(params)
        if not groups:
            raise ValueError(
                "optimizer got an empty parameter list. Does the model have parameters? Was an "
                "iterator of them used up before?"
            )
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)

    def _without_hooks(self) -> None:
        self._step_pre_hooks, self._step_post_hooks = Hooks(), Hooks()
        self._save_pre_hooks, self._save_post_hooks = Hooks(), Hooks()
        self._load_pre_hooks, self._load_post_hooks = Hooks(), Hooks()

    # What optimizers call that wrap another one, and do without the __init__ of this class.
    _patch_step_function = _without_hooks

    def watch_steps(self) -> None:
        """From the first call on, ``stepped`` says whether a step was made since."""
        if not self.__dict__.setdefault("watched", False):
            self.watched, self.stepped = True, False

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("defaults", "state", "param_groups")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if "_step_pre_hooks" not in self.__dict__:  # copied, or read from a pickle
            self._without_hooks()
        for group in self.param_groups:
            for name in ADDED_LATER.keys() & self.defaults.keys():
                group.setdefault(name, ADDED_LATER[name])
        for kept in self.state.values():
            for name in COUNTERS:
                if isinstance(kept, dict) and isinstance(kept.get(name), int | float):
                    kept[name] = counter(kept[name])

    def __repr__(self) -> str:
        text = f"{type(self).__name__} ("
        for i, group in enumerate(self.param_groups):
            text += f"\nParameter Group {i}\n"
            text += "".join([f"    {k}: {group[k]}\n" for k in sorted(group) if k != "params"])
        return text + ")"

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update the parameters by their gradients; those without one are left alone.

        closure: computes the loss anew, with the gradients, and returns it. ``step`` calls it
        first, and returns the loss.
        """
        raise NotImplementedError

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients: they become None, or zero with ``set_to_none=False``."""
        for group in self.param_groups:
            for param in group["params"]:
                grad = param.grad
                if grad is None:
                    continue
                if set_to_none:
                    param.grad = None
                elif grad.grad_fn is None:
                    grad.requires_grad_(False).zero_()
                else:
                    grad.detach_().zero_()

    def add_param_group(self, param_group: Group) -> None:
        """Add a group: a dict with its tensors under "params", and settings of its own."""
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
        given = param_group["params"]
        if isinstance(given, set):
            raise TypeError(
                "optimizer parameters need to be organized in ordered collections, but the "
                "ordering of tensors in sets will change between runs. Please use a list instead."
            )
        given = [given] if isinstance(given, Value) else list(given)
        names = [each[0] for each in given if isinstance(each, tuple)]
        if len(names) not in (0, len(given)):
            raise ValueError(
                "all optimizer params should be with/without names. Some param names are missing"
            )
        params = [each[1] for each in given] if names else given
        for param in params:
            check_parameter(param, self.defaults)
        for name, default in self.defaults.items():
            if default is required and name not in param_group:
                raise ValueError(
                    "parameter group didn't specify a value of required optimization parameter "
                    f"{name}"
                )
        if len(params) != len(set(params)):
            warnings.warn(
                "optimizer contains a parameter group with duplicate parameters; in future, this "
                "will cause an error; see github.com/pytorch/pytorch/issues/40967 for more "
                "information",
                stacklevel=3,
            )
        for group in self.param_groups:
            if bool(names) != ("param_names" in group):
                raise ValueError(
                    "all optimizer param groups should be with/without names. cannot add param "
                    f"group {'with' if names else 'without'} names to the optimizer"
                )
            if not set(params).isdisjoint(group["params"]):
                raise ValueError("some parameters appear in more than one parameter group")
        param_group["params"] = params
        if names:
            param_group["param_names"] = names
        for name, default in self.defaults.items():
            param_group.setdefault(name, default)
        self.param_groups.append(param_group)

    def state_dict(self) -> dict[str, Any]:
        """The state and the groups, with numbers in place of the parameters: what to save.

        ``{"state": {0: {...}, 1: ...}, "param_groups": [{"lr": 0.1, ..., "params": [0, 1]}]}``;
        its tensors are the optimizer's own, not copies.
        """
        self._save_pre_hooks_run()
        numbers: dict[Any, int] = {}
        for i, param in enumerate(chain.from_iterable(g["params"] for g in self.param_groups)):
            numbers.setdefault(param, i)
        groups = []
        for group in self.param_groups:
            settings = {key: value for key, value in group.items() if key != "params"}
            groups.append({**settings, "params": [numbers[p] for p in group["params"]]})
        state = {numbers[p] if isinstance(p, Value) else p: kept for p, kept in self.state.items()}
        return self._save_post_hooks.through(self, {"state": state, "param_groups": groups})  # type: ignore[no-any-return]

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over state and settings from a `state_dict`, for the parameters in their order.

        Tensors are cast to the parameter's dtype, and shared if they have it already. Raises
        ValueError if the groups are not as many, or not as large, as this optimizer's.
        """
        state_dict = self._load_pre_hooks.through(self, state_dict.copy())
        groups = deepcopy(state_dict["param_groups"])
        if len(groups) != len(self.param_groups):
            raise ValueError(
                "loaded state dict has a different number of parameter groups: "
                f"{len(groups)}, and this optimizer {len(self.param_groups)}"
            )
        params: dict[Any, Any] = {}
        for group, own in zip(groups, self.param_groups, strict=True):
            if len(group["params"]) != len(own["params"]):
                raise ValueError(
                    "loaded state dict contains a parameter group that doesn't match the size of "
                    f"optimizer's group: it has {len(group['params'])} parameters, and the "
                    f"optimizer's {len(own['params'])}"
                )
            params.update(zip(group["params"], own["params"], strict=True))
            group["params"] = own["params"]
            if "param_names" in own:
                group.setdefault("param_names", own["param_names"])
        state: defaultdict[Any, Any] = defaultdict(dict)
        for key, kept in state_dict["state"].items():
            if key in params:
                state[params[key]] = {k: fitted(k, v, params[key]) for k, v in kept.items()}
            else:
                state[key] = kept
        self.__setstate__({"state": state, "param_groups": groups})
        for hook in self._load_post_hooks.values():
            hook(self)

    def _save_pre_hooks_run(self) -> None:
        for hook in self._save_pre_hooks.values():
            hook(self)

    def register_step_pre_hook(self, hook: Hook) -> RemovableHandle:
        """Call ``hook(optimizer, args, kwargs)`` before each step; it may return other ones."""
        return self._step_pre_hooks.register(hook)

    def register_step_post_hook(self, hook: Hook) -> RemovableHandle:
        """Call ``hook(optimizer, args, kwargs)`` after each step."""
        return self._step_post_hooks.register(hook)

    def register_state_dict_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer)`` at the start of `state_dict`."""
        return self._save_pre_hooks.register(hook, prepend)

    def register_state_dict_post_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer, state_dict)`` at its end; it may return another."""
        return self._save_post_hooks.register(hook, prepend)

    def register_load_state_dict_pre_hook(
        self, hook: Hook, prepend: bool = False
    ) -> RemovableHandle:
        """Call ``hook(optimizer, state_dict)`` before loading; it may return another."""
        return self._load_pre_hooks.register(hook, prepend)

    def register_load_state_dict_post_hook(
        self, hook: Hook, prepend: bool = False
    ) -> RemovableHandle:
        """Call ``hook(optimizer)`` after loading."""
        return self._load_post_hooks.register(hook, prepend)


def check_parameter(param: Any, settings: Any) -> None:
    """Refuse what no gradient arrives at."""
    if not isinstance(param, Value):
        raise TypeError(
            f"optimizer can only optimize Tensors, but one of the params is {typename(param)}"
        )
    if not (param.is_leaf or param.retains_grad or settings.get("differentiable")):
        raise ValueError(
            "can't optimize a non-leaf Tensor. An operation produced it, and gradients go on to "
            "what it was made from: optimize that, or .detach().requires_grad_()"
        )


def counter(value: float) -> Any:
    """A 0-d tensor that counts steps, float32 unless the default dtype is float64."""
    double = dtypes.get_default_dtype() is dtypes.float64
    return tensor(float(value), dtype=dtypes.float64 if double else dtypes.float32)


def fitted(key: str, value: Any, param: Any) -> Any:
    """A loaded entry of a parameter's state, its tensors in the parameter's dtype."""
    if key == "step":
        return value
    leaves, spec = flatten(value)
    dtype = param.dtype if param.is_floating_point() else None
    return unflatten([x.to(dtype) if isinstance(x, Value) and dtype else x for x in leaves], spec)
