"""What the recurrent layers have in common: stacked layers over sequences, in both directions.

The product of the weights with the inputs of all steps is one matrix product for each layer; then
follow the steps (cells.py), with one product each. A layer of an LSTM is one node
(ops/recurrence.py), unless its batch is packed or its state projected.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from minigrad.creation import empty, zeros
from minigrad.errors import dtypes_differ
from minigrad.nn import functional as F
from minigrad.nn import init
from minigrad.nn.modules.cells import STEPS, State
from minigrad.nn.modules.module import Module
from minigrad.nn.parameter import Parameter
from minigrad.nn.utils.rnn import PackedSequence
from minigrad.ops.joining import cat, stack
from minigrad.ops.recurrence import lstm_layer
from minigrad.ops.splitting import split, unbind

__all__ = ["RNNBase"]


class RNNBase(Module):
    """What the recurrent layers have in common: parameters, checks, and the loop over time."""

    def __init__(
        self,
        mode: str,
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
        super().__init__()
        check_settings(input_size, hidden_size, num_layers, bias, batch_first, dropout, proj_size)
        if mode not in STEPS:
            raise ValueError("Unrecognized RNN mode: " + mode)
        self.mode = mode
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        _, gates = STEPS[mode]
        output = proj_size or hidden_size
        for layer, suffix in self._passes():
            width = output * (2 if bidirectional else 1) if layer else input_size
            shapes: dict[str, tuple[int, ...]] = dict(
                weight_ih=(gates * hidden_size, width),
                weight_hh=(gates * hidden_size, output),
            )
            if bias:
                shapes |= dict(bias_ih=(gates * hidden_size,), bias_hh=(gates * hidden_size,))
            if proj_size:
                shapes["weight_hr"] = proj_size, hidden_size
            for name, shape in shapes.items():
                made = Parameter(empty(shape, device=device, dtype=dtype))
                setattr(self, name + suffix, made)
        self.reset_parameters()

    def _passes(self) -> list[tuple[int, str]]:
        """The passes over the sequence: the layer, and what its parameters' names end in."""
        ways = ("", "_reverse") if self.bidirectional else ("",)
        return [(layer, f"_l{layer}{way}") for layer in range(self.num_layers) for way in ways]

    def _weights(self, suffix: str) -> list[Any]:
        """Of one pass: weight_ih, weight_hh, bias_ih, bias_hh, weight_hr; None for what is not."""
        kinds = "weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr"
        return [getattr(self, kind + suffix, None) for kind in kinds]

    @property
    def all_weights(self) -> list[list[Any]]:
        """The parameters, a list for each pass."""
        found = [self._weights(suffix) for _, suffix in self._passes()]
        return [[weight for weight in weights if weight is not None] for weights in found]

    @property
    def _flat_weights(self) -> list[Any]:
        return [weight for weights in self.all_weights for weight in weights]

    @_flat_weights.setter
    def _flat_weights(self, weights: list[Any]) -> None:
        for name, weight in zip(self._flat_weights_names, weights, strict=True):
            if getattr(self, name) is not weight:
                raise NotImplementedError(
                    f"_flat_weights has another {name} than the module. Assign to module.{name}."
                )

    @property
    def _flat_weights_names(self) -> list[str]:
        return [name for name in self._parameters if name.startswith(("weight_", "bias_"))]

    def flatten_parameters(self) -> None:
        """Nothing to do: it is for GPUs."""

    def reset_parameters(self) -> None:
        """Draw all parameters uniformly within +-1 / sqrt(hidden_size)."""
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def extra_repr(self) -> str:
        text = f"{self.input_size}, {self.hidden_size}"
        usual = dict(
            proj_size=0,
            num_layers=1,
            bias=True,
            batch_first=False,
            dropout=0.0,
            bidirectional=False,
        )
        for name, value in usual.items():
            given = getattr(self, name)
            if given is not value if isinstance(value, bool) else given != value:
                text += f", {name}={given}"
        return text

    # Sequences in, sequences out.

    def _run(self, input: Any, state: State | None) -> tuple[Any, State]:
        """The outputs and the last state, for a state of one tensor, or of two for the LSTM."""
        packed = isinstance(input, PackedSequence)
        if packed:
            data, batch_sizes, order, back = input
            sizes = batch_sizes.tolist()
            alone, batch = False, sizes[0]
        else:
            data, sizes, order, back = input, None, None, None
            name = "RNN" if self.mode.startswith("RNN") else self.mode
            if data.dim() not in (2, 3):
                kind = "tensor " if name == "RNN" else ""
                raise ValueError(
                    f"{name}: Expected input to be 2D or 3D, got {data.dim()}D {kind}instead"
                )
            alone = data.dim() == 2
            if alone:
                data = data.unsqueeze(0 if self.batch_first else 1)
            batch = data.shape[0 if self.batch_first else 1]
        if state is None:
            states = [zeros(*size, dtype=data.dtype) for size in self._state_sizes(batch)]
        else:
            check_ranks(state, alone)
            states = [h.unsqueeze(1) if alone else h for h in state]
            if order is not None:
                states = [h.index_select(1, order) for h in states]
        self._check(data, tuple(states), batch, 2 if packed else 3)
        if self.batch_first and not packed:
            data = data.transpose(0, 1)
        if not len(data):
            raise RuntimeError("Expected sequence length to be larger than 0 in RNN")
        output, after = self._layers(data, states, sizes)
        if packed:
            if back is not None:
                after = tuple([h.index_select(1, back) for h in after])
            return PackedSequence(output, batch_sizes, order, back), after
        if self.batch_first:
            output = output.transpose(0, 1)
        if alone:
            output = output.squeeze(0 if self.batch_first else 1)
            after = tuple([h.squeeze(1) for h in after])
        return output, after

    def _layers(self, data: Any, states: Any, sizes: list[int] | None) -> tuple[Any, State]:
        """All passes, layer by layer: the outputs of the last, and the last states of all."""
        first = zip(*[unbind(h) for h in states], strict=True)
        finals: list[State] = []
        outputs: list[Any] = []
        for (layer, suffix), state in zip(self._passes(), first, strict=True):
            reverse = suffix.endswith("_reverse")
            if layer and not reverse:
                data = outputs[0] if len(outputs) == 1 else cat(outputs, -1)
                outputs = []
                if self.dropout and self.training:
                    data = F.dropout(data, self.dropout, True)
            output, final = self._pass(data, state, sizes, suffix, reverse)
            outputs.append(output)
            finals.append(final)
        result = outputs[0] if len(outputs) == 1 else cat(outputs, -1)
        return result, tuple([stack(h) for h in zip(*finals, strict=True)])

    def _pass(
        self, data: Any, state: State, sizes: list[int] | None, suffix: str, reverse: bool
    ) -> tuple[Any, State]:
        """One layer in one direction: the outputs of all steps, and the last state."""
        step, _ = STEPS[self.mode]
        weight_ih, weight_hh, bias_ih, bias_hh, weight_hr = self._weights(suffix)
        if self.mode == "LSTM" and sizes is None and weight_hr is None:
            bias = 0.0 if bias_ih is None else bias_ih + bias_hh
            h, c = state
            hs, cs = lstm_layer(data, h, c, weight_ih, weight_hh, bias, reverse)
            last = 0 if reverse else -1
            # The node saves what it gives. torch has such a node for float32 alone: only there is
            # it refused to write to the output.
            output = hs if hs.array.itemsize == 4 else hs.clone()
            return output, (hs[last], cs[last])
        settings = (weight_hh, bias_hh) if weight_hr is None else (weight_hh, bias_hh, weight_hr)
        x = F.linear(data, weight_ih, bias_ih)
        if sizes is not None:
            walk = shrinking if not reverse else growing
            made, state = walk(step, split(x, sizes), state, settings)
            return cat(made), state
        made = []
        steps = unbind(x)
        for each in reversed(steps) if reverse else steps:
            state = step(each, state, *settings)
            made.append(state[0])
        if reverse:
            made.reverse()
        return stack(made), state

    # Checks.

    def _state_sizes(self, batch: int) -> list[tuple[int, int, int]]:
        """The sizes of h, and for the LSTM of c."""
        passes = self.num_layers * (2 if self.bidirectional else 1)
        sizes = [(passes, batch, self.proj_size or self.hidden_size)]
        return [*sizes, (passes, batch, self.hidden_size)] if self.mode == "LSTM" else sizes

    def _check(self, data: Any, state: State, batch: int, dims: int) -> None:
        weight = self.weight_ih_l0
        if data.dtype != weight.dtype:
            raise ValueError(
                f"RNN input dtype ({data.dtype}) does not match weight dtype ({weight.dtype}). "
                f"Convert input: input.to({weight.dtype}), or convert model: "
                f"model.to({data.dtype})"
            )
        if data.dim() != dims:
            raise RuntimeError(f"input must have {dims} dimensions, got {data.dim()}")
        if data.shape[-1] != self.input_size:
            raise RuntimeError(
                "input.size(-1) must be equal to input_size. Expected "
                f"{self.input_size}, got {data.shape[-1]}"
            )
        for i, (h, size) in enumerate(zip(state, self._state_sizes(batch), strict=True)):
            if tuple(h.shape) != size:
                which = f"[{i}]" if self.mode == "LSTM" else ""
                raise RuntimeError(f"Expected hidden{which} size {size}, got {list(h.shape)}")
        if self.mode == "LSTM":
            check_dtypes(state, weight.array.dtype)


