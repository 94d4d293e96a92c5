"""Shapes against torch: values, strides, views or copies, names of nodes, gradients, errors."""

import itertools

import numpy as np
import pytest

import minigrad
from tests.expressions import agree
from tests.judge import data, first_sentence, judged


def check(t, x, f):
    """What f makes of a leaf and of a tensor with history, with the gradients through it."""
    y = f(x)
    if y.requires_grad:
        y.backward(t.tensor(data(*y.shape, seed=9)))
    return x, y, y._base is x


RESHAPES = [
    ((2, 3), (3, 2)),
    ((2, 3), (6,)),
    ((2, 3), (-1,)),
    ((2, 3), (1, -1, 2)),
    ((2, 3), (2, 3)),
    ((), (1,)),
    ((), ()),
    ((1, 1), ()),
    ((0, 3), (3, 0)),
    ((0, 3), (-1, 3)),
    ((2, 3, 4), (6, 4)),
    ((2, 3, 4), (2, 2, 6)),
    ((4,), (2, 1, 2)),
]


@pytest.mark.parametrize("method", ["view", "reshape"])
@pytest.mark.parametrize("shape, wanted", RESHAPES)
@judged
def test_view_and_reshape(t, shape, wanted, method):
    x = t.tensor(data(*shape), requires_grad=True)
    one = check(t, x, lambda x: getattr(x, method)(wanted))
    return one, getattr(x, method)(*wanted) if wanted else None, t.reshape(x, wanted)


STRIDED = {
    "transposed": lambda x: x.transpose(0, 1),
    "permuted": lambda x: x.permute(2, 0, 1),
    "steps": lambda x: x[:, ::2],
    "offset": lambda x: x[1:],
    "columns": lambda x: x[..., 1],
    "expanded": lambda x: x[:, :1].expand(2, 5, 4),
    "0-d": lambda x: x[0, 0, 0],
}
SHAPES = [(-1,), (2, -1), (4, -1), (1, -1), (-1, 1), (-1, 4), (2, 3, 4), (4, 2, 3), (12, 2), (6, 4)]


@pytest.mark.parametrize("wanted", SHAPES)
@pytest.mark.parametrize("name", STRIDED)
@pytest.mark.parametrize("method", ["view", "reshape"])
@judged
def test_view_and_reshape_of_strided_tensors(t, method, name, wanted):
    x = t.tensor(data(2, 3, 4), requires_grad=True)
    y = STRIDED[name](x)
    try:
        z = getattr(y, method)(wanted)
    except RuntimeError as error:
        return first_sentence(str(error))
    z.backward(t.tensor(data(*z.shape, seed=9)))
    return x, z


@pytest.mark.parametrize("wanted", [(4,), (5, -1), (-1, -1), (-2, 3), (2, 3, 0), (0, -1), (7,)])
@pytest.mark.parametrize("method", ["view", "reshape"])
@judged(raises="")
def test_shapes_that_do_not_fit(t, method, wanted):
    getattr(t.ones(2, 3), method)(*wanted)


@pytest.mark.parametrize("wanted", [("a",), (2.0, 3), (None,), ([2, 3.0],)])
@pytest.mark.parametrize("method", ["view", "reshape", "expand", "permute"])
def test_sizes_that_are_no_integers(method, wanted) -> None:
    with pytest.raises(TypeError, match="must be int, not"):
        getattr(minigrad.ones(2, 3), method)(*wanted)


@judged(raises="the unspecified dimension size -1 can be any value and is ambiguous")
def test_an_ambiguous_size(t):
    t.ones(0, 3).view(-1, 0)


TRANSPOSES = [
    ((2, 3), (0, 1)),
    ((2, 3, 4), (0, -1)),
    ((2, 3, 4), (1, 1)),
    ((3,), (0, 0)),
    ((), (0, -1)),
]
TRANSPOSES += [((2, 0), (0, 1))]


@pytest.mark.parametrize("shape, dims", TRANSPOSES)
@judged
def test_transpose(t, shape, dims):
    x = t.tensor(data(*shape), requires_grad=True)
    return check(t, x, lambda x: x.transpose(*dims)), t.transpose(x, *dims)


@pytest.mark.parametrize("shape", [(2, 3), (3,), (), (1, 1), (0, 2)])
@judged
def test_t(t, shape):
    x = t.tensor(data(*shape), requires_grad=True)
    return check(t, x, lambda x: x.t()), t.t(x)


@pytest.mark.parametrize("shape", [(2, 3), (1, 1), (0, 2)])
@judged
def test_properties_t(t, shape):
    x = t.tensor(data(*shape), requires_grad=True)
    return check(t, x, lambda x: x.T), x.mT


@pytest.mark.parametrize("dims", [*itertools.permutations(range(3)), (-1, 0, 1), (0, -1, -2)])
@judged
def test_permute(t, dims):
    x = t.tensor(data(2, 3, 4), requires_grad=True)
    return check(t, x, lambda x: x.permute(dims)), x.permute(*dims), t.permute(x, dims)


