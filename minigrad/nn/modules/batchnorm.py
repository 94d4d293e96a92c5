"""Layers that normalise each channel, over the batch or over each example."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

from minigrad import dtypes
from minigrad.creation import ones, zeros
from minigrad.from_data import tensor
from minigrad.nn import functional as F
from minigrad.nn.modules.linear import add_bias
from minigrad.nn.modules.module import Module
from minigrad.nn.modules.normalization import add_weight, ones_and_zeros

__all__ = [
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
    "SyncBatchNorm",
]

RUNNING = "running_mean", "running_var", "num_batches_tracked"


class Norm(Module):
    """What batch and instance norm have in common: weight, bias and running averages."""

    _version = 2
    ranks: ClassVar[tuple[int, ...]]

    def __init__(
        self,
        num_features: int,
        eps: float,
        momentum: float | None,
        affine: bool,
        track_running_stats: bool,
        device: Any,
        dtype: Any,
        bias: bool,
    ) -> None:
        super().__init__()
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        self.make_tensors(bias, device, dtype)
        self.reset_parameters()

    def make_tensors(self, bias: bool, device: Any, dtype: Any) -> None:
        n = self.num_features
        add_weight(self, self.affine, n, device, dtype)
        add_bias(self, self.affine and bias, n, device, dtype)
        running: tuple[Any, ...] = (None, None, None)
        if self.track_running_stats:
            mean = zeros(n, device=device, dtype=dtype)
            running = mean, ones(n, device=device, dtype=dtype), tensor(0, dtype=dtypes.int64)
        for name, buffer in zip(RUNNING, running, strict=True):
            self.register_buffer(name, buffer)

    def reset_running_stats(self) -> None:
        """Running mean 0, running variance 1, no batch seen."""
        if self.track_running_stats:
            self.running_mean.zero_()
            self.running_var.fill_(1)
            self.num_batches_tracked.zero_()

    def reset_parameters(self) -> None:
        """Weight 1, bias 0, and the running averages as at first."""
        self.reset_running_stats()
        ones_and_zeros(self)

    def _check_input_dim(self, input: Any) -> None:
        if input.dim() not in self.ranks:
            ranks = " or ".join([f"{n}D" for n in self.ranks])
            raise ValueError(f"expected {ranks} input (got {input.dim()}D input)")

    def _load_from_state_dict(
        self, state_dict: Any, prefix: str, local_metadata: Any, *others: Any
    ) -> None:
        # The count of batches came with version 2.
        version = local_metadata.get("version")
        if (version is None or version < 2) and self.track_running_stats:
            state_dict.setdefault(prefix + "num_batches_tracked", self.num_batches_tracked)
        super()._load_from_state_dict(state_dict, prefix, local_metadata, *others)

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, "
            f"affine={self.affine}, bias={self.bias is not None}, "
            f"track_running_stats={self.track_running_stats}"
        )


class BatchNorm(Norm):
    """``(x - mean) / sqrt(var + eps) * weight + bias``, mean and variance by channel.

    In training they are the batch's, and the running averages move towards them by ``momentum``,
    or average over all batches if that is None. In eval mode they are the running averages.
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, device, dtype, bias
        )

    def forward(self, input: Any) -> Any:
        self._check_input_dim(input)
        momentum = 0.0 if self.momentum is None else self.momentum
        if self.training and self.track_running_stats and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
            if self.momentum is None:
                momentum = 1.0 / float(self.num_batches_tracked)
        averages = self.running_mean, self.running_var
        # Averages that are not tracked must not be moved by a training step either.
        if self.training and not self.track_running_stats:
            averages = None, None
        from_batch = self.training or (self.running_mean is None and self.running_var is None)
        return F.batch_norm(
            input, *averages, self.weight, self.bias, from_batch, momentum, self.eps
        )


class BatchNorm1d(BatchNorm):
    """Batch norm of (N, C) or (N, C, L), by `nn.functional.batch_norm`.

    Weight and bias, (C,), begin as 1 and 0, the buffers running_mean and running_var as 0 and 1. In
    training the batch's mean and variance count, and the running ones move towards them by
    ``momentum``, or average over all batches if that is None; in eval mode the running ones count,
    or the batch's without ``track_running_stats``. Raises ValueError for other numbers of
    dimensions and in training for a single value in a channel, RuntimeError for another number of
    channels, NotImplementedError for integers.
    """

    ranks = 2, 3


class BatchNorm2d(BatchNorm):
    """Batch norm of (N, C, H, W). See `BatchNorm1d`."""

    ranks = (4,)


class BatchNorm3d(BatchNorm):
    """Batch norm of (N, C, D, H, W). See `BatchNorm1d`."""

    ranks = (5,)


class SyncBatchNorm(BatchNorm):
    """Batch norm of (N, C, ...) over the batches of all processes, of which there is one.

    See `BatchNorm1d`. Raises ValueError for less than two dimensions.
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        process_group: Any = None,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias
        )
        self.process_group = process_group

    def _check_input_dim(self, input: Any) -> None:
        if input.dim() < 2:
            raise ValueError(f"expected at least 2D input (got {input.dim()}D input)")

    @classmethod
    def convert_sync_batchnorm(cls, module: Any, process_group: Any = None) -> Any:
        """The module, with a SyncBatchNorm of the same tensors in place of every batch norm."""
        result = module
        if isinstance(module, BatchNorm):
            result = cls(
                module.num_features,
                module.eps,
                module.momentum,
                module.affine,
                module.track_running_stats,
                process_group,
                bias=module.bias is not None,
            )
            for name in ("weight", "bias", *RUNNING):
                setattr(result, name, getattr(module, name))
            result.training = module.training
        for name, child in module.named_children():
            result.add_module(name, cls.convert_sync_batchnorm(child, process_group))
        return result


class InstanceNorm(Norm):
    """As batch norm, with mean and variance over each channel of each example."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, device, dtype, bias
        )

    def forward(self, input: Any) -> Any:
        self._check_input_dim(input)
        alone = input.dim() == self.ranks[0]  # one example without a batch
        channels = input.shape[0 if alone else 1]
        if channels != self.num_features and self.affine:
            raise ValueError(
                f"expected input's size at dim={0 if alone else 1} to match num_features "
                f"({self.num_features}), but got: {channels}."
            )
        if channels != self.num_features:
            warnings.warn(
                f"input's size at dim={0 if alone else 1} does not match num_features. You can "
                "silence this warning by not passing in num_features, which is not used because "
                "affine=False",
                stacklevel=2,
            )
        result = F.instance_norm(
            input.unsqueeze(0) if alone else input,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            0.0 if self.momentum is None else self.momentum,
            self.eps,
        )
        return result.squeeze(0) if alone else result


class InstanceNorm1d(InstanceNorm):
    """Instance norm of (N, C, L) or (C, L), by `nn.functional.instance_norm`.

    There are weight and bias, (C,), if ``affine``, and running statistics, used in eval mode, if
    ``track_running_stats``. Raises ValueError for other numbers of dimensions, for a single element
    in a channel, unless running statistics are used, and if ``affine`` for another number of
    channels.
    """

    ranks = 2, 3


class InstanceNorm2d(InstanceNorm):
    """Instance norm of (N, C, H, W) or (C, H, W). See `InstanceNorm1d`."""

    ranks = 3, 4


class InstanceNorm3d(InstanceNorm):
    """Instance norm of (N, C, D, H, W) or (C, D, H, W). See `InstanceNorm1d`."""

    ranks = 4, 5


# As lessons ask for any of them.
_NormBase, _BatchNorm, _InstanceNorm = Norm, BatchNorm, InstanceNorm
