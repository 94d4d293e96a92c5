"""``torch.library``: operators of one's own, whose derivatives are registered::

    @minigrad.library.custom_op("mine::double", mutates_args=())
    def double(x: Tensor) -> Tensor:
        return minigrad.from_numpy(x.numpy() * 2)

    double.register_autograd(lambda ctx, g: g * 2)

What such a function does is not recorded: a call is one node, of an `autograd.Function`.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from minigrad.autograd.function import Function
from minigrad.autograd.modes import is_grad_enabled, no_grad
from minigrad.autograd.value import Value
from minigrad.memory import memory
from minigrad.tensor import Tensor
from minigrad.trees import Spec, flatten, unflatten

__all__ = [
    "CustomOpDef",
    "custom_op",
    "register_autograd",
    "register_fake",
    "register_kernel",
    "register_vmap",
]

defined: dict[str, CustomOpDef] = {}

# The types that are checked when an operator is called.
CHECKED: dict[Any, Any] = {Tensor: Value, int: int, float: (int, float), bool: bool, str: str}


def custom_op(
    name: str,
    fn: Callable[..., Any] | None = None,
    /,
    *,
    mutates_args: str | Iterable[str],
    device_types: Any = None,
    schema: str | None = None,
) -> Any:
    """Make an operator of a function of tensors and numbers, annotated with their types.

    name: ``"namespace::name"``; ``minigrad.ops.namespace.name`` is the operator, too.
    fn: the function, which returns new tensors; without it, a decorator is returned.
    mutates_args: the names of the arguments that it writes to, or "unknown".
    device_types, schema: of no effect; there is one device, and the annotations are the schema.

    Returns a `CustomOpDef`, to be called as the function is. Raises ValueError for a name without
    a namespace, annotations that are missing, and names in mutates_args that are none.
    """
    if "::" not in name:
        raise ValueError(f'{name!r} has no namespace. Name it "namespace::{name}".')

    def declare(function: Callable[..., Any]) -> CustomOpDef:
        written = () if isinstance(mutates_args, str) else tuple(mutates_args)
        defined[name] = CustomOpDef(name, function, written)
        return defined[name]

    return declare if fn is None else declare(fn)


class CustomOpDef:
    """What `custom_op` makes: to be called, with the registrations as methods.

    A call raises RuntimeError for arguments of other types, and for results that are no tensors or
    share memory with an argument or with each other. A backward through it raises RuntimeError
    unless a derivative is registered.
    """

    def __init__(self, name: str, function: Callable[..., Any], written: Sequence[str]) -> None:
        self._name, self._function, self._written = name, function, written
        self._signature = inspect.signature(function)
        self._hints = typing.get_type_hints(function)
        check_signature(self._signature, self._hints, written)
        self._backward: Any = None
        self._setup_context: Any = None
        self._node = node_of(self)

    def __repr__(self) -> str:
        return f"<CustomOpDef({self._name})>"

    def register_autograd(
        self, backward: Callable[..., Any], /, *, setup_context: Callable[..., Any] | None = None
    ) -> None:
        """Register the derivative.

        backward: of ``ctx`` and the cotangents of the outputs; returns a cotangent or None for each
            argument, and a list of them for a list of tensors.
        setup_context: of ``ctx, inputs, output``, and of ``keyword_only_inputs`` if there are any;
            it saves what backward needs.

        Raises RuntimeError for an operator that writes to its arguments.
        """
        if self._written:
            raise RuntimeError(
                f"Cannot register autograd formula for non-functional operator {self!r}. Please "
                "create a functional operator and register an autograd formula for that."
            )
        self._backward, self._setup_context = backward, setup_context

    def register_fake(self, fn: Callable[..., Any], /) -> Callable[..., Any]:
        """Take what tells shapes without computing, and return it: nothing here asks for it."""
        return fn

    def register_kernel(self, device_types: Any, fn: Any = None, /) -> Any:
        """Register the function for a device: for the CPU, it replaces the one there is."""
        if fn is None:
            return lambda function: self.register_kernel(device_types, function)
        devices = [device_types] if isinstance(device_types, str | None) else device_types
        if "cpu" in devices or None in devices:
            self._function = fn
        return fn

    def register_vmap(self, fn: Any = None, /) -> Any:
        """Take what computes whole batches, and return it: `vmap` is a loop."""
        return (lambda function: function) if fn is None else fn

    def __call__(self, *args: Any, **settings: Any) -> Any:
        bound = self._bind(args, settings)
        values, spec = flatten(([*map(pack, bound.args)], bound.kwargs))
        tensors = [x for x in values if isinstance(x, Value)]
        if not self._written and is_grad_enabled() and any(x.requires_grad for x in tensors):
            call = Call(spec)
            outputs = self._node.apply(*values, call)
            return unflatten(outputs if isinstance(outputs, tuple) else (outputs,), call.made)
        with no_grad():
            results = self._function(*bound.args, **bound.kwargs)
        for name in self._written:
            if isinstance(bound.arguments[name].version, list):
                bound.arguments[name].version[0] += 1
        if results is not None:
            check_results(self, results, tensors)
        return results

    def _bind(self, args: Any, settings: Any) -> inspect.BoundArguments:
        try:
            bound = self._signature.bind(*args, **settings)
        except TypeError as error:
            given = {*list(self._signature.parameters)[: len(args)], *settings}
            missing = [x for x in self._signature.parameters.values() if x.name not in given]
            missing = [x for x in missing if x.default is x.empty]
            what = f"is missing value for argument '{missing[0].name}'" if missing else str(error)
            raise RuntimeError(f"{self._name}() {what}. Signature: {self._signature}") from None
        for name, value in bound.arguments.items():
            wanted = self._hints[name]
            if wanted in CHECKED and not isinstance(value, CHECKED[wanted]):
                raise RuntimeError(
                    f"{self._name}() Expected a value of type '{wanted.__name__}' for argument "
                    f"'{name}' but instead found type '{type(value).__name__}'."
                )
        bound.apply_defaults()
        return bound


class Setting:
    """A list or dict of what is no tensor, which is one argument and not several."""

    def __init__(self, value: Any) -> None:
        self.value = value


def pack(argument: Any) -> Any:
    several = isinstance(argument, list | tuple | dict)
    return Setting(argument) if several and not holds_tensors(argument) else argument


def unpack(argument: Any) -> Any:
    return argument.value if isinstance(argument, Setting) else argument


def holds_tensors(argument: Any) -> bool:
    return any(isinstance(x, Value) for x in flatten(argument)[0])


class Call:
    """The structure of one call's arguments, and of its results."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.made = spec


