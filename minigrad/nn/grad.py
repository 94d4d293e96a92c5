"""The two gradients of a convolution as functions, as ``torch.nn.grad``: for one's own Functions.

    conv2d_input(input_size, weight, grad_output)     to the input, whose size has to be given
    conv2d_weight(input, weight_size, grad_output)    to the weight

The third argument is the cotangent of ``conv2d(input, weight)``; stride, padding, dilation and
groups are those of the convolution. Each is linear in both of its tensors and can be
differentiated.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrad.autograd.api import grad
from minigrad.autograd.modes import enable_grad
from minigrad.autograd.value import LEAF, mode, wrap
from minigrad.nn.functional import conv1d, conv2d, conv3d
from minigrad.ops.arguments import need_tensor

__all__ = [
    "conv1d_input",
    "conv1d_weight",
    "conv2d_input",
    "conv2d_weight",
    "conv3d_input",
    "conv3d_weight",
]


def to_input(name: str, convolution: Any) -> Any:
    """The function that answers with the cotangent of a convolution's input."""

    def apply(
        input_size: Any,
        weight: Any,
        grad_output: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> Any:
        """The gradient to the input, of size ``input_size``: the transposed convolution.

        Raises RuntimeError where sizes do not fit.
        """
        need_tensor(name, weight, "weight", 2)
        x = zeros(input_size, weight.array.dtype)
        return gradient(x, x, weight, convolution, grad_output, (stride, padding, dilation, groups))

    apply.__name__ = apply.__qualname__ = name
    return apply


def to_weight(name: str, convolution: Any) -> Any:
    """The function that answers with the cotangent of a convolution's weight."""

    def apply(
        input: Any,
        weight_size: Any,
        grad_output: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> Any:
        """The gradient to the weight, of size ``weight_size``: cotangent times input, summed.

        Raises RuntimeError where sizes do not fit.
        """
        need_tensor(name, input)
        w = zeros(weight_size, input.array.dtype)
        return gradient(w, input, w, convolution, grad_output, (stride, padding, dilation, groups))

    apply.__name__ = apply.__qualname__ = name
    return apply


def zeros(size: Any, dtype: Any) -> Any:
    """What stands for the operand whose gradient is asked for, which does not depend on it."""
    return wrap(np.zeros(tuple(size), dtype), LEAF)


def gradient(
    wanted: Any, input: Any, weight: Any, convolution: Any, grad_output: Any, settings: Any
) -> Any:
    need_tensor("conv_backward", grad_output, "grad_output", 3)
    other = weight if wanted is input else input
    recorded = mode.grad and (grad_output.requires_grad or other.requires_grad)
    with enable_grad():
        out = convolution(input, weight, None, *settings)
    (found,) = grad(out, wanted, grad_output, create_graph=recorded)
    return found


conv1d_input, conv2d_input, conv3d_input = [
    to_input(f"conv{n}d_input", f) for n, f in enumerate((conv1d, conv2d, conv3d), 1)
]
conv1d_weight, conv2d_weight, conv3d_weight = [
    to_weight(f"conv{n}d_weight", f) for n, f in enumerate((conv1d, conv2d, conv3d), 1)
]
