"""The state of a module as a dictionary, to be saved, compared, and loaded into another."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from minigrad.autograd.hooks import RemovableHandle
from minigrad.autograd.modes import no_grad
from minigrad.nn.modules.hooks import add_hook
from minigrad.nn.modules.members import Members
from minigrad.nn.parameter import Parameter, Uninitialized
from minigrad.size import Size
from minigrad.tensor import Tensor

EXTRA_STATE = "_extra_state"


class Keys(NamedTuple):
    missing_keys: list[str]
    unexpected_keys: list[str]


class _IncompatibleKeys(Keys):
    """What `load_state_dict` could not match."""

    __slots__ = ()

    def __repr__(self) -> str:
        return super().__repr__() if any(self) else "<All keys matched successfully>"


def load_into(
    module: Any,
    local: Any,
    prefix: str,
    metadata: Any,
    assign: bool,
    missing: list[str],
    unexpected: list[str],
    errors: list[str],
) -> None:
    """Load what ``local`` has for a module and those below it, and note what does not fit."""
    about = {} if metadata is None else metadata.get(prefix[:-1], {})
    if assign:
        about = {**about, "assign_to_params_buffers": True}
    module._load_from_state_dict(local, prefix, about, True, missing, unexpected, errors)
    for name, child in module._modules.items():
        if child is not None:
            below = f"{prefix}{name}."
            part = {k: v for k, v in local.items() if k.startswith(below)}
            load_into(child, part, below, metadata, assign, missing, unexpected, errors)
    incompatible = _IncompatibleKeys(missing, unexpected)
    for hook in module._load_state_dict_post_hooks.values():
        if hook(module, incompatible) is not None:
            raise AssertionError(
                "Hooks registered with ``register_load_state_dict_post_hook`` are not "
                "expected to return new values, if incompatible_keys need to be modified, "
                "it should be done inplace."
            )


class StateDict(Members):
    """`state_dict` and `load_state_dict`."""

    _version: int = 1
    _state_dict_hooks: dict[int, Callable[..., Any]]
    _state_dict_pre_hooks: dict[int, Callable[..., Any]]
    _load_state_dict_pre_hooks: dict[int, Callable[..., Any]]
    _load_state_dict_post_hooks: dict[int, Callable[..., Any]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.__dict__.update(
            _state_dict_hooks=OrderedDict(),
            _state_dict_pre_hooks=OrderedDict(),
            _load_state_dict_pre_hooks=OrderedDict(),
            _load_state_dict_post_hooks=OrderedDict(),
        )

    # For a subclass with state that is no tensor.

    def get_extra_state(self) -> Any:
        """What else belongs into the `state_dict`; a subclass that has something defines it."""
        raise RuntimeError(
            "Reached a code path in Module.get_extra_state() that should never be called. "
            "Define it in the module, together with set_extra_state()."
        )

    def set_extra_state(self, state: Any) -> None:
        """Take back what `get_extra_state` gave."""
        raise RuntimeError(
            "Reached a code path in Module.set_extra_state() that should never be called. "
            "Define it in the module, together with get_extra_state()."
        )

    # Out.

    def state_dict(
        self, *args: Any, destination: Any = None, prefix: str = "", keep_vars: bool = False
    ) -> Any:
        """Parameters and persistent buffers by their paths, in an OrderedDict.

        The tensors share memory with the module's, detached unless ``keep_vars``.
        """
        given = dict(zip(("destination", "prefix", "keep_vars"), args, strict=False))
        destination = given.get("destination", destination)
        prefix, keep_vars = given.get("prefix", prefix), given.get("keep_vars", keep_vars)
        if destination is None:
            destination = OrderedDict()
            destination._metadata = OrderedDict()
        metadata = {"version": self._version}
        if hasattr(destination, "_metadata"):
            destination._metadata[prefix[:-1]] = metadata
        for hook in self._state_dict_pre_hooks.values():
            hook(self, prefix, keep_vars)
        self._save_to_state_dict(destination, prefix, keep_vars)
        for name, module in self._modules.items():
            if module is not None:
                module.state_dict(
                    destination=destination, prefix=f"{prefix}{name}.", keep_vars=keep_vars
                )
        for hook in self._state_dict_hooks.values():
            changed = hook(self, destination, prefix, metadata)
            destination = destination if changed is None else changed
        return destination

    def _save_to_state_dict(self, destination: Any, prefix: str, keep_vars: bool) -> None:
        """Put this module's own state into ``destination``; not its children's."""
        for name, tensor in self._own_state().items():
            destination[prefix + name] = tensor if keep_vars or lazy(tensor) else tensor.detach()
        if type(self).get_extra_state is not StateDict.get_extra_state:
            destination[prefix + EXTRA_STATE] = self.get_extra_state()

    def _own_state(self) -> dict[str, Any]:
        """Parameters and persistent buffers of this module alone."""
        left_out = self._non_persistent_buffers_set
        buffers = {name: b for name, b in self._buffers.items() if name not in left_out}
        both: dict[str, Any] = {**self._parameters, **buffers}
        return {name: tensor for name, tensor in both.items() if tensor is not None}

    # In.

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> Any:
        """Copy the tensors of ``state_dict`` into this module and those below.

        strict:  the keys must be the same, else RuntimeError names those that are missing or
                 unexpected; without it they are only returned.
        assign:  take the tensors themselves in place of copying their values.

        Sizes must agree in any case. Returns ``missing_keys`` and ``unexpected_keys``.
        """
        if not isinstance(state_dict, Mapping):
            raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
        missing: list[str] = []
        unexpected: list[str] = []
        errors: list[str] = []
        metadata = getattr(state_dict, "_metadata", None)
        state: Any = OrderedDict(state_dict)
        if metadata is not None:
            state._metadata = metadata
        load_into(self, state, "", metadata, assign, missing, unexpected, errors)
        if strict:
            for what, keys in ("Unexpected", unexpected), ("Missing", missing):
                if keys:
                    names = ", ".join(f'"{key}"' for key in keys)
                    errors.insert(0, f"{what} key(s) in state_dict: {names}. ")
        if errors:
            raise RuntimeError(
                f"Error(s) in loading state_dict for {type(self).__name__}:\n\t"
                + "\n\t".join(errors)
            )
        return _IncompatibleKeys(missing, unexpected)

    def _load_from_state_dict(
        self,
        state_dict: Any,
        prefix: str,
        local_metadata: Any,
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        """Load this module's own state, not its children's; note what does not fit."""
        given = state_dict, prefix, local_metadata, strict
        for hook in self._load_state_dict_pre_hooks.values():
            hook(self, *given, missing_keys, unexpected_keys, error_msgs)
        assign = local_metadata.get("assign_to_params_buffers", False)
        own = self._own_state()
        for name, tensor in own.items():
            key = prefix + name
            if key not in state_dict:
                if strict:
                    missing_keys.append(key)
            elif (problem := does_not_fit(key, tensor, state_dict[key])) is not None:
                error_msgs.append(problem)
            else:
                self._load(name, tensor, state_dict[key], assign)
        extra = prefix + EXTRA_STATE
        if type(self).set_extra_state is not StateDict.set_extra_state:
            if extra in state_dict:
                self.set_extra_state(state_dict[extra])
            elif strict:
                missing_keys.append(extra)
        elif strict and extra in state_dict:
            unexpected_keys.append(extra)
        if strict:
            for key in state_dict:
                name, _, below = key[len(prefix) :].partition(".")
                mine = key.startswith(prefix) and key != extra
                known = name in self._modules if below else name in own
                if mine and not known:
                    unexpected_keys.append(key)

    def _load(self, name: str, tensor: Any, new: Any, assign: bool) -> None:
        if not lazy(tensor) and not lazy(new) and tensor.ndim < new.ndim:
            new = new[0]  # a number that an old checkpoint keeps as a vector
        if not assign:
            if lazy(tensor) and not lazy(new):
                tensor.materialize(new.shape)
            if not lazy(new):
                with no_grad():
                    tensor.copy_(new)
        elif isinstance(tensor, Parameter) and not isinstance(new, Parameter):
            setattr(self, name, Parameter(new, tensor.requires_grad))
        else:
            if isinstance(tensor, Parameter):
                new.requires_grad_(tensor.requires_grad)
            setattr(self, name, new)

    # Hooks.

    def register_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Run ``hook(module, prefix, keep_vars)`` before `state_dict` is collected."""
        return add_hook(self._state_dict_pre_hooks, hook)

    def register_state_dict_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Run ``hook(module, state_dict, prefix, local_metadata)`` after it has been collected.

        It may change the dictionary in place; RuntimeError if it returns something.
        """
        return add_hook(self._state_dict_hooks, partial(nothing_from, hook))

    def _register_state_dict_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """The same, but what the hook returns takes the dictionary's place, unless it is None."""
        return add_hook(self._state_dict_hooks, hook)

    def register_load_state_dict_pre_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Run ``hook(module, state_dict, prefix, local_metadata, strict, missing_keys,
        unexpected_keys, error_msgs)`` before the module's state is loaded."""
        return add_hook(self._load_state_dict_pre_hooks, hook)

    def _register_load_state_dict_pre_hook(
        self, hook: Callable[..., Any], with_module: bool = False
    ) -> RemovableHandle:
        """The same, of a hook that is given the module only ``with_module``."""
        return add_hook(
            self._load_state_dict_pre_hooks, hook if with_module else partial(moduleless, hook)
        )

    def register_load_state_dict_post_hook(self, hook: Callable[..., Any]) -> RemovableHandle:
        """Run ``hook(module, incompatible_keys)`` after the module's state has been loaded."""
        return add_hook(self._load_state_dict_post_hooks, hook)


def moduleless(hook: Callable[..., Any], module: Any, *args: Any) -> None:
    hook(*args)


def nothing_from(hook: Callable[..., Any], *args: Any) -> None:
    if hook(*args) is not None:
        raise RuntimeError("state_dict post-hook must return None")


def lazy(tensor: Any) -> bool:
    return isinstance(tensor, Uninitialized)


def does_not_fit(key: str, tensor: Any, new: Any) -> str | None:
    """Why ``new`` cannot be loaded into ``tensor``; None if it can."""
    if not isinstance(new, Tensor):
        return (
            f'While copying the parameter named "{key}", expected minigrad.Tensor or Tensor-like '
            f"object from checkpoint but received {type(new)}"
        )
    if lazy(tensor):
        return None
    shape: Any = tensor.shape
    # Checkpoints from before torch 0.4 have scalars of shape (1,).
    if len(shape) == 0 and new.shape == Size((1,)):
        return None
    if shape != new.shape:
        return (
            f"size mismatch for {key}: copying a param with shape {new.shape} from checkpoint, "
            f"the shape in current model is {shape}."
        )
    return None