def node_of(op: CustomOpDef) -> Any:
    """The Function of an operator, of the leaves of its arguments and a `Call`."""

    def forward(*values: Any) -> Any:
        *leaves, call = values
        args, settings = unflatten(leaves, call.spec)
        results = op._function(*map(unpack, args), **settings)
        check_results(op, results, [x for x in leaves if isinstance(x, Value)])
        outputs, call.made = flatten(results)
        return tuple(outputs)

    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        *leaves, call = inputs
        ctx._call = call
        if op._setup_context is not None:
            args, settings = unflatten(leaves, call.spec)
            named = {"keyword_only_inputs": settings} if settings else {}
            made = unflatten(output, call.made)
            inputs = tuple(map(unpack, args))
            op._setup_context(ctx=ctx, inputs=inputs, output=made, **named)

    def backward(ctx: Any, *cotangents: Any) -> Any:
        if op._backward is None:
            raise RuntimeError(
                f"Trying to backward through {op._name.replace('::', '.')}.default but no autograd "
                "formula was registered. Please use register_autograd to add one."
            )
        made = unflatten(cotangents, ctx._call.made)
        found = op._backward(ctx, *(made if isinstance(made, tuple) else (made,)))
        leaves, spec = flatten([*found] if isinstance(found, tuple) else [found])
        args, settings = ctx._call.spec.parts
        if spec != args:
            raise RuntimeError(
                "Expected the return from backward to be of the same structure as the inputs. Got: "
                f"{spec} (return from backward), {args} (inputs)"
            )
        return (*leaves, *[None] * settings.num_leaves, None)

    name = "GeneratedBackwardFor_" + op._name.replace("::", "_") + "_default"
    methods = {"forward": forward, "setup_context": setup_context, "backward": backward}
    return type(name, (Function,), {key: staticmethod(value) for key, value in methods.items()})