def shrinking(step: Any, xs: Any, state: State, settings: Any) -> tuple[list[Any], State]:
    """Steps through a packed batch of which the shorter sequences, which come last, end first."""
    made: list[Any] = []
    ended: list[State] = []
    size = xs[0].shape[0]
    for x in xs:
        if x.shape[0] < size:
            size = x.shape[0]
            ended.append(tuple([h[size:] for h in state]))
            state = tuple([h[:size] for h in state])
        state = step(x, state, *settings)
        made.append(state[0])
    ended.append(state)
    return made, tuple([cat(h) for h in zip(*reversed(ended), strict=True)])


def growing(step: Any, xs: Any, state: State, settings: Any) -> tuple[list[Any], State]:
    """Steps from the end to the beginning: the shorter sequences join later."""
    made: list[Any] = []
    first = state
    size = xs[-1].shape[0]
    state = tuple([h[:size] for h in first])
    for x in reversed(xs):
        if x.shape[0] > size:
            joining = [h[size : x.shape[0]] for h in first]
            size = x.shape[0]
            state = tuple([cat(pair) for pair in zip(state, joining, strict=True)])
        state = step(x, state, *settings)
        made.append(state[0])
    made.reverse()
    return made, state


def check_ranks(state: State, alone: bool) -> None:
    """Raise RuntimeError unless the first state has a batch where the input has one."""
    wanted = 2 if alone else 3
    if all(h.dim() == wanted for h in state):
        return
    where = f"For {'unbatched 2-D' if alone else 'batched 3-D'} input, "
    if len(state) == 1:
        raise RuntimeError(f"{where}hx should also be {wanted}-D but got {state[0].dim()}-D tensor")
    got = ", ".join([f"{h.dim()}-D" for h in state])
    raise RuntimeError(f"{where}hx and cx should also be {wanted}-D but got ({got}) tensors")


