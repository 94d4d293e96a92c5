"""The indices of a dimension that a vector names, against torch."""

import pytest

from tests.expressions import agree
from tests.judge import judged

test_expressions = agree(
    "x.index_select(1,T(1))",
    "x.index_select(1,i)",
    "x.index_select(0,i)",
    "x.index_select(0,T([-1]))",
    "s.index_select(0,T(0))",
    "s.index_select(0,T([0]))",
    "x.index_select(0,T([[0]]))",
    "x.index_select(0,T([0.]))",
    "x.index_select(0,T([],dtype=t.long))",
    "x.index_select(dim=1,index=T([1],dtype=t.int32))",
    "x.index_add(0,T([0,1,0]),t.ones(3,3),alpha=2)",
    "x.index_add(0,T([0]),t.ones(3))",
    "x.index_add(0,T([0]),t.ones(1,2))",
    "x.index_add(0,T([0,1]),t.ones(1,3))",
    "x.index_add(0,T([0]),t.ones(1,3).long())",
    "x.index_add(0,T([5]),t.ones(1,3))",
    "x.index_add(0,T([-1]),t.ones(1,3))",
    "x.index_add(0,T([[0]]),t.ones(1,3))",
    "x.index_add(0,T([0.]),t.ones(1,3))",
    "s.index_add(0,T(0),T(2.))",
    "v.index_add(0,T(0),T([2.]))",
    "v.index_add(0,T(0),T(2.))",
    "t.zeros(3).long().index_add(0,i,T([1,2,3]),alpha=1.5)",
    "t.zeros(3).index_add_(0,i,t.ones(3)),t.zeros(3,dtype=t.bool).index_add_(0,i,t.ones(3)>0)",
    "x.index_add(1,T([0],dtype=t.int32),t.ones(2,1))",
    "x.index_copy(0,T([0]),t.ones(1,3))",
    "x.index_copy(0,T([0]),t.ones(3))",
    "x.index_copy(0,T([2]),t.ones(1,3))",
    "x.index_copy(0,T([0,1]),t.ones(1,3))",
    "x.index_copy(0,T([0]),t.ones(1,2))",
    "x.index_copy(0,T([0],dtype=t.int32),t.ones(1,3))",
    "x.index_copy(0,T([0]),t.ones(1,3).long())",
    "v.index_copy(0,T(1),T(7.))",
    "s.index_copy(0,T(0),T(7.))",
    "s.index_copy(0,T([0]),T([7.]))",
    "x.index_copy(0,T([[0]]),t.ones(1,3))",
    "x.index_copy(0,T([0,0]),t.ones(2,3))",
    "x.index_fill(0,T([0]),3)",
    "x.index_fill(1,i,T(3.,requires_grad=True))",
    "x.index_fill(1,i,v)",
    "x.index_fill(1,T([3]),0)",
    "x.index_fill(1,T([-1]),0)",
    "x.index_fill(1,T([0.]),0)",
    "x.index_fill(1,T([[0]]),0)",
    "v.long().index_fill(0,T(0),2.5)",
    "s.index_fill(0,T(0),2.5)",
    "x.index_fill(1,T([0],dtype=t.int32),9)",
    "y.index_add_(1, i, x.detach()); y",
    "y.index_copy_(1, i[:2], x[:, :2] * 2); y",
    "y.index_fill_(1, i, s); y",
    "y[0].index_fill_(0, i, 3); y",
    "y.t().index_add_(0, i, t.ones(3, 2)); y",
    "x.t().index_select(0, i), x.t().index_fill(0, i, 0), x.t().index_copy(0, i[:1], t.ones(1, 2))",
)


@pytest.mark.parametrize("dim", [0, 1, 2])
@judged(raises="index")
def test_index_add_beyond_the_last_row(t, dim):
    sizes = [1 if i == dim else 2 for i in range(3)]
    t.ones(2, 2, 2).index_add(dim, t.tensor([5]), t.ones(*sizes))
