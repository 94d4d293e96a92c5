"""Attention against torch: masks, causality, hidden rows, derivatives; and multi-head attention."""

import pytest

from tests.judge import data, judged


def qkv(t, *lead, queries=3, keys=5, width=4, dtype="float64"):
    sizes = [(*lead, queries, width), (*lead, keys, width), (*lead, keys, width)]
    return [
        t.tensor(data(*s, seed=i), dtype=getattr(t, dtype), requires_grad=True)
        for i, s in enumerate(sizes)
    ]


def attention(t, *args, **settings):
    y = t.nn.functional.scaled_dot_product_attention(*args, **settings)
    y.backward(y.detach() + 1)
    return y.detach().contiguous(), y.grad_fn.name(), *[x for x in args if x.requires_grad]


@pytest.mark.parametrize("lead", [(), (2,), (2, 3), (2, 1, 2)])
@pytest.mark.parametrize("causal", [False, True])
@judged(ulps=32)
def test_shapes(t, lead, causal):
    return attention(t, *qkv(t, *lead), is_causal=causal)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("factor", [1.0, 3.0])
@judged(ulps=64)
def test_large_scores(t, dtype, factor):
    q, k, v = qkv(t, 1, 2, dtype=dtype)
    return attention(t, q, k, v, scale=factor)


@pytest.mark.parametrize("lead", [(1, 2), (2,)])
@judged(ulps=32)
def test_masks(t, lead):
    seen = t.tensor(data(3, 5, seed=3)) > 0
    seen[1] = False  # nobody to attend to
    bias = t.tensor(data(3, 5, seed=4))
    q, k, v = qkv(t, *lead)
    return attention(t, q, k, v, attn_mask=seen), attention(t, q, k, v, attn_mask=bias, scale=0.3)


@pytest.mark.parametrize("heads_inside", [False, True])
@judged(ulps=32)
def test_memory_order(t, heads_inside):
    """The result lies as the query does; a gradient always by batch, position and head."""
    ins = qkv(t, 2, 3)
    if heads_inside:
        ins = [x.transpose(1, 2).contiguous().transpose(1, 2) for x in ins]
    y = t.nn.functional.scaled_dot_product_attention(*ins)
    return y, t.autograd.grad(y, ins, t.ones_like(y))


@pytest.mark.parametrize("of", ["bools", "floats"])
@judged(ulps=32)
def test_a_mask_and_causality_fused(t, of):
    mask = t.tensor(data(3, 5, seed=3))
    q, k, v = qkv(t, 1, 2)
    return attention(t, q, k, v, mask > 0 if of == "bools" else mask, is_causal=True)


@judged(ulps=32)
def test_a_mask_that_requires_grad(t):
    q, k, v = qkv(t, 1, 2)
    mask = t.tensor(data(2, 3, 5, seed=3), requires_grad=True)
    return attention(t, q, k, v, mask)


@judged(ulps=32)
def test_values_of_another_width(t):
    q, k, _ = qkv(t, 1, 2)
    return attention(t, q, k, t.tensor(data(1, 2, 5, 6, seed=3), requires_grad=True))


@judged(ulps=32)
def test_heads_that_share_keys_and_values(t):
    q, _, _ = qkv(t, 2, 4)
    _, k, v = qkv(t, 2, 2)
    y = t.nn.functional.scaled_dot_product_attention(q, k, v, enable_gqa=True)
    y.sum().backward()
    return y.detach().contiguous(), q, k, v


@judged(ulps=32)
def test_dropout(t):
    t.manual_seed(0)
    return attention(t, *qkv(t, 2, 3), dropout_p=0.5)


def test_second_derivatives():
    """torch has none of its fused attention, so compare with the softmax written out."""
    import minigrad as t

    def second(f):
        x = qkv(t, 1, 2)
        grads = t.autograd.grad((f(*x) ** 3).sum(), x, create_graph=True)
        sum((g**2).sum() for g in grads).backward()
        return [y.grad.numpy() for y in x]

    def written_out(q, k, v):
        return t.softmax(q @ k.transpose(-2, -1) / 2, -1) @ v

    fused = t.nn.functional.scaled_dot_product_attention
    for a, b in zip(second(fused), second(written_out), strict=True):
        assert abs(a - b).max() < 1e-9 * abs(b).max()


@judged(raises="Explicit attn_mask should not be set when is_causal=True")
def test_a_mask_and_causality(t):
    q, k, v = qkv(t, 2)
    t.nn.functional.scaled_dot_product_attention(q, k, v, t.ones(3, 5) > 0, is_causal=True)


@judged(raises="doesn't match the broadcast shape")
def test_a_mask_of_more_dimensions(t):
    attention(t, *(t.ones(2, 3) for _ in range(3)), t.ones(3, 2, 2))


@judged(raises="Expected query, key, and value to have the same dtype")
def test_two_dtypes(t):
    q, k, v = qkv(t, 1, 2)
    t.nn.functional.scaled_dot_product_attention(q.float(), k, v)


def multi_head(t, query, key, value, **settings):
    width = query.shape[-1]
    sizes = [(3 * width, width), (3 * width,), (width, width), (width,)]
    w, b, out_w, out_b = (
        t.tensor(data(*s, seed=i), requires_grad=True) for i, s in enumerate(sizes, 5)
    )
    extra = settings.pop("extra", (None, None, False))
    y, weights = t.nn.functional.multi_head_attention_forward(
        query, key, value, width, 2, w, b, *extra, 0.0, out_w, out_b, **settings
    )
    y.sum().backward()
    return y.detach().contiguous(), weights, query, key, value, w, b, out_w, out_b


@pytest.mark.parametrize("need_weights", [True, False])
@pytest.mark.parametrize("batched", [True, False])
@judged(ulps=64)
def test_self_attention(t, need_weights, batched):
    x = t.tensor(data(3, 2, 4) if batched else data(3, 4), requires_grad=True)
    return multi_head(t, x, x, x, need_weights=need_weights)


@pytest.mark.parametrize("need_weights", [True, False])
@judged(ulps=64)
def test_attention_to_another_sequence_with_masks(t, need_weights):
    q = t.tensor(data(3, 2, 4), requires_grad=True)
    k = t.tensor(data(5, 2, 4, seed=1), requires_grad=True)
    padding = t.tensor([[False] * 5, [False, False, True, True, True]])
    hidden = t.tensor(data(3, 5, seed=2)) > 1.5
    masks = {"key_padding_mask": padding, "attn_mask": hidden}
    return multi_head(t, q, k, k, need_weights=need_weights, **masks)


@judged(ulps=64)
def test_three_sequences_and_weights_of_each_head(t):
    q, k, v = (t.tensor(data(3, 2, 4, seed=i), requires_grad=True) for i in range(3))
    return multi_head(t, q, k, v, average_attn_weights=False, attn_mask=t.tensor(data(4, 3, 3)))


@judged(ulps=64)
def test_extra_keys(t):
    x = t.tensor(data(3, 2, 4), requires_grad=True)
    k, v = (t.tensor(data(1, 1, 4, seed=i)) for i in (1, 2))
    mask = t.tensor(data(3, 3, seed=3))
    return multi_head(t, x, x, x, extra=(k, v, True), attn_mask=mask)


@judged(raises="embed_dim 5 not divisible by num_heads 2")
def test_a_width_that_cannot_be_divided(t):
    multi_head(t, *[t.ones(3, 2, 5)] * 3)


@judged(raises="query should be unbatched 2D or batched 3D tensor but received 1-D query tensor")
def test_a_query_of_one_dimension(t):
    multi_head(t, *[t.ones(4)] * 3)