SQUEEZES = [((1, 2, 1), None), ((1, 2, 1), 0), ((1, 2, 1), -1), ((1, 2, 1), 1), ((1, 2, 1), (0, 2))]
SQUEEZES += [((1, 2, 1), (0, 1)), ((1,), None), ((1,), 0), ((), None), ((), 0), ((2, 3), None)]
SQUEEZES += [((1, 0, 1), None), ((1, 1), (0, 1)), ((1, 1), (-1,))]


@pytest.mark.parametrize("shape, dim", SQUEEZES)
@judged
def test_squeeze(t, shape, dim):
    x = t.tensor(data(*shape), requires_grad=True)
    f = (lambda x: x.squeeze()) if dim is None else (lambda x: x.squeeze(dim))
    return check(t, x, f)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0,)])
@pytest.mark.parametrize("dim", [0, -1])
@judged
def test_unsqueeze(t, shape, dim):
    x = t.tensor(data(*shape), requires_grad=True)
    return check(t, x, lambda x: x.unsqueeze(dim)), t.unsqueeze(x, len(shape))


EXPANSIONS = [((3,), (2, 3)), ((2, 1), (2, 4)), ((2, 1), (-1, 4)), ((1, 1), (5, -1)), ((), (2, 2))]
EXPANSIONS += [((1,), (0,)), ((2, 3), (2, 3)), ((3, 1), (2, 3, 4)), ((), ()), ((1, 3), (4, -1, -1))]
EXPANSIONS += [((0,), (3, 0)), ((2, 1), (1, 2, 3))]


@pytest.mark.parametrize("shape, wanted", EXPANSIONS)
@judged
def test_expand(t, shape, wanted):
    x = t.tensor(data(*shape), requires_grad=True)
    return check(t, x, lambda x: x.expand(wanted)), x.expand(*wanted) if wanted else None


@pytest.mark.parametrize("wanted", [(3,), (2,), (4, 3), (-1, 2, 3), (2, -2), (2, 4)])
@judged(raises="")
def test_sizes_that_cannot_be_expanded_to(t, wanted):
    t.ones(2, 3).expand(wanted)


FLATTENINGS = [
    ((2, 3, 4), ()),
    ((2, 3, 4), (1,)),
    ((2, 3, 4), (0, 1)),
    ((2, 3, 4), (-2, -1)),
    ((), ()),
]
FLATTENINGS += [((3,), ()), ((2, 3), (1, 1)), ((2, 0, 3), (1,)), ((2, 3, 4), (1, 1))]


@pytest.mark.parametrize("shape, dims", FLATTENINGS)
@judged
def test_flatten(t, shape, dims):
    x = t.tensor(data(*shape), requires_grad=True)
    y = x.flatten(*dims)
    y.backward(t.tensor(data(*y.shape, seed=9)))
    return x, y, y is x, t.flatten(x, *dims).shape


@judged
def test_contiguous(t):
    x = t.tensor(data(2, 3), requires_grad=True)
    same, copy = x.contiguous(), x.t().contiguous()
    copy.sum().backward()
    return x, same is x, copy, copy.is_contiguous(), x.t().is_contiguous(), x[:, 0].is_contiguous()


@judged
def test_like_another(t):
    x, y = t.tensor(data(2, 3), requires_grad=True), t.ones(3, 2)
    return x.view_as(y), x.reshape_as(y), x[0].expand_as(t.ones(4, 3))


@pytest.mark.parametrize("name", ["cat", "stack"])
@pytest.mark.parametrize("dim", [0, 1, -1])
@judged
def test_cat_and_stack(t, name, dim):
    x = t.tensor(data(2, 3), requires_grad=True)
    y = t.tensor(data(2, 3, seed=1))
    z = t.tensor(data(2, 3, seed=2), requires_grad=True)
    out = getattr(t, name)([x, y, z, x], dim)
    out.backward(t.tensor(data(*out.shape, seed=9)))
    return x, z, out, getattr(t, name)((x,), dim), getattr(t, name)([y, y], dim=dim)


@judged
def test_cat_of_different_sizes(t):
    x = t.tensor(data(2, 3), requires_grad=True)
    y = t.tensor(data(2, 1, seed=1), requires_grad=True)
    e = t.tensor(data(2, 0), requires_grad=True)
    old = t.tensor([], dtype=t.float64, requires_grad=True)
    out = t.cat([x, y, e, old], 1)
    (out * out).sum().backward()
    return x, y, e, old, out, t.cat([old, old]), t.cat([old, x])


@judged
def test_stack_of_scalars(t):
    x = t.tensor([1.0, 2.0], requires_grad=True)
    y = t.stack([x[1], x[0], x[1]])
    (y * t.tensor([1.0, 10.0, 100.0])).sum().backward()
    return x, y


@judged
def test_second_derivatives(t):
    x = t.tensor(data(2, 3), requires_grad=True)
    y = t.cat([x.t().reshape(6), x.flatten()[::2], t.stack([x[0], x[1]], 1).view(6)])
    (g,) = t.autograd.grad((y**3).sum(), x, create_graph=True)
    (g * g).sum().backward()
    return x


