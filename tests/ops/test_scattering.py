"""Writes to the places that an index names, against torch."""

import pytest

from tests.expressions import agree
from tests.judge import judged

test_expressions = agree(
    "t.select_scatter(x,v,0,1)",
    "t.select_scatter(x,T([1,2,3]),0,1)",
    "t.select_scatter(x,T([1,2,3]),0,5)",
    "t.select_scatter(s,s,0,0)",
    "t.slice_scatter(x,x,0,0,2,-1)",
    "t.slice_scatter(x,x,0,0,1)",
    "t.slice_scatter(x,x.long(),0)",
    "t.slice_scatter(s,s,0)",
    "t.slice_scatter(x,x[:1],0,-1)",
    "t.diagonal_scatter(x,v)",
    "t.diagonal_scatter(x,T([7,8]))",
    "t.diagonal_scatter(x,T([8.,9.]))",
    "x.scatter(1,T([[0],[1]]),T([[9.],[8.]]))",
    "x.scatter(1,T([[0],[1]]),5)",
    "t.zeros(2,3).scatter_(1,T([[0],[1]]),1)",
    "t.zeros(2,3).scatter_(1,T([[0],[1]]),1.)",
    "t.zeros(2,3,dtype=t.long).scatter_(1,T([[0],[1]]),1.5)",
    "t.zeros(2,3).scatter_(dim=1,index=T([[0],[1]]),value=1)",
    "t.zeros(2,3).scatter_(1,T([[0],[1]]),1,reduce='add')",
    "t.ones(2,3).scatter_(1,T([[0,0],[1,1]]),T([[2.,3.],[4.,5.]]),reduce='multiply')",
    "t.ones(2,3).scatter_(1,T([[0,0],[1,1]]),T([[2.,3.],[4.,5.]]),reduce='add')",
    "t.ones(2,3).scatter_(1,T([[0,0],[1,1]]),T([[2.,3.],[4.,5.]]),reduce='x')",
    "t.scatter(x,1,T([[0]]),x,value=1)",
    "x.scatter(1,T([[3]]),1)",
    "x.scatter(1,T([[-1]]),1)",
    "x.scatter(1,T([0]),1)",
    "x.scatter(1,T([[0]]),T([[1]]))",
    "x.scatter(1,T([[0,1]]),T([[1.]]))",
    "x.scatter(0,T([[0,1,0,1]]),1)",
    "x.scatter(0,T([[0,1,0,1]]),t.ones(1,4))",
    "s.scatter(0,T(0),T(5.))",
    "v.scatter(0,T(0),T(5.))",
    "v.scatter(0,T([0]),T(5.))",
    "x.scatter_add(1,T([[0,0,0],[1,1,1]]),x)",
    "x.scatter(1,T([[0]],dtype=t.int32),T([[1.]]))",
    "x.scatter(1,T([[0.]]),1)",
    "x.put(T([0,-1]),T([7.,8.])),x.put(T([0,0]),T([7.,8.]),True)",
    "x.put(T([0]),T([7.,8.]))",
    "x.put(T([9]),T([7.]))",
    "x.put(T([0]),T([7]))",
    "x.put(T([0.]),T([7.]))",
    "x.put(T([0],dtype=t.int32),T([7]))",
    "x.put(T([True]),T([7.,8.]))",
    "x.put(T([[0,1]]),T([7.,8.]))",
    "x.masked_scatter(m,T([9.,8.,7.,6.]))",
    "x.masked_scatter(m,T([9.]))",
    "x.masked_scatter(m,T([9,8,7]))",
    "x.masked_scatter(x,x)",
    "v.masked_scatter(m,x)",
    "x.index_put((i,),T(1.)),x.index_put((i,i),v),x.index_put((i,),T(1.),accumulate=True),x.index_put([i],T(2.)),x.index_put((m,),T(3.))",
    "x.index_put(i,T(1.))",
    "x.index_put((i,),T(1))",
    "x.index_put((i,i,i),T(1.))",
    "x.index_put((T([9]),),T(1.))",
    "t.index_put(x,(i,),values=T(5.))",
    "x.index_put((T([1.]),),T(1.))",
    "x.index_put((m.to(u8),),T(1.))",
    "x.index_put((T([0,2],dtype=t.int32),),T(1.))",
    "x.index_put((m,),t.ones(3),accumulate=True)",
    "x.index_put((m,),t.arange(9.),accumulate=True)",
    "y.scatter_(1, T([[0], [1]]), T([[9.], [8.]], requires_grad=True)); y",
    "y.put_(T([0]), T([7.])); y",
    "y.put_(T([0, 0]), v[:2], accumulate=True); y",
    "y[0].scatter_(0, i[:2], v[:2].clone()); y",
    "x.scatter_reduce(1, i[None], v[None], 'sum')",
    "x.scatter_reduce(1, i[None], v[None], 'prod', include_self=False)",
    "x.scatter_reduce(1, i[None], v[None], 'mean')",
    "x.scatter_reduce(1, i[None], v[None], 'mean', include_self=False)",
    "x.scatter_reduce(1, i[None], v[None], 'amax')",
    "t.zeros(3).scatter_reduce(0, i, T([1., 1., 1.], requires_grad=True), 'amax')",
    "T([1., 2.]).scatter_reduce(0, T([0, 1]), T([float('nan'), 3.]), 'amax')",
    "T([7, 2, 3]).scatter_reduce(0, T([0, 0, 1]), T([1, -4, 4]), 'mean', include_self=False)",
    "T([7, 2, 3]).scatter_reduce(0, T([0, 0, 1]), T([1, -4, 4]), 'amin', include_self=False)",
    "T([True, False]).scatter_reduce(0, T([0, 1]), T([True, True]), 'mean')",
    "T([True, False]).scatter_reduce(0, T([0, 1]), T([True, True]), 'sum')",
    "x.scatter_reduce(1, i[None], v[None], 'max')",
    "s.scatter_reduce(0, T(0), T(3., requires_grad=True), 'prod', include_self=False)",
    "y.scatter_reduce_(1, i[None], v[None], 'prod'); y",
    "z = T([0., 2., 0.], requires_grad=True); x.scatter_reduce(1, i[None] * 0, z[None], 'prod')",
)


