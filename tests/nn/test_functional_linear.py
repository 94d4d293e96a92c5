"""Linear maps, embeddings and one-hot vectors against torch."""

import pytest

from tests.judge import data, judged


def backward(y):
    y.backward(y.detach() + 1)
    return y


@pytest.mark.parametrize("shape", [(4,), (3, 4), (2, 3, 4), (2, 2, 3, 4), (0, 4), (2, 0, 4)])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("needs", ["xwb", "wb", "x"])
@judged
def test_linear(t, shape, bias, needs):
    x = t.tensor(data(*shape), requires_grad="x" in needs)
    w = t.tensor(data(5, 4, seed=1), requires_grad="w" in needs)
    b = t.tensor(data(5, seed=2), requires_grad="b" in needs) if bias else None
    return backward(t.nn.functional.linear(x, w, b)), x, w, *([b] if bias else [])


@judged
def test_linear_of_a_transposed_batch(t):
    x = t.tensor(data(3, 2, 4), requires_grad=True)
    w, b = t.tensor(data(5, 4, seed=1), requires_grad=True), t.tensor(data(5, seed=2))
    y = t.nn.functional.linear(x.transpose(0, 1), w, b)
    y.sum().backward()
    return y.detach().clone(), x, w


@judged
def test_linear_with_a_vector_for_a_weight(t):
    x, w = t.tensor(data(2, 3, 4), requires_grad=True), t.tensor(data(4, seed=1))
    return backward(t.nn.functional.linear(x, w)), x


@judged
def test_the_graph_of_linear(t):
    x, w, b = t.ones(2, 3, requires_grad=True), t.ones(4, 3), t.ones(4, requires_grad=True)
    node = t.nn.functional.linear(x, w.requires_grad_(), b).grad_fn
    return [f[0].name() for f in node.next_functions]


@judged(raises="mat1 and mat2 shapes cannot be multiplied .2x3 and 4x5.")
def test_linear_of_sizes_that_do_not_match(t):
    t.nn.functional.linear(t.ones(2, 3), t.ones(5, 4), t.ones(5))


@judged
def test_a_second_derivative_of_linear(t):
    x, w, b = (t.tensor(data(*s), requires_grad=True) for s in [(2, 3), (4, 3), (4,)])
    y = (t.nn.functional.linear(x, w, b) ** 3).sum()
    gx, gw, gb = t.autograd.grad(y, (x, w, b), create_graph=True)
    ((gx**2).sum() + (gw**2).sum() + (gb**2).sum()).backward()
    return x, w, b


@pytest.mark.parametrize("lead", [(), (3,), (2, 3)])
@judged(ulps=16)
def test_bilinear(t, lead):
    x = t.tensor(data(*lead, 2), requires_grad=True)
    y = t.tensor(data(*lead, 3, seed=1), requires_grad=True)
    w = t.tensor(data(4, 2, 3, seed=2), requires_grad=True)
    b = t.tensor(data(4, seed=3), requires_grad=True)
    return backward(t.nn.functional.bilinear(x, y, w, b)), x, y, w, b


@pytest.mark.parametrize("indices", [[1, 0, 1], [[2, 2], [0, 3]], 2, []])
@pytest.mark.parametrize("padding_idx", [None, 2, -1])
@pytest.mark.parametrize("by_frequency", [False, True])
@judged
def test_embedding(t, indices, padding_idx, by_frequency):
    w = t.tensor(data(4, 3), requires_grad=True)
    i = t.tensor(indices, dtype=t.int64)
    f = t.nn.functional.embedding
    return backward(f(i, w, padding_idx, scale_grad_by_freq=by_frequency)), w


@judged
def test_embedding_twice_differentiated(t):
    w = t.tensor(data(4, 3), requires_grad=True)
    y = t.nn.functional.embedding(t.tensor([1, 1, 3]), w, padding_idx=3)
    (g,) = t.autograd.grad((y**3).sum(), w, create_graph=True)
    (g**2).sum().backward()
    return w


@judged
def test_embedding_shortens_rows(t):
    w = t.tensor(data(4, 3))
    return t.nn.functional.embedding(t.tensor([1, 1, 2]), w, max_norm=1.0), w.clone()


@pytest.mark.parametrize("i, match", [([4], "index out of range"), ([-1], "index out of range")])
@judged(raises="index out of range in self")
def test_embedding_out_of_range(t, i, match):
    t.nn.functional.embedding(t.tensor(i), t.ones(4, 2))


@judged(raises="Expected tensor for argument #1 'indices'")
def test_embedding_of_floats(t):
    t.nn.functional.embedding(t.tensor([1.0]), t.ones(4, 2))


@judged(raises="Padding_idx must be within num_embeddings")
def test_embedding_with_padding_out_of_range(t):
    t.nn.functional.embedding(t.tensor([1]), t.ones(4, 2), padding_idx=4)


@judged
def test_one_hot(t):
    f = t.nn.functional.one_hot
    targets = [t.tensor([[0, 2], [1, 0]])], [t.tensor(1), 4], [t.tensor([], dtype=t.int64), 3]
    return [f(*each).clone() for each in targets]


@pytest.mark.parametrize("classes, i", [(-1, [-1]), (2, [2]), (0, [1]), (-1, [])])
@judged(raises="Class|num_classes|classes")
def test_one_hot_out_of_range(t, classes, i):
    t.nn.functional.one_hot(t.tensor(i, dtype=t.int64), classes)


@judged(raises="one_hot is only applicable to index tensor of type LongTensor")
def test_one_hot_of_floats(t):
    t.nn.functional.one_hot(t.ones(2))
