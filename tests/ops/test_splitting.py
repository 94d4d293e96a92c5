"""Tensors cut in pieces, against torch: views that cannot be written to."""

import pytest

from tests.expressions import agree
from tests.judge import judged

test_expressions = agree(
    "x.split(0)",
    "x.split(-1)",
    "x.split(split_size=2, dim=1)",
    "t.split(tensor=x, split_size_or_sections=2, dim=1)",
    "t.split(split_size_or_sections=[1, 2], tensor=x)",
    "x.split([1,2])",
    "x.split([1,-1,2],1)",
    "x.split([1.0,1])",
    "x.split((None,1))",
    "x.split([True,1])",
    "x.split([1,True])",
    "x.split([1,1.0])",
    "x.split([1,2**70])",
    "x.split([2**70,1])",
    "x.split([T(1),np.int64(1)])",
    "x.split([1,T(1.)])",
    "s.split(1)",
    "t.empty(0,3).split(0)",
    "t.empty(0,3).split(2)",
    "x.chunk(0)",
    "x.chunk(3,1)",
    "v.chunk(4)",
    "v.chunk(7)",
    "s.chunk(1)",
    "t.empty(0,3).chunk(3)",
    "x.split(2.0)",
    "x.split('a')",
    "s.unbind()",
    "x.unbind(4)",
    "t.empty(0,2).unbind()",
    "v.tensor_split(0)",
    "v.tensor_split(3)",
    "v.tensor_split((1,7,-1))",
    "s.tensor_split(1)",
    "v.tensor_split(T([1,3]))",
    "v.tensor_split(T(3))",
    "v.tensor_split(T([[3]]))",
    "v.tensor_split(T([3.]))",
    "v.tensor_split(T(2.))",
    "v.tensor_split([2,3],0)",
    "v.tensor_split(indices=[2,3])",
    "v.tensor_split(sections=2,dim=0)",
    "s.hsplit(1)",
    "v.hsplit(2)",
    "x.hsplit(2)",
    "x.hsplit([1])",
    "v.vsplit(1)",
    "x.vsplit(0)",
    "x.vsplit(2)",
    "x.dsplit(1)",
    "x.hsplit(sections=3)",
    "x.hsplit(indices=(1,2))",
    "x.hsplit(T(3))",
    "t.split(x,split_size_or_sections=1,dim=1)",
    "x.split(split_size=1)",
    "t.split(x,(1,1))",
    "t.chunk(input=x,chunks=2,dim=0)",
    "t.split_with_sizes(x,[1])",
    "x.unsafe_chunk(2)",
    "x.unsafe_split(1)",
    "x.unsafe_split_with_sizes([1,1])",
    "a, b = x.unbind(); a.mul_(0); x",
    "a, b = y.unbind(); a.mul_(0); y",
    "a, b = y.unbind(); y.mul_(2); a",
    "a, b = y.unbind(); y.mul_(2); y",
    "a, b = y.split(1); c = a[0]; c.mul_(2); y",
    "a, b = y.detach().unbind(); a.mul_(2); a, a._version",
    "a, b = y.detach().unbind(); a.mul_(s); a",
    "a, b = y.tensor_split(2); a.mul_(2); y, a, b",
    "a, b, c = y.hsplit(3); b.zero_(); y, a, b",
    "a, b = t.unsafe_split(y, 1); a.mul_(2); a, y._version, b._version",
    "[(a.output_nr, a._base is x) for a in x.unbind()], [a.output_nr for a in x.split([1, 2], 1)]",
    "a, b = x.unbind(); a",
    "a, b = x.unbind(); b * a",
    "x.unbind(1)[1] * 2",
    "x.chunk(3, 1)[2], x.chunk(3, 1)[0]",
    "e.split(1, 1)[1].unbind()[0]",
    "a, b, c = x.unbind(1); t.stack([c, a, b]), t.cat([b, b])",
    "x[0:0].unbind(), x[:, :0].unbind(1), x[0:0].split(1), x[0:0].chunk(2)",
    "[p.shape for p in w.chunk(4)], [p.shape for p in w.chunk(9)]",
    "[p.shape for p in w.tensor_split(3)], [p.shape for p in w.tensor_split(7)]",
    "y.long().split(2, 1), (y > 0).unbind()",
)


@judged
@pytest.mark.parametrize("cut", ["unbind()", "split(1)", "chunk(2)", "tensor_split(2)"])
def test_pieces_to_which_no_gradient_comes(t, cut):
    class Stop(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, g):
            return None

    x = t.ones(2, 2, requires_grad=True)
    Stop.apply(eval("x." + cut, {"x": x * 1})[0]).sum().backward()
    return x.grad
