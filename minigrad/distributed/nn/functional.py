"""Collective operations with derivatives, in a group of one process: copies.

Each raises ValueError where there is no group. Derivative: 1.
"""

from __future__ import annotations

from typing import Any

from minigrad.autograd.function import Function
from minigrad.distributed import ReduceOp, get_backend

__all__ = ["all_gather", "all_reduce", "broadcast", "gather", "reduce"]


class _Copy(Function):
    @staticmethod
    def forward(ctx: Any, tensor: Any) -> Any:
        get_backend()
        return tensor.clone()

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        return grads[0]


class _AllReduce(_Copy):
    pass


class _AllGather(_Copy):
    pass


class _Broadcast(_Copy):
    pass


class _Gather(_Copy):
    pass


class _Reduce(_Copy):
    pass


def all_reduce(tensor: Any, op: Any = ReduceOp.SUM, group: Any = None) -> Any:
    """The sum, or what ``op`` says, of the tensors of all processes."""
    return _AllReduce.apply(tensor)


def all_gather(tensor: Any, group: Any = None) -> Any:
    """The tensors of all processes, a tuple."""
    return (_AllGather.apply(tensor),)


def broadcast(tensor: Any, src: int, group: Any = None) -> Any:
    """The tensor of process ``src``."""
    return _Broadcast.apply(tensor)


def gather(tensor: Any, dst: int = 0, group: Any = None) -> Any:
    """The tensors of all processes, a tuple, in process ``dst``."""
    return (_Gather.apply(tensor),)


def reduce(tensor: Any, dst: int, op: Any = ReduceOp.SUM, group: Any = None) -> Any:
    """As `all_reduce`, in process ``dst``."""
    return _Reduce.apply(tensor)
