"""One step in time of the recurrent layers, and the modules that do just one.

A step takes what the input contributes, ``x @ weight_ih.T + bias_ih``, and the state before, and
returns the state after: a tuple that begins with the output h::

    RNN     h' = tanh(x + U h)
    LSTM    c' = sigmoid(f) c + sigmoid(i) tanh(g)        h' = sigmoid(o) tanh(c')
    GRU     h' = (1 - z) n + z h,   z = sigmoid(x_z + U_z h),   n = tanh(x_n + r (U_n h))
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from minigrad.autograd.value import Value
from minigrad.creation import empty, zeros
from minigrad.errors import dtypes_differ
from minigrad.nn import functional as F
from minigrad.nn import init
from minigrad.nn.modules.module import Module
from minigrad.nn.parameter import Parameter
from minigrad.ops.splitting import unsafe_chunk

__all__ = ["GRUCell", "LSTMCell", "RNNCell", "RNNCellBase"]

State = tuple[Any, ...]
Step = Callable[..., State]


def tanh_step(x: Any, state: State, weight: Any, bias: Any) -> State:
    return ((F.linear(state[0], weight, bias) + x).tanh(),)


def relu_step(x: Any, state: State, weight: Any, bias: Any) -> State:
    return ((F.linear(state[0], weight, bias) + x).relu(),)


def lstm_step(x: Any, state: State, weight: Any, bias: Any, projection: Any = None) -> State:
    h, c = state
    i, f, g, o = unsafe_chunk(F.linear(h, weight, bias) + x, 4, 1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    h = o.sigmoid() * c.tanh()
    return (h if projection is None else F.linear(h, projection)), c


def gru_step(x: Any, state: State, weight: Any, bias: Any) -> State:
    (h,) = state
    x_r, x_z, x_n = unsafe_chunk(x, 3, 1)
    h_r, h_z, h_n = unsafe_chunk(F.linear(h, weight, bias), 3, 1)
    r, z = (h_r + x_r).sigmoid(), (h_z + x_z).sigmoid()
    n = (h_n * r + x_n).tanh()
    return ((h - n) * z + n,)


# For each kind of layer its step, and the number of gates: the parts of the weights.
STEPS: dict[str, tuple[Step, int]] = {
    "RNN_TANH": (tanh_step, 1),
    "RNN_RELU": (relu_step, 1),
    "LSTM": (lstm_step, 4),
    "GRU": (gru_step, 3),
}


class RNNCellBase(Module):
    """What the cells have in common: weights for ``num_chunks`` gates."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool,
        num_chunks: int,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        n = num_chunks * hidden_size
        shapes = dict(weight_ih=(n, input_size), weight_hh=(n, hidden_size))
        for name, shape in shapes.items():
            setattr(self, name, Parameter(empty(shape, device=device, dtype=dtype)))
        for name in "bias_ih", "bias_hh":
            made = Parameter(empty(n, device=device, dtype=dtype)) if bias else None
            self.register_parameter(name, made)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all parameters uniformly within +-1 / sqrt(hidden_size)."""
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def extra_repr(self) -> str:
        text = f"{self.input_size}, {self.hidden_size}"
        if self.bias is not True:
            text += f", bias={self.bias}"
        nonlinearity = self.__dict__.get("nonlinearity", "tanh")
        return text if nonlinearity == "tanh" else f"{text}, nonlinearity={nonlinearity}"

    def one_step(self, mode: str, input: Any, state: State | None) -> State:
        """The state after ``input``, (N, input_size) or (input_size), from zeros if None."""
        name = type(self).__name__
        if input.dim() not in (1, 2):
            raise ValueError(f"{name}: Expected input to be 1D or 2D, got {input.dim()}D instead")
        for i, h in enumerate(state or ()):
            if h.dim() not in (1, 2):
                which = f"hx[{i}]" if len(state or ()) > 1 else "hidden"
                raise ValueError(f"{name}: Expected {which} to be 1D or 2D, got {h.dim()}D instead")
        alone = input.dim() == 1
        step, _ = STEPS[mode]
        if alone:
            input = input.unsqueeze(0)
        if state is None:
            h = zeros(input.shape[0], self.hidden_size, dtype=input.dtype)
            state = (h, h) if mode == "LSTM" else (h,)
        elif alone:
            state = tuple([h.unsqueeze(0) for h in state])
        self.check(input, state)
        h, weight = state[0], self.weight_hh
        if mode != "GRU" and h.dtype != weight.dtype:  # torch's steps look at the state first
            raise dtypes_differ("addmm", h.array.dtype, weight.array.dtype)
        x = F.linear(input, self.weight_ih, self.bias_ih)
        after = step(x, state, self.weight_hh, self.bias_hh)
        return tuple([h.squeeze(0) for h in after]) if alone else after

    def check(self, input: Any, state: State) -> None:
        if input.shape[1] != self.input_size:
            raise RuntimeError(
                f"input has inconsistent input_size: got {input.shape[1]} expected "
                f"{self.input_size}"
            )
        for i, h in enumerate(state):
            if h.shape[0] != input.shape[0]:
                raise RuntimeError(
                    f"Input batch size {input.shape[0]} doesn't match hidden{i} batch size "
                    f"{h.shape[0]}"
                )
            if h.shape[1] != self.hidden_size:
                raise RuntimeError(
                    f"hidden{i} has inconsistent hidden_size: got {h.shape[1]}, expected "
                    f"{self.hidden_size}"
                )


class RNNCell(RNNCellBase):
    """``tanh(W_ih x + b_ih + W_hh h + b_hh)``, or relu of it.

    From (N, input_size) and h, (N, hidden_size), 0 if not given, or both without the N, to the new
    h. Raises ValueError for other numbers of dimensions, RuntimeError for other sizes and, when
    called, for another nonlinearity.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Any, hx: Any = None) -> Any:
        if self.nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(f"Unknown nonlinearity: {self.nonlinearity}")
        mode = f"RNN_{self.nonlinearity.upper()}"
        return self.one_step(mode, input, None if hx is None else (hx,))[0]


class LSTMCell(RNNCellBase):
    """One step of an LSTM: from the input and (h, c) to the new (h, c).

    Formulas as in `LSTM`, shapes and errors as of `RNNCell`.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(self, input: Any, hx: Any = None) -> Any:
        if isinstance(hx, Value):
            raise TypeError(
                "lstm_cell(): argument 'hx' (position 2) must be tuple of Tensors, not Tensor"
            )
        if hx is not None and len(hx) != 2:
            raise RuntimeError("lstm_cell expects two hidden states")
        return self.one_step("LSTM", input, hx)


class GRUCell(RNNCellBase):
    """One step of a GRU: from the input and h to the new h.

    Formulas as in `GRU`, shapes and errors as of `RNNCell`.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def forward(self, input: Any, hx: Any = None) -> Any:
        return self.one_step("GRU", input, None if hx is None else (hx,))[0]
