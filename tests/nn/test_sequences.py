"""nn.utils.rnn: padding and packing sequences of different lengths."""

import importlib

import pytest

from tests.judge import data, judged
from tests.nn.plain import plain


def utils(t):
    return importlib.import_module(f"{t.__name__}.nn.utils.rnn")


def sequences(t, *lengths):
    return [t.tensor(data(n, 2, seed=n), requires_grad=True) for n in lengths]


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("side", ["left", "right"])
@judged
def test_pad_and_unpad(t, batch_first, side):
    rnn = utils(t)
    several = sequences(t, 2, 3, 1)
    padded = rnn.pad_sequence(several, batch_first, -1.0, side)
    (padded * padded).sum().backward()
    seen = plain([padded, *[x.grad for x in several]])
    lengths = t.tensor([2, 3, 1])
    back = rnn.unpad_sequence(padded, lengths, batch_first)
    return seen, plain(back)


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("lengths", [[3, 2, 1], [1, 3, 2], [2, 2, 2]])
@judged
def test_pack_and_unpack(t, batch_first, lengths):
    rnn = utils(t)
    x = t.tensor(data(3, 3, 2), requires_grad=True)
    p = rnn.pack_padded_sequence(x, lengths, batch_first, enforce_sorted=False)
    (p.data * p.data).sum().backward()
    y, sizes = rnn.pad_packed_sequence(p, batch_first, 7.0, total_length=4)
    seen = plain([p.batch_sizes, p.sorted_indices, p.unsorted_indices, sizes, y.shape])
    return seen, plain([p.data, y, x.grad, *rnn.unpack_sequence(p)])


@judged
def test_sorted_batches_have_no_indices(t):
    rnn = utils(t)
    p = rnn.pack_sequence(sequences(t, 3, 2, 2))
    q = rnn.pack_sequence(sequences(t, 1, 3), enforce_sorted=False).to(t.float32)
    return p.batch_sizes, p.sorted_indices, plain(p.data), str(q.data.dtype), len(p), q.double()[0]


WRONG = [
    "pack_padded_sequence(x, [1, 2])",
    "pack_padded_sequence(x, [2, 0])",
    "pack_padded_sequence(x, [2, 1, 1])",
    "pack_sequence([x[:1], x])",
    "pad_packed_sequence(pack_padded_sequence(x, [2, 1]), total_length=1)",
    "pad_sequence(3)",
    "pad_sequence([x], padding_side='top')",
    "pad_sequence([])",
    "pad_sequence([x[0], x])",
    "pad_sequence([x, x[None]])",
    "pad_sequence([x, t.ones(2, 3)])",
]


@pytest.mark.parametrize("statement", WRONG)
@judged(raises="")
def test_what_is_refused(t, statement):
    eval(statement, {**vars(utils(t)), "t": t, "x": t.ones(2, 2)})


KINDS = "half float double byte char short int long"


@pytest.mark.parametrize("kind", KINDS.split())
@judged
def test_conversions(t, kind):
    packed = utils(t).pack_sequence([t.tensor([1.5, 2.0]), t.tensor([3.0])])
    return getattr(packed, kind)().data, packed.is_pinned()


@judged
def test_a_packed_sequence_with_nothing_to_convert(t):
    packed = t.nn.utils.rnn.pack_sequence([t.ones(2), t.ones(1)])
    same = [packed.to("cpu") is packed, packed.to(t.float32) is packed]
    return same, packed.to(t.float64) is packed
