"""Activations as modules; the formulas are those of the functions of nn.functional."""

from __future__ import annotations

import warnings
from typing import Any

from minigrad.creation import empty
from minigrad.nn import functional as F
from minigrad.nn import init
from minigrad.nn.modules.attention import MultiheadAttention
from minigrad.nn.modules.module import Module
from minigrad.nn.modules.stateless import Stateless
from minigrad.nn.parameter import Parameter

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "SELU",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "LeakyReLU",
    "LogSigmoid",
    "LogSoftmax",
    "Mish",
    "MultiheadAttention",
    "PReLU",
    "RReLU",
    "ReLU",
    "ReLU6",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softmax2d",
    "Softmin",
    "Softplus",
    "Softshrink",
    "Softsign",
    "Tanh",
    "Tanhshrink",
    "Threshold",
]


class ReLU(Stateless, function="relu"):
    """``max(x, 0)``."""

    inplace: bool = False


class SiLU(Stateless, function="silu"):
    """``x sigmoid(x)``."""

    inplace: bool = False


class Mish(Stateless, function="mish"):
    """``x tanh(softplus(x))``."""

    inplace: bool = False


class SELU(Stateless, function="selu"):
    """``scale * elu(x, alpha)`` with the two constants of self-normalising networks."""

    inplace: bool = False


class Hardsigmoid(Stateless, function="hardsigmoid"):
    """``clamp(x / 6 + 1 / 2, 0, 1)``."""

    inplace: bool = False

    def extra_repr(self) -> str:
        return ""


class Hardswish(Stateless, function="hardswish"):
    """``x clamp(x / 6 + 1 / 2, 0, 1)``."""

    inplace: bool = False

    def extra_repr(self) -> str:
        return ""


class Sigmoid(Stateless, function="sigmoid"):
    """``1 / (1 + exp(-x))``."""


class Tanh(Stateless, function="tanh"):
    """``tanh(x)``."""


class LogSigmoid(Stateless, function="logsigmoid"):
    """``log(sigmoid(x))``."""


class Softsign(Stateless, function="softsign"):
    """``x / (1 + |x|)``."""


class Tanhshrink(Stateless, function="tanhshrink"):
    """``x - tanh(x)``."""


class ELU(Stateless, function="elu", shown="alpha={alpha}"):
    """``x`` if positive, else ``alpha (exp(x) - 1)``."""

    alpha: float = 1.0
    inplace: bool = False


class CELU(Stateless, function="celu", shown="alpha={alpha}"):
    """``x`` if positive, else ``alpha (exp(x / alpha) - 1)``."""

    alpha: float = 1.0
    inplace: bool = False


class GELU(Stateless, function="gelu", shown="approximate={approximate!r}"):
    """``x Phi(x)``, Phi the distribution function of the normal distribution."""

    approximate: str = "none"


class GLU(Stateless, function="glu", shown="dim={dim}"):
    """``a sigmoid(b)`` of the two halves along ``dim``."""

    dim: int = -1


class LeakyReLU(Stateless, function="leaky_relu", shown="negative_slope={negative_slope}"):
    """``x`` if positive, else ``negative_slope * x``."""

    negative_slope: float = 1e-2
    inplace: bool = False


class Softplus(Stateless, function="softplus", shown="beta={beta}, threshold={threshold}"):
    """``log(1 + exp(beta x)) / beta``; ``x`` where ``beta x`` is above ``threshold``."""

    beta: float = 1.0
    threshold: float = 20.0


class Hardshrink(Stateless, function="hardshrink", shown="{lambd}"):
    """``x`` where it is further from 0 than ``lambd``, else 0."""

    lambd: float = 0.5


class Softshrink(Stateless, function="softshrink", shown="{lambd!s}"):
    """``x`` brought nearer to 0 by ``lambd``, and 0 where that would pass 0."""

    lambd: float = 0.5


class Threshold(Stateless, function="threshold", shown="threshold={threshold}, value={value}"):
    """``x`` above ``threshold``, else ``value``."""

    threshold: float
    value: float
    inplace: bool = False


class Softmax(Stateless, function="softmax", shown="dim={dim}"):
    """``exp(x) / sum(exp(x))`` along ``dim``."""

    dim: int | None = None


class LogSoftmax(Stateless, function="log_softmax", shown="dim={dim}"):
    """``x - log(sum(exp(x)))`` along ``dim``."""

    dim: int | None = None


class Softmin(Stateless, function="softmin", shown="dim={dim}"):
    """``exp(-x) / sum(exp(-x))`` along ``dim``."""

    dim: int | None = None


class Softmax2d(Module):
    """Softmax over the channels of images, (N, C, H, W) or (C, H, W)."""

    def forward(self, input: Any) -> Any:
        if input.dim() not in (3, 4):
            raise ValueError(
                f"Softmax2d: expected input to be 3D or 4D, got {input.dim()}D instead"
            )
        return F.softmax(input, -3)


class Hardtanh(Stateless, function="hardtanh", shown="min_val={min_val}, max_val={max_val}"):
    """``clamp(x, min_val, max_val)``."""

    min_val: float
    max_val: float
    inplace: bool

    def __init__(
        self,
        min_val: float = -1.0,
        max_val: float = 1.0,
        inplace: bool = False,
        min_value: float | None = None,
        max_value: float | None = None,
    ) -> None:
        super().__init__()
        for old, value in ("min", min_value), ("max", max_value):
            if value is not None:
                warnings.warn(
                    f"keyword argument `{old}_value` is deprecated and renamed to `{old}_val`",
                    FutureWarning,
                    stacklevel=2,
                )
        self.min_val = min_val if min_value is None else min_value
        self.max_val = max_val if max_value is None else max_value
        self.inplace = inplace
        if not self.max_val > self.min_val:
            raise AssertionError(
                f"max_val ({self.max_val}) must be greater than min_val ({self.min_val})"
            )


class ReLU6(Hardtanh):
    """``clamp(x, 0, 6)``."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(0.0, 6.0, inplace)

    def forward(self, input: Any) -> Any:
        return F.relu6(input, self.inplace)

    def extra_repr(self) -> str:
        return "inplace=True" if self.inplace else ""


class RReLU(Stateless, function="rrelu", shown="lower={lower}, upper={upper}"):
    """``x`` if positive, else ``x`` times a random slope, or the mean slope outside training."""

    lower: float = 1.0 / 8
    upper: float = 1.0 / 3
    inplace: bool = False

    def forward(self, input: Any) -> Any:
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)


class PReLU(Module):
    """``x`` if positive, else ``weight * x``, with one learnt slope or one for each channel."""

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.num_parameters = num_parameters
        self.init = init
        self.weight = Parameter(empty(num_parameters, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Give the slopes their first value again."""
        init.constant_(self.weight, self.init)

    def forward(self, input: Any) -> Any:
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        return f"num_parameters={self.num_parameters}"
