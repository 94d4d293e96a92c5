"""Activation functions. ``inplace=True`` writes the result into the input, which is returned."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrad.autograd.inplace import in_place
from minigrad.errors import type_name
from minigrad.nn.functional.checks import need_floating
from minigrad.ops import activations as ops
from minigrad.ops import bounds, elementwise, operators, shape, signs, trigonometry
from minigrad.ops.arguments import need_tensor, one_dim, typed
from minigrad.promotion import factor

__all__ = [
    "celu",
    "celu_",
    "elu",
    "elu_",
    "gelu",
    "glu",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hardtanh_",
    "leaky_relu",
    "leaky_relu_",
    "logsigmoid",
    "mish",
    "prelu",
    "relu",
    "relu6",
    "relu_",
    "selu",
    "selu_",
    "sigmoid",
    "silu",
    "softplus",
    "softshrink",
    "softsign",
    "tanh",
    "tanhshrink",
    "threshold",
    "threshold_",
]

_relu_in_place = in_place(bounds.relu)
_hardtanh_in_place = in_place(ops._hardtanh)
_hardsigmoid_in_place = in_place(ops._hardsigmoid)
_hardswish_in_place = in_place(ops._hardswish)
_leaky_relu_in_place = in_place(ops._leaky_relu_in_place)
_elu_in_place = in_place(ops._elu_in_place)
_celu_in_place = in_place(ops._celu_in_place)
_silu_in_place = in_place(ops._silu)
_mish_in_place = in_place(ops._mish)
_threshold_in_place = in_place(ops._threshold_in_place)

# From Klambauer et al., Self-Normalizing Neural Networks, arXiv:1706.02515.
SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946


def relu(input: Any, inplace: bool = False) -> Any:
    """``max(x, 0)``. Derivative: 1 above 0, else 0, also at 0 itself. RuntimeError for bools."""
    return _relu_in_place(input) if inplace else bounds.relu(input)


def relu_(input: Any) -> Any:
    """`relu` in place."""
    return relu(input, True)


def sigmoid(input: Any) -> Any:
    """``s = 1 / (1 + exp(-x))``. Derivative: s (1 - s). Integers give the default dtype."""
    return elementwise.sigmoid(input)


def tanh(input: Any) -> Any:
    """The hyperbolic tangent. Derivative: 1 - tanh(x)**2. Integers give the default dtype."""
    return trigonometry.tanh(input)


@typed("input")
def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Any:
    """``min(max(x, min_val), max_val)``. Derivative: 1 strictly between the bounds, else 0.

    Raises ValueError where ``min_val`` is above ``max_val``, RuntimeError for bools.
    """
    if min_val > max_val:
        raise ValueError("min_val cannot be greater than max_val")
    return _clip("hardtanh", input, min_val, max_val, inplace)


def hardtanh_(input: Any, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    """`hardtanh` in place."""
    return hardtanh(input, min_val, max_val, True)


def relu6(input: Any, inplace: bool = False) -> Any:
    """``min(max(x, 0), 6)``. Derivative: 1 strictly between 0 and 6, else 0.

    RuntimeError for bools.
    """
    return _clip("relu6", input, 0, 6, inplace)


def _clip(name: str, input: Any, low: float, high: float, inplace: bool) -> Any:
    need_tensor(name, input)
    kind = input.array.dtype.kind
    if kind == "b":
        raise RuntimeError("Bool inputs not supported for hardtanh")
    if kind == "u" and (low < 0 or high < 0):
        raise RuntimeError("cannot do hardtanh on an unsigned type with negative limits")
    if kind == "f":
        low, high = [x.item() if isinstance(x, np.generic) else x for x in (low, high)]
    else:
        low, high = [factor(number, input.array.dtype) for number in (low, high)]
    return (_hardtanh_in_place if inplace else ops._hardtanh)(input, low, high)


@typed("input")
def threshold(input: Any, threshold: float, value: float, inplace: bool = False) -> Any:
    """x where it is above ``threshold``, else ``value``. Derivative: 1 there, else 0.

    NotImplementedError for bools.
    """
    operation = _threshold_in_place if inplace else ops._threshold
    return _cut_off(input, threshold, value, operation)


def _cut_off(input: Any, threshold: float, value: float, operation: Any) -> Any:
    dtype = input.array.dtype
    if dtype.kind == "b":
        raise NotImplementedError("\"threshold_cpu\" not implemented for 'Bool'")
    if dtype.kind != "f":
        threshold, value = [factor(number, dtype) for number in (threshold, value)]
    return operation(input, threshold, value)


@typed("input")
def threshold_(input: Any, threshold: float, value: float) -> Any:
    """`threshold` in place."""
    return _cut_off(input, threshold, value, _threshold_in_place)


@typed("input")
def leaky_relu(input: Any, negative_slope: float = 0.01, inplace: bool = False) -> Any:
    """x where it is positive, else ``negative_slope * x``.

    Derivative: 1 above 0, else the slope, also at 0. NotImplementedError for integers. In place
    with a negative slope is RuntimeError: the result would no longer tell the sign of the input.
    """
    need_floating("leaky_relu", "leaky_relu_cpu", input)
    if inplace:
        refuse_negative("leakyReLu", input, negative_slope)
        return _leaky_relu_in_place(input, negative_slope)
    return ops._leaky_relu(input, negative_slope)


def leaky_relu_(input: Any, negative_slope: float = 0.01) -> Any:
    """`leaky_relu` in place."""
    return leaky_relu(input, negative_slope, True)


def refuse_negative(name: str, input: Any, slope: float) -> None:
    if slope < 0 and input.requires_grad:
        raise RuntimeError(
            f"In-place {name} backward calculation is triggered with a negative slope which is "
            "not supported. Call the function with inplace=False."
        )


@typed("input")
def elu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:
    """x where it is positive, else ``alpha (exp(x) - 1)``.

    Derivative: 1 above 0, else alpha exp(x), also at 0. NotImplementedError for integers.
    """
    need_floating("elu", "elu_cpu", input)
    if inplace:
        refuse_negative("elu", input, alpha)
    return (_elu_in_place if inplace else ops._elu)(input, alpha, 1.0, 1.0)


def elu_(input: Any, alpha: float = 1.0) -> Any:
    """`elu` in place."""
    return elu(input, alpha, True)


def selu(input: Any, inplace: bool = False) -> Any:
    """``scale * elu(x, alpha)``, with the constants of arXiv:1706.02515.

    Derivative: scale above 0, else scale alpha exp(x). NotImplementedError for integers.
    """
    need_floating("selu", "elu_cpu", input)
    operation = _elu_in_place if inplace else ops._elu
    return operation(input, SELU_ALPHA * SELU_SCALE, SELU_SCALE, 1.0)


def selu_(input: Any) -> Any:
    """`selu` in place."""
    return selu(input, True)


@typed("input")
def celu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:
    """x where it is positive, else ``alpha (exp(x / alpha) - 1)``.

    Derivative: 1 above 0, else exp(x / alpha). RuntimeError for alpha 0, NotImplementedError for
    integers.
    """
    need_tensor("celu", input)
    if alpha == 0:
        raise RuntimeError("ZeroDivisionError: alpha cannot be 0 for CELU")
    need_floating("celu", "elu_cpu", input)
    if inplace:
        refuse_negative("elu", input, alpha)
    return (_celu_in_place if inplace else ops._celu)(input, alpha, 1.0, 1 / alpha)


def celu_(input: Any, alpha: float = 1.0) -> Any:
    """`celu` in place."""
    return celu(input, alpha, True)


def silu(input: Any, inplace: bool = False) -> Any:
    """``x sigmoid(x)``. Derivative: s (1 + x (1 - s)) with s = sigmoid(x).

    NotImplementedError for integers.
    """
    need_floating("silu", "silu_cpu", input)
    return (_silu_in_place if inplace else ops._silu)(input)


def mish(input: Any, inplace: bool = False) -> Any:
    """``x tanh(log(1 + exp(x)))``. Derivative: t + x (1 - t**2) sigmoid(x), t being that tanh.

    NotImplementedError for integers.
    """
    need_floating("mish", "mish_cpu", input)
    return (_mish_in_place if inplace else ops._mish)(input)


@typed("input")
def gelu(input: Any, *, approximate: str = "none") -> Any:
    """``x Phi(x)``, Phi the distribution function of the standard normal distribution.

    ``approximate="tanh"`` takes ``(1 + tanh(sqrt(2 / pi) (x + 0.044715 x**3))) / 2`` for Phi
    (Hendrycks and Gimpel, arXiv:1606.08415). Derivative: Phi(x) + x Phi'(x). RuntimeError for
    another word than that or "none", NotImplementedError for integers.
    """
    need_tensor("gelu", input)
    if approximate not in ("none", "tanh"):
        raise RuntimeError("approximate argument must be either none or tanh.")
    need_floating("gelu", "GeluKernelImpl", input)
    return ops._gelu(input) if approximate == "none" else ops._gelu_tanh(input)


def hardsigmoid(input: Any, inplace: bool = False) -> Any:
    """``min(max(x + 3, 0), 6) / 6``. Derivative: 1/6 strictly between -3 and 3, else 0.

    NotImplementedError for integers.
    """
    need_floating("hardsigmoid", "hardsigmoid_cpu", input)
    return (_hardsigmoid_in_place if inplace else ops._hardsigmoid)(input)


def hardswish(input: Any, inplace: bool = False) -> Any:
    """``x hardsigmoid(x)``. Derivative: x/3 + 1/2 between -3 and 3, 0 below and 1 above.

    NotImplementedError for integers.
    """
    need_floating("hardswish", "hardswish_cpu", input)
    return (_hardswish_in_place if inplace else ops._hardswish)(input)


@typed("input")
def hardshrink(input: Any, lambd: float = 0.5) -> Any:
    """x where ``|x| > lambd``, else 0. Derivative: 1 there, else 0."""
    need_floating("hardshrink", "hardshrink_cpu", input)
    return ops._hardshrink(input, lambd)


@typed("input")
def softshrink(input: Any, lambd: float = 0.5) -> Any:
    """x moved towards 0 by ``lambd``, and 0 within that distance. Derivative: 1 outside, 0 inside.

    Raises RuntimeError for a negative ``lambd``.
    """
    need_floating("softshrink", "softshrink_check", input)
    if not lambd >= 0:
        raise RuntimeError(
            "lambda must be in range [0, 3.40282e+38] for input dtype "
            f"{type_name(input.array.dtype)}, but found {lambd:g}"
        )
    return ops._softshrink(input, lambd)


def softsign(input: Any) -> Any:
    """``x / (1 + |x|)``. Derivative: 1 / (1 + |x|)**2. Integers give the default dtype."""
    need_tensor("softsign", input)
    return operators.div(input, operators.add(signs.abs(input), 1))


def tanhshrink(input: Any) -> Any:
    """``x - tanh(x)``. Derivative: tanh(x)**2."""
    need_tensor("tanhshrink", input)
    return operators.sub(input, trigonometry.tanh(input))


@typed("input")
def softplus(input: Any, beta: float = 1, threshold: float = 20) -> Any:
    """``log(1 + exp(beta x)) / beta``, and x itself where ``beta x > threshold``.

    Derivative: sigmoid(beta x), and 1 above the threshold. NotImplementedError for integers.
    """
    need_floating("softplus", "softplus_cpu", input)
    if beta == 0:
        beta = math.copysign(5e-324, beta)  # log(2) / 0 is infinite, and no error
    return ops._softplus(input, beta, threshold)


def logsigmoid(input: Any) -> Any:
    """``log(sigmoid(x))``, exact for large negative x. Derivative: sigmoid(-x).

    NotImplementedError for integers.
    """
    need_floating("log_sigmoid", "log_sigmoid_cpu", input)
    return ops._logsigmoid(input)


def glu(input: Any, dim: int = -1) -> Any:
    """``a sigmoid(b)``, a and b the halves of the input along ``dim``.

    Derivatives: s for a, a s (1 - s) for b. Raises RuntimeError where the size is odd, IndexError
    for a dimension out of range, NotImplementedError for integers.
    """
    need_tensor("glu", input)
    if input.array.ndim == 0:
        raise RuntimeError("glu does not support scalars because halving size must be even")
    dim = one_dim(dim, input.array.ndim, "glu")
    if input.array.shape[dim] % 2:
        raise RuntimeError(
            f"Halving dimension must be even, but dimension {dim} is size {input.array.shape[dim]}"
        )
    need_floating("glu", "glu_cpu", input)
    return ops._glu(input, dim)


def prelu(input: Any, weight: Any) -> Any:
    """x where it is positive, else ``weight * x``; one weight, or one for each of dimension 1.

    Derivatives: 1 above 0, else the weight; for the weight, x where it is not positive. Raises
    RuntimeError for other sizes of the weight and for dtypes that differ.
    """
    need_tensor("prelu", input)
    need_tensor("prelu", weight, "weight", 2)
    x, w = input.array, weight.array
    if x.dtype != w.dtype:
        raise RuntimeError(
            f"prelu: Type promoting not supported. Got {type_name(x.dtype)} and "
            f"{type_name(w.dtype)}"
        )
    if w.size != 1:
        if x.ndim == 0:
            raise RuntimeError("Not allow zero-dim input tensor.")
        channels = x.shape[1] if x.ndim > 1 else 1
        if channels != w.size:
            raise RuntimeError(
                "Mismatch of parameter numbers and input channel size. Found parameter numbers = "
                f"{w.size} and channel size = {channels}."
            )
    if w.ndim > 1:
        raise RuntimeError(
            f"prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = {w.ndim}"
        )
    need_floating("prelu", "prelu_cpu", input)
    if w.ndim:
        lead = (1,) if x.ndim > 1 else ()
        sizes = (*lead, w.size, *(1,) * (x.ndim - 2)) if x.ndim else ()
        if w.shape != sizes:
            weight = shape.reshape(weight, sizes)
    return ops._prelu(input, weight)
