"""Copies of tensors: copy.copy, copy.deepcopy and pickle. Hooks stay behind, as in torch."""

from __future__ import annotations

from copy import deepcopy as copied
from typing import Any

import numpy as np

from minigrad.autograd.value import Array
from minigrad.memory import memory, storage

# What the engine keeps in a tensor's __dict__; the rest are the user's attributes.
OWN = {"hooks", "levels", "closed", "_accumulator", "_metadata"}


def users(self: Any) -> dict[str, Any]:
    """The attributes that the user has given a tensor."""
    return {name: value for name, value in vars(self).items() if name not in OWN}


def deepcopy(self: Any, memo: dict[int, Any]) -> Any:
    """A leaf with a copy of the data, of the gradient and of the attributes.

    What shares memory shares the copy of it.

    Raises RuntimeError for a tensor that is the result of an operation.
    """
    if id(self) in memo:
        return memo[id(self)]
    if not self.is_leaf:
        raise RuntimeError(
            "Only Tensors created explicitly by the user (graph leaves) support the deepcopy "
            "protocol at the moment. This one is a result: detach() it first."
        )
    made = rebuilt(type(self), same_part_of_copy(self.array, memo), self.requires_grad, {})
    memo[id(self)] = made
    if self.grad is not None:
        made.grad = copied(self.grad, memo)
    vars(made).update(copied(users(self), memo))
    return made


def same_part_of_copy(array: Array, memo: dict[Any, Any]) -> Array:
    """A copy of all the memory, once for all its tensors, and in it what ``array`` shows."""
    flat, offset = storage(array)
    key = id(memory(array)), "memory"
    if key not in memo:
        memo[key] = flat.copy()
    return np.ndarray(array.shape, array.dtype, memo[key], offset * array.itemsize, array.strides)


def reduce(self: Any, protocol: Any) -> Any:
    """For pickle and copy.copy, which shares the memory: a leaf without gradient."""
    return rebuilt, (type(self), self.array, self.requires_grad, users(self))


def rebuilt(kind: type[Any], array: Array, requires_grad: bool, attributes: dict[str, Any]) -> Any:
    made = object.__new__(kind)
    made.array = array
    made.version = [0]
    made.edge = None
    if requires_grad:
        made.requires_grad_()
    vars(made).update(attributes)
    return made
