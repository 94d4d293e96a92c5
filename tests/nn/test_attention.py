"""Attention and the transformer against torch."""

import math

import pytest

from tests.judge import data, judged
from tests.nn.plain import plain

ATTENTION = [
    "",
    "batch_first=True",
    "dropout=0.3",
    "bias=False",
    "add_bias_kv=True",
    "add_zero_attn=True",
    "kdim=3, vdim=5",
    "kdim=3, vdim=5, bias=False, add_bias_kv=True, add_zero_attn=True, batch_first=True",
]


def tensor(t, *shape, seed=0):
    return t.tensor(data(*shape, seed=seed), dtype=t.float32)


def total(t, y):
    """A scalar to differentiate; the sum of the squares of what is normalised would be constant."""
    return (y * tensor(t, *y.shape, seed=9)).sum()


def padding(t):
    return t.tensor([[False] * 5, [False, False, False, True, True]])


@pytest.mark.filterwarnings("ignore:Support for mismatched")
@pytest.mark.parametrize("settings", ATTENTION)
@judged(ulps=128)
def test_attention(t, settings):
    t.manual_seed(1)
    m = eval(f"t.nn.MultiheadAttention(4, 2, {settings})", {"t": t})
    seen = [repr(m), plain(m.state_dict())]
    q = tensor(t, 3, 2, 4).requires_grad_()
    k, v = tensor(t, 5, 2, m.kdim, seed=1), tensor(t, 5, 2, m.vdim, seed=2)
    inputs = [x.transpose(0, 1) for x in (q, k, v)] if m.batch_first else [q, k, v]
    later = t.ones(3, 5).triu(2) > 0
    calls = [
        {},
        {"need_weights": False},
        {"average_attn_weights": False},
        {"key_padding_mask": padding(t)},
        {"attn_mask": later},
        {"attn_mask": later, "key_padding_mask": padding(t), "need_weights": False},
        {"attn_mask": t.zeros(3, 5).masked_fill(later, -math.inf)},
        {"attn_mask": tensor(t, 4, 3, 5), "need_weights": False},
    ]
    for call in calls:
        for training in True, False:
            m.train(training).zero_grad()
            q.grad = None
            y, weights = m(*inputs, **call)
            (y * y).sum().backward()
            found = [y, q.grad, *[p.grad for p in m.parameters()]]
            names = [x.grad_fn.name() for x in (y, weights) if x is not None]
            seen += [plain(found), names, None if weights is None else plain(weights)]
    return seen


@judged(ulps=128)
def test_attention_to_itself_and_without_a_batch(t):
    t.manual_seed(1)
    m = t.nn.MultiheadAttention(4, 2)
    x, y = tensor(t, 6, 4), tensor(t, 3, 4)
    mask = t.nn.Transformer.generate_square_subsequent_mask(6)
    z = tensor(t, 6, 2, 4)
    seen = [*m(x, x, x), *m(y, x, x), *m(x, y, y.clone())]
    seen += [*m(z, z, z, attn_mask=mask), m(z, z, z, None, False, mask, is_causal=True)[0]]
    return plain(seen)


WRONG = [
    "m(x[0, 0], x, x)",
    "m(x, x[0], x)",
    "m(x[0], x, x)",
    "m(x, x, x, key_padding_mask=t.ones(3) > 0)",
    "m(x, x, x, key_padding_mask=t.ones(2, 3).long())",
    "m(x, x, x, attn_mask=t.ones(4))",
    "m(x, x, x, attn_mask=t.ones(4, 4))",
    "m(x, x, x, attn_mask=t.ones(2, 3, 3))",
    "m(x, x, x, is_causal=True)",
    "m(x, x, x[:1])",
    "m(x[..., :2], x, x)",
]


@pytest.mark.parametrize("statement", WRONG)
@judged(raises="")
def test_what_does_not_fit(t, statement):
    eval(statement, {"t": t, "m": t.nn.MultiheadAttention(4, 2), "x": t.ones(3, 2, 4)})


