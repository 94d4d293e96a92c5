"""RNN, LSTM and GRU against torch: states, outputs and gradients, also of packed batches."""

import pytest

import minigrad
from tests.judge import data, judged
from tests.nn.plain import plain

LAYERS = [
    "RNN(2, 3)",
    "RNN(2, 3, nonlinearity='relu', num_layers=2)",
    "RNN(2, 3, 2, 'tanh', False, True)",
    "RNN(2, 3, bidirectional=True)",
    "LSTM(2, 3)",
    "LSTM(2, 3, batch_first=True)",
    "LSTM(2, 3, bias=False)",
    "LSTM(2, 3, num_layers=2, bidirectional=True)",
    "LSTM(2, 4, num_layers=2, bidirectional=True, proj_size=3)",
    "LSTM(2, 3, num_layers=2, dropout=0.4)",
    "GRU(2, 3)",
    "GRU(2, 3, num_layers=2, bidirectional=True, batch_first=True)",
    "GRU(2, 3, num_layers=3, dropout=0.4)",
]


def made(t, layer):
    t.manual_seed(5)
    return eval(f"t.nn.{layer}", {"t": t})


def states(h):
    return list(h) if isinstance(h, tuple) else [h]


def gradients(module, x):
    return [x.grad, *[p.grad for p in module.parameters()]]


@pytest.mark.filterwarnings("ignore:LSTM with projections")
@pytest.mark.parametrize("layer", LAYERS)
@judged(ulps=64)
def test_sequences(t, layer):
    m = made(t, layer)
    seen = [repr(m), plain(m.state_dict()), [len(weights) for weights in m.all_weights]]
    x = t.tensor(data(4, 3, 2), dtype=t.float32, requires_grad=True)
    y, h = m(x)
    (y * y).sum().backward(retain_graph=True)
    seen.append(plain([y, *states(h), *gradients(m, x)]))
    sum((s * s * s).sum() for s in states(h)).backward()
    again, _ = m(x, h)
    return [*seen, plain([again, *gradients(m, x)]), m.flatten_parameters()]


@pytest.mark.parametrize("layer", ["RNN(2, 3)", "LSTM(2, 3)", "GRU(2, 3, batch_first=True)"])
@judged(ulps=64)
def test_without_a_batch(t, layer):
    m = made(t, layer)
    y, h = m(t.tensor(data(4, 2), dtype=t.float32))
    again, _ = m(t.tensor(data(4, 2), dtype=t.float32), h)
    return plain([y, *states(h), again])


@pytest.mark.filterwarnings("ignore:LSTM with projections")
@pytest.mark.parametrize("enforce_sorted, lengths", [(True, [4, 2, 1]), (False, [2, 4, 3])])
@pytest.mark.parametrize("layer", [layer for layer in LAYERS if "relu" not in layer])
@judged(ulps=64)
def test_packed_batches(t, layer, enforce_sorted, lengths):
    rnn = __import__(f"{t.__name__}.nn.utils.rnn", fromlist=["rnn"])
    m = made(t, layer)
    x = t.tensor(data(4, 3, 2), dtype=t.float32, requires_grad=True)
    packed = rnn.pack_padded_sequence(x, t.tensor(lengths), enforce_sorted=enforce_sorted)
    first = t.ones(m.num_layers * (2 if m.bidirectional else 1), 3, 3)
    state = (first, t.ones(first.shape[0], 3, m.hidden_size)) if m.mode == "LSTM" else first
    out, h = m(packed, state)
    y, sizes = rnn.pad_packed_sequence(out)
    (y * y).sum().backward()
    plainly, _ = m(packed)
    return sizes, plain([y, plainly.data, *states(h), *gradients(m, x)])


@judged(ulps=256)
def test_second_derivatives_of_the_lstm(t):
    m = made(t, "LSTM(2, 3, num_layers=2, bidirectional=True, dtype=t.float64)")
    x = t.tensor(data(3, 2, 2), requires_grad=True)
    y, (h, c) = m(x)
    total = (y**3).sum() + (h * h).sum() + (c * c).sum()
    (g,) = t.autograd.grad(total, x, create_graph=True)
    (g * g).sum().backward()
    return plain(gradients(m, x))


CELLS = ["RNNCell(2, 3)", "RNNCell(2, 3, False, 'relu')", "LSTMCell(2, 3)", "GRUCell(2, 3)"]


