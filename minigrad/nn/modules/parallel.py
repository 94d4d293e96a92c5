"""Data parallelism on the one device there is, and in the one process."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from minigrad import distributed
from minigrad.nn.modules.module import Module

__all__ = ["DataParallel"]  # and nn.parallel has the other


class DataParallel(Module):
    """Calls ``module``: without GPUs there is nothing to spread the batch over."""

    def __init__(
        self, module: Module, device_ids: Any = None, output_device: Any = None, dim: int = 0
    ) -> None:
        super().__init__()
        self.module = module
        self.device_ids: list[int] = []
        self.dim = dim

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        return self.module(*inputs, **kwargs)


class DistributedDataParallel(Module):
    """Calls ``module``: the group has one process, whose gradients are the average.

    Raises ValueError without a group (`minigrad.distributed`) or with devices other than the CPU,
    RuntimeError for a module in which nothing requires grad.
    """

    def __init__(
        self,
        module: Module,
        device_ids: Any = None,
        output_device: Any = None,
        dim: int = 0,
        **settings: Any,
    ) -> None:
        super().__init__()
        distributed.get_backend()
        if not any(parameter.requires_grad for parameter in module.parameters()):
            raise RuntimeError(
                "DistributedDataParallel is not needed when a module doesn't have any parameter "
                "that requires a gradient."
            )
        if device_ids or output_device is not None:
            raise ValueError(
                "DistributedDataParallel device_ids and output_device arguments only work with "
                f"single-device/multiple-device GPU modules or CPU modules, but got {device_ids} "
                f"and {output_device} for a module on the CPU. Leave them out."
            )
        self.module = module
        self.device_ids = None
        self.output_device = None
        self.dim = dim

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        return self.module(*inputs, **kwargs)

    @contextlib.contextmanager
    def no_sync(self) -> Iterator[None]:
        """A context in which gradients are not averaged over the processes."""
        yield
