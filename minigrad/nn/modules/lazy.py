"""Layers that learn the size of their input from the first one they get.

Until then the parameters that depend on it are uninitialised; after, the layer is an ordinary one::

    layer = LazyLinear(3)
    layer.weight            # <UninitializedParameter>
    layer(ones(5, 2))
    layer                   # Linear(in_features=2, out_features=3, bias=True)
"""

from __future__ import annotations

from typing import Any, ClassVar

from minigrad.nn.modules import batchnorm, conv
from minigrad.nn.modules.linear import Linear
from minigrad.nn.modules.module import Module
from minigrad.nn.parameter import Uninitialized, UninitializedBuffer, UninitializedParameter

__all__ = [
    "LazyBatchNorm1d",
    "LazyBatchNorm2d",
    "LazyBatchNorm3d",
    "LazyConv1d",
    "LazyConv2d",
    "LazyConv3d",
    "LazyConvTranspose1d",
    "LazyConvTranspose2d",
    "LazyConvTranspose3d",
    "LazyInstanceNorm1d",
    "LazyInstanceNorm2d",
    "LazyInstanceNorm3d",
    "LazyLinear",
]

Sizes = int | tuple[int, ...]


class LazyModuleMixin(Module):
    """What lazy modules have in common; a subclass defines `initialize_parameters`."""

    cls_to_become: ClassVar[type[Module] | None] = None

    def initialize_parameters(self, *args: Any, **kwargs: Any) -> None:
        """Give the parameters their shapes for this input, and their values."""
        raise NotImplementedError(
            f"initialize_parameters is not implemented for {type(self).__name__}"
        )

    def has_uninitialized_params(self) -> bool:
        """Whether a parameter or buffer has no shape yet."""
        own = [*self._parameters.values(), *self._buffers.values()]
        return any(isinstance(each, Uninitialized) for each in own)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.initialize_parameters(*args, **kwargs)
        if self.has_uninitialized_params():
            raise RuntimeError(f"module {self._get_name()} has not been fully initialized")
        if self.cls_to_become is None:
            return super().__call__(*args, **kwargs)
        self.__class__ = self.cls_to_become  # type: ignore[assignment]
        return self(*args, **kwargs)

    def _without_shape(self, bias: bool, device: Any, dtype: Any) -> None:
        """Make weight and bias uninitialised."""
        for name in ("weight", "bias") if bias else ("weight",):
            setattr(self, name, UninitializedParameter(device=device, dtype=dtype))

    def _shaped(self, **shapes: Any) -> None:
        """Give parameters and buffers their shapes, those that the module has."""
        for name, shape in shapes.items():
            tensor = getattr(self, name)
            if tensor is not None:
                tensor.materialize(shape)


