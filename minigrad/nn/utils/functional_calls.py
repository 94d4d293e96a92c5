"""A module called with other parameters than its own, and those of several modules stacked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from minigrad.autograd.value import Value
from minigrad.nn.modules.batchnorm import BatchNorm
from minigrad.nn.modules.module import Module
from minigrad.ops.joining import stack

__all__ = ["functional_call", "replace_all_batch_norm_modules_", "stack_module_state"]


def functional_call(
    module: Module,
    parameter_and_buffer_dicts: Any,
    args: Any = None,
    kwargs: dict[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """``module(*args, **kwargs)`` with tensors in place of parameters and buffers, by their paths.

    Gradients flow into the tensors that are given, in a dictionary or several; the module is
    afterwards as it was. A parameter with two paths is replaced at both, unless ``tie_weights`` is
    False. Raises RuntimeError with ``strict`` if paths are missing or unknown, ValueError for a
    path given twice and for what is no dictionary, KeyError for an empty name.
    """
    given = joined(parameter_and_buffer_dicts)
    positional = () if args is None else args if isinstance(args, tuple) else (args,)
    with replaced(module, given, tie_weights, strict):
        return module(*positional, **(kwargs or {}))


def stack_module_state(models: Sequence[Module]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters and the buffers of several modules of one class, each stacked along a new
    first dimension, by their paths: for a `vmap` over the modules.

    The stacks are leaves; they require grad if the parameters do. Raises RuntimeError for no
    module, for modules of different classes or modes, or with different requires_grad.
    """
    if not models:
        raise RuntimeError("stack_module_state: Expected at least one model, got 0.")
    if len({model.training for model in models}) > 1:
        raise RuntimeError(
            "stack_module_state: Expected all models to have the same training/eval mode."
        )
    if len({type(model) for model in models}) > 1:
        raise RuntimeError("stack_module_state: Expected all models to be of the same class.")
    parameters = [dict(model.named_parameters()) for model in models]
    buffers = [dict(model.named_buffers()) for model in models]
    return stacked(parameters), stacked(buffers)


def stacked(states: Sequence[dict[str, Any]]) -> dict[str, Any]:
    result = {}
    for path in states[0]:
        tensors = [state[path] for state in states]
        needed = {x.requires_grad for x in tensors}
        if len(needed) > 1:
            raise RuntimeError(f"Expected {path} from each model to have the same .requires_grad")
        result[path] = stack(tensors).detach().requires_grad_(needed.pop())
    return result


def replace_all_batch_norm_modules_(root: Module) -> Module:
    """Let the batch norms in ``root`` keep no running averages, which a transform cannot write."""
    for module in root.modules():
        if isinstance(module, BatchNorm) and module.track_running_stats:
            module.running_mean = module.running_var = module.num_batches_tracked = None
            module.track_running_stats = False
    return root


def joined(dicts: Any) -> dict[str, Any]:
    if isinstance(dicts, Mapping):
        return dict(dicts)
    if not isinstance(dicts, Sequence):
        raise ValueError(
            "Expected parameter_and_buffer_dicts to be a dict, or a list/tuple of dicts, but got "
            f"{type(dicts)}"
        )
    if not all(isinstance(each, Mapping) for each in dicts):
        raise ValueError("Expected all elements of parameter_and_buffer_dicts to be dictionaries")
    paths = [path for each in dicts for path in each]
    repeated = [path for path in dict.fromkeys(paths) if paths.count(path) > 1]
    if repeated:
        raise ValueError(
            f"{repeated} appeared in multiple dictionaries; behavior of functional call is "
            "ambiguous"
        )
    return {path: tensor for each in dicts for path, tensor in each.items()}


def own_tensors(module: Module) -> dict[str, Any]:
    """All parameters and buffers by all their paths."""
    parameters = module.named_parameters(remove_duplicate=False)
    return {**dict(parameters), **dict(module.named_buffers(remove_duplicate=False))}


def at_all_paths(module: Module, given: dict[str, Any]) -> dict[str, Any]:
    """With what is given at one path of a tensor also at its others."""
    paths: dict[Any, list[str]] = {}
    for path, tensor in own_tensors(module).items():
        paths.setdefault(tensor, []).append(path)
    everywhere = dict(given)
    for tied in paths.values():
        new = {id(given[path]): given[path] for path in tied if path in given}
        if len(new) > 1:
            raise ValueError(
                f"functional_call got multiple values for keys {sorted(tied)}, which are tied. "
                "Consider using tie_weights=False"
            )
        for tensor in new.values():
            everywhere.update(dict.fromkeys(tied, tensor))
    return everywhere


def check_paths(module: Module, given: dict[str, Any]) -> None:
    own = own_tensors(module)
    missing = sorted(own.keys() - given.keys())
    unexpected = sorted(given.keys() - own.keys())
    errors = [
        f"{what} key(s): {', '.join(paths)}."
        for what, paths in (("Unexpected", unexpected), ("Missing", missing))
        if paths
    ]
    if errors:
        raise RuntimeError(
            f"Error(s) in reparametrizing for {module._get_name()}:\n\t" + "\n\t".join(errors)
        )


@contextmanager
def replaced(
    module: Module, given: dict[str, Any], tie_weights: bool, strict: bool
) -> Iterator[None]:
    """Put the tensors into the module for a while."""
    if tie_weights:
        given = at_all_paths(module, given)
    if strict:
        check_paths(module, given)
    before: list[tuple[dict[str, Any], str, Any]] = []
    absent = object()
    try:
        for path, tensor in given.items():
            parent, _, name = path.rpartition(".")
            if not name:
                raise KeyError('tensor name can\'t be empty string ""')
            owner = module.get_submodule(parent)
            if not (tensor is None or isinstance(tensor, Value)):
                raise TypeError(f"{tensor} is not an instance of minigrad.Tensor")
            places: list[dict[str, Any]] = [owner._parameters, owner._buffers, owner.__dict__]
            members = next((place for place in places if name in place), owner.__dict__)
            if members is owner.__dict__ and name not in members and hasattr(owner, name):
                raise AttributeError(f"{owner._get_name()} has no parameter or buffer `{name}`")
            now = members.get(name, absent)
            if not (now is absent or now is None or isinstance(now, Value)):
                raise TypeError(f"attribute `{name}`: {now} is not an instance of minigrad.Tensor")
            before.append((members, name, now))
            members[name] = tensor
        yield
    finally:
        for members, name, tensor in reversed(before):
            if tensor is absent:
                del members[name]
            else:
                members[name] = tensor
