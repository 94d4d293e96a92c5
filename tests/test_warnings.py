"""What torch warns of: the same category, with the same first sentence."""

import warnings

import pytest

from tests.judge import first_sentence, judged, plain_text


def transposed(t):
    return t.ones(2, 3, 4).T


def with_backward_hook(t, module, *args):
    """The warnings of a hook that is not a full one, after a call and its backward."""
    module.register_backward_hook(lambda module, grad_input, grad_output: None)
    result = module(*args)
    (result if t.is_tensor(result) else result[0]).sum().backward()


def forward(t, function):
    class Given(t.nn.Module):
        def forward(self, *args):
            return function(*args)

    return Given()


SNIPPETS = {
    "a backward hook": lambda t: with_backward_hook(t, t.nn.Linear(2, 2), t.ones(1, 2)),
    "a backward hook of one node": lambda t: with_backward_hook(
        t, t.nn.ReLU(), t.ones(2, requires_grad=True) * 2
    ),
    "a backward hook of two outputs": lambda t: with_backward_hook(
        t, forward(t, lambda x: (x * 2, x * 3)), t.ones(2, requires_grad=True)
    ),
    "a backward hook of a list": lambda t: with_backward_hook(
        t, forward(t, lambda x: [x * 2]), t.ones(2, requires_grad=True)
    ),
    "a backward hook and a number": lambda t: with_backward_hook(
        t, forward(t, lambda x, n: x * n), t.ones(2, requires_grad=True), 3
    ),
    "stateless": lambda t: (
        t.nn.utils.stateless.functional_call(t.nn.Linear(1, 1), {}, (t.ones(1),)).shape
    ),
    "a class in no_grad": lambda t: t.no_grad()(type("Some", (), {})) and 1,
    "a class in inference mode": lambda t: t.inference_mode()(type("Some", (), {})) and 1,
    "searchsorted": lambda t: t.searchsorted(t.arange(10.0)[::2], t.ones(3, 2).T),
    "scatter with reduce": lambda t: t.ones(2).scatter(
        0, t.tensor([1]), t.ones(1), reduce="multiply"
    ),
    "scatter of a number with reduce": lambda t: t.ones(2).scatter(
        0, t.tensor([1]), 2.0, reduce="add"
    ),
    "index_reduce": lambda t: t.ones(2).index_reduce(0, t.tensor([1]), t.ones(1), "prod"),
    "create_graph": lambda t: t.ones(1, requires_grad=True).mul(2).backward(create_graph=True),
    "autograd.backward": lambda t: t.autograd.backward(
        t.ones((), requires_grad=True) * 2, create_graph=True
    ),
    "autograd.grad": lambda t: [
        t.autograd.grad(x * 2, x, create_graph=True) for x in [t.ones((), requires_grad=True)]
    ],
    "T of three dimensions": transposed,
    "T of two dimensions": lambda t: t.ones(2, 3).T,
    "T of none": lambda t: t.tensor(1.0).T,
    "mT of none": lambda t: t.tensor(1.0).mT,
    "H of none": lambda t: t.tensor(1.0).H,
    "meshgrid": lambda t: t.meshgrid(t.ones(2), t.ones(3)),
    "meshgrid with indexing": lambda t: t.meshgrid(t.ones(2), t.ones(3), indexing="xy"),
    "cartesian_prod": lambda t: t.cartesian_prod(t.ones(2), t.ones(3)),
    "cross": lambda t: t.cross(t.ones(2, 3), t.ones(2, 3)),
    "cross along a dimension": lambda t: t.cross(t.ones(2, 3), t.ones(2, 3), 1),
    "chain_matmul": lambda t: t.chain_matmul(t.ones(2, 2), t.ones(2, 2)),
    "var": lambda t: t.var(t.ones(1)),
    "std of nothing": lambda t: t.std(t.ones(2, 0), 0),
    "var_mean": lambda t: t.var_mean(t.ones(2, 3), 0, correction=2),
    "std_mean": lambda t: t.std_mean(t.ones(2, 3), 1, correction=2),
    "cov": lambda t: t.cov(t.ones(1)),
    "range": lambda t: t.range(0, 3),
    "a list of lists as a key": lambda t: t.ones(3, 3)[[[0, 2], [1, 1]]],
    "qr": lambda t: t.qr(t.eye(2)).R.shape,
    "cholesky": lambda t: t.cholesky(t.eye(2)).shape,
    "new_tensor": lambda t: t.ones(2).new_tensor(t.ones(2)),
    "volatile": lambda t: t.autograd.Variable(t.ones(2), volatile=True),
    "a default type": lambda t: t.set_default_tensor_type("torch.FloatTensor"),
    "kl_div": lambda t: t.nn.functional.kl_div(t.ones(2), t.ones(2)),
    "dropout2d": lambda t: t.nn.functional.dropout2d(t.ones(2, 2, 2), training=False),
    "hardtanh": lambda t: t.nn.Hardtanh(min_value=-2, max_value=2)(t.ones(2)),
}


def told(f, t):
    """What a snippet gives, and the warnings on the way."""
    before = t.is_warn_always_enabled()
    t.set_warn_always(True)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            given = f(t)
    finally:
        t.set_warn_always(before)
    texts = [first_sentence(plain_text(w.message)) for w in caught]
    return given, [(w.category.__name__, text) for w, text in zip(caught, texts, strict=True)]


@judged
@pytest.mark.parametrize("name", list(SNIPPETS))
def test_warnings(t, name):
    return told(SNIPPETS[name], t)


@judged
def test_once(t):
    """Without set_warn_always, the second time says nothing."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        transposed(t)
        del caught[:]
        transposed(t)
    return len(caught), t.is_warn_always_enabled()


@judged(raises="expects a bool")
def test_set_warn_always_takes_a_bool(t):
    t.set_warn_always(1)