@pytest.mark.parametrize(
    "f",
    [
        lambda t: t.cat([]),
        lambda t: t.stack([]),
        lambda t: t.cat([t.ones(2), t.ones(2, 1)]),
        lambda t: t.cat([t.ones(2, 3), t.ones(2, 2)]),
        lambda t: t.cat([t.ones(2, 3), t.ones(3, 3)], 1),
        lambda t: t.cat([t.ones(()), t.ones(())]),
        lambda t: t.cat([t.ones(2)], 1),
        lambda t: t.cat(t.ones(2)),
        lambda t: t.cat([t.ones(2), 1.0]),
        lambda t: t.stack([t.ones(2), t.ones(3)]),
        lambda t: t.stack([t.ones(2), t.ones(2)], 2),
        lambda t: t.stack(5),
        lambda t: t.ones(2, 3).transpose(0, 2),
        lambda t: t.ones(2, 3).transpose(-3, 1),
        lambda t: t.ones(2, 3, 4).t(),
        lambda t: t.ones(2, 3).permute(0),
        lambda t: t.ones(2, 3).permute(0, 0),
        lambda t: t.ones(2, 3).permute(0, 2),
        lambda t: t.ones(2, 3).unsqueeze(3),
        lambda t: t.ones(2, 3).unsqueeze(-4),
        lambda t: t.ones(2, 3).squeeze(2),
        lambda t: t.ones(2, 3).flatten(1, 0),
        lambda t: t.ones(2, 3).flatten(2),
        lambda t: t.ones(2, 3).size(2),
        lambda t: t.ones(2, 3).t().view(6),
    ],
)
@judged(raises="")
def test_errors(t, f):
    f(t)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x.view(4, 3),
        lambda x: x.t(),
        lambda x: x[1:],
        lambda x: x[:, 0],
        lambda x: x.unsqueeze(0),
        lambda x: x.unsqueeze(0).expand(2, 3, 4),
        lambda x: x.permute(1, 0).reshape(4, 3, 1),
    ],
)
def test_views_share_memory(f) -> None:
    x = minigrad.tensor(data(3, 4))
    assert np.shares_memory(x.numpy(), f(x).numpy())


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x.clone(),
        lambda x: x.t().contiguous(),
        lambda x: x.t().reshape(12),
        lambda x: x[[0, 1]],
        lambda x: minigrad.cat([x]),
        lambda x: minigrad.stack([x]),
        lambda x: x[x > 0],
    ],
)
def test_copies_do_not_share_memory(f) -> None:
    x = minigrad.tensor(data(3, 4))
    assert not np.shares_memory(x.numpy(), f(x).numpy())


test_expressions = agree(
    "t.broadcast_tensors(x,v.reshape(3,1))",
    "t.broadcast_tensors()",
    "t.broadcast_to(x,(3,3))",
    "x.unflatten(1,(2,2))",
    "x.unflatten(1,(3,-1)).shape",
    "x.unflatten(0,(-1,-1))",
    "x.unflatten(1,())",
    "s.unflatten(0,(1,))",
    "x.unflatten(1,3)",
    "x.unflatten(1,t.Size([3,1])).shape",
    "x.expand(-1,3).shape",
    "v.expand_as(x)",
    "x.expand_as(v)",
    "v.broadcast_to(2,3)",
    "v.broadcast_to((2,3)).shape",
    "v.broadcast_to(size=(2,3)).shape",
    "t.permute(x,dims=(1,0)).shape",
    "x.ravel().shape",
    "x.flatten(0,1).shape",
    "t.flatten(x,start_dim=1).shape",
    "x.squeeze(dim=[]).shape",
    "t.ones(1,1).squeeze(()).shape",
    "x.view(t.int32)",
    "x.view(t.float64)",
    "x.view(t.int16).shape",
    "x.view(t.uint8).shape,x.view(dtype=t.int32).shape",
    "x.t().view(t.int16)",
    "x.view(size=(3,2)).shape",
    "t.reshape(x,shape=(3,2)).shape",
    "x.reshape(shape=(3,2))",
    "s.view(t.int32), s.view(t.float64)",
    "x.requires_grad_().view(t.float32).grad_fn",
    "x.view_as(other=x).shape",
    "x.requires_grad_().view(t.int32).requires_grad",
    "x.is_contiguous(memory_format=t.contiguous_format)",
    "x.contiguous(memory_format=t.contiguous_format).shape",
    "x.dim()",
    "(x * 1).put_(T([0]),T([7.])),(x * 1),x",
)


@pytest.mark.parametrize(
    "f",
    [
        lambda t: t.ones(4).reshape(-1, -1),
        lambda t: t.ones(4).view(2, -1, -1),
        lambda t: t.ones(0).reshape(-1, 0),
    ],
)
@judged(raises="")
def test_sizes_that_cannot_be_worked_out(t, f):
    f(t)


@judged
def test_unflatten_counts_from_the_end(t):
    return t.ones(2, 6).unflatten(-1, (2, 3)), t.ones(6, 2).unflatten(-2, (2, -1))


@judged(raises="Dimension out of range")
@pytest.mark.parametrize("dim", [1, -2])
def test_unflatten_of_a_dimension_that_is_not_there(t, dim):
    t.ones(2).unflatten(dim, (2,))