@pytest.mark.parametrize("shape", [(4, 2), (8, 1), (1, 8), (2, 3), (2, 5)], ids=str)
@pytest.mark.parametrize("settings", ["", "add_zero_attn=True", "add_bias_kv=True"])
@judged(raises="Expected key_padded_mask")
def test_padding_of_another_shape(t, settings, shape):
    m = eval(f"t.nn.MultiheadAttention(4, 2, {settings})", {"t": t})
    x = t.ones(4, 2, 4)
    m(x, x, x, key_padding_mask=t.zeros(shape, dtype=t.bool))


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
@pytest.mark.parametrize("settings", ["", "batch_first=True", "norm_first=True"])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", [(4, 2), (2, 3)], ids=str)
@judged(raises="Expected key_padded_mask|Mask size should match")
def test_padding_of_another_shape_in_an_encoder(t, settings, training, shape):
    layer = eval(f"t.nn.TransformerEncoderLayer(4, 2, 8, {settings})", {"t": t})
    x = t.ones((2, 4, 4) if "batch_first" in settings else (4, 2, 4))
    t.nn.TransformerEncoder(layer, 2).train(training)(
        x, src_key_padding_mask=t.zeros(shape, dtype=t.bool)
    )


KINDS = ["", "batch_first=True", "norm_first=True, activation='gelu'", "bias=False", "dropout=0.0"]


@pytest.mark.filterwarnings("ignore:enable_nested_tensor", "ignore:The PyTorch API of nested")
@pytest.mark.parametrize("settings", KINDS)
@judged(ulps=256)
def test_encoder(t, settings):
    t.manual_seed(2)
    layer = eval(f"t.nn.TransformerEncoderLayer(4, 2, 8, {settings})", {"t": t})
    m = t.nn.TransformerEncoder(layer, 2, t.nn.LayerNorm(4) if settings else None)
    seen = [repr(m), plain(m.state_dict())]
    first = "batch_first" in settings
    x = tensor(t, 2, 5, 4) if first else tensor(t, 5, 2, 4)
    later = t.nn.Transformer.generate_square_subsequent_mask(5)
    calls = [
        {},
        {"src_key_padding_mask": padding(t)},
        {"mask": later},
        {"mask": later, "src_key_padding_mask": t.zeros(2, 5).masked_fill(padding(t), -math.inf)},
        {"mask": later, "is_causal": True},
    ]
    for call in calls:
        m.train().zero_grad()
        y = m(x, **call)
        total(t, y).backward()
        seen.append(plain([y, *[p.grad for p in m.parameters()], m.eval()(x, **call)]))
        with t.no_grad():
            seen.append(plain(m(x, **call)))
    return seen


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
@pytest.mark.parametrize("settings", KINDS)
@judged(ulps=256)
def test_transformer(t, settings):
    t.manual_seed(2)
    m = eval(f"t.nn.Transformer(4, 2, 1, 2, 8, **dict({settings}))", {"t": t})
    first = "batch_first" in settings
    x = tensor(t, 2, 5, 4) if first else tensor(t, 5, 2, 4)
    y = tensor(t, 2, 3, 4, seed=1) if first else tensor(t, 3, 2, 4, seed=1)
    later = m.generate_square_subsequent_mask(3)
    seen = [repr(m), plain(m.state_dict()), later]
    z = m(x, y, tgt_mask=later, memory_key_padding_mask=padding(t))
    total(t, z).backward()
    return [*seen, plain([z, *[p.grad for p in m.parameters()], m.eval()(x, y)])]


@judged(raises="")
def test_a_transformer_of_other_features(t):
    t.nn.Transformer(4, 2, 1, 1, 8)(t.ones(3, 2, 6), t.ones(3, 2, 4))


@judged(raises="activation should be relu/gelu")
def test_an_unknown_activation(t):
    t.nn.TransformerEncoderLayer(4, 2, activation="tanh")


@judged(raises="Input dtypes must be the same")
def test_a_mask_of_another_dtype(t):
    attention = t.nn.MultiheadAttention(4, 2, dtype=t.float64)
    x = t.ones(3, 2, 4, dtype=t.float64)
    attention(x, x, x, attn_mask=t.nn.Transformer.generate_square_subsequent_mask(3))
