"""Recurrent layers over sequences: RNN, LSTM and GRU."""

from __future__ import annotations

from typing import Any

from minigrad.nn.modules.cells import GRUCell, LSTMCell, RNNCell
from minigrad.nn.modules.rnn_base import RNNBase

__all__ = ["GRU", "LSTM", "RNN", "GRUCell", "LSTMCell", "RNNCell"]


class RNN(RNNBase):
    """``h_t = tanh(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh)``, or relu, over a sequence.

    From (L, N, input_size), or (N, L, input_size) with ``batch_first``, or without the N, or a
    PackedSequence, and the first h, (layers * directions, N, hidden_size): the outputs of all steps
    and the last h. Weights and biases are drawn uniformly within +-1 / sqrt(hidden_size). Raises
    ValueError for settings out of range, an input of another number of dimensions and one of
    another dtype than the weights, RuntimeError for other sizes.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
        **others: Any,
    ) -> None:
        no_projection(others)
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(
                f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'."
            )
        super().__init__(
            f"RNN_{nonlinearity.upper()}",
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            device=device,
            dtype=dtype,
            **others,
        )
        self.nonlinearity = nonlinearity

    def forward(self, input: Any, hx: Any = None) -> Any:
        output, (h,) = self._run(input, None if hx is None else (hx,))
        return output, h


class GRU(RNNBase):
    """The gated recurrent unit over a sequence, with the shapes of `RNN`.

    ``r = sigmoid(W_ir x + b_ir + W_hr h + b_hr)``, z likewise,
    ``n = tanh(W_in x + b_in + r (W_hn h + b_hn))`` and ``h' = (1 - z) n + z h``; r, z, n follow
    each other in the weights. Errors as of `RNN`.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: Any = None,
        dtype: Any = None,
        **others: Any,
    ) -> None:
        no_projection(others)
        super().__init__(
            "GRU",
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            device=device,
            dtype=dtype,
            **others,
        )

    def forward(self, input: Any, hx: Any = None) -> Any:
        output, (h,) = self._run(input, None if hx is None else (hx,))
        return output, h


class LSTM(RNNBase):
    """Long short-term memory over a sequence, with the shapes of `RNN` and a state (h, c).

    ``i, f, g, o = W_ih x + b_ih + W_hh h + b_hh`` follow each other in the weights;
    ``c' = sigmoid(f) c + sigmoid(i) tanh(g)`` and ``h' = sigmoid(o) tanh(c')``, times the matrix
    W_hr with ``proj_size``. Errors as of `RNN`.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(
            "LSTM",
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            dropout,
            bidirectional,
            proj_size,
            device,
            dtype,
        )

    def forward(self, input: Any, hx: Any = None) -> Any:
        if hx is not None:
            h, c = hx[0], hx[1]
            if len(hx) != 2:
                raise RuntimeError("lstm expects two hidden states")
            hx = h, c
        return self._run(input, hx)


def no_projection(settings: dict[str, Any]) -> None:
    if "proj_size" in settings:
        raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")