def check_signature(signature: Any, hints: dict[str, Any], written: Sequence[str]) -> None:
    """Raise ValueError where an annotation is missing, or an argument that would be written to."""
    missing = [name for name in signature.parameters if name not in hints]
    unknown = set(written) - set(signature.parameters)
    if missing:
        trouble = f"Parameter {missing[0]} must have a type annotation."
    elif "return" not in hints:
        trouble = "No return type annotation was provided. Please add one."
    elif unknown:
        trouble = f"{unknown} in mutates_args were not found in the custom op's signature."
    else:
        return
    raise ValueError(f"infer_schema(func): {trouble} Got func with signature {signature})")


def check_results(op: CustomOpDef, results: Any, tensors: Sequence[Any]) -> None:
    """Raise RuntimeError for what should be a tensor, or shares memory with another."""
    if op._hints["return"] is Tensor and not isinstance(results, Value):
        raise RuntimeError(f"Unable to cast {results} to Tensor")
    owners = {id(memory(x.array)) for x in tensors}
    for result in flatten(results)[0]:
        if not isinstance(result, Value):
            continue
        owner = id(memory(result.array))
        if owner in owners:
            raise RuntimeError(
                f"{op._name}: The output of this custom operator (1) must not also be an input to "
                "this custom operator and (2) may not alias any inputs to this custom operator or "
                "other returns. Return a clone()."
            )
        owners.add(owner)


def named(op: str | CustomOpDef) -> CustomOpDef:
    """An operator, perhaps by name. Raises AttributeError where it is not defined."""
    if isinstance(op, CustomOpDef):
        return op
    space, _, name = op.partition("::")
    found: CustomOpDef = getattr(Namespace(space), name)
    return found


def register_autograd(
    op: Any, backward: Callable[..., Any], /, *, setup_context: Any = None, lib: Any = None
) -> None:
    """`CustomOpDef.register_autograd` of an operator or its name."""
    named(op).register_autograd(backward, setup_context=setup_context)


def register_fake(op: Any, func: Any = None, /, *, lib: Any = None) -> Any:
    """`CustomOpDef.register_fake` of an operator or its name; without func, a decorator."""
    return named(op).register_fake if func is None else named(op).register_fake(func)


def register_kernel(op: Any, device_types: Any, func: Any = None, /, *, lib: Any = None) -> Any:
    """`CustomOpDef.register_kernel` of an operator or its name."""
    return named(op).register_kernel(device_types, func)


def register_vmap(op: Any, func: Any = None, /, *, lib: Any = None) -> Any:
    """`CustomOpDef.register_vmap` of an operator or its name."""
    return named(op).register_vmap(func)


class Namespace:
    """The operators whose names begin with the same ``"namespace::"``."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> CustomOpDef:
        if f"{self._name}::{name}" not in defined:
            raise AttributeError(f"'_OpNamespace' '{self._name}' object has no attribute '{name}'")
        return defined[f"{self._name}::{name}"]


def namespace(name: str) -> Namespace:
    """What ``minigrad.ops`` has by this name. Raises AttributeError where nothing is defined."""
    if not any(key.startswith(name + "::") for key in defined):
        raise AttributeError(f"no operator of the namespace {name!r} has been defined")
    return Namespace(name)