class LazyLinear(LazyModuleMixin, Linear):
    """A `Linear` with the ``in_features`` of its first input."""

    cls_to_become = Linear

    def __init__(
        self, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__(0, 0, False)
        self._without_shape(bias, device, dtype)
        self.out_features = out_features

    def reset_parameters(self) -> None:
        """Draw weight, then bias, once they have a shape."""
        if not self.has_uninitialized_params() and self.in_features != 0:
            super().reset_parameters()

    def initialize_parameters(self, input: Any) -> None:
        """Give weight and bias their shapes for this input, and draw them."""
        if self.has_uninitialized_params():
            self.in_features = input.shape[-1]
            self._shaped(weight=(self.out_features, self.in_features), bias=(self.out_features,))
            self.reset_parameters()
        if self.in_features == 0:
            self.in_features = self.weight.shape[-1]  # as loaded


class LazyAnyConv(LazyModuleMixin, conv.AnyConv):
    """What lazy convolutions have in common."""

    def reset_parameters(self) -> None:
        """Draw weight, then bias, once they have a shape."""
        if not self.has_uninitialized_params() and self.in_channels != 0:
            super().reset_parameters()

    def initialize_parameters(self, input: Any, *args: Any, **kwargs: Any) -> None:
        """Give weight and bias their shapes for this input, and draw them."""
        if not self.has_uninitialized_params():
            return
        n = self.dimensions
        if input.dim() not in (n + 1, n + 2):
            raise RuntimeError(
                f"Expected {n + 1}D (unbatched) or {n + 2}D (batched) input to "
                f"{type(self).__name__}, but got input of size: {input.shape}"
            )
        self.in_channels = input.shape[-n - 1]
        if self.in_channels % self.groups != 0:
            raise ValueError("in_channels must be divisible by groups")
        self._shaped(weight=self.weight_shape(), bias=(self.out_channels,))
        self.reset_parameters()


class LazyConv(LazyAnyConv, conv.Conv):
    """A convolution with the ``in_channels`` of its first input."""

    def __init__(
        self,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: str | Sizes = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(0, 0, kernel_size, stride, padding, dilation, groups, False, padding_mode)
        self._without_shape(bias, device, dtype)
        self.out_channels = out_channels


class LazyConvTranspose(LazyAnyConv, conv.ConvTranspose):
    """A transposed convolution with the ``in_channels`` of its first input."""

    def __init__(
        self,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes = 0,
        output_padding: Sizes = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Sizes = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(
            *(0, 0, kernel_size, stride, padding, output_padding),
            *(groups, False, dilation, padding_mode),
        )
        self._without_shape(bias, device, dtype)
        self.out_channels = out_channels


class LazyNorm(LazyModuleMixin, batchnorm.Norm):
    """A norm with the ``num_features`` of its first input."""

    def __init__(
        self,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        batchnorm.Norm.__init__(
            self, 0, eps, momentum, affine, track_running_stats, device, dtype, bias
        )
        if affine:
            self._without_shape(bias, device, dtype)
        if track_running_stats:
            for name in "running_mean", "running_var":
                setattr(self, name, UninitializedBuffer(device=device, dtype=dtype))

    def reset_parameters(self) -> None:
        """Give all their first values, once they have a shape."""
        if not self.has_uninitialized_params() and self.num_features != 0:
            super().reset_parameters()

    def initialize_parameters(self, input: Any) -> None:
        """Give all their shapes for this input, and their first values."""
        if self.has_uninitialized_params():
            n = self.num_features = input.shape[1]
            self._shaped(weight=n, bias=n, running_mean=n, running_var=n)
            self.reset_parameters()


class LazyConv1d(LazyConv, conv.Conv1d):
    """A `Conv1d` with the ``in_channels`` of its first input."""

    cls_to_become = conv.Conv1d


class LazyConv2d(LazyConv, conv.Conv2d):
    """A `Conv2d` with the ``in_channels`` of its first input."""

    cls_to_become = conv.Conv2d


class LazyConv3d(LazyConv, conv.Conv3d):
    """A `Conv3d` with the ``in_channels`` of its first input."""

    cls_to_become = conv.Conv3d


class LazyConvTranspose1d(LazyConvTranspose, conv.ConvTranspose1d):
    """A `ConvTranspose1d` with the ``in_channels`` of its first input."""

    cls_to_become = conv.ConvTranspose1d


class LazyConvTranspose2d(LazyConvTranspose, conv.ConvTranspose2d):
    """A `ConvTranspose2d` with the ``in_channels`` of its first input."""

    cls_to_become = conv.ConvTranspose2d


class LazyConvTranspose3d(LazyConvTranspose, conv.ConvTranspose3d):
    """A `ConvTranspose3d` with the ``in_channels`` of its first input."""

    cls_to_become = conv.ConvTranspose3d


class LazyBatchNorm1d(LazyNorm, batchnorm.BatchNorm1d):
    """A `BatchNorm1d` with the ``num_features`` of its first input."""

    cls_to_become = batchnorm.BatchNorm1d


class LazyBatchNorm2d(LazyNorm, batchnorm.BatchNorm2d):
    """A `BatchNorm2d` with the ``num_features`` of its first input."""

    cls_to_become = batchnorm.BatchNorm2d


class LazyBatchNorm3d(LazyNorm, batchnorm.BatchNorm3d):
    """A `BatchNorm3d` with the ``num_features`` of its first input."""

    cls_to_become = batchnorm.BatchNorm3d


class LazyInstanceNorm1d(LazyNorm, batchnorm.InstanceNorm1d):
    """A `InstanceNorm1d` with the ``num_features`` of its first input."""

    cls_to_become = batchnorm.InstanceNorm1d


class LazyInstanceNorm2d(LazyNorm, batchnorm.InstanceNorm2d):
    """A `InstanceNorm2d` with the ``num_features`` of its first input."""

    cls_to_become = batchnorm.InstanceNorm2d


class LazyInstanceNorm3d(LazyNorm, batchnorm.InstanceNorm3d):
    """A `InstanceNorm3d` with the ``num_features`` of its first input."""

    cls_to_become = batchnorm.InstanceNorm3d
