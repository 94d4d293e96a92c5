"""Hooks of modules on gradients.

They hang on two nodes that do nothing else: all inputs of the module go through the one, all
outputs through the other::

    x -> BackwardHookFunction -> the module -> BackwardHookFunction -> y
         after it: grad_input                  before it: grad_output
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from minigrad.autograd.function import Function
from minigrad.autograd.value import mode
from minigrad.creation import zeros_like
from minigrad.errors import users_line
from minigrad.tensor import Tensor

Hook = Callable[..., Any]


class BackwardHookFunction(Function):
    """Does nothing: its node is where hooks hang."""

    @staticmethod
    def forward(ctx: Any, *tensors: Any) -> Any:
        ctx.mark_non_differentiable(*[x for x in tensors if not x.requires_grad])
        return tensors

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        return gradients


class BackwardHooks:
    """The gradients of one call of a module on their way to its hooks.

    Those of the outputs are kept until those of the inputs are there too.
    """

    def __init__(self, module: Any, full: Sequence[Hook], before: Sequence[Hook]) -> None:
        self.module = module
        self.full = full
        self.before = before
        self.arrived: Any = None
        self.args: tuple[Any, ...] = ()
        self.inputs = 0
        self.outputs = 0
        self.input_places: list[int] | None = None
        self.output_places: list[int] | None = None

    def at_inputs(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        self.inputs, self.args = len(args), args
        args, self.input_places, node = through_one_node(args)
        if node is not None:
            node.register_hook(self.left)
        return args

    def at_outputs(self, result: Any) -> Any:
        several = isinstance(result, tuple)
        results = result if several else (result,)
        self.outputs = len(results)
        results, self.output_places, node = through_one_node(results)
        if node is not None:
            node.register_prehook(self.came)
        return results if several else results[0]

    def came(self, gradients: Any) -> Any:
        """The gradients of the outputs have come."""
        self.arrived = spread(self.output_places, gradients, self.outputs)
        changed = False
        for hook in self.before:
            answer = hook(self.module, self.arrived)
            if answer is None:
                continue
            check_number("Backward pre hook", "output", answer, self.outputs)
            self.arrived, changed = tuple(answer), True
        given = self.arrived if changed else None
        if self.input_places is None:
            if self.full:
                warnings.warn(
                    "Full backward hook is firing when gradients are computed with respect to "
                    "module outputs since no inputs require gradients. Let an input require grad "
                    "if the gradients of the inputs are wanted.",
                    stacklevel=users_line(),
                )
            for hook in self.full:
                answer = hook(self.module, (None,) * self.inputs, self.arrived)
                several = answer if isinstance(answer, tuple) else (answer,)
                if any(each is not None for each in several):
                    raise RuntimeError(
                        "Backward hook for Modules where no input requires gradient should always "
                        "return None or None for all gradients."
                    )
            self.arrived = None
        if given is None or self.output_places is None:
            return None
        return tuple([given[i] for i in self.output_places])

    def left(self, gradients: Any, _: Any) -> Any:
        """The gradients of the inputs have been computed."""
        if self.arrived is None:  # a pass that began inside of the module
            return None
        places = self.input_places or ()
        # A tensor that does not require grad has zeros here.
        given = [
            zeros_like(self.args[i].detach()) if g is None else g
            for i, g in zip(places, gradients, strict=True)
        ]
        changed = spread(places, given, self.inputs)
        for hook in self.full:
            answer = hook(self.module, changed, self.arrived)
            if answer is not None:
                check_number("Backward hook", "input", answer, self.inputs)
                changed = tuple(answer)
        self.arrived = None
        return tuple(
            [None if g is None else changed[i] for i, g in zip(places, gradients, strict=True)]
        )


def check_number(hook: str, of: str, answer: Any, expected: int) -> None:
    """Raise RuntimeError unless there are as many; of a tensor alone, torch too takes the rows."""
    if len(answer) != expected:
        raise RuntimeError(
            f"{hook} returned an invalid number of grad_{of}, got {len(answer)}, but expected "
            f"{expected}"
        )


def spread(places: Sequence[int] | None, values: Sequence[Any], n: int) -> tuple[Any, ...]:
    """A tuple of ``n``, with ``values`` at ``places`` and None elsewhere."""
    found = dict(zip(places or (), values, strict=True))
    return tuple([found.get(i) for i in range(n)])


def through_one_node(args: tuple[Any, ...]) -> tuple[tuple[Any, ...], list[int] | None, Any]:
    """Send the tensors in ``args`` through one node: the new ``args``, their places, the node."""
    places = [i for i, x in enumerate(args) if isinstance(x, Tensor)]
    if not (mode.grad and any(args[i].requires_grad for i in places)):
        return args, None, None
    made = BackwardHookFunction.apply(*[args[i] for i in places])
    changed = dict(zip(places, made, strict=True))
    node = next(x.grad_fn for x in made if x.grad_fn is not None)
    return tuple([changed.get(i, x) for i, x in enumerate(args)]), places, node


def hook_on_last_node(module: Any, hook: Hook, args: tuple[Any, ...], result: Any) -> None:
    whole = result
    while isinstance(result, tuple | list | dict):
        result = next(iter(result.values() if isinstance(result, dict) else result))
    node = result.grad_fn if isinstance(result, Tensor) else None
    if node is not None:
        why = why_deprecated(args, whole, node)
        if why:
            warnings.warn(
                f"Using {why} is deprecated and will be removed in future versions. "
                "register_full_backward_hook gives the gradients of the module's own inputs and "
                "outputs.",
                FutureWarning,
                stacklevel=5,
            )
        node.register_hook(lambda left, came: hook(module, left, came))


def why_deprecated(args: tuple[Any, ...], result: Any, node: Any) -> str:
    """Why a hook on this node does not get the module's own gradients; "" if it does."""
    results = result if isinstance(result, tuple) else (result,)
    if not all(isinstance(x, Tensor) for x in results):
        return (
            "non-full backward hooks on a Module that does not return a single Tensor or a tuple "
            "of Tensors"
        )
    if not all(isinstance(x, Tensor) for x in args):
        return (
            "non-full backward hooks on a Module that does not take as input a single Tensor or a "
            "tuple of Tensors"
        )
    nodes = {x.grad_fn for x in results} - {None}
    if len(nodes) > 1:
        return "a non-full backward hook when outputs are generated by different autograd Nodes"
    if {x.grad_fn for x in args} - {None} != {before for before, _ in node.next_functions}:
        return "a non-full backward hook when the forward contains multiple autograd Nodes"
    return ""