def gradient_of_a_product(t, zeros):
    """The gradient, recorded, of a product with that many zeros in one place."""
    src = t.tensor([0.0] * zeros + [2.0, 3.0], requires_grad=True)
    index = t.zeros(len(src), dtype=t.int64)
    out = t.ones(2).scatter_reduce(0, index, src, "prod")
    (g,) = t.autograd.grad(out.sum(), src, create_graph=True)
    return src, g


@pytest.mark.parametrize("zeros", [0, 1])
@judged
def test_second_derivatives_of_a_product(t, zeros):
    src, g = gradient_of_a_product(t, zeros)
    (second,) = t.autograd.grad(g.sum(), src)
    return g.detach().numpy(), second.numpy()


@judged(raises="Double backward is unsupported for src when >1 zeros")
def test_second_derivatives_of_a_product_with_two_zeros(t):
    src, g = gradient_of_a_product(t, 2)
    t.autograd.grad(g.sum(), src)


@judged
def test_the_gradient_of_a_product_with_two_zeros(t):
    src = t.tensor([0.0, 2.0, 0.0], requires_grad=True)
    t.ones(1).scatter_reduce(0, t.zeros(3, dtype=t.int64), src, "prod").sum().backward()
    return src


@judged(raises="modified by an inplace operation")
def test_an_index_is_guarded_against_writes(t):
    x, index = t.ones(3, requires_grad=True), t.tensor([0, 1])
    y = x.scatter_add(0, index, t.ones(2, requires_grad=True))
    index.zero_()
    y.sum().backward()


@pytest.mark.parametrize("write", ["index_add_", "index_copy_", "scatter_", "scatter_add_"])
@judged(raises="some elements of the input tensor and the written-to tensor refer to a single")
def test_a_source_in_the_memory_that_is_written(t, write):
    x = t.ones(3)
    getattr(x, write)(0, t.tensor([2, 0, 1]), x)


@judged(raises="invalid gradient|must match")
@pytest.mark.parametrize("reduce", ["sum", "prod", "mean", "amax", "amin"])
def test_the_gradient_of_a_source_that_is_larger_than_the_index_is_refused(t, reduce):
    x = t.arange(12.0).reshape(3, 4).requires_grad_()
    source = (t.arange(20.0) * 3 % 7).reshape(5, 4).requires_grad_()
    index = t.tensor([[0, 1, 2], [2, 1, 0]])
    x.scatter_reduce(0, index, source, reduce).sum().backward()


in_beta = pytest.mark.filterwarnings("ignore:index_reduce.. is in beta")


@in_beta
@pytest.mark.parametrize("include_self", [True, False])
@pytest.mark.parametrize("reduce", ["prod", "mean", "amax", "amin"])
@judged
def test_index_reduce(t, reduce, include_self):
    found = []
    for dim, index in ((0, [0, 0]), (1, [0, 2, 2, 1]), (-1, [0, 3, 0, 0])):
        x = t.ones(3, 4, dtype=t.float64, requires_grad=True)
        b = t.arange(12.0, dtype=t.float64).reshape(3, 4)[: 2 if dim == 0 else 3].clone()
        b.requires_grad_()
        y = t.index_reduce(x * 2, dim, t.tensor(index), b, reduce, include_self=include_self)
        first = t.autograd.grad((y * y).sum(), [x, b], create_graph=True)
        total = sum(g.sin().sum() for g in first)
        second = t.autograd.grad(total, [x, b], allow_unused=True)
        found += [y, [g.tolist() for g in first], [g is not None and g.tolist() for g in second]]
    return found


@in_beta
@judged
def test_index_reduce_of_integers_and_in_place(t):
    x, source = t.ones(3, 4), t.arange(8.0).reshape(2, 4)
    index = t.tensor([0, 1])
    return (
        t.index_reduce(x.long(), 0, index, source.long() - 5, "mean"),
        t.index_reduce(x.long(), 0, index, source.long() - 5, "amax", include_self=False),
        t.index_reduce(t.tensor(2.0), 0, t.tensor(0), t.tensor(3.0), "prod"),
        x.index_reduce_(0, t.tensor([1, 1]).int(), source, "amin"),
        x,
    )


@in_beta
@pytest.mark.parametrize(
    "arguments",
    [
        "(0, t.tensor([0, 1]), source, 'sum')",
        "(0, t.tensor([0, 3]), source, 'prod')",
        "(0, t.tensor([0, 3]), source, 'prod', include_self=False)",
        "(0, t.tensor([0.0, 3]), source, 'prod')",
        "(0, t.tensor([[0, 1]]), source, 'prod')",
        "(0, t.tensor([0]), source, 'prod')",
        "(0, t.tensor([0, 1]), source.double(), 'prod')",
        "(0, t.tensor([0, 1]), source[:, :3], 'prod')",
        "(5, t.tensor([0, 1]), source, 'prod')",
    ],
)
@judged(raises="")
def test_index_reduce_refuses(t, arguments):
    source = t.arange(8.0).reshape(2, 4)  # noqa: F841
    eval(f"t.ones(3, 4).index_reduce{arguments}")