@pytest.mark.parametrize("cell", CELLS)
@judged(ulps=64)
def test_cells(t, cell):
    m = made(t, cell)
    x = t.tensor(data(4, 2), dtype=t.float32, requires_grad=True)
    h = m(x)
    names = [s.grad_fn.name() for s in states(h)]
    h = m(x, h)
    sum((s * s).sum() for s in states(h)).backward()
    alone = m(x[0].detach())
    return repr(m), names, plain([*states(h), *states(alone), *gradients(m, x)])


@pytest.mark.filterwarnings("ignore:dropout option adds dropout")
@judged
def test_dropout_of_a_single_layer(t):
    return repr(t.nn.LSTM(2, 3, dropout=0.5))


WRONG = [
    "RNN(2, 3)(t.ones(2))",
    "LSTM(2, 3)(t.ones(2))",
    "GRU(2, 3)(t.ones(2))",
    "RNN(2, 3)(t.ones(4, 3, 5))",
    "RNN(2, 3)(t.ones(0, 1, 2))",
    "LSTM(2, 3, batch_first=True)(t.ones(1, 0, 2))",
    "RNN(2, 3)(t.ones(4, 1, 2), t.ones(1, 2, 3))",
    "RNN(2, 3)(t.ones(4, 1, 2), t.ones(1, 3))",
    "RNN(2, 3)(t.ones(4, 2), t.ones(1, 1, 3))",
    "LSTM(2, 3)(t.ones(4, 1, 2), (t.ones(1, 1, 3), t.ones(1, 1, 4)))",
    "LSTM(2, 3)(t.ones(4, 1, 2), (t.ones(1, 2, 3), t.ones(1, 1, 3)))",
    "LSTM(2, 3)(t.ones(4, 1, 2), (t.ones(1, 3), t.ones(1, 3)))",
    "LSTM(2, 3)(t.ones(4, 2), (t.ones(1, 1, 3), t.ones(1, 1, 3)))",
    "GRU(2, 3)(t.ones(4, 1, 2), t.ones(2, 1, 3))",
    "GRU(2, 3)(t.ones(4, 1, 2, dtype=t.float64))",
    "GRU(2, 3, bias=1)",
    "GRU(2, 3, batch_first=None)",
    "GRU('2', 3)",
    "LSTM(2, 3, proj_size=-1)",
    "RNNCell(2, 3, nonlinearity='gelu')(t.ones(1, 2))",
    "RNNCell(2, 3)(t.ones(1, 1, 2))",
    "RNNCell(2, 3)(t.ones(1, 4))",
    "GRUCell(2, 3)(t.ones(2, 2), t.ones(3, 3))",
    "GRUCell(2, 3)(t.ones(2, 2), t.ones(2, 4))",
    "LSTMCell(2, 3)(t.ones(2, 2), (t.ones(2, 3), t.ones(2, 4)))",
    "LSTMCell(2, 3)(t.ones(2, 2), (t.ones(2, 3, 1), t.ones(2, 3)))",
]


@pytest.mark.parametrize("statement", WRONG)
@judged(raises="")
def test_what_does_not_fit(t, statement):
    eval(f"t.nn.{statement}", {"t": t})


UNFIT = [
    "LSTMCell(3, 4)(t.ones(2, 3), t.ones(2, 4))",
    "LSTMCell(3, 4)(t.ones(2, 3), (t.ones(2, 4),))",
    "LSTMCell(3, 4)(t.ones(2, 3), (t.ones(2, 4),) * 3)",
    "LSTM(3, 4)(t.ones(5, 2, 3), (t.ones(1, 2, 4),))",
    "LSTM(3, 4)(t.ones(5, 2, 3), (t.ones(1, 2, 4),) * 3)",
    "LSTM(3, 4)(t.ones(5, 2, 3), t.ones(1, 2, 4))",
    "LSTM(3, 4)(t.ones(5, 2, 3), t.ones(2, 2, 4))",
    "RNN(3, 4, proj_size=2)",
    "RNN(3, 4, nonlinearity='relu', proj_size=0)",
    "GRU(3, 4, proj_size=2)",
    "GRU(3, 4, projection=2)",
]


@pytest.mark.parametrize("call", UNFIT)
@judged(raises=".")
def test_states_and_settings_that_do_not_fit(t, call):
    eval(f"t.nn.{call}", {"t": t})


@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_flat_weights_can_be_set_to_what_they_are_alone(kind) -> None:
    model = getattr(minigrad.nn, kind)(2, 3, num_layers=2)
    model._flat_weights = [getattr(model, name) for name in model._flat_weights_names]
    with pytest.raises(NotImplementedError, match="Assign to module"):
        model._flat_weights = [weight.detach() for weight in model._flat_weights]