def check_dtypes(state: State, wanted: Any) -> None:
    """Raise RuntimeError unless both are of the weights' dtype; double precision may widen c."""
    _, c = state
    for x in state:
        widened = x is c and wanted == np.float64 and c.is_floating_point()
        if x.array.dtype != wanted and not widened:
            raise dtypes_differ("addmm", x.array.dtype, wanted)


def check_settings(
    input_size: Any,
    hidden_size: Any,
    num_layers: int,
    bias: Any,
    batch_first: Any,
    dropout: Any,
    proj_size: int,
) -> None:
    if not isinstance(dropout, int | float) or isinstance(dropout, bool) or not 0 <= dropout <= 1:
        raise ValueError(
            "dropout should be a number in range [0, 1] representing the probability of an "
            "element being zeroed"
        )
    if dropout > 0 and num_layers == 1:
        warnings.warn(
            "dropout option adds dropout after all but last recurrent layer, so non-zero dropout "
            f"expects num_layers greater than 1, but got dropout={dropout} and "
            f"num_layers={num_layers}",
            stacklevel=4,
        )
    kinds = (
        ("bias", bias, bool),
        ("batch_first", batch_first, bool),
        ("input_size", input_size, int),
        ("hidden_size", hidden_size, int),
    )
    for name, value, kind in kinds:
        if not isinstance(value, kind):
            raise TypeError(
                f"{name} should be of type {kind.__name__}, got: {type(value).__name__}"
            )
        if kind is int and value <= 0:
            raise ValueError(f"{name} must be greater than zero")
    if num_layers <= 0:
        raise ValueError("num_layers must be greater than zero")
    if proj_size < 0:
        raise ValueError("proj_size should be a positive integer or zero to disable projections")
    if proj_size >= hidden_size:
        raise ValueError("proj_size has to be smaller than hidden_size")
