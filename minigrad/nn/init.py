"""Starting values of parameters: each function fills the tensor it is given, and returns it.

The same seed gives torch's numbers: the draws come in torch's order, with torch's bounds. The
*fan* of a weight of shape ``(out, in, *kernel)`` is the number of inputs of one output (fan_in),
or of outputs that one input reaches (fan_out), each times the size of the kernel.
"""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrad.autograd.modes import no_grad
from minigrad.creation import empty
from minigrad.nn.parameter import Uninitialized
from minigrad.random import randperm

__all__ = [
    "calculate_gain",
    "constant_",
    "dirac_",
    "eye_",
    "kaiming_normal_",
    "kaiming_uniform_",
    "normal_",
    "ones_",
    "orthogonal_",
    "sparse_",
    "trunc_normal_",
    "uniform_",
    "xavier_normal_",
    "xavier_uniform_",
    "zeros_",
]

ONE = ("linear", *(f"conv{t}{n}d" for t in ("", "_transpose") for n in (1, 2, 3)), "sigmoid")


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The factor that keeps the variance from layer to layer under a nonlinearity.

    1 for linear, conv... and sigmoid, 5/3 for tanh, sqrt(2) for relu, sqrt(2 / (1 + param^2)) for
    leaky_relu with slope ``param`` (0.01), 3/4 for selu. Raises ValueError for others.
    """
    if nonlinearity in ONE:
        return 1
    if nonlinearity == "tanh":
        return 5.0 / 3
    if nonlinearity == "relu":
        return math.sqrt(2.0)
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, int | float):
            raise ValueError(f"negative_slope {param} not a valid number")
        return math.sqrt(2.0 / (1 + slope**2))
    if nonlinearity == "selu":
        return 3.0 / 4
    raise ValueError(f"Unsupported nonlinearity {nonlinearity}")


def fills(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make of what fills a tensor a function that does so unrecorded and returns the tensor."""

    @functools.wraps(function)
    def fill(tensor: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(tensor, Uninitialized):
            raise ValueError(
                f"Attempted to use an uninitialized parameter in {function.__name__}. Call the "
                "lazy module with a first input before."
            )
        with no_grad():
            function(tensor, *args, **kwargs)
        return tensor

    return fill


@fills
def uniform_(tensor: Any, a: float = 0.0, b: float = 1.0, generator: Any = None) -> Any:
    """Uniform between ``a`` and ``b``. Raises RuntimeError if ``a`` is above ``b``."""
    tensor.uniform_(a, b, generator=generator)


@fills
def normal_(tensor: Any, mean: float = 0.0, std: float = 1.0, generator: Any = None) -> Any:
    """Normal with ``mean`` and ``std``. Raises RuntimeError for a negative ``std``."""
    tensor.normal_(mean, std, generator=generator)


@fills
def trunc_normal_(
    tensor: Any,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Any = None,
) -> Any:
    """Normal with ``mean`` and ``std``, of which only what lies between ``a`` and ``b`` is taken.

    By rejection: normals are drawn until they fit or, where few would, uniform numbers that are
    accepted in proportion to the density.
    """
    if mean < a - 2 * std or mean > b + 2 * std:
        warnings.warn(
            "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. "
            "The distribution of values may be incorrect.",
            stacklevel=3,
        )

    def below(x: float) -> float:
        return (1.0 + math.erf(x / math.sqrt(2.0))) / 2.0

    shape, dtype = tensor.shape, tensor.dtype
    if below((b - mean) / std) - below((a - mean) / std) > 0.3:
        low, high = tensor.array.dtype.type(a), tensor.array.dtype.type(b)
        values = tensor.normal_(mean, std, generator=generator).array
        while (outside := (values < low) | (values > high)).any():
            again = empty(shape, dtype=dtype).normal_(mean, std, generator=generator).array
            values[outside] = again[outside]
        return
    peak = -0.5 * ((max(a, min(mean, b)) - mean) / std) ** 2
    values = tensor.array
    pending = np.ones(values.shape, bool)
    while pending.any():
        drawn = empty(shape, dtype=dtype).uniform_(a, b, generator=generator).array
        values[pending] = drawn[pending]
        density = ((drawn - mean) / std) ** 2 * -0.5 - peak
        chance = empty(shape, dtype=dtype).uniform_(generator=generator).array
        with np.errstate(divide="ignore"):
            pending &= np.log(chance) > density


@fills
def constant_(tensor: Any, val: float) -> Any:
    """The number ``val`` everywhere."""
    tensor.fill_(val)


@fills
def ones_(tensor: Any) -> Any:
    """Ones."""
    tensor.fill_(1.0)


@fills
def zeros_(tensor: Any) -> Any:
    """Zeros."""
    tensor.zero_()


@fills
def eye_(tensor: Any) -> Any:
    """The identity, of a matrix. Raises ValueError for other than two dimensions."""
    if tensor.dim() != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    tensor.zero_()
    for i in range(min(tensor.shape)):
        tensor[i, i] = 1


@fills
def dirac_(tensor: Any, groups: int = 1) -> Any:
    """Of a convolution's weight: the kernel that lets as many channels through as it can.

    Raises ValueError for other than three to five dimensions.
    """
    if tensor.dim() not in (3, 4, 5):
        raise ValueError("Only tensors with 3, 4, or 5 dimensions are supported")
    outputs, inputs, *kernel = tensor.shape
    if outputs % groups != 0:
        raise ValueError("dim 0 must be divisible by groups")
    tensor.zero_()
    each = outputs // groups
    centre = [n // 2 for n in kernel]
    for group in range(groups):
        for i in range(min(each, inputs)):
            tensor[(group * each + i, i, *centre)] = 1


@fills
def xavier_uniform_(tensor: Any, gain: float = 1.0, generator: Any = None) -> Any:
    """Uniform within +-gain * sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio, 2010).

    Raises ValueError for less than two dimensions.
    """
    bound = math.sqrt(3.0) * glorot(tensor, gain)
    tensor.uniform_(-bound, bound, generator=generator)


@fills
def xavier_normal_(tensor: Any, gain: float = 1.0, generator: Any = None) -> Any:
    """Normal with std gain * sqrt(2 / (fan_in + fan_out)) (Glorot and Bengio, 2010).

    Raises ValueError for less than two dimensions.
    """
    tensor.normal_(0.0, glorot(tensor, gain), generator=generator)


def glorot(tensor: Any, gain: float) -> float:
    fan_in, fan_out = _calculate_fan_in_and_fan_out(tensor)
    return gain * math.sqrt(2.0 / float(fan_in + fan_out))


@fills
def kaiming_uniform_(
    tensor: Any,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Any = None,
) -> Any:
    """Uniform within +-gain * sqrt(3 / fan), for leaky_relu with slope ``a`` (He et al., 2015).

    The fan is that of ``mode``, "fan_in" or "fan_out", the gain `calculate_gain`'s. Raises
    ValueError for another mode or nonlinearity, and for less than two dimensions.
    """
    if not is_empty(tensor):
        bound = math.sqrt(3.0) * he(tensor, a, mode, nonlinearity)
        tensor.uniform_(-bound, bound, generator=generator)


@fills
def kaiming_normal_(
    tensor: Any,
    a: float = 0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Any = None,
) -> Any:
    """Normal with std gain / sqrt(fan), for leaky_relu with slope ``a`` (He et al., 2015).

    Fan, gain and errors as of `kaiming_uniform_`.
    """
    if not is_empty(tensor):
        tensor.normal_(0, he(tensor, a, mode, nonlinearity), generator=generator)


def is_empty(tensor: Any) -> bool:
    if 0 not in tensor.shape:
        return False
    warnings.warn("Initializing zero-element tensors is a no-op", stacklevel=4)
    return True


def he(tensor: Any, a: float, mode: str, nonlinearity: str) -> float:
    fan = _calculate_correct_fan(tensor, mode)
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


@fills
def orthogonal_(tensor: Any, gain: float = 1, generator: Any = None) -> Any:
    """``gain`` times a matrix with orthogonal rows or columns; dimensions after the first are one.

    Q of the QR decomposition of a normal matrix, with R's diagonal made positive (Mezzadri, How to
    generate random matrices from the classical compact groups, 2007). Raises ValueError for less
    than two dimensions.
    """
    if tensor.dim() < 2:
        raise ValueError("Only tensors with 2 or more dimensions are supported")
    if tensor.numel() == 0:
        return
    rows = tensor.shape[0]
    drawn = empty(rows, tensor.numel() // rows, dtype=tensor.dtype)
    matrix = drawn.normal_(0, 1, generator=generator).array
    wide = matrix.shape[0] < matrix.shape[1]
    q, r = np.linalg.qr(matrix.T if wide else matrix)
    q *= np.sign(np.diagonal(r))
    tensor.array[...] = (q.T if wide else q).reshape(tensor.shape)
    tensor.mul_(gain)


@fills
def sparse_(tensor: Any, sparsity: float, std: float = 0.01, generator: Any = None) -> Any:
    """A normal matrix with the fraction ``sparsity`` of every column zero (Martens, 2010).

    Raises ValueError for other than two dimensions.
    """
    if tensor.dim() != 2:
        raise ValueError("Only tensors with 2 dimensions are supported")
    rows, columns = tensor.shape
    zeros = math.ceil(sparsity * rows)
    tensor.normal_(0, std, generator=generator)
    for column in range(columns):
        tensor.array[randperm(rows).array[:zeros], column] = 0


def _calculate_fan_in_and_fan_out(tensor: Any) -> tuple[int, int]:
    if tensor.dim() < 2:
        raise ValueError(
            "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions"
        )
    outputs, inputs, *kernel = tensor.shape
    size = math.prod(kernel)
    return inputs * size, outputs * size


def _calculate_correct_fan(tensor: Any, mode: str) -> int:
    modes = ["fan_in", "fan_out"]
    if mode.lower() not in modes:
        raise ValueError(f"Mode {mode.lower()} not supported, please use one of {modes}")
    return _calculate_fan_in_and_fan_out(tensor)[modes.index(mode.lower())]


def deprecated(function: Callable[..., Any]) -> Callable[..., Any]:
    """The name without the underscore, which warns."""
    name = function.__name__

    def old(*args: Any, **kwargs: Any) -> Any:
        warnings.warn(
            f"`nn.init.{name[:-1]}` is now deprecated in favor of `nn.init.{name}`.",
            FutureWarning,
            stacklevel=2,
        )
        return function(*args, **kwargs)

    old.__name__ = name[:-1]
    old.__doc__ = f"Deprecated: use `{name}`."
    return old


uniform = deprecated(uniform_)
normal = deprecated(normal_)
constant = deprecated(constant_)
eye = deprecated(eye_)
dirac = deprecated(dirac_)
xavier_uniform = deprecated(xavier_uniform_)
xavier_normal = deprecated(xavier_normal_)
kaiming_uniform = deprecated(kaiming_uniform_)
kaiming_normal = deprecated(kaiming_normal_)
orthogonal = deprecated(orthogonal_)
sparse = deprecated(sparse_)
